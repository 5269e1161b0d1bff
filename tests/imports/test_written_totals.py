"""Totals that stand otherwise than their parts add up: judged once and as they stand, kept as they stood, and never
made up for a row that a report does not have."""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import Gknb
from docx import Document
from kit import LOOKUP, report, write
from openpyxl import load_workbook
from pyarrow import parquet

from toolkit.checks.review import check
from toolkit.files.admit import admit
from toolkit.forms.loader import form_for_year
from toolkit.imports.importer import read_published
from toolkit.problems import Unreadable
from toolkit.reports.content import report_of
from toolkit.reports.web_page import report_page
from toolkit.reports.word_report import build_report
from toolkit.rollup.sums import roll_up
from toolkit.submission.json_csv import read_data_bytes, to_data
from toolkit.submission.model import Submission
from toolkit.trend.model import own_numbers
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

FORM = form_for_year(2024)
COLUMNS = ("natural", "enterprise", "research", "charity", "legal", "other")
HANDLED, TOTAL = "requests.handled.natural", "requests.handled.total"


def data(**values: int | None) -> dict[str, Any]:
    """Twenty requests came in and 26 were dealt with, item by item; `received__natural=5` changes a cell."""
    cells: dict[str, Any] = {cell.id: 0 for cell in FORM.filled}
    cells |= {"requests.received.natural": 20, "requests.granted.natural": 20, "requests.partial.natural": 6}
    cells |= {f"requests.{key.replace('__', '.')}": value for key, value in values.items()}
    return {"form": "2021", "agency": "甲县教育局", "year": 2024, "values": cells, "texts": {}}


def read_data(content: Mapping[str, Any]) -> Submission:
    (found,) = read_data_bytes(json.dumps(content).encode(), LOOKUP)
    return found


def relations_of(submission: Submission) -> list[tuple[str, str, str]]:
    """What the relations find: rule, what stands there, what should."""
    ids = {relation.id for relation in FORM.relations}
    return [(found.rule, found.actual, found.expected) for found in check(submission) if found.rule in ids]


def as_workbook(content: Mapping[str, Any], by_hand: Mapping[str, Any], tmp_path: Path) -> Submission:
    """The return as a workbook in which some cells were overwritten by hand."""
    path = write(tmp_path / "foreign" / "甲.xlsx", build_workbook(read_data(content)))
    places = read_workbook_bytes(path.read_bytes(), LOOKUP).places
    book = load_workbook(path)
    for cell, value in by_hand.items():
        sheet, _, address = places[cell].partition("!")
        book[sheet][address] = value
    book.save(path)
    return read_workbook_bytes(path.read_bytes(), LOOKUP)


def published(content: Mapping[str, Any], printed: Mapping[str, str]) -> Submission:
    """The return as a page, on which some cells are printed otherwise."""
    page = report_page(report_of(read_data(content)))
    rows = re.findall(r"<tr.*?</tr>", page, re.S)
    for cell, text in printed.items():
        _, row, column = cell.split(".")
        label = next(one.label[-1] for s in FORM.table_sections for t in s.tables for one in t.rows if one.id == row)
        old = next(each for each in rows if label in each)
        figures = list(re.finditer(r"(?<=>)-?\d+(?=</)", old))[-7:]
        spot = figures[(*COLUMNS, "total").index(column)]
        new = old[: spot.start()] + text + old[spot.end() :]
        page = page.replace(old, new)
        rows[rows.index(old)] = new
    return read_published(admit(page.encode()), LOOKUP.forms)


ONE = [("requests-handled-total", "20", "26")]


def test_a_wrong_total_that_balances_is_one_finding(tmp_path: Path) -> None:
    """（七）总计 is written as 20 and its items add up to 26; 20 came in. The total is wrong, and nothing else is."""
    written = {HANDLED: 20, TOTAL: 20}
    assert relations_of(read_data(data(handled__natural=20))) == ONE
    assert relations_of(read_data(data() | {"shown": {HANDLED: 20}})) == ONE
    assert relations_of(read_data(data(handled__natural=20, handled__total=20))) == ONE
    assert relations_of(as_workbook(data(), {HANDLED: 20}, tmp_path)) == ONE
    assert relations_of(as_workbook(data(), written, tmp_path)) == ONE
    assert relations_of(published(data(), {HANDLED: "20", TOTAL: "20"})) == ONE
    assert relations_of(published(data(), {HANDLED: "20", TOTAL: ""})) == ONE, "what stands nowhere is not blamed"


