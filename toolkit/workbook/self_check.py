"""Writes 自查: the sheet that lists every relation (勾稽关系) with both sides, the difference, a verdict and a link to
the cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from toolkit.excel.addresses import address
from toolkit.excel.styles import LINE_HEIGHT, WorkbookStyles, done, lines_needed, set_paper
from toolkit.forms.model import CarryOverCase, Case, Kind, Number
from toolkit.forms.relations import Outcome
from toolkit.problems import FormProblem
from toolkit.submission.model import Submission, Value
from toolkit.submission.spelling import number_text
from toolkit.workbook.cell_tests import blank_test, count_formula, unfit_test, yes_test
from toolkit.workbook.formulas import (
    absolute_address,
    difference_formula,
    left_formula,
    range_text,
    rectangles,
    right_formula,
    verdict_formula,
)
from toolkit.workbook.layout import (
    CHECK_DIFF,
    CHECK_FIRST_ROW,
    CHECK_LEFT,
    CHECK_LINK,
    CHECK_PLACE,
    CHECK_RIGHT,
    CHECK_SECTION,
    CHECK_SENTENCE,
    CHECK_SIGN,
    CHECK_VERDICT,
    FAILS,
    HOLDS,
    ZERO_BLANKS,
    Layout,
    TableSheet,
)
from toolkit.workbook.render_context import RenderContext

HEADERS = ("序号", "表", "位置", "检查内容", "左边", "", "右边", "差", "结果", "查看")
WIDTHS = (6.0, 5.0, 30.0, 46.0, 14.0, 4.0, 14.0, 12.0, 9.0, 10.0)
LONGEST_FORMULA = 8192
"""Most characters of a formula in Excel."""
SIGNS = {"=": "＝", "<=": "≤", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of 自查. Each side is a formula and its present value. An array formula stands in braces."""

    section: str
    place: str
    sentence: str
    operator: str
    left: tuple[str, Number]
    right: tuple[str, Number]
    difference: Number
    holds: bool
    target: tuple[int, int]


def write_self_check(sheet: Worksheet, context: RenderContext, lines: Sequence[CheckLine]) -> None:
    """Write 自查. `lines` come from `self_check_lines`."""
    styles = context.styles
    last = len(WIDTHS) - 1
    done(sheet.merge_range(0, 0, 0, last, "自查：全部勾稽关系", styles.title))
    verdicts = (
        f"{absolute_address(CHECK_FIRST_ROW, CHECK_VERDICT)}:{absolute_address(context.check_last_row, CHECK_VERDICT)}"
    )
    count = f'COUNTIF({verdicts},"{FAILS}")'
    formula = f'=IF({count}=0,"{summary_text(len(lines), 0)}","× 共 {len(lines)} 项，其中 "&{count}&" 项不符")'
    failures = sum(not line.holds for line in lines)
    done(sheet.merge_range(1, 0, 1, last, "", styles.status))
    done(sheet.write_formula(1, 0, formula, styles.status, summary_text(len(lines), failures)))
    _highlight(sheet, "A2", '=LEFT($A$2,1)="×"', styles)
    hint = "填完后看这里：「不符」的点右侧“查看”，核对相应的行、列。空白格在计算时按 0 处理。"
    done(sheet.merge_range(2, 0, 2, last, hint, styles.note))
    for column, header in enumerate(HEADERS):
        done(sheet.write_string(CHECK_FIRST_ROW - 1, column, header, styles.header))
    for number, line in enumerate(lines, 1):
        _write_line(sheet, CHECK_FIRST_ROW + number - 1, number, line, styles)
    first = address(CHECK_FIRST_ROW, 0)
    area = f"{first}:{address(context.check_last_row, last)}"
    _highlight(sheet, area, f'=${address(CHECK_FIRST_ROW, CHECK_VERDICT)}="{FAILS}"', styles)
    _set_page(sheet, context)


def summary_text(checks: int, failures: int) -> str:
    """Return the summary at the top of 自查."""
    if failures:
        return f"× 共 {checks} 项，其中 {failures} 项不符"
    return f"√ 共 {checks} 项，全部相符"


def self_check_lines(context: RenderContext) -> list[CheckLine]:
    """Return the lines in the order of `layout.check_rows`, then those about last year's figures."""
    layout = context.layout
    cases = [_case_line(case, layout, context.outcomes[case.id]) for case in layout.form.cases]
    sections = [line for table in layout.sheets for line in _section_lines(table, layout, context.filled)]
    carry_over_lines = [
        _carry_over_line(case, context.last_year[case.id], context)
        for case in layout.form.carry_overs
        if case.id in context.last_year
    ]
    return [*cases, *sections, *carry_over_lines]


def failures_of_section(section: str, lines: Sequence[CheckLine]) -> int:
    """Return how many lines of a section fail."""
    return sum(line.section == section and not line.holds for line in lines)


def _case_line(case: Case, layout: Layout, outcome: Outcome) -> CheckLine:
    row = layout.check_rows[case.id]
    _, target_row, target_column = layout.positions[case.cells[0]]
    return CheckLine(
        case.section,
        case.place,
        case.relation.sentence,
        case.relation.operator,
        (left_formula(case, layout, row), outcome.left),
        (right_formula(case, layout), outcome.right),
        outcome.difference,
        outcome.holds,
        (target_row, target_column),
    )


