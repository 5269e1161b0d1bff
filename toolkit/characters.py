"""What a text may hold in XML files such as Word's, and how wide it is on paper."""

import re
import unicodedata

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
_TURNING = re.compile("[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NUMBERED = re.compile(r"<(?=U\+[0-9A-F]{4,6}>)")
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Kinds of characters that nobody sees, that end a line or turn its writing around, or that stand for broken bytes."""


def without_forbidden(text: str) -> str:
    """The text without characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def one_line(text: str) -> str:
    """A name or a message: one line, without space around it, without characters that XML forbids or that would turn
    the writing of a terminal around."""
    return _TURNING.sub("", without_forbidden(" ".join(text.splitlines()))).strip()


def printable(name: str) -> str:
    """Return the name of a file (文件名) as it is shown: one line of characters that can be seen.

    Every other character is shown as its number, a line break as ``<U+000A>``. Different names stay different: where a
    name already holds what looks like such a number, the ``<`` of it is shown as a number, too.
    """
    if name.isprintable() and "<U+" not in name:
        return name
    numbers = {match.start() for match in _NUMBERED.finditer(name)}
    return "".join(
        f"<U+{ord(char):04X}>" if at in numbers or _is_unseen(char) else char for at, char in enumerate(name)
    )


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN or bool(_FORBIDDEN.match(char))


def harmless(text: str) -> str:
    """A text for a terminal: lines stay, what would act on the terminal or turn its writing around goes."""
    return _TURNING.sub("", without_forbidden(text).replace("\r", ""))


def plain(text: str) -> str:
    """A label or a name as such are compared: white space, the width of characters and what has no width at all do not
    matter."""
    return _NO_WIDTH.sub("", "".join(unicodedata.normalize("NFKC", text).split()))


def no_formula(text: str) -> str:
    """A text as a field of a CSV file, which Excel may take for a formula whatever quotes stand around it.

    A text that begins, after white space, with one of = + - @ or their full-width forms, or with a tab or a carriage
    return, gets an apostrophe (') in front. A plain number stays as it is, also a negative one.
    """
    begins = unicodedata.normalize("NFKC", _NO_WIDTH.sub("", without_forbidden(text)).lstrip()[:1])
    risky = begins in ("=", "+", "-", "@") or text.startswith(("\t", "\r"))
    return f"'{text}" if risky and not _PLAIN_NUMBER.fullmatch(text) else text


def cell_length(text: str) -> int:
    """The length of a text as Excel counts it: a rare character or an emoji (above U+FFFF) counts twice."""
    return len(text) + sum(char > "\uffff" for char in text)


def cell_start(text: str, limit: int) -> str:
    """The beginning of a text, no longer than `limit` as Excel counts."""
    if cell_length(text) <= limit:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")


def display_width(text: str) -> int:
    """The width of a text in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
