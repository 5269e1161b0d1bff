"""Splits the content of a file into the sections (部分) of a form. It finds the sections by their headings, however
these are spelled."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from rapidfuzz import fuzz

from toolkit.characters import plain, simplified
from toolkit.documents.blocks import Block, Paragraph, Piece, Prose, Run, TableBlock, all_paragraphs
from toolkit.documents.headings import LONGEST, NUMERALS, leveled
from toolkit.documents.signature import split_signature
from toolkit.documents.table_words import is_table_print
from toolkit.forms.model import Form, Section
from toolkit.submission.model import OUTSIDE

NAME_ALIKE = 60
"""The lowest similarity, of 100, at which a name in a title is a short form of the agency's name."""
_SENTENCE = re.compile(r"现[将公发]|本报告|本年报|根据|按照|依据|遵照")
ALIKE = 88
"""The lowest similarity, of 100, at which a heading is a section's title with a typing error."""
QUOTED = 20
"""Characters of a text that are quoted in a remark."""
NO_WORDS = "文件里没有字。"
CHECKED_ONLY = "只作校验，没有写入报告"
NEAR_STYLE = "numeral"
"""The style of a heading in other words (`near`) where no heading shows the style."""
SHORT_LENGTH = 6
"""Characters of a text that may follow a heading without a mark between them: 六、其他需要报告的事项无。"""
SURE_LENGTH = 8
"""Characters. No other text begins with a title of this length."""
_STYLES = (
    (
        "numeral",
        re.compile(rf"(?P<number>[{NUMERALS}]{{1,3}})[、.,:]|第(?P<part>[{NUMERALS}]{{1,3}})(?:部分|章)[、.,:]?"),
    ),
    ("digit", re.compile(r"(?P<number>\d{1,2})[、.,)](?!\d)")),
    ("none", re.compile(r"(?P<number>)(?!\()")),
    ("bracket", re.compile(rf"\((?P<number>[{NUMERALS}]{{1,3}}|\d{{1,2}})\)|(?=\()")),
)
"""The ways in which headings are numbered, in the order in which section headings are searched."""
_ORNAMENT = re.compile(r"^[^\w(]+|[】」”\"*\]》]+$")
"""Ornaments around a heading."""
_PAGE_NUMBER = re.compile(r"[.·…\-_]*\d{0,3}$")


Match = Literal["", "title", "also", "alike", "near"]
"""How a heading matches a section: it is the title, another known title (`also`), one with a typing error, or one in
other words that has the section's number (`near`)."""


@dataclass(frozen=True, slots=True)
class SectionTexts:
    """The texts of a file by section id. `preface` stands before the first section. `others` are texts for which the
    form has no place, as in `Submission.other_texts`. `signature` holds the lines at the end that name the agency and
    the day. `remarks` name what was not used, and the reason."""

    preface: tuple[Block, ...] = ()
    texts: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    others: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    signature: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heading:
    """A paragraph that may be a section's heading. `at` is its index among the blocks, `rest` is the text that follows
    it on the same line, `near` the section that it begins if there is no better heading."""

    at: int
    style: str
    number: int
    level: int
    section: Section | None
    match: Match = ""
    rest: Paragraph | None = None
    near: Section | None = None


def split(prose: Prose, form: Form, title: str, agency: str) -> SectionTexts:
    """Return the sections of a file. `title` and `agency` are those of the report; lines that only repeat them are left
    out."""
    blocks, signature = split_signature(prose.blocks, agency)
    candidates = [heading for at, block in enumerate(blocks) if (heading := _heading(at, block, form))]
    headings = _section_headings(candidates, form)
    if not headings:
        titles = {heading.at for heading in candidates if heading.section}
        rest = _without_title([block for at, block in enumerate(blocks) if at not in titles], title, agency)
        first = form.text_sections[0].title if form.text_sections else form.sections[0].title
        not_split = f"没有找到各部分的标题（如“{first}”），{CHECKED_ONLY}：{_quoted(rest)}" if rest else NO_WORDS
        others = {OUTSIDE: rest} if rest else {}
        return SectionTexts(others=others, signature=signature, remarks=(*prose.remarks, not_split))
    texts, others, remarks = _texts_by_section(blocks, headings, form)
    before = blocks[: headings[0].at]
    misspelt = _misspelt_headings(blocks, headings, form)
    all_remarks = (*prose.remarks, *_wrong_title_remarks(before, title, agency), *misspelt, *remarks)
    return SectionTexts(_tidied(_without_title(before, title, agency)), texts, others, signature, all_remarks)


