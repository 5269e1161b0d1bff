"""Last year's figures (上年数) beside this year's: which cells of the two reports have the same meaning, and which
figures are carried over (结转) from one into the other.

The two reports may use different editions of the form. A cell is compared if both forms have it with the same labels, a
point of a chart if both charts have one of the same name.
"""

import unicodedata
from collections.abc import Mapping

from toolkit.forms.model import Cell, Chart, Form, Number, Term
from toolkit.submission.model import Submission


def shared_numbers(form: Form, prior: Submission) -> dict[str, Number]:
    """Return last year's numbers by the cells of this year's form: cells that both forms have and that were filled in.
    A total whose parts are all blank counts as not filled in."""
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
    """Return the numbers of a submission by cell, with its totals. A total whose parts are all blank counts as not
    filled in."""
    return shared_numbers(submission.form, submission)


def same_cell(cell: Cell, there: Cell) -> bool:
    """Return True if two cells with the same id have the same meaning: editions may use one id for different things."""
    return _compared_labels(cell) == _compared_labels(there) and cell.kind.unit == there.kind.unit


def same_points(chart: Chart, form: Form) -> tuple[tuple[Term, ...], ...]:
    """Return, for each point of a chart, the terms that it sums in `form`; empty terms where the form has no such
    point. The chart with the same id may have other cells there; points with the same name have the same meaning."""
    there = next((other for other in form.charts if other.id == chart.id and other.unit == chart.unit), None)
    terms = {point.name: point.terms for point in there.points} if there else {}
    return tuple(terms.get(point.name, ()) for point in chart.points)


def _compared_labels(cell: Cell) -> str:
    """Return the labels of a cell in the form in which they are compared."""
    return "".join(unicodedata.normalize("NFKC", "›".join(cell.labels)).split())


def last_figures(form: Form, prior: Submission) -> Mapping[str, Number]:
    """Return last year's figures that this year's are compared with, by carry-over case, totals included."""
    last = shared_numbers(form, prior)
    return {case.id: last[case.last] for case in form.carry_overs if case.last in last}


def prefilled(form: Form, prior: Submission) -> Mapping[str, Number]:
    """Return the figures that are filled into this year's template beforehand, by carry-over case, totals included."""
    known = last_figures(form, prior)
    cases = (case for case in form.carry_overs if case.carry_over.prefill and not case.changes)
    return {case.id: known[case.id] for case in cases if case.id in known}
