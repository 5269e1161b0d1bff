"""Runs of the command line that go on while a test does something to them, and what they find and leave."""

import json
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from batches import FAULTS, names, workbook
from command_line import environment
from kit import write


def inputs(folder: Path, count: int = 3) -> Path:
    """Returns of so many agencies, the second of them with a fault."""
    rng = random.Random(1)
    for number, agency in zip(range(count), names(), strict=False):
        write(folder / f"{agency}.xlsx", workbook(agency, rng, FAULTS[0] if number == 1 else None)[0])
    return folder


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file below a folder: what it holds, and when it was changed. The file that is locked is left out: an older
    filelock touches it as it tries."""
    return {
        str(path): (sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def start(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "toolkit", *map(str, arguments)],
        cwd=folder,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


MANY = 16
linux = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of Unix")


def outputs(folder: Path) -> list[str]:
    """The names of all that was written, which is whole; the record of a check is not meant for people."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".gknb-"))
    for path in paths:
        if path.suffix in (".xlsx", ".docx"):
            assert zipfile.ZipFile(path).testzip() is None
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".html" and "粘贴" not in path.name:
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert not [path for path in paths if path.suffix == ".part"]
    return [str(path.relative_to(folder)) for path in paths]


def assert_told(said: str, *words: str) -> None:
    """One line of plain Chinese tells of it."""
    lines = [line for line in said.splitlines() if "写不进" in line or "不见了" in line or "已中断" in line]
    assert len(lines) == 1, said
    assert all(word in lines[0] for word in words), said
    for foreign in ("Traceback", "Error", "Exception", "errno", "没有预料"):
        assert foreign not in said
