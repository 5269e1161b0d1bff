"""Finds active content (夹带) in an OpenDocument table (.ods)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.files.kinds import DAMAGED
from toolkit.files.parts import Parts
from toolkit.files.xml import parse_xml
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.item import ActiveItem, formula_item, irregularities_of, short
from toolkit.workbook.active_content.judging import is_dangerous_link
from toolkit.workbook.active_content.package import active_parts

if TYPE_CHECKING:
    from lxml.etree import _Element

_FORMULAS = ("formula", "condition", "expression", "cell-range-address", "base-cell-address")
"""Attributes that hold formulas or addresses. Programs put them into their own namespaces."""
_TEXTS = re.compile('"(?:[^"]|"")*"')
_INSIDE = re.compile(r"'(?:[^']|'')*'|\{[^{}]*\}")
"""Names of sheets, and arrays, whose rows are separated by bars."""
_REACHES = re.compile(r"\b(?:DDE|WEBSERVICE|HYPERLINK)\s*\(|'\s*#|\bfile:|://", re.I)
"""A function that asks outside the file, or the name of another file, which stands before ``#``."""
_QUERIES = ("database-source-sql", "database-source-query", "database-source-table", "source-service")
_ACTIVE = ("dde-source", "event-listener", "script", *_QUERIES)
_SOURCES = ("table-source", "cell-range-source")
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]+:|[/\\]|\.\.[/\\]", re.I)
"""How a reference begins that leaves the package."""


def open_document_irregularities(parts: Parts, content: "_Element") -> Iterator[Irregularity]:
    """Yield one irregularity for each kind of active content in the table, its styles and its other parts, and for each
    name that refers to another file."""
    roots = [content, *(parse_xml(parts[name], DAMAGED) for name in ("styles.xml",) if name in parts)]
    in_content = (item for root in roots for element in _candidates(root) for item in _items_of(element))
    yield from irregularities_of((*in_content, *active_parts(parts)))
    for root in roots:
        yield from _outside_names(root)


def _candidates(root: "_Element") -> "Iterator[_Element]":
    """Yield the elements that may be active. Nearly all others are cells and their texts."""
    yield from root.iter(*(f"{{*}}{name}" for name in (*_ACTIVE, "condition")))
    yield from (element for element in root.iter("{*}*") if any(map(_may_act, element.keys())))


@lru_cache(1000)
def _may_act(attribute: str | bytes) -> bool:
    return str(attribute).rpartition("}")[2] in (*_FORMULAS, "href")


def _outside_names(root: "_Element") -> Iterator[Irregularity]:
    """Yield an irregularity for each defined name that refers to another file."""
    for named in root.iter("{*}named-expression", "{*}named-range"):
        text = next(filter(_reaches_outside, _formulas(named)), "")
        if text:
            name = next((str(value) for key, value in named.attrib.items() if str(key).endswith("}name")), "")
            yield Irregularity("name-outside", found=short(text), wanted=short(name))


def _items_of(element: "_Element") -> Iterator[ActiveItem]:
    name = str(element.tag).rpartition("}")[2]
    attributes = {str(key).rpartition("}")[2]: str(value) for key, value in element.attrib.items()}
    link = attributes.get("href", "")
    if name == "dde-source":
        yield ActiveItem("dde", f"{attributes.get('dde-application', '')}|{attributes.get('dde-topic', '')}")
    elif name == "event-listener":
        yield ActiveItem("macro", link or attributes.get("macro-name") or name)
    elif name == "script" and (len(element) or element.text):
        yield ActiveItem("macro", name)
    elif name in _QUERIES:
        yield ActiveItem("query", attributes.get("database-name") or name)
    elif _is_outside_link(name, link):
        yield ActiveItem("link", link)
    if not name.startswith("named-"):
        yield from (formula_item(_formula_text(text)) for text in _formulas(element) if _reaches_outside(text))


def _is_outside_link(name: str, link: str) -> bool:
    """Return True if the link of an element leads to another file, or is dangerous to click on."""
    if name == "a":
        return is_dangerous_link(link)
    return bool(link) and not link.startswith("#") and (name in _SOURCES or bool(_OUTSIDE.match(link)))


def _formulas(element: "_Element") -> Iterator[str]:
    is_condition = str(element.tag).endswith("}condition")  # a rule for colours; other values were filled in
    for key, value in element.attrib.items():
        name = str(key).rpartition("}")[2]
        if name in _FORMULAS or (is_condition and name == "value"):
            yield str(value)


def _reaches_outside(formula: str) -> bool:
    bare = _TEXTS.sub('""', formula)
    return bool(_REACHES.search(bare)) or "|" in _INSIDE.sub("", bare)


def _formula_text(formula: str) -> str:
    """Return a formula without the name of its language and its equals sign: ``of:=1``."""
    return re.sub(r"^(?:[a-z]+:)?=", "", formula, count=1)
