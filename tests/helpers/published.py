"""What the readers of published reports have to find: the rows of the form, with the numbers as they were published."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from kit import REPORT_DATA, report, source_values, submission_of
from places import REAL_REPORTS

from toolkit.documents.blocks import Block, Paragraph, Prose, TableBlock, all_paragraphs
from toolkit.forms.model import Table as FormTable


def published(name: str) -> bytes:
    return (REAL_REPORTS / name).read_bytes()


def texts_of(table: TableBlock) -> list[list[str]]:
    """The cells that begin in each row, from left to right."""
    rows: list[list[str]] = [[] for _ in range(table.height)]
    for cell in table.cells:
        rows[cell.row].append("".join(one.text for one in all_paragraphs(cell.blocks)))
    return rows


def shown(blocks: tuple[Block, ...]) -> list[object]:
    """Paragraphs as their texts and tables as their rows."""
    return [block.text if isinstance(block, Paragraph) else texts_of(block) for block in blocks]


def assert_full(table: TableBlock) -> None:
    """Every place is covered by one cell, and the cells are in reading order."""
    places = [
        (row, column)
        for cell in table.cells
        for row in range(cell.row, cell.row + cell.height)
        for column in range(cell.column, cell.column + cell.width)
    ]
    assert sorted(places) == [(row, column) for row in range(table.height) for column in range(table.width)]
    assert list(table.cells) == sorted(table.cells, key=lambda cell: (cell.row, cell.column))
    assert len(table.widths) == table.width
    assert 0 <= table.head <= table.height
    for cell in table.cells:
        for block in cell.blocks:
            if isinstance(block, TableBlock):
                assert_full(block)


def bare(text: str) -> str:
    """A label without white space and punctuation."""
    return re.sub(r"[^\w]", "", unicodedata.normalize("NFKC", text))


def official_rows(name: str) -> Iterator[tuple[str, list[str]]]:
    """The last label and the published values of each row of a report's form; blanks are empty."""
    form, values = report(name).form, source_values(REPORT_DATA[name])
    tables: list[FormTable] = [table for section in form.sections for table in section.tables]
    for table in tables:
        rows = [
            [_written(values[f"{table.id}.{row.id}.{column.id}"]) for column in table.columns] for row in table.rows
        ]
        if table.across:
            yield "", [value for row in rows for value in row]
        else:
            yield from ((row.label[-1], values) for row, values in zip(table.rows, rows, strict=True))


def _written(value: object) -> str:
    return "" if value is None else str(value)


def rows_found(prose: Prose, label: str, values: list[str], blanks: bool) -> int:
    """How many rows hold a label, and after it the values and nothing else; without `blanks` empty cells do not
    matter."""
    wanted = values if blanks else [value for value in values if value]
    found = 0
    for table in (block for block in prose.blocks if isinstance(block, TableBlock)):
        for row in texts_of(table):
            at = next((number for number, text in enumerate(row) if bare(text) == bare(label)), None)
            if label and at is None:
                continue
            rest = row[at + 1 :] if label and at is not None else row
            found += (rest if blanks else [text for text in rest if text]) == wanted
    return found


def expected_values(path: Path) -> dict[str, object]:
    """What must come out: the published values, a blank total as the sum of its parts."""
    values = source_values(path)
    form = submission_of(path).form
    for cell in form.computed:
        if values.get(cell.id) is None:
            values[cell.id] = sum(int(values[part.cell] or 0) for part in cell.parts)
    return {cell: str(value) if form.cells[cell].kind.name == "money" else value for cell, value in values.items()}


def printed_values(path: Path) -> dict[str, object]:
    """What a report of the published values prints: a row that is blank as a whole has no total of 0."""
    values, source = expected_values(path), source_values(path)
    for cell in submission_of(path).form.computed:
        if all(source.get(key) is None for key in (cell.id, *(part.cell for part in cell.parts))):
            values[cell.id] = None
    return values
