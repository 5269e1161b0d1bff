"""Finds each table on its sheet, and reads its values and totals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from math import isclose
from typing import Any

from python_calamine import CalamineWorkbook

from toolkit.characters import plain
from toolkit.excel.addresses import Position, address
from toolkit.forms.model import Cell, Number
from toolkit.forms.relations import total
from toolkit.problems import Unreadable
from toolkit.submission.model import Submission, Value
from toolkit.submission.spelling import tidy
from toolkit.workbook.formulas import total_formula
from toolkit.workbook.integrity import bare, total_formulas
from toolkit.workbook.layout import Layout, TableSheet
from toolkit.workbook.locate import Located, locate, unlabelled_rows
from toolkit.workbook.sheet_values import SheetValues, text_of, value_of
from toolkit.workbook.workbook_sheets import Book, read_sheet, with_unread


@dataclass(frozen=True, slots=True)
class TableOnSheet:
    """The sheet of one table section. `located` says where everything stands if that differs from the layout."""

    sheet: SheetValues
    located: Located | None = None

    @property
    def moved(self) -> bool:
        """True if rows or columns stand elsewhere than they should."""
        return self.located is not None and self.located.moved

    def position(self, row: int, column: int) -> Position | None:
        """Return where a cell of the layout stands, None if its row or column was deleted."""
        return self.located.at((row, column)) if self.located else (row, column)

    def at(self, row: int, column: int) -> Any:
        """Return the value of a cell of the layout."""
        position = self.position(row, column)
        return self.sheet.at(*position) if position else ""

    def is_intact(self, formula: str, expected: str) -> bool:
        """Return True if the formula of a total is as it should be. Where rows were moved, programs have rewritten it,
        so any formula will do."""
        return bool(formula) and (self.moved or bare(formula) == bare(expected))


def find_table(package: Book, book: CalamineWorkbook, name: str, table: TableSheet, layout: Layout) -> TableOnSheet:
    """Return the table on its sheet. It is found by its labels if they are not where they should be. If a cell of the
    form reads as empty, the file is read for what it holds. Raise Unreadable when the table cannot be found with
    certainty."""
    sheet = read_sheet(package, book, name)
    found = TableOnSheet(sheet)
    wrong = _first_wrong_label(table, sheet)
    if wrong or _may_have_shifted(table, sheet):
        located = locate(table, sheet.at, sheet.height, sheet.width)
        if located is None:
            row, column, label = wrong or (*next(iter(table.cells.values())), table.section.title)
            stands = text_of(sheet.at(row, column))[:40] or "空白"
            raise Unreadable(
                f"{name}!{address(row, column)} 应为「{label}」，现为「{stands}」："
                "表格的行、列或标题被改动，有的行、列找不到或有重复，不能按格读取。请恢复原样，或重新下载模板填报。"
            )
        found = TableOnSheet(sheet, located if located.moved or located.altered else None)
    if all(found.at(*position) != "" for position in table.cells.values() if found.position(*position)):
        return found
    return replace(found, sheet=with_unread(package, sheet, _intact_totals(found, table, layout)))


def _may_have_shifted(table: TableSheet, sheet: SheetValues) -> bool:
    """Return True if a row without labels is blank: a row may have been inserted above it, and no label shows that."""
    return any(
        all(sheet.at(row, column) == "" for at, column in table.cells.values() if at == row)
        for row in unlabelled_rows(table)
    )


def _first_wrong_label(table: TableSheet, sheet: SheetValues) -> tuple[int, int, str] | None:
    for row, column, label, compact in _expected_labels(table):
        found = sheet.at(row, column)
        if found != label and plain(str(found)) != compact:
            return row, column, label
    return None


@cache
def _expected_labels(table: TableSheet) -> tuple[tuple[int, int, str, str], ...]:
    return tuple((box.row, box.column, box.text, plain(box.text)) for box in table.boxes if box.text)


def _intact_totals(found: TableOnSheet, table: TableSheet, layout: Layout) -> Callable[[Position, str], bool]:
    """Return a function that returns True if the formula at a position is the intact formula of a total."""
    expected = total_formulas(table, layout)
    formulas = {now: formula for position, formula in expected.items() if (now := found.position(*position))}

    def is_intact(position: Position, formula: str) -> bool:
        return position in formulas and found.is_intact(formula, formulas[position])

    return is_intact


def cell_text(layout: Layout, tables: Mapping[str, TableOnSheet], cell: str) -> str:
    """Return the value of a cell as text, empty for a blank."""
    section, row, column = layout.positions[cell]
    return text_of(tables[section].at(row, column))


def cell_places(layout: Layout, tables: Mapping[str, TableOnSheet]) -> Mapping[str, str]:
    """Return where each cell stands in this file."""
    if not any(table.located or table.sheet.name != section for section, table in tables.items()):
        return layout.places
    return {
        cell: f"{tables[section].sheet.name}!{address(*position)}"
        for cell, (section, row, column) in layout.positions.items()
        if (position := tables[section].position(row, column))
    }


def filled_values(
    layout: Layout, tables: Mapping[str, TableOnSheet], exact_figures: Mapping[str, Decimal]
) -> tuple[dict[str, Value], frozenset[str]]:
    """Return the values of the filled cells, and the ids of cells whose number was stored as text."""
    values: dict[str, Value] = {}
    as_text = set()
    zero_sections = {
        table.section.id for table in layout.sheets if str(tables[table.section.id].at(*table.choice)).strip() == "是"
    }
    for cell in layout.form.filled:
        sheet, row, column = layout.positions[cell.id]
        raw = tables[sheet].at(row, column)
        value = value_of(raw, cell.kind)
        if value is None and sheet in zero_sections and cell.kind.is_number and tables[sheet].position(row, column):
            value = tidy(Decimal(0), cell.kind)
        elif (
            cell.id in exact_figures and isinstance(raw, float) and isclose(raw, exact_figures[cell.id], rel_tol=1e-14)
        ):
            value = tidy(exact_figures[cell.id], cell.kind)
        elif isinstance(raw, str) and cell.kind.is_number and value is not None and not isinstance(value, str):
            as_text.add(cell.id)
        values[cell.id] = value
    return values, frozenset(as_text)


def differing_totals(layout: Layout, tables: Mapping[str, TableOnSheet], submission: Submission) -> dict[str, Value]:
    """Return the totals that differ both from the computed total and from the sum that a spreadsheet makes, which
    ignores text."""
    shown: dict[str, Value] = {}
    as_added: dict[str, Number] = {
        cell: number
        for cell, number in submission.numbers.items()
        if cell not in submission.as_text and not isinstance(submission.values[cell], str)
    }
    for cell in layout.form.computed:
        sheet, row, column = layout.positions[cell.id]
        raw = tables[sheet].at(row, column)
        if raw == "" or raw == submission.totals[cell.id]:
            continue
        value = value_of(raw, cell.kind)
        if value is not None and not _is_one_of(value, submission.totals[cell.id], total(cell.parts, as_added)):
            shown[cell.id] = value
    return shown


def blank_totals(layout: Layout, tables: Mapping[str, TableOnSheet]) -> dict[str, Value]:
    """Return the totals that read as blank. They may have a formula that was saved without its result."""
    cells = (cell.id for cell in layout.form.computed)
    return {cell: None for cell in cells if cell_text(layout, tables, cell) == ""}


def _is_one_of(value: Value, *totals: Number) -> bool:
    """Return True if a value equals one of these totals, up to the last bits of binary arithmetic."""
    if isinstance(value, str) or value is None:
        return False
    return any(isclose(value, number, rel_tol=1e-12) for number in totals)


def without_formula(
    package: Book, layout: Layout, tables: Mapping[str, TableOnSheet], shown: Mapping[str, Value]
) -> dict[str, Value]:
    """Return those of the totals in `shown` whose formula is gone or altered. Where the formula is still there, some
    program has only not recalculated it."""
    if not shown:
        return {}
    stored = {section: package.stored_cells(tables[section].sheet.name) for section in tables}

    def stands(cell: Cell) -> bool:
        section, row, column = layout.positions[cell.id]
        position = tables[section].position(row, column)
        found = stored[section].get(address(*position)) if position else None
        return found is not None and tables[section].is_intact(found.formula, total_formula(cell, layout))

    return {cell: value for cell, value in shown.items() if not stands(layout.form.cells[cell])}
