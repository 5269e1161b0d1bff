"""Turns the bytes of a saved web page into text. The encoding that the page states is only a hint."""

import codecs
import re
import unicodedata
from itertools import islice

from toolkit.problems import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_DECLARED_WITHIN = 4096
"""Bytes. Browsers look at 1,024, but some pages begin with a long comment."""
_GB, _BIG5 = "gb18030", "big5hkscs"
_FREQUENT = {_GB: range(0xB0, 0xD8), _BIG5: range(0xA4, 0xC7)}
"""The first bytes of common characters. Both standards put these before the rare ones."""
_SAMPLE = 20_000
_MOST_DAMAGE = 0.02
"""A share of the characters that are not ASCII. Some sites cut texts in the middle of a character."""
_ADVANTAGE = 0.1
"""By how much another encoding must be better than the declared one."""


def page_text(content: bytes) -> str:
    """Return the text of a page in UTF-8, UTF-16, GB2312, GBK, GB18030 or Big5.

    Raise Unreadable if the file is no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    for start, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if content.startswith(start):
            return content.decode(encoding, errors="replace")
    if b"\0" in content:
        raise Unreadable("不是网页文件。请在浏览器里打开网页，另存为“网页，仅 HTML”后再试。")
    text = content.decode("utf-8", errors="replace")
    if _share_replaced(text) <= _MOST_DAMAGE:
        return text
    encoding = _chinese_encoding(content)
    return content.decode(encoding, errors="replace")


def _share_replaced(text: str) -> float:
    foreign = sum(char > "\x7f" for char in text)
    return text.count("\ufffd") / foreign if foreign else 0.0


def _chinese_encoding(content: bytes) -> str:
    """Return GB18030 or Big5, whichever gives more sensible text; if both do, the one that the page states."""
    found = _DECLARED.search(content[:_DECLARED_WITHIN])
    first, second = (_BIG5, _GB) if found and b"big5" in found[1].lower() else (_GB, _BIG5)
    return second if _oddness(content, second) + _ADVANTAGE < _oddness(content, first) else first


def _oddness(content: bytes, encoding: str) -> float:
    """Return the share of characters that hardly occur in any text."""
    foreign = (char for char in content.decode(encoding, errors="replace") if char > "\x7f")
    sample = [char for char in islice(foreign, _SAMPLE) if unicodedata.category(char)[0] != "P"]
    return sum(not _is_frequent(char, encoding) for char in sample) / len(sample) if sample else 0.0


def _is_frequent(char: str, encoding: str) -> bool:
    try:
        return char != "\ufffd" and char.encode(encoding)[0] in _FREQUENT[encoding]
    except UnicodeEncodeError:
        return False
