"""Adds submissions (报送数据) up, exactly: counts as whole numbers, money as decimals.

A cell that is blank everywhere stays blank. Cells that cannot be added (texts, choices) are left to the editor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from functools import cache

from toolkit.forms.model import Cell, Form, Number
from toolkit.problems import Problem
from toolkit.rollup.summaries import summary_paragraphs
from toolkit.submission.model import Explanation, Submission, Value
from toolkit.submission.spelling import tidy

_EXACT = Context(prec=400)
"""So many digits that no sum of readable figures is ever rounded."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one submission adds to a sum, in little memory.

    `figures` are in the order of `summed_cells`, None where there is no number. `misread` has the texts in cells that
    should hold a number, `others` the values of cells that cannot be added, `blank` the totals that are blank. `also`
    are further names of the agency, `parts` the agencies that this submission is the sum of, `source` is its file,
    `explanations` are what the agency wrote to reminders (提醒).
    """

    agency: str
    year: int
    form: str
    figures: tuple[Number | None, ...]
    misread: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    source: str = ""
    explanations: tuple[Explanation, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name of the agency."""
        return self.agency, *self.also

    @property
    def is_sum(self) -> bool:
        """Return True if the submission is a sum itself."""
        return bool(self.parts)


@cache
def summed_cells(form: Form) -> tuple[Cell, ...]:
    """Return the filled cells that are added up; totals follow from them."""
    return tuple(cell for cell in form.filled if cell.kind.is_number)


@cache
def other_cells(form: Form) -> tuple[Cell, ...]:
    """Return the filled cells that cannot be added up."""
    return tuple(cell for cell in form.filled if not cell.kind.is_number)


def share_of(submission: Submission, source: str = "") -> Share:
    """Return what a submission adds to a sum. Odd spellings of a number count as they were understood."""
    numbers, values = submission.numbers, submission.values
    cells = summed_cells(submission.form)
    return Share(
        agency=submission.agency,
        year=submission.year,
        form=submission.form.id,
        figures=tuple(numbers.get(cell.id) for cell in cells),
        misread=submission.misread,
        others={cell.id: value for cell in other_cells(submission.form) if (value := values.get(cell.id)) is not None},
        texts={section: texts for section, texts in submission.texts.items() if texts},
        blank=frozenset(cell for cell in submission.unstated if submission.all_values[cell] is None),
        parts=submission.parts,
        source=source,
        explanations=submission.explanations,
    )


def plus(one: Number | None, other: Number | None) -> Number | None:
    """Return the exact sum of two figures. A blank adds nothing; the sum of two blanks is a blank."""
    if one is None or other is None:
        return other if one is None else one
    return one + other if isinstance(one, int) and isinstance(other, int) else _EXACT.add(one, other)


def added(figures: Iterable[Number | None]) -> Number | None:
    """Return the exact sum of any number of figures."""
    total: Number | None = None
    for figure in figures:
        total = plus(total, figure)
    return total


def roll_up(submissions: Iterable[Submission], agency: str) -> Submission:
    """Return the sum of submissions as the submission of `agency`: figures added, `parts` named, and texts
    that begin with sentences on the sums.

    Raise Problem when there are none, or when they have different forms or years. Double counting is not checked here,
    see `toolkit.rollup.refusals`.
    """
    shares, form = list[Share](), None
    for submission in submissions:
        form = form or submission.form
        shares.append(share_of(submission))
    if form is None:
        raise Problem("没有可以汇总的报送。")
    forms_and_years = sorted({(share.form, share.year) for share in shares})
    if len(forms_and_years) > 1:
        words = "、".join(f"格式 {form_id} {year} 年" for form_id, year in forms_and_years)
        raise Problem(f"不同格式、不同年度的报送不能相加：{words}。请分开汇总。")
    return sum_of(form, shares[0].year, agency, shares)


def sum_of(form: Form, year: int, agency: str, shares: Sequence[Share]) -> Submission:
    """Return the sum of shares, which all have this form and year. Its texts are the sentences on the sums that the
    form declares; the authority adds its own."""
    values: dict[str, Value] = {cell.id: None for cell in form.filled}
    for number, cell in enumerate(summed_cells(form)):
        total = added(share.figures[number] for share in shares)
        values[cell.id] = None if total is None else tidy(Decimal(total), cell.kind)
    parts = dict.fromkeys(name for share in shares for name in (*share.names, *share.parts) if name)
    unstated = frozenset.intersection(*(share.blank for share in shares)) if shares else frozenset()
    summed = Submission(form, agency, year, values, {}, unstated=unstated, parts=tuple(parts))
    texts = {section: tuple(said) for section, said in summary_paragraphs(summed, len(shares)).items()}
    return replace(summed, texts=texts)
