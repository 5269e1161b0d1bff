"""Does one piece of work for each file of a batch, on all cores or on a cluster, and gives the results in order.

A file whose process dies, and a file that takes too long, cost themselves alone. What comes out does not depend on the
number of workers.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar

from toolkit.problems import Problem

SECONDS = 60.0
"""What one file may take; a usual one takes some thousandths of a second."""
QUEUED = 32
"""Files a worker that are under way or waiting: enough to keep all busy, few enough to hold in memory."""

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work: so many processes on this machine, or a Dask cluster when `scheduler` names one."""

    workers: int = 1
    seconds: float = SECONDS
    scheduler: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """Work that gave no result, and why, in words."""

    reason: str


def crew_of(workers: int | None, scheduler: str = "", seconds: float = SECONDS) -> Crew:
    """The crew that a call asks for: all cores unless it says how many."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Crew(workers or cores, seconds, scheduler)


def run_each(work: Callable[[Job], Result], jobs: Iterable[Job], crew: Crew) -> Iterator[tuple[Job, Result | Lost]]:
    """Each job with what `work` makes of it, in the order of the jobs, of which only a few are taken up ahead.

    `work` and the jobs go to other processes, unless there is only one job. Raises Problem when a cluster cannot be
    reached or is lost.
    """
    jobs = iter(jobs)
    first = list(islice(jobs, 2))
    if len(first) < 2:
        return ((job, work(job)) for job in first)
    everything = chain(first, jobs)
    if crew.scheduler:
        from toolkit.batch.cluster import run_on_cluster

        return run_on_cluster(work, everything, crew.scheduler)
    return _in_processes(work, everything, crew)


def _in_processes(
    work: Callable[[Job], Result], jobs: Iterable[Job], crew: Crew
) -> Iterator[tuple[Job, Result | Lost]]:
    from pebble import ProcessPool

    pool: Any = ProcessPool(max_workers=crew.workers, context=_context(work))
    try:
        submitted = ((job, pool.schedule(work, args=[job], timeout=crew.seconds)) for job in jobs)
        for job, future in _ahead(submitted, crew.workers * QUEUED):
            yield job, _outcome(future, crew.seconds)
    finally:
        pool.stop()
        pool.join()


def _context(work: Callable[[Job], Result]) -> multiprocessing.context.BaseContext:
    """New processes come from a server that has no threads and has loaded the work already, where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([type(work).__module__])
    return context


def _ahead(submitted: Iterator[tuple[Job, Future[Result]]], many: int) -> Iterator[tuple[Job, Future[Result]]]:
    """The same in order, `many` of them taken up ahead."""
    waiting = deque(islice(submitted, many))
    while waiting:
        yield waiting.popleft()
        waiting.extend(islice(submitted, 1))


def _outcome(future: Future[Any], seconds: float) -> Any:
    from pebble import ProcessExpired

    try:
        return future.result()
    except TookTooLong:
        return Lost(
            f"处理超过 {seconds:g} 秒还没有完成，已放弃。请让报送单位用空白模板重新填报，或加大 --seconds 再试。"
        )
    except ProcessExpired:
        return Lost("处理时进程意外中止，没有结果，其他文件不受影响。请让报送单位用空白模板重新填报。")
    except Problem:
        raise
    except Exception as error:  # whatever it is, it costs this file alone
        return Lost(f"内容超出了预料（{type(error).__name__}），没有处理。请把这个文件发给维护人员。")
