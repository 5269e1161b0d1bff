"""Rules on the returned workbook itself: whether it was altered, and whether it is the one that was issued."""

from collections.abc import Callable, Iterator, Mapping

from toolkit.characters import one_line
from toolkit.checks import active_content, published_report
from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.checks.submission_rules import AGENCY_MISSING
from toolkit.submission.model import Irregularity, IrregularityKind, Submission
from toolkit.submission.spelling import number_text

SHOWN_AT_MOST, TEXT_SHOWN = 5, 40

LABEL_CHANGED = Rule(
    "label-changed",
    "标题有改动",
    "warning",
    "表样中的标题、行列名称不改动。",
    "改动后的表不是统一的表样，汇总时可能对不上。",
    "{place} 应为「{wanted}」，现为「{found}」：表样的标题被改动，已按位置读取。请恢复原样。",
    {"place": "某!A7", "wanted": "甲", "found": "乙"},
    identified_by=("wanted",),
)
TABLE_MOVED = Rule(
    "table-moved",
    "行列有移动",
    "warning",
    "表格的行、列不插入、不删除、不移动。",
    "行列移动后公式和自查可能失效；工具按标题重新找到了各格。",
    "工作表「{place}」的行列被移动（应在{wanted}的现在{found}），已按标题读取。请用原样的模板报送。",
    {"place": "某", "wanted": "第 9 行", "found": "第 10 行"},
    identified_by=("place",),
)
LINE_MISSING = Rule(
    "line-missing",
    "缺少行列",
    "warning",
    "表格的行、列不缺少。",
    "缺少的行列里的数读不到，按空白算。",
    "工作表「{place}」缺少「{wanted}」这一{found}，其中各格按空白处理。请用原样的模板补填。",
    {"place": "某", "wanted": "甲", "found": "行"},
    identified_by=("wanted",),
)
GUIDE_OVERWRITTEN = Rule(
    "guide-overwritten",
    "文字写在说明格里",
    "warning",
    "文字写在填写说明下面，不写在填写说明的格里。",
    "写在说明格里的文字不会读取，也不会进入报告。",
    "{place} 是写填写说明的格，现为「{found}」，没有读取。如果是正文，请移到下面的空行。",
    {"place": "某!A4", "found": "甲"},
    identified_by=("found",),
)
OUTSIDE_FORM = Rule(
    "outside-form",
    "表样以外有内容",
    "warning",
    "表样以外的格不写内容。",
    "表外的内容不会读取，也不会进入报告，可能是填错了地方。",
    "{places} 有表样以外的内容，如“{found}”，没有读取。应填的请填进表内，说明请写在文字部分。",
    {"places": "某!K9、A40", "found": "注：含乙局"},
    identified_by=("found",),
)
SHEET_RENAMED = Rule(
    "sheet-renamed",
    "工作表改名",
    "warning",
    "工作表的名称不改动。",
    "公式和链接靠工作表名称；工具按标题认出了这张表。",
    "工作表「{wanted}」被改名为「{found}」，已按标题读取。请恢复原名。",
    {"wanted": "甲", "found": "乙"},
    identified_by=("wanted",),
)
SHEET_ADDED = Rule(
    "sheet-added",
    "增加了工作表",
    "warning",
    "不增加工作表。",
    "增加的表不会读取，也不会进入报告，可能含有不应报送的内容。",
    "多了工作表「{place}」，没有读取。请确认其中没有应填入表内的内容后删去。",
    {"place": "甲"},
    identified_by=("place",),
)
SHEET_MISSING = Rule(
    "sheet-missing",
    "缺少工作表",
    "warning",
    "不删除工作表。",
    "缺少的表无法读取或无法自查。",
    "缺少工作表「{place}」。请用原样的模板报送。",
    {"place": "甲"},
    identified_by=("place",),
)
FORMULA_OVERWRITTEN = Rule(
    "formula-overwritten",
    "公式被改动",
    "warning",
    "总计和自查的公式不改动。",
    "公式改成数字后，其他格再改，总计不会跟着变；报告一律按重新计算的写。",
    "{place}：这里应是公式 {wanted}，现为{stands}。按公式应为 {total}，报告按此写。请恢复公式，或改填到原样的模板里。",
    {"place": "某列（某!J9）", "wanted": "=SUM(D9:I9)", "stands": " 4，不是公式", "total": "5"},
    variants={"self-check": "{places} 的公式被改动或删去，表上的自查结论不可靠。请用原样的模板报送。"},
)
LOCK_REMOVED = Rule(
    "lock-removed",
    "保护被撤销",
    "info",
    "工作表的保护不撤销。",
    "撤销后容易误改公式和表样；有的软件另存时也会去掉。",
    "工作表「{sheets}」的保护被撤销。请留意公式和表样有没有改动。",
    {"sheets": "甲"},
)
OTHER_AGENCY = Rule(
    "other-agency",
    "用了别的机关的模板",
    "warning",
    "用发给本机关的模板填报。",
    "模板里记有发给哪个机关；用了别的机关的模板，预填的内容可能不对。",
    "模板是发给{wanted}的，机关全称（{place}）填的是{found}。请核对是否用错了模板，或填错了机关名称。",
    {"wanted": "甲局", "place": "某!C4", "found": "乙局"},
    other_template=True,
)
NAME_SHORT = Rule(
    "agency-name-short",
    "机关名称用了简称",
    "warning",
    "机关全称填全称，不填简称。",
    "报告标题由机关全称和年度组成；模板里记有发给哪个机关，所填是它的后一部分、又看得出是哪个机关的，当作简称"
    "（“教育局”是，“局”“办公室”不是）。",
    "机关全称（{place}）填的是“{found}”，模板是发给{wanted}的{how_known}。请改填全称“{wanted}”。",
    {"place": "某!C4", "found": "教育局", "wanted": "甲县教育局", "how_known": ""},
)
OTHER_YEAR = Rule(
    "other-year",
    "用了别的年度的模板",
    "warning",
    "用报告年度当年的模板填报。",
    "年度记在模板里，改动表上的年度不起作用；格式和预填的内容因年度而不同。",
    "「{place}」的报告年度写的是 {found}，模板是 {wanted} 年度的，已按 {wanted} 年度读取。"
    "请换用正确年度的模板，或改回原来的年度。",
    {"place": "基本信息", "found": "2024", "wanted": "2023"},
    other_template=True,
)
OLD_LAYOUT = Rule(
    "old-layout",
    "用了旧版模板",
    "warning",
    "用最新的模板填报。",
    "旧模板的公式和自查可能不全。",
    "填报表是第 {found} 版的模板，现在是第 {wanted} 版，已按标题读取。请以后使用新模板。",
    {"found": "1", "wanted": "2"},
)
RULES = (
    LABEL_CHANGED,
    TABLE_MOVED,
    LINE_MISSING,
    GUIDE_OVERWRITTEN,
    OUTSIDE_FORM,
    SHEET_RENAMED,
    SHEET_ADDED,
    SHEET_MISSING,
    FORMULA_OVERWRITTEN,
    LOCK_REMOVED,
    OTHER_AGENCY,
    NAME_SHORT,
    OTHER_YEAR,
    OLD_LAYOUT,
)


