"""Numbers as people write them in a cell: what was meant by `１２`, `1,234`, `12件`, `251000元`, `—`, `无`.

A plain number is digits with an optional sign and decimal point. Everything else that can be understood is an
odd spelling (写法不规范): it is read for what it is and reported.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from toolkit.forms.model import Kind, Number

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_NOTHING = re.compile(r"(无|没有|[-‐‑‒–—―─_/\\]+)\Z")
_NUMBER = re.compile(
    r"(?P<sign>[+\-−–—]|增加?|减少?)?"
    r"(?P<digits>[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?|\.[0-9]+)"
    r"(?P<scale>[万亿]?)(?P<unit>[一-鿿]{0,3})"
    r"(?P<remark>\([^()]*\))?\Z"
)
_SCALES = {"": 0, "万": 4, "亿": 8}
_MINUS = ("-", "−", "–", "—", "减", "减少")


@dataclass(frozen=True, slots=True)
class Understood:
    """What an odd spelling was read as, and a word on how."""

    number: Number
    how: str


def plain_number(text: str) -> Decimal | None:
    """The number that a plain spelling stands for; white space around it does not matter."""
    text = text.strip()
    return Decimal(text) if _PLAIN.match(text) else None


def tidy(number: Decimal, kind: Kind) -> Number:
    """A number as cells of this kind hold it: whole counts as int, money as Decimal."""
    if kind.is_whole and number == number.to_integral_value():
        return int(number)
    return number


def understand(text: str, kind: Kind) -> Understood | None:
    """Read an odd spelling, in the cell's own unit; None when no number can be made out."""
    compact = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if _NOTHING.match(compact):
        return Understood(0, "按 0 理解")
    found = _NUMBER.match(compact)
    if not found:
        return None
    number = Decimal(found["digits"].replace(",", ""))
    if found["sign"] in _MINUS:
        number = -number
    shift = _SCALES[found["scale"]]
    unit = found["scale"] + found["unit"]
    how = "按数字理解"
    if kind.name == "money" and kind.unit and found["unit"] == kind.unit[-1]:
        shift -= _SCALES.get(kind.unit[:-1], 0)
        how = f"按“{unit}”换算成{kind.unit}" if unit != kind.unit else how
    elif kind.name == "money" and kind.unit == unit:
        shift = 0
    if shift:
        number = number.scaleb(shift)
    return Understood(tidy(Decimal(format(number.normalize(), "f")), kind), how)


def number_of(value: Number | str | None, kind: Kind) -> Number | None:
    """The number a value stands for in a sum, None when it has none."""
    if isinstance(value, str):
        understood = understand(value, kind)
        return understood.number if understood else None
    return value


def number_text(number: Number) -> str:
    """A number in plain digits, never in exponents."""
    return str(number) if isinstance(number, int) else format(number, "f")
