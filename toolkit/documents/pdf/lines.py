"""Lines of a PDF: letters that stand beside each other, with the spaces that a reader sees between them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from toolkit.documents.blocks import Run
from toolkit.documents.pdf.page import Direction, Letter, turned

FAR = 2.0
"""Ems between two columns that have no borders."""
ENDS_SENTENCE = re.compile(r"[。！？；：:;!?]\s*\Z")
BEGINS = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十]{1,3}[）)、.]|[（(]\d{1,2}[）)]|\d{1,2}(?:[、）)]|[.．](?!\d)))"
)
_OPENING = "（(《〈“‘「『【〔["
_CLOSING = "，。、；：？！）》〉”’」』】〕]),.;:?!%％…—"
_WORD = re.compile(rf"[{re.escape(_OPENING)}]*(?:[!-~]+|.)[{re.escape(_CLOSING)}]*")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line: its text in runs, and its place. `ends_with_space` is True if a space is written at its end. `font` and
    `size` are those of most of the line."""

    runs: tuple[Run, ...]
    left: float
    right: float
    top: float
    base: float
    size: float
    font: str
    ends_with_space: bool = False

    @property
    def text(self) -> str:
        """Return the text of all runs."""
        return "".join(run.text for run in self.runs)

    @property
    def is_bold(self) -> bool:
        """Return True if all words are bold."""
        return all(run.bold for run in self.runs if run.text.strip())

    @property
    def is_split(self) -> bool:
        """Return True if there are words far apart."""
        return "\t" in self.text

    def has_room_for(self, following: "TextLine", edge: float) -> bool:
        """Return True if the first word of the next line would fit behind this line. `edge` is the right edge of the
        text."""
        word = _WORD.match(following.text.lstrip())
        wide = sum(0.5 if char.isascii() else 1.0 for char in word[0]) if word else 1.0
        # A closing mark may go over the edge, or take half its width.
        wide -= 0.5 if word and word[0][-1] in _CLOSING else 0.0
        return edge - self.right >= (wide + 0.4) * max(self.size, following.size)


def lines_of(letters: Iterable[Letter]) -> list[TextLine]:
    """Return letters as lines from top to bottom. Letters that run up or down are lines of their own."""
    ordered = sorted(letters, key=lambda one: one.direction)
    lines = list[TextLine]()
    for direction, group in groupby(ordered, key=lambda one: one.direction):
        lines += _lines(list(group), direction)
    return (
        sorted(lines, key=lambda line: (line.base, line.left)) if len({one.direction for one in ordered}) > 1 else lines
    )


def _lines(letters: list[Letter], direction: Direction) -> list[TextLine]:
    flat = turned(letters, direction, 0, 0) if direction else letters
    lines = [line for row in _rows(flat) if (line := _line(row))]
    if not direction:
        return lines
    # Their places on the page do not show the reading order, so they stay together at the place of the first.
    top, left = min(one.top for one in letters), min(one.left for one in letters)
    right, base = max(one.right for one in letters), max(one.bottom for one in letters)
    return [TextLine(one.runs, left, right, top, base, one.size, one.font, one.ends_with_space) for one in lines]


def _rows(letters: Iterable[Letter]) -> list[list[Letter]]:
    """Return the letters of each line, from left to right."""
    rows, bases = list[list[Letter]](), list[float]()
    for letter in sorted(letters, key=lambda one: (one.base, one.left)):
        if rows and letter.base - bases[-1] <= 0.4 * max(letter.size, rows[-1][-1].size):
            rows[-1].append(letter)
            # A superscript comes first; the line is where the larger letters stand.
            if letter.text.strip() and letter.size > 1.2 * min(one.size for one in rows[-1][-5:]):
                bases[-1] = letter.base
        else:
            rows.append([letter])
            bases.append(letter.base)
    return [sorted(row, key=lambda one: (one.left, one.right)) for row in rows]


def _line(row: Sequence[Letter]) -> TextLine | None:
    """Return one line; None if it holds no text. Letters drawn twice at almost the same place, to look bold, count
    once."""
    runs, shown, space = list[tuple[str, bool]](), list[Letter](), False
    for letter in row:
        if not letter.text.strip():
            space = True
        elif not any(_is_twice(one, letter) for one in shown[-2:]):
            if shown and (gap := _gap(shown[-1], letter, space)):
                runs.append((gap, shown[-1].bold))
            runs.append((letter.text, letter.bold))
            shown.append(letter)
            space = False
    if not shown:
        return None
    size, font = Counter((round(one.size * 2) / 2, one.font) for one in shown).most_common(1)[0][0]
    merged = tuple(Run("".join(text for text, _ in group), bold) for bold, group in groupby(runs, lambda run: run[1]))
    right = max(one.right for one in shown)
    top, base = min(one.top for one in shown), max(one.base for one in shown)
    return TextLine(merged, shown[0].left, right, top, base, size, font, space)


def _is_twice(one: Letter, other: Letter) -> bool:
    near = 0.2 * other.size
    return one.text == other.text and abs(one.left - other.left) < near and abs(one.base - other.base) < near


def _gap(one: Letter, other: Letter, space: bool) -> str:
    """Return what stands between two letters. Programs spread lines and separate Latin letters from Chinese ones, so
    only a wide gap or a written space is a space."""
    gap = (other.left - one.right) / max(one.size, other.size)
    if gap >= FAR:
        return "\t"
    narrow = is_narrow(one.text) and is_narrow(other.text)
    return " " if gap >= (0.22 if narrow else 0.15 if space else 0.8) else ""


def is_narrow(text: str) -> bool:
    """Return True if a text ends with Latin letters or the like, which have spaces between words."""
    return text[-1:].isascii() or (text[-1:].isalpha() and ord(text[-1]) < 0x1100)


def separator_between(text: str, following: str, ends_with_space: bool = False) -> str:
    """Return what stands between two lines that are one text: a space between Latin words, nothing inside a long
    number."""
    last, first = text[-1:], following[:1]
    if not (last and first and is_narrow(last) and is_narrow(first)):
        return ""
    if last.isdigit() and first.isdigit() and not ends_with_space:
        return ""
    return " " if ends_with_space or ((last.isalnum() or last in ",.;:!?)") and first.isalnum()) else ""


def joined(lines: Sequence[TextLine]) -> tuple[Run, ...]:
    """Return lines as one text, with neighbouring runs of the same format joined."""
    pieces = list[Run]()
    for number, line in enumerate(lines):
        if number and (gap := separator_between(lines[number - 1].text, line.text, lines[number - 1].ends_with_space)):
            pieces.append(Run(gap, pieces[-1].bold))
        pieces += line.runs
    return tuple(Run("".join(run.text for run in group), bold) for bold, group in groupby(pieces, lambda run: run.bold))
