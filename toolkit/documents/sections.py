"""Splits what was read from a file into the sections (部分) of a form, by their headings whatever their spelling."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from rapidfuzz import fuzz

from toolkit.characters import plain
from toolkit.documents.blocks import Block, Paragraph, Piece, Prose, Run, TableBlock, all_paragraphs
from toolkit.documents.headings import LONGEST, leveled
from toolkit.forms.model import Form, Section

LIKE_NAME = 60
"""How alike a name in a title must be to the agency's to be a short form of it, of 100."""
_SENTENCE = re.compile(r"现[将公发]|本报告|本年报|根据|按照|依据|遵照")
_GOES_ON = re.compile(r"[为是于在至到从自，、：:]\s*\Z")
"""How a line ends whose sentence goes on in the next."""
ALIKE = 88
"""How alike a heading must be to a title to be it with a slip of the pen, of 100."""
QUOTED = 20
"""Characters of a text that are quoted in a remark."""
NO_WORDS = "文件里没有字。"
SHORT = 6
"""Characters of a text that may stand right behind a heading with nothing in between: 六、其他需要报告的事项无。"""
SURE = 8
"""Characters of a title that nothing else begins with."""
SIGNATURE_LINES = 3
_NUMERALS = "一二三四五六七八九十"
_ONE = rf"[{_NUMERALS}]{{1,3}}"
_STYLES = (
    (
        "numeral",
        re.compile(rf"(?P<number>[{_NUMERALS}]{{1,3}})[、.,:]|第(?P<part>[{_NUMERALS}]{{1,3}})(?:部分|章)[、.,:]?"),
    ),
    ("digit", re.compile(r"(?P<number>\d{1,2})[、.,)](?!\d)")),
    ("none", re.compile(r"(?P<number>)(?!\()")),
    ("bracket", re.compile(rf"\((?P<number>[{_NUMERALS}]{{1,3}}|\d{{1,2}})\)|(?=\()")),
)
"""How headings are numbered, in the order in which the headings of sections are looked for."""
_AROUND = re.compile(r"^[^\w(]+|[】」”\"*\]》]+$")
"""What stands around a heading for looks."""
_PAGE_NUMBER = re.compile(r"[.·…\-_]*\d{0,3}$")
_DAY = rf"(?:[\d{_NUMERALS}]{{1,2}}月(?:[\d{_NUMERALS}]{{1,3}}日)?)?"
_DATE = re.compile(
    rf"\(?(?:(?:(?:19|20)\d\d|二[〇零○O][〇零○O{_NUMERALS}]{{2}})年{_DAY}|(?:19|20)\d\d[.\-/]\d{{1,2}}[.\-/]\d{{1,2}})\)?\Z"
)


Match = Literal["", "title", "also", "alike"]
"""How a heading is a section's: it is its title, another one that is known, or one with a slip of the pen."""


@dataclass(frozen=True, slots=True)
class SectionTexts:
    """The texts of a file by section. `preface` stood before the first section, `signature` are the lines at the end
    that name the agency and the day; `remarks` say what was not taken and why."""

    preface: tuple[Block, ...] = ()
    texts: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    signature: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heading:
    """A paragraph that may be a section's heading: where it stands, how it is numbered, whose it is; `rest` is the text
    that goes on behind it on the same line."""

    at: int
    style: str
    number: int
    level: int
    section: Section | None
    match: Match = ""
    rest: Paragraph | None = None


def split(prose: Prose, form: Form, title: str, agency: str) -> SectionTexts:
    """The parts of a file; `title` and `agency` are the report's, whose own lines are no text."""
    blocks, signature = _signed(prose.blocks, agency)
    candidates = [heading for at, block in enumerate(blocks) if (heading := _heading(at, block, form))]
    headings = _accepted(candidates, form)
    if not headings:
        titles = {heading.at for heading in candidates if heading.section}
        rest = _without_title([block for at, block in enumerate(blocks) if at not in titles], title, agency)
        first = form.text_sections[0].title if form.text_sections else form.sections[0].title
        lost = f"没有找到各部分的标题（如“{first}”），全文没有使用：{_quoted(rest)}" if rest else NO_WORDS
        return SectionTexts(signature=signature, remarks=(*prose.remarks, lost))
    texts, remarks = _chunks(blocks, headings)
    before = blocks[: headings[0].at]
    told = (*prose.remarks, *_of_another(before, title, agency), *remarks)
    return SectionTexts(_tidied(_without_title(before, title, agency)), texts, signature, told)


