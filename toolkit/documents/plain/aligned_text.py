"""Tables in text that programs for PDF files wrote. Only the place across the page separates the cells."""

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from toolkit.characters import display_width
from toolkit.documents.blocks import TableBlock
from toolkit.documents.grids import PlacedCell, TooLarge, cell_blocks, full_table
from toolkit.documents.plain.aligned_head import Head, HeadColumns, columns_of
from toolkit.documents.plain.aligned_labels import LabelPiece, gather_labels, groups_of, is_shorter
from toolkit.documents.plain.values import HEADING, MARK, is_page_number, is_value

_WITHOUT_GAPS = re.compile(rf"\S+(?:\s(?!{MARK.pattern})\S+)*")
"""Text without gaps. A numbered item begins a cell even if only one space stands before it."""
_LONG = 26
"""Characters. A longer text alone on its line is no part of a table."""
_INDENT = 6
"""Characters. A value alone on its line is at least this far from the margin."""
_HEAD_GAP = 7
"""Empty lines between the parts of a table's head."""
_MOST_LINES, _MOST_PIECES = 1000, 60
"""Lines of a table and pieces of a line. Anything larger is no table."""
_TITLE = re.compile(r"[一二三四五六七八九十]{1,3}、\S{5,}")
_HIGHEST_HEAD, _HIGHEST_LABEL = 40, 20
"""Lines."""
Measure = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class AlignedTable:
    """A table in the lines from `first` up to but not including `end`."""

    first: int
    end: int
    table: TableBlock


@dataclass(frozen=True, slots=True)
class _RowBand:
    """Lines with rows of the same columns. `head` is the first line of the head, `first` the first line of the first
    row's label."""

    head: int
    first: int
    rows: tuple[int, ...]
    end: int


def aligned_tables(lines: Sequence[str]) -> list[AlignedTable]:
    """Return the tables in lines of text."""
    page = _TextLines(lines)
    found = list[AlignedTable]()
    for band in page.bands():
        with suppress(TooLarge):
            table = _table(band, page)
            found += [AlignedTable(band.head, band.end, table)] if table else []
    return found


def _pieces(number: int, line: str, measure: Measure) -> list[LabelPiece]:
    """Return the texts of a line. Values with only a space between them are cells of their own."""
    pieces, at = list[LabelPiece](), 0
    line = line.replace("\u3000", "  ").replace("\u00a0", " ").replace("\f", "").rstrip()
    parts = list(_WITHOUT_GAPS.finditer(line))
    for part in parts:
        words = part[0].split(" ")
        count = next((n for n, word in enumerate(reversed(words)) if not is_value(word)), len(words))
        if count == len(words) or (count and len(parts) > 1):
            at = part.end() - len(" ".join(words[-count:]))
            values = [(word.start() + at, word[0]) for word in re.finditer(r"\S+", line[at : part.end()])]
            texts = [(part.start(), line[part.start() : at].rstrip()), *values]
        else:
            texts = [(part.start(), part[0])]
        for start, text in texts:
            if text:
                left = measure(line[:start])
                pieces.append(LabelPiece(number, left, left + measure(text), text, is_value(text)))
    return pieces


def _is_sentence(text: str) -> bool:
    """Return True if a text before a single value is part of a sentence that was stretched to fill its line."""
    return not is_value(text) and (len(text) >= _LONG or "，" in text or any(map(is_value, text.split())))


