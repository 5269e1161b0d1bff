"""Last year's figures (上年数) beside this year's: which cells of the two reports mean the same, and what is carried
over from one into the other.

The two may be on different editions of the form: a cell is compared where both have it under the same labels, a point
of a chart where both charts have one of the same name.
"""

import unicodedata
from collections.abc import Mapping

from toolkit.forms.model import Cell, Chart, Form, Number, Term
from toolkit.submission.model import Submission


def shared_numbers(form: Form, prior: Submission) -> dict[str, Number]:
    """Last year's numbers, by the cells of this year's form: those that both forms have, and that were filled in.
    A total of blanks only was not filled in either."""
    found: dict[str, Number] = {}
    for cell_id, cell in form.cells.items():
        there = prior.form.cells.get(cell_id)
        if there is None or not cell.kind.is_number or not same_cell(cell, there):
            continue
        if there.computed and any(part.cell in prior.numbers for part in there.parts):
            found[cell_id] = prior.totals[cell_id]
        elif cell_id in prior.numbers:
            found[cell_id] = prior.numbers[cell_id]
    return found


def own_numbers(submission: Submission) -> Mapping[str, Number]:
    """The numbers of a submission by cell, totals among them: a total of blanks only was not filled in either."""
    return shared_numbers(submission.form, submission)


def same_cell(cell: Cell, there: Cell) -> bool:
    """Whether two cells of one id mean the same: editions may give one id to different things."""
    return _plain(cell) == _plain(there) and cell.kind.unit == there.kind.unit


def same_points(chart: Chart, form: Form) -> tuple[tuple[Term, ...], ...]:
    """What the points of a chart are the sums of in a form, in order; empty where it has none. The chart of the same
    id there may have other cells: a point that bears the same name means the same."""
    there = next((other for other in form.charts if other.id == chart.id and other.unit == chart.unit), None)
    terms = {point.name: point.terms for point in there.points} if there else {}
    return tuple(terms.get(point.name, ()) for point in chart.points)


def _plain(cell: Cell) -> str:
    return "".join(unicodedata.normalize("NFKC", "›".join(cell.labels)).split())


def prefilled(form: Form, prior: Submission) -> Mapping[str, Number]:
    """What this year's template is filled in with beforehand, by carry-over case; totals are among them."""
    last = shared_numbers(form, prior)
    return {
        case.id: last[case.last]
        for case in form.carry_overs
        if case.carry_over.prefill and case.last in last and not case.changes
    }
