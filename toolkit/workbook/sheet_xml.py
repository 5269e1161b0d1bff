"""Reads how a sheet is written in its file: its rows and cells in their order, each cell with its style.

Files of one form that the same program saved are written alike, so results are cached. A cell or a row that is given
twice is a figure that nobody can be sure of: programs take the first, the last, or refuse the file. No office program
writes one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from toolkit.excel.addresses import address, position_of
from toolkit.files.kinds import DAMAGED
from toolkit.problems import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROW = re.compile(rb"<row[\s/>][^>]*")
_CELL = re.compile(rb'<c(?: r="([A-Z]{1,3}[0-9]{1,7})"(?: s="([0-9]{1,6})")?(?: t="\w+")?/?>|[\s/>])')
"""A match without an address is a cell that is written in another way."""
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml [^>]*encoding=[\"'](?:UTF|utf)-8[\"'][^>]*\?>)?\s*<worksheet[\s>]")
_ROW_NUMBER, _ADDRESS = re.compile("[0-9]{1,7}"), re.compile("[A-Z]{1,3}[0-9]{1,7}")
_NUMBERED = re.compile(rb'<row(?:\s[^>]*)? r="[0-9]{1,7}"')
_PREFIXED = re.compile(rb":(?:c|row|cols?|sheetData|sheetFormatPr)[\s/>]")
_NOT_LAST = tuple(map(re.compile, (rb"</v>(?!</c>)", rb"</is>(?!</c>)", rb"<v\s*/>(?!</c>)", rb":(?:v|is)[\s>/]")))
"""How a value is written that is not the last thing in its cell."""
_FAR_ROW = re.compile(rb'<row r="[1-9][0-9]{3,}"')
_NOT_FAR = re.compile(rb'<(?:c|row)(?! r="[A-Z]*[1-9][0-9]{3,}")[\s/>]')
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class SheetXml:
    """`head` is the XML before the rows, such as the widths of columns. `rows` are the tags of the rows. `cells` are
    the address and the style number of each cell; the style may be empty."""

    head: bytes
    rows: tuple[bytes, ...]
    cells: tuple[tuple[bytes, bytes], ...]


def sheet_from_bytes(content: bytes) -> SheetXml | None:
    """Return how a sheet is written, read from its bytes; None if it must be parsed. A comment between the rows is read
    as if it were content, so a fault that is found must be confirmed by parsing."""
    start = content.find(b"<sheetData")
    head = content[: max(start, 0)]
    if not _HEAD.match(head) or b"<!" in head or b"&" in head or _PREFIXED.search(content):
        return None
    rows, cells = tuple(_ROW.findall(content, start)), tuple(_CELL.findall(content, start))
    return SheetXml(head, rows, cells) if _is_plain(rows) and all(place for place, _ in cells) else None


@lru_cache(256)
def _is_plain(rows: tuple[bytes, ...]) -> bool:
    """Return True if each row has its number, and no attribute of it goes on after what looks like its end."""
    return all(_NUMBERED.match(row) and not row.count(b'"') % 2 and b"'" not in row and b"&" not in row for row in rows)


def sheet_from_tree(root: "_Element") -> SheetXml:
    """Return how a sheet is written, read from its parsed XML."""
    rows: list[bytes] = []
    cells: list[tuple[bytes, bytes]] = []
    for place, element in rows_and_cells(root):
        if place.isdecimal():
            rows.append(_tag(element, {"r": place}))
        else:
            style = element.get("s") or ""
            cells.append((place.encode(), style.encode() if style.isdecimal() and len(style) < 7 else b""))
    head = b"".join(_tag(element, {}) for element in root.iter("{*}sheetFormatPr", "{*}col"))
    return SheetXml(head, tuple(rows), tuple(cells))


def rows_and_cells(root: "_Element") -> "Iterator[tuple[str, _Element]]":
    """Yield each row with its number and each cell with its address. A row or cell without an address follows the one
    before it.

    Raise Unreadable when an address is impossible.
    """
    row = column = 0
    for element in root.iter("{*}row", "{*}c"):
        place = (element.get("r") or "").strip().upper()
        is_row = str(element.tag).endswith("}row")
        if place and not (_ROW_NUMBER if is_row else _ADDRESS).fullmatch(place):
            raise Unreadable(DAMAGED, "damaged")
        if is_row:
            row, column = int(place) if place else row + 1, 0
            yield str(row), element
            continue
        position = position_of(place) or (row - 1, column)
        column = position[1] + 1
        yield address(*position), element


def _tag(element: "_Element", more: dict[str, str]) -> bytes:
    held = {str(key): escape(str(value)) for key, value in element.attrib.items()} | more
    text = " ".join(f'{key}="{value}"' for key, value in held.items())
    return f"<{str(element.tag).rpartition('}')[2]} {text}>".encode()


def may_have_two_values(content: bytes) -> bool:
    """Return True if a cell may have two values, of which each program takes another one. Only parsing can show it."""
    return any(pattern.search(content) for pattern in _NOT_LAST)


def values_of(cell: "_Element") -> "list[_Element]":
    """Return the values of a cell. A sound cell has one or none."""
    return [child for child in cell if str(child.tag).rpartition("}")[2] in ("v", "is")]


def attributes(tag: bytes) -> dict[bytes, bytes]:
    """Return the attributes of a tag."""
    return {name: one or other for name, one, other in _ATTRIBUTE.findall(tag)}


def out_of_order(written: SheetXml) -> str:
    """Return the address of a cell (``D7``) or the number of a row that is given twice or does not follow the one
    before it; empty if there is none."""
    for places in ([place for place, _ in written.cells], [attributes(row)[b"r"] for row in written.rows]):
        before = (0, 0, b"")
        for place in places:
            column = place.rstrip(b"0123456789")
            here = (int(place[len(column) :]), len(column), column)
            if here <= before:
                return place.decode()
            before = here
    return ""


def has_far_cells(written: SheetXml) -> bool:
    """Return True if a cell is so far from the beginning that no form has it there."""
    columns = ((place, len(place.rstrip(b"0123456789"))) for place, _ in written.cells)
    return any(letters > 2 or len(place) - letters > 4 for place, letters in columns)


def beginning_of(content: bytes) -> bytes | None:
    """Return a very large sheet without the rows from the 1000th on, which no form has. Return None if later rows may
    belong further up, so that the sheet must be parsed."""
    far = _FAR_ROW.search(content)
    if far is None:
        return content
    return None if _NOT_FAR.search(content, far.start()) else content[: far.start()]
