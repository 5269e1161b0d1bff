"""What stands in the margins of a PDF's pages and is no text: page numbers, headers and footers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from toolkit.documents.pdf.lines import TextLine

_MARGIN = 0.13
"""How much of a page is its upper and lower margin."""
_DEEP = 3
"""Lines from the edge of the text that may be a header or footer."""
_DASH = r"[-—–－―─_·•.．~～\s]"
_DRESSED = re.compile(
    rf"{_DASH}+\d{{1,4}}{_DASH}+|第\s*\d{{1,4}}\s*页.{{0,12}}|\d{{1,4}}\s*[/／]\s*\d{{1,4}}|Page\s*\d+.{{0,9}}"
)
_BARE = re.compile(r"\d{1,4}")


def without_margins(pages: Sequence[Sequence[TextLine]], heights: Sequence[float]) -> list[list[TextLine]]:
    """The lines of the pages that are text."""
    numbers = _offsets(pages, heights)
    repeated = Counter(key for lines, height in zip(pages, heights, strict=True) for key in _keys(lines, height))
    enough = max(2, (len(pages) + 2) // 3)
    result = list[list[TextLine]]()
    for page, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        gone = set[int]()
        for index in _outer(lines, height):
            text = lines[index].text.strip()
            bare = _BARE.fullmatch(text) and (len(pages) == 1 or numbers[int(text) - page] > 1)
            if _DRESSED.fullmatch(text) or bare or repeated[_key(lines[index])] >= enough:
                gone.add(index)
        result.append([line for index, line in enumerate(lines) if index not in gone])
    return result


def _outer(lines: Sequence[TextLine], height: float) -> Iterator[int]:
    """The first and last lines of a page, as far as they are in its margins."""
    near = {*range(min(_DEEP, len(lines))), *range(max(len(lines) - _DEEP, 0), len(lines))}
    for index in sorted(near):
        if not _MARGIN * height <= lines[index].base <= (1 - _MARGIN) * height:
            yield index


def _offsets(pages: Sequence[Sequence[TextLine]], heights: Sequence[float]) -> Counter[int]:
    """By how much the bare numbers in the margins differ from those of the pages: page numbers by always the same."""
    found = Counter[int]()
    for page, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        texts = {lines[index].text.strip() for index in _outer(lines, height)}
        found.update({int(text) - page for text in texts if _BARE.fullmatch(text)})
    return found


def _key(line: TextLine) -> tuple[str, int]:
    """What is the same of headers and footers on every page: what they say but for numbers, and where."""
    return re.sub(r"\d+", "#", "".join(line.text.split())), round(line.base / 4)


def _keys(lines: Sequence[TextLine], height: float) -> set[tuple[str, int]]:
    return {_key(lines[index]) for index in _outer(lines, height)}
