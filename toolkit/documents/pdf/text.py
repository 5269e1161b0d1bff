"""Text of a PDF outside of tables: lines made into the paragraphs that they were broken from."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from toolkit.documents.blocks import Paragraph
from toolkit.documents.pdf.lines import BEGINS, ENDS_SENTENCE, TextLine, joined

_INDENT = 0.9
"""Ems; what begins so far inside of the others begins a paragraph."""
_WIDER = 1.4
"""A gap so many times wider than between other lines separates paragraphs."""
_OTHER_SIZE = 1.15
_LONGEST_HEADING = 40
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、")


@dataclass(frozen=True, slots=True)
class PageSetting:
    """How the pages are set: where lines begin and end, how far their bases are from each other, in what font and
    size most of them are."""

    left: float = 0
    right: float = 0
    step: float = 0
    font: str = ""
    size: float = 0


def layout_of(pages: Sequence[Sequence[TextLine]]) -> PageSetting:
    """How pages of one width are set."""
    lines = [line for page in pages for line in page if not line.is_split]
    if not lines:
        return PageSetting()
    right = _edge(lines)
    # A left edge is where many lines begin; a heading may stand out of it.
    common = Counter(round(line.left / 3) for line in lines if line.right > right - 3 * line.size)
    often = [place for place, count in common.items() if count * 5 >= sum(common.values())]
    left = min((line.left for line in lines if round(line.left / 3) in often), default=min(line.left for line in lines))
    steps = [
        below.base - above.base
        for page in pages
        for above, below in pairwise(page)
        if 0.5 * above.size < below.base - above.base < 4 * above.size
    ]
    fonts = Counter[tuple[str, float]]()
    for line in lines:
        fonts[line.font, line.size] += len(line.text)
    return PageSetting(left, right, median(steps) if steps else 0, *fonts.most_common(1)[0][0])


def _edge(lines: Sequence[TextLine]) -> float:
    """How far lines reach; a few stand out of the text, or end with a mark that hangs over its edge."""
    longest = max(line.right - line.left for line in lines)
    places = sorted((line.right for line in lines if 2 * (line.right - line.left) >= longest), reverse=True)
    return places[len(places) // 10]


def paragraphs_of(pages: Sequence[tuple[PageSetting, Sequence[TextLine]]]) -> list[Paragraph]:
    """The paragraphs of lines that follow each other, each page's with how that page is set."""
    groups = list[list[TextLine]]()
    before: PageSetting | None = None
    for layout, lines in pages:
        for number, line in enumerate(lines):
            above = groups[-1][-1] if groups else None
            near = above if number else None
            if above is None or before is None or _begins(above, line, before, layout, near):
                groups.append([line])
            else:
                groups[-1].append(line)
            before = layout
    return [Paragraph(joined(group), _level(group, before)) for group in groups if before]


def _level(lines: Sequence[TextLine], layout: PageSetting) -> int:
    """1 for a heading that a reader cannot take for anything else: it has a Chinese number and other letters than the
    text, and fits a line. Other headings are known by what they say, if at all."""
    text = lines[0].text
    stands_out = lines[0].is_bold or lines[0].font != layout.font
    is_short = len(lines) == 1 and len(text) <= _LONGEST_HEADING and not lines[0].is_split
    return int(bool(stands_out and is_short and _NUMBERED.match(text) and not ENDS_SENTENCE.search(text)))


def _begins(above: TextLine, line: TextLine, before: PageSetting, layout: PageSetting, near: TextLine | None) -> bool:
    """Whether a line begins a paragraph; `near` is the line above where that is on the same page."""
    if near and _is_title(near, layout) and _is_title(line, layout):
        return line.base - near.base > 2 * _WIDER * line.size or line.size != near.size
    if above.is_split or line.is_split or above.leaves_room_for(line, before.right):
        return True
    if line.left - layout.left >= _INDENT * line.size:
        return True
    if max(above.size, line.size) > _OTHER_SIZE * min(above.size, line.size):
        return True
    if near and layout.step and line.base - near.base > _WIDER * max(layout.step, 1.2 * line.size):
        return True
    return bool(ENDS_SENTENCE.search(above.text) and BEGINS.match(line.text))


def _is_title(line: TextLine, layout: PageSetting) -> bool:
    """Whether a line is one of a title's, which are broken where it looks well: large, in the middle."""
    aside = abs(line.left + line.right - layout.left - layout.right) / 2
    return line.size > _OTHER_SIZE * layout.size and aside < line.size
