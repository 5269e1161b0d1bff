"""Finds a table by its labels where rows or columns of its sheet were moved or inserted, or labels were altered.

Nothing is guessed: a row or column is where its labels stand, or, where only a label was altered, between its
neighbours.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import TypeGuard

from toolkit.forms.grid import Box
from toolkit.workbook.layout import CHOICE_ROW, ZERO_BLANKS, Position, TableSheet

Texts = Mapping[Position, str]


@dataclass(frozen=True, slots=True)
class Located:
    """Where the rows and columns of a table stand, by where they should; `altered` are labels that say something else,
    by where they stand now."""

    rows: Mapping[int, int]
    columns: Mapping[int, int]
    altered: Mapping[Position, tuple[str, str]]

    def at(self, position: Position) -> Position:
        """Where a cell of the form stands."""
        return self.rows[position[0]], self.columns[position[1]]

    @property
    def moved(self) -> bool:
        """Whether anything stands elsewhere than it should."""
        return any(was != now for line in (self.rows, self.columns) for was, now in line.items())


def plain(text: str) -> str:
    """A label as labels are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def locate(table: TableSheet, at: Callable[[int, int], object], height: int, width: int) -> Located | None:
    """Where everything of a table stands; None when a row or column of it cannot be found with certainty.

    `at` gives what stands in a cell of the sheet, which is `height` by `width`.
    """
    expected = {(box.row, box.column): plain(box.text) for box in anchors(table)}
    labels = set(expected.values())
    found = {
        (row, column): text
        for row in range(height)
        for column in range(width)
        if isinstance(value := at(row, column), str) and (text := plain(value)) in labels
    }
    rows = _matched(_lines(expected, 0), _lines(found, 0))
    if rows is None:
        return None
    sure = {row: now for row, now in rows.items() if now is not None}
    trusted = {key: text for key, text in expected.items() if key[0] in sure}
    theirs = {key: text for key, text in found.items() if key[0] in sure.values()}
    columns = _matched(_lines(trusted, 1), _lines(theirs, 1), range(table.width))
    if columns is None or not _fill_between(rows) or not _fill_between(columns):
        return None
    if any(now < 0 or not _has_text(at, now, width) for row, now in rows.items() if row not in sure):
        return None
    if not _add_unlabelled(rows, table, at, height, width):
        return None
    altered = {}
    for box in anchors(table):
        if box.column in columns:
            position = rows[box.row], columns[box.column]
            stands = str(at(*position))
            if plain(stands) != plain(box.text):
                altered[position] = (stands, box.text)
    return Located(rows, columns, altered)


@cache
def unlabelled_rows(table: TableSheet) -> tuple[int, ...]:
    """Rows of cells in which no label stands."""
    return tuple(sorted({row for row, _ in table.cells.values()} - {box.row for box in table.boxes if box.text}))


def anchors(table: TableSheet) -> list[Box]:
    """The labels of a table, and the one before its choice on blanks."""
    choice = Box(CHOICE_ROW, table.choice[1] - 1, 1, 1, "label", ZERO_BLANKS)
    return [choice, *(box for box in table.boxes if box.text)]


def _lines(texts: Texts, axis: int) -> dict[int, tuple[str, ...]]:
    """The labels of each row (axis 0) or column (axis 1), in order."""
    lines: dict[int, list[str]] = {}
    for position in sorted(texts, key=lambda key: (key[axis], key[1 - axis])):
        lines.setdefault(position[axis], []).append(texts[position])
    return {line: tuple(found) for line, found in lines.items()}


def _matched(
    expected: Mapping[int, Sequence[str]], found: Mapping[int, Sequence[str]], lines: Sequence[int] = ()
) -> dict[int, int | None] | None:
    """Each expected line and the line that has its labels, None where no line has; `lines` are to be found, too, though
    they may have no label. None at all when two lines have the labels of one."""
    wanted, there = list(expected), list(found)
    matcher = SequenceMatcher(
        None, [expected[line] for line in wanted], [found[line] for line in there], autojunk=False
    )
    matched: dict[int, int | None] = dict.fromkeys(sorted({*wanted, *lines}))
    for block in matcher.get_matching_blocks():
        matched |= zip(wanted[block.a : block.a + block.size], there[block.b : block.b + block.size], strict=True)
    for line in wanted:
        same = [other for other in there if found[other] == expected[line] and other not in matched.values()]
        if len(same) > 1 or (same and matched[line] is not None):
            return None
        if same:
            matched[line] = same[0]
    return matched


def _fill_between(lines: dict[int, int | None]) -> TypeGuard[dict[int, int]]:
    """Put lines whose labels were altered where their neighbours leave room for them; whether that could be done."""
    known = {line: now for line, now in lines.items() if now is not None}
    for line in [line for line, now in lines.items() if now is None]:
        before = max((other for other in known if other < line), default=None)
        after = min((other for other in known if other > line), default=None)
        places = {known[near] + line - near for near in (before, after) if near is not None}
        if len(places) != 1 or places & {now for now in lines.values() if now is not None}:
            return False
        lines[line] = places.pop()
    return True


def _has_text(at: Callable[[int, int], object], row: int, width: int) -> bool:
    return any(isinstance(value := at(row, column), str) and value.strip() for column in range(width))


def _add_unlabelled(
    rows: dict[int, int], table: TableSheet, at: Callable[[int, int], object], height: int, width: int
) -> bool:
    """Find rows of cells that have no label: the only row below the headers that holds figures, or the next one."""
    for row in unlabelled_rows(table):
        before = max(other for other in rows if other < row)
        last = min((now for now in rows.values() if now > rows[before]), default=height)
        figures = [
            line
            for line in range(rows[before] + 1, last)
            if any(isinstance(at(line, column), float) for column in range(width))
        ]
        if len(figures) > 1:
            return False
        rows[row] = figures[0] if figures else rows[before] + row - before
    return True
