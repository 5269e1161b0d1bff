"""The labels of a table in aligned text: cells whose text was broken over several lines, above and below the line with
the row's values, and cells that stand for several rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from toolkit.documents.plain.values import MARK

_SAME_COLUMN = 3
"""Characters by which texts of one column begin in different places."""
_CLOSE = 3
"""Lines between parts of one label, empty ones included."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text between gaps of a line; `start` and `end` are where it stands across the page."""

    line: int
    start: int
    end: int
    text: str
    is_value: bool

    @property
    def center(self) -> float:
        return (self.start + self.end) / 2


@dataclass(slots=True)
class ColumnLabel:
    """A label in one of the columns for labels; `row` is the line of the values it belongs to, if it is a row's own."""

    depth: int
    pieces: list[Piece] = field(default_factory=list)
    row: int | None = None

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def first(self) -> int:
        return self.pieces[0].line

    @property
    def last(self) -> int:
        return self.pieces[-1].line

    @property
    def lacks_below(self) -> bool:
        """Whether more of it stands above its row's line than below: a label is centred on its row."""
        if self.row is None:
            return True
        return sum(piece.line < self.row for piece in self.pieces) > sum(piece.line > self.row for piece in self.pieces)


def gather_labels(pieces: Sequence[Piece], rows: Sequence[int]) -> list[ColumnLabel]:
    """All labels; of each row one at most is its own."""
    lines = dict(_by_line(pieces))
    pieces = [part for piece in pieces for part in _parts(piece, lines)]
    depths, with_values = _depths(pieces), set(rows)
    unnamed = with_values - {piece.line for piece in pieces if _may_own(piece)}
    innermost = {line: max(group, key=lambda one: one.start) for line, group in _by_line(pieces)}
    labels = list[ColumnLabel]()
    for depth in sorted(set(depths.values()), reverse=True):
        column = [piece for piece in pieces if depths[piece] == depth]
        own = {
            piece
            for piece in column
            if piece.line in with_values and innermost[piece.line] is piece and _may_own(piece)
        }
        labels += _column(column, own, unnamed, depth)
    for row in sorted(unnamed):
        near = [one for one in labels if one.row is None and one.first - 1 <= row <= one.last + 1]
        if near:
            max(near, key=lambda one: one.depth).row = row
    return labels


def _parts(piece: Piece, lines: Mapping[int, Sequence[Piece]]) -> Iterator[Piece]:
    """A text as it is, or cut at a space behind which other texts nearby begin."""
    starts = {one.start for one in _near(piece, lines) if one.start > piece.start}
    width = (piece.end - piece.start) / len(piece.text)
    spaces = [at for at, char in enumerate(piece.text) if char == " "]
    begun = [piece.start + round((at + 1) * width) for at in spaces]
    cut = next((at for at, start in zip(spaces, begun, strict=True) if starts & {start - 1, start, start + 1}), None)
    if cut is None:
        yield piece
        return
    middle = piece.start + round(cut * width)
    yield replace(piece, end=middle, text=piece.text[:cut])
    yield replace(piece, start=middle + 1, text=piece.text[cut + 1 :])


def _near(piece: Piece, lines: Mapping[int, Sequence[Piece]]) -> Iterator[Piece]:
    """The texts in the lines above and below."""
    for line in range(piece.line - _CLOSE - 1, piece.line + _CLOSE + 2):
        if line != piece.line:
            yield from lines.get(line, ())


def is_shorter(text: str, above: str) -> bool:
    """Whether a text does not fill the width of the lines above it, so that it is the last of them."""
    return len(text) < len(above) - 1


def _by_line(pieces: Sequence[Piece]) -> list[tuple[int, list[Piece]]]:
    ordered = sorted(pieces, key=lambda piece: (piece.line, piece.start))
    return [(line, list(group)) for line, group in groupby(ordered, key=lambda piece: piece.line)]


def _may_own(piece: Piece) -> bool:
    """A single character beside a row is one of a label that is written from top to bottom."""
    return len(MARK.sub("", piece.text, count=1)) > 1 or len(piece.text) > 3


def _depths(pieces: Sequence[Piece]) -> dict[Piece, int]:
    """The column of labels in which each text stands. Numbered ones of a kind stand in one, though not at the same
    place on every page; others below or above those they begin beside."""
    marked = {piece: kind for piece in pieces if (kind := _kind(piece.text)) is not None}
    if not marked:
        return _depths_by_place(pieces)
    kinds = sorted(set(marked.values()))
    depths = {piece: kinds.index(kind) for piece, kind in marked.items()}
    starts = {depth: [one.start for one, found in depths.items() if found == depth] for depth in range(len(kinds))}
    middle = {depth: sum(found) / len(found) for depth, found in starts.items()}
    lines = dict(_by_line(pieces))
    for piece in sorted(set(pieces) - set(depths), key=lambda one: (one.line, one.start)):
        near = [one for one in _near(piece, lines) if one in depths and abs(one.start - piece.start) <= _SAME_COLUMN]
        if near:
            depths[piece] = depths[min(near, key=lambda other: _distance(piece, other))]
        else:
            depths[piece] = min(middle, key=lambda depth: abs(middle[depth] - piece.start))
    return depths


