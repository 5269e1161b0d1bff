"""Altered workbooks are read by their labels where that is certain, and what was altered is said."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit import LOOKUP, REPORT_DATA, read, report, write
from office import recalculate
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell

from toolkit.checks.integrity import integrity_findings
from toolkit.checks.registry import FAMILIES
from toolkit.forms.loader import form_for_year
from toolkit.problems import Unreadable
from toolkit.submission.model import Submission
from toolkit.workbook.layout import layout_of
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

SOURCE = report("suqian-2024")
CONTENT = build_workbook(SOURCE)
COLUMNS = ("natural", "enterprise", "research", "charity", "legal", "other")
LOUD = {
    rule.id
    for family in FAMILIES
    for rule in family.rules
    if family.find == integrity_findings and rule.severity != "info"
}


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


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@example("四", [7], [])
@example("三", [], [11])
@example("三", [33], [])
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


def figures_twice(book: Workbook) -> None:
    """Figures as text in their row, a sum of somebody's own below, and no label to tell which is which."""
    for column in range(1, 16):
        book["四"].cell(7, column, f"{column}件")
    book["四"]["A4"], book["四"]["C9"] = "复议", 12


def figures_above_their_headers(book: Workbook) -> None:
    take(book, "四", "swap_rows", 5, 0)


def label_altered_beside_a_new_row(book: Workbook) -> None:
    book["三"].insert_rows(12)
    book["三"].cell(13, 3, "改了的")


@pytest.mark.parametrize(
    "edit",
    [
        lambda book: book["三"].delete_rows(5, 2),
        label_twice,
        label_altered_beside_a_new_row,
        figures_twice,
        figures_above_their_headers,
    ],
    ids=[
        "headers deleted",
        "label twice",
        "label altered beside a new row",
        "two rows of figures",
        "figures above headers",
    ],
)
def test_what_is_not_certain_is_refused(edit: Callable[[Workbook], object]) -> None:
    with pytest.raises(Unreadable, match=r"[三四]![A-Z]+\d+ 应为"):
        edited(edit)


@pytest.mark.parametrize(("one", "other"), [(11, 12), (12, 14), (17, 18)])
def test_neighbours_that_changed_places_are_read_by_their_labels(one: int, other: int) -> None:
    """The label of the group stays on the group's first row, whichever that is now."""

    def swap(book: Workbook) -> None:
        for column in range(3, 11):
            first, second = book["三"].cell(one, column), book["三"].cell(other, column)
            first.value, second.value = second.value, first.value

    assert edited(swap).values == SOURCE.values


UNLIKE = replace(
    SOURCE,
    values={cell.id: 1000 + number for number, cell in enumerate(SOURCE.form.filled)},
    texts={section.id: (f"{section.id}甲", f"{section.id}乙") for section in SOURCE.form.text_sections},
    shown={},
)
UNLIKE_CONTENT = build_workbook(UNLIKE)
STEPS = (
    "delete_rows",
    "delete_cols",
    "insert_rows",
    "insert_cols",
    "swap_rows",
    "swap_cols",
    "label",
    "label_of_another",
)


def take(book: Workbook, sheet: str, step: str, first: int, second: int) -> None:
    """Something done to a sheet by somebody who took its lock off."""
    there = book[sheet]
    line = 1 + first % (there.max_column if step.endswith("cols") else there.max_row)
    if step.startswith("swap"):
        there.merged_cells.ranges.clear()
        for key in [key for key, cell in there._cells.items() if isinstance(cell, MergedCell)]:
            del there._cells[key]
        for other in range(1, 40):
            at = [(number, other) if step == "swap_rows" else (other, number) for number in (line, line + 1)]
            one, next_one = (there.cell(*place) for place in at)
            one.value, next_one.value = next_one.value, one.value
    elif step.startswith("label"):
        cells = [cell for row in there.iter_rows() for cell in row if isinstance(cell.value, str)]
        labels = [cell for cell in cells if not cell.value.startswith("=")]
        if labels:
            other = labels[second % len(labels)].value if step == "label_of_another" else "改了"
            labels[first % len(labels)].value = other
    else:
        getattr(there, step)(line)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@example([("三", "delete_cols", 0, 0), ("三", "swap_rows", 6, 0)])
