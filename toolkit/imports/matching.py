"""Matches the lines of figures of a published report to the cells of a form."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from toolkit.documents.blocks import Block
from toolkit.documents.table_words import is_table_print
from toolkit.forms.model import Form, Table
from toolkit.imports.figures import (
    Field,
    FigureLine,
    FigureReading,
    TablePlace,
    TextInTable,
    columns_of,
    fields_across,
    is_figure,
    read_tables,
)
from toolkit.imports.labels import Labels, RowId, labels_of, without_figure
from toolkit.submission.model import Irregularity

_UNIT = re.compile(r"\((?:单位:)?([千百十]?[万亿]?元)")
QUOTED, FIGURES_QUOTED = 30, 100
"""Characters of a text, and of a row of figures, that are quoted."""


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row of the form found in the report: its place and the field of each column. `rank` shows how sure it is: it is
    higher if there is a header and a caption."""

    place: TablePlace
    fields: Mapping[str, Field]
    rank: int


@dataclass
class Matched:
    """What was found of a form in a report: the text of each cell and its place.

    `irregularities` are rows that were not found, found twice, not understood, or recognised only by their order.
    `official` are the indexes of blocks that are the form's tables. `notes` are the texts in them that are no labels,
    by section. `score` is higher the more of the form was found.
    """

    form: Form
    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    irregularities: list[Irregularity] = field(default_factory=list)
    official: set[int] = field(default_factory=set)
    notes: dict[str, list[TextInTable]] = field(default_factory=dict)
    score: float = 0.0


def best_match(all_blocks: Sequence[Block], forms: Sequence[Form], year: int | None) -> Matched:
    """Return the match with the form that the report uses. The labels of the tables show the edition; if they do not
    decide, the year does."""
    matches = [match(all_blocks, form, forms) for form in forms]
    return max(matches, key=lambda one: (one.score, year is not None and one.form.serves(year)))


def match(all_blocks: Sequence[Block], form: Form, forms: Sequence[Form]) -> Matched:
    """Return what a report has of a form. `forms` are all forms that it may use."""
    labels = labels_of(form)
    reading = read_tables(all_blocks, labels)
    matcher = _Matcher(labels, [labels_of(other) for other in forms if other is not form])
    matcher.read_lines(reading)
    return matcher.result(reading)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}……"


def _has_figure(label: str) -> bool:
    """Return True if a label is a figure or ends with one, so that it may be the row's first figure."""
    return is_figure(label) or bool(without_figure(label)[1])


