"""A form that is neither edition, declared here as TOML alone, goes the whole way: the design's proof."""

import io
import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from kit import docx_grids, random_submission, write
from office import recalculate
from openpyxl import load_workbook
from self_check import assert_agrees
from site_form import FORM, GOOD, LOOKUP, SITE_FORM, good

from toolkit.checks.review import check
from toolkit.forms.kinds import KINDS, KindRecord
from toolkit.forms.loader import form_lookup, parse_form
from toolkit.forms.model import Form
from toolkit.problems import FormProblem
from toolkit.reports.word_report import build_report
from toolkit.rollup.sums import roll_up
from toolkit.submission.json_csv import to_data
from toolkit.workbook.layout import layout_of
from toolkit.workbook.reader import read_workbook
from toolkit.workbook.template import build_template, build_workbook


def test_it_has_ten_cells() -> None:
    assert len(FORM.cells) == 10


@pytest.mark.libreoffice
def test_the_whole_way(tmp_path: Path) -> None:
    ours = write(tmp_path / "site.xlsx", build_workbook(good()))
    (saved,) = recalculate([ours], tmp_path / "foreign")
    for path in (ours, saved):
        submission = read_workbook(path, LOOKUP)
        assert to_data(submission) == to_data(good())
        assert to_data(submission)["values"]["posts.actual.total"] == 18
        assert to_data(submission)["values"]["money.budget.amount"] == "100.10"
        assert check(submission) == ()
    report = write(tmp_path / "site.docx", build_report(read_workbook(saved, LOOKUP)))
    assert [paragraph.text for paragraph in Document(str(report)).paragraphs] == [
        "某局网站工作年度报表（2024）",
        "一、基本情况",
        "二、经费",
        "三、情况说明",
        "第一段。",
        "第二段 <b> & “引号”",
    ]
    assert docx_grids(report) == [
        [["项目", "信息发布"], ["", "动态", "政策", "合计"], ["计划数", "10", "5", "15"], ["完成数", "12", "6", "18"]],
        [["项目", "金额（元）"], ["预算", "100.10"], ["支出", "0.3"], ["是否开展演练", "是"], ["等级", "优"]],
    ]


def test_its_rules_find_what_is_wrong() -> None:
    broken = good(
        posts__actual__news=1,
        money__spent__amount=Decimal("100.11"),
        money__drill__amount="有",
        money__level__amount=None,
    )
    found = {finding.rule: finding for finding in check(broken)}
    assert set(found) == {"posts-done", "spent-within-budget", "not-in-list", "blank"}
    assert found["posts-done"].severity == "warning"
    assert found["spent-within-budget"].cells == ("money.spent.amount", "money.budget.amount")
    assert (found["spent-within-budget"].actual, found["spent-within-budget"].expected) == ("100.11", "100.10")
    assert found["blank"].cells == ("money.level.amount",)


@pytest.mark.libreoffice
def test_its_self_check_agrees_with_the_check(tmp_path: Path) -> None:
    """Sums in binary and in decimal, inequalities and a relation across tables, judged by LibreOffice."""
    rng = random.Random(7)
    made = [random_submission(FORM, rng, 2024) for _ in range(8)]
    made.append(
        replace(good(), values=GOOD | {"money.spent.amount": Decimal("0.3"), "money.budget.amount": Decimal("0.1")})
    )
    ours = [write(tmp_path / f"{n}.xlsx", build_workbook(submission)) for n, submission in enumerate(made)]
    layout = layout_of(FORM)
    for path in (*ours, *recalculate(ours, tmp_path / "foreign")):
        assert_agrees(path, layout, LOOKUP)


