"""The words that are wrong in any official text (肯定写错的词), and those that never stand twice in a row."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from toolkit.forms.fields import Declared

SHORTEST = 2
"""The number of characters by which words are looked up. No word is shorter."""
LONGEST = 6
"""The length of the longest word that is looked for twice in a row."""
LONG = 8
"""The number of characters from which on a word is looked for as it is: its pairs stand in other words, too."""
_CLAUSE = re.compile(r"[^，。；：！？\n]+")
_YEAR_TWICE = re.compile(r"((?:19|20)\d\d年度?)\1")
_TWICE = re.compile(rf"(?=((?:19|20)\d\d年度?|[一-鿿]{{{SHORTEST},{LONGEST}}}?)\1)")


class Confusion(Declared, frozen=True):
    """What is `right` in the place of a wrong word. The word is wrong only in a clause in which `only` fits, and right
    in one in which `unless` fits."""

    right: str
    only: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


class Doubled(Declared, frozen=True):
    """The words that never stand twice in a row. They may where what follows fits `before`, because the second one is
    the beginning of another word, and in a clause in which `unless` fits."""

    words: Annotated[tuple[str, ...], Meta(min_length=1)]
    before: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong word in a text, and the right one."""

    written: str
    right: str


@dataclass(frozen=True, slots=True)
class WrongWords:
    """The wrong words and the doubled words of a form, by their `marks`: a pair of characters in each that right words
    seldom have. Words without such a pair are `unmarked`.

    Few texts have any, so that pairs are looked up first. That is five times as fast as one pattern of all words. An
    automaton (Aho-Corasick) would save a twentieth of a millisecond a report.
    """

    confusions: Mapping[str, Confusion] = field(default_factory=dict)
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmarked: tuple[str, ...] = ()
    doubled: Doubled | None = None
    never_twice: frozenset[str] = frozenset()

    def standing_in(self, text: str) -> frozenset[str]:
        """Return the wrong words and the doubled ones that stand in a text in plain spelling, wrong there or not."""
        marked = set(filter(self.marks.__contains__, map(str.__add__, text, text[1:])))
        found = [
            word for words in (self.unmarked, *(self.marks[mark] for mark in marked)) for word in words if word in text
        ]
        years = [year[0] for year in _YEAR_TWICE.finditer(text)] if self.doubled else ()
        return frozenset((*found, *years))

    def in_text(self, text: str, standing: frozenset[str] | None = None) -> Iterator[Wrong]:
        """Yield what is wrong in a text in plain spelling, each word once in a clause. `standing` are the words that
        stand in the text or in a longer one."""
        standing = self.standing_in(text) if standing is None else standing
        if not any(word in text for word in standing):
            return
        words = [word for word in standing if word in self.confusions]
        for clause in _CLAUSE.finditer(text):
            found = [(clause[0].index(word), word) for word in words if word in clause[0]]
            for _, word in sorted(found):
                if self._is_wrong(word, clause[0], words):
                    yield Wrong(word, self.confusions[word].right)
            if len(words) < len(standing):
                yield from self._twice(clause[0])

    def _is_wrong(self, word: str, clause: str, words: list[str]) -> bool:
        """Return True if a word is wrong in a clause, and not only a part of a longer wrong word."""
        confusion = self.confusions[word]
        longer = [other for other in words if word in other and word != other and other in clause]
        return (
            not longer
            and (confusion.only is None or bool(confusion.only.search(clause)))
            and not (confusion.unless and confusion.unless.search(clause))
        )

    def _is_known(self, word: str) -> bool:
        return word[0].isdigit() or word in self.never_twice

    def _twice(self, clause: str) -> Iterator[Wrong]:
        doubled = self.doubled
        if doubled is None or (doubled.unless and doubled.unless.search(clause)):
            return
        for match in _TWICE.finditer(clause):
            word = match[1]
            end = match.start() + 2 * len(word)
            if self._is_known(word) and not (doubled.before and doubled.before.match(clause, end)):
                yield Wrong(word * 2, word)


def wrong_words(confusions: Mapping[str, str | Confusion], doubled: Doubled | None) -> WrongWords:
    """Return the words that a form declares. A confusion with nothing that is right was taken back by the form."""
    known = {word: Confusion(one) if isinstance(one, str) else one for word, one in confusions.items()}
    known = {word: one for word, one in known.items() if one.right}
    twice = frozenset(doubled.words) if doubled else frozenset()
    usual = {pair for word in (*twice, *(one.right for one in known.values())) for pair in _pairs(word)}
    marks: dict[str, list[str]] = {}
    for word in (*known, *(word * 2 for word in twice)):
        pairs = _pairs(word) if len(word) < LONG or word not in known else []
        marks.setdefault(next((pair for pair in pairs if pair not in usual), ""), []).append(word)
    unmarked = tuple(marks.pop("", ()))
    return WrongWords(known, {mark: tuple(words) for mark, words in marks.items()}, unmarked, doubled, twice)


def _pairs(word: str) -> list[str]:
    return list(map(str.__add__, word, word[1:]))
