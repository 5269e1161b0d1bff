"""Alike texts (雷同): between agencies of one batch, and with last year's report.

Compared is what an agency says itself: boilerplate that the form declares, digits, punctuation and the agency's own
name do not count. Short texts never do.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from toolkit.characters import plain
from toolkit.checks.findings import Finding, Rule
from toolkit.submission import Submission

SHORTEST = 60
"""Characters of a text that can be alike by more than chance."""
SHORTEST_SENTENCE = 8
PASSAGES_SHOWN, PASSAGE_LIMIT = 2, 40

ALIKE = Rule(
    "alike-texts",
    "warning",
    "各机关的文字部分各自据实编写，不雷同。",
    "内容雷同、照抄的报告会被退回重写。法律依据、统计期限等固定写法不计在内。",
    "「某部分」与乙局的文字相同 93%，如“本机关高度重视政府信息公开工作……”。请按本机关的实际情况改写。",
)
SAME_AS_LAST_YEAR = Rule(
    "same-as-last-year",
    "warning",
    "文字部分不照抄上年报告。",
    "除年份和数字外与上年相同的文字，往往是没有更新。",
    "「某部分」除年份和数字外有 95% 与上年报告相同，如“下一步将加强学习培训……”。请按本年的实际情况改写。",
)

RULES = (ALIKE, SAME_AS_LAST_YEAR)


@dataclass(frozen=True, slots=True)
class Alike:
    """Two texts of a batch, by position, that say the same in a section; `ratio` is 1 for equal texts."""

    one: int
    other: int
    section: str
    ratio: float


@cache
def _boilerplate(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


def essence(submission: Submission, section: str) -> str:
    """What of a section's text is compared."""
    return _essence("\n".join(submission.texts.get(section, ())), submission)


def _essence(text: str, submission: Submission) -> str:
    boilerplate = _boilerplate(submission.form.boilerplate)
    if boilerplate:
        text = boilerplate.sub("", text)
    if submission.agency:
        text = text.replace(submission.agency, "")
    return re.sub(r"[\W\d_]+", "", text)


def find_alike(batch: Sequence[Submission], threshold: float) -> list[Alike]:
    """Every pair of different agencies whose texts of a section are alike to at least `threshold` (0 to 1)."""
    from rapidfuzz.distance import Indel

    found = []
    for section in sorted({key for submission in batch for key in submission.texts}):
        texts = [essence(submission, section) for submission in batch]
        for one, other in _candidates(texts, threshold):
            if plain(batch[one].agency) != plain(batch[other].agency):
                ratio = Indel.normalized_similarity(texts[one], texts[other], score_cutoff=threshold)
                if ratio >= threshold:
                    found.append(Alike(min(one, other), max(one, other), section, ratio))
    return sorted(found, key=lambda pair: (pair.one, pair.other, pair.section))


def _candidates(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int]]:
    """Pairs that may be alike; no pair that is alike is left out.

    Of the shorter text, at least `threshold` of the mean length must stand in the other, so no more than the rest of
    its characters may be missing there. Counting them by bits takes a thousandth of comparing the texts.
    """
    order = sorted((len(text), index) for index, text in enumerate(texts) if len(text) >= SHORTEST)
    bits = {index: _character_bits(texts[index]) for _, index in order}
    for place, (length, one) in enumerate(order):
        mine = bits[one]
        count = mine.bit_count()
        for longer, other in order[place + 1 :]:
            missing_at_most = length - threshold * (length + longer) / 2
            if missing_at_most < 0:
                break  # all that follow are longer still
            if count - (mine & bits[other]).bit_count() <= missing_at_most:
                yield one, other


def _character_bits(text: str) -> int:
    """A bit for each character, for its first occurrence another one than for its second."""
    seen: Counter[str] = Counter()
    bits = 0
    for char in text:
        bits |= 1 << (ord(char) * 40_503 + seen[char] * 65_599) % 8191
        seen[char] += 1
    return bits


def alike_findings(batch: Sequence[Submission], threshold: Decimal) -> list[tuple[int, Finding]]:
    """One finding a submission and section: the most alike other agency, how much, and which passages."""
    by_text: dict[tuple[int, str], list[tuple[float, int]]] = {}
    for pair in find_alike(batch, float(threshold)):
        by_text.setdefault((pair.one, pair.section), []).append((-pair.ratio, pair.other))
        by_text.setdefault((pair.other, pair.section), []).append((-pair.ratio, pair.one))
    found = []
    for (index, section), others in sorted(by_text.items()):
        ratio, other = min(others)
        mine, theirs = batch[index], batch[other]
        passages, at = _shared(mine, section, essence(theirs, section))
        more = f"，另有 {len(others) - 1} 个机关也相近" if len(others) > 1 else ""
        title = mine.form.section(section).title
        message = (
            f"「{title}」与{theirs.agency or '未填名称的机关'}的文字相同 {-ratio:.0%}{more}{passages}。"
            "请按本机关的实际情况改写。"
        )
        found.append((index, Finding(ALIKE.id, ALIKE.severity, message, (), at)))
    return found


def same_as_last_year_findings(submission: Submission, prior: Submission, threshold: Decimal) -> Iterator[Finding]:
    """Sections of which at least `threshold` stands word for word in last year's report, years and numbers aside."""
    for section in submission.form.text_sections:
        whole = essence(submission, section.id)
        last = "".join(essence(prior, part.id) for part in prior.form.text_sections)
        if len(whole) < SHORTEST or not last:
            continue
        same = sum(len(text) for _, _, text in _sentences(submission, section.id) if text in last)
        if same >= threshold * len(whole):
            passages, at = _shared(submission, section.id, last)
            share = min(same / len(whole), 1)
            message = (
                f"「{section.title}」除年份和数字外有 {share:.0%} 与上年报告相同{passages}。请按本年的实际情况改写。"
            )
            rule = SAME_AS_LAST_YEAR
            yield Finding(rule.id, rule.severity, message, (), at)


def _sentences(submission: Submission, section: str) -> Iterator[tuple[str, str, str]]:
    """Each sentence as written, its place, and what of it is compared."""
    paragraphs = submission.texts.get(section, ())
    places = submission.text_places.get(section, ("",) * len(paragraphs))
    for paragraph, place in zip(paragraphs, places, strict=True):
        for sentence in re.split(r"(?<=[。！？；])", paragraph):
            text = _essence(sentence, submission)
            if len(text) >= SHORTEST_SENTENCE:
                yield sentence.strip(), place, text


def _shared(submission: Submission, section: str, other: str) -> tuple[str, tuple[str, ...]]:
    """The longest sentences that stand in the other text, too, in words, and where they stand."""
    shared = [
        (len(text), sentence, place) for sentence, place, text in _sentences(submission, section) if text in other
    ]
    longest = sorted(shared, key=lambda item: -item[0])[:PASSAGES_SHOWN]
    if not longest:
        return "", ()
    quoted = "".join(f"“{_short(sentence)}”" for _, sentence, _ in longest)
    return f"，如{quoted}", tuple(dict.fromkeys(place for _, _, place in longest if place))


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= PASSAGE_LIMIT else f"{sentence[:PASSAGE_LIMIT]}……"
