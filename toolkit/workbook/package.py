"""The file of a workbook: a zip package, checked before any parser opens it.

It also shows what a cell holds that a plain reader gives as empty: an error value, or a formula that was saved without
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
from toolkit.excel.addresses import Position, address, position_of
from toolkit.files.kinds import DAMAGED
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.files.parts import UNSAFE, Parts, open_parts
from toolkit.files.xml import full_text, parse_xml
from toolkit.problems import Unreadable
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.judging import reaches_outside
from toolkit.workbook.active_content.package import package_irregularities
from toolkit.workbook.displayed_values import SheetFormats, sheet_formats
from toolkit.workbook.hidden_lines import Hidden, hidden_in
from toolkit.workbook.number_formats import BUILT_IN, GENERAL
from toolkit.workbook.sheet_xml import (
    SheetXml,
    beginning_of,
    has_far_cells,
    may_have_two_values,
    out_of_order,
    rows_and_cells,
    sheet_from_bytes,
    sheet_from_tree,
    values_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGE = 2**20
"""Bytes; a sheet of a form has a tenth of this. Of a larger sheet only the beginning is scanned, and not cached."""
AREA_LIMIT = 2_000_000
"""Rows times columns of a sheet. Readers allocate memory for the whole rectangle."""
_MAY_BE_FAR = re.compile(rb""" r(?:="(?:[A-Za-z]{3,}[0-9]|[A-Za-z]{0,2}[0-9]{5}|&)|='|\s|=\s)""")
_UNUSUAL_SPACE = (b"\nr", b"\tr", b"\rr")
"""A row or cell that is far away, or whose address is written so that only a parser can read it. Most sheets have
neither and need no parser."""

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
"""The order of the properties of a font in the standard."""


@dataclass(frozen=True, slots=True)
class StoredCell:
    """What a cell holds beside its value: a formula with its equals sign, or an error value such as ``#DIV/0!``."""

    formula: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class SheetScan:
    """What the XML says about the rows and cells of a sheet, whatever their values are: one that is out of order or
    given twice, if any cell is far away, what is hidden, and the formats in which numbers are shown."""

    out_of_order: str
    has_far_cells: bool
    hidden: Hidden | None
    display: SheetFormats


def too_far(sheet: str, place: str) -> Unreadable:
    """Return the Unreadable for a sheet that no reader could hold."""
    return Unreadable(
        f"工作表「{sheet}」在离表格很远的地方（{place}）有内容，读不了。请删去那里的内容，另存后重新报送。", "too-large"
    )


def _given_twice(sheet: str, place: str, values: Sequence[str]) -> Unreadable:
    """Return the Unreadable for a cell or row with several values, or out of order."""
    line = f"第 {place} 行" if place.isdecimal() else f" {place} 格"
    given = "、".join(f"“{value}”" for value in values)
    fault = f"有几个值（{given}），不知以哪个为准" if len(values) > 1 else "出现两次，或次序颠倒"
    return Unreadable(f"工作表「{sheet}」的{line}{fault}，正常的文件里不会有。{UNSAFE}", "unsafe")


