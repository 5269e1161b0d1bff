"""The workbook's own 自查 and the Python check say the same of any figures, with LibreOffice as the judge."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from kit import LOOKUP, random_submission, read, write
from office import recalculate
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from toolkit.checks.arithmetic import outcomes
from toolkit.checks.review import check
from toolkit.forms.loader import FormLookup, form_for_year
from toolkit.workbook.layout import (
    CHECK_DIFF,
    CHECK_LEFT,
    CHECK_RIGHT,
    CHECK_VERDICT,
    FAILS,
    HOLDS,
    SELF_CHECK,
    STATUS_ROW,
    Layout,
    address,
    blank_check,
    layout_of,
)
from toolkit.workbook.reader import read_workbook
from toolkit.workbook.template import build_template, build_workbook

PER_EDITION = 10
"""Random submissions: LibreOffice takes half a second for each."""


def rows_of(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def assert_agrees(path: Path, layout: Layout, lookup: FormLookup = LOOKUP) -> None:
    """自查 as it stands in the file, line by line against the check of the same file."""
    submission = read_workbook(path, lookup)
    sheet = rows_of(path, SELF_CHECK)
    evaluated = {outcome.case.id: outcome for outcome in outcomes(submission)}
    for outcome in evaluated.values():
        line = sheet[layout.check_rows[outcome.case.id]]
        where = f"{path.name} {outcome.case.id}"
        assert line[CHECK_VERDICT] == (HOLDS if outcome.holds else FAILS), where
        assert line[CHECK_LEFT] == pytest.approx(float(outcome.left)), where
        assert line[CHECK_RIGHT] == pytest.approx(float(outcome.right)), where
        assert line[CHECK_DIFF] == pytest.approx(float(outcome.difference)), where
    for table in layout.sheets:
        blanks = [
            cell for cell in table.cells if not layout.form.cells[cell].computed and submission.values[cell] is None
        ]
        assert sheet[layout.check_rows[blank_check(table.section.id)]][CHECK_LEFT] == len(blanks)
        own = rows_of(path, table.section.id)
        failures = sum(line[1:2] == [table.section.id] and line[CHECK_VERDICT] == FAILS for line in sheet)
        status = str(own[STATUS_ROW][0])
        assert (f"有 {failures} 项" in status) if failures else status.startswith("√")
        for case, (row, column) in table.marks.items():
            assert str(own[row][column]).startswith("√" if evaluated[case].holds else "×")


def assert_cached_values(ours: Path, judged: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Every formula of ours had the value that another program computes."""
    formulas = load_workbook(ours)
    for name in formulas.sheetnames:
        before, after = rows_of(ours, name), judged[name]
        for row in formulas[name].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    at = f"{ours.name} {name}!{cell.coordinate}"
                    mine, theirs = (rows[cell.row - 1][cell.column - 1] for rows in (before, after))
                    assert mine == (pytest.approx(theirs) if isinstance(theirs, float | int) else theirs), at


@pytest.mark.libreoffice
@pytest.mark.parametrize("year", [2020, 2024])
def test_random_submissions(year: int, tmp_path: Path) -> None:
    form = form_for_year(year)
    layout = layout_of(form)
    rng = random.Random(f"{year}-0")
    made = [random_submission(form, rng, year) for _ in range(PER_EDITION)]
    ours = [write(tmp_path / f"{n}.xlsx", build_workbook(submission)) for n, submission in enumerate(made)]
    saved = recalculate(ours, tmp_path / "foreign")
    broken = sum(not outcome.holds for submission in made for outcome in outcomes(submission))
    assert broken > PER_EDITION, "the random submissions should break many relations"
    for number, (mine, theirs, submission) in enumerate(zip(ours, saved, made, strict=True)):
        assert_agrees(mine, layout)
        assert_agrees(theirs, layout)
        assert read(theirs).values == submission.values
        assert read(theirs).shown == submission.shown
        if number % 10 == 0:
            assert_cached_values(mine, {name: rows_of(theirs, name) for name in load_workbook(mine).sheetnames})


@pytest.mark.libreoffice
@pytest.mark.parametrize("year", [2020, 2024])
def test_libreoffice_really_recalculates(year: int, tmp_path: Path) -> None:
    """The judge is not fed our own cached values: figures that another program typed in are judged anew."""
    form = form_for_year(year)
    layout = layout_of(form)
    template = write(tmp_path / "t.xlsx", build_template(form, year))
    book = load_workbook(template)
    rng = random.Random(year)
    for cell in form.filled:
        sheet, row, column = layout.positions[cell.id]
        book[sheet][address(row, column)] = rng.randrange(50)
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "typed.xlsx")
    (saved,) = recalculate([tmp_path / "foreign" / "typed.xlsx"], tmp_path / "foreign" / "saved")
    assert_agrees(saved, layout)
    assert not all(outcome.holds for outcome in outcomes(read(saved)))


@pytest.mark.libreoffice
@pytest.mark.parametrize("year", [2020, 2024])
def test_blanks_are_zeros_only_when_the_agency_says_so(year: int, tmp_path: Path) -> None:
    """「空白单元格均为 0」= 是: zeros in 自查 and in everything read; otherwise one error a table naming its cells."""
    form = form_for_year(year)
    layout = layout_of(form)
    template = write(tmp_path / "t.xlsx", build_template(form, year, "某机关"))
    unsaid = check(read(template))
    for section in form.table_sections:
        cells = tuple(cell.id for cell in form.filled if cell.section == section.id)
        (found,) = (f for f in unsaid if f.rule == "blank" and f.message.startswith(section.name))
        assert found.cells == cells
        assert found.at == tuple(layout.places[cell] for cell in cells)
    book = load_workbook(template)
    said, *rest = layout.sheets
    book[said.section.id][address(*said.choice)] = "是"
    book[rest[0].section.id][address(*rest[0].choice)] = "否"
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "said.xlsx")
    (saved,) = recalculate([tmp_path / "foreign" / "said.xlsx"], tmp_path / "foreign" / "saved")
    submission = read(saved)
    for cell in form.filled:
        assert submission.values[cell.id] == (0 if cell.section == said.section.id else None)
    assert {f.message[:2] for f in check(submission) if f.rule == "blank"} == {t.section.name for t in rest}
    sheet = rows_of(saved, SELF_CHECK)
    verdicts = [sheet[layout.check_rows[blank_check(t.section.id)]][CHECK_VERDICT] for t in layout.sheets]
    assert verdicts == [HOLDS, *[FAILS] * len(rest)]
