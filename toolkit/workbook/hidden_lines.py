"""Finds rows and columns that nobody can see (隐藏的行列), and what they hold. They are hidden, filtered, folded away
in a group, or too low or too narrow to show anything."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.excel.addresses import Position, address, column_name
from toolkit.submission.model import Irregularity
from toolkit.workbook.sheet_values import SheetValues, text_of
from toolkit.workbook.sheet_xml import SheetXml, attributes

LOWEST, NARROWEST = 2.0, 0.5
"""The least height in points and width in characters: smaller rows and columns cannot be read."""
CELLS_SHOWN, LINES_SHOWN, TEXT_SHOWN = 3, 6, 20

_MAY_HIDE = re.compile(
    rb"""(?:hidden|zeroHeight)\s*=\s*["'](?:1|t)|(?:[\s"']ht|RowHeight)\s*=\s*["'][+-]?(?:[01]?\.|[01]["'])"""
    rb"""|[wW]idth\s*=\s*["'][+-]?0?(?:\.|["'])"""
)
_COLUMN, _DEFAULTS = re.compile(rb"<col\s[^>]*>"), re.compile(rb"<sheetFormatPr\s[^>]*>")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Which lines of a sheet are hidden. `rows` holds the rows that the file describes, by number from 0, and `columns`
    the first and last column of each description. `other_rows` and `other_columns` hold for all others."""

    rows: Mapping[int, bool] = field(default_factory=dict)
    columns: Sequence[tuple[int, int, bool]] = ()
    other_rows: bool = False
    other_columns: bool = False

    def hides_row(self, row: int) -> bool:
        """Return True if a row is hidden."""
        return self.rows.get(row, self.other_rows)

    def hides_column(self, column: int) -> bool:
        """Return True if a column is hidden."""
        statements = [hides for first, last, hides in self.columns if first <= column <= last]
        return any(statements) if statements else self.other_columns


def hidden_in(written: SheetXml) -> Hidden | None:
    """Return what is hidden on a sheet, None if nothing is."""
    if not any(map(_MAY_HIDE.search, (written.head, *written.rows))):
        return None
    stated = _DEFAULTS.search(written.head)
    defaults = attributes(stated[0]) if stated else {}
    low = _is_true(defaults.get(b"zeroHeight")) or _is_less(defaults.get(b"defaultRowHeight"), LOWEST)
    rows = {}
    for row in map(attributes, written.rows):
        hides = _is_true(row.get(b"hidden")) or _is_less(row.get(b"ht"), LOWEST)
        rows[int(row[b"r"]) - 1] = hides or (low and b"ht" not in row)
    columns = [
        (
            _number(column.get(b"min")) - 1,
            _number(column.get(b"max")) - 1,
            _is_true(column.get(b"hidden")) or _is_less(column.get(b"width"), NARROWEST),
        )
        for column in map(attributes, _COLUMN.findall(written.head))
    ]
    narrow = _is_less(defaults.get(b"defaultColWidth"), NARROWEST)
    found_any = low or narrow or any(rows.values()) or any(hides for _, _, hides in columns)
    return Hidden(rows, tuple(columns), low, narrow) if found_any else None


def _number(value: bytes | None) -> int:
    return int(value) if value and value.isdigit() and len(value) < 8 else 0


def _is_true(value: bytes | None) -> bool:
    return value in (b"1", b"true")


def _is_less(value: bytes | None, least: float) -> bool:
    try:
        return value is not None and float(value) < least
    except ValueError:
        return False


def hidden_irregularities(
    sheet: SheetValues, hidden: Hidden | None, is_own_text: Callable[[str], bool] = lambda _: False
) -> Iterator[Irregularity]:
    """Yield one irregularity for everything in the hidden lines of a sheet. `is_own_text` returns True for a text that
    only repeats what other cells say; a line with nothing else is ignored."""
    if hidden is None:
        return
    lines: dict[str, list[Position]] = {}
    for row, column in sheet.filled(0):
        text = str(sheet.at(row, column))
        if not text.strip() or is_own_text(text):
            continue
        if hidden.hides_row(row):
            lines.setdefault(f"第 {row + 1} 行", []).append((row, column))
        elif hidden.hides_column(column):
            lines.setdefault(f"{column_name(column)} 列", []).append((row, column))
    if lines:
        details = "；".join(f"{line}{_holds(sheet, places)}" for line, places in list(lines.items())[:LINES_SHOWN])
        more = f"；等 {len(lines)} 行列" if len(lines) > LINES_SHOWN else ""
        at = [f"{sheet.name}!{address(*place)}" for places in lines.values() for place in _figures(sheet, places)]
        yield Irregularity("line-hidden", sheet.name, details + more, also=tuple(at))


def _figures(sheet: SheetValues, places: Sequence[Position]) -> list[Position]:
    """Return the cells that hold a number, or all cells if none does."""
    return [place for place in places if not isinstance(sheet.at(*place), str)] or list(places)


def _holds(sheet: SheetValues, places: Sequence[Position]) -> str:
    """Return the contents of a line in words: ``（D9 为 12、E9 为 3，共 7 个数）``."""
    figures = _figures(sheet, places)
    held = [f"{address(*place)} 为{_said(sheet.at(*place))}" for place in figures[:CELLS_SHOWN]]
    what = "个数" if not isinstance(sheet.at(*figures[0]), str) else "格文字"
    more = f"，共 {len(figures)} {what}" if len(figures) > CELLS_SHOWN else ""
    return f"（{'、'.join(held)}{more}）"


def _said(raw: object) -> str:
    text = text_of(raw)
    if not isinstance(raw, str):
        return f" {text}"
    return f"“{text[:TEXT_SHOWN]}{'……' if len(text) > TEXT_SHOWN else ''}”"
