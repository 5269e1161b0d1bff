"""Rules on how a text counts itself (文字里的序号和部分): ordinals that jump or repeat, and how many parts it names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.text_lists import whole_sentences
from toolkit.checks.text_sentences import paragraphs, place_in, quoted
from toolkit.checks.written_numbers import read_number
from toolkit.forms.model import Form, Section
from toolkit.forms.own_words import Ordinals, OwnParts
from toolkit.submission.model import Submission

ORDINALS = Rule(
    "ordinals-out-of-order",
    "文字里序号跳号或重复",
    "warning",
    "文字里的序号连续：一是、二是、三是，（一）（二）（三）。",
    "跳号、重号往往是增删一项时没有改序号。另起的一组、套在里面的一组不算；缺的序号换了写法的不提。",
    "{place}的序号依次是{written}，{fault}：{quoted}。请核对是不是漏了一项，或更正序号。",
    {
        "place": "「一、某部分」第 2 段",
        "written": "“一是”“三是”",
        "fault": "“一是”后面没有“二是”",
        "quoted": "“一是加强领导，三是开展培训。”",
    },
    identified_by=("written", "quoted"),
)
NAMED = Rule(
    "parts-of-report-differ",
    "文字里说的部分与报告不符",
    "warning",
    "开头说的报告由几部分组成、有哪些部分，与报告的各部分相符。",
    "开头往往沿用旧格式或别的机关的报告；有“等”的、另写了别的部分的不提。",
    "{place}说报告有 {said} 个部分，报告有 {count} 个部分：{quoted}。请更正。",
    {
        "place": "「一、某部分」第 1 段",
        "said": "七",
        "count": "6",
        "quoted": "“本报告由总体情况……等七个部分组成。”",
    },
    variants={
        "missing": "{place}列举报告的各部分，没有写到{missing}：{quoted}。请补上，或写明“等”。",
        "older": "{place}列举报告的各部分，写了旧格式的“{older}”，报告没有这一部分：{quoted}。请按报告的各部分改写。",
    },
    identified_by=("quoted",),
)
RULES = (ORDINALS, NAMED)

_CHINESE = "零一二三四五六七八九十"
_QUOTED = re.compile(r"“[^“”]{0,30}”")
"""What is quoted counts nothing (“一是一、二是二”)."""
_SHOWN = 12
_HEAD = 8
"""An ordinal at the head of a paragraph stands within this many characters."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An ordinal in a text: its number, how it is written, and where."""

    number: int
    written: str
    paragraph: int
    start: int


@dataclass(slots=True)
class OpenList:
    """The ordinals of one list so far, and what is wrong with them."""

    marks: list[Mark]
    fault: str = ""
    at: list[Mark] = field(default_factory=list)


def order_findings(submission: Submission) -> Iterator[Finding]:
    """Yield the lists of the texts whose ordinals jump or repeat, and the parts that a text wrongly says it has."""
    own = submission.form.texts.own
    sections: dict[str, list[tuple[Section, int, str, str]]] = {}
    for paragraph in paragraphs(submission):
        sections.setdefault(paragraph[0].id, []).append(paragraph)
    for lines in sections.values():
        places = [(place_in(section.title, number, at), at, text) for section, number, at, text in lines]
        for ordinals in own.ordinals:
            yield from ordinal_faults(ordinals, places, lines[0][0].text)
        if own.parts:
            for place, at, text in places:
                yield from part_faults(own.parts, submission.form, place, at, text)


def ordinal_faults(
    ordinals: Ordinals, places: Sequence[tuple[str, str, str]], is_text: bool = True
) -> Iterator[Finding]:
    """Yield one finding for each list of this style that jumps or repeats. `places` are the paragraphs of one part of
    the report, in order: place in words, address, text. Beside tables, paragraphs may be rows of the table, so their
    heads count only if the part `is_text`."""
    if ordinals.heads and not is_text:
        return
    texts = ["".join(sentence.plain for sentence in whole_sentences(text)) for _, _, text in places]
    texts = [_QUOTED.sub(lambda found: "“" + "口" * (len(found[0]) - 2) + "”", text) for text in texts]
    for found in _lists(ordinals, texts):
        if found.fault:
            mark = found.at[0]
            place, at, text = places[mark.paragraph]
            written = "".join(f"“{one.written}”" for one in found.marks[:_SHOWN])
            yield finding(
                ORDINALS,
                None,
                (),
                "",
                mark.written,
                at=[at],
                place=place,
                written=written,
                fault=found.fault,
                quoted=quoted(text.strip(), mark.written),
            )


