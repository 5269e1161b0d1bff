"""The scoring sheet (`gknb check --scores`): points per agency, each deduction with its reason; a scheme that is wrong
is told where and what is allowed."""

import json
import os
import shutil
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from command_line import Gknb
from hypothesis import given
from hypothesis import strategies as st
from kit import write
from office import recalculate
from openpyxl import load_workbook
from places import EXAMPLES
from rollups import put, three
from rosters import write_csv
from validator import assert_valid

from toolkit.batch.deadline import deadline_of
from toolkit.batch.filing_status import Standing
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.roster import RosterEntry
from toolkit.batch.rounds import NO_COMPARISON, RoundComparison
from toolkit.batch.scores import Score, Scoring, score_of, scoring_of, with_scores
from toolkit.batch.scoring_scheme import ScoringScheme, read_scheme
from toolkit.batch.states import STATES, State
from toolkit.checks.catalogue import known_rules
from toolkit.checks.families import FAMILY_NAMES, families
from toolkit.checks.findings import Finding
from toolkit.checks.result import Status
from toolkit.forms.fields import Severity
from toolkit.forms.loader import bundled_forms
from toolkit.problems import Problem

FORMS = bundled_forms()
KNOWN, FAMILIES = known_rules(FORMS), families(FORMS)
EXAMPLE = EXAMPLES / "考评.toml"
COUNTY = EXAMPLES / "county-2024"
DEADLINE, AFTER = date(2025, 1, 20), date(2025, 1, 21)
HEAD = "[[deductions]]\nname = '一'\npoints = 5\n"


def scheme_of(path: Path, text: str | None = None) -> ScoringScheme:
    if text is not None:
        write(path, text.encode())
    return read_scheme(path, KNOWN, FAMILIES)


@pytest.fixture(scope="module")
def example() -> Scoring:
    return scoring_of(scheme_of(EXAMPLE), DEADLINE, AFTER)


def found(rule: str, severity: Severity = "warning", message: str = "某处有误。请改正。", **more: Any) -> Finding:
    return Finding(rule, severity, message, **more)


def line(*findings: Finding, state: State = "通过", **more: Any) -> Standing:
    status: Status = "failed" if state == "有误" else "unreadable" if state == "无法读取" else "passed"
    result = None if state == "未报" else FileResult("甲.xlsx", status, findings, "甲县教育局")
    return Standing(state, "甲县教育局", RosterEntry("甲县教育局", 2), result, **more)


def lost(score: Score) -> dict[str, tuple[str, str]]:
    return {one.name: (str(one.points), one.reason) for one in score.deductions}


