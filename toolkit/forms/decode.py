"""Decodes the TOML text of a form definition: keys, types and limits are checked, patterns are compiled."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from toolkit.characters import without_forbidden
from toolkit.forms.declaration import DeclaredForm
from toolkit.forms.faults import Fail, in_words
from toolkit.forms.include import with_included
from toolkit.forms.patterns import GENERAL_WORDS, Patterns, filled


def decode(text: str, fail: Fail) -> DeclaredForm:
    """Return what a TOML text declares; `fail` is called with the key and the fault of what is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {found[1]} 行第 {found[2]} 列附近" if found else "文件末尾"
        fail("", f"{where}不合 TOML 写法。请检查引号、括号和等号是否成对，有没有重复的键")
    _refuse_control_characters(data, fail)
    data = with_included(data, fail)
    patterns = Patterns(_words_of(data, fail))
    try:
        return msgspec.convert(data, DeclaredForm, dec_hook=patterns)
    except msgspec.ValidationError as error:
        fail(*in_words(str(error), data))


def _refuse_control_characters(data: Any, fail: Fail) -> None:
    """Fail at control characters: neither a workbook nor a Word file can hold them."""
    if isinstance(data, str) and without_forbidden(data) != data:
        fail("", f"“{without_forbidden(data)[:40]}”里有看不见的控制字符，请删去")
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        _refuse_control_characters(item, fail)


def _words_of(data: Mapping[str, Any], fail: Fail) -> dict[str, str]:
    """Return the words that may stand in patterns: each is a pattern, or a list of which one must fit. A word may hold
    those that are declared before it."""
    texts = data.get("texts")
    try:
        written = texts.get("words", {}) if isinstance(texts, dict) else {}
        declared = msgspec.convert(written, dict[str, str | list[str]])
        words = dict(GENERAL_WORDS)
        for name, word in declared.items():
            words[name] = filled(word if isinstance(word, str) else "|".join(word), words)
    except (ValueError, msgspec.ValidationError) as error:  # the latter is no ValueError before msgspec 0.21
        fail("texts.words", in_words(str(error), texts)[1])
    return words
