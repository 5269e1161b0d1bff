"""Alike texts (雷同): texts of the agencies of one batch, and the text of last year's report.

Only what an agency says itself is compared. Boilerplate that the form declares, digits, punctuation and the agency's
own name do not count. Short texts are not compared at all.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from zlib import crc32

from toolkit.checks.findings import Finding, Rule, Threshold, ThresholdOf, finding
from toolkit.submission.model import Submission

SHORTEST = 60
"""The least number of characters of a text that is compared: shorter ones may be alike by chance."""
SHORTEST_SENTENCE = 8
PASSAGES_SHOWN, PASSAGE_LIMIT = 2, 40
_SUB_HEADING = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十]+、|\d+[.．、])[^，,：:。！？；]{0,30}[。：:]?\s*"
    r"|[^，,：:。！？；]{0,30}"
)
"""A line that says nothing itself: it is numbered, or short and without an end. Every report has such lines."""
PROFILE_BITS = 8192

ALIKE = Rule(
    "alike-texts",
    "文字与其他机关雷同",
    "warning",
    "各机关的文字部分各自据实编写，不雷同。",
    "内容雷同、照抄的报告会被退回重写。法律依据、统计期限等固定写法不计在内。",
    "「{title}」与{agency}的文字相同 {share}{more}{passages}。请按本机关的实际情况改写。",
    {
        "title": "某部分",
        "agency": "乙局",
        "share": "93%",
        "more": "",
        "passages": "，如“本机关高度重视政府信息公开工作……”",
    },
    "batch",
    threshold=Threshold(Decimal("0.8"), Decimal("0.5"), Decimal(1), "与其他机关相同多少才提，1 为全部相同"),
    identified_by=("title",),
)
SAME_AS_LAST_YEAR = Rule(
    "same-as-last-year",
    "文字照抄上年",
    "warning",
    "文字部分不照抄上年报告。",
    "除年份和数字外与上年相同的文字，往往是没有更新。",
    "「{title}」除年份和数字外有 {share} 与上年报告相同{passages}。请按本年的实际情况改写。",
    {"title": "某部分", "share": "95%", "passages": "，如“下一步将加强学习培训……”"},
    "years",
    threshold=Threshold(Decimal("0.8"), Decimal("0.3"), Decimal(1), "与上年相同多少才提，1 为全部相同"),
    identified_by=("title",),
)


@cache
def _boilerplate(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


def essence(submission: Submission, section: str) -> str:
    """Return the essence of a section: what is compared of its text."""
    return "".join(_essence(paragraph, submission) for paragraph in submission.texts.get(section, ()))


def _essence(text: str, submission: Submission) -> str:
    boilerplate = _boilerplate(submission.form.boilerplate)
    if boilerplate:
        text = boilerplate.sub("", text)
    if submission.agency:
        text = text.replace(submission.agency, "")
    return re.sub(r"[\W\d_]+", "", text)


def likeness(one: str, other: str, threshold: float) -> float:
    """Return how much of two essences is the same: 1 if they are equal, 0 if it is less than `threshold`."""
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(one, other, score_cutoff=threshold)


@dataclass(frozen=True, slots=True)
class Profile:
    """The length of an essence, and which characters stand in it. Each occurrence of a character has a bit of its
    own."""

    length: int
    bits: int


def profile(text: str) -> Profile:
    """Return the profile of an essence."""
    bits = bytearray(PROFILE_BITS // 8)
    for char, times in Counter(text).items():
        for time in range(times):
            place = (ord(char) * 40_503 + time * 65_599) % PROFILE_BITS
            bits[place >> 3] |= 1 << (place & 7)
    return Profile(len(text), int.from_bytes(bits))


def find_alike(
    profiles: Sequence[Profile], essence_at: Callable[[int], str], threshold: float
) -> Iterator[tuple[int, int, float]]:
    """Yield every pair of essences that are alike to at least `threshold` (0 to 1): both positions, and how much is the
    same. `essence_at` is called only for essences that may be alike."""
    for one, other in _candidates(profiles, threshold):
        ratio = likeness(essence_at(one), essence_at(other), threshold)
        if ratio >= threshold:
            yield min(one, other), max(one, other), ratio


BANDS, BAND_ROWS = 25, 4
_SHINGLE = 3


def sketches(essence: str) -> tuple[int, ...]:
    """Return `BANDS` sketches (MinHash) of a text. Two texts that are mostly the same have at least one sketch in
    common; other texts hardly ever do. Sketches propose pairs if there are too many texts to compare every pair."""
    parts = BANDS * BAND_ROWS
    least: dict[int, int] = {}
    for start in range(len(essence) - _SHINGLE + 1):
        rest, part = divmod(crc32(essence[start : start + _SHINGLE].encode()), parts)
        if rest < least.get(part, 1 << 32):
            least[part] = rest
    filled, last = [0] * parts, least[max(least)]
    for part in reversed(range(parts)):  # a part that no shingle fell into takes over from the next
        filled[part] = last = least.get(part, last)
    return tuple(
        crc32(repr((band, filled[band * BAND_ROWS : (band + 1) * BAND_ROWS])).encode()) for band in range(BANDS)
    )


def _candidates(profiles: Sequence[Profile], threshold: float) -> Iterator[tuple[int, int]]:
    """Yield the pairs that may be alike. No pair that is alike is left out.

    If two texts are alike, the part that they share is at least `threshold` of their mean length. The other characters
    of the shorter text may be missing in the longer one. Counting them by bits takes a thousandth of the time that
    comparing the texts takes.
    """
    order = sorted((text.length, number) for number, text in enumerate(profiles) if text.length >= SHORTEST)
    lengths = [length for length, _ in order]
    bits = [profiles[number].bits for _, number in order]
    for place, (length, one) in enumerate(order):
        mine = bits[place]
        count = mine.bit_count()
        stop = bisect_right(lengths, length * (2 / threshold - 1))  # all that follow are too long
        enough = count - length * (1 - threshold)
        rest = enumerate(bits[place + 1 : stop], place + 1)
        for other in [at for at, theirs in rest if (mine & theirs).bit_count() >= enough]:
            missing = count - (mine & bits[other]).bit_count()
            if missing <= length - threshold * (length + lengths[other]) / 2:
                yield one, order[other][1]


def alike_finding(mine: Submission, section: str, theirs: Submission, ratio: float, others: int) -> Finding:
    """Return the finding on a section whose text is like that of another agency. `others` is the number of further
    agencies with such a text."""
    passages, at = _shared(mine, section, essence(theirs, section))
    return finding(
        ALIKE,
        at=at,
        title=mine.form.section(section).title,
        agency=theirs.agency or "未填名称的机关",
        share=f"{ratio:.0%}",
        more=f"，另有 {others} 个机关也相近" if others else "",
        passages=passages,
    )


def same_as_last_year_findings(
    submission: Submission, prior: Submission | None, limits: ThresholdOf
) -> Iterator[Finding]:
    """Yield one finding for each section that stands word for word in last year's report, or nearly so. Years and
    numbers do not count."""
    if prior is None:
        return
    for section in submission.form.text_sections:
        whole = essence(submission, section.id)
        last = "".join(essence(prior, part.id) for part in prior.form.text_sections)
        if len(whole) < SHORTEST or not last:
            continue
        same = sum(len(text) for _, _, text in _sentences(submission, section.id) if text in last)
        if same >= limits(SAME_AS_LAST_YEAR) * len(whole):
            passages, at = _shared(submission, section.id, last)
            share = f"{min(same / len(whole), 1):.0%}"
            yield finding(SAME_AS_LAST_YEAR, at=at, title=section.title, share=share, passages=passages)


def _sentences(submission: Submission, section: str) -> Iterator[tuple[str, str, str]]:
    """Yield each sentence of a section: as written, its place, and its essence."""
    paragraphs = submission.texts.get(section, ())
    places = submission.text_places.get(section, ("",) * len(paragraphs))
    for paragraph, place in zip(paragraphs, places, strict=True):
        for sentence in re.split(r"(?<=[。！？；])", paragraph):
            text = _essence(sentence, submission)
            if len(text) >= SHORTEST_SENTENCE:
                yield sentence.strip(), place, text


def _shared(submission: Submission, section: str, other: str) -> tuple[str, tuple[str, ...]]:
    """Return the longest sentences that also stand in the other text, in quotation marks, and their places. No
    sub-heading is quoted."""
    shared = [
        (len(text), sentence, place)
        for sentence, place, text in _sentences(submission, section)
        if text in other and not _SUB_HEADING.fullmatch(sentence)
    ]
    longest = sorted(shared, key=lambda item: -item[0])[:PASSAGES_SHOWN]
    if not longest:
        return "", ()
    quoted = "".join(f"“{_short(sentence)}”" for _, sentence, _ in longest)
    return f"，如{quoted}", tuple(dict.fromkeys(place for _, _, place in longest if place))


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= PASSAGE_LIMIT else f"{sentence[:PASSAGE_LIMIT]}……"
