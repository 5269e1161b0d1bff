"""The shape of a form definition file: what keys there are and of what type.

The TOML text is decoded straight into these; what the keys mean together is checked in `loader`.
"""

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
Operator = Literal["=", "<=", ">="]
Power = Literal["rulemaking"]
Per = Literal["row", "column", "form"]
Shape = Literal["bars", "columns"]


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Unknown keys are errors: a misspelt key would otherwise be lost in silence."""


class Years(Declared, frozen=True, forbid_unknown_fields=True):
    first: int
    last: int | None = None


class DeclaredInfo(Declared, frozen=True, forbid_unknown_fields=True):
    """A field of 基本信息. One with `options` is chosen from them; one that came with a later `layout` is not missed in
    templates from before."""

    id: str
    label: str
    help: str = ""
    options: list[str] = []
    layout: int = 1


class DeclaredSentence(Declared, frozen=True, forbid_unknown_fields=True):
    """A paragraph before or after the sections: ``{agency}``, ``{year}`` and the ids of fields of 基本信息 stand for
    what is there. It appears when all of them and the fields in `when` are filled in, those with a choice with 是."""

    text: str
    when: list[str] = []


class DeclaredSection(Declared, frozen=True, forbid_unknown_fields=True):
    """One of the form's parts: a text, or a sheet with tables. `also` are other titles that it is met under."""

    id: str
    title: str
    also: list[str] = []
    text: bool = False
    name: str = ""
    help: str = ""
    basis: str = ""
    widths: list[float] = []
    landscape: bool = False


class DeclaredLine(Declared, frozen=True, forbid_unknown_fields=True):
    """A row or a column: its label is a path through the header tree, `also` are other wordings of its last part that
    published reports have. `needs` names a power that a body must have to report anything here."""

    id: str
    label: list[str]
    short: str = ""
    also: list[str] = []
    help: str = ""
    basis: str = ""
    needs: Power | None = None
    kind: str | None = None
    unit: str | None = None
    decimals: int | None = None
    options: list[str] | None = None


class DeclaredTable(Declared, frozen=True, forbid_unknown_fields=True):
    id: str
    section: str
    kind: str
    columns: list[DeclaredLine]
    rows: list[DeclaredLine]
    caption: str = ""
    corner: str = ""
    across: bool = False
    unit: str = ""
    decimals: int = 0
    options: list[str] = []


class DeclaredRelation(Declared, frozen=True, forbid_unknown_fields=True):
    """A relation (勾稽关系): signed terms on both sides of an operator."""

    id: str
    left: list[str]
    operator: Operator
    right: list[str]
    severity: Severity
    sentence: str
    basis: str
    per: Per = "form"
    table: str = ""
    only: list[str] = []
    defines: bool = False
    advice: str = ""


class DeclaredCarryOver(Declared, frozen=True, forbid_unknown_fields=True):
    """What of last year's report is found again in this one: `this` equals `last` plus this year's `changes`."""

    id: str
    table: str
    per: Literal["row", "column"]
    this: str
    last: str
    severity: Severity
    sentence: str
    basis: str
    changes: list[str] = []
    prefill: bool = False
    advice: str = ""


class DeclaredPart(Declared, frozen=True, forbid_unknown_fields=True):
    """Something that a text must write of: found when one of the `words` (regular expressions) is. `agency` limits
    it to agencies whose name it fits."""

    name: str
    words: list[str]
    agency: str = ""


class DeclaredContent(Declared, frozen=True, forbid_unknown_fields=True):
    """What the text of a section must cover; what `ignore` fits does not count."""

    id: str
    section: str
    sentence: str
    basis: str
    parts: list[DeclaredPart]
    severity: Severity = "warning"
    ignore: list[str] = []
    advice: str = ""


class DeclaredCitation(Declared, frozen=True, forbid_unknown_fields=True):
    """A document cited by its number: what a group of one of the `patterns` holds must be `right`."""

    name: str
    right: str
    patterns: list[str]


class Sum(Declared, frozen=True, forbid_unknown_fields=True):
    """A sum that the tables do not print."""

    id: str
    name: str
    cells: list[str]


class DeclaredQuantity(Declared, frozen=True, forbid_unknown_fields=True):
    """A quantity that texts speak of. `phrases` hold ``{n}`` or ``{yuan}`` for its number, ``{start}`` for a
    beginning; `none` says that there was none. `readings` are its sound readings (``a + b - c`` of cells and `sums`),
    `wholes` those of which it can be a share. `within` must be found in the sentence or the one before, `unless` must
    not be found before the end of the phrase. One that is `listed` is an item of a list, whose name alone does not tell
    of what: it counts only when the count before it in the sentence is one of the quantities, too.
    """

    id: str
    name: str
    phrases: list[str]
    readings: list[str]
    none: list[str] = []
    wholes: list[str] = []
    within: str = ""
    unless: str = ""
    listed: bool = False


class DeclaredTexts(Declared, frozen=True, forbid_unknown_fields=True):
    """What is known of the texts of a report. Slots are patterns with a group ``year`` or ``agency`` that must be the
    report's own; `governments` fits the names of bodies that speak for others. `words` are parts of patterns by name:
    ``{name}`` stands for them in all patterns. `adjustments` fit counts (``{n}``) by which a text itself explains that
    its number is not the table's."""

    governments: str = ""
    year_slots: list[str] = []
    agency_slots: list[str] = []
    words: dict[str, str] = {}
    contents: list[DeclaredContent] = []
    citations: list[DeclaredCitation] = []
    sums: list[Sum] = []
    adjustments: list[str] = []
    quantities: list[DeclaredQuantity] = []


class DeclaredPoint(Declared, frozen=True, forbid_unknown_fields=True):
    """A bar of a chart: ``a + b - c`` of cells and of `sums` of the texts."""

    name: str
    reading: str


class DeclaredChart(Declared, frozen=True, forbid_unknown_fields=True):
    """A chart of the data page (数据附页): `bars` lie, with room for long names; `columns` stand. Last year's chart is
    the one of the same id in the form of that year, and its points those of the same names."""

    id: str
    title: str
    points: list[DeclaredPoint]
    unit: str = ""
    shape: Shape = "bars"


class DeclaredForm(Declared, frozen=True, forbid_unknown_fields=True):
    id: str
    layout: int
    name: str
    title: str
    basis: str
    years: Years
    sections: list[DeclaredSection]
    tables: list[DeclaredTable]
    relations: list[DeclaredRelation] = []
    carry_overs: list[DeclaredCarryOver] = []
    info: list[DeclaredInfo] = []
    preface: list[DeclaredSentence] = []
    signature: list[DeclaredSentence] = []
    instructions: list[str] = []
    boilerplate: list[str] = []
    texts: DeclaredTexts = DeclaredTexts()
    charts: list[DeclaredChart] = []