def _heading(at: int, block: Block, form: Form) -> _Heading | None:
    """What a paragraph would be the heading of; None for what is no heading."""
    if not isinstance(block, Paragraph):
        return None
    text = _AROUND.sub("", plain(block.text))
    style, number, words = _numbered(text)
    if style != "bracket" and (heading := _run_in(at, block, form)):
        return heading
    if len(text) > LONGEST:
        return None
    section, match = _section_of(words, form)
    return _Heading(at, style, number, block.level, section, match) if section or number else None


def _numbered(text: str) -> tuple[str, int, str]:
    """How a heading is numbered, its number, and its words."""
    for style, pattern in _STYLES:
        if found := pattern.match(text):
            groups = found.groupdict()
            return style, _number(groups.get("number") or groups.get("part") or ""), text[found.end() :]
    raise AssertionError("the last pattern always matches")


def _number(text: str) -> int:
    if text.isdecimal() or not text:
        return int(text or 0)
    tens, _, units = text.rpartition("十")
    if "十" not in text:
        return _NUMERALS.index(text[-1]) + 1
    return (_NUMERALS.index(tens) + 1 if tens else 1) * 10 + (_NUMERALS.index(units) + 1 if units else 0)


def _names(section: Section) -> tuple[str, ...]:
    """A section's titles without their numbers, as they are compared."""
    return tuple(_numbered(plain(title))[2] for title in (section.title, *section.also))


def _section_of(words: str, form: Form) -> tuple[Section | None, Match]:
    """Whose title the words are, and how."""
    words = _PAGE_NUMBER.sub("", words.rstrip(":;,.。")) or words
    for section in form.sections:
        if words in _names(section):
            return section, "title" if words == _names(section)[0] else "also"
    alike = {section.id: max(fuzz.ratio(words, name) for name in _names(section)) for section in form.sections}
    (best, score), *others = sorted(alike.items(), key=lambda item: -item[1])
    if (
        score < ALIKE
        or (others and others[0][1] == score)
        or any(words.startswith(n) for n in _names(form.section(best)))
    ):
        return None, ""
    return form.section(best), "alike"


def _run_in(at: int, block: Paragraph, form: Form) -> _Heading | None:
    """A heading whose text goes on behind it on the same line: 六、其他需要报告的事项：无。"""
    style, number, _ = _numbered(plain(block.text))
    for position, section in enumerate(form.sections, 1):
        for name in _names(section):
            found = _run_in_pattern(name).match(block.text)
            rest = block.text[found.end() :].strip() if found else ""
            if found is None or not (rest if found["mark"] else rest.strip(".·…-_\t0123456789")):
                continue
            is_title = name == _names(section)[0]
            sure = is_title and (len(name) >= SURE or (number == position and len(rest) <= SHORT))
            parted = bool(found["mark"]) if not found["number"] else bool(found["mark"] or found["space"])
            if (is_title or found["number"]) and (parted or (sure and found["number"])):
                match: Match = "title" if is_title else "also"
                return _Heading(at, style, number, block.level, section, match, _behind(block, found.end()))
    return None


@cache
def _run_in_pattern(name: str) -> re.Pattern[str]:
    """A title, numbered or not, and what parts it from the text behind it."""
    letters = r"\s*".join(map(re.escape, name))
    number = rf"(?:[{_NUMERALS}]{{1,3}}|\d{{1,2}})\s*[、.．,，:：]|第[{_NUMERALS}]{{1,3}}(?:部分|章)[、：:]?"
    return re.compile(rf"\s*(?P<number>{number})?\s*{letters}(?:\s*(?P<mark>[：:。])|(?P<space>\s+)|)\s*")


def _behind(block: Paragraph, length: int) -> Paragraph:
    """A paragraph without its first characters."""
    pieces: list[Piece] = []
    for piece in block.pieces:
        if isinstance(piece, Run):
            text, length = piece.text[length:], max(length - len(piece.text), 0)
            if text:
                pieces.append(replace(piece, text=text))
        else:
            pieces.append(piece)
    return Paragraph(tuple(pieces))


