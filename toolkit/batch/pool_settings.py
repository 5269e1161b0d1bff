"""Who does the work of a batch, and what comes of work that gave nothing."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from toolkit.problems import Cause, Problem, Unreadable, unexpected

SECONDS = 60.0
"""What one file may take; a usual one takes some thousandths of a second."""
MEMORY = 400
"""MB that the work on one file may take; a usual one takes less than 100."""

Job = TypeVar("Job")
JobResult = TypeVar("JobResult")


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Who does the work, so many processes on this machine or a Dask cluster when `scheduler` names one, and what the
    work on one file may take: seconds, and MB of memory."""

    workers: int = 1
    seconds: float = SECONDS
    scheduler: str = ""
    memory: int = MEMORY


@dataclass(frozen=True, slots=True)
class LostJob:
    """Work that gave no result, and why: in words, and for programs."""

    reason: str
    cause: Cause = "content"


def pool_settings(
    workers: int | None, scheduler: str = "", seconds: float = SECONDS, memory: int = MEMORY
) -> PoolSettings:
    """Return the settings that a call asks for: all cores unless it says how many."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return PoolSettings(workers or cores, seconds, scheduler, memory)


def attempt(work: Callable[[Job], JobResult], job: Job) -> JobResult | LostJob:
    """What work makes of a job; whatever it meets costs this job alone."""
    try:
        return work(job)
    except Unreadable as problem:
        return LostJob(problem.message, problem.cause)
    except Problem as problem:
        return LostJob(problem.message)
    except Exception as error:
        unforeseen = unexpected(error)
        return LostJob(unforeseen.message, unforeseen.cause)
