"""`gknb remind`: a letter to each agency that has not returned or must still correct, and one list to call them by. The
folder belongs to the command; what others put there or changed is never touched."""

import json
import os
import random
import shutil
import time
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from batches import FAULTS, workbook
from command_line import Gknb, Loaded, assert_refused, run_anew
from docx import Document
from kit import write
from office import recalculate
from openpyxl import load_workbook
from returns import sheet
from rosters import write_csv
from validator import assert_valid

from toolkit.batch.deadline import deadline_in
from toolkit.batch.letters.reminder_folder import LIST_NAME, TEXTS_NAME, ReminderBatch, send_reminders, write_lists
from toolkit.batch.letters.reminders import due_agencies, is_own_text
from toolkit.batch.pool_settings import PoolSettings
from toolkit.batch.results.reader import AgencyLine, Results, read_results
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.forms.loader import form_for_year
from toolkit.problems import Problem
from toolkit.workbook.template import build_template

PROJECT = """
[project]
year = 2024
office = "青河县人民政府办公室"
deadline = 2025-01-20
roster = "名册.csv"
returned = "收回的表"
results = "校验结果"
"""
GOOD, BAD, BROKEN, NONE, BLANK = "青河县教育局", "青河县水利局", "青河县财政局", "青河县统计局", "青河县气象局"
CONTACTS = {
    GOOD: ("王某", "0532-80000001", "部门"),
    BAD: ('=HYPERLINK("http://x.cn","点我")', "0532-80000002", "部门"),
    BROKEN: ("赵\n某", "+86 532 80000003", "=1+1"),
    NONE: ("钱某", "013800000000", "乡镇"),
    BLANK: ("", "", ""),
}
TITLE = "2024年政府信息公开工作年度报告"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory, loaded: Loaded | None) -> Path:
    """A project after a check: one agency of each state."""
    project = tmp_path_factory.mktemp("project")
    write(project / "gknb.toml", PROJECT.encode())
    rows = [["机关全称", "联系人", "联系电话", "分组"], *([name, *known] for name, known in CONTACTS.items())]
    write_csv(project / "名册.csv", rows)
    folder = project / "收回的表"
    write(folder / f"{GOOD}.xlsx", sheet(GOOD))
    write(folder / f"{BAD}.xlsx", workbook(BAD, random.Random(2), FAULTS[3])[0])
    write(folder / f"坏{BROKEN}.xlsx", sheet(BROKEN)[:4000])
    write(folder / f"{BLANK}.xlsx", build_template(form_for_year(2024), 2024, BLANK))
    ran = loaded.run(project, ["check"]) if loaded else run_anew(project, ["check"], {})
    assert ran.returncode == 1, ran.stderr
    return project


@pytest.fixture
def office(checked: Path, tmp_path: Path) -> Path:
    """A copy of the project; its results are newer than what was returned."""
    shutil.copytree(checked, tmp_path, dirs_exist_ok=True)
    shutil.copyfile(checked / "校验结果" / "findings.json", tmp_path / "校验结果" / "findings.json")
    return tmp_path


