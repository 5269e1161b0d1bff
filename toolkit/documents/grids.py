"""Tables from cells that do not fit together. In the result every place of the grid is covered exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.documents.blocks import Block, Separator, TableBlock, TableCell, paragraph

MOST_PLACES = 200_000
"""No table of a report has more places."""


class TooLarge(Exception):
    """A table with more places than any table of a report."""


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell with a place in the grid. It overlaps no other cell."""

    row: int
    column: int
    height: int
    width: int
    blocks: tuple[Block, ...] = ()


def full_table(placed: Sequence[PlacedCell], head: int = 0) -> TableBlock | None:
    """Return a table of these cells, with empty cells in the gaps; None if there are no cells.

    Rows and columns in which no cell begins are removed: they come from spans that are too large. `head` is the number
    of rows that repeat on every page.

    Raise TooLarge if the table has more than `MOST_PLACES` places.
    """
    if not placed:
        return None
    rows = {row: number for number, row in enumerate(sorted({cell.row for cell in placed}))}
    columns = {column: number for number, column in enumerate(sorted({cell.column for cell in placed}))}
    if len(rows) * len(columns) > MOST_PLACES:
        raise TooLarge
    row_at, column_at = _new_numbers(rows, placed, True), _new_numbers(columns, placed, False)
    cells = []
    for cell in placed:
        row, column = row_at[cell.row], column_at[cell.column]
        height, width = row_at[cell.row + cell.height] - row, column_at[cell.column + cell.width] - column
        cells.append(TableCell(row, column, height, width, cell.blocks))
    cells += _padding_cells(cells, len(rows), len(columns))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    head_rows = sum(row < head for row in rows)
    return TableBlock(len(rows), len(columns), tuple(cells), (1.0,) * len(columns), head_rows)


def _new_numbers(starts: dict[int, int], placed: Sequence[PlacedCell], is_row: bool) -> dict[int, int]:
    """Return the new number of each row or column at which a cell begins or ends."""
    ends = {cell.row + cell.height if is_row else cell.column + cell.width for cell in placed}
    numbers, following = dict[int, int](), 0
    for line in sorted(ends | set(starts)):
        numbers[line] = following
        following += line in starts
    return numbers


def _padding_cells(cells: Sequence[TableCell], height: int, width: int) -> list[TableCell]:
    covered = bytearray(height * width)
    for cell in cells:
        for row in range(cell.row, cell.row + cell.height):
            start = row * width + cell.column
            covered[start : start + cell.width] = b"\1" * cell.width
    free = (place for place, taken in enumerate(covered) if not taken)
    return [TableCell(place // width, place % width, 1, 1, (), padding=True) for place in free]


def table_of_rows(rows: Sequence[Sequence[str]], head: int = 0, separator: Separator = "marks") -> TableBlock:
    """Return a table of texts, one text a cell. Fill rows that are too short with padding.

    Raise TooLarge if the table has more than `MOST_PLACES` places.
    """
    width = max(map(len, rows), default=0)
    if len(rows) * width > MOST_PLACES:
        raise TooLarge
    cells = [
        TableCell(number, column, 1, 1, cell_blocks(row[column]))
        if column < len(row)
        else TableCell(number, column, 1, 1, (), padding=True)
        for number, row in enumerate(rows)
        for column in range(width)
    ]
    return TableBlock(len(rows), width, tuple(cells), (1.0,) * width, head, separator)


def cell_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a cell with this text; none if the text is only white space."""
    return (paragraph(text.strip()),) if text.strip() else ()
