"""Finds a table by its labels if rows or columns of its sheet were moved, inserted or deleted, or labels were altered.

Nothing is guessed. A row or column is where its labels stand. If only a label was altered, the line is between its
neighbours; if these leave no room, it was deleted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from toolkit.characters import plain
from toolkit.excel.addresses import Position
from toolkit.forms.grid import Box
from toolkit.submission.spelling import is_figure_of_any_kind
from toolkit.workbook.layout import CHOICE_ROW, ZERO_BLANKS, TableSheet
from toolkit.workbook.sheet_values import text_of

Texts = Mapping[Position, str]
CellReader = Callable[[int, int], object]
"""Returns what stands in a cell of a sheet."""


@dataclass(frozen=True, slots=True)
class Located:
    """The rows and columns of a table: where each should stand, and where it stands now, None if it was deleted.
    `altered` holds the labels that were altered, by their present position: the present text and the text that should
    stand there."""

    rows: Mapping[int, int | None]
    columns: Mapping[int, int | None]
    altered: Mapping[Position, tuple[str, str]]

    def at(self, position: Position) -> Position | None:
        """Return where a cell of the form stands now, None if it was deleted."""
        row, column = self.rows[position[0]], self.columns[position[1]]
        return None if row is None or column is None else (row, column)

    @property
    def moved(self) -> bool:
        """True if a row or column stands elsewhere than it should."""
        return any(was != now for line in (self.rows, self.columns) for was, now in line.items())


def locate(table: TableSheet, at: CellReader, height: int, width: int) -> Located | None:
    """Return where everything of a table stands; None if a row or column cannot be found with certainty.

    `at` returns what stands in a cell of the sheet; the sheet has `height` rows and `width` columns.
    """
    expected = {(box.row, box.column): plain(box.text) for box in anchors(table)}
    labels = set(expected.values())
    found = {
        (row, column): text
        for row in range(height)
        for column in range(width)
        if isinstance(value := at(row, column), str) and (text := plain(value)) in labels
    }
    known = labels | {plain(box.text) for box in table.mark_labels}
    matched = _matched(_lines(expected, 0), _lines(found, 0))
    if matched is None:
        return None
    sure = {row for row, now in matched.items() if now is not None}
    rows = _placed_between(matched, lambda row: _kind_of_line((at(row, column) for column in range(width)), known))
    trusted = {key: text for key, text in expected.items() if key[0] in sure}
    theirs = {key: text for key, text in found.items() if key[0] in matched.values()}
    by_label = _matched(_lines(trusted, 1), _lines(theirs, 1), range(table.width))
    if rows is None or by_label is None:
        return None
    headed = range(min(filter(None, matched.values()), default=0), height)
    columns = _placed_between(
        by_label, lambda column: _kind_of_line((at(row, column) for row in headed), known, "altered")
    )
    if columns is None or not _add_unlabelled(rows, columns, table, at, height):
        return None
    still_headed = {box.column for box in anchors(table) if rows[box.row] is not None}
    headless = {box.column for box in anchors(table)} - still_headed
    if any(by_label[column] is None and columns[column] is not None for column in headless):
        return None  # its headers were deleted, so it cannot be identified
    altered = _altered(table, Located(rows, columns, {}), at)
    if any(plain(stands) in known for stands, _ in altered.values()):
        return None  # a line with the label of another line may be that line
    return Located(rows, columns, altered)


def _altered(table: TableSheet, located: Located, at: CellReader) -> dict[Position, tuple[str, str]]:
    """Return the labels that were altered, see `Located`."""
    found = {}
    for box in anchors(table):
        position = located.at((box.row, box.column)) if box.column in located.columns else None
        stands = text_of(at(*position)) if position else ""
        if position and plain(stands) != plain(box.text):
            found[position] = (stands, box.text)
    return found


@cache
def unlabelled_rows(table: TableSheet) -> tuple[int, ...]:
    """Return the rows of cells in which no label stands."""
    return tuple(sorted({row for row, _ in table.cells.values()} - {box.row for box in table.boxes if box.text}))


def anchors(table: TableSheet) -> list[Box]:
    """Return the labels of a table, and the label before the choice about blanks."""
    choice = Box(CHOICE_ROW, table.choice[1] - 1, 1, 1, "label", ZERO_BLANKS)
    return [choice, *(box for box in table.boxes if box.text)]


def _lines(texts: Texts, axis: int) -> dict[int, tuple[str, ...]]:
    """Return the labels of each row (axis 0) or column (axis 1), in order."""
    lines: dict[int, list[str]] = {}
    for position in sorted(texts, key=lambda key: (key[axis], key[1 - axis])):
        lines.setdefault(position[axis], []).append(texts[position])
    return {line: tuple(found) for line, found in lines.items()}


def _matched(
    expected: Mapping[int, Sequence[str]], found: Mapping[int, Sequence[str]], lines: Sequence[int] = ()
) -> dict[int, int | None] | None:
    """Return for each expected line the line that has its labels, None if no line has. `lines` are further expected
    lines, which may have no label. Return None instead of a mapping if two lines have the labels of one."""
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
    _match_by_own_label(matched, expected, found)
    return matched


def _match_by_own_label(
    matched: dict[int, int | None], expected: Mapping[int, Sequence[str]], found: Mapping[int, Sequence[str]]
) -> None:
    """Match the remaining lines between two matched lines by their last label alone. The label of a group stands on the
    first line of the group, and that may be another line after a line was deleted or lines changed places."""
    for run, before, after in _gaps(matched):
        first = -1 if before is None else matched[before] or 0
        last = max(found, default=0) + 1 if after is None else matched[after] or 0
        between = [other for other in found if first < other < last and other not in matched.values()]
        for line in run:
            same = [other for other in between if line in expected and found[other][-1] == expected[line][-1]]
            twins = [other for other in run if line in expected and expected.get(other, "")[-1:] == expected[line][-1:]]
            if len(same) == 1 and len(twins) == 1:
                matched[line] = same[0]


def _gaps(lines: Mapping[int, int | None]) -> list[tuple[list[int], int | None, int | None]]:
    """Return the runs of lines that were not found, each with the lines before and after it."""
    gaps: list[tuple[list[int], int | None, int | None]] = []
    run: list[int] = []
    before = None
    for line, now in lines.items():
        if now is None:
            run.append(line)
            continue
        if run:
            gaps.append((run, before, line))
        run, before = [], line
    return [*gaps, (run, before, None)] if run else gaps


def _placed_between(lines: Mapping[int, int | None], kind_of: Callable[[int], str]) -> dict[int, int | None] | None:
    """Return the lines with those of altered labels placed where their neighbours leave room for them. Lines for which
    no room is left were deleted. Return None if it is not certain.

    `kind_of` returns what stands in a line: ``altered`` for what may be its own, ``gone`` for nothing or for labels of
    another line, ``bare`` for figures without a label.
    """
    filled = dict(lines)
    for run, before, after in _gaps(lines):
        shifts = [now - near for near in (before, after) if near is not None and (now := lines[near]) is not None]
        if len(shifts) == 2 and shifts[1] == shifts[0] - len(run):
            continue
        if not shifts or len(set(shifts)) > 1:
            return None
        places = [line + shifts[0] for line in run]
        kinds = {kind_of(place) if place >= 0 else "gone" for place in places}
        at_edge = len(shifts) == 1
        if at_edge and kinds == {"gone"}:
            continue
        if "bare" in kinds or (at_edge and "gone" in kinds) or {*places} & {*lines.values()}:
            return None
        filled |= zip(run, places, strict=True)
    return filled


def _kind_of_line(values: Iterable[object], known: set[str], figures: str = "bare") -> str:
    """Return what stands in a line, see `_placed_between`; `figures` is the result for a line with figures only."""
    there = [value for value in values if str(value).strip()]
    texts = {plain(value) for value in there if isinstance(value, str)}
    if not there or texts & known:
        return "gone"
    return "altered" if texts else figures


def _add_unlabelled(
    rows: dict[int, int | None], columns: Mapping[int, int | None], table: TableSheet, at: CellReader, height: int
) -> bool:
    """Add the rows of cells that have no label: the only row below the headers that holds figures, or the next row.
    Return False if it is not certain."""
    for row in unlabelled_rows(table):
        above = max(other for other in rows if other < row)
        before = rows[above]
        if before is None:
            return False
        last = min((now for now in rows.values() if now is not None and now > before), default=height)
        cells = [column for at_row, column in table.cells.values() if at_row == row]
        places = [now for column in cells if (now := columns[column]) is not None]
        lines = (line for line in range(max(before - 1, 0), last) if line not in rows.values())
        figures = [line for line in lines if any(_is_figure(at(line, place)) for place in places)]
        if len(figures) > 1 or (figures and figures[0] < before):
            return False  # two rows of figures, or one above its headers
        place = figures[0] if figures else before + row - above
        if place in rows.values():
            return False
        rows[row] = place
    return True


def _is_figure(value: object) -> bool:
    """Whether a value is a number, or a text that stands for one."""
    if isinstance(value, str):
        return is_figure_of_any_kind(value)
    return isinstance(value, float)
