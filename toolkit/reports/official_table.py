"""The official tables of a form in Word: their XML is built once for a form and a base document, and filled in for each
report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from toolkit.characters import display_width
from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.forms.model import Form
from toolkit.reports import word_writer
from toolkit.reports.base_document import GRID, TABLE_CELL, TABLE_HEAD, TABLE_LABEL, BaseDocument
from toolkit.reports.content import cell_text
from toolkit.submission.model import Value

CELL_STYLES = {"caption": TABLE_HEAD, "header": TABLE_HEAD, "label": TABLE_LABEL, "cell": TABLE_CELL}
_SLOT = "\0"
"""Stands where a figure will; no text that is XML holds it."""
SIZE, SMALL, SMALLEST = 21, 18, 10
"""Half points: as the styles have it, in tables of many columns, and of figures that their cell has no room for."""
MANY = 6
"""Columns; a table that has more is set smaller to fit the page."""
CLOSE = '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="exact"/>'
"""The lines of such a table."""
KEPT_ROWS = 40
"""A table of at most so many rows stands on one page: its labels span rows, and would be torn."""
MARGINS = 56
"""Twentieths of a point to the left and right in a cell, together."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A table without its figures: they stand between the `pieces`, one for each of the `cells` (the cell's id and how
    many half-width characters have room in it). `size` is that of the figures, in half points."""

    pieces: tuple[str, ...]
    cells: tuple[tuple[str, int], ...]
    size: int

    def filled(self, values: Mapping[str, Value]) -> str:
        """The table as XML, with the figures of a report."""
        parts = [self.pieces[0]]
        for (cell_id, room), piece in zip(self.cells, self.pieces[1:], strict=True):
            text = cell_text(values[cell_id])
            parts += (word_writer.text_run(text, self._look(text, room)), piece)
        return "".join(parts)

    def _look(self, text: str, room: int) -> str:
        """The size, where it is not the style's; smaller for a figure that has no room: a number must not break."""
        width = display_width(text)
        return _size(max(self.size * room // width, SMALLEST) if width > room else self.size)


def _size(size: int) -> str:
    return "" if size == SIZE else f'<w:sz w:val="{size}"/>'


@lru_cache(64)
def skeleton(form: Form, section_id: str, base: BaseDocument) -> Skeleton:
    """The table of a section, as wide as the text of a base document and in its styles."""
    section, names = form.section(section_id), base.styles
    unit = base.width / sum(section.widths)
    edges = [round(sum(section.widths[:index]) * unit) for index in range(len(section.widths) + 1)]
    widths = [right - left for left, right in pairwise(edges)]
    size = SMALL if len(section.widths) > MANY else SIZE
    grids = section_grids(section)
    setter = _Setter(widths, size, names)
    rows = "".join(setter.rows(grid, alone=len(grids) == 1) for grid in grids)
    return Skeleton(tuple(word_writer.table(widths, rows, names[GRID]).split(_SLOT)), tuple(setter.cells), size)


class _Setter:
    """Sets the rows of one table, and keeps in their order the cells that figures will stand in."""

    def __init__(self, widths: Sequence[int], size: int, names: Mapping[str, str]) -> None:
        self.widths, self.size, self.names = widths, size, names
        self.cells: list[tuple[str, int]] = []

    def rows(self, grid: Grid, alone: bool) -> str:
        rows = []
        for number, boxes in enumerate(word_writer.rows_of(grid.boxes, grid.height)):
            together = alone and grid.height <= KEPT_ROWS and number < grid.height - 1
            cells = (self.cell(box, number, "<w:keepNext/>" if together else "") for box in boxes)
            rows.append(word_writer.row("".join(cells), alone and number < grid.head))
        return "".join(rows)

    def cell(self, box: Box, row: int, keep: str) -> str:
        first = row == box.row
        width = sum(self.widths[box.column : box.column + box.width])
        room = (width - MARGINS) // (self.size * 5)
        if box.cell:
            self.cells.append((box.cell, room))
        style = self.names[CELL_STYLES["cell" if box.role == "label" and box.height > 1 else box.role]]
        close = CLOSE if self.size != SIZE else ""
        text = (_SLOT if box.cell else word_writer.text_run(box.text, _size(self.size))) if first else ""
        wrap = self.wrap(box.text, room) if box.role == "header" else ""
        content = f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}{close}{wrap}</w:pPr>{text}</w:p>'
        merge = "" if box.height == 1 else "restart" if first else "continue"
        return word_writer.cell(content, width, box.width, merge)

    def wrap(self, text: str, room: int) -> str:
        """Indents that make the lines of a heading equally long: 商业企业 breaks in the middle."""
        width = display_width(text)
        if width <= room or room < 4:
            return ""
        lines = -(-width // (room - room % 2))
        longest = -(-width // (2 * lines)) * 2
        spare = (room - longest) * self.size * 5 // 2
        return f'<w:ind w:left="{spare}" w:right="{spare}"/>' if spare > 0 else ""
