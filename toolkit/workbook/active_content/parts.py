"""Finds active content (夹带) inside the parts of an .xlsx workbook: formulas, links and macros in a sheet, a table, a
drawing. A search of the bytes only shows that a part has none; if it may have some, the part is parsed."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from toolkit.characters import one_line
from toolkit.files.kinds import DAMAGED
from toolkit.files.parts import Parts, declares_doctype
from toolkit.files.xml import full_text, parse_xml
from toolkit.workbook.active_content.item import ActiveItem, formula_item
from toolkit.workbook.active_content.judging import reaches_outside

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAG = rb'<f(?:ormula[12]?)?(?:\s+[\w:.-]+="[^"<>]*")*\s*'
_FORMULA, _EMPTY = re.compile(_TAG + rb">([^<]*)</f"), re.compile(_TAG + rb"/>")
_UNUSUAL = re.compile(rb":f[\s>/o]|<[!?]|\0")
"""If this occurs after the beginning of a sheet, or a formula is not written as office programs write it, the sheet
must be parsed."""
_OTHER_ENCODING = re.compile(rb"\0|encoding\s*=\s*['\"](?!utf-8['\"])", re.I)
_MARKUP = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s\0]*<")
_ACTIVE_NAMES = (
    *(b"Formula", b"Fmla", b"fmla", b"textlink", b"macro"),
    *(b"DataMashup", b"ddeLink", b"oleObject", b"webPublish"),
)
"""Names of elements and attributes. XML has no other spelling for them, so a part without any of them has nothing
active."""
_COLUMN_FORMULAS = ("calculatedColumnFormula", "totalsRowFormula")
_PUBLISHED = ("webPublishItem", "webPublishObject")
_OWN_WORKBOOK = "[0]!"
"""How drawings refer to a name of their own workbook."""


def items_in_sheets(parts: Parts, sheets: Mapping[str, str]) -> Iterator[ActiveItem]:
    """Yield the formulas that reach outside the workbook, with their places. The formula of a rule for colours or
    entries has no place."""
    for name, part in sheets.items():
        content = parts.get(part, b"")
        if _has_no_outside_formula(content):
            continue
        for formula in parse_xml(content, DAMAGED).iter("{*}f", "{*}formula", "{*}formula1", "{*}formula2"):
            text, cell = full_text(formula), formula.getparent()
            place = one_line(cell.get("r") or "").upper() if cell is not None else ""
            if reaches_outside(text):
                yield formula_item(text, f"{name}!{place}" if place else "")


def _has_no_outside_formula(content: bytes) -> bool:
    """Return True if the bytes of a sheet show that none of its formulas reaches outside."""
    formulas = _FORMULA.findall(content)
    others = content.count(b"<f") - len(formulas)
    if (others and others != len(_EMPTY.findall(content))) or _has_other_encoding(content):
        return False
    after = content.find(b"<worksheet")
    if (b":f" in content or b"<!" in content or b"<?" in content[after:] or b"\0" in content) and (
        after < 0 or _UNUSUAL.search(content, after)
    ):
        return False
    return not _any_reaches_outside(tuple(formulas))


@lru_cache(256)
def _any_reaches_outside(formulas: tuple[bytes, ...]) -> bool:
    """Return True if one of the formulas reaches outside. They are the same in nearly all workbooks of a form, so this
    is cached."""
    return any(reaches_outside(unescape(text.decode("utf-8", "replace"))) for text in set(formulas))


def items_in_parts(parts: Parts) -> Iterator[ActiveItem]:
    """Yield the active content of all parts, apart from the formulas of the sheets. A part may have any name."""
    for content in parts.values():
        if _MARKUP.match(content) and (_may_be_active(content) or _has_other_encoding(content)):
            for element in _parsed(content):
                yield from _items_of(element)


def _may_be_active(content: bytes) -> bool:
    """Return True if one of the names is in a part. The rows, which are most of a sheet, have nothing that acts and are
    left out, unless a comment before them makes their beginning uncertain."""
    start, end = content.find(b"<sheetData>"), content.find(b"</sheetData")
    head = content[: max(start, 0)]
    if 0 <= start < end and b"<!" not in head and head.count(b"<?") == head.startswith(b"<?xml "):
        content = head + content[end:]
    return any(mark in content for mark in _ACTIVE_NAMES)


def _has_other_encoding(content: bytes) -> bool:
    """Return True if the bytes may stand for other letters than they seem to."""
    return bool(_OTHER_ENCODING.search(content, 0, 200))


def _parsed(content: bytes) -> "Iterator[_Element]":
    """Yield the elements of a part as far as it can be parsed: old drawings (.vml) are often not well-formed. The
    parser's limit on long texts is lifted, except in other encodings, where entities could hide."""
    from lxml import etree

    if declares_doctype(content):
        return
    huge = not _has_other_encoding(content)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=huge
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is not None:  # None: nothing could be parsed
        yield from root.iter("{*}*")


def _items_of(element: "_Element") -> Iterator[ActiveItem]:
    name = str(element.tag).rpartition("}")[2]
    if name == "DataMashup":
        yield ActiveItem("query", name)
    elif name == "ddeLink":
        yield ActiveItem("dde", f"{element.get('ddeService') or ''}|{element.get('ddeTopic') or ''}")
    elif name in _PUBLISHED:
        yield ActiveItem("link", element.get("destinationFile") or name)
    macros = (element.get("macro"), element.get("fmlaMacro"), full_text(element) if name == "FmlaMacro" else "")
    yield from (ActiveItem("macro", text) for text in macros if text and text.strip())
    formulas = [element.get("textlink"), element.get("link") if name == "oleObject" else ""]
    if name in _COLUMN_FORMULAS or (name.startswith("Fmla") and name != "FmlaMacro"):
        formulas.append(full_text(element))
    own = (text.strip().removeprefix("=").removeprefix(_OWN_WORKBOOK) for text in formulas if text)
    yield from (formula_item(text) for text in own if reaches_outside(text))