def files(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def letter(name: str) -> str:
    return f"{name}2024年催报函.docx"


def text_of(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def rows_of(path: Path) -> list[list[object]]:
    return [list(row) for row in load_workbook(path).active.iter_rows(min_row=4, values_only=True)]


@pytest.mark.validator
@pytest.mark.libreoffice
def test_a_project_needs_no_option_and_each_agency_that_is_out_gets_its_letter(gknb: Gknb, office: Path) -> None:
    ran = gknb("remind")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "名册 5 个机关，要催的 4 个：未报 2，无法读取 1，有误 1。\n"
    folder = office / "催报"
    assert set(files(folder)) == {*map(letter, (BAD, BROKEN, NONE, BLANK)), LIST_NAME, TEXTS_NAME}
    days = (date.today() - date(2025, 1, 20)).days
    limit = f"报送期限为2025年1月20日，已超过 {days} 天。"
    for name, words in {
        NONE: f"尚未收到你单位的《{TITLE}》填报表。",
        BLANK: f"交来的“{BLANK}.xlsx”是没有填过的空白表，不算报送。",
        BROKEN: f"交来的“坏{BROKEN}.xlsx”无法读取（不是完整的 Excel 工作簿，",
        BAD: f"报送的《{TITLE}》填报表，经审核有 1 处必须修改。",
    }.items():
        text = text_of(folder / letter(name))
        assert f"\n{name}：\n" in text
        assert words in text
        assert limit in text
        assert text.splitlines()[-2] == "青河县人民政府办公室"
        assert_valid(folder / letter(name))
    assert_valid(folder / LIST_NAME)
    rows = rows_of(folder / LIST_NAME)
    came = f"{date.today().month}月{date.today().day}日"
    assert [row[1:8] for row in rows] == [
        [NONE, "乡镇", "未报", "", days, "钱某", "013800000000"],
        [BLANK, "", "未报", came, days, "", ""],
        [BAD, "部门", "有误", came, days, CONTACTS[BAD][0], "0532-80000002"],
        [BROKEN, "=1+1", "无法读取", came, days, "赵 某", "+86 532 80000003"],
    ]
    opened = load_workbook(folder / LIST_NAME).active
    assert {opened.cell(row, column).data_type for row in range(4, 8) for column in (2, 3, 7, 8, 9)} <= {"s", "n"}
    assert (opened.page_setup.orientation, opened.page_setup.paperSize) == ("landscape", 9)
    (saved,) = recalculate([folder / LIST_NAME], office / "foreign")
    assert [row[6:8] for row in rows_of(saved)][2] == list(CONTACTS[BAD][:2]), "no formula in LibreOffice either"


def test_the_texts_can_be_pasted_from_notepad(gknb: Gknb, office: Path) -> None:
    gknb("remind")
    content = (office / "催报" / TEXTS_NAME).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert is_own_text(content)
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    assert f"还没有收到（2 个）：{NONE}、{BLANK}。" in text
    one, three = text.partition(f"【1】{NONE}　钱某　013800000000\n一句：\n")[2].split("\n三句：\n")[:2]
    assert one.startswith(f"{NONE}：{TITLE}填报表还没有收到，期限2025年1月20日，已过")
    assert three.split("\n\n")[0].count("\n") == 2
    rows = rows_of(office / "催报" / LIST_NAME)
    assert rows[0][8] == one
    assert rows[0][9] == three.split("\n\n")[0]


def test_a_second_run_the_same_day_changes_no_byte(gknb: Gknb, office: Path) -> None:
    gknb("remind")
    before = files(office / "催报")
    again = gknb("remind")
    assert "催报函（催报）：未变 4。" in again.stderr
    assert files(office / "催报") == before


def test_who_has_returned_meanwhile_gets_no_letter_any_more(gknb: Gknb, office: Path) -> None:
    gknb("remind")
    before = files(office / "催报")
    write(office / "收回的表" / f"{NONE}.xlsx", sheet(NONE, 5))
    old = gknb("remind")
    assert_refused(old, 2, f"{NONE}.xlsx", "比校验结果", "新", "请先运行 gknb check")
    assert files(office / "催报") == before
    gknb("check")
    ran = gknb("remind")
    assert ran.returncode == 0, ran.stderr
    assert "更新" not in ran.stderr.partition("催报函")[2].partition("\n")[0]
    after = files(office / "催报")
    assert set(before) - set(after) == {letter(NONE)}
    assert after[f"已解决/{letter(NONE)}"] == before[letter(NONE)]
    assert after[letter(BAD)] == before[letter(BAD)]
    assert NONE not in (office / "催报" / TEXTS_NAME).read_text(encoding="utf-8")


def test_when_all_is_in_nothing_is_left_to_be_sent(gknb: Gknb, office: Path) -> None:
    gknb("remind")
    for number, name in enumerate((BAD, BROKEN, NONE, BLANK)):
        (office / "收回的表" / f"坏{name}.xlsx").unlink(missing_ok=True)
        write(office / "收回的表" / f"{name}.xlsx", sheet(name, number + 10))
    assert gknb("check").returncode == 0
    ran = gknb("remind")
    assert (ran.returncode, ran.stdout) == (0, "名册 5 个机关：没有要催的。\n")
    assert {Path(name).parent.name for name in files(office / "催报")} == {"已解决"}
    assert len(files(office / "催报")) == 6
    assert gknb("remind").returncode == 0


def test_what_others_put_there_or_changed_is_never_touched(gknb: Gknb, office: Path) -> None:
    folder = office / "催报"
    theirs = {
        letter(NONE): write(folder / letter(NONE), "别人的".encode()).read_bytes(),
        TEXTS_NAME: write(folder / TEXTS_NAME, "我自己记的".encode()).read_bytes(),
        LIST_NAME: write(folder / LIST_NAME, "我的表".encode()).read_bytes(),
    }
    ran = gknb("remind")
    assert ran.returncode == 0, ran.stderr
    for name, content in theirs.items():
        assert (folder / name).read_bytes() == content
        assert f"{Path(name).stem}（2）" in "".join(files(folder))
        assert f"注意：催报/{name} 不是本工具写的" in ran.stderr
        (folder / name).unlink()
    document = Document(str(folder / letter(BAD)))
    document.add_paragraph("已电话，答应周五交")
    document.save(str(folder / letter(BAD)))
    edited = (folder / letter(BAD)).read_bytes()
    before = files(folder)
    assert "写出后有人改动，没有动" in gknb("remind").stderr
    assert files(folder) == before
    write(office / "收回的表" / f"{BAD}.xlsx", sheet(BAD, 7))
    gknb("check")
    assert "不再需要，但写出后有人改动" in gknb("remind").stderr
    assert (folder / letter(BAD)).read_bytes() == edited


def test_it_works_without_a_project_and_says_what_is_missing(gknb: Gknb, office: Path) -> None:
    (office / "gknb.toml").unlink()
    call = ("remind", "-o", "别处", "--roster", "名册.csv", "--results", "校验结果")
    assert gknb("remind").returncode == 2
    ran = gknb(*call)
    assert ran.returncode == 0, ran.stderr
    assert "期限" not in text_of(office / "别处" / letter(NONE))
    assert "＿＿＿＿＿＿" in text_of(office / "别处" / letter(NONE))
    assert gknb(*call, "--deadline", "1月20日", "--office", "县府办").returncode == 0
    assert "报送期限为2025年1月20日，已超过" in text_of(office / "别处" / letter(NONE))
    assert_refused(gknb(*call, "--deadline", "下周五"), 2, "期限“下周五”看不出是哪一天")
    assert_refused(gknb(*call, "--year", 2023), 2, "是 2024 年度的校验结果，不是 2023 年度的")
    assert_refused(gknb(*call[:-1], "没有"), 2, "没有 里没有校验结果", "请先运行 gknb check")
    with (office / "名册.csv").open("a", encoding="utf-8") as roster:
        roster.write("新设的局,,,\n")
    assert_refused(gknb(*call), 2, "名册上的新设的局不在校验结果里", "请先运行 gknb check")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "不完整或被改动过"),
        (b"{" * 100_000, "不完整或被改动过"),
        (b"[" * 100_000, "不完整或被改动过"),
        (b"\xff\xfe{}", "不完整或被改动过"),
        (b'{"files": [], "agencies": [{"agency": 5, "state": "\xe6\x9c\xaa\xe6\x8a\xa5"}]}', "不完整或被改动过"),
        ('{"files": [], "agencies": [{"agency": "甲", "state": "别的"}]}'.encode(), "不完整或被改动过"),
        (b'{"files": []}', "没有名册的校验结果"),
        (
            '{"files": [], "agencies": [], "settings": ["没有做完：只有已完成的文件，可用 --resume 接着做"]}'.encode(),
            "没有做完",
        ),
    ],
)
def test_results_that_cannot_be_relied_on_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    write(tmp_path / "findings.json", content)
    with pytest.raises(Problem, match=words):
        read_results(tmp_path)


