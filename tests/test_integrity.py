"""Altered workbooks are read by their labels where that is certain, and what was altered is said."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit import LOOKUP, REPORT_DATA, read, report, write
from office import recalculate
from openpyxl import Workbook, load_workbook

from toolkit.checks.integrity import RULES, integrity_findings
from toolkit.problems import Unreadable
from toolkit.submission import Submission
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

SOURCE = report("suqian-2024")
CONTENT = build_workbook(SOURCE)
LOUD = {rule.id for rule in RULES if rule.severity != "info"}


def edited(edit: Callable[[Workbook], object], content: bytes = CONTENT) -> Submission:
    book = load_workbook(io.BytesIO(content))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return read_workbook_bytes(out.getvalue(), LOOKUP)


def kinds(submission: Submission) -> list[str]:
    return [found.rule for found in integrity_findings(submission)]


@pytest.mark.parametrize("name", list(REPORT_DATA))
def test_a_file_that_was_only_saved_is_not_blamed(name: str) -> None:
    """By us, and by a program that keeps no results."""
    content = build_workbook(report(name))
    totals = {"formula-overwritten"} if report(name).shown else set()
    assert set(kinds(read_workbook_bytes(content, LOOKUP))) <= totals
    assert set(kinds(edited(str, content))) <= totals


@pytest.mark.libreoffice
def test_nor_one_that_libreoffice_saved(tmp_path: Path) -> None:
    names = [name for name in REPORT_DATA if not report(name).shown]
    ours = [write(tmp_path / f"{name}.xlsx", build_workbook(report(name))) for name in names]
    for file in recalculate(ours, tmp_path / "foreign"):
        assert not set(kinds(read(file))) & LOUD, file.name


@settings(max_examples=60, deadline=None)
@example("四", [7], [])
@given(
    sheet=st.sampled_from(["二", "三", "四"]),
    rows=st.lists(st.integers(1, 36), max_size=3),
    columns=st.lists(st.integers(1, 16), max_size=2),
)
def test_inserted_rows_and_columns_lose_nothing(sheet: str, rows: list[int], columns: list[int]) -> None:
    def edit(book: Workbook) -> None:
        for row in rows:
            book[sheet].insert_rows(row)
        for column in columns:
            book[sheet].insert_cols(column)

    submission = edited(edit)
    assert submission.values == SOURCE.values
    assert submission.texts == SOURCE.texts
    assert submission.shown == {}
    assert set(kinds(submission)) <= {"table-moved", "formula-overwritten"}


def test_places_are_where_the_cells_now_stand() -> None:
    submission = edited(lambda book: (book["三"].insert_rows(9, 2), book["三"].insert_cols(1)))
    assert submission.at("requests.received.natural") == "三!E7"
    assert submission.at("requests.granted.natural") == "三!E11"
    assert submission.at("requests.carried_out.total") == "三!K33"


def test_rows_that_changed_places_are_read_by_their_labels() -> None:
    def swap(book: Workbook) -> None:
        for column in range(3, 11):
            one, other = book["三"].cell(12, column), book["三"].cell(14, column)
            one.value, other.value = other.value, one.value

    submission = edited(swap)
    assert submission.values == SOURCE.values
    assert kinds(submission)[0] == "table-moved"


def test_labels_with_slips_are_read_where_they_stand() -> None:
    slips = {
        "三!C12": "2.其他法律行政止公开",
        "三!A7": "一、新收",
        "三!A31": "结转",
        "三!D5": "自然 人员",
        "二!A10": "许可",
    }

    def edit(book: Workbook) -> None:
        for place, text in slips.items():
            sheet, _, address = place.partition("!")
            book[sheet][address] = text

    submission = edited(edit)
    assert submission.values == SOURCE.values
    found = {f.at[0]: f.actual for f in integrity_findings(submission) if f.rule == "label-changed"}
    assert found == slips


def label_twice(book: Workbook) -> None:
    book["三"].insert_rows(13)
    for column in (3, 4):
        book["三"].cell(13, column, book["三"].cell(12, column).value)


def label_altered_beside_a_new_row(book: Workbook) -> None:
    book["三"].insert_rows(12)
    book["三"].cell(13, 3, "改了的")


@pytest.mark.parametrize(
    "edit",
    [
        lambda book: book["三"].delete_rows(9),
        lambda book: book["四"].delete_cols(3),
        label_twice,
        label_altered_beside_a_new_row,
    ],
    ids=["row deleted", "column deleted", "label twice", "label altered beside a new row"],
)
def test_what_is_not_certain_is_refused(edit: Callable[[Workbook], object]) -> None:
    with pytest.raises(Unreadable, match=r"[三四]![A-Z]+\d+ 应为"):
        edited(edit)


def test_renamed_sheets_are_known_by_their_titles() -> None:
    def edit(book: Workbook) -> None:
        book["三"].title = "Sheet1"
        book["四"].title = "表四"

    submission = edited(edit)
    assert submission.values == SOURCE.values
    assert submission.at("requests.received.natural") == "Sheet1!D7"
    assert [kind for kind in kinds(submission) if kind != "formula-overwritten"] == ["sheet-renamed", "sheet-renamed"]


def test_a_lost_text_sheet_is_said_and_the_tables_are_read() -> None:
    submission = edited(lambda book: book.remove(book["文字"]))
    assert submission.values == SOURCE.values
    assert submission.texts == {}
    assert "sheet-missing" in kinds(submission)


def test_a_constant_in_place_of_a_formula_is_said_even_when_it_is_right() -> None:
    def edit(book: Workbook) -> None:
        book["三"]["J9"] = 1431
        book["三"]["J10"] = "=SUM(D10:H10)"
        book["三"]["J13"] = None

    found = {f.cells[0]: f for f in integrity_findings(edited(edit)) if f.rule == "formula-overwritten"}
    assert set(found) == {"requests.granted.total", "requests.partial.total", "requests.security.total"}
    assert found["requests.partial.total"].actual == "=SUM(D10:H10)"
    assert found["requests.partial.total"].expected == "=SUM(D10:I10)"
    assert {f.severity for f in found.values()} == {"warning"}


def test_an_old_template_is_read_by_its_labels_and_a_newer_one_is_not() -> None:
    assert kinds(edited(lambda book: book["_gknb"].__setitem__("B3", 0))) == ["old-layout"]
    with pytest.raises(Unreadable, match="第 9 版"):
        edited(lambda book: book["_gknb"].__setitem__("B3", 9))
