"""Works out the lines of 自查: for each the formulas of both sides, what they come to now, and the verdict."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from toolkit.excel.addresses import address
from toolkit.forms.model import CarryOverCase, Case, Cell, Kind, Number, Side
from toolkit.forms.relations import Outcome
from toolkit.problems import FormProblem
from toolkit.submission.model import Submission, Value
from toolkit.submission.spelling import number_text
from toolkit.workbook.cell_tests import blank_test, count_formula, unfit_test, yes_test
from toolkit.workbook.formulas import (
    LineSort,
    absolute_address,
    blanks_formula,
    left_formula,
    line_sorts,
    range_text,
    rectangles,
    right_formula,
)
from toolkit.workbook.layout import (
    AGENCY_CHECK,
    ASKS,
    EXPLAINED,
    FAILS,
    HOLDS,
    INFO,
    INFO_VALUE,
    REPEAT_CHECK,
    TEXT_FIRST_ROW,
    TEXT_ROWS,
    TEXTS,
    UNFILLED,
    ZERO_BLANKS,
    Layout,
    TableSheet,
    blank_check,
    number_check,
    text_check,
)
from toolkit.workbook.render_context import RenderContext

LONGEST_FORMULA = 8192
"""Most characters of a formula in Excel."""
COPIES = 5
"""So many equal paragraphs are nothing to remark on."""
WHOLE_TABLE = "全表"

Amount = tuple[str, Number]
"""A formula, and what it comes to now. An array formula stands in braces."""
NOTHING: Amount = ("=0", 0)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of 自查. `blanks` are the blank cells on the left and on the right. `target` is the sheet and the cell
    to look at. `shown_as` is the number format of the left side of a line that only counts."""

    key: str
    row: int
    section: str
    place: str
    sentence: str
    sort: LineSort
    operator: str
    left: Amount
    right: Amount
    difference: Number
    holds: bool
    target: tuple[str, int, int]
    blanks: tuple[Amount, Amount] | None = None
    shown_as: str = ""
    explanation: str = ""

    @property
    def blank_count(self) -> int:
        return sum(int(number) for _, number in self.blanks) if self.blanks else 0

    @property
    def verdict(self) -> str:
        """What the formula of the verdict gives."""
        if self.blank_count or (self.sort == "count" and not self.holds):
            return UNFILLED
        if self.holds:
            return HOLDS
        if self.sort in ("soft", "note"):
            return EXPLAINED if self.explanation.strip() else ASKS
        return FAILS


def self_check_lines(context: RenderContext) -> list[CheckLine]:
    """Return the lines of 自查 in order."""
    layout = context.layout
    lines = [_agency_line(context)]
    lines += [line for table in layout.sheets for line in _section_lines(table, layout, context.filled)]
    lines += _text_lines(context) if layout.text_columns else []
    lines += [_case_line(case, context, context.outcomes[case.id]) for case in layout.form.cases]
    known = [case for case in layout.form.carry_overs if case.id in context.last_year]
    first = layout.check_last_row + 2
    lines += [_carry_over_line(case, row, context) for row, case in enumerate(known, first)]
    return sorted(lines, key=lambda line: line.row)


def blanks_of_section(section: str, lines: Sequence[CheckLine]) -> int:
    """Return how many cells of a section are blank."""
    return next((int(line.left[1]) for line in lines if line.key == blank_check(section)), 0)


def verdicts_of_section(section: str, verdict: str, lines: Sequence[CheckLine]) -> int:
    """Return how many lines of a section have this verdict."""
    return sum(line.section == section and line.verdict == verdict for line in lines)


def needing_attention(lines: Sequence[CheckLine]) -> list[CheckLine]:
    """Return the lines that fail, then those that are asked about, then those on what is missing. Relations that only
    wait for blanks are not among them."""
    urgent = [line for verdict in (FAILS, ASKS) for line in lines if line.verdict == verdict]
    return [*urgent, *(line for line in lines if line.verdict == UNFILLED and line.sort == "count")]


def _explanation_of(key: str, filled: Submission) -> str:
    """Return what the agency wrote to a line of 自查."""
    return "\n".join(dict.fromkeys(found.text for found in filled.explanations if found.about == key))


def _case_line(case: Case, context: RenderContext, outcome: Outcome) -> CheckLine:
    layout, relation = context.layout, case.relation
    row = layout.check_rows[case.id]
    sort, operator = line_sorts(layout)[case.id]
    is_soft = sort == "soft"
    return CheckLine(
        key=case.id,
        row=row,
        section=case.section,
        place=case.place,
        sentence=relation.sentence,
        sort=sort,
        operator=operator,
        left=(left_formula(case, layout, row), outcome.left),
        right=(right_formula(case, layout), outcome.right),
        difference=outcome.difference,
        holds=outcome.holds,
        target=layout.positions[case.cells[0]],
        blanks=None if sort == "relation" else (_side_blanks(case.left, context), _side_blanks(case.right, context)),
        explanation=_explanation_of(case.id, context.filled) if is_soft else "",
    )


