"""Findings: each on the right cells, in the shape of a message, with a rule that is in the catalogue."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import REPORT_DATA, report

from toolkit.checks.catalogue import rule_catalogue
from toolkit.checks.findings import Finding
from toolkit.checks.registry import GENERAL_RULES
from toolkit.checks.review import check
from toolkit.checks.submission_rules import whole_findings
from toolkit.forms.loader import bundled_form, bundled_ids
from toolkit.submission.model import Identity, Submission, Value
from toolkit.workbook.layout import layout_of

SUQIAN = report("suqian-2024")


def changed(values: Mapping[str, Value], **fields: object) -> Submission:
    return replace(SUQIAN, values={**SUQIAN.values, **values}, places=layout_of(SUQIAN.form).places, shown={}, **fields)


def errors(submission: Submission) -> list[Finding]:
    return [found for found in check(submission) if found.severity == "error"]


def test_a_column_that_does_not_balance() -> None:
    """Place, what is wrong, both numbers, what to do; the total column is out too, as it must be."""
    found = errors(changed({"requests.carried_in.natural": 115}))
    assert [f.rule for f in found] == ["requests-balance", "requests-balance"]
    assert found[0].cells == tuple(
        f"requests.{row}.natural" for row in ("received", "carried_in", "handled", "carried_out")
    )
    assert (found[0].actual, found[0].expected) == ("3555", "3558")
    assert found[0].at == ("三!D7", "三!D8", "三!D30", "三!D31")
    assert found[0].message == (
        "表三自然人列（三!D7、D8、D30、D31）：一、本年新收 3440 ＋ 二、上年结转 115 ＝ 3555，"
        "（七）总计 3440 ＋ 四、结转下年度 118 ＝ 3558，两边应相等（差 3）。"
        "请核对新收、上年结转、各项办理结果和结转下年度。"
    )


def test_a_total_that_is_wrong() -> None:
    wrong = replace(changed({}), shown={"requests.granted.total": 1430})
    (found,) = errors(wrong)
    assert found.rule == "requests-row-total"
    assert found.cells == ("requests.granted.total",)
    assert found.at == ("三!J9",)
    assert found.message == (
        "表三「三、本年度办理结果 › （一）予以公开」总计列（三!J9）：填报 1430，"
        "按“总计等于自然人与法人或其他组织五类之和”应为 1431（差 1）。请核对这一行各列，或更正总计。"
    )


@pytest.mark.parametrize(
    ("cell", "value", "rule", "actual", "expected"),
    [
        ("disputes.review.upheld", "88件", "odd-spelling", "88件", "88"),
        ("disputes.review.upheld", "８８", "odd-spelling", "８８", "88"),
        ("requests.security.research", "—", "odd-spelling", "—", "0"),
        ("requests.security.research", "无", "odd-spelling", "无", "0"),
        ("requests.security.research", "见附件", "not-a-number", "见附件", "数字"),
        ("services.licensing.decisions", Decimal("1.5"), "not-whole", "1.5", "整数"),
        ("services.licensing.decisions", -1, "negative", "-1", "不小于 0"),
        ("fees.fees.amount", Decimal("-0.5"), "negative", "-0.5", "不小于 0"),
        ("fees.fees.amount", "727012578元", "odd-spelling", "727012578元", "72701.2578"),
    ],
)
def test_single_cells(cell: str, value: Value, rule: str, actual: str, expected: str) -> None:
    submission = changed({cell: value})
    (found,) = errors(submission)
    assert (found.rule, found.actual, found.expected) == (rule, actual, expected)
    assert found.cells == (cell,)
    assert found.at == (submission.places[cell],)
    assert submission.places[cell] in found.message
    assert actual in found.message


def test_signed_cells_may_be_negative() -> None:
    wenxian = report("wenxian-jyj-2020")
    assert errors(replace(wenxian, values={**wenxian.values, "services.licensing.change": -3})) == []
    (found,) = errors(replace(wenxian, values={**wenxian.values, "services.licensing.prior": -3}))
    assert found.rule == "negative"


def test_whole_submission_is_warned_about() -> None:
    odd = changed({}, agency=" ", year=2020, texts={"一": ("含\x01字符",), "六": ("无",)})
    rules = {found.rule: found for found in whole_findings(odd)}
    assert set(rules) == {"agency-missing", "wrong-edition", "text-missing", "hidden-characters"}
    severities = {rule: found.severity for rule, found in rules.items()}
    assert severities == {**dict.fromkeys(rules, "warning"), "text-missing": "error"}
    assert "五、存在的主要问题及改进情况" in rules["text-missing"].message


def test_every_rule_has_a_short_chinese_title_of_its_own() -> None:
    """The page and the workbook call a rule by it; an English id is nobody's name."""
    forms = [form for form_id in bundled_ids() if (form := bundled_form(form_id))]
    titles = [rule.title for rule, _ in rule_catalogue(forms)]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if not re.fullmatch(r"(?=.*[\u4e00-\u9fff])[^a-zA-Z。；]{3,42}", title)] == []
    assert max(len(rule.title) for rule in GENERAL_RULES) <= 14


