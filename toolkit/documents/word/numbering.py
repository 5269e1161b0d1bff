"""Automatic numbers of a Word document, as Word shows them before a paragraph: 一、 （一） 1. ①."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.documents.word.xml import attribute, children, descend, integer, is_on

if TYPE_CHECKING:
    from lxml.etree import _Element

LEVELS = 9
_SYMBOL_FONT = re.compile("symbol|wingdings|webdings|marlett|dingbats|monotype sorts|mt extra", re.IGNORECASE)
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_BULLET = "•"
_ENDS = "、．.）)"
"""A number that ends with one of these needs no space after it."""

_PLAIN, _LEGAL, _LEGAL_TRADITIONAL = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def is_symbol_font(font: str) -> bool:
    """Return True if a font has pictures in place of letters."""
    return bool(_SYMBOL_FONT.search(font))


def numeral(value: int, number_format: str) -> str:
    """Return a number in one of Word's formats. `number_format` is the name of the format in the file.

    If the format is unknown or has no such number, return plain digits.
    """
    write = _FORMATS.get(number_format)
    return (write(value) if write else "") or ("" if number_format == "none" else str(value))


def _chinese_number(value: int, digits: str = _PLAIN, units: str = "十百千") -> str:
    """Return 一百零一 for 101. Below 20 there is no 一 before 十, except in the formats for bills."""
    if not 0 <= value <= 9999:
        return ""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if gap else "") + digits[digit] + (units[place - 1] if place else "")
        gap = bool(text) and not digit
    if digits is _PLAIN and 10 <= value < 20:
        return text[1:]
    return text or "零"


def _japanese(value: int) -> str:
    """Return 百一 for 101: neither 零 nor 一 before a unit."""
    return re.sub("一([十百千])", r"\1", _chinese_number(value).replace("零", "")) if value else "〇"


def _digits(value: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value)) if value >= 0 else ""


def _letters(value: int, first: str) -> str:
    """Return A to Z, then AA, BB."""
    turns, letter = divmod(value - 1, 26)
    return chr(ord(first) + letter) * (turns + 1) if 0 < value <= 26 * 30 else ""


def _roman(value: int) -> str:
    if not 0 < value < 5000:
        return ""
    text = ""
    for worth, sign in _ROMAN:
        count, value = divmod(value, worth)
        text += sign * count
    return text


def _from_series(*series: tuple[int, int, int]) -> Callable[[int], str]:
    """Return a function that writes a number as one character. Each series is the first number, the last number and the
    character code of the first."""

    def write(value: int) -> str:
        return next((chr(code + value - low) for low, high, code in series if low <= value <= high), "")

    return write


def _from_list(signs: Sequence[str]) -> Callable[[int], str]:
    return lambda value: signs[value - 1] if 0 < value <= len(signs) else ""


_CIRCLED = _from_series((0, 0, 0x24EA), (1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1))
_FORMATS: Mapping[str, Callable[[int], str]] = {
    "decimalZero": lambda value: f"{value:02}",
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand"),
        _chinese_number,
    ),
    "japaneseCounting": _japanese,
    **dict.fromkeys(("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital", "koreanDigital2"), _digits),
    "chineseLegalSimplified": lambda value: _chinese_number(value, _LEGAL, "拾佰仟"),
    "ideographLegalTraditional": lambda value: _chinese_number(value, _LEGAL_TRADITIONAL, "拾佰仟"),
    "ideographTraditional": _from_list(_STEMS),
    "ideographZodiac": _from_list(_BRANCHES),
    "ideographZodiacTraditional": _from_list([_STEMS[n % 10] + _BRANCHES[n % 12] for n in range(60)]),
    "upperLetter": lambda value: _letters(value, "A"),
    "lowerLetter": lambda value: _letters(value, "a"),
    "upperRoman": lambda value: _roman(value).upper(),
    "lowerRoman": _roman,
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _CIRCLED),
    "ideographEnclosedCircle": _from_series((1, 10, 0x3280)),
    "decimalEnclosedParen": _from_series((1, 20, 0x2474)),
    "decimalEnclosedFullstop": _from_series((1, 20, 0x2488)),
    **dict.fromkeys(
        ("decimalFullWidth", "decimalFullWidth2"),
        lambda value: str(value).translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}),
    ),
    "numberInDash": lambda value: f"- {value} -",
}


@dataclass(frozen=True, slots=True)
class _Level:
    """The number format of one level of a list. `restart` is the level, counted from 1, that restarts this one, 0 if
    none. `figures` is the lowest number of digits."""

    start: int = 1
    number_format: str = "decimal"
    figures: int = 1
    text: str = ""
    suffix: str = "tab"
    restart: int = LEVELS
    is_legal: bool = False
    style: str = ""

    def number(self, value: int, is_legal: bool) -> str:
        """Return a number as this level writes it. `is_legal` asks for Arabic digits, whatever the format is."""
        number_format = "decimal" if is_legal and self.number_format != "none" else self.number_format
        return (
            numeral(value, number_format).zfill(self.figures)
            if number_format == "decimal"
            else numeral(value, number_format)
        )


@dataclass(frozen=True, slots=True)
class _List:
    """A list that paragraphs refer to. Lists of one `family` continue each other's numbers. `starts` maps a level to
    the number at which it starts when this list is first used."""

    family: str
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]


class Numbering:
    """The lists of a document and their current numbers. Ask for labels in the order of the text."""

    def __init__(self, root: "_Element | None") -> None:
        self._lists = _read_lists(root)
        self._counts = dict[str, dict[int, int]]()
        self._begun = set[tuple[str, int]]()

    def level_of_style(self, list_id: str, style: str) -> int | None:
        """Return the level of a list that belongs to a paragraph style; None if there is none."""
        levels = self._lists[list_id].levels.items() if list_id in self._lists else ()
        return next((number for number, level in levels if style and level.style == style), None)

    def label(self, list_id: str, depth: int) -> str:
        """Return the next number of a list at a level (from 0), with the space after it; empty if the document has no
        such list."""
        found = self._lists.get(list_id)
        if found is None or depth not in found.levels:
            return ""
        level, counts = found.levels[depth], self._counts.setdefault(found.family, {})
        if depth in found.starts and (list_id, depth) not in self._begun:
            counts[depth] = found.starts[depth]
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else level.start
        self._begun.add((list_id, depth))
        for deeper in [other for other in counts if other > depth]:
            if depth < found.levels.get(deeper, level).restart:
                del counts[deeper]
        return _with_space(_label_text(found, depth, counts), level.suffix)


def _label_text(found: _List, depth: int, counts: Mapping[int, int]) -> str:
    level = found.levels[depth]
    if level.number_format == "bullet":
        return level.text

    def number(match: re.Match[str]) -> str:
        other = int(match[1]) - 1
        of = found.levels.get(other, level)
        return of.number(counts.get(other, found.starts.get(other, of.start)), level.is_legal)

    return re.sub("%([1-9])", number, level.text)


def _with_space(label: str, suffix: str) -> str:
    if not label or suffix == "nothing":
        return label
    last = label[-1]
    is_wide = unicodedata.east_asian_width(last) in "WF" or unicodedata.category(last) == "No"
    return label if suffix != "space" and (last in _ENDS or is_wide) else f"{label} "


def _read_lists(root: "_Element | None") -> dict[str, _List]:
    families = {attribute(family, "w:abstractNumId"): family for family in children(root, "w:abstractNum")}
    by_style = {attribute(descend(family, "w:styleLink")): key for key, family in families.items()}
    found = dict[str, _List]()
    for item in children(root, "w:num"):
        family = attribute(descend(item, "w:abstractNumId"))
        link = attribute(descend(families.get(family), "w:numStyleLink"))
        # A list with a list style has no levels of its own.
        family = by_style.get(link, family) if link else family
        levels = _read_levels(families.get(family))
        starts = dict[int, int]()
        for override in children(item, "w:lvlOverride"):
            depth = integer(attribute(override, "w:ilvl"), -1)
            levels |= _read_levels(override, depth)
            start = attribute(descend(override, "w:startOverride"))
            if start:
                starts[depth] = integer(start, 1)
        found[attribute(item, "w:numId")] = _List(family, levels, starts)
    return found


def _read_levels(element: "_Element | None", default: int = -1) -> dict[int, _Level]:
    levels = {integer(attribute(level, "w:ilvl"), default): _read_level(level) for level in children(element, "w:lvl")}
    return {depth: level for depth, level in levels.items() if 0 <= depth < LEVELS}


def _read_level(element: "_Element") -> _Level:
    written = descend(element, "w:numFmt")
    number_format, text = attribute(written) or "decimal", attribute(descend(element, "w:lvlText"))
    figures = 1
    if number_format == "custom":
        # 001, 002, 003, ...
        pattern = re.match("0*[1-9]", attribute(written, "w:format"))
        number_format, figures = "decimal", len(pattern[0]) if pattern else 1
    if number_format == "bullet" and text:
        text = _bullet(text, descend(element, "w:rPr", "w:rFonts"))
    if is_on(descend(element, "w:rPr", "w:vanish")):
        text = ""
    restart = attribute(descend(element, "w:lvlRestart"))
    return _Level(
        integer(attribute(descend(element, "w:start")), 1),
        number_format,
        min(figures, 9),
        text,
        attribute(descend(element, "w:suff")) or "tab",
        integer(restart, LEVELS) if restart else LEVELS,
        is_on(descend(element, "w:isLgl")),
        attribute(descend(element, "w:pStyle")),
    )


def _bullet(text: str, fonts: "_Element | None") -> str:
    """Return a bullet. A bullet of a symbol font is replaced: in another font it would be some letter or nothing."""
    names = (attribute(fonts, f"w:{script}") for script in ("ascii", "hAnsi"))
    return _BULLET if _PRIVATE.search(text) or any(map(is_symbol_font, names)) else text
