"""A project (`gknb init`, [project] in gknb.toml) remembers what an office would type every day."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from kit import others_workbook, report, write
from places import EXAMPLES

from toolkit.batch.project import KEYS, project_text, read_project, usual_year
from toolkit.workbook.template import build_workbook

Gknb = Callable[..., CompletedProcess[str]]
COUNTY = EXAMPLES / "county-2024"
WHOLE = """
[project]
year = 2024
office = "青河县人民政府办公室"
agency = "青河县人民政府"
deadline = 2025-01-20
roster = "名册.csv"
returned = "收回的表"
prior = "上年的表"
results = "校验结果"
annotated = "批注"
notices = "退回意见"
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with the county's roster and returns."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "gknb.toml", WHOLE.encode())
    shutil.copy(COUNTY / "名册.csv", tmp_path / "名册.csv")
    (tmp_path / "收回的表").mkdir()
    (tmp_path / "上年的表").mkdir()
    shutil.copy(COUNTY / "收回的表.zip", tmp_path / "收回的表" / "收回的表.zip")
    return tmp_path


def states(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_project_explains_every_key_and_is_read_back(
    gknb: Gknb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = gknb("init", "--year", 2024, "--office", "青河县人民政府办公室", "--deadline", "2025-01-20")
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "gknb.toml").read_text(encoding="utf-8")
    assert all(f"{key} = " in text and known.words in text for key, known in KEYS.items())
    project = read_project(tmp_path / "gknb.toml")
    assert project is not None
    assert (project.year, project.text("office"), project.deadline) == (2024, "青河县人民政府办公室", "2025年1月20日")
    assert project.text("agency") == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("gknb.toml", "上年的表", "各单位文字", "名册.xlsx", "收回的表")
    ]


