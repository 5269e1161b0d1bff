"""What lies under a path: it is read, or it is told why not. Files are known by what they hold, read once whatever way
leads to them, opened only when they are plain files, and shown by names on one line."""

import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from batches import workbook
from command_line import environment
from hypothesis import given
from hypothesis import strategies as st
from kit import write
from openpyxl import load_workbook
from packages import packed, parts_of
from test_commands import Gknb

from toolkit.batch.archives import SHOWN, shown_member
from toolkit.batch.folder_walk import EMPTY, GONE, LOOP
from toolkit.batch.intake import LEFT_OUT_SHOWN, OWN_FILE, LeftOut, LeftOutFile, find_items
from toolkit.batch.ledger.ledger import Ledger
from toolkit.characters import printable
from toolkit.files.read import SPECIAL

NAMES = ("甲局", "乙局", "丙局", "丁局", "戊局", "己局")
needs_links = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="links need rights on this system")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
needs_devices = pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without an end")


def sheet(agency: str, seed: int = 1) -> bytes:
    """A sound return."""
    return workbook(agency, random.Random(seed))[0]


def archive(path: Path, members: dict[str, bytes], when: tuple[int, ...] = (2025, 1, 10, 8, 0, 0)) -> Path:
    """An archive with members of any name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            info = zipfile.ZipInfo("x", when)  # type: ignore[arg-type]
            info.filename = name
            made.writestr(info, content)
    return path


def statuses(data: dict[str, Any]) -> dict[str, str]:
    return {file["path"]: file["status"] for file in data["files"]}


def left_out(data: dict[str, Any]) -> dict[str, str]:
    found = {left["path"]: left["reason"] for left in data["left_out"]}
    assert len(found) == len(data["left_out"])
    return found


def checked(gknb: Gknb, *arguments: object) -> dict[str, Any]:
    return json.loads(gknb("check", *arguments, "--json").stdout)


# ------------------------------------------------------------ by what they hold


def test_returns_that_are_called_like_our_outputs_are_read_by_every_command(gknb_anew: Gknb, tmp_path: Path) -> None:
    """A name is no proof (whole processes)."""
    for name, agency in zip(("汇总表.xlsx", "校验结果.xlsx", "发放清单.xlsx"), NAMES, strict=False):
        write(tmp_path / "foreign" / name, sheet(agency))
    archive(tmp_path / "foreign" / "包.zip", {"汇总表.xlsx": sheet("丁局")})
    found = statuses(checked(gknb_anew, "foreign"))
    assert set(found) == {
        *(f"foreign/{name}.xlsx" for name in ("汇总表", "校验结果", "发放清单")),
        "foreign/包.zip/汇总表.xlsx",
    }
    assert set(found.values()) == {"passed"}
    rows = list(csv.DictReader(io.StringIO(gknb_anew("extract", "foreign", "--format", "csv").stdout)))
    assert {row["机关"] for row in rows} == set(NAMES[:4])
    assert gknb_anew("report", "foreign", "-o", "报告").returncode == 0
    assert len(list((tmp_path / "报告").glob("*.docx"))) == 4
    summed = gknb_anew("rollup", "foreign", "--agency", "某县", "-o", "汇总")
    assert "汇总了 4 份" in summed.stderr, summed.stderr


@pytest.fixture
def outputs(gknb: Gknb, tmp_path: Path) -> Path:
    """Every output of ours that a folder of returns may hold, under other names, beside one return."""
    (tmp_path / "名册.csv").write_text("机关全称\n甲局\n", encoding="utf-8")
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    assert gknb("distribute", "名册.csv", "--year", 2024, "-o", "发放").returncode == 0
    assert gknb("check", "foreign", "-o", "结果").returncode == 0
    assert gknb("rollup", "foreign", "--agency", "某县", "-o", "汇总").returncode == 0
    data = json.loads(gknb("extract", "foreign").stdout)
    write(tmp_path / "上年.json", json.dumps({**data, "year": 2023}).encode())
    assert gknb("trend", "foreign", "上年.json", "-o", "趋势.xlsx").returncode == 0
    for number, path in enumerate(
        ("发放/发放清单.xlsx", "结果/校验结果.xlsx", "汇总/汇总表.xlsx", "趋势.xlsx", "结果/findings.json")
    ):
        source = tmp_path / path
        write(tmp_path / "foreign" / f"{number}{source.suffix}", source.read_bytes())
    return tmp_path / "foreign"


WRITTEN = {
    "0.xlsx": "gknb distribute 写出的发放清单",
    "1.xlsx": "gknb check 写出的校验结果",
    "2.xlsx": "gknb rollup 写出的汇总表",
    "3.xlsx": "gknb trend 写出的历年对比",
    "4.json": "gknb check 写出的校验结果",
}


def test_our_outputs_are_known_whatever_they_are_called(gknb: Gknb, outputs: Path) -> None:
    data = checked(gknb, "foreign")
    assert statuses(data) == {"foreign/甲.xlsx": "passed"}
    assert left_out(data) == {f"foreign/{name}": f"是 {words}，不是填报表" for name, words in WRITTEN.items()}
    named = checked(gknb, *(f"foreign/{name}" for name in WRITTEN))
    assert set(statuses(named).values()) == {"unreadable"}, "what was named is answered for"
    assert {file["cause"] for file in named["files"]} == {"own-output"}
    archive(
        outputs.parent / "包" / "一.zip",
        {"里/汇总表.xlsx": (outputs / "2.xlsx").read_bytes(), "乙.xlsx": sheet("乙局")},
    )
    data = checked(gknb, "包")
    assert (list(statuses(data)), list(left_out(data))) == (["包/一.zip/乙.xlsx"], ["包/一.zip/里/汇总表.xlsx"])


def test_outputs_from_before_there_was_a_mark_are_known_by_their_heads(gknb: Gknb, outputs: Path) -> None:
    for name in ("0.xlsx", "1.xlsx", "2.xlsx"):
        parts = parts_of((outputs / name).read_bytes())
        core = parts["docProps/core.xml"]
        parts["docProps/core.xml"] = re.sub(rb"<cp:keywords>.*?</cp:keywords>", b"", core)
        assert parts["docProps/core.xml"] != core, "there was a mark"
        (outputs / name).write_bytes(packed(parts))
    found = left_out(checked(gknb, "foreign"))
    assert {path: found[path] for path in ("foreign/0.xlsx", "foreign/1.xlsx", "foreign/2.xlsx")} == {
        f"foreign/{name}": f"是 {WRITTEN[name]}，不是填报表" for name in ("0.xlsx", "1.xlsx", "2.xlsx")
    }


def test_the_page_of_results_is_no_published_report(gknb: Gknb, outputs: Path, tmp_path: Path) -> None:
    (page,) = (tmp_path / "结果").glob("*.html")
    assert gknb("report", "foreign/甲.xlsx", "--html", "-o", "公布").returncode == 0
    for path in (tmp_path / "公布").iterdir():
        if path.suffix == ".docx" or "粘贴用" in path.name:
            path.unlink()
    write(tmp_path / "公布" / "新.html", page.read_bytes())
    old = page.read_bytes().replace(b'<meta name="generator" content="gknb-output:results">', b"")
    write(tmp_path / "公布" / "旧.html", old)
    write(tmp_path / "公布" / "校验结果.xlsx", (outputs / "1.xlsx").read_bytes())
    data = checked(gknb, "公布")
    assert len(data["files"]) == 1
    assert set(left_out(data)) == {"公布/新.html", "公布/旧.html", "公布/校验结果.xlsx"}


def test_a_folder_of_nothing_but_our_outputs_is_no_batch_that_passed(gknb: Gknb, outputs: Path) -> None:
    (outputs / "甲.xlsx").unlink()
    for command in (("check",), ("extract",), ("rollup", "--agency", "某县", "-o", "别处")):
        ran = gknb(command[0], "foreign", *command[1:])
        assert ran.returncode == 2, (command, ran.stderr)
        assert "没有可读的填报表" in ran.stderr
        assert "foreign/2.xlsx：是 gknb rollup 写出的汇总表" in ran.stderr


def test_results_that_are_written_among_the_returns_are_read_by_no_later_run(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    assert gknb("check", "foreign", "-o", "foreign").returncode == 0
    for more in ("--force", "--resume"):
        assert gknb("check", "foreign", "-o", "foreign", more).returncode == 0
        data = json.loads((tmp_path / "foreign" / "findings.json").read_text(encoding="utf-8"))
        assert statuses(data) == {"foreign/甲.xlsx": "passed"}
        assert {"foreign/findings.json", "foreign/校验结果.xlsx", "foreign/校验结果.html"} <= set(left_out(data))


# ------------------------------------------------------------ ways


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


# ------------------------------------------------------------ what is left out


@pytest.fixture
def mixed(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder of returns with all that is left out, and why."""
    here = tmp_path / "foreign"
    write(here / "甲.xlsx", sheet("甲局"))
    write(here / ".乙.xlsx", sheet("乙局"))
    beside = "像是已公布的报告，与填报表在一起时不读；要读，请直接写出文件名"
    lock = "Excel、WPS 打开表格时留下的锁文件，不是填报表"
    archive(
        here / "收.zip",
        {"丙.xlsx": sheet("丙局"), "附件/图.png": b"x", "__MACOSX/._丙.xlsx": b"\0\5\x16\7", "空/": b""},
    )
    for name in ("~$甲.xlsx", ".~甲.xlsx", ".DS_Store", "说明.docx", "备份.rar", "没有扩展名", "._甲.xlsx"):
        write(here / name, b"x")
    (here / "空的").mkdir()
    said = {
        "~$甲.xlsx": lock,
        ".~甲.xlsx": lock,
        ".DS_Store": "系统自己存的文件，不是填报表",
        "说明.docx": beside,
        "备份.rar": "这种压缩包打不开，里面的文件没有读；请解压，或改用 .zip",
        "没有扩展名": "没有扩展名，不是填报表（.xlsx 等）或数据文件（.json）",
        "._甲.xlsx": "macOS 附带的信息，不是填报表",
        "空的": EMPTY,
        "收.zip/附件/图.png": "扩展名是 .png，不是填报表（.xlsx 等）或数据文件（.json）",
        "收.zip/__MACOSX/._丙.xlsx": "macOS 附带的信息，不是填报表",
        "收.zip/空/": EMPTY,
    }
    if hasattr(os, "mkfifo"):
        os.mkfifo(here / "管.dat")
        said["管.dat"] = SPECIAL
    return here, {f"foreign/{name}": reason for name, reason in said.items()}


