"""What rides along (夹带) in a returned workbook and is no part of any form: macros, links to other files, objects,
queries. Nothing of it is opened, run or followed; it is told."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape

from toolkit.characters import one_line
from toolkit.gate.parts import Parts
from toolkit.gate.xml import parse_xml
from toolkit.submission import Irregularity
from toolkit.workbook.outward import leads_out

_MACROS = re.compile(r"xl/(?:vbaProject|macrosheets/|dialogsheets/)|Basic/|Scripts/", re.I)
_OBJECTS = re.compile(r"xl/(?:embeddings|activeX|ctrlProps)/|Object \d|ObjectReplacements/", re.I)
_QUERIES = re.compile(r"xl/(?:connections|queryTables/|model/|webextensions/|customData/)", re.I)
_LINK_PARTS = re.compile(r"xl/externalLinks/[^/]*\.xml\Z", re.I)
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f[^>]*>([^<]*)</f>')
_NAME = re.compile(rb'<(?:\w+:)?definedName [^>]*\bname="([^"]*)"[^>]*>([^<]*)<')
_DDE = re.compile(r"^[^\"(]*[\w']\|")
"""A formula that starts another program and asks it: ``cmd|'/c …'!A1``."""
_HARMLESS_LINKS = ("hyperlink",)
"""What is only followed when a person clicks on it; no sheet of a form is harmed by one."""
SHOWN = 60


def carried_irregularities(parts: Parts, sheets: Mapping[str, str]) -> Iterator[Irregularity]:
    """What rides along in a package; `sheets` are the parts of the sheets by their names."""
    macros, objects, queries = (sorted(filter(kind.match, parts)) for kind in (_MACROS, _OBJECTS, _QUERIES))
    if macros:
        yield Irregularity("macro-carried", found=macros[0])
    dde, links = _links(parts)
    formulas = list(_outside_formulas(parts, sheets))
    dde += [text for _, text in formulas if _DDE.search(text)]
    places = tuple(place for place, _ in formulas)
    if dde:
        yield Irregularity("dde-carried", found=_short(dde[0]), also=places)
    links += [text for _, text in formulas if not _DDE.search(text)]
    if links:
        yield Irregularity("link-carried", found=_short(links[0]), also=() if dde else places)
    if objects:
        yield Irregularity("object-carried", found=objects[0].rpartition("/")[2], wanted=str(len(objects)))
    if queries:
        yield Irregularity("query-carried", found=queries[0].rpartition("/")[2])
    yield from _outside_names(parts.get("xl/workbook.xml", b""))


def _links(parts: Parts) -> tuple[list[str], list[str]]:
    """Links to programs (DDE), and to other files and addresses; hyperlinks are none."""
    dde: list[str] = []
    links: list[str] = []
    for name in parts:
        if _LINK_PARTS.match(name):
            for link in parse_xml(parts[name], "").iter("{*}ddeLink"):
                dde.append(f"{link.get('ddeService') or ''}|{link.get('ddeTopic') or ''}")
        elif name.endswith(".rels") and b"xternal" in parts[name]:
            for link in parse_xml(parts[name], "").iter("{*}Relationship"):
                kind = (link.get("Type") or "").rpartition("/")[2]
                if (link.get("TargetMode") or "").lower() == "external" and kind not in _HARMLESS_LINKS:
                    links.append(link.get("Target") or kind)
    return dde, links


def _outside_formulas(parts: Parts, sheets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Formulas that reach outside of the workbook, with their places."""
    for name, part in sheets.items():
        for place, text in _FORMULA.findall(parts.get(part, b"")):
            if _leads_out(text):
                yield f"{name}!{place.decode()}", f"={_decoded(text)}"


@lru_cache(4096)
def _leads_out(formula: bytes) -> bool:
    return leads_out(_decoded(formula))


def _decoded(raw: bytes) -> str:
    return unescape(raw.decode("utf-8", "replace"))


def _outside_names(workbook: bytes) -> Iterator[Irregularity]:
    for raw_name, raw_text in _NAME.findall(workbook):
        name, text = _decoded(raw_name), _decoded(raw_text)
        if name.lower().startswith(("auto_open", "auto_close", "_xlnm.auto_")):
            yield Irregularity("macro-carried", found=_short(name))
        elif leads_out(text):
            yield Irregularity("name-outside", found=_short(text), wanted=_short(name))


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}……"


def carried_streams(streams: Sequence[str]) -> Iterator[Irregularity]:
    """What rides along in an old workbook (.xls, .et), by the names of the streams in it."""
    if any("_VBA_PROJECT" in stream for stream in streams):
        yield Irregularity("macro-carried", found="_VBA_PROJECT")
    objects = {stream.partition("/")[0] for stream in streams if stream.startswith("MBD")}
    if objects:
        yield Irregularity("object-carried", found=min(objects), wanted=str(len(objects)))
