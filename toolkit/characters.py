"""Text helpers: characters that an XML file or a terminal cannot take, comparing names, traditional characters, and the
width of a text."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from toolkit.resources import resource

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
_TERMINAL_CONTROLS = re.compile("[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LIKE_A_NUMBER = re.compile(r"<(?=U\+[0-9A-F]{4,6}>)")
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of characters that are invisible, that end a line or change the writing direction, or that stand
for broken bytes."""


def without_forbidden(text: str) -> str:
    """Return the text without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def one_line(text: str) -> str:
    """Return a name or a message as one line, without space around it, without characters that XML forbids or that
    change the writing direction of a terminal."""
    return _TERMINAL_CONTROLS.sub("", without_forbidden(" ".join(text.splitlines()))).strip()


def printable(name: str) -> str:
    """Return the name of a file (文件名) as it is shown: one line of visible characters.

    Every other character is shown as its number, a line break as ``<U+000A>``. Different names stay different: where a
    name already contains such a number, the ``<`` of it is shown as a number, too.
    """
    if name.isprintable() and "<U+" not in name:
        return name
    numbers = {match.start() for match in _LIKE_A_NUMBER.finditer(name)}
    return "".join(
        f"<U+{ord(char):04X}>" if at in numbers or _is_invisible(char) else char for at, char in enumerate(name)
    )


def _is_invisible(char: str) -> bool:
    """Return True if a character is invisible or forbidden in XML."""
    return unicodedata.category(char) in _INVISIBLE or bool(_FORBIDDEN.match(char))


def terminal_text(text: str) -> str:
    """Return a text that is safe to print on a terminal: line breaks stay, control characters and characters that
    change the writing direction are removed."""
    return _TERMINAL_CONTROLS.sub("", without_forbidden(text).replace("\r", ""))


def plain(text: str) -> str:
    """Return a label or a name in the form in which names are compared: without white space and characters of no width,
    full-width characters as half-width ones."""
    return _NO_WIDTH.sub("", "".join(unicodedata.normalize("NFKC", text).split()))


def simplified(text: str) -> str:
    """Return a text with simplified characters (简体字) in the place of traditional ones (繁体字)."""
    table, traditional = _traditional()
    return text.translate(table) if traditional.search(text) else text


@cache
def _traditional() -> tuple[Mapping[int, int], re.Pattern[str]]:
    """Return the simplified character for each traditional one, and a pattern that finds these."""
    lines = resource("templates/traditional.txt").read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}, re.compile(f"[{''.join(pair[0] for pair in pairs)}]")


def no_formula(text: str) -> str:
    """Return a text as a field of a CSV file. Excel may take such a field for a formula, with or without quotes.

    A text that begins, after white space, with one of = + - @ or their full-width forms, or with a tab or a carriage
    return, gets an apostrophe (') in front. A plain number stays as it is, also a negative one.
    """
    first = unicodedata.normalize("NFKC", _NO_WIDTH.sub("", without_forbidden(text)).lstrip()[:1])
    risky = first in ("=", "+", "-", "@") or text.startswith(("\t", "\r"))
    return f"'{text}" if risky and not _PLAIN_NUMBER.fullmatch(text) else text


def cell_length(text: str) -> int:
    """Return the length of a text as Excel counts it: a rare character or an emoji (above U+FFFF) counts twice."""
    return len(text) + sum(char > "\uffff" for char in text)


def cell_start(text: str, limit: int) -> str:
    """Return the beginning of a text, at most `limit` characters as Excel counts them."""
    if cell_length(text) <= limit:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")


def display_width(text: str) -> int:
    """Return the width of a text in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
