"""The command line in a process of its own for every call.

Starting Python and loading everything takes longer than most calls. `Loaded` does it once and forks for each call, as
the system's own start of a program does; `run_anew` starts Python each time, as a user's terminal does.
"""

import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
"""Not from `places`: workers of a forked call load this file, and find no other helper."""
SECONDS = 120
Completed = subprocess.CompletedProcess[str]
Gknb = Callable[..., Completed]


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **changes}


def run_anew(folder: Path, arguments: Sequence[str], changes: Mapping[str, str]) -> Completed:
    """Start Python, and call from a folder."""
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding=changes.get("PYTHONIOENCODING", "utf-8"),
        errors="replace",
        env=environment(changes),
        timeout=SECONDS,
        check=False,
    )


def assert_refused(result: Completed, status: int, *words: str) -> None:
    """One line of plain words, no traceback, the right exit status."""
    said = result.stdout + result.stderr
    assert result.returncode == status, said
    assert "Traceback" not in said
    assert "Error" not in said
    lines = [line for line in said.splitlines() if any(word in line for word in words)]
    assert lines, said
    assert all(word in lines[0] for word in words), said


class Loaded:
    """A process that has everything loaded and waits for calls."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=ROOT,
            env=environment({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, folder: Path, arguments: Sequence[str]) -> Completed:
        """Call from a folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as said:
            call = {"folder": str(folder), "arguments": arguments, "said": said}
            self._process.stdin.write(json.dumps(call) + "\n")
            self._process.stdin.flush()
            if not select.select([self._process.stdout], [], [], SECONDS)[0]:
                self.stop()
                raise subprocess.TimeoutExpired(list(arguments), SECONDS)
            status = int(self._process.stdout.readline())
            out, err = ((Path(said) / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err"))
        return subprocess.CompletedProcess(list(arguments), status, out, err)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def _load() -> None:
    """Everything that the main job needs; what needs an extra waits for the call that does."""
    sys.path[0] = str(ROOT)
    import toolkit

    for module in pkgutil.walk_packages(toolkit.__path__, "toolkit."):
        if not module.name.startswith(("toolkit.__main__", "toolkit.batch.cluster", "toolkit.documents.pdf")):
            __import__(module.name)
    for name in ("docx", "lxml.html", "openpyxl", "python_calamine", "sqlite3", "psutil"):
        __import__(name)


def _serve() -> None:
    """Fork for each call on standard input; its exit status goes to where standard output was."""
    calls, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    for line in calls:
        child = os.fork()
        if not child:
            _call(**json.loads(line))
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()


def _call(folder: str, arguments: list[str], said: str) -> None:
    """What `python -m toolkit` does, to the end of the process."""
    import atexit

    status = 1
    try:
        os.chdir(folder)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(Path(said) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = ["gknb", *arguments]
        from toolkit.__main__ import main

        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _load()
    _serve()