ERRORS = [found("blank", "error", f"第 {number} 处空白。请填写。") for number in range(1, 13)]
CASES: list[tuple[Standing, str, dict[str, tuple[str, str]]]] = [
    (line(), "100", {}),
    (line(found("jump-since-last-year")), "100", {}),
    (line(state="未报"), "95", {"逾期备案": ("5", "期限 2025年1月20日，过了期限仍未报")}),
    (
        line(is_late=True, received=datetime(2025, 1, 23, 8, 5).timestamp(), received_by="邮件日期"),
        "95",
        {"逾期备案": ("5", "期限 2025年1月20日，2025年1月23日 08:05 收到（邮件日期）")},
    ),
    (line(is_late=True), "95", {"逾期备案": ("5", "期限 2025年1月20日，逾期收到")}),
    (
        line(found("text-missing", message="「五」没有文字。请补写。"), found("overview-sides")),
        "95",
        {"要素不全": ("5", "2 处，如「五」没有文字")},
    ),
    (line(found("alike-texts")), "95", {"内容雷同": ("5", "某处有误")}),
    (line(found("same-as-last-year"), found("alike-texts")), "95", {"内容雷同": ("5", "2 处，如某处有误")}),
    (line(found("alike-texts", is_explained=True, explanation="依上级统一文字")), "100", {}),
    (line(found("personal-data")), "94", {"公开个人信息": ("6", "某处有误")}),
    (
        line(*ERRORS[:3], state="有误"),
        "98.5",
        {"数据错误": ("1.5", "3 处，每处 0.5 分：第 1 处空白")},
    ),
    (
        line(ERRORS[0], *(replace(one, because="a") for one in ERRORS[1:3]), state="有误"),
        "99.5",
        {"数据错误": ("0.5", "1 处，每处 0.5 分：第 1 处空白")},
    ),
    (
        line(*ERRORS, state="有误"),
        "95",
        {"数据错误": ("5", "12 处，每处 0.5 分，最多 5 分：第 1 处空白")},
    ),
    (
        line(ERRORS[0], state="有误", comparison=RoundComparison(2, remaining=(ERRORS[0],))),
        "94.5",
        {
            "退回未改": ("5", "第 2 次报送仍未改正：第 1 处空白"),
            "数据错误": ("0.5", "1 处，每处 0.5 分：第 1 处空白"),
        },
    ),
    (
        line(state="待说明", comparison=RoundComparison(3, remaining=(found("jump-since-last-year"),))),
        "95",
        {"退回未改": ("5", "第 3 次报送仍是“待说明”")},
    ),
    (line(comparison=RoundComparison(2, fixed=(ERRORS[0],))), "100", {}),
    (line(comparison=RoundComparison(1, new=(found("alike-texts"),))), "100", {}),
    (
        line(
            *(found("text-missing"), found("alike-texts"), found("personal-data"), *ERRORS),
            state="有误",
            is_late=True,
            comparison=RoundComparison(2, remaining=tuple(ERRORS)),
        ),
        "69",
        {
            "逾期备案": ("5", "期限 2025年1月20日，逾期收到"),
            "要素不全": ("5", "某处有误"),
            "内容雷同": ("5", "某处有误"),
            "退回未改": ("5", "第 2 次报送仍未改正：12 处，如第 1 处空白"),
            "数据错误": ("5", "12 处，每处 0.5 分，最多 5 分：第 1 处空白"),
            "公开个人信息": ("6", "某处有误"),
        },
    ),
]


@pytest.mark.parametrize(("standing", "points", "reasons"), CASES)
def test_scores_are_those_computed_by_hand(
    example: Scoring, standing: Standing, points: str, reasons: dict[str, tuple[str, str]]
) -> None:
    score = score_of(example, standing)
    assert (str(score.points), lost(score)) == (points, reasons)


def test_nobody_is_late_before_the_deadline_has_passed(example: Scoring) -> None:
    for scoring in (replace(example, today=DEADLINE), replace(example, deadline=None)):
        assert score_of(scoring, line(state="未报")).points == 100


def test_the_deadline_of_the_scheme_goes_before_that_of_the_batch() -> None:
    assert scoring_of(ScoringScheme(()), DEADLINE, AFTER).deadline == DEADLINE
    assert scoring_of(ScoringScheme((), deadline=AFTER), DEADLINE, AFTER).deadline == AFTER


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *(("2025年1月20日", DEADLINE), ("2025-01-20", DEADLINE), ("1月20日前", DEADLINE), ("1.20", DEADLINE)),
        *(("2025年2月30日", None), ("月底", None), ("", None)),
    ],
)
def test_a_deadline_is_understood_however_an_office_writes_it(written: str, day: date | None) -> None:
    assert deadline_of(written, 2024) == day


def test_a_correction_after_the_deadline_is_not_late(example: Scoring) -> None:
    """报送没有逾期、退回后才更正的，不按逾期扣分。"""
    corrected = line(received=datetime(2025, 1, 25, 9).timestamp(), is_late=True)
    assert lost(score_of(example, corrected))
    first = replace(NO_COMPARISON, number=2, first_received=datetime(2025, 1, 18, 9).timestamp())
    assert not lost(score_of(example, replace(corrected, comparison=first)))


