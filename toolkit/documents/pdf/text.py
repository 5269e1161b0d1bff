"""Text of a PDF outside tables: joins lines into the paragraphs that they were broken from."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from toolkit.documents.blocks import Paragraph
from toolkit.documents.pdf.lines import BEGINS, ENDS_SENTENCE, TextLine, joined

_INDENT = 0.9
"""Ems. A line that begins this far inside the others begins a paragraph."""
_WIDER = 1.4
"""A gap this many times wider than between other lines separates paragraphs."""
_OTHER_SIZE = 1.15
_LONGEST_HEADING = 40
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、")


@dataclass(frozen=True, slots=True)
class PageSetting:
    """The setting of pages: where lines begin and end, the distance between their bases, and the font and size of most
    lines."""

    left: float = 0
    right: float = 0
    step: float = 0
    font: str = ""
    size: float = 0


def layout_of(pages: Sequence[Sequence[TextLine]]) -> PageSetting:
    """Return the setting of pages of one width."""
    lines = [line for page in pages for line in page if not line.is_split]
    if not lines:
        return PageSetting()
    right = _edge(lines)
    # A left edge is where many lines begin; a heading may begin further left.
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
    """Return the right edge of the lines. A few lines extend beyond the text, or end with a mark beyond its edge."""
    longest = max(line.right - line.left for line in lines)
    places = sorted((line.right for line in lines if 2 * (line.right - line.left) >= longest), reverse=True)
    return places[len(places) // 10]


def paragraphs_of(pages: Sequence[tuple[PageSetting, Sequence[TextLine]]]) -> list[Paragraph]:
    """Return the paragraphs of lines that follow each other. Each page's lines come with the setting of that page."""
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
    """Return 1 for a heading that a reader cannot mistake: it has a Chinese number and another font than the text, and
    fits on a line. Return 0 for other headings: they are recognised later, by their words."""
    text = lines[0].text
    stands_out = lines[0].is_bold or lines[0].font != layout.font
    is_short = len(lines) == 1 and len(text) <= _LONGEST_HEADING and not lines[0].is_split
    return int(bool(stands_out and is_short and _NUMBERED.match(text) and not ENDS_SENTENCE.search(text)))


def _begins(above: TextLine, line: TextLine, before: PageSetting, layout: PageSetting, near: TextLine | None) -> bool:
    """Return True if a line begins a paragraph. `near` is the line above, if it is on the same page."""
    if near and _is_title(near, layout) and _is_title(line, layout):
        return line.base - near.base > 2 * _WIDER * line.size or line.size != near.size
    if above.is_split or line.is_split or above.has_room_for(line, before.right):
        return True
    if line.left - layout.left >= _INDENT * line.size:
        return True
    if max(above.size, line.size) > _OTHER_SIZE * min(above.size, line.size):
        return True
    if near and layout.step and line.base - near.base > _WIDER * max(layout.step, 1.2 * line.size):
        return True
    return bool(ENDS_SENTENCE.search(above.text) and BEGINS.match(line.text))


def _is_title(line: TextLine, layout: PageSetting) -> bool:
    """Return True if a line belongs to a title: large, in the middle. Titles are broken where it looks well."""
    aside = abs(line.left + line.right - layout.left - layout.right) / 2
    return line.size > _OTHER_SIZE * layout.size and aside < line.size
