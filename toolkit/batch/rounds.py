"""Rounds (轮次): each different return of an agency is one. Two of them are compared finding by finding and cell by
cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from toolkit.checks.findings import Finding
from toolkit.forms.model import Form


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that changed between two rounds: its id, its place in words, both figures as text (empty for a blank, 公式
    for the formula of a total). `is_asked` is True if a finding of the round before named the cell."""

    cell: str
    place: str
    before: str
    after: str
    is_asked: bool

    @property
    def in_words(self) -> str:
        """Return the change as a sentence."""
        said = "" if self.is_asked else "（没有要求修改）"
        return f"{self.place}：{self.before or '空白'} 改为 {self.after or '空白'}{said}"


FORMULA = "公式"
"""What stands in a total that nobody has overwritten."""
PROGRESS = "已改", "未改", "新出现", "已说明"
"""What became of a finding since the round before."""


@dataclass(frozen=True, slots=True)
class RoundComparison:
    """A round compared with the one before: findings that were mended (已改), that still stand (未改), that are new
    (新出现), and that the agency has explained (已说明); and the cells that changed. `number` counts the rounds of an
    agency from 1; 0 if there is no return. In the first round every finding is new. `received` is when the return
    came, in seconds, and `received_by` what shows that; `first_received` is when the first one came.
    """

    number: int = 0
    fixed: tuple[Finding, ...] = ()
    remaining: tuple[Finding, ...] = ()
    new: tuple[Finding, ...] = ()
    explained: tuple[Finding, ...] = ()
    changes: tuple[CellChange, ...] = ()
    received: float | None = None
    received_by: str = ""
    first_received: float | None = None

    def word_of(self, found: Finding) -> str:
        """Return what became of a finding since the round before: 未改, 新出现 or 已说明. Return an empty text in the
        first round, unless it is explained."""
        if found.is_explained:
            return "已说明"
        if self.number < 2 or not found.is_open:
            return ""
        return "未改" if any(found.fingerprint == one.fingerprint for one in self.remaining) else "新出现"

    @property
    def counts(self) -> dict[str, int]:
        """Return how many findings were mended, still stand, are new and are explained, by their words."""
        found = self.fixed, self.remaining, self.new, self.explained
        return {word: len(findings) for word, findings in zip(PROGRESS, found, strict=True)}

    @property
    def counts_in_words(self) -> str:
        """Return the counts in words, empty in the first round."""
        return "，".join(f"{word} {count}" for word, count in self.counts.items()) if self.number > 1 else ""


NO_COMPARISON = RoundComparison()


HasRun = Callable[[str], bool]
"""Says if a rule was run in this check, by its id."""


def compared(
    number: int,
    findings: Sequence[Finding],
    before: Sequence[Finding] | None = None,
    changes: Sequence[CellChange] = (),
    has_run: HasRun = lambda _: True,
) -> RoundComparison:
    """Return a round with these findings compared with those of the round before, if there was one. What a rule found
    then is mended only if the rule has run again."""
    is_open = [found for found in findings if found.is_open]
    explained = tuple(found for found in findings if found.because is None and found.is_explained)
    still = {found.fingerprint for found in findings}
    known = {found.fingerprint for found in before or () if found.severity != "info"}
    return RoundComparison(
        number,
        tuple(
            found for found in before or () if found.is_open and found.fingerprint not in still and has_run(found.rule)
        ),
        tuple(found for found in is_open if found.fingerprint in known),
        tuple(found for found in is_open if found.fingerprint not in known),
        explained,
        tuple(changes),
    )


def changed_cells(
    form: Form, before: Mapping[str, str], after: Mapping[str, str], asked: Sequence[Finding]
) -> tuple[CellChange, ...]:
    """Return the cells with different figures in two rounds, in the order of the form. `asked` are the findings of the
    round before: a cell that they name was asked for."""
    named = {cell for found in asked if found.severity != "info" for cell in found.cells}
    changes = []
    for cell in form.cells.values():
        missing = FORMULA if cell.computed else ""
        was, now = before.get(cell.id, missing), after.get(cell.id, missing)
        if was != now:
            changes.append(CellChange(cell.id, cell.place, was, now, cell.id in named))
    return tuple(changes)
