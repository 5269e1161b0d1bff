"""Matches the lines of figures of a published report to the cells of a form."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from toolkit.documents.blocks import Block
from toolkit.forms.model import Form, Table
from toolkit.imports.figures import (
    Field,
    FigureLine,
    FigureReading,
    TablePlace,
    across_of,
    columns_of,
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
    """A row of the form in the report: where, and the field of each column. `rank` tells how sure it is: whether a
    header and a caption stand over it."""

    place: TablePlace
    fields: Mapping[str, Field]
    rank: int


@dataclass
class Matched:
    """What of a form was found in a report: texts by cell, and where each stands; `irregularities` are rows that were
    not found, found twice, not understood, or known by their order only. `official` are the blocks that are the form's
    tables, `score` tells how much of the form was found."""

    form: Form
    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    irregularities: list[Irregularity] = field(default_factory=list)
    official: set[int] = field(default_factory=set)
    score: float = 0.0


def best_match(all_blocks: Sequence[Block], forms: Sequence[Form], year: int | None) -> Matched:
    """The form that a report is on: the edition shows in the labels of its tables; where they do not tell, the year
    does."""
    everything = [match(all_blocks, form, forms) for form in forms]
    return max(everything, key=lambda one: (one.score, year is not None and one.form.serves(year)))


def match(all_blocks: Sequence[Block], form: Form, forms: Sequence[Form]) -> Matched:
    """The cells of a form that a report has; `forms` are all that it could be on."""
    labels = labels_of(form)
    reading = read_tables(all_blocks, labels)
    matcher = _Matcher(labels, [labels_of(other) for other in forms if other is not form])
    matcher.take(reading)
    return matcher.result(reading)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}……"


def _has_figure(label: str) -> bool:
    """Whether a label is, or ends in, a figure: it may be the first of its row's."""
    return is_figure(label) or bool(without_figure(label)[1])


