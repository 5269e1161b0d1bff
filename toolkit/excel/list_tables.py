"""Writes plain tables as Excel sheets: a title, a header with filters that stays in view, one row for each record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from toolkit.characters import cell_start, without_forbidden
from toolkit.excel.output_mark import Output, mark_properties
from toolkit.excel.styles import (
    FONT,
    HEADER_FILL,
    HEADING_FONT,
    LINE_HEIGHT,
    NOTE_FONT,
    CleanWorkbook,
    done,
    lines_needed,
    set_paper,
)

HEADER_ROW = 2
CELL_LIMIT = 32_000
ROW_HEIGHT_LIMIT = 409.0
KEPT_ROWS = 5000
"""XlsxWriter keeps links and row heights in memory until the workbook is saved, so only this many rows of a table have
them."""
BORDER = "#BFBFBF"

ListCell = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its width in half-width characters, and True if its text wraps."""

    title: str
    width: float
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A text with a link target: ``internal:'三'!D7`` or ``external:收回/甲.xlsx``."""

    text: str
    target: str


class TableBook:
    """A workbook of plain tables. With `flat`, each row is written to disk at once and not kept in memory. With
    `output`, the workbook carries the mark of that output."""

    def __init__(self, target: Any, flat: bool = False, output: Output | None = None) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": flat}
        self.book = CleanWorkbook(target, options | ({} if flat else {"in_memory": True}))
        # A fixed day: equal content is equal byte for byte.
        self.book.set_properties({"created": datetime(2000, 1, 1), **(mark_properties(output) if output else {})})
        base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
        boxed = {**base, "border": 1, "border_color": BORDER, "valign": "top"}
        self.title = self.book.add_format({**base, "font_name": HEADING_FONT, "font_size": 16})
        self.note = self.book.add_format({**base, "font_color": NOTE_FONT})
        self.header = self.book.add_format(
            {**base, "bold": True, "border": 1, "text_wrap": True, "bg_color": HEADER_FILL}
        )
        self.plain = self.book.add_format(boxed)
        self.wrapped = self.book.add_format({**boxed, "text_wrap": True})
        self.text = self.book.add_format({**boxed, "num_format": "@"})
        self.link = self.book.add_format({**boxed, "font_color": "#0563C1", "underline": 1})

    def save(self) -> None:
        """Write the file. Raise OSError when it cannot be written, like other code that writes files."""
        try:
            self.book.close()
        except FileCreateError as error:
            raise error.args[0] from None

    def sheet(self, name: str, title: str, note: str, columns: Sequence[Column], landscape: bool = True) -> Worksheet:
        """Add a sheet with its title, a note under it and the header of the table. Rows begin below `HEADER_ROW`."""
        sheet = self.book.add_worksheet(name)
        for number, column in enumerate(columns):
            done(sheet.set_column(number, number, column.width))
        done(sheet.set_row(0, 30))
        done(sheet.write_string(0, 0, title, self.title))
        done(sheet.write_string(1, 0, note, self.note))
        for number, column in enumerate(columns):
            done(sheet.write_string(HEADER_ROW, number, column.title, self.header))
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        set_paper(sheet, landscape)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        return sheet

    def rows(self, sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Sequence[ListCell | Link]]) -> int:
        """Write the rows of a table and set its filters. Return the number of the last row."""
        row = HEADER_ROW
        for row, values in enumerate(rows, HEADER_ROW + 1):
            wrapped = zip(columns, values, strict=True)
            lines = max(
                (lines_needed(str(value), column.width) for column, value in wrapped if column.wraps), default=1
            )
            if lines > 1 and row <= KEPT_ROWS:  # not every program sets the height of a row by itself
                done(sheet.set_row(row, min(LINE_HEIGHT * lines + 3, ROW_HEIGHT_LIMIT)))
            for number, (column, value) in enumerate(zip(columns, values, strict=True)):
                plain = value.text if isinstance(value, Link) and row > KEPT_ROWS else value
                self.write(sheet, row, number, plain, column.wraps)
        sheet.autofilter(HEADER_ROW, 0, max(row, HEADER_ROW + 1), len(columns) - 1)
        return row

    def write(self, sheet: Worksheet, row: int, column: int, value: ListCell | Link, wraps: bool = False) -> None:
        """Write a value. A text is never taken for a formula."""
        if isinstance(value, Link):
            if sheet.write_url(row, column, value.target, self.link, shown(value.text)):
                done(sheet.write_string(row, column, shown(value.text), self.text))  # Excel allows only so many links
        elif isinstance(value, int):
            done(sheet.write_number(row, column, value, self.plain))
        else:
            done(sheet.write_string(row, column, shown(value or ""), self.wrapped if wraps else self.text))


def shown(text: str) -> str:
    """Return a text as a cell can hold it. A text that is cut says so at its end."""
    text = without_forbidden(text)
    start = cell_start(text, CELL_LIMIT)
    return text if start == text else f"{start}……（太长，没有写完）"


def table_workbook(
    name: str,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[ListCell | Link]],
    note: str = "",
    printed: int | None = None,
    output: Output | None = None,
) -> bytes:
    """Return a workbook with one table, as the bytes of an .xlsx file. Only the first `printed` columns are printed."""
    target = BytesIO()
    tables = TableBook(target, output=output)
    sheet = tables.sheet(name, title, note, columns)
    last = tables.rows(sheet, columns, rows)
    if printed:
        sheet.print_area(0, 0, last, printed - 1)
    tables.save()
    return target.getvalue()
