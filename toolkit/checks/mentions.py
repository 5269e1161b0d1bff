"""Where a text speaks of a quantity of the tables (提到表中的量), and whether the tables say the same.

A text also gives numbers of other years, other bodies, or a part of the year. Only numbers that are surely about the
quantity count.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from toolkit.checks.excuses import is_aside, is_excused
from toolkit.checks.text_sentences import TextSentence, is_for_others, is_name_of, level_of, plain
from toolkit.checks.topics import Topic
from toolkit.checks.written_numbers import NONE_AT_ALL, SCALE, WrittenNumber, read_number
from toolkit.forms.model import Number, Quantity, Reading
from toolkit.forms.patterns import matches
from toolkit.forms.relations import total
from toolkit.submission.model import Submission


@dataclass(frozen=True, slots=True)
class Mention:
    """A quantity found in a sentence. `rest` is what follows its number there."""

    quantity: Quantity
    written: WrittenNumber
    phrase: str
    rest: str


def mentions(
    submission: Submission, sentence: TextSentence, topic: Topic, quantities: Iterable[Quantity]
) -> Iterator[Mention]:
    """Yield the quantities that a sentence surely speaks of, one for each number.

    If several phrases end with the same number, the phrase that begins first has it. If several begin together, the
    one that the number fits has it.
    """
    quantities = list(_within(sentence, topic, quantities))
    for prefix, segment in _segments(sentence.plain):
        found: dict[int, tuple[int, list[Mention]]] = {}
        for quantity in quantities:
            for match in _matches(quantity, segment, topic):
                end = match.end("number") if "number" in match.re.groupindex else match.end()
                begin = _begin(match)
                start, rivals = found.get(end, (begin, []))
                mention = _mention(quantity, match, segment)
                if mention is None or begin > start:
                    continue
                found[end] = (begin, [mention] if begin < start else [*rivals, mention])
        for start, rivals in found.values():
            before, sure = segment[:start], []
            for item in rivals:
                if _is_sure(submission, sentence, topic, item, prefix + before, before):
                    sure.append(item)
            for item in sure:
                if fits(submission, item):
                    yield item
                    break
            else:
                yield from sure[:1]


def fits(submission: Submission, mention: Mention) -> bool:
    """Return True if a number fits one of the readings of its quantity."""
    for numbers in both_numbers(submission):
        for reading in mention.quantity.readings:
            if mention.written.fits(total(reading.terms, numbers) * scale_of(submission, reading)):
                return True
    return False


def both_numbers(submission: Submission) -> tuple[Mapping[str, Number], Mapping[str, Number]]:
    """Return the numbers of all cells: with the totals as they stand, and with the totals as computed."""
    return submission.standing, {**submission.numbers, **submission.totals}


def scale_of(submission: Submission, reading: Reading) -> int:
    """Return what one unit of a table is in a text. A table may count in 万元, and a text is read in 元."""
    unit = submission.form.cells[reading.terms[0].cell].kind.unit
    return SCALE.get(unit[:1], 1)


def unremarked(text: str) -> str:
    """Return a text without the remarks in brackets."""
    return re.sub(r"（[^（）]*）", "", text)


def _is_listed(submission: Submission, sentence: TextSentence, topic: Topic, before: str) -> bool:
    """Return True if all counts before an item are known, back to the quantity that the list is about. After an unknown
    count, the item may be a part of that count alone (某类20件，某项12件)."""
    words = submission.form.texts.language.counts
    before = unremarked((sentence.last if words.continues.match(sentence.whole) else "") + sentence.begun + before)
    known: dict[int, bool] = {}
    for quantity in submission.form.texts.quantities:
        for match in _matches(quantity, before, topic):
            if "number" in match.re.groupindex:
                start = match.start("number")
                known[start] = known.get(start, True) and quantity.listed
    apart = (match for pattern in submission.form.texts.adjustments for match in pattern.finditer(before))
    known = {match.start("number"): True for match in apart} | known
    for count in reversed(list(words.count.finditer(before))):
        if not known.get(count.start(), True):
            return True
        if count.start() not in known:
            return False
    return True


def _segments(text: str) -> list[tuple[str, str]]:
    """Return a sentence without the remarks in brackets, then each remark with a number and what stands before it."""
    remarks = [(unremarked(text[: match.start()]), match[1]) for match in re.finditer(r"（([^（）]*)）", text)]
    return [
        ("", unremarked(text)),
        *((before, inner) for before, inner in remarks if re.search(r"\d", inner)),
    ]


def _matches(quantity: Quantity, segment: str, topic: Topic) -> Iterator[re.Match[str]]:
    yield from matches(quantity.patterns, segment)
    if quantity.under and quantity.topic and quantity.topic.search(topic.heads):
        yield from matches(quantity.under, segment)


def _begin(match: re.Match[str]) -> int:
    """Return where a phrase begins: at its group ``at``, if there is one. What stands before is no part of it."""
    return match.start("at" if "at" in match.re.groupindex else 0)


def _within(sentence: TextSentence, topic: Topic, quantities: Iterable[Quantity]) -> Iterator[Quantity]:
    """Yield the quantities of which a text can speak: what they are about is said in the sentence, just before, at the
    beginning of the part, or in the headings. Many quantities are about the same."""
    near, known = sentence.before + sentence.plain, dict[tuple[int, int], bool]()
    for quantity in quantities:
        within, heads = quantity.within, quantity.topic
        if within is None:
            yield quantity
            continue
        key = (id(within), id(heads))  # a pattern takes long to hash
        said = known.get(key)
        if said is None:
            said = bool(within.search(near) or (heads and topic.fits(heads)))
            known[key] = said
        if said:
            yield quantity


def _mention(quantity: Quantity, match: re.Match[str], segment: str) -> Mention | None:
    """Return the quantity that a phrase speaks of, with its number. Return None if the number is not surely one."""
    groups, rest = match.groupdict(), segment[match.end() :]
    phrase = segment[_begin(match) : match.end()]
    if "number" not in groups:
        return Mention(quantity, NONE_AT_ALL, phrase, rest)
    written = read_number(groups["number"])
    if written is None or ("unit" not in groups and written.value != int(written.value)):
        return None
    return Mention(quantity, written, phrase, rest)


def _is_sure(
    submission: Submission, sentence: TextSentence, topic: Topic, mention: Mention, prefix: str, before: str
) -> bool:
    """Return True if a number is surely that of a quantity in this report."""
    quantity, texts = mention.quantity, submission.form.texts
    if is_excused(texts.language.counts, quantity, texts.openings, prefix, mention.phrase, mention.written.value):
        return False
    shared = texts.language.counts.shared
    if re.search(rf"(?:{shared.pattern})\Z", before) or re.search(r"(?:^|[，；：、。])[^，；：、。\d]*、\Z", before):
        return False  # one number for several things
    if _is_of_others(submission, sentence, prefix):
        return False
    return not quantity.listed or fits(submission, mention) or _is_listed(submission, sentence, topic, prefix)


def _is_of_others(submission: Submission, sentence: TextSentence, prefix: str) -> bool:
    """Return True if the text before says that the number is of another year, another body, or a part of the year."""
    words = submission.form.texts.language.counts
    here = unremarked(words.period.sub("", sentence.begun + prefix))
    last = unremarked(words.period.sub("", sentence.last))
    goes_on = bool(words.continues.match(sentence.whole))
    whole = last + here if goes_on else here
    years = re.findall(r"((?:19|20)\d\d)年", whole)
    if years and int(years[-1]) != submission.year:
        return True
    this_year = re.compile(rf"{words.all_year.pattern}|{submission.year}年度?(?!\d|[一二三四上下第])")
    since = _since(this_year, whole)
    if any(not is_aside(words, since, match) for match in words.part_of.finditer(since)):
        return True
    if words.other_time.search(re.split(r"[，；：。]", whole)[-1]):
        return True
    ours = _ours(submission)
    if any(match[0] not in _area(submission) for match in words.wider.finditer(_since(ours, whole))):
        return True
    if any(_is_other_body(submission, match[0]) for match in words.body.finditer(_since(ours, here))):
        return True
    if not goes_on and (ours.search(here) or this_year.search(here)):
        return False
    return any(_is_other_body(submission, match[0]) for match in words.acting.finditer(_since(ours, last + here)))


def _area(submission: Submission) -> tuple[str, ...]:
    """Return the words for the whole area of a government (全县). Return nothing for another agency."""
    level = level_of(submission.agency) if is_for_others(submission) else ""
    return (f"全{level}",) if level else ()


def _ours(submission: Submission) -> re.Pattern[str]:
    words, area = submission.form.texts.language.counts, _area(submission)
    return re.compile("|".join((words.ours.pattern, *area, *([words.all_levels.pattern] if area else []))))


def _since(mark: re.Pattern[str], text: str) -> str:
    """Return a text from the last mark on."""
    return text[max((match.start() for match in mark.finditer(text)), default=0) :]


def _is_other_body(submission: Submission, name: str) -> bool:
    """Return True if a name is that of another body. The office of a government is a part of it, and its area is the
    whole."""
    words = submission.form.texts.language.counts
    name = words.lead_in.sub("", name)
    if not name or words.everybody.search(name) or re.match(r"[我本]", name):
        return False
    if is_for_others(submission):
        area, level, _ = plain(submission.agency).rpartition(level_of(submission.agency) or "。")
        return not (level and (area + level).endswith(name))
    return not is_name_of(name, submission.agency)
