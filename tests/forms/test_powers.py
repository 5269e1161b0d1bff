"""Powers (权力) are declared: a column of the roster, a rule and a finding follow from the declaration alone."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from kit import checked, write
from openpyxl import load_workbook
from site_form import SITE_FORM, good

from toolkit.batch.roster import read_roster, roster_template
from toolkit.checks.catalogue import rule_catalogue
from toolkit.forms.loader import bundled_forms, parse_form
from toolkit.forms.powers import known_powers, shared_powers
from toolkit.problems import FormProblem, Problem

POWER = """
[[powers]]
id = "licensing"
label = "发证权"
also = ["有无发证权"]
"""
FORM = parse_form(
    SITE_FORM.replace('id = "actual", label', 'id = "actual", needs = "licensing", label') + POWER, "s.toml"
)
POWERS = known_powers(FORM)


def roster_file(path: Path, *rows: list[str]) -> Path:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return write(path, out.getvalue().encode())


def test_an_agency_without_a_power_is_told_of_the_rows_that_need_it(tmp_path: Path) -> None:
    rows = [["甲局", "否", "否"], ["乙局", "否", "是"], ["丙局", "", ""]]
    roster = read_roster(roster_file(tmp_path / "名册.csv", ["机关全称", "规章制定权", "有无发证权"], *rows), POWERS)
    assert roster.unused == ()
    assert [entry.powers for entry in roster.entries] == [
        {"rulemaking": False, "licensing": False},
        {"rulemaking": False, "licensing": True},
        {},
    ]
    returned = [replace(good(), form=FORM, agency=agency) for agency, *_ in rows]
    lacking, having, unknown = (result.findings for result in checked(*returned, roster=roster))
    assert [found.rule for found in lacking] == ["without-licensing-power"]
    assert lacking[0].cells == ("posts.actual.news", "posts.actual.policy")
    assert "而名册上本机关没有发证权" in lacking[0].message
    assert having == unknown == ()


def test_a_wrong_answer_in_its_column_is_told(tmp_path: Path) -> None:
    path = roster_file(tmp_path / "名册.csv", ["机关全称", "发证权"], ["甲局", "也许"])
    with pytest.raises(Problem, match=r"第 2 行：发证权填的是“也许”。请填是、否，或不填。"):
        read_roster(path, POWERS)
    assert read_roster(path).unused == ("发证权",)


def test_a_blank_roster_has_its_column() -> None:
    sheet = load_workbook(io.BytesIO(roster_template(POWERS)))["名册"]
    assert [cell.value for cell in sheet[3]][2:6] == ["机关类型", "规章制定权", "发证权", "联系人"]


def test_every_power_has_its_rule() -> None:
    rules = {rule.id: (rule, owners) for rule, owners in rule_catalogue([*bundled_forms(), FORM])}
    assert rules["without-licensing-power"][0].sentence == "没有发证权的机关，须有这一权力才填的格为 0。"
    assert rules["without-licensing-power"][1] == (FORM,)
    for power in shared_powers():
        assert rules[f"without-{power.id}-power"][1] == ()


def test_a_power_that_is_not_declared_is_told() -> None:
    with pytest.raises(FormProblem, match=r"tables\[posts\]\.rows\[actual\]\.needs：没有 id 为「licence」的 powers"):
        parse_form(
            SITE_FORM.replace('id = "actual", label', 'id = "actual", needs = "licence", label') + POWER, "s.toml"
        )


SURE = """
[[powers]]
id = "licensing"
label = "发证权"
lacking = "镇$"
unless = "丁镇"
lacking_basis = "证由县发"
"""


def test_a_power_that_the_name_rules_out_is_told_once_and_the_roster_goes_before_the_name(tmp_path: Path) -> None:
    form = parse_form(
        SITE_FORM.replace('id = "actual", label', 'id = "actual", needs = "licensing", label') + SURE, "s.toml"
    )
    names = ["甲镇", "乙镇", "丙镇", "丁镇", "戊局"]
    returned = [replace(good(), form=form, agency=agency) for agency in names]
    without_roster = [[found.rule for found in result.findings] for result in checked(*returned)]
    assert without_roster == [["name-without-licensing-power"]] * 3 + [[], []]
    rows = [[name, answer] for name, answer in zip(names, ["", "是", "否", "", ""], strict=True)]
    roster = read_roster(roster_file(tmp_path / "名册.csv", ["机关全称", "发证权"], *rows), known_powers(form))
    beside = [[found.rule for found in result.findings] for result in checked(*returned, roster=roster)]
    assert beside == [["name-without-licensing-power"], [], ["without-licensing-power"], [], []]


LACKING = [
    *("甲县人民政府", "甲县教育局", "甲市乙区教育局", "西湖区人民政府", "甲自治州乙县人民政府", "丙镇人民政府"),
    *("某族乡人民政府", "甲街道办事处", "甲自治县司法局", "乙旗人民政府", "甲县人民政府办公室"),
]
MAY_HAVE = [
    *("甲市人民政府", "甲市教育局", "甲省司法厅", "甲自治州人民政府", "广西壮族自治区人民政府", "浦东新区人民政府"),
    *("内蒙古自治区林业和草原局", "宁夏回族自治区人民政府办公厅", "新乡市财政局", "甲市城乡规划局", "教育局", "甲市"),
    *("平潭综合实验区财政金融局", "甲经济开发区管理委员会", "上海市人民政府办公厅", "国家某局"),
]


def test_only_names_that_leave_no_doubt_rule_a_power_out() -> None:
    (power,) = (power for power in shared_powers() if power.id == "rulemaking")
    assert [name for name in LACKING if not power.is_lacking(name)] == []
    assert [name for name in MAY_HAVE if power.is_lacking(name)] == []
