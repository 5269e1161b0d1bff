"""The Word report: title, the sections in order with the official headings, the official tables between the texts.

Styles, page and footers come from the base document `templates/report.docx`; here only content is written, as XML
text for the whole body at once, which is many times faster than building it cell by cell.
"""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import pairwise
from xml.sax.saxutils import escape

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from toolkit.characters import display_width, without_forbidden
from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.forms.model import Section
from toolkit.resources import resource
from toolkit.spelling import number_text
from toolkit.submission import Submission, Value

NOTHING = "无"
TITLE, HEADING, BODY = "Title", "Heading1", "BodyText"
CELL_STYLES = {
    "caption": "ReportTableHead",
    "header": "ReportTableHead",
    "label": "ReportTableLabel",
    "cell": "ReportTable",
}
TABLE_STYLE = "ReportGrid"
PROPERTY_LIMIT = 255
TITLE_SIZE, TITLE_SMALLEST = 44, 34
"""Half points: 二号, and the smallest size that still looks like a title."""


def build_report(submission: Submission) -> bytes:
    """The report of a submission, as the bytes of a .docx file. Figures stand as submitted, totals as computed."""
    document = Document(BytesIO(_base()))
    body = document.element.body
    width = _text_width(document)
    xml = "".join(_body(submission, width))
    for element in parse_xml(f"<w:body {nsdecls('w')}>{xml}</w:body>"):
        body.insert(len(body) - 1, element)
    document.core_properties.title = submission.title[:PROPERTY_LIMIT]
    document.core_properties.author = submission.agency[:PROPERTY_LIMIT]
    target = BytesIO()
    document.save(target)
    return target.getvalue()


@cache
def _base() -> bytes:
    return resource("templates/report.docx").read_bytes()


def _text_width(document: "Document") -> int:  # type: ignore[valid-type]
    """The width between the margins, in twentieths of a point."""
    section = document.sections[0]  # type: ignore[attr-defined]
    return int((section.page_width - section.left_margin - section.right_margin) / 635)


def _body(submission: Submission, width: int) -> Iterator[str]:
    yield _title(submission.title, width)
    for section in submission.form.sections:
        yield _paragraph(HEADING, section.title)
        if section.text:
            for text in submission.texts.get(section.id, ()) or (NOTHING,):
                yield _paragraph(BODY, text)
        else:
            yield _table(section, submission, width)


def _title(text: str, width: int) -> str:
    """The title, a little smaller where that spares it a second line. A full-width character is as wide as it is high;
    one more is left for the space that is set between Chinese characters and digits."""
    fitting = width // ((display_width(text) + 2) * 5)
    size = f'<w:rPr><w:sz w:val="{fitting}"/></w:rPr>' if TITLE_SMALLEST <= fitting < TITLE_SIZE else ""
    return _paragraph(TITLE, text, size)


def _paragraph(style: str, text: str, properties: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_run(text, properties)}</w:p>'


def _run(text: str, properties: str = "") -> str:
    """Text as it is; a tab stays a tab."""
    if not text:
        return ""
    pieces = [
        f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""
        for piece in without_forbidden(text).split("\t")
    ]
    return f"<w:r>{properties}{'<w:tab/>'.join(pieces)}</w:r>"


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
        f"{_paragraph(style, text)}</w:tc>"
    )


def cell_text(value: Value) -> str:
    """A figure as it stands in the report; a blank stays blank."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)
