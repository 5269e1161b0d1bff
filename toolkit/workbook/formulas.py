"""Sums and relations (勾稽关系) as spreadsheet formulas. `toolkit.forms.relations` computes the same in Python.

Every spreadsheet program can evaluate them: the relations use only SUM, IF, ISNUMBER, ROUND and IFERROR.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

from toolkit.excel.addresses import address
from toolkit.forms.fields import Operator
from toolkit.forms.model import Case, Cell, Side, Term
from toolkit.forms.relations import PRECISION, definitions, is_sum_of_totals
from toolkit.workbook.cell_tests import blank_test, count_formula, yes_test
from toolkit.workbook.layout import (
    AGENCY_CHECK,
    ASKS,
    CHECK_DIFF,
    CHECK_EXPLANATION,
    CHECK_FIRST_ROW,
    CHECK_LEFT,
    CHECK_LEFT_BLANKS,
    CHECK_RIGHT,
    CHECK_RIGHT_BLANKS,
    CHECK_VERDICT,
    EXPLAINED,
    FAILS,
    HOLDS,
    REPEAT_CHECK,
    UNFILLED,
    Layout,
    blank_check,
    number_check,
    text_check,
)

PIECE = 125
"""Characters of a piece of text in a formula. Programs take at most 255, and some count rare characters twice."""
LineSort = Literal["relation", "open", "soft", "note", "count"]
"""The sorts of lines of 自查, see `verdict_formula`."""
Rectangle = tuple[int, int, int, int]
"""First row, first column, last row, last column."""
Positions = Mapping[str, tuple[str, int, int]]
"""Sheet, row and column of cells by id."""


def rectangles(positions: Iterable[tuple[int, int]]) -> list[Rectangle]:
    """Return few rectangles that cover the cells: runs down each column, joined with equal runs beside them."""
    columns: dict[int, list[int]] = {}
    for row, column in sorted(set(positions)):
        columns.setdefault(column, []).append(row)
    done: list[Rectangle] = []
    open_runs: dict[tuple[int, int], Rectangle] = {}
    for column in sorted(columns):
        runs = {}
        for first, last in _runs(columns[column]):
            left = open_runs.get((first, last))
            joined = left is not None and left[3] == column - 1
            runs[first, last] = (first, left[1] if left and joined else column, last, column)
            if joined:
                del open_runs[first, last]
        done += open_runs.values()
        open_runs = runs
    return sorted([*done, *open_runs.values()])


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def range_text(rectangle: Rectangle, absolute: bool = False) -> str:
    """Return ``D7:I9``, or ``D7`` for a single cell; with `absolute`, ``$D$7:$I$9``."""
    first, last = address(rectangle[0], rectangle[1]), address(rectangle[2], rectangle[3])
    if absolute:
        first, last = (absolute_address(rectangle[i], rectangle[i + 1]) for i in (0, 2))
    return first if first == last else f"{first}:{last}"


def absolute_address(row: int, column: int) -> str:
    """Return ``$D$7``."""
    name = address(row, column)
    letters = name.rstrip("0123456789")
    return f"${letters}${name[len(letters) :]}"


def sum_text(terms: Sequence[Term], positions: Positions, own_sheet: str = "") -> str:
    """Return the signed sum of filled cells, without the equals sign. Ranges on the sheet `own_sheet` have no sheet
    name."""
    plus = _sum_of((term.cell for term in terms if term.sign > 0), positions, own_sheet)
    minus = _sum_of((term.cell for term in terms if term.sign < 0), positions, own_sheet)
    return f"{plus}-{minus}" if minus else plus


def _sum_of(cells: Iterable[str], positions: Positions, own_sheet: str) -> str:
    by_sheet: dict[str, list[tuple[int, int]]] = {}
    for cell in cells:
        sheet, row, column = positions[cell]
        by_sheet.setdefault(sheet, []).append((row, column))
    ranges = [
        ("" if sheet == own_sheet else f"'{sheet}'!") + range_text(rectangle)
        for sheet, positions in by_sheet.items()
        for rectangle in rectangles(positions)
    ]
    return f"SUM({','.join(ranges)})" if ranges else ""


def total_formula(cell: Cell, layout: Layout) -> str:
    """Return the formula of a computed cell. It uses filled cells only."""
    return "=" + sum_text(cell.parts, layout.positions, cell.section)


def left_formula(case: Case, layout: Layout, row: int) -> str:
    """Return the left side of a case in 自查. A total that was deleted counts as its computed value."""
    if not case.relation.defines:
        return _side_formula(case, case.left, layout)
    form, shown, right = layout.form, _reference(case.total, layout), address(row, CHECK_RIGHT)
    written = shown
    if is_sum_of_totals(form, case.total):
        others = [terms for terms in definitions(form)[case.total] if terms != case.right.terms]
        sums = [sum_text(case.right.inputs, layout.positions)]
        sums += [text(terms, layout) for terms in others for text in (_standing_text, _added_text)]
        sums += [_added_text(case.right.terms, layout)]
        for text in dict.fromkeys(sums):
            written = f"IF({_comparison('=', shown, text)},{right},{written})"
    return f"=IF(ISNUMBER({shown}),{written},{right})"


def right_formula(case: Case, layout: Layout) -> str:
    """Return the right side of a case in 自查."""
    if case.relation.defines:
        return "=" + _standing_text(case.right.terms, layout)
    return _side_formula(case, case.right, layout)


def _side_formula(case: Case, side: Side, layout: Layout) -> str:
    """Return a side of a case that defines no total. A sum of totals that nobody wrote counts as the sum of its parts
    as they stand, if the case then holds, otherwise as the result of its own formula."""
    standing, added = (text(side.terms, layout) for text in (_standing_text, _added_text))
    sides = [_added_text(one.terms, layout) for one in (case.left, case.right)]
    if sides == [_standing_text(one.terms, layout) for one in (case.left, case.right)]:
        return f"={standing}"
    return f"=IF({_comparison(case.relation.operator, *sides)},{added},{standing})"


def _standing_text(terms: Sequence[Term], layout: Layout) -> str:
    """Return the signed sum of what stands in the cells. A total that was deleted is computed."""

    def of_total(cell: str) -> str:
        shown = _reference(cell, layout)
        return f"IF(ISNUMBER({shown}),{shown},{_computed_text(cell, layout)})"

    return _signed_sum(terms, layout, of_total)


def _added_text(terms: Sequence[Term], layout: Layout) -> str:
    """Return the same sum, but with each sum of totals that nobody wrote as the sum of its parts as they stand. If a
    sum equals the result of its formula, nobody wrote it."""

    def of_total(cell: str) -> str:
        if not is_sum_of_totals(layout.form, cell):
            return _standing_text([Term(1, cell)], layout)
        shown, parts = _reference(cell, layout), _added_text(definitions(layout.form)[cell][0], layout)
        written = f"IF({_comparison('=', shown, _computed_text(cell, layout))},{parts},{shown})"
        return f"IF(ISNUMBER({shown}),{written},{parts})"

    return _signed_sum(terms, layout, of_total)


def _signed_sum(terms: Sequence[Term], layout: Layout, of_total: Callable[[str], str]) -> str:
    """Return the sum of terms: the filled cells as few ranges, and each total as `of_total` writes it."""
    cells = layout.form.cells
    text = sum_text([term for term in terms if not cells[term.cell].computed], layout.positions)
    for term in terms:
        if cells[term.cell].computed:
            text += f"{'-' if term.sign < 0 else '+' if text else ''}{of_total(term.cell)}"
    return text


def _computed_text(cell: str, layout: Layout) -> str:
    return sum_text(layout.form.cells[cell].parts, layout.positions)


def _comparison(operator: str, left: str, right: str) -> str:
    """Return the test that two sides, rounded, are in this relation."""
    return f"ROUND({left}-({right}),{PRECISION}){operator}0"


def _reference(cell: str, layout: Layout) -> str:
    sheet, row, column = layout.positions[cell]
    return f"'{sheet}'!{address(row, column)}"


def difference_formula(row: int) -> str:
    """Return the formula of the difference in a line of 自查."""
    return f"=ROUND({address(row, CHECK_LEFT)}-{address(row, CHECK_RIGHT)},{PRECISION})"


def blanks_formula(cells: Iterable[str], layout: Layout) -> str:
    """Return the array formula, without its equals sign, that counts the blanks among filled cells. Where
    空白单元格均为 0 was chosen, there are none."""
    by_sheet: dict[str, list[tuple[int, int]]] = {}
    for cell in cells:
        sheet, row, column = layout.positions[cell]
        by_sheet.setdefault(sheet, []).append((row, column))
    counts = []
    for sheet, positions in by_sheet.items():
        name = f"'{sheet}'!"
        tests = (blank_test(name + range_text(rectangle)) for rectangle in rectangles(positions))
        choice = name + absolute_address(*layout.sheet(sheet).choice)
        counts.append(f"IF({yes_test(choice)},0,{count_formula(tests)})")
    return "+".join(counts) or "0"


def sentence_formula(sentence: str, row: int) -> str:
    """Return the formula of the sentence in a line of 自查. It says how many cells are still blank."""
    blanks = "+".join(address(row, column) for column in (CHECK_LEFT_BLANKS, CHECK_RIGHT_BLANKS))
    text = text_literal(sentence)
    return f'={text}&IF({blanks}=0,"","（有 "&({blanks})&" 格空白，暂按 0 算）")'


def text_literal(text: str) -> str:
    """Return a text as it is written in a formula, where a piece of it has at most 255 characters."""
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def verdict_formula(line: LineSort, operator: str, row: int) -> str:
    """Return the formula of the verdict in a line of 自查. An error value on either side makes it fail.

    `line` says of what sort it is: a `relation` that can only fail if a formula is broken or a cell is wrong; an `open`
    one, which is not judged while cells are blank; a `soft` one, a reminder (提醒) that may also be explained; a
    `note`, a reminder that needs no explanation; a `count` of blanks.
    """
    words: dict[LineSort, str] = {"count": UNFILLED, "soft": ASKS, "note": ASKS}
    fails = f'"{words.get(line, FAILS)}"'
    if line == "soft":
        explained = blank_test(address(row, CHECK_EXPLANATION))
        fails = f'IF({explained}=0,"{EXPLAINED}",{fails})'
    judged = f'IF({address(row, CHECK_DIFF)}{operator}0,"{HOLDS}",{fails})'
    if line in ("open", "soft"):
        blanks = "+".join(address(row, column) for column in (CHECK_LEFT_BLANKS, CHECK_RIGHT_BLANKS))
        judged = f'IF({blanks}>0,"{UNFILLED}",{judged})'
    return f'=IFERROR({judged},"{FAILS}")'


@cache
def line_sorts(layout: Layout) -> Mapping[str, tuple[LineSort, Operator]]:
    """Return the sort of each line of 自查, and its operator. Lines about last year's figures are not among them."""
    sorts: dict[str, tuple[LineSort, Operator]] = {AGENCY_CHECK: ("count", "="), REPEAT_CHECK: ("note", "<=")}
    for section in layout.form.table_sections:
        sorts |= {blank_check(section.id): ("count", "="), number_check(section.id): ("relation", "=")}
    sorts |= {text_check(section.id): ("count", "=") for section in layout.form.text_sections}
    for case in layout.form.cases:
        relation = case.relation
        judged: LineSort = "relation" if relation.defines else "open"
        sorts[case.id] = ("soft" if relation.severity == "warning" else judged), relation.operator
    return {key: sorts[key] for key in layout.check_rows}


def rank_formula(line: LineSort, row: int, last: int) -> str:
    """Return the formula of the rank of a line of 自查 among those that need attention: what fails comes first, then
    what is asked about, then what is missing. It is 0 for the other lines. The lines on what is missing stand before
    all others that wait for blanks."""
    verdict, top = (absolute_address(row, CHECK_VERDICT) for row in (row, CHECK_FIRST_ROW))
    above, whole = f"{top}:{verdict}", f"{top}:{absolute_address(last, CHECK_VERDICT)}"
    formula, before = "0", ""
    ranks = []
    for word in (FAILS, ASKS, UNFILLED):
        ranks.append((word, f'{before}COUNTIF({above},"{word}")'))
        before += f'COUNTIF({whole},"{word}")+'
    for word, rank in reversed(ranks):
        if word != UNFILLED or line == "count":
            formula = f'IF({verdict}="{word}",{rank},{formula})'
    return f"={formula}"