class Package:
    """An undamaged workbook file. Sheets are named as the user sees them. Raise Unreadable when a part is damaged."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._scans: dict[str, SheetScan] = {}
        links = self._xml("_rels/.rels").iter("{*}Relationship")
        mains = {link.get("Target") or "" for link in links if (link.get("Type") or "").endswith("/officeDocument")}
        if {posixpath.normpath(main.lstrip("/")) for main in mains} != {_MAIN}:
            # Office programs would open another workbook than the one that is read here.
            raise Unreadable(DAMAGED, "damaged")

    @property
    def clean(self) -> bytes:
        """The file for other parsers: exactly the parts that were checked."""
        return self._parts.repacked()

    @cached_property
    def _sheets(self) -> Mapping[str, str]:
        """The part of each sheet, by the name of the sheet."""
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

    def file_irregularities(self) -> Iterator[Irregularity]:
        """Yield the active content (夹带) of the file."""
        return package_irregularities(self._parts, self._sheets)

    def has(self, sheet: str) -> bool:
        """Return True if there is a sheet of this name."""
        return self._sheets.get(sheet, "") in self._parts

    @property
    def has_extras(self) -> bool:
        """True if there are pictures, shapes, charts, macros or links, which no form has."""
        return any(_EXTRA.match(part) for part in self._parts)

    @property
    def has_outside_content(self) -> bool:
        """True if the file has links to, or connections with, anything outside it."""
        return any(_is_outside_part(name, content) for name, content in self._parts.items())

    def raw(self, sheet: str) -> bytes:
        """Return the XML of a sheet as it stands in the file."""
        return self._parts[self._sheet_part(sheet)]

    def require_no_far_cells(self, sheet: str) -> None:
        """Raise Unreadable when a cell is so far from the beginning of its sheet that no reader could hold the
        sheet."""
        part = self._sheet_part(sheet)
        content = self._parts[part]
        if len(content) <= LARGE:
            may_be_far = self._scan(sheet).has_far_cells
        else:
            may_be_far = bool(_MAY_BE_FAR.search(content)) or any(mark in content for mark in _UNUSUAL_SPACE)
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
        """Raise Unreadable when a cell or row of a sheet is given twice, or stands before one that it should follow:
        each program may read another one of them."""
        place = self._scan(sheet).out_of_order
        if place or may_have_two_values(self.raw(sheet)):
            self._refuse(sheet, place)

    def _refuse(self, sheet: str, place: str) -> None:
        """Raise Unreadable for the first cell with more than one value, or for `place` if there is none."""
        texts, values = self._texts(), dict[str, list[str]]()
        for key, element in rows_and_cells(self._xml(self._sheet_part(sheet))):
            if not key.isdecimal():
                values.setdefault(key, []).extend(_text_of(value, texts) for value in values_of(element))
        several = [key for key, found in values.items() if len(found) > 1]
        unlike = (key for key in several if len(set(values[key])) > 1)
        place = next(unlike, "") or next(iter(several), place)
        if place:
            raise _given_twice(sheet, place, values.get(place, []))

    def hidden(self, sheet: str) -> Hidden | None:
        """Return which rows and columns of a sheet are hidden, None if none is."""
        return self._scan(sheet).hidden

    def display(self, sheet: str) -> SheetFormats:
        """Return the number formats of the cells of a sheet."""
        return self._scan(sheet).display

    def _scan(self, sheet: str) -> SheetScan:
        """Return the scan of a sheet. Its bytes are read first; the XML is parsed if they are not clear or show a
        fault."""
        part = self._sheet_part(sheet)
        if part not in self._scans:
            content = self._parts[part]
            is_large = len(content) > LARGE
            begins = beginning_of(content) if is_large else content
            plainly = sheet_from_bytes(begins) if begins else None
            scan = _scanned.__wrapped__ if is_large else _scanned
            found = scan(plainly, self._number_formats) if plainly else None
            if found is None or found.out_of_order or found.hidden:
                found = scan(sheet_from_tree(self._xml(part)), self._number_formats)
            self._scans[part] = found
        return self._scans[part]

    @cached_property
    def _number_formats(self) -> tuple[str, ...]:
        part = next(iter(self._linked("styles")), "")
        return _formats_in(self._parts[part]) if part in self._parts else ()

    def stored_number(self, sheet: str, place: str) -> str:
        """Return the number that the file holds for a cell, whatever its format is; empty if it holds no number."""
        cells = (cell for cell in self._xml(self._sheet_part(sheet)).iter("{*}c") if cell.get("r") == place)
        return next((cell.findtext("{*}v") or "" for cell in cells if cell.get("t", "n") == "n"), "")

    def same_format(self, sheet: str, one: Position, other: Position) -> bool:
        """Return True if two cells of a sheet have the same format."""
        display = [
            re.search(rb'<c [^>]*\br="%s"[^>]*' % address(*position).encode(), self.raw(sheet))
            for position in (one, other)
        ]
        styles = [re.search(rb'\bs="(\d+)"', scan[0]) if scan else None for scan in display]
        return all(styles) and len({style[1] for style in styles if style}) == 1

    def stored_cells(self, sheet: str) -> dict[str, StoredCell]:
        """Return the cells of a sheet that hold a formula or an error value, by address."""
        part = self._sheet_part(sheet)
        content = self._parts[part]
        errors = b't="e"' in content or b"t='e'" in content
        if not errors and b"<f" not in content and b":f" not in content:
            return {}
        root = self._xml(part)
        space = root.tag.rpartition("}")[0]
        found: dict[str, StoredCell] = {}
        shared: dict[str, tuple[str, str]] = {}
        for formula in root.iter(f"{space}}}f"):
            cell = formula.getparent()
            place = "" if cell is None else cell.get("r") or ""
            found[place] = StoredCell(_formula(formula, place, shared))
        for cell in root.iter(f"{space}}}c") if errors else ():
            if cell.get("t") == "e":
                place = cell.get("r") or ""
                found[place] = StoredCell(
                    found.get(place, StoredCell()).formula, cell.findtext(f"{space}}}v") or "#N/A"
                )
        return found

    def with_contents_of(self, original: "Package", but_for: str, lost_names: Collection[str] = ()) -> bytes:
        """Return this file, which openpyxl saved from `original`, with the original contents of each cell: formulas
        with their results, figures to the last digit, formatted texts. The sheet `but_for` stays as it is. Of a formula
        that reaches outside the workbook, or uses one of `lost_names`, only the result stays.

        Raise Unreadable when something that reaches outside is left.
        """
        texts = original._texts()
        changed = {"xl/styles.xml": _fonts_in_order(self._xml("xl/styles.xml"))}
        for sheet, part in self._sheets.items():
            root, source = self._xml(part), original._sheets.get(sheet, "")
            if sheet != but_for and source in original._parts:
                _put_contents(root, original._xml(source), texts)
            _remove_outside_formulas(root, lost_names)
            changed[part] = _written(root)
        if self.has_outside_content:
            raise Unreadable(DAMAGED, "damaged")
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._parts.items():
                archive.writestr(name, changed.get(name, content))
        return out.getvalue()

    def _texts(self) -> "list[_Element]":
        """Return the texts that cells refer to by number."""
        parts = self._linked("sharedStrings")
        return [text for part in parts if part in self._parts for text in self._xml(part).iter("{*}si")]

    def _linked(self, kind: str) -> list[str]:
        """Return the parts that the workbook has a relationship of this kind to."""
        links = self._links
        return [_part(link.get("Target") or "") for link in links if (link.get("Type") or "").endswith(f"/{kind}")]

    @cached_property
    def _links(self) -> "list[_Element]":
        return list(self._xml("xl/_rels/workbook.xml.rels").iter("{*}Relationship"))


def _part(target: str) -> str:
    """Return the part that a relationship of the workbook names."""
    return posixpath.normpath(posixpath.join("xl", target)).lstrip("/")


@lru_cache(128)
def _scanned(written: SheetXml, formats: tuple[str, ...]) -> SheetScan:
    """Return the scan of a sheet. It is the same for nearly all workbooks of a form, so it is cached."""
    return SheetScan(out_of_order(written), has_far_cells(written), hidden_in(written), sheet_formats(written, formats))


@lru_cache(64)
def _formats_in(styles: bytes) -> tuple[str, ...]:
    """Return the number format of each cell style. Styles are the same in nearly all workbooks of a form, so they are
    cached."""
    root = parse_xml(styles, DAMAGED)
    own = {item.get("numFmtId"): item.get("formatCode") or GENERAL for item in root.iterfind("{*}numFmts/{*}numFmt")}
    keys = [item.get("numFmtId") or "0" for item in root.iterfind("{*}cellXfs/{*}xf")]
    return tuple(own.get(key) or BUILT_IN.get(int(key) if key.isdecimal() else 0, GENERAL) for key in keys)


def _text_of(value: "_Element", texts: "list[_Element]") -> str:
    """Return the text of a value of a cell, also if it refers to a shared text."""
    text, cell = full_text(value), value.getparent()
    is_number_of_text = cell is not None and cell.get("t") == "s" and text.isdecimal() and int(text) < len(texts)
    return one_line(full_text(texts[int(text)]) if is_number_of_text else text)


_OUTSIDE_PARTS = re.compile(
    "xl/(externalLinks|connections|queryTables|tables|macrosheets|vbaProject|embeddings|activeX)|customUI|customXml"
)


def _is_outside_part(name: str, content: bytes) -> bool:
    """Return True if a part has links or content that we never send on."""
    linked = name.endswith(".rels") and re.search(rb"TargetMode\s*=\s*.External", content)
    return bool(_OUTSIDE_PARTS.match(name) or linked or b"<!DOCTYPE" in content[:1000])


def _put_contents(root: "_Element", original: "_Element", texts: "list[_Element]") -> None:
    """Give each cell of a sheet the contents that it has in the original."""
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
        contents = [_formula_only(child) if child.tag == held[0] else deepcopy(child) for child in own]
        if kind == "s":
            if not value.isdecimal() or int(value) >= len(texts) or len(contents) != 1:
                continue
            kind, text = "inlineStr", cell.makeelement(held[2], {}, None)
            text[:] = [deepcopy(child) for child in texts[int(value)]]
            contents = [text]
        cell.set("t", kind)
        cell[:] = contents


def _formula_only(formula: "_Element") -> "_Element":
    """Return a copy of a formula element with its text only."""
    copy = deepcopy(formula)
    copy[:] = []
    copy.text = full_text(formula)
    return copy


def _remove_outside_formulas(root: "_Element", lost_names: Collection[str]) -> None:
    """Remove formulas that reach outside the workbook, and formulas that share such a one. Their results stay."""
    space = root.tag.rpartition("}")[0]
    formulas = list(root.iter(f"{space}}}f"))
    outside = {formula for formula in formulas if reaches_outside(full_text(formula), lost_names)}
    shared = {formula.get("si") for formula in outside} - {None}
    for formula in formulas:
        place = formula.getparent()
        if place is not None and (formula in outside or formula.get("si") in shared):
            place.remove(formula)


def _written(root: "_Element") -> bytes:
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fonts_in_order(root: "_Element") -> bytes:
    """Return the styles with the properties of each font in the order of the standard; openpyxl writes another
    order."""
    space = root.tag.rpartition("}")[0]
    for font in root.iter(f"{space}}}font"):
        font[:] = sorted(font, key=lambda item: _FONT_ORDER.index(item.tag.rpartition("}")[2]))
    return _written(root)


def _formula(element: "_Element", place: str, shared: dict[str, tuple[str, str]]) -> str:
    """Return the formula of a cell. A shared formula is written out only in the first cell that uses it."""
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

    Raise Unreadable when it is damaged, over the limits, or dangerous.
    """
    return Package(open_parts(content, DAMAGED, limits))
