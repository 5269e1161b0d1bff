"""Numbers as people write them in a cell: what was meant by `１２`, `1,234`, `12件`, `251000元`, `—`, `无`.

A plain number is digits with an optional sign and decimal point. Any other text that can be understood is an odd
spelling (写法不规范): it is read as its number and reported. A text that may not be one number is not understood.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from toolkit.forms.kinds import KINDS
from toolkit.forms.model import Kind, Number

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
LONGEST = 28
"""Most characters of a number: no figure of a report is longer, and sums are exact up to this length."""
_ZERO_WORDS = re.compile(r"(无|没有|暂无|未发生|不适用|零|[-‐‑‒–—―─_/\\]+)\Z")
_MINUS = ("-", "−", "–", "—", "减", "减少")
_NUMBER = re.compile(
    r"(?P<currency>[¥￥]|人民币)?"
    r"(?P<sign>[+\-−–—]|增加?|减少?)?"
    r"(?P<digits>[0-9]{1,3}([, ][0-9]{3})+(\.[0-9]+)?|[0-9]+\.?[0-9]*|\.[0-9]+)"
    r"(?P<scale>[十百千]?(万亿|[万亿])?)(?P<unit>\w{0,4})"
    r"(?P<remark>\([^()]*\))?\Z"
)
_SCALES = {"": 0, "十": 1, "百": 2, "千": 3, "万": 4, "亿": 8, "万亿": 12}
_MEASURES = re.compile(r"[件宗个项份条起次人户家例部篇批张期场处笔]|[人件项]次")
"""The measure words (量词) that may follow a count."""
_YUAN = "元"


Oddity = Literal["zero", "unit", "remark", "grouping", "width", "sign", "other"]
"""What is odd about a spelling: a word or dash for 0, a unit, a remark in brackets, commas or spaces among the digits,
full-width digits, a sign in words, or anything else."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The number that an odd spelling was read as, and what is odd about it. `converted` is True if it was in another
    unit than the cell's."""

    number: Number
    converted: bool = False
    oddity: Oddity = field(default="other", compare=False)


NOTHING = Understood(0)


def plain_number(text: str) -> Decimal | None:
    """Return the number that a plain spelling stands for, None for any other text. White space around it is ignored."""
    text = text.strip()
    return Decimal(text) if len(text) <= LONGEST and _PLAIN.match(text) else None


def tidy(number: Decimal, kind: Kind) -> Number:
    """Return a number as cells of this kind hold it: whole counts as int, money as Decimal."""
    if kind.is_whole and number == number.to_integral_value():
        return int(number)
    return number


def understand(text: str, kind: Kind) -> Understood | None:
    """Return the number that an odd spelling means, in the cell's own unit; None if it may not be one number."""
    compact = re.sub(r"(?<![0-9])\s+|\s+(?![0-9])", "", unicodedata.normalize("NFKC", text))
    if _ZERO_WORDS.match(compact):
        return Understood(0, oddity="zero")
    found = _NUMBER.match(compact)
    if not found or len(found["digits"]) > LONGEST - 8 or not _fits(found["unit"], found["currency"], kind):
        return None
    digits = Decimal(found["digits"].replace(",", "").replace(" ", ""))
    number = -digits if found["sign"] in _MINUS else digits
    shift = _shift(found["scale"])
    converted = False
    if kind.record.is_amount and (found["unit"] or found["scale"] or found["currency"]):
        home, _ = _split_unit(kind.unit)
        converted = home != found["scale"]
        shift -= _shift(home)
    meant = tidy(Decimal(format(number.scaleb(shift).normalize(), "f")), kind)
    return Understood(meant, converted, _oddity(text, found))


def _oddity(text: str, found: re.Match[str]) -> Oddity:
    """Return what is odd about a text that is a number. If several things are, return what says most."""
    if found["unit"] or found["scale"] or found["currency"]:
        return "unit"
    if found["remark"]:
        return "remark"
    if re.search(r"[, ]", found["digits"]):
        return "grouping"
    if found["sign"] not in (None, "-"):
        return "sign"
    return "width" if unicodedata.normalize("NFKC", text) != text else "other"


def is_figure_of_any_kind(text: str) -> bool:
    """Return True if some kind of cell reads a number out of a text."""
    kinds = {(record.is_amount, record.is_whole): name for name, record in KINDS.items() if record.is_number}
    return any(understand(text, Kind(name)) for name in kinds.values())


def is_zero(text: str) -> bool:
    """Return True if a text says that there was nothing: 0, 无, —, 0件."""
    return any(understand(text, Kind(name)) == NOTHING for name, record in KINDS.items() if record.is_whole)


def _shift(scale: str) -> int:
    return _SCALES[scale] if scale in _SCALES else _SCALES[scale[:1]] + _SCALES[scale[1:]]


def of_smaller_unit(number: Number, unit: str) -> Number:
    """Return what a number is in a unit, if it was meant in the unit's base: 35000 元 are 3.5 of 万元."""
    return Decimal(format(Decimal(number).scaleb(-_shift(_split_unit(unit)[0])).normalize(), "f"))


def _split_unit(unit: str) -> tuple[str, str]:
    """Return the two parts of a unit: ``万`` and ``元`` for ``万元``."""
    base = unit.lstrip("十百千万亿")
    return unit[: len(unit) - len(base)], base


def _fits(unit: str, currency: str | None, kind: Kind) -> bool:
    """Whether a unit is one that a cell of this kind may be given in. ``3万`` for an amount (金额) means 3 万元."""
    base = _split_unit(kind.unit)[1]
    if kind.record.is_amount:
        return unit in ("", base or _YUAN) and (not currency or base in ("", _YUAN))
    return not currency and bool(not unit or _MEASURES.fullmatch(unit) or unit == kind.unit)


def number_of(value: Number | str | None, kind: Kind) -> Number | None:
    """Return the number that a value counts as in a sum, None if it has none."""
    if isinstance(value, str):
        understood = understand(value, kind)
        return understood.number if understood else None
    return value


def number_text(number: Number) -> str:
    """Return a number in plain digits, never with an exponent."""
    return str(number) if isinstance(number, int) else format(number, "f")
