"""What lies under a path: it is read, or it is told why not. Files are known by what they hold."""

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest
from command_line import Gknb
from kit import write
from openpyxl import load_workbook
from packages import packed, parts_of
from returns import archive, checked, left_out, sheet, statuses

from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.received.files import find_items
from toolkit.batch.received.folder_walk import EMPTY
from toolkit.batch.received.left_out import LEFT_OUT_SHOWN, OWN_FILE, LeftOut
from toolkit.files.read import SPECIAL

NAMES = ("甲局", "乙局", "丙局", "丁局", "戊局", "己局")


# ------------------------------------------------------------ by what they hold


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_folder_of_nothing_but_our_outputs_is_no_batch_that_passed(gknb: Gknb, outputs: Path) -> None:
    (outputs / "甲.xlsx").unlink()
    for command in (("check",), ("extract",), ("rollup", "--agency", "某县", "-o", "别处")):
        ran = gknb(command[0], "foreign", *command[1:])
        assert ran.returncode == 2, (command, ran.stderr)
        assert "没有可读的填报表" in ran.stderr
        assert "foreign/2.xlsx：是 gknb rollup 写出的汇总表" in ran.stderr


@pytest.mark.slow
def test_results_that_are_written_among_the_returns_are_read_by_no_later_run(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "甲.xlsx", sheet("甲局"))
    assert gknb("check", "foreign", "-o", "foreign").returncode == 0
    for more in ("--force", "--resume"):
        assert gknb("check", "foreign", "-o", "foreign", more).returncode == 0
        data = json.loads((tmp_path / "foreign" / "findings.json").read_text(encoding="utf-8"))
        assert statuses(data) == {"foreign/甲.xlsx": "passed"}
        assert {"foreign/findings.json", "foreign/校验结果.xlsx", "foreign/校验结果.html"} <= set(left_out(data))


# ------------------------------------------------------------ what is left out


@pytest.fixture
def mixed(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder of returns with all that is left out, and why."""
    here = tmp_path / "foreign"
    write(here / "甲.xlsx", sheet("甲局"))
    write(here / ".乙.xlsx", sheet("乙局"))
    beside = "像是已公布的报告，与填报表在一起时不读；要读，请直接写出文件名，完整的年报也可以加 --accept-reports"
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
        "备份.rar": "不是完整的压缩包（.rar），打不开。请解压后再放，或改用 .zip",
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


@pytest.mark.slow
def test_all_that_is_left_out_stands_in_every_result_with_its_reason(
    gknb_anew: Gknb, tmp_path: Path, mixed: tuple[Path, dict[str, str]]
) -> None:
    """On screen, in findings.json, in the page and in the workbook (whole processes); a hidden return is read."""
    _, said = mixed
    roster = write(tmp_path / "foreign" / "名册.csv", "机关全称\n甲局\n乙局\n丙局\n".encode())
    for name in ("说明.docx", "备份.rar", "没有扩展名", "收.zip/附件/图.png"):
        said[f"foreign/{name}"] += "；看不出是哪个机关的"
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


@pytest.mark.slow
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
