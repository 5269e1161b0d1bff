"""Rules on texts against tables: numbers, shares (占比) and growth rates that a text gives for what tables count.

The form declares what a quantity is called, and its sound readings (口径). Nothing is said of a number that fits one of
them, or that is not surely about the quantity: a false alarm costs more trust than a miss.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from toolkit.checks.excuses import parts_of
from toolkit.checks.findings import Finding, Rule, ThresholdOf, finding, place_of
from toolkit.checks.mentions import Mention, both_numbers, fits, mentions, scale_of, unremarked
from toolkit.checks.text_sentences import TextSentence, quoted
from toolkit.checks.topics import sentences_with_topics
from toolkit.checks.written_numbers import NONE_AT_ALL, WrittenNumber, read_number
from toolkit.forms.model import Number, Quantity, Reading, Section
from toolkit.forms.relations import total
from toolkit.submission.carry_overs import shared_numbers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

SHOWN_AT_MOST = 3

NUMBER = Rule(
    "text-differs-from-tables",
    "文字与表中的数不符",
    "warning",
    "文字里写的件数和金额与表中的数相符。",
    "文字与表格是同一份报告，数字应一致。各种合理口径都不符才提；另有口径的，写明口径即可。",
    "{place}“{name}”写的{said}，表中是{tables}：{quoted}。请核对文字和表；统计口径不同的，请在文字中写明。",
    {
        "place": "「一、某部分」第 2 段",
        "name": "收到申请",
        "said": "是 38",
        "tables": "表三「新收」 37",
        "quoted": "“全年共收到申请38件。”",
    },
    identified_by=("name", "quoted"),
)
SHARE = Rule(
    "share-differs-from-tables",
    "占比与表不符",
    "warning",
    "文字里写的占比与表中的数算出来的相符。",
    "按文字写的小数位数比较，四舍五入和舍去尾数都算相符。",
    "{place}“{name}”写的是占 {share}%，按 {number} 和{whole} 应为 {right}%：{quoted}。请核对占比，或写明占什么的比。",
    {
        "place": "「一、某部分」第 2 段",
        "name": "某项",
        "share": "70",
        "number": "24",
        "whole": "某表「总计」 40",
        "right": "60",
        "quoted": "“某项24件，占70%。”",
    },
    identified_by=("name", "quoted"),
)
GROWTH = Rule(
    "growth-differs-from-last-year",
    "增减与两年的表不符",
    "warning",
    "文字里写的增长率、增减数与两年的表算出来的相符。",
    "给出上年报告时才比较，按文字写的小数位数。",
    "{place}“{name}”写的是{said}，按上年报告的 {then} 和本年的 {now} 应为{right}：{quoted}。请核对。",
    {
        "place": "「一、某部分」第 2 段",
        "name": "收到申请",
        "said": "增长 30%",
        "then": "10",
        "now": "12",
        "right": "增长 20%",
        "quoted": "“收到申请12件，同比增长30%。”",
    },
    "years",
    identified_by=("name", "quoted"),
)

RULES = (NUMBER, SHARE, GROWTH)


def quantity_findings(
    submission: Submission, prior: Submission | None = None, _limits: ThresholdOf | None = None
) -> Iterator[Finding]:
    """Yield the numbers in the texts that fit no reading of the tables. Growth is judged only beside last year's
    report."""
    words, quantities = submission.form.texts.language.counts, submission.form.texts.quantities
    if not quantities:
        return
    last = shared_numbers(submission.form, prior) if prior is not None else {}
    for sentence, topic in sentences_with_topics(submission):
        if not words.speaks.search(sentence.plain):
            continue
        for mention in mentions(submission, sentence, topic, quantities):
            if _is_filled(submission, mention.quantity):
                yield from _number(submission, sentence, mention)
                yield from _share(submission, sentence, mention)
                yield from _growth(submission, sentence, mention, last)


def differs_from_tables(submission: Submission, section: Section, paragraph: int, whole: str) -> bool:
    """Return True if a number in this sentence (in plain spelling) has a finding against the tables."""
    quantities = submission.form.texts.quantities
    return any(
        True
        for sentence, topic in sentences_with_topics(submission)
        if sentence.section is section and sentence.paragraph == paragraph and sentence.whole == whole
        for mention in mentions(submission, sentence, topic, quantities)
        if _is_filled(submission, mention.quantity)
        for _ in (*_number(submission, sentence, mention), *_share(submission, sentence, mention))
    )


def are_readings(submission: Submission, one: str, other: str) -> bool:
    """Return True if two numbers are both sound readings of one quantity, as what was received with and without what
    was carried over."""
    for quantity in submission.form.texts.quantities:
        values = {
            total(reading.terms, numbers) for numbers in both_numbers(submission) for reading in quantity.readings
        }
        if {Decimal(one), Decimal(other)} <= values:
            return True
    return False


def _is_filled(submission: Submission, quantity: Quantity) -> bool:
    """Return True if any number of a quantity was filled in. Blank cells have their own finding."""
    cells = (cell for reading in quantity.readings for cell in _inputs(submission, reading))
    return any(cell in submission.numbers for cell in cells)


def _inputs(submission: Submission, reading: Reading) -> Iterator[str]:
    """Yield the filled cells that a reading adds up."""
    for term in reading.terms:
        cell = submission.form.cells[term.cell]
        yield from (part.cell for part in cell.parts) if cell.computed else (cell.id,)


def _is_known(submission: Submission, reading: Reading) -> bool:
    """Return True if the report says anything of a reading. Of a row that it does not have it says nothing, not 0."""
    totals, standing, values = submission.totals, submission.standing, submission.all_values
    cells = (term.cell for term in reading.terms)
    return any(cell not in totals or cell in standing or values[cell] is not None for cell in cells)


def _shown(submission: Submission, reading: Reading, numbers: Mapping[str, Number]) -> str:
    """Return a reading in words, with its number."""
    value = number_text(total(reading.terms, numbers))
    if len(reading.terms) == 1:
        return f"{place_of(submission, reading.terms[0].cell)} {value}"
    return f"{reading.name} {value}"


def _is_explained(submission: Submission, sentence: TextSentence, mention: Mention) -> bool:
    """Return True if the sentence itself says what makes the difference: so many were withdrawn (收到申请38件，其中1件
    撤回), or a part and the rest stand beside each other (县级收到20件，乡镇收到17件)."""
    found = (match for pattern in submission.form.texts.adjustments for match in pattern.finditer(sentence.whole))
    spots = {match.span("number"): match["number"] for match in found}
    apart = [written.value for written in map(read_number, spots.values()) if written]
    changes = {change * sign for change in (*apart, sum(apart)) for sign in (1, -1)}
    if mention.quantity.listed:
        changes |= set(parts_of(submission.form.texts.language.counts, mention.quantity, sentence.whole))
        changes.add(_elsewhere(sentence, mention))
    for change in (*changes, *(() if mention.quantity.listed else _beside(submission, sentence, mention))):
        value = mention.written.value + change
        if change and value and fits(submission, replace(mention, written=replace(mention.written, value=value))):
            return True
    return False


def _elsewhere(sentence: TextSentence, mention: Mention) -> Decimal:
    """Return what the text gives of the same quantity besides: 予以公开13件…；上年结转1件，予以公开1件."""
    near = sentence.whole + sentence.next
    found = {match.span("number"): match for phrase in mention.quantity.phrases for match in phrase.finditer(near)}
    numbers = [written.value for match in found.values() if (written := read_number(match["number"]))]
    return sum(numbers, Decimal(0)) - mention.written.value


def _beside(submission: Submission, sentence: TextSentence, mention: Mention) -> Iterator[Decimal]:
    """Yield the counts next to a number in its sentence."""
    count = submission.form.texts.language.counts.count
    counts = [match["number"] for match in count.finditer(unremarked(sentence.whole))]
    for one, other in pairwise(counts):
        for number, neighbour in ((one, other), (other, one)):
            written = read_number(neighbour)
            if number == mention.written.text and written:
                yield written.value


def _number(submission: Submission, sentence: TextSentence, mention: Mention) -> Iterator[Finding]:
    """Yield a finding if a number fits no reading of its quantity and the sentence does not explain it."""
    if fits(submission, mention) or _is_explained(submission, sentence, mention):
        return
    readings = [reading for reading in mention.quantity.readings if _is_known(submission, reading)]
    if not readings:
        return
    standing, _ = both_numbers(submission)
    first = readings[0]
    cells = tuple(term.cell for term in first.terms)
    by_value = {total(reading.terms, standing): reading for reading in reversed(readings)}
    told = [_shown(submission, reading, standing) for reading in reversed(by_value.values())]
    words = "，或".join(told[:SHOWN_AT_MOST])
    said = mention.written.text
    facts = {"name": mention.quantity.name, "tables": words, "quoted": quoted(sentence.text, said)}
    expected = number_text(total(first.terms, standing))
    actual = number_text((mention.written.value / scale_of(submission, first)).normalize())
    said = f"是{said}" if mention.written is NONE_AT_ALL else f"是 {said}"
    at, place = [sentence.at], sentence.place
    yield finding(NUMBER, submission, cells, expected, actual, at=at, place=place, said=said, **facts)


def _share(submission: Submission, sentence: TextSentence, mention: Mention) -> Iterator[Finding]:
    """Yield a finding if a share fits no sum of the tables and no number in the text."""
    words = submission.form.texts.language.counts
    found = words.share.match(mention.rest)
    written = read_number(found["share"]) if found else None
    if found is None or written is None or not mention.quantity.wholes:
        return
    standing, _ = both_numbers(submission)
    shares = [
        Decimal(part) * 100 / Decimal(all_of_it)
        for numbers in both_numbers(submission)
        for part in (mention.written.value, *(total(reading.terms, numbers) for reading in mention.quantity.readings))
        for of in mention.quantity.wholes
        if (all_of_it := total(of.terms, numbers))
    ]
    said = [read_number(match["number"]) for match in words.count.finditer(sentence.last + sentence.whole)]
    of_said = [mention.written.value * 100 / whole.value for whole in said if whole and whole.value]
    if not shares or any(abs(share - written.value) < written.step for share in (*shares, *of_said)):
        return  # it may be a share of any number that the text gives
    right = _rounded(shares[0], written)
    whole = mention.quantity.wholes[0]
    cells = tuple(term.cell for term in (*mention.quantity.readings[0].terms, *whole.terms))
    facts = {
        "place": sentence.place,
        "name": mention.quantity.name,
        "share": found["share"],
        "number": mention.written.text,
        "whole": _shown(submission, whole, standing),
        "right": right,
        "quoted": quoted(sentence.text, found["share"]),
    }
    yield finding(SHARE, submission, cells, f"{right}%", f"{found['share']}%", at=[sentence.at], **facts)


def _rounded(value: Decimal, like: WrittenNumber) -> str:
    return number_text(value.quantize(like.step))


def _growth(
    submission: Submission, sentence: TextSentence, mention: Mention, last: Mapping[str, Number]
) -> Iterator[Finding]:
    """Yield a finding for each growth that does not fit last year's report. A text may give it as a rate and as
    a number."""
    words = submission.form.texts.language.counts
    found = words.growth.match(mention.rest)
    if found is None or (found["year"] and int(found["year"]) != submission.year - 1):
        return
    yield from _change(submission, sentence, mention, last, found)
    again = words.growth_again.match(mention.rest[found.end() :])
    if again and bool(again["rate"]) != bool(found["rate"]):
        yield from _change(submission, sentence, mention, last, again)


def _change(
    submission: Submission, sentence: TextSentence, mention: Mention, last: Mapping[str, Number], found: re.Match[str]
) -> Iterator[Finding]:
    """Yield a finding if a rate or a number of growth fits no reading in both years."""
    pairs = [
        (Decimal(total(reading.terms, numbers)), Decimal(total(reading.terms, last)))
        for numbers in both_numbers(submission)
        for reading in mention.quantity.readings
        if all(term.cell in last for term in reading.terms)
    ]
    pairs = [pair for pair in pairs if pair[1]]
    written = read_number(found["rate"] or found["change"])
    if not pairs or written is None:
        return
    signed = -written.value if submission.form.texts.language.counts.falls.fullmatch(found["way"]) else written.value
    changes = [(now - then) * 100 / then if found["rate"] else now - then for now, then in pairs]
    if any(abs(change - signed) < (written.step if found["rate"] else 1) for change in changes):
        return
    # The pair that the text most likely means is the one whose figure it names.
    best = next((n for n, (now, _) in enumerate(pairs) if mention.written.fits(now)), 0)
    unit = "%" if found["rate"] else " 件"
    right = f"{'减少' if changes[best] < 0 else '增长'} {_rounded(abs(changes[best]), written)}{unit}"
    now, then = map(number_text, pairs[best])
    said = f"{found['way']} {written.text}{unit}"
    facts = {
        "place": sentence.place,
        "name": mention.quantity.name,
        "said": said,
        "then": then,
        "now": now,
        "right": right,
        "quoted": quoted(sentence.text, written.text),
    }
    cells = tuple(term.cell for term in mention.quantity.readings[0].terms)
    yield finding(GROWTH, submission, cells, right, said, at=[sentence.at], **facts)
