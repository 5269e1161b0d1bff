"""Rules on single cells: blanks, numbers oddly written, numbers that cannot be, choices outside the list."""

from collections.abc import Iterator
from decimal import Decimal

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.forms.model import Cell, Number
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text, understand

SHOWN_AT_MOST = 8

BLANK = Rule(
    "blank",
    "error",
    "每张表的每一格都要填写；没有发生的填 0，或在该表「空白单元格均为 0」处选“是”。",
    "空白不等于 0：只有填报机关说明了，才能按 0 统计。",
)
ODD_SPELLING = Rule(
    "odd-spelling",
    "error",
    "数字格只填阿拉伯数字，不写单位、逗号、全角数字和“—”“/”“无”等。",
    "表格公式不认文字；报告中的表格只应有数字。能读懂的按读懂的数参加勾稽。",
)
NOT_A_NUMBER = Rule(
    "not-a-number",
    "error",
    "数字格里的文字要能读成一个数。",
    "读不出数的格按 0 参加勾稽，结果不可靠。",
)
NOT_WHOLE = Rule("not-whole", "error", "件数和增减数是整数。", "申请、决定、案件按件计。")
NEGATIVE = Rule("negative", "error", "件数和金额不小于 0。", "只有“本年增/减”一类的格可以是负数。")
DECIMALS = Rule(
    "too-many-decimals",
    "warning",
    "金额的小数位数不超过表样规定。",
    "位数过多往往是单位弄错，或由公式带来的尾数。",
)
NUMBER_AS_TEXT = Rule(
    "number-as-text",
    "warning",
    "数字以数字格式保存，不以文本格式保存。",
    "表格公式不把文本计入合计，表上的总计会少算。",
)
NOT_IN_LIST = Rule(
    "not-in-list",
    "error",
    "选择格只能填列表中的一项。",
    "其他写法无法汇总。",
    "某格（甲!C5）：填的是“有”，只能填是、否。请从下拉列表中选择。",
)

RULES = (BLANK, ODD_SPELLING, NOT_A_NUMBER, NOT_WHOLE, NEGATIVE, DECIMALS, NUMBER_AS_TEXT, NOT_IN_LIST)


def cell_findings(submission: Submission) -> Iterator[Finding]:
    """What is wrong with single cells."""
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
    """One finding a table, naming every blank cell."""
    for section in submission.form.table_sections:
        cells = [
            cell
            for cell in submission.form.filled
            if cell.section == section.id and submission.values.get(cell.id) is None
        ]
        if not cells:
            continue
        names = "、".join(place_of(submission, cell.id).removeprefix(section.name) for cell in cells[:SHOWN_AT_MOST])
        more = f"，另有 {len(cells) - SHOWN_AT_MOST} 格" if len(cells) > SHOWN_AT_MOST else ""
        advice = "没有发生的请填 0；如果空白都表示 0，请在该表上方「空白单元格均为 0」处选“是”。"
        message = f"{section.name}有 {len(cells)} 格空白：{names}{more}。{advice}"
        yield finding(BLANK, message, submission, [cell.id for cell in cells], "填写", "空白")


def _text(submission: Submission, cell: Cell, value: str) -> Iterator[Finding]:
    place = place_of(submission, cell.id)
    if cell.kind.options and value not in cell.kind.options:
        options = "、".join(cell.kind.options)
        message = f"{place}：填的是“{value}”，只能填{options}。请从下拉列表中选择。"
        yield finding(NOT_IN_LIST, message, submission, [cell.id], options, value)
    if not cell.kind.is_number:
        return
    understood = understand(value, cell.kind)
    if understood is None:
        message = f"{place}：填的是“{value}”，读不出数字，暂按 0 计算。请改填数字。"
        yield finding(NOT_A_NUMBER, message, submission, [cell.id], "数字", value)
        return
    number = number_text(understood.number)
    unit = f"（{cell.kind.unit}）" if cell.kind.unit else ""
    read_as = f"换算为 {number}{unit}" if understood.converted else f"按 {number} 理解"
    message = f"{place}：填的是“{value}”，{read_as}。请改填 {number}，不写单位和符号。"
    yield finding(ODD_SPELLING, message, submission, [cell.id], number, value)
    yield from _number(submission, cell, understood.number)


def _text_total(submission: Submission, cell: Cell, value: str) -> Iterator[Finding]:
    """A total that is no number is not used for anything, but it must not go out with the workbook."""
    if understand(value, cell.kind):
        yield from _text(submission, cell, value)
        return
    written = number_text(submission.totals[cell.id])
    message = (
        f"{place_of(submission, cell.id)}：这里应由公式算出 {written}，现为“{value}”。报告中按 {written} 写。"
        f"请改为 {written}；原来的公式被改动的，请把各项数字填进新的模板。"
    )
    yield finding(NOT_A_NUMBER, message, submission, [cell.id], written, value)


def _number(submission: Submission, cell: Cell, number: Number) -> Iterator[Finding]:
    kind, written = cell.kind, number_text(number)
    if not kind.is_number:
        return
    if cell.id in submission.as_text:
        message = f"{place_of(submission, cell.id)}：{written} 是文本格式，表中的合计没有算上它。请删去后重新输入数字。"
        yield finding(NUMBER_AS_TEXT, message, submission, [cell.id], f"数字 {written}", f"文本 {written}")
    if number < 0 and not kind.is_signed:
        message = f"{place_of(submission, cell.id)}：填报 {written}，这里的数不能小于 0。请核对后更正。"
        yield finding(NEGATIVE, message, submission, [cell.id], "不小于 0", written)
    if not isinstance(number, Decimal):
        return
    decimals = max(-int(number.normalize().as_tuple().exponent), 0)
    if kind.is_whole and decimals:
        shown = _shown_otherwise(submission, cell)
        message = f"{place_of(submission, cell.id)}：填报 {written}{shown}，这里应填整数。请核对后更正。"
        yield finding(NOT_WHOLE, message, submission, [cell.id], "整数", written)
    elif not kind.is_whole and decimals > kind.decimals:
        message = (
            f"{place_of(submission, cell.id)}：填报 {written}，有 {decimals} 位小数，"
            f"最多 {kind.decimals} 位。请核对单位和小数位数。"
        )
        yield finding(DECIMALS, message, submission, [cell.id], f"最多 {kind.decimals} 位小数", written)


def _shown_otherwise(submission: Submission, cell: Cell) -> str:
    """What a cell shows on its sheet instead of a number with decimals, in brackets."""
    met = next((m for m in submission.irregularities if m.kind == "shown-differs" and m.cell == cell.id), None)
    return f"（表上显示为“{met.found}”）" if met else ""