def test_points_never_fall_below_the_floor(tmp_path: Path) -> None:
    text = f"full = 10\nleast = 2.5\n{HEAD}severity = 'warning'\neach = true"
    score = score_of(Scoring(scheme_of(tmp_path / "a.toml", text), None, AFTER), line(*[found("blank")] * 3))
    assert (score.points, score.deductions[0].points) == (Decimal("2.5"), 15)


def test_states_are_grounds_of_their_own(tmp_path: Path) -> None:
    parts = [
        f"[[deductions]]\nname = '{one}'\npoints = 1\nwhen = '{one}'"
        for one in ("未报", "不是填报表", "无法读取", "有误", "待说明")
    ]
    scoring = Scoring(scheme_of(tmp_path / "a.toml", "\n".join(parts)), None, AFTER)
    for state in STATES:
        reasons = lost(score_of(scoring, line(state=state, note="交来的是扫描件")))
        expected = (
            {} if state in ("通过", "重复", "不在名册") else {state: ("1", f"报送情况是“{state}”；交来的是扫描件")}
        )
        assert reasons == expected


def test_each_agency_of_the_roster_is_scored_once(example: Scoring) -> None:
    """A return that does not count, one of nobody, and an agency of which no return counts have no score."""
    lines = [line(), replace(line(), state="重复"), replace(line(), state="不在名册", entry=None)]
    assert [score is not None for _, score in with_scores(example, lines)] == [True, False, False]


@given(
    findings=st.lists(
        st.builds(
            found,
            st.sampled_from(sorted(KNOWN)),
            st.sampled_from(("error", "warning", "info")),
            st.text(max_size=200).map("某处".__add__),
            because=st.sampled_from((None, "a")),
            is_explained=st.booleans(),
        ),
        max_size=30,
    ),
    state=st.sampled_from(STATES),
    late=st.booleans(),
    rounds=st.integers(0, 4),
)
def test_the_score_is_what_the_reasons_add_up_to(
    findings: list[Finding], state: State, late: bool, rounds: int
) -> None:
    scoring = scoring_of(scheme_of(EXAMPLE), DEADLINE, AFTER)
    comparison = RoundComparison(rounds, remaining=tuple(findings))
    score = score_of(scoring, line(*findings, state=state, is_late=late, comparison=comparison))
    assert score.points == max(Decimal(0), 100 - sum(one.points for one in score.deductions))
    assert all(one.reason and one.points > 0 for one in score.deductions)
    json.dumps(score.data())


# ------------------------------------------------------------ the file


def test_the_example_is_a_scheme_and_every_family_has_rules() -> None:
    scheme = scheme_of(EXAMPLE)
    assert [str(item.points) for item in scheme.items] == ["5", "5", "5", "5", "0.5", "6"]
    assert set(FAMILIES) == set(FAMILY_NAMES)
    assert all(rules and rules <= KNOWN for rules in FAMILIES.values())
    assert all(name in EXAMPLE.read_text(encoding="utf-8") for name in FAMILY_NAMES)


