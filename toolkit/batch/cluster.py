"""Runs the work of a batch on a Dask cluster (集群). Its machines find the files under the same paths (a shared
folder)."""

import logging
import multiprocessing
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import replace
from itertools import islice
from typing import Any

from toolkit.batch.pool_settings import Job, JobResult, LostJob, PoolSettings
from toolkit.batch.worker_processes import run_in_processes
from toolkit.problems import Problem

CHUNK = 20
"""Files that go to a machine together."""
AHEAD = 4
"""Chunks for each thread of the cluster."""
_ADDRESS = re.compile(r"(?:tcp|tls|wss?|ucx)://[^\s/]+:\d{1,5}")
PATIENCE = 60.0
"""Seconds to wait while no machine is at work."""


def run_on_cluster(
    work: Callable[[Job], JobResult], jobs: Iterable[Job], pool: PoolSettings
) -> Iterator[tuple[Job, JobResult | LostJob]]:
    """Do the same as `run_each`, on a cluster. If a machine dies, its files go to another one. Files on which every
    machine dies are sent again one by one, so that such a file does not affect the others.

    Raise Problem when the cluster cannot be reached or the connection is lost.
    """
    local_pool = replace(pool, workers=1, scheduler="")
    client = _client(pool.scheduler)
    try:
        executor = client.get_executor(pure=False)
        chunks_ahead = AHEAD * max(sum(client.nthreads().values()), 1)
        jobs = iter(jobs)
        chunks = iter(lambda: list(islice(jobs, CHUNK)), [])
        submitted = ((chunk, executor.submit(_run_chunk, work, chunk, local_pool)) for chunk in chunks)
        waiting = deque(islice(submitted, chunks_ahead))
        while waiting:
            chunk, future = waiting.popleft()
            results = _results(client, future)
            if results is None:
                singles = [executor.submit(_run_chunk, work, [job], local_pool) for job in chunk]
                results = [(_results(client, single) or [_DIED])[0] for single in singles]
            yield from zip(chunk, results, strict=True)
            waiting.extend(islice(submitted, 1))
    finally:
        client.close()


_DIED = LostJob(
    "处理时集群的工作进程反复中止，没有结果，其他文件不受影响。请让报送单位用空白模板重新填报。", "process-lost"
)


def _client(address: str) -> Any:
    """Return a client of the cluster. Raise Problem when it cannot be reached."""
    try:
        from distributed import Client as connect
    except ImportError:
        raise Problem("--scheduler 需要另外安装：pip install 'gknb-toolkit[cluster]'。") from None
    unreachable = Problem(f"连不上集群 {address}。请检查地址（如 tls://10.0.0.1:8786）、证书和调度器是否在运行。")
    if not _ADDRESS.fullmatch(address):
        raise unreachable
    if address.startswith("tls://") and not _has_certificate():
        raise Problem(
            f"连不上集群 {address}：本机没有设 tls:// 要的证书，或证书打不开。"
            "请在 Dask 的设置（distributed.comm.tls）里写明 ca-file、client 的 cert 和 key。"
        )
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # the user need not know of each lost machine
    try:
        return connect(address, timeout=10, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError):
        raise unreachable from None


def _has_certificate() -> bool:
    """Return True if Dask's settings have the certificates for tls:// (this machine's own, and the one to verify
    others)."""
    from distributed.security import Security

    try:
        return bool(Security().get_connection_args("client").get("ssl_context"))
    except (OSError, ValueError, TypeError):
        return False


def _run_chunk(work: Callable[[Any], Any], jobs: list[Any], local_pool: PoolSettings) -> list[Any]:
    """Return the results of jobs. They are done in a separate process on the machine that takes them, each within its
    limits."""
    config = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    config["daemon"] = False  # Dask's worker may not start processes, so that none stays behind; ours end with it
    return [result for _, result in run_in_processes(work, iter(jobs), local_pool)]


def _results(client: Any, future: "Future[list[Any]]") -> list[Any] | None:
    """Return the results of a chunk; None if every machine that took it died.

    Raise Problem when the cluster is gone.
    """
    from distributed import KilledWorker

    idle = 0.0
    while True:
        try:
            return future.result(timeout=PATIENCE / 6)
        except TookTooLong:
            idle = 0.0 if client.status == "running" and client.nthreads() else idle + PATIENCE / 6
            if idle >= PATIENCE:
                raise Problem("集群里已经没有工作机。已完成的结果还在，请检查集群后用 --resume 接着做。") from None
        except KilledWorker:
            return None
        except Problem:
            raise
        except Exception:
            if client.status != "running":
                raise Problem("与集群的连接断了。已完成的结果还在，请检查集群后用 --resume 接着做。") from None
            return None
