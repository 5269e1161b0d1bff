"""Whole batches: every fault that was sown is found and nothing else, however many work on it and whatever happens to
them; who has returned what is told."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batches import FAULTS, make_batch, results_of, workbook, write_roster
from command_line import Gknb, environment
from kit import others_workbook, report, write
from openpyxl import load_workbook
from packages import packed

from toolkit.batch.ledger.ledger import LEDGER_NAME
from toolkit.batch.received.files import find_items
from toolkit.batch.received.left_out import LeftOut
from toolkit.batch.results.folder import RESULT_NAMES
from toolkit.workbook.template import build_template

LARGE = 400


def rules_of(file: dict[str, Any]) -> Counter[str]:
    return Counter(found["rule"] for found in file["findings"])


@pytest.mark.slow
def test_every_sown_fault_is_found_and_nothing_else(gknb: Gknb, tmp_path: Path) -> None:
    sown = make_batch(tmp_path / "foreign", LARGE)
    roster = write_roster(tmp_path / "名册.csv", sown.agencies)
    ran = gknb("check", "foreign", "--roster", roster, "-o", "结果")
    assert ran.returncode == 1, ran.stderr
    data = results_of(tmp_path / "结果")
    found = {str(tmp_path / file["path"]): file for file in data["files"]}
    assert set(found) == set(sown.expected)
    faulty = {line["agency"] for line in data["agencies"] if line["state"] in ("有误", "无法读取")}
    listed = [line.split("】")[1].split("  ")[0] for line in ran.stdout.splitlines() if line.startswith("【")]
    assert sorted(listed) == sorted(faulty), "one line for each that must be sent back, none for those that passed"
    wrong = {
        path: (rules_of(file), sown.expected[path])
        for path, file in found.items()
        if (file["status"] == "unreadable") != (path in sown.unreadable)
        or (path not in sown.unreadable and rules_of(file) != sown.expected[path])
    }
    assert wrong == {}
    assert sum(map(bool, sown.expected.values())) > LARGE // 15
    states = {line["agency"]: line["state"] for line in data["agencies"]}
    assert {agency for agency, state in states.items() if state == "未报"} == set(sown.missing)
    assert Counter(states.values())["无法读取"] == len(sown.unreadable), "known by the file's name"
    assert f"未报 {len(sown.missing)}" in ran.stdout


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_workers(gknb: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", 60, seed=5)
    for workers in (1, 2, 5):
        gknb("check", "foreign", "-o", f"结果{workers}", "--workers", workers)
    one, two, five = ((tmp_path / f"结果{workers}" / "findings.json").read_bytes() for workers in (1, 2, 5))
    assert one == two == five
    alone = gknb("check", "foreign", "--json").stdout
    assert json.loads(alone) == json.loads(one)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A check of many files that has begun: some are done, most are not. Its pipe holds few lines: it cannot get far
    ahead of the test, however busy the machine is."""
    make_batch(tmp_path / "foreign", 400, sound=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "toolkit", "check", "foreign", "-o", "结果", "--workers", "2"],
        cwd=tmp_path,
        env=environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        pipesize=4096,
        # A shell starts what it puts into the background deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stdout is not None
    for _ in range(40):
        assert "通过" in process.stdout.readline()
    yield process
    process.kill()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that do the work: those that the process's own children have brought forth."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    grand = [Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split() for pid in children]
    return [int(pid) for pids in grand for pid in pids]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for the workers in /proc")
def test_a_worker_that_dies_costs_its_file_alone(running: subprocess.Popen[str], tmp_path: Path) -> None:
    os.kill(workers_of(running)[0], signal.SIGKILL)
    said, _ = running.communicate(timeout=120)
    data = results_of(tmp_path / "结果")
    assert data["summary"]["files"] == 400
    lost = [file for file in data["files"] if file["status"] != "passed"]
    assert len(lost) <= 1, said
    for file in lost:
        assert "进程意外中止" in file["findings"][0]["message"]
    assert running.returncode == len(lost)


