"""How lines of plain text are told apart: what is a value, a page number, the beginning of a numbered item."""

import re

_SIGN = "[+＋\\-－−—减增]?"
_UNIT = "(?:亿元|万元|元|件|宗|项|次|个|%)?"
VALUE = re.compile(rf"(?:{_SIGN}\s?\d[\d,，]*(?:\.\d+)?\s?{_UNIT}|[/／\\_\-－—–]+)\Z")
"""What stands in a cell for values: a number, or the stroke that stands for none."""
MARK = re.compile(r"[（(]\s?[一二三四五六七八九十]{1,3}\s?[）)]|[一二三四五六七八九十]{1,3}、|\d{1,2}\s?[.、．](?!\d)")
"""The number that an item of a list begins with."""
HEADING = re.compile(r"\s*#{1,6}\s")
_PAGE = re.compile(r"\s*(?:[-－–—―]+\s*\d{1,4}\s*[-－–—―]+|第\s*\d{1,4}\s*页(?:[\s,，/／]*共\s*\d{1,4}\s*页)?)\s*\Z")


def is_value(text: str) -> bool:
    return VALUE.match(text.strip()) is not None


def is_page_number(line: str) -> bool:
    """Whether a line is what stands at the foot of a page; it cuts tables in two."""
    return _PAGE.match(line.replace("\f", "")) is not None