def test_the_reader_takes_what_is_there_and_does_without_what_is_not(tmp_path: Path) -> None:
    agencies = [
        {"agency": "甲局", "state": "有误", "path": "收/甲.xlsx", "received": "2025-01-22T09:30:00", "late": True}
        | {"round": 2, "fixed": 1, "remaining": 1, "new": 1, "explained": 1, "note": "", "group": "一", "more": {}},
        {"agency": "乙局", "state": "未报"},
        {"agency": "丙局", "state": "待说明", "path": None, "received": None, "round": None, "late": None},
        {"agency": "丁局", "state": "重复", "path": "收/丁.xlsx", "received": "昨天"},
    ]
    findings = [
        {"severity": "error", "fingerprint": "a", "because": None},
        {"severity": "error", "because": "a"},
        {"severity": "warning", "explained": True},
        {"severity": "warning"},
        {"severity": "info"},
    ]
    files = [{"path": "收/甲.xlsx", "status": "failed", "findings": findings}]
    data = {"year": 2024, "agencies": agencies, "files": files}
    write(tmp_path / "findings.json", json.dumps(data).encode())
    results = read_results(tmp_path, 2024)
    first, second, third, _ = results.lines
    assert (first.received, first.is_late, first.round) == (datetime(2025, 1, 22, 9, 30), True, 2)
    assert (first.to_mend, first.to_explain, first.remaining) == (1, 1, 1), "what follows from another is one with it"
    assert (second.path, second.received, second.is_late) == ("", None, False)
    assert (third.path, third.round) == ("", 0)
    assert results.undecided() == ["丁局"]


