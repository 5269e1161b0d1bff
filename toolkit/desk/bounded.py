"""Reads a file that somebody else made, in a process of its own with bounded time and memory."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.batch.roster import RosterReading, examine_roster
from toolkit.problems import Problem

Job = TypeVar("Job")
Made = TypeVar("Made")


def bounded(work: Callable[[Job], Made], job: Job) -> Made:
    """Return what `work` makes of a job. Raise Problem when it fails, takes too long or too much memory."""
    for _, found in run_each(work, [job], PoolSettings()):
        if isinstance(found, LostJob):
            raise Problem(found.reason)
        return found
    raise AssertionError("one job, one result")


def roster_in(path: Path) -> RosterReading:
    """Return the roster in a file with its faults. Raise Problem when it is no roster."""
    try:
        known = path.stat()
    except OSError:
        raise Problem(f"没有名册 {path}。请把名册放到“名册”这一页上。") from None
    return _roster(path, known.st_mtime_ns, known.st_size)


@lru_cache(8)
def _roster(path: Path, _changed: int, _size: int) -> RosterReading:
    return bounded(examine_roster, path)
