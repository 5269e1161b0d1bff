"""What rides along (夹带) in a returned workbook and is no part of any form: macros, links to other files, objects,
queries. Nothing of it is opened, run or followed; it is told."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from toolkit.files.kinds import DAMAGED
from toolkit.files.parts import Parts
from toolkit.files.xml import full_text, parse_xml
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.item import Rider, RiderKind, short, told
from toolkit.workbook.active_content.parts import riders_in_parts, riders_in_sheets
from toolkit.workbook.active_content.removal import acts_when_followed, leads_out

_PARTS: dict[RiderKind, re.Pattern[str]] = {
    "macro": re.compile(r"xl/(?:vbaProject|macrosheets/|dialogsheets/)|customUI/|Basic/|Scripts/", re.I),
    "object": re.compile(r"xl/(?:embeddings|activeX|ctrlProps)/|Object \d|ObjectReplacements/", re.I),
    "query": re.compile(r"xl/(?:connections|queryTables/|model/|webextensions/|customData/)", re.I),
}
_KINDS: dict[str, RiderKind] = {
    **dict.fromkeys(("vbaproject", "xlmacrosheet", "xlintlmacrosheet", "dialogsheet", "extensibility"), "macro"),
    **dict.fromkeys(("oleobject", "package", "control", "ctrlprop", "activexcontrolbinary"), "object"),
    **dict.fromkeys(("connections", "querytable", "powerpivotdata", "customdata"), "query"),
}
"""What a part is to the workbook, whatever it is called: by the end of the type of the relationship to it."""
_CLICKED = "hyperlink"
"""What is only followed when a person clicks on it; a form is harmed by few of them."""
_WORKBOOK = "xl/workbook.xml"


def carried_irregularities(parts: Parts, sheets: Mapping[str, str]) -> Iterator[Irregularity]:
    """What rides along in a package; `sheets` are the parts of the sheets by their names."""
    yield from told((*riders_in_sheets(parts, sheets), *riders_in_parts(parts), *_linked(parts), *riding_parts(parts)))
    yield from _outside_names(parts)


def riding_parts(parts: Parts) -> Iterator[Rider]:
    """The parts that ride along, by what they are called and by what the workbook takes them for."""
    found: dict[RiderKind, dict[str, None]] = {
        kind: dict.fromkeys(sorted(filter(named.match, parts))) for kind, named in _PARTS.items()
    }
    for _, link in _relationships(parts):
        kept, target = _KINDS.get(_type(link)), link.get("Target") or ""
        if kept and not _is_outside(link):
            there = any(name.rpartition("/")[2] == target.rpartition("/")[2] for name in found[kept])
            found[kept].update({} if there else {target: None})
    return (Rider(kind, name) for kind, names in found.items() for name in names)


def _linked(parts: Parts) -> Iterator[Rider]:
    """Where relationships lead out of the package. The workbook itself has nothing to be clicked on."""
    for owner, link in _relationships(parts):
        target = link.get("Target") or ""
        clicked = _type(link) == _CLICKED and owner not in ("", _WORKBOOK)
        if _is_outside(link) and not (clicked and not acts_when_followed(target)):
            yield Rider("link", target)


def _type(link: Mapping[str, str]) -> str:
    return (link.get("Type") or "").rpartition("/")[2].lower()


def _is_outside(link: Mapping[str, str]) -> bool:
    return (link.get("TargetMode") or "").lower() == "external"


def _relationships(parts: Parts) -> Iterator[tuple[str, Mapping[str, str]]]:
    """All of them, each with the part that it belongs to."""
    for name, content in parts.items():
        if name.lower().endswith(".rels"):
            folder, _, file = name.lower().rpartition("_rels/")
            for link in _relationships_in(content):
                yield folder + file.removesuffix(".rels"), link


@lru_cache(256)
def _relationships_in(content: bytes) -> tuple[Mapping[str, str], ...]:
    """What a part refers to. It is the same in nearly all workbooks of a form."""
    links = parse_xml(content, DAMAGED).iter("{*}Relationship")
    return tuple({str(key): str(value) for key, value in link.attrib.items()} for link in links)


def _outside_names(parts: Parts) -> Iterator[Irregularity]:
    if _WORKBOOK not in parts:
        return
    for defined in parse_xml(parts[_WORKBOOK], DAMAGED).iter("{*}definedName"):
        name, text = defined.get("name") or "", full_text(defined)
        if name.lower().startswith(("auto_open", "auto_close", "_xlnm.auto_")):
            yield Irregularity("macro-carried", found=short(name))
        elif leads_out(text):
            yield Irregularity("name-outside", found=short(text), wanted=short(name))
