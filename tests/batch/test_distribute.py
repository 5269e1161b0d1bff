"""Distribution: every agency of the roster gets its template once, and what somebody has worked in is left alone."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from command_line import Gknb, assert_refused
from distributions import ISSUE, ONE, THREE, TWO, done, issue, work_in
from hypothesis import given
from hypothesis import strategies as st
from kit import read, report, write
from openpyxl import load_workbook
from rosters import CODES, write_csv

from toolkit.batch.distribution import (
    LIST_NAME,
    Issue,
    distribute,
    file_names,
    read_list,
    unlisted_files,
)
from toolkit.batch.pool_settings import PoolSettings
from toolkit.batch.roster import RosterEntry
from toolkit.forms.loader import form_for_year
from toolkit.problems import Problem
from toolkit.submission.json_csv import to_data

FORM = form_for_year(2024)
NEW = RosterEntry("新局", 9)


@pytest.mark.slow
def test_what_goes_out_comes_back(gknb: Gknb, tmp_path: Path) -> None:
    rows = [["机关全称", "代码", "联系人", "分组"], ["甲/局", CODES[0], "=1+1", "一组"], ["甲:局", "", "", ""]]
    ran = gknb("distribute", write_csv(tmp_path / "名册.csv", rows), "--year", 2024, "-o", "发放")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "共 2 个机关：写出 2。" in ran.stderr
    folder = tmp_path / "发放"
    assert sorted(path.name for path in folder.iterdir()) == ["1-甲_局.xlsx", "2-甲_局.xlsx", LIST_NAME]
    first, second = read_list(folder / LIST_NAME)
    for line, agency, code in ((first, "甲/局", CODES[0]), (second, "甲:局", None)):
        assert line.digest == sha256((folder / line.file).read_bytes()).hexdigest()
        returned = read(folder / line.file)
        assert (returned.agency, returned.year, returned.info.get("code")) == (agency, 2024, code)
        assert (returned.issued, returned.form.id) == (line.id, FORM.id)
        assert returned.irregularities == ()
    sheet = load_workbook(folder / LIST_NAME).active
    assert [cell.value for cell in sheet[4]][:5] == [1, "甲/局", CODES[0], "一组", "=1+1"]
    assert sheet["E4"].data_type == "s"
    ran = gknb("check", "发放", "--roster", "名册.csv")
    assert "已收 0/2，通过 0，未报 2。" in ran.stdout


def test_again_nothing_is_written(tmp_path: Path) -> None:
    assert done(issue(tmp_path, ONE, TWO)) == [("written", "1-甲局.xlsx"), ("written", "2-乙局.xlsx")]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {item.done for item in issue(tmp_path, ONE, TWO)} == {"same"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.slow
def test_again_what_is_missing_or_changed_is_written(tmp_path: Path) -> None:
    issue(tmp_path, ONE, TWO)
    (tmp_path / "2-乙局.xlsx").unlink()
    assert [item.done for item in issue(tmp_path, ONE, TWO)] == ["same", "written"]
    assert [item.done for item in issue(tmp_path, ONE, TWO, work=replace(ISSUE, password="x"))] == ["written"] * 2
    (tmp_path / LIST_NAME).unlink()
    assert [item.done for item in issue(tmp_path, ONE, TWO, work=replace(ISSUE, password="x"))] == ["same"] * 2
    changed = replace(TWO, contact="李某")
    issue(tmp_path, ONE, changed, work=replace(ISSUE, password="x"))
    assert load_workbook(tmp_path / LIST_NAME).active["E5"].value == "李某"


def test_agencies_move_with_their_files(tmp_path: Path) -> None:
    issue(tmp_path, ONE, TWO, THREE)
    stamp = (tmp_path / "2-乙局.xlsx").stat().st_mtime_ns
    assert done(issue(tmp_path, ONE, NEW, TWO, THREE)) == [
        ("same", "1-甲局.xlsx"),
        ("written", "2-新局.xlsx"),
        ("moved", "3-乙局.xlsx"),
        ("moved", "4-丙局.xlsx"),
    ]
    assert (tmp_path / "3-乙局.xlsx").stat().st_mtime_ns == stamp
    gone = issue(tmp_path, THREE, ONE)
    assert done(gone) == [("moved", "1-丙局.xlsx"), ("moved", "2-甲局.xlsx")]
    assert unlisted_files(tmp_path, gone) == ["2-新局.xlsx", "3-乙局.xlsx"]


def test_names_that_become_one_on_windows_change_places(tmp_path: Path) -> None:
    slash, colon = RosterEntry("甲/局", 2), RosterEntry("甲:局", 3)
    issue(tmp_path, slash, colon)
    assert done(issue(tmp_path, colon, slash))[0][1] == "1-甲_局.xlsx"
    assert read(tmp_path / "1-甲_局.xlsx").agency == "甲:局"
    assert read(tmp_path / "2-甲_局.xlsx").agency == "甲/局"


@pytest.mark.slow
def test_what_somebody_has_worked_in_stays(tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    issue(folder, ONE, TWO)
    went_out = read_list(folder / LIST_NAME)[1].digest
    theirs = work_in(folder / "2-乙局.xlsx")
    again = issue(folder, ONE, TWO)
    assert done(again)[1] == ("filled", "2-乙局.xlsx")
    reordered = issue(folder, NEW, THREE, TWO, ONE)
    assert done(reordered)[2] == ("filled", "2-乙局.xlsx"), "no second, empty file beside theirs"
    assert not (folder / "3-乙局.xlsx").exists()
    other = issue(folder, ONE, TWO, work=replace(ISSUE, password="x"))
    assert [item.done for item in other] == ["written", "altered"]
    renamed = replace(TWO, name="丁局", former=("乙局",))
    assert done(issue(folder, ONE, renamed))[1] == ("altered", "2-乙局.xlsx")
    assert (folder / "2-乙局.xlsx").read_bytes() == theirs
    assert read_list(folder / LIST_NAME)[1].digest == went_out, "the list tells what went out"
    assert done(issue(folder, ONE, renamed, force=True))[1] == ("written", "2-丁局.xlsx")
    assert not (folder / "2-乙局.xlsx").exists()


def test_without_its_list_no_file_is_taken_for_untouched(tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    issue(folder, ONE, TWO)
    (folder / LIST_NAME).unlink()
    theirs = work_in(folder / "1-甲局.xlsx")
    assert [item.done for item in issue(folder, ONE, TWO)] == ["altered", "same"]
    assert [item.done for item in issue(folder, ONE, TWO)] == ["altered", "same"]
    assert (folder / "1-甲局.xlsx").read_bytes() == theirs


@pytest.mark.parametrize("after", [replace(THREE, code=CODES[2]), replace(THREE, name="戊局", former=("丙局",))])
def test_an_agency_that_is_given_a_code_or_another_name_is_known(tmp_path: Path, after: RosterEntry) -> None:
    issue(tmp_path, THREE, TWO)
    assert done(issue(tmp_path, after, TWO))[0] == ("written", f"1-{after.name}.xlsx")
    assert unlisted_files(tmp_path, issue(tmp_path, after, TWO)) == []
    assert read(tmp_path / f"1-{after.name}.xlsx").issued == after.id


def test_a_reformed_agency_and_its_successor_of_the_same_name(tmp_path: Path) -> None:
    """甲局 becomes 甲二局 and keeps its code; a new 甲局 stands in its place."""
    folder = tmp_path / "foreign"
    issue(folder, ONE, TWO)
    theirs = work_in(folder / "1-甲局.xlsx")
    issued = issue(folder, RosterEntry("甲局", 2), replace(ONE, name="甲二局"), TWO)
    assert done(issued)[:2] == [("written", "1-甲局（2）.xlsx"), ("altered", "1-甲局.xlsx")]
    assert (folder / "1-甲局.xlsx").read_bytes() == theirs


class _Broken(Issue):
    def __call__(self, entry: RosterEntry):
        if entry.name == "乙局":
            raise ValueError
        return super().__call__(entry)


@pytest.mark.slow
def test_one_that_cannot_be_made_does_not_stop_the_others(tmp_path: Path) -> None:
    issue(tmp_path, ONE, TWO, THREE)
    broken = _Broken(FORM.id, 2024)
    issued = issue(tmp_path, ONE, TWO, THREE, work=broken)
    assert [item.done for item in issued] == ["same", "lost", "same"]
    assert "内容超出了预料" in issued[1].reason
    assert [line.name for line in read_list(tmp_path / LIST_NAME)] == ["甲局", "乙局", "丙局"], "it went out before"
    issued = issue(tmp_path / "neu", ONE, TWO, work=broken)
    assert [line.name for line in read_list(tmp_path / "neu" / LIST_NAME)] == ["甲局"]


@pytest.mark.slow
def test_last_years_figures_are_in_under_a_former_name_too(gknb: Gknb, tmp_path: Path) -> None:
    last = to_data(report("suqian-2023"))
    both = [last, {**last, "agency": "老局"}, {**last, "agency": "两份局"}, {**last, "agency": "两份局", "values": {}}]
    absurd = {
        **last,
        "agency": "荒唐局",
        "values": {"requests.received.natural": 9 * 10**27, "requests.received.legal": 9 * 10**27},
    }
    write(tmp_path / "上年" / "一.json", json.dumps(absurd).encode())
    write(tmp_path / "上年" / "二.json", json.dumps(both).encode())
    names = [["宿迁市人民政府", ""], ["新局", "老局"], ["没有局", ""], ["两份局", ""]]
    roster = write_csv(tmp_path / "名册.csv", [["机关", "曾用名"], *names])
    assert gknb("distribute", roster, "--year", 2024, "-o", "发放").returncode == 0
    ran = gknb("distribute", roster, "--year", 2024, "--prior", "上年", "-o", "发放")
    assert ran.returncode == 1, "one of last year's reports could not be used, and is named"
    assert "【无法读取】上年/一.json：" in ran.stderr
    assert "写出 2，未变 2" in ran.stderr
    assert "有 2 个机关的上年结转没有预填" in ran.stderr
    assert "没有 没有局 2023 年的报告。" in ran.stderr
    assert "两份局 2023 年的报告有几份而且内容不同。" in ran.stderr
    lines = read_list(tmp_path / "发放" / LIST_NAME)
    assert [line.has_prior for line in lines] == [True, True, False, False]
    carried = last["values"]["requests.carried_out.natural"]
    for line in lines:
        values = read(tmp_path / "发放" / line.file).values
        assert values["requests.carried_in.natural"] == (carried if line.has_prior else None)


def test_the_folder_of_another_year_is_refused(gknb: Gknb, tmp_path: Path) -> None:
    roster = write_csv(tmp_path / "名册.csv", [["机关"], ["甲局"]])
    gknb("distribute", roster, "--year", 2024, "-o", "发放")
    assert_refused(
        gknb("distribute", roster, "--year", 2025, "-o", "发放"), 2, "2024 年度", "2025 年度", "另给一个文件夹"
    )
    assert read(tmp_path / "发放" / "1-甲局.xlsx").year == 2024


def test_the_list_may_be_sorted_and_added_to_but_must_be_a_list(tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    issue(folder, ONE, TWO)
    made = load_workbook(folder / LIST_NAME)
    made.active.insert_cols(2)
    made.active.insert_rows(2)
    made.active["B4"] = "签收"
    made.save(folder / LIST_NAME)
    assert [item.done for item in issue(folder, TWO, ONE)] == ["moved", "moved"]
    (folder / LIST_NAME).write_bytes(b"junk")
    with pytest.raises(Problem, match="不是本工具写出的发放清单"):
        issue(folder, ONE, TWO)


def test_a_list_that_names_files_elsewhere_is_not_believed(tmp_path: Path) -> None:
    outside = write(tmp_path / "foreign" / "甲.txt", b"x")
    folder = tmp_path / "foreign" / "发放"
    issue(folder, ONE, TWO)
    made = load_workbook(folder / LIST_NAME)
    made.active["H4"], made.active["K4"] = "../甲.txt", sha256(b"x").hexdigest()
    made.save(folder / LIST_NAME)
    issue(folder, ONE, TWO)
    assert outside.read_bytes() == b"x"


def test_the_list_is_tried_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a workbook that is open in Excel can be read and not be written."""
    issue(tmp_path, ONE)

    opened = Path.open

    def open_elsewhere(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if mode == "r+b":
            raise PermissionError
        return opened(path, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", open_elsewhere)
    with pytest.raises(Problem, match=r"写不进 .*发放清单\.xlsx：.*正在 Excel"):
        next(distribute([ONE, TWO], ISSUE, tmp_path, PoolSettings(1)))
    assert not (tmp_path / "2-乙局.xlsx").exists()


NAMES = st.text(min_size=1, max_size=100) | st.sampled_from(
    ("CON", "../../甲", "甲/局", "甲:局", "甲.", " 甲", "a", "A")
)


@given(st.lists(NAMES, max_size=30))
def test_file_names_are_legal_unique_sorted_and_inside_the_folder(names: list[str]) -> None:
    made = file_names([RosterEntry(name, 0) for name in names])
    assert len({name.casefold() for name in made}) == len(names)
    assert sorted(made) == made
    for name in made:
        assert Path(name).name == name
        assert not set(name) & set('<>:"/\\|?*')
        assert name.isprintable()
        assert len(name.encode()) <= 255
        assert not name.removesuffix(".xlsx").endswith((" ", "."))
        assert name.partition("-")[0].isdigit()


def test_a_roster_of_thousands_keeps_its_order() -> None:
    made = file_names([RosterEntry("长" * 100, n) for n in range(5000)])
    assert made == sorted(made)
    assert made[0].startswith("0001-")


def test_a_broken_off_run_is_taken_up(tmp_path: Path) -> None:
    for item in distribute([ONE, TWO, THREE], ISSUE, tmp_path, PoolSettings(1)):
        if item.entry == TWO:
            break
    assert [item.done for item in issue(tmp_path, ONE, TWO, THREE)] == ["same", "same", "written"]
