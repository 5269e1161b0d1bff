"""The XML of a Word file. Elements have short names (`w:p`), the same in both dialects of the standard. Alternatives
are chosen, wrappers opened and deleted text skipped."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_OOXML, _STRICT = "http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml"
_MICROSOFT = "http://schemas.microsoft.com/office"
_SPACES = {
    "w": (f"{_OOXML}/wordprocessingml/2006/main", f"{_STRICT}/wordprocessingml/main"),
    "r": (f"{_OOXML}/officeDocument/2006/relationships", f"{_STRICT}/officeDocument/relationships"),
    "m": (f"{_OOXML}/officeDocument/2006/math", f"{_STRICT}/officeDocument/math"),
    "a": (f"{_OOXML}/drawingml/2006/main", f"{_STRICT}/drawingml/main"),
    "pic": (f"{_OOXML}/drawingml/2006/picture", f"{_STRICT}/drawingml/picture"),
    "wp": (f"{_OOXML}/drawingml/2006/wordprocessingDrawing", f"{_STRICT}/drawingml/wordprocessingDrawing"),
    "c": (f"{_OOXML}/drawingml/2006/chart", f"{_STRICT}/drawingml/chart", f"{_MICROSOFT}/drawing/2014/chartex"),
    "dgm": (f"{_OOXML}/drawingml/2006/diagram", f"{_STRICT}/drawingml/diagram"),
    "mc": (f"{_OOXML}/markup-compatibility/2006",),
    "rel": (f"{_OOXML}/package/2006/relationships",),
    "wps": (f"{_MICROSOFT}/word/2010/wordprocessingShape",),
    "wpg": (f"{_MICROSOFT}/word/2010/wordprocessingGroup",),
    "w14": (f"{_MICROSOFT}/word/2010/wordml",),
    "v": ("urn:schemas-microsoft-com:vml",),
    "o": ("urn:schemas-microsoft-com:office:office",),
}
_PREFIXES = {space: prefix for prefix, spaces in _SPACES.items() for space in spaces}

DELETED = frozenset(("w:del", "w:moveFrom"))
"""Elements that hold text that a reviewer deleted."""
_WRAPPERS = frozenset(
    f"w:{name}"
    for name in (
        *("sdt", "sdtContent", "customXml", "smartTag", "hyperlink", "fldSimple", "dir", "bdo"),
        *("ins", "moveTo"),
    )
)
_READABLE = frozenset(("w:t", "w:txbxContent", "w:tbl", "w:numFmt", "v:imagedata"))
_MEASURE = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)(mm|cm|in|pt|pc|pi)?\s*", re.ASCII)
_TWIPS = {"mm": 56.7, "cm": 567.0, "in": 1440.0, "pt": 20.0, "pc": 240.0, "pi": 240.0}


@lru_cache(4096)
def _short(tag: str) -> str:
    space, _, local = tag.rpartition("}")
    return f"{_PREFIXES.get(space[1:], 'other')}:{local}"


@lru_cache(1024)
def _full(short: str) -> tuple[str, ...]:
    prefix, _, local = short.partition(":")
    return tuple(f"{{{space}}}{local}" for space in _SPACES[prefix])


def name(element: "_Element") -> str:
    """Return an element's short name; `other:…` if its name space is not known here."""
    return _short(str(element.tag))


def attribute(element: "_Element | None", short: str = "w:val") -> str:
    """Return an attribute by its short name; empty if there is no such attribute or no element."""
    if element is None:
        return ""
    return next((value for key in _full(short) if (value := element.get(key)) is not None), "")


def descend(element: "_Element | None", *path: str) -> "_Element | None":
    """Return the element at the end of a path of child names, always the first child of that name; None if one is
    missing."""
    for short in path:
        if element is None:
            return None
        element = next((child for child in element if name(child) == short), None)
    return element


def children(element: "_Element | None", short: str) -> "list[_Element]":
    """Return the children of one name."""
    return [] if element is None else [child for child in element if name(child) == short]


def descendants(element: "_Element", *shorts: str) -> "Iterator[_Element]":
    """Yield all elements inside that have one of these names, in order."""
    return element.iter(*(tag for short in shorts for tag in _full(short)))


def is_on(element: "_Element | None") -> bool:
    """Return True if a switch is there and not turned off."""
    return element is not None and attribute(element).lower() not in ("0", "false", "off")


def integer(text: str, default: int = 0) -> int:
    """Return a number; `default` if it is not written correctly."""
    return int(text) if re.fullmatch("-?[0-9]{1,10}", text) else default


def twips(text: str) -> float:
    """Return a length in twentieths of a point, in whatever unit it is written; 0 if it is not known."""
    found = _MEASURE.fullmatch(text)
    return float(found[1]) * _TWIPS.get(found[2], 1.0) if found else 0.0


def unwrapped(element: "_Element") -> "Iterator[_Element]":
    """Yield the elements inside. Wrappers (links, content controls, insertions) are opened, and what a reviewer deleted
    is skipped."""
    # A stack, no recursion: a file may nest wrappers to any depth.
    open_ = [iter(element)]
    while open_:
        item = next(open_[-1], None)
        if item is None:
            open_.pop()
        elif name(item) in _WRAPPERS:
            open_.append(iter(item))
        elif name(item) not in DELETED:
            yield item


def is_deleted(element: "_Element") -> bool:
    """Return True if an element is inside text that a reviewer deleted."""
    return any(name(outer) in DELETED for outer in element.iterancestors())


def plain_text(element: "_Element") -> str:
    """Return the text of a note or comment, with a space between its paragraphs."""
    paragraphs = descendants(element, "w:p")
    texts = ("".join(text.text or "" for text in descendants(one, "w:t") if not is_deleted(text)) for one in paragraphs)
    return " ".join(" ".join(texts).split())


def choose_alternatives(root: "_Element") -> None:
    """Replace each set of alternatives by one of them: the first choice with readable content, or else the fallback."""
    for alternative in reversed(list(descendants(root, "mc:AlternateContent"))):
        parent = alternative.getparent()
        if parent is None:
            continue
        ways = [*children(alternative, "mc:Choice"), *children(alternative, "mc:Fallback")]
        chosen = next((way for way in ways if _is_readable(way)), ways[0] if ways else None)
        for item in () if chosen is None else list(chosen):
            alternative.addprevious(item)
        parent.remove(alternative)


def _is_readable(element: "_Element") -> bool:
    return any(
        name(item) in _READABLE or (name(item) == "a:blip" and bool(attribute(item, "r:embed")))
        for item in element.iter()
    )


def empty_placeholders(root: "_Element") -> None:
    """Remove the prompt (单击此处输入文字) from content controls that nobody filled in. Cells and rows stay: without
    them a table would lose its shape."""
    for control in list(descendants(root, "w:sdt")):
        if not is_on(descend(control, "w:sdtPr", "w:showingPlcHdr")):
            continue
        content = descend(control, "w:sdtContent")
        for run in [] if content is None else list(descendants(content, "w:r")):
            _remove(run)


def remove_tables_of_contents(root: "_Element") -> bool:
    """Remove tables of contents (目录) that are marked as such as a whole. Return True if there were any."""
    found = [
        *(
            control
            for control in descendants(root, "w:sdt")
            if attribute(descend(control, "w:sdtPr", "w:docPartObj", "w:docPartGallery")) == "Table of Contents"
        ),
        *(field for field in descendants(root, "w:fldSimple") if attribute(field, "w:instr").split()[:1] == ["TOC"]),
    ]
    for element in found:
        _remove(element)
    return bool(found)


def _remove(element: "_Element") -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
