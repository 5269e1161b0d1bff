"""Pages of the documentation as Word documents, for offices that hand them out. They are written in Markdown."""

import zipfile
from collections.abc import Iterator
from io import BytesIO

from markdown_it import MarkdownIt
from markdown_it.token import Token

from toolkit.excel.output_mark import Output, mark_properties
from toolkit.reports.base_document import BODY, HEADINGS, own_base
from toolkit.reports.notice import NO_INDENT
from toolkit.reports.word_writer import DocumentDraft

_SIZE = '<w:sz w:val="21"/><w:szCs w:val="21"/>'
_HEADINGS = {"h2": HEADINGS[0], "h3": HEADINGS[1]}
_HEADING_SIZES = {"h2": '<w:sz w:val="24"/><w:szCs w:val="24"/>', "h3": f"<w:b/><w:bCs/>{_SIZE}"}
_TIGHT = '<w:spacing w:before="{before}" w:after="0" w:line="320" w:lineRule="exact"/>'
_HANGING = '<w:ind w:left="{left}" w:leftChars="0" w:hanging="{left}" w:hangingChars="0" w:firstLineChars="0"/>'
_HANG = 320
"""Width of the number or the mark before an item, in twentieths of a point."""
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="420"/>'


def build_page(markdown: str, title: str, output: Output, author: str = "") -> bytes:
    """Return a page as the bytes of a .docx file, the same bytes each time. `output` marks it as one of ours.

    The page may have a title, headings of two levels, paragraphs, and lists of one level.
    """
    draft = DocumentDraft(own_base())
    draft.document.core_properties.keywords = mark_properties(output)["keywords"]
    return _with_fixed_times(draft.finish(_body(draft, MarkdownIt("commonmark").parse(markdown)), title, author))


def _body(draft: DocumentDraft, tokens: list[Token]) -> Iterator[str]:
    """Yield the paragraphs, as XML: title, headings, paragraphs, items with their number or mark."""
    number, in_item, is_numbered, tag = 0, False, False, ""
    for token in tokens:
        if token.type in ("ordered_list_open", "bullet_list_open"):
            number, is_numbered = 0, token.type == "ordered_list_open"
        elif token.type in ("list_item_open", "list_item_close"):
            in_item = token.type == "list_item_open"
            number += in_item
        elif token.type == "heading_open":
            tag = token.tag
        elif token.type == "heading_close":
            tag = ""
        elif token.type == "inline":
            text = "".join(token.content.splitlines())
            if tag == "h1":
                yield draft.title(text)
            elif tag:
                yield draft.paragraph(_HEADINGS[tag], text, _TIGHT.format(before=120) + NO_INDENT, _HEADING_SIZES[tag])
            elif in_item:
                mark = f"{number}." if is_numbered else "•"
                layout = _TIGHT.format(before=0) + _HANGING.format(left=_HANG)
                yield draft.paragraph(BODY, f"{mark}\t{text}", _tab(_HANG) + layout, _SIZE)
            else:
                yield draft.paragraph(BODY, text, _TIGHT.format(before=60) + _INDENT, _SIZE)


def _tab(position: int) -> str:
    return f'<w:tabs><w:tab w:val="left" w:pos="{position}"/></w:tabs>'


def _with_fixed_times(content: bytes) -> bytes:
    """Return a document whose parts have no time of their own."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part in made.namelist():
            package.writestr(zipfile.ZipInfo(part), made.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()
