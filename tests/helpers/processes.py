"""Runs of the command line that go on while a test does something to them, and what they find and leave."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from batches import FAULTS, names, workbook
from kit import write
from places import ROOT


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
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
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
