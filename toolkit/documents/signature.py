"""Finds the signature (落款) of a report: the lines at its end that name the agency and the day."""

import re

from toolkit.characters import plain
from toolkit.documents.blocks import Block, Paragraph
from toolkit.documents.headings import LONGEST, NUMERALS

MOST_LINES = 3
"""The most lines that a signature (落款) has."""
LONGEST_ADDITION = 6
"""Characters that may follow the name of the agency in its line: the name of its office."""
_GOES_ON = re.compile(r"[为是于在至到从自，、：:]\s*\Z")
"""The end of a line whose sentence continues on the next line."""
_DAY = rf"(?:[\d{NUMERALS}]{{1,2}}月(?:[\d{NUMERALS}]{{1,3}}日)?)?"
_DATE = re.compile(
    rf"\(?(?:(?:(?:19|20)\d\d|二[〇零○O][〇零○O{NUMERALS}]{{2}})年{_DAY}|(?:19|20)\d\d[.\-/]\d{{1,2}}[.\-/]\d{{1,2}})\)?\Z"
)


def split_signature(blocks: tuple[Block, ...], agency: str) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks without the signature, and the signature: the last lines that name the agency and the day."""
    rest, lines = list(blocks), list[str]()
    while rest and len(lines) < MOST_LINES:
        last = rest[-1]
        if not isinstance(last, Paragraph) or not (_is_day(last.text) or _is_name(last.text, agency)):
            break
        lines.insert(0, last.text.strip())
        rest.pop()
    named = any(_is_name(line, agency) for line in lines)
    goes_on = bool(rest) and isinstance(rest[-1], Paragraph) and _GOES_ON.search(rest[-1].text)
    if not any(map(_is_day, lines)) or (goes_on and not named):
        return blocks, ()
    return tuple(rest), tuple(lines if named or not agency else (agency, *lines))


def _is_day(text: str) -> bool:
    """Return True if a line ends in a date with at most a name before it."""
    found = _DATE.search(plain(text))
    return found is not None and found.start() <= LONGEST // 2 and not re.search("[。，；：]", text)


def _is_name(text: str, agency: str) -> bool:
    """Return True if a line is the name of the agency or of its office, with or without a date after it."""
    name = _DATE.sub("", re.sub(r"\((?:盖?公?章|印章?)\)", "", plain(text)))
    own = plain(agency)
    return bool(own) and name.startswith(own) and len(name) <= len(own) + LONGEST_ADDITION
