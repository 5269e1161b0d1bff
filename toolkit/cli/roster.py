"""`gknb roster`: writes a blank roster (名册), or checks a completed one."""

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.console import say, show
from toolkit.cli.options import Force, OptionalFile
from toolkit.problems import Problem


def roster(
    file: Annotated[
        Path | None, typer.Argument(metavar="名册", help="要检查的名册（.xlsx 或 .csv）", readable=False)
    ] = None,
    output: OptionalFile = None,
    force: Force = False,
) -> None:
    """生成一份空白名册（Excel），或检查填好的名册。

    例：
    gknb roster -o 名册.xlsx
    gknb roster 名册.xlsx
    """
    from toolkit.batch.roster import read_roster, roster_template
    from toolkit.files.write import write_output

    if (file is None) == (output is None):
        raise Problem("请用 -o 名册.xlsx 生成空白名册，或给出要检查的名册。用法请看 gknb roster --help。")
    if output:
        if output.suffix.lower() != ".xlsx":
            raise Problem(f"名册是 Excel 工作簿，-o 后面的文件名应以 .xlsx 结尾，现为 {output.name}。")
        write_output(output, roster_template(), force)
        say(f"已写出 {output}。每行填一个机关，填好后用 gknb roster {output} 检查。")
        return
    assert file is not None
    agencies = read_roster(file)
    groups = len({entry.group for entry in agencies.entries if entry.group})
    no_code = sum(not entry.code for entry in agencies.entries)
    grouped, coded = f"，分 {groups} 组" if groups else "", f"，{no_code} 个没有填代码" if no_code else ""
    show(f"名册没有问题：{len(agencies.entries)} 个机关{grouped}{coded}。")
    if agencies.unused:
        show(f"没有用到的列：{'、'.join(agencies.unused)}。要用的，请把列名改成空白名册里的写法。")
