"""The processes of this machine that do the work of a batch."""

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from time import monotonic
from typing import Any, Final

from toolkit.batch.crew import Crew, Job, Lost, Result, attempt

AHEAD = 32
"""Files a worker that may be done before an earlier one is: few enough to hold in memory."""
GARBAGE_AFTER = 20_000
"""Objects; a file leaves hardly any circles behind, and looking for them often costs more than it frees."""
_NONE: Final = object()


def run_in_processes(
    work: Callable[[Job], Result], jobs: Iterator[Job], crew: Crew
) -> Iterator[tuple[Job, Result | Lost]]:
    """Each worker has a line of its own to this process and one job at a time, so that one that dies, wherever it was,
    holds up nobody else."""
    hands = [_Hand(work, crew.seconds) for _ in range(crew.workers)]
    waiting: deque[_Task] = deque()
    try:
        while True:
            for hand in hands:
                room = hand.task is None and len(waiting) < crew.workers * AHEAD
                if room and (job := next(jobs, _NONE)) is not _NONE:
                    waiting.append(hand.give(job))
            if not waiting:
                return
            while waiting and waiting[0].done:
                task = waiting.popleft()
                yield task.job, task.result
            _wait(hands)
    finally:
        for hand in hands:
            hand.stop()


def _wait(hands: Sequence["_Hand"]) -> None:
    """Wait until a worker has something to say, or has had its time."""
    busy = {hand.line: hand for hand in hands if hand.task is not None}
    if not busy:
        return
    left = min(hand.deadline for hand in busy.values()) - monotonic()
    for line in connection.wait(list(busy), timeout=max(left, 0)):
        busy.pop(line).take()
    for hand in busy.values():
        if hand.deadline <= monotonic():
            hand.give_up()


@dataclass(slots=True)
class _Task:
    """A job that was given out, and what came of it."""

    job: Any
    result: Any = None
    done: bool = False


class _Hand:
    """A worker process, begun with its first job, and anew whenever it is lost."""

    def __init__(self, work: Callable[[Any], Any], seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self.task: _Task | None = None
        self.deadline = 0.0
        self._process: Any = None

    def _begin(self) -> None:
        context = _context(self._work)
        self.line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._work), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, job: Any) -> _Task:
        """Give the worker a job. It is waiting for one, so that it takes it up at once."""
        if self._process is None:
            self._begin()
        self.task = _Task(job)
        self.deadline = monotonic() + self._seconds
        try:
            self.line.send(job)
        except OSError:  # it died while it was idle, and has not begun with this job
            self._again()
            self.line.send(job)
        return self.task

    def take(self) -> None:
        """Take what the worker has to say: a result, or, when its line breaks off, that it died."""
        try:
            self._finish(self.line.recv())
        except (EOFError, OSError):
            self._finish(Lost("处理时进程意外中止，没有结果，其他文件不受影响。请让报送单位用空白模板重新填报。"))
            self._again()

    def give_up(self) -> None:
        """End a worker that has had its time."""
        reason = (
            f"处理超过 {self._seconds:g} 秒还没有完成，已放弃。请让报送单位用空白模板重新填报，或加大 --seconds 再试。"
        )
        self._finish(Lost(reason))
        self._again()

    def _finish(self, result: Any) -> None:
        assert self.task is not None
        self.task.result, self.task.done, self.task = result, True, None

    def _again(self) -> None:
        self.stop()
        self._begin()

    def stop(self) -> None:
        """End the worker, whatever it does."""
        if self._process is None:
            return
        self._process.kill()
        self._process.join()
        self.line.close()


def _context(work: Callable[[Job], Result]) -> Any:
    """New processes come from a server that has no threads and has loaded the work already, where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([type(work).__module__])
    return context


def _serve(line: Any, work: Callable[[Any], Any]) -> None:
    """What a worker process does until its line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that was called
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)
    with suppress(EOFError, OSError):
        while True:
            line.send(attempt(work, line.recv()))
