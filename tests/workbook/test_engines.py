"""The form's own formulas come to the same in every spreadsheet program, and say what `gknb check` says.

LibreOffice, Gnumeric and HyperFormula judge the same fills. In the cells stands what people and programs leave there:
spaces of several kinds, texts, numbers as text, negative and broken numbers, TRUE, error values, dates, overwritten
totals. The rules for colours and for entries are judged, too: each formula is put into a cell of its own.
"""

import datetime
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gnumeric
import hyperformula
import office
import pytest
from kit import LOOKUP, outcomes, random_submission, report, write
from openpyxl import Workbook, load_workbook
from openpyxl.formula.translate import Translator
from python_calamine import CalamineWorkbook
from self_check import assert_cached_values, assert_heads_say_what_the_lines_say, expected_verdict

from toolkit.checks.review import check
from toolkit.excel.addresses import address
from toolkit.forms.loader import form_for_year
from toolkit.forms.model import Case, Form
from toolkit.submission.model import Submission
from toolkit.workbook.layout import (
    CHECK_DIFF,
    CHECK_LEFT,
    CHECK_RIGHT,
    CHECK_VERDICT,
    FAILS,
    HOLDS,
    SELF_CHECK,
    STATUS_ROW,
    UNFILLED,
    Layout,
    TableSheet,
    blank_check,
    layout_of,
    number_check,
)
from toolkit.workbook.reader import read_workbook
from toolkit.workbook.template import build_template, build_workbook

PER_EDITION = 6
SPACES = (" ", "   ", "\u3000", "\u3000 \u3000", "\u00a0", " \u00a0\u3000", "\t", "\n", " \n")
UNREADABLE = ("见附件", "*", "?", "~", "<0", ">=0", "a", "=", "是", "\u200b")
UNDERSTOOD = ("12件", "１２", "12", " 12", "1,234", "-3", "2.6", "无", "—", "1E3")
"""Texts that `gknb check` reads as a number, or would if it were not odd; no spreadsheet adds them up."""
NUMBERS = (-1, -3.5, 2.6, 0.001, 3.0000000000000004, 10**11, 0)
ERRORS = ("#DIV/0!", "#N/A", "#VALUE!", "#REF!")
TRUTHS = (True, False)
DATE = datetime.datetime(2024, 1, 5)
ODD: tuple[tuple[object, ...], ...] = (SPACES, UNREADABLE, UNDERSTOOD, NUMBERS, ERRORS, TRUTHS, (DATE,))
UNFIT_RULES = {"odd-spelling", "not-a-number", "number-as-text", "negative", "not-whole"}
PROBED = 2
"""So many of the fills are held against the rules, too; each has some six hundred formulas of them."""
PROBES = 20
"""The column in which formulas of rules stand to be evaluated."""

Values = Mapping[str, Sequence[Sequence[Any]]]
Judge = Callable[[Sequence[Path], Path], list[Values]]