def test_a_return_that_was_copied_in_with_its_old_time_is_newer_too(tmp_path: Path) -> None:
    write(tmp_path / "结果" / "findings.json", b'{"files": [], "agencies": []}')
    write(tmp_path / "收" / "~$甲.xlsx", b"")
    time.sleep(0.05)
    write(tmp_path / "收" / "~$乙.xlsx", b"")
    assert read_results(tmp_path / "结果", returned=[tmp_path / "收"]).lines == ()
    os.utime(write(tmp_path / "收" / "甲.jpg", b""), (1_700_000_000, 1_700_000_000))
    with pytest.raises(Problem, match=r"甲\.jpg 比校验结果"):
        read_results(tmp_path / "结果", returned=[tmp_path / "收"])
    assert read_results(tmp_path / "结果", returned=[tmp_path]).lines == (), "the results stand among the returns"


def test_a_time_that_is_still_to_come_does_not_make_results_old(tmp_path: Path) -> None:
    late = write(tmp_path / "收" / "坏甲.xlsx", b"")
    os.utime(late, (4_000_000_000, 4_000_000_000))
    time.sleep(0.05)
    write(tmp_path / "结果" / "findings.json", b'{"files": [], "agencies": []}')
    assert read_results(tmp_path / "结果", returned=[tmp_path / "收"]).lines == ()


DEADLINE = date(2025, 1, 20)
ENTRIES = tuple(RosterEntry(f"{name}局", row, phone="0532-1") for row, name in enumerate("甲乙丙丁戊己", 2))


def results_of(**lines: AgencyLine) -> Results:
    return Results(Path("findings.json"), 2024, tuple(lines.values()))


def test_who_is_waited_for_longest_comes_first_then_who_has_sent_nothing_then_the_roster() -> None:
    day = datetime(2025, 1, 24, 10)
    results = results_of(
        甲=AgencyLine("甲局", "有误", path="甲.xlsx", received=day),
        乙=AgencyLine("乙局", "有误", path="乙.xlsx", received=datetime(2025, 1, 10)),
        丙=AgencyLine("丙局", "未报"),
        丁=AgencyLine("丁局", "通过", path="丁.xlsx"),
        戊=AgencyLine("戊局", "不是填报表", path="戊.docx", received=datetime(2025, 1, 22)),
        己=AgencyLine("己局", "待说明", path="己.xlsx", to_explain=2),
    )
    due = due_agencies(results, Roster(ENTRIES), TITLE, date(2025, 1, 28), DEADLINE)
    assert [one.entry.name for one in due] == ["丙局", "乙局", "己局", "戊局", "甲局"]
    assert {one.reminder.days_over for one in due} == {8}
    before = due_agencies(results, Roster(ENTRIES), TITLE, date(2025, 1, 12), DEADLINE)
    assert [one.entry.name for one in before] == ["丙局", "甲局", "乙局", "戊局", "己局"]


def test_the_next_day_the_letters_are_renewed_and_a_renamed_agency_gets_one(tmp_path: Path) -> None:
    results = results_of(**{one.name: AgencyLine(one.name, "未报") for one in ENTRIES})

    def remind(day: int, entries: tuple[RosterEntry, ...]) -> list[str]:
        roster, today = Roster(entries), date(2025, 1, day)
        due = due_agencies(results, roster, TITLE, today, DEADLINE)
        batch = ReminderBatch(due, roster, TITLE, 2024, "办", today)
        return [one.done for one in (*send_reminders(tmp_path, batch, PoolSettings(0)), *write_lists(tmp_path, batch))]

    assert remind(21, ENTRIES) == ["written"] * 8
    assert remind(21, ENTRIES) == ["same"] * 8
    assert remind(22, ENTRIES) == ["renewed"] * 8
    renamed = (RosterEntry("新甲局", 2, former=("甲局",)), *ENTRIES[1:])
    assert sorted(remind(22, renamed)) == ["renewed"] * 2 + ["same"] * 5 + ["settled", "written"]
    assert (tmp_path / "已解决" / letter("甲局")).exists()
    assert (tmp_path / letter("新甲局")).exists()


@pytest.mark.parametrize("text", ["2025-01-20", "2025年1月20日", "1月20日", "1月20日前", " 2025/1/20 ", "01-20"])
def test_a_deadline_may_be_written_in_many_ways(text: str) -> None:
    assert deadline_in(text, 2024) == DEADLINE


@pytest.mark.parametrize("text", ["2月30日", "明天", "2025", "20250120", "13-01"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="看不出是哪一天"):
        deadline_in(text, 2024)
