"""The Word base document (样式文件): the page, the footers and the styles that reports use. It is our own or an
office's."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from toolkit.files.parts import open_parts
from toolkit.files.read import read_whole
from toolkit.problems import Problem, Unreadable
from toolkit.reports.base_document_cleaning import remove_active_content
from toolkit.resources import resource

TITLE, BODY, SIGNATURE, PICTURE = "Title", "BodyText", "Signature", "ReportPicture"
HEADINGS = ("Heading1", "Heading2", "Heading3", "Heading4")
LEAD_INS: Mapping[int, str] = {2: "ReportLeadIn2", 3: "ReportLeadIn3"}
"""Styles of sub-headings that are followed by body text on the same line, by level."""
TABLE_HEAD, TABLE_LABEL, TABLE_CELL = "ReportTableHead", "ReportTableLabel", "ReportTable"
TABLE_BODY = "ReportTableBody"
"""Style of the text in tables that stand in a text section."""
GRID = "ReportGrid"
STYLES: Mapping[str, tuple[str, ...]] = {
    BODY: ("Body Text", "正文文本", "正文首行缩进"),
    TITLE: ("Title", "标题"),
    **{style: (f"heading {level}", f"标题 {level}") for level, style in enumerate(HEADINGS, 1)},
    **{style: (f"Report Lead-in {level}",) for level, style in LEAD_INS.items()},
    SIGNATURE: ("Signature", "签名", "落款"),
    PICTURE: ("Report Picture",),
    TABLE_CELL: ("Report Table Text",),
    TABLE_HEAD: ("Report Table Head",),
    TABLE_LABEL: ("Report Table Label",),
    TABLE_BODY: ("Report Table Body",),
    GRID: ("Report Grid",),
}
"""Every style that reports use: our id for it, and the names by which it is found in a base document."""
_EMU_PER_TWIP = 635
MIN_TEXT_WIDTH = 4000
"""Smallest text width, in twentieths of a point (7 cm). No table fits into less."""


@dataclass(frozen=True, eq=False)
class BaseDocument:
    """A base document, as the bytes of a .docx file. `styles` maps each of our styles to its id in this document.
    `missing` names the styles that the document lacked and that were added. `width` is the width between the margins,
    in twentieths of a point. `had_text` is True if the document had text of its own, which no report takes over."""

    content: bytes
    styles: Mapping[str, str]
    missing: tuple[str, ...]
    width: int
    had_text: bool = False

    def new_document(self) -> WordDocument:
        """Return an empty document on this base."""
        return Document(BytesIO(self.content))


@cache
def own_base() -> BaseDocument:
    """Return our own base document."""
    content = resource("templates/report.docx").read_bytes()
    return BaseDocument(content, {style: style for style in STYLES}, (), _text_width(Document(BytesIO(content))))


@lru_cache(2)
def base_of(path: str) -> BaseDocument:
    """Return the base document in the file `path`, or our own if `path` is empty.

    Raise Problem when the file is no Word document or its page is too narrow.
    """
    if not path:
        return own_base()
    not_word = Problem(
        f"{path} 不是完整的 Word 文档（.docx），不能用作报告的样式。请用 Word 或 WPS 另存为 .docx 后再试。"
    )
    try:
        content = read_whole(Path(path))
    except OSError:
        raise Problem(f"{path} 打不开。请检查 --style 后面的文件名。") from None
    try:
        return _adopt(Document(BytesIO(open_parts(content, not_word.message).repacked())))
    except Unreadable:
        raise not_word from None
    except Problem as problem:
        raise (
            Problem(f"{path} {problem.message}。请检查 --style 后面的文件。") if problem is not not_word else not_word
        ) from None
    except Exception:  # whatever the bytes hold, the package's reader may raise on them
        raise not_word from None


def _adopt(document: WordDocument) -> BaseDocument:
    """Return an office's document without its text and without active content, and with the styles that it lacked."""
    body = document.element.body
    had_text = bool("".join(body.itertext()).strip())
    for element in list(body):
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    ours = own_base().new_document()
    if body.find(qn("w:sectPr")) is None:
        section = deepcopy(ours.element.body.find(qn("w:sectPr")))
        for reference in section.findall(qn("w:footerReference")):
            section.remove(reference)
        body.append(section)
    remove_active_content(document)
    width = _text_width(document)
    if width < MIN_TEXT_WIDTH:
        raise Problem("的页面太窄，页边距之间放不下表格")
    styles, missing = _add_missing_styles(document.styles.element, ours.styles.element)
    out = BytesIO()
    document.save(out)
    return BaseDocument(out.getvalue(), styles, missing, width, had_text)


