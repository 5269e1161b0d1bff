"""Reading back: nothing that a cell holds is taken for a blank, and a file that is damaged anywhere is not believed."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from kit import LOOKUP, read, report, write
from office import recalculate

from toolkit.checks.review import check
from toolkit.excel.addresses import address
from toolkit.forms.loader import form_for_year
from toolkit.problems import Unreadable
from toolkit.workbook.layout import (
    CHECK_VERDICT,
    FAILS,
    INFO,
    INFO_VALUE,
    SELF_CHECK,
    STATUS_ROW,
    TEXT_FIRST_ROW,
    TEXTS,
    layout_of,
    number_check,
)
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_template, build_workbook

FORM = form_for_year(2024)
LAYOUT = layout_of(FORM)
CELL = "requests.received.natural"
SHEET, ROW, COLUMN = LAYOUT.positions[CELL]
PLACE = address(ROW, COLUMN)
COMPLETED = build_workbook(report("suqian-2024"))


def edited(edit: Callable[[openpyxl.Workbook], None], content: bytes = COMPLETED) -> bytes:
    """The workbook after another program (openpyxl, which keeps no results of formulas) changed it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(sheet: str, place: str, value: object) -> Callable[[openpyxl.Workbook], None]:
    def edit(book: openpyxl.Workbook) -> None:
        book[sheet][place] = value

    return edit


def with_parts(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same package with the bytes of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize("zero", [None, "是"])
@pytest.mark.parametrize("held", ["#DIV/0!", "#REF!", "=1/0", "=D8+1", '=""'])
def test_an_error_or_a_formula_without_result_is_no_blank(held: str, zero: str | None) -> None:
    """Neither is a zero because the agency said that blanks are zeros."""
    choice = address(*next(table.choice for table in LAYOUT.sheets if table.section.id == SHEET))

    def edit(book: openpyxl.Workbook) -> None:
        book[SHEET][PLACE] = held
        book[SHEET][choice] = zero

    submission = read_workbook_bytes(edited(edit), LOOKUP)
    assert submission.values[CELL] == held
    (found,) = (f for f in check(submission) if f.rule == "not-a-number")
    assert found.at == (f"{SHEET}!{PLACE}",)
    assert held in found.message


@pytest.mark.libreoffice
def test_the_workbook_itself_says_so_too(tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    file = write(tmp_path / "foreign" / "error.xlsx", edited(put(SHEET, PLACE, "=1/0")))
    (saved,) = recalculate([file], tmp_path / "foreign" / "saved")
    assert read(saved).values[CELL] == "#DIV/0!"
    book = openpyxl.load_workbook(saved, data_only=True)
    verdict = book[SELF_CHECK].cell(LAYOUT.check_rows[number_check(SHEET)] + 1, CHECK_VERDICT + 1).value
    assert verdict == FAILS
    assert str(book[SHEET].cell(STATUS_ROW + 1, 1).value).startswith("×")
    assert str(book[SELF_CHECK]["A2"].value).startswith("×")


def test_an_altered_formula_without_result_is_found() -> None:
    total = "requests.granted.total"
    place = LAYOUT.places[total].partition("!")[2]
    submission = read_workbook_bytes(edited(put(SHEET, place, "=SUM(D9:H9)+0")), LOOKUP)
    assert submission.shown == {total: "=SUM(D9:H9)+0"}
    found = [f for f in check(submission) if f.cells]
    assert {f.rule for f in found} == {"not-a-number", "formula-overwritten"}
    for f in found:
        assert f.at == (LAYOUT.places[total],)
        assert str(submission.totals[total]) in f.message


def test_texts_and_names_lost_to_an_error_are_seen() -> None:
    """A paragraph that begins with = turns into a formula when it is pasted into a cell of another format."""
    place = address(TEXT_FIRST_ROW, LAYOUT.text_columns["一"])

    def edit(book: openpyxl.Workbook) -> None:
        book[TEXTS][place] = "=一是主动公开"
        book[INFO][address(LAYOUT.info_rows["contact"], INFO_VALUE)] = "#NAME?"

    submission = read_workbook_bytes(edited(edit), LOOKUP)
    assert submission.texts["一"][0] == "=一是主动公开"
    assert submission.info["contact"] == "#NAME?"


def test_the_name_given_to_the_template_stands_when_its_cell_was_emptied() -> None:
    place = address(LAYOUT.info_rows["agency"], INFO_VALUE)
    emptied = edited(put(INFO, place, None), build_template(FORM, 2024, "温县教育局"))
    assert read_workbook_bytes(emptied, LOOKUP).agency == "温县教育局"


def test_a_shared_formula_is_the_formula_that_it_is() -> None:
    """Excel writes a formula that was filled down only once."""
    cells = [cell for cell in FORM.computed if cell.column.id == "total" and cell.table == "requests"][:2]
    first, second = (LAYOUT.places[cell.id].partition("!")[2] for cell in cells)

    def share(_: str, part: bytes) -> bytes:
        part = part.replace(b"<f>SUM(D7:I7)</f>", b'<f t="shared" ref="J7:J8" si="0">SUM(D7:I7)</f>')
        return part.replace(b"<f>SUM(D8:I8)</f><v>121</v>", b'<f t="shared" si="0"/><v>5</v>')

    assert (first, second) == ("J7", "J8")
    changed = with_parts(COMPLETED, share)
    assert changed != COMPLETED
    assert read_workbook_bytes(changed, LOOKUP).shown == {}


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "XFD3"])
def test_a_stray_cell_far_away_does_not_take_the_memory(place: str) -> None:
    """Readers hold the whole rectangle: one cell in the last corner would end the process."""
    content = edited(put(SHEET, place, "x"))
    if place == "XFD3":
        assert read_workbook_bytes(content, LOOKUP).values[CELL] == 3440
        return
    with pytest.raises(Unreadable, match=place):
        read_workbook_bytes(content, LOOKUP)


