"""The form (格式) as the rest of the toolkit sees it: cells, tables, sections and relations.

There are two sorts of classes. Those that are `Declared` stand in a form definition (格式定义) as they are, field by
field. The dataclasses are worked out from them when a form is loaded: cells, cases, signed sums.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import force_setattr

from toolkit.forms.fields import (
    CellId,
    ChartLabel,
    Declared,
    Label,
    LayoutNumber,
    NonEmpty,
    Operator,
    Per,
    RuleId,
    SectionId,
    Severity,
    Shape,
    ShortText,
)
from toolkit.forms.kinds import KINDS, KindRecord
from toolkit.forms.language import Language
from toolkit.forms.law_words import LawWords
from toolkit.forms.own_words import OwnWords
from toolkit.forms.summaries import Summary
from toolkit.forms.wrong_words import WrongWords

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


class Power(Declared, frozen=True):
    """A power (权力) that an agency must have to report anything in some rows or columns. A roster (名册) says who has
    it, in a column that is called by the `label`, or by one of the names in `also`. An agency whose name fits `lacking`
    and not `unless` surely lacks it; `lacking_basis` says why."""

    id: RuleId
    label: NonEmpty
    also: tuple[str, ...] = ()
    lacking: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    lacking_basis: str = ""

    def is_lacking(self, agency: str) -> bool:
        """Return True if an agency of this name (in plain spelling) surely lacks the power."""
        return bool(self.lacking and self.lacking.search(agency) and not (self.unless and self.unless.search(agency)))


class Line(Declared, frozen=True):
    """A row or a column of a table. Its label is a path through the header tree (表头); `short` is its last part where
    nothing shorter is declared. `also` are other wordings of its last part in published reports. `needs` is the id of
    a power that an agency must have to report anything here. Kind, unit, decimals and options go before those of the
    table."""

    id: CellId
    label: Annotated[tuple[Label, ...], Meta(min_length=1)]
    short: str = ""
    also: tuple[str, ...] = ()
    help: str = ""
    basis: str = ""
    needs: str | None = None
    kind: str | None = None
    unit: str | None = None
    decimals: int | None = None
    options: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "short", self.short or self.label[-1])


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


class Jump(Declared, frozen=True):
    """Which jumps (与上年相差很大) in a table are worth a question. The larger of both years' figures must reach
    `floor`. `beside` is the cell whose figure moves the others, such as the number of applications received: a change
    is no news if this figure changed as much in the same direction, or if the change is less than `share` of it."""

    floor: Annotated[float, Meta(ge=0)] = 20
    beside: str = ""
    share: Annotated[float, Meta(ge=0, le=1)] = 0


class Table(Declared, frozen=True):
    """A table of a section. In one that goes `across`, the rows stand side by side. Kind, unit, decimals and options
    are those of its cells, unless a row or a column says otherwise."""

    id: CellId
    section: str
    kind: str
    columns: Annotated[tuple[Line, ...], Meta(min_length=1)]
    rows: Annotated[tuple[Line, ...], Meta(min_length=1)]
    caption: str = ""
    corner: str = ""
    across: bool = False
    unit: str = ""
    decimals: int = 0
    options: tuple[str, ...] = ()
    jump: Jump = Jump()


class CeilingKind(Declared, frozen=True):
    """The most that agencies whose name matches `agency` report in a cell. With `whole`, only numbers without decimals
    are judged: amounts that are really so large are seldom round."""

    agency: re.Pattern[str]
    most: Annotated[int, Meta(gt=0)]
    whole: bool = False


class Ceiling(Declared, frozen=True):
    """A ceiling (上限) of an amount by kinds of agencies. The first kind that matches counts; other agencies have no
    ceiling."""

    cell: str
    kinds: Annotated[tuple[CeilingKind, ...], Meta(min_length=1)]


class DeclaredSection(Declared, frozen=True, kw_only=True):
    """One of the parts of a form (部分): a text, or a sheet with tables. `also` are other titles that it is met under,
    `near` fits the words of headings that begin it if they have its number and there is no better one; its `name` is
    its title where nothing shorter is declared."""

    id: SectionId
    title: Label
    also: tuple[str, ...] = ()
    near: re.Pattern[str] | None = None
    text: bool = False
    name: str = ""
    help: str = ""
    basis: str = ""
    widths: tuple[float, ...] = ()
    landscape: bool = False

    def __post_init__(self) -> None:
        force_setattr(self, "name", self.name or self.title)


class Section(DeclaredSection, frozen=True, kw_only=True):
    """A section with its tables, which a form definition declares beside it."""

    tables: tuple[Table, ...]


class Relation(Declared, frozen=True):
    """A relation (勾稽关系): signed terms on both sides of an operator. It holds for each row or column of a table, or
    for those that `only` names, or once for the form. One that `defines` a cell says how it is computed. Its id is the
    rule id of what it finds."""

    id: RuleId
    left: Annotated[tuple[str, ...], Meta(min_length=1)]
    operator: Operator
    right: Annotated[tuple[str, ...], Meta(min_length=1)]
    severity: Severity
    sentence: ShortText
    basis: ShortText
    per: Per = "form"
    table: str = ""
    only: tuple[str, ...] = ()
    defines: bool = False
    advice: ShortText = ""


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


class CarryOver(Declared, frozen=True):
    """A carry-over (结转): `this` of each row or column equals `last` in last year's report plus this year's `changes`.
    Its id is the rule id of what it finds. `prefill`: the template fills it in."""

    id: RuleId
    table: str
    per: Literal["row", "column"]
    this: str
    last: str
    severity: Severity
    sentence: str
    basis: str
    changes: tuple[str, ...] = ()
    prefill: bool = False
    advice: str = ""


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


class InfoField(Declared, frozen=True):
    """A field of 基本信息. One with `options` is chosen from them. A field of layout 2 is not asked for in a template
    of layout 1."""

    id: str
    label: str
    help: str = ""
    options: tuple[str, ...] = ()
    layout: LayoutNumber = 1


class Sentence(Declared, frozen=True):
    """A paragraph before or after the sections: ``{agency}``, ``{year}`` and the ids of fields of 基本信息 stand for
    what is there. It appears when all of them and the fields in `when` are filled in, those with a choice with 是."""

    text: str
    when: tuple[str, ...] = ()

    @property
    def quoted(self) -> tuple[str, ...]:
        """The names in braces."""
        return tuple(re.findall(r"\{(.*?)\}", self.text))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of 基本信息 that it quotes."""
        return tuple(name for name in self.quoted if name not in ("agency", "year"))


