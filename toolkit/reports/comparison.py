"""Compares last year's numbers (上年) with this year's, for the data page: numbers, changes, and series for charts.

Numbers are `int` or `Decimal`. A blank cell has no number, and no change is computed from it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from toolkit.forms.model import Cell, Chart, Form, Number, Section
from toolkit.forms.relations import total
from toolkit.submission.carry_overs import own_numbers, same_points, shared_numbers
from toolkit.submission.changes import change_of, percent_of
from toolkit.submission.model import Submission


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A cell with its name in words, last year's number and this year's."""

    cell: str
    name: str
    last: Number | None
    this: Number | None

    @property
    def change(self) -> Number | None:
        """Return this year's number minus last year's, None if one is missing."""
        return change_of(self.last, self.this)

    @property
    def percent(self) -> Decimal | None:
        """Return the change in percent, None if it cannot be computed."""
        return percent_of(self.last, self.this)


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """The compared cells of a section of tables."""

    title: str
    lines: tuple[ComparedCell, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """The bars of one year in the order of the chart's points; None where nothing was filled in."""

    name: str
    numbers: tuple[Number | None, ...]


def comparison(submission: Submission, prior: Submission | None) -> tuple[ComparedSection, ...]:
    """Return this year's numbers beside last year's, section by section. In a table whose every row has a total only
    the totals are compared, in other tables every number."""
    form = submission.form
    this = own_numbers(submission)
    last = shared_numbers(form, prior) if prior else {}
    sections = []
    for section in form.table_sections:
        lines = [
            ComparedCell(cell.id, name, last.get(cell.id), this.get(cell.id))
            for cell, name in _with_distinct_names(_named_cells(form, section))
        ]
        if lines:
            sections.append(ComparedSection(section.title, tuple(lines)))
    return tuple(sections)


def chart_series(chart: Chart, submission: Submission, prior: Submission | None) -> tuple[Series, ...]:
    """Return the series of a chart, last year's first. Last year is left out if it has no number."""
    series = [Series(year_name(submission), point_numbers(chart, submission))]
    if prior:
        last = Series(year_name(prior), point_numbers(chart, prior))
        if any(number is not None for number in last.numbers):
            series.insert(0, last)
    return tuple(series)


def year_name(submission: Submission) -> str:
    """Return the year of a submission as shown in tables and charts."""
    return f"{submission.year} 年"


def _named_cells(form: Form, section: Section) -> list[tuple[Cell, str]]:
    """Return the cells to compare with short names: the last two levels of the row label, and the column if a row has
    several of these cells."""
    row_totals = {case.total for case in form.cases if case.relation.defines and case.relation.per == "row"}
    found: list[tuple[Cell, str]] = []
    for table in section.tables:
        cells = [cell for cell in form.cells.values() if cell.table == table.id and cell.kind.is_number]
        totals = [cell for cell in cells if cell.id in row_totals]
        every_row = {cell.row for cell in totals} == set(table.rows)
        one_a_row = every_row and len(totals) == len(table.rows)
        for cell in totals if every_row else cells:
            row = (*cell.row.label[-2:-1], cell.row.short)
            found.append((cell, "：".join(row if one_a_row else (*row, cell.column.short))))
    return found


def _with_distinct_names(named: Sequence[tuple[Cell, str]]) -> Iterator[tuple[Cell, str]]:
    """Yield the cells with units in their names, and with all levels where short names are alike."""
    counts = Counter(name for cell, name in named)
    for cell, short in named:
        name = short if counts[short] == 1 else "：".join(cell.labels)
        unit = cell.kind.unit
        yield cell, f"{name}（{unit}）" if unit and unit not in name else name


def point_numbers(chart: Chart, submission: Submission) -> tuple[Number | None, ...]:
    """Return the numbers of a chart's points in a submission, whatever form it uses."""
    numbers = own_numbers(submission)
    return tuple(
        total(terms, numbers) if any(term.cell in numbers for term in terms) else None
        for terms in same_points(chart, submission.form)
    )
