"""Files are read once whatever way leads to them, and opened only when they are plain files."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Gknb, environment
from kit import write
from returns import archive, checked, left_out, sheet, statuses

from toolkit.batch.received.folder_walk import EMPTY, GONE, LOOP

needs_links = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="links need rights on this system")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
needs_devices = pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without an end")


# ------------------------------------------------------------ ways


@pytest.mark.slow
def test_members_written_on_windows_are_read_and_climbing_ones_are_not(gknb_anew: Gknb, tmp_path: Path) -> None:
    """Backslashes between folders (whole processes)."""
    members = {
        ".\\乙.xlsx": sheet("乙局"),
        "目录\\丙.xlsx": sheet("丙局"),
        "..\\丁.xlsx": sheet("丁局"),
        "目录\\空\\": b"",
    }
    archive(tmp_path / "foreign" / "收.zip", members)
    data = checked(gknb_anew, "foreign")
    assert statuses(data) == {
        "foreign/收.zip/乙.xlsx": "passed",
        "foreign/收.zip/目录/丙.xlsx": "passed",
        "foreign/收.zip/../丁.xlsx": "unreadable",
    }
    assert left_out(data) == {"foreign/收.zip/目录/空/": EMPTY}


def test_two_members_of_one_place_are_not_chosen_between(gknb: Gknb, tmp_path: Path) -> None:
    archive(tmp_path / "foreign" / "收.zip", {"目录\\乙.xlsx": sheet("乙局"), "目录/乙.xlsx": sheet("丙局")})
    (file,) = checked(gknb, "foreign")["files"]
    assert (file["status"], file["cause"]) == ("unreadable", "unsafe")
    assert "两个同名的文件" in file["findings"][0]["message"]


@pytest.mark.slow
@needs_links
def test_links_are_followed_once_and_never_in_circles(gknb_anew: Gknb, tmp_path: Path) -> None:
    """Folders and files that are links (whole processes)."""
    here = tmp_path / "foreign"
    write(here / "真" / "甲.xlsx", sheet("甲局"))
    write(tmp_path / "别处" / "乙.xlsx", sheet("乙局"))
    for name, target in {
        "一别处": "../别处",
        "二别处": "../别处",
        "三真": "真",
        "四上级": "..",
        "五自己": "五自己",
        "六断": "没有",
        "真/七根": "..",
        "八.xlsx": "真/甲.xlsx",
    }.items():
        (here / name).symlink_to(target)
    data = checked(gknb_anew, "foreign")
    assert statuses(data) == {"foreign/真/甲.xlsx": "passed", "foreign/一别处/乙.xlsx": "passed"}
    assert left_out(data) == {
        "foreign/二别处": "与 foreign/一别处 是同一个文件夹，只读一次",
        "foreign/三真": "与 foreign/真 是同一个文件夹，只读一次",
        "foreign/四上级": LOOP,
        "foreign/五自己": GONE,
        "foreign/六断": GONE,
        "foreign/真/七根": LOOP,
        "foreign/八.xlsx": "与 foreign/真/甲.xlsx 是同一个文件，只读一次",
    }


@needs_links
def test_a_folder_of_nothing_but_ways_to_another_is_no_mistake(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    (tmp_path / "又").mkdir()
    (tmp_path / "又" / "链接").symlink_to("../foreign")
    data = checked(gknb, "foreign", "又", "foreign")
    assert statuses(data) == {"foreign/甲.xlsx": "passed"}
    assert list(left_out(data)) == ["又/链接"]
    assert statuses(checked(gknb, "又")) == {"又/链接/甲.xlsx": "passed"}


# ------------------------------------------------------------ plain files only


def _pipe(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


def _endless(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("/dev/zero")
    return path


Odd = Callable[[Path], Path]
ODD = [pytest.param(_pipe, id="pipe", marks=needs_pipes), pytest.param(_endless, id="device", marks=needs_devices)]


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["管.zip", "管.xlsx", "管.json"])
def test_a_pipe_or_a_device_among_the_returns_stops_nothing(
    gknb_anew: Gknb, tmp_path: Path, odd: Odd, name: str
) -> None:
    """Whole processes: neither do they wait for a pipe nor does a device fill the memory."""
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    odd(tmp_path / "foreign" / name)
    for paths in (["foreign"], ["foreign/甲.xlsx", f"foreign/{name}"]):
        data = checked(gknb_anew, *paths)
        assert statuses(data) == {"foreign/甲.xlsx": "passed", f"foreign/{name}": "unreadable"}
        (file,) = [file for file in data["files"] if file["status"] == "unreadable"]
        assert file["cause"] == "other-kind"
        assert "不是普通文件" in file["findings"][0]["message"]
    ran = gknb_anew("rollup", "foreign", "--agency", "某县", "-o", "汇总", "--allow-failed")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("名册.xlsx", ("check", "foreign", "--roster", "名册.xlsx")),
        ("名册.csv", ("distribute", "名册.csv", "--year", "2024", "-o", "发放")),
        ("office.key", ("check", "foreign", "--key", "office.key")),
        ("样式.docx", ("report", "foreign", "--style", "样式.docx", "-o", "报告")),
        ("文字/甲局.docx", ("report", "foreign", "--texts", "文字", "-o", "报告")),
        ("上年.xlsx", ("check", "foreign", "--prior", "上年.xlsx")),
        ("自定.toml", ("check", "foreign", "--form", "自定.toml")),
        ("gknb.toml", ("check", "foreign")),
        ("发放/发放清单.xlsx", ("distribute", "好名册.csv", "--year", "2024", "-o", "发放")),
        ("结果/.gknb-台账.sqlite", ("check", "foreign", "-o", "结果", "--resume")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pipe_or_a_device_in_the_place_of_any_other_file_is_refused(
    gknb_anew: Gknb, tmp_path: Path, odd: Odd, name: str, call: tuple[str, ...]
) -> None:
    """Whole processes."""
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    (tmp_path / "好名册.csv").write_text("机关全称\n甲局\n", encoding="utf-8")
    odd(tmp_path / name)
    ran = gknb_anew(*call)
    assert ran.returncode in (1, 2), ran.stderr
    assert Path(name).name in ran.stderr
    assert "没有预料到" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_an_archive_that_is_slow_to_open_costs_itself_alone(gknb_anew: Gknb, tmp_path: Path) -> None:
    """A whole process: 190,000 members take seconds to list; the time that a file may take ends that, too."""
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    inner = {f"目录/{number}.doc": b"" for number in range(190_000)}
    archive(tmp_path / "foreign" / "慢.zip", inner)
    ran = gknb_anew("check", "foreign", "--json", "--seconds", 1)
    data = json.loads(ran.stdout)
    assert statuses(data) == {"foreign/慢.zip": "unreadable", "foreign/甲.xlsx": "passed"}
    slow = next(file for file in data["files"] if file["status"] == "unreadable")
    assert slow["cause"] == "over-time"
    assert "打开压缩包" in slow["findings"][0]["message"]
    assert "--seconds" in slow["findings"][0]["message"]


WHO_READS = """
import os, sys
from pathlib import Path
from toolkit.batch.check_job import CheckJob
from toolkit.batch.pool_settings import PoolSettings
from toolkit.batch.received.files import Item
from toolkit.batch.received.left_out import LeftOut
from toolkit.batch.run import Review, check_batch
from toolkit.batch import worker_processes

worker_processes.SMALL = 1 << 40  # a process that a large one has started counts that one's memory as its own
real = Item.read

def read(item, *limits):
    print(os.getpid(), flush=True)
    return real(item, *limits)

Item.read = read
for resume in (False, True):
    review = Review(CheckJob(), PoolSettings(), folder=Path("结果"), resume=resume)
    batch = check_batch([Path("foreign")], review, LeftOut(), lambda *_: None)
    assert batch.summary()["passed"] == 1
    batch.ledger.close()
print("called", os.getpid())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a worker is a copy of the process that was called only on Linux")
def test_files_are_hashed_by_workers_when_a_check_is_resumed(tmp_path: Path) -> None:
    """Whatever a file does to its reader, the time limit of a worker ends it."""
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    ran = subprocess.run(
        [sys.executable, "-c", WHO_READS],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
        check=True,
    )
    *readers, called = ran.stdout.split()
    assert readers.pop() == "called"
    assert len(readers) == 2
    assert called not in readers
