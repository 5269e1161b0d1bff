"""Two runs on one results folder: the second one says who works there, and changes nothing."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess, Popen

import psutil
import pytest
from processes import inputs, start, state, wait_for

Gknb = Callable[..., CompletedProcess[str]]
COUNT = 12
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="holds a process still by a signal of Unix")


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Popen[str]]:
    """A run on the folder 结果 that stands still in the middle of its work."""
    inputs(tmp_path / "收回", COUNT)
    process = start(tmp_path, "check", "收回", "-o", "结果", "--workers", "1")
    wait_for(lambda: list((tmp_path / "结果").glob(".gknb-台账*")) and psutil.Process(process.pid).children(), process)
    os.kill(process.pid, signal.SIGSTOP)
    yield process
    if process.poll() is None:
        kill_all(process)
    process.communicate()


def kill_all(process: Popen[str]) -> None:
    """End a run and its workers as the system does when it has no memory left."""
    run = psutil.Process(process.pid)
    for one in (run, *run.children(recursive=True)):
        one.kill()


@pytest.mark.slow
def test_the_second_run_says_who_works_there_and_changes_nothing(
    gknb_anew: Gknb, tmp_path: Path, held: Popen[str]
) -> None:
    before = state(tmp_path)
    for more in ((), ("--force",), ("--resume",)):
        done = gknb_anew("check", "收回", "-o", "结果", *more)
        assert done.returncode == 2, (done.stdout, done.stderr)
        assert "正在被另一个 gknb 使用" in done.stderr
        assert f"进程 {held.pid}，20" in done.stderr
        assert "开始）" in done.stderr
        assert state(tmp_path) == before
    os.kill(held.pid, signal.SIGCONT)
    said, _ = held.communicate()
    assert held.returncode == 1  # one of the returns has a fault
    assert f"共 {COUNT} 份：" in said
    assert not (tmp_path / "结果" / ".gknb-使用者").exists()


@pytest.mark.slow
def test_the_lock_is_free_when_its_holder_is_killed(gknb_anew: Gknb, held: Popen[str]) -> None:
    kill_all(held)
    held.wait()
    done = gknb_anew("check", "收回", "-o", "结果", "--resume")
    assert done.returncode == 1, done.stderr
    assert f"共 {COUNT} 份：" in done.stdout


@pytest.mark.slow
def test_two_runs_begun_together_do_not_disturb_each_other(tmp_path: Path) -> None:
    """One of them does all of it, whichever is first; the other one nothing, or all of it afterwards."""
    inputs(tmp_path / "收回", COUNT)
    runs = [start(tmp_path, "check", "收回", "-o", "结果", "--force", "--workers", "1") for _ in range(3)]
    ends = [(run.communicate(), run.returncode) for run in runs]
    for (out, err), status in ends:
        assert status in (1, 2), err
        assert (f"共 {COUNT} 份：" in out) == (status == 1)
        assert ("正在被另一个 gknb 使用" in err) == (status == 2)
    assert any(status == 1 for _, status in ends)
