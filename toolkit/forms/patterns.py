"""Compiles the patterns (正则表达式) of a form definition, with the words that stand in them by name."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

DIGITS = r"\d+(?:\.\d+)?[万亿]?|[零〇一二两三四五六七八九十百千]+[万亿]?"
"""A number as texts write it, in plain spelling."""
GENERAL_WORDS = {"digits": DIGITS}
"""What every form may write in its patterns besides its own words and those of the language file."""


_SPECIAL = re.compile(r"[()\[\]\\*+?{]")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern. Forms share hundreds of them, more than `re` itself keeps."""
    return re.compile(pattern)


def filled(pattern: str, words: Mapping[str, str]) -> str:
    """Return a pattern with the words that stand for its ``{name}``.

    Raises ValueError when there is no such word.
    """
    for name in re.findall(r"\{([a-z_]\w*)\}", pattern):
        if name not in words:
            raise ValueError(f"「{pattern}」里的 {{{name}}} 没有在 texts.words 里写明")
        pattern = pattern.replace(f"{{{name}}}", f"(?:{words[name]})")
    return pattern


def matches(patterns: Iterable[re.Pattern[str]], text: str) -> list[re.Match[str]]:
    """Return where patterns fit a text, pattern by pattern. Most fit nowhere, which a search sees sooner than an
    iteration."""
    found: list[re.Match[str]] = []
    for pattern in patterns:
        if pattern.search(text):
            found += pattern.finditer(text)
    return found


class Patterns:
    """Compiles what stands in the place of a pattern: a text, or a list of texts of which one must fit."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def __call__(self, _type: type, written: object) -> re.Pattern[str]:
        """Return the pattern.

        Raises ValueError, from which msgspec makes its own error with the place.
        """
        if isinstance(written, str) and written:
            return self.compiled(written)
        if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
            raise ValueError("应为文字（正则表达式），不能为空")
        if not written:
            raise ValueError("至少要有一项")
        for one in written:
            if _SPECIAL.search(one):
                self.compiled(one)  # else brackets of two items could make a pair
        return self.compiled("|".join(f"(?:{one})" for one in written))

    def compiled(self, written: str) -> re.Pattern[str]:
        """Return the pattern of one text.

        Raises ValueError, too.
        """
        try:
            return _compiled(filled(written, self.words))
        except re.error:
            raise ValueError(f"「{written}」不是合格的正则表达式") from None
