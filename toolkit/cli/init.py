"""`gknb init`: a new project (项目): its folders, and gknb.toml with every key explained."""

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.console import say, show
from toolkit.cli.options import OptionalYear


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="文件夹", help="项目放在这个文件夹，默认为当前文件夹", readable=False)
    ] = Path(),
    year: OptionalYear = None,
    office: Annotated[str, typer.Option("--office", metavar="名称", help="审核机关，可以以后再填")] = "",
    agency: Annotated[str, typer.Option("--agency", metavar="机关全称", help="汇总机关的全称，可以以后再填")] = "",
    deadline: Annotated[str, typer.Option("--deadline", metavar="日期", help="期限，如 2025-01-20，可以以后再填")] = "",
) -> None:
    """新建一个项目：收表的文件夹、空白名册，和 gknb.toml（每天要写的年度、名册、文件夹都记在里面，逐项有说明）。

    在项目的文件夹里，gknb distribute、check、report、rollup 不用再写这些；命令里另写了的，以命令为准。
    已经有的文件一律不动。

    例：
    gknb init
    gknb init 2024年报 --year 2024 --office 青河县人民政府办公室 --agency 青河县人民政府
    """
    from toolkit.batch.project import create_project
    from toolkit.cli.arguments import require_year

    require_year(year)
    given = {"office": office, "agency": agency, "deadline": deadline}
    made = create_project(folder, year, {key: value for key, value in given.items() if value})
    for path, words in made:
        show(f"{path}\n    {words}")
    place = "" if folder == Path() else f"先进入 {folder}，"
    say(f"{place}填好名册，再运行 gknb distribute 发放；收回的表放进“收回的表”，运行 gknb check 校验。")
