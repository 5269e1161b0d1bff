"""Runs commands of the toolkit for the desk (工作台), one after the other, each in a process of its own.

The desk does nothing that a command does not do: a page starts `gknb check` and shows what it says, so page and command
line give the same files and the same words. A command that dies takes nothing with it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import IO, Literal

from toolkit.batch import progress_line
from toolkit.batch.progress_line import Verdict
from toolkit.characters import terminal_text

RunState = Literal["waiting", "running", "stopping", "ended"]
INTERRUPTED = 130
LINES_KEPT, VERDICTS_KEPT, RUNS_KEPT = 500, 2_000, 40
STOP_SECONDS = 20
"""Seconds after which a command that was asked to stop is ended."""
LINE_LIMIT = 4_000
WAITING = "toolkit.cli.waiting"
"""The program of a process that waits for its call."""
OWN_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""On Windows a command must be in a group of its own to be stopped alone; elsewhere it is nothing."""


@dataclass(slots=True)
class CommandRun:
    """A command that was asked for on a page, and how far it is.

    `title` names it for people, `screen` is the page that asked for it, `arguments` are those of `gknb`. `done` of
    `total` files are done, `current` is the last of them. `said` are the last lines that it printed, of `lines`.
    `exit_status` is None until it has ended.
    """

    number: int
    title: str
    screen: str
    arguments: tuple[str, ...]
    state: RunState = "waiting"
    done: int = 0
    total: int = 0
    current: str = ""
    lines: int = 0
    said: deque[str] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    verdicts: deque[Verdict] = field(default_factory=lambda: deque(maxlen=VERDICTS_KEPT))
    exit_status: int | None = None
    started: float = 0.0

    @property
    def is_open(self) -> bool:
        """Return True if the command is waiting or running."""
        return self.state != "ended"

    @property
    def was_stopped(self) -> bool:
        """Return True if the command was broken off."""
        return self.exit_status == INTERRUPTED

    @property
    def seconds_so_far(self) -> float:
        """Return how long the command has been running."""
        return monotonic() - self.started if self.state in ("running", "stopping") else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return about how long it still takes; None if that is not known yet."""
        if self.state != "running" or not self.done or self.total <= self.done:
            return None
        return self.seconds_so_far / self.done * (self.total - self.done)


class CommandQueue:
    """The commands of a desk: those that wait, the one that runs, and the last ones that have ended."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._runs: deque[CommandRun] = deque()
        self._changed = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._next: subprocess.Popen[str] | None = None
        self._is_closed = False
        threading.Thread(target=self._work, name="commands", daemon=True).start()

    def add(self, title: str, screen: str, arguments: Sequence[str]) -> CommandRun:
        """Add a command and return it. One that waits already is not added again for the same page."""
        wanted = tuple(arguments)
        with self._changed:
            for run in self._runs:
                if run.state == "waiting" and (run.screen, run.arguments) == (screen, wanted):
                    return run
            run = CommandRun(next(self._numbers), title, screen, wanted)
            self._runs.append(run)
            while len(self._runs) > RUNS_KEPT and not self._runs[0].is_open:
                self._runs.popleft()
            self._changed.notify()
            return run

    def find(self, number: int) -> CommandRun | None:
        """Return a command by its number; None if it is not there any more."""
        return next((run for run in self.runs() if run.number == number), None)

    def last_of(self, screen: str) -> CommandRun | None:
        """Return the command that a page asked for last: the one that runs, or else the last one."""
        own = [run for run in self.runs() if run.screen == screen]
        return next((run for run in own if run.is_open), own[-1] if own else None)

    def running(self) -> CommandRun | None:
        """Return the command that runs, None if there is none."""
        return next((run for run in self.runs() if run.state in ("running", "stopping")), None)

    def runs(self) -> list[CommandRun]:
        """Return the commands, the first one first."""
        with self._changed:
            return list(self._runs)

    def stop(self, run: CommandRun) -> None:
        """Stop a command: one that waits is not begun, one that runs is asked to stop and ended if it does not."""
        with self._changed:
            if run.state == "waiting":
                run.state, run.exit_status = "ended", INTERRUPTED
            elif run.state == "running" and self._process:
                run.state = "stopping"
                _interrupt(self._process)
                timer = threading.Timer(STOP_SECONDS, _end, [self._process])
                timer.daemon = True
                timer.start()

    def close(self) -> None:
        """Stop everything and wait until the running command has ended."""
        with self._changed:
            self._is_closed = True
            runs = [run for run in self._runs if run.is_open]
            self._changed.notify()
        for run in runs:
            self.stop(run)
        if waiting := self._next:
            _end(waiting)
            waiting.wait()
        if process := self._process:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _end(process)

    def _work(self) -> None:
        while True:
            with self._changed:
                waiting = next((run for run in self._runs if run.state == "waiting"), None)
                if self._is_closed:
                    return
                if waiting is None:
                    self._changed.wait()
                    continue
                waiting.state, waiting.started = "running", monotonic()
                try:
                    self._process = self._start(waiting)
                except OSError:
                    waiting.state, waiting.exit_status = "ended", 3
                    waiting.said.append("这台电脑现在不能再启动程序，可能是内存不够。请关掉一些程序再试。")
                    continue
            self._follow(waiting, self._process)
            self.get_ready()

    def get_ready(self) -> None:
        """Start a process that is loaded already when the next command comes."""
        with self._changed:
            if self._next is None and not self._is_closed:
                with suppress(OSError):
                    self._next = self._waiting_process()

    def _start(self, run: CommandRun) -> "subprocess.Popen[str]":
        """Give a command to the process that waits for one, or to a new one if that has died."""
        waiting, self._next = self._next, None
        call = json.dumps(run.arguments) + "\n"
        if waiting and waiting.poll() is None:
            with suppress(OSError):
                return _called(waiting, call)
        return _called(self._waiting_process(), call)

    def _waiting_process(self) -> "subprocess.Popen[str]":
        ours = {progress_line.VARIABLE: progress_line.VALUE, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
        return subprocess.Popen(
            [sys.executable, "-P", "-m", WAITING],
            cwd=self._folder,
            env={**os.environ, **ours},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=OWN_GROUP,
        )

    def _follow(self, run: CommandRun, process: "subprocess.Popen[str]") -> None:
        """Note what a command prints until it has ended."""
        readers = [
            threading.Thread(target=_note_lines, args=(run, stream), daemon=True)
            for stream in (process.stdout, process.stderr)
        ]
        for reader in readers:
            reader.start()
        status = process.wait()
        for reader in readers:
            reader.join()
        with self._changed:
            self._process = None
            run.exit_status = INTERRUPTED if run.state == "stopping" else status
            run.state = "ended"


def _called(process: "subprocess.Popen[str]", call: str) -> "subprocess.Popen[str]":
    """Give a waiting process its call. Raise OSError when it has died."""
    assert process.stdin
    process.stdin.write(call)
    process.stdin.close()
    return process


def _note_lines(run: CommandRun, stream: IO[str]) -> None:
    """Note each line of a stream of a command: its progress, or what it says."""
    with suppress(OSError, ValueError):
        for line in stream:
            if line.startswith(progress_line.MARK):
                _note_progress(run, line)
            elif text := line.rstrip("\n"):
                run.lines += 1
                run.said.append(terminal_text(text)[:LINE_LIMIT])


def _note_progress(run: CommandRun, line: str) -> None:
    with suppress(ValueError, KeyError, TypeError):  # a line that was cut off when the command died
        if at := progress_line.read(line):
            run.done, run.total, run.current = at.done, at.total, at.name
            run.verdicts.extend(at.verdicts)


def _interrupt(process: "subprocess.Popen[str]") -> None:
    """Ask a command to stop as Ctrl-C does: it leaves no half-written file."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            process.terminate()  # Ctrl-C may be ignored in all that a background process starts


def _end(process: "subprocess.Popen[str]") -> None:
    with suppress(OSError):
        process.kill()
