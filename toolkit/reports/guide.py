"""The guide for agencies (填报须知) as a Word document of one page, made from docs/填报须知.md."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from markdown_it import MarkdownIt
from markdown_it.token import Token

from toolkit.excel.output_mark import mark_properties
from toolkit.reports.base_document import BODY, HEADINGS, own_base
from toolkit.reports.notice import NO_INDENT
from toolkit.reports.word_writer import DocumentDraft
from toolkit.resources import resource

GUIDE = "docs/填报须知.md"
_SIZE, _HEADING_SIZE = '<w:sz w:val="21"/><w:szCs w:val="21"/>', '<w:sz w:val="24"/><w:szCs w:val="24"/>'
_TIGHT = '<w:spacing w:before="{before}" w:after="0" w:line="320" w:lineRule="exact"/>'
_HANGING = '<w:ind w:left="{left}" w:leftChars="0" w:hanging="{left}" w:hangingChars="0" w:firstLineChars="0"/>'
_HANG = 320
"""Width of the number or the mark before an item, in twentieths of a point."""
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="420"/>'
_ASK, _BY = re.compile("问：＿+　?(电话：＿+)?"), re.compile("＿+月＿+日前")


def build_guide(office: str = "", deadline: str = "") -> bytes:
    """Return the guide as the bytes of a .docx file, the same bytes each time. `office` answers questions,
    `deadline` is a date in words; where one is missing, the line stays blank to be filled in by hand."""
    text = resource(GUIDE).read_text(encoding="utf-8")
    text = _ASK.sub(lambda found: f"问：{office}" if office else found[0], text)
    text = _BY.sub(lambda found: f"{deadline}前" if deadline else found[0], text)
    draft = DocumentDraft(own_base())
    draft.document.core_properties.keywords = mark_properties("guide")["keywords"]
    return _with_fixed_times(draft.finish(_guide_body(draft, MarkdownIt("commonmark").parse(text)), "填报须知", office))


def _guide_body(draft: DocumentDraft, tokens: list[Token]) -> Iterator[str]:
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
            text = " ".join(token.content.splitlines())
            if tag == "h1":
                yield draft.title(text)
            elif tag:
                yield draft.paragraph(HEADINGS[0], text, _TIGHT.format(before=120) + NO_INDENT, _HEADING_SIZE)
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
