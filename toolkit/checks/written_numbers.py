"""Numbers as texts write them: ``3646``, ``3.6万``, ``十二``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from toolkit.forms.model import Number

_DIGIT = {
    char: value
    for value, chars in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_TEN = {"十": 10, "百": 100, "千": 1000}
_CHINESE = re.compile(
    r"[零〇一二两三四五六七八九]|(?:[一二两三四五六七八九]千)?零?(?:[一二两三四五六七八九]百)?零?"
    r"(?:[一二三四五六七八九]?十)?零?[一二三四五六七八九]?"
)
SCALE = {"万": 10**4, "亿": 10**8}
"""What the words for large units stand for."""


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number as written. `step` is what the spelling leaves open: 3.6万 is correct to 1,000."""

    value: Decimal
    step: Decimal
    text: str

    def fits(self, exact: Number) -> bool:
        """Return True if it can stand for that number, rounded or cut off."""
        gap = abs(Decimal(exact) - self.value)
        return gap == 0 or (self.step != 1 and gap < self.step)


NONE_AT_ALL = WrittenNumber(Decimal(0), Decimal(1), "没有")
"""What a text says that writes 没有 instead of a number."""


@lru_cache(1024)
def read_number(text: str) -> WrittenNumber | None:
    """Return the number that a text in plain spelling stands for. Return None if it is not surely a number."""
    body, scale = (text[:-1], SCALE[text[-1]]) if text[-1:] in SCALE else (text, 1)
    if re.fullmatch(r"\d+(\.\d+)?", body):
        decimals = len(body.partition(".")[2])
        return WrittenNumber(Decimal(body) * scale, Decimal(scale).scaleb(-decimals), text)
    value = _chinese(body)
    return None if value is None else WrittenNumber(Decimal(value * scale), Decimal(scale), text)


def _chinese(text: str) -> int | None:
    """Return the number that Chinese digits stand for, None if they are no number."""
    if not text or not _CHINESE.fullmatch(text):
        return None
    value, digit = 0, 0
    for char in text:
        if char in _TEN:
            value += (digit or 1) * _TEN[char]
            digit = 0
        else:
            digit = _DIGIT[char]
    return value + digit