def _add_missing_styles(theirs: Any, ours: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    """Find each of our styles in the office's document (`theirs`) by name, and add those that are missing. Return the
    ids of all styles, and the names of those that were missing."""
    by_name = {_type_and_name(style): style.get(qn("w:styleId")) for style in theirs.iter(qn("w:style"))}
    own = {style.get(qn("w:styleId")): style for style in ours.iter(qn("w:style"))}
    found = {style.get(qn("w:styleId")): _default_style_id(theirs, style) for style in _default_styles(ours)}
    missing = []
    for ours_id, names in STYLES.items():
        kind = own[ours_id].get(qn("w:type"))
        style_id = next((by_name[kind, name.casefold()] for name in names if (kind, name.casefold()) in by_name), "")
        if not style_id:
            missing.append(names[0])
            style_id = _copy_style(theirs, own[ours_id], found)
        found[ours_id] = style_id
    return {style: _escaped_id(found[style]) for style in STYLES}, tuple(missing)


def _escaped_id(style: str) -> str:
    """Return the id of a style, which may be any text, escaped for XML."""
    return escape(style, {'"': "&quot;"})


def _type_and_name(style: Any) -> tuple[str, str]:
    """Return the type of a style and its name, lower case."""
    name = style.find(qn("w:name"))
    return style.get(qn("w:type")), ("" if name is None else name.get(qn("w:val")) or "").casefold()


def _default_styles(styles: Any) -> list[Any]:
    """Return the default styles, one for each type. Other styles are based on them."""
    return [style for style in styles.iter(qn("w:style")) if style.get(qn("w:default"))]


def _default_style_id(theirs: Any, own: Any) -> str:
    """Return the id of the office's default style of the same type as ours."""
    kind = own.get(qn("w:type"))
    ids = {style.get(qn("w:type")): style.get(qn("w:styleId")) for style in _default_styles(theirs)}
    return ids.get(kind) or ""


def _copy_style(theirs: Any, style: Any, found: Mapping[str, str]) -> str:
    """Copy one of our styles into the office's document, under an id that is free, and based on the office's styles.
    Return the id. `found` maps our ids to theirs."""
    copy = deepcopy(style)
    taken = {other.get(qn("w:styleId")) for other in theirs.iter(qn("w:style"))}
    new = ours_id = copy.get(qn("w:styleId"))
    while new in taken:
        new += "x"
    copy.set(qn("w:styleId"), new)
    for tag in ("w:basedOn", "w:next"):
        link = copy.find(qn(tag))
        if link is not None:
            target = link.get(qn("w:val"))
            renamed = new if target == ours_id else found.get(target, "")
            link.set(qn("w:val"), renamed) if renamed else copy.remove(link)
    theirs.append(copy)
    return str(new)


def _text_width(document: WordDocument) -> int:
    """Return the width between the margins, in twentieths of a point; that of A4 paper if the page has no width."""
    section = document.sections[-1]
    width, left, right = section.page_width, section.left_margin, section.right_margin
    if not width:
        return 9026
    return int((width - (left or 0) - (right or 0)) / _EMU_PER_TWIP)
