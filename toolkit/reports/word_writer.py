"""Writes Word documents on a base document. Paragraphs, tables and pictures are XML text, inserted all at once; this is
many times faster than building a document element by element."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, Protocol, TypeVar
from xml.sax.saxutils import escape, quoteattr

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from toolkit.characters import display_width, one_line, without_forbidden
from toolkit.documents.blocks import Picture, Run
from toolkit.reports.base_document import BODY, TITLE, BaseDocument

PROPERTY_LIMIT = 255
TITLE_SIZE, TITLE_SMALLEST = 44, 34
"""Half points: 二号, and the smallest size that still looks like a title."""
CENTRED = '<w:jc w:val="center"/>'
MARKED, MARK_SIZE = '<w:b/><w:bCs/><w:color w:val="C00000"/>', '<w:sz w:val="24"/>'
"""Run properties of the draft mark (草稿), and the size of the mark on every page."""
EMU_PER_TWIP = 635
ENDINGS: Final[Mapping[str, str]] = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "image/x-emf": "emf",
    "image/x-wmf": "wmf",
}
CellXml = TypeVar("CellXml", bound="Spanning")
_UNKNOWN_SIZE = 3_600_000
"""A picture of unknown size is set 10 cm wide and high."""


@dataclass
class DocumentDraft:
    """A document that is being written on a base document."""

    base: BaseDocument
    document: WordDocument = field(init=False)
    drawings: int = 0

    def __post_init__(self) -> None:
        self.document = self.base.new_document()

    def next_drawing(self) -> int:
        """Return a number that no other drawing of the document has."""
        self.drawings += 1
        return self.drawings

    def finish(self, body: Iterable[str], title: str, author: str) -> bytes:
        """Return the document as the bytes of a .docx file. `body` is its paragraphs and tables, as XML."""
        target = self.document.element.body
        for element in parse_xml(f"<w:body {nsdecls('w', 'r', 'wp', 'a', 'pic')}>{''.join(body)}</w:body>"):
            target.insert(len(target) - 1, element)
        properties = self.document.core_properties
        properties.title, properties.author = (one_line(text)[:PROPERTY_LIMIT] for text in (title, author))
        properties.language = "zh-CN"
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()

    def paragraph(self, style: str, text: str, layout: str = "", run: str = "") -> str:
        """Return a paragraph in one of our styles; `layout` and `run` are properties that differ from the style's, as
        XML."""
        return self.paragraph_of(style, text_run(text, run), layout)

    def paragraph_of(self, style: str, runs: str, layout: str = "") -> str:
        """Return a paragraph of runs that are XML already."""
        return f'<w:p><w:pPr><w:pStyle w:val="{self.base.styles[style]}"/>{layout}</w:pPr>{runs}</w:p>'

    def mark(self, text: str) -> str:
        """Return a line that cannot be overlooked. Also put it at the head of every page."""
        section, settings = self.document.sections[-1], self.document.settings
        headers = [section.header]
        headers += [section.first_page_header] if section.different_first_page_header_footer else []
        headers += [section.even_page_header] if settings.odd_and_even_pages_header_footer else []
        line = f"<w:p><w:pPr>{CENTRED}</w:pPr>{text_run(text, MARKED + MARK_SIZE)}</w:p>"
        for header in headers:
            if header.is_linked_to_previous:
                header.is_linked_to_previous = False  # this adds an empty paragraph
                for own in header.paragraphs:
                    header._element.remove(own._element)
            header._element.insert(0, parse_xml(line.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))
        return self.paragraph(BODY, text, f'<w:ind w:firstLineChars="0" w:firstLine="0"/>{CENTRED}', MARKED)

    def title(self, text: str) -> str:
        """Return the title, a little smaller if it then fits on one line. A full-width character is as wide as it is
        high; room for one more is kept for the space between Chinese characters and digits."""
        fitting = self.base.width // ((display_width(text) + 2) * 5)
        size = f'<w:sz w:val="{fitting}"/>' if TITLE_SMALLEST <= fitting < TITLE_SIZE else ""
        return self.paragraph(TITLE, text, run=size)

    def run(self, run: Run, properties: str = "") -> str:
        """Return a run of a text; `properties` stand before bold, in the order of the standard."""
        bold = "<w:b/><w:bCs/>" if run.bold else ""
        raised = f'<w:vertAlign w:val="{run.raised}"/>' if run.raised else ""
        return text_run(run.text, properties + bold + raised)

    def picture(self, picture: Picture, room: int) -> str:
        """Return a picture as a run, not wider than `room` (twentieths of a point)."""
        part = self._picture_part(picture)
        link = self.document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        width, height = picture.width or _UNKNOWN_SIZE, picture.height or _UNKNOWN_SIZE
        scale = min(1.0, room * EMU_PER_TWIP / width, self._text_height() / height)
        width, height = max(int(width * scale), 1), max(int(height * scale), 1)
        number = self.next_drawing()
        description = quoteattr(without_forbidden(" ".join(picture.description.split()))[:PROPERTY_LIMIT])
        return (
            '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr id="{number}" name="图片 {number}" descr={description}/><a:graphic><a:graphicData '
            'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name="图片 {number}" descr={description}/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{link}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        )

    def _picture_part(self, picture: Picture) -> Part:
        """Return the part of a picture; a picture that comes twice is stored once."""
        package = self.document.part.package
        parts: list[Part] = [part for part in package.iter_parts() if part.partname.startswith("/word/media/")]
        for part in parts:
            if part.blob == picture.content:
                return part
        name = PackURI(f"/word/media/image{len(parts) + 1}.{ENDINGS[picture.media_type]}")
        return Part(name, picture.media_type, picture.content, package)

    def _text_height(self) -> int:
        """Return the height between the margins, in English metric units, minus a line for text beside a picture."""
        section = self.document.sections[-1]
        page, top, bottom = section.page_height or 0, section.top_margin or 0, section.bottom_margin or 0
        return max(page - top - bottom - 500_000, 1_000_000)


class Spanning(Protocol):
    """Something that covers a rectangle of a grid; rows and columns count from 0."""

    @property
    def row(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def height(self) -> int: ...


def rows_of(cells: Iterable[CellXml], height: int) -> list[list[CellXml]]:
    """Return the cells of each row of a grid, from the left. A cell of several rows is in each of them, because Word
    has it in every row."""
    rows: list[list[CellXml]] = [[] for _ in range(height)]
    for cell in sorted(cells, key=lambda cell: cell.column):
        for row in range(cell.row, cell.row + cell.height):
            rows[row].append(cell)
    return rows


def text_run(text: str, properties: str = "") -> str:
    """Return a run with a text; a tab becomes a tab element."""
    if not text:
        return ""
    pieces = [
        f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""
        for piece in without_forbidden(text).split("\t")
    ]
    properties_markup = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f"<w:r>{properties_markup}{'<w:tab/>'.join(pieces)}</w:r>"


def table(widths: Sequence[int], rows: str, style: str) -> str:
    """Return a table with a fixed layout; `widths` are those of its columns in twentieths of a point, `rows` are
    XML."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>'
    )


def row(cells: str, repeats: bool = False) -> str:
    """Return a row that does not break over pages; with `repeats` it stands on every page again."""
    repeat = "<w:tblHeader/>" if repeats else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{cells}</w:tr>"


def cell(content: str, width: int, span: int = 1, merge: str = "") -> str:
    """Return a cell that spans `span` columns. `merge` is ``restart`` for the first row of a cell that goes on below,
    ``continue`` in the next rows."""
    across = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    down = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    size = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    return f'<w:tc><w:tcPr>{size}{across}{down}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'