FAULTS = [
    ("full = 0\n", "第 1 行：full 应为 0.01 至 10000 的数，最多 2 位小数，不加引号"),
    ("full = '100'\n", "第 1 行：full 应为"),
    ("full = true\n", "第 1 行：full 应为"),
    ("full = nan\n", "第 1 行：full 应为"),
    (f"full = {10**400}\n", "第 1 行：full 应为"),
    ("\nleast = 101\n", "第 2 行：least 应为 0 至 100 的数"),
    ("deadline = '2025-01-20'\n", "第 1 行：deadline 应为日期，不加引号，如 deadline = 2025-01-20"),
    (
        "titel = '考评'\n",
        "第 1 行：titel 不认识（是不是 title？），可以写的有：title、full、least、deadline、deductions",
    ),
    ("title = ''\n", "第 1 行：title 应为一行文字，加引号，1 至 100 字"),
    ('title = "a\\nb"\n', "第 1 行：title 应为一行文字"),
    ("title = '考评'\n", "deductions 应写成一节一节的 [[deductions]]，至少一节"),
    ("deductions = 3\n", "第 1 行：deductions 应写成"),
    ("[deductions]\n", "deductions 应写成"),
    (HEAD, "第 1 行起：[[deductions]] 第 1 节的 应正好写 rules、severity、when 中的一个（为什么扣分），现在没有"),
    (f"{HEAD}when = '逾期'\nseverity = 'error'\n", "现在有 severity、when"),
    (f"{HEAD}when = 'late'\n", "第 4 行：[[deductions]] 第 1 节的 when 可以是 逾期、退回未改、未报、不是填报表"),
    (f"{HEAD}when = ['逾期']\n", "when 可以是 逾期"),
    (f"{HEAD}severity = '错误'\n", "severity 可以是 error、warning、info，加引号"),
    (f"{HEAD}rules = 'alike-texts'\n", "第 4 行：[[deductions]] 第 1 节的 rules 应列出规则编号或类别（表样、填数"),
    (f"{HEAD}rules = []\n", "rules 应列出规则编号或类别"),
    (f"{HEAD}rules = [1]\n", "rules 应列出规则编号或类别"),
    (
        f"{HEAD}rules = ['alike-text']\n",
        "没有「alike-text」这条规则或这一类（是不是 alike-texts？），类别有 表样、填数",
    ),
    (f"{HEAD}when = '逾期'\neach = true\n", "第 5 行：[[deductions]] 第 1 节的 each 只用于 rules、severity"),
    (f"{HEAD}rules = ['雷同']\neach = 1\n", "each 应为 true（每处都扣）或 false（只扣一次）"),
    (f"{HEAD}rules = ['雷同']\nmost = 5\n", "most 是每处都扣时最多扣几分，要和 each = true 一起写"),
    (f"{HEAD}rules = ['雷同']\neach = true\nmost = 1\n", "第 6 行：[[deductions]] 第 1 节的 most 应为 5 至 10000 的数"),
    (f"{HEAD}rules = ['雷同']\n{HEAD}rules = ['雷同']\n", "第 6 行：[[deductions]] 第 2 节的 name 「一」前面已经有了"),
    (
        "[[deductions]]\npoints = 5\n",
        "第 1 行起：[[deductions]] 第 1 节的 name 没有写，每一节都要有 name（名称）和 points",
    ),
    ("[[deductions]]\nname = '一'\npoints = -5\n", "第 3 行：[[deductions]] 第 1 节的 points 应为 0.01 至 10000 的数"),
    ("[[deductions]]\nname = '一'\npoints = 0.125\n", "最多 2 位小数"),
    ("[[deductions]]\nname = '一'\npoint = 5\n", "第 3 行：[[deductions]] 第 1 节的 point 不认识（是不是 points？）"),
    (f"[[deductions]]\nname = '{'长' * 21}'\npoints = 5\nwhen = '逾期'\n", "name 应为一行文字，加引号，1 至 20 字"),
    ("".join(f"[[deductions]]\nname = '{n}'\npoints = 5\nwhen = '逾期'\n" for n in range(51)), "有 51 节，最多 50 节"),
    ("[[deductions\n", "第 1 行不合 TOML 写法"),
]


@pytest.mark.parametrize(("text", "words"), FAULTS)
def test_a_wrong_scheme_is_told_with_file_line_key_and_what_is_allowed(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Problem) as problem:
        scheme_of(tmp_path / "考评.toml", text)
    assert words in problem.value.message
    assert str(tmp_path / "考评.toml") in problem.value.message
    assert problem.value.message.endswith("。")


