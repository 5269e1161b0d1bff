"""The labels of a table in aligned text: cells whose text was broken over several lines, above and below the line with
the row's values, and cells that stand for several rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from toolkit.documents.plain.values import MARK

_SAME_COLUMN = 3
"""Characters by which the starts of texts in one column may differ."""
_CLOSE = 3
"""Lines between parts of one label, empty ones included."""


@dataclass(frozen=True, slots=True)
class LabelPiece:
    """A text between gaps of a line. `start` and `end` are its place across the page."""

    line: int
    start: int
    end: int
    text: str
    is_value: bool

    @property
    def center(self) -> float:
        """Return the middle between its start and its end."""
        return (self.start + self.end) / 2


@dataclass(slots=True)
class ColumnLabel:
    """A label in one of the label columns; `depth` is the number of that column. `row` is the line of the values that
    it belongs to; None if it belongs to several rows."""

    depth: int
    pieces: list[LabelPiece] = field(default_factory=list)
    row: int | None = None

    @property
    def text(self) -> str:
        """Return all pieces of the label as one text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def first(self) -> int:
        """Return the number of its first line."""
        return self.pieces[0].line

    @property
    def last(self) -> int:
        """Return the number of its last line."""
        return self.pieces[-1].line

    @property
    def needs_more_below(self) -> bool:
        """Return True if more lines of the label stand above its row than below. Labels are centred on their rows, so
        that more must follow."""
        if self.row is None:
            return True
        return sum(piece.line < self.row for piece in self.pieces) > sum(piece.line > self.row for piece in self.pieces)


def gather_labels(pieces: Sequence[LabelPiece], rows: Sequence[int]) -> list[ColumnLabel]:
    """Return all labels. Each row has at most one label of its own."""
    lines = dict(_by_line(pieces))
    pieces = [part for piece in pieces for part in _parts(piece, lines)]
    depths, with_values = _depths(pieces), set(rows)
    unlabelled = with_values - {piece.line for piece in pieces if _may_be_row_label(piece)}
    innermost = {line: max(group, key=lambda one: one.start) for line, group in _by_line(pieces)}
    labels = list[ColumnLabel]()
    for depth in sorted(set(depths.values()), reverse=True):
        column = [piece for piece in pieces if depths[piece] == depth]
        own = {
            piece
            for piece in column
            if piece.line in with_values and innermost[piece.line] is piece and _may_be_row_label(piece)
        }
        labels += _column(column, own, unlabelled, depth)
    for row in sorted(unlabelled):
        near = [one for one in labels if one.row is None and one.first - 1 <= row <= one.last + 1]
        if near:
            max(near, key=lambda one: one.depth).row = row
    return labels


def _parts(piece: LabelPiece, lines: Mapping[int, Sequence[LabelPiece]]) -> Iterator[LabelPiece]:
    """Yield a text as it is, or in two parts, cut at a space after which other texts nearby begin."""
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


def _near(piece: LabelPiece, lines: Mapping[int, Sequence[LabelPiece]]) -> Iterator[LabelPiece]:
    """Yield the texts in the lines above and below."""
    for line in range(piece.line - _CLOSE - 1, piece.line + _CLOSE + 2):
        if line != piece.line:
            yield from lines.get(line, ())


def is_shorter(text: str, above: str) -> bool:
    """Return True if a text is clearly shorter than the line above it, so that it is the last line of a label."""
    return len(text) < len(above) - 1


def _by_line(pieces: Sequence[LabelPiece]) -> list[tuple[int, list[LabelPiece]]]:
    ordered = sorted(pieces, key=lambda piece: (piece.line, piece.start))
    return [(line, list(group)) for line, group in groupby(ordered, key=lambda piece: piece.line)]


def _may_be_row_label(piece: LabelPiece) -> bool:
    """Return True if a piece may be a row's own label. A single character beside a row is part of a label that is
    written from top to bottom."""
    return len(MARK.sub("", piece.text, count=1)) > 1 or len(piece.text) > 3


def _depths(pieces: Sequence[LabelPiece]) -> dict[LabelPiece, int]:
    """Return the number of the label column of each text.

    Numbered texts of one kind are in one column, although not at the same place on every page. A text without a number
    is in the column of the text below or above that begins at the same place.
    """
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
    """Return the kind of an item's number: 0 for 一、, 1 for （一）, 2 for 1. Each kind stands inside the one before.
    Return None if there is no number."""
    if not MARK.match(text):
        return None
    return 1 if text[0] in "（(" else 2 if text[0].isdigit() else 0


