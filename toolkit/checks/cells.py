"""Rules on single cells: blanks, numbers in odd spellings, impossible numbers, choices outside the list."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.checks.samples import Samples
from toolkit.forms.model import Cell, Form, Number
from toolkit.submission.model import Submission
from toolkit.submission.spelling import Oddity, Understood, number_text, understand

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
    variants={
        "same": "{section}有 {count} 格填的是“{value}”，{read_as}：{names}{more}。请改填 {number}，不写单位和符号。",
        "several": "{section}有 {count} 格{oddity}：{names}{more}。已按读懂的数参加勾稽。"
        "请都改填阿拉伯数字，不写单位和符号。",
    },
    identified_by=("section", "oddity"),
    only_by_facts=True,
)
UNIT_IN_CELL = Rule(
    "unit-in-cell",
    "金额在格里写了单位",
    "info",
    "表样没有写金额单位的，按格里写的单位理解。",
    "已公布的表没有写单位时，格里写的单位就是公布的意思；换算成本格式的单位参加勾稽和汇总。",
    "{place}：填的是“{value}”，表样没有写单位，按格里写的单位读作 {number} {unit}。请核对；读得对的，不必理会。",
    {"place": _PLACE, "value": "251000元", "number": "25.1", "unit": "万元"},
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
        "请改为 {number}；原来的公式被改动的，请把各项数字填进新的模板。",
        "several": "{section}有 {count} 格填的是“{value}”，读不出数字，暂按 0 计算：{names}{more}。请改填数字。",
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
    variants={
        "several": "{section}有 {count} 格的数是文本格式，表中的合计没有算上：{names}{more}。请删去后重新输入数字。",
    },
    identified_by=("section",),
    only_by_facts=True,
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

RULES = (BLANK, ODD_SPELLING, UNIT_IN_CELL, NOT_A_NUMBER, NOT_WHOLE, NEGATIVE, DECIMALS, NUMBER_AS_TEXT, NOT_IN_LIST)


ODDITY_WORDS: Mapping[Oddity, str] = {
    "zero": "没有填 0，写的是文字或符号",
    "unit": "写了单位",
    "remark": "在数后面写了注",
    "grouping": "的数里有逗号或空格",
    "width": "用了全角数字",
    "sign": "用文字或加号写增减",
    "other": "的数写法不规范",
}
"""What is said of several cells, by what is odd about them."""


@dataclass(frozen=True, slots=True)
class _OddCell:
    """A cell with a number in an odd spelling: the text, and how it is read."""

    cell: Cell
    value: str
    understood: Understood

    @property
    def number(self) -> str:
        return number_text(self.understood.number)

    @property
    def read_as(self) -> str:
        unit = f"（{self.cell.kind.unit}）" if self.cell.kind.unit else ""
        return f"换算为 {self.number}{unit}" if self.understood.converted else f"按 {self.number} 理解"


def cell_findings(submission: Submission) -> Iterator[Finding]:
    """Yield what is wrong with single cells. What is odd in one way in one section is one finding."""
    form = submission.form
    yield from _blanks(submission)
    yield from _odd_spellings(submission)
    yield from _no_numbers(submission)
    yield from _numbers_as_text(submission)
    for cell in form.filled:
        value = submission.values.get(cell.id)
        if isinstance(value, str) and cell.kind.options and value not in cell.kind.options:
            options = "、".join(cell.kind.options)
            facts = {"place": place_of(submission, cell.id), "value": value, "options": options}
            yield finding(NOT_IN_LIST, submission, [cell.id], options, value, **facts)
        elif cell.id in submission.numbers:
            yield from _number(submission, cell, submission.numbers[cell.id])
    for cell_id, value in submission.shown.items():
        if isinstance(value, str):
            yield from _text_total(submission, form.cells[cell_id], value)


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


def _texts(submission: Submission) -> Iterator[tuple[Cell, str]]:
    """Yield each number cell that holds a text, totals last."""
    cells = submission.form.cells
    for cell in submission.form.filled:
        value = submission.values.get(cell.id)
        if isinstance(value, str) and cell.kind.is_number:
            yield cell, value
    for cell_id, value in submission.shown.items():
        if isinstance(value, str):
            yield cells[cell_id], value


def _odd_spellings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each section and each kind of oddity, and one for each amount whose cell names the unit
    that the form does not name."""
    groups: dict[tuple[str, Oddity], list[_OddCell]] = {}
    for cell, value in _texts(submission):
        understood = understand(value, cell.kind)
        if understood is None:
            continue
        odd = _OddCell(cell, value, understood)
        if _names_missing_unit(submission, odd):
            facts = {"place": place_of(submission, cell.id), "value": value, "unit": cell.kind.unit}
            yield finding(UNIT_IN_CELL, submission, [cell.id], odd.number, value, number=odd.number, **facts)
        else:
            groups.setdefault((cell.section, understood.oddity), []).append(odd)
    for group in groups.values():
        yield _odd_finding(submission, group)


