"""Evaluation of the relations (勾稽关系) of a form.

A computed cell stands for the sum of its parts wherever it occurs, so one wrong total never spoils another
relation. Only the case that defines it looks at what was shown there. The workbook's formulas
(`toolkit.workbook.formulas`) say the same, and a test holds the two together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from toolkit.forms.model import Case, Form, Number, Term

PRECISION = 6
"""Differences are rounded to this many decimals before they are judged, in Python and in the workbook alike:
spreadsheets count in binary and 0.1 + 0.2 must equal 0.3 there too."""

_STEP = Decimal(1).scaleb(-PRECISION)
_WIDE = Context(prec=400)
"""A returned cell may hold 1E+300; that is a finding and no reason to fail."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to: both sides, left minus right, and whether it holds."""

    case: Case
    left: Number
    right: Number
    difference: Number
    holds: bool

    @property
    def gap(self) -> Number:
        """How far apart the sides are, never negative."""
        return -self.difference if self.difference < 0 else self.difference


def total(terms: Iterable[Term], numbers: Mapping[str, Number]) -> Number:
    """The signed sum of terms; a cell without a number counts as 0."""
    result: Number = 0
    for term in terms:
        number = numbers.get(term.cell)
        if number:
            result += number if term.sign > 0 else -number
    return result


def computed_totals(form: Form, numbers: Mapping[str, Number]) -> dict[str, Number]:
    """The value of every computed cell, from the numbers of the filled ones."""
    totals: dict[str, Number] = {}
    for cell in form.computed:
        value = total(cell.parts, numbers)
        totals[cell.id] = value if cell.kind.is_whole else Decimal(value)
    return totals


def evaluate(form: Form, numbers: Mapping[str, Number], shown: Mapping[str, Number]) -> list[Outcome]:
    """Evaluate every case of a form.

    `numbers` are those of filled cells (a missing one counts as 0); `shown` are totals that a workbook or a data
    file shows in place of the computed ones.
    """
    return [_evaluate(case, numbers, shown) for case in form.cases]


def _evaluate(case: Case, numbers: Mapping[str, Number], shown: Mapping[str, Number]) -> Outcome:
    right = total(case.right.inputs, numbers)
    left = shown.get(case.total, right) if case.relation.defines else total(case.left.inputs, numbers)
    difference = left - right
    if isinstance(difference, Decimal):
        difference = difference.quantize(_STEP, ROUND_HALF_UP, _WIDE).normalize()
    operator = case.relation.operator
    holds = difference == 0 if operator == "=" else difference <= 0 if operator == "<=" else difference >= 0
    return Outcome(case, left, right, difference, holds)
