"""Tables of a Word document: rows of cells that may not fit together, made into a grid without holes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.documents.blocks import Block, TableBlock, TableCell
from toolkit.documents.word.xml import attribute, children, descend, integer, is_on, name, twips, unwrapped

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_COLUMNS = 63
"""The most columns that Word makes."""


@dataclass(frozen=True, slots=True)
class _RowCell:
    """A cell in its row. It has one element, or several that were merged horizontally in the old way, or none where the
    row leaves a place free."""

    width: int
    sources: "tuple[_Element, ...]" = ()
    is_merged: bool = False
    continues: bool = False


@dataclass(slots=True)
class _GrowingCell:
    """A cell that may still grow downwards."""

    row: int
    column: int
    width: int
    blocks: tuple[Block, ...]
    height: int = 1


def rows_of(table: "_Element") -> "list[_Element]":
    """Return the rows that no reviewer deleted."""
    rows = (row for row in unwrapped(table) if name(row) == "w:tr")
    return [row for row in rows if descend(row, "w:trPr", "w:del") is None]


def cells_of(row: "_Element") -> "list[_Element]":
    """Return the cells of a row."""
    return [cell for cell in unwrapped(row) if name(cell) == "w:tc"]


def table_of(element: "_Element", read: "Callable[[_Element], tuple[Block, ...]]") -> TableBlock | None:
    """Return a table; None if it has no cells. `read` returns the blocks of a cell and is called in the order of the
    text."""
    rows = [row for row in rows_of(element) if cells_of(row)]
    entries = [_entries(row) for row in rows]
    grid = [twips(attribute(column, "w:w")) for column in children(descend(element, "w:tblGrid"), "w:gridCol")]
    if not rows:
        return None
    width = _columns(entries, len(grid))
    done, open_ = list[_GrowingCell](), dict[int, _GrowingCell]()
    for number, row in enumerate(entries):
        column = 0
        for entry in _fitted(row, width):
            above = open_.get(column)
            if entry.continues and above and above.width == entry.width and above.row + above.height == number:
                above.height += 1
            else:
                blocks = tuple(block for source in entry.sources for block in read(source))
                done.append(_GrowingCell(number, column, entry.width, blocks))
                if entry.is_merged:
                    open_[column] = done[-1]
            column += entry.width
    cells = tuple(TableCell(one.row, one.column, one.height, one.width, one.blocks) for one in done)
    return TableBlock(len(rows), width, cells, _widths(grid, width), _head(rows))


def _entries(row: "_Element") -> list[_RowCell]:
    properties = descend(row, "w:trPr")
    before, after = (integer(attribute(descend(properties, f"w:grid{side}"))) for side in ("Before", "After"))
    entries = [_RowCell(min(before, MOST_COLUMNS))] if before > 0 else []
    for cell in cells_of(row):
        described = descend(cell, "w:tcPr")
        merge, beside = descend(described, "w:vMerge"), attribute(descend(described, "w:hMerge"))
        width = min(max(integer(attribute(descend(described, "w:gridSpan")), 1), 1), MOST_COLUMNS)
        continues = merge is not None and attribute(merge) != "restart"
        is_beside = descend(described, "w:hMerge") is not None and beside != "restart"
        if is_beside and entries and entries[-1].sources:
            last = entries.pop()
            both = last.continues and continues  # one that only its first part continues has a text of its own
            entries.append(_RowCell(last.width + width, (*last.sources, cell), last.is_merged, both))
        else:
            entries.append(_RowCell(width, (cell,), merge is not None, continues))
    return [*entries, _RowCell(min(after, MOST_COLUMNS))] if after > 0 else entries


def _columns(rows: Sequence[Sequence[_RowCell]], grid: int) -> int:
    """Return the number of columns: the table's own number if every cell has a place then."""
    needed = max(len(row) for row in rows)
    widest = max(sum(entry.width for entry in row) for row in rows)
    return max(needed, min(widest, grid) if grid else widest)


def _fitted(row: Sequence[_RowCell], width: int) -> list[_RowCell]:
    """Return a row that fills the width. A cell that is too wide is cut so that all later cells have a place; a gap at
    the end becomes an empty cell."""
    fitted, column = list[_RowCell](), 0
    for number, entry in enumerate(row):
        most = width - column - (len(row) - number - 1)
        taken = min(entry.width, most)
        fitted.append(_RowCell(taken, entry.sources, entry.is_merged, entry.continues))
        column += taken
    return [*fitted, _RowCell(width - column)] if column < width else fitted


def _widths(grid: Sequence[float], width: int) -> tuple[float, ...]:
    """Return the widths of the columns. A column of unknown width gets the average width."""
    known = [column for column in grid[:width] if column > 0]
    average = sum(known) / len(known) if known else 1.0
    return tuple(column if column > 0 else average for column in (*grid, *[0.0] * width)[:width])


def _head(rows: "Sequence[_Element]") -> int:
    """Return how many rows at the beginning repeat on every page."""
    heads = [is_on(descend(row, "w:trPr", "w:tblHeader")) for row in rows]
    return heads.index(False) if False in heads else len(heads)