def test_every_finding_belongs_to_the_catalogue() -> None:
    forms = [form for form_id in bundled_ids() if (form := bundled_form(form_id))]
    catalogue = {rule.id: rule for rule, _ in rule_catalogue(forms)}
    assert all(rule.sentence and rule.basis for rule in catalogue.values())
    for name in REPORT_DATA:
        for found in check(report(name)):
            assert found.severity == catalogue[found.rule].severity


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_change_that_breaks_a_relation_is_found_on_a_cell_of_it(data: st.DataObject) -> None:
    """Mutation of a report that balances: one filled cell moves, every case that holds it is found, no other."""
    cell = data.draw(st.sampled_from([c for c in SUQIAN.form.filled if c.kind.is_whole]))
    change = data.draw(st.integers(1, 10**6))
    value = SUQIAN.values[cell.id]
    assert isinstance(value, int)
    found = errors(replace(SUQIAN, values={**SUQIAN.values, cell.id: value + change}, shown={}))
    touched = [
        case
        for case in SUQIAN.form.cases
        if not case.relation.defines
        and cell.id in {term.cell for side in (case.left, case.right) for term in side.inputs}
    ]
    assert sorted(f.rule for f in found) == sorted(case.relation.id for case in touched)
    for f in found:
        gap = abs(Decimal(f.actual) - Decimal(f.expected))
        assert gap == change


def test_what_an_agency_wrote_cannot_break_a_message_or_act_on_a_terminal() -> None:
    submission = report("suqian-2024")
    values = {**submission.values, "requests.granted.natural": "12\n\x1b[31m件\u202e\x9b2J见附件"}
    found = next(f for f in check(replace(submission, values=values)) if f.rule == "not-a-number")
    assert "填的是“12 [31m件2J见附件”" in found.message


def test_one_kind_of_odd_spelling_is_one_finding_with_all_its_cells() -> None:
    """Eighty-six dashes are one thing to mend; a unit beside them is another."""
    cells = [cell.id for cell in SUQIAN.form.filled if cell.table == "requests" and not SUQIAN.values[cell.id]]
    dashes, granted = cells[:86], SUQIAN.values["requests.granted.natural"]
    assert len(dashes) == 86
    submission = changed({**dict.fromkeys(dashes, "—"), "requests.granted.natural": f"{granted}件"})
    dash, unit = errors(submission)
    assert dash.cells == tuple(dashes)
    assert len(dash.at) == 86
    assert dash.message.startswith("表三有 86 格填的是“—”，按 0 理解：「一、本年新收」")
    assert " 等 86 格。请改填 0" in dash.message
    assert unit.cells == ("requests.granted.natural",)
    mixed = changed(dict.fromkeys(dashes[:2], "—") | {dashes[2]: "无"})
    (found,) = errors(mixed)
    assert "“—”按 0 理解、" in found.message
    assert "“无”按 0 理解。" in found.message


def test_a_unit_in_a_table_that_names_none_is_a_note_that_says_how_it_was_read() -> None:
    """市场监督管理局 2020 printed 6586650.10元 under 采购总金额, with no unit anywhere."""
    old = report("wenxian-jyj-2020")
    amount = "procurement.central.amount"
    for value, number in (("6586650.10元", "658.66501"), ("43.788万元", "43.788"), ("0.2亿元", "2000")):
        (found,) = (f for f in check(replace(old, values={**old.values, amount: value})) if amount in f.cells)
        assert (found.rule, found.severity) == ("unit-in-cell", "info")
        assert f"“{value}”，表样没有写单位，按格里写的单位读作 {number} 万元" in found.message
    (named,) = errors(changed({"fees.fees.amount": "727012578元"}))
    assert named.rule == "odd-spelling", "this table says 单位：万元"
    workbook = replace(old, values={**old.values, amount: "251000元"}, identity=Identity("2019", 2020, "某局", "1"))
    assert [f.rule for f in check(workbook) if amount in f.cells] == ["odd-spelling"]
