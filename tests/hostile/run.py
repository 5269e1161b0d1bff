"""Runs `check`, `report`, `extract`, `import` and `rollup` over the hostile files beside ten good ones, and watches
what they say, what they write and where, how much memory they take, and whether they ask anybody anything.

``python tests/hostile/run.py [FOLDER]`` makes the files, runs the commands, and prints what came of it.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
from corpus import write_corpus
from hostile_files import BAIT, Hostile

from toolkit.characters import printable

SECONDS = 5
"""What one file may take here."""
WATCHED_EVERY = 0.2
"""Seconds; to ask how much memory all processes share takes longer than most of their work."""
ENGLISH = ("Traceback", "Error", "Exception", "exception", "warning:", "Warning", "panicked", "memory allocation")
COMMANDS: dict[str, tuple[str, ...]] = {
    "check": ("-o", "结果", "--annotate", "批注", "--notice", "退回"),
    "report": ("-o", "报告", "--html"),
    "extract": ("-o", "数据.csv"),
    "import": ("-o", "导入"),
    "rollup": ("-o", "汇总", "--agency", "某县人民政府", "--roster", "../foreign/名册.csv", "--allow-failed"),
}


@dataclass
class Outcome:
    """What came of one command."""

    command: str
    status: int
    said: str
    seconds: float
    memory: float
    """MB of all its processes together, at most; what they share is counted once."""
    written: list[str] = field(default_factory=list)


@dataclass
class Run:
    """Everything that was seen."""

    folder: Path
    hostile: list[Hostile]
    outcomes: list[Outcome] = field(default_factory=list)
    asked: int = 0
    """How often somebody called at the address in the files."""
    changed: list[str] = field(default_factory=list)
    """Inputs that are not as they were, and what lies where nothing should."""

    def findings(self) -> dict[str, Any]:
        """What the check found."""
        return dict(json.loads((self.folder / "工作" / "结果" / "findings.json").read_text(encoding="utf-8")))

    def results(self) -> list[dict[str, Any]]:
        """What the check said of each file."""
        return list(self.findings()["files"])


def run_all(folder: Path, commands: Sequence[str] = tuple(COMMANDS)) -> Run:
    """Make the files in a folder and run commands over all of them at once, in a folder beside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that stand twice are meant
        run = Run(folder, write_corpus(folder / "foreign"))
    (folder / "工作").mkdir()
    before = _prints(folder)
    with _bait() as calls:
        for command in commands:
            run.outcomes.append(_run(command, folder))
    run.asked = len(calls)
    after = _prints(folder)
    run.changed = [path for path, print_ in before.items() if after.get(path) != print_]
    run.changed += [path for path in after if path not in before and not path.startswith("工作")]
    run.changed += [str(path) for path in Path("/tmp").glob("*爬出来*")]
    return run


def _run(command: str, folder: Path) -> Outcome:
    work = folder / "工作"
    files = sorted(str(path) for name in ("恶意", "好的") for path in (folder / "foreign" / name).iterdir())
    files.append(str(folder / "foreign" / "混放"))
    call = [sys.executable, "-m", "toolkit", command, *files, *COMMANDS[command], "--seconds", str(SECONDS)]
    root = str(Path(__file__).resolve().parent.parent.parent)
    started = time.monotonic()
    with (folder / "工作.log").open("w+", encoding="utf-8") as log:
        environment = {**os.environ, "PYTHONPATH": root, "PYTHONUTF8": "1"}
        process = subprocess.Popen(call, cwd=work, stdout=log, stderr=log, env=environment)
        memory = 0.0
        while process.poll() is None:
            memory = max(memory, _memory(process.pid))
            time.sleep(WATCHED_EVERY)
        log.seek(0)
        said = log.read()
    (folder / "工作.log").unlink()
    written = sorted(str(path.relative_to(work)) for path in work.rglob("*"))
    return Outcome(command, process.returncode, said, time.monotonic() - started, memory, written)


def _memory(pid: int) -> float:
    total = 0
    try:
        processes = [psutil.Process(pid)]
        processes += processes[0].children(recursive=True)
    except psutil.Error:
        return 0.0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 2**20


def _prints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@contextmanager
def _bait() -> Iterator[list[object]]:
    """Listens at the address that stands in the files."""
    calls: list[object] = []
    server = socket.create_server(("127.0.0.1", int(BAIT.rpartition(":")[2])))

    def listen() -> None:
        while True:
            try:
                calls.append(server.accept())
            except OSError:
                return

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield calls
    finally:
        server.close()


def _is_made_up(line: str) -> bool:
    """Whether a line was begun by the name of a file, which says there that it passed."""
    return line.startswith("【通过】") and "/" not in line


def faults(run: Run) -> list[str]:
    """Everything that is not as it should be."""
    found = [f"changed or written outside: {path}" for path in run.changed]
    found += ["somebody called at the address in the files"] * bool(run.asked)
    for outcome in run.outcomes:
        found += [f"{outcome.command} said {word}" for word in (*ENGLISH, "\x1b") if word in outcome.said]
        found += [f"{outcome.command} shows a line of a name" for line in outcome.said.split("\n") if _is_made_up(line)]
        if outcome.status not in (0, 1):
            found.append(f"{outcome.command} ended with {outcome.status}: {outcome.said[-300:]}")
        if outcome.memory > 600:
            found.append(f"{outcome.command} took {outcome.memory:.0f} MB")
    if not any(outcome.command == "check" for outcome in run.outcomes):
        return found
    results = {Path(result["path"].rpartition("foreign/")[2]).parts[1]: result for result in run.results()}
    left_out = {Path(left["path"]).name: left["reason"] for left in run.findings()["left_out"]}
    for file in run.hostile:
        if file.status == "left out":
            if file.ids[0] not in left_out.get(file.name, ""):
                found.append(f"{file.name}: left out with {left_out.get(file.name)}, not {file.ids[0]}")
            continue
        result = results.get(printable(file.name))
        if result is None and file.status == "any" and file.name in left_out:
            continue  # told as left out
        if result is None:
            found.append(f"{file.name} is missing")
            continue
        ids = {result.get("cause"), *(finding["rule"] for finding in result["findings"])} - {None}
        if file.status not in ("any", result["status"]) or not set(file.ids) <= ids:
            words = result["findings"][0]["message"] if result["findings"] else ""
            found.append(f"{file.name}: {file.status} {file.ids} expected, {result['status']} {sorted(ids)} {words}")
    good = {name: result["status"] for name, result in results.items() if "好的" in result["path"]}
    found += [f"{name} is {status}" for name, status in good.items() if status != "passed"]
    return found


def table(run: Run) -> str:
    """What came of each command, a line each."""
    lines = [f"{len(run.hostile)} hostile files, {len(run.changed)} changed or outside, asked {run.asked} times"]
    lines += [
        f"{one.command:8} exit {one.status}  {one.seconds:6.1f} s  {one.memory:5.0f} MB  {len(one.written)} files"
        for one in run.outcomes
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        seen = run_all(Path(sys.argv[1] if len(sys.argv) > 1 else temporary).absolute())
        wrong = faults(seen)
        print(table(seen), *wrong, sep="\n")
        sys.exit(bool(wrong))
