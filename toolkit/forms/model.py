"""The form (格式) as the rest of the toolkit sees it: cells, tables, sections and relations, all resolved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from toolkit.forms.declaration import Operator, Power, Severity, Shape
from toolkit.forms.kinds import KINDS, KindRecord

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a cell (单元格种类): the name of an entry of `KINDS`, and what the form says for this cell."""

    name: str
    unit: str = ""
    decimals: int = 0
    options: tuple[str, ...] = ()

    @property
    def record(self) -> KindRecord:
        """What is true of all cells of the kind."""
        return KINDS[self.name]

    @property
    def is_number(self) -> bool:
        return KINDS[self.name].is_number

    @property
    def is_whole(self) -> bool:
        return KINDS[self.name].is_whole

    @property
    def is_signed(self) -> bool:
        return KINDS[self.name].is_signed


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column of a table."""

    id: str
    label: tuple[str, ...]
    short: str
    help: str
    basis: str
    needs: Power | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A signed cell on one side of a relation."""

    sign: int
    cell: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the form. `parts` is empty for a cell to be filled; a computed cell is the sum of its parts,
    which are filled cells only."""

    id: str
    table: str
    section: str
    row: Line
    column: Line
    kind: Kind
    place: str
    parts: tuple[Term, ...] = ()

    @property
    def computed(self) -> bool:
        return bool(self.parts)

    @property
    def labels(self) -> tuple[str, ...]:
        return (*self.row.label, *self.column.label)


@dataclass(frozen=True, slots=True)
class Table:
    id: str
    section: str
    caption: str
    corner: str
    across: bool
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    name: str
    text: bool
    help: str
    basis: str
    widths: tuple[float, ...]
    landscape: bool
    tables: tuple[Table, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation (勾稽关系) as declared; its id is the rule id of what it finds."""

    id: str
    operator: Operator
    severity: Severity
    sentence: str
    basis: str
    advice: str
    per: str
    table: str
    defines: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a case: the terms as declared, and the same sum over filled cells alone."""

    terms: tuple[Term, ...]
    inputs: tuple[Term, ...]


def line_place(line: Line, per: str) -> str:
    """A row or a column in words."""
    if per == "row":
        return "「" + " › ".join((*line.label[:-1], line.short)) + "」行"
    return f"{line.short}列"


@dataclass(frozen=True, slots=True)
class Case:
    """One relation on one row or column. `line` is that row or column, `None` for a relation on the whole form."""

    id: str
    relation: Relation
    section: str
    line: Line | None
    left: Side
    right: Side

    @property
    def place(self) -> str:
        """The row or column it is about, in words."""
        return line_place(self.line, self.relation.per) if self.line else "全表"

    @property
    def total(self) -> str:
        """The computed cell that this case defines."""
        return self.left.terms[0].cell

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells to look at when it does not hold."""
        if self.relation.defines:
            return (self.total,)
        return tuple(term.cell for side in (self.left, self.right) for term in side.terms)


@dataclass(frozen=True, slots=True)
class CarryOver:
    """A carry-over (结转) as declared; its id is the rule id of what it finds. `prefill`: the template fills it in."""

    id: str
    severity: Severity
    sentence: str
    basis: str
    advice: str
    prefill: bool


@dataclass(frozen=True, slots=True)
class CarryOverCase:
    """One carry-over on one row or column: cell `this` equals last year's cell `last` plus this year's `changes`."""

    id: str
    carry_over: CarryOver
    section: str
    place: str
    this: str
    last: str
    changes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class InfoField:
    """A field of 基本信息, see `declaration.DeclaredInfo`."""

    id: str
    label: str
    help: str
    options: tuple[str, ...] = ()
    layout: int = 1


@dataclass(frozen=True, slots=True)
class Sentence:
    """A paragraph before or after the sections, see `declaration.DeclaredSentence`; `fields` are those it quotes."""

    text: str
    when: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a text must write of."""

    name: str
    words: re.Pattern[str]
    agency: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Content:
    """What the text of a section must cover; its id is the rule id of what it finds."""

    id: str
    section: str
    severity: Severity
    sentence: str
    basis: str
    advice: str
    parts: tuple[Part, ...]
    ignore: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Citation:
    """A document that is cited by its number."""

    name: str
    right: str
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One sound reading (口径) of a quantity: a signed sum of cells, in words."""

    name: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity that texts speak of, see `declaration.DeclaredQuantity`."""

    id: str
    name: str
    phrases: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...]
    readings: tuple[Reading, ...]
    wholes: tuple[Reading, ...]
    within: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    listed: bool


@dataclass(frozen=True, slots=True)
class TextRules:
    """What is known of the texts of a report, see `declaration.DeclaredTexts`."""

    governments: re.Pattern[str] | None = None
    year_slots: tuple[re.Pattern[str], ...] = ()
    agency_slots: tuple[re.Pattern[str], ...] = ()
    contents: tuple[Content, ...] = ()
    citations: tuple[Citation, ...] = ()
    adjustments: tuple[re.Pattern[str], ...] = ()
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A bar of a chart: a signed sum of cells."""

    name: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the data page (数据附页), see `declaration.DeclaredChart`."""

    id: str
    title: str
    unit: str
    shape: Shape
    points: tuple[Point, ...]


@dataclass(frozen=True, eq=False)
class Form:
    """A form definition, checked. Compared by identity: a form is loaded once."""

    id: str
    layout: int
    name: str
    title: str
    basis: str
    first_year: int
    last_year: int | None
    instructions: tuple[str, ...]
    info: tuple[InfoField, ...]
    sections: tuple[Section, ...]
    cells: Mapping[str, Cell]
    relations: tuple[Relation, ...]
    cases: tuple[Case, ...]
    carry_overs: tuple[CarryOverCase, ...] = ()
    preface: tuple[Sentence, ...] = ()
    signature: tuple[Sentence, ...] = ()
    boilerplate: tuple[str, ...] = ()
    texts: TextRules = field(repr=False, default=TextRules())
    charts: tuple[Chart, ...] = ()
    filled: tuple[Cell, ...] = field(repr=False, default=())
    computed: tuple[Cell, ...] = field(repr=False, default=())

    def serves(self, year: int) -> bool:
        """Whether reports of this year are made on this form."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    @property
    def years_text(self) -> str:
        """The report years served, for messages."""
        if self.last_year is None:
            return f"{self.first_year} 年起"
        if self.last_year == self.first_year:
            return f"{self.first_year} 年"
        return f"{self.first_year} 至 {self.last_year} 年"

    @property
    def table_sections(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if not section.text)

    @property
    def text_sections(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.text)

    def section(self, section_id: str) -> Section:
        return next(section for section in self.sections if section.id == section_id)

    def report_title(self, agency: str, year: int) -> str:
        return self.title.format(agency=agency, year=year)