@pytest.mark.slow
def test_ctrl_c_leaves_what_is_done_and_resume_does_the_rest(
    running: subprocess.Popen[str], tmp_path: Path, gknb: Gknb
) -> None:
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in said
    part = results_of(tmp_path / "结果")
    assert 40 <= part["summary"]["files"] < 400
    assert part["summary"]["passed"] == part["summary"]["files"]
    assert "没有做完" in part["settings"][0]
    assert all((tmp_path / "结果" / name).exists() for name in RESULT_NAMES)
    ran = gknb("check", "foreign", "-o", "结果", "--resume")
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stdout.splitlines() if line.startswith("【")]
    assert len(lines) <= 400 - part["summary"]["files"], "what is done is not done again"
    assert gknb("check", "foreign", "-o", "另外").returncode == 0
    whole, anew = ((tmp_path / name / "findings.json").read_bytes() for name in ("结果", "另外"))
    assert whole == anew


@pytest.mark.slow
def test_resume_goes_by_content_and_settings(gknb: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", 6, sound=True)
    assert gknb("check", "foreign", "-o", "结果", "--resume").returncode == 2, "nothing to resume yet"
    gknb("check", "foreign", "-o", "结果")
    files = sorted((tmp_path / "foreign").rglob("*.xlsx"))
    files[0].rename(tmp_path / "foreign" / "改名.xlsx")
    content, _, _ = workbook("新设局", random.Random(9))
    files[1].write_bytes(content)
    ran = gknb("check", "foreign", "-o", "结果", "--resume")
    assert [line.split("】")[1].split()[0] for line in ran.stdout.splitlines() if "【" in line] == [
        str(files[1].relative_to(tmp_path))
    ]
    paths = [file["path"] for file in results_of(tmp_path / "结果")["files"]]
    assert paths == sorted(paths, key=lambda path: (path.count("/") > 1, path))
    assert "foreign/改名.xlsx" in paths
    write(files[2], workbook("坏事局", random.Random(9), FAULTS[0])[0])
    first, second = (gknb("check", "foreign", "-o", "结果", "--resume").stdout for _ in range(2))
    wrong = [line for line in first.splitlines() if line.startswith("【有误】")]
    assert len(wrong) == 1
    assert wrong[0] in second.splitlines(), "what is still wrong is said again, although it was not checked again"
    (tmp_path / "gknb.toml").write_text('[rules]\nplaceholder-left = "error"\n', encoding="utf-8")
    again = gknb("check", "foreign", "-o", "结果", "--resume")
    assert sum("【" in line for line in again.stdout.splitlines()) == 6, "other settings, other results"


@pytest.mark.slow
def test_a_file_that_takes_too_long_is_given_up(gknb: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", 4, sound=True)
    data = json.dumps({"form": "2021", "agency": "甲局", "year": 2024, "values": {}})
    (tmp_path / "foreign" / "很大.json").write_text(f"[{','.join([data] * 30_000)}]", encoding="utf-8")
    ran = gknb("check", "foreign", "--json", "--seconds", "3")
    assert ran.returncode == 1
    status = {Path(file["path"]).name: file for file in json.loads(ran.stdout)["files"]}
    assert status.pop("很大.json")["findings"][0]["message"].startswith("处理超过 3 秒")
    assert {file["status"] for file in status.values()} == {"passed"}


def test_an_archive_in_an_archive_is_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files are in it, and however many of them are archives or claim to be."""
    empty = {f"{number}.zip": b"" for number in range(50)}
    inner = packed({**empty, **{f"{number}.xlsx": b"x" for number in range(50)}})
    file = write(tmp_path / "外.zip", packed({"里.zip": inner}))
    opened, real = list[str](), zipfile.ZipFile.open
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda archive, name: (opened.append(name), real(archive, name))[1])
    items = list(find_items([file], LeftOut()))
    assert len(items) == 100
    for item in items:
        item.read()
    assert opened.count("里.zip") == 1


@pytest.mark.slow
def test_archives_are_looked_into(gknb: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", 5, sound=True)
    files = sorted((tmp_path / "foreign").rglob("*.xlsx"))
    inner = tmp_path / "内.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(files[1], "乡镇/一.xlsx")
    with zipfile.ZipFile(tmp_path / "foreign" / "收回.zip", "w") as archive:
        archive.write(files[0], files[0].name)
        archive.write(inner, "下/内.zip")
        archive.writestr("~$锁.xlsx", b"x")
        archive.writestr("说明.docx", b"x")
        archive.writestr("../../跑出去.xlsx", b"PK\x03\x04")
        archive.writestr("__MACOSX/._甲.xlsx", b"x")
    old = (tmp_path / "foreign" / "收回.zip").read_bytes()
    # What Windows writes: names in its own encoding, not marked as Unicode.
    chinese, marked = "表.xlsx".encode("gb18030"), zipfile.ZipInfo("????.xlsx")
    with zipfile.ZipFile(tmp_path / "foreign" / "gbk.zip", "w") as archive:
        archive.writestr(marked, files[2].read_bytes())
    raw = (tmp_path / "foreign" / "gbk.zip").read_bytes().replace(b"????.xlsx", b"12" + chinese)
    (tmp_path / "foreign" / "gbk.zip").write_bytes(raw)
    (tmp_path / "foreign" / "坏.zip").write_bytes(old[:200])
    for file in files[:3]:
        file.unlink()
    ran = gknb("check", "foreign", "--json")
    found = {file["path"].removeprefix("foreign/"): file["status"] for file in json.loads(ran.stdout)["files"]}
    read = {path: status for path, status in found.items() if status == "passed"}
    assert set(read) == {
        f"收回.zip/{files[0].name}",
        "收回.zip/下/内.zip/乡镇/一.xlsx",
        "gbk.zip/12表.xlsx",
        *(str(file.relative_to(tmp_path / "foreign")) for file in files[3:]),
    }
    assert {path for path, status in found.items() if status == "unreadable"} == {
        "坏.zip",
        "收回.zip/../../跑出去.xlsx",
    }
    assert not (tmp_path.parent / "跑出去.xlsx").exists()
    assert "说明.docx" in ran.stderr
    assert gknb("report", "foreign/收回.zip", "-o", "报告").returncode == 1
    assert len(list((tmp_path / "报告").iterdir())) == 2
    assert (tmp_path / "foreign" / "收回.zip").read_bytes() == old


@pytest.mark.slow
def test_who_has_returned_what(gknb: Gknb, tmp_path: Path) -> None:
    """未报, 通过, 有误, 无法读取, 重复, 不在名册; by id, by name, by former name, by the file's name."""
    form = report("suqian-2024").form
    rng = random.Random(2)
    here = tmp_path / "foreign"
    (tmp_path / "名册.csv").write_text(
        "机关全称,统一社会信用代码,分组,曾用名\n"
        "甲县教育局,,一,\n乙县水利局,,一,乙县水务局；乙县水电局\n丙县司法局,,二,\n"
        "丁县财政局,,二,\n戊县民政局,,二,\n己县商务局,,二,\n",
        encoding="utf-8-sig",
    )

    def put(name: str, agency: str, day: int, fault: Any = None) -> None:
        content, _, _ = workbook(agency, rng, fault)
        os.utime(write(here / name, content), (day * 86_400, day * 86_400))

    put("旧/甲.xlsx", "甲县教育局", 10, FAULTS[0])
    put("甲-更正.xlsx", "甲县 教育局", 12)
    put("水务.xlsx", "乙县水务局", 10)
    put("丙.xlsx", "丙县司法局", 10, FAULTS[3])
    put("生人.xlsx", "庚县审计局", 10)
    write(here / "2-丁县财政局（终稿）.xlsx", b"PK\x03\x04 broken")
    assert gknb("distribute", "名册.csv", "--year", 2024, "-o", "发放").returncode == 0
    shutil.copy(tmp_path / "发放" / "6-己县商务局.xlsx", here / "己.xlsx")
    book = load_workbook(tmp_path / "发放" / "5-戊县民政局.xlsx")
    book["基本信息"]["C4"] = "戊县民政和社会事务局"
    book["六" if "六" in book.sheetnames else "文字"]["A5"] = "无"
    book.save(here / "戊.xlsx")
    ran = gknb("check", "foreign", "--roster", "名册.csv", "-o", "结果")
    data = results_of(tmp_path / "结果")
    lines = [(line["agency"], line["state"], Path(line["path"]).name) for line in data["agencies"]]
    assert lines == [
        ("甲县教育局", "通过", "甲-更正.xlsx"),
        ("甲县教育局", "重复", "甲.xlsx"),
        ("乙县水利局", "通过", "水务.xlsx"),
        ("丙县司法局", "有误", "丙.xlsx"),
        ("丁县财政局", "无法读取", "2-丁县财政局（终稿）.xlsx"),
        ("戊县民政局", "有误", "戊.xlsx"),
        ("己县商务局", "未报", "己.xlsx"),
        ("庚县审计局", "不在名册", "生人.xlsx"),
    ]
    notes = {line["agency"]: line["note"] for line in data["agencies"] if line["state"] != "重复"}
    assert "旧/甲.xlsx" in notes["甲县教育局"]
    assert "空白模板" in notes["己县商务局"]
    said = {Path(file["path"]).name: [found["message"] for found in file["findings"]] for file in data["files"]}
    assert any("按曾用名“乙县水务局”认作名册上的乙县水利局" in message for message in said["水务.xlsx"])
    assert any("按模板编号认作名册上的戊县民政局" in message for message in said["戊.xlsx"])
    assert any("按文件名认作名册上的丁县财政局" in message for message in said["2-丁县财政局（终稿）.xlsx"])
    assert any("按最近改动的 甲-更正.xlsx 计" in message for message in said["甲.xlsx"])
    assert "已收 5/6，通过 2，有误 2，无法读取 1，未报 1。另有不计的文件：不在名册 1，重复 1。" in ran.stdout
    assert form.serves(2024)
    put("丙-2023.xlsx", "丙县司法局", 20)
    book = load_workbook(here / "丙-2023.xlsx")
    book["_gknb"]["B5"] = 2023
    book.save(here / "丙-2023.xlsx")
    data = json.loads(gknb("check", "foreign", "--roster", "名册.csv", "--json").stdout)
    assert ("丙县司法局", "有误", "丙.xlsx") in [
        (line["agency"], line["state"], Path(line["path"]).name) for line in data["agencies"]
    ]
    assert ("丙县司法局", "不在名册") in [(line["agency"], line["state"]) for line in data["agencies"]]
    told = gknb("check", "foreign", "--roster", "名册.csv", "-o", "结果", "--force")
    assert "不在名册：丙县司法局（2023 年的表）、庚县审计局。" in told.stdout
    names = {row[1] for row in load_workbook(tmp_path / "结果" / "校验结果.xlsx")["各机关"].iter_rows(values_only=True)}
    assert "丙县司法局（2023 年的表）" in names
    assert "丙县司法局（2023 年的表）" in (tmp_path / "结果" / "校验结果.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_our_own_outputs_are_no_returns(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "甲.xlsx", workbook("甲局", random.Random(1), FAULTS[0])[0])
    call = (
        "check",
        "foreign",
        "-o",
        "foreign/结果",
        "--annotate",
        "foreign/批注",
        "--notice",
        "foreign/退回",
        "--force",
    )
    for _ in range(2):
        assert gknb(*call).returncode == 1
        assert results_of(tmp_path / "foreign" / "结果")["summary"]["files"] == 1
    assert json.loads(gknb("check", "foreign/结果/..", "--json", "--annotate", "foreign/批注", "--force").stdout)
    assert (tmp_path / "foreign" / "结果" / LEDGER_NAME).exists()


@pytest.mark.slow
def test_results_are_not_overwritten_unasked(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "甲.xlsx", build_template(report("suqian-2024").form, 2024, "甲局"))
    mine = others_workbook()
    write(tmp_path / "结果" / "校验结果.xlsx", mine)
    ran = gknb("check", "foreign", "-o", "结果")
    assert ran.returncode == 2
    assert "--force" in ran.stderr
    assert (tmp_path / "结果" / "校验结果.xlsx").read_bytes() == mine
    assert not (tmp_path / "结果" / LEDGER_NAME).exists()
    assert gknb("check", "foreign", "-o", "结果", "--force").returncode == 1
