"""The official tables as HTML tables, whose headers say which rows and columns they are the headers of.

What is the same in every report is made once a form; a report only puts its figures in between. Headers are marked so
that the standard's own algorithm finds the labels of each figure: the outermost header over several columns heads a
`colgroup`, the outermost label beside several rows heads a `tbody`, every other header heads the columns or rows that
it spans.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.forms.model import Form
from toolkit.reports.web_text import CENTRE, FRAME, TABLE, columns, inline, spans

LABEL = "text-align:left;font-weight:normal"
SPANNING_LABEL = f"{CENTRE};font-weight:normal"
_HOLE = "\0"
"""Stands around a cell's id, where its figure is to be put; no text of a form holds one."""


def official_table(form: Form, section_id: str, figure: Callable[[str], str]) -> str:
    """The table of a section, filled in; `figure` gives the text that stands in a cell."""
    parts = list(_parts(form, section_id))
    parts[1::2] = [inline(figure(cell)) for cell in parts[1::2]]
    return "".join(parts)


@cache
def _parts(form: Form, section_id: str) -> tuple[str, ...]:
    """The table in parts: markup and ids of cells by turns."""
    section = form.section(section_id)
    grids = section_grids(section)
    alone = len(grids) == 1
    edges = sorted({0, len(section.widths)}.union(*map(_column_edges, grids)))
    body = "".join(part for grid in grids for part in (_split_grid(grid) if alone else [_part("tbody", _rows(grid))]))
    return tuple(f"{TABLE}{columns(section.widths, edges)}{body}</table>".split(_HOLE))


def _column_edges(grid: Grid) -> set[int]:
    """Where the headers over several columns begin and end."""
    groups = [box for box in grid.boxes if _heads_columns(grid, box)]
    return {edge for box in groups for edge in (box.column, box.column + box.width)}


def _heads_columns(grid: Grid, box: Box) -> bool:
    """Whether a box is the outermost header over others."""
    top = next(box.row for box in grid.boxes if box.role == "header")
    return box.role == "header" and box.row == top and box.row + box.height < grid.head


def _heads_rows(box: Box) -> bool:
    """Whether a box is the outermost label beside several rows."""
    return box.role == "label" and box.column == 0 and box.height > 1


def _split_grid(grid: Grid) -> Iterator[str]:
    """Head and body of a table that is one grid; rows that have an outermost label in common are a body of theirs."""
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
    if box.role == "caption" or _heads_columns(grid, box):
        return "colgroup"
    if box.role == "label":
        return "rowgroup" if grouped and _heads_rows(box) else "row"
    return "col"


def _cell(box: Box, scope: str) -> str:
    place = spans(box.height, box.width)
    if box.role == "cell":
        return f'<td{place} style="{FRAME};{CENTRE}">{_HOLE}{box.cell}{_HOLE}</td>'
    if not box.text:
        return f'<td{place} style="{FRAME}"></td>'
    look = CENTRE if box.role != "label" else SPANNING_LABEL if box.height > 1 else LABEL
    return f'<th scope="{scope}"{place} style="{FRAME};{look}">{inline(box.text)}</th>'