def test_what_is_written_must_balance(tmp_path: Path) -> None:
    """The items balance, and what is written for their sum does not."""
    sound = data(partial__natural=0)
    assert relations_of(read_data(sound)) == []
    wrong = {HANDLED: 26, TOTAL: 26}
    finds = [("requests-handled-total", "26", "20"), ("requests-balance", "20", "26"), ("requests-balance", "20", "26")]
    for found in (as_workbook(sound, wrong, tmp_path), published(sound, {key: str(n) for key, n in wrong.items()})):
        assert relations_of(found) == finds
        message = next(one.message for one in check(found) if one.rule == "requests-balance")
        assert "（七）总计 26" in message, "the figure that stands there is quoted"


def test_a_printed_total_of_totals_is_judged_against_what_is_printed() -> None:
    """The row's total is the sum of neither its row nor its column."""
    found = published(data(partial__natural=0), {TOTAL: "23"})
    assert relations_of(found) == [
        ("requests-row-total", "23", "20"),
        ("requests-handled-total", "23", "20"),
        ("requests-balance", "20", "23"),
    ]
    found = published(data(partial__natural=0), {"requests.granted.total": "21"})
    assert relations_of(found) == [("requests-row-total", "21", "20")], "the column's total is what its items are"


def test_a_number_in_the_text_may_be_the_printed_or_the_computed_total() -> None:
    sentence = "2024年，共收到政府信息公开申请{}件。"
    for number, fits in ((20, True), (25, True), (24, False)):
        content = data(received__total=25) | {"texts": {"一": [sentence.format(number)]}}
        found = [one for one in check(read_data(content)) if one.rule == "text-differs-from-tables"]
        assert (not found) is fits
        assert fits or "总计列 25，" in found[0].message, "what is printed is quoted"


# ------------------------------------------------------------ what stood there goes both ways


def test_shown_goes_both_ways() -> None:
    content = data(handled__natural=20, granted__total=21)
    found = read_data(content)
    assert dict(found.shown) == {HANDLED: 20, "requests.granted.total": 21}
    written = to_data(found)
    assert written["shown"] == {HANDLED: 20, "requests.granted.total": 21}
    assert written["values"][HANDLED] == 26
    back = read_data(json.loads(json.dumps(written)))
    assert (back.values, back.shown, back.totals) == (found.values, found.shown, found.totals)
    assert "shown" not in to_data(report("suqian-2024"))
    assert to_data(read_workbook_bytes(build_workbook(found), LOOKUP))["shown"] == written["shown"]


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"requests.nothing.total": 1}, "requests.nothing.total"),
        ({"requests.granted.natural": 20}, "requests.granted.natural 是要填写的格"),
        ({HANDLED: True}, HANDLED),
        ({HANDLED: [20]}, HANDLED),
        ([20], "shown 应为"),
        ({HANDLED: 21}, "values 里是 20，在 shown 里是 21，按各项相加是 26"),
    ],
)
def test_a_wrong_shown_is_refused_in_words(shown: Any, words: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(words)):
        read_data(data(handled__natural=20) | {"shown": shown})


@pytest.mark.parametrize("shown", [{}, {HANDLED: 20}, {HANDLED: None}, {HANDLED: "20"}])
def test_a_total_may_be_in_values_and_in_shown(shown: dict[str, Any]) -> None:
    assert dict(read_data(data(handled__natural=20) | {"shown": shown}).shown) == {HANDLED: 20}
    stood = {HANDLED: 20} if any(shown.values()) else {}
    assert dict(read_data(data(handled__natural=26) | {"shown": shown}).shown) == stood, "26 is the computed one"


@pytest.mark.slow
def test_extract_and_import_say_what_was_replaced(gknb: Gknb, tmp_path: Path) -> None:
    (tmp_path / "甲.json").write_text(json.dumps(data(handled__natural=20)), encoding="utf-8")
    said = "「三、本年度办理结果 › （七）总计」自然人列：原来写的是 20，按各项相加是 26，数据里写的是 26"
    for call in (("extract", "甲.json"), ("import", "甲.json", "--json"), ("extract", "甲.json", "--format", "csv")):
        ran = gknb(*call)
        assert ran.returncode == 0
        assert said in ran.stderr, call
        assert "26" in ran.stdout
        assert "原来写的" not in ran.stdout
    assert json.loads(gknb("extract", "甲.json").stdout)["shown"] == {HANDLED: 20}
    ran = gknb("extract", "甲.json", "-o", "数据.parquet")
    assert said in ran.stderr
    quiet = gknb("import", "甲.json", "-o", "表")
    assert "原来写的" not in quiet.stderr, "the workbook keeps what stood there"