def test_a_scheme_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="找不到考评办法"):
        scheme_of(tmp_path / "没有.toml")
    with pytest.raises(Problem, match="打不开或不是 UTF-8 文本"):
        scheme_of(tmp_path)
    write(tmp_path / "坏.toml", "满分".encode("gb18030"))
    with pytest.raises(Problem, match="打不开或不是 UTF-8 文本"):
        scheme_of(tmp_path / "坏.toml")


ITEM_KEYS = ("name", "points", "rules", "severity", "when", "each", "most", "nmae")
VALUES = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=30).map(json.dumps),
    st.sampled_from(["'逾期'", "'error'", "'雷同'", "['雷同']", "5", "0.5", "100", "2025-01-20", "[[]]", "{a = 1}"]),
    st.lists(st.text(max_size=10).map(json.dumps), max_size=3).map(lambda items: f"[{', '.join(items)}]"),
).map(lambda value: str(value).lower() if isinstance(value, bool) else str(value))
KEYS = st.sampled_from(("title", "full", "least", "deadline", *ITEM_KEYS))
SECTION = st.dictionaries(KEYS, VALUES, max_size=6).map(
    lambda section: "".join(f"{key} = {value}\n" for key, value in section.items())
)


@given(text=st.one_of(st.text(), st.lists(SECTION, min_size=1, max_size=4).map("[[deductions]]\n".join)))
def test_whatever_stands_in_the_file_it_is_a_scheme_or_a_problem_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "任意.toml"
    try:
        scheme, said = scheme_of(path, text.encode("utf-8", "replace").decode()), ""
    except Problem as problem:
        scheme, said = None, problem.message
    assert len(said.splitlines()) <= 1
    assert scheme or "任意.toml" in said
    if scheme:
        assert score_of(Scoring(scheme, None, AFTER), line()).points <= scheme.full


