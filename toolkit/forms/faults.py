"""What is said of a fault in a form definition (格式定义): the file, the key, and what is wrong, in Chinese."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from toolkit.forms.fields import PATTERN_WORDS
from toolkit.problems import FormProblem

Fail = Callable[[str, str], NoReturn]
"""Ends the loading with the key and the fault."""

_TYPE_WORDS = {
    "str": "文字",
    "int": "整数",
    "float": "数",
    "bool": "true 或 false",
    "array": "数组",
    "object": "表",
    "null": "空",
}
_FAULTS = (
    (r"Object missing required field `(?P<a>.+?)`", "缺少 {a}"),
    (r"Object contains unknown field `(?P<a>.+?)`", "不认识的键 {a}，请检查拼写"),
    (r"Expected `(?P<a>.+?)`, got `(?P<b>.+?)`", "应为 {a}，现为 {b}"),
    (r"Invalid enum value (?P<a>.+)", "不能是 {a}"),
    (r"Expected `array` of length >= 1", "至少要有一项"),
    (r"Expected `str` of length >= 1", "不能为空"),
    (r"Expected `str` of length <= (?P<a>\d+)", "最多 {a} 个字"),
    (r"Expected `int` >= (?P<a>\d+)", "应为 {a} 以上的整数"),
)
_PATTERN = "Expected `str` matching regex "


def fail_in(name: str) -> Fail:
    """Return the function that says what is wrong in the file of this name."""

    def fail(key: str, fault: str) -> NoReturn:
        raise FormProblem(f"格式定义 {name}：{key}：{fault}。" if key else f"格式定义 {name}：{fault}。")

    return fail


def require_unique(fail: Fail, key: str, names: Iterable[str]) -> None:
    """Fail if a name stands twice."""
    for name, count in Counter(names).items():
        if count > 1:
            fail(key, f"{name} 出现了 {count} 次，应各不相同")


def in_words(message: str, data: Any) -> tuple[str, str]:
    """Return the key and the fault of what msgspec says of some data. The key has ids in place of positions."""
    fault, _, path = message.partition(" - at ")
    key, value = _place(path.strip("`").removeprefix("$").removeprefix("."), data)
    if fault.startswith(_PATTERN):
        words = {repr(pattern): words for pattern, words in PATTERN_WORDS.items()}[fault.removeprefix(_PATTERN)]
        return key.removesuffix(".id"), words.format(value=value)
    for pattern, words in _FAULTS:
        if found := re.match(pattern, fault):
            return key, words.format(**{name: _types(text) for name, text in found.groupdict().items()})
    return key, fault


def _types(names: str) -> str:
    return " 或 ".join(_TYPE_WORDS.get(name, name) for name in names.split(" | "))


def _place(path: str, data: Any) -> tuple[str, Any]:
    """Return the key that a path leads to, and what stands there."""
    words = ""
    for key, position in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        try:
            data = data[key or int(position)]
        except (KeyError, IndexError, TypeError):
            data = None
        if position:
            name = data.get("id") if isinstance(data, dict) else None
            words += f"[{name if isinstance(name, str) else int(position) + 1}]"
        else:
            words += f".{key}" if words else key
    return words, data
