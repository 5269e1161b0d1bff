"""Tables on a page of a PDF, found by their borders: which places the strokes separate, and which cells span several
places."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from toolkit.documents.pdf.lines import TextLine
from toolkit.documents.pdf.page import Stroke

NEAR = 2.5
"""Points. Strokes that are this near to each other are one stroke."""
_REACH = 3.0
"""Points. Ends of strokes at this distance still meet."""
_SHORTEST = 4.0
_MOST_PLACES = 40_000
"""Places of one grid: a page of squared paper."""
_MOST_CROSSINGS = 2_000_000
"""If more strokes may cross, it is a map, not a table."""


@dataclass(frozen=True, slots=True)
class RuledCell:
    """A cell, counted from 0, and the lines of text in it."""

    row: int
    column: int
    height: int
    width: int
    lines: tuple[TextLine, ...] = ()

    @property
    def text(self) -> str:
        """Return the text of all lines."""
        return "".join(line.text for line in self.lines)

    @property
    def bottom(self) -> int:
        """Return the number of the row after the cell."""
        return self.row + self.height


@dataclass(frozen=True, slots=True)
class RuledGrid:
    """A table on a page: the edges of its columns and rows, and its cells, which cover every place once.

    `open_top` and `open_bottom` are True if no border closes the table there.
    """

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    cells: tuple[RuledCell, ...]
    open_top: bool = False
    open_bottom: bool = False

    def place(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and column of a point; None if it is outside."""
        row, column = bisect_right(self.rows, y) - 1, bisect_right(self.columns, x) - 1
        inside = 0 <= row < len(self.rows) - 1 and 0 <= column < len(self.columns) - 1
        return (row, column) if inside else None


def grids_of(strokes: Iterable[Stroke]) -> list[RuledGrid]:
    """Return the tables that strokes make, each of more than one cell. Smaller tables come before the tables around
    them."""
    merged = _merged(strokes)
    found = [grid for group in _connected(merged) if (grid := _grid(group)) and len(grid.cells) > 1]
    return sorted(found, key=lambda grid: (grid.columns[-1] - grid.columns[0]) * (grid.rows[-1] - grid.rows[0]))


def clustered(places: Iterable[float], near: float = NEAR) -> list[float]:
    """Return the places in order. Places near each other become one in their middle."""
    groups = list[list[float]]()
    for place in sorted(places):
        if groups and place - groups[-1][-1] <= near and place - groups[-1][0] <= 2 * near:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [(group[0] + group[-1]) / 2 for group in groups]


def nearest(places: Sequence[float], place: float) -> int:
    """Return the index of the nearest place."""
    return min(range(len(places)), key=lambda index: abs(places[index] - place))


