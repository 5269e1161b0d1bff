"""The template as a file: what is locked, what is said, what is checked while typing."""

import re
import zipfile
from pathlib import Path

import pytest
from kit import submission_of, write
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from toolkit.excel.addresses import address
from toolkit.forms.loader import form_for_year
from toolkit.problems import Problem
from toolkit.workbook.layout import (
    GUIDE,
    IDENTITY,
    INFO,
    INFO_VALUE,
    SELF_CHECK,
    TEXT_FIRST_ROW,
    TEXTS,
    ZERO_BLANKS,
    layout_of,
)
from toolkit.workbook.template import build_template, build_workbook

YEARS = (2020, 2024)


@pytest.fixture(params=YEARS)
def template(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[int, Path]:
    year: int = request.param
    return year, write(tmp_path / "t.xlsx", build_template(form_for_year(year), year, "温县教育局"))


def test_sheets_in_order_and_identity_hidden(template: tuple[int, Path]) -> None:
    year, path = template
    book = load_workbook(path)
    assert book.sheetnames == [GUIDE, INFO, "二", "三", "四", TEXTS, SELF_CHECK, IDENTITY]
    assert book.active.title == GUIDE
    assert book[IDENTITY].sheet_state == "veryHidden"
    form = form_for_year(year)
    stored = {row[0]: row[1] for row in book[IDENTITY].iter_rows(2, 5, 1, 2, values_only=True)}
    assert stored == {"form": form.id, "layout": form.layout, "agency": "温县教育局", "year": year}


def test_only_cells_to_be_filled_are_unlocked(template: tuple[int, Path]) -> None:
    year, path = template
    book = load_workbook(path)
    layout = layout_of(form_for_year(year))
    allowed = {layout.places[cell.id] for cell in layout.form.filled}
    allowed |= {f"{table.section.id}!{address(*table.choice)}" for table in layout.sheets}
    allowed |= {f"{INFO}!{address(row, INFO_VALUE)}" for row in layout.info_rows.values()}
    unlocked = {
        f"{sheet.title}!{cell.coordinate}"
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    merged = {
        f"{sheet.title}!{address(row - 1, column - 1)}"
        for sheet in book
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
        if (row, column) != (area.min_row, area.min_col)
    }
    assert unlocked - merged == allowed
    assert all(sheet.protection.sheet and sheet.protection.password is None for sheet in book)
    texts = book[TEXTS]
    for column in layout.text_columns.values():  # whole columns take paragraphs, but for the headings
        (dimension,) = (d for d in texts.column_dimensions.values() if d.min <= column + 1 <= d.max)
        assert not dimension.protection.locked
        assert all(texts.cell(row, column + 1).protection.locked for row in (3, 4))
    assert texts.freeze_panes == f"A{TEXT_FIRST_ROW + 1}"


def test_structure_is_locked_and_a_password_is_taken(tmp_path: Path) -> None:
    form = form_for_year(2024)
    for password in ("", "ab12"):
        path = write(tmp_path / "t.xlsx", build_template(form, 2024, password=password))
        book = load_workbook(path)
        assert book.security.lockStructure
        assert bool(book.security.workbookPassword) == bool(password)
        assert {bool(sheet.protection.password) for sheet in book} == {bool(password)}
        if password:
            assert {sheet.protection.password for sheet in book} == {book.security.workbookPassword}
        xml = zipfile.ZipFile(path).read("xl/workbook.xml").decode()
        assert re.search(r"<workbookPr[^>]*/><workbookProtection [^>]*/><bookViews>", xml)


@pytest.mark.parametrize("password", ["密码", "a" * 16, "a\nb"])
def test_a_password_that_excel_cannot_take_is_refused(password: str) -> None:
    with pytest.raises(Problem, match="--password"):
        build_template(form_for_year(2024), 2024, password=password)


def test_it_says_that_protection_is_not_secrecy(template: tuple[int, Path]) -> None:
    guide = load_workbook(template[1])[GUIDE]
    text = "".join(str(cell.value) for row in guide.iter_rows() for cell in row if cell.value)
    assert "不是保密措施" in text


def test_every_input_has_validation_prompt_and_error_text(template: tuple[int, Path]) -> None:
    year, path = template
    book = load_workbook(path)
    layout = layout_of(form_for_year(year))
    rules = {}
    for table in layout.sheets:
        for validation in book[table.section.id].data_validations.dataValidation:
            for area in validation.sqref.ranges:
                for row in range(area.min_row, area.max_row + 1):
                    for column in range(area.min_col, area.max_col + 1):
                        at = f"{table.section.id}!{address(row - 1, column - 1)}"
                        assert at not in rules
                        rules[at] = validation
    for cell in layout.form.filled:
        rule = rules.pop(layout.places[cell.id])
        expected = {"count": "whole", "change": "whole", "money": "custom"}[cell.kind.name]
        assert rule.type == expected
        assert rule.showInputMessage
        assert rule.showErrorMessage
        assert rule.errorStyle in (None, "stop")
        assert cell.row.basis in rule.prompt
        assert cell.row.help in rule.prompt
        assert len(rule.error) > 10
        if cell.kind.name == "count":
            assert (rule.operator or "between", rule.formula1) == ("between", "0")
    assert set(rules) == {f"{table.section.id}!{address(*table.choice)}" for table in layout.sheets}
    for table in layout.sheets:
        row, column = table.choice
        assert book[table.section.id].cell(row + 1, column).value == ZERO_BLANKS


def test_totals_are_formulas_over_filled_cells_only(template: tuple[int, Path]) -> None:
    year, path = template
    book = load_workbook(path)
    layout = layout_of(form_for_year(year))
    for cell in layout.form.computed:
        sheet, row, column = layout.positions[cell.id]
        formula = book[sheet].cell(row + 1, column + 1).value
        added = set()
        for area in re.findall(r"[A-Z]+\d+(?::[A-Z]+\d+)?", formula):
            min_col, min_row, max_col, max_row = range_boundaries(area)
            for r in range(min_row, max_row + 1):
                added |= {f"{sheet}!{address(r - 1, c - 1)}" for c in range(min_col, max_col + 1)}
        assert added == {layout.places[part.cell] for part in cell.parts}


def test_pages_fit_a4_and_heads_stay_in_view(template: tuple[int, Path]) -> None:
    year, path = template
    book = load_workbook(path)
    for table in layout_of(form_for_year(year)).sheets:
        sheet = book[table.section.id]
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.freeze_panes == address(*table.freeze)


def test_equal_content_gives_equal_bytes(report_path: Path) -> None:
    submission = submission_of(report_path)
    assert build_workbook(submission) == build_workbook(submission)


def test_every_relation_and_both_cell_checks_are_listed_with_a_link(template: tuple[int, Path]) -> None:
    year, path = template
    layout = layout_of(form_for_year(year))
    sheet = load_workbook(path)[SELF_CHECK]
    links = {link.ref: link.location for link in (cell.hyperlink for row in sheet.iter_rows() for cell in row) if link}
    others = 2 * len(layout.sheets) + len(layout.text_columns) + 2
    assert len(links) == len(layout.check_rows) == len(layout.form.cases) + others
    for case in layout.form.cases:
        sheet_name, row, column = layout.positions[case.cells[0]]
        assert links[address(layout.check_rows[case.id], 9)] == f"'{sheet_name}'!{address(row, column)}"
