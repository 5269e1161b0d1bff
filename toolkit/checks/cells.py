"""Rules on single cells: blanks, numbers in odd spellings, impossible numbers, choices outside the list."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.checks.samples import Samples
from toolkit.forms.model import Cell, Form, Number
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text, understand

SHOWN_AT_MOST = 8

_PLACE = "某格（甲!C5）"
BLANK = Rule(
    "blank",
    "空白格",
    "error",
    "每张表的每一格都要填写；没有发生的填 0，或在该表「空白单元格均为 0」处选“是”。",
    "空白不等于 0：只有填报机关说明了，才能按 0 统计。",
    "{section}有 {count} 格空白：{names}{more}。没有发生的请填 0；如果空白都表示 0，"
    "请在该表上方「空白单元格均为 0」处选“是”。",
    {"section": "表甲", "count": "1", "names": _PLACE, "more": ""},
    variants={
        "published": "{section}有 {count} 格空白：{names}{more}。请对照原文：原文有数的，请补填；"
        "没有发生的，公布时也应写 0，不留空白。"
    },
    identified_by=("section",),
    only_by_facts=True,
)
ODD_SPELLING = Rule(
    "odd-spelling",
    "数字写法不规范",
    "error",
    "数字格只填阿拉伯数字，不写单位、逗号、全角数字和“—”“/”“无”等。",
    "表格公式不认文字；报告中的表格只应有数字。能读懂的按读懂的数参加勾稽。",
    "{place}：填的是“{value}”，{read_as}。请改填 {number}，不写单位和符号。",
    {"place": _PLACE, "value": "12件", "read_as": "按 12 理解", "number": "12"},
)
NOT_A_NUMBER = Rule(
    "not-a-number",
    "读不成数",
    "error",
    "数字格里的文字要能读成一个数。",
    "读不出数的格按 0 参加勾稽，结果不可靠。",
    "{place}：填的是“{value}”，读不出数字，暂按 0 计算。请改填数字。",
    {"place": _PLACE, "value": "见附件"},
    variants={
        "total": "{place}：这里应由公式算出 {number}，现为“{value}”。报告中按 {number} 写。"
        "请改为 {number}；原来的公式被改动的，请把各项数字填进新的模板。"
    },
)
NOT_WHOLE = Rule(
    "not-whole",
    "不是整数",
    "error",
    "件数和增减数是整数。",
    "申请、决定、案件按件计。",
    "{place}：填报 {written}{shown}，这里应填整数。请核对后更正。",
    {"place": _PLACE, "written": "1.5", "shown": ""},
)
NEGATIVE = Rule(
    "negative",
    "小于 0",
    "error",
    "件数和金额不小于 0。",
    "只有“本年增/减”一类的格可以是负数。",
    "{place}：填报 {written}，这里的数不能小于 0。请核对后更正。",
    {"place": _PLACE, "written": "-1"},
)
DECIMALS = Rule(
    "too-many-decimals",
    "小数位数过多",
    "warning",
    "金额的小数位数不超过表样规定。",
    "位数过多往往是单位弄错，或由公式带来的尾数。",
    "{place}：填报 {written}，有 {decimals} 位小数，最多 {most} 位。请核对单位和小数位数。",
    {"place": _PLACE, "written": "1.23456789", "decimals": "8", "most": "6"},
)
NUMBER_AS_TEXT = Rule(
    "number-as-text",
    "数字存成了文本",
    "warning",
    "数字以数字格式保存，不以文本格式保存。",
    "表格公式不把文本计入合计，表上的总计会少算。",
    "{place}：{written} 是文本格式，表中的合计没有算上它。请删去后重新输入数字。",
    {"place": _PLACE, "written": "0"},
)
NOT_IN_LIST = Rule(
    "not-in-list",
    "不在可选项中",
    "error",
    "选择格只能填列表中的一项。",
    "其他写法无法汇总。",
    "{place}：填的是“{value}”，只能填{options}。请从下拉列表中选择。",
    {"place": _PLACE, "value": "有", "options": "是、否"},
)

RULES = (BLANK, ODD_SPELLING, NOT_A_NUMBER, NOT_WHOLE, NEGATIVE, DECIMALS, NUMBER_AS_TEXT, NOT_IN_LIST)


def cell_findings(submission: Submission) -> Iterator[Finding]:
    """Yield what is wrong with single cells."""
    yield from _blanks(submission)
    for cell in submission.form.filled:
        value = submission.values.get(cell.id)
        if value is None:
            continue
        if isinstance(value, str):
            yield from _text(submission, cell, value)
        else:
            yield from _number(submission, cell, value)
    for cell_id, value in submission.shown.items():
        if isinstance(value, str):
            yield from _text_total(submission, submission.form.cells[cell_id], value)


def _blanks(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each section with blank cells. It names the cells. What is said not to be in a published
    report is not said to be blank, too."""
    variant = "published" if submission.prints_totals else ""
    for section in submission.form.table_sections:
        cells = [
            cell
            for cell in submission.form.filled
            if cell.section == section.id
            and submission.values.get(cell.id) is None
            and cell.id not in submission.not_found
        ]
        if not cells:
            continue
        names = "、".join(place_of(submission, cell.id).removeprefix(section.name) for cell in cells[:SHOWN_AT_MOST])
        more = f"，另有 {len(cells) - SHOWN_AT_MOST} 格" if len(cells) > SHOWN_AT_MOST else ""
        facts = {"section": section.name, "names": names, "more": more, "count": str(len(cells))}
        yield finding(BLANK, submission, [cell.id for cell in cells], "填写", "空白", variant=variant, **facts)


