"""The worker processes (工作进程) of this machine, which do the jobs of a batch."""

import faulthandler
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import connection
from tempfile import gettempdir
from time import monotonic, sleep
from typing import Any, Final

from toolkit.batch.pool_settings import Job, JobResult, LostJob, PoolSettings, attempt
from toolkit.files.limits import MB
from toolkit.files.memory import watch_memory
from toolkit.problems import OVER_MEMORY, ToolkitFault

AHEAD, HELD = 32, 64 * MB
"""Files for each worker that may be done before an earlier one is, and bytes that waiting results may take."""
WATCHED_EVERY = 0.1
"""Seconds between two looks at the memory of the workers."""
BEGINNING = 120.0
"""Seconds that a worker may take to start on the slowest machine; the time of a file counts from then."""
STARTS, BETWEEN = 5, 0.3
"""How often a worker is started that does not begin to work, and the seconds in between, more each time."""
LEFT_ALONE = 30
"""Seconds after its limit when a worker ends itself, in case nobody is left to end it."""
SMALL = 200
"""MB; the command line takes about 100."""
FORK_SERVER = "toolkit.batch.worker_start"
SOCKET_PATH, SOCKET_NAME = 100, 34
"""Bytes of a socket's path that every system allows, and those that its name takes in the temporary folder."""
GARBAGE_AFTER = 20_000
"""Objects. A file leaves few reference cycles, and searching for them often costs more than it frees."""
_NONE: Final = object()
_READY: Final = b"ready"
_DIED = LostJob("处理时进程意外中止，没有结果，其他文件不受影响。请让报送单位用空白模板重新填报。", "process-lost")
_TOO_LARGE = LostJob(OVER_MEMORY, "over-memory")
_NOT_STARTED = (
    f"处理文件的进程一开始就中止了，连试 {STARTS} 次都是这样，没有做完；没有哪个文件因此算作有误。"
    "可能是内存或进程数不够，或被安全软件拦住了。请关掉一些程序再试；加了 -o 的校验可用 --resume 接着做。"
    "还不行的，请联系维护人员。"
)


def run_in_processes(
    work: Callable[[Job], JobResult], jobs: Iterator[Job], pool: PoolSettings
) -> Iterator[tuple[Job, JobResult | LostJob]]:
    """Run `work` on each job in worker processes, and yield the results in order. Each worker has its own pipe to this
    process and one job at a time, so that a worker that dies does not hold up the others."""
    first = list(islice(jobs, 2))
    jobs = chain(first, jobs)
    all_workers = [_WorkerProcess(work, pool, len(first) < 2) for _ in range(pool.workers)]
    waiting: deque[_Task] = deque()
    try:
        while True:
            for worker in all_workers:
                room = worker.task is None and _has_room(waiting, pool.workers)
                if room and (job := next(jobs, _NONE)) is not _NONE:
                    waiting.append(worker.give(job))
            if not waiting:
                return
            while waiting and waiting[0].done:
                task = waiting.popleft()
                yield task.job, task.result
            _wait(all_workers)
    finally:
        for worker in all_workers:
            worker.stop()


@contextmanager
def one_by_one(work: Callable[[Job], JobResult], pool: PoolSettings) -> Iterator[Callable[[Job], JobResult | LostJob]]:
    """Yield a function that does one job at a time in a separate process, within the limits of a job. The process
    starts with the first job."""
    worker = _WorkerProcess(work, pool, is_single=True)

    def do(job: Job) -> JobResult | LostJob:
        task = worker.give(job)
        while not task.done:
            _wait([worker])
        done: JobResult | LostJob = task.result
        return done

    try:
        yield do
    finally:
        worker.stop()


def _has_room(waiting: Collection["_Task"], workers: int) -> bool:
    return len(waiting) < workers * AHEAD and sum(task.size for task in waiting) < HELD


def _wait(all_workers: Sequence["_WorkerProcess"]) -> None:
    """Wait until a worker sends something, exceeds its time, or takes too much memory."""
    busy = {worker.pipe: worker for worker in all_workers if worker.task is not None}
    if not busy:
        return
    left = min(worker.deadline for worker in busy.values()) - monotonic()
    for pipe in connection.wait(list(busy), timeout=min(max(left, 0), WATCHED_EVERY)):
        busy.pop(pipe).receive()
    for worker in busy.values():
        if worker.deadline <= monotonic():
            worker.end_overdue()
        elif worker.is_too_large():
            worker.end_too_large()


@dataclass(slots=True)
class _Task:
    """A job that was given to a worker, and its result."""

    job: Any
    result: Any = None
    done: bool = False
    size: int = 0


