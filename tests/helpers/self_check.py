"""自查 as it stands in a workbook, held to the check and to what another program computes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from kit import LOOKUP, outcomes
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from toolkit.forms.loader import FormLookup
from toolkit.forms.relations import Outcome
from toolkit.submission.model import Submission
from toolkit.workbook.layout import (
    AGENCY_CHECK,
    ASKS,
    CHECK_DIFF,
    CHECK_FIRST_ROW,
    CHECK_KEY,
    CHECK_LEFT,
    CHECK_LIST_LENGTH,
    CHECK_LIST_ROW,
    CHECK_RIGHT,
    CHECK_SENTENCE,
    CHECK_VERDICT,
    EXPLAINED,
    FAILS,
    HOLDS,
    SELF_CHECK,
    STATUS_ROW,
    UNFILLED,
    Layout,
    blank_check,
    text_check,
)
from toolkit.workbook.reader import read_workbook


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
        assert line[CHECK_VERDICT] == expected_verdict(outcome, submission), where
        assert line[CHECK_LEFT] == pytest.approx(float(outcome.left)), where
        assert line[CHECK_RIGHT] == pytest.approx(float(outcome.right)), where
        assert line[CHECK_DIFF] == pytest.approx(float(outcome.difference)), where
    for table in layout.sheets:
        blanks = [
            cell for cell in table.cells if not layout.form.cells[cell].computed and submission.values[cell] is None
        ]
        assert sheet[layout.check_rows[blank_check(table.section.id)]][CHECK_LEFT] == len(blanks)
    assert_heads_say_what_the_lines_say({name: rows_of(path, name) for name in sheets_of(path)}, layout)


def sheets_of(path: Path) -> list[str]:
    return CalamineWorkbook.from_path(str(path)).sheet_names


def expected_verdict(outcome: Outcome, submission: Submission) -> str:
    """The verdict of a line of 自查: nothing is judged while cells are blank, but for totals, which are formulas."""
    case = outcome.case
    is_soft = case.relation.severity == "warning"
    blanks = [term.cell for side in (case.left, case.right) for term in side.inputs]
    if (is_soft or not case.relation.defines) and any(submission.values[cell] is None for cell in blanks):
        return UNFILLED
    if outcome.holds:
        return HOLDS
    if not is_soft:
        return FAILS
    return EXPLAINED if any(found.about == case.id for found in submission.explanations) else ASKS


def assert_heads_say_what_the_lines_say(values: Mapping[str, Sequence[Sequence[object]]], layout: Layout) -> None:
    """The heads of 自查 and of the tables, the list at the top and the marks say what the lines say."""
    sheet = values[SELF_CHECK]
    lines = [line for line in sheet[CHECK_FIRST_ROW:] if line[CHECK_VERDICT]]
    verdicts = Counter(line[CHECK_VERDICT] for line in lines)
    summary = str(sheet[1][0])
    for verdict, mark in ((FAILS, "其中 {} 项不符"), (ASKS, "，{} 项请核实"), (UNFILLED, "，{} 项未填完")):
        count = verdicts[verdict]
        assert (mark.format(count) in summary) if count else (f"项{verdict}" not in summary)
    assert summary.startswith("×" if verdicts[FAILS] else "共" if verdicts[ASKS] + verdicts[UNFILLED] else "√")
    missing = {AGENCY_CHECK, *map(blank_check, (t.section.id for t in layout.sheets))}
    missing |= {text_check(section) for section in layout.text_columns}
    urgent = [line for word in (FAILS, ASKS) for line in lines if line[CHECK_VERDICT] == word]
    urgent += [line for line in lines if line[CHECK_VERDICT] == UNFILLED and line[CHECK_KEY] in missing]
    listed = [line for line in sheet[CHECK_LIST_ROW:][:CHECK_LIST_LENGTH] if line[0] not in ("", None)]
    assert [line[0] for line in listed] == [line[0] for line in urgent[:CHECK_LIST_LENGTH]]
    assert [line[CHECK_SENTENCE] for line in listed] == [line[CHECK_SENTENCE] for line in urgent[:CHECK_LIST_LENGTH]]
    for table in layout.sheets:
        own, section = values[table.section.id], table.section.id
        count = Counter(line[CHECK_VERDICT] for line in lines if line[1] == section)
        blanks, status = sheet[layout.check_rows[blank_check(section)]][CHECK_LEFT], str(own[STATUS_ROW][0])
        assert (f"× 本表有 {count[FAILS]} 项自查不符" in status) if count[FAILS] else "×" not in status
        assert (f"还有 {int(str(blanks).partition('.')[0])} 格未填" in status) if blanks else "未填" not in status
        assert status.startswith("√") is not bool(count[FAILS] or count[ASKS] or blanks)
        for case, (row, column) in table.marks.items():
            mark, verdict = str(own[row][column] or ""), sheet[layout.check_rows[case]][CHECK_VERDICT]
            begins = {HOLDS: ("√", ""), FAILS: ("×",), UNFILLED: (UNFILLED, ""), ASKS: (ASKS,)}
            assert mark.startswith(begins.get(str(verdict), (str(verdict),))), case


def assert_cached_values(ours: Path, judged: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Every formula of ours had the value that another program computes."""
    formulas = load_workbook(ours)
    for name in formulas.sheetnames:
        before, after = rows_of(ours, name), judged[name]
        for row in formulas[name].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    at = f"{ours.name} {name}!{cell.coordinate}"
                    mine, theirs = (_at(rows, cell.row - 1, cell.column - 1) for rows in (before, after))
                    assert mine == (pytest.approx(theirs) if isinstance(theirs, float | int) else theirs), at


def _at(rows: Sequence[Sequence[object]], row: int, column: int) -> object:
    """What stands in a cell; a reader may leave out rows and columns that show nothing."""
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
