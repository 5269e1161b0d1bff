"""Last year's numbers (上年) beside this year's, for the data page: what is compared, what changed, what is charted.

Numbers are `int` or `Decimal` throughout; what was not filled in has none, and neither has what follows from it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from toolkit.carry_overs import shared_numbers
from toolkit.forms.model import Cell, Chart, Form, Number, Section
from toolkit.forms.relations import total
from toolkit.spelling import number_text
from toolkit.submission import Submission

_TENTH = Decimal("0.1")
_WIDE = Context(prec=400)
"""Exact for whatever a cell may hold."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A cell by its name in words, last year and this year."""

    cell: str
    name: str
    last: Number | None
    this: Number | None

    @property
    def change(self) -> Number | None:
        if self.last is None or self.this is None:
            return None
        if isinstance(self.last, int) and isinstance(self.this, int):
            return self.this - self.last
        return _WIDE.subtract(Decimal(self.this), Decimal(self.last))

    @property
    def percent(self) -> Decimal | None:
        """The change in percent of last year's number, to one decimal. Nothing has a share of nothing, and a share of
        less than nothing says nothing."""
        if self.change is None or self.last is None or self.last <= 0:
            return None
        share = _WIDE.divide(_WIDE.multiply(Decimal(self.change), Decimal(100)), Decimal(self.last))
        return share.quantize(_TENTH, ROUND_HALF_UP, _WIDE)


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


def own_numbers(submission: Submission) -> Mapping[str, Number]:
    """The numbers of a submission by cell, totals among them: a total of blanks only was not filled in either."""
    return shared_numbers(submission.form, submission)


def charted(chart: Chart, submission: Submission, prior: Submission | None) -> tuple[Series, ...]:
    """What a chart shows: last year first, where it has something to show. Last year's chart is that of last year's
    form, whose cells may be others: what bears the same name there means the same."""
    series = [Series(year_name(submission), _point_numbers(chart, chart, submission))]
    if prior:
        there = next((other for other in prior.form.charts if other.id == chart.id and other.unit == chart.unit), None)
        last = Series(year_name(prior), _point_numbers(chart, there, prior))
        if any(number is not None for number in last.numbers):
            series.insert(0, last)
    return tuple(series)


def year_name(submission: Submission) -> str:
    return f"{submission.year} 年"


def change_text(change: Number | None) -> str:
    """``+5``, ``-3``, ``0``; empty where there is none."""
    if change is None:
        return ""
    text = number_text(change)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"+{text}" if change > 0 else text if change < 0 else "0"


def percent_text(percent: Decimal | None) -> str:
    """``+12.5%``, ``-3.0%``, ``0.0%``; empty where there is none."""
    if percent is None:
        return ""
    return f"{percent:+.1f}%" if percent else "0.0%"


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


def _point_numbers(chart: Chart, there: Chart | None, submission: Submission) -> tuple[Number | None, ...]:
    """The numbers of a chart's points in a submission on whose form the chart is `there`."""
    numbers = own_numbers(submission)
    terms = {point.name: point.terms for point in there.points} if there else {}
    found: list[Number | None] = []
    for point in chart.points:
        mine = terms.get(point.name, ())
        found.append(total(mine, numbers) if any(term.cell in numbers for term in mine) else None)
    return tuple(found)
