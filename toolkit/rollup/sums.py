"""Adds submissions up, exactly: counts as whole numbers, money as decimals.

A cell that is blank everywhere stays blank. What cannot be added (texts, choices) is left for the editor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import cache

from toolkit.forms.model import Cell, Form, Number
from toolkit.problems import Problem
from toolkit.submission.model import Submission, Value
from toolkit.submission.spelling import tidy

_EXACT = Context(prec=400)
"""So many digits that no sum of figures that can be read is ever rounded."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one submission adds to a sum, in little room.

    `figures` are in the order of `summed_cells`, None where there is no number; `misread` has what stood in those of
    them that hold a text that is no number, `others` what stands in cells that cannot be added, `blank` are the totals
    that it does not have. `also` are further names of the agency, `parts` the agencies whose sum it is already,
    `source` the file that it comes from.
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

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the agency goes by."""
        return self.agency, *self.also

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum itself."""
        return bool(self.parts)


@cache
def summed_cells(form: Form) -> tuple[Cell, ...]:
    """The filled cells that are added up; totals follow from them."""
    return tuple(cell for cell in form.filled if cell.kind.is_number)


@cache
def other_cells(form: Form) -> tuple[Cell, ...]:
    """The filled cells that cannot be added up."""
    return tuple(cell for cell in form.filled if not cell.kind.is_number)


def share_of(submission: Submission, source: str = "") -> Share:
    """What a submission adds to a sum; odd spellings count as they were understood."""
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
    )


def plus(one: Number | None, other: Number | None) -> Number | None:
    """The exact sum; a blank adds nothing, and two blanks are one."""
    if one is None or other is None:
        return other if one is None else one
    return one + other if isinstance(one, int) and isinstance(other, int) else _EXACT.add(one, other)


def added(figures: Iterable[Number | None]) -> Number | None:
    """The exact sum of any number of figures."""
    total: Number | None = None
    for figure in figures:
        total = plus(total, figure)
    return total


def roll_up(submissions: Iterable[Submission], agency: str) -> Submission:
    """The sum of submissions as the one of `agency`: figures added, texts empty, the parts named.

    Raises Problem when there are none, or when they are of several forms or years. Whether an agency is counted twice
    is for `toolkit.rollup.refusals` to say.
    """
    shares, form = list[Share](), None
    for submission in submissions:
        form = form or submission.form
        shares.append(share_of(submission))
    if form is None:
        raise Problem("没有可以汇总的报送。")
    kinds = sorted({(share.form, share.year) for share in shares})
    if len(kinds) > 1:
        words = "、".join(f"格式 {form_id} {year} 年" for form_id, year in kinds)
        raise Problem(f"不同格式、不同年度的报送不能相加：{words}。请分开汇总。")
    return sum_of(form, shares[0].year, agency, shares)


def sum_of(form: Form, year: int, agency: str, shares: Sequence[Share]) -> Submission:
    """The sum of shares that are all of this form and year."""
    values: dict[str, Value] = {cell.id: None for cell in form.filled}
    for number, cell in enumerate(summed_cells(form)):
        total = added(share.figures[number] for share in shares)
        values[cell.id] = None if total is None else tidy(Decimal(total), cell.kind)
    parts = dict.fromkeys(name for share in shares for name in (*share.names, *share.parts) if name)
    unstated = frozenset.intersection(*(share.blank for share in shares)) if shares else frozenset()
    return Submission(form, agency, year, values, {}, unstated=unstated, parts=tuple(parts))
