"""Text in the margins of a PDF's pages that does not belong to the report: page numbers, headers and footers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from toolkit.documents.pdf.lines import TextLine

_MARGIN = 0.13
"""The share of a page that is its upper or lower margin."""
_HEADER_LINES = 3
"""Lines from the edge of the text that may be a header or footer."""
_DASH = r"[-—–－―─_·•.．~～\s]"
_PAGE_NUMBER = re.compile(
    rf"{_DASH}+\d{{1,4}}{_DASH}+|第\s*\d{{1,4}}\s*页.{{0,12}}|\d{{1,4}}\s*[/／]\s*\d{{1,4}}|Page\s*\d+.{{0,9}}"
)
_NUMBER_ALONE = re.compile(r"\d{1,4}")


def without_margins(pages: Sequence[Sequence[TextLine]], heights: Sequence[float]) -> list[list[TextLine]]:
    """Return the lines of each page without page numbers, headers and footers."""
    numbers = _offsets(pages, heights)
    repeated = Counter(key for lines, height in zip(pages, heights, strict=True) for key in _keys(lines, height))
    fewest_repeats = max(2, (len(pages) + 2) // 3)
    result = list[list[TextLine]]()
    for page, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        removed = set[int]()
        for index in _outer(lines, height):
            text = lines[index].text.strip()
            bare = _NUMBER_ALONE.fullmatch(text) and (len(pages) == 1 or numbers[int(text) - page] > 1)
            if _PAGE_NUMBER.fullmatch(text) or bare or repeated[_key(lines[index])] >= fewest_repeats:
                removed.add(index)
        result.append([line for index, line in enumerate(lines) if index not in removed])
    return result


def _outer(lines: Sequence[TextLine], height: float) -> Iterator[int]:
    """Yield the numbers of the first and last lines of a page that are in its margins."""
    near = {*range(min(_HEADER_LINES, len(lines))), *range(max(len(lines) - _HEADER_LINES, 0), len(lines))}
    for index in sorted(near):
        if not _MARGIN * height <= lines[index].base <= (1 - _MARGIN) * height:
            yield index


def _offsets(pages: Sequence[Sequence[TextLine]], heights: Sequence[float]) -> Counter[int]:
    """Return how often each difference between a bare number in a margin and its page occurs. For page numbers it is
    always the same."""
    found = Counter[int]()
    for page, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        texts = {lines[index].text.strip() for index in _outer(lines, height)}
        found.update({int(text) - page for text in texts if _NUMBER_ALONE.fullmatch(text)})
    return found


def _key(line: TextLine) -> tuple[str, int]:
    """Return what is the same in a header or footer on every page: its text without digits, and its place."""
    return re.sub(r"\d+", "#", "".join(line.text.split())), round(line.base / 4)


def _keys(lines: Sequence[TextLine], height: float) -> set[tuple[str, int]]:
    return {_key(lines[index]) for index in _outer(lines, height)}
