"""How a sheet is written in its file: its rows and cells in their order, each cell with its style.

Files that one program saved of one form are written alike, so that what follows from it is found out once. A cell or a
row that is given twice is a figure that nobody can be sure of: programs take the first, the last, or refuse the file.
No office program writes one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from toolkit.workbook.layout import address, position_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROW = re.compile(rb"<row[\s/>][^>]*")
_CELL = re.compile(rb'<c(?: r="([A-Z]+[0-9]+)"(?: s="([0-9]+)")?(?: t="\w+")?/?>|[\s/>])')
"""Without an address, what stands there is a cell that is written otherwise."""
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml [^>]*encoding=[\"'](?:UTF|utf)-8[\"'][^>]*\?>)?\s*<worksheet[\s>]")
_NUMBERED = re.compile(rb'<row(?:\s[^>]*)? r="[0-9]+"')
_PREFIXED = re.compile(rb":(?:c|row|cols?|sheetData|sheetFormatPr)[\s/>]")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class Written:
    """`head` is what stands before the rows, such as the widths of columns; `rows` are the tags of the rows; `cells`
    have the address and the number of the style of each cell, which may be left out."""

    head: bytes
    rows: tuple[bytes, ...]
    cells: tuple[tuple[bytes, bytes], ...]


def written_plainly(content: bytes) -> Written | None:
    """Return how a sheet is written as its bytes show it, None when only a parser can tell. What stands in a comment
    between the rows is taken for written, so that a fault that is found has to be looked for with a parser again."""
    start = content.find(b"<sheetData")
    head = content[: max(start, 0)]
    if not _HEAD.match(head) or b"<!" in head or b"&" in head or _PREFIXED.search(content):
        return None
    rows, cells = tuple(_ROW.findall(content, start)), tuple(_CELL.findall(content, start))
    return Written(head, rows, cells) if _is_plain(rows) and all(place for place, _ in cells) else None


@lru_cache(256)
def _is_plain(rows: tuple[bytes, ...]) -> bool:
    """Whether each row has its number, and no attribute of it goes on behind what looks like its end."""
    return all(_NUMBERED.match(row) and not row.count(b'"') % 2 and b"'" not in row and b"&" not in row for row in rows)


def written_in(root: "_Element") -> Written:
    """Return how a sheet is written as a parser reads it. What has no address comes after what stands before it."""
    rows: list[bytes] = []
    cells: list[tuple[bytes, bytes]] = []
    row = column = 0
    for element in root.iter("{*}row", "{*}c"):
        place = (element.get("r") or "").strip().upper()
        if str(element.tag).endswith("}row"):
            row, column = int(place) if place.isdecimal() else row + 1, 0
            rows.append(_tag(element, row))
            continue
        position = position_of(place) or (row - 1, column)
        column = position[1] + 1
        cells.append((address(*position).encode(), (element.get("s") or "").encode()))
    head = b"".join(_tag(element) for element in root.iter("{*}sheetFormatPr", "{*}col"))
    return Written(head, tuple(rows), tuple(cells))


def _tag(element: "_Element", row: int = 0) -> bytes:
    held = {str(key): escape(str(value)) for key, value in element.attrib.items()} | ({"r": str(row)} if row else {})
    text = " ".join(f'{key}="{value}"' for key, value in held.items())
    return f"<{str(element.tag).rpartition('}')[2]} {text}>".encode()


def attributes(tag: bytes) -> dict[bytes, bytes]:
    """The attributes of a tag."""
    return {name: one or other for name, one, other in _ATTRIBUTE.findall(tag)}


def out_of_order(written: Written) -> str:
    """Return the address of a cell (``D7``) or the number of a row that is given twice or does not come after the one
    before it, empty when there is none. One that is given twice is named first."""
    cells = [(position, place.decode()) for place, _ in written.cells if (position := position_of(place.decode()))]
    rows = [((int(number), 0), number.decode()) for row in written.rows for number in [attributes(row)[b"r"]]]
    for lines in (cells, rows):
        if len(set(lines)) < len(lines):
            return next(line[1] for index, line in enumerate(lines) if line in lines[:index])
    wrong = (after[1] for lines in (cells, rows) for before, after in pairwise(lines) if after[0] < before[0])
    return next(wrong, "")


def style_of_cells(written: Written) -> dict[str, int]:
    """The number of the style of each cell, by address."""
    return {place.decode(): int(style or 0) for place, style in written.cells}