_RULES: Mapping[str, Rule] = {
    rule.id: rule for rule in (*RULES, *active_content.RULES, *published_report.RULES, AGENCY_MISSING)
}
"""The rule for each kind of irregularity."""


def integrity_findings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each irregularity of the file that a submission came from.

    A message names the fields of the irregularity. Whatever else it names comes from `_OTHER_FACTS`.
    """
    for met in submission.irregularities:
        if met.kind == "shown-differs" and met.cell:
            continue  # the rule on whole numbers says it
        facts: dict[str, str] = {"place": met.place, "found": met.found, "wanted": met.wanted}
        if met.kind in _OTHER_FACTS:
            facts |= _OTHER_FACTS[met.kind](submission, met)
        cells = (met.cell,) if met.cell else met.cells
        expected, actual = _expected_and_actual(met)
        yield finding(_RULES[met.kind], None, cells, expected, actual, at=met.places, variant=_variant(met), **facts)


def name_short_facts(met: Irregularity, how_known: str = "") -> dict[str, str]:
    """Return the facts of the message on a short name. `how_known` says, in brackets, why the template is believed."""
    return {"place": met.place, "found": met.found, "wanted": met.wanted, "how_known": how_known}


def _expected_and_actual(met: Irregularity) -> tuple[str, str]:
    """Return what should stand in the file and what stands there, in words."""
    if met.kind == "lock-removed":
        return "", "、".join(met.names)
    if met.kind == "rows-missing":
        return published_report.quoted_names(met), ""
    if met.kind == "row-twice":
        return met.wanted, published_report.both_places(met)
    return met.wanted, met.found


def _variant(met: Irregularity) -> str:
    """Return which wording of its rule fits an irregularity. It is empty for the usual one."""
    if met.kind == "sheet-hidden":
        return "issued" if met.wanted else ""
    if met.kind == "formula-overwritten":
        return "" if met.cell else "self-check"
    if met.kind == "file-locked":
        return "" if met.found == "password" else "read-only"
    return "issued" if met.kind == "agency-missing" else ""


def _listed(met: Irregularity) -> str:
    """Return ``三!K9、A40``."""
    sheet = met.place.partition("!")[0]
    shown = "、".join(place.removeprefix(f"{sheet}!") for place in met.places[:SHOWN_AT_MOST])
    more = f" 等 {len(met.places)} 格" if len(met.places) > SHOWN_AT_MOST else ""
    return f"{sheet}!{shown}{more}"


def _start(text: str) -> str:
    """Return the beginning of a text, on one line."""
    text = one_line(text)
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}……"


def _formula_facts(submission: Submission, met: Irregularity) -> Mapping[str, str]:
    """Return the facts on a total without its formula, or on a line of 自查 without its formulas."""
    if not met.cell:
        return {"places": _listed(met)}
    stands = "空白"
    if met.found:
        stands = f"公式 {met.found}" if met.found.startswith("=") else f" {_start(met.found)}，不是公式"
    total = number_text(submission.totals[met.cell])
    return {"place": place_of(submission, met.cell), "stands": stands, "total": total}


def _shortened(_: Submission, met: Irregularity) -> Mapping[str, str]:
    return {"found": _start(met.found)}


_OTHER_FACTS: Mapping[IrregularityKind, Callable[[Submission, Irregularity], Mapping[str, str]]] = {
    "label-changed": lambda _, met: {"found": _start(met.found) or "空白"},
    "guide-overwritten": _shortened,
    "outside-form": lambda _, met: {"places": _listed(met), "found": _start(met.found)},
    "formula-overwritten": _formula_facts,
    "lock-removed": lambda _, met: {"sheets": "」「".join(met.names)},
    "agency-name-short": lambda _, met: name_short_facts(met),
    "other-year": _shortened,
    **active_content.FACTS,
    **published_report.FACTS,
}
"""The facts of messages that are no fields of the irregularity."""