def test_all_that_is_left_out_stands_in_every_result_with_its_reason(
    gknb_anew: Gknb, tmp_path: Path, mixed: tuple[Path, dict[str, str]]
) -> None:
    """On screen, in findings.json, in the page and in the workbook (whole processes); a hidden return is read."""
    _, said = mixed
    roster = write(tmp_path / "foreign" / "名册.csv", "机关全称\n甲局\n乙局\n丙局\n".encode())
    said["foreign/名册.csv"] = OWN_FILE
    ran = gknb_anew("check", "foreign", "--roster", roster, "-o", "foreign/结果")
    assert ran.returncode == 0, ran.stderr
    said["foreign/结果"] = OWN_FILE
    folder = tmp_path / "foreign" / "结果"
    data = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    assert left_out(data) == said
    assert set(statuses(data)) == {"foreign/甲.xlsx", "foreign/.乙.xlsx", "foreign/收.zip/丙.xlsx"}
    book = load_workbook(folder / "校验结果.xlsx")
    rows = list(book["没有读的文件"].iter_rows(min_row=4, values_only=True))
    assert dict(rows) == said
    page = (folder / "校验结果.html").read_text(encoding="utf-8")
    held = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert dict(held["leftOut"]) == said
    shown = [line for line in ran.stderr.splitlines() if line.startswith("  foreign/")]
    assert len(shown) == LEFT_OUT_SHOWN
    assert all(line in {f"  {path}：{reason}。" for path, reason in said.items()} for line in shown)
    assert f"没有读的有 {len(said)} 个" in ran.stderr
    assert f"另有 {len(said) - LEFT_OUT_SHOWN} 个。全部见 foreign/结果 里的 校验结果.xlsx“没有读的文件”" in ran.stderr
    again = gknb_anew("check", "foreign", "--roster", roster, "-o", "foreign/结果", "--resume")
    assert again.returncode == 0
    assert json.loads((folder / "findings.json").read_text(encoding="utf-8")) == data


