"""Tables of a PDF: joins the pieces of a table on several pages, also rows and cells that a page break cut, and makes
tables of grids."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolkit.documents.blocks import Paragraph, TableBlock, TableCell
from toolkit.documents.pdf.grid import RuledCell, RuledGrid, clustered, nearest, pruned
from toolkit.documents.pdf.lines import BEGINS, ENDS_SENTENCE, joined

SAME_EDGE = 4.0
"""Points. The margins of pages differ by less."""
_PADDING = 3.0
"""Points between a border and the text beside it, at least."""
_FIGURE = re.compile(r"[-+±]?[\d,，.．]+[%％]?|[-—/／]+")


@dataclass(frozen=True, slots=True)
class _Pair:
    """The cells above and below a page break in the same columns, and their width."""

    upper: RuledCell
    lower: RuledCell
    width: float
    has_tall: bool
    """True if the column has cells that span rows."""

    @property
    def is_tall(self) -> bool:
        """Return True if one of the two spans rows."""
        return self.upper.height > 1 or self.lower.height > 1

    @property
    def flows(self) -> bool:
        """Return True if the text above was wrapped and continues below."""
        if not self.upper.lines or not self.lower.lines:
            return False
        last, first = self.upper.lines[-1], self.lower.lines[0]
        if is_figure(self.lower.text) or BEGINS.match(first.text) or ENDS_SENTENCE.search(last.text):
            return False
        # Centred text has as much room at its right as at its left.
        edge = last.left + self.width - 2 * _PADDING
        return not last.has_room_for(first, edge)

    @property
    def filled(self) -> str:
        """Return which of the two holds text: “upper”, “lower”, “upperlower”, or empty for none."""
        return "upper" * bool(self.upper.text) + "lower" * bool(self.lower.text)

    @property
    def has_figure(self) -> bool:
        """Return True if one of the two is a figure."""
        return is_figure(self.upper.text) or is_figure(self.lower.text)


def is_figure(text: str) -> bool:
    """Return True if a text is a figure or a stroke that stands for none."""
    return _FIGURE.fullmatch("".join(text.split())) is not None


def continued(upper: RuledGrid, lower: RuledGrid) -> RuledGrid | None:
    """Return two pieces as one table; None if the second, at the beginning of the next page, does not continue the
    first.

    It does if their edges are the same, and the columns of one are among those of the other.
    """
    upper, lower = _widened(upper, lower), _widened(lower, upper)
    if any(abs(upper.columns[end] - lower.columns[end]) > SAME_EDGE for end in (0, -1)):
        return None
    fewer, many = sorted((upper.columns, lower.columns), key=len)
    if any(abs(many[nearest(many, place)] - place) > SAME_EDGE for place in fewer):
        return None
    edges = [many[0], *clustered((*upper.columns[1:-1], *lower.columns[1:-1]), SAME_EDGE), many[-1]]
    first, second = _on_edges(upper, edges), _without_head(_on_edges(lower, edges), upper)
    pairs = _pairs(first, second)
    is_complete = len(pairs) == sum(cell.bottom == len(first.rows) - 1 for cell in first.cells)
    is_complete = is_complete and len(pairs) == sum(cell.row == 0 for cell in second.cells)
    cut = is_complete and bool(pairs) and (_is_cut(pairs) or (first.open_bottom and second.open_top))
    return _stacked(first, second, pairs if cut else [pair for pair in pairs if _continues(pair)], cut)


def _widened(grid: RuledGrid, model: RuledGrid) -> RuledGrid:
    """Return a grid with additional columns at its sides, if its model has these beside all columns of the grid. If a
    cell spans rows over a page break, browsers draw no border around it on the next page."""
    places = [nearest(model.columns, place) for place in grid.columns]
    shared = all(abs(model.columns[at] - place) <= SAME_EDGE for at, place in zip(places, grid.columns, strict=True))
    before, after = model.columns[: places[0]], model.columns[places[-1] + 1 :]
    if not shared or len(places) < 3 or not (before or after):
        return grid
    height = len(grid.rows) - 1
    cells = [replace(cell, column=cell.column + len(before)) for cell in grid.cells]
    cells += [RuledCell(0, column, height, 1) for column in range(len(before))]
    cells += [RuledCell(0, len(before) + len(places) - 1 + column, height, 1) for column in range(len(after))]
    return replace(grid, columns=(*before, *grid.columns, *after), cells=tuple(cells))


def _on_edges(grid: RuledGrid, edges: Sequence[float]) -> RuledGrid:
    """Return a grid with its cells on other column edges."""

    def moved(cell: RuledCell) -> RuledCell:
        start, end = (nearest(edges, grid.columns[place]) for place in (cell.column, cell.column + cell.width))
        return replace(cell, column=start, width=max(end - start, 1))

    return replace(grid, columns=tuple(edges), cells=tuple(map(moved, grid.cells)))


def _without_head(grid: RuledGrid, above: RuledGrid) -> RuledGrid:
    """Return a grid without the rows at its top that repeat those of the table it continues, as programs do with
    headers."""
    first, second = _row_texts(above), _row_texts(grid)
    same = 0
    while same < min(len(first), len(second) - 1) and first[same] == second[same]:
        same += 1
    # A header ends where no cell continues.
    while same and any(cell.row < same < cell.bottom for cell in grid.cells):
        same -= 1
    texts = [text for row in second[:same] for text in row if text]
    if not texts or any(map(is_figure, texts)):
        return grid
    cells = tuple(replace(cell, row=cell.row - same) for cell in grid.cells if cell.row >= same)
    return replace(grid, rows=grid.rows[same:], cells=cells)


def _row_texts(grid: RuledGrid) -> list[list[str]]:
    rows = list[list[str]]([] for _ in grid.rows[1:])
    for cell in grid.cells:
        rows[cell.row].append("".join(cell.text.split()))
    return rows


def _pairs(upper: RuledGrid, lower: RuledGrid) -> list[_Pair]:
    tops = {(cell.column, cell.width): cell for cell in lower.cells if cell.row == 0}
    tall = {(one.column, one.width) for grid in (upper, lower) for one in grid.cells if one.height > 1}
    pairs = list[_Pair]()
    for cell in upper.cells:
        place = cell.column, cell.width
        if cell.bottom == len(upper.rows) - 1 and place in tops:
            width = upper.columns[cell.column + cell.width] - upper.columns[cell.column]
            pairs.append(_Pair(cell, tops[place], width, place in tall))
    return pairs


def _is_cut(pairs: Sequence[_Pair]) -> bool:
    """Return True if the rows above and below a page break are halves of one row: all figures are on one side, and any
    other text on both sides was wrapped there."""
    low = [pair for pair in pairs if not pair.is_tall]
    if not low or any(pair.filled == "upperlower" and not pair.flows for pair in low):
        return False
    figures = {pair.filled for pair in low if pair.has_figure}
    labels = {pair.filled for pair in low if pair.filled and not pair.has_figure}
    if len(figures) > 1:
        return False
    if any(pair.flows for pair in low):
        return True
    # Nothing was wrapped: the whole label is on one side, its figures on the other.
    return bool(figures and labels) and len(figures | labels) == 2


def _continues(pair: _Pair) -> bool:
    """Return True if a cell that spans rows continues below a page break."""
    if pair.filled == "upperlower":
        return pair.flows and (pair.is_tall or pair.has_tall)
    if not pair.filled:
        return pair.upper.height > 1 and pair.lower.height > 1
    empty = pair.lower if pair.filled == "upper" else pair.upper
    return empty.height > 1 or ((pair.is_tall or pair.has_tall) and not pair.has_figure)


def _stacked(upper: RuledGrid, lower: RuledGrid, joined_pairs: Sequence[_Pair], cut: bool) -> RuledGrid:
    """Return one grid under the other, with some cells joined. If a row was cut, its halves become one row."""
    height = len(upper.rows) - 1
    offset = height - 1 if cut else height
    lower_of = {id(pair.upper): pair.lower for pair in joined_pairs}
    joined_ids = {id(pair.lower) for pair in joined_pairs}
    cells = list[RuledCell]()
    for cell in upper.cells:
        below = lower_of.get(id(cell))
        if below:
            grown = cell.height + below.height - (1 if cut else 0)
            cell = replace(cell, height=grown, lines=(*cell.lines, *below.lines))  # noqa: PLW2901
        cells.append(cell)
    cells += [replace(cell, row=cell.row + offset) for cell in lower.cells if id(cell) not in joined_ids]
    shift = upper.rows[-1] - lower.rows[1 if cut else 0]
    rows = (*upper.rows, *(place + shift for place in lower.rows[2 if cut else 1 :]))
    return pruned(replace(upper, rows=rows, cells=tuple(cells), open_bottom=lower.open_bottom))


def table_of(grid: RuledGrid) -> TableBlock:
    """Return a grid as a table."""
    cells = sorted(grid.cells, key=lambda cell: (cell.row, cell.column))
    widths = tuple(end - start for start, end in zip(grid.columns, grid.columns[1:], strict=False))
    return TableBlock(len(grid.rows) - 1, len(widths), tuple(_cell(cell, grid) for cell in cells), widths)


def _cell(cell: RuledCell, grid: RuledGrid) -> TableCell:
    """Return a cell with its lines as one paragraph. Figures below each other are joined without a space only if the
    line was full."""
    edge = grid.columns[cell.column + cell.width] - 2 * _PADDING
    lines = [
        replace(
            line,
            ends_with_space=line.ends_with_space
            or (number + 1 < len(cell.lines) and line.has_room_for(cell.lines[number + 1], edge)),
        )
        for number, line in enumerate(cell.lines)
    ]
    runs = tuple(replace(run, text=run.text.replace("\t", " ")) for run in joined(lines))
    return TableCell(cell.row, cell.column, cell.height, cell.width, (Paragraph(runs),) if runs else ())
