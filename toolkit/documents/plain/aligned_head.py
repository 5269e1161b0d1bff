"""The head of a table in aligned text: which texts above the values belong together, and which column they belong
to."""

from collections.abc import Collection, Sequence

from toolkit.documents.plain.aligned_labels import LabelPiece

HeadColumns = list[tuple[int, int]]
"""The start and the end of the values of each column."""
_BESIDE = 3
"""Characters by which the centres of the lines of one broken text may differ."""
_ABOVE = 3
"""Lines from one line of a broken text to the next, empty ones included."""
_NARROW = 5
"""Characters. A text is broken over lines only if its column is this narrow."""
_CORNER_GAP = 8


def columns_of(rows: Collection[Sequence[LabelPiece]]) -> HeadColumns:
    """Return the columns, by the rows that have a value in each of them."""
    width = max(map(len, rows))
    full = [row for row in rows if len(row) == width]
    return [(min(row[at].start for row in full), max(row[at].end for row in full)) for at in range(width)]


class _HeadText:
    """A text of one or more lines."""

    def __init__(self, piece: LabelPiece) -> None:
        self.pieces = [piece]

    @property
    def text(self) -> str:
        """Return all lines of the text as one."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def first(self) -> int:
        """Return the number of its first line."""
        return self.pieces[0].line

    @property
    def reach(self) -> tuple[int, int]:
        """Return where it starts and ends across the page."""
        return min(piece.start for piece in self.pieces), max(piece.end for piece in self.pieces)

    @property
    def center(self) -> float:
        """Return the middle between its start and its end."""
        return sum(self.reach) / 2

    def is_begun_by(self, piece: LabelPiece) -> bool:
        """Return True if a text above is the beginning of this one. Only the last line of a broken text may be
        shorter."""
        top, width = self.pieces[0], _width(piece)
        is_near = 0 < top.line - piece.line <= _ABOVE and abs(piece.center - top.center) <= _BESIDE
        fills = width >= _width(top) if len(self.pieces) == 1 else abs(width - _width(top)) <= 1
        return is_near and fills and width <= _NARROW

    def stands_above(self, other: "_HeadText") -> bool:
        """Return True if this text is above another one and they overlap across the page."""
        (start, end), (left, right) = self.reach, other.reach
        return self.pieces[-1].line < other.first and start < right and left < end


class Head:
    """The part of a table above the values: `corner` stands above the labels, `rows` have a text for each column.

    `columns` are those of the head, if the head has more columns than any row has values.
    """

    def __init__(
        self, pieces: Sequence[LabelPiece], labels: Sequence[LabelPiece], rows: dict[int, list[LabelPiece]]
    ) -> None:
        columns = columns_of(rows.values())
        labels_to = max((piece.end for piece in labels), default=0)
        corner = [
            piece
            for piece in pieces
            if labels and (piece.center < labels_to or piece.end <= columns[0][0] - _CORNER_GAP)
        ]
        texts = _texts([piece for piece in pieces if piece not in corner])
        lowest = sorted((one for one in texts if not any(one.stands_above(other) for other in texts)), key=_center)
        if len(lowest) > len(columns):
            lowest = _lowest_texts(lowest)
        if labels and not corner and len(lowest) > len(columns) and _is_corner(lowest, rows):
            corner = lowest[0].pieces
            texts.remove(lowest.pop(0))
        self.corner = "".join(piece.text for piece in corner)
        self.columns: HeadColumns = [one.reach for one in lowest] if len(lowest) > len(columns) else []
        middles = [(start + end) / 2 for start, end in self.columns or columns]
        lines = list[list[str]]()
        for line in sorted({one.first for one in texts if one not in lowest}):
            lines.append(_in_line([one for one in texts if one.first == line and one not in lowest], middles))
        in_order = len(lowest) == len(middles)
        leaves = [one.text for one in lowest] if in_order else _in_line(lowest, middles)
        self.rows = [*lines, leaves] if pieces else []


def _lowest_texts(lowest: Sequence[_HeadText]) -> list[_HeadText]:
    """Return the texts that start no higher than texts that end in the last two lines. A higher text above a gap
    between columns stands for several columns."""
    last = max(one.pieces[-1].line for one in lowest)
    begin = min(one.first for one in lowest if one.pieces[-1].line >= last - 1)
    return [one for one in lowest if one.pieces[-1].line >= begin]


def _is_corner(lowest: Sequence[_HeadText], rows: dict[int, list[LabelPiece]]) -> bool:
    """Return True if no value stands below the first text, so that it is the heading of the labels."""
    first, second = lowest[0].center, lowest[1].center
    return all(abs(row[0].center - second) <= abs(row[0].center - first) for row in rows.values())


def _center(text: _HeadText) -> float:
    return text.center


def _width(piece: LabelPiece) -> int:
    return len(piece.text.replace(" ", ""))


def _texts(pieces: Sequence[LabelPiece]) -> list[_HeadText]:
    """Return the texts, built from the last line upwards: in the last line each column has its own text."""
    texts = list[_HeadText]()
    for piece in sorted(pieces, key=lambda one: -one.line):
        below = [one for one in texts if one.is_begun_by(piece)]
        if below:
            min(below, key=lambda one: abs(one.pieces[0].center - piece.center)).pieces.insert(0, piece)
        else:
            texts.append(_HeadText(piece))
    return texts


def _in_line(texts: Sequence[_HeadText], middles: Sequence[float]) -> list[str]:
    """Return each text in the column that it is nearest to."""
    line = [""] * len(middles)
    for one in texts:
        at = min(range(len(middles)), key=lambda column: abs(middles[column] - one.center))
        line[at] += one.text
    return line
