"""Reads a scoring scheme (考评办法): a TOML file in which an office says for what points are taken off."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from toolkit.characters import one_line
from toolkit.files.toml_file import read_toml
from toolkit.forms.fields import Severity
from toolkit.problems import Problem

When = Literal["逾期", "退回未改", "未报", "不是填报表", "无法读取", "有误", "待说明"]
"""What can be said of a return as a whole: that it is late, that it was sent back and is not mended, or its state."""
FULL, FULL_LIMIT = Decimal(100), Decimal(10_000)
DECIMALS = 2
TITLE_LIMIT, NAME_LIMIT, ITEMS_LIMIT = 100, 20, 50
_KEYS = ("title", "full", "least", "deadline", "deductions")
_ITEM_KEYS = ("name", "points", "rules", "severity", "when", "each", "most")
_GROUNDS = ("rules", "severity", "when")


@dataclass(frozen=True, slots=True)
class ScoringItem:
    """One ground on which points are taken off: findings of some `rules`, findings of a `severity`, or `when` the
    return is of a kind. With `each`, the points are taken off for each finding, `most` at the most."""

    name: str
    points: Decimal
    rules: frozenset[str] = frozenset()
    severity: Severity | None = None
    when: When | None = None
    each: bool = False
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ScoringScheme:
    """A scoring scheme: every agency starts with `full` points and keeps `least` at the least. `source` is the name of
    its file, `deadline` the last day on which a return is in time, if the file says it."""

    items: tuple[ScoringItem, ...]
    full: Decimal = FULL
    least: Decimal = Decimal(0)
    title: str = ""
    deadline: date | None = None
    source: str = ""


def read_scheme(path: Path, known: Collection[str], families: Mapping[str, Collection[str]]) -> ScoringScheme:
    """Return the scoring scheme in a file. `known` has the ids of all rules, `families` those of each family by name.

    Raise Problem, which names the file, the line, the key and what is allowed.
    """
    found = read_toml(path)
    if found is None:
        raise Problem(f"找不到考评办法 {path}。请检查 --scores 后面的路径。")
    return _SchemeFile(path, found[1], known, families).scheme(found[0])


class _SchemeFile:
    """The file that is read: its text, for the lines in messages, and the rules that it may name."""

    def __init__(self, path: Path, text: str, known: Collection[str], families: Mapping[str, Collection[str]]) -> None:
        self._path, self._lines, self._known, self._families = path, text.splitlines(), known, families

    def scheme(self, data: Mapping[str, Any]) -> ScoringScheme:
        """Return the scheme in the data of the file. Raise Problem."""
        self._refuse_unknown(0, data, _KEYS)
        full = self._points(0, "full", data.get("full", 100), Decimal("0.01"), FULL_LIMIT)
        least = self._points(0, "least", data.get("least", 0), Decimal(0), full)
        deadline = data.get("deadline")
        if deadline is not None and type(deadline) is not date:
            raise self._problem(0, "deadline", "应为日期，不加引号，如 deadline = 2025-01-20")
        title = self._text(0, "title", data["title"], TITLE_LIMIT) if "title" in data else ""
        listed = data.get("deductions")
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed) or not listed:
            raise self._problem(0, "deductions", "应写成一节一节的 [[deductions]]，至少一节")
        if len(listed) > ITEMS_LIMIT:
            raise self._problem(0, "deductions", f"有 {len(listed)} 节，最多 {ITEMS_LIMIT} 节")
        items = tuple(self._item(number, one) for number, one in enumerate(listed, 1))
        names = [item.name for item in items]
        for number, name in enumerate(names, 1):
            if name in names[: number - 1]:
                raise self._problem(number, "name", f"「{name}」前面已经有了，各项的名称应不相同")
        return ScoringScheme(items, full, least, title, deadline, self._path.name)

    def _item(self, number: int, data: Mapping[str, Any]) -> ScoringItem:
        self._refuse_unknown(number, data, _ITEM_KEYS)
        for key in ("name", "points"):
            if key not in data:
                raise self._problem(number, key, "没有写，每一节都要有 name（名称）和 points（扣几分）")
        name = self._text(number, "name", data["name"], NAME_LIMIT)
        points = self._points(number, "points", data["points"], Decimal("0.01"), FULL_LIMIT)
        grounds = [key for key in _GROUNDS if key in data]
        if len(grounds) != 1:
            said = f"现在有 {'、'.join(grounds)}" if grounds else "现在没有"
            raise self._problem(number, "", f"应正好写 {'、'.join(_GROUNDS)} 中的一个（为什么扣分），{said}")
        each = data.get("each", False)
        if not isinstance(each, bool):
            raise self._problem(number, "each", "应为 true（每处都扣）或 false（只扣一次），不加引号")
        if each and grounds == ["when"]:
            raise self._problem(number, "each", "只用于 rules、severity；when 只扣一次，请删去")
        if "most" in data and not each:
            raise self._problem(number, "most", "是每处都扣时最多扣几分，要和 each = true 一起写")
        return ScoringItem(
            name=name,
            points=points,
            rules=self._rules(number, data["rules"]) if "rules" in data else frozenset(),
            severity=self._one_of(number, "severity", data.get("severity"), get_args(Severity)),
            when=self._one_of(number, "when", data.get("when"), get_args(When)),
            each=each,
            most=self._points(number, "most", data["most"], points, FULL_LIMIT) if "most" in data else None,
        )

    def _rules(self, number: int, value: Any) -> frozenset[str]:
        """Return the ids of the rules and of the families that are listed."""
        names = "、".join(self._families)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            example = 'rules = ["alike-texts", "内容要求"]'
            raise self._problem(number, "rules", f"应列出规则编号或类别（{names}），如 {example}")
        found = set[str]()
        for rule in value:
            if rule not in self._families and rule not in self._known:
                near = get_close_matches(rule, [*self._families, *self._known], n=1)
                meant = f"（是不是 {near[0]}？）" if near else ""
                shown = one_line(rule)[:NAME_LIMIT]
                advice = f"类别有 {names}，全部编号可用 gknb rules 查看"
                raise self._problem(number, "rules", f"没有「{shown}」这条规则或这一类{meant}，{advice}")
            found.update(self._families.get(rule, (rule,)))
        return frozenset(found)

    def _one_of(self, number: int, key: str, value: Any, allowed: Collection[Any]) -> Any:
        if value is not None and (not isinstance(value, str) or value not in allowed):
            raise self._problem(number, key, f"可以是 {'、'.join(allowed)}，加引号")
        return value

    def _text(self, number: int, key: str, value: Any, limit: int) -> str:
        text = one_line(value) if isinstance(value, str) else ""
        if not text or text != value or len(text) > limit:
            raise self._problem(number, key, f"应为一行文字，加引号，1 至 {limit} 字")
        return text

    def _points(self, number: int, key: str, value: Any, low: Decimal, high: Decimal) -> Decimal:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        points = Decimal(str(value)) if is_number and 0 <= value <= FULL_LIMIT else None
        if points is None or not low <= points <= high or points != round(points, DECIMALS):
            raise self._problem(number, key, f"应为 {low:f} 至 {high:f} 的数，最多 {DECIMALS} 位小数，不加引号")
        return points

    def _refuse_unknown(self, number: int, data: Mapping[str, Any], allowed: Collection[str]) -> None:
        for key in data:
            if key not in allowed:
                near = get_close_matches(key, allowed, n=1)
                meant = f"（是不是 {near[0]}？）" if near else ""
                shown = one_line(key)[:NAME_LIMIT]
                fault = f"不认识{meant}，可以写的有：{'、'.join(allowed)}"
                raise Problem(f"{self._path} {self._line(number, key)}{self._place(number)}{shown} {fault}。")

    def _problem(self, number: int, key: str, fault: str) -> Problem:
        """Return what is wrong at a key of the file, or of its `number`-th deduction."""
        words = f"{self._place(number)}{key} {fault}" if key else f"{self._place(number)}{fault}"
        return Problem(f"{self._path} {self._line(number, key)}{words}。")

    def _place(self, number: int) -> str:
        return f"[[deductions]] 第 {number} 节的 " if number else ""

    def _line(self, number: int, key: str) -> str:
        """Return 第 … 行 of a key, or of the head of its part if the key is not there; empty if neither is found."""
        head, section = 0, 0
        pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        for at, line in enumerate(self._lines, 1):
            if line.strip().startswith("[["):
                section += 1
                head = at if section == number else head
            elif key and section == number and pattern.match(line):
                return f"第 {at} 行："
        return f"第 {head} 行起：" if head else ""
