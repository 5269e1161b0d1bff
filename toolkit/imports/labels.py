"""The labels of a form as published reports write them: typed again, cut, shortened, in other brackets."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from toolkit.characters import simplified
from toolkit.forms.model import Form, Line

ALIKE = 84
"""The lowest similarity, of 100, at which a text is a label with a typing error."""
AHEAD = 6
"""By how much the similarity must exceed that of any other label."""
SHORTEST_PART = 4
"""The fewest characters of a label that is given only in part."""
LONGEST = 100
"""Characters. A longer text is no label."""
_NOT_WORDS = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十]{1,3}[)）、.．]|[（(]?\d{1,2}[)）、.．])")
_FIGURE_BEHIND = re.compile(
    r"(?<=[^\d\s.．、,，])\s*(?P<figure>[+＋\-－−]?\d[\d,，]*(?:[.．]\d+)?(?:亿元|万元|元|[件宗项次个%])?|(?<=\s)[-－—–/／_]+)\s*\Z"
)
"""A figure that follows a label with nothing or only a space between: 一、本年新收政府信息公开申请数量 64."""
RowId = tuple[str, str]
"""The ids of a table and of its row."""


def key(text: str) -> str:
    """Return a text in the form in which labels are compared: no white space or marks, simplified characters of one
    width."""
    return simplified(_NOT_WORDS.sub("", unicodedata.normalize("NFKC", text))).casefold()


def without_figure(text: str) -> tuple[str, str]:
    """Return a text without the figure at its end, and that figure; empty if there is none."""
    found = _FIGURE_BEHIND.search(text)
    return (text[: found.start()], found["figure"]) if found else (text, "")


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a form by their keys. `rows` maps a label to the rows it may belong to, `parts` are labels above
    rows, `captions` map a caption to its tables, `columns` map a table to the names of its columns."""

    form: Form
    rows: Mapping[str, tuple[RowId, ...]]
    parts: frozenset[str]
    captions: Mapping[str, tuple[str, ...]]
    corners: frozenset[str]
    columns: Mapping[str, Mapping[str, str]]

    def rows_of(self, texts: Sequence[str]) -> tuple[RowId, ...]:
        """Return the rows that the label cells of a line may belong to. The last cell is the row's own label; a label
        may be cut over several cells."""
        keys = [known for text in texts if (known := key(text))]
        for start in range(len(keys) - 1, -1, -1):
            if found := self.rows.get("".join(keys[start:])):
                return found
        if not keys or without_figure(texts[-1])[1]:
            return ()  # a figure after a label is the row's first figure, not a typing error
        return self._nearly(keys[-1])

    def _nearly(self, wanted: str) -> tuple[RowId, ...]:
        """Return the rows of the one label that is similar to this key or begins with it."""
        if wanted in self.parts:
            return ()
        nearly = _best(wanted, self.rows)
        if nearly:
            return self.rows[nearly]
        if len(wanted) < SHORTEST_PART:
            return ()
        parts = {rows for known, rows in self.rows.items() if known.startswith(wanted) or _begins(wanted, known)}
        return next(iter(parts)) if len(parts) == 1 else ()

    def is_part(self, text: str) -> bool:
        """Return True if a text is a label above rows, or a corner."""
        wanted = key(text)
        return wanted in self.parts or wanted in self.corners or bool(_best(wanted, self.parts))

    def tables_under(self, text: str) -> tuple[str, ...]:
        """Return the tables under a caption; none if the text is no caption."""
        return self.captions.get(key(text), ())

    def column_of(self, table: str, text: str) -> str:
        """Return the id of the column of a table that a text names; empty if it names none."""
        wanted, known = key(text), self.columns[table]
        if wanted in known:
            return known[wanted]
        nearly = _best(wanted, known)
        return known[nearly] if nearly else ""

    def is_column(self, text: str) -> bool:
        """Return True if a text is exactly the name of a column of any table."""
        wanted = key(text)
        return any(wanted in known for known in self.columns.values())

    def is_known(self, text: str) -> bool:
        """Return True if a text is exactly any label of the form."""
        wanted = key(text)
        return (
            wanted in self.rows
            or wanted in self.parts
            or wanted in self.corners
            or wanted in self.captions
            or self.is_column(text)
        )


def _begins(wanted: str, known: str) -> bool:
    return len(known) >= SHORTEST_PART and wanted.startswith(known)


def _best(wanted: str, known: Iterable[str]) -> str:
    """Return the known key that is similar to the wanted one, if no other is almost as similar; else an empty text."""
    return _nearest(wanted, tuple(known)) if SHORTEST_PART <= len(wanted) <= LONGEST else ""


@lru_cache(4096)
def _nearest(wanted: str, known: tuple[str, ...]) -> str:
    """Return the same as `_best` for a key as long as labels are. Cached: a table has few different texts, each many
    times."""
    ranked = process.extract(wanted, known, scorer=fuzz.ratio, limit=2, score_cutoff=ALIKE - AHEAD)
    if not ranked or ranked[0][1] < ALIKE:
        return ""
    return str(ranked[0][0]) if len(ranked) < 2 or ranked[0][1] - ranked[1][1] >= AHEAD else ""


@lru_cache(16)
def labels_of(form: Form) -> Labels:
    """Return the labels of a form."""
    tables = [table for section in form.table_sections for table in section.tables]
    columns = {table.id: _names(table.columns) for table in tables}
    everywhere = {known for names in columns.values() for known in names}
    rows: dict[str, list[RowId]] = {}
    for table in tables:
        for row in table.rows:
            for name in _row_names(row):
                rows.setdefault(name, []).append((table.id, row.id))
            bare = _without_number(row.label[-1])
            if bare not in everywhere:
                rows.setdefault(bare, []).append((table.id, row.id))
    captions: dict[str, list[str]] = {}
    for table in tables:
        if table.caption:
            captions.setdefault(key(table.caption), []).append(table.id)
    lines = [line for table in tables for line in (*table.rows, *table.columns)]
    return Labels(
        form,
        {name: tuple(dict.fromkeys(found)) for name, found in rows.items() if name},
        frozenset(key(part) for line in lines for part in line.label[:-1]),
        {name: tuple(found) for name, found in captions.items()},
        frozenset(key(table.corner) for table in tables if table.corner),
        columns,
    )


def _names(lines: Iterable[Line]) -> dict[str, str]:
    """Return every name that belongs to only one of these lines, with the id of that line."""
    found: dict[str, set[str]] = {}
    for line in lines:
        for name in (line.label[-1], line.short, *line.also):
            found.setdefault(key(name), set()).add(line.id)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1 and name}


def _row_names(row: Line) -> set[str]:
    full_name = "".join(row.label)
    return {key(name) for name in (row.label[-1], row.short, full_name, *row.also)}


def _without_number(label: str) -> str:
    """Return the key of a label without its number; empty if it has none, because then a number is part of the
    words."""
    found = _NUMBERED.match(label)
    return key(label[found.end() :]) if found else ""
