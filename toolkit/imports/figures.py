"""The rows of figures in the tables of a report: what each line of a table is, and which columns its figures are of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from toolkit.documents import blocks
from toolkit.documents.blocks import Paragraph, all_paragraphs
from toolkit.forms.model import Table
from toolkit.imports.labels import Labels, RowId, key
from toolkit.submission.spelling import is_figure_of_any_kind, is_zero

LIKE_A_NAME = 45
"""How alike a text must be to the name of a column to speak for it, of 100."""
_LONGEST_FIGURE = 30
"""Characters of what stands in a cell for a figure, remarks and all."""
_FIGURE = re.compile(r"[?？¥￥+\-−–—减增约\s]*\d(?!\d?[.．、]\s*[^\d\s])[\d,，.．\s]*[%％\w]{0,4}\s*(?:[(（].*[)）])?")
"""A number, in units or with a remark in brackets; a label with a number of its own (1.属于……) is none."""


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of a published table: its text, and the columns from `left` up to `right` that it spans."""

    text: str
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class TablePlace:
    """A row of a table of the report, both counted from 1."""

    table: int
    row: int

    def at(self, column: int) -> str:
        """A cell in that row, its column counted from 0."""
        return f"第{self.table}个表!{self.row}行{column + 1}列"

    def __str__(self) -> str:
        return f"第{self.table}个表第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class Header:
    """The lines above figures: for each column from the left, the texts from the top."""

    columns: tuple[tuple[str, ...], ...] = ()

    def leaves(self, start: int) -> list[Field]:
        """The lowest text over each column from `start` on, neighbours that are one cell together."""
        found: list[Field] = []
        for column, texts in enumerate(self.columns):
            text = texts[-1] if texts else ""
            if column < start or not text:
                continue
            if found and found[-1].right == column and self.columns[column - 1] == texts:
                found[-1] = Field(text, found[-1].left, column + 1)
            else:
                found.append(Field(text, column, column + 1))
        return found


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A line of figures. `labels` stand left of it, `tables` are those under whose caption it stands. One that is not
    `sure` stands in a table without any word of the form: it may be torn off from one, or mean something else. `parted`
    is what tells its figures apart, see `blocks.TableBlock`."""

    place: TablePlace
    labels: tuple[str, ...]
    fields: tuple[Field, ...]
    header: Header
    tables: tuple[str, ...] = ()
    sure: bool = True
    parted: blocks.Parted = "cells"

    @property
    def filled(self) -> list[Field]:
        """Its figures that are not blank."""
        return [one for one in self.fields if one.text]

    @property
    def leaves(self) -> list[Field]:
        """The lowest texts of the header over its figures."""
        return self.header.leaves(self.fields[0].left if self.fields else 0)


@dataclass(slots=True)
class FigureReading:
    """What was read of the tables of a report: its lines, the blocks that are official tables, the block that each
    table is, and texts in them that were not understood, with their places."""

    lines: list[FigureLine] = field(default_factory=list)
    official: set[int] = field(default_factory=set)
    blocks: dict[int, int] = field(default_factory=dict)
    strange: list[tuple[str, str]] = field(default_factory=list)


def read_tables(all_blocks: Sequence[blocks.Block], labels: Labels) -> FigureReading:
    """The lines of figures in all tables of a report."""
    reading = FigureReading()
    number = 0
    under: tuple[str, ...] = ()
    header, width = Header(), 0
    for index, block in enumerate(all_blocks):
        if isinstance(block, Paragraph):
            if tables := labels.tables_under(block.text):
                under = tables
                reading.official.add(index)
            continue
        number += 1
        reading.blocks[number] = index
        reader = _TableReader(labels, number, under, header if block.width == width else Header(), reading)
        if reader.read(block):
            reading.official.add(index)
            under, header, width = reader.under, reader.header, block.width
    return reading


def dissolved(all_blocks: Sequence[blocks.Block]) -> Iterator[blocks.Block]:
    """The blocks without tables that only lay out a page: what stands in their cells, cell by cell."""
    for block in all_blocks:
        if isinstance(block, blocks.TableBlock) and _is_layout(block):
            for cell in block.cells:
                yield from dissolved(cell.blocks)
        else:
            yield block


def _is_layout(table: blocks.TableBlock) -> bool:
    return len(table.cells) == 1 or any(
        isinstance(block, blocks.TableBlock) for cell in table.cells for block in cell.blocks
    )


class _TableReader:
    """Reads one table line by line; keeps the caption and the header that stand above a line."""

    def __init__(
        self, labels: Labels, number: int, under: tuple[str, ...], header: Header, reading: FigureReading
    ) -> None:
        self.labels, self.number, self.under, self.header, self.reading = labels, number, under, header, reading
        self._heads: list[int] = []
        self._strange: list[tuple[str, str]] = []

    def read(self, table: blocks.TableBlock) -> bool:
        """Whether it is one of the official tables, or a piece of one."""
        self._at = {
            (row, column): cell
            for cell in table.cells
            for row in range(cell.row, cell.row + cell.height)
            for column in range(cell.column, cell.column + cell.width)
        }
        self._width = table.width
        self._parted = table.parted
        before = len(self.reading.lines)
        known = False
        for row in range(table.height):
            known = self._line(row) or known
        lines = self.reading.lines[before:]
        ours = any(self._is_ours(line) for line in lines)
        if not ours:
            nameless = [replace(line, sure=False) for line in lines if not line.labels]
            self.reading.lines[before:] = nameless if len(nameless) == len(lines) else []
            return known and not lines
        self.reading.strange += self._strange
        return True

    def _is_ours(self, line: FigureLine) -> bool:
        """Whether a line of figures is surely one of the form's: by its label, or by the header above or beside it."""
        heads = (*line.labels, *(text for texts in line.header.columns for text in texts))
        return bool(self.labels.rows_of(line.labels)) or any(map(self.labels.is_known, heads))

    def _line(self, row: int) -> bool:
        """Take up a line; whether it is known to be of the form."""
        fields = [
            Field(_text(cell), column, column + cell.width)
            for column in range(self._width)
            if (cell := self._at[row, column]).column == column and cell.row == row and not cell.padding
        ]
        filled = [one for one in fields if one.text]
        if not filled:
            return self._blank(row, fields)
        if len(filled) == 1 and (tables := self.labels.tables_under(filled[0].text)):
            self.under, self.header, self._heads = tables, Header(), []
            return True
        split = self._labels_end(fields)
        names, figures = fields[:split], fields[split:]
        label = [one.text for one in names if one.text]
        if any(is_figure(one.text) for one in figures) or (figures and label and self._is_row(label)):
            self._flush_header(row)
            place = TablePlace(self.number, row + 1)
            self.reading.lines.append(
                FigureLine(place, tuple(label), tuple(figures), self.header, self.under, parted=self._parted)
            )
            return bool(label) and self._is_row(label)
        return self._head(row, filled)

    def _blank(self, row: int, fields: Sequence[Field]) -> bool:
        """A line without a word: just under a header its figures are blank."""
        if not fields or not self._heads or self._heads[-1] != row - 1:
            return False
        self._flush_header(row)
        self.reading.lines.append(
            FigureLine(TablePlace(self.number, row + 1), (), tuple(fields), self.header, self.under)
        )
        return False

    def _labels_end(self, fields: Sequence[Field]) -> int:
        """Where the labels at the left end and the figures begin; figures may be blank."""
        end = 0
        for number, one in enumerate(fields):
            if is_figure(one.text) and not self._is_label(one.text):
                following = fields[number + 1].text if number + 1 < len(fields) else ""
                if end or not following or is_figure(following):
                    return number if end == 0 else end
            if one.text:
                end = number + 1
        return end

    def _is_label(self, text: str) -> bool:
        return bool(self.labels.rows_of([text])) or self.labels.is_part(text)

    def _is_row(self, label: Sequence[str]) -> bool:
        """Whether labels are those of a row: beside names of columns or of other rows, it is one of a header."""
        rows = sum(bool(self.labels.rows_of([text])) for text in label)
        return rows <= 1 and bool(self.labels.rows_of(label)) and not any(map(self.labels.is_column, label))

    def _head(self, row: int, filled: Sequence[Field]) -> bool:
        """A line without figures: a part of the header, or something else."""
        known = any(self.labels.is_known(one.text) or self.labels.is_part(one.text) for one in filled)
        if known or self._heads or not self.header.columns:
            if not self._heads or self._heads[-1] == row - 1:
                self._heads.append(row)
            else:
                self._heads = [row]
        if not known:
            text = "".join(one.text for one in filled)
            self._strange.append((TablePlace(self.number, row + 1).at(filled[0].left), text))
        return known

    def _flush_header(self, row: int) -> None:
        """Figures begin: the lines just above them are their header."""
        if self._heads and self._heads[-1] == row - 1:
            self.header = Header(tuple(self._path(column) for column in range(self._width)))
        self._heads = []

    def _path(self, column: int) -> tuple[str, ...]:
        heads = (self._at[row, column] for row in self._heads)
        cells = {(cell.row, cell.column): cell for cell in heads}
        return tuple(text for cell in cells.values() if (text := _text(cell)))


