"""What is on a page of a PDF: letters, strokes and pictures. The page is turned so that most of its text is upright."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

Direction = Literal["", "up", "down", "over"]
"""The direction of a line of letters: to the right (empty), upwards, downwards, or to the left with the letters upside
down."""
DrawnObject = Mapping[str, Any]

UNKNOWN = "\ufffd"
THICKEST = 4.0
"""Points. A filled rectangle that is thinner is a stroke."""
_RADICALS = dict(
    zip(
        "⺎⺝⺟⺠⺧⺩⺫⺬⺮⺴⺶⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
        "兀月母民牛王目示竹网羊虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)
_CODE = re.compile(r"\(cid:\d+\)")
_BOLD = re.compile(r"bold|heavy|black\b|-bd\b", re.IGNORECASE)
_SUBSET = re.compile(r"\A[A-Z]{6}\+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A character and its place, in points from the upper left corner. `base` is the height of its line."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    base: float
    size: float
    font: str = ""
    bold: bool = False
    direction: Direction = ""

    @property
    def middle(self) -> float:
        """Return the middle between its left and right edge."""
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        """Return the height of its middle, whatever the font states about its height."""
        return self.base - 0.35 * self.size


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line across (at height `at` from x `start` to `end`) or upright (at x `at` from y `start` to `end`)."""

    across: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page. `covered` is the share of it that pictures cover, from 0 to 1."""

    width: float
    height: float
    letters: tuple[Letter, ...]
    strokes: tuple[Stroke, ...]
    pictures: int = 0
    covered: float = 0.0


def page_of(width: float, height: float, objects: Mapping[str, Sequence[DrawnObject]]) -> PdfPage:
    """Return a page made of pdfplumber's objects."""
    letters = [letter for drawn in objects.get("char", ()) if (letter := _letter(drawn))]
    letters = [one for one in letters if -1 <= one.middle <= width + 1 and -1 <= one.height <= height + 1]
    strokes = [stroke for drawn in objects.get("line", ()) for stroke in _line(drawn)]
    strokes += [stroke for drawn in objects.get("rect", ()) for stroke in _box(drawn)]
    strokes += [stroke for drawn in objects.get("curve", ()) for stroke in _path(drawn)]
    areas = [(one["x1"] - one["x0"]) * (one["bottom"] - one["top"]) for one in objects.get("image", ())]
    pictures = sum(area > 400 for area in areas)
    covered = min(sum(areas) / (width * height), 1.0) if width * height else 0.0
    return _turned_upright(PdfPage(width, height, tuple(letters), tuple(strokes), pictures, covered))


def _letter(drawn: DrawnObject) -> Letter | None:
    text = _readable_character(drawn["text"])
    if not text:
        return None
    a, b, _, d, _, origin = drawn["matrix"]
    # Slanted text is a watermark.
    if min(abs(a), abs(b)) > 0.2 * max(abs(a), abs(b)):
        return None
    direction: Direction = ""
    if abs(b) > abs(a):
        direction = "up" if b > 0 else "down"
    elif a < 0 and d < 0:
        direction = "over"
    top, bottom = drawn["top"], drawn["bottom"]
    base = top + drawn["y1"] - origin
    # In fonts that write downwards the origin is above the character.
    if direction or not top < base <= bottom + 0.01:
        base = bottom - 0.15 * (bottom - top)
    font = _SUBSET.sub("", str(drawn["fontname"]))
    size = drawn["size"] if not direction or direction == "over" else drawn["x1"] - drawn["x0"]
    bold = bool(_BOLD.search(font))
    return Letter(text, drawn["x0"], drawn["x1"], top, bottom, base, max(size, 0.1), font, bold, direction)


def _readable_character(text: str) -> str:
    """Return a character as it should be written: some programs write the radicals ⼀ and ⺠ for the characters 一 and
    民."""
    if not text or _CODE.fullmatch(text):
        return UNKNOWN
    return "".join(map(_as_character, text))


def _as_character(char: str) -> str:
    if char in _RADICALS:
        return _RADICALS[char]
    if "\u2e80" <= char <= "\u2fdf" or "\uf900" <= char <= "\ufaff":
        return unicodedata.normalize("NFKC", char)
    if char.isspace() or char == "\0":
        return "\u3000" if char == "\u3000" else " "
    kind = unicodedata.category(char)
    if kind in ("Co", "Cs", "Cn", "Cc"):
        return UNKNOWN
    return "" if kind == "Cf" and char != "\u00ad" else char.replace("\u00ad", "-")


