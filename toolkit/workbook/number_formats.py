"""Finds out what a spreadsheet shows for a number in a number format (数字格式), and if that is the number.

Only what changes a figure matters: rounding, scaling by thousands, percent, digits in the format itself, and formats
that show nothing. A format that cannot be judged here is accepted.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from toolkit.forms.model import Kind
from toolkit.submission.spelling import number_text, understand

GENERAL = "General"
_DATE, _TIME = "yyyy/m/d", "h:mm:ss"
BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0", 6: "#,##0", 7: "#,##0.00", 8: "#,##0.00"},
    **{9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 48: "##0.0E+0", 49: "@"},
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)), _DATE),
    **dict.fromkeys((*range(18, 22), 32, 33, *range(45, 48)), _TIME),
    **dict.fromkeys((37, 38, 41, 42), "#,##0"),
    **dict.fromkeys((39, 40, 43, 44), "#,##0.00"),
}
"""The formats that a file names only by their id, as far as they matter. All other ids are General."""

_PLAIN = re.compile(r"(?:General|G/通用格式|@|(?:#,##)?0(?:\.0+)?(?:_.)?)", re.I)
_TOKEN = re.compile(r"\"[^\"]*\"?|[\\!].|_.|\*.|\[[^\]]*\]|General|G/通用格式|[eE][+-]|.", re.I | re.S)
_LIMIT = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9.]+)\]")
_NUMERALS = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?(?:E[+-]?[0-9]+)?|\.[0-9]+")
_NEGATIVE = re.compile(r"[-−–(]\s*(?=[0-9.])|[0-9]\s*-$")
_CURRENCY = re.compile(r"[¥￥$€元]|人民币|RMB")
_ZEROS = ("", "-", "—", "–", "−", "/", "无", "零")
"""What may be shown for a zero: nothing, or a mark for none."""
_EXACT = Context(prec=400)


@dataclass(frozen=True, slots=True)
class FormatSection:
    """One of the sections of a format, which are separated by semicolons. A number is shown by one of them."""

    tokens: tuple[str, ...]

    @property
    def limit(self) -> tuple[str, Decimal] | None:
        """The condition of the section, such as ``[>=100]``: its sign and its number."""
        found = next((match for token in self.tokens if (match := _LIMIT.fullmatch(token))), None)
        return (found[1], Decimal(found[2])) if found else None

    @property
    def is_red(self) -> bool:
        """True if the section colours what it shows. Negative numbers are then shown without their sign."""
        return any(re.fullmatch(r"\[(?:red|红色?|color ?\d+)\]", token, re.I) for token in self.tokens)

    @property
    def is_date(self) -> bool:
        """True if the section shows a date or a time."""
        return any(token in "yYmMdDhHsS" or re.fullmatch(r"\[[hms]+\]", token, re.I) for token in self.tokens)

    @property
    def is_other_script(self) -> bool:
        """True if the section writes numbers in another script, such as ``[DBNum1]``."""
        return any(token.lower().startswith(("[dbnum", "[natnum")) for token in self.tokens)


def is_plain(code: str) -> bool:
    """Return True if a format shows every whole number as it is. Nearly all cells have such a format."""
    return bool(_PLAIN.fullmatch(code))


@lru_cache(20_000)
def misleads(code: str, number: Decimal, kind: Kind) -> str | None:
    """Return what a format shows for a number if that is not the number, None if it is."""
    if _is_general(code) or code == "@":
        return None
    section, signed = _section_for(_sections(code), number)
    if section.is_other_script:
        return None
    if section.is_date:
        return "日期或时间"
    text = ("-" if signed else "") + _rendered(section, abs(number))
    return None if reads_as(text, number, kind, section.is_red) else text.strip()


def hides_text(code: str) -> bool:
    """Return True if a format does not show a text: its fourth section has no place for it."""
    sections = _sections(code)
    return len(sections) > 3 and "@" not in sections[3].tokens


def _is_general(code: str) -> bool:
    return code.lower() in ("", "general", "g/通用格式")


@lru_cache(256)
def _sections(code: str) -> tuple[FormatSection, ...]:
    parts: list[list[str]] = [[]]
    for token in _TOKEN.findall(code):
        if token == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(FormatSection(tuple(part)) for part in parts)


def _section_for(sections: Sequence[FormatSection], number: Decimal) -> tuple[FormatSection, bool]:
    """Return the section that shows a number, and True if a minus sign is put before it."""
    numeric = sections[:3]
    if any(section.limit for section in numeric):
        found = next((section for section in numeric if section.limit and _holds(section.limit, number)), None)
        return found or next((s for s in reversed(numeric) if not s.limit), numeric[-1]), number < 0
    if len(numeric) > 1 and number < 0:
        return numeric[1], False
    return numeric[2 if len(numeric) > 2 and number == 0 else 0], number < 0


def _holds(limit: tuple[str, Decimal], number: Decimal) -> bool:
    sign, bound = limit
    return (number < bound and "<" in sign) or (number > bound and ">" in sign) or (number == bound and "=" in sign)


def _rendered(section: FormatSection, number: Decimal) -> str:
    """Return what a section shows for a number that is not negative."""
    tokens = section.tokens
    places = [index for index, token in enumerate(tokens) if token in "0#?"]
    if not places:
        return "".join(number_text(number) if _is_general(t) or t == "@" else literal(t) for t in tokens)
    if any(token[0] in "eE" and len(token) == 2 for token in tokens):
        digits = sum(token in "0#?" for token in tokens[: _index(tokens, "E")]) - 1
        return format(number, f".{digits}E")
    if "/" in tokens:
        return _as_fraction(tokens, number)
    thousands = _thousands_left_out(tokens, places[-1])
    scale = 2 * sum(token == "%" for token in tokens) - 3 * thousands
    point = _index(tokens, ".")
    decimals = sum(index > point for index in places)
    scaled = number.scaleb(scale, _EXACT).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)
    whole, _, fraction = format(scaled, "f").partition(".")
    return "".join(_with_digits(tokens, point, whole.lstrip("0"), fraction))


def _index(tokens: Sequence[str], wanted: str) -> int:
    return next((index for index, token in enumerate(tokens) if token.upper().startswith(wanted)), len(tokens))


def _thousands_left_out(tokens: Sequence[str], last: int) -> int:
    """Return how many commas stand right after the last digit before the point, or after the last digit of all. Each
    divides by a thousand."""
    ends = [last]
    point = _index(tokens, ".")
    ends += [point - 1 - next((n for n, t in enumerate(reversed(tokens[:point])) if t != ","), 0)] if point else []
    found = 0
    for end in {end for end in ends if 0 <= end < len(tokens)}:
        for token in tokens[end + 1 :]:
            if token != ",":
                break
            found += 1
    return found


def _with_digits(tokens: Sequence[str], point: int, whole: str, fraction: str) -> Iterator[str]:
    """Yield the text of each token, with the digits in their places. Digits without a place of their own stand at the
    first place."""
    before = [token for token in tokens[:point] if token in "0#?"]
    least = len(before) - before.index("0") if "0" in before else 0
    digits = whole.rjust(least, "0")
    left, rest = len(before), list(fraction)
    if not before:
        yield digits
    for index, token in enumerate(tokens):
        if token in "0#?" and index < point:
            count = max(len(digits) - left + 1, 0) if left == len(before) else int(left <= len(digits))
            start = 0 if left == len(before) else len(digits) - left
            left -= 1
            yield digits[start : start + count]
        elif token in "0#?":
            yield rest.pop(0)
        elif token == "." and index == point:
            yield "." if rest else ""
        elif token != ",":
            yield literal(token)


def _as_fraction(tokens: Sequence[str], number: Decimal) -> str:
    below = sum(token in "0#?" for token in tokens[_index(tokens, "/") + 1 :])
    if not below or number == number.to_integral_value():
        return number_text(number)  # a fixed denominator, which few formats have
    whole, rest = divmod(Fraction(number), 1)
    near = rest.limit_denominator(10 ** min(below, 3) - 1)
    return number_text(number) if near == rest else f"{whole} {near}"


def literal(token: str) -> str:
    """Return what a token shows that is not a digit."""
    if token.startswith('"'):
        return token.strip('"')
    if token[0] in "\\!" and len(token) == 2:
        return token[1]
    if token[0] == "_" and len(token) == 2:
        return " "
    if token[0] == "*" and len(token) == 2:
        return ""
    if token[0] == "[":
        return token[2:].partition("-")[0].rstrip("]") if token.startswith("[$") else ""
    return token


def reads_as(text: str, number: Decimal, kind: Kind, is_red: bool = False) -> bool:
    """Return True if a person reads this number in a text. If the text is red, a negative number needs no sign."""
    bare = _CURRENCY.sub("", unicodedata.normalize("NFKC", text)).strip()
    if number == 0 and bare in _ZEROS:
        return True
    if "/" not in bare:
        bare = re.sub(r"(?<=[0-9]) +(?=[0-9])", "", bare)
    meant = {number, abs(number)} if is_red else {number}
    understood = understand(bare, kind)
    if understood is not None:
        return understood.number in meant
    numerals = _NUMERALS.findall(bare)
    if len(numerals) != 1:
        return False
    size = Decimal(numerals[0].replace(",", ""))
    return (-size if _NEGATIVE.search(bare) else size) in meant
