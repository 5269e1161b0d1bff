"""Tables of a web page: tells tables of data from tables that only lay out a page, and makes a grid from cells with
spans, missing ends and uneven rows."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from toolkit.documents.blocks import Block, Paragraph, paragraph
from toolkit.documents.grids import MOST_PLACES, PlacedCell, TooLarge, full_table
from toolkit.documents.web.elements import Walk, tag

if TYPE_CHECKING:
    from lxml.etree import _Element

_LONG = 200
"""Characters. A longer cell holds a text, not a label or a value."""
_WIDEST, _HIGHEST = 1000, 65_534
"""Browsers reduce larger spans to these."""
_GROUPS = ("thead", "tbody", "tfoot")
Read = Callable[["_Element"], tuple[Block, ...]]


@dataclass(frozen=True, slots=True)
class _PageCell:
    height: int
    width: int
    blocks: tuple[Block, ...]

    @property
    def is_long(self) -> bool:
        """Return True if the cell holds a text, not a label or a value."""
        return _length(self.blocks) > _LONG


@dataclass(slots=True)
class _Group:
    """Rows of one group. No cell goes beyond the end of its group."""

    kind: str
    rows: "list[list[_Element]]" = field(default_factory=list)


@dataclass(slots=True)
class _TableParts:
    """The content of a table element: groups of rows, captions, and text outside all cells (`text_outside_cells`)."""

    groups: list[_Group] = field(default_factory=list)
    captions: "list[_Element]" = field(default_factory=list)
    text_outside_cells: list[str] = field(default_factory=list)


def is_layout_table(table: "_Element") -> bool:
    """Return True if a table holds other tables, so that it only lays out a page."""
    inner = table.iterdescendants("table")
    return any(sum(1 for _ in islice(one.iter("td", "th"), 2)) == 2 for one in inner)


def data_blocks(table: "_Element", read: Read) -> list[Block] | None:
    """Return a table with the text above it; None if it holds no data but lays out text. `read` returns the blocks of a
    cell.

    Raise TooLarge if the table has more places than any table of a report.
    """
    parts = _parts(table)
    groups = [(group.kind, [[_cell(cell, read) for cell in row] for row in group.rows]) for group in parts.groups]
    rows = [row for _, group in groups for row in group]
    several = [row for row in rows if len(row) > 1]
    long = sum(any(cell.is_long for cell in row) for row in several)
    if len(several) - long <= long:
        return None
    above: list[Block] = [block for caption in parts.captions for block in read(caption)]
    text_outside_cells = " ".join(" ".join(parts.text_outside_cells).split())
    placed = _placed([group for _, group in groups])
    return [
        *([paragraph(text_outside_cells)] if text_outside_cells else []),
        *above,
        *_cut_at_long_texts(placed, _head(parts.groups)),
    ]


def _parts(table: "_Element") -> _TableParts:
    """Return the parts of a table. As in browsers, cells without a row and rows without a group get one; any other
    element in between is entered."""
    parts, walk, group = _TableParts(), Walk(table), _Group("")
    row: list[_Element] | None = None
    for event, element in walk:
        name = tag(element)
        if event == "start":
            if name in ("td", "th", "caption"):
                walk.skip(element)
            if name in _GROUPS or (not parts.groups and name in ("tr", "td", "th")):
                group, row = _Group(name if name in _GROUPS else ""), None
                parts.groups.append(group)
            if name == "caption":
                parts.captions.append(element)
            elif name == "tr" or (name in ("td", "th") and row is None):
                row = []
                group.rows.append(row)
            if name in ("td", "th") and row is not None:
                row.append(element)
            elif name != "caption":
                parts.text_outside_cells.append(element.text or "")
            continue
        if event == "end" and name in _GROUPS:
            group = _Group("")
            parts.groups.append(group)
        if name in ("tr", *_GROUPS):
            row = None
        if element is not table:
            parts.text_outside_cells.append(element.tail or "")
    return _in_order(parts)


def _in_order(parts: _TableParts) -> _TableParts:
    """Return the parts with the head first and the foot last, as they are shown."""
    order = {"thead": 0, "tfoot": 2}
    groups = [group for group in parts.groups if any(group.rows)]
    groups.sort(key=lambda group: order.get(group.kind, 1))
    return _TableParts(groups, parts.captions, parts.text_outside_cells)


def _cell(element: "_Element", read: Read) -> _PageCell:
    height, width = _span(element, "rowspan", _HIGHEST), _span(element, "colspan", _WIDEST)
    return _PageCell(height, max(width, 1), read(element))


def _span(element: "_Element", name: str, most: int) -> int:
    """Return a span as browsers read it: the digits at the beginning."""
    text = element.get(name, "").strip().removeprefix("+")
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return min(int(digits[:9]), most) if digits else 1


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks if isinstance(block, Paragraph))


def _placed(groups: Sequence[Sequence[Sequence[_PageCell]]]) -> list[PlacedCell]:
    """Return each cell at the first free place of its row. It is cut off where another cell stands or its group ends.

    A height of 0 means down to the end of the group.

    Raise TooLarge if there are more places than in any table of a report.
    """
    placed, first, places = list[PlacedCell](), 0, 0
    for rows in groups:
        free_from = dict[int, int]()
        for number, row in enumerate(rows):
            column = 0
            for cell in row:
                start = column
                while free_from.get(column, 0) > number:
                    column += 1
                height = min(cell.height or len(rows), len(rows) - number)
                width = next((at for at in range(1, cell.width) if free_from.get(column + at, 0) > number), cell.width)
                free_from |= dict.fromkeys(range(column, column + width), number + height)
                placed.append(PlacedCell(first + number, column, height, width, cell.blocks))
                column += width
                places += column - start
                if places > MOST_PLACES:
                    raise TooLarge
        first += len(rows)
    return placed


def _cut_at_long_texts(placed: Sequence[PlacedCell], head: int) -> Iterator[Block]:
    """Yield the table, cut at rows that hold only a long text: some reports are published as one large table."""
    changes = Counter[int]()
    for cell in placed:
        changes[cell.row] += 1
        changes[cell.row + cell.height] -= 1
    covering = dict(zip(sorted(changes), accumulate(changes[row] for row in sorted(changes)), strict=True))
    part = list[PlacedCell]()
    for cell in placed:
        if covering[cell.row] == 1 and _length(cell.blocks) > _LONG:
            yield from _table(part, head)
            yield from cell.blocks
            part = []
        else:
            part.append(cell)
    yield from _table(part, head)


def _table(placed: Sequence[PlacedCell], head: int) -> Iterator[Block]:
    table = full_table(placed, head)
    if table:
        yield table


def _head(groups: Sequence[_Group]) -> int:
    """Return how many rows at the beginning are heads."""
    rows = [(group.kind == "thead" or all(tag(cell) == "th" for cell in row)) for group in groups for row in group.rows]
    return rows.index(False) if False in rows else len(rows)
