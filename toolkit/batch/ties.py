"""Finds returns of one agency between which it cannot be told which one counts (以哪份为准).

The order in which returns count is `COUNTS_FIRST` in `toolkit.batch.ledger.rows`.
"""

from collections.abc import Sequence

from toolkit.batch.ledger.file_result import Contender
from toolkit.batch.received.archives import TIME_STEP


def tied(group: Sequence[Contender]) -> list[Contender]:
    """Return those of an agency's returns among which the newest cannot be determined; empty if the first one counts.
    An identical copy is not compared."""
    first = group[0]
    rivals = [
        other
        for other in group[1:]
        if other.merit == first.merit and other.content != first.content and _at_the_same_time(first, other)
    ]
    return sorted([first, *rivals], key=lambda one: one.id) if rivals and first.is_return else []


def _at_the_same_time(one: Contender, other: Contender) -> bool:
    """Return True if two returns were received and changed at the same time, as far as the times are known."""
    step = TIME_STEP if one.is_in_archive != other.is_in_archive else 0.0
    apart = abs(one.received - other.received), abs(one.changed - other.changed)
    return all(time == 0 or time < step for time in apart)
