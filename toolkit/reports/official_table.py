"""The official tables of a form in Word: their XML is built once for a form and a page, then filled in for each report."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from toolkit.characters import display_width
from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.forms.model import Form
from toolkit.reports import document
from toolkit.reports.base import GRID, TABLE_CELL, TABLE_HEAD, TABLE_LABEL, Base
from toolkit.reports.content import cell_text
from toolkit.submission import Value

CELL_STYLES = {"caption": TABLE_HEAD, "header": TABLE_HEAD, "label": TABLE_LABEL, "cell": TABLE_CELL}
_SLOT = "\0"
"""Stands where a figure will; no text that is XML holds it."""
SIZE, SMALLEST = 18, 10
"""Half points: of the figures as a style has them, and of figures that would not fit their cell."""
MARGINS = 56
"""Twentieths of a point to the left and right in a cell, together."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A table without its figures: they stand between the `pieces`, one for each of the `cells` (the cell's id and how
    many half-width characters have room in it)."""

    pieces: tuple[str, ...]
    cells: tuple[tuple[str, int], ...]

    def filled(self, values: Mapping[str, Value]) -> str:
        """The table as XML, with the figures of a report."""
        parts = [self.pieces[0]]
        for (cell_id, room), piece in zip(self.cells, self.pieces[1:], strict=True):
            text = cell_text(values[cell_id])
            parts += (document.text_run(text, _fitted(text, room)), piece)
        return "".join(parts)


def _fitted(text: str, room: int) -> str:
    """A smaller size for a figure that its cell has no room for: a number must not break."""
    width = display_width(text)
    return f'<w:sz w:val="{max(SIZE * room // width, SMALLEST)}"/>' if width > room else ""


@lru_cache(64)
def skeleton(form: Form, section_id: str, base: Base) -> Skeleton:
    """The table of a section, as wide as the text of a base document and in its styles."""
    section, names = form.section(section_id), base.styles
    unit = base.width / sum(section.widths)
    edges = [round(sum(section.widths[:index]) * unit) for index in range(len(section.widths) + 1)]
    widths = [right - left for left, right in pairwise(edges)]
    grids = section_grids(section)
    found: list[tuple[str, int]] = []
    rows = "".join(_rows(grid, widths, names, found, repeats=len(grids) == 1) for grid in grids)
    return Skeleton(tuple(document.table(widths, rows, names[GRID]).split(_SLOT)), tuple(found))


def _rows(grid: Grid, widths: list[int], names: Mapping[str, str], found: list[tuple[str, int]], repeats: bool) -> str:
    at = {(row, box.column): box for box in grid.boxes for row in range(box.row, box.row + box.height)}
    rows = []
    for number in range(grid.height):
        cells, column = [], 0
        while column < grid.width:
            box = at[number, column]
            width = sum(widths[column : column + box.width])
            cells.append(_cell(box, number, width, names))
            if box.cell:
                found.append((box.cell, (width - MARGINS) // (SIZE * 5)))
            column += box.width
        rows.append(document.row("".join(cells), repeats and number < grid.head))
    return "".join(rows)


def _cell(box: Box, row: int, width: int, names: Mapping[str, str]) -> str:
    first = row == box.row
    style = names[CELL_STYLES["cell" if box.role == "label" and box.height > 1 else box.role]]
    text = (_SLOT if box.cell else document.text_run(box.text)) if first else ""
    content = f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{text}</w:p>'
    merge = "" if box.height == 1 else "restart" if first else "continue"
    return document.cell(content, width, box.width, merge)
