"""The texts (文字) in a ledger (台账), as they are compared: which are equal, and which may be similar."""

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from sqlite3 import Connection
from typing import NamedTuple

_FIRST = "SELECT essence, min(content), length, bits, bands FROM essences WHERE section = ? GROUP BY essence ORDER BY 2"
_SHARED = """SELECT e.essence FROM essences e JOIN contents c ON c.id = e.content WHERE e.section = ?
GROUP BY e.essence HAVING count(DISTINCT c.key) > 1"""
_HOLDERS = """SELECT r.id, r.key, r.content FROM essences e JOIN returns r ON r.content = e.content
WHERE e.section = ? AND e.essence = ? ORDER BY r.id"""
_PAIRS = """SELECT a.essence, a.content, b.essence, b.content FROM pairs
JOIN essences a ON a.content = one AND a.section = ?1 JOIN essences b ON b.content = other AND b.section = ?1"""


class KeptText(NamedTuple):
    """One of the different texts of a section: its digest, the first content that has it, its profile (the number of
    characters, and the bits, empty if there are too many texts) and its sketches."""

    essence: str
    content: int
    length: int
    bits: bytes
    bands: tuple[int, ...]


class Holder(NamedTuple):
    """A return that has a text: its number, its agency's name as names are compared, and its content."""

    number: int
    key: str
    content: int


class TextIndex:
    """The texts of all contents by section. Texts with the same essence are stored as one."""

    def __init__(self, base: Connection) -> None:
        self._base = base

    def sections(self) -> list[str]:
        """Return the sections that have texts."""
        return [name for (name,) in self._base.execute("SELECT DISTINCT section FROM essences ORDER BY section")]

    def count(self, section: str) -> int:
        """Return how many different texts a section has."""
        sql = "SELECT count(DISTINCT essence) FROM essences WHERE section = ?"
        return int(self._base.execute(sql, (section,)).fetchone()[0])

    def different(self, section: str) -> Iterator[KeptText]:
        """Yield the different texts of a section."""
        for essence, content, length, bits, bands in self._base.execute(_FIRST, (section,)):
            yield KeptText(essence, content, length, bits, tuple(json.loads(bands)))

    def shared(self, section: str) -> list[str]:
        """Return the texts of a section that several agencies have, by their digests."""
        return [essence for (essence,) in self._base.execute(_SHARED, (section,))]

    def holders(self, section: str, essence: str) -> list[Holder]:
        """Return the returns that have a text."""
        return [Holder(*row) for row in self._base.execute(_HOLDERS, (section, essence))]

    def whose(self, content: int) -> tuple[str, str, int]:
        """Return the form id, the agency and the year of a content."""
        row = self._base.execute("SELECT form, agency, year FROM contents WHERE id = ?", (content,)).fetchone()
        form, agency, year = row
        return form, agency, year

    def paragraphs(self, content: int) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return the texts of a content by section: paragraphs, and the place of each."""
        (blob,) = self._base.execute("SELECT texts FROM contents WHERE id = ?", (content,)).fetchone()
        return {
            section: (tuple(paragraphs), tuple(places))
            for section, paragraphs, places in json.loads(zlib.decompress(blob))
        }

    @contextmanager
    def pairing(self) -> Iterator["Pairing"]:
        """Yield a place on disk for pairs of texts that may be similar."""
        self._base.execute("CREATE TEMP TABLE bands (band INTEGER, content INTEGER)")
        self._base.execute(
            "CREATE TEMP TABLE pairs (one INTEGER, other INTEGER, PRIMARY KEY (one, other)) WITHOUT ROWID"
        )
        try:
            yield Pairing(self._base)
        finally:
            self._base.execute("DROP TABLE bands")
            self._base.execute("DROP TABLE pairs")


class Pairing:
    """Pairs of texts that may be similar, because they have a sketch in common."""

    def __init__(self, base: Connection) -> None:
        self._base = base

    def add_sketches(self, content: int, bands: Iterable[int]) -> None:
        """Record the sketches of a text."""
        self._base.executemany("INSERT INTO bands VALUES (?, ?)", ((band, content) for band in bands))

    def by_sketch(self) -> Iterator[tuple[int, int]]:
        """Yield each sketch with each content that has it, sketch by sketch."""
        return iter(self._base.execute("SELECT band, content FROM bands ORDER BY band, content"))

    def add(self, one: int, other: int) -> None:
        """Record a pair of contents, once."""
        self._base.execute("INSERT OR IGNORE INTO pairs VALUES (?, ?)", (one, other))

    def pairs(self, section: str) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
        """Yield the pairs: digest and content of the one, and of the other."""
        for one, content, other, their_content in self._base.execute(_PAIRS, (section,)):
            yield (one, content), (other, their_content)
