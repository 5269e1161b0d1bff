"""Adds both sides of every relation (勾稽关系) of a form and compares them.

The relations judge the figures that stand in the report. A total is judged once, by the relation that defines it. Every
other relation takes the total that stands there, right or wrong. If nobody wrote the total, the computed one counts.

A total of totals is accepted in two forms: the sum of the filled cells, or the sum of the smaller totals as written.
A wrong smaller total is reported once, at its own place. If nobody wrote the total of totals, a relation holds if it
holds with one of these two sums.

The workbook's formulas (`toolkit.workbook.formulas`) must always agree with this module. A test compares the two.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from toolkit.forms.fields import Operator
from toolkit.forms.model import Case, Form, Number, Term

PRECISION = 6
"""Differences are rounded to this many decimals before they are judged, in Python and in the workbook. Spreadsheets
calculate in binary, and 0.1 + 0.2 must equal 0.3 there too."""

_STEP = Decimal(1).scaleb(-PRECISION)
_WIDE = Context(prec=400)
"""A returned cell may hold 1E+300. That is a finding, and the program must not fail."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a case: both sides, left minus right, and whether it holds."""

    case: Case
    left: Number
    right: Number
    difference: Number
    holds: bool

    @property
    def gap(self) -> Number:
        """Return how far apart the sides are. It is never negative."""
        return -self.difference if self.difference < 0 else self.difference


def total(terms: Iterable[Term], numbers: Mapping[str, Number]) -> Number:
    """Return the signed sum of terms. A cell without a number counts as 0."""
    result: Number = 0
    for term in terms:
        number = numbers.get(term.cell)
        if number:
            result += number if term.sign > 0 else -number
    return result


def computed_totals(form: Form, numbers: Mapping[str, Number]) -> dict[str, Number]:
    """Return the value of every computed cell, from the numbers of the filled cells."""
    totals: dict[str, Number] = {}
    for cell in form.computed:
        value = total(cell.parts, numbers)
        totals[cell.id] = value if cell.kind.is_whole else Decimal(value)
    return totals


@cache
def definitions(form: Form) -> Mapping[str, tuple[tuple[Term, ...], ...]]:
    """Return what each computed cell is the sum of, as its defining relations declare it. Parts may be totals, too."""
    found: dict[str, tuple[tuple[Term, ...], ...]] = {}
    for case in form.cases:
        if case.relation.defines:
            found[case.total] = (*found.get(case.total, ()), case.right.terms)
    return found


@cache
def is_sum_of_totals(form: Form, cell: str) -> bool:
    """Return True if a computed cell may be the sum of other totals: it may be right although a part of it is wrong."""
    return any(form.cells[term.cell].computed for terms in definitions(form)[cell] for term in terms)


@cache
def _sums_of_totals(form: Form) -> tuple[str, ...]:
    """Return the computed cells that may be sums of totals, each after the totals that it adds up."""
    sums = [cell for cell in definitions(form) if is_sum_of_totals(form, cell)]
    ordered: list[str] = []
    for _ in sums:  # as many rounds as there can be levels
        for cell in sums:
            parts = {term.cell for term in definitions(form)[cell][0]}
            if cell not in ordered and parts.isdisjoint(set(sums).difference(ordered)):
                ordered.append(cell)
    return tuple(ordered)


def standing_numbers(
    form: Form, numbers: Mapping[str, Number], shown: Mapping[str, Number], unwritten: Collection[str] = ()
) -> dict[str, Number]:
    """Return the number that stands in each cell. A cell without a number is left out.

    `numbers` has the filled cells. `shown` has the totals that differ from what was computed. `unwritten` has the
    totals for which nobody wrote a number: the computed one counts, if any of the cells that it adds up has a number.
    """
    standing: dict[str, Number] = {**numbers, **shown}
    for cell, value in computed_totals(form, numbers).items():
        is_there = cell not in unwritten or any(part.cell in numbers for part in form.cells[cell].parts)
        if cell not in shown and is_there:
            standing[cell] = value
    return standing


def _added_up(form: Form, standing: Mapping[str, Number], unwritten: Collection[str]) -> dict[str, Number]:
    """Return the same numbers, but each sum of totals that nobody wrote is the sum of its parts as they stand."""
    open_sums = [cell for cell in _sums_of_totals(form) if cell in unwritten]
    added = dict(standing)
    for cell in open_sums:
        added.pop(cell, None)
    for cell in open_sums:
        terms = definitions(form)[cell][0]
        if any(term.cell in added for term in terms):
            added[cell] = total(terms, added)
    return added


def evaluate(
    form: Form, numbers: Mapping[str, Number], shown: Mapping[str, Number], unwritten: Collection[str] = ()
) -> list[Outcome]:
    """Return the outcome of every case of a form on the numbers that stand in it, see `standing_numbers`.

    A cell without a number counts as 0.
    """
    standing = standing_numbers(form, numbers, shown, unwritten)
    added = _added_up(form, standing, unwritten)
    outcomes = []
    for case in form.cases:
        if case.relation.defines:
            outcomes.append(_defining(form, case, numbers, standing, added, unwritten))
        else:
            outcomes.append(_other(case, standing, added))
    return outcomes


def _defining(
    form: Form,
    case: Case,
    numbers: Mapping[str, Number],
    standing: Mapping[str, Number],
    added: Mapping[str, Number],
    unwritten: Collection[str],
) -> Outcome:
    """Return the outcome of a case that defines a total. A total that nobody wrote is never an error."""
    written, right = total(case.left.terms, standing), total(case.right.terms, standing)
    if case.total in unwritten:
        return _outcome(case, right, right)
    if is_sum_of_totals(form, case.total):
        ways = definitions(form)[case.total]
        sums = [total(terms, each) for terms in ways for each in (standing, added)]
        sums.append(total(case.right.inputs, numbers))
        if any(rounded(written - one) == 0 for one in sums):
            return _outcome(case, right, right)
    return _outcome(case, written, right)


def _other(case: Case, standing: Mapping[str, Number], added: Mapping[str, Number]) -> Outcome:
    """Return the outcome of any other case. It holds with totals as written, or with totals added up."""
    outcome = _outcome(case, total(case.left.terms, added), total(case.right.terms, added))
    if outcome.holds:
        return outcome
    return _outcome(case, total(case.left.terms, standing), total(case.right.terms, standing))


def _outcome(case: Case, left: Number, right: Number) -> Outcome:
    difference = rounded(left - right)
    return Outcome(case, left, right, difference, is_right(difference, case.relation.operator))


def is_right(difference: Number, operator: Operator) -> bool:
    """Return True if a rounded difference is one with which a relation holds."""
    return difference == 0 if operator == "=" else difference <= 0 if operator == "<=" else difference >= 0


def rounded(difference: Number) -> Number:
    """Return a difference as it is judged, see `PRECISION`."""
    if isinstance(difference, Decimal):
        return difference.quantize(_STEP, ROUND_HALF_UP, _WIDE).normalize()
    return difference
