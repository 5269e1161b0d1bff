"""`gknb refuse`: the office does not accept an explanation (说明) of an agency."""

from typing import Annotated

import typer

from toolkit.characters import one_line
from toolkit.cli.arguments import lookup_of
from toolkit.cli.console import say, show
from toolkit.cli.options import FormFile, OptionalYear, Results
from toolkit.problems import Problem


def refuse(
    agency: Annotated[str, typer.Argument(metavar="机关", help="名册上的全称，或只有它才有的几个字")],
    finding: Annotated[
        str, typer.Argument(metavar="编号", help="意见的编号，见批注件的“审核意见”，或 gknb status 机关")
    ],
    why: Annotated[str, typer.Option("--why", metavar="理由", help="为什么不接受，会写给报送机关")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="收回上次的不接受")] = False,
    results: Results = None,
    year: OptionalYear = None,
    form_file: FormFile = None,
) -> None:
    """不接受某机关对一条提醒所作的说明：下次校验再问，并写明理由。

    例：
    gknb refuse 甲县教育局 3 --why 请写明是哪几件
    gknb refuse 甲县教育局 3 --undo
    """
    from toolkit.batch import agency_history

    if results is None:
        raise Problem("请用 --results 写明结果文件夹，或在有 gknb.toml 的项目文件夹里运行。")
    form_of = lookup_of(form_file)
    if undo:
        found = agency_history.accept(results, agency, finding, year, form_of)
        show(f"已收回，{agency}的说明照常算数：{found.message}")
    elif not why.strip():
        raise Problem("请用 --why 写明为什么不接受，报送机关要照着改，如 --why 请写明是哪几件。")
    else:
        found = agency_history.refuse(results, agency, finding, why.strip(), year, form_of)
        show(f"不接受{agency}的说明“{one_line(found.explanation)}”，理由：{why.strip()}。\n  {found.message}")
    say("再运行 gknb check，意见、批注件和状态就按这个改。")
