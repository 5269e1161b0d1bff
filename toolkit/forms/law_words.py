"""The words and dates by which texts are checked against the law and the calendar (依据和期限): the period of the
figures, deadlines, documents, fees, and what an agency calls itself."""

import re
from typing import Annotated

from msgspec import Meta

from toolkit.forms.fields import Declared, NonEmpty

Month = Annotated[int, Meta(ge=1, le=12)]
Day = Annotated[int, Meta(ge=1, le=31)]


class Period(Declared, frozen=True, kw_only=True):
    """How a report states the period of its figures (统计期限). `states` has the groups ``from_year``, ``from_month``,
    ``from_day`` and the same with ``to_``. A sentence in which `unless` fits is about another period. `mixed` fits two
    wordings mixed up (为……止)."""

    states: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    mixed: re.Pattern[str] | None = None


class ReportDates(Declared, frozen=True, kw_only=True):
    """Where a report is dated. `signed` fits a paragraph that is a signature (落款), `published` one that begins with
    the day of publication; both have the groups ``year``, ``month`` and ``day``. `field` is the field of 基本信息 with
    the day of the signature."""

    signed: re.Pattern[str]
    published: re.Pattern[str]
    field: str = ""


class Deadline(Declared, frozen=True, kw_only=True):
    """The last day of the year after the report year on which agencies whose name fits `agency` publish their report.
    Agencies whose name fits `unless`, too, have none. `says` is the deadline in words, with its basis."""

    name: NonEmpty
    agency: re.Pattern[str]
    month: Month
    day: Day
    says: NonEmpty
    unless: re.Pattern[str] | None = None


class Document(Declared, frozen=True, kw_only=True):
    """A document with its number (文号). `title` fits its title in a text."""

    name: NonEmpty
    number: Annotated[str, Meta(pattern=r"\A\w+〔\d{4}〕\d+号\Z")]
    title: re.Pattern[str]


class AllDone(Declared, frozen=True, kw_only=True):
    """How a text says that all requests (申请) were closed, though the cell `left` has some that were carried over.

    `within` must fit in the sentence or the one before. What `unless` fits in the clause, or `elsewhere` in the
    sentence, excuses it.
    """

    left: NonEmpty
    words: re.Pattern[str]
    within: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    elsewhere: re.Pattern[str] | None = None


class Fees(Declared, frozen=True, kw_only=True):
    """How a text speaks of fees for requests (信息处理费). Sentences that hold `about` count, unless `unless` fits.

    `charged` has the amount in the group ``yuan`` or ``sum``, `none` says that nothing was charged, `notice` that a
    fee was asked for. By the scale, every
    amount is a multiple of `step`, from the report year `since` on. The cell `unpaid` counts requests that were given
    up because a fee was not paid.
    """

    about: NonEmpty
    charged: re.Pattern[str]
    none: re.Pattern[str]
    notice: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    step: Annotated[int, Meta(ge=1)] = 1
    since: int = 0
    unpaid: str = ""


class SelfName(Declared, frozen=True, kw_only=True):
    """What an agency whose name fits `agency` does not call itself. Nothing is said of names that fit `unless`."""

    agency: re.Pattern[str]
    words: re.Pattern[str]
    unless: re.Pattern[str] | None = None


class LawWords(Declared, frozen=True, kw_only=True):
    """All of these words of a form. What a form does not declare is not checked."""

    period: Period | None = None
    dates: ReportDates | None = None
    deadlines: tuple[Deadline, ...] = ()
    documents: tuple[Document, ...] = ()
    done: AllDone | None = None
    fees: Fees | None = None
    self_names: tuple[SelfName, ...] = ()
