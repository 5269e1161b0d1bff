"""A Word document on our base document `templates/report.docx`, which holds the styles, the page and the footers.

The body is written as XML text all at once, which is many times faster than building it piece by piece.
"""

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from toolkit.characters import display_width, without_forbidden
from toolkit.resources import resource

TITLE, HEADING, BODY = "Title", "Heading1", "BodyText"
PROPERTY_LIMIT = 255
TITLE_SIZE, TITLE_SMALLEST = 44, 34
"""Half points: 二号, and the smallest size that still looks like a title."""


@cache
def _base() -> bytes:
    return resource("templates/report.docx").read_bytes()


@cache
def text_width() -> int:
    """The width between the margins of the base document, in twentieths of a point."""
    section = Document(BytesIO(_base())).sections[0]
    return int((section.page_width - section.left_margin - section.right_margin) / 635)  # type: ignore[operator]


def document_bytes(body: Iterable[str], title: str, author: str) -> bytes:
    """The document of which `body` are the paragraphs and tables, as XML; the bytes of a .docx file."""
    document = Document(BytesIO(_base()))
    target = document.element.body
    for element in parse_xml(f"<w:body {nsdecls('w')}>{''.join(body)}</w:body>"):
        target.insert(len(target) - 1, element)
    document.core_properties.title = title[:PROPERTY_LIMIT]
    document.core_properties.author = author[:PROPERTY_LIMIT]
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def title_paragraph(text: str) -> str:
    """The title, a little smaller where that spares it a second line. A full-width character is as wide as it is high;
    one more is left for the space that is set between Chinese characters and digits."""
    fitting = text_width() // ((display_width(text) + 2) * 5)
    size = f'<w:rPr><w:sz w:val="{fitting}"/></w:rPr>' if TITLE_SMALLEST <= fitting < TITLE_SIZE else ""
    return paragraph(TITLE, text, run=size)


def paragraph(style: str, text: str, layout: str = "", run: str = "") -> str:
    """A paragraph in a style; `layout` and `run` are properties that differ from the style's, as XML."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{layout}</w:pPr>{_run(text, run)}</w:p>'


def _run(text: str, properties: str) -> str:
    """Text as it is; a tab stays a tab."""
    if not text:
        return ""
    pieces = [
        f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""
        for piece in without_forbidden(text).split("\t")
    ]
    return f"<w:r>{properties}{'<w:tab/>'.join(pieces)}</w:r>"
