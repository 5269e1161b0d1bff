"""The words of the rules on texts (文字规则的词语), declared in `templates/shared/language.toml`.

Every form has them. A form of one's own can add to each list, or replace it.
"""

import re
from dataclasses import dataclass

from toolkit.forms.fields import Declared


class CountWords(Declared, frozen=True, kw_only=True):
    """The words by which a number of a text is known to be that of a quantity of the tables, or not to be.

    Only a sentence that `speaks` of a number is looked at; `count` fits each number of cases. A number is not the
    table's if `part_of` says that it is a part only, or `other_time` that it is of another year; the `period` of
    the report itself does not count. A word of `part_of` after something `doing`, in a clause in which
    `other_count` fits, says nothing of other clauses. `heading` fits the number of a heading or of an item of a
    text, with one group for each style. `body` fits a body to which a number may belong, `acting` one to which it
    does; `lead_in` is no part of its name, and `everybody` is no single body. `wider` fits a larger area. `ours`
    and `all_year` fit where the text turns to the agency and to the whole year; in the report of a government
    `all_levels` are the agency, too. A sentence that `continues` goes on with the one before. `shared` joins the
    things that share one number. `share`, `growth` and `growth_again` fit what is said of the number after it;
    `falls` are the ways of growth that are less.
    """

    speaks: re.Pattern[str]
    count: re.Pattern[str]
    part_of: re.Pattern[str]
    other_count: re.Pattern[str]
    doing: re.Pattern[str]
    other_time: re.Pattern[str]
    heading: re.Pattern[str]
    period: re.Pattern[str]
    acting: re.Pattern[str]
    body: re.Pattern[str]
    wider: re.Pattern[str]
    ours: re.Pattern[str]
    all_levels: re.Pattern[str]
    all_year: re.Pattern[str]
    lead_in: re.Pattern[str]
    everybody: re.Pattern[str]
    continues: re.Pattern[str]
    shared: re.Pattern[str]
    share: re.Pattern[str]
    growth: re.Pattern[str]
    growth_again: re.Pattern[str]
    falls: re.Pattern[str]


class YearWords(Declared, frozen=True, kw_only=True):
    """The words by which a year in a text is known to be a slip, or not to be.

    `opening` fits the beginning of a sentence on the agency itself that opens with a year; its groups are ``year`` and
    ``body``. A sentence with a word of `comparison`, or with `this_year`, compares years. `future` fits plans for the
    next year, and `past` a sentence before that speaks of years past.
    """

    opening: re.Pattern[str]
    comparison: re.Pattern[str]
    this_year: re.Pattern[str]
    future: re.Pattern[str]
    past: re.Pattern[str]


class WrittenSlip(Declared, frozen=True):
    """A way to write numbers, units or punctuation wrongly: the `pattern` has the group ``slip``; `fault` says what is
    wrong."""

    name: str
    pattern: re.Pattern[str]
    fault: str


class WrittenWords(Declared, frozen=True, kw_only=True):
    """What should not stand in a text as it is written: `placeholders` that are still to be filled in, and `slips`."""

    placeholders: tuple[re.Pattern[str], ...]
    slips: tuple[WrittenSlip, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """All of these words of a form."""

    counts: CountWords
    years: YearWords
    written: WrittenWords
