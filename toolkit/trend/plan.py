"""The layout of the trend workbook (趋势) before it is written: the sheets of the sections, their rows, and the
formulas that refer to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.forms.model import Term
from toolkit.trend.formats import cell_number
from toolkit.trend.years import Trend, TrendLine, TrendSection
from toolkit.workbook.formulas import Positions, sum_text

OVERVIEW, TEXTS = "总览", "文字"
HEAD_ROW = 2
"""The row of the years. The row below says what each column of a change holds."""
FIRST_ROW = HEAD_ROW + 2
FIRST_YEAR = 2
"""The column of the oldest year, after the names of row and column."""
FORMULA_LIMIT, SUM_LIMIT = 8000, 250
"""Most characters of a formula, and most ranges of a sum."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row across the sheet: the caption of a table, or (`edition`) the heading over the lines of an older edition."""

    text: str
    edition: bool = False


Row = TrendLine | TextRow


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """The sheet of a section: what stands in each row from `FIRST_ROW` on."""

    name: str
    page: TrendSection
    rows: tuple[Row, ...]

    @property
    def lines(self) -> tuple[TrendLine, ...]:
        """Return the rows that are lines of figures."""
        return tuple(row for row in self.rows if isinstance(row, TrendLine))


class TrendPlan:
    """The sheets of a trend, and the place of each year's cells in them."""

    def __init__(self, trend: Trend) -> None:
        self.trend = trend
        self.sheets = tuple(_sheets(trend))
        self._positions = {year: self._positions_of(year) for year in trend.years}
        self._lines = {(year, cell): line for line in trend.lines for year, cell in line.cells.items()}

    def _positions_of(self, year: int) -> Positions:
        return {
            row.cells[year]: (sheet.name, number, self.column(year))
            for sheet in self.sheets
            for number, row in enumerate(sheet.rows, FIRST_ROW)
            if isinstance(row, TrendLine) and year in row.cells
        }

    def column(self, year: int) -> int:
        """Return the column of a year's values."""
        return FIRST_YEAR + self.trend.years.index(year)

    def change_column(self, this: int) -> int:
        """Return the column of the change up to a year. Its percent is in the next column."""
        return FIRST_YEAR + len(self.trend.years) + 2 * (self.trend.years.index(this) - 1)

    def sum_formula(self, year: int, terms: Sequence[Term], home: str = "") -> str:
        """Return the formula of a signed sum of a year's cells; empty if a spreadsheet could not compute it."""
        numbers = [self._lines[year, term.cell].number(year) for term in terms]
        if not terms or any(number is not None and cell_number(number) is None for number in numbers):
            return ""
        formula = "=" + sum_text(terms, self._positions[year], home)
        return formula if len(formula) <= FORMULA_LIMIT and formula.count(",") < SUM_LIMIT else ""


def _sheets(trend: Trend) -> Iterator[SheetPlan]:
    """Yield the sheets under the names that they have in the template, numbered if a name is taken already."""
    taken = {OVERVIEW, TEXTS}
    for page in trend.pages:
        name, number = page.id, 1
        while name.casefold() in taken:
            number += 1
            name = f"{page.id}（{number}）"
        taken.add(name.casefold())
        yield SheetPlan(name, page, tuple(_rows(page, trend)))


def _rows(page: TrendSection, trend: Trend) -> Iterator[Row]:
    """Yield the lines under the captions of their tables. Lines that only an older edition has stand under its name."""
    edition = ""
    for block in page.blocks:
        if block.edition != edition:
            edition = block.edition
            years = next("、".join(map(str, one.years)) for one in trend.editions if one.name == edition)
            yield TextRow(f"以下各项只在「{edition}」（{years} 年）中有", edition=True)
        if block.caption:
            yield TextRow(block.caption)
        yield from block.lines