@pytest.mark.parametrize(
    "call",
    [
        ("report", "foreign", "-o", "报告"),
        ("extract", "foreign"),
        ("import", "foreign", "--json"),
        ("rollup", "foreign", "--agency", "某县", "-o", "汇总"),
        ("trend", "foreign", "--agency", "甲局", "-o", "趋势.xlsx"),
        ("check", "一份", "--prior", "foreign"),
    ],
    ids=lambda call: call[0],
)
def test_every_command_says_what_it_left_out(gknb: Gknb, tmp_path: Path, call: tuple[str, ...]) -> None:
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    write(tmp_path / "一份" / "甲.xlsx", sheet("甲局"))
    write(tmp_path / "foreign" / "~$甲.xlsx", b"lock")
    archive(tmp_path / "foreign" / "收.zip", {"说明.doc": b"x"})
    said = gknb(*call).stderr
    assert "没有读的有 2 个：" in said
    assert "  foreign/收.zip/说明.doc：扩展名是 .doc" in said
    assert "  foreign/~$甲.xlsx：Excel、WPS 打开表格时留下的锁文件" in said


def test_of_many_files_that_are_left_out_only_a_few_are_held_in_memory(tmp_path: Path) -> None:
    count = 3000
    archive(tmp_path / "收.zip", {"甲.xlsx": b"x", **{f"{number}.doc": b"" for number in range(count)}})
    for number in range(count):
        (tmp_path / f"{number}.doc").touch()
    ledger, out = Ledger(), LeftOut()
    assert ledger.add(find_items([tmp_path], out), out) == 1
    assert (out.count, len(out.first)) == (2 * count, LEFT_OUT_SHOWN)
    assert sum(1 for _ in ledger.left_out()) == ledger.count_left_out() == 2 * count
    ledger.close()


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
from toolkit.batch.intake import Item, LeftOut
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