def test_formatted_but_empty_cells_far_away_do_no_harm() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book[SHEET]["XFD1048576"].number_format = "0.00"

    assert read_workbook_bytes(edited(edit), LOOKUP).values[CELL] == 3440


def test_damage_anywhere_is_found() -> None:
    """A changed byte in stored data still unpacks, and gives other figures."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(COMPLETED)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    content = out.getvalue()
    assert read_workbook_bytes(content, LOOKUP).values[CELL] == 3440
    damaged = content.replace(b"<v>3440</v>", b"<v>3490</v>", 1)
    assert damaged != content
    with pytest.raises(Unreadable, match="损坏"):
        read_workbook_bytes(damaged, LOOKUP)


def test_a_file_that_unpacks_to_more_than_any_form_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b" " * 80_000_000)
    with pytest.raises(Unreadable, match="MB"):
        read_workbook_bytes(out.getvalue(), LOOKUP)


@pytest.mark.parametrize(("key", "value"), [("year", 99999), ("year", -4), ("year", 2024.5), ("year", "二〇二四")])
def test_an_altered_identity_is_not_believed(key: str, value: object) -> None:
    row = 2 + ("form", "layout", "agency", "year").index(key)
    with pytest.raises(Unreadable, match="标识"):
        read_workbook_bytes(edited(put("_gknb", f"B{row}", value)), LOOKUP)


@pytest.mark.parametrize("value", [1e300, -1e300, 1e22, 1e23, 123456789012345680000.0, 0.1 + 0.2, 5e-300])
def test_absurd_figures_are_findings_and_no_failures(value: float) -> None:
    submission = read_workbook_bytes(edited(put(SHEET, PLACE, value)), LOOKUP)
    assert float(submission.values[CELL]) == pytest.approx(value, rel=1e-14)
    check(submission)
    again = read_workbook_bytes(build_workbook(submission), LOOKUP)
    assert again.values == submission.values