class _Matcher:
    """Takes the lines of figures one after the other; keeps what was found of each row, rows whose figures are unclear,
    and lines without a label."""

    def __init__(self, labels: Labels, others: Sequence[Labels]) -> None:
        self.labels, self.form, self.others = labels, labels.form, others
        self.tables = {table.id: table for section in self.form.table_sections for table in section.tables}
        self.found: dict[RowId, MatchedRow] = {}
        self.met: list[Irregularity] = []
        self._unclear: set[RowId] = set()
        self._current = ""
        self._nameless: dict[str, list[tuple[int, FigureLine, Mapping[str, Field]]]] = {}
        self._order: dict[str, list[int]] = {}

    def take(self, reading: FigureReading) -> None:
        """Every line; then those without a label, by their order among the others."""
        for line in reading.lines:
            self._take(line)
        for table, lines in self._nameless.items():
            self._place_nameless(self.tables[table], lines)

    def _take(self, line: FigureLine) -> None:
        row = self._row_of(line)
        if row is None:
            if not self._take_across(line) and any(one.text for one in line.fields):
                self._take_nameless(line)
            return
        table = self.tables[row[0]]
        self._current = table.id
        stranger = self._strange_header(line, table)
        fields = None if stranger else columns_of(line, table, self.labels)
        if fields is None:
            self._unclear.add(row)
            self._not_understood(line, stranger)
            return
        self._order.setdefault(table.id, []).append(self._index(row))
        self._keep(row, MatchedRow(line.place, self._in_units(line, row, fields), self._rank(line, table)))

    def _row_of(self, line: FigureLine) -> RowId | None:
        """The row whose label stands left of a line; one label of several tables is the one's that is spoken of."""
        rows = self.labels.rows_of(line.labels)
        spoken_of = line.tables or (self._current,)
        mine = rows if len(rows) == 1 else tuple(row for row in rows if row[0] in spoken_of)
        return mine[0] if len(mine) == 1 else None

    def _rank(self, line: FigureLine, table: Table) -> int:
        named = any(self.labels.column_of(table.id, leaf.text) for leaf in line.leaves)
        return 2 * named + (table.id in line.tables)

    def _in_units(self, line: FigureLine, row: RowId, fields: Mapping[str, Field]) -> Mapping[str, Field]:
        """The fields with the unit that the header gives them, where it is not the form's: （单位：元）."""
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

    def _strange_header(self, line: FigureLine, table: Table) -> str:
        """A column's name above a line that is another form's and not this one's: its figures mean something else."""
        for leaf in line.leaves:
            if not self.labels.column_of(table.id, leaf.text) and any(o.is_column(leaf.text) for o in self.others):
                return leaf.text
        return ""

    def _keep(self, row: RowId, found: MatchedRow) -> None:
        """Keep what was found of a row. A row that comes twice is told; the better one counts: that with a header, else
        the first; a blank row is an answer, too."""
        before = self.found.get(row)
        if before is None:
            self.found[row] = found
            return
        values = [{name: one.text for name, one in each.fields.items()} for each in (before, found)]
        if found.rank > before.rank:
            self.found[row] = found
        if values[0] != values[1]:
            counts, both = str(self.found[row].place), (str(before.place), str(found.place))
            self.met.append(Irregularity("row-twice", counts, wanted=self._name(row), names=both))

    def _take_across(self, line: FigureLine) -> bool:
        """A line without labels may be that of a table whose rows stand side by side."""
        if not all(map(self.labels.is_column, line.labels)):
            return False
        for table in self.tables.values():
            fields = across_of(line, table) if table.across else None
            if fields is None:
                continue
            for row in table.rows:
                own = {column: one for (row_id, column), one in fields.items() if row_id == row.id}
                if own:
                    self._keep((table.id, row.id), MatchedRow(line.place, own, 2))
            return True
        return False

    def _take_nameless(self, line: FigureLine) -> None:
        """A line whose label is not understood waits for its neighbours; its label may have been torn off."""
        table = self.tables.get(self._current)
        fields = columns_of(line, table, self.labels) if table and not table.across else None
        named = any(map(self.labels.is_column, line.labels)) or any(map(_has_figure, line.labels))
        if table is None or fields is None or named or len(fields) < len(table.columns):
            self._not_understood(line)
            return
        self._order.setdefault(table.id, [])
        position = len(self._order[table.id])
        self._nameless.setdefault(table.id, []).append((position, line, fields))

    def _place_nameless(self, table: Table, lines: Sequence[tuple[int, FigureLine, Mapping[str, Field]]]) -> None:
        """Lines without a label between two rows of the form are the rows between, when there are just so many."""
        order = self._order[table.id]
        for position in sorted({position for position, _, _ in lines}):
            waiting = [(line, fields) for at, line, fields in lines if at == position]
            first = order[position - 1] + 1 if position else 0
            last = order[position] if position < len(order) else len(table.rows)
            rows = [(table.id, row.id) for row in table.rows[first:last]]
            if len(rows) != len(waiting) or any(row in self.found or row in self._unclear for row in rows):
                for line, _ in waiting:
                    self._not_understood(line)
                continue
            for row, (line, fields) in zip(rows, waiting, strict=True):
                self._keep(row, MatchedRow(line.place, fields, 0))
                self.met.append(
                    Irregularity("row-by-order", str(line.place), "".join(line.labels)[:QUOTED], self._name(row))
                )

    def _not_understood(self, line: FigureLine, stranger: str = "") -> None:
        if not line.sure:
            return
        label, figures = " ".join(line.labels), " ".join(one.text for one in line.filled)
        shown = " ".join(part for part in (_cut(label, QUOTED), _cut(figures, FIGURES_QUOTED)) if part)
        self.met.append(Irregularity("row-unknown", str(line.place), shown, stranger))

    def _name(self, row: RowId) -> str:
        found = next(one for one in self.tables[row[0]].rows if one.id == row[1])
        return " › ".join((*found.label[:-1], found.short))

    def result(self, reading: FigureReading) -> Matched:
        """What was found, by cell."""
        matched = Matched(self.form, official=set(reading.official))
        for (table, row), found in self.found.items():
            matched.official.add(reading.blocks[found.place.table])
            for column, one in found.fields.items():
                cell = f"{table}.{row}.{column}"
                matched.texts[cell] = one.text
                matched.places[cell] = found.place.at(one.left)
            matched.score += len(found.fields) * (1 + found.rank)
        strange = [Irregularity("text-unknown", place, text[:QUOTED]) for place, text in reading.strange]
        matched.irregularities = [*self._missing(), *self.met, *strange]
        return matched

    def _missing(self) -> Iterator[Irregularity]:
        """Rows of the form that the report does not have, table by table."""
        for section in self.form.table_sections:
            for table in section.tables:
                rows = [row for row in table.rows if (table.id, row.id) not in self.found]
                name = section.name + table.caption
                if len(rows) == len(table.rows):
                    yield Irregularity("table-missing", name)
                elif rows:
                    names = tuple(self._name((table.id, row.id)) for row in rows)
                    yield Irregularity("rows-missing", name, names=names)
