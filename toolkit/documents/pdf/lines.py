"""Lines of a PDF: the letters that stand beside each other, with the spaces that a reader sees between them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from toolkit.documents.blocks import Run
from toolkit.documents.pdf.sheet import Direction, Letter, turned

FAR = 2.0
"""Ems between two columns of something that has no borders."""
ENDS_SENTENCE = re.compile(r"[。！？；：:;!?]\s*\Z")
BEGINS = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十]{1,3}[）)、.]|[（(]\d{1,2}[）)]|\d{1,2}(?:[、）)]|[.．](?!\d)))"
)
_OPENING = "（(《〈“‘「『【〔["
_CLOSING = "，。、；：？！）》〉”’」』】〕]),.;:?!%％…—"
_WORD = re.compile(rf"[{re.escape(_OPENING)}]*(?:[!-~]+|.)[{re.escape(_CLOSING)}]*")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line: its text in runs, and where it is. `spaced`: a space was written at its end; `font` and `size` are those
    of most of it."""

    runs: tuple[Run, ...]
    left: float
    right: float
    top: float
    base: float
    size: float
    font: str
    spaced: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def is_bold(self) -> bool:
        return all(run.bold for run in self.runs if run.text.strip())

    @property
    def is_split(self) -> bool:
        """Whether there are words far apart."""
        return "\t" in self.text

    def leaves_room_for(self, following: "TextLine", edge: float) -> bool:
        """Whether the next line's first word would have found place behind this one."""
        word = _WORD.match(following.text.lstrip())
        wide = sum(0.5 if char.isascii() else 1.0 for char in word[0]) if word else 1.0
        # A closing mark may hang over the edge, or take half of its width.
        wide -= 0.5 if word and word[0][-1] in _CLOSING else 0.0
        return edge - self.right >= (wide + 0.4) * max(self.size, following.size)


def lines_of(letters: Iterable[Letter]) -> list[TextLine]:
    """Letters as lines from above to below; those that run up or down are lines of their own."""
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
    # Where they are on the page does not say how they read; they stay together where the first of them is.
    top, left = min(one.top for one in letters), min(one.left for one in letters)
    right, base = max(one.right for one in letters), max(one.bottom for one in letters)
    return [TextLine(one.runs, left, right, top, base, one.size, one.font, one.spaced) for one in lines]


def _rows(letters: Iterable[Letter]) -> list[list[Letter]]:
    """Letters that stand on the same line, each row from left to right."""
    rows, bases = list[list[Letter]](), list[float]()
    for letter in sorted(letters, key=lambda one: (one.base, one.left)):
        if rows and letter.base - bases[-1] <= 0.4 * max(letter.size, rows[-1][-1].size):
            rows[-1].append(letter)
            # A raised letter comes first; the line is where the larger ones stand.
            if letter.text.strip() and letter.size > 1.2 * min(one.size for one in rows[-1][-5:]):
                bases[-1] = letter.base
        else:
            rows.append([letter])
            bases.append(letter.base)
    return [sorted(row, key=lambda one: (one.left, one.right)) for row in rows]


def _line(row: Sequence[Letter]) -> TextLine | None:
    """One line; letters drawn twice at almost the same place, which makes them look bold, count once."""
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
    """What stands between two letters: programs spread lines and set Latin letters off from Chinese ones, so that only
    a wide gap or a space that was written is one."""
    gap = (other.left - one.right) / max(one.size, other.size)
    if gap >= FAR:
        return "\t"
    narrow = is_narrow(one.text) and is_narrow(other.text)
    return " " if gap >= (0.22 if narrow else 0.15 if space else 0.8) else ""


def is_narrow(text: str) -> bool:
    """Whether a text is Latin letters and the like, which have spaces between words."""
    return text[-1:].isascii() or (text[-1:].isalpha() and ord(text[-1]) < 0x1100)


def seam(text: str, following: str, spaced: bool = False) -> str:
    """What stands between two lines that are one text: a space between Latin words, nothing inside a long number."""
    last, first = text[-1:], following[:1]
    if not (last and first and is_narrow(last) and is_narrow(first)):
        return ""
    if last.isdigit() and first.isdigit() and not spaced:
        return ""
    return " " if spaced or ((last.isalnum() or last in ",.;:!?)") and first.isalnum()) else ""


def joined(lines: Sequence[TextLine]) -> tuple[Run, ...]:
    """Lines as one text, neighbouring runs of one look merged."""
    pieces = list[Run]()
    for number, line in enumerate(lines):
        if number and (gap := seam(lines[number - 1].text, line.text, lines[number - 1].spaced)):
            pieces.append(Run(gap, pieces[-1].bold))
        pieces += line.runs
    return tuple(Run("".join(run.text for run in group), bold) for bold, group in groupby(pieces, lambda run: run.bold))
