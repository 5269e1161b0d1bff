"""Rules on the returned workbook itself: was it altered, is it the one that was issued, has it come twice."""

from collections.abc import Iterator, Sequence

from toolkit.checks.findings import Finding, Rule, place_of
from toolkit.spelling import number_text
from toolkit.submission import Irregularity, IrregularityKind, Submission

SHOWN_AT_MOST = 5

LABEL_CHANGED = Rule(
    "label-changed",
    "warning",
    "表样中的标题、行列名称不改动。",
    "改动后的表不是统一的表样，汇总时可能对不上。",
    "某!A7 应为「甲」，现为「乙」：表样的标题被改动，已按位置读取。请恢复原样。",
)
TABLE_MOVED = Rule(
    "table-moved",
    "warning",
    "表格的行、列不插入、不删除、不移动。",
    "行列移动后公式和自查可能失效；工具按标题重新找到了各格。",
    "工作表「某」的行列被移动（应在第 9 行的现在第 10 行），已按标题读取。请用原样的模板报送。",
)
SHEET_RENAMED = Rule(
    "sheet-renamed",
    "warning",
    "工作表的名称不改动。",
    "公式和链接靠工作表名称；工具按标题认出了这张表。",
    "工作表「甲」被改名为「乙」，已按标题读取。请恢复原名。",
)
SHEET_ADDED = Rule(
    "sheet-added",
    "warning",
    "不增加工作表。",
    "增加的表不会读取，也不会进入报告，可能含有不应报送的内容。",
    "多了工作表「甲」，没有读取。请确认其中没有应填入表内的内容后删去。",
)
SHEET_MISSING = Rule(
    "sheet-missing",
    "warning",
    "不删除工作表。",
    "缺少的表无法读取或无法自查。",
    "缺少工作表「甲」。请用原样的模板报送。",
)
FORMULA_OVERWRITTEN = Rule(
    "formula-overwritten",
    "warning",
    "总计和自查的公式不改动。",
    "公式改成数字后，其他格再改，总计不会跟着变；报告一律按重新计算的写。",
    "某列（某!J9）：这里应是公式 =SUM(D9:I9)，现为数字。请恢复公式，或用原样的模板报送。",
)
LOCK_REMOVED = Rule(
    "lock-removed",
    "info",
    "工作表的保护不撤销。",
    "撤销后容易误改公式和表样；有的软件另存时也会去掉。",
    "工作表「甲」的保护被撤销。请留意公式和表样有没有改动。",
)
OTHER_AGENCY = Rule(
    "other-agency",
    "warning",
    "用发给本机关的模板填报。",
    "模板里记有发给哪个机关；用了别的机关的模板，预填的内容可能不对。",
    "模板是发给甲局的，「基本信息」填的机关是乙局。请核对是否用错了模板，或填错了机关名称。",
)
OLD_LAYOUT = Rule(
    "old-layout",
    "warning",
    "用最新的模板填报。",
    "旧模板的公式和自查可能不全。",
    "填报表是第 1 版的模板，现在是第 2 版，已按标题读取。请以后使用新模板。",
)
DUPLICATE = Rule(
    "duplicate-return",
    "warning",
    "一个机关一年只报送一份。",
    "几份不知以哪份为准，汇总时会重复计算。",
    "甲局 2024 年的报送有 2 份：a.xlsx、b.xlsx。请确认以哪份为准，移走其他的。",
)

RULES = (
    LABEL_CHANGED,
    TABLE_MOVED,
    SHEET_RENAMED,
    SHEET_ADDED,
    SHEET_MISSING,
    FORMULA_OVERWRITTEN,
    LOCK_REMOVED,
    OTHER_AGENCY,
    OLD_LAYOUT,
    DUPLICATE,
)


def integrity_findings(submission: Submission) -> Iterator[Finding]:
    """What is irregular about the file that a submission came from."""
    rules: dict[str, Rule] = {rule.id: rule for rule in RULES}
    for irregularity in submission.irregularities:
        yield _finding(rules[irregularity.kind], _message(submission, irregularity), irregularity)


def _finding(rule: Rule, message: str, irregularity: Irregularity) -> Finding:
    cells = (irregularity.cell,) if irregularity.cell else ()
    at = (irregularity.place,) if "!" in irregularity.place else ()
    return Finding(rule.id, rule.severity, message, cells, at, irregularity.wanted, irregularity.found)


def _message(submission: Submission, met: Irregularity) -> str:
    sentences: dict[IrregularityKind, str] = {
        "label-changed": f"{met.place} 应为「{met.wanted}」，现为「{met.found[:40] or '空白'}」：表样的标题被改动，"
        "已按位置读取。请恢复原样。",
        "table-moved": f"工作表「{met.place}」的行列被移动（应在{met.wanted}的现在{met.found}），已按标题读取。"
        "请用原样的模板报送。",
        "sheet-renamed": f"工作表「{met.wanted}」被改名为「{met.found}」，已按标题读取。请恢复原名。",
        "sheet-added": f"多了工作表「{met.place}」，没有读取。请确认其中没有应填入表内的内容后删去。",
        "sheet-missing": f"缺少工作表「{met.place}」。请用原样的模板报送。",
        "formula-overwritten": _formula_message(submission, met),
        "lock-removed": f"工作表「{met.found.replace('、', '」「')}」的保护被撤销。请留意公式和表样有没有改动。",
        "other-agency": f"模板是发给{met.wanted}的，「{met.place}」填的机关是{met.found}。"
        "请核对是否用错了模板，或填错了机关名称。",
        "old-layout": f"填报表是第 {met.found} 版的模板，现在是第 {met.wanted} 版，已按标题读取。请以后使用新模板。",
    }
    return sentences[met.kind]


def _formula_message(submission: Submission, met: Irregularity) -> str:
    if not met.cell:
        return f"「{met.place}」的公式被改动或删去，其中的结论不可靠。请用原样的模板报送。"
    total = number_text(submission.totals[met.cell])
    stands = f"公式 {met.found}" if met.found else "写死的数或空白"
    return (
        f"{place_of(submission, met.cell)}：这里应是公式 {met.wanted}，现为{stands}。按公式应为 {total}，报告按此写。"
        "请恢复公式，或把数字填进原样的模板。"
    )


def duplicate_finding(agency: str, year: int, names: Sequence[str], count: int, counted: str = "") -> Finding:
    """What is said of each of the `count` files of one agency and year, the first of which are named; `counted` is
    the one that counts, where that is known."""
    more = f" 等 {count} 份" if count > len(names) else ""
    which = f"按最近改动的 {counted} 计。如不对，请移走其他的" if counted else "请确认以哪份为准，移走其他的"
    message = f"{agency} {year} 年的报送有 {count} 份：{'、'.join(names)}{more}。{which}。"
    return Finding(DUPLICATE.id, DUPLICATE.severity, message)
