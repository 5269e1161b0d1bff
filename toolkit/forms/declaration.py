"""A form definition (格式定义) as it is written: what keys there are and of what type.

Most classes stand in `model`, as the rest of the toolkit uses them just as they are declared. Here are those that are
resolved into something else: readings in words become signed sums of cells, sections get their tables.
"""

import re
from typing import Annotated

from msgspec import Meta, field

from toolkit.forms.fields import ChartLabel, Declared, FormId, LayoutNumber, NonEmpty, RuleId
from toolkit.forms.language import CountWords, WrittenWords, YearWords
from toolkit.forms.law_words import LawWords
from toolkit.forms.model import (
    CarryOver,
    Ceiling,
    ChartHead,
    Citation,
    Content,
    DeclaredSection,
    InfoField,
    Power,
    QuantityPhrases,
    Relation,
    Sentence,
    Table,
)
from toolkit.forms.own_words import Ordinals, OwnNumbers, OwnParts
from toolkit.forms.summaries import Summary
from toolkit.forms.wrong_words import Confusion, Doubled


class Years(Declared, frozen=True):
    """The report years that a form serves; without `last`, it serves all from the first on."""

    first: int
    last: int | None = None


class Sum(Declared, frozen=True):
    """A sum that the tables do not print."""

    id: RuleId
    name: NonEmpty
    cells: Annotated[tuple[str, ...], Meta(min_length=1)]


class DeclaredQuantity(QuantityPhrases, frozen=True, kw_only=True):
    """A quantity whose readings are in words: ``a + b - c`` of cells and of `sums`."""

    readings: Annotated[tuple[str, ...], Meta(min_length=1)]
    wholes: tuple[str, ...] = ()


class DeclaredTexts(LawWords, frozen=True, kw_only=True):
    """What is known of the texts of a report, see `model.TextRules`. `words` are parts of patterns by name: ``{name}``
    stands for them in all patterns. In a count's place stands ``{n}``, in an amount's ``{yuan}``. `counts`, `years`
    and `written` are the words of `language`. `confusions` are words that are wrong in any text, by what is
    written; an empty right word takes one back."""

    counts: CountWords
    years: YearWords
    written: WrittenWords

    governments: re.Pattern[str] | None = None
    year_slots: tuple[re.Pattern[str], ...] = ()
    agency_slots: tuple[re.Pattern[str], ...] = ()
    preface_slots: tuple[re.Pattern[str], ...] = ()
    words: dict[str, str | list[str]] = field(default_factory=dict)
    contents: tuple[Content, ...] = ()
    citations: tuple[Citation, ...] = ()
    sums: tuple[Sum, ...] = ()
    adjustments: tuple[re.Pattern[str], ...] = ()
    quantities: tuple[DeclaredQuantity, ...] = ()
    summaries: tuple[Summary, ...] = ()
    own_numbers: OwnNumbers | None = None
    own_parts: OwnParts | None = None
    ordinals: tuple[Ordinals, ...] = ()
    confusions: dict[str, str | Confusion] = field(default_factory=dict)
    doubled: Doubled | None = None


class DeclaredPoint(Declared, frozen=True):
    """A bar of a chart: ``a + b - c`` of cells and of `sums` of the texts."""

    name: ChartLabel
    reading: str


class DeclaredChart(ChartHead, frozen=True, kw_only=True):
    """A chart whose points are in words."""

    points: Annotated[tuple[DeclaredPoint, ...], Meta(min_length=1)]


class DeclaredForm(Declared, frozen=True):
    """The whole file. Templates from `oldest_layout` on are as good as those of `layout`; without it, only those of
    `layout` are."""

    id: FormId
    layout: LayoutNumber
    name: str
    title: str
    basis: str
    years: Years
    sections: tuple[DeclaredSection, ...]
    tables: tuple[Table, ...]
    texts: DeclaredTexts
    relations: tuple[Relation, ...] = ()
    carry_overs: tuple[CarryOver, ...] = ()
    info: tuple[InfoField, ...] = ()
    preface: tuple[Sentence, ...] = ()
    signature: tuple[Sentence, ...] = ()
    powers: tuple[Power, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    instructions: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = ()
    charts: tuple[DeclaredChart, ...] = ()
    oldest_layout: LayoutNumber | None = None