@example([("三", "delete_rows", 4, 0), ("三", "delete_rows", 4, 0), ("三", "swap_cols", 6, 0)])
@example([("三", "delete_rows", 30, 0)])
@example([("四", "swap_rows", 4, 0)])
@example([("三", "swap_cols", 4, 0)])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["二", "三", "四"]), st.sampled_from(STEPS), st.integers(0, 200), st.integers(0, 200)
        ),
        min_size=1,
        max_size=3,
    )
)
def test_no_figure_ever_lands_in_the_cell_of_another(steps: list[tuple[str, str, int, int]]) -> None:
    """Whatever was done: each figure is read where it belongs, or as a blank, or the file is refused."""
    try:
        submission = edited(lambda book: [take(book, *step) for step in steps], UNLIKE_CONTENT)
    except Unreadable:
        return
    numbers = {cell: value for cell, value in submission.values.items() if isinstance(value, int)}
    assert numbers.items() <= UNLIKE.values.items()


def test_a_deleted_row_is_blank_and_is_said_even_where_blanks_are_zeros() -> None:
    def edit(book: Workbook) -> None:
        book["三"]["J3"] = "是"
        book["三"].delete_rows(12)

    submission = edited(edit)
    lost = {cell for cell, value in submission.values.items() if value != SOURCE.values[cell]}
    assert lost == {f"requests.forbidden_by_law.{column}" for column in COLUMNS}
    assert {submission.values[cell] for cell in lost} == {None}
    (said,) = (found for found in integrity_findings(submission) if found.rule == "line-missing")
    assert "缺少「2.其他法律行政法规禁止公开」这一行" in said.message


@pytest.mark.parametrize("step", ["insert_rows", "delete_rows", "insert_cols"])
@pytest.mark.parametrize("line", [1, 2, 3, 5])
def test_what_was_filled_in_about_the_agency_is_read_by_its_labels(step: str, line: int) -> None:
    told = replace(SOURCE, info={"contact": "张三", "phone": "0527-84300000"})
    submission = edited(lambda book: getattr(book["基本信息"], step)(line), build_workbook(told))
    assert submission.agency == SOURCE.agency
    assert {**told.info, **submission.info} == told.info
    if (step, line) != ("delete_rows", 5):
        assert submission.info == told.info


def test_the_explanation_is_no_agency() -> None:
    submission = edited(lambda book: book["基本信息"].delete_cols(3))
    assert submission.agency == SOURCE.agency
    assert kinds(submission) == ["line-missing"]


@pytest.mark.parametrize(
    "edit",
    [
        *(("insert_rows", row) for row in (1, 2, 3, 4, 5, 6)),
        *(("delete_rows", row) for row in (1, 2, 4)),
        *(("insert_cols", column) for column in (1, 2, 3)),
    ],
)
def test_texts_are_read_by_their_titles(edit: tuple[str, int]) -> None:
    """And what explains them never becomes a part of them."""
    assert edited(lambda book: getattr(book["文字"], edit[0])(edit[1])).texts == SOURCE.texts


def test_sections_that_changed_places_are_read_by_their_titles() -> None:
    def edit(book: Workbook) -> None:
        sheet = book["文字"]
        for row in range(3, 20):
            one, other = sheet.cell(row, 1), sheet.cell(row, 2)
            one.value, other.value = other.value, one.value

    submission = edited(edit)
    assert submission.texts == SOURCE.texts
    assert kinds(submission) == ["table-moved"]


def test_an_altered_title_alone_is_read_and_said() -> None:
    submission = edited(lambda book: book["文字"].__setitem__("A3", "总体情况"))
    assert submission.texts == SOURCE.texts
    assert kinds(submission) == ["label-changed"]


