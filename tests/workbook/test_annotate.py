"""The annotated copy changes nothing that stands in a workbook, however it was saved, and nothing stays of an earlier
review."""

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import LOOKUP, report, write
from office import real_reports_recalculated, recalculate
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook as NewWorkbook

from toolkit.characters import without_forbidden
from toolkit.problems import Unreadable
from toolkit.workbook.annotate import FILLS, OURS, UNABLE, Remark, annotate_workbook
from toolkit.workbook.layout import REVIEW
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

SOURCE = report("suqian-2024")
OURS_EMPTY = build_workbook(SOURCE)
REMARK = Remark("error", "请核对。", ("三!D9",))


def loaded(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def changed(content: bytes, change: Callable[[Any], object]) -> bytes:
    """A workbook after somebody worked on it in a program that saves no results."""
    book = load_workbook(io.BytesIO(content), rich_text=True)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def edited(content: bytes, sheet: str, old: str, new: str) -> bytes:
    """A workbook with something else in the XML of a sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        number = loaded(content).sheetnames.index(sheet) + 1
        for name in source.namelist():
            part = source.read(name)
            if name == f"xl/worksheets/sheet{number}.xml":
                text, count = re.subn(old, new, part.decode())
                assert count == 1
                part = text.encode()
            target.writestr(name, part)
    return out.getvalue()


def cell_xml(content: bytes, sheet: str, address: str) -> str:
    number = loaded(content).sheetnames.index(sheet) + 1
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
    found = re.search(rf'<c r="{address}"[^>]*?(?:/>|>.*?</c>)', text)
    assert found
    return found[0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Cell E9 is marked as a date")
def test_texts_and_figures_stay_to_the_last_mark() -> None:
    """Figures in cells that were pasted with a date format, too, which openpyxl takes for days."""
    texts = ("=1+1", "_x0041_ 甲_x005F_", "  前后有空格 ", "第一行\n第二行", "@x", "𬀩🏫")

    def paste(book: Any) -> None:
        for address, value in (("D9", -3), ("E9", 3_000_000), ("F9", 60)):
            book["三"][address].value = value
            book["三"][address].number_format = "yyyy-mm-dd"
        book["二"]["B17"].value = 2873.4951
        book["二"]["B17"].number_format = "yyyy/m/d h:mm"

    content = changed(build_workbook(replace(SOURCE, texts={"一": texts})), paste)
    for ours in (content, build_workbook(replace(SOURCE, texts={"一": texts}))):
        copy = annotate_workbook(ours, "甲局", [REMARK])
        assert read_workbook_bytes(copy, LOOKUP) == read_workbook_bytes(ours, LOOKUP)
    for sheet, address, figure in (("三", "D9", "-3"), ("三", "E9", "3000000"), ("二", "B17", "2873.4951")):
        assert f"<v>{figure}</v>" in cell_xml(annotate_workbook(content, "甲局", [REMARK]), sheet, address)


def test_formatted_texts_keep_their_looks() -> None:
    bold = CellRichText("本年", TextBlock(InlineFont(b=True), "制发"), "文件")
    content = changed(OURS_EMPTY, lambda book: book["文字"].__setitem__("A5", bold))
    after = load_workbook(io.BytesIO(annotate_workbook(content, "甲局", [REMARK])), rich_text=True)
    assert after["文字"]["A5"].value == bold


def test_results_of_formulas_stay_errors_and_texts_too() -> None:
    content = edited(OURS_EMPTY, "三", r'(<c r="J9" s="\d+")(><f>[^<]*</f>)<v>[^<]*</v>', r'\1 t="e"\2<v>#DIV/0!</v>')
    copy = annotate_workbook(content, "甲局", [REMARK])
    shown = load_workbook(io.BytesIO(copy), data_only=True)
    assert shown["三"]["J9"].value == "#DIV/0!"
    before = load_workbook(io.BytesIO(content), data_only=True)
    verdicts = [[cell.value for cell in row] for row in before["自查"].iter_rows()]
    assert "相符" in {value for row in verdicts for value in row}
    assert [[cell.value for cell in row] for row in shown["自查"].iter_rows()] == verdicts
    assert loaded(copy)["三"]["J9"].value == loaded(content)["三"]["J9"].value


def test_formulas_that_share_one_text_stay() -> None:
    """Excel saves a filled-down formula once; the other cells only refer to it."""
    content = edited(
        OURS_EMPTY, "三", r'(<c r="J9" s="\d+">)<f>([^<]*)</f>', r'\1<f t="shared" ref="J9:J10" si="0">\2</f>'
    )
    content = edited(content, "三", r'(<c r="J10" s="\d+">)<f>[^<]*</f>', r'\1<f t="shared" si="0"/>')
    copy = annotate_workbook(content, "甲局", [REMARK])
    for book in (loaded(content), loaded(copy)):
        assert book["三"]["J10"].value == loaded(OURS_EMPTY)["三"]["J10"].value
    assert read_workbook_bytes(copy, LOOKUP).values == SOURCE.values
    shown = [load_workbook(io.BytesIO(book), data_only=True)["三"]["J10"].value for book in (content, copy)]
    assert shown[0] == shown[1] is not None


@pytest.mark.validator
def test_copies_of_what_other_programs_saved_are_valid(tmp_path: Path) -> None:
    """Formulas saved without their results, formatted texts, dates for figures, a copy of a copy."""

    def work(book: Any) -> None:
        book["文字"]["A5"] = CellRichText("本年", TextBlock(InlineFont(b=True), "制发"), "文件")
        book["三"]["D9"].number_format = "yyyy-mm-dd"
        book["三"]["E9"].comment = Comment("已与业务科核对", "张三")

    remark = Remark("error", "_x0041_", ("三!D9", "三!E9", "三!J9", "文字!A5", "二!B17"))
    first = annotate_workbook(changed(OURS_EMPTY, work), "甲局", [remark])
    for name, copy in (("first", first), ("again", annotate_workbook(first, "甲局", [REMARK]))):
        assert_valid(write(tmp_path / f"{name}.xlsx", copy))


def assert_valid(path: Path) -> None:
    verdict = subprocess.run(["ooxml-validator", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert verdict.returncode == 0, verdict.stdout[:2000]


@pytest.mark.libreoffice
def test_what_libreoffice_saved_stays_cell_by_cell(report_path: Path) -> None:
    saved = real_reports_recalculated()[report_path]
    copy = annotate_workbook(saved.read_bytes(), "甲局", [REMARK])
    before, after = (CalamineWorkbook.from_filelike(io.BytesIO(book)) for book in (saved.read_bytes(), copy))
    assert after.sheet_names == [REVIEW, *before.sheet_names]
    for name in before.sheet_names:
        assert after.get_sheet_by_name(name).to_python() == before.get_sheet_by_name(name).to_python()
    assert read_workbook_bytes(copy, LOOKUP) == read_workbook_bytes(saved.read_bytes(), LOOKUP)


def test_a_place_in_merged_cells_is_marked_on_the_first_and_one_that_is_nowhere_is_only_listed() -> None:
    """In edition 2021 the figures of the lower tables stand in three merged cells."""
    places = ("二!C17", "没有的表!A1", "三!第九行", "三")
    copy = loaded(
        annotate_workbook(OURS_EMPTY, "甲局", [Remark("warning", str(n), (p,)) for n, p in enumerate(places)])
    )
    assert copy["二"]["B17"].comment.text == "提醒：0"
    assert copy["二"]["B17"].fill.fgColor.rgb == FILLS["warning"]
    rows = [[cell.value for cell in row] for row in copy[REVIEW].iter_rows(min_row=5)]
    assert [row[2] for row in rows] == list(places)
    assert [bool(row[4].hyperlink) for row in copy[REVIEW].iter_rows(min_row=5)] == [True, False, False, False]


def test_our_colours_win_over_those_of_the_sheet() -> None:
    """A blank is tinted by the sheet. Excel goes by the priority, LibreOffice by the order in the file."""
    content = build_workbook(replace(SOURCE, values={**SOURCE.values, "requests.granted.natural": None}))
    sheet = loaded(annotate_workbook(content, "甲局", [REMARK]))["三"]
    rules = [
        (rule.priority, rule.formula, str(area.sqref)) for area in sheet.conditional_formatting for rule in area.rules
    ]
    assert rules[0] == min(rules)
    assert rules[0][1:] == (OURS, "D9")
    assert len({priority for priority, _, _ in rules}) == len(rules)


def test_nothing_stays_of_an_earlier_review() -> None:
    """An agency may work on in the copy; what it has mended is no longer marked, its own notes are kept."""
    content = changed(OURS_EMPTY, lambda book: setattr(book["三"]["E9"], "comment", Comment("已与业务科核对", "张三")))
    places = ("三!D9", "三!E9", "三!J9", "文字!A5", "二!B17")
    first = annotate_workbook(content, "甲局", [Remark("error", "旧意见", places)])
    again = loaded(annotate_workbook(first, "甲局", [Remark("info", "新意见", ("三!D10",))]))
    before = loaded(content)
    for sheet in before.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                there = again[sheet.title][cell.coordinate]
                if there.coordinate != "D10" or sheet.title != "三":
                    assert there.fill.fgColor.rgb == cell.fill.fgColor.rgb, (sheet.title, cell.coordinate)
                    assert (there.comment and there.comment.text) == (cell.comment and cell.comment.text)
        ours = [area for area in again[sheet.title].conditional_formatting if area.rules[0].formula == OURS]
        assert len(ours) == (sheet.title == "三")
    thrice = loaded(annotate_workbook(first, "甲局", [Remark("info", "新意见", places)]))
    assert thrice["三"]["E9"].comment.text == "提示：新意见\n原有批注：已与业务科核对"
    assert [row[3].value for row in again[REVIEW].iter_rows(min_row=5)] == ["新意见"]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\r"), min_size=1, max_size=60), min_size=1, max_size=30))
def test_messages_are_shown_letter_for_letter(messages: list[str]) -> None:
    copy = annotate_workbook(OURS_EMPTY, messages[0], [Remark("error", text, ("三!D9",)) for text in messages])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(copy)).get_sheet_by_name(REVIEW).to_python(skip_empty_area=False)
    assert [row[3] for row in rows[4:]] == [without_forbidden(text) for text in messages]


def test_what_looks_like_an_escape_is_shown_as_it_is() -> None:
    copy = annotate_workbook(OURS_EMPTY, "甲局", [Remark("error", "填的是“_x0041_”", ("三!D9",))])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(copy)).get_sheet_by_name(REVIEW).to_python(skip_empty_area=False)
    assert rows[4][3] == "填的是“_x0041_”"


@pytest.mark.parametrize("password", ["", "geheim1"])
def test_the_sheet_in_front_is_locked_like_the_others_and_is_the_one_that_opens(password: str) -> None:
    book = loaded(annotate_workbook(build_workbook(SOURCE, password), "甲局", [REMARK]))
    assert book[REVIEW].protection.password == book["三"].protection.password
    assert bool(book[REVIEW].protection.password) == bool(password)
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [REVIEW]


@pytest.mark.libreoffice
def test_an_earlier_review_goes_even_after_libreoffice_saved_the_copy(tmp_path: Path) -> None:
    """It drops the authors of notes and writes TRUE as 1."""
    places = ("三!D9", "三!E9", "三!J9")
    own = changed(OURS_EMPTY, lambda book: setattr(book["三"]["E9"], "comment", Comment("已与业务科核对", "张三")))
    first = annotate_workbook(own, "甲局", [Remark("error", "旧意见", places)])
    (saved,) = recalculate([write(tmp_path / "a.xlsx", first)], tmp_path / "foreign")
    sheet = loaded(annotate_workbook(saved.read_bytes(), "甲局", [Remark("info", "新意见", ("三!D10",))]))["三"]
    notes = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    assert notes == {"D10": "提示：新意见", "E9": "已与业务科核对"}
    colours = {cell.coordinate for row in sheet for cell in row if cell.fill.fgColor.rgb in FILLS.values()}
    assert colours == {"D10"}
    rules = [
        str(area.sqref) for area in sheet.conditional_formatting for rule in area.rules if len(rule.formula[0]) < 5
    ]
    assert rules == ["D10"]


def test_the_copy_says_that_pictures_and_macros_may_be_lost() -> None:
    out = io.BytesIO(OURS_EMPTY)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/media/image1.png", b"picture")
    said = [
        loaded(annotate_workbook(book, "甲局", [REMARK]))[REVIEW]["A3"].value for book in (OURS_EMPTY, out.getvalue())
    ]
    assert ["图片、图形、宏" in text for text in said] == [False, True]


def test_long_messages_have_room() -> None:
    """Rows as high as their text needs: 84 half-width characters a line, 15 points each."""
    remarks = [Remark("error", text, ("三!D9",)) for text in ("短。", "长" * 410, "行\n" * 10)]
    sheet = loaded(annotate_workbook(OURS_EMPTY, "某" * 100, remarks))[REVIEW]
    heights = [sheet.row_dimensions[row].height for row in (5, 6, 7)]
    assert heights[0] < 25
    assert heights[1] >= 15 * 820 / 84
    assert heights[2] >= 15 * 10
    assert sheet.row_dimensions[1].height >= 2 * 16


def test_it_is_silent_about_what_cannot_be_kept(recwarn: pytest.WarningsRecorder) -> None:
    out = io.BytesIO()
    book = NewWorkbook(out)
    book.add_worksheet("三").conditional_format("A1:A9", {"type": "data_bar", "data_bar_2010": True})
    book.close()
    load_workbook(io.BytesIO(out.getvalue()))
    assert [str(item.message) for item in recwarn] != []
    recwarn.clear()
    annotate_workbook(out.getvalue(), "甲局", [REMARK])
    assert [str(item.message) for item in recwarn] == []


def test_a_workbook_that_cannot_be_copied_is_refused_in_words() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(OURS_EMPTY)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"<broken" if name == "xl/styles.xml" else source.read(name))
    with pytest.raises(Unreadable) as refused:
        annotate_workbook(out.getvalue(), "甲局", [REMARK])
    assert refused.value.message == UNABLE


@pytest.mark.validator
def test_five_thousand_findings_on_as_many_cells_are_valid(tmp_path: Path) -> None:
    remarks = [
        Remark(("error", "warning", "info")[number % 3], "字" * (number % 900), (f"文字!A{5 + number}", "三!D9"))
        for number in range(5000)
    ]
    copy = write(tmp_path / "many.xlsx", annotate_workbook(OURS_EMPTY, "甲局", remarks))
    assert_valid(copy)
    book = loaded(copy.read_bytes())
    assert book["文字"]["A5004"].fill.fgColor.rgb == FILLS["warning"]
    assert book[REVIEW].max_row == 5004
