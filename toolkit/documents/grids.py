"""Tables from cells that do not fit together: every place of the grid becomes covered exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.documents.blocks import Block, Parted, TableBlock, TableCell, paragraph

MOST_PLACES = 200_000


class TooLarge(Exception):
    """A table that would have more places than any table of a report."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell that has its place; it overlaps no other."""

    row: int
    column: int
    height: int
    width: int
    blocks: tuple[Block, ...] = ()


def full_table(placed: Sequence[Placed], head: int = 0) -> TableBlock | None:
    """A table of these cells, with empty cells where none stands; nothing if there are no cells. Rows and columns in
    which no cell begins are not there at all: they come from spans that are too large.

    Raises TooLarge.
    """
    if not placed:
        return None
    rows = {row: number for number, row in enumerate(sorted({cell.row for cell in placed}))}
    columns = {column: number for number, column in enumerate(sorted({cell.column for cell in placed}))}
    if len(rows) * len(columns) > MOST_PLACES:
        raise TooLarge
    row_at, column_at = _numbers(rows, placed, True), _numbers(columns, placed, False)
    cells = []
    for cell in placed:
        row, column = row_at[cell.row], column_at[cell.column]
        height, width = row_at[cell.row + cell.height] - row, column_at[cell.column + cell.width] - column
        cells.append(TableCell(row, column, height, width, cell.blocks))
    cells += _empty(cells, len(rows), len(columns))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    kept = sum(row < head for row in rows)
    return TableBlock(len(rows), len(columns), tuple(cells), (1.0,) * len(columns), kept)


def _numbers(begun: dict[int, int], placed: Sequence[Placed], is_row: bool) -> dict[int, int]:
    """The new number of each line at which a cell begins or ends."""
    ends = {cell.row + cell.height if is_row else cell.column + cell.width for cell in placed}
    numbers, following = dict[int, int](), 0
    for line in sorted(ends | set(begun)):
        numbers[line] = following
        following += line in begun
    return numbers


def _empty(cells: Sequence[TableCell], height: int, width: int) -> list[TableCell]:
    covered = bytearray(height * width)
    for cell in cells:
        for row in range(cell.row, cell.row + cell.height):
            start = row * width + cell.column
            covered[start : start + cell.width] = b"\1" * cell.width
    free = (place for place, taken in enumerate(covered) if not taken)
    return [TableCell(place // width, place % width, 1, 1, (), padding=True) for place in free]


def table_of_rows(rows: Sequence[Sequence[str]], head: int = 0, parted: Parted = "marks") -> TableBlock:
    """A table of texts, each in a cell of its own. A row that has too few is filled up with padding.

    Raises TooLarge.
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
    return TableBlock(len(rows), width, tuple(cells), (1.0,) * width, head, parted)


def cell_blocks(text: str) -> tuple[Block, ...]:
    """What a cell of this text holds: nothing where there is only white space."""
    return (paragraph(text.strip()),) if text.strip() else ()
