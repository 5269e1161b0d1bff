"""The commands as the contract has them: what they print, what they write, how they end, and what they refuse."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Gknb, assert_refused
from docx import Document
from kit import REPORT_DATA, read, report, write
from openpyxl import Workbook, load_workbook
from places import ROOT, TEMPLATES

from toolkit.forms.loader import bundled_form
from toolkit.submission.json_csv import to_data
from toolkit.workbook.layout import IDENTITY, layout_of
from toolkit.workbook.template import build_template, build_workbook

COMMANDS = ("demo", "template", "key", "check", "report", "extract", "cells", "import", "trend", "rollup", "rules")


@pytest.fixture
def gknb(gknb_anew: Gknb) -> Gknb:
    """Here, Python starts for each call."""
    return gknb_anew


def good_workbook(path: Path, name: str = "suqian-2024") -> Path:
    return write(path, build_workbook(report(name)))


@pytest.mark.slow
def test_demo_does_the_whole_job_and_says_what_it_wrote(gknb: Gknb, tmp_path: Path) -> None:
    result = gknb("demo")
    assert result.returncode == 0, result.stderr
    written = sorted(path.name for path in (tmp_path / "gknb-demo").iterdir())
    assert written == [
        "填好的表.xlsx",
        "校验结果.html",
        "温县教育局2020年政府信息公开工作年度报告.docx",
        "空白模板.xlsx",
    ]
    assert all(name in result.stdout for name in written)
    assert "校验结果.html" in result.stdout.splitlines()[-3], "it ends with the page"
    page = (tmp_path / "gknb-demo" / "校验结果.html").read_text(encoding="utf-8")
    assert "共 1 份：通过 1，有误 0，无法读取 0。" in page
    assert_refused(gknb("demo"), 2, "已经存在", "--force")
    assert gknb("demo", "--force").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(gknb: Gknb, command: str) -> None:
    result = gknb(command, "--help")
    assert result.returncode == 0
    example = result.stdout.partition("例：")[2]
    assert f"gknb {command}" in example
    assert not {"Usage:", "Options:", "Arguments:"} & set(result.stdout.split())


@pytest.mark.slow
def test_template_fill_check_extract_report(gknb: Gknb, tmp_path: Path) -> None:
    """The user's way, by the cell map alone: fill the template with another library, then run the commands."""
    assert gknb("template", "--year", 2024, "--agency", "某县教育局", "-o", "表.xlsx").returncode == 0
    source = to_data(report("suqian-2024"))
    cells = json.loads(gknb("cells", "--year", 2024, "--format", "json").stdout)
    assert {cell["id"] for cell in cells} == set(source["values"])
    book = load_workbook(tmp_path / "表.xlsx")
    for cell in cells:
        if cell["entry"] == "filled":
            book[cell["sheet"]][cell["address"]] = float(source["values"][cell["id"]])
    for column in "ABC":
        book["文字"][f"{column}5"] = "无。"
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "某县教育局.xlsx")
    checked = gknb("check", "foreign", "--json")
    assert checked.returncode == 0, checked.stdout
    (file,) = json.loads(checked.stdout)["files"]
    assert (file["status"], file["agency"], file["year"], file["form"]) == ("passed", "某县教育局", 2024, "2021")
    extracted = json.loads(gknb("extract", "foreign/某县教育局.xlsx").stdout)
    assert extracted == {**source, "agency": "某县教育局", "texts": {key: ["无。"] for key in "一五六"}}
    assert gknb("report", "foreign", "-o", "报告").returncode == 0
    assert [path.name for path in (tmp_path / "报告").iterdir()] == ["某县教育局2024年政府信息公开工作年度报告.docx"]


def test_cells_as_csv(gknb: Gknb) -> None:
    rows = list(csv.DictReader(io.StringIO(gknb("cells", "--year", 2020).stdout)))
    form = bundled_form("2019")
    assert form is not None
    assert [row["id"] for row in rows] == list(form.cells)
    places = layout_of(form).places
    assert all(f"{row['sheet']}!{row['address']}" == places[row["id"]] for row in rows)
    assert {row["entry"] for row in rows} == {"filled", "computed"}


