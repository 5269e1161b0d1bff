"""Decides which of several returns of an agency counts (以哪份为准), and says when that cannot be told."""

from collections.abc import Sequence

from toolkit.batch.archives import TIME_STEP
from toolkit.batch.ledger.file_result import Contender


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
