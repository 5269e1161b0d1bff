"""The cell formats of the trend workbook (趋势), and how a number is stored in a cell."""

from decimal import Decimal
from functools import cache
from typing import Any

from xlsxwriter.format import Format

from toolkit.excel.list_tables import BORDER, TableBook
from toolkit.excel.styles import FAIL_FONT, FONT, HEADER_FILL, HEADING_FONT, NOTE_FONT
from toolkit.forms.model import Number
from toolkit.submission.spelling import number_text

ABSENT_FILL = "#D9D9D9"
BAND_FILL = "#F2F2F2"
MORE_FILL, LESS_FILL = "#FCE4D6", "#DDEBF7"
PALETTE = ("#1F4E79", "#ED7D31", "#70AD47", "#FFC000", "#7030A0", "#5B9BD5", "#7F7F7F", "#C00000", "#00B0A0", "#BF8F00")
SIGNIFICANT = 15
"""Digits of a number that a spreadsheet keeps."""
PERCENT = "+0.0%;-0.0%;0.0%"


class TrendFormats:
    """The formats of one workbook, each made once."""

    def __init__(self, tables: TableBook) -> None:
        self.title, self.note = tables.title, tables.note
        self._add = tables.book.add_format
        self.make = cache(self._make)

    def _make(self, **properties: Any) -> Format:
        base = {"font_name": FONT, "font_size": 11, "valign": "vcenter", "border": 1, "border_color": BORDER}
        return self._add({**base, **properties})

    @property
    def header(self) -> Format:
        """Return the format of a header."""
        return self.make(bold=True, align="center", text_wrap=True, bg_color=HEADER_FILL)

    @property
    def edition(self) -> Format:
        """Return the format of the heading over cells that only an older edition has."""
        return self.make(font_name=HEADING_FONT, bg_color=HEADER_FILL, left=0, right=0)

    @property
    def band(self) -> Format:
        """Return the format of a title row across the sheet."""
        return self.make(bold=True, bg_color=BAND_FILL, left=0, right=0)

    @property
    def absent(self) -> Format:
        """Return the format of a cell that the form of a year does not have."""
        return self.make(bg_color=ABSENT_FILL)

    @property
    def no_number(self) -> Format:
        """Return the format of a text in place of a number."""
        return self.make(num_format="@", text_wrap=True, align="right", font_color=FAIL_FONT)

    @property
    def text(self) -> Format:
        """Return the format of a short text."""
        return self.make(num_format="@", text_wrap=True)

    @property
    def paragraph(self) -> Format:
        """Return the format of a paragraph of a text section."""
        return self.make(num_format="@", text_wrap=True, valign="top")

    @property
    def paragraph_number(self) -> Format:
        """Return the format of a paragraph's number."""
        return self.make(valign="top", align="center", font_color=NOTE_FONT)

    @property
    def no_text(self) -> Format:
        """Return the format of a section without text."""
        return self.make(font_color=NOTE_FONT, valign="top")

    @property
    def explanation(self) -> Format:
        """Return the format of the explanation under a sheet's title."""
        return self.make(text_wrap=True, border=0, font_color=NOTE_FONT)

    @property
    def remark(self) -> Format:
        """Return the format of a remark."""
        return self.make(text_wrap=True, border=0)

    @property
    def heading(self) -> Format:
        """Return the format of a chart's heading."""
        return self.make(font_name=HEADING_FONT, font_size=12, border=0)

    def label(self, is_total: bool, is_repeated: bool) -> Format:
        """Return the format of a name before its numbers: bold for a total, pale if the row above has the same name."""
        return self.make(
            text_wrap=True, bold=is_total, **({"font_color": NOTE_FONT} if is_repeated and not is_total else {})
        )

    def fill(self, colour: str) -> Format:
        """Return a format with a colour only, for conditions."""
        return self._add({"bg_color": colour})

    def number(self, num_format: str, is_total: bool = False) -> Format:
        """Return the format of a number."""
        return self.make(num_format=num_format, align="right", bold=is_total)


def decimals_of(numbers: list[Number]) -> int:
    """Return the largest number of decimals among the numbers."""
    return max((len(number_text(number).partition(".")[2]) for number in numbers), default=0)


def plain_format(decimals: int) -> str:
    """Return the number format for a value."""
    return f"0.{'0' * decimals}" if decimals else "0"


def number_length(number: Number, decimals: int) -> int:
    """Return how many characters a number has when shown with so many decimals."""
    return len(number_text(number).partition(".")[0]) + (1 + decimals if decimals else 0)


def change_format(decimals: int) -> str:
    """Return the number format for a change: signed, and 0 without a sign."""
    shape = plain_format(decimals)
    return f"+{shape};-{shape};0"


def cell_number(number: Number | None) -> int | float | None:
    """Return a number as a spreadsheet stores it, None if the spreadsheet would not keep all of its digits."""
    if number is None:
        return None
    digits = number_text(number).lstrip("-").replace(".", "").strip("0")
    if len(digits) > SIGNIFICANT:
        return None
    return float(number) if isinstance(number, Decimal) else number