@pytest.mark.slow
def test_check_json_has_the_shape_of_the_contract(gknb: Gknb, tmp_path: Path) -> None:
    folder = tmp_path / "收回 的表"
    good_workbook(folder / "甲.xlsx")
    good_workbook(folder / "深" / "乙.xlsx", "shanghai-office-2019")
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 broken")
    (folder / "~$甲.xlsx").write_bytes(b"lock")
    (folder / "说明.txt").write_text("x", encoding="utf-8")
    result = gknb("check", folder, "--json", "-o", "结果")
    assert result.returncode == 1
    data = json.loads(result.stdout)
    assert data == json.loads((tmp_path / "结果" / "findings.json").read_text(encoding="utf-8"))
    assert data["summary"] == {"files": 3, "passed": 1, "failed": 1, "unreadable": 1}
    assert {Path(file["path"]).name: file["status"] for file in data["files"]} == {
        "甲.xlsx": "passed",
        "乙.xlsx": "failed",
        "坏.xlsx": "unreadable",
    }
    for file in data["files"]:
        for found in file["findings"]:
            known = {"rule", "severity", "message", "cells", "at", "expected", "actual"}
            assert set(found) == known | {"fingerprint", "because", "explanation"}
    said = gknb("check", folder).stdout
    assert said.splitlines()[-1] == "共 3 份：通过 1，有误 1，无法读取 1。"
    left_out = {Path(left["path"]).name: left["reason"] for left in data["left_out"]}
    assert set(left_out) == {"说明.txt", "~$甲.xlsx"}
    for name, reason in left_out.items():
        assert f"{name}：{reason}。" in gknb("check", folder).stderr
    twice = json.loads(gknb("check", folder, folder / "甲.xlsx", "收回 的表/甲.xlsx", "--json").stdout)
    assert twice["summary"]["files"] == 3, "a file that is named twice is one return"
    assert_refused(gknb("check", folder, "-o", "结果"), 2, "findings.json", "--force")


@pytest.mark.slow
def test_data_on_stdout_messages_on_stderr(gknb: Gknb, tmp_path: Path) -> None:
    good_workbook(tmp_path / "好.xlsx")
    (tmp_path / "坏.xlsx").write_bytes(b"")
    extracted = gknb("extract", "好.xlsx", "坏.xlsx")
    assert extracted.returncode == 1
    assert json.loads(extracted.stdout)["year"] == 2024
    assert "空文件" in extracted.stderr
    written = gknb("import", REPORT_DATA["suqian-2024"], "-o", "out")
    assert written.stdout == ""
    assert "suqian-2024.xlsx" in written.stderr


@pytest.mark.slow
def test_import_and_extract_take_arrays(gknb: Gknb, tmp_path: Path) -> None:
    both = [to_data(report(name)) for name in ("suqian-2023", "suqian-2024")]
    (tmp_path / "两年.json").write_text(json.dumps(both, ensure_ascii=False), encoding="utf-8-sig")
    assert json.loads(gknb("import", "两年.json", "--json").stdout) == both
    assert gknb("import", "两年.json", "-o", "out").returncode == 0
    assert json.loads(gknb("extract", "out").stdout) == both
    checked = json.loads(gknb("check", "两年.json", "--json").stdout)
    assert [file["path"] for file in checked["files"]] == ["两年.json#1", "两年.json#2"]


@pytest.mark.slow
def test_two_reports_of_one_title_do_not_overwrite_each_other(gknb: Gknb, tmp_path: Path) -> None:
    """Two agencies whose names are one on a disk; of one agency, only one return counts."""
    for name, agency in (("a", "甲/局"), ("b", "甲:局")):
        content = build_workbook(replace(report("suqian-2024"), agency=agency))
        write(tmp_path / f"{name}.xlsx", content)
    assert gknb("report", "a.xlsx", "b.xlsx", "-o", "out").returncode == 0
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_csv_is_ready_for_excel_and_holds_no_formula(gknb: Gknb, tmp_path: Path) -> None:
    data = to_data(report("suqian-2024"))
    data["agency"] = "=cmd()"
    data["texts"]["六"] = ["+1", "@x", "-2宗"]
    (tmp_path / "in.json").write_text(json.dumps(data), encoding="utf-8")
    assert gknb("extract", "in.json", "--format", "csv", "-o", "out.csv").returncode == 0
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(data["values"]) + sum(map(len, data["texts"].values()))
    assert not any(field[:1] in ("=", "+", "@") for row in rows for field in row)


