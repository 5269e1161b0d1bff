"""The rule on agencies that reported more than once for a year."""

from collections.abc import Sequence
from pathlib import PurePath

from toolkit.checks.findings import Finding, Rule, finding

DUPLICATE = Rule(
    "duplicate-return",
    "重复报送",
    "warning",
    "一个机关一年只报送一份。",
    "几份不知以哪份为准，汇总时会重复计算。",
    "{agency} {year} 年的报送有 {count} 份：{names}{more}。{which}只留一份。",
    {
        "agency": "甲局",
        "year": "2024",
        "count": "2",
        "names": "a.xlsx、b.xlsx",
        "more": "",
        "which": "请确认以哪份为准，",
    },
    "batch",
)


def duplicate_finding(
    agency: str, year: int, paths: Sequence[str], count: int, counted: tuple[str, Sequence[str]] | None = None
) -> Finding:
    """Return the finding on each of the `count` files of one agency and year; `paths` has the first of them.

    `counted` has the reason why one of them counts, and which one. If the reason is empty, none counts: the files named
    there cannot be told apart. `counted` is None if nobody decides which one counts.
    """
    which = "请确认以哪份为准，"
    if counted:
        why, names = counted
        named = "、".join(_short_names([*names, *paths])[: len(names)])
        which = f"按{why} {named} 计，" if why else f"{named} 的改动时间相同，分不出先后，都没有计入，请"
    return finding(
        DUPLICATE,
        agency=agency,
        year=str(year),
        count=str(count),
        names="、".join(_short_names(paths)),
        more=f" 等 {count} 份" if count > len(paths) else "",
        which=which,
    )


def _short_names(paths: Sequence[str]) -> list[str]:
    """Return the names of files without their folders, if the names are all different. Messages may go to the agency,
    which does not know the folders."""
    names = [PurePath(path).name for path in paths]
    return names if len(set(names)) == len(set(paths)) else list(paths)
