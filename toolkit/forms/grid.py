"""The official table as a grid of boxes: where each label, header and cell stands and how far it spans.

Excel sheets, Word tables and web tables are all drawn from this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from toolkit.forms.model import Section, Table

BoxRole = Literal["caption", "header", "label", "cell"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a grid, counted from 0: a text, or the cell named `cell`."""

    row: int
    column: int
    height: int
    width: int
    role: BoxRole
    text: str = ""
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of `height` by `width`, completely covered by its boxes, which are in reading order."""

    height: int
    width: int
    head: int
    boxes: tuple[Box, ...]


def label_depth(table: Table) -> int:
    """How many columns at the left hold the row labels."""
    return 0 if table.across else max(len(row.label) for row in table.rows)


def natural_width(table: Table) -> int:
    """The number of grid columns a table needs."""
    if table.across:
        return len(table.rows) * len(table.columns)
    return label_depth(table) + len(table.columns)


def table_grid(table: Table, width: int) -> Grid:
    """The grid of one table, its last column widened so that the table is `width` columns wide."""
    top = 1 if table.caption else 0
    boxes = [Box(0, 0, 1, width, "caption", table.caption)] if table.caption else []
    if table.across:
        lines = [(row, column) for row in table.rows for column in table.columns]
        paths = [row.label + column.label for row, column in lines]
        data_rows = [[f"{table.id}.{row.id}.{column.id}" for row, column in lines]]
        labels = 0
    else:
        paths = [column.label for column in table.columns]
        data_rows = [[f"{table.id}.{row.id}.{column.id}" for column in table.columns] for row in table.rows]
        labels = label_depth(table)
    depth = max(map(len, paths))
    starts = [labels + index for index in range(len(paths))] + [width]

    if labels:
        boxes.append(Box(top, 0, depth, labels, "header", table.corner))
    for level, height, first, count, text in _tree(paths, depth):
        boxes.append(Box(top + level, starts[first], height, starts[first + count] - starts[first], "header", text))
    head = top + depth
    if labels:
        row_paths = [row.label for row in table.rows]
        for level, span, first, count, text in _tree(row_paths, labels):
            boxes.append(Box(head + first, level, count, span, "label", text))
    for offset, ids in enumerate(data_rows):
        for index, cell in enumerate(ids):
            boxes.append(Box(head + offset, starts[index], 1, starts[index + 1] - starts[index], "cell", cell=cell))
    boxes.sort(key=lambda box: (box.row, box.column))
    return Grid(head + len(data_rows), width, head, tuple(boxes))


def section_grids(section: Section) -> tuple[Grid, ...]:
    """The grids of a section's tables, all of one width: together they are the official table."""
    width = len(section.widths)
    return tuple(table_grid(table, width) for table in section.tables)


def _tree(paths: Sequence[tuple[str, ...]], depth: int) -> list[tuple[int, int, int, int, str]]:
    """Merge neighbouring paths that begin alike: (level, levels spanned, first, count, text) of each node.

    A path that ends early spans the levels that are left, as the official headers do.
    """
    nodes = []
    for level in range(depth):
        members = [index for index, path in enumerate(paths) if len(path) > level]
        for prefix, group in groupby(members, key=lambda index: paths[index][: level + 1]):
            run = list(group)
            is_leaf = len(paths[run[0]]) == level + 1
            nodes.append((level, depth - level if is_leaf else 1, run[0], len(run), prefix[-1]))
    return nodes
