"""Of two returns of the same time neither counts, as far as times tell."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from command_line import Gknb
from kit import write
from returns import archive, checked, roster_of, sheet, statuses


def standing(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(line["agency"], line["state"], Path(line["path"]).name) for line in data["agencies"]]


def at(path: Path, seconds: float) -> Path:
    os.utime(path, (seconds, seconds))
    return path


@pytest.mark.slow
def test_of_two_returns_of_the_same_time_neither_counts(gknb: Gknb, tmp_path: Path) -> None:
    """It is said that it cannot be told, for the check as for the sum."""
    roster = roster_of(tmp_path, "甲局", "乙局")
    for number, name in enumerate(("一.xlsx", "二.xlsx", "旧.xlsx")):
        at(write(tmp_path / "foreign" / name, sheet("甲局", number)), 1_700_000_000 - 1000 * (name == "旧.xlsx"))
    write(tmp_path / "foreign" / "乙.xlsx", sheet("乙局"))
    ran = gknb("check", "foreign", "--roster", roster, "--json")
    data = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert {status for path, status in statuses(data).items()} == {"passed"}
    assert sorted(standing(data)) == sorted(
        [("甲局", "重复", name) for name in ("一.xlsx", "二.xlsx", "旧.xlsx")] + [("乙局", "通过", "乙.xlsx")]
    )
    notes = {line["note"] for line in data["agencies"] if line["agency"] == "甲局"}
    assert notes == {"foreign/一.xlsx、foreign/二.xlsx 的改动时间相同，分不出先后，都没有计入。请只留一份，再校验"}
    messages = [
        found["message"] for file in data["files"] for found in file["findings"] if found["rule"] == "duplicate-return"
    ]
    assert len(messages) == 3
    assert all("一.xlsx、二.xlsx 的改动时间相同，分不出先后，都没有计入" in message for message in messages)
    assert not any("最近改动" in message for message in messages)
    words = gknb("check", "foreign", "--roster", roster).stdout
    assert "分不出先后，都没有计入：甲局。请各只留一份" in words
    summed = gknb("rollup", "foreign", "--roster", roster, "--agency", "某县", "-o", "汇总", "--allow-failed")
    assert summed.returncode == 1
    assert "分不出先后" in summed.stderr
    at(tmp_path / "foreign" / "二.xlsx", 1_700_000_001)
    assert ("甲局", "通过", "二.xlsx") in standing(checked(gknb, "foreign", "--roster", roster))


@pytest.mark.slow
@pytest.mark.parametrize(("apart", "is_tie"), [(0, True), (1.5, True), (-1.5, True), (2, False), (-3, False)])
def test_times_in_archives_are_no_finer_than_two_seconds(
    gknb: Gknb, tmp_path: Path, apart: float, is_tie: bool
) -> None:
    from datetime import datetime

    roster = roster_of(tmp_path, "甲局")
    when = (2025, 1, 10, 8, 0, 0)
    archive(tmp_path / "foreign" / "包.zip", {"一.xlsx": sheet("甲局", 1)}, when)
    at(write(tmp_path / "foreign" / "二.xlsx", sheet("甲局", 2)), datetime(*when).timestamp() + apart)
    data = checked(gknb, "foreign", "--roster", roster)
    states = {name: state for _, state, name in standing(data)}
    newer = "二.xlsx" if apart > 0 else "一.xlsx"
    assert states == (
        {"一.xlsx": "重复", "二.xlsx": "重复"} if is_tie else {"一.xlsx": "重复", "二.xlsx": "重复", newer: "通过"}
    )


@pytest.mark.slow
def test_a_copy_is_no_rival(gknb: Gknb, tmp_path: Path) -> None:
    roster = roster_of(tmp_path, "甲局")
    for name in ("一.xlsx", "二.xlsx"):
        at(write(tmp_path / "foreign" / name, sheet("甲局")), 1_700_000_000)
    ran = gknb("check", "foreign", "--roster", roster, "--json")
    assert ran.returncode == 0
    assert sorted(state for _, state, _ in standing(json.loads(ran.stdout))) == ["通过", "重复"]