def refusals(tmp_path: Path) -> dict[str, Path]:
    """Files that are no completed workbook of ours, by what is to be said of them."""
    good = good_workbook(tmp_path / "good.xlsx").read_bytes()
    plain = io.BytesIO()
    Workbook().save(plain)
    layout = io.BytesIO()
    book = load_workbook(io.BytesIO(good))
    book[IDENTITY]["B3"] = 99
    book.save(layout)
    form = io.BytesIO()
    book[IDENTITY]["B2"] = "2031"
    book.save(form)
    renamed = io.BytesIO()
    book = load_workbook(io.BytesIO(good))
    del book["三"]
    book.save(renamed)
    moved = io.BytesIO()
    book = load_workbook(io.BytesIO(good))
    book["三"].delete_rows(5, 2)
    book.save(moved)
    unmarked = io.BytesIO()
    book = load_workbook(io.BytesIO(good))
    del book[IDENTITY]
    book.save(unmarked)
    contents = {
        "是空文件": b"",
        "表样像填报表，但表里的隐藏标识没有了": unmarked.getvalue(),
        "不是完整的 Excel 工作簿": good[: len(good) // 2],
        "不是本工具生成的填报表": plain.getvalue(),
        "第 99 版": layout.getvalue(),
        "格式「2031」": form.getvalue(),
        "缺少工作表「三」": renamed.getvalue(),
        "行、列或标题被改动": moved.getvalue(),
        "旧格式": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "网页里没有文字": b"<html><table></table></html>",
        "不是完整的 PDF 文件": b"%PDF-1.7\n",
        "不是年度报告": "姓名,数量\n甲,1\n".encode("gb18030"),
        "不是合格的 JSON": b'{"form": "2021",',
        "不是报送数据": b'{"a": 1}',
        "同一处写了两次“year”": b'{"form": "2021", "year": 2023, "year": 2024, "values": {}}',
        "四位整数": b'{"form": "2021", "year": 9999, "values": {}}',
        "长得不合情理": b'{"form": "2021", "year": 2024, "values": {"fees.fees.amount": 1e40}}',
    }
    folder = tmp_path / "foreign"
    return {said: write(folder / f"坏{n:02}.xlsx", content) for n, (said, content) in enumerate(contents.items())}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "report", "extract", "import"])
def test_files_that_are_none_are_refused_in_a_line_and_the_rest_goes_on(
    gknb: Gknb, tmp_path: Path, command: str
) -> None:
    files = refusals(tmp_path)
    result = gknb(command, *files.values(), "good.xlsx", *(["-o", "out"] if command in ("report", "import") else []))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    said = (result.stdout if command == "check" else result.stderr).splitlines()
    for words, file in files.items():
        (line,) = (line for line in said if words in line and "good" not in line)
        (start,) = (number for number, line in enumerate(said) if file.name in line)
        assert said.index(line) - start in (0, 1)
    served = {
        "check": "【通过】good.xlsx" in result.stdout,
        "extract": '"agency": "宿迁市人民政府"' in result.stdout,
        "report": (tmp_path / "out").is_dir() and len(list((tmp_path / "out").iterdir())) == 1,
        "import": (tmp_path / "out" / "good.xlsx").exists(),
    }
    assert served[command]


