"""What the cells of a returned workbook show, where that is not what they hold.

Only cells whose format may show another number are looked at closely, and numbers with decimals, which any format may
round.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite

from toolkit.characters import one_line
from toolkit.forms.model import Cell, Kind
from toolkit.submission.model import Irregularity
from toolkit.submission.spelling import number_text
from toolkit.workbook.number_formats import GENERAL, hides_text, is_plain, misleads, says
from toolkit.workbook.raw_rows import shown as in_cell
from toolkit.workbook.sheet_values import decimal_of
from toolkit.workbook.sheet_xml import SheetXml

SHOWN_AT_MOST, TEXT_SHOWN = 6, 40
WIDE = 10
"""Digits; programs do not show more where no format says how many."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell that shows something else than it holds, and why, in words. `broken` is its id when it should hold a whole
    number and does not, which is the greater fault."""

    place: str
    shows: str
    holds: str
    why: str
    broken: str = ""


@dataclass(frozen=True)
class SheetFormats:
    """The number formats of a sheet by the number of the style, and the style of each cell. `odd` tells that some
    format does not show every whole number as it is."""

    formats: tuple[str, ...]
    cells: tuple[tuple[bytes, bytes], ...]
    odd: bool

    @cached_property
    def _styles(self) -> Mapping[str, int]:
        return {place.decode(): int(style or 0) for place, style in self.cells}

    def format_of(self, place: str) -> str:
        """The number format of a cell."""
        style = self._styles.get(place, 0)
        return self.formats[style] if style < len(self.formats) else GENERAL

    def shown(self, place: str, raw: object, kind: Kind, stored: Callable[[str], str]) -> Shown | None:
        """What a cell shows, if that is not what it holds; `stored` gives the number in the file of which a reader
        has made a day or a time."""
        code = self.format_of(place)
        why = f"数字格式“{code}”"
        if isinstance(raw, str):
            if number := "" if is_plain(code) else _in_words(stored(place)):
                return Shown(place, raw, number, why)
            hides = raw.strip() and hides_text(code)
            return Shown(place, "", f"“{one_line(raw)[:TEXT_SHOWN]}”", why) if hides else None
        if not isinstance(raw, float):
            return None
        held = decimal_of(raw)
        shows = misleads(code, held, kind)
        return None if shows is None else Shown(place, shows, number_text(held), why)


@dataclass(frozen=True, slots=True)
class OpenLooks:
    """The same of a sheet of an .ods file, in which each cell has the text that it shows; `texts` are those that are
    spelled otherwise than their number."""

    texts: Mapping[str, str]

    @property
    def odd(self) -> bool:
        return bool(self.texts)

    def shown(self, place: str, raw: object, kind: Kind, _stored: Callable[[str], str]) -> Shown | None:
        """What a cell shows, if that is not what it holds."""
        text = self.texts.get(place)
        if text is None or not isinstance(raw, float):
            return None
        number = decimal_of(raw)
        as_wide_as_can_be = sum(map(str.isdigit, text)) >= WIDE
        if as_wide_as_can_be or says(text, number, kind):
            return None
        return Shown(place, text, number_text(number), "数字格式")


def looks_of(written: SheetXml, formats: tuple[str, ...]) -> SheetFormats:
    """The looks of a sheet; `formats` are the number formats by the number of the style."""
    odd = {str(style).encode() for style, code in enumerate(formats) if not is_plain(code)}
    return SheetFormats(formats, written.cells, bool(odd) and any((style or b"0") in odd for _, style in written.cells))


def cells_shown(
    looks: SheetFormats | OpenLooks, cells: Iterable[tuple[Cell, str, object]], stored: Callable[[str], str]
) -> Iterator[Shown]:
    """Of these cells of a sheet those that show something else than they hold; each comes with its address and with
    what was read."""
    for cell, place, raw in cells:
        if shown := looks.shown(place, raw, cell.kind, stored):
            broken = cell.kind.is_whole and not cell.computed and isinstance(raw, float) and not raw.is_integer()
            yield replace(shown, broken=cell.id) if broken else shown


def shown_irregularities(sheet: str, found: Iterable[Shown]) -> Iterator[Irregularity]:
    """One irregularity for all cells of a sheet that show something else for the same reason. What a cell shows whose
    number should be whole is noted apart."""
    reasons: dict[str, list[Shown]] = {}
    for shown in found:
        if shown.broken:
            yield Irregularity("shown-differs", f"{sheet}!{shown.place}", shown.shows, shown.holds, shown.broken)
        else:
            reasons.setdefault(shown.why, []).append(shown)
    for why, cells in reasons.items():
        told = "；".join(f"{cell.place} {_words(cell.shows)}，实际是 {cell.holds}" for cell in cells[:SHOWN_AT_MOST])
        more = f"；等 {len(cells)} 格" if len(cells) > SHOWN_AT_MOST else ""
        places = tuple(f"{sheet}!{cell.place}" for cell in cells)
        yield Irregularity("shown-differs", places[0], f"{told}{more}（{why}）", also=places[1:])


def _in_words(stored: str) -> str:
    """A number that stands in a file, in plain digits; empty where none does."""
    try:
        number = float(stored)
    except ValueError:
        return ""
    return number_text(decimal_of(number)) if isfinite(number) else str(in_cell(number))


def _words(shows: str) -> str:
    return f"显示为“{shows}”" if shows else "什么也不显示"