def _text(cell: blocks.TableCell) -> str:
    """The text of a cell; lines of it are one, but two figures stay two."""
    direct = tuple(block for block in cell.blocks if isinstance(block, Paragraph))
    text = ""
    for one in all_paragraphs(direct):
        space = " " if text[-1:].isdigit() and one.text.strip()[:1].isdigit() else ""
        text += space + one.text.strip()
    return text.strip("\u00a0\u3000 ")


def is_figure(text: str) -> bool:
    """Whether a text stands for a figure: a number, a number with a remark, a dash."""
    if not text or len(text) > _LONGEST_FIGURE:
        return False
    return bool(_FIGURE.fullmatch(text)) or is_figure_of_any_kind(text)


def columns_of(line: FigureLine, table: Table, labels: Labels) -> Mapping[str, Field] | None:
    """The field of each column of a table in a line; None when that cannot be known."""
    wanted = [column.id for column in table.columns]
    leaves = line.leaves
    named = [labels.column_of(table.id, leaf.text) for leaf in leaves]
    order = named if sorted(named) == sorted(wanted) else wanted
    fitted = _fitted(line, len(wanted))
    if fitted and order is wanted and _contradicts(leaves, named, table):
        return None
    if fitted:
        return dict(zip(order, fitted, strict=True))
    # In a text, cells that span several columns are lost, so that a name may stand above another column than its own.
    return _by_place(line.fields, leaves, named) if line.parted == "cells" or not line.filled else None


