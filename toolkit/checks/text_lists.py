"""Totals and the parts that a text lists after them (总数和各项): ``共公开信息48条，其中动态8条、公告40条``.

What counts as a number with a unit, what begins a list and what ends it are words of the form (`OwnNumbers`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from toolkit.checks.text_sentences import plain
from toolkit.checks.written_numbers import WrittenNumber, read_number
from toolkit.forms.own_words import OwnNumbers

_STOPS = re.compile(r"(?<=[。！!？?])(?![，。；：、,;！!？?])")
_LABEL = 4
"""A clause with a label of at least this length is a part, not a remark on the part before (增加7件)."""
_INNER = re.compile(r"（([^（）]*)）")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit: ``48条``. `about` is True for 48余条, and for rounded numbers as 1.2万条."""

    value: Decimal
    text: str
    unit: str
    about: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ListedPart:
    """One part of a list. `stop` is the punctuation after it. `shares` are the shares (占比) that the text gives for
    it."""

    label: str
    amount: Amount
    stop: str = ""
    shares: tuple[WrittenNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedList:
    """A total and its parts. `near` has every amount that may be the total as well.

    `sure` is False if something stands between the parts that is no part. `is_open` says that the text itself gives
    only some parts; `bracket` that the list stands in brackets after its total; `nested` that it goes on after a list
    of its last part.
    """

    total: Amount
    near: tuple[Decimal, ...]
    parts: tuple[ListedPart, ...]
    sure: bool = True
    is_open: bool = False
    bracket: bool = False
    nested: bool = False


@dataclass(frozen=True, slots=True)
class WholeSentence:
    """A whole sentence, as written and in plain spelling."""

    written: str
    plain: str


@lru_cache(256)
def whole_sentences(text: str) -> tuple[WholeSentence, ...]:
    """Return the sentences of a paragraph, each up to its full stop."""
    return tuple(WholeSentence(part.strip(), plain(part)) for part in _STOPS.split(text) if part.strip())


def amounts(words: OwnNumbers, text: str) -> list[Amount]:
    """Return the numbers with a unit in a text, in order."""
    return [amount for match in words.count.finditer(text) if (amount := _amount(match))]


def _amount(match: re.Match[str]) -> Amount | None:
    written = read_number(match["number"])
    if written is None:
        return None
    about = bool(match["about"] or match["too"]) or (written.step > 1 and not _is_money(match["unit"]))
    shown = match["number"] + match["unit"]
    return Amount(written.value, shown, match["unit"], about, match.start(), match.end())


def stated_lists(words: OwnNumbers, sentence: str, last: str = "") -> Iterator[StatedList]:
    """Yield the lists of a sentence. The total of a list that begins the sentence stands in the `last` one."""
    flat = sentence
    while match := _INNER.search(flat):
        yield from _in_brackets(words, flat[: match.start()], match[1])
        flat = flat[: match.start()] + flat[match.end() :]
    yield from _after_markers(words, flat, without_brackets(last))
    yield from _before_totals(words, flat)


def without_brackets(text: str) -> str:
    """Return a text without what stands in brackets, brackets in brackets included."""
    while "（" in text and _INNER.search(text):
        text = _INNER.sub("", text)
    return text


def _in_brackets(words: OwnNumbers, before: str, inner: str) -> Iterator[StatedList]:
    """Yield the list that stands in brackets after its total: ``48条（动态8条、公告40条）``."""
    found = amounts(words, before)
    if not found or not re.fullmatch(r"[^，；：、。\d]{0,8}", before[found[-1].end :]):
        return
    begun = re.match(rf"(?:{words.begins.pattern})[：，]?", inner)
    body = inner[begun.end() :] if begun else inner
    if list(words.begins.finditer(body)) or words.selects.match(body):
        return
    listed = _list(words, found, body)
    if listed and len(listed.parts) == len(amounts(words, body)):
        yield replace(listed, bracket=True)


def _after_markers(words: OwnNumbers, flat: str, last: str) -> Iterator[StatedList]:
    """Yield the lists that begin with a word as 其中."""
    marks = list(words.begins.finditer(flat))
    ends = [*(mark.start() for mark in marks), len(flat)][1:]
    begun = 0
    for mark, end in zip(marks, ends, strict=False):
        before = flat[: mark.start()]
        found = amounts(words, before)
        gap = before[found[-1].end :] if found else before
        if not found and not gap.strip("，；：、"):
            found = amounts(words, last)
            gap = last[found[-1].end :] if found else ""
        if not found or re.search(r"[。；].", gap) or words.turns.search(gap.strip("，；：、。")):
            continue
        body = flat[mark.end() : end].lstrip("，：；")
        nested = mark is not marks[0] and "；" not in flat[begun : mark.start()]
        begun = mark.end()
        if goes_on := end < len(flat):
            body, stop, _ = body.rpartition("；")
            nested = nested or not stop
        listed = _list(words, found, body)
        if listed:
            yield replace(listed, nested=nested, is_open=listed.is_open or goes_on)


def _before_totals(words: OwnNumbers, flat: str) -> Iterator[StatedList]:
    """Yield the list whose total stands at its end: ``公告15条，预算2条，机构3条，合计20条``."""
    found = amounts(words, flat)
    for number, total in enumerate(found):
        clause = re.split(r"[，；：、。]", flat[: total.start])[-1]
        if number < 2 or not words.closes.fullmatch(clause.removesuffix(total.text)):
            continue
        body = flat[: total.start - len(clause)]
        if words.begins.search(body):
            continue
        parts, sure, is_open = _parts(words, body, total.unit)
        if parts and sure:
            yield StatedList(total, (total.value,), parts, sure, is_open)


def _list(words: OwnNumbers, found: Sequence[Amount], body: str) -> StatedList | None:
    """Return the list in `body` under the last of the amounts that stand before it."""
    total = found[-1]
    parts, sure, is_open = _parts(words, body, total.unit)
    if len(parts) < 2:
        return None
    values = [amount.value for amount in found if not amount.about]
    sums = [sum(values[-count:], Decimal(0)) for count in (2, 3) if len(values) >= count]
    apart = [abs(one - other) for one in values[-3:] for other in values[-3:] if one != other]
    return StatedList(
        total, (*reversed(values), *sums, *apart), parts, sure, is_open or bool(words.selects.match(body))
    )


def _parts(words: OwnNumbers, body: str, unit: str) -> tuple[tuple[ListedPart, ...], bool, bool]:
    """Return the parts of a list with this unit, whether nothing else stands between them, and whether the text leaves
    the list open."""
    parts: list[ListedPart] = []
    sure, ended, is_open, pending, others = True, False, False, "", 0
    for chunk, stop in re.findall(r"([^，；：、。]*)([，；：、。]?)", body):
        if not chunk:
            continue
        found = amounts(words, chunk)
        if _turns_away(parts, found, unit):
            is_open = True
            break
        share = words.share.search(chunk)
        if share and parts and not found:
            parts = _with_share(parts, share, stop)
        elif not found and (bare := words.bare.fullmatch(chunk)) and not words.aside.search(chunk):
            label, number = pending + bare["label"], bare["number"]
            parts.append(ListedPart(label, Amount(Decimal(number), number, unit, False, 0, 0), stop))
            pending, sure = "", sure and not ended
        elif words.aside.search(chunk) and (parts and not _leads(words, chunk, found)):
            parts[-1] = replace(parts[-1], stop=stop)
        elif not found:
            pending = pending + chunk + stop if stop in "、：" else ""
            ended = ended or (bool(parts) and stop not in "、：")
            sure = sure and not re.search(r"\d", chunk)
        else:
            mine = [amount for amount in found if amount.unit == unit]
            others += not mine and _is_money(unit) != _is_money(found[0].unit)
            sure = sure and not ended and len(found) == 1 and bool(mine or others)
            tail = chunk[found[-1].end :]
            is_open = is_open or bool(words.open.match(tail))
            parts += [ListedPart(pending + chunk[: amount.start], amount, stop) for amount in mine[:1]]
            pending = ""
    return tuple(parts), sure and others in (0, len(parts)), is_open


def _turns_away(parts: Sequence[ListedPart], found: Sequence[Amount], unit: str) -> bool:
    """Return True if the first semicolon after the parts of a list leads to amounts of another kind: the list ends
    there, and may have left out what is counted otherwise."""
    if len(parts) < 2 or not found or any(amount.unit == unit for amount in found):
        return False
    stops = [part.stop for part in parts]
    apart = _is_money(unit) == any(_is_money(amount.unit) for amount in found)
    return stops[-1] == "；" and "；" not in stops[:-1] and apart


def _is_money(unit: str) -> bool:
    """Return True for the unit of money. Cases and what was charged for them stand by turns in one list."""
    return unit == "元"


def _leads(words: OwnNumbers, chunk: str, found: Sequence[Amount]) -> bool:
    """Return True if a clause begins with a label of its own and ends with an amount, so that it is a part."""
    ends = bool(found) and found[-1].end == len(chunk) and found[-1].start >= _LABEL
    return ends and not words.aside.match(chunk)


def _with_share(parts: Sequence[ListedPart], share: re.Match[str], stop: str) -> list[ListedPart]:
    """Return the parts with one more share: of the last part, or of the one whose label the share repeats."""
    written, label = read_number(share["share"]), share["label"]
    made = [*parts[:-1], replace(parts[-1], stop=stop)]
    named = [number for number, part in enumerate(made) if not label or (label[2:] and part.label.startswith(label))]
    if written and named:
        part = made[named[-1]]
        made[named[-1]] = replace(part, shares=(*part.shares, written))
    return made
