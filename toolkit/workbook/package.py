"""The file behind a workbook: a zip package, looked over before any parser opens it.

It also tells what a cell holds where a plain reader sees nothing: an error value, or a formula that was saved without
its result.
"""

import posixpath
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from toolkit.characters import one_line
from toolkit.files.kinds import DAMAGED
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.files.parts import UNSAFE, Parts, open_parts
from toolkit.files.xml import full_text, parse_xml
from toolkit.problems import Unreadable
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.package import carried_irregularities
from toolkit.workbook.active_content.removal import leads_out
from toolkit.workbook.displayed_values import SheetFormats, looks_of
from toolkit.workbook.hidden_lines import Hidden, hidden_in
from toolkit.workbook.layout import Position, address, position_of
from toolkit.workbook.number_formats import BUILT_IN, GENERAL
from toolkit.workbook.sheet_xml import (
    SheetXml,
    beginning_of,
    goes_far,
    may_hold_two,
    out_of_order,
    placed,
    values_of,
    written_in,
    written_plainly,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGE = 2**20
"""Bytes; a sheet of a form has a tenth of this. Of a larger one only the beginning is looked at, and not remembered."""
AREA_LIMIT = 2_000_000
"""Rows times columns of a sheet; readers take memory for the whole rectangle."""
_FAR = re.compile(rb""" r(?:="(?:[A-Za-z]{3,}[0-9]|[A-Za-z]{0,2}[0-9]{5}|&)|='|\s|=\s)""")
_BROKEN = (b"\nr", b"\tr", b"\rr")
"""A row or cell that is far away, or whose place is written so that only a parser can tell. Most sheets have neither
and need no closer look."""

_MAIN = "xl/workbook.xml"
_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_EXTRA = re.compile(
    r"xl/(media|charts|diagrams|ctrlProps|embeddings|drawings/drawing|vbaProject|macrosheets|activeX|externalLinks"
    r"|connections|queryTables|model|customData|webextensions)|customXml/"
)

_FONT_ORDER = (
    *("b", "i", "strike", "condense", "extend", "outline", "shadow"),
    *("u", "vertAlign", "sz", "color", "name", "family", "charset", "scheme"),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a cell holds beside its value: a formula with its equals sign, an error value such as ``#DIV/0!``."""

    formula: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class SheetLooks:
    """What the file says of the rows and cells of a sheet, whatever they hold: one that is given twice or in the wrong
    order, whether anything is far away, what is hidden, and in which formats numbers are shown."""

    out_of_order: str
    goes_far: bool
    hidden: Hidden | None
    looks: SheetFormats


def too_far(sheet: str, place: str) -> Unreadable:
    """What is said of a sheet that no reader could hold."""
    return Unreadable(
        f"工作表「{sheet}」在离表格很远的地方（{place}）有内容，读不了。请删去那里的内容，另存后重新报送。", "too-large"
    )


def _given_twice(sheet: str, place: str, values: Sequence[str]) -> Unreadable:
    line = f"第 {place} 行" if place.isdecimal() else f" {place} 格"
    given = "、".join(f"“{value}”" for value in values)
    fault = f"有几个值（{given}），不知以哪个为准" if len(values) > 1 else "出现两次，或次序颠倒"
    return Unreadable(f"工作表「{sheet}」的{line}{fault}，正常的文件里不会有。{UNSAFE}", "unsafe")


class Package:
    """An undamaged workbook file. Sheets are named as the user sees them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen: dict[str, SheetLooks] = {}
        links = self._xml("_rels/.rels").iter("{*}Relationship")
        mains = {link.get("Target") or "" for link in links if (link.get("Type") or "").endswith("/officeDocument")}
        if {posixpath.normpath(main.lstrip("/")) for main in mains} != {_MAIN}:
            # Office programs would open another workbook than the one that is read here.
            raise Unreadable(DAMAGED, "damaged")

    @property
    def clean(self) -> bytes:
        """The file for other parsers: what the gate saw, and nothing besides."""
        return self._parts.repacked()

    @cached_property
    def _sheets(self) -> Mapping[str, str]:
        """The part that holds each sheet."""
        workbook = self._xml("xl/workbook.xml")
        targets = {link.get("Id"): link.get("Target") or "" for link in self._links}
        return {
            sheet.get("name") or "": _part(targets[key])
            for sheet in workbook.iter("{*}sheet")
            for name, key in sheet.attrib.items()
            if name in _IDS and key in targets
        }

    def _xml(self, part: str) -> "_Element":
        return parse_xml(self._parts.get(part, b""), DAMAGED)

    def _sheet_part(self, sheet: str) -> str:
        part = self._sheets.get(sheet, "")
        if part not in self._parts:
            raise Unreadable(DAMAGED, "damaged")
        return part

    def carried(self) -> Iterator[Irregularity]:
        """What rides along in it."""
        return carried_irregularities(self._parts, self._sheets)

    def has(self, sheet: str) -> bool:
        """Whether there is a sheet of this name."""
        return self._sheets.get(sheet, "") in self._parts

    @property
    def has_extras(self) -> bool:
        """Whether there are pictures, shapes, charts, macros or links, which no form has."""
        return any(_EXTRA.match(part) for part in self._parts)

    @property
    def leads_out(self) -> bool:
        """Whether it has links to, or connections with, anything elsewhere."""
        return any(_leads_out(name, content) for name, content in self._parts.items())

    def raw(self, sheet: str) -> bytes:
        """A sheet as it stands in the file."""
        return self._parts[self._sheet_part(sheet)]

    def require_near(self, sheet: str) -> None:
        """Raises Unreadable when a sheet has something so far from its beginning that no reader could hold it."""
        part = self._sheet_part(sheet)
        content = self._parts[part]
        if len(content) <= LARGE:
            may_be_far = self._looks_of(sheet).goes_far
        else:
            may_be_far = bool(_FAR.search(content)) or any(broken in content for broken in _BROKEN)
        if not may_be_far:
            return
        rows = columns = row = column = 0
        farthest = ""
        for element in self._xml(part).iter("{*}row", "{*}c"):
            place = element.get("r") or ""
            if element.tag.endswith("}row"):
                row, column = int(place) if place.isdecimal() else row + 1, 0
                continue
            position = position_of(place)
            row, column = (position[0] + 1, position[1] + 1) if position else (row, column + 1)
            if len(element) and (row > rows or column > columns):
                rows, columns, farthest = max(row, rows), max(column, columns), place or f"第 {row} 行"
        if rows * columns > AREA_LIMIT:
            raise too_far(sheet, farthest)

    def require_order(self, sheet: str) -> None:
        """Raises Unreadable when a cell or a row of a sheet is given twice, or stands before one that it should follow:
        which of them is read is up to each program."""
        place = self._looks_of(sheet).out_of_order
        if place or may_hold_two(self.raw(sheet)):
            self._refuse(sheet, place)

    def _refuse(self, sheet: str, place: str) -> None:
        """Raises Unreadable that names the first cell with more than one value, or the one at a place."""
        texts, values = self._texts(), dict[str, list[str]]()
        for key, element in placed(self._xml(self._sheet_part(sheet))):
            if not key.isdecimal():
                values.setdefault(key, []).extend(_text_of(value, texts) for value in values_of(element))
        several = [key for key, found in values.items() if len(found) > 1]
        unlike = (key for key in several if len(set(values[key])) > 1)
        place = next(unlike, "") or next(iter(several), place)
        if place:
            raise _given_twice(sheet, place, values.get(place, []))

    def hidden(self, sheet: str) -> Hidden | None:
        """Which rows and columns of a sheet are hidden, None when none is."""
        return self._looks_of(sheet).hidden

    def looks(self, sheet: str) -> SheetFormats:
        """The number formats of the cells of a sheet."""
        return self._looks_of(sheet).looks

    def _looks_of(self, sheet: str) -> SheetLooks:
        part = self._sheet_part(sheet)
        if part not in self._seen:
            content = self._parts[part]
            is_large = len(content) > LARGE
            begins = beginning_of(content) if is_large else content
            plainly = written_plainly(begins) if begins else None
            look = _sheet_looks.__wrapped__ if is_large else _sheet_looks
            found = look(plainly, self._number_formats) if plainly else None
            if found is None or found.out_of_order or found.hidden:
                found = look(written_in(self._xml(part)), self._number_formats)
            self._seen[part] = found
        return self._seen[part]

    @cached_property
    def _number_formats(self) -> tuple[str, ...]:
        part = next(iter(self._linked("styles")), "")
        return _formats_in(self._parts[part]) if part in self._parts else ()

    def stored_number(self, sheet: str, place: str) -> str:
        """The number that stands in the file in a cell of a sheet, whatever its format makes of it; empty where no
        number stands."""
        cells = (cell for cell in self._xml(self._sheet_part(sheet)).iter("{*}c") if cell.get("r") == place)
        return next((cell.findtext("{*}v") or "" for cell in cells if cell.get("t", "n") == "n"), "")

    def look_alike(self, sheet: str, one: Position, other: Position) -> bool:
        """Whether two cells of a sheet have the same format."""
        looks = [
            re.search(rb'<c [^>]*\br="%s"[^>]*' % address(*position).encode(), self.raw(sheet))
            for position in (one, other)
        ]
        styles = [re.search(rb'\bs="(\d+)"', look[0]) if look else None for look in looks]
        return all(styles) and len({style[1] for style in styles if style}) == 1

    def stored_cells(self, sheet: str) -> dict[str, Stored]:
        """The cells of a sheet that hold a formula or an error value, by address."""
        part = self._sheet_part(sheet)
        content = self._parts[part]
        errors = b't="e"' in content or b"t='e'" in content
        if not errors and b"<f" not in content and b":f" not in content:
            return {}
        root = self._xml(part)
        space = root.tag.rpartition("}")[0]
        found: dict[str, Stored] = {}
        shared: dict[str, tuple[str, str]] = {}
        for formula in root.iter(f"{space}}}f"):
            cell = formula.getparent()
            place = "" if cell is None else cell.get("r") or ""
            found[place] = Stored(_formula(formula, place, shared))
        for cell in root.iter(f"{space}}}c") if errors else ():
            if cell.get("t") == "e":
                place = cell.get("r") or ""
                found[place] = Stored(found.get(place, Stored()).formula, cell.findtext(f"{space}}}v") or "#N/A")
        return found

    def with_contents_of(self, original: "Package", but_for: str, lost_names: Collection[str] = ()) -> bytes:
        """The file, as openpyxl saved it from `original`, with each cell's contents as they were there: formulas with
        their results, figures to the last digit, texts with all their marks. The sheet `but_for` stays as it is. Of a
        formula that leads out of the workbook, or uses one of the names that are lost, only the result is there.

        Raises Unreadable when something is left that leads out.
        """
        texts = original._texts()
        changed = {"xl/styles.xml": _fonts_in_order(self._xml("xl/styles.xml"))}
        for sheet, part in self._sheets.items():
            root, source = self._xml(part), original._sheets.get(sheet, "")
            if sheet != but_for and source in original._parts:
                _put_contents(root, original._xml(source), texts)
            _cut_off_formulas(root, lost_names)
            changed[part] = _written(root)
        if self.leads_out:
            raise Unreadable(DAMAGED, "damaged")
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._parts.items():
                archive.writestr(name, changed.get(name, content))
        return out.getvalue()

    def _texts(self) -> "list[_Element]":
        """The texts that cells refer to by number."""
        parts = self._linked("sharedStrings")
        return [text for part in parts if part in self._parts for text in self._xml(part).iter("{*}si")]

    def _linked(self, kind: str) -> list[str]:
        """The parts that are this to the workbook."""
        links = self._links
        return [_part(link.get("Target") or "") for link in links if (link.get("Type") or "").endswith(f"/{kind}")]

    @cached_property
    def _links(self) -> "list[_Element]":
        return list(self._xml("xl/_rels/workbook.xml.rels").iter("{*}Relationship"))


def _part(target: str) -> str:
    """The part that the workbook refers to by this."""
    return posixpath.normpath(posixpath.join("xl", target)).lstrip("/")


@lru_cache(128)
def _sheet_looks(written: SheetXml, formats: tuple[str, ...]) -> SheetLooks:
    """They are the same for nearly all workbooks of a form."""
    return SheetLooks(out_of_order(written), goes_far(written), hidden_in(written), looks_of(written, formats))


@lru_cache(64)
def _formats_in(styles: bytes) -> tuple[str, ...]:
    """The number format of each style of cells. The styles are the same in nearly all workbooks of a form."""
    root = parse_xml(styles, DAMAGED)
    own = {item.get("numFmtId"): item.get("formatCode") or GENERAL for item in root.iterfind("{*}numFmts/{*}numFmt")}
    keys = [item.get("numFmtId") or "0" for item in root.iterfind("{*}cellXfs/{*}xf")]
    return tuple(own.get(key) or BUILT_IN.get(int(key) if key.isdecimal() else 0, GENERAL) for key in keys)


def _text_of(value: "_Element", texts: "list[_Element]") -> str:
    """What a value of a cell stands for."""
    text, cell = full_text(value), value.getparent()
    is_number_of_text = cell is not None and cell.get("t") == "s" and text.isdecimal() and int(text) < len(texts)
    return one_line(full_text(texts[int(text)]) if is_number_of_text else text)


_OUTWARD = re.compile(
    "xl/(externalLinks|connections|queryTables|tables|macrosheets|vbaProject|embeddings|activeX)|customUI|customXml"
)


def _leads_out(name: str, content: bytes) -> bool:
    """Whether a part of a file is nothing that we would send on."""
    linked = name.endswith(".rels") and re.search(rb"TargetMode\s*=\s*.External", content)
    return bool(_OUTWARD.match(name) or linked or b"<!DOCTYPE" in content[:1000])


def _put_contents(root: "_Element", original: "_Element", texts: "list[_Element]") -> None:
    """Give each cell of a sheet what it holds in the original."""
    space = root.tag.rpartition("}")[0]
    held = (f"{space}}}f", f"{space}}}v", f"{space}}}is")
    found = {cell.get("r"): cell for cell in original.iter(f"{space}}}c") if len(cell)}
    for cell in root.iter(f"{space}}}c"):
        source = found.get(cell.get("r"))
        if source is None:
            continue
        kind, value = source.get("t") or "n", source.findtext(f"{space}}}v") or ""
        # A formula without a result is often saved with an empty one, which is no number.
        own = [child for child in source if child.tag in held and (kind != "n" or child.text or child.tag != held[1])]
        contents = [_whole(child) if child.tag == held[0] else deepcopy(child) for child in own]
        if kind == "s":
            if not value.isdecimal() or int(value) >= len(texts) or len(contents) != 1:
                continue
            kind, text = "inlineStr", cell.makeelement(held[2], {}, None)
            text[:] = [deepcopy(child) for child in texts[int(value)]]
            contents = [text]
        cell.set("t", kind)
        cell[:] = contents


def _whole(formula: "_Element") -> "_Element":
    copy = deepcopy(formula)
    copy[:] = []
    copy.text = full_text(formula)
    return copy


def _cut_off_formulas(root: "_Element", lost_names: Collection[str]) -> None:
    """Of formulas that lead out of the workbook, and of those that share one, only the results stay."""
    space = root.tag.rpartition("}")[0]
    formulas = list(root.iter(f"{space}}}f"))
    outward = {formula for formula in formulas if leads_out(full_text(formula), lost_names)}
    shared = {formula.get("si") for formula in outward} - {None}
    for formula in formulas:
        place = formula.getparent()
        if place is not None and (formula in outward or formula.get("si") in shared):
            place.remove(formula)


def _written(root: "_Element") -> bytes:
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fonts_in_order(root: "_Element") -> bytes:
    """The styles with the properties of each font in the order that the standard wants; openpyxl has its own."""
    space = root.tag.rpartition("}")[0]
    for font in root.iter(f"{space}}}font"):
        font[:] = sorted(font, key=lambda item: _FONT_ORDER.index(item.tag.rpartition("}")[2]))
    return _written(root)


def _formula(element: "_Element", place: str, shared: dict[str, tuple[str, str]]) -> str:
    """A formula; one that is shared is written out only where it is first used."""
    text, group = full_text(element), element.get("si")
    if element.get("t") == "shared" and group is not None:
        if text:
            shared[group] = (text, place)
        elif group in shared:
            from openpyxl.formula.translate import Translator

            first, origin = shared[group]
            return str(Translator(f"={first}", origin).translate_formula(place))
    return f"={text}"


def open_package(content: bytes, limits: Limits = STANDARD_LIMITS) -> Package:
    """Open the bytes of a workbook file.

    Raises Unreadable when it is damaged anywhere, or is nothing that the gate lets in.
    """
    return Package(open_parts(content, DAMAGED, limits))