def _side_blanks(side: Side, context: RenderContext) -> Amount:
    return _blanks((term.cell for term in side.inputs), context)


def _blanks(cells: Iterable[str], context: RenderContext) -> Amount:
    """Return how many of these filled cells are blank."""
    filled = tuple(dict.fromkeys(cells))
    count = sum(context.filled.values.get(cell) is None for cell in filled)
    place = context.layout.positions[filled[0]][0] if filled else ""
    return _required_short(f"{{={blanks_formula(filled, context.layout)}}}", place), count


def _carry_over_line(case: CarryOverCase, row: int, context: RenderContext) -> CheckLine:
    """Return the line that compares a figure with last year's figure, which was known when the template was made."""
    last, layout, form = context.last_year[case.id], context.layout, context.layout.form
    is_soft = case.carry_over.severity == "warning"
    changes = sum((term.sign * _number_in(term.cell, context) for term in case.changes), start=last * 0)
    words = "".join(f"{'-' if term.sign < 0 else '+'}{_number_formula(term.cell, layout)}" for term in case.changes)
    now, wanted = _number_in(case.this, context), last + changes
    blanks = [_blanks(_inputs(form.cells[cell]), context) for cell in (case.this,)]
    blanks.append(_blanks((key for term in case.changes for key in _inputs(form.cells[term.cell])), context))
    return CheckLine(
        key=case.id,
        row=row,
        section=case.section,
        place=case.place,
        sentence=f"{case.carry_over.sentence}（上年 {number_text(last)}）",
        sort="soft" if is_soft else "open",
        operator="=",
        left=(f"={_number_formula(case.this, layout)}", now),
        right=(f"={number_text(last)}{words}", wanted),
        difference=now - wanted,
        holds=now == wanted,
        target=layout.positions[case.this],
        blanks=(blanks[0], blanks[1]),
        explanation=_explanation_of(case.id, context.filled) if is_soft else "",
    )


def _inputs(cell: Cell) -> tuple[str, ...]:
    """Return the filled cells that a cell is made of."""
    return tuple(term.cell for term in cell.parts) or (cell.id,)


def _number_formula(cell: str, layout: Layout) -> str:
    sheet, row, column = layout.positions[cell]
    return f"SUM('{sheet}'!{address(row, column)})"


def _number_in(cell: str, context: RenderContext) -> Number:
    value = context.totals[cell] if context.layout.form.cells[cell].computed else context.filled.values.get(cell)
    return 0 if value is None or isinstance(value, str) else value


def _section_lines(table: TableSheet, layout: Layout, filled: Submission) -> list[CheckLine]:
    """Return two lines for a table: one for blanks, one for cells that hold no proper number."""
    form = layout.form
    inputs = {cell: place for cell, place in table.cells.items() if not form.cells[cell].computed}
    numeric = {cell: place for cell, place in inputs.items() if form.cells[cell].kind.is_number}
    others = {cell: place for cell, place in inputs.items() if cell not in numeric}
    section = table.section.id
    name = f"'{section}'!"
    target = (section, *next(iter(inputs.values()), (0, 0)))

    count = count_formula(blank_test(area) for area in _areas(numeric, name))
    blanks = [f"IF({yes_test(name + absolute_address(*table.choice))},0,{count})"] if numeric else []
    blanks += [count_formula(blank_test(area) for area in _areas(others, name))] if others else []
    blank_count = sum(filled.values.get(cell) is None for cell in inputs)
    by_kind: dict[Kind, dict[str, tuple[int, int]]] = {}
    for cell, place in numeric.items():
        by_kind.setdefault(form.cells[cell].kind, {})[cell] = place
    bad = count_formula(unfit_test(area, kind) for kind, cells in by_kind.items() for area in _areas(cells, name))
    bad_count = sum(_is_unfit(filled.values.get(cell), form.cells[cell].kind) for cell in numeric)
    filled_in = f"没有空白格，或「{ZERO_BLANKS}」选“是”"
    proper = "每格都是数字，件数是整数，件数和金额不为负"
    return [
        _count_line(
            layout, blank_check(section), target, filled_in, "+".join(blanks) or "0", blank_count, '0" 格空白"'
        ),
        _count_line(layout, number_check(section), target, proper, bad, bad_count, '0" 格不对"'),
    ]


def _is_unfit(value: Value, kind: Kind) -> bool:
    """Return True if a cell counts as holding no proper number."""
    if value is None or isinstance(value, str):
        return value is not None
    return (value < 0 and not kind.is_signed) or (kind.is_whole and isinstance(value, Decimal))


def _areas(cells: Mapping[str, tuple[int, int]], sheet: str) -> list[str]:
    return [sheet + range_text(rectangle) for rectangle in rectangles(cells.values())]


def _count_line(
    layout: Layout, key: str, target: tuple[str, int, int], sentence: str, formula: str, count: int, shown_as: str
) -> CheckLine:
    """Return a line that counts cells. Blanks leave the line open, wrong cells make it fail."""
    return CheckLine(
        key=key,
        row=layout.check_rows[key],
        section=target[0],
        place=WHOLE_TABLE,
        sentence=sentence,
        sort=line_sorts(layout)[key][0],
        operator="=",
        left=(_required_short(f"{{={formula}}}", target[0]), count),
        right=NOTHING,
        difference=count,
        holds=count == 0,
        target=target,
        shown_as=f'{shown_as};;"没有"',
    )