class _Matcher:
    """Reads the lines of figures in order. It keeps what was found of each row, rows with unclear figures, and lines
    without a label."""

    def __init__(self, labels: Labels, others: Sequence[Labels]) -> None:
        self.labels, self.form, self.others = labels, labels.form, others
        self.tables = {table.id: table for section in self.form.table_sections for table in section.tables}
        self.found: dict[RowId, MatchedRow] = {}
        self.irregularities: list[Irregularity] = []
        self._unclear: set[RowId] = set()
        self._current_table = ""
        self._unlabelled: dict[str, list[tuple[int, FigureLine, Mapping[str, Field]]]] = {}
        self._order: dict[str, list[int]] = {}

    def read_lines(self, reading: FigureReading) -> None:
        """Read every line, then place the lines without a label by their order among the others."""
        for line in reading.lines:
            self._read_line(line)
        for table, lines in self._unlabelled.items():
            self._place_unlabelled(self.tables[table], lines)

    def _read_line(self, line: FigureLine) -> None:
        row = self._row_of(line)
        if row is None:
            if not self._read_across(line) and any(one.text for one in line.fields):
                self._hold_unlabelled(line)
            return
        table = self.tables[row[0]]
        self._current_table = table.id
        foreign_column = self._foreign_column(line, table)
        fields = None if foreign_column else columns_of(line, table, self.labels)
        if fields is None:
            self._unclear.add(row)
            self._report_unknown(line, foreign_column)
            return
        self._order.setdefault(table.id, []).append(self._index(row))
        self._keep(row, MatchedRow(line.place, self._with_stated_units(line, row, fields), self._rank(line, table)))

    def _row_of(self, line: FigureLine) -> RowId | None:
        """Return the row of the label left of a line; None if not clear. A label of several tables belongs to the table
        that the caption or the line before names."""
        rows = self.labels.rows_of(line.labels)
        possible_tables = line.tables or (self._current_table,)
        row_choices = rows if len(rows) == 1 else tuple(row for row in rows if row[0] in possible_tables)
        return row_choices[0] if len(row_choices) == 1 else None

    def _rank(self, line: FigureLine, table: Table) -> int:
        is_column_named = any(self.labels.column_of(table.id, leaf.text) for leaf in line.leaves)
        return 2 * is_column_named + (table.id in line.tables)

    def _with_stated_units(self, line: FigureLine, row: RowId, fields: Mapping[str, Field]) -> Mapping[str, Field]:
        """Return the fields with the unit that the header states, if it is not the form's unit: （单位：元）."""
        units = {}
        for leaf in line.leaves:
            stated = _UNIT.search(unicodedata.normalize("NFKC", leaf.text))
            column = self.labels.column_of(row[0], leaf.text)
            if stated and column in fields and self.form.cells[f"{row[0]}.{row[1]}.{column}"].kind.unit != stated[1]:
                units[column] = stated[1]
        return {
            column: replace(one, text=f"{one.text}{units[column]}") if column in units and one.text else one
            for column, one in fields.items()
        }

    def _index(self, row: RowId) -> int:
        return next(number for number, one in enumerate(self.tables[row[0]].rows) if one.id == row[1])

    def _foreign_column(self, line: FigureLine, table: Table) -> str:
        """Return a column name above the line that only another form has, so that the figures mean something else;
        empty if none."""
        for leaf in line.leaves:
            if not self.labels.column_of(table.id, leaf.text) and any(
                other.is_column(leaf.text) for other in self.others
            ):
                return leaf.text
        return ""

    def _keep(self, row: RowId, found: MatchedRow) -> None:
        """Keep a row. If it was found before with other figures, add an irregularity and keep the better one: the one
        with a header, else the first. A blank row also counts as an answer."""
        before = self.found.get(row)
        if before is None:
            self.found[row] = found
            return
        values = [{name: one.text for name, one in each.fields.items()} for each in (before, found)]
        if found.rank > before.rank:
            self.found[row] = found
        if values[0] != values[1]:
            counts, both = str(self.found[row].place), (str(before.place), str(found.place))
            self.irregularities.append(Irregularity("row-twice", counts, wanted=self._name(row), names=both))

    def _read_across(self, line: FigureLine) -> bool:
        """Read a line of a table whose rows stand side by side. Return True if it is one."""
        if not all(map(self.labels.is_column, line.labels)):
            return False
        for table in self.tables.values():
            fields = fields_across(line, table) if table.across else None
            if fields is None:
                continue
            for row in table.rows:
                own = {column: one for (row_id, column), one in fields.items() if row_id == row.id}
                if own:
                    self._keep((table.id, row.id), MatchedRow(line.place, own, 2))
            return True
        return False

    def _hold_unlabelled(self, line: FigureLine) -> None:
        """Keep a line whose label is not understood until its neighbours are known. Its label may be torn off."""
        table = self.tables.get(self._current_table)
        fields = columns_of(line, table, self.labels) if table and not table.across else None
        is_column_named = any(map(self.labels.is_column, line.labels)) or any(map(_has_figure, line.labels))
        if table is None or fields is None or is_column_named or len(fields) < len(table.columns):
            self._report_unknown(line)
            return
        self._order.setdefault(table.id, [])
        position = len(self._order[table.id])
        self._unlabelled.setdefault(table.id, []).append((position, line, fields))

    def _place_unlabelled(self, table: Table, lines: Sequence[tuple[int, FigureLine, Mapping[str, Field]]]) -> None:
        """Assign the lines without a label between two rows to the form's rows between them, if there are equally
        many."""
        order = self._order[table.id]
        for position in sorted({position for position, _, _ in lines}):
            waiting = [(line, fields) for at, line, fields in lines if at == position]
            first = order[position - 1] + 1 if position else 0
            last = order[position] if position < len(order) else len(table.rows)
            rows = [(table.id, row.id) for row in table.rows[first:last]]
            if len(rows) != len(waiting) or any(row in self.found or row in self._unclear for row in rows):
                for line, _ in waiting:
                    self._report_unknown(line)
                continue
            for row, (line, fields) in zip(rows, waiting, strict=True):
                self._keep(row, MatchedRow(line.place, fields, 0))
                self.irregularities.append(
                    Irregularity("row-by-order", str(line.place), "".join(line.labels)[:QUOTED], self._name(row))
                )

    def _report_unknown(self, line: FigureLine, foreign_column: str = "") -> None:
        """Add an irregularity for a line that was not understood."""
        if not line.is_sure:
            return
        label, figures = " ".join(line.labels), " ".join(one.text for one in line.filled)
        shown = " ".join(part for part in (_cut(label, QUOTED), _cut(figures, FIGURES_QUOTED)) if part)
        self.irregularities.append(Irregularity("row-unknown", str(line.place), shown, foreign_column))

    def _name(self, row: RowId) -> str:
        found = next(one for one in self.tables[row[0]].rows if one.id == row[1])
        return " › ".join((*found.label[:-1], found.short))

    def result(self, reading: FigureReading) -> Matched:
        """Return the result, by cell."""
        matched = Matched(self.form, official=set(reading.official))
        for (table, row), found in self.found.items():
            matched.official.add(reading.blocks[found.place.table])
            for column, one in found.fields.items():
                cell = f"{table}.{row}.{column}"
                matched.texts[cell] = one.text
                matched.places[cell] = found.place.at(one.left)
            matched.score += len(found.fields) * (1 + found.rank)
        notes = [one for one in reading.unknown_texts if not is_table_print(one.text, self.form)]
        unknown_texts = [Irregularity("text-unknown", one.place, one.text[:QUOTED]) for one in notes]
        matched.irregularities = [*self._missing(), *self.irregularities, *unknown_texts]
        matched.notes = self._by_section(notes)
        return matched

    def _by_section(self, notes: Sequence[TextInTable]) -> dict[str, list[TextInTable]]:
        """Return the texts in tables by the section of the last row that was found before them, or else of the first
        row."""
        rows = sorted((found.place.table, self.tables[table].section) for (table, _), found in self.found.items())
        result: dict[str, list[TextInTable]] = {}
        for one in notes if rows else ():
            before = [section for table, section in rows if table <= one.table]
            result.setdefault(before[-1] if before else rows[0][1], []).append(one)
        return result

    def _missing(self) -> Iterator[Irregularity]:
        """Yield an irregularity for rows of the form that the report does not have, table by table."""
        for section in self.form.table_sections:
            for table in section.tables:
                rows = [row for row in table.rows if (table.id, row.id) not in self.found]
                name = section.name + table.caption
                ids = (f"{table.id}.{row.id}.{column.id}" for row in rows for column in table.columns)
                cells = tuple(cell for cell in ids if not self.form.cells[cell].computed)
                if len(rows) == len(table.rows):
                    yield Irregularity("table-missing", name, cells=cells)
                elif rows:
                    names = tuple(self._name((table.id, row.id)) for row in rows)
                    yield Irregularity("rows-missing", name, names=names, cells=cells)