def _line(drawn: DrawnObject) -> Iterable[Stroke]:
    left, right, top, bottom = drawn["x0"], drawn["x1"], drawn["top"], drawn["bottom"]
    # A short thick line is a rectangle.
    thick = drawn.get("linewidth") or 0
    if thick > THICKEST:
        return
    if bottom - top <= 1.0:
        yield Stroke(True, (top + bottom) / 2, left, right)
    elif right - left <= 1.0:
        yield Stroke(False, (left + right) / 2, top, bottom)


def _box(drawn: DrawnObject) -> Iterable[Stroke]:
    left, right, top, bottom = drawn["x0"], drawn["x1"], drawn["top"], drawn["bottom"]
    if min(right - left, bottom - top) <= THICKEST and drawn.get("fill"):
        if right - left >= bottom - top:
            yield Stroke(True, (top + bottom) / 2, left, right)
        if bottom - top >= right - left:
            yield Stroke(False, (left + right) / 2, top, bottom)
    elif drawn.get("stroke"):
        yield from (Stroke(True, top, left, right), Stroke(True, bottom, left, right))
        yield from (Stroke(False, left, top, bottom), Stroke(False, right, top, bottom))


def _path(drawn: DrawnObject) -> Iterable[Stroke]:
    """Yield the straight parts of a path; for a thin filled path, yield it as one stroke."""
    if not drawn.get("stroke"):
        if min(drawn["x1"] - drawn["x0"], drawn["bottom"] - drawn["top"]) <= THICKEST:
            yield from _box(drawn)
        return
    points = drawn.get("pts") or []
    for (x, y), (to_x, to_y) in pairwise(points):
        if abs(y - to_y) <= 0.5 < abs(x - to_x):
            yield Stroke(True, (y + to_y) / 2, min(x, to_x), max(x, to_x))
        elif abs(x - to_x) <= 0.5 < abs(y - to_y):
            yield Stroke(False, (x + to_x) / 2, min(y, to_y), max(y, to_y))


def _turned_upright(page: PdfPage) -> PdfPage:
    """Return a page turned upright, as a reader would turn it, if most of its text runs up or down."""
    counts = Counter(letter.direction for letter in page.letters if letter.text.strip())
    direction = counts.most_common(1)[0][0] if counts else ""
    if not direction:
        return page
    width, height = (page.width, page.height) if direction == "over" else (page.height, page.width)
    letters = turned(page.letters, direction, page.width, page.height)
    strokes = tuple(_turned_stroke(one, direction, page.width, page.height) for one in page.strokes)
    return replace(page, width=width, height=height, letters=letters, strokes=strokes)


def turned(letters: Iterable[Letter], direction: Direction, width: float, height: float) -> tuple[Letter, ...]:
    """Return letters at their places after the page was turned so that letters of this direction are upright. Other
    letters keep their angle to these."""
    return tuple(_turned(one, direction, width, height) for one in letters)


def _turned(one: Letter, direction: Direction, width: float, height: float) -> Letter:
    if direction == "up":
        left, right, top, bottom = height - one.bottom, height - one.top, one.left, one.right
    elif direction == "down":
        left, right, top, bottom = one.top, one.bottom, width - one.right, width - one.left
    else:
        left, right, top, bottom = width - one.right, width - one.left, height - one.bottom, height - one.top
    base = bottom - 0.15 * (bottom - top)
    turned_to: Direction = "" if one.direction == direction else one.direction or "over"
    return replace(one, left=left, right=right, top=top, bottom=bottom, base=base, direction=turned_to)


def _turned_stroke(one: Stroke, direction: Direction, width: float, height: float) -> Stroke:
    if direction == "over":
        size, across = (width, height) if one.across else (height, width), one.across
        return Stroke(across, size[1] - one.at, size[0] - one.end, size[0] - one.start)
    if direction == "up":
        # (x, y) → (height - y, x)
        return (
            Stroke(False, height - one.at, one.start, one.end)
            if one.across
            else Stroke(True, one.at, height - one.end, height - one.start)
        )
    # (x, y) → (y, width - x)
    return (
        Stroke(False, one.at, width - one.end, width - one.start)
        if one.across
        else Stroke(True, width - one.at, one.start, one.end)
    )
