"""What a file may take: its size, what it unpacks to, time and memory; and what is said of one that takes more."""

import json
import random
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from kit import report, write
from packages import packed, parts_of

from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.files.limits import STANDARD_LIMITS, limits_of
from toolkit.problems import CAUSES, Problem
from toolkit.workbook.template import build_workbook

Gknb = Callable[..., CompletedProcess[str]]
GOOD = build_workbook(report("suqian-2024"))


@dataclass(frozen=True)
class Greedy:
    """Work that takes as much as the job says: `sleep`, `spin`, `eat` memory that the system can refuse, `share` memory
    that it cannot, `say` something that is too long."""

    def __call__(self, job: tuple[str, float]) -> str:
        what, much = job
        if what == "sleep":
            time.sleep(much)
        elif what == "spin":
            sum(number * number for number in range(int(much * 10**9)))
        elif what == "eat":
            return str(len(bytearray(int(much * 2**20))))
        elif what == "share":
            import mmap

            with mmap.mmap(-1, int(much * 2**20)) as memory:
                for place in range(0, len(memory), 4096):
                    memory[place] = 1
                time.sleep(5)
        elif what == "say":
            return "x" * int(much * 2**20)
        return what


@pytest.mark.slow
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    ("job", "cause"),
    [
        (("sleep", 60.0), "over-time"),
        (("spin", 60.0), "over-time"),
        (("eat", 4000.0), "over-memory"),
        (("share", 700.0), "over-memory"),
        (("say", 300.0), "over-memory"),
    ],
)
def test_what_takes_too_much_costs_itself_alone(job: tuple[str, float], cause: str, alone: bool) -> None:
    others = [] if alone else [("ok", 0.0)] * 4
    found = list(run_each(Greedy(), [job, *others], PoolSettings(2, seconds=3, memory=300)))
    (lost,) = [result for _, result in found if isinstance(result, LostJob)]
    assert lost.cause == cause
    assert lost.reason.startswith("处理")
    assert [result for _, result in found if not isinstance(result, LostJob)] == ["ok"] * len(others)


@pytest.mark.slow
def test_limits_are_options(gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "大.xlsx", packed({**parts_of(GOOD), "xl/media/a.bin": 9 * 2**20}))
    for limit, said in (
        ("size=1", ""),
        ("unpacked=5", "解压后有 9 MB"),
        ("members=5", "超过 5 个"),
        ("unpacked=20", ""),
        ("ratio=100000", ""),
    ):
        result = gknb("check", "foreign", "--json", "--limit", limit)
        (file,) = json.loads(result.stdout)["files"]
        words = file["findings"][0]["message"]
        assert (file["status"] == "unreadable") == bool(said), limit
        assert said in words
        if said:
            assert file["cause"] == "too-large"
            name = limit.partition("=")[0]
            again = words[words.index(f"--limit {name}=") :].split()[1].rstrip("。")
            assert gknb("check", "foreign", "--limit", again).returncode == 0, again
    assert gknb("check", "foreign", "--limit", "size=1000000000").returncode == 0, "a limit sets no memory aside"
    small = gknb("check", "foreign", "--limit", "size=0")
    assert small.returncode == 2
    assert "--limit size=0 不对" in small.stderr


@pytest.mark.parametrize("change", ["x=1", "size", "size=", "size=-1", "size=1.5", "size=0", "=1", "size=99999999999"])
def test_wrong_limits(change: str) -> None:
    with pytest.raises(Problem, match="--limit"):
        limits_of([change])


def test_limits_add_up() -> None:
    limits = limits_of(["size=3", "ratio=7", "size=4"])
    assert (limits.size, limits.ratio, limits.members) == (4, 7, STANDARD_LIMITS.members)


@pytest.mark.parametrize("command", ["check", "report", "extract", "import", "rollup", "trend"])
def test_one_file_keeps_within_its_time_in_every_command(command: str, gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "大.html", b"<html><table>" + b"<tr>" + b"<td>1" * 300_000)
    more = {"rollup": ("--agency", "某县", "-o", "汇总"), "trend": ("-o", "趋势.xlsx")}.get(command, ("-o", "出"))
    began = time.monotonic()
    result = gknb(command, "foreign/大.html", "--seconds", "1", *more)
    assert result.returncode in (1, 2)
    assert "超过 1 秒" in result.stdout + result.stderr
    assert time.monotonic() - began < 20


def test_memory_of_a_command(gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "大.json", b"[" + b"[]," * 30_000_000 + b"[]]")
    write(tmp_path / "好.xlsx", GOOD)
    result = gknb("check", "foreign/大.json", "好.xlsx", "--json", "--memory", "200")
    big, good = json.loads(result.stdout)["files"]
    assert (big["status"], good["status"]) == ("unreadable", "passed")
    assert big["cause"] == "over-memory"
    assert "--memory" in big["findings"][0]["message"]


def test_every_cause_is_explained_once() -> None:
    assert len(set(CAUSES.values())) == len(CAUSES)


@pytest.mark.slow
def test_a_failed_allocation_is_never_damage(gknb: Gknb, tmp_path: Path) -> None:
    """A sound workbook with one large part: whatever the bound is, it is read, or told to need more memory, and a later
    run with more memory goes on to read it. A file that is damaged is called so with the least memory, too."""
    path = write(tmp_path / "收回" / "大.xlsx", GOOD)
    rng = random.Random(1)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        for number in range(6):
            package.writestr(f"xl/media/image{number}.bin", rng.randbytes(1000) * 20_000)
    write(tmp_path / "收回" / "坏.xlsx", GOOD[:20_000])
    causes = []
    for memory in (100, 140, 180, 200, 220, 260, 300, 1500):
        more = ("--resume",) if causes else ()
        gknb("check", "收回", "-o", "结果", "--memory", memory, *more)
        found = json.loads((tmp_path / "结果" / "findings.json").read_text(encoding="utf-8"))
        broken, large = found["files"]
        assert broken["cause"] == "damaged"
        causes.append(large.get("cause", large["status"]))
    assert set(causes) == {"over-memory", "passed"}
    assert causes[0] == "over-memory"
    assert causes[-1] == "passed"
