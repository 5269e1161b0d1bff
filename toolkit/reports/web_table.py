"""The official tables as HTML tables. Each header says which rows and columns it belongs to.

The common markup is built once for a form; a report only fills in its figures. Headers are marked so that the HTML
standard's algorithm finds the labels of each figure: the outermost header over several columns heads a `colgroup`, the
outermost label beside several rows heads a `tbody`, every other header heads the columns or rows that it spans.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.forms.model import Form
from toolkit.reports.web_text import CENTRE, FRAME, TABLE, columns, inline, spans

LABEL = "text-align:left;font-weight:normal"
SPANNING_LABEL = f"{CENTRE};font-weight:normal"
_SLOT = "\0"
"""Stands around a cell's id in the place of its figure; no text of a form holds this character."""


def official_table(form: Form, section_id: str, figure: Callable[[str], str]) -> str:
    """Return the table of a section, filled in. `figure` returns the text of a cell."""
    parts = list(_parts(form, section_id))
    parts[1::2] = [inline(figure(cell)) for cell in parts[1::2]]
    return "".join(parts)


@cache
def _parts(form: Form, section_id: str) -> tuple[str, ...]:
    """Return the table in parts: markup and ids of cells by turns."""
    section = form.section(section_id)
    grids = section_grids(section)
    is_only_grid = len(grids) == 1
    edges = sorted({0, len(section.widths)}.union(*map(_column_edges, grids)))
    body = "".join(
        part for grid in grids for part in (_split_grid(grid) if is_only_grid else [_part("tbody", _rows(grid))])
    )
    return tuple(f"{TABLE}{columns(section.widths, edges)}{body}</table>".split(_SLOT))


def _column_edges(grid: Grid) -> set[int]:
    """Return the columns where a header over several columns begins or ends."""
    groups = [box for box in grid.boxes if _heads_columns(grid, box)]
    return {edge for box in groups for edge in (box.column, box.column + box.width)}


def _heads_columns(grid: Grid, box: Box) -> bool:
    """Return True if a box is the outermost header over other headers."""
    top = next(box.row for box in grid.boxes if box.role == "header")
    return box.role == "header" and box.row == top and box.row + box.height < grid.head


def _heads_rows(box: Box) -> bool:
    """Return True if a box is the outermost label beside several rows."""
    return box.role == "label" and box.column == 0 and box.height > 1


def _split_grid(grid: Grid) -> Iterator[str]:
    """Yield head and body of a table that is one grid. Rows with a common outermost label get a body of their own."""
    rows = _rows(grid, grouped=True)
    groups = [box for box in grid.boxes if _heads_rows(box)]
    edges = {edge for box in groups for edge in (box.row, box.row + box.height)}
    yield _part("thead", rows[: grid.head])
    for top, bottom in pairwise(sorted(edges | {grid.head, grid.height})):
        yield _part("tbody", rows[top:bottom])


def _part(tag: str, rows: Sequence[str]) -> str:
    return f"<{tag}>{''.join(rows)}</{tag}>"


def _rows(grid: Grid, grouped: bool = False) -> list[str]:
    rows = [list[str]() for _ in range(grid.height)]
    for box in grid.boxes:
        rows[box.row].append(_cell(box, _scope(grid, box, grouped)))
    return [f"<tr>{''.join(row)}</tr>" for row in rows]


def _scope(grid: Grid, box: Box, grouped: bool) -> str:
    """Return the `scope` of a header."""
    if box.role == "caption" or _heads_columns(grid, box):
        return "colgroup"
    if box.role == "label":
        return "rowgroup" if grouped and _heads_rows(box) else "row"
    return "col"


def _cell(box: Box, scope: str) -> str:
    span = spans(box.height, box.width)
    if box.role == "cell":
        return f'<td{span} style="{FRAME};{CENTRE}">{_SLOT}{box.cell}{_SLOT}</td>'
    if not box.text:
        return f'<td{span} style="{FRAME}"></td>'
    style = CENTRE if box.role != "label" else SPANNING_LABEL if box.height > 1 else LABEL
    return f'<th scope="{scope}"{span} style="{FRAME};{style}">{inline(box.text)}</th>'