def _kind(text: str) -> int | None:
    """Of what kind an item's number is; each kind stands within the one before."""
    if not MARK.match(text):
        return None
    return 1 if text[0] in "（(" else 2 if text[0].isdigit() else 0


def _distance(piece: Piece, other: Piece) -> tuple[int, int]:
    return abs(piece.start - other.start), abs(piece.line - other.line)


def _depths_by_place(pieces: Sequence[Piece]) -> dict[Piece, int]:
    depths, depth, before = dict[int, int](), -1, -_SAME_COLUMN - 1
    for start in sorted({piece.start for piece in pieces}):
        depth += start - before > _SAME_COLUMN
        depths[start], before = depth, start
    return {piece: depths[piece.start] for piece in pieces}


def _column(pieces: Sequence[Piece], own: set[Piece], unnamed: set[int], depth: int) -> list[ColumnLabel]:
    """The labels of one column from top to bottom; rows of `unnamed` that find theirs are taken out of it."""
    labels = list[ColumnLabel]()
    widest = max((len(piece.text) for piece in own), default=0)
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        if labels:
            _claim(labels[-1], piece.line, unnamed)
        goes_on = labels and (
            _goes_on_in_row(labels[-1], piece, widest) if piece in own else _goes_on(labels[-1], piece, following)
        )
        if not goes_on:
            labels.append(ColumnLabel(depth))
        labels[-1].pieces.append(piece)
        if piece in own:
            labels[-1].row = piece.line
    if labels:
        _claim(labels[-1], labels[-1].last + 2, unnamed)
    return labels


def _claim(label: ColumnLabel, before: int, unnamed: set[int]) -> None:
    """A row without a text on its own line belongs to the label that is broken around it."""
    found = [row for row in unnamed if label.first < row < before and row <= label.last + _CLOSE]
    if label.row is None and found and len(label.text) > 2:
        label.row = min(found)
        unnamed.remove(label.row)


def _goes_on_in_row(label: ColumnLabel, piece: Piece, widest: int) -> bool:
    """Whether a text beside values is more of the label above it. Where that has no number, it may as well be a caption
    of its own: unless it fills the column, it was not broken."""
    if MARK.match(piece.text) or label.row is not None or piece.line - label.last > _CLOSE:
        return False
    fills = len(label.pieces[-1].text) >= widest and label.last == piece.line - 1
    return MARK.match(label.text) is not None or (fills and label.pieces[-1].start == piece.start)


def _goes_on(label: ColumnLabel, piece: Piece, following: Piece | None) -> bool:
    """Whether a text that has no values beside it is more of the label above it."""
    if MARK.match(piece.text):
        return False
    if len(piece.text) == 1 or label.row is None:
        return True
    has_ended = len(label.pieces) > 1 and is_shorter(label.pieces[-1].text, label.pieces[0].text)
    if label.lacks_below and not has_ended:
        return True
    if following is None or MARK.match(following.text):
        return piece.line - label.last <= _CLOSE
    return piece.line - label.last < following.line - piece.line


def groups_of(labels: Sequence[ColumnLabel], own: Sequence[ColumnLabel | None]) -> list[tuple[ColumnLabel, int, int]]:
    """The labels that stand for several rows, each with the first of them and how many there are; those of which that
    cannot be told are left out. `own` are the labels of the rows."""
    found = list[tuple[ColumnLabel, int, int]]()
    for depth in {label.depth for label in labels}:
        groups = sorted((one for one in labels if one.depth == depth and one.row is None), key=lambda one: one.first)
        whole = _runs(own, depth, cut=False)
        runs = whole if len(whole) == len(groups) else _runs(own, depth, cut=True)
        if len(runs) == len(groups):
            found += [(group, run[0], len(run)) for group, run in zip(groups, runs, strict=True)]
    return found


def _runs(own: Sequence[ColumnLabel | None], depth: int, cut: bool) -> list[list[int]]:
    """Rows beside each other whose labels stand further right; with `cut`, a new run begins where the numbers of the
    items begin again."""
    runs, before = list[list[int]](), -1
    for row, label in enumerate(own):
        if label is None or label.depth <= depth:
            continue
        if not runs or before != row - 1 or (cut and label.text[:1] == "1"):
            runs.append([])
        runs[-1].append(row)
        before = row
    return runs
