"""Nothing is lost when a process is ended at any moment, and the next run gives the whole result."""

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from command_line import Gknb, environment
from processes import MANY, assert_told, inputs, linux, outputs, start, state, wait_for

from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.received.files import Item

ENDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")


@pytest.mark.slow
@linux
@pytest.mark.parametrize("name", ENDED)
def test_a_check_that_is_ended_at_any_moment_is_taken_up(gknb: Gknb, tmp_path: Path, name: str) -> None:
    before = state(inputs(tmp_path / "in", MANY))
    process = start(tmp_path, "check", "in", "-o", "out", "--workers", 2)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.random() / 3)
    process.send_signal(signal.Signals[name])
    printed, said = process.communicate(timeout=60)
    # A check that was done already when the signal came is done.
    assert process.returncode in ((-signal.SIGKILL, 1) if name == "SIGKILL" else (130, 1)), said
    assert "Traceback" not in printed + said
    if process.returncode == 130 and "没有做完" in printed:
        assert "没有做完" in (tmp_path / "out" / "findings.json").read_text(encoding="utf-8")
    resumed = gknb("check", "in", "-o", "out", "--resume")
    assert resumed.returncode == 1, resumed.stderr
    summary = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))["summary"]
    assert summary == {"files": MANY, "passed": MANY - 1, "failed": 1, "unreadable": 0}
    assert len(outputs(tmp_path / "out")) == 3
    assert state(tmp_path / "in") == before


@pytest.mark.slow
@linux
@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_reports_that_are_ended_at_any_moment_are_whole(gknb: Gknb, tmp_path: Path, name: str) -> None:
    inputs(tmp_path / "in", MANY)
    out = tmp_path / "out"
    process = start(tmp_path, "report", "in", "--allow-failed", "-o", "out", "--workers", 2)
    wait_for(lambda: out.is_dir() and any(out.iterdir()), process)
    time.sleep(random.random() / 3)
    process.send_signal(signal.Signals[name])
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    if name != "SIGKILL":
        assert process.returncode in (130, 0), said
        assert len(outputs(out)) in (range(MANY) if process.returncode else (MANY,))
        if process.returncode:
            assert_told(said, "已中断")
    assert gknb("report", "in", "--allow-failed", "-o", "out", "--force").returncode == 0
    assert len(outputs(out)) == MANY


@linux
@pytest.mark.parametrize("moment", [0.0, 0.2])
def test_ctrl_c_while_the_program_loads_is_quiet(tmp_path: Path, moment: float) -> None:
    """Until Python runs our first line, nothing can be done about it, and nothing has been begun."""
    process = start(tmp_path, "template", "--year", "2024", "-o", "表.xlsx")
    wait_for(lambda: _catches(process, signal.SIGTERM), process)
    time.sleep(moment)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    # Python ends by the signal itself when it came while it ran code that is made on the way; shells make 130 of it.
    assert process.returncode in (130, -signal.SIGINT, 0), said
    assert "Traceback" not in said
    assert outputs(tmp_path) == ([] if process.returncode else ["表.xlsx"])


def _catches(process: subprocess.Popen[str], number: int) -> bool:
    """Whether a process handles a signal itself."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
    return bool(caught >> (number - 1) & 1)


@pytest.mark.slow
@linux
def test_a_worker_that_is_killed_costs_its_file_until_the_next_run(gknb: Gknb, tmp_path: Path) -> None:
    inputs(tmp_path / "in", MANY)
    process = start(tmp_path, "check", "in", "-o", "out", "--workers", 2)
    assert process.stdout is not None
    process.stdout.readline()
    workers = [one for one in psutil.Process(process.pid).children(recursive=True) if not one.children()]
    workers[-1].kill()
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in printed + said
    assert gknb("check", "in", "-o", "out", "--resume").returncode == 1
    summary = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))["summary"]
    assert summary == {"files": MANY, "passed": MANY - 1, "failed": 1, "unreadable": 0}


@linux
def test_what_a_killed_run_left_is_gone_after_the_next(gknb: Gknb, tmp_path: Path) -> None:
    """Not what a run that goes on is writing."""
    code = """
import os, sys
from pathlib import Path
from toolkit.files.write import atomic_file
with atomic_file(Path("out/草稿.csv")) as part:
    part.write_bytes(b"half")
    print(part, flush=True)
    sys.stdin.read()
"""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environment({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    killed, going = (run.stdout and run.stdout.readline().strip() for run in runs)
    runs[0].kill()
    runs[0].wait()
    assert gknb("template", "--year", 2024, "-o", "out/表.xlsx").returncode == 0
    left = [str(path.relative_to(tmp_path)) for path in (tmp_path / "out").glob(".*.part")]
    assert left == [going]
    assert killed not in left
    runs[1].communicate(input="")
    assert not list((tmp_path / "out").glob(".*.part"))


def test_a_file_is_recorded_whole_or_not_at_all(tmp_path: Path) -> None:
    """A run that is broken off between two submissions of a file must not take it for done the next time."""
    item = Item("两份.json", number=1)
    first = FileResult("两份.json（1）", "passed", (), digest="d", suffix="（1）")
    ledger = Ledger(tmp_path, "same")
    with pytest.raises(TypeError):
        ledger.record(item, [first, replace(first, agency=None)])  # type: ignore[arg-type]
    ledger.close()
    again = Ledger(tmp_path, "same", resume=True)
    assert not again.record_known(item, "d")
    again.record(item, [first, replace(first, suffix="（2）")])
    again.close()
    known = Ledger(tmp_path, "same", resume=True)
    assert known.record_known(item, "d")
    assert known.counts() == {"passed": 2}
    known.close()
