"""Recognises what lines of plain text hold: a value, a page number, the beginning of a numbered item."""

import re

_SIGN = "[+＋\\-－−—减增]?"
_UNIT = "(?:亿元|万元|元|件|宗|项|次|个|%)?"
VALUE = re.compile(rf"(?:{_SIGN}\s?\d[\d,，]*(?:\.\d+)?\s?{_UNIT}|[/／\\_\-－—–]+)\Z")
"""The content of a cell for values: a number, or the stroke that stands for no number."""
MARK = re.compile(r"[（(]\s?[一二三四五六七八九十]{1,3}\s?[）)]|[一二三四五六七八九十]{1,3}、|\d{1,2}\s?[.、．](?!\d)")
"""The number at the beginning of an item of a list."""
HEADING = re.compile(r"\s*#{1,6}\s")
_PAGE = re.compile(r"\s*(?:[-－–—―]+\s*\d{1,4}\s*[-－–—―]+|第\s*\d{1,4}\s*页(?:[\s,，/／]*共\s*\d{1,4}\s*页)?)\s*\Z")


def is_value(text: str) -> bool:
    """Return True if a text is a value."""
    return VALUE.match(text.strip()) is not None


def is_page_number(line: str) -> bool:
    """Return True if a line is a page number at the foot of a page. Such a line cuts tables in two."""
    return _PAGE.match(line.replace("\f", "")) is not None