def values_of(saved: Sequence[Path]) -> list[Values]:
    books = (CalamineWorkbook.from_path(str(file)) for file in saved)
    return [
        {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        for book in books
    ]


JUDGES: dict[str, Judge] = {
    "libreoffice": lambda files, folder: values_of(office.recalculate(files, folder)),
    "gnumeric": lambda files, folder: values_of(gnumeric.recalculate(files, folder)),
    "hyperformula": lambda files, _folder: list(hyperformula.evaluate(files)),
}
every_judge = pytest.mark.parametrize(
    "judge", [pytest.param(name, marks=getattr(pytest.mark, name)) for name in JUDGES]
)


@dataclass(frozen=True)
class Fill:
    """What was put into the cells of a form; `chosen` are the sections whose blanks are zeros."""

    typed: Mapping[str, object]
    overwritten: Mapping[str, object]
    chosen: frozenset[str]

    def cells(self, kinds: Sequence[object]) -> set[str]:
        """The cells into which one of these values was typed."""
        wanted = {(type(value), value) for value in kinds}
        all_of_them = {**self.typed, **self.overwritten}
        return {cell for cell, value in all_of_them.items() if (type(value), value) in wanted}


def random_fill(form: Form, rng: random.Random) -> Fill:
    """Some cells of every table hold something odd; some totals do."""
    cells = rng.sample(form.filled, rng.randrange(len(form.filled) // 3))
    pools = rng.sample(ODD, rng.randint(1, len(ODD)))
    typed = {cell.id: rng.choice(rng.choice(pools)) for cell in cells}
    totals = rng.sample(form.computed, rng.randrange(4))
    overwritten: dict[str, object] = {cell.id: rng.choice((None, 7, -2, "见附件")) for cell in totals}
    chosen = frozenset(section.id for section in form.table_sections if rng.random() < 0.4)
    return Fill(typed, overwritten, chosen)


def put(content: Path, fill: Fill, layout: Layout, target: Path) -> Path:
    """The workbook with the fill, saved by openpyxl, which keeps no results."""
    book = load_workbook(content)
    for cell, value in (*fill.typed.items(), *fill.overwritten.items()):
        sheet, row, column = layout.positions[cell]
        place = book[sheet][address(row, column)]
        place.value = value
        if isinstance(value, str) and value not in ERRORS:
            place.data_type = "s"
    for section in fill.chosen:
        book[section][address(*layout.sheet(section).choice)] = "是"
    target.parent.mkdir(exist_ok=True)
    book.save(target)
    return target


@dataclass(frozen=True)
class Probe:
    """A formula of a rule, moved to the cell that it is asked of, and where it stands to be evaluated."""

    sheet: str
    row: int
    cell: str
    kind: str


def with_probes(file: Path, layout: Layout, target: Path) -> list[Probe]:
    """Save the workbook with the formulas of all its rules for colours and entries as formulas of cells."""
    book = load_workbook(file)
    probes: list[Probe] = []
    for table in layout.sheets:
        cells = {address(*position): cell for cell, position in table.cells.items()}
        row = 0
        for kind, formula, ranges in _rules(book, table):
            corner = address(min(area.min_row for area in ranges) - 1, min(area.min_col for area in ranges) - 1)
            for area in ranges:
                for place in (address(r - 1, c - 1) for r, c in area.cells):
                    moved = Translator(f"={formula}", corner).translate_formula(place)
                    row += 1
                    book[table.section.id].cell(row, PROBES, moved)
                    probes.append(Probe(table.section.id, row - 1, cells.get(place, place), kind))
    book.save(target)
    return probes


def _rules(book: Workbook, table: TableSheet) -> list[tuple[str, str, list[Any]]]:
    sheet = book[table.section.id]
    looks = [(rule.formula[0], list(area.sqref.ranges)) for area in sheet.conditional_formatting for rule in area.rules]
    kinds = {"×": "mark", '="未"': "mark", '="还"': "mark", "FIND": "mark", "ISNUMBER": "unfit", "": "blank"}
    found = [(next(kind for word, kind in kinds.items() if word in text), text, at) for text, at in looks]
    entries = sheet.data_validations.dataValidation
    return found + [("entry", rule.formula1, list(rule.sqref.ranges)) for rule in entries if rule.type == "custom"]


def touched(case: Case) -> set[str]:
    terms = (*case.left.terms, *case.right.terms, *case.left.inputs, *case.right.inputs)
    return {term.cell for term in terms}


def assert_relations(values: Values, submission: Submission, fill: Fill, layout: Layout, judge: str) -> int:
    """Both sides, difference and verdict of each relation; gives how many were compared."""
    broken, overwritten = fill.cells(ERRORS), set(fill.overwritten)
    # A text that can be read counts in `gknb check` as what it stands for, as the handbook says; no program adds it up.
    # The day of a date format is a number for a program, and none for `gknb check`, which says so.
    apart = fill.cells(UNDERSTOOD) | fill.cells([DATE])
    if judge == "libreoffice":
        apart |= fill.cells([True])  # it reads TRUE from a file as 1 and adds it up; the others pass over it
    compared = 0
    for outcome in outcomes(submission):
        case = outcome.case
        line = values[SELF_CHECK][layout.check_rows[case.id]]
        if touched(case) & broken:
            assert line[CHECK_VERDICT] in (FAILS, UNFILLED) or touched(case) & overwritten, case.id
        elif not touched(case) & apart:
            compared += 1
            assert line[CHECK_VERDICT] == expected_verdict(outcome, submission), case.id
            assert line[CHECK_LEFT] == pytest.approx(float(outcome.left)), case.id
            assert line[CHECK_RIGHT] == pytest.approx(float(outcome.right)), case.id
            assert line[CHECK_DIFF] == pytest.approx(float(outcome.difference)), case.id
    return compared


def assert_counts(values: Values, submission: Submission, fill: Fill, layout: Layout, judge: str) -> None:
    """The lines on blanks and on what is no proper number against the findings of `gknb check`."""
    found = check(submission)
    blanks = {cell for finding in found if finding.rule == "blank" for cell in finding.cells}
    unfit = {cell for finding in found if finding.rule in UNFIT_RULES for cell in finding.cells}
    # No formula sees that a number is shown as a day.
    unfit -= fill.cells([DATE])
    if judge == "libreoffice":
        unfit -= fill.cells(TRUTHS)  # 1 and 0 for it, in cells with a number format
    for section in layout.form.table_sections:
        own = {cell.id for cell in layout.form.filled if cell.section == section.id}
        counted = ((blank_check(section.id), blanks, UNFILLED), (number_check(section.id), unfit, FAILS))
        for key, cells, verdict in counted:
            line = values[SELF_CHECK][layout.check_rows[key]]
            assert line[CHECK_LEFT] == len(own & cells), f"{key} {own & cells}"
            assert line[CHECK_VERDICT] == (verdict if own & cells else HOLDS), key


def assert_rules(
    values: Values, probes: Sequence[Probe], submission: Submission, fill: Fill, layout: Layout, judge: str
) -> None:
    """Blank cells are tinted and wrong ones red, as `gknb check` says; an amount is let in if nothing is said of it."""
    found = check(submission)
    said = {rule: {c for f in found if f.rule == rule for c in f.cells} for rule in {f.rule for f in found}}
    unfit = set().union(*(said.get(rule, set()) for rule in UNFIT_RULES)) - fill.cells([DATE])
    if judge == "libreoffice":
        unfit -= fill.cells(TRUTHS)
    blank = said.get("blank", set())
    filled = {cell.id for cell in layout.form.filled}
    for probe in probes:
        value = values[probe.sheet][probe.row][PROBES - 1]
        if probe.kind == "mark":
            assert isinstance(value, bool), probe
        elif probe.cell in filled:
            no_entry = blank | unfit | said.get("too-many-decimals", set())
            if probe.kind == "entry" and probe.sheet in fill.chosen and submission.values[probe.cell] == 0:
                continue  # a blank that stands for zero, and no entry
            expected = {"blank": blank, "unfit": unfit, "entry": filled - no_entry}[probe.kind]
            assert value in (0, 1), probe
            assert bool(value) is (probe.cell in expected), probe


@every_judge
@pytest.mark.parametrize("year", [2020, 2024])
def test_every_program_comes_to_what_check_says(year: int, judge: str, tmp_path: Path) -> None:
    form = form_for_year(year)
    layout = layout_of(form)
    rng = random.Random(f"{year}-engines")
    fills = [random_fill(form, rng) for _ in range(PER_EDITION)]
    made = [build_workbook(random_submission(form, rng, year)) for _ in fills]
    folder = tmp_path / "foreign"
    typed = [
        put(write(tmp_path / f"{n}.xlsx", content), fill, layout, folder / f"{n}.xlsx")
        for n, (content, fill) in enumerate(zip(made, fills, strict=True))
    ]
    probed = [folder / f"规则{n}.xlsx" for n in range(PROBED)]
    probes = [with_probes(file, layout, target) for file, target in zip(typed, probed, strict=False)]
    probes += [[]] * (len(typed) - PROBED)
    judged = JUDGES[judge]([*probed, *typed[PROBED:]], folder / "saved")
    compared = 0
    for file, fill, asked, values in zip(typed, fills, probes, judged, strict=True):
        submission = read_workbook(file, LOOKUP)
        compared += assert_relations(values, submission, fill, layout, judge)
        assert_counts(values, submission, fill, layout, judge)
        assert_heads_say_what_the_lines_say(values, layout)
        assert_rules(values, asked, submission, fill, layout, judge)
    assert compared > 5 * PER_EDITION


@every_judge
def test_a_sound_report_is_sound_in_every_program(judge: str, tmp_path: Path) -> None:
    """The example that comes with the toolkit, with all formulas as issued; each comes to what stood there."""
    ours = write(tmp_path / "温县.xlsx", build_workbook(report("wenxian-jyj-2020")))
    (values,) = JUDGES[judge]([ours], tmp_path / "foreign")
    lines = values[SELF_CHECK]
    assert [line[:4] for line in lines if line[CHECK_VERDICT] == FAILS] == []
    assert str(lines[1][0]).startswith("√")
    assert all(str(values[name][STATUS_ROW][0]).startswith("√") for name in "二三四")
    assert_cached_values(ours, values)


@every_judge
def test_figures_of_last_year_are_watched_in_every_program(judge: str, tmp_path: Path) -> None:
    form, prior = form_for_year(2024), report("suqian-2023")
    as_issued = write(tmp_path / "issued.xlsx", build_template(form, 2024, prior=prior))
    book = load_workbook(as_issued)
    book["三"]["D8"], book["三"]["E8"] = "三", None
    folder = tmp_path / "foreign"
    folder.mkdir()
    book.save(folder / "changed.xlsx")
    issued, changed = JUDGES[judge]([as_issued, folder / "changed.xlsx"], folder / "saved")
    first = layout_of(form).check_last_row + 2
    watched = [line[CHECK_VERDICT] for line in issued[SELF_CHECK][first:]]
    assert watched == [HOLDS] * 7 + [UNFILLED] * 2, "what was filled in, and what stands beside blanks"
    after = [line[CHECK_VERDICT] for line in changed[SELF_CHECK][first:]]
    assert after[:2] == [FAILS, UNFILLED]
    assert after[6] == UNFILLED, "their total waits for the blank"
    assert_cached_values(as_issued, issued)