def _names_missing_unit(submission: Submission, odd: _OddCell) -> bool:
    """Return True if a published amount has its unit in the cell because the form names none. A workbook of ours asks
    for bare numbers when a cell is filled in."""
    cell = odd.cell
    if submission.identity or odd.understood.oddity != "unit" or not cell.kind.record.is_amount:
        return False
    heads = unicodedata.normalize("NFKC", "".join(cell.labels) + cell.place)
    return bool(cell.kind.unit) and cell.kind.unit not in heads


def _odd_finding(submission: Submission, group: Sequence[_OddCell]) -> Finding:
    """Return the finding on the cells of a section that are odd in one way."""
    first, cells = group[0], [odd.cell.id for odd in group]
    facts = _listed(submission, group[0].cell, cells)
    facts |= {"oddity": ODDITY_WORDS[first.understood.oddity], "value": first.value, "number": first.number}
    facts |= {"place": place_of(submission, first.cell.id), "read_as": first.read_as}
    if len({(odd.value, odd.read_as) for odd in group}) == 1:
        variant = "same" if len(group) > 1 else ""
        return finding(ODD_SPELLING, submission, cells, first.number, first.value, variant=variant, **facts)
    facts |= _listed(submission, first.cell, cells, {odd.cell.id: f"“{odd.value}”{odd.read_as}" for odd in group})
    return finding(ODD_SPELLING, submission, cells, "阿拉伯数字", facts["oddity"], variant="several", **facts)


def _listed(
    submission: Submission, first: Cell, cells: Sequence[str], remarks: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the facts on several cells of a section: their number, and the places of the first, with what is to be
    said of each."""
    section = submission.form.section(first.section).name
    names = [
        place_of(submission, cell).removeprefix(section) + (remarks or {}).get(cell, "")
        for cell in cells[:SHOWN_AT_MOST]
    ]
    more = f" 等 {len(cells)} 格" if len(cells) > SHOWN_AT_MOST else ""
    return {"section": section, "count": str(len(cells)), "names": "、".join(names), "more": more}


def _no_numbers(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each section and each text that is no number."""
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell, value in _texts(submission):
        if not cell.computed and understand(value, cell.kind) is None:
            groups.setdefault((cell.section, value), []).append(cell)
    for (_, value), group in groups.items():
        cells = [cell.id for cell in group]
        facts = {"place": place_of(submission, cells[0]), "value": value} | _listed(submission, group[0], cells)
        variant = "several" if len(group) > 1 else ""
        yield finding(NOT_A_NUMBER, submission, cells, "数字", value, variant=variant, **facts)


def _numbers_as_text(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each section with numbers that are stored as text."""
    groups: dict[str, list[Cell]] = {}
    for cell in submission.form.filled:
        if cell.id in submission.as_text and cell.id in submission.numbers:
            groups.setdefault(cell.section, []).append(cell)
    for group in groups.values():
        cells = [cell.id for cell in group]
        written = number_text(submission.numbers[cells[0]])
        facts = {"place": place_of(submission, cells[0]), "written": written} | _listed(submission, group[0], cells)
        one = len(group) == 1
        expected, actual = (f"数字 {written}", f"文本 {written}") if one else ("数字", "文本")
        yield finding(NUMBER_AS_TEXT, submission, cells, expected, actual, variant="" if one else "several", **facts)


def _text_total(submission: Submission, cell: Cell, value: str) -> Iterator[Finding]:
    """Yield what is wrong with a text in place of a total. If it is no number, nothing is calculated from it, but it
    must not stay in the workbook."""
    if understood := understand(value, cell.kind):
        yield from _number(submission, cell, understood.number)
        return
    number = number_text(submission.totals[cell.id])
    facts = {"place": place_of(submission, cell.id), "number": number, "value": value}
    yield finding(NOT_A_NUMBER, submission, [cell.id], number, value, variant="total", **facts)


def _number(submission: Submission, cell: Cell, number: Number) -> Iterator[Finding]:
    """Yield what is wrong with a number in a cell."""
    kind, written, cells = cell.kind, number_text(number), [cell.id]
    if not kind.is_number:
        return
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
        found[UNIT_IN_CELL.id] = {"place": cell.place}
        found[DECIMALS.id] = {"place": cell.place, "most": str(cell.kind.decimals)}
        break
    for cell in (cell for cell in form.filled if cell.kind.options):
        found[NOT_IN_LIST.id] = {"place": cell.place, "value": "其他写法", "options": "、".join(cell.kind.options)}
        break
    return found
