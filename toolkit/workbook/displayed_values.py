"""Finds cells of a returned workbook that show something else than they hold.

Only two groups of cells are checked: cells whose format may show another number, and numbers with decimals, which any
format may round.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite

from toolkit.characters import one_line
from toolkit.forms.model import Cell, Kind
from toolkit.submission.model import Irregularity
from toolkit.submission.spelling import number_text
from toolkit.workbook.number_formats import GENERAL, hides_text, is_plain, misleads, reads_as
from toolkit.workbook.raw_rows import cell_words
from toolkit.workbook.sheet_values import decimal_of
from toolkit.workbook.sheet_xml import SheetXml

SHOWN_AT_MOST, TEXT_SHOWN = 6, 40
WIDE = 10
"""Digits. Programs do not show more than this if the format does not say how many."""


@dataclass(frozen=True, slots=True)
class MisleadingCell:
    """A cell that shows something else than it holds, and the reason in words. `not_whole` is its id if it should hold
    a whole number and does not, which is the worse fault."""

    place: str
    shows: str
    holds: str
    reason: str
    not_whole: str = ""


@dataclass(frozen=True)
class SheetFormats:
    """The number formats of a sheet by style number, and the style of each cell. `may_mislead` is True if some format
    does not show every whole number as it is."""

    formats: tuple[str, ...]
    cells: tuple[tuple[bytes, bytes], ...]
    may_mislead: bool

    @cached_property
    def _styles(self) -> Mapping[str, int]:
        return {place.decode(): int(style or 0) for place, style in self.cells}

    def format_of(self, place: str) -> str:
        """Return the number format of a cell."""
        style = self._styles.get(place, 0)
        return self.formats[style] if style < len(self.formats) else GENERAL

    def misleading(self, place: str, raw: object, kind: Kind, stored: Callable[[str], str]) -> MisleadingCell | None:
        """Return the cell if it shows something else than it holds. `raw` is the value that was read. `stored` returns
        the number in the file for a cell that a reader turned into a date or a time."""
        code = self.format_of(place)
        reason = f"数字格式“{code}”"
        if isinstance(raw, str):
            if number := "" if is_plain(code) else _plain_digits(stored(place)):
                return MisleadingCell(place, raw, number, reason)
            hides = raw.strip() and hides_text(code)
            return MisleadingCell(place, "", f"“{one_line(raw)[:TEXT_SHOWN]}”", reason) if hides else None
        if not isinstance(raw, float):
            return None
        held = decimal_of(raw)
        shows = misleads(code, held, kind)
        return None if shows is None else MisleadingCell(place, shows, number_text(held), reason)


@dataclass(frozen=True, slots=True)
class OpenDisplay:
    """The same for a sheet of an .ods file, where each cell has the text that it shows. `texts` holds the texts that
    differ from their number."""

    texts: Mapping[str, str]

    @property
    def may_mislead(self) -> bool:
        """True if some cell shows a text that differs from its number."""
        return bool(self.texts)

    def misleading(self, place: str, raw: object, kind: Kind, _stored: Callable[[str], str]) -> MisleadingCell | None:
        """Return the cell if it shows something else than it holds."""
        text = self.texts.get(place)
        if text is None or not isinstance(raw, float):
            return None
        number = decimal_of(raw)
        as_wide_as_can_be = sum(map(str.isdigit, text)) >= WIDE
        if as_wide_as_can_be or reads_as(text, number, kind):
            return None
        return MisleadingCell(place, text, number_text(number), "数字格式")


def sheet_formats(written: SheetXml, formats: tuple[str, ...]) -> SheetFormats:
    """Return the formats of a sheet. `formats` are the number formats by style number."""
    may_mislead = {str(style).encode() for style, code in enumerate(formats) if not is_plain(code)}
    return SheetFormats(
        formats, written.cells, bool(may_mislead) and any((style or b"0") in may_mislead for _, style in written.cells)
    )


def misleading_cells(
    display: SheetFormats | OpenDisplay, cells: Iterable[tuple[Cell, str, object]], stored: Callable[[str], str]
) -> Iterator[MisleadingCell]:
    """Yield the cells of a sheet that show something else than they hold. Each cell comes with its address and the
    value that was read."""
    for cell, place, raw in cells:
        if found_cell := display.misleading(place, raw, cell.kind, stored):
            not_whole = cell.kind.is_whole and not cell.computed and isinstance(raw, float) and not raw.is_integer()
            yield replace(found_cell, not_whole=cell.id) if not_whole else found_cell


def display_irregularities(sheet: str, found: Iterable[MisleadingCell]) -> Iterator[Irregularity]:
    """Yield one irregularity for all cells of a sheet that show something else for the same reason. A cell that should
    hold a whole number and does not gets its own."""
    reasons: dict[str, list[MisleadingCell]] = {}
    for found_cell in found:
        if found_cell.not_whole:
            yield Irregularity(
                "shown-differs",
                f"{sheet}!{found_cell.place}",
                found_cell.shows,
                found_cell.holds,
                found_cell.not_whole,
            )
        else:
            reasons.setdefault(found_cell.reason, []).append(found_cell)
    for reason, cells in reasons.items():
        details = "；".join(
            f"{cell.place} {_display_in_words(cell.shows)}，实际是 {cell.holds}" for cell in cells[:SHOWN_AT_MOST]
        )
        more = f"；等 {len(cells)} 格" if len(cells) > SHOWN_AT_MOST else ""
        places = tuple(f"{sheet}!{cell.place}" for cell in cells)
        yield Irregularity("shown-differs", places[0], f"{details}{more}（{reason}）", also=places[1:])


def _plain_digits(stored: str) -> str:
    """Return a number of the file in plain digits; empty if `stored` is not a number."""
    try:
        number = float(stored)
    except ValueError:
        return ""
    return number_text(decimal_of(number)) if isfinite(number) else str(cell_words(number))


def _display_in_words(shows: str) -> str:
    return f"显示为“{shows}”" if shows else "什么也不显示"