# ------------------------------------------------------------ the command


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the example county, scored."""
    from toolkit.cli.main import run

    folder = tmp_path_factory.mktemp("scored")
    scheme = write(folder / "考评.toml", EXAMPLE.read_bytes().replace(b"# deadline", b"deadline"))
    call = [
        "check",
        COUNTY / "收回的表.zip",
        "--roster",
        COUNTY / "名册.csv",
        "--scores",
        scheme,
        "-o",
        folder / "结果",
    ]
    assert run(list(map(str, call))) == 1
    return folder / "结果"


def sheet_rows(path: Path) -> dict[str, tuple[Any, ...]]:
    """The rows of the sheet by agency."""
    return {row[0]: row for row in load_workbook(path, data_only=True)["考评"].iter_rows(min_row=4, values_only=True)}


def test_the_sheet_and_the_json_say_the_same_of_every_agency(results: Path) -> None:
    data = json.loads((results / "findings.json").read_text(encoding="utf-8"))
    scores = {one["agency"]: one["score"] for one in data["agencies"] if "score" in one}
    rows = sheet_rows(results / "校验结果.xlsx")
    assert set(rows) == set(scores) == {text.split(",")[0] for text in roster_lines()}
    header = [cell.value for cell in load_workbook(results / "校验结果.xlsx")["考评"][3]]
    assert header[:5] == ["机关", "分组", "报送情况", "得分", "扣分合计"]
    for agency, row in rows.items():
        deductions = {one["name"]: one["points"] for one in scores[agency]["deductions"]}
        assert row[3] == scores[agency]["points"]
        assert row[4] == sum(deductions.values())
        assert {name: value for name, value in zip(header[5:-1], row[5:-1], strict=True) if value} == deductions
        assert all(one["reason"] in row[-1] for one in scores[agency]["deductions"])
    assert rows["青河县统计局"][2:5] == ("未报", 95, 5)
    assert rows["青河县司法局"][3] == 95
    assert "与青河县医疗保障局的文字相同" in rows["青河县司法局"][-1]
    assert rows["青河县自然资源局"][3] == 99.5
    assert rows["青河县教育局"][3:5] == (100, 0)


def roster_lines() -> list[str]:
    return (COUNTY / "名册.csv").read_text(encoding="utf-8-sig").splitlines()[1:]


@pytest.mark.libreoffice
def test_libreoffice_computes_the_same_scores(results: Path, tmp_path: Path) -> None:
    (again,) = recalculate([results / "校验结果.xlsx"], tmp_path / "foreign")
    assert [row[3:5] for row in sheet_rows(again).values()] == [
        row[3:5] for row in sheet_rows(results / "校验结果.xlsx").values()
    ]


@pytest.mark.validator
def test_the_workbook_is_valid(results: Path) -> None:
    assert_valid(results / "校验结果.xlsx")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three returns of the four agencies on a roster, and the example scheme."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "收" / "表.json", *three())
    write_csv(tmp_path / "名册.csv", [["机关全称"], *([one.agency] for one in three()), ["甲县统计局"]])
    shutil.copy(EXAMPLE, tmp_path)
    return tmp_path


def test_without_a_scheme_nothing_is_scored(gknb: Gknb, small: Path) -> None:
    gknb("check", "收", "--roster", "名册.csv", "-o", "结果")
    assert '"score"' not in (small / "结果" / "findings.json").read_text(encoding="utf-8")
    assert "考评" not in load_workbook(small / "结果" / "校验结果.xlsx").sheetnames


def test_an_agency_of_which_nobody_can_tell_what_counts_is_not_scored(gknb: Gknb, small: Path) -> None:
    one, *_ = three()
    again = replace(one, values={**one.values, "services.licensing.decisions": 77})
    for path in (put(small / "收" / "又.json", again), small / "收" / "表.json"):
        os.utime(path, (1_000_000, 1_000_000))
    gknb("check", "收", "--roster", "名册.csv", "--scores", "考评.toml", "-o", "结果")
    rows = sheet_rows(small / "结果" / "校验结果.xlsx")
    assert rows[one.agency][2:5] == ("重复", None, None)
    assert rows[one.agency][-1] == "报了几份，分不出先后，没有计分"
    assert len(rows) == 4


@pytest.mark.parametrize("rest", [("-o", "结果"), ("--roster", "名册.csv")])
def test_scores_need_a_roster_and_a_place(gknb: Gknb, tmp_path: Path, rest: tuple[str, ...]) -> None:
    shutil.copy(COUNTY / "名册.csv", tmp_path / "名册.csv")
    ran = gknb("check", COUNTY / "收回的表.zip", "--scores", EXAMPLE, *rest)
    assert (ran.returncode, "--scores 要与 --roster、-o 合用" in ran.stderr) == (2, True)


def test_a_wrong_scheme_stops_the_check_before_it_begins(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "考评.toml", b"full = 0\n")
    ran = gknb("check", COUNTY / "收回的表.zip", "--roster", COUNTY / "名册.csv", "--scores", "考评.toml", "-o", "结果")
    assert (ran.returncode, "第 1 行：full 应为" in ran.stderr) == (2, True)
    assert not (tmp_path / "结果").exists()


def test_a_project_remembers_its_scheme_and_its_deadline(gknb: Gknb, small: Path) -> None:
    keys = ("year = 2024", 'roster = "名册.csv"', 'returned = "收"', 'results = "结果"', 'notices = "退回"')
    project = "\n".join(("[project]", *keys, "deadline = 2025-01-20", 'scores = "考评.toml"'))
    write(small / "gknb.toml", project.encode())
    ran = gknb("check")
    assert ran.returncode == 0, ran.stderr
    row = sheet_rows(small / "结果" / "校验结果.xlsx")["甲县统计局"]
    assert row[-1] == "逾期备案 −5：期限 2025年1月20日，过了期限仍未报"
    alone = gknb("check", "收", "--json")
    assert '"score"' not in alone.stdout
