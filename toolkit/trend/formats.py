"""What the trend workbook looks like, and how a number stands in a cell of it."""

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
        return self.make(bold=True, align="center", text_wrap=True, bg_color=HEADER_FILL)

    @property
    def edition(self) -> Format:
        """The head of what only an older edition has."""
        return self.make(font_name=HEADING_FONT, bg_color=HEADER_FILL, left=0, right=0)

    @property
    def band(self) -> Format:
        return self.make(bold=True, bg_color=BAND_FILL, left=0, right=0)

    @property
    def absent(self) -> Format:
        """Where the form of a year has no such cell."""
        return self.make(bg_color=ABSENT_FILL)

    @property
    def no_number(self) -> Format:
        """A text where a number should be."""
        return self.make(num_format="@", text_wrap=True, align="right", font_color=FAIL_FONT)

    @property
    def text(self) -> Format:
        return self.make(num_format="@", text_wrap=True)

    @property
    def paragraph(self) -> Format:
        return self.make(num_format="@", text_wrap=True, valign="top")

    @property
    def place(self) -> Format:
        """The number of a paragraph."""
        return self.make(valign="top", align="center", font_color=NOTE_FONT)

    @property
    def nothing(self) -> Format:
        return self.make(font_color=NOTE_FONT, valign="top")

    @property
    def small(self) -> Format:
        """What explains a sheet, under its title."""
        return self.make(text_wrap=True, border=0, font_color=NOTE_FONT)

    @property
    def remark(self) -> Format:
        return self.make(text_wrap=True, border=0)

    @property
    def heading(self) -> Format:
        return self.make(font_name=HEADING_FONT, font_size=12, border=0)

    def label(self, leads: bool, again: bool) -> Format:
        """A name before its numbers: bold for a total, pale where the line above said it already."""
        return self.make(text_wrap=True, bold=leads, **({"font_color": NOTE_FONT} if again and not leads else {}))

    def fill(self, colour: str) -> Format:
        """A colour alone, for conditions."""
        return self._add({"bg_color": colour})

    def number(self, num_format: str, leads: bool = False) -> Format:
        return self.make(num_format=num_format, align="right", bold=leads)


def decimals_of(numbers: list[Number]) -> int:
    """How many decimals the numbers have at most."""
    return max((len(number_text(number).partition(".")[2]) for number in numbers), default=0)


def plain_format(decimals: int) -> str:
    return f"0.{'0' * decimals}" if decimals else "0"


def number_length(number: Number, decimals: int) -> int:
    """How long a number is when it is shown with so many decimals."""
    return len(number_text(number).partition(".")[0]) + (1 + decimals if decimals else 0)


def change_format(decimals: int) -> str:
    """Signed, and a bare 0."""
    shape = plain_format(decimals)
    return f"+{shape};-{shape};0"


def cell_number(number: Number | None) -> int | float | None:
    """A number as a spreadsheet holds it, None for one that it would not keep to the last digit."""
    if number is None:
        return None
    digits = number_text(number).lstrip("-").replace(".", "").strip("0")
    if len(digits) > SIGNIFICANT:
        return None
    return float(number) if isinstance(number, Decimal) else number
