"""Rules on a published report (已公布的年报): what was not found, what was found twice, what was not understood."""

from collections.abc import Callable, Mapping

from toolkit.checks.findings import Rule
from toolkit.submission.model import Irregularity, IrregularityKind, Submission

TABLE_MISSING = Rule(
    "table-missing",
    "报告缺少表",
    "warning",
    "报告里有表样的每一张表。",
    "没有找到的表按空白算。",
    "报告里没有找到{place}，其中各格按空白处理。请看是否没有公布，或者是图片。",
    {"place": "表甲"},
    identified_by=("place",),
    only_by_facts=True,
)
ROWS_MISSING = Rule(
    "rows-missing",
    "报告的表缺少行",
    "warning",
    "报告的表里有表样的每一行。",
    "没有找到的行按空白算。",
    "报告的{place}里没有找到{rows}，其中各格按空白处理。请对照原文，看是否漏行，或标题写法不同。",
    {"place": "表甲", "rows": "“乙”"},
    identified_by=("rows",),
    only_by_facts=True,
)
ROW_TWICE = Rule(
    "row-twice",
    "同一行出现两次",
    "warning",
    "报告的表里每一行只出现一次。",
    "两处的数不同，不知以哪处为准。",
    "{place}：“{wanted}”在报告里出现两次而且不同（{places}），用的是这一处。请对照原文核实。",
    {"place": "第2个表第 3 行", "wanted": "甲", "places": "第1个表第 3 行 和 第2个表第 3 行"},
    identified_by=("wanted",),
)
ROW_BY_ORDER = Rule(
    "row-by-order",
    "按次序认定的行",
    "info",
    "报告的表里每一行都有标题。",
    "没有标题的行是按上下两行之间的次序认定的。",
    "{place}{label}，按次序认作“{wanted}”。请对照原文核实。",
    {"place": "第2个表第 3 行", "label": "没有标题", "wanted": "甲"},
    identified_by=("label",),
)
ROW_UNKNOWN = Rule(
    "row-unknown",
    "认不出的行",
    "warning",
    "报告的表里每一行都是表样中的一行。",
    "认不出是哪一行、哪几列的数没有读入，不猜。",
    "{place}{why}，没有读入。请对照原文补填。",
    {"place": "第2个表第 3 行", "why": "“甲 1 2”认不出是表样中的哪一行哪几列"},
    identified_by=("place",),
)
TEXT_UNKNOWN = Rule(
    "text-unknown",
    "表里的其他文字",
    "info",
    "报告的表里只有表样的标题和数。",
    "表里的注释等文字不属于任何一格。",
    "{place}：表里的“{found}”不是表样的标题，没有当作数读入，只作校验。",
    {"place": "第2个表!9行1列", "found": "注：含乙局"},
    identified_by=("found",),
)
REPORT_REMARK = Rule(
    "report-remark",
    "放不进各部分的内容",
    "info",
    "报告的文字都在规定的部分里。",
    "放不进任何一个部分的文字、没有带过来的内容都要说明。",
    "{found}",
    {"found": "“七、附件”下面的文字不属于要写文字的部分，只作校验，没有写入报告：“……”（共 9 字）。"},
    identified_by=("found",),
)
TEXT_FILE_UNREAD = Rule(
    "text-file-unread",
    "文字文件读不出",
    "error",
    "另交的文字文件每个机关一个，都读得出。",
    "报告里用的是文字文件里的文字，读不出就没有校验，也出不了报告。",
    "{found}",
    {"found": "文字文件 甲县某局.docx 是空文件（0 字节）。"},
    identified_by=("found",),
)
RULES = (
    TABLE_MISSING,
    ROWS_MISSING,
    ROW_TWICE,
    ROW_BY_ORDER,
    ROW_UNKNOWN,
    TEXT_UNKNOWN,
    REPORT_REMARK,
    TEXT_FILE_UNREAD,
)

INCOMPLETE = (TABLE_MISSING.id, ROWS_MISSING.id)
"""The rules on reports of which not every figure is known."""


def quoted_names(met: Irregularity) -> str:
    """Return the names of the missing rows: ``“甲”、“乙”``."""
    return "、".join(f"“{name}”" for name in met.names)


def both_places(met: Irregularity) -> str:
    """Return the places where a row was found twice."""
    return " 和 ".join(met.names)


def _by_order(_: Submission, met: Irregularity) -> Mapping[str, str]:
    return {"label": f"的标题“{met.found}”认不出" if met.found else "没有标题"}


def _unknown(submission: Submission, met: Irregularity) -> Mapping[str, str]:
    """Return why a row is unknown. `wanted` is a column heading above it that belongs to another form."""
    if met.wanted:
        return {"why": f"上面的列标题“{met.wanted}”不是{submission.form.name}的"}
    if met.found:
        return {"why": f"“{met.found}”认不出是表样中的哪一行哪几列"}
    return {"why": "认不出是表样中的哪一行"}


FACTS: Mapping[IrregularityKind, Callable[[Submission, Irregularity], Mapping[str, str]]] = {
    "rows-missing": lambda _, met: {"rows": quoted_names(met)},
    "row-twice": lambda _, met: {"places": both_places(met)},
    "row-by-order": _by_order,
    "row-unknown": _unknown,
}
"""The facts of messages that are no fields of the irregularity."""