def _contradicts(leaves: Sequence[Field], named: Sequence[str], table: Table) -> bool:
    """Whether the names above figures speak against the order that the form has."""
    places = {column.id: number for number, column in enumerate(table.columns)}
    if len(leaves) != len(table.columns):
        known = [places[name] for name in named if name]
        return known != sorted(set(known))
    for place, (leaf, name) in enumerate(zip(leaves, named, strict=True)):
        if name and places[name] != place:
            return True
        alike = [fuzz.ratio(key(leaf.text), key(column.label[-1])) for column in table.columns]
        if not name and max(alike) >= LIKE_A_NAME and max(alike) > alike[place]:
            return True
    return False


def _fitted(line: FigureLine, count: int) -> Sequence[Field]:
    """So many fields next to each other that all others are blank, when there is one way only. Where only white space
    tells figures apart, a blank has left no trace: then there must be just so many figures. One 0 too many in a row of
    nothing else changes nothing."""
    fields, filled = line.fields, line.filled
    if count < len(filled) <= count + 1 and all(is_zero(one.text) for one in filled):
        return filled[:count]
    if line.parted == "spaces" and filled:
        return filled if len(filled) == count else ()
    ways = [
        (fields[start : start + count], fields[:start], fields[start + count :])
        for start in range(len(fields) - count + 1)
    ]
    clean = [way for way, before, after in ways if not any(one.text for one in (*before, *after))]
    return clean[0] if len(clean) == 1 else ()


def _by_place(fields: Sequence[Field], leaves: Sequence[Field], named: Sequence[str]) -> Mapping[str, Field] | None:
    """The field under each column that is named above, when no field could be of two."""
    found: dict[str, Field] = {}
    for one in fields:
        over = [
            name for leaf, name in zip(leaves, named, strict=True) if leaf.left < one.right and one.left < leaf.right
        ]
        names = [name for name in over if name]
        if len(over) != 1 or not names or names[0] in found:
            if one.text:
                return None
            continue
        found[names[0]] = one
    return found if found and set(found) == {name for name in named if name} else None


def _other_order(
    line: FigureLine,
    fields: Sequence[Field],
    wanted: Sequence[RowId],
    rows: Mapping[str, str],
    columns: Mapping[str, str],
) -> bool:
    """Whether the header names other rows or columns above fields than the form has at their places."""
    for one, (row, column) in zip(fields, wanted, strict=True):
        path = [key(text) for text in line.header.columns[one.left]] if one.left < len(line.header.columns) else []
        over = next((rows[name] for name in path if name in rows), row)
        leaf = columns.get(path[-1], column) if path else column
        if (over, leaf) != (row, column):
            return True
    return False


def across_of(line: FigureLine, table: Table) -> Mapping[RowId, Field] | None:
    """The fields of a table whose rows stand side by side, by row and column; None when the line is none of it."""
    wanted = [(row.id, column.id) for row in table.rows for column in table.columns]
    rows = {key(row.label[-1]): row.id for row in table.rows}
    columns = {key(column.label[-1]): column.id for column in table.columns}
    exact = len(line.fields) == len(wanted) and not (line.parted == "spaces" and line.filled)
    fitted = line.fields if exact else _fitted(line, len(wanted))
    headed = any(key(texts[-1]) in columns for texts in line.header.columns if texts)
    if fitted and (headed or any(one.text for one in fitted)) and not _other_order(line, fitted, wanted, rows, columns):
        return dict(zip(wanted, fitted, strict=True))
    if line.parted != "cells" and line.filled:
        return None
    found: dict[RowId, Field] = {}
    for one in line.fields:
        path = [key(text) for text in line.header.columns[one.left]] if one.left < len(line.header.columns) else []
        row = next((rows[name] for name in path if name in rows), "")
        column = columns.get(path[-1], "") if path else ""
        if row and column and (row, column) not in found:
            found[row, column] = one
        elif one.text:
            return None
    return found or None