def test_a_new_kind_of_cell_is_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Persons (人次), counted up or down, with words of their own: no other line of Python knows them."""
    persons = KindRecord(
        prompt="填人次，减少填负数。",
        excel_rule={"validate": "integer", "criteria": ">=", "value": -500},
        refusal="{unit}只填整数。",
        number_format="#,##0",
        is_whole=True,
        is_signed=True,
    )
    monkeypatch.setitem(KINDS, "persons", persons)
    place = '  { id = "level", label = ["等级"]'
    row = '  { id = "trained", label = ["培训"], kind = "persons", unit = "人次" },\n'
    form = parse_form(SITE_FORM.replace(place, row + place), "site.toml")
    lookup, cell = form_lookup(form), "money.trained.amount"
    filled = replace(good(), form=form, values=GOOD | {cell: -12})

    book = load_workbook(io.BytesIO(build_workbook(filled)))
    sheet, row_number, column = layout_of(form).positions[cell]
    drawn = book[sheet].cell(row_number + 1, column + 1)
    (rule,) = (rule for rule in book[sheet].data_validations.dataValidation if drawn.coordinate in rule.sqref)
    assert (rule.type, rule.operator, rule.formula1) == ("whole", "greaterThanOrEqual", "-500")
    assert (rule.prompt, rule.error) == ("填人次，减少填负数。", "以人次为单位，只填整数。")
    assert (drawn.value, drawn.number_format) == (-12, "#,##0")

    returned = read_workbook(write(tmp_path / "t.xlsx", build_workbook(filled)), lookup)
    assert to_data(returned) == to_data(filled)
    assert check(returned) == ()
    odd = replace(filled, values=filled.values | {cell: "12人次"})
    assert (odd.numbers[cell], [found.rule for found in check(odd)]) == (12, ["odd-spelling"])
    half = replace(filled, values=filled.values | {cell: Decimal("1.5")})
    assert [found.rule for found in check(half)] == ["not-whole"]

    report = write(tmp_path / "t.docx", build_report(returned))
    assert ["培训", "-12"] in docx_grids(report)[1]
    total = roll_up([returned, odd], "某县")
    assert total.values[cell] == 0
    assert read_workbook(write(tmp_path / "sum.xlsx", build_workbook(total)), lookup).values[cell] == 0


def test_an_unknown_kind_is_told_with_those_that_there_are() -> None:
    with pytest.raises(
        FormProblem, match=r"tables\[money\] 的 drill\.amount：没有「yesno」这种格，kind 可以是 count、change"
    ):
        parse_form(SITE_FORM.replace('"yes_no"', '"yesno"'), "site.toml")


def test_the_commands_take_it(gknb, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE_FORM, encoding="utf-8")
    (tmp_path / "in.json").write_text(json.dumps(to_data(good())), encoding="utf-8")
    form = ("--form", "site.toml")
    assert gknb("template", "--year", 2024, *form, "-o", "t.xlsx").returncode == 0
    assert gknb("import", "in.json", *form, "-o", "out").returncode == 0
    assert gknb("check", "out", *form).returncode == 0
    assert json.loads(gknb("extract", "out", *form).stdout) == to_data(good())
    assert gknb("report", "out", *form, "-o", "out").returncode == 0
    assert (tmp_path / "out" / "某局网站工作年度报表（2024）.docx").exists()
    assert len(json.loads(gknb("cells", *form, "--format", "json").stdout)) == 10
    assert "spent-within-budget" in gknb("rules", *form).stdout
    unknown = gknb("check", "out")
    assert (unknown.returncode, "--form" in unknown.stdout) == (1, True)
    wrong_year = gknb("template", "--year", 2019, *form, "-o", "u.xlsx")
    assert (wrong_year.returncode, "2022 至 2030 年" in wrong_year.stderr) == (2, True)


def test_cells_so_scattered_that_no_program_takes_the_formula_are_refused() -> None:
    """Excel would call the file damaged; what it still takes is made."""

    def form_with(rows: int) -> Form:
        kinds = ("", ', kind = "yes_no"')
        more = "".join(f'  {{ id = "r{n}", label = ["第{n}项"]{kinds[n % 2]} }},\n' for n in range(rows))
        place = '  { id = "level", label = ["等级"]'
        return parse_form(SITE_FORM.replace(place, more + place), "site.toml")

    assert build_template(form_with(24), 2024)
    with pytest.raises(FormProblem, match=r"部分「经费」里同一种格分得太散.*8192"):
        build_template(form_with(80), 2024)
