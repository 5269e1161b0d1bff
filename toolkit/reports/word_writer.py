"""Writes Word documents on a base document: paragraphs, tables and pictures as XML text, put in all at once.

That is many times faster than building a document piece by piece.
"""

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
"""How a draft is marked, and the size of the mark on every page in half points."""
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
Cell = TypeVar("Cell", bound="Spanning")
_UNKNOWN_SIZE = 3_600_000
"""A picture of unknown size is set 10 cm wide and high."""


@dataclass
class DocumentDraft:
    """A document that is being written."""

    base: BaseDocument
    document: WordDocument = field(init=False)
    drawings: int = 0

    def __post_init__(self) -> None:
        self.document = self.base.new_document()

    def next_drawing(self) -> int:
        """A number that no other drawing of the document has."""
        self.drawings += 1
        return self.drawings

    def finish(self, body: Iterable[str], title: str, author: str) -> bytes:
        """The document of which `body` are the paragraphs and tables, as XML; the bytes of a .docx file."""
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
        """A paragraph in one of our styles; `layout` and `run` are properties that differ from the style's, as XML."""
        return self.paragraph_of(style, text_run(text, run), layout)

    def paragraph_of(self, style: str, runs: str, layout: str = "") -> str:
        """A paragraph of runs that are XML already."""
        return f'<w:p><w:pPr><w:pStyle w:val="{self.base.styles[style]}"/>{layout}</w:pPr>{runs}</w:p>'

    def mark(self, text: str) -> str:
        """A line that cannot be overlooked; it also stands at the head of every page from now on."""
        section, settings = self.document.sections[-1], self.document.settings
        headers = [section.header]
        headers += [section.first_page_header] if section.different_first_page_header_footer else []
        headers += [section.even_page_header] if settings.odd_and_even_pages_header_footer else []
        line = f"<w:p><w:pPr>{CENTRED}</w:pPr>{text_run(text, MARKED + MARK_SIZE)}</w:p>"
        for header in headers:
            if header.is_linked_to_previous:
                header.is_linked_to_previous = False  # which makes one
                for own in header.paragraphs:
                    header._element.remove(own._element)
            header._element.insert(0, parse_xml(line.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))
        return self.paragraph(BODY, text, f'<w:ind w:firstLineChars="0" w:firstLine="0"/>{CENTRED}', MARKED)

    def title(self, text: str) -> str:
        """The title, a little smaller where that spares it a second line. A full-width character is as wide as it is
        high; one more is left for the space that is set between Chinese characters and digits."""
        fitting = self.base.width // ((display_width(text) + 2) * 5)
        size = f'<w:sz w:val="{fitting}"/>' if TITLE_SMALLEST <= fitting < TITLE_SIZE else ""
        return self.paragraph(TITLE, text, run=size)

    def run(self, run: Run, properties: str = "") -> str:
        """A run of a text; `properties` are in the order that the standard wants, before bold."""
        bold = "<w:b/><w:bCs/>" if run.bold else ""
        raised = f'<w:vertAlign w:val="{run.raised}"/>' if run.raised else ""
        return text_run(run.text, properties + bold + raised)

    def picture(self, picture: Picture, room: int) -> str:
        """A picture as a run, not wider than `room` twentieths of a point."""
        part = self._picture_part(picture)
        link = self.document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        width, height = picture.width or _UNKNOWN_SIZE, picture.height or _UNKNOWN_SIZE
        scale = min(1.0, room * EMU_PER_TWIP / width, self._room_below() / height)
        width, height = max(int(width * scale), 1), max(int(height * scale), 1)
        number = self.next_drawing()
        words = quoteattr(without_forbidden(" ".join(picture.description.split()))[:PROPERTY_LIMIT])
        return (
            '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr id="{number}" name="图片 {number}" descr={words}/><a:graphic><a:graphicData '
            'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name="图片 {number}" descr={words}/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{link}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        )

    def _picture_part(self, picture: Picture) -> Part:
        """The part of a picture; one that comes twice is kept once."""
        package = self.document.part.package
        parts: list[Part] = [part for part in package.iter_parts() if part.partname.startswith("/word/media/")]
        for part in parts:
            if part.blob == picture.content:
                return part
        name = PackURI(f"/word/media/image{len(parts) + 1}.{ENDINGS[picture.media_type]}")
        return Part(name, picture.media_type, picture.content, package)

    def _room_below(self) -> int:
        """The height between the margins, in English metric units, less a line for what stands beside a picture."""
        section = self.document.sections[-1]
        page, top, bottom = section.page_height or 0, section.top_margin or 0, section.bottom_margin or 0
        return max(page - top - bottom - 500_000, 1_000_000)


class Spanning(Protocol):
    """Something that covers a rectangle of a grid, counted from 0."""

    @property
    def row(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def height(self) -> int: ...


def rows_of(cells: Iterable[Cell], height: int) -> list[list[Cell]]:
    """For each row of a grid the cells that stand in it, from the left; those that began above, too, which Word has in
    every row that they cover."""
    rows: list[list[Cell]] = [[] for _ in range(height)]
    for cell in sorted(cells, key=lambda cell: cell.column):
        for row in range(cell.row, cell.row + cell.height):
            rows[row].append(cell)
    return rows


def text_run(text: str, properties: str = "") -> str:
    """Text as it is; a tab stays a tab."""
    if not text:
        return ""
    pieces = [
        f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""
        for piece in without_forbidden(text).split("\t")
    ]
    looks = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f"<w:r>{looks}{'<w:tab/>'.join(pieces)}</w:r>"


def table(widths: Sequence[int], rows: str, style: str) -> str:
    """A table of a fixed layout; `widths` are those of its columns in twentieths of a point, `rows` are XML."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>'
    )


def row(cells: str, repeats: bool = False) -> str:
    """A row that does not break over pages; one that `repeats` stands on every page again."""
    repeat = "<w:tblHeader/>" if repeats else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{cells}</w:tr>"


def cell(content: str, width: int, span: int = 1, merge: str = "") -> str:
    """A cell that spans columns; `merge` is ``restart`` where it goes on in the rows below, ``continue`` there."""
    across = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    down = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    size = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    return f'<w:tc><w:tcPr>{size}{across}{down}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'