def _misspelt_headings(blocks: Sequence[Block], headings: Sequence[_Heading], form: Form) -> Iterator[str]:
    """Yield a remark on each wrong word in a heading. Headings are no text, so that no rule reads them."""
    for heading in headings:
        line = _line_of(blocks[heading.at])
        for wrong in form.texts.wrong.in_text(plain(line)) if heading.section and len(line) <= LONGEST else ():
            yield f"标题“{line}”里的“{wrong.written}”应为“{wrong.right}”，请更正。"


def _heading(at: int, block: Block, form: Form) -> _Heading | None:
    """Return the heading that a block may be; None if it is no heading."""
    if not isinstance(block, Paragraph):
        return None
    text = _ORNAMENT.sub("", simplified(plain(block.text)))
    style, number, words = _numbered(text)
    if style != "bracket" and (heading := _heading_with_text(at, block, form)):
        return heading
    if len(text) > LONGEST:
        return None
    section, match = _section_of(words, form)
    near = None if section else _near_section(number, words, form)
    return _Heading(at, style, number, block.level, section, match, near=near) if section or number else None


def _numbered(text: str) -> tuple[str, int, str]:
    """Return the style of a heading's number, the number itself, and the words after it."""
    for style, pattern in _STYLES:
        if found := pattern.match(text):
            groups = found.groupdict()
            return style, _number(groups.get("number") or groups.get("part") or ""), text[found.end() :]
    raise AssertionError("the last pattern always matches")


def _number(text: str) -> int:
    """Return the value of a Chinese or Arabic number; 0 for an empty text."""
    if text.isdecimal() or not text:
        return int(text or 0)
    tens, _, units = text.rpartition("十")
    if "十" not in text:
        return NUMERALS.index(text[-1]) + 1
    return (NUMERALS.index(tens) + 1 if tens else 1) * 10 + (NUMERALS.index(units) + 1 if units else 0)


def _names(section: Section) -> tuple[str, ...]:
    """Return a section's titles without numbers, normalised for comparison."""
    return tuple(_numbered(plain(title))[2] for title in (section.title, *section.also))


def _section_of(words: str, form: Form) -> tuple[Section | None, Match]:
    """Return the section whose title these words are, and how they match it."""
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


def _near_section(number: int, words: str, form: Form) -> Section | None:
    """Return the section with this number if these words may begin it (`near` in the form); None if they may not."""
    section = form.sections[number - 1] if 0 < number <= len(form.sections) else None
    return section if section and section.near and section.near.fullmatch(words.rstrip(":;,.。")) else None


def _heading_with_text(at: int, block: Paragraph, form: Form) -> _Heading | None:
    """Return a heading whose text follows on the same line (六、其他需要报告的事项：无。); None if there is none."""
    style, number, _ = _numbered(plain(block.text))
    for position, section in enumerate(form.sections, 1):
        for name in _names(section):
            found = _title_and_text(name).match(block.text)
            rest = block.text[found.end() :].strip() if found else ""
            if found is None or not (rest if found["mark"] else rest.strip(".·…-_\t0123456789")):
                continue
            is_title = name == _names(section)[0]
            sure = is_title and (len(name) >= SURE_LENGTH or (number == position and len(rest) <= SHORT_LENGTH))
            is_separated = bool(found["mark"]) if not found["number"] else bool(found["mark"] or found["space"])
            if (is_title or found["number"]) and (is_separated or (sure and found["number"])):
                match: Match = "title" if is_title else "also"
                return _Heading(at, style, number, block.level, section, match, _without_start(block, found.end()))
    return None


@cache
def _title_and_text(name: str) -> re.Pattern[str]:
    """Return the pattern of a title, numbered or not, with the mark or space between it and the text after it."""
    letters = r"\s*".join(map(re.escape, name))
    number = rf"(?:[{NUMERALS}]{{1,3}}|\d{{1,2}})\s*[、.．,，:：]|第[{NUMERALS}]{{1,3}}(?:部分|章)[、：:]?"
    return re.compile(rf"\s*(?P<number>{number})?\s*{letters}(?:\s*(?P<mark>[：:。])|(?P<space>\s+)|)\s*")


def _without_start(block: Paragraph, length: int) -> Paragraph:
    """Return a paragraph without its first `length` characters."""
    pieces: list[Piece] = []
    for piece in block.pieces:
        if isinstance(piece, Run):
            text, length = piece.text[length:], max(length - len(piece.text), 0)
            if text:
                pieces.append(replace(piece, text=text))
        else:
            pieces.append(piece)
    return Paragraph(tuple(pieces))


