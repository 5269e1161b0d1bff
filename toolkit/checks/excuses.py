"""What excuses a number (不算表中的量的话), clause by clause: ``上年结转1件，办结13件`` says nothing against the 13.

An excuse holds in its own clause. A clause that has no number of its own opens what follows, and its excuse governs it;
so does one whose number is followed by parts of it, until the text comes to the whole again.
"""

import re
from decimal import Decimal

from toolkit.checks.written_numbers import WrittenNumber, read_number
from toolkit.forms.language import CountWords
from toolkit.forms.model import Quantity

_STOP = re.compile(r"[，；：。]|(?<=\d[一-鿿])、")
"""Where a clause ends. Items of a list are apart by 、, and each ends with a number and its unit."""


def is_excused(
    words: CountWords, quantity: Quantity, wholes: tuple[re.Pattern[str], ...], before: str, phrase: str, said: Decimal
) -> bool:
    """Return True if what stands before a number says that it is no number of this quantity. `wholes` are the phrases
    with which a text comes to the whole again."""
    text = before + phrase
    own = _begin(before, len(before))
    for match in quantity.unless.finditer(text) if quantity.unless else ():
        end = _end(text, match.end())
        if match.end() > own or end >= own:
            return True
        clause = text[_begin(text, match.start()) : end]
        if quantity.names_itself and (words.count.search(clause) or words.other_count.search(clause)):
            continue
        if not any(whole.search(text, end, own) for whole in wholes):
            return True
    for match in quantity.parts.finditer(text) if quantity.parts else ():
        end = _end(text, match.end())
        if match.end() > own or end >= own:
            return True
        counts = _counts(words, text[_begin(text, match.start()) : end])
        if any(whole.search(text, end, own) for whole in wholes):
            continue
        if not counts or said <= sum(counts):
            return True
    return False


def parts_of(words: CountWords, quantity: Quantity, text: str) -> list[Decimal]:
    """Return the counts of the parts that a text gives apart, as what was carried over."""
    if quantity.parts is None:
        return []
    clauses = {(_begin(text, m.start()), _end(text, m.end())) for m in quantity.parts.finditer(text)}
    return [count for begin, end in sorted(clauses) for count in _counts(words, text[begin:end])]


def is_aside(words: CountWords, text: str, match: re.Match[str]) -> bool:
    """Return True if a word that makes a number a part stands in a clause of its own about something else, as 季度 in
    ``开展季度检查4次，收到……``. At the beginning of a clause it governs what follows."""
    begin, end = _begin(text, match.start()), _end(text, match.end())
    clause, lead = text[begin:end], text[begin : match.start()]
    if end >= len(text) or not words.other_count.search(clause) or words.count.search(clause):
        return False
    return bool(words.doing.search(lead))


def _counts(words: CountWords, clause: str) -> list[Decimal]:
    found: list[WrittenNumber | None] = [read_number(match["number"]) for match in words.count.finditer(clause)]
    return [written.value for written in found if written]


def _begin(text: str, at: int) -> int:
    return max((match.end() for match in _STOP.finditer(text, 0, at)), default=0)


def _end(text: str, at: int) -> int:
    found = _STOP.search(text, at)
    return found.start() if found else len(text)