class Part(Declared, frozen=True):
    """A point that a text must mention. It is mentioned if `words` matches. `agency` limits it to agencies whose name
    matches."""

    name: str
    words: re.Pattern[str]
    agency: re.Pattern[str] | None = None


class Content(Declared, frozen=True):
    """What the text of a section must cover; what `ignore` fits does not count. Its id is the rule id of what it
    finds."""

    id: RuleId
    section: str
    sentence: str
    basis: str
    parts: Annotated[tuple[Part, ...], Meta(min_length=1)]
    severity: Severity = "warning"
    ignore: re.Pattern[str] | None = None
    advice: str = ""


class Citation(Declared, frozen=True):
    """A document cited by its number (文号): what the group of one of the `patterns` holds must be `right`."""

    name: str
    right: str
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One sound reading (口径) of a quantity: a signed sum of cells, in words."""

    name: str
    terms: tuple[Term, ...]


class QuantityPhrases(Declared, frozen=True, kw_only=True):
    """How texts speak of a quantity. `phrases` have a group for its number; `none` says that there was none. `under`
    are phrases that count only where `topic` fits the headings above or the beginning of the paragraph; one without
    a number says that there was none. A phrase begins at its group ``at``, if it has one.

    `within` must be found in the sentence or the one before; else `topic` must fit the headings or the first
    sentence of the paragraph. `unless` must not be found before the end of the phrase, in the clause or in one that
    governs it. `parts` fits what has its own count before, and excuses a number that is not more. `names_itself`:
    the phrase says of what the number is, so that no clause with another number governs it. `opens`: after it,
    earlier clauses govern no more. `listed`: the phrase is one item of a list. It counts only if the number before
    it in the sentence is a known quantity, too.
    """

    id: RuleId
    name: str
    phrases: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...] = ()
    within: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    parts: re.Pattern[str] | None = None
    under: tuple[re.Pattern[str], ...] = ()
    topic: re.Pattern[str] | None = None
    names_itself: bool = False
    opens: bool = False
    listed: bool = False


class Quantity(QuantityPhrases, frozen=True, kw_only=True):
    """A quantity that texts speak of. `readings` are its sound readings, `wholes` those of which it can be a share.
    `patterns` has its `phrases` and what says that there was `none`."""

    patterns: tuple[re.Pattern[str], ...]
    readings: tuple[Reading, ...]
    wholes: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class TextRules:
    """What is known of the texts of a report. Slots are patterns with a group ``year`` or ``agency`` that must be the
    report's own, `preface_slots` those with ``agency`` that hold in the preface (引言) only; `governments` fits the
    names of bodies that speak for others. `adjustments` fit counts by which a text itself explains that its number is
    not the table's. `language` has the words of the rules; `openings` are the phrases of the quantities that open a
    list anew. `summary_readings` has the readings of the `summaries`, by what is written there."""

    language: Language
    governments: re.Pattern[str] | None = None
    year_slots: tuple[re.Pattern[str], ...] = ()
    agency_slots: tuple[re.Pattern[str], ...] = ()
    preface_slots: tuple[re.Pattern[str], ...] = ()
    contents: tuple[Content, ...] = ()
    citations: tuple[Citation, ...] = ()
    adjustments: tuple[re.Pattern[str], ...] = ()
    quantities: tuple[Quantity, ...] = ()
    openings: tuple[re.Pattern[str], ...] = ()
    summaries: tuple[Summary, ...] = ()
    own: OwnWords = field(default_factory=OwnWords)
    wrong: WrongWords = field(default_factory=WrongWords)
    law: LawWords = field(default_factory=LawWords)
    summary_readings: Mapping[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """A bar of a chart: a signed sum of cells."""

    name: str
    terms: tuple[Term, ...]


class ChartHead(Declared, frozen=True, kw_only=True):
    """What a chart of the data page (数据附页) is called and how it looks: `bars` are horizontal, with room
    for long names, `columns` are vertical."""

    id: CellId
    title: ChartLabel
    unit: str = ""
    shape: Shape = "bars"


class Chart(ChartHead, frozen=True, kw_only=True):
    """A chart with its points. Last year's chart is the one of the same id in the form of that year, and its points
    those of the same names."""

    points: tuple[Point, ...]


@dataclass(frozen=True, eq=False)
class Form:
    """A form definition, checked. Compared by identity: a form is loaded once. A template of a layout before
    `oldest_layout` is an old one."""

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
    texts: TextRules = field(repr=False)
    carry_overs: tuple[CarryOverCase, ...] = ()
    preface: tuple[Sentence, ...] = ()
    signature: tuple[Sentence, ...] = ()
    boilerplate: tuple[str, ...] = ()
    powers: tuple[Power, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    charts: tuple[Chart, ...] = ()
    filled: tuple[Cell, ...] = field(repr=False, default=())
    computed: tuple[Cell, ...] = field(repr=False, default=())
    oldest_layout: int = 1

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