def _merged(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Return strokes with those joined that overlap or continue each other: borders are often drawn cell by cell,
    dashed lines dash by dash."""
    result = list[Stroke]()
    ordered = sorted(strokes, key=lambda one: (one.across, one.at))
    groups = list[list[Stroke]]()
    for one in ordered:
        last = groups[-1] if groups else []
        if last and last[-1].across == one.across and one.at - last[-1].at <= 1.5 and one.at - last[0].at <= NEAR:
            last.append(one)
        else:
            groups.append([one])
    for group in groups:
        at = (group[0].at + group[-1].at) / 2
        line = Stroke(group[0].across, at, *_span(group[:1]))
        for one in sorted(group, key=lambda one: one.start):
            if line.start <= one.start <= line.end + _REACH:
                line = replace(line, end=max(line.end, one.end))
            else:
                result.append(line)
                line = replace(line, start=one.start, end=one.end)
        result.append(line)
    return [one for one in result if one.end - one.start >= _SHORTEST]


def _span(strokes: Sequence[Stroke]) -> tuple[float, float]:
    return min(one.start for one in strokes), max(one.end for one in strokes)


def _connected(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """Return groups of strokes that meet. A stroke that meets no other is an underline or an ornament, and is left
    out."""
    across = [one for one in strokes if one.across]
    upright = [one for one in strokes if not one.across]
    if len(across) * len(upright) > _MOST_CROSSINGS:
        return []
    heads = {id(one): one for one in strokes}

    def head(one: Stroke) -> Stroke:
        while heads[id(one)] is not one:
            heads[id(one)] = heads[id(heads[id(one)])]
            one = heads[id(one)]
        return one

    for line in across:
        for other in upright:
            crosses = line.start - _REACH <= other.at <= line.end + _REACH
            if crosses and other.start - _REACH <= line.at <= other.end + _REACH:
                heads[id(head(line))] = head(other)
    groups = dict[int, list[Stroke]]()
    for one in strokes:
        groups.setdefault(id(head(one)), []).append(one)
    return [group for group in groups.values() if len(group) > 2]


def _grid(strokes: Sequence[Stroke]) -> RuledGrid | None:
    across = [one for one in strokes if one.across]
    upright = [one for one in strokes if not one.across]
    if not across or not upright:
        return None
    columns, rows = clustered(one.at for one in upright), clustered(one.at for one in across)
    left, right = _span(across)
    top, bottom = _span(upright)
    open_top, open_bottom = rows[0] - top > 2 * _REACH, bottom - rows[-1] > 2 * _REACH
    # Tables that are open at the sides have no border there, but their rows extend to that place.
    columns = [left] * (columns[0] - left > 2 * _REACH) + columns + [right] * (right - columns[-1] > 2 * _REACH)
    rows = [top] * open_top + rows + [bottom] * open_bottom
    if len(columns) < 2 or len(rows) < 2 or len(columns) * len(rows) > _MOST_PLACES:
        return None
    beside, below = _borders(upright, columns, rows), _borders(across, rows, columns)
    cells = _rectangles(_regions(beside, below, len(rows) - 1, len(columns) - 1))
    return pruned(RuledGrid(tuple(columns), tuple(rows), tuple(cells), open_top, open_bottom))


def _borders(strokes: Sequence[Stroke], places: Sequence[float], steps: Sequence[float]) -> set[tuple[int, int]]:
    """Return the pairs of place and step where a border runs. A stroke that covers less than half a step is no
    border."""
    covered = dict[tuple[int, int], float]()
    for one in strokes:
        place = nearest(places, one.at)
        for step in range(max(bisect_right(steps, one.start) - 1, 0), len(steps) - 1):
            start, end = steps[step], steps[step + 1]
            if start >= one.end:
                break
            covered[place, step] = covered.get((place, step), 0.0) + min(end, one.end) - max(start, one.start)
    return {key for key, length in covered.items() if length > 0.5 * (steps[key[1] + 1] - steps[key[1]])}


def _regions(beside: set[tuple[int, int]], below: set[tuple[int, int]], height: int, width: int) -> list[list[int]]:
    """Return the number of the region of every place. Places without a border between them are in one region."""
    numbers = [[-1] * width for _ in range(height)]
    found = 0
    for start in ((row, column) for row in range(height) for column in range(width)):
        if numbers[start[0]][start[1]] >= 0:
            continue
        numbers[start[0]][start[1]], waiting = found, [start]
        while waiting:
            row, column = waiting.pop()
            ways = (
                (row, column + 1, (column + 1, row) in beside),
                (row, column - 1, (column, row) in beside),
                (row + 1, column, (row + 1, column) in below),
                (row - 1, column, (row, column) in below),
            )
            for to_row, to_column, closed in ways:
                if closed or not (0 <= to_row < height and 0 <= to_column < width):
                    continue
                if numbers[to_row][to_column] < 0:
                    numbers[to_row][to_column] = found
                    waiting.append((to_row, to_column))
        found += 1
    return numbers


def _rectangles(numbers: Sequence[Sequence[int]]) -> list[RuledCell]:
    """Return the regions as cells. A region that is no rectangle, because a border is missing, is cut into
    rectangles."""
    height, width = len(numbers), len(numbers[0])
    taken = [[False] * width for _ in range(height)]
    cells = list[RuledCell]()
    for row in range(height):
        for column in range(width):
            if taken[row][column]:
                continue
            number, end, low = numbers[row][column], column, row + 1
            while end < width and numbers[row][end] == number and not taken[row][end]:
                end += 1
            free = range(column, end)
            while low < height and all(numbers[low][one] == number and not taken[low][one] for one in free):
                low += 1
            for line in range(row, low):
                taken[line][column:end] = [True] * (end - column)
            cells.append(RuledCell(row, column, low - row, end - column))
    return cells


def trimmed(grid: RuledGrid) -> RuledGrid:
    """Return a grid without an empty row at an open end: there the borders only extend a little further."""
    last = len(grid.rows) - 2
    if grid.open_bottom and last > 0 and not any(cell.text for cell in grid.cells if cell.row == last):
        kept = (cell for cell in grid.cells if cell.row < last)
        cells = tuple(replace(cell, height=min(cell.height, last - cell.row)) for cell in kept)
        grid = replace(grid, rows=grid.rows[:-1], cells=cells, open_bottom=False)
    if grid.open_top and len(grid.rows) > 2 and not any(cell.text for cell in grid.cells if cell.bottom == 1):
        longer = (cell for cell in grid.cells if cell.bottom > 1)
        cells = tuple(replace(cell, row=max(cell.row - 1, 0), height=cell.height - (cell.row == 0)) for cell in longer)
        grid = replace(grid, rows=grid.rows[1:], cells=cells, open_top=False)
    return pruned(grid)


def pruned(grid: RuledGrid) -> RuledGrid:
    """Return a grid without columns and rows in which no cell begins."""
    columns = sorted({cell.column for cell in grid.cells})
    rows = sorted({cell.row for cell in grid.cells})
    across, down = [*columns, len(grid.columns) - 1], [*rows, len(grid.rows) - 1]
    new_column, new_row = ({old: new for new, old in enumerate(places)} for places in (across, down))

    def moved(cell: RuledCell) -> RuledCell:
        row, column = new_row[cell.row], new_column[cell.column]
        height = new_row[cell.row + cell.height] - row
        return replace(cell, row=row, column=column, height=height, width=new_column[cell.column + cell.width] - column)

    cells = tuple(moved(cell) for cell in grid.cells)
    edges = tuple(grid.columns[place] for place in across), tuple(grid.rows[place] for place in down)
    return replace(grid, columns=edges[0], rows=edges[1], cells=cells)
