"""Finds active content (夹带) in a returned workbook (.xlsx), which no form has: macros, links to other files, objects,
queries. Nothing of it is opened, run or followed; it is only reported."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from toolkit.files.kinds import DAMAGED
from toolkit.files.parts import Parts
from toolkit.files.xml import full_text, parse_xml
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.item import ActiveItem, ActiveKind, irregularities_of, short
from toolkit.workbook.active_content.judging import is_dangerous_link, reaches_outside
from toolkit.workbook.active_content.parts import items_in_parts, items_in_sheets

_PARTS: dict[ActiveKind, re.Pattern[str]] = {
    "macro": re.compile(r"xl/(?:vbaProject|macrosheets/|dialogsheets/)|customUI/|Basic/|Scripts/", re.I),
    "object": re.compile(r"xl/(?:embeddings|activeX|ctrlProps)/|Object \d|ObjectReplacements/", re.I),
    "query": re.compile(r"xl/(?:connections|queryTables/|model/|webextensions/|customData/)", re.I),
}
_KINDS: dict[str, ActiveKind] = {
    **dict.fromkeys(("vbaproject", "xlmacrosheet", "xlintlmacrosheet", "dialogsheet", "extensibility"), "macro"),
    **dict.fromkeys(("oleobject", "package", "control", "ctrlprop", "activexcontrolbinary"), "object"),
    **dict.fromkeys(("connections", "querytable", "powerpivotdata", "customdata"), "query"),
}
"""The kind of a part whatever its name is, by the end of the type of the relationship to it."""
_CLICKED = "hyperlink"
"""A relationship that is followed only when a person clicks on it. Few of these harm a form."""
_WORKBOOK = "xl/workbook.xml"


def package_irregularities(parts: Parts, sheets: Mapping[str, str]) -> Iterator[Irregularity]:
    """Yield the irregularities for all active content of a package. `sheets` gives the part of each sheet by its
    name."""
    yield from irregularities_of(
        (*items_in_sheets(parts, sheets), *items_in_parts(parts), *_outside_links(parts), *active_parts(parts))
    )
    yield from _outside_names(parts)


def active_parts(parts: Parts) -> Iterator[ActiveItem]:
    """Return the active parts of a package, found by their names and by the workbook's relationships to them."""
    found: dict[ActiveKind, dict[str, None]] = {
        kind: dict.fromkeys(sorted(filter(named.match, parts))) for kind, named in _PARTS.items()
    }
    for _, link in _relationships(parts):
        active_kind, target = _KINDS.get(_type(link)), link.get("Target") or ""
        if active_kind and not _is_outside(link):
            is_known = any(name.rpartition("/")[2] == target.rpartition("/")[2] for name in found[active_kind])
            found[active_kind].update({} if is_known else {target: None})
    return (ActiveItem(kind, name) for kind, names in found.items() for name in names)


def _outside_links(parts: Parts) -> Iterator[ActiveItem]:
    """Yield the relationships that lead out of the package. The workbook part itself holds nothing to click on, so
    every outside link there counts."""
    for owner, link in _relationships(parts):
        target = link.get("Target") or ""
        clicked = _type(link) == _CLICKED and owner not in ("", _WORKBOOK)
        if _is_outside(link) and not (clicked and not is_dangerous_link(target)):
            yield ActiveItem("link", target)


def _type(link: Mapping[str, str]) -> str:
    return (link.get("Type") or "").rpartition("/")[2].lower()


def _is_outside(link: Mapping[str, str]) -> bool:
    return (link.get("TargetMode") or "").lower() == "external"


def _relationships(parts: Parts) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield all relationships, each with the part that it belongs to."""
    for name, content in parts.items():
        if name.lower().endswith(".rels"):
            folder, _, file = name.lower().rpartition("_rels/")
            for link in _relationships_in(content):
                yield folder + file.removesuffix(".rels"), link


@lru_cache(256)
def _relationships_in(content: bytes) -> tuple[Mapping[str, str], ...]:
    """Return the relationships of a part. They are the same in nearly all workbooks of a form, so they are cached."""
    links = parse_xml(content, DAMAGED).iter("{*}Relationship")
    return tuple({str(key): str(value) for key, value in link.attrib.items()} for link in links)


def _outside_names(parts: Parts) -> Iterator[Irregularity]:
    """Yield an irregularity for each defined name that starts a macro or refers outside."""
    if _WORKBOOK not in parts:
        return
    for defined in parse_xml(parts[_WORKBOOK], DAMAGED).iter("{*}definedName"):
        name, text = defined.get("name") or "", full_text(defined)
        if name.lower().startswith(("auto_open", "auto_close", "_xlnm.auto_")):
            yield Irregularity("macro-carried", found=short(name))
        elif reaches_outside(text):
            yield Irregularity("name-outside", found=short(text), wanted=short(name))
