"""The lines of figures in the tables of a report: what each line of a table is, and which columns its figures belong
to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from toolkit.documents import blocks
from toolkit.documents.blocks import Paragraph, all_paragraphs
from toolkit.forms.model import Table
from toolkit.imports.labels import Labels, RowId, key
from toolkit.submission.spelling import is_figure_of_any_kind, is_zero

NAME_ALIKE = 45
"""The lowest similarity, of 100, at which a text counts as a sign of a column's name."""
_LONGEST_FIGURE = 30
"""The most characters of a cell with a figure, remarks included."""
_FIGURE = re.compile(r"[?？¥￥+\-−–—减增约\s]*\d(?!\d?[.．、]\s*[^\d\s])[\d,，.．\s]*[%％\w]{0,4}\s*(?:[(（].*[)）])?")
"""A number, with a unit or a remark in brackets. A label with its own number (1.属于……) does not match."""


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of a published table: its text and its columns, from `left` up to but not including `right`."""

    text: str
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class TablePlace:
    """A row of a table of the report. Both numbers count from 1."""

    table: int
    row: int

    def at(self, column: int) -> str:
        """Return the place of a cell in this row. `column` counts from 0."""
        return f"第{self.table}个表!{self.row}行{column + 1}列"

    def __str__(self) -> str:
        return f"第{self.table}个表第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class TextInTable:
    """A text in a table that is no label of the form, such as a note: the number of the table, its place, the text."""

    table: int
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Header:
    """The lines above figures: for each column from the left, the texts from top to bottom."""

    columns: tuple[tuple[str, ...], ...] = ()

    def leaves(self, start: int) -> list[Field]:
        """Return the lowest header text of each column from `start` on. Neighbouring columns of one cell are one
        field."""
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
    """A line of figures. `labels` stand left of the figures, `tables` are the ids of the tables that the caption above
    names.

    A line that is not `is_sure` stands in a table without any word of the form: it may be torn off another table, or
    mean something else. For `separator` see `blocks.TableBlock`.
    """

    place: TablePlace
    labels: tuple[str, ...]
    fields: tuple[Field, ...]
    header: Header
    tables: tuple[str, ...] = ()
    is_sure: bool = True
    separator: blocks.Separator = "cells"

    @property
    def filled(self) -> list[Field]:
        """Return the fields that are not blank."""
        return [one for one in self.fields if one.text]

    @property
    def leaves(self) -> list[Field]:
        """Return the lowest header texts above the figures."""
        return self.header.leaves(self.fields[0].left if self.fields else 0)


@dataclass(slots=True)
class FigureReading:
    """The result of reading the tables of a report. `official` are the indexes of blocks that are official tables or
    their captions. `blocks` maps a table's number to the index of its block. `unknown_texts` are texts that are no
    labels of the form."""

    lines: list[FigureLine] = field(default_factory=list)
    official: set[int] = field(default_factory=set)
    blocks: dict[int, int] = field(default_factory=dict)
    unknown_texts: list["TextInTable"] = field(default_factory=list)


def read_tables(all_blocks: Sequence[blocks.Block], labels: Labels) -> FigureReading:
    """Return the lines of figures in all tables of a report."""
    reading = FigureReading()
    number = 0
    captioned: tuple[str, ...] = ()
    header, width = Header(), 0
    for index, block in enumerate(all_blocks):
        if isinstance(block, Paragraph):
            if tables := labels.tables_under(block.text):
                captioned = tables
                reading.official.add(index)
            continue
        number += 1
        reading.blocks[number] = index
        reader = _TableReader(labels, number, captioned, header if block.width == width else Header(), reading)
        if reader.read(block):
            reading.official.add(index)
            captioned, header, width = reader.captioned, reader.header, block.width
    return reading


def without_layout_tables(all_blocks: Sequence[blocks.Block]) -> Iterator[blocks.Block]:
    """Yield the blocks, but replace each table that only lays out a page by the contents of its cells."""
    for block in all_blocks:
        if isinstance(block, blocks.TableBlock) and _is_layout(block):
            for cell in block.cells:
                yield from without_layout_tables(cell.blocks)
        else:
            yield block


def _is_layout(table: blocks.TableBlock) -> bool:
    """Return True if a table has one cell, or cells with tables in them."""
    return len(table.cells) == 1 or any(
        isinstance(block, blocks.TableBlock) for cell in table.cells for block in cell.blocks
    )


class _TableReader:
    """Reads one table line by line. It keeps the caption and the header above the current line."""

    def __init__(
        self, labels: Labels, number: int, captioned: tuple[str, ...], header: Header, reading: FigureReading
    ) -> None:
        self.labels, self.number, self.captioned, self.header, self.reading = labels, number, captioned, header, reading
        self._header_rows: list[int] = []
        self._unknown_texts: list[TextInTable] = []

    def read(self, table: blocks.TableBlock) -> bool:
        """Read the table. Return True if it is one of the official tables, or a piece of one."""
        self._at = {
            (row, column): cell
            for cell in table.cells
            for row in range(cell.row, cell.row + cell.height)
            for column in range(cell.column, cell.column + cell.width)
        }
        self._width = table.width
        self._separator = table.separator
        before = len(self.reading.lines)
        known = False
        for row in range(table.height):
            known = self._read_line(row) or known
        lines = self.reading.lines[before:]
        is_official = any(self._is_official(line) for line in lines)
        if not is_official:
            unlabelled = [replace(line, is_sure=False) for line in lines if not line.labels]
            self.reading.lines[before:] = unlabelled if len(unlabelled) == len(lines) else []
            return known and not lines
        self.reading.unknown_texts += self._unknown_texts
        return True

    def _is_official(self, line: FigureLine) -> bool:
        """Return True if a line of figures surely belongs to the form: its label, or the header above or beside it,
        says so."""
        heads = (*line.labels, *(text for texts in line.header.columns for text in texts))
        return bool(self.labels.rows_of(line.labels)) or any(map(self.labels.is_known, heads))

    def _read_line(self, row: int) -> bool:
        """Read one line. Return True if it surely belongs to the form."""
        fields = [
            Field(_text(cell), column, column + cell.width)
            for column in range(self._width)
            if (cell := self._at[row, column]).column == column and cell.row == row and not cell.padding
        ]
        filled = [one for one in fields if one.text]
        if not filled:
            return self._read_blank_line(row, fields)
        if len(filled) == 1 and (tables := self.labels.tables_under(filled[0].text)):
            self.captioned, self.header, self._header_rows = tables, Header(), []
            return True
        split = self._labels_end(fields)
        names, figures = fields[:split], fields[split:]
        label = [one.text for one in names if one.text]
        if any(is_figure(one.text) for one in figures) or (figures and label and self._is_row(label)):
            self._flush_header(row)
            place = TablePlace(self.number, row + 1)
            self.reading.lines.append(
                FigureLine(place, tuple(label), tuple(figures), self.header, self.captioned, separator=self._separator)
            )
            return bool(label) and self._is_row(label)
        return self._read_header_line(row, filled)

    def _read_blank_line(self, row: int, fields: Sequence[Field]) -> bool:
        """Read a line without text. Just under a header its figures are blank. Always return False."""
        if not fields or not self._header_rows or self._header_rows[-1] != row - 1:
            return False
        self._flush_header(row)
        self.reading.lines.append(
            FigureLine(TablePlace(self.number, row + 1), (), tuple(fields), self.header, self.captioned)
        )
        return False

    def _labels_end(self, fields: Sequence[Field]) -> int:
        """Return the number of fields before the figures. These are labels; the figures after them may be blank."""
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
        """Return True if labels are those of a row. Labels beside names of columns or of other rows belong to a
        header."""
        rows = sum(bool(self.labels.rows_of([text])) for text in label)
        return rows <= 1 and bool(self.labels.rows_of(label)) and not any(map(self.labels.is_column, label))

    def _read_header_line(self, row: int, filled: Sequence[Field]) -> bool:
        """Read a line without figures: a part of the header, or something else. Return True if it belongs to the
        form."""
        known = any(self.labels.is_known(one.text) or self.labels.is_part(one.text) for one in filled)
        if known or self._header_rows or not self.header.columns:
            if not self._header_rows or self._header_rows[-1] == row - 1:
                self._header_rows.append(row)
            else:
                self._header_rows = [row]
        if not known:
            text = "".join(one.text for one in filled)
            self._unknown_texts.append(
                TextInTable(self.number, TablePlace(self.number, row + 1).at(filled[0].left), text)
            )
        return known

    def _flush_header(self, row: int) -> None:
        """Make the lines just above this row the header of the figures that begin here."""
        if self._header_rows and self._header_rows[-1] == row - 1:
            self.header = Header(tuple(self._header_texts(column) for column in range(self._width)))
        self._header_rows = []

    def _header_texts(self, column: int) -> tuple[str, ...]:
        heads = (self._at[row, column] for row in self._header_rows)
        cells = {(cell.row, cell.column): cell for cell in heads}
        return tuple(text for cell in cells.values() if (text := _text(cell)))


def _text(cell: blocks.TableCell) -> str:
    """Return the text of a cell. Its lines are joined, but two figures stay apart."""
    direct = tuple(block for block in cell.blocks if isinstance(block, Paragraph))
    text = ""
    for one in all_paragraphs(direct):
        space = " " if text[-1:].isdigit() and one.text.strip()[:1].isdigit() else ""
        text += space + one.text.strip()
    return text.strip("\u00a0\u3000 ")


def is_figure(text: str) -> bool:
    """Return True if a text stands for a figure: a number, a number with a remark, or a dash."""
    if not text or len(text) > _LONGEST_FIGURE:
        return False
    return bool(_FIGURE.fullmatch(text)) or is_figure_of_any_kind(text)


def columns_of(line: FigureLine, table: Table, labels: Labels) -> Mapping[str, Field] | None:
    """Return the field of each column of a table in a line; None if the columns are not clear."""
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
    return _by_place(line.fields, leaves, named) if line.separator == "cells" or not line.filled else None


def _contradicts(leaves: Sequence[Field], named: Sequence[str], table: Table) -> bool:
    """Return True if the names above figures contradict the form's order of columns."""
    places = {column.id: number for number, column in enumerate(table.columns)}
    if len(leaves) != len(table.columns):
        known = [places[name] for name in named if name]
        return known != sorted(set(known))
    for place, (leaf, name) in enumerate(zip(leaves, named, strict=True)):
        if name and places[name] != place:
            return True
        alike = [fuzz.ratio(key(leaf.text), key(column.label[-1])) for column in table.columns]
        if not name and max(alike) >= NAME_ALIKE and max(alike) > alike[place]:
            return True
    return False


