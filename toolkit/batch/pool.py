"""The worker pool (进程池): runs one job for each file of a batch, on all cores or on a cluster, and yields the results
in order.

A file whose process dies, or that takes too long, does not affect the others. The results do not depend on the number
of workers.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from toolkit.batch.pool_settings import Job, JobResult, LostJob, PoolSettings, attempt
from toolkit.batch.received.files import Found, Item, ListArchive, Lister, listed
from toolkit.files.limits import Limits

UNPACK = "请解压后再试，或加大 --seconds。"


def run_each(
    work: Callable[[Job], JobResult], jobs: Iterable[Job], pool: PoolSettings
) -> Iterator[tuple[Job, JobResult | LostJob]]:
    """Run `work` on each job. Yield each job with its result, in the order of the jobs; only a few jobs are started
    ahead.

    `work` and the jobs go to other processes, even if there is only one job, so that each keeps its limits. With 0
    workers everything is done in this process, without limits. Raise Problem when a cluster cannot be reached or is
    lost.
    """
    if not pool.workers:
        return ((job, attempt(work, job)) for job in jobs)
    if pool.scheduler:
        from toolkit.batch.cluster import run_on_cluster

        return run_on_cluster(work, jobs, pool)
    from toolkit.batch.worker_processes import run_in_processes

    return run_in_processes(work, iter(jobs), pool)


@contextmanager
def archives_listed(limits: Limits, pool: PoolSettings, accepts_reports: bool = False) -> Iterator[Lister]:
    """Yield a function that lists an archive within the limits of a file, in a process of this machine.

    Listing may take half of the time of a file, because reading a file in the archive has to open the archive again. An
    archive that takes longer becomes an item that cannot be read, with the reason.
    """
    bounds = replace(pool, workers=1, scheduler="", seconds=pool.seconds / 2)
    with _one_by_one(ListArchive(limits, accepts_reports), pool, bounds) as list_archive:

        def look_into(item: Item) -> Iterable[Found]:
            found = list_archive(item)
            if not isinstance(found, LostJob):
                return listed(item, found)
            late = f"打开压缩包、列出里面的文件超过 {bounds.seconds:g} 秒还没有完成，已放弃。{UNPACK}"
            return [replace(item, refused=(late if found.cause == "over-time" else found.reason, found.cause))]

        yield look_into


@contextmanager
def _one_by_one(
    work: Callable[[Job], JobResult], pool: PoolSettings, bounds: PoolSettings
) -> Iterator[Callable[[Job], JobResult | LostJob]]:
    """Yield a function that does one job at a time: in a process within `bounds`, or in this process if there are no
    workers."""
    if not pool.workers:
        yield lambda job: attempt(work, job)
        return
    from toolkit.batch.worker_processes import one_by_one

    with one_by_one(work, bounds) as do:
        yield do
