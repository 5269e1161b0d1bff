"""What rides along (夹带) in an OpenDocument table (.ods)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.files.kinds import DAMAGED
from toolkit.files.parts import Parts
from toolkit.files.xml import parse_xml
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.item import Rider, formula_rider, short, told
from toolkit.workbook.active_content.package import riding_parts
from toolkit.workbook.active_content.removal import acts_when_followed

if TYPE_CHECKING:
    from lxml.etree import _Element

_FORMULAS = ("formula", "condition", "expression", "cell-range-address", "base-cell-address")
"""Attributes that hold formulas or addresses; programs put them into namespaces of their own."""
_TEXTS = re.compile('"(?:[^"]|"")*"')
_INSIDE = re.compile(r"'(?:[^']|'')*'|\{[^{}]*\}")
"""Names of sheets and arrays, whose rows are parted by bars."""
_REACHES = re.compile(r"\b(?:DDE|WEBSERVICE|HYPERLINK)\s*\(|'\s*#|\bfile:|://", re.I)
"""A function that asks elsewhere, or the name of another file, which stands before ``#``."""
_QUERIES = ("database-source-sql", "database-source-query", "database-source-table", "source-service")
_ACTING = ("dde-source", "event-listener", "script", *_QUERIES)
_SOURCES = ("table-source", "cell-range-source")
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]+:|[/\\]|\.\.[/\\]", re.I)
"""How a reference begins that leaves the package."""


def open_irregularities(parts: Parts, content: "_Element") -> Iterator[Irregularity]:
    """What rides along in the content of the table, in its styles and beside them."""
    roots = [content, *(parse_xml(parts[name], DAMAGED) for name in ("styles.xml",) if name in parts)]
    inside = (rider for root in roots for element in _looked_at(root) for rider in _riders_of(element))
    yield from told((*inside, *riding_parts(parts)))
    for root in roots:
        yield from _outside_names(root)


def _looked_at(root: "_Element") -> "Iterator[_Element]":
    """The elements that may act; nearly all others are cells and their texts."""
    yield from root.iter(*(f"{{*}}{name}" for name in (*_ACTING, "condition")))
    yield from (element for element in root.iter("{*}*") if any(map(_may_act, element.keys())))


@lru_cache(1000)
def _may_act(attribute: str | bytes) -> bool:
    return str(attribute).rpartition("}")[2] in (*_FORMULAS, "href")


def _outside_names(root: "_Element") -> Iterator[Irregularity]:
    """Names that stand for something in another file."""
    for named in root.iter("{*}named-expression", "{*}named-range"):
        text = next(filter(_reaches_out, _formulas(named)), "")
        if text:
            name = next((str(value) for key, value in named.attrib.items() if str(key).endswith("}name")), "")
            yield Irregularity("name-outside", found=short(text), wanted=short(name))


def _riders_of(element: "_Element") -> Iterator[Rider]:
    name = str(element.tag).rpartition("}")[2]
    held = {str(key).rpartition("}")[2]: str(value) for key, value in element.attrib.items()}
    link = held.get("href", "")
    if name == "dde-source":
        yield Rider("dde", f"{held.get('dde-application', '')}|{held.get('dde-topic', '')}")
    elif name == "event-listener":
        yield Rider("macro", link or held.get("macro-name") or name)
    elif name == "script" and (len(element) or element.text):
        yield Rider("macro", name)
    elif name in _QUERIES:
        yield Rider("query", held.get("database-name") or name)
    elif _leads_out(name, link):
        yield Rider("link", link)
    if not name.startswith("named-"):
        yield from (formula_rider(_bare(text)) for text in _formulas(element) if _reaches_out(text))


def _leads_out(name: str, link: str) -> bool:
    """Whether a reference of an element is followed to another file, or is one that nobody should click on."""
    if name == "a":
        return acts_when_followed(link)
    return bool(link) and not link.startswith("#") and (name in _SOURCES or bool(_OUTSIDE.match(link)))


def _formulas(element: "_Element") -> Iterator[str]:
    coloured = str(element.tag).endswith("}condition")  # of a rule for colours; other values are what was filled in
    for key, value in element.attrib.items():
        name = str(key).rpartition("}")[2]
        if name in _FORMULAS or (coloured and name == "value"):
            yield str(value)


def _reaches_out(formula: str) -> bool:
    bare = _TEXTS.sub('""', formula)
    return bool(_REACHES.search(bare)) or "|" in _INSIDE.sub("", bare)


def _bare(formula: str) -> str:
    """A formula without the name of its language and its equals sign: ``of:=1``."""
    return re.sub(r"^(?:[a-z]+:)?=", "", formula, count=1)
