"""What rides along (夹带) in a returned workbook and is no part of any form: macros, links to other files, objects,
queries. Nothing of it is opened, run or followed; it is told."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import Literal

from toolkit.characters import one_line
from toolkit.gate.kinds import DAMAGED
from toolkit.gate.parts import Parts
from toolkit.gate.xml import parse_xml, whole_text
from toolkit.submission import Irregularity, IrregularityKind
from toolkit.workbook.outward import leads_out

Rider = Literal["macro", "object", "query", "link"]
_PARTS: dict[Rider, re.Pattern[str]] = {
    "macro": re.compile(r"xl/(?:vbaProject|macrosheets/|dialogsheets/)|Basic/|Scripts/", re.I),
    "object": re.compile(r"xl/(?:embeddings|activeX|ctrlProps)/|Object \d|ObjectReplacements/", re.I),
    "query": re.compile(r"xl/(?:connections|queryTables/|model/|webextensions/|customData/)", re.I),
}
_KINDS: dict[str, Rider] = {
    **dict.fromkeys(("vbaproject", "xlmacrosheet", "xlintlmacrosheet", "dialogsheet"), "macro"),
    **dict.fromkeys(("oleobject", "package", "control", "ctrlprop", "activexcontrolbinary"), "object"),
    **dict.fromkeys(("connections", "querytable", "powerpivotdata", "customdata"), "query"),
}
"""What a part is to the workbook, whatever it is called: by the end of the type of the relationship to it."""
_HARMLESS = "hyperlink"
"""What is only followed when a person clicks on it; no sheet of a form is harmed by one."""
_FORMULA, _EMPTY = re.compile(rb"<f[^>]*>([^<]*)</f>"), re.compile(rb"<f[^>]*/>")
_RULE = re.compile(rb"<formula[12]?(?:\s[^>]*)?>([^<]*)<")
_STRANGE = re.compile(rb":f[\s>/]|<[!?]|\0")
"""Where this stands behind its beginning, or a formula is not written as office programs write it, only a parser can
tell what a sheet holds."""
_TEXTS = re.compile("\"[^\"]*\"|'[^']*'")
SHOWN = 60


def carried_irregularities(parts: Parts, sheets: Mapping[str, str]) -> Iterator[Irregularity]:
    """What rides along in a package; `sheets` are the parts of the sheets by their names."""
    riders = _riders(parts)
    formulas = [*_outward_formulas(parts, sheets), *_ods_formulas(parts)]
    programs = [(place, text) for place, text in formulas if _calls_program(text)]
    elsewhere = [(place, text) for place, text in formulas if not _calls_program(text)]
    if riders["macro"]:
        yield Irregularity("macro-carried", found=_short(riders["macro"][0]))
    dde, links = _linked_programs(parts), riders["link"]
    if dde or programs:
        yield _reaching_out("dde-carried", programs, dde)
    if links or elsewhere:
        yield _reaching_out("link-carried", elsewhere, links)
    if riders["object"]:
        count = str(len(riders["object"]))
        yield Irregularity("object-carried", found=_short(riders["object"][0].rpartition("/")[2]), wanted=count)
    if riders["query"]:
        yield Irregularity("query-carried", found=_short(riders["query"][0].rpartition("/")[2]))
    yield from _outside_names(parts)


def _reaching_out(kind: IrregularityKind, formulas: Sequence[tuple[str, str]], links: Sequence[str]) -> Irregularity:
    found = [text for _, text in formulas] or links
    return Irregularity(kind, found=_short(found[0]), also=tuple(place for place, _ in formulas if place))


def _riders(parts: Parts) -> dict[Rider, list[str]]:
    """The parts that ride along, by what they are called and by what the workbook takes them for; of links, where they
    lead, but for those to programs."""
    found: dict[Rider, dict[str, None]] = {"macro": {}, "object": {}, "query": {}, "link": {}}
    for rider, named in _PARTS.items():
        found[rider].update(dict.fromkeys(sorted(filter(named.match, parts))))
    for link in _relationships(parts):
        kind, target = (link.get("Type") or "").rpartition("/")[2].lower(), link.get("Target") or ""
        if (link.get("TargetMode") or "").lower() == "external":
            found["link"].update({target: None} if kind != _HARMLESS else {})
        elif kept := _KINDS.get(kind):
            there = any(name.rpartition("/")[2] == target.rpartition("/")[2] for name in found[kept])
            found[kept].update({} if there else {target: None})
    return {rider: list(names) for rider, names in found.items()}


def _relationships(parts: Parts) -> Iterator[Mapping[str, str]]:
    for name, content in parts.items():
        if name.lower().endswith(".rels"):
            yield from _relationships_in(content)


@lru_cache(256)
def _relationships_in(content: bytes) -> tuple[Mapping[str, str], ...]:
    """What a part refers to. It is the same in nearly all workbooks of a form."""
    links = parse_xml(content, DAMAGED).iter("{*}Relationship")
    return tuple({str(key): str(value) for key, value in link.attrib.items()} for link in links)


def _linked_programs(parts: Parts) -> list[str]:
    """Links to other programs (DDE), wherever they stand."""
    return [
        f"{link.get('ddeService') or ''}|{link.get('ddeTopic') or ''}"
        for name, content in parts.items()
        if name.lower().endswith(".xml") and (b"ddeLink" in content or b"\0" in content[:100])
        for link in parse_xml(content, DAMAGED).iter("{*}ddeLink")
    ]


def _outward_formulas(parts: Parts, sheets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Formulas that reach outside of the workbook, with their places; a rule for colours or entries has none."""
    for name, part in sheets.items():
        content = parts.get(part, b"")
        if _stays_within(content):
            continue
        for formula in parse_xml(content, DAMAGED).iter("{*}f", "{*}formula", "{*}formula1", "{*}formula2"):
            text, cell = whole_text(formula), formula.getparent()
            place = one_line(cell.get("r") or "").upper() if cell is not None else ""
            if leads_out(text):
                yield f"{name}!{place}" if place else "", f"={text}"


