"""One sheet of a returned workbook as it was read, and the values of its cells."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Any

from toolkit.excel.addresses import Position, address
from toolkit.forms.model import Kind
from toolkit.submission.model import Irregularity, Value
from toolkit.submission.spelling import number_text, plain_number, tidy
from toolkit.workbook.raw_rows import cell_words


@dataclass(frozen=True, slots=True)
class SheetValues:
    """The values of one sheet. `unread` holds texts for cells that read as empty but are not: error values and formulas
    without a result."""

    name: str
    rows: Sequence[Sequence[Any]]
    unread: Mapping[Position, str] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """The number of columns of the longest row."""
        return max(map(len, self.rows), default=0)

    def filled(self, top: int) -> Iterator[Position]:
        """Yield the positions of all cells that are not empty, from the row `top` on."""
        for row in range(top, self.height):
            for column, value in enumerate(self.rows[row]):
                if value != "":
                    yield row, column

    def at(self, row: int, column: int) -> Any:
        """Return the value of a cell, an empty text if there is none."""
        value = self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""
        return self.unread.get((row, column), "") if value == "" and self.unread else value


def stray(sheet: SheetValues, positions: Iterable[Position]) -> Iterator[Irregularity]:
    """Yield one irregularity for everything that stands at these positions, nothing if they are empty."""
    there = [(position, value) for position in positions if text_of(value := sheet.at(*position))]
    if there:
        first, *also = (f"{sheet.name}!{address(*position)}" for position, _ in there)
        yield Irregularity("outside-form", first, text_of(there[0][1]), also=tuple(also))


_TEXT = Kind("text")
EXACT_BELOW = 1e15
"""A spreadsheet keeps 15 digits: every whole number below this is exact."""


def value_of(raw: Any, kind: Kind) -> Value:
    """Return the value of a cell: a number, a text that is not a plain number, or None for a blank."""
    if isinstance(raw, float) and isfinite(raw):
        if kind.is_whole and raw.is_integer() and abs(raw) < EXACT_BELOW:
            return int(raw)
        return tidy(decimal_of(raw), kind) if kind.is_number else number_text(decimal_of(raw))
    if isinstance(raw, str):
        if not raw or not raw.strip():
            return None
        number = plain_number(raw) if kind.is_number else None
        return raw if number is None else tidy(number, kind)
    return str(cell_words(raw))


def text_of(raw: Any) -> str:
    """Return the value of a cell as text, empty for a blank."""
    value = value_of(raw, _TEXT)
    return "" if value is None else str(value)


def decimal_of(number: float) -> Decimal:
    """Return the decimal that a spreadsheet's number stands for. It has 15 digits; further digits are binary rounding
    errors."""
    return Decimal(format(Decimal(f"{number:.15g}"), "f"))
