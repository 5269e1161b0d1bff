"""Rules on sums in a text (文字里的总数和各项): a total and the parts listed after it, and the shares (占比) of parts.

A list after 其中 may name only some parts. Nothing is said unless the list shows that it is complete, or its parts are
more than the total: a false alarm costs more trust than a miss.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.quantities import are_readings, differs_from_tables
from toolkit.checks.text_lists import (
    Amount,
    ListedPart,
    StatedList,
    WholeSentence,
    amounts,
    stated_lists,
    whole_sentences,
)
from toolkit.checks.text_sentences import paragraphs, place_in, quoted
from toolkit.checks.written_numbers import WrittenNumber, read_number
from toolkit.forms.own_words import OwnNumbers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

PARTS = Rule(
    "parts-differ-from-total",
    "文字里各项相加不等于总数",
    "warning",
    "文字里的总数等于后面列出的各项之和。",
    "各项多于总数，或者列全了（有“其他”、有为 0 的、写在括号里的、差得很少的）而不等于总数才提。只举几项的不提。",
    "{place}写的总数是 {total}，后面 {count} 项相加是 {sum}（{sign} {difference}）：{quoted}。请核对总数和各项；"
    "只列出一部分的，请写明“等”，另有重复计算的，请写明。",
    {
        "place": "「一、某部分」第 2 段",
        "total": "77条",
        "count": "3",
        "sum": "78",
        "sign": "多",
        "difference": "1",
        "quoted": "“公开信息77条，其中动态40条，公告37条，其他1条。”",
    },
    identified_by=("quoted",),
)
SHORT = Rule(
    "parts-fall-short",
    "文字里各项之和略少于总数",
    "info",
    "文字里的总数等于后面列出的各项之和，没有列全的写明“等”。",
    "没有“其他”“等”，看不出是不是列全了，四项以上、加起来超过总数八成五的才提。",
    "{place}写的总数是 {total}，后面 {count} 项相加是 {sum}（少 {difference}）：{quoted}。"
    "如果列全了，请核对；没有列全的，请补上其余各项或写明“等”。",
    {
        "place": "「一、某部分」第 2 段",
        "total": "100条",
        "count": "4",
        "sum": "90",
        "difference": "10",
        "quoted": "“公开信息100条，其中动态40条，公告30条，预算15条，人事5条。”",
    },
    identified_by=("quoted",),
)
SHARE = Rule(
    "share-differs-in-text",
    "文字里占比与件数不符",
    "warning",
    "文字里写的占比与同一处写的件数和总数算出来的相符。",
    "按文字写的小数位数比较，四舍五入和舍去尾数都算相符；与附近任何一个总数相符的都不提。",
    "{place}“{label}”{number}写的是占 {share}%，按总数 {total} 应为 {right}%：{quoted}。请核对占比，或写明占什么的比。",
    {
        "place": "「一、某部分」第 2 段",
        "label": "动漫解读",
        "number": "7个",
        "share": "23",
        "total": "23个",
        "right": "30",
        "quoted": "“解读文件23个，其中动漫解读7个，占23%。”",
    },
    identified_by=("label", "quoted"),
)
SHARES = Rule(
    "shares-differ-from-whole",
    "文字里占比相加不等于100%",
    "warning",
    "列全了的各项占比相加约等于 100%。",
    "相加超过 100%，或者有“其他”一项而不到 100% 的才提，四舍五入的尾差不算。",
    "{place}写了 {count} 项占比，相加是 {sum}%：{quoted}。请核对各项占比。",
    {
        "place": "「一、某部分」第 2 段",
        "count": "3",
        "sum": "110",
        "quoted": "“其中征地类占50%，规划类占30%，其他占30%。”",
    },
    identified_by=("quoted",),
)
RULES = (PARTS, SHORT, SHARE, SHARES)
_SUMS = (PARTS.id, SHORT.id)
_ANY = re.compile(r"\d.*\d", re.DOTALL)

_MANY = 3
"""From this number of parts on, a list is long enough to be a whole."""
_CLOSE, _NEARLY, _NEAR, _FAR = map(Decimal, ("0.03", "0.15", "0.25", "0.5"))
"""How far the sum of the parts may be from the total, as a part of the total: so close that the list must be complete;
close enough for a hint, or for channels that repeat each other; for a list whose parts are of one kind; for a list that
says itself that it is complete. What is further off is about something else."""


def sum_findings(submission: Submission) -> Iterator[Finding]:
    """Yield the totals in the texts that are not the sum of their parts, and the shares that do not fit.

    Nothing is said of a sentence of which a number differs from the tables: that is the cause, and has its finding. Nor
    where both numbers are in the tables: what was received and what was handled differ by what was carried over.
    """
    words = submission.form.texts.own.numbers
    if words is None:
        return
    for section, number, at, text in paragraphs(submission):
        for sentence, found in sum_faults(words, text, place_in(section.title, number, at), at):
            if found.rule in _SUMS and are_readings(submission, found.expected, found.actual):
                continue
            if not differs_from_tables(submission, section, number, sentence.plain):
                yield found


def sum_faults(words: OwnNumbers, text: str, place: str, at: str) -> Iterator[tuple[WholeSentence, Finding]]:
    """Yield the faults of one paragraph, each with the sentence in which it stands."""
    if not words.begins.search(text) and not words.closes.search(text) and "（" not in text and "占" not in text:
        return
    last = ""
    for sentence in whole_sentences(text):
        if not _ANY.search(sentence.plain):
            last = sentence.plain
            continue
        facts = {"place": place, "quoted": quoted(sentence.written)}
        for listed in stated_lists(words, sentence.plain, last):
            yield from ((sentence, found) for found in _sums(words, listed, facts, at))
            near = amounts(words, last + sentence.plain)
            yield from ((sentence, found) for found in _shares_of_parts(listed, near, facts, at))
        yield from ((sentence, found) for found in _shares(words, sentence.plain, facts, at))
        last = sentence.plain


def _sums(words: OwnNumbers, listed: StatedList, facts: dict[str, str], at: str) -> Iterator[Finding]:
    """Yield a finding if the parts of a list are not its total."""
    parts = _whole_list(words, listed)
    total = listed.total.value
    if not listed.sure or not parts or not total or any(part.amount.about for part in parts) or listed.total.about:
        return
    whole = sum((part.amount.value for part in parts), Decimal(0))
    rule = _verdict(words, listed, parts, whole)
    if rule is None:
        return
    shown = {"total": listed.total.text, "count": str(len(parts)), "sum": number_text(whole)}
    shown |= {"difference": number_text(abs(whole - total))}
    if rule is PARTS:
        shown["sign"] = "多" if whole > total else "少"
    yield finding(rule, None, (), number_text(total), number_text(whole), at=[at], **facts, **shown)


def _whole_list(words: OwnNumbers, listed: StatedList) -> tuple[ListedPart, ...]:
    """Return the parts that belong to the total. Return nothing if some reading of the list is sound.

    A list may go on with other channels after a semicolon, or turn to what else there is of the same total.
    """
    parts = listed.parts
    sums = [Decimal(0)]
    for part in parts:
        sums.append(sums[-1] + part.amount.value)
    ends = [count for count in range(1, len(parts)) if _may_end(words, parts, count)]
    if any(sums[count] in listed.near for count in (*ends, len(parts)) if count > 1):
        return ()
    carried = sum((part.amount.value for part in parts if words.carried.search(part.label)), Decimal(0))
    if not ends:
        return parts if not carried or sums[-1] - carried not in listed.near else ()
    first = ends[0]
    if parts[first - 1].stop != "；":
        return ()  # where the list turns to something else is not sure
    if any(words.rest.search(part.label) for part in parts[first:]):
        return parts
    return parts[:first] if first > 1 else ()


def _may_end(words: OwnNumbers, parts: Sequence[ListedPart], count: int) -> bool:
    """Return True if a list may end after so many parts: at a semicolon, if others are apart by a comma, or where the
    text turns to another thing."""
    label = parts[count].label
    turn = words.turns.match(label)
    if turn and not words.results.search(label) and not parts[0].label.startswith(turn[0]):
        return True
    return parts[count - 1].stop == "；" and any(part.stop != "；" for part in parts[:-1])


def _verdict(words: OwnNumbers, listed: StatedList, parts: Sequence[ListedPart], whole: Decimal) -> Rule | None:
    """Return the rule that a list breaks, None if it may be sound."""
    total, count = listed.total.value, len(parts)
    gap = abs(whole - total) / total
    kinds = [0, *(sum(bool(kind.search(part.label)) for part in parts) for kind in words.kinds)]
    if listed.nested or sum(map(bool, kinds)) > 1 or (count < _MANY and count not in kinds):
        return None  # parts of several kinds may be the same cases
    says_all = _says_all(words, parts)
    if whole > total:
        repeats = 2 * sum(bool(words.ways.search(part.label)) for part in parts) >= count
        return PARTS if gap <= (_NEARLY if repeats else _FAR if says_all else _NEAR) else None
    if listed.is_open and not words.rest.search(parts[-1].label):
        return None
    if says_all or (listed.bracket and count > _MANY):
        return PARTS if gap <= _FAR else None
    if (count >= _MANY and gap <= _CLOSE) or (count > _MANY and max(kinds) >= count - 1 and gap <= _NEAR):
        return PARTS
    return SHORT if count > _MANY and gap <= _NEARLY else None


def _says_all(words: OwnNumbers, parts: Sequence[ListedPart]) -> bool:
    """Return True if a list shows that nothing is left out: it has the rest as a part, or a part that is 0."""
    return any(words.rest.search(part.label) or part.amount.value == 0 for part in parts)


def _shares_of_parts(listed: StatedList, near: Sequence[Amount], facts: dict[str, str], at: str) -> Iterator[Finding]:
    """Yield a finding for each part whose share fits no total nearby."""
    total = listed.total
    values = [amount.value for amount in near if amount.value]
    wholes = {*values, *listed.near, sum((part.amount.value for part in listed.parts), Decimal(0))}
    for part in listed.parts:
        for share in part.shares:
            if any(_fits(share, part.amount.value, whole) for whole in wholes if whole) or part.amount.about:
                continue
            right = part.amount.value * 100 / total.value if total.value else Decimal(0)
            shown = {"label": part.label, "number": part.amount.text, "share": share.text, "total": total.text}
            shown["right"] = number_text(right.quantize(share.step))
            yield finding(SHARE, None, (), f"{shown['right']}%", f"{share.text}%", at=[at], **facts, **shown)


def _fits(share: WrittenNumber, part: Decimal, whole: Decimal) -> bool:
    """Return True if a share is that of a part in a whole, rounded or cut off."""
    return abs(part * 100 / whole - share.value) < max(share.step, Decimal("0.1"))


def _shares(words: OwnNumbers, text: str, facts: dict[str, str], at: str) -> Iterator[Finding]:
    """Yield a finding if shares that are all of a whole do not add up to 100%."""
    found = [match for match in words.share.finditer(text) if match["label"]]
    shares = [written for match in found if (written := read_number(match["share"]))]
    if len(shares) < _MANY or len(found) != text.count("%"):
        return
    whole = sum((share.value for share in shares), Decimal(0))
    slack = max(share.step for share in shares) * len(shares)
    has_rest = bool(words.rest.search(found[-1]["label"]))
    if (whole - 100 > slack and whole <= 150) or (has_rest and 50 < whole < 100 - slack):
        shown = {"count": str(len(shares)), "sum": number_text(whole)}
        yield finding(SHARES, None, (), "100%", f"{shown['sum']}%", at=[at], **facts, **shown)
