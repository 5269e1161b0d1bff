"""A simulated January: what stands of every agency is right on every day, and nothing is asked twice."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from command_line import Gknb
from docx import Document
from january import BY_MAIL, DEADLINE, DROPS, NOBODY, Line, Office, Story, january
from kit import write

PROJECT = """
profile = "严格"

[project]
year = 2024
office = "青河县人民政府办公室"
agency = "青河县人民政府"
deadline = 2025-01-20
roster = "名册.csv"
returned = "收回的表"
results = "校验结果"
annotated = "批注"
notices = "退回意见"
reminders = "催报"
reports = "报告"
rollup = "汇总"
"""


def agencies(folder: Path) -> dict[str, dict[str, object]]:
    """What findings.json says of each agency: its return that counts, or the first that does not."""
    found: dict[str, dict[str, object]] = {}
    data = json.loads((folder / "校验结果" / "findings.json").read_text(encoding="utf-8"))
    for one in data["agencies"]:
        if one["agency"] not in found or found[one["agency"]]["state"] == "重复":
            found[one["agency"]] = one
    return found


def line_of(one: dict[str, object]) -> Line:
    state, number, fixed, remaining, new, explained = (
        one[key] for key in ("state", "round", "fixed", "remaining", "new", "explained")
    )
    return state, number, fixed, remaining, new, explained  # type: ignore[return-value]


def outputs(folder: Path) -> dict[str, bytes]:
    """Every output of the day; the memory of the toolkit itself is hidden."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.relative_to(folder).parts[0] != "收回的表"
    }


def letters(folder: Path) -> dict[str, str]:
    """The texts of the letters that are out, by file name."""
    return {
        path.name: "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
        for path in (folder / "退回意见").glob("*.docx")
    }


@pytest.fixture
def office(gknb: Gknb, tmp_path: Path) -> Office:
    write(tmp_path / "gknb.toml", PROJECT.encode())
    (tmp_path / "收回的表").mkdir()
    return Office(tmp_path, gknb)


def write_roster(folder: Path, stories: dict[str, Story]) -> None:
    rows = [f"{agency},{story.former},联系人,0531-1234567" for agency, story in stories.items()]
    write(folder / "名册.csv", "\n".join(["机关全称,曾用名,联系人,联系电话", *rows]).encode("utf-8-sig"))


@pytest.mark.slow
def test_every_day_of_january_is_right(gknb: Gknb, office: Office) -> None:
    """60 agencies, 8 drops: states, rounds, 已改, 未改, 新出现, 已说明, late or not; an explained reminder is not asked
    again; a second run the same day changes no byte."""
    stories, folder = january(), office.folder
    assert len(stories) == 60
    write_roster(folder, stories)
    for drop, when in enumerate(DROPS):
        for agency, story in stories.items():
            if drop in story.steps:
                story.steps[drop][0](office, agency, when)
        ran = gknb("check")
        assert ran.returncode == 1, ran.stderr
        assert_true_lines(folder, stories, drop)
        assert_asked(folder, stories, drop)
        before = outputs(folder)
        assert gknb("check").returncode == 1
        after = outputs(folder)
        assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == set()
    assert_times(folder, stories)


def assert_true_lines(folder: Path, stories: dict[str, Story], drop: int) -> None:
    found = agencies(folder)
    wrong = {
        agency: (line_of(found[agency]), story.line(drop))
        for agency, story in stories.items()
        if line_of(found[agency]) != story.line(drop)
    }
    assert wrong == {}, f"drop {drop}"
    late = {agency for agency, one in found.items() if one["late"] and one["received"]}
    assert late == {agency for agency, story in stories.items() if is_late(story, drop)}


def is_late(story: Story, drop: int) -> bool:
    """Whether what counts on a day came after the deadline."""
    came = [day for day, (_, line) in story.steps.items() if day <= drop and line != NOBODY]
    return bool(came) and DROPS[came[-1]].date() > DEADLINE


def assert_asked(folder: Path, stories: dict[str, Story], drop: int) -> None:
    """Who has to do something has a letter, with nothing in it that is explained; nobody else has one."""
    found = {name.partition("2024年")[0]: text for name, text in letters(folder).items()}
    due = {agency for agency, story in stories.items() if story.line(drop)[0] not in ("通过", "未报", "重复")}
    has_letter = {agency for agency, story in stories.items() if agency in found or story.former in found}
    assert has_letter == due, f"drop {drop}"
    for agency in due:
        text = found.get(agency) or found[stories[agency].former]
        state, _, _, remaining, new, explained = stories[agency].line(drop)
        if state in ("有误", "待说明"):
            asked = sum(line[0].isdigit() and line[1:2] == "．" for line in text.splitlines())
            assert asked == remaining + new, (agency, text)
        if explained:
            assert "请核实或说明" not in text


def assert_times(folder: Path, stories: dict[str, Story]) -> None:
    """What came by mail has the time of the mail, everything else that of its file."""
    for agency, one in agencies(folder).items():
        if one["path"] and str(one["path"]).endswith(".eml/填报表.xlsx"):
            last = max(stories[agency].steps)
            assert (one["received_by"], datetime.fromisoformat(str(one["received"]))) == (BY_MAIL, DROPS[last])