def _accepted(candidates: Sequence[_Heading], form: Form) -> list[_Heading]:
    """The headings of sections among the candidates: all are numbered in the way of the first kind that heads a text
    section, for a sub-heading （一） may bear the title of another section."""
    texts = [heading for heading in candidates if heading.section and heading.section.text]
    style = next((style for style, _ in _STYLES if any(heading.style == style for heading in texts)), "")
    positions = {section.id: number for number, section in enumerate(form.sections, 1)}

    def is_sound(heading: _Heading) -> bool:
        """Whether its number is right, or its words leave no doubt: numbers may begin again at 一 inside a section."""
        assert heading.section
        return heading.match == "title" or heading.number in (0, positions[heading.section.id])

    found = [heading for heading in candidates if heading.section and heading.style == style and is_sound(heading)]
    if style == "none":
        found = _highest(found, positions)
    known = {heading.section.id for heading in found if heading.section}
    levels = {heading.level for heading in found if heading.level}
    for heading in candidates:
        section = heading.section
        if section is None or heading.style == style or section.id in known:
            continue
        right = heading.number == positions[section.id] or (not heading.number and heading.match == "title")
        in_order = all((one.at < heading.at) == (_position(one, positions) < positions[section.id]) for one in found)
        in_place = section.text and right and in_order and heading.match != "alike"
        if heading.style == "bracket":
            in_place = in_place and heading.match == "title"
        elif heading.level in levels:
            in_place = True
        if in_place:
            found.append(heading)
    found.sort(key=lambda heading: heading.at)
    return _with_others(candidates, _once(found), style)


def _position(heading: _Heading, positions: Mapping[str, int]) -> int:
    return positions[heading.section.id] if heading.section else 0


def _highest(headings: Sequence[_Heading], positions: Mapping[str, int]) -> list[_Heading]:
    """Of headings without numbers those of the highest level, and of titles that are not the official ones those that
    come in order: below them the same words are sub-headings."""
    level = min((heading.level for heading in headings if heading.level), default=0)
    found: list[_Heading] = []
    for heading in headings:
        last = _position(found[-1], positions) if found else 0
        in_order = heading.match == "title" or _position(heading, positions) > last
        if heading.level == level and in_order:
            found.append(heading)
    return found


def _once(headings: Sequence[_Heading]) -> list[_Heading]:
    """The headings without those that only repeat the one before, as a sub-heading below it does."""
    pairs = zip(headings, [None, *headings], strict=False)
    return [heading for heading, before in pairs if before is None or before.section is not heading.section]


def _with_others(candidates: Sequence[_Heading], accepted: Sequence[_Heading], style: str) -> list[_Heading]:
    """The headings, and among them those that go on with the numbers but are no section's: what stands under one is
    not the text of the section before. Where the numbers have begun again, they are those of sub-headings."""
    result: list[_Heading] = []
    mine = {heading.at for heading in accepted}
    begun_again = False
    for heading in candidates:
        last = result[-1] if result else None
        if heading.at in mine:
            begun_again = False
            result.append(heading)
        elif last and not heading.section and heading.style == style and heading.level == last.level:
            begun_again = begun_again or heading.number <= last.number
            if not begun_again and last.number:
                result.append(heading)
    return result


def _chunks(blocks: Sequence[Block], headings: Sequence[_Heading]) -> tuple[dict[str, tuple[Block, ...]], list[str]]:
    """What stands under each heading of a text section, and remarks on the rest."""
    found: dict[str, tuple[Block, ...]] = {}
    remarks: list[str] = []
    ends = [heading.at for heading in headings[1:]] + [len(blocks)]
    for heading, end in zip(headings, ends, strict=True):
        own = () if heading.rest is None else (heading.rest,)
        chunk = _tidied((*own, *blocks[heading.at + 1 : end]), heading.level)
        section = heading.section
        if section is None:
            remarks.append(_misplaced(_said(blocks[heading.at]), chunk))
        elif not section.text:
            remarks += _in_table_section(section, chunk)
        elif chunk and found.get(section.id):
            remarks.append(f"“{section.title}”出现了两次，两处的文字已连在一起，请核对。")
            found[section.id] += chunk
        elif chunk:
            found[section.id] = chunk
    return found, remarks


def _tidied(blocks: Sequence[Block], level: int = 0) -> tuple[Block, ...]:
    """Blocks under a heading of this level: sub-headings by their numbers, or else by their own level; indents made of
    spaces are left to the styles."""
    return tuple(_tidy(block, level) if isinstance(block, Paragraph) else block for block in blocks)


def _tidy(block: Paragraph, level: int) -> Paragraph:
    block = _stripped(block)
    deeper = 0
    if block.level and len(block.text) <= LONGEST:
        deeper = min(1 + block.level - level, 4) if level and block.level > level else 2
    return leveled(replace(block, level=0), deeper)