# ------------------------------------------------------------ equal times


def roster_of(tmp_path: Path, *names: str) -> Path:
    return write(tmp_path / "名册.csv", "\n".join(("机关全称", *names)).encode())


def standing(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(line["agency"], line["state"], Path(line["path"]).name) for line in data["agencies"]]


def at(path: Path, seconds: float) -> Path:
    os.utime(path, (seconds, seconds))
    return path


def test_of_two_returns_of_the_same_time_neither_counts(gknb: Gknb, tmp_path: Path) -> None:
    """It is said that it cannot be told, for the check as for the sum."""
    roster = roster_of(tmp_path, "甲局", "乙局")
    for number, name in enumerate(("一.xlsx", "二.xlsx", "旧.xlsx")):
        at(write(tmp_path / "foreign" / name, sheet("甲局", number)), 1_700_000_000 - 1000 * (name == "旧.xlsx"))
    write(tmp_path / "foreign" / "乙.xlsx", sheet("乙局"))
    ran = gknb("check", "foreign", "--roster", roster, "--json")
    data = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert {status for path, status in statuses(data).items()} == {"passed"}
    assert sorted(standing(data)) == sorted(
        [("甲局", "重复", name) for name in ("一.xlsx", "二.xlsx", "旧.xlsx")] + [("乙局", "已报", "乙.xlsx")]
    )
    notes = {line["note"] for line in data["agencies"] if line["agency"] == "甲局"}
    assert notes == {"foreign/一.xlsx、foreign/二.xlsx 的改动时间相同，分不出先后，都没有计入。请只留一份，再校验"}
    messages = [
        found["message"] for file in data["files"] for found in file["findings"] if found["rule"] == "duplicate-return"
    ]
    assert len(messages) == 3
    assert all("一.xlsx、二.xlsx 的改动时间相同，分不出先后，都没有计入" in message for message in messages)
    assert not any("最近改动" in message for message in messages)
    words = gknb("check", "foreign", "--roster", roster).stdout
    assert "分不出先后，都没有计入：甲局。请各只留一份" in words
    summed = gknb("rollup", "foreign", "--roster", roster, "--agency", "某县", "-o", "汇总", "--allow-failed")
    assert summed.returncode == 1
    assert "分不出先后" in summed.stderr
    at(tmp_path / "foreign" / "二.xlsx", 1_700_000_001)
    assert ("甲局", "已报", "二.xlsx") in standing(checked(gknb, "foreign", "--roster", roster))


