"""Writes one table section on its sheet: the official table, its inputs with prompts, its totals, and the marks that
show if relations hold."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from toolkit.excel.addresses import address
from toolkit.excel.styles import LINE_HEIGHT, done, lines_needed, set_paper
from toolkit.forms.grid import Box
from toolkit.forms.model import Cell, Kind, Number
from toolkit.forms.relations import Outcome
from toolkit.submission.model import Value
from toolkit.submission.spelling import number_text
from toolkit.workbook.cell_tests import blank_test, unfit_test, yes_test
from toolkit.workbook.formulas import Rectangle, absolute_address, range_text, rectangles, total_formula
from toolkit.workbook.layout import (
    ASKS,
    CHECK_DIFF,
    CHECK_FIRST_ROW,
    CHECK_LEFT,
    CHECK_SECTION,
    CHECK_VERDICT,
    CHOICE_ROW,
    FAILS,
    HOLDS,
    INFO,
    INFO_VALUE,
    PLEASE_CHOOSE,
    SELF_CHECK,
    STATUS_ROW,
    TITLE_ROW,
    UNFILLED,
    ZERO_BLANKS,
    Layout,
    TableSheet,
    blank_check,
)
from toolkit.workbook.render_context import RenderContext

ROW_HEIGHT = 22.0
MARK_WIDTH = 14.0
MARK_ERROR = "× 有错误值"
PROMPT_TITLE_LIMIT = 32
REFUSAL_LIMIT = 250
"""Characters of what Excel says of a wrong entry."""


def write_table_sheet(
    sheet: Worksheet, table: TableSheet, context: RenderContext, status: str, verdicts: Mapping[str, str]
) -> None:
    """Write one table section. With the present figures its status is `status`, and the lines of 自查 have these
    `verdicts` by key."""
    _write_head(sheet, table, context, status)
    for box in table.boxes:
        _write_box(sheet, box, context)
    _write_marks(sheet, table, context, verdicts)
    _validate(sheet, table, context)
    _tint(sheet, table, context)
    _tint_carry_overs(sheet, table, context)
    _set_rows(sheet, table)
    _set_page(sheet, table)


def _write_head(sheet: Worksheet, table: TableSheet, context: RenderContext, status: str) -> None:
    layout, styles, filled = context.layout, context.styles, context.filled
    right = table.width - 1
    done(sheet.merge_range(TITLE_ROW, 0, TITLE_ROW, right, table.section.title, styles.title))
    _write_status(sheet, table, context, status)
    agency = f"'{INFO}'!{absolute_address(layout.info_rows['agency'], INFO_VALUE)}"
    year_text = f"{filled.year} 年度"
    formula = f'=IF({agency}="","{year_text}",{agency}&"　{year_text}")'
    value = f"{filled.agency}　{year_text}" if filled.agency else year_text
    done(sheet.write_formula(CHOICE_ROW, 0, formula, styles.heading, value))
    if _number_cells(table, layout):
        _write_choice(sheet, table, context)


def _write_status(sheet: Worksheet, table: TableSheet, context: RenderContext, status: str) -> None:
    """Write the line that says what fails on this sheet, or how many cells are still blank."""
    layout, styles, section = context.layout, context.styles, table.section.id
    first = absolute_address(CHECK_FIRST_ROW, CHECK_SECTION), absolute_address(CHECK_FIRST_ROW, CHECK_VERDICT)
    last = tuple(absolute_address(context.check_last_row, c) for c in (CHECK_SECTION, CHECK_VERDICT))
    ranges = [f"'{SELF_CHECK}'!{a}:{b}" for a, b in zip(first, last, strict=True)]
    fails, asks = (f'COUNTIFS({ranges[0]},"{section}",{ranges[1]},"{word}")' for word in (FAILS, ASKS))
    blanks = f"'{SELF_CHECK}'!{absolute_address(layout.check_rows[blank_check(section)], CHECK_LEFT)}"
    done_text = status_text(0, 0, 0)
    formula = (
        f'=IF({fails}+{asks}=0,IF({blanks}=0,"{done_text}","还有 "&{blanks}&" 格未填"),'
        f'IF({fails}=0,"还有 "&{asks}&" 项请核实","× 本表有 "&{fails}&" 项自查不符")&"，详见「{SELF_CHECK}」"'
        f'&IF({blanks}=0,"","；还有 "&{blanks}&" 格未填"))'
    )
    done(sheet.merge_range(STATUS_ROW, 0, STATUS_ROW, table.width - 1, "", styles.status))
    done(sheet.write_formula(STATUS_ROW, 0, formula, styles.status, status))
    place, here = address(STATUS_ROW, 0), absolute_address(STATUS_ROW, 0)
    _conditional(sheet, place, f'=LEFT({here},1)="×"', styles.failing)
    _conditional(sheet, place, f'=LEFT({here},1)="还"', styles.pending)


def _write_choice(sheet: Worksheet, table: TableSheet, context: RenderContext) -> None:
    """Write the choice if all blanks are zeros. It is tinted until it is made, as long as there are blanks."""
    styles, (row, column) = context.styles, table.choice
    done(sheet.write_string(row, column - 1, ZERO_BLANKS, styles.note_right))
    if any(context.filled.values.get(cell.id) is None for cell in _number_cells(table, context.layout)):
        done(sheet.write_string(row, column, PLEASE_CHOOSE, styles.choice))
    else:
        done(sheet.write_blank(row, column, None, styles.choice))
    options = {
        "validate": "list",
        "source": ["是", "否"],
        "input_title": ZERO_BLANKS,
        "input_message": "本表填完后，如果其余空白格都表示 0，请选“是”；选“否”或不选，空白格算没有填。",
        "error_title": "请选择",
        "error_message": "只能选“是”或“否”。",
    }
    done(sheet.data_validation(row, column, row, column, options))
    here, status = absolute_address(row, column), absolute_address(STATUS_ROW, 0)
    open_yet = f'AND({here}<>"是",{here}<>"否",ISNUMBER(FIND("未填",{status})))'
    _conditional(sheet, address(row, column), f"={open_yet}", styles.blank_tint)


def status_text(failures: int, questions: int, blanks: int) -> str:
    """Return the text about the checks and the blanks in the head of a sheet."""
    open_yet = f"还有 {blanks} 格未填" if blanks else ""
    if failures + questions:
        told = f"× 本表有 {failures} 项自查不符" if failures else f"还有 {questions} 项请核实"
        return f"{told}，详见「{SELF_CHECK}」" + (open_yet and f"；{open_yet}")
    return open_yet or "√ 本表自查全部相符"


def _number_cells(table: TableSheet, layout: Layout) -> list[Cell]:
    cells = (layout.form.cells[cell] for cell in table.cells)
    return [cell for cell in cells if cell.kind.is_number and not cell.computed]


def _write_box(sheet: Worksheet, box: Box, context: RenderContext) -> None:
    styles = context.styles
    if box.cell:
        _write_cell(sheet, box, context)
        return
    style = {
        "caption": styles.caption,
        "header": styles.header,
        "label": styles.label_centered if box.height > 1 else styles.label,
    }[box.role]
    if box.height == box.width == 1:
        done(sheet.write_string(box.row, box.column, box.text, style))
    else:
        _merge(sheet, box, style)
        done(sheet.write_string(box.row, box.column, box.text, style))


def _merge(sheet: Worksheet, box: Box, style: Any) -> None:
    last = box.row + box.height - 1, box.column + box.width - 1
    done(sheet.merge_range(box.row, box.column, *last, "", style))


def _write_cell(sheet: Worksheet, box: Box, context: RenderContext) -> None:
    layout, filled = context.layout, context.filled
    cell = layout.form.cells[box.cell]
    value: Value = filled.shown.get(cell.id) if cell.computed else filled.values.get(cell.id)
    style = context.styles.number(_number_format(cell.kind, value), cell.computed and value is None)
    if box.width > 1:
        _merge(sheet, box, style)
    if value is None and cell.computed:
        total = _cell_number(context.totals[cell.id])
        done(sheet.write_formula(box.row, box.column, total_formula(cell, layout), style, total))
    elif value is None:
        done(sheet.write_blank(box.row, box.column, None, style))
    elif isinstance(value, str):
        done(sheet.write_string(box.row, box.column, value, style))
    else:
        done(sheet.write_number(box.row, box.column, _cell_number(value), style))


def _cell_number(number: Number) -> int | float:
    """Return a number as a spreadsheet holds it. Money loses nothing within 15 digits."""
    return float(number) if isinstance(number, Decimal) else number


def _number_format(kind: Kind, value: Value) -> str:
    if kind.record.number_format:
        return kind.record.number_format
    decimals = number_text(value).partition(".")[2] if isinstance(value, Decimal) else ""
    return f"0.{'0' * len(decimals)}" if decimals else "General"


def _write_marks(sheet: Worksheet, table: TableSheet, context: RenderContext, verdicts: Mapping[str, str]) -> None:
    """Write the marks beside and under the table. Nothing is marked where nothing was filled in."""
    layout, styles = context.layout, context.styles
    for box in table.mark_labels:
        style = styles.header if box.role == "header" else styles.mark_label
        if box.height == box.width == 1:
            done(sheet.write_string(box.row, box.column, box.text, style))
        else:
            _merge(sheet, box, style)
            done(sheet.write_string(box.row, box.column, box.text, style))
    cases = {case.id: case for case in layout.form.cases}
    for case_id, (row, column) in table.marks.items():
        check_row = layout.check_rows[case_id]
        verdict = f"'{SELF_CHECK}'!{absolute_address(check_row, CHECK_VERDICT)}"
        difference = f"'{SELF_CHECK}'!{absolute_address(check_row, CHECK_DIFF)}"
        case = cases[case_id]
        inputs = [term.cell for side in (case.left, case.right) for term in side.inputs]
        own = rectangles(table.cells[cell] for cell in inputs if cell in table.cells)
        judged = f'IF({verdict}="{HOLDS}","√",{verdict})'
        judged = f'IF(COUNT({",".join(map(range_text, own))})=0,"",{judged})' if own else judged
        judged = f'IF({verdict}="{ASKS}","{ASKS}，差 "&ABS({difference}),{judged})'
        formula = f'=IF({verdict}="{FAILS}",IFERROR("× 差 "&ABS({difference}),"{MARK_ERROR}"),{judged})'
        is_blank = bool(own) and not any(_has_number(context, cell) for cell in inputs if cell in table.cells)
        text = mark_text(verdicts[case_id], context.outcomes[case_id], is_blank)
        done(sheet.write_formula(row, column, formula, styles.mark, text))
        here = absolute_address(row, column)
        _conditional(sheet, address(row, column), f'=LEFT({here},1)="{UNFILLED[0]}"', styles.pending)
        places = [table.cells[cell] for cell in case.cells if cell in table.cells]
        ranges = [range_text(rectangle) for rectangle in rectangles([*places, (row, column)])]
        is_soft = case.relation.severity == "warning"
        mark, look = (ASKS[0], styles.reminder) if is_soft else ("×", styles.failing)
        _conditional(sheet, " ".join(ranges), f'=LEFT({here},1)="{mark}"', look)


def mark_text(verdict: str, outcome: Outcome, is_blank: bool) -> str:
    """Return the text of the mark beside or under a table. `is_blank`: no cell of this sheet is filled in."""
    if verdict == FAILS:
        return f"× 差 {number_text(outcome.gap)}"
    if verdict == ASKS:
        return f"{ASKS}，差 {number_text(outcome.gap)}"
    if is_blank:
        return ""
    return "√" if verdict == HOLDS else verdict


def _has_number(context: RenderContext, cell: str) -> bool:
    """Return True if a cell holds a number as a spreadsheet sees it."""
    value = context.filled.values.get(cell)
    return value is not None and not isinstance(value, str)


def _validate(sheet: Worksheet, table: TableSheet, context: RenderContext) -> None:
    """Write one validation for all cells that share their kind and their prompt. Totals that the source gave are open
    for input, too."""
    layout = context.layout
    groups: dict[tuple[Kind, str, str], list[tuple[int, int]]] = {}
    for cell_id, position in table.cells.items():
        cell = layout.form.cells[cell_id]
        if not cell.computed:
            groups.setdefault((cell.kind, *_prompt(cell)), []).append(position)
        elif cell_id in context.filled.shown:
            summed = number_text(context.totals[cell_id])
            message = f"来源给出的总计与各项之和（{summed}）不符。请核对各项，或更正这里的总计。"
            groups.setdefault((cell.kind, "照来源填的总计", message), []).append(position)
    for (kind, title, message), positions in groups.items():
        for areas in _with_common_corner(rectangles(positions)):
            options = {**_rule(kind, _first(areas)), "input_title": title, "input_message": message}
            options["other_cells"] = [list(area) for area in areas[1:]]
            done(sheet.data_validation(*areas[0], options))


def _prompt(cell: Cell) -> tuple[str, str]:
    label = (
        cell.row.short if len(cell.row.short) <= PROMPT_TITLE_LIMIT else cell.row.short[: PROMPT_TITLE_LIMIT - 1] + "…"
    )
    help_text = "".join(text for text in (cell.row.help, cell.column.help, cell.kind.record.prompt) if text)
    return label, help_text + (f"（{cell.row.basis}）" if cell.row.basis else "")


def _rule(kind: Kind, first: str) -> dict[str, Any]:
    """Return what cells of this kind accept, and what Excel says of a wrong entry; `first` is the first of them."""
    if kind.record.excel_rule:
        rule: dict[str, Any] = {
            key: value.format(cell=first, decimals=kind.decimals) if isinstance(value, str) else value
            for key, value in kind.record.excel_rule.items()
        }
    else:
        rule = {"validate": "list", "source": list(kind.options)} if kind.options else {"validate": "any"}
    words = "" if rule["validate"] == "any" else _refusal(kind)
    return {**rule, "error_title": "填写有误", "error_message": words}


def _refusal(kind: Kind) -> str:
    """Return what Excel says of a wrong entry; too many options are not listed."""
    unit = f"以{kind.unit}为单位，" if kind.unit else ""
    words = kind.record.refusal.format(unit=unit, decimals=kind.decimals, options="、".join(kind.options))
    return words if len(words) <= REFUSAL_LIMIT else "请从下拉列表中选择。"


def _tint(sheet: Worksheet, table: TableSheet, context: RenderContext) -> None:
    """Colour blanks, and turn red what is not a proper number."""
    form, styles = context.layout.form, context.styles
    choice = absolute_address(*table.choice)
    inputs: dict[bool, list[tuple[int, int]]] = {}
    numbers: dict[Kind, list[tuple[int, int]]] = {}
    for cell_id, position in table.cells.items():
        cell = form.cells[cell_id]
        if not cell.computed:
            inputs.setdefault(cell.kind.is_number, []).append(position)
        if cell.kind.is_number:
            numbers.setdefault(cell.kind, []).append(position)
    for may_be_zero, positions in inputs.items():
        for areas in _with_common_corner(rectangles(positions)):
            test = blank_test(_first(areas))
            test = f"AND({test}=1,NOT({yes_test(choice)}))" if may_be_zero else f"{test}=1"
            _conditional(sheet, " ".join(map(range_text, areas)), f"={test}", styles.blank_tint)
    for kind, positions in numbers.items():
        for areas in _with_common_corner(rectangles(positions)):
            test = unfit_test(_first(areas), kind)
            _conditional(sheet, " ".join(map(range_text, areas)), f"={test}=1", styles.failing)


def _tint_carry_overs(sheet: Worksheet, table: TableSheet, context: RenderContext) -> None:
    """Turn a figure red that was filled in from last year's report (结转) and then changed."""
    for case in context.layout.form.carry_overs:
        is_given = case.carry_over.prefill and not case.changes
        if is_given and case.id in context.last_year and case.this in table.cells:
            place = address(*table.cells[case.this])
            last = number_text(context.last_year[case.id])
            _conditional(sheet, place, f"=AND(ISNUMBER({place}),{place}<>{last})", context.styles.failing)


