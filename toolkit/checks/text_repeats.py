"""The rules on what a text gives twice: two numbers for the same thing in different sentences (前后不一致), and the
same paragraph again (重复).

Of numbers, only what a year has one number of counts, and a column of a web site. The words must be the same on both
sides, and nothing nearby may speak of another time, another body or a part.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.quantities import differs_from_tables
from toolkit.checks.text_lists import Amount, amounts, whole_sentences, without_brackets
from toolkit.checks.text_sentences import paragraphs, place_in, plain, quoted
from toolkit.forms.model import Section
from toolkit.forms.own_words import OwnNumbers
from toolkit.submission.model import Submission

TWICE = Rule(
    "number-differs-in-text",
    "文字里同一个数前后不一致",
    "warning",
    "文字里同一个量只有一个数。",
    "写法完全相同、都说全年的才比较；各栏目、各时段、各单位的数不比。",
    "{place}“{name}”写的是 {number}，{first}写的是 {other}：{quoted}。请核对哪一个是对的；口径不同的，请写明。",
    {
        "place": "「一、某部分」第 5 段",
        "name": "审计栏目",
        "number": "16条",
        "first": "「一、某部分」第 2 段",
        "other": "20条",
        "quoted": "“审计栏目公开信息16条。”",
    },
    identified_by=("name", "quoted"),
)
PARAGRAPH = Rule(
    "paragraph-twice",
    "同一段文字写了两遍",
    "warning",
    "一份报告里没有写了两遍的段落。",
    "几十个字一字不差的两段，往往是粘贴时重复了。",
    "{place}与{first}一字不差：{quoted}。请删去重复的一段，或者换成该写的内容。",
    {
        "place": "「五、某部分」第 3 段",
        "first": "「五、某部分」第 1 段",
        "quoted": "“一是公开的内容不够丰富，二是公开的时间不够及时，三是公开的形式比较单一。”",
    },
    identified_by=("quoted",),
)
RULES = (TWICE, PARAGRAPH)
SHORTEST_PARAGRAPH = 30
"""Characters, without space and punctuation. A shorter paragraph may stand twice (无。)."""

_ANY = re.compile(r"\d")
_YEAR = re.compile(r"20\d\d(?=年)")
_CLAUSE, _PART = re.compile(r"[，；：。]"), re.compile(r"[，；：、。]")
_MARKS = re.compile(r"[\W_]+")
_ITEM = re.compile(r"^[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．是，]+")


@dataclass(frozen=True, slots=True)
class Stated:
    """A quantity that a text gives: what it is called, its amount, and where it stands."""

    name: str
    amount: Amount
    place: str
    at: str
    written: str
    section: Section
    paragraph: int
    sentence: str


def repeat_findings(submission: Submission) -> Iterator[Finding]:
    """Yield the quantities that the texts give twice with different numbers."""
    words = submission.form.texts.own.numbers
    if words is None:
        return
    for first, again in repeated(_stated(words, submission)):
        if any(differs_from_tables(submission, one.section, one.paragraph, one.sentence) for one in (first, again)):
            continue
        facts = {"place": again.place, "name": again.name, "number": again.amount.text, "other": first.amount.text}
        where = "前面" if first.place == again.place else first.place
        spot = quoted(again.written, again.amount.text)
        given = (first.amount.text, again.amount.text)
        yield finding(TWICE, None, (), *given, at=[again.at, first.at], first=where, quoted=spot, **facts)


def paragraph_findings(submission: Submission) -> Iterator[Finding]:
    """Yield the paragraphs that stand in the texts a second time, with or without an ordinal."""
    known: dict[str, tuple[str, str]] = {}
    for section, number, at, text in paragraphs(submission):
        if len(text) < SHORTEST_PARAGRAPH:
            continue
        core = _MARKS.sub("", _ITEM.sub("", plain(text)))
        place = place_in(section.title, number, at)
        first, first_at = known.setdefault(core, (place, at))
        if len(core) >= SHORTEST_PARAGRAPH and first != place:
            yield finding(PARAGRAPH, None, (), "", "", at=[at, first_at], place=place, first=first, quoted=quoted(text))


def repeated(stated: Iterable[Stated]) -> Iterator[tuple[Stated, Stated]]:
    """Yield each quantity that has another number than where it stood first."""
    known: dict[tuple[str, str], Stated] = {}
    for one in stated:
        first = known.setdefault((one.name, one.amount.unit), one)
        if first.amount.value != one.amount.value and first.sentence != one.sentence:
            yield first, one


def _stated(words: OwnNumbers, submission: Submission) -> Iterator[Stated]:
    for section, number, at, text in paragraphs(submission):
        for sentence in whole_sentences(text):
            if not _ANY.search(sentence.plain):
                continue
            flat = without_brackets(sentence.plain)
            for amount in amounts(words, flat):
                name = _name(words, flat, amount, submission.year)
                if name and not amount.about:
                    place = place_in(section.title, number, at)
                    yield Stated(name, amount, place, at, sentence.written, section, number, sentence.plain)


def _name(words: OwnNumbers, flat: str, amount: Amount, year: int) -> str:
    """Return what an amount is the number of. Return nothing if that is not surely one thing in one year."""
    before, after = flat[: amount.start], _CLAUSE.split(flat[amount.end :], 1)[0]
    if any(int(one) != year for one in _YEAR.findall(before)):
        return ""
    clause = _PART.split(before)[-1]
    column = words.column.search(clause)
    if column and words.column_units.fullmatch(amount.unit) and not words.other.search(clause + after):
        return words.fillers.sub("", column["label"])
    unfilled = words.fillers.sub("", before)
    bare = unfilled.replace("，", "").replace("：", "")
    return bare if words.once.match(bare) and not words.other.search(unfilled + after) else ""