@pytest.mark.parametrize(("apart", "is_tie"), [(0, True), (1.5, True), (-1.5, True), (2, False), (-3, False)])
def test_times_in_archives_are_no_finer_than_two_seconds(
    gknb: Gknb, tmp_path: Path, apart: float, is_tie: bool
) -> None:
    from datetime import datetime

    roster = roster_of(tmp_path, "甲局")
    when = (2025, 1, 10, 8, 0, 0)
    archive(tmp_path / "foreign" / "包.zip", {"一.xlsx": sheet("甲局", 1)}, when)
    at(write(tmp_path / "foreign" / "二.xlsx", sheet("甲局", 2)), datetime(*when).timestamp() + apart)
    data = checked(gknb, "foreign", "--roster", roster)
    states = {name: state for _, state, name in standing(data)}
    newer = "二.xlsx" if apart > 0 else "一.xlsx"
    assert states == (
        {"一.xlsx": "重复", "二.xlsx": "重复"} if is_tie else {"一.xlsx": "重复", "二.xlsx": "重复", newer: "已报"}
    )


def test_a_copy_is_no_rival(gknb: Gknb, tmp_path: Path) -> None:
    roster = roster_of(tmp_path, "甲局")
    for name in ("一.xlsx", "二.xlsx"):
        at(write(tmp_path / "foreign" / name, sheet("甲局")), 1_700_000_000)
    ran = gknb("check", "foreign", "--roster", roster, "--json")
    assert ran.returncode == 0
    assert sorted(state for _, state, _ in standing(json.loads(ran.stdout))) == ["已报", "重复"]


# ------------------------------------------------------------ names on one line

ODD_NAME = "甲\n【通过】乙\x1b[2J\u202e局.xlsx"