def _section_headings(candidates: Sequence[_Heading], form: Form) -> list[_Heading]:
    """Return the headings of sections among the candidates.

    All are numbered like the first heading of a text section, because a sub-heading （一） may have the title of
    another section.
    """
    texts = [heading for heading in candidates if heading.section and heading.section.text]
    style = next((style for style, _ in _STYLES if any(heading.style == style for heading in texts)), "")
    positions = {section.id: number for number, section in enumerate(form.sections, 1)}

    def is_sound(heading: _Heading) -> bool:
        """Return True if the number is right or the words leave no doubt. Numbers may restart at 一 inside a
        section."""
        assert heading.section
        return heading.match == "title" or heading.number in (0, positions[heading.section.id])

    found = [heading for heading in candidates if heading.section and heading.style == style and is_sound(heading)]
    if style == "none":
        found = _on_highest_level(found, positions)
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
    found += _near_headings(candidates, found, style, positions)
    found.sort(key=lambda heading: heading.at)
    return _with_unknown_headings(candidates, _without_repeats(found), style or NEAR_STYLE)


def _near_headings(
    candidates: Sequence[_Heading], found: Sequence[_Heading], style: str, positions: Mapping[str, int]
) -> list[_Heading]:
    """Return headings in other words for the sections that were not found: in the style of the others, with the right
    number, and in order. The first one that fits begins the section."""
    result: dict[str, _Heading] = {}
    known = {heading.section.id for heading in found if heading.section}
    for heading in candidates:
        section = heading.near
        if section is None or section.id in known or section.id in result or heading.style != (style or NEAR_STYLE):
            continue
        others = [*found, *result.values()]
        if all((one.at < heading.at) == (_position(one, positions) < positions[section.id]) for one in others):
            result[section.id] = replace(heading, section=section, match="near")
    return list(result.values())


def _position(heading: _Heading, positions: Mapping[str, int]) -> int:
    return positions[heading.section.id] if heading.section else 0


def _on_highest_level(headings: Sequence[_Heading], positions: Mapping[str, int]) -> list[_Heading]:
    """Return those of the unnumbered headings that are on the highest level. A title that is not the official one must
    also be in order: below the highest level the same words are a sub-heading."""
    level = min((heading.level for heading in headings if heading.level), default=0)
    found: list[_Heading] = []
    for heading in headings:
        last = _position(found[-1], positions) if found else 0
        in_order = heading.match == "title" or _position(heading, positions) > last
        if heading.level == level and in_order:
            found.append(heading)
    return found


def _without_repeats(headings: Sequence[_Heading]) -> list[_Heading]:
    """Return the headings without those that repeat the one before, as a sub-heading below it may do."""
    pairs = zip(headings, [None, *headings], strict=False)
    return [heading for heading, before in pairs if before is None or before.section is not heading.section]


def _with_unknown_headings(candidates: Sequence[_Heading], accepted: Sequence[_Heading], style: str) -> list[_Heading]:
    """Return the accepted headings, and between them the headings that continue the numbers but belong to no section.
    Text under such a heading is not part of the section before. Numbers that restart belong to sub-headings."""
    result: list[_Heading] = []
    accepted_at = {heading.at: heading for heading in accepted}
    begun_again = False
    for heading in candidates:
        last = result[-1] if result else None
        if heading.at in accepted_at:
            begun_again = False
            result.append(accepted_at[heading.at])
        elif last and not heading.section and heading.style == style and heading.level == last.level:
            begun_again = begun_again or heading.number <= last.number
            if not begun_again and last.number:
                result.append(heading)
    return result


def _texts_by_section(
    blocks: Sequence[Block], headings: Sequence[_Heading], form: Form
) -> tuple[dict[str, tuple[Block, ...]], dict[str, tuple[Block, ...]], list[str]]:
    """Return the text under each heading of a text section, the text elsewhere, and remarks on it."""
    found: dict[str, tuple[Block, ...]] = {}
    others: dict[str, tuple[Block, ...]] = {}
    remarks: list[str] = []
    ends = [heading.at for heading in headings[1:]] + [len(blocks)]
    for heading, end in zip(headings, ends, strict=True):
        own = () if heading.rest is None else (heading.rest,)
        chunk = _tidied((*own, *blocks[heading.at + 1 : end]), heading.level)
        section, line = heading.section, _line_of(blocks[heading.at])
        if section is None:
            remarks.append(_misplaced(line, chunk))
            others[OUTSIDE] = (*others.get(OUTSIDE, ()), blocks[heading.at], *chunk)
            continue
        if heading.match == "near":
            remarks.append(f"“{line}”认作“{section.title}”，下面的文字归入这一部分。请核对标题。")
        if not section.text:
            texts = tuple(one for one in chunk if isinstance(one, Paragraph) and not is_table_print(one.text, form))
            remarks += _table_section_remarks(section, chunk, texts)
            others[section.id] = (*others.get(section.id, ()), *texts)
        elif chunk and found.get(section.id):
            remarks.append(f"“{section.title}”出现了两次，两处的文字已连在一起，请核对。")
            found[section.id] += chunk
        elif chunk:
            found[section.id] = chunk
    return found, {key: texts for key, texts in others.items() if texts}, remarks