def _lists(ordinals: Ordinals, texts: Sequence[str]) -> list[OpenList]:
    """Return the lists of one style. A list may stand in an item of another one, which goes on after it."""
    found: list[OpenList] = []
    stack: list[OpenList] = []
    for mark in _marks(ordinals, texts):
        if mark.number == 1:
            stack.append(OpenList([mark]))
            found.append(stack[-1])
            continue
        fitting = [number for number, one in enumerate(stack) if one.marks[-1].number == mark.number - 1]
        if fitting:
            del stack[fitting[-1] + 1 :]
            stack[-1].marks.append(mark)
        elif stack:
            _add_fault(ordinals, texts, stack[-1], mark)
        elif ordinals.from_one and mark.number == 2 and not _stands(ordinals, texts, 1, None, mark):
            stack.append(OpenList([mark], f"“{mark.written}”前面没有“{_like(mark, 1)}”", [mark]))
            found.append(stack[-1])
    return found


def _marks(ordinals: Ordinals, texts: Sequence[str]) -> Iterator[Mark]:
    for paragraph, text in enumerate(texts):
        found = ordinals.pattern.finditer(text, 0, _HEAD if ordinals.heads else len(text))
        for match in found:
            written = read_number(match["number"])
            if written and 0 < written.value <= 30:
                yield Mark(int(written.value), match[0], paragraph, match.start())


def _add_fault(ordinals: Ordinals, texts: Sequence[str], found: OpenList, mark: Mark) -> None:
    """Add a mark that does not follow the one before it, and say so, unless the text may go on in another style."""
    last = found.marks[-1]
    found.marks.append(mark)
    if found.fault or mark.number < last.number:
        return
    if mark.number == last.number:
        found.fault, found.at = f"“{mark.written}”写了两次", [mark]
    elif not any(_stands(ordinals, texts, number, last, mark) for number in range(last.number + 1, mark.number)):
        found.fault, found.at = f"“{last.written}”后面没有“{_like(mark, last.number + 1)}”", [mark]


def _stands(ordinals: Ordinals, texts: Sequence[str], number: int, last: Mark | None, mark: Mark) -> bool:
    """Return True if a number stands in any style between two marks: at the beginning of a clause."""
    first = (last.paragraph, last.start) if last else (0, 0)
    between = [
        text[first[1] if place == first[0] else 0 : mark.start if place == mark.paragraph else len(text)]
        for place, text in enumerate(texts)
        if first[0] <= place <= mark.paragraph
    ]
    spelled = rf"(?:^|[，。；：、！？”）（])(?:第|其)?(?:{_in_chinese(number)}|{number}(?!\d))"
    return any(re.search(spelled, text) or ordinals.instead.search(text) for text in between)


def _in_chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _CHINESE[tens]) + ("十" if tens else "") + (_CHINESE[ones] if ones or not tens else "")


def _like(mark: Mark, number: int) -> str:
    """Return another number in the spelling of a mark."""
    spelled = str(number) if mark.written.strip("（").startswith(tuple("0123456789")) else _in_chinese(number)
    return re.sub(r"\d+|[零一二三四五六七八九十]+", spelled, mark.written, count=1)


def part_faults(words: OwnParts, form: Form, place: str, at: str, text: str) -> Iterator[Finding]:
    """Yield a finding if a paragraph says that the report has other parts than it has."""
    first = words.names[0].words  # without the name of the first part, a sentence does not list the parts
    if not first.search(text):
        return
    known = {section.id for section in form.sections}
    names = [part for part in words.names if part.section in known]
    for sentence in (part for whole in whole_sentences(text) for part in whole.plain.split("；")):
        if not first.search(sentence):
            continue
        facts = {"place": place, "quoted": quoted(sentence)}
        claim = words.claims.search(sentence)
        said = read_number(claim["number"]) if claim else None
        listing = words.lists.search(sentence)
        if claim and said and said.value != len(form.sections):
            count, written = str(len(form.sections)), claim["number"]
            yield finding(NAMED, None, (), count, written, at=[at], said=written, count=count, **facts)
            continue
        listed = claim or listing
        older = words.older.search(listed[0]) if words.older and listed else None
        if older:
            yield finding(NAMED, None, (), "", older[0], at=[at], variant="older", older=older[0], **facts)
            continue
        named = claim[0] if claim else listing["list"] if listing and not listing["open"] else ""
        missing = [part.section for part in names if not part.words.search(named)]
        if named and missing and 2 * len(missing) < len(names):
            shown = "、".join(f"「{form.section(section).title}」" for section in missing)
            yield finding(NAMED, None, (), shown, "没有写到", at=[at], variant="missing", missing=shown, **facts)