def test_names_stand_on_one_line_in_everything_that_is_shown(gknb_anew: Gknb, tmp_path: Path) -> None:
    """Names of files and of members, on screen and in all results; links lead to the real file."""
    archive(tmp_path / "foreign" / "收.zip", {"包\n【通过】假.xlsx": sheet("甲局"), "长" * 400 + ".xlsx": b"x"})
    if sys.platform != "win32":
        write(tmp_path / "foreign" / ODD_NAME, sheet("乙局"))
        write(tmp_path / "foreign" / f"{ODD_NAME}.doc", b"x")
    roster = roster_of(tmp_path, "甲局", "乙局")
    calls = (
        ("check", "foreign", "--roster", roster, "-o", "结果", "--notice", "退回", "--annotate", "批注"),
        ("check", "foreign", "--json"),
        ("extract", "foreign", "--format", "csv"),
        ("rollup", "foreign", "--agency", "某县", "-o", "汇总", "--allow-failed"),
        ("report", "foreign", "-o", "报告"),
        ("import", "foreign", "-o", "导入"),
    )
    for call in calls:
        ran = gknb_anew(*call)
        for line in (ran.stdout + ran.stderr).splitlines():
            assert not line.startswith(("【通过】乙", "【通过】假")), (call, line)
            assert not set("\x1b\u202e") & set(line), (call, line)
    data = json.loads((tmp_path / "结果" / "findings.json").read_text(encoding="utf-8"))
    paths = [*statuses(data), *left_out(data)]
    assert "foreign/收.zip/包<U+000A>【通过】假.xlsx" in paths
    assert all(path.isprintable() and len(path) < 2 * SHOWN for path in paths)
    names = [row["文件"] for row in csv.DictReader(io.StringIO(gknb_anew(*calls[2]).stdout))]
    assert names
    assert all(name.isprintable() for name in names)
    for book in (tmp_path / "结果" / "校验结果.xlsx", tmp_path / "汇总" / "汇总表.xlsx"):
        texts = [str(cell.value) for rows in load_workbook(book) for row in rows for cell in row if cell.value]
        assert any("<U+000A>" in text for text in texts)
        assert not any("\n【" in text or "\x1b" in text or "\u202e" in text for text in texts)


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_link_in_the_page_leads_to_the_file_whatever_it_is_called(gknb: Gknb, tmp_path: Path) -> None:
    gbk = os.fsdecode("丙局.xlsx".encode("gb18030"))
    for name, agency in (("甲局.xlsx", "甲局"), ("一\n二 #%?.xlsx", "乙局"), (gbk, "丙局")):
        write(tmp_path / "foreign" / name, sheet(agency))
    gknb("check", "foreign", "-o", "结果")
    page = (tmp_path / "结果" / "校验结果.html").read_text(encoding="utf-8")
    held = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    for line in held["lines"]:
        target = os.fsdecode(unquote(unescape(line[4]), encoding="latin-1").encode("latin-1"))
        assert (tmp_path / "结果" / target).is_file(), line[4]
    assert len(held["lines"]) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have names that are no characters")
def test_files_that_look_the_same_by_name_stay_two(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "甲局.json", b"x")
    write(tmp_path / "foreign" / os.fsdecode("甲局.json".encode("gb18030")), sheet("甲局"))
    paths = [file["path"] for file in checked(gknb, "foreign")["files"]]
    assert sorted(paths) == ["foreign/甲局.json", "foreign/甲局.json（同名的第 2 个）"]


@given(st.text(), st.text())
def test_a_shown_name_is_one_line_and_never_that_of_another(one: str, other: str) -> None:
    shown = printable(one)
    assert len(shown.splitlines()) <= 1
    assert not any(char in shown for char in "\x1b\u200b\u200e\u202e\u2066\ufeff\x00\r\n")
    assert (shown == printable(other)) == (one == other)
    again = re.sub("<U\\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), shown)
    assert again == one


def test_ordinary_names_are_shown_as_they_are() -> None:
    for name in ("国办〔2024〕3号　附件.xlsx", "a b\u00a0c.xlsx", "\U00030000县.xlsx", "〔000A〕.xlsx", "<b>.xlsx"):
        assert printable(name) == name


def test_a_very_long_name_is_cut_and_stays_its_own() -> None:
    shown = {shown_member("目录/" + "长" * length + ".xlsx") for length in (300, 301, 60_000)}
    assert len(shown) == 3
    assert all(len(name) <= SHOWN for name in shown)
    assert shown_member("长" * 240 + ".xlsx") == "长" * 240 + ".xlsx"


def test_what_is_left_out_is_shown_by_such_names_too(tmp_path: Path) -> None:
    out = LeftOut()
    archive(tmp_path / "收.zip", {"甲.xlsx": b"x", "说\n明.doc": b""})
    assert [item.members for item in find_items([tmp_path], out)] == [("甲.xlsx",)]
    (left,) = out.first
    assert left == LeftOutFile(f"{tmp_path}/收.zip/说<U+000A>明.doc", left.reason)
