"""The Word report: title, the sections in order with the official headings, the official tables between the texts."""

from collections.abc import Iterator
from itertools import pairwise

from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.forms.model import Section
from toolkit.reports.document import BODY, HEADING, document_bytes, paragraph, text_width, title_paragraph
from toolkit.spelling import number_text
from toolkit.submission import Submission, Value

NOTHING = "无"
CELL_STYLES = {
    "caption": "ReportTableHead",
    "header": "ReportTableHead",
    "label": "ReportTableLabel",
    "cell": "ReportTable",
}
TABLE_STYLE = "ReportGrid"


def build_report(submission: Submission) -> bytes:
    """The report of a submission, as the bytes of a .docx file. Figures stand as submitted, totals as computed."""
    return document_bytes(_body(submission), submission.title, submission.agency)


def _body(submission: Submission) -> Iterator[str]:
    yield title_paragraph(submission.title)
    for section in submission.form.sections:
        yield paragraph(HEADING, section.title)
        if section.text:
            for text in submission.texts.get(section.id, ()) or (NOTHING,):
                yield paragraph(BODY, text)
        else:
            yield _table(section, submission, text_width())


def _table(section: Section, submission: Submission, width: int) -> str:
    """The official table of a section: the grids of its tables, one under the other."""
    unit = width / sum(section.widths)
    edges = [round(sum(section.widths[:index]) * unit) for index in range(len(section.widths) + 1)]
    widths = [right - left for left, right in pairwise(edges)]
    columns = "".join(f'<w:gridCol w:w="{column}"/>' for column in widths)
    grids = section_grids(section)
    rows = "".join(_rows(grid, submission, widths, repeat_head=len(grids) == 1) for grid in grids)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{TABLE_STYLE}"/><w:tblW w:w="{width}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>'
    )


def _rows(grid: Grid, submission: Submission, widths: list[int], repeat_head: bool) -> str:
    at = {(row, box.column): box for box in grid.boxes for row in range(box.row, box.row + box.height)}
    out = []
    for row in range(grid.height):
        repeat = "<w:tblHeader/>" if repeat_head and row < grid.head else ""
        cells, column = [], 0
        while column < grid.width:
            box = at[row, column]
            cells.append(_cell(box, row, submission, sum(widths[column : column + box.width])))
            column += box.width
        out.append(f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{''.join(cells)}</w:tr>")
    return "".join(out)


def _cell(box: Box, row: int, submission: Submission, width: int) -> str:
    span = f'<w:gridSpan w:val="{box.width}"/>' if box.width > 1 else ""
    first = row == box.row
    merge = "" if box.height == 1 else '<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>"
    text = (cell_text(submission.all_values[box.cell]) if box.cell else box.text) if first else ""
    style = CELL_STYLES["cell" if box.role == "label" and box.height > 1 else box.role]
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}<w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraph(style, text)}</w:tc>"
    )


def cell_text(value: Value) -> str:
    """A figure as it stands in the report; a blank stays blank."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)
