"""The shape of a form definition file: what keys there are and of what type.

The TOML text is decoded straight into these; what the keys mean together is checked in `loader`.
"""

from typing import Literal

import msgspec

KindName = Literal["count", "change", "money", "text", "choice", "yes_no"]
Severity = Literal["error", "warning", "info"]
Operator = Literal["=", "<=", ">="]
Per = Literal["row", "column", "form"]


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Unknown keys are errors: a misspelt key would otherwise be lost in silence."""


class Years(Declared, frozen=True, forbid_unknown_fields=True):
    first: int
    last: int | None = None


class Info(Declared, frozen=True, forbid_unknown_fields=True):
    """A field of 基本信息."""

    id: str
    label: str
    help: str = ""


class Section(Declared, frozen=True, forbid_unknown_fields=True):
    """One of the form's parts: a text, or a sheet with tables."""

    id: str
    title: str
    text: bool = False
    name: str = ""
    help: str = ""
    basis: str = ""
    widths: list[float] = []
    landscape: bool = False


class Line(Declared, frozen=True, forbid_unknown_fields=True):
    """A row or a column: its label is a path through the header tree."""

    id: str
    label: list[str]
    short: str = ""
    help: str = ""
    basis: str = ""
    kind: KindName | None = None
    unit: str | None = None
    decimals: int | None = None
    options: list[str] | None = None


class Table(Declared, frozen=True, forbid_unknown_fields=True):
    id: str
    section: str
    kind: KindName
    columns: list[Line]
    rows: list[Line]
    caption: str = ""
    corner: str = ""
    across: bool = False
    unit: str = ""
    decimals: int = 0
    options: list[str] = []


class Relation(Declared, frozen=True, forbid_unknown_fields=True):
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


class CarryOver(Declared, frozen=True, forbid_unknown_fields=True):
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


class Form(Declared, frozen=True, forbid_unknown_fields=True):
    id: str
    layout: int
    name: str
    title: str
    basis: str
    years: Years
    sections: list[Section]
    tables: list[Table]
    relations: list[Relation] = []
    carry_overs: list[CarryOver] = []
    info: list[Info] = []
    instructions: list[str] = []
    boilerplate: list[str] = []