class _TextLines:
    """Lines of text and the pieces in them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._is_text = [bool(line.strip()) and not is_page_number(line) for line in lines]
        self.pieces = [
            _pieces(number, line, len) if self._is_text[number] else list[LabelPiece]()
            for number, line in enumerate(lines)
        ]
        self.page_of = list(accumulate(map(is_page_number, lines)))
        """The number of page ends up to each line."""

    def bands(self) -> Iterator[_RowBand]:
        """Yield the bands of lines that hold a table."""
        rows = [number for number in range(len(self.lines)) if self._is_row(number)]
        start, free = 0, 0
        for at, (row, following) in enumerate(pairwise([*rows, len(self.lines)])):
            if at + 1 < len(rows) and not self._is_cut(row, following):
                continue
            band = self._band(rows[start : at + 1], free)
            start = at + 1
            is_table = sum(len(self._values(one)) for one in band.rows) > 1 or band.head < band.first
            if is_table and band.end - band.head <= _MOST_LINES:
                yield band
                free = band.end

    def _values(self, number: int) -> list[LabelPiece]:
        return [piece for piece in self.pieces[number] if piece.is_value]

    def _is_row(self, number: int) -> bool:
        """Return True if values stand at the end of a line, with a label before them or well away from the margin."""
        pieces = self.pieces[number]
        kinds = [piece.is_value for piece in pieces]
        if not any(kinds) or kinds != sorted(kinds) or self._is_barrier(number):
            return False
        if len(pieces) == 2 and _is_sentence(pieces[0].text):
            return False
        return len(pieces) > 1 or pieces[0].start >= _INDENT

    def _is_barrier(self, number: int) -> bool:
        """Return True if a line is text that is in no table."""
        pieces = self.pieces[number]
        line = self.lines[number].strip()
        if HEADING.match(line) or "|" in line or "\t" in line or len(pieces) > _MOST_PIECES:
            return True
        return len(pieces) == 1 and (len(pieces[0].text) >= _LONG or pieces[0].text.endswith("。"))

    def _is_title(self, number: int) -> bool:
        """Return True if a line is a numbered heading between empty lines."""
        alone = not any(self.pieces[near] for near in (number - 1, number + 1) if 0 <= near < len(self.pieces))
        return alone and self._is_numbered(number)

    def _is_numbered(self, number: int) -> bool:
        pieces = self.pieces[number]
        return len(pieces) == 1 and bool(_TITLE.match(pieces[0].text))

    def _is_head(self, number: int, values_from: int) -> bool:
        """Return True if a line without values may stand above values: it has several texts, or one that begins where
        values do."""
        pieces = self.pieces[number]
        if not pieces or self._is_row(number) or self._is_barrier(number):
            return False
        is_above = pieces[-1].start >= values_from - 2 or (len(pieces) > 1 and pieces[-1].end > values_from)
        return is_above and not self._is_numbered(number)

    def _is_cut(self, row: int, following: int) -> bool:
        """Return True if a line between two rows ends the table."""
        values_from = min(self._values(row)[0].start, self._values(following)[0].start)
        between = [number for number in range(row + 1, following) if self.pieces[number]]
        return any(self._is_barrier(one) or self._is_title(one) or self._is_head(one, values_from) for one in between)

    def _band(self, rows: Sequence[int], free: int) -> _RowBand:
        values_from = min(self._values(row)[0].start for row in rows)
        first = self._label_from(rows[0], free, values_from)
        head, gap = first, 0
        for number in range(first - 1, max(free, first - _HIGHEST_HEAD) - 1, -1):
            # A caption stands above the head. A text between two lines of the head is part of the corner.
            is_between = head == number + 1 < first and number > free and self._is_head(number - 1, values_from)
            if self._is_head(number, values_from) or (is_between and self._is_fragment(number, values_from)):
                head, gap = number, 0
            elif self._is_text[number] or gap >= _HEAD_GAP:
                break
            gap += 1
        above = rows[-1] - self._label_from(rows[-1], rows[-2] + 1 if len(rows) > 1 else free, values_from)
        if above and self._is_last_line(rows[-1]):
            above = 0
        end = rows[-1] + 1 + len(self._fragments(rows[-1], 1, above, values_from))
        return _RowBand(head, first, tuple(rows), end)

    def _label_from(self, row: int, free: int, values_from: int) -> int:
        """Return the line where a row's label begins, if parts of it stand above the row: back to the item's number, or
        as many lines as there are below."""
        own = [piece for piece in self.pieces[row] if not piece.is_value]
        chain = self._fragments(row, -1, min(row - free, _HIGHEST_LABEL), values_from)
        marked = next((number for number in chain if MARK.match(self.pieces[number][0].text)), row)
        if own or marked < row:
            return row if own and MARK.match(own[-1].text) else marked
        below = self._fragments(row, 1, _HIGHEST_LABEL, values_from)
        return chain[: max(1, len(below))][-1] if chain else row

    def _is_last_line(self, row: int) -> bool:
        """Return True if the label that began above is so short in this row that it ends here."""
        own = [piece for piece in self.pieces[row] if not piece.is_value]
        return bool(own) and is_shorter(own[-1].text, self.pieces[row - 1][-1].text)

    def _fragments(self, row: int, step: int, most: int, values_from: int) -> list[int]:
        """Return the lines next to a row, above or below it, that hold only parts of labels."""
        found, number = list[int](), row + step
        while len(found) < most and 0 <= number < len(self.lines) and self._is_fragment(number, values_from):
            if step > 0 and MARK.match(self.pieces[number][0].text):
                break
            found.append(number)
            number += step
        return found

    def _is_fragment(self, number: int, values_from: int) -> bool:
        """Return True if a line holds only parts of labels."""
        pieces = self.pieces[number]
        if not pieces or self._is_barrier(number) or self._is_title(number) or self._is_row(number):
            return False
        return pieces[-1].start < values_from - 2 and pieces[-1].end <= values_from + 2


def _table(band: _RowBand, page: _TextLines) -> TableBlock | None:
    measure = _measure(band, page)
    pieces = [
        _pieces(number, page.lines[number], measure) if page.pieces[number] else []
        for number in range(band.head, band.end)
    ]
    above = [piece for line in pieces[: band.first - band.head] for piece in line]
    body = [piece for line in pieces[band.first - band.head :] for piece in line]
    rows = {row: [piece for piece in body if piece.line == row and piece.is_value] for row in band.rows}
    texts = [piece for piece in body if not piece.is_value]
    labels = gather_labels(texts, band.rows)
    own = [max((one for one in labels if one.row == row), key=lambda one: one.depth, default=None) for row in band.rows]
    depth = max((label.depth + 1 for label in labels), default=0)
    head = Head(above, [piece for piece in texts if piece.line in rows], rows)
    width, height = max(map(len, rows.values())), len(head.rows)
    full = [row for row in band.rows if len(rows[row]) == width]
    placed = [_placed(at, 0, 1, depth, head.corner if not at else "") for at in range(height) if depth]
    placed += [_placed(at, depth + to, 1, 1, text) for at, line in enumerate(head.rows) for to, text in enumerate(line)]
    for number, (row, label) in enumerate(zip(band.rows, own, strict=True)):
        if label:
            placed.append(_placed(height + number, label.depth, 1, depth - label.depth, label.text))
        columns = head.columns or _columns_beside(row, rows, full, page)
        values = _in_columns(rows[row], columns)
        placed += [_placed(height + number, depth + at, 1, 1, text) for at, text in enumerate(values)]
    for group, first, count in groups_of(labels, own):
        placed.append(_placed(height + first, group.depth, count, 1, group.text))
    table = full_table(placed, height)
    return replace(table, separator="spaces") if table else None


def _placed(row: int, column: int, height: int, width: int, text: str) -> PlacedCell:
    return PlacedCell(row, column, height, width, cell_blocks(text))


def _measure(band: _RowBand, page: _TextLines) -> Measure:
    """Return the function that measures text here: number of characters or their widths. It is the one with which the
    values stand better below each other."""
    spreads = []
    for measure in (len, display_width):
        rows = [[piece for piece in _pieces(row, page.lines[row], measure) if piece.is_value] for row in band.rows]
        spreads.append(sum(end - start for start, end in columns_of(rows)))
    return display_width if spreads[1] < spreads[0] else len


def _columns_beside(row: int, rows: dict[int, list[LabelPiece]], full: Sequence[int], page: _TextLines) -> HeadColumns:
    """Return the columns by the nearest complete row, on the same page if possible: pages are not aligned alike."""

    def distance(other: int) -> tuple[bool, int]:
        return page.page_of[row] != page.page_of[other], abs(row - other)

    at = bisect(full, row)
    return columns_of([rows[min(full[max(at - 1, 0) : at + 1], key=distance)]])


def _in_columns(values: Sequence[LabelPiece], columns: HeadColumns) -> list[str]:
    """Return the texts of a row's values by column. Each value is in the nearest column, and their order is kept."""
    texts, before = [""] * len(columns), -1
    for number, piece in enumerate(values):
        possible = range(before + 1, len(columns) - (len(values) - number - 1))
        before = min(possible, key=lambda at: abs(sum(columns[at]) / 2 - piece.center))
        texts[before] = piece.text
    return texts
