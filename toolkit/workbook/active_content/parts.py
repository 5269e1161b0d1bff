"""What rides along (夹带) inside of the parts of an .xlsx workbook: formulas, links and macros that stand in a sheet, a
table, a drawing. Bytes are only searched to see that a part holds none; what it does hold, a parser tells."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from toolkit.characters import one_line
from toolkit.files.kinds import DAMAGED
from toolkit.files.parts import Parts, declares_doctype
from toolkit.files.xml import full_text, parse_xml
from toolkit.workbook.active_content.item import Rider, formula_rider
from toolkit.workbook.active_content.removal import leads_out

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAG = rb'<f(?:ormula[12]?)?(?:\s+[\w:.-]+="[^"<>]*")*\s*'
_FORMULA, _EMPTY = re.compile(_TAG + rb">([^<]*)</f"), re.compile(_TAG + rb"/>")
_STRANGE = re.compile(rb":f[\s>/o]|<[!?]|\0")
"""Where this stands behind its beginning, or a formula is not written as office programs write it, only a parser can
tell what a sheet holds."""
_ODD = re.compile(rb"\0|encoding\s*=\s*['\"](?!utf-8['\"])", re.I)
_MARKUP = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s\0]*<")
_MARKS = (
    *(b"Formula", b"Fmla", b"fmla", b"textlink", b"macro"),
    *(b"DataMashup", b"ddeLink", b"oleObject", b"webPublish"),
)
"""Names of elements and attributes, which XML cannot spell otherwise: without one, there is nothing to look for."""
_COLUMN_FORMULAS = ("calculatedColumnFormula", "totalsRowFormula")
_PUBLISHED = ("webPublishItem", "webPublishObject")
_SELF = "[0]!"
"""How drawings refer to a name of their own workbook."""


def riders_in_sheets(parts: Parts, sheets: Mapping[str, str]) -> Iterator[Rider]:
    """Formulas that reach outside of the workbook, with their places; a rule for colours or entries has none."""
    for name, part in sheets.items():
        content = parts.get(part, b"")
        if _stays_within(content):
            continue
        for formula in parse_xml(content, DAMAGED).iter("{*}f", "{*}formula", "{*}formula1", "{*}formula2"):
            text, cell = full_text(formula), formula.getparent()
            place = one_line(cell.get("r") or "").upper() if cell is not None else ""
            if leads_out(text):
                yield formula_rider(text, f"{name}!{place}" if place else "")


def _stays_within(content: bytes) -> bool:
    """Whether it is plain that no formula of a sheet reaches outside."""
    formulas = _FORMULA.findall(content)
    others = content.count(b"<f") - len(formulas)
    if (others and others != len(_EMPTY.findall(content))) or _is_oddly_encoded(content):
        return False
    after = content.find(b"<worksheet")
    if (b":f" in content or b"<!" in content or b"<?" in content[after:] or b"\0" in content) and (
        after < 0 or _STRANGE.search(content, after)
    ):
        return False
    return not _any_leads_out(tuple(formulas))


@lru_cache(256)
def _any_leads_out(formulas: tuple[bytes, ...]) -> bool:
    """They are the same in nearly all workbooks of a form."""
    return any(leads_out(unescape(text.decode("utf-8", "replace"))) for text in set(formulas))


def riders_in_parts(parts: Parts) -> Iterator[Rider]:
    """What acts in any part of a workbook, but for the formulas of its sheets; parts may be called anything."""
    for content in parts.values():
        if _MARKUP.match(content) and (_may_act(content) or _is_oddly_encoded(content)):
            for element in _parsed(content):
                yield from _riders_of(element)


def _may_act(content: bytes) -> bool:
    """Whether one of the names is in a part. The rows of a sheet, which are most of it, hold none that acts; where they
    begin is plain unless a comment stands before."""
    start, end = content.find(b"<sheetData>"), content.find(b"</sheetData")
    head = content[: max(start, 0)]
    if 0 <= start < end and b"<!" not in head and head.count(b"<?") == head.startswith(b"<?xml "):
        content = head + content[end:]
    return any(mark in content for mark in _MARKS)


def _is_oddly_encoded(content: bytes) -> bool:
    """Whether its bytes may stand for other letters than they seem to."""
    return bool(_ODD.search(content, 0, 200))


def _parsed(content: bytes) -> "Iterator[_Element]":
    """The elements of a part as far as it can be read: old drawings (.vml) are often not well-formed. A long text ends
    it nowhere, unless entities could make it so."""
    from lxml import etree

    if declares_doctype(content):
        return
    huge = not _is_oddly_encoded(content)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=huge
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is not None:  # nothing of it could be read
        yield from root.iter("{*}*")


def _riders_of(element: "_Element") -> Iterator[Rider]:
    name = str(element.tag).rpartition("}")[2]
    if name == "DataMashup":
        yield Rider("query", name)
    elif name == "ddeLink":
        yield Rider("dde", f"{element.get('ddeService') or ''}|{element.get('ddeTopic') or ''}")
    elif name in _PUBLISHED:
        yield Rider("link", element.get("destinationFile") or name)
    macros = (element.get("macro"), element.get("fmlaMacro"), full_text(element) if name == "FmlaMacro" else "")
    yield from (Rider("macro", text) for text in macros if text and text.strip())
    formulas = [element.get("textlink"), element.get("link") if name == "oleObject" else ""]
    if name in _COLUMN_FORMULAS or (name.startswith("Fmla") and name != "FmlaMacro"):
        formulas.append(full_text(element))
    own = (text.strip().removeprefix("=").removeprefix(_SELF) for text in formulas if text)
    yield from (formula_rider(text) for text in own if leads_out(text))
