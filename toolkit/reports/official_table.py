"""The official tables of a form in Word. The XML is built once for a form and a base document; each report only fills
in its figures."""

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
"""Marks the place of a figure; XML cannot hold this character."""
SIZE, SMALL, SMALLEST = 21, 18, 10
"""Font sizes in half points: the style's, that of tables with many columns, and the smallest for long figures."""
MANY_COLUMNS = 6
"""A table with more columns than this is set smaller to fit the page."""
TIGHT_LINES = '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="exact"/>'
"""Line spacing of a table that is set smaller."""
ONE_PAGE_ROWS = 40
"""A table with at most this many rows is kept on one page: its labels span rows and would be torn."""
MARGINS = 56
"""Left and right margins of a cell together, in twentieths of a point."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A table without its figures. The figures stand between the `pieces`, one for each of `cells` (the cell's id, and
    how many half-width characters fit in). `size` is the font size of the figures, in half points."""

    pieces: tuple[str, ...]
    cells: tuple[tuple[str, int], ...]
    size: int

    def filled(self, values: Mapping[str, Value]) -> str:
        """Return the table as XML, with the figures of a report."""
        parts = [self.pieces[0]]
        for (cell_id, room), piece in zip(self.cells, self.pieces[1:], strict=True):
            text = cell_text(values[cell_id])
            parts += (word_writer.text_run(text, self._size_markup(text, room)), piece)
        return "".join(parts)

    def _size_markup(self, text: str, room: int) -> str:
        """Return the font size as XML, smaller for a figure that does not fit: a number must not break. Empty if it is
        the style's size."""
        width = display_width(text)
        return _size(max(self.size * room // width, SMALLEST) if width > room else self.size)


def _size(size: int) -> str:
    return "" if size == SIZE else f'<w:sz w:val="{size}"/>'


@lru_cache(64)
def skeleton(form: Form, section_id: str, base: BaseDocument) -> Skeleton:
    """Return the table of a section, as wide as the text of a base document and in its styles."""
    section, names = form.section(section_id), base.styles
    unit = base.width / sum(section.widths)
    edges = [round(sum(section.widths[:index]) * unit) for index in range(len(section.widths) + 1)]
    widths = [right - left for left, right in pairwise(edges)]
    size = SMALL if len(section.widths) > MANY_COLUMNS else SIZE
    grids = section_grids(section)
    writer = _RowWriter(widths, size, names)
    rows = "".join(writer.rows(grid, is_only_grid=len(grids) == 1) for grid in grids)
    return Skeleton(tuple(word_writer.table(widths, rows, names[GRID]).split(_SLOT)), tuple(writer.cells), size)


class _RowWriter:
    """Writes the rows of one table, and collects the cells for figures in their order."""

    def __init__(self, widths: Sequence[int], size: int, names: Mapping[str, str]) -> None:
        self.widths, self.size, self.names = widths, size, names
        self.cells: list[tuple[str, int]] = []

    def rows(self, grid: Grid, is_only_grid: bool) -> str:
        """Return the rows of a grid as XML. Only a table of one grid repeats its head and is kept on one page."""
        rows = []
        for number, boxes in enumerate(word_writer.rows_of(grid.boxes, grid.height)):
            is_kept_with_next = is_only_grid and grid.height <= ONE_PAGE_ROWS and number < grid.height - 1
            cells = (self.cell(box, number, "<w:keepNext/>" if is_kept_with_next else "") for box in boxes)
            rows.append(word_writer.row("".join(cells), is_only_grid and number < grid.head))
        return "".join(rows)

    def cell(self, box: Box, row: int, keep: str) -> str:
        """Return one cell of a row as XML."""
        first = row == box.row
        width = sum(self.widths[box.column : box.column + box.width])
        room = (width - MARGINS) // (self.size * 5)
        if box.cell:
            self.cells.append((box.cell, room))
        style = self.names[CELL_STYLES["cell" if box.role == "label" and box.height > 1 else box.role]]
        spacing = TIGHT_LINES if self.size != SIZE else ""
        text = (_SLOT if box.cell else word_writer.text_run(box.text, _size(self.size))) if first else ""
        wrap = self.wrap(box.text, room) if box.role == "header" else ""
        content = f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}{spacing}{wrap}</w:pPr>{text}</w:p>'
        merge = "" if box.height == 1 else "restart" if first else "continue"
        return word_writer.cell(content, width, box.width, merge)

    def wrap(self, text: str, room: int) -> str:
        """Return indents that make the lines of a heading equally long: 商业企业 breaks in the middle."""
        width = display_width(text)
        if width <= room or room < 4:
            return ""
        lines = -(-width // (room - room % 2))
        longest = -(-width // (2 * lines)) * 2
        spare = (room - longest) * self.size * 5 // 2
        return f'<w:ind w:left="{spare}" w:right="{spare}"/>' if spare > 0 else ""
