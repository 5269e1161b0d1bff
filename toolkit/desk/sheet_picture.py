"""The official tables as a picture on a page (表样): what an agency filled in, with the cells of findings marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.forms.model import Form
from toolkit.reports.content import cell_text
from toolkit.submission.model import Submission, Value
from toolkit.submission.spelling import plain_number, tidy


class Named(Protocol):
    """A finding, as far as a picture shows it."""

    @property
    def cells(self) -> Sequence[str]:
        """The cells that it names."""

    @property
    def severity(self) -> str:
        """How bad it is."""


@dataclass(frozen=True, slots=True)
class PictureBox:
    """A box of a table: a head, a label, or a cell with its figure. `marks` are the numbers of the findings that name
    the cell; `severity` is the worst of them."""

    box: Box
    text: str
    severity: str = ""
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """The tables of one section, row by row. `is_marked` is True if a finding names one of its cells."""

    title: str
    rows: tuple[tuple[PictureBox, ...], ...]
    is_marked: bool


def pictures(form: Form, cells: Mapping[str, str], findings: Sequence[Named]) -> list[SheetPicture]:
    """Return the tables of a form with the figures of a round. `cells` has them as text, without blanks; totals are
    computed unless they stand there. `findings` are in the order of their numbers."""
    values = _values(form, cells)
    marks: dict[str, list[int]] = {}
    severities: dict[str, str] = {}
    for number, found in enumerate(findings, 1):
        for cell in found.cells:
            marks.setdefault(cell, []).append(number)
            severities.setdefault(cell, found.severity)
            if found.severity == "error":
                severities[cell] = "error"
    shown = []
    for section in form.table_sections:
        rows = tuple(row for grid in section_grids(section) for row in _rows(grid, values, marks, severities))
        shown.append(SheetPicture(section.name, rows, any(one.marks for row in rows for one in row)))
    return shown


def _values(form: Form, cells: Mapping[str, str]) -> Mapping[str, Value]:
    """Return every cell's value, totals too."""
    given: dict[str, Value] = {}
    for cell_id, text in cells.items():
        if cell := form.cells.get(cell_id):
            number = plain_number(text) if cell.kind.record.is_number else None
            given[cell_id] = text if number is None else tidy(number, cell.kind)
    filled = {cell.id: given.get(cell.id) for cell in form.filled}
    submission = Submission(form, "", form.first_year, filled, {})
    stated = {cell.id: value for cell in form.computed if (value := given.get(cell.id)) is not None}
    return {**submission.all_values(), **stated} if callable(submission.all_values) else submission.all_values


def _rows(
    grid: Grid, values: Mapping[str, Value], marks: Mapping[str, Sequence[int]], severities: Mapping[str, str]
) -> list[tuple[PictureBox, ...]]:
    rows: list[list[PictureBox]] = [[] for _ in range(grid.height)]
    for box in grid.boxes:
        if box.role == "cell":
            text = cell_text(values.get(box.cell))
            one = PictureBox(box, text, severities.get(box.cell, ""), tuple(marks.get(box.cell, ())))
        else:
            one = PictureBox(box, box.text)
        rows[box.row].append(one)
    return [tuple(row) for row in rows]