class _WorkerProcess:
    """A worker process. It is started with its first job, and again whenever it is lost."""

    def __init__(self, work: Callable[[Any], Any], pool: PoolSettings, is_single: bool) -> None:
        self._work, self._pool, self._alone = work, pool, is_single
        self.task: _Task | None = None
        self.deadline = self._next_look = 0.0
        self._ready = False
        self._false_starts = 0
        self._process: Any = None

    def _begin(self) -> None:
        """Start the worker. Raise ToolkitFault when that fails again and again."""
        while True:
            try:
                self._start()
            except (OSError, EOFError):  # the fork server has died, or no more process can be started
                self._count_false_start()
            else:
                return

    def _start(self) -> None:
        context = _context(self._work, self._alone)
        self.pipe, worker_end = context.Pipe()
        process = context.Process(target=_serve, args=(worker_end, self._work, self._pool), daemon=True)
        try:
            with _signals_held():
                process.start()
        except BaseException:
            self.pipe.close()
            raise
        finally:
            worker_end.close()
        self._process = process
        self._ready = False

    def _count_false_start(self) -> None:
        """Wait a little before the next start. A worker that did not start says nothing about any file."""
        self._false_starts += 1
        if self._false_starts >= STARTS:
            raise ToolkitFault(_NOT_STARTED)
        sleep(BETWEEN * self._false_starts)

    def give(self, job: Any) -> _Task:
        """Give the worker a job. It is waiting for one, so it begins at once."""
        if self._process is None:
            self._begin()
        self.task = _Task(job)
        self._send()
        return self.task

    def _send(self) -> None:
        """Send the worker its job. If it has died since, it has not begun with the job, and a new worker takes it."""
        assert self.task is not None
        while True:
            self.deadline = monotonic() + (self._pool.seconds if self._ready else BEGINNING)
            self._next_look = monotonic() + WATCHED_EVERY
            try:
                self.pipe.send(self.task.job)
            except OSError:
                self._count_false_start()
                self._restart()
            else:
                return

    def _send_again(self) -> None:
        """Give the job to a new worker, because this one did not begin with it."""
        self._count_false_start()
        self._restart()
        self._send()

    def receive(self) -> None:
        """Receive from the worker: that it is ready, a result, or, if its pipe is closed, that it died."""
        try:
            content = self.pipe.recv_bytes()
            if not self._ready:
                self._ready, self.deadline = True, monotonic() + self._pool.seconds
                self._false_starts = 0
                return
        except (EOFError, OSError):
            if not self._ready:
                self._send_again()
                return
            self._process.join(1)
            # Code in Rust or C aborts the process when it gets no memory.
            self._finish(_TOO_LARGE if self._process.exitcode == -signal.SIGABRT else _DIED)
            self._restart()
            return
        result = pickle.loads(content)  # from our own worker
        self._finish(result, len(content))
        if isinstance(result, LostJob) and result.cause == "over-memory":
            self._restart()  # its memory is fragmented

    def end_overdue(self) -> None:
        """End a worker that has exceeded its time."""
        if not self._ready:
            self._send_again()
            return
        seconds = self._pool.seconds
        reason = f"处理超过 {seconds:g} 秒还没有完成，已放弃。请让报送单位用空白模板重新填报，或加大 --seconds 再试。"
        self._finish(LostJob(reason, "over-time"))
        self._restart()

    def is_too_large(self) -> bool:
        """Return True if the worker takes more memory than one file may; looked at only every `WATCHED_EVERY`
        seconds."""
        if monotonic() < self._next_look:
            return False
        self._next_look = monotonic() + WATCHED_EVERY
        import psutil

        with suppress(psutil.Error):
            return int(psutil.Process(self._process.pid).memory_info().rss) > self._pool.memory * MB
        return False

    def end_too_large(self) -> None:
        """End a worker that takes too much memory."""
        self._finish(_TOO_LARGE)
        self._restart()

    def _finish(self, result: Any, size: int = 0) -> None:
        assert self.task is not None
        self.task.result, self.task.size, self.task.done, self.task = result, size, True, None

    def _restart(self) -> None:
        self.stop()
        self._begin()

    def stop(self) -> None:
        """End the worker, whatever it is doing."""
        if self._process is None:
            return
        self._process.kill()
        self._process.join()
        self._process = None
        self.pipe.close()


def _context(work: Callable[[Job], JobResult], is_single: bool) -> Any:
    """Return the way to start processes. If possible, they come from a server without threads that has loaded the work
    already. A single one (`is_single`) is a fork of this process if that is safe, which takes no time: if this process
    has no threads and is small, because its memory counts as taken by the work."""
    if is_single and sys.platform == "linux" and threading.active_count() == 1 and _is_small():
        return multiprocessing.get_context("fork")
    if not _has_fork_server():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([FORK_SERVER, type(work).__module__])
    return context


def _has_fork_server() -> bool:
    """Return True if this system has a server that worker processes come from. It is reached by a socket in the
    temporary folder, and the path of a socket must be short."""
    room = SOCKET_PATH - len(os.fsencode(gettempdir()))
    return room > SOCKET_NAME and "forkserver" in multiprocessing.get_all_start_methods()


def start_fork_server(modules: Sequence[str]) -> None:
    """Start the server that worker processes come from, with these modules loaded: the first job waits for nothing
    then. Where there is no such server, do nothing."""
    if not _has_fork_server():
        return
    from multiprocessing import forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload([FORK_SERVER, *modules])
    forkserver.ensure_running()


def _is_small() -> bool:
    """Return True if this process, on Linux, never took more memory than the command line itself needs."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < SMALL * 1024


def _serve(pipe: Any, work: Callable[[Any], Any], pool: PoolSettings) -> None:
    """Run the jobs of a worker process until its pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)  # last messages of libraries are not for the user
    _bound_memory(pool.memory)
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)
    with suppress(EOFError, OSError):
        pipe.send_bytes(_READY)
        while True:
            job = pipe.recv()
            watch_memory(pool.memory * MB)
            # The parent process ends this one in time, unless the parent was ended itself.
            faulthandler.dump_traceback_later(pool.seconds + LEFT_ALONE, exit=True, file=nowhere)
            content = _pickled(attempt(work, job))
            faulthandler.cancel_dump_traceback_later()
            pipe.send_bytes(content)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back Ctrl-C until a new process, which is a copy of this one, knows that it must ignore it."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _pickled(result: Any) -> bytes:
    try:
        return pickle.dumps(result)
    except MemoryError:
        return pickle.dumps(_TOO_LARGE)


def _bound_memory(megabytes: int) -> None:
    """Let the system refuse more memory than this, if it can; if not, the parent process watches the memory."""
    try:
        import resource
    except ImportError:  # on Windows
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * MB, megabytes * MB))