def test_a_project_is_never_made_over_another(gknb: Gknb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = others_workbook()
    write(tmp_path / "名册.xlsx", mine)
    assert gknb("init").returncode == 0
    before = states(tmp_path)
    assert before["名册.xlsx"] == mine
    again = gknb("init", "--year", 2020)
    assert again.returncode == 2
    assert "已经存在，没有改动" in again.stderr
    assert states(tmp_path) == before


def test_a_wrong_deadline_makes_nothing(gknb: Gknb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = gknb("init", "--deadline", "1月20日")
    assert made.returncode == 2
    assert "应为日期" in made.stderr
    assert not list(tmp_path.iterdir())


def test_a_check_without_arguments_is_the_one_with_all_of_them(gknb: Gknb, office: Path) -> None:
    short = gknb("check")
    assert short.returncode == 1, short.stderr
    assert "项目 gknb.toml（2024 年，青河县人民政府办公室）。" in short.stderr
    (office / "gknb.toml").unlink()
    call = (
        "收回的表",
        "--roster",
        "名册.csv",
        "--year",
        2024,
        "-o",
        "别处",
        "--annotate",
        "批注2",
        "--notice",
        "退回2",
    )
    long = gknb("check", *call, "--office", "青河县人民政府办公室", "--deadline", "2025年1月20日")
    assert "项目" not in long.stderr
    findings = [(office / folder / "findings.json").read_bytes() for folder in ("校验结果", "别处")]
    assert findings[0] == findings[1]
    assert sorted(path.name for path in (office / "批注").iterdir()) == sorted(
        path.name for path in (office / "批注2").iterdir()
    )
    assert states(office / "退回意见") == states(office / "退回2")


def test_a_second_check_goes_on_and_changes_no_byte(gknb: Gknb, office: Path) -> None:
    gknb("check")
    before = {name: content for name, content in states(office).items() if not name.endswith(".sqlite")}
    again = gknb("check")
    assert again.returncode == 1
    assert "未变" in again.stderr
    after = {name: content for name, content in states(office).items() if not name.endswith(".sqlite")}
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed <= {"校验结果/校验结果.xlsx"}  # a workbook says when it was made


def test_what_the_call_says_wins(gknb: Gknb, office: Path) -> None:
    said = gknb("check", "--year", 2023, "-o", "别处", "--json")
    assert json.loads(said.stdout)["year"] == 2023
    assert (office / "别处" / "findings.json").exists()
    assert not (office / "校验结果").exists()


def test_a_call_that_names_its_file_leaves_the_results_alone(gknb: Gknb, office: Path) -> None:
    gknb("check")
    before = states(office / "校验结果")
    one = write(office / "新来的.xlsx", build_workbook(report("suqian-2024")))
    said = gknb("check", one)
    assert "名册" not in said.stdout, "the other 39 agencies are no news of one file"
    assert "共 1 份" in said.stdout
    assert states(office / "校验结果") == before


def test_the_other_commands_take_what_they_need(gknb: Gknb, office: Path) -> None:
    assert gknb("report").returncode == 1
    assert len(list(Path.cwd().glob("*.docx"))) > 20, "without `reports`, they are written where they always were"
    assert gknb("rollup", "--allow-failed", "-o", "汇总").returncode == 0
    assert list((office / "汇总").glob("青河县人民政府2024年*.xlsx"))
    assert gknb("distribute", "-o", "发放").returncode == 0
    assert len(list((office / "发放").glob("**/*.xlsx"))) == 41
    template = gknb("template", "--agency", "甲局", "-o", "甲.xlsx")
    assert "报告年度 2024" in template.stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("yaer = 2024", "第 3 行：[project] 里的 yaer 不认识（是不是 year？），可以写的有：year、office"),
        ('year = "2024"', "第 3 行：[project] 里的 year 应为四位年度，不加引号，如 year = 2024"),
        ("year = 24", "应为四位年度"),
        ("year = true", "应为四位年度"),
        ("roster = 5", '[project] 里的 roster 应为文件或文件夹的名称，加引号，最多 500 字，如 roster = "名册.xlsx"'),
        ("office = ['甲', '乙']", "[project] 里的 office 应为文字，加引号"),
        (f"office = '{'长' * 300}'", "最多 200 字"),
        ('deadline = "1月20日"', '[project] 里的 deadline 应为日期，如 deadline = "2025-01-20"'),
        ("deadline = 2025-01-20T10:00:00", "应为日期"),
        ("year = ", "第 3 行不合 TOML 写法"),
        ("year = 2024\n[progect]", "不认识 progect，只能有 profile、[project]、[rules] 和 [thresholds]"),
    ],
)
def test_errors_name_file_line_key_and_what_is_allowed(
    gknb: Gknb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "gknb.toml", f"# 设定\n[project]\n{line}\n".encode())
    write(tmp_path / "甲.xlsx", build_workbook(report("suqian-2024")))
    said = gknb("check", "甲.xlsx")
    assert said.returncode == 2
    assert said.stderr.splitlines()[-1].startswith("gknb.toml")
    assert words in said.stderr
    assert gknb("check", "--help").returncode == 0
    assert gknb("demo").returncode == 0, "it needs no project"


def test_a_part_that_is_no_part_is_told(gknb: Gknb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "gknb.toml", b"project = 5\n")
    assert "project 应写成 [project] 一节" in gknb("check").stderr


def test_a_file_of_rules_alone_is_no_project(gknb: Gknb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "gknb.toml", b'\xef\xbb\xbf[rules]\nblank = "warning"\n')
    assert read_project() is None
    said = gknb("check")
    assert said.returncode == 2
    assert "缺少参数 路径" in said.stderr


def test_an_empty_key_and_an_empty_folder_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "上年的表").mkdir()
    write(tmp_path / "gknb.toml", '[project]\nroster = ""\nprior = "上年的表"\ntexts = "没有"\n'.encode())
    project = read_project()
    assert project is not None
    assert (project.path("roster"), project.path("prior"), project.path("texts")) == (None, None, None)
    write(tmp_path / "上年的表" / "甲.json", b"{}")
    assert project.path("prior") == Path("上年的表")


def test_every_example_of_a_key_is_allowed(tmp_path: Path) -> None:
    values = {key: known.example for key, known in KEYS.items()}
    project = read_project(write(tmp_path / "gknb.toml", project_text(values).encode()))
    assert project is not None
    assert project.values.keys() == KEYS.keys()


def test_the_year_that_an_office_works_on() -> None:
    assert usual_year(date(2025, 1, 8)) == 2024
    assert usual_year(date(2025, 12, 1)) == 2025
