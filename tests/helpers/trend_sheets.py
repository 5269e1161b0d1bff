"""A trend's workbook, read back as it is shown."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from kit import report
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.submission.carry_overs import own_numbers
from toolkit.submission.model import Submission

AGENCY = report("suqian-2024").agency
OLD = replace(report("shanghai-office-2019"), agency=AGENCY)
THEN, NOW = report("suqian-2023"), report("suqian-2024")
FIRST_ROW, LAST_YEAR = 5, 3
"""Of the sections' sheets: the first row of numbers, counted from 1; the place in a row of the second year."""


@dataclass(frozen=True)
class Shown:
    """A row of a section's sheet as a reader sees it."""

    edition: str
    row: str
    column: str
    values: dict[int, object]
    changes: list[tuple[object, object]]


def shown(sheet: Worksheet) -> Iterator[Shown]:
    years = [
        int(cell.value[:4])
        for cell in sheet[3][2:]
        if cell.value and cell.value.endswith(" 年") and "比" not in cell.value
    ]
    edition = ""
    for cells in sheet.iter_rows(min_row=FIRST_ROW, values_only=True):
        if not cells[1]:
            edition = cells[0] if cells[0].startswith("以下各项只在") else edition
            continue
        numbers, rest = cells[2 : 2 + len(years)], cells[2 + len(years) :]
        yield Shown(edition, cells[0], cells[1], dict(zip(years, numbers, strict=True)), list(pairs_of(rest)))


def pairs_of(cells: tuple[object, ...]) -> Iterator[tuple[object, object]]:
    """Formulas that give an empty text are cached as None or as an empty text."""
    tidy = [None if cell == "" else cell for cell in cells]
    yield from zip(tidy[::2], tidy[1::2], strict=True)


def sheets_of(path: Path) -> list[Worksheet]:
    book = load_workbook(path, data_only=True)
    assert (book.sheetnames[0], book.sheetnames[-1]) == ("总览", "文字")
    return [book[name] for name in book.sheetnames[1:-1]]


def rows_of(path: Path) -> list[Shown]:
    return [row for sheet in sheets_of(path) for row in shown(sheet)]


def exact(value: object) -> Fraction:
    return Fraction(str(value))


def assert_nothing_lost(path: Path, submissions: tuple[Submission, ...]) -> None:
    """Of every year each value, as often as it is there, and nothing else."""
    rows = rows_of(path)
    for submission in submissions:
        numbers = own_numbers(submission)
        expected = Counter(
            exact(numbers[cell]) if cell in numbers else str(value)
            for cell, value in submission.all_values.items()
            if cell in numbers or (value is not None and not submission.form.cells[cell].computed)
        )
        there = [row.values[submission.year] for row in rows]
        found = Counter(v if isinstance(v, str) else exact(v) for v in there if v not in (None, ""))
        assert found == expected
    texts = load_workbook(path)["文字"]
    columns = {str(cell.value): cell.column for cell in texts[3]} if texts.max_row > 2 else {}
    for submission in submissions:
        written = "".join(text for paragraphs in submission.texts.values() for text in paragraphs)
        if written:
            column = columns[f"{submission.year} 年"]
            cells = (texts.cell(row, column).value or "" for row in range(4, texts.max_row + 1))
            assert "".join(text for text in cells if text != "（没有文字）") == written