def _distance(piece: LabelPiece, other: LabelPiece) -> tuple[int, int]:
    return abs(piece.start - other.start), abs(piece.line - other.line)


def _depths_by_place(pieces: Sequence[LabelPiece]) -> dict[LabelPiece, int]:
    depths, depth, before = dict[int, int](), -1, -_SAME_COLUMN - 1
    for start in sorted({piece.start for piece in pieces}):
        depth += start - before > _SAME_COLUMN
        depths[start], before = depth, start
    return {piece: depths[piece.start] for piece in pieces}


def _column(pieces: Sequence[LabelPiece], own: set[LabelPiece], unlabelled: set[int], depth: int) -> list[ColumnLabel]:
    """Return the labels of one column from top to bottom. Rows that find their label are removed from `unlabelled`."""
    labels = list[ColumnLabel]()
    widest = max((len(piece.text) for piece in own), default=0)
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        if labels:
            _assign_row(labels[-1], piece.line, unlabelled)
        continues = labels and (
            _continues_in_row(labels[-1], piece, widest) if piece in own else _continues(labels[-1], piece, following)
        )
        if not continues:
            labels.append(ColumnLabel(depth))
        labels[-1].pieces.append(piece)
        if piece in own:
            labels[-1].row = piece.line
    if labels:
        _assign_row(labels[-1], labels[-1].last + 2, unlabelled)
    return labels


def _assign_row(label: ColumnLabel, before: int, unlabelled: set[int]) -> None:
    """Give a row without a text on its own line to the label that is broken around it."""
    found = [row for row in unlabelled if label.first < row < before and row <= label.last + _CLOSE]
    if label.row is None and found and len(label.text) > 2:
        label.row = min(found)
        unlabelled.remove(label.row)


def _continues_in_row(label: ColumnLabel, piece: LabelPiece, widest: int) -> bool:
    """Return True if a text beside values continues the label above it.

    A label without a number may also be a caption of its own: unless it fills the column, it was not broken.
    """
    if MARK.match(piece.text) or label.row is not None or piece.line - label.last > _CLOSE:
        return False
    fills = len(label.pieces[-1].text) >= widest and label.last == piece.line - 1
    return MARK.match(label.text) is not None or (fills and label.pieces[-1].start == piece.start)


def _continues(label: ColumnLabel, piece: LabelPiece, following: LabelPiece | None) -> bool:
    """Return True if a text without values beside it continues the label above it."""
    if MARK.match(piece.text):
        return False
    if len(piece.text) == 1 or label.row is None:
        return True
    has_ended = len(label.pieces) > 1 and is_shorter(label.pieces[-1].text, label.pieces[0].text)
    if label.needs_more_below and not has_ended:
        return True
    if following is None or MARK.match(following.text):
        return piece.line - label.last <= _CLOSE
    return piece.line - label.last < following.line - piece.line


def groups_of(labels: Sequence[ColumnLabel], own: Sequence[ColumnLabel | None]) -> list[tuple[ColumnLabel, int, int]]:
    """Return the labels that stand for several rows, each with its first row and the number of rows.

    Labels whose rows are not clear are left out. `own` are the labels of the rows.
    """
    found = list[tuple[ColumnLabel, int, int]]()
    for depth in {label.depth for label in labels}:
        groups = sorted((one for one in labels if one.depth == depth and one.row is None), key=lambda one: one.first)
        uncut_runs = _runs(own, depth, cut=False)
        runs = uncut_runs if len(uncut_runs) == len(groups) else _runs(own, depth, cut=True)
        if len(runs) == len(groups):
            found += [(group, run[0], len(run)) for group, run in zip(groups, runs, strict=True)]
    return found


def _runs(own: Sequence[ColumnLabel | None], depth: int, cut: bool) -> list[list[int]]:
    """Return runs of neighbouring rows whose labels stand further right. With `cut`, a run also begins where the
    numbers of items restart."""
    runs, before = list[list[int]](), -1
    for row, label in enumerate(own):
        if label is None or label.depth <= depth:
            continue
        if not runs or before != row - 1 or (cut and label.text[:1] == "1"):
            runs.append([])
        runs[-1].append(row)
        before = row
    return runs
