"""Settings of the worker pool (进程池), and the result of a job that failed."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from toolkit.problems import Cause, Problem, Unreadable, unexpected

SECONDS = 60.0
"""Seconds that one file may take; a usual one takes some thousandths of a second."""
MEMORY = 400
"""Memory in MB that the work on one file may take; a usual one takes less than 100."""

Job = TypeVar("Job")
JobResult = TypeVar("JobResult")


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Where the work is done, and the limits for one file.

    `workers` is the number of processes on this machine, 0 for this process alone (without limits). `scheduler` is the
    address of a Dask cluster, empty for none. `seconds` and `memory` (MB) are the limits for one file.
    """

    workers: int = 1
    seconds: float = SECONDS
    scheduler: str = ""
    memory: int = MEMORY


@dataclass(frozen=True, slots=True)
class LostJob:
    """A job without a result; the reason in words, and the cause for programs."""

    reason: str
    cause: Cause = "content"


def pool_settings(
    workers: int | None, scheduler: str = "", seconds: float = SECONDS, memory: int = MEMORY
) -> PoolSettings:
    """Return the settings of the pool: all cores if `workers` is None."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return PoolSettings(workers or cores, seconds, scheduler, memory)


def attempt(work: Callable[[Job], JobResult], job: Job) -> JobResult | LostJob:
    """Run `work` on one job. Return `LostJob` with the reason if it fails; other jobs are not affected."""
    try:
        return work(job)
    except Unreadable as problem:
        return LostJob(problem.message, problem.cause)
    except Problem as problem:
        return LostJob(problem.message)
    except Exception as error:
        unforeseen = unexpected(error)
        return LostJob(unforeseen.message, unforeseen.cause)