def _with_common_corner(areas: list[Rectangle]) -> list[list[Rectangle]]:
    """Return groups of areas that can share one relative formula. Programs disagree on the cell that it is relative to,
    unless the first area holds the top left corner of them all."""
    if areas[0][1] == min(area[1] for area in areas):
        return [areas]
    return [[area] for area in areas]


def _first(areas: list[Rectangle]) -> str:
    return address(areas[0][0], areas[0][1])


def _conditional(sheet: Worksheet, ranges: str, formula: str, style: Any) -> None:
    first = ranges.partition(" ")[0].partition(":")[0]
    options = {"type": "formula", "criteria": formula, "format": style, "multi_range": ranges}
    done(sheet.conditional_format(first, options))


def _set_rows(sheet: Worksheet, table: TableSheet) -> None:
    for column, width in enumerate(table.section.widths):
        done(sheet.set_column(column, column, width))
    if table.last[1] >= table.width:
        done(sheet.set_column(table.width, table.last[1], MARK_WIDTH))
    heights: dict[int, float] = {TITLE_ROW: 32, STATUS_ROW: 22, CHOICE_ROW: 24}
    widths = [*table.section.widths, *[MARK_WIDTH] * (table.last[1] - table.width + 1)]
    for box in (*table.boxes, *table.mark_labels):
        room = sum(widths[box.column : box.column + box.width])
        needed = lines_needed(box.text, room) * LINE_HEIGHT + 5 if box.text else 0
        for row in range(box.row, box.row + box.height):
            heights[row] = max(heights.get(row, ROW_HEIGHT), needed / box.height)
    for row, height in heights.items():
        done(sheet.set_row(row, height))


def _set_page(sheet: Worksheet, table: TableSheet) -> None:
    sheet.freeze_panes(*table.freeze)
    set_paper(sheet, table.section.landscape)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, *table.last)
    sheet.repeat_rows(0, table.freeze[0] - 1)