CALLS = [
    (("template", "--year", "1999", "-o", "a.xlsx"), ("1999", "--year")),
    (("template", "--year", "20244", "-o", "a.xlsx"), ("20244", "四位年度")),
    (("template", "--year", "9999", "--form", "own.toml", "-o", "a.xlsx"), ("9999", "四位年度")),
    (("template", "--year", "2024", "--agency", "长" * 101, "-o", "a.xlsx"), ("101 字", "--agency")),
    (("template", "--year", "2024", "-o", "长" * 99 + ".xlsx"), ("长长", "名字太长")),
    (("check", "长" * 99 + ".xlsx"), ("找不到", "长长")),
    (("template", "--year", "二〇二四", "-o", "a.xlsx"), ("--year", "整数")),
    (("template", "-o", "a.xlsx"), ("缺少", "--year")),
    (("template", "--year", "2024", "-o", "a.xls"), (".xlsx",)),
    (("template", "--year", "2024", "-o"), ("-o",)),
    (("template", "--year", "2024", "-o", "there.xlsx"), ("there.xlsx", "--force")),
    (("template", "--year", "2024", "-o", "there.xlsx/a.xlsx"), ("there.xlsx",)),
    (("template", "--year", "2024", "--form", "none.toml", "-o", "a.xlsx"), ("none.toml",)),
    (("template", "--year", "2024", "--form", "broken.toml", "-o", "a.xlsx"), ("broken.toml", "第 1 行")),
    (("check", "没有.xlsx"), ("找不到 没有.xlsx",)),
    (("check", "empty"), ("empty", "没有填报表")),
    (("check",), ("缺少", "路径")),
    (("check", "good.xlsx", "-o", "there.xlsx"), ("there.xlsx", "文件夹")),
    (("report", "good.xlsx", "-o", "there.xlsx"), ("there.xlsx", "文件夹")),
    (("extract", "good.xlsx", "-o", "empty"), ("empty", "文件夹")),
    (("extract", "good.xlsx", "-o", "good.xlsx", "--force"), ("good.xlsx", "要读的文件")),
    (("trend", "good.xlsx", "-o", "good.xlsx", "--force"), ("good.xlsx", "要读的文件")),
    (("check", "good.xlsx", "--memory", "50"), ("--memory", "至少 100")),
    (("check", "good.xlsx", "--seconds", "inf"), ("--seconds", "最多 86400")),
    (("check", "good.xlsx", "--seconds", "nan"), ("--seconds",)),
    (("cells",), ("--year",)),
    (("nothing",), ("没有命令 nothing。",)),
    (("chek", "收回的表"), ("没有命令 chek（是不是 check？）",)),
    (("template", "--year", "2199", "-o", "表.xlsx"), ("报告年度 2199 还没有到，今年是",)),
    (("check", "--colour"), ("没有选项 --colour",)),
    (("extract", "good.xlsx", "--format", "xml"), ("--format", "json")),
]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "words"), CALLS, ids=[" ".join(call[0]) for call in CALLS])
def test_wrong_calls_are_refused_in_a_line(
    gknb: Gknb, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    good_workbook(tmp_path / "good.xlsx")
    (tmp_path / "there.xlsx").write_text("mine", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.toml").write_text("id = \n", encoding="utf-8")
    shutil.copy(TEMPLATES / "2021.toml", tmp_path / "own.toml")
    before = sorted(tmp_path.rglob("*"))
    result = gknb(*arguments)
    assert_refused(result, 2, *words)
    assert len((result.stdout + result.stderr).strip().splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there.xlsx").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where nobody may write")
def test_a_place_that_cannot_be_written(gknb: Gknb) -> None:
    assert_refused(gknb("template", "--year", 2024, "-o", "/proc/nowhere/a.xlsx"), 2, "写不进", "请换一个输出位置")


@pytest.mark.slow
def test_force_never_replaces_what_is_read(gknb: Gknb, tmp_path: Path) -> None:
    """Neither a file that is named, nor one that lies in a folder; nor what is no file at all."""
    source = good_workbook(tmp_path / "表" / "汇总表.xlsx")
    old = write(tmp_path / "表" / "旧.json", json.dumps(to_data(report("suqian-2023"))).encode())
    before = source.read_bytes(), old.read_bytes()
    os.mkfifo(tmp_path / "pipe.json")
    for call in (
        ("template", "--year", 2025, "--prior", "表/汇总表.xlsx", "-o", "表/汇总表.xlsx"),
        ("trend", "表/汇总表.xlsx", "表", "-o", "表/汇总表.xlsx"),
        ("rollup", "表/汇总表.xlsx", "--agency", "某县", "-o", "表", "--allow-failed"),
        ("extract", "表/旧.json", "-o", "../" + tmp_path.name + "/表/旧.json"),
        ("extract", "表/旧.json", "-o", "pipe.json"),
        ("import", "表/汇总表.xlsx", "-o", "表"),
    ):
        result = gknb(*call, "--force")
        assert result.returncode == 2, (call, result.stderr)
        assert "要读的文件" in result.stderr or "普通文件" in result.stderr
    assert (source.read_bytes(), old.read_bytes()) == before
    assert (tmp_path / "pipe.json").is_fifo()


@pytest.mark.slow
def test_force_replaces_and_inputs_stay_as_they_were(gknb: Gknb, tmp_path: Path) -> None:
    source = good_workbook(tmp_path / "good.xlsx")
    before = source.read_bytes()
    for _ in range(2):
        assert gknb("report", "good.xlsx", "-o", "out", "--force").returncode == 0
        assert gknb("extract", "good.xlsx", "-o", "out.json", "--force").returncode == 0
        assert gknb("check", "good.xlsx", "-o", "out", "--force").returncode == 0
    assert source.read_bytes() == before
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8"])
def test_no_character_makes_a_command_die(gknb: Gknb, tmp_path: Path, encoding: str) -> None:
    """A Chinese Windows console writes GBK; rare characters, emoji and marks are not in it."""
    data = to_data(report("suqian-2024"))
    data["agency"] = "𬀩县教育局🏫"
    data["values"]["requests.granted.natural"] = "✓"
    (tmp_path / "in.json").write_text(json.dumps(data), encoding="utf-8")
    for command in ("check", "extract", "rules", "--help"):
        arguments = (command, "in.json") if command in ("check", "extract") else (command,)
        result = gknb(*arguments, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert "Traceback" not in result.stderr
        assert result.returncode == (1 if command == "check" else 0)
        if command == "extract":
            assert json.loads(result.stdout)["agency"] == "𬀩县教育局🏫"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with pipes")
def test_a_closed_pipe_is_no_accident(tmp_path: Path) -> None:
    import subprocess

    result = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m toolkit cells --year 2024 | head -n 1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.startswith("id,")
    assert result.stderr == ""


def test_a_template_is_not_a_guess_at_the_agency(gknb: Gknb, tmp_path: Path) -> None:
    assert gknb("template", "--year", 2024, "-o", "t.xlsx").returncode == 0
    assert read(tmp_path / "t.xlsx").agency == ""
    form = bundled_form("2021")
    assert form is not None
    assert (tmp_path / "t.xlsx").read_bytes() == build_template(form, 2024)


def test_wps_dimension_does_not_hide_cells(tmp_path: Path) -> None:
    """WPS may write a dimension of A1:A1; every cell is read all the same, also where formulas are looked up."""
    data = to_data(report("suqian-2024"))
    data["values"]["requests.granted.total"] = 5
    (tmp_path / "in.json").write_text(json.dumps(data), encoding="utf-8")
    from kit import submission_of

    ours = write(tmp_path / "ours.xlsx", build_workbook(submission_of(tmp_path / "in.json")))
    (tmp_path / "foreign").mkdir()
    with zipfile.ZipFile(ours) as source, zipfile.ZipFile(tmp_path / "foreign" / "wps.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                start, end = content.index(b"<dimension"), content.index(b"/>", content.index(b"<dimension")) + 2
                content = content[:start] + b'<dimension ref="A1:A1"/>' + content[end:]
            target.writestr(name, content)
    submission = read(tmp_path / "foreign" / "wps.xlsx")
    assert submission.values == read(ours).values
    assert dict(submission.shown) == {"requests.granted.total": 5}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_the_folder_stops_nothing(gknb: Gknb, tmp_path: Path) -> None:
    good_workbook(tmp_path / "in" / "good.xlsx")
    os.mkfifo(tmp_path / "in" / "pipe.xlsx")
    result = json.loads(gknb("check", "in", "--json").stdout)
    assert {Path(file["path"]).name: file["status"] for file in result["files"]} == {
        "good.xlsx": "passed",
        "pipe.xlsx": "unreadable",
    }


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read everything")
def test_what_may_not_be_read_is_named(gknb: Gknb, tmp_path: Path) -> None:
    good_workbook(tmp_path / "in" / "good.xlsx")
    shut, secret = tmp_path / "in" / "shut", good_workbook(tmp_path / "in" / "secret.xlsx")
    good_workbook(shut / "inner.xlsx")
    shut.chmod(0)
    secret.chmod(0)
    try:
        result = json.loads(gknb("check", "in", "--json").stdout)
    finally:
        shut.chmod(0o700)
    assert {Path(file["path"]).name: file["status"] for file in result["files"]} == {
        "good.xlsx": "passed",
        "secret.xlsx": "unreadable",
        "shut": "unreadable",
    }


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(("target", "status"), [(">/dev/full", 2), (">&-", 0)])
def test_an_output_that_is_full_or_shut(tmp_path: Path, target: str, status: int) -> None:
    import subprocess

    result = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m toolkit rules {target}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    assert "Exception" not in result.stderr
    assert ("磁盘已满" in result.stderr) == bool(status)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_names_of_files_do_not_act_on_the_terminal() -> None:
    import pty

    ours, theirs = pty.openpty()
    code = "from toolkit.cli.console import Progress; Progress().at(25, 25, '\\x1b]0;x\\x07\\x1b[2J甲\\u202e')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], stderr=theirs, env=environment, check=True, timeout=60)
    shown = os.read(ours, 10_000)
    assert "甲".encode() in shown
    assert b"\x1b]0" not in shown
    assert b"\x1b[2J" not in shown
    assert "\u202e".encode() not in shown


def test_the_points_of_a_review_are_written_for_agencies(gknb: Gknb, tmp_path: Path) -> None:
    ran = gknb("rules", "--year", "2024", "-o", "审核要点.docx")
    assert (ran.returncode, ran.stderr.strip()) == (0, "已写出 审核要点.docx。")
    words = "\n".join(paragraph.text for paragraph in Document(str(tmp_path / "审核要点.docx")).paragraphs)
    assert "空白格（错误）" in words
    assert "格式 2019" not in words
    again = gknb("rules", "-o", "审核要点.docx")
    assert again.returncode == 2
    assert "已经存在" in again.stderr
    assert gknb("rules", "-o", "审核要点.docx", "--force").returncode == 0
    assert "应以 .docx 结尾" in gknb("rules", "-o", "审核要点.xlsx").stderr
