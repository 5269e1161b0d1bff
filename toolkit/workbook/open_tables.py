"""The tables of an .ods file as they are seen: what is hidden, and what cells show that is spelled otherwise than the
number they hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.workbook.displayed_values import OpenLooks
from toolkit.workbook.hidden_lines import Hidden
from toolkit.workbook.layout import address

if TYPE_CHECKING:
    from lxml.etree import _Element

SPACE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value"
_PARAGRAPH = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_UNSEEN = ("collapse", "filter")
FARTHEST = 1_000, 200
"""No row and no column of a form is so far; those that only stand for the rest of a sheet need no closer look."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """One table."""

    hidden: Hidden | None
    looks: OpenLooks


def open_tables(content: "_Element") -> Mapping[str, OpenTable]:
    """The tables by name."""
    return {table.get(f"{SPACE}name") or "": _open_table(table) for table in content.iter(f"{SPACE}table")}


def _open_table(table: "_Element") -> OpenTable:
    columns, column = [], 0
    for item in table.iter(f"{SPACE}table-column"):
        last = column + times(item.get(f"{SPACE}number-columns-repeated"))
        columns.append((column, last - 1, item.get(f"{SPACE}visibility") in _UNSEEN))
        column = last
    rows: dict[int, bool] = {}
    texts: dict[str, str] = {}
    row = 0
    for item in table.iter(f"{SPACE}table-row"):
        first, row = row, row + times(item.get(f"{SPACE}number-rows-repeated"))
        is_hidden = item.get(f"{SPACE}visibility") in _UNSEEN
        shown = dict(_odd_texts(item))
        for line in range(first, min(row, FARTHEST[0])) if is_hidden or shown else ():
            rows[line] = is_hidden
            texts |= {address(line, place): text for place, text in shown.items()}
    hides = any(rows.values()) or any(hidden for _, _, hidden in columns)
    return OpenTable(Hidden(rows, tuple(columns)) if hides else None, OpenLooks(texts))


def _odd_texts(row: "_Element") -> Iterator[tuple[int, str]]:
    """The column and the text of each cell that shows its number otherwise than in plain digits."""
    column = 0
    for cell in row.iterchildren(f"{SPACE}table-cell", f"{SPACE}covered-table-cell"):
        first, column = column, column + times(cell.get(f"{SPACE}number-columns-repeated"))
        value, paragraphs = cell.get(_VALUE), cell.findall(_PARAGRAPH)
        text = "".join("".join(map(str, paragraph.itertext())) for paragraph in paragraphs)
        if value is not None and paragraphs and text != value:
            yield from ((place, text) for place in range(first, min(column, FARTHEST[1])))


def times(repeated: str | None) -> int:
    """How often a row, a column or a cell stands there."""
    return int(repeated) if repeated and repeated.isdecimal() and len(repeated) < 10 else 1
