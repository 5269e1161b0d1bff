"""Rounds (轮次): each different return of an agency is one. Two of them are compared finding by finding and cell by
cell."""

from dataclasses import dataclass

from toolkit.checks.findings import Finding


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that changed between two rounds: its id, its place in words, both figures as text (empty for a blank).
    `is_asked` is True if a finding of the round before named the cell."""

    cell: str
    place: str
    before: str
    after: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class RoundComparison:
    """A round compared with the one before: findings that were mended (已改), that still stand (未改), that are new
    (新出现), and that the agency has explained (已说明); and the cells that changed. `number` counts the rounds of an
    agency from 1; 0 if there is no return. In the first round every finding is new."""

    number: int = 0
    fixed: tuple[Finding, ...] = ()
    remaining: tuple[Finding, ...] = ()
    new: tuple[Finding, ...] = ()
    explained: tuple[Finding, ...] = ()
    changes: tuple[CellChange, ...] = ()


NO_COMPARISON = RoundComparison()