def _text(submission: Submission, cell: Cell, value: str) -> Iterator[Finding]:
    """Yield what is wrong with a text in a cell with options or in a number cell."""
    place, cells = place_of(submission, cell.id), [cell.id]
    if cell.kind.options and value not in cell.kind.options:
        options = "、".join(cell.kind.options)
        yield finding(NOT_IN_LIST, submission, cells, options, value, place=place, value=value, options=options)
    if not cell.kind.is_number:
        return
    understood = understand(value, cell.kind)
    if understood is None:
        yield finding(NOT_A_NUMBER, submission, cells, "数字", value, place=place, value=value)
        return
    number = number_text(understood.number)
    unit = f"（{cell.kind.unit}）" if cell.kind.unit else ""
    read_as = f"换算为 {number}{unit}" if understood.converted else f"按 {number} 理解"
    facts = {"place": place, "value": value, "read_as": read_as, "number": number}
    yield finding(ODD_SPELLING, submission, cells, number, value, **facts)
    yield from _number(submission, cell, understood.number)


def _text_total(submission: Submission, cell: Cell, value: str) -> Iterator[Finding]:
    """Yield what is wrong with a text in place of a total. If it is no number, nothing is calculated from it, but it
    must not stay in the workbook."""
    if understand(value, cell.kind):
        yield from _text(submission, cell, value)
        return
    number = number_text(submission.totals[cell.id])
    facts = {"place": place_of(submission, cell.id), "number": number, "value": value}
    yield finding(NOT_A_NUMBER, submission, [cell.id], number, value, variant="total", **facts)


def _number(submission: Submission, cell: Cell, number: Number) -> Iterator[Finding]:
    """Yield what is wrong with a number in a cell."""
    kind, written, cells = cell.kind, number_text(number), [cell.id]
    if not kind.is_number:
        return
    if cell.id in submission.as_text:
        facts = {"place": place_of(submission, cell.id), "written": written}
        yield finding(NUMBER_AS_TEXT, submission, cells, f"数字 {written}", f"文本 {written}", **facts)
    if number < 0 and not kind.is_signed:
        place = place_of(submission, cell.id)
        yield finding(NEGATIVE, submission, cells, "不小于 0", written, place=place, written=written)
    if not isinstance(number, Decimal):
        return
    decimals = max(-int(number.normalize().as_tuple().exponent), 0)
    if kind.is_whole and decimals:
        facts = {"place": place_of(submission, cell.id), "shown": _shown_otherwise(submission, cell)}
        yield finding(NOT_WHOLE, submission, cells, "整数", written, written=written, **facts)
    elif not kind.is_whole and decimals > kind.decimals:
        place, most = place_of(submission, cell.id), str(kind.decimals)
        facts = {"place": place, "written": written, "decimals": str(decimals), "most": most}
        yield finding(DECIMALS, submission, cells, f"最多 {most} 位小数", written, **facts)


def _shown_otherwise(submission: Submission, cell: Cell) -> str:
    """Return what the sheet displays in a cell instead of a number with decimals, in brackets."""
    met = next((m for m in submission.irregularities if m.kind == "shown-differs" and m.cell == cell.id), None)
    return f"（表上显示为“{met.found}”）" if met else ""


def cell_samples(form: Form) -> Samples:
    """Return the facts of the examples on a form: the first cell of the kind that a rule is on."""
    found: dict[str, Mapping[str, str]] = {}
    for cell in form.filled[:1]:
        section = form.section(cell.section).name
        found[BLANK.id] = {"section": section, "names": cell.place.removeprefix(section)}
    for cell in (cell for cell in form.filled if cell.kind.name == "count"):
        rules = (ODD_SPELLING, NOT_A_NUMBER, NOT_WHOLE, NEGATIVE, NUMBER_AS_TEXT)
        found |= {rule.id: {"place": cell.place} for rule in rules}
        break
    for cell in (cell for cell in form.filled if cell.kind.name == "money"):
        found[DECIMALS.id] = {"place": cell.place, "most": str(cell.kind.decimals)}
        break
    for cell in (cell for cell in form.filled if cell.kind.options):
        found[NOT_IN_LIST.id] = {"place": cell.place, "value": "其他写法", "options": "、".join(cell.kind.options)}
        break
    return found
