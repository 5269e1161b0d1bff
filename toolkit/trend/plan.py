"""Where everything stands in the trend workbook before it is written: the sheets of the sections, their rows, and from
these the formulas that refer to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.forms.model import Term
from toolkit.trend.formats import cell_number
from toolkit.trend.years import Trend, TrendLine, TrendSection
from toolkit.workbook.formulas import Positions, sum_text

OVERVIEW, TEXTS = "总览", "文字"
HEAD_ROW = 2
"""Years and, in the row below, what of a change a column holds."""
FIRST_ROW = HEAD_ROW + 2
FIRST_YEAR = 2
"""The column of the oldest year, behind the names of row and column."""
FORMULA_LIMIT, SUM_LIMIT = 8000, 250
"""Characters of a formula, and ranges that a sum may have."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row across the sheet: the caption of a table, or what is said before the lines of an older edition."""

    text: str
    edition: bool = False


Row = TrendLine | TextRow


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """A section's sheet: what stands in each row from `FIRST_ROW` on."""

    name: str
    page: TrendSection
    rows: tuple[Row, ...]

    @property
    def lines(self) -> tuple[TrendLine, ...]:
        return tuple(row for row in self.rows if isinstance(row, TrendLine))


class TrendPlan:
    """The sheets of a trend and the cells of each year in them."""

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
        """The column of a year's values."""
        return FIRST_YEAR + self.trend.years.index(year)

    def change_column(self, this: int) -> int:
        """The column of the change up to a year, its percent is in the next one."""
        return FIRST_YEAR + len(self.trend.years) + 2 * (self.trend.years.index(this) - 1)

    def sum_formula(self, year: int, terms: Sequence[Term], home: str = "") -> str:
        """The formula of a signed sum of a year's cells; empty where a spreadsheet could not count it."""
        numbers = [self._lines[year, term.cell].number(year) for term in terms]
        if not terms or any(number is not None and cell_number(number) is None for number in numbers):
            return ""
        formula = "=" + sum_text(terms, self._positions[year], home)
        return formula if len(formula) <= FORMULA_LIMIT and formula.count(",") < SUM_LIMIT else ""


def _sheets(trend: Trend) -> Iterator[SheetPlan]:
    """The sheets by the names that they have in the template, numbered where one is taken already."""
    taken = {OVERVIEW, TEXTS}
    for page in trend.pages:
        name, number = page.id, 1
        while name.casefold() in taken:
            number += 1
            name = f"{page.id}（{number}）"
        taken.add(name.casefold())
        yield SheetPlan(name, page, tuple(_rows(page, trend)))


def _rows(page: TrendSection, trend: Trend) -> Iterator[Row]:
    """Lines under the captions of their tables; those that only an older edition has under its name."""
    edition = ""
    for block in page.blocks:
        if block.edition != edition:
            edition = block.edition
            years = next("、".join(map(str, one.years)) for one in trend.editions if one.name == edition)
            yield TextRow(f"以下各项只在「{edition}」（{years} 年）中有", edition=True)
        if block.caption:
            yield TextRow(block.caption)
        yield from block.lines
