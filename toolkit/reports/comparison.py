"""Last year's numbers (上年) beside this year's, for the data page: what is compared, what changed, what is charted.

Numbers are `int` or `Decimal` throughout; what was not filled in has none, and neither has what follows from it.
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
class Compared:
    """A cell by its name in words, last year and this year."""

    cell: str
    name: str
    last: Number | None
    this: Number | None

    @property
    def change(self) -> Number | None:
        return change_of(self.last, self.this)

    @property
    def percent(self) -> Decimal | None:
        return percent_of(self.last, self.this)


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """What of a section of tables is compared."""

    title: str
    lines: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """The bars of one year in the order of the chart's points; None where nothing was filled in."""

    name: str
    numbers: tuple[Number | None, ...]


def comparison(submission: Submission, prior: Submission | None) -> tuple[ComparedSection, ...]:
    """This year's numbers with last year's beside them, section by section. Of a table whose every row has a total
    only the totals are compared, of others every number."""
    form = submission.form
    this = own_numbers(submission)
    last = shared_numbers(form, prior) if prior else {}
    sections = []
    for section in form.table_sections:
        lines = [
            Compared(cell.id, name, last.get(cell.id), this.get(cell.id))
            for cell, name in _distinct(_named_cells(form, section))
        ]
        if lines:
            sections.append(ComparedSection(section.title, tuple(lines)))
    return tuple(sections)


def charted(chart: Chart, submission: Submission, prior: Submission | None) -> tuple[Series, ...]:
    """What a chart shows: last year first, where it has something to show."""
    series = [Series(year_name(submission), point_numbers(chart, submission))]
    if prior:
        last = Series(year_name(prior), point_numbers(chart, prior))
        if any(number is not None for number in last.numbers):
            series.insert(0, last)
    return tuple(series)


def year_name(submission: Submission) -> str:
    return f"{submission.year} 年"


def _named_cells(form: Form, section: Section) -> list[tuple[Cell, str]]:
    """The cells to compare by short names: the last two levels of the row, and the column where it tells more."""
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


def _distinct(named: Sequence[tuple[Cell, str]]) -> Iterator[tuple[Cell, str]]:
    """The names with units, and with all levels where the short ones are alike."""
    often = Counter(name for cell, name in named)
    for cell, short in named:
        name = short if often[short] == 1 else "：".join(cell.labels)
        unit = cell.kind.unit
        yield cell, f"{name}（{unit}）" if unit and unit not in name else name


def point_numbers(chart: Chart, submission: Submission) -> tuple[Number | None, ...]:
    """The numbers of a chart's points in a submission, on whatever form it is."""
    numbers = own_numbers(submission)
    return tuple(
        total(terms, numbers) if any(term.cell in numbers for term in terms) else None
        for terms in same_points(chart, submission.form)
    )
