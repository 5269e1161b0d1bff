"""Reads what the tables of an .ods file show: which lines are hidden, and which cells show a text that differs from
their number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.excel.addresses import address
from toolkit.workbook.displayed_values import OpenDisplay
from toolkit.workbook.hidden_lines import Hidden

if TYPE_CHECKING:
    from lxml.etree import _Element

TABLE_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value"
_PARAGRAPH = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_NOT_VISIBLE = ("collapse", "filter")
FARTHEST = 1_000, 200
"""No form has a row or column beyond these. Later ones only fill the rest of the sheet and are not checked."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """One table: its hidden lines, and the texts that its cells show."""

    hidden: Hidden | None
    display: OpenDisplay


def open_tables(content: "_Element") -> Mapping[str, OpenTable]:
    """Return the tables by name."""
    return {
        table.get(f"{TABLE_NAMESPACE}name") or "": _open_table(table)
        for table in content.iter(f"{TABLE_NAMESPACE}table")
    }


def _open_table(table: "_Element") -> OpenTable:
    columns, column = [], 0
    for item in table.iter(f"{TABLE_NAMESPACE}table-column"):
        last = column + repeat_count(item.get(f"{TABLE_NAMESPACE}number-columns-repeated"))
        columns.append((column, last - 1, item.get(f"{TABLE_NAMESPACE}visibility") in _NOT_VISIBLE))
        column = last
    rows: dict[int, bool] = {}
    texts: dict[str, str] = {}
    row = 0
    for item in table.iter(f"{TABLE_NAMESPACE}table-row"):
        first, row = row, row + repeat_count(item.get(f"{TABLE_NAMESPACE}number-rows-repeated"))
        is_hidden = item.get(f"{TABLE_NAMESPACE}visibility") in _NOT_VISIBLE
        shown = dict(_differing_texts(item))
        for line in range(first, min(row, FARTHEST[0])) if is_hidden or shown else ():
            rows[line] = is_hidden
            texts |= {address(line, place): text for place, text in shown.items()}
    hides = any(rows.values()) or any(hidden for _, _, hidden in columns)
    return OpenTable(Hidden(rows, tuple(columns)) if hides else None, OpenDisplay(texts))


def _differing_texts(row: "_Element") -> Iterator[tuple[int, str]]:
    """Yield the column and the text of each cell that does not show its number in plain digits."""
    column = 0
    for cell in row.iterchildren(f"{TABLE_NAMESPACE}table-cell", f"{TABLE_NAMESPACE}covered-table-cell"):
        first, column = column, column + repeat_count(cell.get(f"{TABLE_NAMESPACE}number-columns-repeated"))
        value, paragraphs = cell.get(_VALUE), cell.findall(_PARAGRAPH)
        text = "".join("".join(map(str, paragraph.itertext())) for paragraph in paragraphs)
        if value is not None and paragraphs and text != value:
            yield from ((place, text) for place in range(first, min(column, FARTHEST[1])))


def repeat_count(repeated: str | None) -> int:
    """Return how often a row, a column or a cell is repeated."""
    return int(repeated) if repeated and repeated.isdecimal() and len(repeated) < 10 else 1
