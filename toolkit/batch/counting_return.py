"""Decides which of several returns of an agency counts (以哪份为准), and says when that cannot be told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.batch.archives import TIME_STEP
from toolkit.batch.ledger import COUNTS_FIRST, MERIT, Ledger


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the returns of an agency. `merit` is what goes before time: filled in, readable, its signature proven, not
    refused; `content` is the same for copies."""

    id: int
    entry: int | None
    name: str
    agency: str
    status: str
    changed: float
    is_in_archive: bool
    content: tuple[str, str]
    merit: tuple[int, int, int, int]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return bool(self.merit[0])

    @property
    def is_genuine(self) -> bool:
        """Whether its signature proves that it came on the agency's own template."""
        return not self.merit[2]

    @property
    def is_return(self) -> bool:
        """Whether it can be read and was filled in."""
        return self.merit[:2] == (0, 0)


def contenders(ledger: Ledger, where: str, *values: object, order: str = "") -> Iterator[Contender]:
    """Yield the returns for which a condition holds, the first that counts first."""
    sql = (
        f"SELECT r.id, r.entry, r.name, c.agency, r.status, r.changed, i.members, c.digest, c.suffix, {MERIT}"
        " FROM returns r JOIN contents c ON c.id = r.content LEFT JOIN items i ON i.id = r.item"
        f" WHERE {where} ORDER BY {order}{COUNTS_FIRST}"
    )
    for number, entry, name, agency, status, changed, members, digest, suffix, *merit in ledger.query(sql, *values):
        rank: tuple[int, int, int, int] = (merit[0], merit[1], merit[2], merit[3])
        is_in_archive = (members or "[]") != "[]"
        yield Contender(number, entry, name, agency, status, changed, is_in_archive, (digest, suffix), rank)


def tied(group: Sequence[Contender]) -> list[Contender]:
    """Return those of an agency's returns between which it cannot be told which is the newest; nothing when the first
    one counts. A copy, byte for byte, is no rival."""
    first = group[0]
    rivals = [
        other
        for other in group[1:]
        if other.merit == first.merit and other.content != first.content and _at_the_same_time(first, other)
    ]
    return sorted([first, *rivals], key=lambda one: one.id) if rivals and first.is_return else []


def _at_the_same_time(one: Contender, other: Contender) -> bool:
    """Whether two returns were changed at the same time, as far as their times are known."""
    is_rough = one.is_in_archive != other.is_in_archive
    return abs(one.changed - other.changed) < TIME_STEP if is_rough else one.changed == other.changed
