"""No message holds a word of the machine (nan, inf, "5 days, 0:00:00", an English exception), whatever is in a cell."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from command_line import Gknb, environment
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import LOOKUP, checked, report, write
from openpyxl import Workbook
from packages import packed, parts_of

from toolkit.batch.jobs import Approved, ExtractJob, ImportJob, JobOutput, ReportJob
from toolkit.batch.received.files import Item
from toolkit.excel.addresses import address
from toolkit.problems import Problem, Unreadable
from toolkit.submission.json_csv import to_data
from toolkit.workbook.layout import layout_of
from toolkit.workbook.raw_rows import BEYOND, NO_NUMBER
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

SOURCE = report("suqian-2024")
LAYOUT = layout_of(SOURCE.form)
MACHINE = re.compile(r"(?i:\bnan\b|\binf\b|days?\b|error|exception|traceback|[0-9]e[+-]?[0-9])|True|False|None")
HIDDEN = [f"_gknb!B{row}" for row in range(2, 8)] + ["_gknb!A11", "_gknb!B11", "_gknb!D1", "_gknb!D2"]
FREE = ["基本信息!B4", "基本信息!C2", "基本信息!C4", "基本信息!C5", "文字!A3", "文字!A4", "文字!A5", "文字!B6"]
TABLES = [f"{sheet}!{address(row, column)}" for sheet, row, column in LAYOUT.positions.values()]
LABELS = [
    f"{sheet.section.id}!{address(box.row, box.column)}" for sheet in LAYOUT.sheets for box in sheet.boxes if box.text
]
NUMBERS = [
    "NaN",
    "INF",
    "-INF",
    "1e999",
    "-1e999",
    "1e18",
    "-1e18",
    "1e300",
    "-3",
    "0",
    "0.5",
    "60",
    "45000.75",
    "1e-300",
]
FORMATS = {"": 0, "date": 14, "time": 21, "both": 22, "[h]:mm:ss": 46, "mm:ss.0": 47}


def test_the_machines_words_are_known() -> None:
    """What is looked for is what Python and calamine print of such values, and nothing that we say."""
    printed = ("nan", "inf", "-inf", "5 days, 0:00:00", "-1 day, 0:00:00", "ValueError", "1e+18", "True", "None")
    assert all(MACHINE.search(f"填的是“{text}”，") for text in printed)
    assert not any(map(MACHINE.search, said_of(content_with({}))))


@cache
def parts() -> dict[str, bytes]:
    found = parts_of(build_workbook(SOURCE))
    styles = found["xl/styles.xml"].decode()
    count = int(re.search(r'<cellXfs count="(\d+)"', styles)[1])  # type: ignore[index]
    looks = "".join(f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0"/>' for number in FORMATS.values())
    styles = styles.replace("</cellXfs>", f"{looks}</cellXfs>")
    found["xl/styles.xml"] = styles.replace(
        f'<cellXfs count="{count}"', f'<cellXfs count="{count + len(FORMATS)}"'
    ).encode()
    found["first look"] = str(count).encode()
    return found


@cache
def sheet_parts() -> dict[str, str]:
    names = re.findall(r'<sheet name="([^"]+)"', parts()["xl/workbook.xml"].decode())
    return {name: f"xl/worksheets/sheet{number}.xml" for number, name in enumerate(names, 1)}


def content_with(cells: dict[str, tuple[str, str, str]], since_1904: bool = False) -> bytes:
    """A completed workbook with other things in some cells: the type in the file, what stands there, the format."""
    made = dict(parts())
    first = int(made.pop("first look"))
    for place, (kind, value, look) in cells.items():
        sheet, _, at = place.partition("!")
        style = first + list(FORMATS).index(look)
        cell = f'<c r="{at}" s="{style}" t="{kind}"><v>{value}</v></c>'
        part = sheet_parts()[sheet]
        text = made[part].decode()
        changed = re.sub(rf'<c r="{at}"[^>]*?(?:/>|>.*?</c>)', cell, text, count=1)
        made[part] = changed.encode()  # a cell that is not there yet stays away: rows are in order
    if since_1904:
        book = made["xl/workbook.xml"].decode()
        made["xl/workbook.xml"] = book.replace("<workbookPr", '<workbookPr date1904="1"', 1).encode()
    return packed(made)


def said_of(content: bytes) -> Iterator[str]:
    """All that is said of a workbook when it is checked, and when data and a report are made of it."""
    try:
        submission = read_workbook_bytes(content, LOOKUP)
    except Problem as problem:
        yield problem.message
        return
    for result in checked(submission):
        for found in (*result.findings, *result.without_power):
            yield found.message
    yield json.dumps(to_data(submission)["values"], ensure_ascii=False)


VALUES = st.one_of(
    st.tuples(st.just("n"), st.sampled_from(NUMBERS), st.sampled_from(list(FORMATS))),
    st.tuples(st.just("n"), st.floats(allow_nan=False).map(repr), st.sampled_from(list(FORMATS))),
    st.tuples(st.just("b"), st.sampled_from(["0", "1"]), st.just("")),
    st.tuples(st.just("e"), st.sampled_from(["#N/A", "#DIV/0!", "#VALUE!", "#REF!"]), st.just("")),
    st.tuples(st.just("d"), st.sampled_from(["2024-01-05", "1899-12-30", "2024-01-05T10:00:00"]), st.just("date")),
)
PLACES = st.sampled_from(HIDDEN) | st.sampled_from(FREE) | st.sampled_from(TABLES) | st.sampled_from(LABELS)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.dictionaries(PLACES, VALUES, min_size=1, max_size=3), st.booleans())
def test_no_message_holds_a_word_of_the_machine(cells: dict[str, tuple[str, str, str]], since_1904: bool) -> None:
    for message in said_of(content_with(cells, since_1904)):
        assert not MACHINE.search(message), (cells, message)


def report_of_item(item: Item) -> list[JobOutput]:
    """What comes of a file when its report is approved."""
    return ReportJob()((item, (Approved(item.name, sha256(item.read()).hexdigest()),)))


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(PLACES, VALUES, min_size=1, max_size=2))
def test_nor_does_what_is_said_of_data_and_reports(
    tmp_path_factory: pytest.TempPathFactory, cells: dict[str, tuple[str, str, str]]
) -> None:
    path = write(tmp_path_factory.getbasetemp() / "any" / "甲.xlsx", content_with(cells))
    for make in (ExtractJob("csv"), ExtractJob("json"), report_of_item):
        for one in make(Item(str(path))):
            data = one.content if isinstance(one.content, str) else ""
            assert not any(map(MACHINE.search, (one.problem, *one.remarks, data))), cells


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("_gknb!B3", ("n", "NaN", ""), "隐藏标识没有了，或被改坏"),
        ("_gknb!B3", ("n", "-INF", ""), "隐藏标识没有了，或被改坏"),
        ("_gknb!B3", ("n", "1.5", ""), "隐藏标识没有了，或被改坏"),
        ("_gknb!B5", ("n", "NaN", ""), "隐藏标识没有了，或被改坏"),
        ("三!D8", ("n", "NaN", ""), f"填的是“{NO_NUMBER}”"),
        ("三!D8", ("n", "1e999", ""), f"填的是“{BEYOND}”"),
        ("三!D8", ("n", "5", "[h]:mm:ss"), "填的是“120:00:00”"),
        ("三!D8", ("n", "-1.5", "[h]:mm:ss"), "填的是“-36:00:00”"),
        ("三!D8", ("n", "45000", "date"), "填的是“2023-03-15”"),
        ("三!D8", ("b", "1", ""), "填的是“TRUE”"),
        ("三!D8", ("n", "1e18", "[h]:mm:ss"), "工作表「三」里有日期或时间格式的格（三!D8）"),
        ("三!D8", ("n", "-1e18", "date"), "工作表「三」里有日期或时间格式的格（三!D8）"),
        ("基本信息!C2", ("n", "INF", "[h]:mm:ss"), "工作表「基本信息」里有日期或时间格式的格（基本信息!C2）"),
        ("三!A7", ("n", "1e300", ""), "三!A7 应为「一、本年新收政府信息公开申请数量」，现为「1000000"),
    ],
)
def test_what_stands_there_is_said_as_a_person_reads_it(place: str, value: tuple[str, str, str], words: str) -> None:
    assert any(words in message for message in said_of(content_with({place: value})))


@pytest.mark.slow
def test_a_time_that_is_too_large_costs_its_file_alone(gknb_anew: Gknb, tmp_path: Path) -> None:
    """calamine fails in Rust of it, which ends a Python that does not know."""
    write(tmp_path / "foreign" / "1.xlsx", content_with({"三!D8": ("n", "-1e18", "[h]:mm:ss")}))
    write(tmp_path / "foreign" / "2.xlsx", content_with({}))
    ran = gknb_anew("check", "foreign", "--workers", 1, "--json")
    first, second = json.loads(ran.stdout)["files"]
    assert (first["status"], second["status"]) == ("unreadable", "passed")
    assert "三!D8" in first["findings"][0]["message"]
    assert ran.stderr == ""


def test_a_roster_with_such_a_time_is_refused_in_words(gknb_anew: Gknb, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["机关全称", "联系人"])  # type: ignore[union-attr]
    book.active.append(["甲局", 1e18])  # type: ignore[union-attr]
    book.active["B2"].number_format = "[h]:mm:ss"  # type: ignore[index]
    out = io.BytesIO()
    book.save(out)
    write(tmp_path / "foreign" / "名册.xlsx", out.getvalue())
    ran = gknb_anew("roster", "foreign/名册.xlsx")
    assert ran.returncode == 2
    assert "日期或时间格式的格" in ran.stderr
    assert not MACHINE.search(ran.stderr)


# ---------------------------------------------------------------- what no cell and no report can hold


def data_with(**changes: object) -> bytes:
    data = to_data(SOURCE)
    data["values"] = {key: value for key, value in data["values"].items() if not SOURCE.form.cells[key].computed}
    return json.dumps({**data, **changes}, ensure_ascii=False).encode()


CELL = "requests.carried_in.natural"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (data_with(texts={"一": ["甲" * 32_768]}), "第 1 段有 32768 字，一个单元格最多放 32767 字"),
        (data_with(texts={"一": ["🏫" * 16_384]}), "第 1 段有 32768 字，一个单元格最多放 32767 字"),
        (data_with(values={CELL: float("nan")}), f"{CELL} 的值不对"),
        (data_with(values={CELL: float("-inf")}), f"{CELL} 的值不对"),
    ],
    ids=["long", "emoji", "nan", "inf"],
)
def test_import_refuses_in_words_what_no_cell_can_hold(tmp_path: Path, content: bytes, words: str) -> None:
    (made,) = ImportJob(False)(Item(str(write(tmp_path / "in.json", content))))
    assert words in made.problem
    assert not MACHINE.search(made.problem)


def test_a_text_that_no_cell_can_hold_is_refused_wherever_it_comes_from() -> None:
    long = replace(SOURCE, values={**SOURCE.values, CELL: "甲" * 40_000})
    with pytest.raises(Unreadable, match=r"三!D8 的内容有 40000 字，一个单元格最多放 32767 字"):
        build_workbook(long)


def test_a_text_of_five_million_characters_is_refused_at_once(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "in.json", data_with(texts={"一": ["政府信息公开工作。" * 555_556]}))
    for options in ((), ("--html",)):
        ran = gknb("report", "in.json", "-o", "报告", *options)
        assert ran.returncode == 1
        assert "文字共有 5000004 字" in ran.stderr
        assert "最多写 1000000 字" in ran.stderr
        assert not MACHINE.search(ran.stderr)
    assert not list((tmp_path / "报告").glob("*"))


def test_a_text_of_a_report_that_is_long_is_still_written(tmp_path: Path) -> None:
    paragraphs = ["政府信息公开工作。" * 1000] * 20
    (made,) = report_of_item(Item(str(write(tmp_path / "in.json", data_with(texts={"一": paragraphs})))))
    assert made.problem == ""
    assert len(made.content) > 10_000


# ---------------------------------------------------------------- streams


def run(folder: Path, shell: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """A call through a shell, which can close streams; `$gknb` is the program."""
    env = environment(changes) | {"gknb": f"{sys.executable} -m toolkit"}
    return subprocess.run(["sh", "-c", shell], cwd=folder, capture_output=True, env=env, timeout=120, check=False)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="file names are bytes there")
def test_file_names_are_chinese_whatever_the_locale(tmp_path: Path) -> None:
    write(tmp_path / "收回" / "甲.json", data_with())
    locale = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    for command in ("check 收回 -o 结果", "report 收回 -o 报告", "import 收回/甲.json -o 表"):
        ran = run(tmp_path, f"$gknb {command}", **locale)
        assert ran.returncode == 0, ran.stderr.decode("utf-8", "replace")
    assert (tmp_path / "结果" / "校验结果.html").exists()
    assert list((tmp_path / "报告").glob("宿迁市*.docx"))


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "ascii:strict", "cp1252:strict", "gbk"])
def test_data_that_a_stream_cannot_hold_is_refused_and_not_falsified(tmp_path: Path, encoding: str) -> None:
    write(tmp_path / "in.json", data_with(agency="𬀩县教育局"))
    ran = run(tmp_path, "$gknb extract in.json --format csv", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert ran.returncode == 2
    assert "?" not in ran.stdout.decode("gbk")
    told = run(tmp_path, "$gknb extract in.json --format csv -o out.csv", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert told.returncode == 0
    assert "𬀩县教育局" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_accident(tmp_path: Path, closed: str) -> None:
    """What is opened next must not take their place."""
    write(tmp_path / "in.json", data_with())
    for command, status in (
        ("check in.json -o 结果 --force", 0),
        ("extract in.json -o out.csv --force", 0),
        ("check in.json --json", 2 if ">&-" in closed.split() else 0),
        ("extract in.json", 2 if ">&-" in closed.split() else 0),
    ):
        ran = run(tmp_path, f"$gknb {command} {closed}")
        assert ran.returncode == status, (command, ran.stderr.decode())
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").count("宿迁市人民政府") > 100
    assert json.loads((tmp_path / "结果" / "findings.json").read_text(encoding="utf-8"))["summary"]["passed"] == 1


@pytest.mark.parametrize("year", [10**30, -5, 3000])
@pytest.mark.parametrize("command", ["check in.json", "import in.json", "rollup in.json --agency 某县 -o 汇总"])
def test_a_year_that_is_none_is_refused(gknb: Gknb, tmp_path: Path, command: str, year: int) -> None:
    write(tmp_path / "in.json", data_with())
    ran = gknb(*command.split(), "--year", year)
    assert ran.returncode == 2
    assert ran.stderr == f"报告年度 {year} 不对，应为四位年度，如 2024。请检查 --year。\n"