def test_renamed_sheets_without_tables_are_known_too() -> None:
    def edit(book: Workbook) -> None:
        book["基本信息"].title = "信息"
        book["文字"].title = "文字部分"

    submission = edited(edit)
    assert (submission.texts, submission.agency) == (SOURCE.texts, SOURCE.agency)
    assert kinds(submission) == ["sheet-renamed", "sheet-renamed"]


def test_formulas_are_looked_at_in_their_places() -> None:
    """Figures moved aside take the formula with them; an altered label beside does not hide a lost formula."""

    def edit(book: Workbook) -> None:
        book["三"].move_range("D9:J9", cols=1)
        book["三"]["C12"] = "2.其他法律"
        book["三"]["J12"] = 7

    found = {f.cells[0]: f.actual for f in integrity_findings(edited(edit)) if f.rule == "formula-overwritten"}
    assert found == {"requests.granted.total": "0", "requests.forbidden_by_law.total": "7"}


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


def test_a_self_check_that_was_tampered_with_is_said() -> None:
    def edit(book: Workbook) -> None:
        book["自查"]["I16"] = "相符"
        book["自查"]["I17"] = '="相符"'
        book["自查"]["E18"] = 3

    (found,) = (f for f in integrity_findings(edited(edit)) if f.rule == "formula-overwritten")
    assert found.at == ("自查!I16", "自查!I17", "自查!E18")
    assert found.message.startswith("自查!I16、I17、E18 的公式被改动或删去")


def test_lines_that_came_later_are_not_missed_in_an_old_template() -> None:
    """Templates of the first layout have no lines for preface and signature, and may have something else there."""

    def as_it_was(book: Workbook) -> None:
        book["_gknb"]["B3"] = 1
        later = [item for item in form_for_year(2024).info if item.layout > 1]
        assert later
        first = layout_of(form_for_year(2024)).info_rows[later[0].id] + 1
        for row in range(first, first + len(later)):
            for column in "ABCD":
                book["基本信息"][f"{column}{row}"] = None

    assert kinds(edited(as_it_was)) == ["old-layout"]


def test_a_template_of_the_second_layout_is_as_good_as_a_new_one() -> None:
    """It only lacks the column for explanations; the agency that got it has nothing to mend."""

    def as_it_was(book: Workbook) -> None:
        book["_gknb"]["B3"] = 2
        sheet = book["自查"]
        sheet.unmerge_cells("A5:K5")
        for row in sheet.iter_rows(min_row=5):
            for cell in row:
                if type(cell).__name__ != "MergedCell":
                    cell.value = None
        for column in range(11, 17):
            sheet.cell(4, column).value = None

    found = edited(as_it_was)
    assert found.values == SOURCE.values
    assert kinds(found) == []
    assert found.explanations == ()


def test_an_old_template_is_read_by_its_labels_and_a_newer_one_is_not() -> None:
    assert kinds(edited(lambda book: book["_gknb"].__setitem__("B3", 0))) == ["old-layout"]
    with pytest.raises(Unreadable, match="第 9 版"):
        edited(lambda book: book["_gknb"].__setitem__("B3", 9))


def test_a_template_issued_before_keeps_its_older_formulas() -> None:
    """Those that count blanks and wrong cells were worded otherwise; they are no alteration."""
    area = "'三'!D7:I27"
    older = {
        "blank": f"=IF('三'!$J$3=\"是\",0,SUMPRODUCT(--(LEN(TRIM({area}))=0)))",
        "number": f'=SUMPRODUCT(--(LEN(TRIM({area}))>0))-COUNT({area})+COUNTIF({area},"<0")'
        f'+SUMPRODUCT(ISNUMBER({area})*ISNUMBER(FIND(".",{area})))',
    }

    def edit(book: Workbook) -> None:
        for key, row in layout_of(form_for_year(2024)).check_rows.items():
            if key.partition(".")[0] in older:
                book["自查"].cell(row + 1, 5).value = older[key.partition(".")[0]]

    assert kinds(edited(edit)) == []
    lost = edited(lambda book: (edit(book), book["自查"].__setitem__("E50", 0)))
    assert [found.at for found in integrity_findings(lost)] == [("自查!E50",)]
