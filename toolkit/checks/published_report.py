"""Rules on what was read of a published report (已公布的年报): what was not found, found twice, or not understood."""

from toolkit.checks.findings import Rule
from toolkit.submission.model import Irregularity, IrregularityKind, Submission

TABLE_MISSING = Rule(
    "table-missing",
    "warning",
    "报告里有表样的每一张表。",
    "没有找到的表按空白算。",
    "报告里没有找到表甲，其中各格按空白处理。请看是否没有公布，或者是图片。",
)
ROWS_MISSING = Rule(
    "rows-missing",
    "warning",
    "报告的表里有表样的每一行。",
    "没有找到的行按空白算。",
    "报告的表甲里没有找到“乙”，其中各格按空白处理。请对照原文，看是否漏行，或标题写法不同。",
)
ROW_TWICE = Rule(
    "row-twice",
    "warning",
    "报告的表里每一行只出现一次。",
    "两处的数不同，不知以哪处为准。",
    "第2个表第 3 行：“甲”在报告里出现两次而且不同（第1个表第 3 行 和 第2个表第 3 行），用的是这一处。请对照原文核实。",
)
ROW_BY_ORDER = Rule(
    "row-by-order",
    "info",
    "报告的表里每一行都有标题。",
    "没有标题的行是按上下两行之间的次序认定的。",
    "第2个表第 3 行没有标题，按次序认作“甲”。请对照原文核实。",
)
ROW_UNKNOWN = Rule(
    "row-unknown",
    "warning",
    "报告的表里每一行都是表样中的一行。",
    "认不出是哪一行、哪几列的数没有读入，不猜。",
    "第2个表第 3 行“甲 1 2”认不出是表样中的哪一行哪几列，没有读入。请对照原文补填。",
)
TEXT_UNKNOWN = Rule(
    "text-unknown",
    "info",
    "报告的表里只有表样的标题和数。",
    "表里的注释等文字不属于任何一格。",
    "第2个表!9行1列：表里的“注：含乙局”不是表样的标题，没有读入。",
)
REPORT_REMARK = Rule(
    "report-remark",
    "info",
    "报告的文字都在规定的部分里。",
    "放不进任何一个部分的文字、没有带过来的内容都要说明。",
    "“七、附件”下面的文字不属于要写文字的部分，没有写入报告：“……”（共 9 字）。",
)
RULES = (TABLE_MISSING, ROWS_MISSING, ROW_TWICE, ROW_BY_ORDER, ROW_UNKNOWN, TEXT_UNKNOWN, REPORT_REMARK)


def published_message(submission: Submission, met: Irregularity) -> str:
    """What is said of something met in a published report."""
    name = submission.form.name
    unnamed = f"“{met.found}”认不出是表样中的哪一行哪几列" if met.found else "认不出是表样中的哪一行"
    strange = f"上面的列标题“{met.wanted}”不是{name}的" if met.wanted else unnamed
    label = f"的标题“{met.found}”认不出" if met.found else "没有标题"
    sentences: dict[IrregularityKind, str] = {
        "table-missing": f"报告里没有找到{met.place}，其中各格按空白处理。请看是否没有公布，或者是图片。",
        "rows-missing": f"报告的{met.place}里没有找到{met.wanted}，其中各格按空白处理。"
        "请对照原文，看是否漏行，或标题写法不同。",
        "row-twice": f"{met.place}：“{met.wanted}”在报告里出现两次而且不同（{met.found}），用的是这一处。"
        "请对照原文核实。",
        "row-by-order": f"{met.place}{label}，按次序认作“{met.wanted}”。请对照原文核实。",
        "row-unknown": f"{met.place}{strange}，没有读入。请对照原文补填。",
        "text-unknown": f"{met.place}：表里的“{met.found}”不是表样的标题，没有读入。",
        "report-remark": met.found,
    }
    return sentences[met.kind]