def _stripped(block: Paragraph) -> Paragraph:
    pieces = list(block.pieces)
    for end, strip in ((0, str.lstrip), (-1, str.rstrip)):
        run = pieces[end] if pieces else None
        if isinstance(run, Run):
            pieces[end] = replace(run, text=strip(run.text))
    return replace(block, pieces=tuple(piece for piece in pieces if not isinstance(piece, Run) or piece.text))


def _in_table_section(section: Section, chunk: Sequence[Block]) -> Iterator[str]:
    """The figures come from the workbook: tables under these headings are not read."""
    if any(isinstance(block, TableBlock) for block in chunk):
        yield f"“{section.title}”下面的表没有用，数字以填报表为准。"
    texts = tuple(block for block in chunk if isinstance(block, Paragraph))
    if texts:
        yield _misplaced(section.title, texts)


def _misplaced(title: str, chunk: Sequence[Block]) -> str:
    under = f"“{title}”下面的文字不属于要写文字的部分，没有写入报告"
    return f"{under}：{_quoted(chunk)}" if chunk else f"“{title}”不是报告的一个部分，没有写入报告。"


def _quoted(blocks: Sequence[Block]) -> str:
    text = "".join(paragraph.text for paragraph in all_paragraphs(tuple(blocks)))
    return f"“{text[:QUOTED]}{'……' if len(text) > QUOTED else ''}”（共 {len(text)} 字）。"


def _said(block: Block) -> str:
    return block.text.strip() if isinstance(block, Paragraph) else ""


def _without_title(blocks: Sequence[Block], title: str, agency: str) -> tuple[Block, ...]:
    """What stands before the first section, without the title on one line or several, and without 目录."""
    return tuple(block for block in blocks if not _is_title(block, title, agency))


def _is_title(block: Block, title: str, agency: str) -> bool:
    if not isinstance(block, Paragraph) or any(not isinstance(piece, Run) for piece in block.pieces):
        return False
    text, whole = plain(block.text).strip("《》#*"), plain(title)
    if text in ("", "目录", plain(agency)) or (len(text) >= SURE and text in whole):
        return True
    alike = fuzz.ratio(text, whole) >= ALIKE and not _SENTENCE.match(text)
    return len(text) <= LONGEST and (alike or _is_other_title(text, whole))


def _is_other_title(text: str, whole: str) -> bool:
    """Whether a line is the title of a report, be it another's."""
    return bool(
        re.fullmatch(rf"\w{{0,30}}(?:19|20)\d\d\w{{0,30}}{re.escape(whole[-10:])}", text)
    ) and not _SENTENCE.match(text)


def _of_another(blocks: Sequence[Block], title: str, agency: str) -> Iterator[str]:
    """What to tell when the title in a file is that of another report."""
    for block in blocks:
        text = plain(block.text) if isinstance(block, Paragraph) else ""
        if not _is_title(block, title, agency) or not _is_other_title(text, plain(title)) or text in plain(title):
            continue
        years = re.findall(r"(?:19|20)\d\d", text)
        other_agency = agency and fuzz.partial_ratio(plain(agency), text) < LIKE_NAME
        if other_agency or not any(year in title for year in years):
            yield f"文件里的标题是“{text}”，报告是“{title}”。请核对是不是放错了文件。"


def _signed(blocks: tuple[Block, ...], agency: str) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """The lines at the very end that are the agency and the day under the report."""
    rest, lines = list(blocks), list[str]()
    while rest and len(lines) < SIGNATURE_LINES:
        last = rest[-1]
        if not isinstance(last, Paragraph) or not (_is_day(last.text) or _is_name(last.text, agency)):
            break
        lines.insert(0, last.text.strip())
        rest.pop()
    named = any(_is_name(line, agency) for line in lines)
    goes_on = bool(rest) and isinstance(rest[-1], Paragraph) and _GOES_ON.search(rest[-1].text)
    if not any(map(_is_day, lines)) or (goes_on and not named):
        return blocks, ()
    return tuple(rest), tuple(lines if named or not agency else (agency, *lines))


def _is_day(text: str) -> bool:
    """Whether a line ends in a day, before which at most a name stands."""
    found = _DATE.search(plain(text))
    return found is not None and found.start() <= LONGEST // 2 and not re.search("[。，；：]", text)


def _is_name(text: str, agency: str) -> bool:
    """Whether a line is the agency's name, its office's, or has the day behind it."""
    name = _DATE.sub("", re.sub(r"\((?:盖?公?章|印章?)\)", "", plain(text)))
    own = plain(agency)
    return bool(own) and name.startswith(own) and len(name) <= len(own) + SHORT
