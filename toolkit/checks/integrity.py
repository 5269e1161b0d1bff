"""Rules on the returned workbook itself: was it altered, is it the one that was issued, has it come twice."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from toolkit.characters import one_line
from toolkit.checks.active_content import RULES as CARRIED
from toolkit.checks.active_content import carried_messages
from toolkit.checks.findings import Finding, Rule, place_of
from toolkit.checks.published_report import RULES as PUBLISHED
from toolkit.checks.published_report import published_message
from toolkit.checks.submission_rules import AGENCY_MISSING
from toolkit.submission.model import Irregularity, IrregularityKind, Submission
from toolkit.submission.spelling import number_text

SHOWN_AT_MOST, TEXT_SHOWN = 5, 40

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
LINE_MISSING = Rule(
    "line-missing",
    "warning",
    "表格的行、列不缺少。",
    "缺少的行列里的数读不到，按空白算。",
    "工作表「某」缺少「甲」这一行，其中各格按空白处理。请用原样的模板补填。",
)
GUIDE_OVERWRITTEN = Rule(
    "guide-overwritten",
    "warning",
    "文字写在填写说明下面，不写在填写说明的格里。",
    "写在说明格里的文字不会读取，也不会进入报告。",
    "某!A4 是写填写说明的格，现为「甲」，没有读取。如果是正文，请移到下面的空行。",
)
OUTSIDE_FORM = Rule(
    "outside-form",
    "warning",
    "表样以外的格不写内容。",
    "表外的内容不会读取，也不会进入报告，可能是填错了地方。",
    "某!K9、A40 有表样以外的内容，如“注：含乙局”，没有读取。应填的请填进表内，说明请写在文字部分。",
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
    "某列（某!J9）：这里应是公式 =SUM(D9:I9)，现为 4，不是公式。按公式应为 5，报告按此写。请恢复公式。",
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
    "模板是发给甲局的，机关全称（某!C4）填的是乙局。请核对是否用错了模板，或填错了机关名称。",
)
NAME_SHORT = Rule(
    "agency-name-short",
    "warning",
    "机关全称填全称，不填简称。",
    "报告标题由机关全称和年度组成；模板里记有发给哪个机关，所填是它的后一部分、又看得出是哪个机关的，当作简称"
    "（“教育局”是，“局”“办公室”不是）。",
    "机关全称（某!C4）填的是“教育局”，模板是发给甲县教育局的。请改填全称“甲县教育局”。",
)
OTHER_YEAR = Rule(
    "other-year",
    "warning",
    "用报告年度当年的模板填报。",
    "年度记在模板里，改动表上的年度不起作用；格式和预填的内容因年度而不同。",
    "「基本信息」的报告年度写的是 2024，模板是 2023 年度的，已按 2023 年度读取。"
    "请换用正确年度的模板，或改回原来的年度。",
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
    "甲局 2024 年的报送有 2 份：a.xlsx、b.xlsx。请确认以哪份为准，只留一份。",
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
    DUPLICATE,
    *CARRIED,
    *PUBLISHED,
)


def integrity_findings(submission: Submission) -> Iterator[Finding]:
    """What is irregular about the file that a submission came from."""
    rules: dict[str, Rule] = {rule.id: rule for rule in (*RULES, AGENCY_MISSING)}
    for irregularity in submission.irregularities:
        if irregularity.kind == "shown-differs" and irregularity.cell:
            continue  # said where it is said that the number is not whole
        yield _finding(rules[irregularity.kind], _message(submission, irregularity), irregularity)


def _finding(rule: Rule, message: str, irregularity: Irregularity) -> Finding:
    cells = (irregularity.cell,) if irregularity.cell else ()
    return Finding(rule.id, rule.severity, message, cells, irregularity.places, irregularity.wanted, irregularity.found)


def _message(submission: Submission, met: Irregularity) -> str:
    sentences: dict[IrregularityKind, str] = {
        "label-changed": f"{met.place} 应为「{met.wanted}」，现为「{_start(met.found) or '空白'}」：表样的标题被改动，"
        "已按位置读取。请恢复原样。",
        "table-moved": f"工作表「{met.place}」的行列被移动（应在{met.wanted}的现在{met.found}），已按标题读取。"
        "请用原样的模板报送。",
        "line-missing": f"工作表「{met.place}」缺少「{met.wanted}」这一{met.found}，其中各格按空白处理。"
        "请用原样的模板补填。",
        "guide-overwritten": f"{met.place} 是写填写说明的格，现为「{_start(met.found)}」，没有读取。"
        "如果是正文，请移到下面的空行。",
        "outside-form": f"{_listed(met)} 有表样以外的内容，如“{_start(met.found)}”，没有读取。"
        "应填的请填进表内，说明请写在文字部分。",
        "sheet-renamed": f"工作表「{met.wanted}」被改名为「{met.found}」，已按标题读取。请恢复原名。",
        "sheet-added": f"多了工作表「{met.place}」，没有读取。请确认其中没有应填入表内的内容后删去。",
        "sheet-missing": f"缺少工作表「{met.place}」。请用原样的模板报送。",
        "formula-overwritten": _formula_message(submission, met),
        "lock-removed": f"工作表「{met.found.replace('、', '」「')}」的保护被撤销。请留意公式和表样有没有改动。",
        "other-agency": f"模板是发给{met.wanted}的，机关全称（{met.place}）填的是{met.found}。"
        "请核对是否用错了模板，或填错了机关名称。",
        "agency-name-short": name_short_message(met),
        "agency-missing": f"机关全称（{met.place}）是空的，按模板标识认作{met.wanted}。请补填。",
        "other-year": f"「{met.place}」的报告年度写的是 {_start(met.found)}，模板是 {met.wanted} 年度的，"
        f"已按 {met.wanted} 年度读取。请换用正确年度的模板，或改回原来的年度。",
        **carried_messages(met),
        "old-layout": f"填报表是第 {met.found} 版的模板，现在是第 {met.wanted} 版，已按标题读取。请以后使用新模板。",
    }
    return sentences[met.kind] if met.kind in sentences else published_message(submission, met)


def name_short_message(met: Irregularity, how_known: str = "") -> str:
    """What is said of a short name; `how_known` says, in brackets, why the template is believed."""
    return (
        f"机关全称（{met.place}）填的是“{met.found}”，模板是发给{met.wanted}的{how_known}。请改填全称“{met.wanted}”。"
    )


def _listed(met: Irregularity) -> str:
    """``三!K9、A40``."""
    sheet = met.place.partition("!")[0]
    shown = "、".join(place.removeprefix(f"{sheet}!") for place in met.places[:SHOWN_AT_MOST])
    more = f" 等 {len(met.places)} 格" if len(met.places) > SHOWN_AT_MOST else ""
    return f"{sheet}!{shown}{more}"


def _start(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}……"


def _formula_message(submission: Submission, met: Irregularity) -> str:
    if not met.cell:
        return f"{_listed(met)} 的公式被改动或删去，表上的自查结论不可靠。请用原样的模板报送。"
    total = number_text(submission.totals[met.cell])
    stands = (
        f"公式 {met.found}" if met.found.startswith("=") else f" {_start(met.found)}，不是公式" if met.found else "空白"
    )
    return (
        f"{place_of(submission, met.cell)}：这里应是公式 {met.wanted}，现为{stands}。按公式应为 {total}，报告按此写。"
        "请恢复公式，或改填到原样的模板里。"
    )


def duplicate_finding(
    agency: str, year: int, paths: Sequence[str], count: int, counted: tuple[str, Sequence[str]] | None = None
) -> Finding:
    """What is said of each of the `count` files of one agency and year, the first of which are named; `counted` is
    why one counts, and which, where that is known. Without a reason none counts: those named cannot be told apart."""
    more = f" 等 {count} 份" if count > len(paths) else ""
    which = "请确认以哪份为准，"
    if counted:
        why, names = counted
        named = "、".join(_short_names([*names, *paths])[: len(names)])
        which = f"按{why} {named} 计，" if why else f"{named} 的改动时间相同，分不出先后，都没有计入，请"
    message = f"{agency} {year} 年的报送有 {count} 份：{'、'.join(_short_names(paths))}{more}。{which}只留一份。"
    return Finding(DUPLICATE.id, DUPLICATE.severity, message)


def _short_names(paths: Sequence[str]) -> list[str]:
    """Names of files without their folders, where these tell them apart: what is said may go to the agency."""
    names = [PurePath(path).name for path in paths]
    return names if len(set(names)) == len(set(paths)) else list(paths)
