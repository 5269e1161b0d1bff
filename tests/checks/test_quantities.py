"""Texts against tables: a number that fits no reading is found on its cell, one that fits any is silent."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import REPORT_DATA, report

from toolkit.checks.findings import Finding
from toolkit.checks.quantities import RULES, quantity_findings
from toolkit.checks.written_numbers import read_number
from toolkit.forms.loader import parse_form
from toolkit.forms.model import Number
from toolkit.submission.model import Submission
from toolkit.workbook.layout import layout_of

THEN, NOW = report("suqian-2023"), report("suqian-2024")
DEPARTMENT = "甲县教育局"
FORM = NOW.form
VALUES: dict[str, Number] = dict.fromkeys((cell.id for cell in FORM.filled), 0) | {
    "requests.received.natural": 30,
    "requests.received.enterprise": 5,
    "requests.received.legal": 2,
    "requests.carried_in.natural": 3,
    "requests.granted.natural": 20,
    "requests.granted.enterprise": 4,
    "requests.partial.natural": 6,
    "requests.state_secret.natural": 1,
    "requests.process.natural": 2,
    "requests.not_held.natural": 3,
    "requests.unclear.enterprise": 1,
    "requests.repeated.legal": 2,
    "requests.other.natural": 1,
    "disputes.review.upheld": 3,
    "disputes.review.pending": 1,
    "disputes.direct_suit.upheld": 2,
    "disputes.suit_after_review.corrected": 1,
    "documents.normative.issued": 7,
    "documents.normative.repealed": 2,
    "documents.normative.effective": 31,
    "services.licensing.decisions": 12345,
    "fees.fees.amount": Decimal("12.345"),
}
"""37 received + 3 carried in = 40 handled."""
NUMBER, SHARE, GROWTH = (rule.id for rule in RULES)


def written(*paragraphs: str, agency: str = DEPARTMENT, **values: Number | None) -> Submission:
    changed = {key.replace("__", "."): value for key, value in values.items()}
    places = layout_of(FORM).places
    texts, text_places = {"一": paragraphs}, {"一": tuple(f"文字!B{n}" for n in range(len(paragraphs)))}
    return Submission(FORM, agency, 2024, VALUES | changed, texts, places=places, text_places=text_places)


def found(*paragraphs: str, agency: str = DEPARTMENT) -> list[Finding]:
    return list(quantity_findings(written(*paragraphs, agency=agency)))


RAISED = [
    ("全年共收到政府信息公开申请38件。", "requests.received.total", "37", "38"),
    ("2024年，我局共受理依申请公开41件，均已答复。", "requests.received.total", "37", "41"),
    ("全年收到36件政府信息公开申请。", "requests.received.total", "37", "36"),
    ("全年收到政府信息公开申请三十八件。", "requests.received.total", "37", "38"),
    ("本年度未收到政府信息公开申请。", "requests.received.total", "37", "0"),
    ("收到政府信息公开申请40件（含上年度结转申请4件）。", "requests.carried_in.total", "3", "4"),
    ("受理政府信息公开申请40件，结转下年度继续办理2件。", "requests.carried_out.total", "0", "2"),
    ("收到信息公开申请37件，另有2件申请顺延到下年度答复。", "requests.carried_out.total", "0", "2"),
    ("收到政府信息公开申请37件，其中自然人31件。", "requests.received.natural", "30", "31"),
    ("收到政府信息公开申请37件，其中自然人30件、法人或其他组织8件。", "requests.received.enterprise", "7", "8"),
    ("收到政府信息公开申请37件，予以公开25件。", "requests.granted.total", "24", "25"),
    ("收到政府信息公开申请37件。予以公开24件、部分公开7件。", "requests.partial.total", "6", "7"),
    ("办结信息公开申请40件；部分公开6件；不予公开5件。", "requests.state_secret.total", "3", "5"),
    ("办结信息公开申请40件，予以公开和部分公开31件。", "requests.granted.total", "30", "31"),
    ("收到政府信息公开申请37件，不予公开4件。", "requests.state_secret.total", "3", "4"),
    ("收到政府信息公开申请37件，无法提供的5件。", "requests.not_held.total", "4", "5"),
    ("收到政府信息公开申请37件，不予处理3件。", "requests.petition.total", "2", "3"),
    ("收到政府信息公开申请37件，作其他处理（含撤回）2件。", "requests.not_corrected.total", "1", "2"),
    ("办结政府信息公开申请41件。", "requests.handled.total", "40", "41"),
    ("政府信息公开行政复议5件。", "disputes.review.total", "4", "5"),
    ("政府信息公开行政复议4件，其中结果维持4件。", "disputes.review.upheld", "3", "4"),
    ("政府信息公开行政诉讼3件，其中结果纠正2件。", "disputes.direct_suit.corrected", "1", "2"),
    ("未发生政府信息公开行政诉讼案件。", "disputes.direct_suit.total", "3", "0"),
    ("没有因政府信息公开被申请行政复议的情形。", "disputes.review.total", "4", "0"),
    ("制发行政规范性文件8件。", "documents.normative.issued", "7", "8"),
    ("废止行政规范性文件3件。", "documents.normative.repealed", "2", "3"),
    ("现行有效行政规范性文件30件。", "documents.normative.effective", "31", "30"),
    ("全年作出行政许可决定12346件。", "services.licensing.decisions", "12345", "12346"),
    ("全年作出行政许可决定1.22万件。", "services.licensing.decisions", "12345", "12200"),
    ("行政事业性收费总额12.5万元。", "fees.fees.amount", "12.345", "12.5"),
]


@pytest.mark.parametrize(("text", "cell", "expected", "actual"), RAISED)
def test_a_number_that_fits_no_reading_is_found_on_its_cell(text: str, cell: str, expected: str, actual: str) -> None:
    (finding,) = found(text)
    assert (finding.rule, finding.severity) == (NUMBER, "warning")
    assert finding.cells[0] == cell
    assert (finding.expected, finding.actual) == (expected, actual)
    assert finding.at == ("文字!B0", *(layout_of(FORM).places[name] for name in finding.cells))
    assert "「一、总体情况」第 1 段（文字!B0）" in finding.message
    assert expected in finding.message
    assert finding.message.endswith("。")


SILENT = [
    # Every sound reading: 新收, 新收＋结转, 办结.
    "全年共收到政府信息公开申请37件。",
    "全年共收办政府信息公开申请40件。",
    "全年共收到政府信息公开申请四十件。",
    "受理政府信息公开申请40件，其中自然人33件，法人7件。",
    "收到政府信息公开申请37件。予以公开24件、部分公开6件、不予公开3件、无法提供4件、不予处理2件、其他处理1件。",
    "政府信息公开行政复议3件已审结。",
    "全年作出行政许可决定1.23万件。",
    "全年作出行政许可决定1.24万件，行政事业性收费12.3万元。",
    "行政事业性收费总额123450元。",
    # Not surely about the quantity.
    "全年备案政府信息公开领域行政复议案件134件，行政诉讼案件57件。",
    "收到政府信息公开申请37件，8件申请人主动撤销。",
    "办理上年度结转申请3件。",
    "2023年收到政府信息公开申请50件。",
    "去年收到政府信息公开申请50件，今年为37件。",
    "上半年收到政府信息公开申请12件。",
    "2024年第一季度，收到政府信息公开申请12件。",
    "3月，收到政府信息公开申请2件。",
    "通过网络收到政府信息公开申请20件。",
    "全县共收到政府信息公开申请900件。",
    "下属中学共收到政府信息公开申请5件，县招生办受理政府信息公开申请3件。",
    "收到政府信息公开申请3600余件。",
    "收到政府信息公开申请37人次。",
    "收到公租房申请120件，予以公开120件。",
    "收到人大建议12件、政协提案30件，答复42件。",
    "涉及国家秘密不予公开1件，均已告知申请人。",
    "因本机关不掌握等原因无法提供3件申请的信息。",
    "受理政府信息公开申请37件，不予公开、无法提供、不予处理合计9件。",
    "受理政府信息公开申请37件，予以公开或者部分公开的均已送达。",
    "未收到行政许可申请。",
    "未收到政府信息公开申请补正材料。",
    "全年办理行政复议案件500件、行政诉讼案件60件。",
    "政府信息公开未发生行政复议被纠错和行政诉讼败诉案件。",
    "未发生政府信息公开行政复议和行政诉讼败诉案件。",
    "政府信息公开行政复议4件，尚未审结行政复议1件，维持行政复议3件。",
    "政府信息公开行政复议4件；行政诉讼3件；结果维持2件。",
    "没有因政府信息公开被申请行政复议而撤销原答复的情形。",
    "主动公开行政规范性文件5件、解读政策文件9件。",
    "公示行政许可决定300件，公开行政处罚决定20件。",
    "审查制发规范性文件45件。",
    "对25件政府信息公开申请收取了信息处理费2950元。",
    "近三年收到政府信息公开申请100件。",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_fits_or_is_about_something_else_is_silent(text: str) -> None:
    assert [finding.message for finding in found(text)] == []


def test_a_governments_own_office_is_a_part_of_it() -> None:
    """The whole and its parts: 市政府 is not 全市, and a county is not the city."""
    gov = "甲市人民政府"
    assert found("全市共收到政府信息公开申请38件。", agency=gov)
    assert found("全市各级行政机关共收到政府信息公开申请38件。", agency=gov)
    assert not found("市政府收到政府信息公开申请5件。", agency=gov)
    assert not found("市本级共收到政府信息公开申请5件，予以公开3件。", agency=gov)
    assert not found("乙县共收到政府信息公开申请5件，予以公开3件。", agency=gov)
    assert not found("收到政府信息公开申请37件（乙县受理政府信息公开申请20件）。", agency=gov)
    assert found("县教育局共收到政府信息公开申请38件。", agency=DEPARTMENT)


def test_none_can_be_said_of_two_at_once() -> None:
    findings = found("未发生政府信息公开行政复议、行政诉讼案件。")
    assert [finding.cells[0] for finding in findings] == ["disputes.review.total", "disputes.direct_suit.total"]
    assert "“行政复议”写的是没有，表中是" in findings[0].message


def test_the_message_shows_sentence_numbers_and_cell() -> None:
    (finding,) = found("全年共收到政府信息公开申请38件。")
    assert finding.message == (
        "「一、总体情况」第 1 段（文字!B0）“收到申请”写的是 38，表中是表三「一、本年新收」总计列（三!J7） 37，"
        "或表三「一、本年新收」总计列＋表三「二、上年结转」总计列 40：“全年共收到政府信息公开申请38件。”。"
        "请核对文字和表；统计口径不同的，请在文字中写明。"
    )


def test_what_the_table_shows_is_a_reading_too() -> None:
    """A total that was overwritten has its own finding; the text that says the same adds nothing."""
    made = written("全年共收到政府信息公开申请38件。")
    assert not list(quantity_findings(replace(made, shown={"requests.received.total": 38})))


def test_nothing_is_said_of_a_table_that_is_not_filled_in() -> None:
    made = written("全年共收到政府信息公开申请38件。", **{key.replace(".", "__"): None for key in VALUES})
    assert not list(quantity_findings(made))


SHARES = [
    ("收到政府信息公开申请37件，予以公开24件，占60%。", ""),
    ("收到政府信息公开申请37件，予以公开24件，占64.9%。", ""),
    ("收到政府信息公开申请37件，予以公开24件，占64.8%。", ""),
    ("收到政府信息公开申请37件，自然人30件，占申请总数的81.08%。", ""),
    ("收到政府信息公开申请37件，予以公开24件，占70%。", "60%"),
    ("收到政府信息公开申请37件，部分公开6件（占16.5%）。", ""),
    ("收到政府信息公开申请37件，部分公开6件，占比18.5%。", "15.0%"),
    ("收到政府信息公开申请37件，制发文件占20%。", ""),
]


@pytest.mark.parametrize(("text", "expected"), SHARES)
def test_shares_are_compared_as_written(text: str, expected: str) -> None:
    findings = found(text)
    assert [finding.expected for finding in findings] == ([expected] if expected else [])
    assert all((finding.rule, len(finding.cells)) == (SHARE, 2) for finding in findings)


GROWTHS = [
    ("全年收到政府信息公开申请37件，同比增长48%。", ""),
    ("全年收到政府信息公开申请37件，较上年增长48.0%。", ""),
    ("全年收到政府信息公开申请40件，比2023年增加15件。", ""),
    ("全年收到政府信息公开申请40件，比2023年增加14件。", "增长 15 件"),
    ("全年收到政府信息公开申请37件，申请数量较去年下降48%。", "增长 48%"),
    ("全年收到政府信息公开申请37件，同比增长50%。", "增长 48%"),
    ("全年收到政府信息公开申请37件，与2022年相比增长5%。", ""),
    ("全年收到政府信息公开申请37件，网站访问量同比增长5%。", ""),
]


@pytest.mark.parametrize(("text", "expected"), GROWTHS)
def test_growth_is_compared_beside_last_year(text: str, expected: str) -> None:
    """25 received and nothing carried in last year."""
    last = {key: 0 if key.startswith("requests.") else value for key, value in VALUES.items()}
    prior = replace(written(), year=2023, values=last | {"requests.received.natural": 25})
    findings = list(quantity_findings(written(text), prior))
    assert [finding.expected for finding in findings] == ([expected] if expected else [])
    assert {finding.rule for finding in findings} <= {GROWTH}
    assert not list(quantity_findings(written(text))), "without last year's report nothing is said"


REAL = {
    "wenxian-jyj-2020": {},
    "hangzhou-2025": {},
    "huaian-2024": {},
    "shanghai-kewei-2024": {},
    "shanghai-office-2019": {NUMBER: 3, SHARE: 1},
    "suqian-2023": {},
    "suqian-2024": {},
}


@pytest.mark.parametrize("name", REPORT_DATA)
def test_real_reports_raise_only_what_is_wrong(name: str) -> None:
    """上海 2019 writes 258 where the table has 272 + 3, 33.9% where 258 of 805 are 32.0%, and of 7 reviews and 9 suits
    that all were upheld, where the table has 5 and 8, the rest pending."""
    findings = list(quantity_findings(report(name)))
    assert Counter(finding.rule for finding in findings) == REAL[name]
    if findings:
        both = [("275", "258"), ("32.0%", "33.9%"), ("5", "7"), ("8", "9")]
        assert [(finding.expected, finding.actual) for finding in findings] == both


def test_a_real_growth_rate_is_judged_by_two_real_reports() -> None:
    """宿迁 2024 writes 1.05% for 3646 after 3607, which is 1.08%."""
    (finding,) = quantity_findings(NOW, THEN)
    assert (finding.rule, finding.expected, finding.actual) == (GROWTH, "增长 1.08%", "增长 1.05%")
    mended = tuple(text.replace("1.05%", "1.08%") for text in NOW.texts["一"])
    assert not list(quantity_findings(replace(NOW, texts={"一": mended}), THEN))


QUOTED = {
    "huaian-2024": [
        "requests.carried_in.total requests.carried_out.total disputes.review.total",
        "disputes.review.upheld disputes.review.corrected disputes.review.other disputes.review.pending",
    ],
    "shanghai-kewei-2024": [
        "requests.carried_in.total requests.carried_out.total requests.granted.total requests.partial.total",
        "requests.process.total requests.unclear.total requests.repeated.total requests.fee_unpaid.total",
    ],
    "suqian-2023": [
        "requests.granted.total requests.partial.total requests.admin_query.total requests.not_held.total",
        "requests.petition.total requests.not_corrected.total requests.carried_out.total",
    ],
    "suqian-2024": [
        "requests.granted.total requests.partial.total requests.security.total requests.needs_creation.total",
        "requests.reissue.total requests.not_corrected.total requests.carried_out.total",
    ],
    "shanghai-office-2019": ["requests.carried_in.total requests.carried_out.total"],
}
"""Cells that the real texts quote, alone or in a hidden subtotal, and that no other reading explains."""


@pytest.mark.slow
@pytest.mark.parametrize("name", QUOTED)
@given(data=st.data())
def test_one_changed_figure_is_found_on_its_cell(name: str, data: st.DataObject) -> None:
    submission = report(name)
    cell = data.draw(st.sampled_from(" ".join(QUOTED[name]).split()))
    parts = [term.cell for term in submission.form.cells[cell].parts] or [cell]
    part = data.draw(st.sampled_from(parts))
    value = submission.numbers.get(part, 0) + data.draw(st.integers(20_000, 10**6))
    changed = replace(submission, values={**submission.values, part: value})
    before = {finding.message for finding in quantity_findings(submission)}
    new = [finding for finding in quantity_findings(changed) if finding.message not in before]
    assert any(finding.rule == NUMBER and cell in finding.cells for finding in new)


NUMBERS = [
    ("3646", "3646", "1"),
    ("3.6万", "36000", "1000"),
    ("12.50", "12.50", "0.01"),
    ("1亿", "100000000", "100000000"),
    ("零", "0", "1"),
    ("两", "2", "1"),
    ("十", "10", "1"),
    ("十二", "12", "1"),
    ("二十", "20", "1"),
    ("一百零五", "105", "1"),
    ("三千二百一十", "3210", "1"),
    ("五万", "50000", "10000"),
]


@pytest.mark.parametrize(("text", "value", "step"), NUMBERS)
def test_numbers_as_texts_write_them(text: str, value: str, step: str) -> None:
    number = read_number(text)
    assert number is not None
    assert (number.value, number.step) == (Decimal(value), Decimal(step))


@pytest.mark.parametrize("text", ["", "百", "万", "一二", "十百", "一百二百", "3.", "..", "二〇二四"])
def test_what_is_not_surely_a_number(text: str) -> None:
    assert read_number(text) is None


def in_words(number: int) -> str:
    """A number below 10,000 as one writes it, made the other way round."""
    digits, words = "零一二三四五六七八九", ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            words += digits[digit] + unit
        elif words and not words.endswith("零") and number:
            words += "零"
    return words.removeprefix("一") if words.startswith("一十") else words or "零"


@given(st.integers(0, 9999))
def test_chinese_numerals_are_read(number: int) -> None:
    read = read_number(in_words(number))
    assert read is not None
    assert read.value == number


@given(
    st.text(alphabet="收到受理政府信息公开申请予以不部分，。；（）、件万十二三0123456789%占同比增长年去", max_size=120)
)
def test_any_text_can_be_judged(text: str) -> None:
    for finding in quantity_findings(replace(NOW, texts={"一": (text,)}, text_places={}), THEN):
        assert finding.severity == "warning"


OWN_FORM = """
id = "own"
layout = 1
name = "表"
title = "{agency}{year}表"
basis = "通知"
years = { first = 2024 }
info = [{ id = "agency", label = "机关" }]
sections = [{ id = "文", title = "一、情况", text = true }, { id = "表", title = "二、表", widths = [10, 10] }]
[[tables]]
id = "posts"
section = "表"
kind = "count"
columns = [{ id = "n", label = ["数"] }]
rows = [{ id = "news", label = ["动态"] }, { id = "policy", label = ["政策"] }]
[texts]
words = { site = "(?:网站|公众号)" }
[[texts.sums]]
id = "all"
name = "各栏之和"
cells = ["posts.news.n", "posts.policy.n"]
[[texts.quantities]]
id = "posts"
name = "发布信息"
phrases = ["{site}发布信息{n}"]
readings = ["all", "all - posts.news.n"]
"""


def test_another_form_declares_its_own() -> None:
    form = parse_form(OWN_FORM, "own.toml")
    made = Submission(form, "某局", 2024, {"posts.news.n": 5, "posts.policy.n": 3}, {"文": ("网站发布信息9条。",)})
    (finding,) = quantity_findings(made)
    assert finding.cells == ("posts.news.n", "posts.policy.n")
    assert "各栏之和 8，或各栏之和－表「动态」数列 3" in finding.message.replace("二、表", "表")
    for number in (8, 3):
        assert not list(quantity_findings(replace(made, texts={"文": (f"网站发布信息{number}条。",)})))


def test_a_form_without_quantities_is_silent() -> None:
    form = parse_form(OWN_FORM.partition("[texts]")[0], "own.toml")
    assert not list(quantity_findings(Submission(form, "某局", 2024, {}, {"文": ("网站发布信息9条。",)})))