def _required_short(formula: str, place: str) -> str:
    """Return the formula. Raise FormProblem when the cells are so scattered that it is too long for Excel."""
    if len(formula) > LONGEST_FORMULA:
        raise FormProblem(
            f"部分「{place}」里同一种格分得太散，自查的公式有 {len(formula)} 字，"
            f"Excel 最多 {LONGEST_FORMULA} 字。请把同一种格（件数、金额等）排在相邻的行列，或把这个部分分成几个。"
        )
    return formula


def _agency_line(context: RenderContext) -> CheckLine:
    """Return the line on the name of the agency."""
    row = context.layout.info_rows["agency"]
    label = next(field.label for field in context.layout.form.info if field.id == "agency")
    name = f"'{INFO}'!{absolute_address(row, INFO_VALUE)}"
    is_missing = not context.filled.agency.strip()
    return CheckLine(
        key=AGENCY_CHECK,
        row=context.layout.check_rows[AGENCY_CHECK],
        section=INFO,
        place=label,
        sentence=f"已填写{label}",
        sort="count",
        operator="=",
        left=(f"={blank_test(name)}", int(is_missing)),
        right=NOTHING,
        difference=int(is_missing),
        holds=not is_missing,
        target=(INFO, row, INFO_VALUE),
        shown_as='"空着";;"已填"',
    )


def _text_lines(context: RenderContext) -> list[CheckLine]:
    """Return a line for each text, on whether there is one, and a line on paragraphs that stand there several times."""
    layout, texts = context.layout, context.filled.texts
    lines = []
    for section in layout.form.text_sections:
        key, column = text_check(section.id), layout.text_columns[section.id]
        is_missing = not texts.get(section.id)
        blanks = f"SUM({blank_test(_text_area(column, column))})"
        lines.append(
            CheckLine(
                key=key,
                row=layout.check_rows[key],
                section=TEXTS,
                place=section.title,
                sentence="已填写文字（没有内容的写“无”）",
                sort="count",
                operator="=",
                left=(f"{{=IF({blanks}={TEXT_ROWS},1,0)}}", int(is_missing)),
                right=NOTHING,
                difference=int(is_missing),
                holds=not is_missing,
                target=(TEXTS, TEXT_FIRST_ROW, column),
                shown_as='"空着";;"已填"',
            )
        )
    copies = _copies([texts.get(section, ()) for section in layout.text_columns])
    return [*lines, _repeat_line(layout, copies)]


def _repeat_line(layout: Layout, copies: int) -> CheckLine:
    """Return the line on paragraphs that were pasted several times."""
    return CheckLine(
        key=REPEAT_CHECK,
        row=layout.check_rows[REPEAT_CHECK],
        section=TEXTS,
        place="全部文字",
        sentence="同一段文字没有重复粘贴多次",
        sort="note",
        operator="<=",
        left=(f"{{={_copies_formula(len(layout.text_columns))}}}", copies),
        right=(f"={COPIES}", COPIES),
        difference=copies - COPIES,
        holds=copies <= COPIES,
        target=(TEXTS, TEXT_FIRST_ROW, 0),
        shown_as='[<2]"没有";0" 段相同"',
    )


def _text_area(first: int, last: int, skipped: int = 0, length: int = TEXT_ROWS) -> str:
    row = TEXT_FIRST_ROW + skipped
    return f"'{TEXTS}'!{range_text((row, first, row + length - 1, last), absolute=True)}"


def _copies_formula(columns: int) -> str:
    """Return the formula of `_copies`, without its equals sign."""
    counts = []
    block = _text_area(0, columns - 1)
    for column in range(columns):
        top = _text_area(column, column, length=1)
        counts.append(f"IF(ISERROR({top}),0,IF(LEN({top})=0,0,SUM(IF(ISERROR({block}),0,IF({block}={top},1,0)))))")
        here, above = (_text_area(column, column, skipped, TEXT_ROWS - 1) for skipped in (1, 0))
        same = f"IF(ISERROR({here}),0,IF(ISERROR({above}),0,IF(LEN({here})=0,0,IF({here}={above},1,0))))"
        counts.append(f"IF(SUM({same})=0,0,1+SUM({same}))")
    return f"MAX({','.join(counts)})"


def _copies(texts: Sequence[Sequence[str]]) -> int:
    """Return how often the same paragraph stands there: the first of a text anywhere, others in direct succession."""
    columns = [[text.casefold() for text in paragraphs[:TEXT_ROWS]] for paragraphs in texts]
    everywhere = Counter(text for column in columns for text in column)
    tops = [everywhere[column[0]] for column in columns if column]
    runs = [sum(one == other for one, other in pairwise(column)) for column in columns]
    return max([*tops, *(1 + run for run in runs if run)], default=0)
