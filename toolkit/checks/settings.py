"""What an office sets for its own review: which rules, how severe, and the thresholds (gknb.toml).

profile = "严格"                # 平常 or 严格
[rules]
blank = "warning"               # error, warning, info or off
[thresholds]
jump-since-last-year = 5        # times larger or smaller than last year
jump-since-last-year-floor = 30 # smaller figures are not asked about
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from math import isnan
from pathlib import Path
from typing import Any, Literal, get_args

from toolkit.checks.findings import SEVERITY_WORDS, Finding, Rule
from toolkit.checks.registry import LIMITED
from toolkit.checks.unreadable import UNREADABLE
from toolkit.forms.fields import Severity
from toolkit.problems import Problem

ALWAYS = UNREADABLE.id
"""The rule that no office can set: nothing is known of a file that cannot be read."""
Level = Severity | Literal["off"]
ReviewProfile = Literal["平常", "严格"]
"""How strictly an office reviews. 平常: only errors hold a return. 严格: reminders (提醒) hold it, too, until they are
mended or explained."""
PROFILES: tuple[ReviewProfile, ...] = get_args(ReviewProfile)
USUAL, STRICT = PROFILES


@dataclass(frozen=True, slots=True)
class Settings:
    """What an office set. `levels` has the severities that it changed. If `only` is not empty, only these rules are
    run. `source` is the file that says so. `profile` (审核档次) is how strictly reminders are handled."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    thresholds: Mapping[str, Decimal] = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    source: str = ""
    profile: ReviewProfile = USUAL

    @property
    def holds_reminders(self) -> bool:
        """Return True if a return with reminders counts as passed only when they are mended or explained."""
        return self.profile == STRICT

    def threshold(self, rule: Rule, declared_floor: float | None = None, /) -> Decimal:
        """Return the limit that a rule judges by. With a `declared_floor`, return the floor of the rule: the one that
        the office set, else the declared one."""
        if declared_floor is not None:
            return self.thresholds.get(rule.floor_id, Decimal(str(declared_floor)))
        assert rule.threshold is not None, rule.id
        return self.thresholds.get(rule.id, rule.threshold.default)

    def is_used(self, rule: str) -> bool:
        """Return True if a rule is run at all."""
        return self.levels.get(rule) != "off" and rule not in self.skip and (not self.only or rule in self.only)

    def applied(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings of the rules that are used, with the severities that the office set."""
        kept = []
        for found in findings:
            level = self.levels.get(found.rule, found.severity)
            if level != "off" and self.is_used(found.rule):
                kept.append(found if level == found.severity else replace(found, severity=level))
        return tuple(kept)

    def sentences(self) -> tuple[str, ...]:
        """Return what was set, in words. Return nothing if nothing was set."""
        said = [f"{self.source}：规则 {rule} {_level_words(level)}" for rule, level in self.levels.items()]
        said += [f"{self.source}：规则 {rule} 的界限为 {value}" for rule, value in self.thresholds.items()]
        if self.holds_reminders:
            said.append("按“严格”审核：提醒要改正或者说明原因，才算通过")
        if self.only:
            said.append(f"--only：只用规则 {'、'.join(sorted(self.only))}")
        if self.skip:
            said.append(f"--skip：不用规则 {'、'.join(sorted(self.skip))}")
        return tuple(said)


STANDARD = Settings()


def _level_words(level: Level) -> str:
    return "不用" if level == "off" else f"按“{SEVERITY_WORDS[level]}”"


def settings_in(data: Mapping[str, Any], path: Path, known: Collection[str]) -> Settings:
    """Return the settings in the data of a settings file. `path` is its name in messages, `known` has the ids of all
    rules.

    Raise Problem with the key and what is wrong.
    """
    unknown = set(data) - {"project", "rules", "thresholds", "profile"}
    if unknown:
        raise Problem(
            f"{path}：不认识 {'、'.join(sorted(unknown))}，只能有 profile、[project]、[rules] 和 [thresholds]。"
        )
    profile = profile_of(data.get("profile", USUAL), f"{path} 里的 profile")
    levels = {key: _level(path, key, value, known) for key, value in _table(path, data, "rules").items()}
    limits = {key: _limit(path, key, value) for key, value in _table(path, data, "thresholds").items()}
    return Settings(levels, limits, source=path.name, profile=profile)


def profile_of(value: Any, where: str) -> ReviewProfile:
    """Return the profile that a value names. Raise Problem, which says `where` it stands."""
    for profile in PROFILES:
        if value == profile:
            return profile
    raise Problem(f"{where} 应为 {' 或 '.join(PROFILES)}。")


def _table(path: Path, data: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise Problem(f"{path}：{name} 应写成 [{name}] 一节。")
    return table


def _level(path: Path, key: str, value: Any, known: Collection[str]) -> Level:
    if key not in known:
        raise Problem(f"{path}：[rules] 里的 {key} 不是规则编号{_meant(key, known)}。全部编号可用 gknb rules 查看。")
    if key == ALWAYS:
        raise Problem(f"{path}：[rules] 里的 {key} 不能调整，读不出来的文件总要说明。请删去这一行。")
    if value not in (*get_args(Severity), "off"):
        raise Problem(f"{path}：[rules] 里 {key} 应为 error、warning、info 或 off。")
    level: Level = value
    return level


def _limit(path: Path, key: str, value: Any) -> Decimal:
    threshold = LIMITED.get(key)
    if threshold is None:
        names = "、".join(LIMITED)
        raise Problem(f"{path}：[thresholds] 里的 {key} 没有界限可设，可设的有 {names}。")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or isnan(value) or not threshold.low <= value <= threshold.high:
        raise Problem(
            f"{path}：[thresholds] 里 {key} 应为 {threshold.low} 至 {threshold.high} 的数（{threshold.meaning}）。"
        )
    return Decimal(str(value))


def _meant(rule: str, known: Collection[str]) -> str:
    """Return the id that was probably meant, in words."""
    near = get_close_matches(rule, known, n=1)
    return f"（是不是 {near[0]}？）" if near else ""


def chosen(settings: Settings, only: Iterable[str], skip: Iterable[str], known: Collection[str]) -> Settings:
    """Return the settings with the rules that a call names with --only and --skip.

    Raise Problem for an id that no rule has, and for a rule that cannot be left out.
    """
    named_only, named_skip = list(only), list(skip)
    only, skip = (
        [rule for item in given for rule in re.split(r"[\s,，、]+", item) if rule] for given in (named_only, named_skip)
    )
    if any(given and not rules for given, rules in ((named_only, only), (named_skip, skip))):
        raise Problem("--only 和 --skip 后面要有规则编号，如 --only blank。全部编号可用 gknb rules 查看。")
    unknown = [f"{rule}{_meant(rule, known)}" for rule in (*only, *skip) if rule not in known]
    if unknown:
        raise Problem(f"没有规则 {'、'.join(unknown)}。全部编号可用 gknb rules 查看。")
    if ALWAYS in skip:
        raise Problem(f"{ALWAYS} 不能用 --skip 去掉，读不出来的文件总要说明。")
    return replace(settings, only=frozenset(only), skip=frozenset(skip))
