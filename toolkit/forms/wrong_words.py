"""The words that are wrong in any official text (肯定写错的词), and those that never stand twice in a row."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from toolkit.forms.fields import Declared

HEAD = 2
"""The number of characters by which words are looked up. No word is shorter."""
_CLAUSE = re.compile(r"[^，。；：！？]+")
_TWICE = re.compile(r"(?=((?:19|20)\d\d年度?|[一-鿿]{2,6}?)\1)")


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
    """The wrong words of a form, by their first characters (`heads`), and its doubled words.

    Most texts have none: pairs of characters are looked up in `heads` first, which is several times as fast as one
    pattern of all words, or an automaton.
    """

    confusions: Mapping[str, Confusion] = field(default_factory=dict)
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubled: Doubled | None = None
    never_twice: frozenset[str] = frozenset()

    def in_text(self, text: str) -> Iterator[Wrong]:
        """Yield the wrong and the doubled words of a text in plain spelling, each once in a clause."""
        heads = self.heads.keys() & set(map(str.__add__, text, text[1:]))
        words = [word for head in heads for word in self.heads[head] if word in text]
        twice = self.doubled and any(self._is_known(match[1]) for match in _TWICE.finditer(text))
        if not words and not twice:
            return
        for clause in _CLAUSE.finditer(text):
            found = [(clause[0].index(word), word) for word in words if word in clause[0]]
            for _, word in sorted(found):
                if self._is_wrong(word, clause[0], words):
                    yield Wrong(word, self.confusions[word].right)
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
    heads: dict[str, list[str]] = {}
    for word in known:
        heads.setdefault(word[:HEAD], []).append(word)
    by_head = {head: tuple(words) for head, words in heads.items()}
    return WrongWords(known, by_head, doubled, frozenset(doubled.words) if doubled else frozenset())
