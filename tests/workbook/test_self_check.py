"""The workbook's own 自查 and the Python check say the same of any figures, with LibreOffice as the judge."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from kit import outcomes, random_submission, read, report, write
from office import recalculate
from openpyxl import load_workbook
from self_check import assert_agrees, assert_cached_values, rows_of

from toolkit.checks.review import check
from toolkit.excel.addresses import address
from toolkit.forms.loader import form_for_year
from toolkit.forms.relations import definitions, is_sum_of_totals
from toolkit.submission.model import Submission
from toolkit.workbook.formulas import left_formula, right_formula, sum_text
from toolkit.workbook.layout import (
    CHECK_LEFT,
    CHECK_RIGHT,
    CHECK_VERDICT,
    HOLDS,
    SELF_CHECK,
    UNFILLED,
    blank_check,
    layout_of,
)
from toolkit.workbook.template import build_template, build_workbook

PER_EDITION = 10
"""Random submissions: LibreOffice takes half a second for each."""


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


def with_wrong_totals(submission: Submission, rng: random.Random) -> Submission:
    """The submission with wrong totals where a total is added up of totals: some wrong alone, some as the sum of wrong
    ones, some as the sum of the filled cells beside wrong ones."""
    form = submission.form
    shown = dict(submission.shown)
    for cell in (cell for cell in form.computed if is_sum_of_totals(form, cell.id)):
        for terms in definitions(form)[cell.id]:
            for term in rng.sample(terms, min(2, len(terms))):
                if rng.random() < 0.5:
                    shown[term.cell] = submission.totals[term.cell] + rng.choice((-1, 1, 6))
            added = sum(int(shown.get(term.cell, submission.totals[term.cell])) * term.sign for term in terms)
            shown[cell.id] = rng.choice((added, submission.totals[cell.id], submission.totals[cell.id] + 2))
    return replace(submission, shown={key: value for key, value in shown.items() if value != submission.totals[key]})


@pytest.mark.libreoffice
@pytest.mark.parametrize("year", [2020, 2024])
def test_totals_of_totals_are_judged_as_they_stand(year: int, tmp_path: Path) -> None:
    """Wrong totals, totals of wrong ones, and totals that were wiped out: 自查 and the check judge the same figures."""
    form = form_for_year(year)
    layout = layout_of(form)
    rng = random.Random(f"{year}-1")
    files = []
    (tmp_path / "foreign").mkdir()
    nested = [cell.id for cell in form.computed if is_sum_of_totals(form, cell.id)]
    assert nested
    for number in range(PER_EDITION):
        made = with_wrong_totals(random_submission(form, rng, year), rng)
        path = write(tmp_path / f"{number}.xlsx", build_workbook(made))
        assert_agrees(path, layout)
        book = load_workbook(path)
        for cell in (*nested, *rng.sample([cell.id for cell in form.computed], 4)) if number % 2 else ():
            sheet, row, column = layout.positions[cell]
            if rng.random() < 0.6:
                book[sheet][address(row, column)] = None
        book.save(tmp_path / "foreign" / f"{number}.xlsx")
        files.append(tmp_path / "foreign" / f"{number}.xlsx")
    saved = recalculate(files, tmp_path / "foreign" / "saved")
    wiped = 0
    for path in saved:
        assert_agrees(path, layout)
        wiped += len(read(path).unstated)
    assert wiped > 5


def test_relations_need_only_what_every_spreadsheet_program_has() -> None:
    for year in (2020, 2024):
        layout = layout_of(form_for_year(year))
        for case in layout.form.cases:
            row = layout.check_rows[case.id]
            for formula in (left_formula(case, layout, row), right_formula(case, layout)):
                assert set(re.findall(r"[A-Z]+(?=\()", formula)) <= {"SUM", "IF", "ISNUMBER", "ROUND"}
                assert len(formula) < 2000


def test_a_template_with_the_relations_of_before_is_not_called_altered(tmp_path: Path) -> None:
    """Templates that were issued with sums of filled cells alone stay in circulation."""
    form = form_for_year(2024)
    layout = layout_of(form)
    book = load_workbook(write(tmp_path / "ours.xlsx", build_workbook(report("suqian-2024"))))
    for case in form.cases:
        row = layout.check_rows[case.id]
        right = "=" + sum_text(case.right.inputs, layout.positions)
        sheet, at_row, at_column = layout.positions[case.total]
        shown = f"'{sheet}'!{address(at_row, at_column)}"
        old = f"=IF(ISNUMBER({shown}),{shown},{address(row, CHECK_RIGHT)})"
        left = old if case.relation.defines else "=" + sum_text(case.left.inputs, layout.positions)
        book[SELF_CHECK][address(row, CHECK_LEFT)] = left
        book[SELF_CHECK][address(row, CHECK_RIGHT)] = right
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "old.xlsx")
    found = read(tmp_path / "foreign" / "old.xlsx")
    assert "formula-overwritten" not in {met.kind for met in found.irregularities}
    assert found.values == report("suqian-2024").values


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
    assert verdicts == [HOLDS, *[UNFILLED] * len(rest)]
