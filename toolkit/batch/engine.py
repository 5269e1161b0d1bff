"""Does one piece of work for each file of a batch, on all cores or on a cluster, and gives the results in order.

A file whose process dies, and a file that takes too long, cost themselves alone. What comes out does not depend on the
number of workers.
"""

from collections.abc import Callable, Iterable, Iterator

from toolkit.batch.crew import Crew, Job, Lost, Result


def run_each(work: Callable[[Job], Result], jobs: Iterable[Job], crew: Crew) -> Iterator[tuple[Job, Result | Lost]]:
    """Each job with what `work` makes of it, in the order of the jobs, of which only a few are taken up ahead.

    `work` and the jobs go to other processes, a single job too: whatever it is, it keeps within its bounds. Raises
    Problem when a cluster cannot be reached or is lost.
    """
    if crew.scheduler:
        from toolkit.batch.cluster import run_on_cluster

        return run_on_cluster(work, jobs, crew)
    from toolkit.batch.workers import run_in_processes

    return run_in_processes(work, iter(jobs), crew)
