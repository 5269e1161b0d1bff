"""自查 as it stands in a workbook, held to the check and to what another program computes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from kit import LOOKUP, outcomes
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from toolkit.forms.loader import FormLookup
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
    blank_check,
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