def _fitted(line: FigureLine, count: int) -> Sequence[Field]:
    """Return `count` neighbouring fields if all other fields are blank and only one choice is possible; else nothing.

    If only white space separates figures, a blank leaves no trace: then there must be exactly `count` figures. In a row
    of zeros, one 0 too many does not matter.
    """
    fields, filled = line.fields, line.filled
    if count < len(filled) <= count + 1 and all(is_zero(one.text) for one in filled):
        return filled[:count]
    if line.separator == "spaces" and filled:
        return filled if len(filled) == count else ()
    ways = [
        (fields[start : start + count], fields[:start], fields[start + count :])
        for start in range(len(fields) - count + 1)
    ]
    clean = [way for way, before, after in ways if not any(one.text for one in (*before, *after))]
    return clean[0] if len(clean) == 1 else ()


def _by_place(fields: Sequence[Field], leaves: Sequence[Field], named: Sequence[str]) -> Mapping[str, Field] | None:
    """Return the field under each named column; None if a field may belong to two columns."""
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


def _is_other_order(
    line: FigureLine,
    fields: Sequence[Field],
    wanted: Sequence[RowId],
    rows: Mapping[str, str],
    columns: Mapping[str, str],
) -> bool:
    """Return True if the header names other rows or columns above the fields than the form has at these places."""
    for one, (row, column) in zip(fields, wanted, strict=True):
        path = [key(text) for text in line.header.columns[one.left]] if one.left < len(line.header.columns) else []
        over = next((rows[name] for name in path if name in rows), row)
        leaf = columns.get(path[-1], column) if path else column
        if (over, leaf) != (row, column):
            return True
    return False


def fields_across(line: FigureLine, table: Table) -> Mapping[RowId, Field] | None:
    """Return the fields of a table whose rows stand side by side, by row and column; None if the line is not part of
    it."""
    wanted = [(row.id, column.id) for row in table.rows for column in table.columns]
    rows = {key(row.label[-1]): row.id for row in table.rows}
    columns = {key(column.label[-1]): column.id for column in table.columns}
    exact = len(line.fields) == len(wanted) and not (line.separator == "spaces" and line.filled)
    fitted = line.fields if exact else _fitted(line, len(wanted))
    headed = any(key(texts[-1]) in columns for texts in line.header.columns if texts)
    if (
        fitted
        and (headed or any(one.text for one in fitted))
        and not _is_other_order(line, fitted, wanted, rows, columns)
    ):
        return dict(zip(wanted, fitted, strict=True))
    if line.separator != "cells" and line.filled:
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
