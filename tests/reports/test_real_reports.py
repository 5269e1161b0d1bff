"""Real published reports go the whole way: data file → workbook → LibreOffice → data → Word, and nothing is lost."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from kit import docx_grids, read, source_values, submission_of, write
from office import real_reports_recalculated, recalculate
from openpyxl import load_workbook
from places import REAL_REPORTS
from published import expected_values, printed_values

from toolkit.checks.review import check
from toolkit.forms.grid import section_grids
from toolkit.reports.word_report import build_report
from toolkit.submission.json_csv import to_data
from toolkit.submission.spelling import number_text
from toolkit.workbook.template import build_workbook

ALLOWED_ERRORS = {"blank", "odd-spelling", "text-missing"}


def check_whole_way(path: Path, workbook: Path) -> None:
    submission = read(workbook)
    assert to_data(submission)["values"] == expected_values(path)
    assert to_data(submission)["texts"] == json.loads(path.read_text(encoding="utf-8"))["texts"]
    assert submission.shown == {}
    errors = [found for found in check(submission) if found.severity == "error"]
    assert {found.rule for found in errors} <= ALLOWED_ERRORS
    blank = {cell.id for cell in submission.form.filled if source_values(path).get(cell.id) is None}
    odd = {
        cell.id
        for cell in submission.form.filled
        if isinstance(value := source_values(path).get(cell.id), str) and not value.replace(".", "", 1).isdigit()
    }
    named = {cell for found in errors for cell in found.cells}
    assert named == blank | odd


@pytest.mark.libreoffice
def test_values_survive_the_way_through_libreoffice(report_path: Path) -> None:
    check_whole_way(report_path, real_reports_recalculated()[report_path])


def test_values_survive_a_save_without_cached_values(report_path: Path, tmp_path: Path) -> None:
    ours = write(tmp_path / "ours.xlsx", build_workbook(submission_of(report_path)))
    (tmp_path / "foreign").mkdir()
    saved = tmp_path / "foreign" / "openpyxl.xlsx"
    load_workbook(ours).save(saved)
    check_whole_way(report_path, saved)


def test_word_tables_hold_the_same_numbers(report_path: Path, tmp_path: Path) -> None:
    """Parsed by position: row labels and headers lead to each cell, as a reader of the page would find it."""
    submission = submission_of(report_path)
    path = write(tmp_path / "report.docx", build_report(submission))
    values = printed_values(report_path)
    grids = docx_grids(path)
    assert len(grids) == len(submission.form.table_sections)
    for section, rows in zip(submission.form.table_sections, grids, strict=True):
        top = 0
        for grid in section_grids(section):
            for row in range(grid.height):
                boxes = sorted(
                    (box for box in grid.boxes if box.row <= row < box.row + box.height), key=lambda box: box.column
                )
                texts = rows[top + row]
                assert len(texts) == len(boxes)
                for box, text in zip(boxes, texts, strict=True):
                    if box.row < row:
                        assert text == ""
                    elif box.cell:
                        value = values[box.cell]
                        assert text == ("" if value is None else str(value))
                    else:
                        assert text == box.text
            top += grid.height
        assert top == len(rows)


def test_word_report_has_title_sections_and_texts_in_order(report_path: Path, tmp_path: Path) -> None:
    submission = submission_of(report_path)
    path = write(tmp_path / "report.docx", build_report(submission))
    expected = [f"{submission.agency}{submission.year}年政府信息公开工作年度报告"]
    for section in submission.form.sections:
        expected.append(section.title)
        if section.text:
            expected += submission.texts.get(section.id, ("无",))
    assert [paragraph.text for paragraph in Document(str(path)).paragraphs] == expected


def test_money_keeps_the_digits_that_were_given(tmp_path: Path) -> None:
    """Also those that a spreadsheet drops: final zeros, and digits after the fifteenth."""
    for given in ("2873.495", "12.50", "0.00", "123456789012.123456", "316441", "0"):
        data = json.loads((REAL_REPORTS / "suqian-2024.json").read_text(encoding="utf-8"))
        data["values"]["fees.fees.amount"] = given
        source = tmp_path / "in.json"
        source.write_text(json.dumps(data), encoding="utf-8")
        workbook = write(tmp_path / "filled.xlsx", build_workbook(submission_of(source)))
        assert to_data(read(workbook))["values"]["fees.fees.amount"] == given
        assert given in [
            text for row in docx_grids(write(tmp_path / "r.docx", build_report(read(workbook))))[0] for text in row
        ]


def test_a_changed_figure_is_not_given_its_old_digits(tmp_path: Path) -> None:
    """The digits kept aside count only while the cell still holds that figure."""
    data = json.loads((REAL_REPORTS / "suqian-2024.json").read_text(encoding="utf-8"))
    data["values"]["fees.fees.amount"] = "12.50"
    source = tmp_path / "in.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    workbook = write(tmp_path / "filled.xlsx", build_workbook(submission_of(source)))
    book = load_workbook(workbook)
    sheet, _, place = submission_place("fees.fees.amount", workbook)
    book[sheet][place] = 13.5
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "changed.xlsx")
    assert read(tmp_path / "foreign" / "changed.xlsx").values["fees.fees.amount"] == Decimal("13.5")


def submission_place(cell: str, workbook: Path) -> tuple[str, str, str]:
    return read(workbook).at(cell).partition("!")


@pytest.mark.libreoffice
def test_wrong_totals_are_kept_and_found_on_their_cells(report_path: Path, tmp_path: Path) -> None:
    """A total that differs is in the workbook as it was given and is found on its own cell, and no other total is; what
    is written must also balance."""
    data = json.loads(report_path.read_text(encoding="utf-8"))
    form = submission_of(report_path).form
    right = expected_values(report_path)
    wrong = {cell.id: int(str(right[cell.id])) + 3 for cell in form.computed[::5]}
    data["values"] |= wrong
    source = tmp_path / "in.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    ours = write(tmp_path / "ours.xlsx", build_workbook(submission_of(source)))
    (saved,) = recalculate([ours], tmp_path / "foreign")
    for workbook in (ours, saved):
        submission = read(workbook)
        assert dict(submission.shown) == wrong
        assert to_data(submission)["values"] == right
        found = [f for f in check(submission) if f.severity == "error" and f.rule not in ALLOWED_ERRORS]
        balances = {relation.id for relation in form.relations if not relation.defines}
        assert {f.rule for f in found} & balances, "the totals that are wrong do not balance"
        found = [f for f in found if f.rule not in balances]
        assert {cell for f in found for cell in f.cells} == set(wrong)
        for f in found:
            (cell,) = f.cells
            assert (f.actual, f.expected) == (str(wrong[cell]), str(right[cell]))
            assert f.at == (submission.at(cell),)
            assert all(text in f.message for text in (f.actual, f.expected, f.at[0], number_text(3)))