def _stays_within(content: bytes) -> bool:
    """Whether it is plain that no formula of a sheet reaches outside."""
    formulas = _FORMULA.findall(content)
    others = content.count(b"<f") - content.count(b"<formula") - len(formulas)
    if others and others != len(_EMPTY.findall(content)):
        return False
    after = content.find(b"<worksheet")
    if (b":f" in content or b"<!" in content or b"<?" in content[after:] or b"\0" in content) and (
        after < 0 or _STRANGE.search(content, after)
    ):
        return False
    rules = _RULE.findall(content) if b"<formula" in content else []
    return not _any_leads_out((*formulas, *rules))


@lru_cache(256)
def _any_leads_out(formulas: tuple[bytes, ...]) -> bool:
    """They are the same in nearly all workbooks of a form."""
    return any(leads_out(unescape(text.decode("utf-8", "replace"))) for text in set(formulas))


def _ods_formulas(parts: Parts) -> list[tuple[str, str]]:
    """Formulas of an OpenDocument table that start another program, or fetch something."""
    content = parts.get("content.xml", b"")
    told = re.findall(rb'formula="([^"]*(?:DDE|WEBSERVICE|://|file:)[^"]*)"', content)
    texts = (unescape(text.decode("utf-8", "replace")) for text in told)
    return [("", f"={text.removeprefix('of:=')}") for text in texts]


def _calls_program(formula: str) -> bool:
    """Whether a formula starts another program and asks it: ``cmd|'/c …'!A1``."""
    return "|" in _TEXTS.sub("", formula) or bool(re.search(r"\bDDE\s*\(", formula, re.I))


def _outside_names(parts: Parts) -> Iterator[Irregularity]:
    if "xl/workbook.xml" not in parts:
        return
    for defined in parse_xml(parts["xl/workbook.xml"], DAMAGED).iter("{*}definedName"):
        name, text = defined.get("name") or "", whole_text(defined)
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