# ------------------------------------------------------------ rows that a report does not have


def without(row: str, page: str) -> str:
    """The page without a row."""
    label = next(one.label[-1] for s in FORM.table_sections for t in s.tables for one in t.rows if one.id == row)
    return re.sub(rf"<tr(?:(?!</tr>).)*{re.escape(label)}.*?</tr>", "", page, count=1, flags=re.S)


@pytest.fixture(scope="module")
def torn() -> bytes:
    """A published page of 宿迁 2024 on which one row is missing."""
    page = without("repeated", report_page(report_of(report("suqian-2024"))))
    return page.encode()


MISSING = "requests.repeated"


@pytest.mark.slow
def test_a_missing_row_has_no_total_in_any_data(gknb: Gknb, tmp_path: Path, torn: bytes) -> None:
    write(tmp_path / "宿迁.html", torn)
    row = [f"{MISSING}.{column}" for column in (*COLUMNS, "total")]
    values = json.loads(gknb("extract", "宿迁.html").stdout)["values"]
    assert [values[cell] for cell in row] == [None] * 7
    assert json.loads(gknb("import", "宿迁.html", "--json").stdout)["values"] == values
    (tmp_path / "宿迁.json").write_text(gknb("extract", "宿迁.html").stdout, encoding="utf-8")
    assert json.loads(gknb("extract", "宿迁.json").stdout)["values"] == values, "also by way of a data file"
    lines = list(csv.DictReader(io.StringIO(gknb("extract", "宿迁.html", "--format", "csv").stdout)))
    assert {line["值"] for line in lines if line["格号"] in row} == {""}
    assert gknb("extract", "宿迁.html", "-o", "数据.parquet").returncode == 0
    table = parquet.read_table(tmp_path / "数据.parquet").to_pylist()
    assert {line["value"] for line in table if line["cell"] in row} == {None}
    others = [cell.id for cell in FORM.computed if not cell.id.startswith((MISSING, "requests.handled"))]
    assert {values[cell] for cell in others} >= {0}, "a row of zeros has a total of 0"
    assert all(values[cell] == report("suqian-2024").totals[cell] for cell in others)


def test_a_missing_row_has_no_total_in_any_document(torn: bytes, tmp_path: Path) -> None:
    found = read_published(admit(torn), LOOKUP.forms)
    document = Document(str(write(tmp_path / "报告.docx", build_report(found))))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    (row,) = (one for one in rows if "2.重复申请" in one)
    assert row[-7:] == [""] * 7
    page = report_page(report_of(found))
    (line,) = (each for each in re.findall(r"<tr.*?</tr>", page, re.S) if "2.重复申请" in each)
    assert not re.search(r">\s*0\s*<", line)
    assert f"{MISSING}.total" not in own_numbers(found)
    total = roll_up([found, found], "某市")
    assert total.all_values[f"{MISSING}.total"] is None
    assert roll_up([found, report("suqian-2024")], "某市").all_values[f"{MISSING}.total"] is not None


def test_a_blank_row_of_a_workbook_keeps_what_its_formula_shows(tmp_path: Path) -> None:
    blank = read_data(data(**{f"repeated__{column}": None for column in COLUMNS}))
    assert blank.all_values[f"{MISSING}.total"] is None
    read = read_workbook_bytes(build_workbook(blank), LOOKUP)
    assert read.all_values[f"{MISSING}.total"] == 0
    wiped = as_workbook(to_data(blank), {f"{MISSING}.total": None}, tmp_path)
    assert wiped.all_values[f"{MISSING}.total"] is None


def test_a_missing_row_is_not_blamed_for_a_total(torn: bytes) -> None:
    """Last year's figures are not held against a row that is not there."""
    page = without("carried_in", torn.decode())
    found = read_published(admit(page.encode()), LOOKUP.forms)
    assert "requests.carried_in.natural" not in found.places
    prior = report("suqian-2023")
    assert "carried-in-last-year" not in {one.rule for one in check(found, prior)}
    there = replace(
        read_published(admit(torn), LOOKUP.forms), values={**found.values, "requests.carried_in.natural": 1}
    )
    assert "carried-in-last-year" in {one.rule for one in check(there, prior)}