def _tidied(blocks: Sequence[Block], level: int = 0) -> tuple[Block, ...]:
    """Return the blocks under a heading of this level. Sub-headings get their level from their number, or else from
    their own level. Indents made of spaces are removed: the styles do that."""
    return tuple(_tidy(block, level) if isinstance(block, Paragraph) else block for block in blocks)


def _tidy(block: Paragraph, level: int) -> Paragraph:
    block = _stripped(block)
    deeper = 0
    if block.level and len(block.text) <= LONGEST:
        deeper = min(1 + block.level - level, 4) if level and block.level > level else 2
    return leveled(replace(block, level=0), deeper)


def _stripped(block: Paragraph) -> Paragraph:
    """Return a paragraph without white space at both ends."""
    pieces = list(block.pieces)
    for end, strip in ((0, str.lstrip), (-1, str.rstrip)):
        run = pieces[end] if pieces else None
        if isinstance(run, Run):
            pieces[end] = replace(run, text=strip(run.text))
    return replace(block, pieces=tuple(piece for piece in pieces if not isinstance(piece, Run) or piece.text))


def _table_section_remarks(section: Section, chunk: Sequence[Block], texts: Sequence[Paragraph]) -> Iterator[str]:
    """Yield remarks on what stands under the heading of a table section. Its tables are not read: figures come from the
    workbook."""
    if any(isinstance(block, TableBlock) for block in chunk):
        yield f"“{section.title}”下面的表没有用，数字以填报表为准。"
    if texts:
        yield _misplaced(section.title, texts)


def _misplaced(title: str, chunk: Sequence[Block]) -> str:
    """Return the remark about text under a heading that is not one of a text section."""
    under = f"“{title}”下面的文字不属于要写文字的部分，{CHECKED_ONLY}"
    return f"{under}：{_quoted(chunk)}" if chunk else f"“{title}”不是报告的一个部分，没有写入报告。"


def _quoted(blocks: Sequence[Block]) -> str:
    """Return the beginning of a text in quotes, with its length."""
    text = "".join(paragraph.text for paragraph in all_paragraphs(tuple(blocks)))
    return f"“{text[:QUOTED]}{'……' if len(text) > QUOTED else ''}”（共 {len(text)} 字）。"


def _line_of(block: Block) -> str:
    return block.text.strip() if isinstance(block, Paragraph) else ""


def _without_title(blocks: Sequence[Block], title: str, agency: str) -> tuple[Block, ...]:
    """Return the blocks before the first section without 目录 and without the title, on one line or several."""
    return tuple(block for block in blocks if not _is_title(block, title, agency))


def _is_title(block: Block, title: str, agency: str) -> bool:
    if not isinstance(block, Paragraph) or any(not isinstance(piece, Run) for piece in block.pieces):
        return False
    text, report_title = plain(block.text).strip("《》#*"), plain(title)
    if text in ("", "目录", plain(agency)) or (len(text) >= SURE_LENGTH and text in report_title):
        return True
    alike = fuzz.ratio(text, report_title) >= ALIKE and not _SENTENCE.match(text)
    return len(text) <= LONGEST and (alike or _is_other_title(text, report_title))


def _is_other_title(text: str, report_title: str) -> bool:
    """Return True if a line is the title of a report, also of another report."""
    return bool(
        re.fullmatch(rf"\w{{0,30}}(?:19|20)\d\d\w{{0,30}}{re.escape(report_title[-10:])}", text)
    ) and not _SENTENCE.match(text)


def _wrong_title_remarks(blocks: Sequence[Block], title: str, agency: str) -> Iterator[str]:
    """Yield a remark if the title in the file is that of another report."""
    for block in blocks:
        text = plain(block.text) if isinstance(block, Paragraph) else ""
        if not _is_title(block, title, agency) or not _is_other_title(text, plain(title)) or text in plain(title):
            continue
        years = re.findall(r"(?:19|20)\d\d", text)
        other_agency = agency and fuzz.partial_ratio(plain(agency), text) < NAME_ALIKE
        if other_agency or not any(year in title for year in years):
            yield f"文件里的标题是“{text}”，报告是“{title}”。请核对是不是放错了文件。"
