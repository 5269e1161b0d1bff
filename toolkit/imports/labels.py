"""The labels of a form as they are met in published reports: typed anew, cut, shortened, in other brackets."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from toolkit.forms.model import Form, Line
from toolkit.resources import resource

ALIKE = 84
"""How alike a text must be to a label to be it with a slip of the pen, of 100."""
AHEAD = 6
"""How much more alike it must be than to any other label."""
SHORTEST_PART = 4
"""Characters of a label that is given only in part."""
LONGEST = 100
"""Characters; what is longer is no label."""
_NOT_WORDS = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十]{1,3}[)）、.．]|[（(]?\d{1,2}[)）、.．])")
_FIGURE_BEHIND = re.compile(
    r"(?<=[^\d\s.．、,，])\s*(?P<figure>[+＋\-－−]?\d[\d,，]*(?:[.．]\d+)?(?:亿元|万元|元|[件宗项次个%])?|(?<=\s)[-－—–/／_]+)\s*\Z"
)
"""A figure that stands behind a label with nothing, or but a space, between: 一、本年新收政府信息公开申请数量 64."""
RowId = tuple[str, str]
"""Table and row."""


def key(text: str) -> str:
    """A text as labels are compared: without white space and marks, in simple characters of one width."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).translate(_simplified()).casefold()


@cache
def _simplified() -> Mapping[int, int]:
    """Return the simplified character (简体字) for each traditional one (繁体字)."""
    lines = resource("templates/traditional.txt").read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}


def without_figure(text: str) -> tuple[str, str]:
    """A text without the figure that stands behind it, and that figure, empty where there is none."""
    found = _FIGURE_BEHIND.search(text)
    return (text[: found.start()], found["figure"]) if found else (text, "")


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a form by their keys. `rows` leads to the rows that a label may be of, `parts` are labels above
    rows, `captions` lead to the tables they stand over, `columns` are those of each table."""

    form: Form
    rows: Mapping[str, tuple[RowId, ...]]
    parts: frozenset[str]
    captions: Mapping[str, tuple[str, ...]]
    corners: frozenset[str]
    columns: Mapping[str, Mapping[str, str]]

    def rows_of(self, texts: Sequence[str]) -> tuple[RowId, ...]:
        """The rows that the label cells of a line may stand for, the last of which is the row's own. A label may be
        cut over several cells."""
        keys = [known for text in texts if (known := key(text))]
        for start in range(len(keys) - 1, -1, -1):
            if found := self.rows.get("".join(keys[start:])):
                return found
        if not keys or without_figure(texts[-1])[1]:
            return ()  # a figure behind a label is one of the row's own, and no slip of the pen
        return self._nearly(keys[-1])

    def _nearly(self, wanted: str) -> tuple[RowId, ...]:
        """The rows of the one label that is nearly so, or of which this is a part."""
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
        """Whether a text is a label above rows, or a corner."""
        wanted = key(text)
        return wanted in self.parts or wanted in self.corners or bool(_best(wanted, self.parts))

    def tables_under(self, text: str) -> tuple[str, ...]:
        """The tables that stand under a text that is a caption."""
        return self.captions.get(key(text), ())

    def column_of(self, table: str, text: str) -> str:
        """The column of a table that a text names, empty when it is none's."""
        wanted, known = key(text), self.columns[table]
        if wanted in known:
            return known[wanted]
        nearly = _best(wanted, known)
        return known[nearly] if nearly else ""

    def is_column(self, text: str) -> bool:
        """Whether a text names a column of any table exactly."""
        wanted = key(text)
        return any(wanted in known for known in self.columns.values())

    def is_known(self, text: str) -> bool:
        """Whether a text is any label of the form exactly."""
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
    """The known key that is nearly the wanted one, when no other comes close to it."""
    return _nearest(wanted, tuple(known)) if SHORTEST_PART <= len(wanted) <= LONGEST else ""


@lru_cache(4096)
def _nearest(wanted: str, known: tuple[str, ...]) -> str:
    """The same of a text that is as long as labels are; a table has few different ones, each many times."""
    ranked = process.extract(wanted, known, scorer=fuzz.ratio, limit=2, score_cutoff=ALIKE - AHEAD)
    if not ranked or ranked[0][1] < ALIKE:
        return ""
    return str(ranked[0][0]) if len(ranked) < 2 or ranked[0][1] - ranked[1][1] >= AHEAD else ""


@lru_cache(16)
def labels_of(form: Form) -> Labels:
    """The labels of a form."""
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
    """Every name of the lines of a table, where it is one line's alone."""
    found: dict[str, set[str]] = {}
    for line in lines:
        for name in (line.label[-1], line.short, *line.also):
            found.setdefault(key(name), set()).add(line.id)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1 and name}


def _row_names(row: Line) -> set[str]:
    whole = "".join(row.label)
    return {key(name) for name in (row.label[-1], row.short, whole, *row.also)}


def _without_number(label: str) -> str:
    """A label without its number, empty when it had none: a number of its own is part of what it says."""
    found = _NUMBERED.match(label)
    return key(label[found.end() :]) if found else ""
