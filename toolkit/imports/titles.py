"""Finds the agency and the year of a report by its title."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz import fuzz

from toolkit.characters import one_line, plain
from toolkit.documents.blocks import Block, Paragraph, Prose
from toolkit.forms.model import Form

ALIKE = 80
"""The lowest similarity, of 100, between the end of a text and the end of a title."""
LOOKED_AT = 25
"""Paragraphs at the beginning among which the title is searched."""
LONGEST = 80
_YEAR = re.compile(r"(?=((?:19|20)\d\d))")
_PERIOD = re.compile(r"((?:19|20)\d\d)年1月1日")
_OUTER_MARKS = re.compile(r"^[\W_]+|[\W_]+$")
_BRACKETS = {"(": ")", "[": "]", "〔": "〕", "【": "】", "〈": "〉", "《": "》"}


def agency_and_year(prose: Prose, forms: Sequence[Form], stem: str, is_page: bool) -> tuple[str, int | None]:
    """Return the agency and the report year; empty and None if the report does not state them. `stem` is the file's
    name.

    The title of a web page (`is_page`) goes before its lines, which include links to other reports. The title of a
    document comes later: it may be that of a file it was copied from.
    """
    years: list[int] = []
    for text in (*(_title_parts(prose.title) if is_page else ()), *_possible_titles(prose, stem)):
        for form in forms:
            found = _parse_title(plain(text), form)
            if found and found[0]:
                return found
            years += [found[1]] if found else []
    all_text = "".join(plain(block.text) for block in prose.blocks if isinstance(block, Paragraph))
    period = _PERIOD.search(all_text)
    return "", years[0] if years else int(period[1]) if period else None


def year_in(stem: str) -> int | None:
    """Return the only year in a file's name; None if there is none or more than one."""
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", stem))
    return int(years.pop()) if len(years) == 1 else None


def _possible_titles(prose: Prose, stem: str) -> Iterator[str]:
    """Yield texts that may be the title, also two lines joined."""
    lines = [block.text for block in _paragraphs(prose.blocks) if block.text.strip()][:LOOKED_AT]
    yield from (one_line(line) for line in lines)
    yield from _title_parts(prose.title)
    for first, second in pairwise(lines):
        yield one_line(first + second)
    yield stem


def _title_parts(title: str) -> list[str]:
    """Return the parts of a page's title, and the whole: sites add their own name and that of a column before or after
    it."""
    return [*re.split(r"[_|｜—–\-]+|\s{2,}", title), title]


def _paragraphs(blocks: Sequence[Block]) -> Iterator[Paragraph]:
    return (block for block in blocks if isinstance(block, Paragraph))


def _parse_title(text: str, form: Form) -> tuple[str, int] | None:
    """Return the agency and the year in a title; None if the text is not the title of a report on this form."""
    ending = plain(form.report_title("", 0)).removeprefix("0年")
    for year in reversed(list(_YEAR.finditer(text))) if len(text) <= LONGEST else ():
        before, after = text[: year.start()], text[year.end(1) :].removeprefix("年").removeprefix("度")
        end = fuzz.partial_ratio_alignment(ending, after)
        if end is not None and end.score >= ALIKE and len(after) >= len(ending) - 4:
            agency = before if before and not _OUTER_MARKS.fullmatch(before) else after[: end.dest_start]
            return _bare_name(agency).removeprefix("关于"), int(year[1])
        alignment = fuzz.partial_ratio_alignment(ending, before)
        if alignment is not None and alignment.score >= ALIKE and len(before) >= len(ending) - 4:
            return _bare_name(before[: alignment.dest_start]).removeprefix("关于"), int(year[1])
    return None


def _bare_name(text: str) -> str:
    """Return a name without the marks around it. A bracket that belongs to the name stays with its partner, as in
    高新区(新市区)."""
    name = _OUTER_MARKS.sub("", text)
    start = text.find(name)
    before, after = text[:start], text[start + len(name) :]
    opening, closing = before[-1:], after[:1]
    if opening and closing and _BRACKETS.get(opening) == closing and opening not in name:
        return name  # the whole name stands in brackets
    for left, right in _BRACKETS.items():
        if closing == right and name.count(left) > name.count(right):
            return name + closing
        if opening == left and name.count(right) > name.count(left):
            return opening + name
    return name