def _carry_over_line(case: CarryOverCase, last: Number, context: RenderContext) -> CheckLine:
    """Return the line that checks if a figure still equals last year's figure, which was filled in beforehand."""
    sheet, row, column = context.layout.positions[case.this]
    form = context.layout.form
    value = context.totals[case.this] if form.cells[case.this].computed else context.filled.values.get(case.this)
    now = 0 if value is None or isinstance(value, str) else value
    return CheckLine(
        case.section,
        case.place,
        f"{case.carry_over.sentence}（{number_text(last)}）",
        "=",
        (f"=N('{sheet}'!{address(row, column)})", now),
        (f"={number_text(last)}", last),
        now - last,
        now == last,
        (row, column),
    )


def _section_lines(table: TableSheet, layout: Layout, filled: Submission) -> list[CheckLine]:
    """Return two lines for a table: one for blanks, one for cells that hold no proper number."""
    form = layout.form
    inputs = {cell: place for cell, place in table.cells.items() if not form.cells[cell].computed}
    numeric = {cell: place for cell, place in inputs.items() if form.cells[cell].kind.is_number}
    others = {cell: place for cell, place in inputs.items() if cell not in numeric}
    name = f"'{table.section.id}'!"
    choice = name + absolute_address(*table.choice)
    first = next(iter(inputs.values()), (0, 0))

    count = count_formula(blank_test(area) for area in _areas(numeric, name))
    blanks = [f"IF({yes_test(choice)},0,{count})"] if numeric else []
    blanks += [count_formula(blank_test(area) for area in _areas(others, name))] if others else []
    blank_count = sum(filled.values.get(cell) is None for cell in inputs)
    by_kind: dict[Kind, dict[str, tuple[int, int]]] = {}
    for cell, place in numeric.items():
        by_kind.setdefault(form.cells[cell].kind, {})[cell] = place
    bad = count_formula(unfit_test(area, kind) for kind, cells in by_kind.items() for area in _areas(cells, name))
    bad_count = sum(_is_unfit(filled.values.get(cell), form.cells[cell].kind) for cell in numeric)
    no_blanks = f"没有空白单元格（或已选「{ZERO_BLANKS}」为“是”）"
    return [
        _count_line(table, no_blanks, "+".join(blanks) or "0", blank_count, first),
        _count_line(table, "每格都是数字，件数是整数，件数和金额不为负", bad, bad_count, first),
    ]


def _is_unfit(value: Value, kind: Kind) -> bool:
    """Return True if a cell counts as holding no proper number."""
    if value is None or isinstance(value, str):
        return value is not None
    return (value < 0 and not kind.is_signed) or (kind.is_whole and isinstance(value, Decimal))


def _areas(cells: Mapping[str, tuple[int, int]], sheet: str) -> list[str]:
    return [sheet + range_text(rectangle) for rectangle in rectangles(cells.values())]


def _count_line(table: TableSheet, sentence: str, formula: str, count: int, target: tuple[int, int]) -> CheckLine:
    """Return a line that counts cells.

    Raise FormProblem when the cells are so scattered that the formula is too long for Excel.
    """
    if len(formula) > LONGEST_FORMULA:
        raise FormProblem(
            f"部分「{table.section.id}」里同一种格分得太散，自查的公式有 {len(formula)} 字，"
            f"Excel 最多 {LONGEST_FORMULA} 字。请把同一种格（件数、金额等）排在相邻的行列，或把这个部分分成几个。"
        )
    return CheckLine(
        table.section.id, "全表", sentence, "=", (f"{{={formula}}}", count), ("=0", 0), count, count == 0, target
    )


def _write_line(sheet: Worksheet, row: int, number: int, line: CheckLine, styles: WorkbookStyles) -> None:
    text, centered = styles.boxed, styles.boxed_center
    done(sheet.write_number(row, 0, number, centered))
    done(sheet.write_string(row, CHECK_SECTION, line.section, centered))
    done(sheet.write_string(row, CHECK_PLACE, line.place, text))
    done(sheet.write_string(row, CHECK_SENTENCE, line.sentence, text))
    left, value = line.left[0], float(line.left[1])
    if left.startswith("{"):
        done(sheet.write_array_formula(row, CHECK_LEFT, row, CHECK_LEFT, left, centered, value))
    else:
        done(sheet.write_formula(row, CHECK_LEFT, left, centered, value))
    done(sheet.write_string(row, CHECK_SIGN, SIGNS[line.operator], centered))
    done(sheet.write_formula(row, CHECK_RIGHT, line.right[0], centered, float(line.right[1])))
    done(sheet.write_formula(row, CHECK_DIFF, difference_formula(row), centered, float(line.difference)))
    verdict = verdict_formula(line.operator, row)
    done(sheet.write_formula(row, CHECK_VERDICT, verdict, centered, HOLDS if line.holds else FAILS))
    url = f"internal:'{line.section}'!{address(*line.target)}"
    done(sheet.write_url(row, CHECK_LINK, url, styles.link, "查看"))
    lines = max(lines_needed(line.place, WIDTHS[CHECK_PLACE]), lines_needed(line.sentence, WIDTHS[CHECK_SENTENCE]))
    done(sheet.set_row(row, LINE_HEIGHT * lines + 5))


def _highlight(sheet: Worksheet, area: str, formula: str, styles: WorkbookStyles) -> None:
    options = {"type": "formula", "criteria": formula, "format": styles.failing}
    done(sheet.conditional_format(area, options))


def _set_page(sheet: Worksheet, context: RenderContext) -> None:
    for column, width in enumerate(WIDTHS):
        done(sheet.set_column(column, column, width))
    done(sheet.set_row(0, 32))
    done(sheet.set_row(2, 20))
    sheet.freeze_panes(CHECK_FIRST_ROW, 0)
    set_paper(sheet, landscape=True)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(CHECK_FIRST_ROW - 1)
    sheet.print_area(0, 0, context.check_last_row, len(WIDTHS) - 1)
