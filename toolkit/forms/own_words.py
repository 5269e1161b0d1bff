"""The words by which texts are checked against themselves (文字自身): totals and parts, ordinals, named sections."""

import re
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from toolkit.forms.fields import Declared


class OwnNumbers(Declared, frozen=True, kw_only=True):
    """The words by which a text is checked against itself (文字自己与自己核对).

    `count` fits a number with its unit, `bare` a part without unit. A list `begins` with a word as 其中; it `selects`
    or is `open` if it names only some parts, and `rest` fits the part that makes it complete. `aside` fits what is said
    of the part before, `turns` the beginning of another thing. `results`, `carried` and `ways` fit what is said of
    cases, of those carried over and of channels, `kinds` parts of one kind. `closes` fits what stands before a total at
    the end. `share` has the groups ``label`` and ``share``. `once` fits what a year has one number of, after `fillers`
    are taken out and if no `other` stands there; `column` fits a column of a web site, and `column_units` what it
    holds.
    """

    count: re.Pattern[str]
    bare: re.Pattern[str]
    begins: re.Pattern[str]
    selects: re.Pattern[str]
    open: re.Pattern[str]
    rest: re.Pattern[str]
    aside: re.Pattern[str]
    turns: re.Pattern[str]
    results: re.Pattern[str]
    carried: re.Pattern[str]
    kinds: tuple[re.Pattern[str], ...]
    ways: re.Pattern[str]
    closes: re.Pattern[str]
    share: re.Pattern[str]
    once: re.Pattern[str]
    fillers: re.Pattern[str]
    other: re.Pattern[str]
    column: re.Pattern[str]
    column_units: re.Pattern[str]


class NamedPart(Declared, frozen=True):
    """A part of the report, and the words by which a text names it."""

    section: str
    words: re.Pattern[str]


class OwnParts(Declared, frozen=True, kw_only=True):
    """How a report says of what parts it consists: `claims` has the group ``number``, `lists` the groups ``list`` and
    ``open``. `names` has every part. `older` fits what reports on an older form had as a part."""

    claims: re.Pattern[str]
    lists: re.Pattern[str]
    names: Annotated[tuple[NamedPart, ...], Meta(min_length=1)]
    older: re.Pattern[str] | None = None


class Ordinals(Declared, frozen=True, kw_only=True):
    """A style of ordinals (序号), as 一是、二是: the `pattern` has the group ``number``. `instead` fits what may stand
    in the place of one. `heads` stand at the beginning of a paragraph; a list `from_one` may not begin with 2."""

    name: str
    pattern: re.Pattern[str]
    instead: re.Pattern[str]
    heads: bool = False
    from_one: bool = False


@dataclass(frozen=True, slots=True)
class OwnWords:
    """All of these words of a form. What a form does not declare is not checked."""

    numbers: OwnNumbers | None = None
    parts: OwnParts | None = None
    ordinals: tuple[Ordinals, ...] = ()
