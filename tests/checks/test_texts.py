"""Texts: each rule finds what it must and leaves what is sound alone; real reports raise only what is really there."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import REPORT_DATA, report

from toolkit.checks import text_sentences
from toolkit.checks.findings import Finding
from toolkit.checks.text_sentences import plain, quoted, same_body
from toolkit.checks.texts import RULES, content_rules, text_findings
from toolkit.forms.loader import bundled_forms, parse_form
from toolkit.problems import FormProblem
from toolkit.submission.model import Submission

BASE = report("suqian-2024")
DEPARTMENT = "甲县教育局"
SIDES = "主动公开。依申请公开。政府信息管理。网站平台。监督考核。"


def written(text: str, section: str = "一", agency: str = DEPARTMENT, **changes: object) -> Submission:
    """A department's report of 2024 in which all is well but for the text."""
    texts = {"一": (SIDES,), "五": ("问题是公开不够及时，下一步加强培训。",), "六": ("本年度未收取信息处理费。",)}
    places = {section: ("文字!B3", "文字!B4")}
    texts[section] = (*texts[section][:1], text)
    return replace(BASE, agency=agency, year=2024, **{"info": {}, "texts": texts, "text_places": places, **changes})


def found(submission: Submission, rule: str) -> list[Finding]:
    """The findings of one rule; nothing else may be found."""
    findings = list(text_findings(submission))
    assert {finding.rule for finding in findings} <= {rule}, [finding.message for finding in findings]
    return findings


RAISED = [
    ("other-year-in-text", "2023年，本机关主动公开政府信息50条。", "2023"),
    ("other-year-in-text", "（一）2022年，我局共收到申请3件。", "2022"),
    ("other-year-in-text", "二〇二三年，全局公开信息20条。", "2023"),
    ("other-year-in-text", "截至2023年底，全县公开信息20条。", "2023"),
    ("other-year-in-text", "现将我局2023年度政府信息公开工作情况报告如下。", "2023"),
    ("other-year-in-text", "本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。", "2023"),
    ("other-year-in-text", "统计期限为2024年1月1日至2023年12月31日。", "2023"),
    ("other-year-in-text", "2025年，我局共公开信息20条。", "2025"),
    ("other-agency-in-text", "现公布乙县民政局2024年政府信息公开工作年度报告。", "乙县民政局"),
    ("other-agency-in-text", "本报告由甲县民政局办公室编制。", "甲县民政局办公室"),
    ("other-agency-in-text", "2024年，乙县教育局认真贯彻条例。", "乙县教育局"),
    ("wrong-citation", "按照国办公开办函〔2019〕60号的要求编制。", "国办公开办函〔2019〕60号"),
    (
        "wrong-citation",
        "根据《政府信息公开工作年度报告格式》（国办公开办函[2021]3号）编制。",
        "国办公开办函〔2021〕3号",
    ),
    ("wrong-citation", "根据《中华人民共和国政府信息公开条例》（国务院令第492号）编制。", "492"),
    ("placeholder-left", "全年公开信息XX条。", "XX"),
    ("placeholder-left", "由××局办理。", "××"),
    ("placeholder-left", "联系人某某。", "某某"),
    ("placeholder-left", "全年公开信息＿＿条。", "＿＿"),
    ("placeholder-left", "全年收到申请共  件。", "共  件"),
    ("placeholder-left", "全年收到申请（ ）件。", "（ ）件"),
    ("placeholder-left", "（此处填写数量）", "（此处填写数量）"),
    ("placeholder-left", "具体数字待补充。", "待补充"),
    ("misspelt-text", "截至20 24年底已完成。", "20 24"),
    ("misspelt-text", "办结申请3件件。", "件件"),
    ("misspelt-text", "工作有序，。成效明显。", "，。"),
    ("misspelt-text", "工作有序。，成效明显。", "，"),
    ("misspelt-text", "公开信息1２条。", "1２"),
    ("misspelt-text", "满意率百分之98%。", "百分之98%"),
    ("misspelt-text", "政策的的解读。", "的的"),
    ("misspelt-text", "2024年2月30日召开会议。", "2024年2月30日"),
    ("title-in-text", "二、主动公开政府信息情况", ""),
    ("title-in-text", "一、总体情况", ""),
]
SILENT = [
    "与2023年相比，申请有所减少。",
    "2023年，我局首次公开目录，今年继续完善。",
    "2023年，我局收到申请3件，2024年收到5件。",
    "2025年，我局将继续加强培训。",
    "2025年，我局进一步做好公开。",
    "按照国办公开办函〔2021〕30号和某办发〔2019〕12号文件办理。",
    "《甲县2023年政务公开工作要点》的落实情况已公布。",
    "2023年5月，我局印发了通知。",
    "2018年，我局开通网站。",
    "“十四五”规划（2021—2025年）已公开。",
    "统计期限自2024年1月1日至12月31日。",
    "2024年度，我局收到申请3件。",
    "2022年修订的指南已更新。",
    "现将我单位2024年度政府信息公开工作报告如下：",
    "现将有关情况报告如下：",
    "现公布县教育局2024年政府信息公开工作年度报告。",
    "本报告由甲县教育局办公室编制。",
    "2024年，县委、县政府高度重视公开工作。",
    "2024年，县政府办公室对我局进行了检查。",
    "县民政局、乙县教育局来我局交流。",
    "《中华人民共和国政府信息公开条例》（国务院令第711号）、《年度报告格式》（国办公开办函〔2021〕30号）。",
    "原按国办公开办函〔2019〕60号编制，今年起按国办公开办函〔2021〕30号编制。",
    "采购XXL号工作服。",
    "举办“1+X”新闻发布会。",
    "共 3 件，均已办结。",
    "受理 件数有所增加。",
    "办公电话0527-84368888，邮编223800。",
    "网站访问达13812345678人次。",
    "统一社会信用代码113213000141234567。",
    "公开的目的的确在于监督。",
    "3件均已办结，1条条例释义，2024年年底完成。",
    "2024年2月29日召开会议，满意率98.5%。",
    "总体情况如下：",
    "申请人张某某、王××提出的申请已答复。",
    "公开内容有待补充，申请表填写说明见附件（填写《申请表》）。",
    "依照《政府信息公开 条例》公开 个人缴费办法。",
    "自二〇〇八年起公开。",
    "邮箱13812345678@163.com，网址/art__1/13812345678.html。",
    "上年度存在解读单一的问题。2023年，我局仅有图解3篇。",
    "2023年，我局荣获先进单位。",
    "本报告由局信息中心负责编制。",
]


FIRM = {"placeholder-left", "other-agency-in-text"}
"""What no report may have when it is made public."""


@pytest.mark.parametrize(("rule", "text", "spot"), RAISED)
def test_what_must_be_found(rule: str, text: str, spot: str) -> None:
    (finding,) = found(written(text), rule)
    assert finding.severity == ("error" if rule in FIRM else "warning")
    assert finding.at == ("文字!B4",)
    assert "第 2 段（文字!B4）" in finding.message
    assert finding.message.endswith("。")
    assert spot in finding.message
    assert spot in finding.actual or not spot


@pytest.mark.parametrize("text", SILENT)
def test_what_is_sound_is_silent(text: str) -> None:
    assert [finding.message for finding in text_findings(written(text))] == []


def test_every_rule_is_shown_and_has_an_example() -> None:
    assert {rule.id for rule in RULES} == {rule for rule, _, _ in RAISED} | {"personal-data"}
    assert all(rule.example for rule in RULES)
    assert {rule.id: rule.severity for rule in RULES if rule.severity != "warning"} == dict.fromkeys(FIRM, "error")


CONTENTS = [
    ("overview-sides", "一", "主动公开。依申请公开。政府信息管理。网站。", DEPARTMENT, "监督保障"),
    (
        "overview-sides",
        "一",
        "我局做了工作。",
        DEPARTMENT,
        "主动公开、依申请公开、政府信息管理、政府信息公开平台建设、监督保障",
    ),
    ("overview-sides", "一", SIDES, "甲县人民政府", "社会评议结果情况、责任追究结果情况"),
    *(
        ("overview-sides", "一", f"依申请公开。政府信息管理。网站。监督保障。{text}", DEPARTMENT, missing)
        for text, missing in (
            ("全年公开政务信息9条。", ""),
            ("累计公开政府信息217条。", ""),
            ("在微信公众号共刊发各类信息、工作动态44篇。", ""),
            ("持续推进重点领域信息公开。", ""),
            ("2025年完成信息公开716件，其中财政预决算公开类51件。", ""),
            ("政府信息公开行政复议7件。", "主动公开"),
            ("共受理政府信息公开申请3119件，答复3050件。", "主动公开"),
            ("依申请公开信息共计0条。", "主动公开"),
            ("全年发布政府信息公开申请答复书12份。", "主动公开"),
            ("本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况等六个部分组成。", "主动公开"),
        )
    ),
    (
        "overview-sides",
        "一",
        "主动公开。政府信息公开咨询、申请以及答复工作顺利。信息管理。网站。监督。",
        DEPARTMENT,
        "",
    ),
    ("overview-sides", "一", SIDES, DEPARTMENT, ""),
    ("overview-sides", "一", f"{SIDES}社会评议满意，没有需要责任追究的情形。", "甲县人民政府", ""),
    ("problems-and-measures", "五", "无", DEPARTMENT, "主要问题、改进措施"),
    ("problems-and-measures", "五", "公开内容还不够丰富。", DEPARTMENT, "改进措施"),
    ("problems-and-measures", "五", "一是渠道有待拓宽。下一步，加强学习。", DEPARTMENT, ""),
    ("processing-fee-stated", "六", "无", DEPARTMENT, "信息处理费"),
    ("processing-fee-stated", "六", "本年度行政事业性收费为0。", DEPARTMENT, "信息处理费"),
    ("processing-fee-stated", "六", "本年度未收取信息处理费。", DEPARTMENT, ""),
    ("processing-fee-stated", "六", "本年度未发生政府信息公开收费事项，行政事业性收费见表。", DEPARTMENT, ""),
]


@pytest.mark.parametrize(("rule", "section", "text", "agency", "missing"), CONTENTS)
def test_what_a_section_must_cover(rule: str, section: str, text: str, agency: str, missing: str) -> None:
    made = written("", section, agency)
    made = replace(made, texts={**made.texts, section: (text,)}, text_places={section: ("文字!B9",)})
    findings = [finding for finding in text_findings(made) if finding.rule == rule]
    assert [finding.expected for finding in findings] == ([missing] if missing else [])
    for finding in findings:
        assert f"没有写到{missing}" in finding.message
        assert finding.at == ("文字!B9",)
    if text == "无":
        assert "现在写的是“无”" in findings[0].message


def test_content_rules_are_the_forms_own() -> None:
    ids = {form.id: [rule.id for rule in content_rules(form)] for form in bundled_forms()}
    assert ids["2021"] == ["overview-sides", "problems-and-measures", "processing-fee-stated"]
    assert ids["2019"] == ids["2021"][:-1]


def test_governments_reports_may_be_drawn_up_by_a_department() -> None:
    text = f"{SIDES}社会评议。责任追究。本报告由甲县政务服务局编制。现公布{{}}2024年政府信息公开工作年度报告。"
    for name, wrong in (("甲县人民政府", 0), ("乙县人民政府", 1), ("县政府", 0)):
        made = replace(written("", agency="甲县人民政府"), texts={"一": (text.format(name),)}, text_places={})
        assert len(found(made, "other-agency-in-text")) == wrong


IDENTITY = "11010519491231002X"
"""The specimen of the standard GB 11643-1999."""


def test_personal_data_is_found_and_not_repeated() -> None:
    text = f"联系人身份证号{IDENTITY}，手机138 1234 5678。"
    (finding,) = found(written(text), "personal-data")
    assert "公民身份号码 110105********002X、手机号码 138****5678" in finding.message
    assert IDENTITY not in finding.message
    assert "13812345678" not in str(finding.data())


@given(st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_no_identity_number(place: int, by: int) -> None:
    """The check character tells every single slip."""
    digits = list(IDENTITY)
    digits[place] = str((int(digits[place].replace("X", "0")) + by) % 10)
    assert found(written(f"编号{''.join(digits)}。"), "personal-data") == []


def test_the_offices_own_telephone_is_allowed() -> None:
    text = "如有疑问，请拨打13812345678。"
    assert found(written(text), "personal-data")
    assert found(written(text, info={"phone": "办公室：138-1234-5678"}), "personal-data") == []
    assert found(written(text, info={"phone": "13812345679"}), "personal-data")


def test_the_older_form_cites_the_older_document() -> None:
    old = replace(report("wenxian-jyj-2020"), texts={"一": (SIDES, "按照国办公开办函〔2021〕30号编制。")})
    assert [finding.expected for finding in found(old, "wrong-citation")] == ["国办公开办函〔2019〕60号"]
    right = replace(old, texts={"一": (SIDES, "按照国办公开办函〔2019〕60号编制。")})
    assert found(right, "wrong-citation") == []


NAMES = [
    ("县教育局", "甲县教育局", True),
    ("市科委", "上海市科学技术委员会", True),
    ("东亭街道综合办公室", "锡山区东亭街道办事处", True),
    ("晋安区人民政府信息公开办", "福州市晋安区人民政府", True),
    ("我局", "甲县教育局", True),
    ("甲县教育局（本级）", "甲县教育局", True),
    ("甲县民政局", "甲县教育局", False),
    ("乙县教育局", "甲县教育局", False),
    ("区公安分局", "甲市公安局乙区分局", True),
    ("县公安分局", "甲市公安局乙区分局", False),
    ("甲县教育局", "", True),
]


@pytest.mark.parametrize(("name", "agency", "same"), NAMES)
def test_names_of_one_body(name: str, agency: str, same: bool) -> None:
    assert same_body(name, agency) is same


REAL = {
    "wenxian-jyj-2020": {"overview-sides": 1},
    "hangzhou-2025": {"overview-sides": 1},
    "huaian-2024": {"overview-sides": 1},
    "shanghai-kewei-2024": {"overview-sides": 1},
    "shanghai-office-2019": {"overview-sides": 1},
    "suqian-2023": {"overview-sides": 1},
    "suqian-2024": {"overview-sides": 1, "misspelt-text": 1},
}


@pytest.mark.parametrize("name", REPORT_DATA)
def test_real_reports_raise_only_what_is_there(name: str) -> None:
    """The texts of some are excerpts, and so lack sides; 温县 wrote nothing of 依申请公开, 宿迁 nothing of 责任追究."""
    findings = list(text_findings(report(name)))
    assert Counter(finding.rule for finding in findings) == REAL[name]
    missing = {"wenxian-jyj-2020": "依申请公开", "suqian-2023": "责任追究结果情况", "suqian-2024": "责任追究结果情况"}
    assert findings[0].expected == missing.get(name, findings[0].expected)


@pytest.mark.slow
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_judged(one: str, other: str) -> None:
    for finding in text_findings(replace(BASE, texts={"一": (one, other), "五": (other,)}, text_places={})):
        assert finding.message
        assert finding.severity == ("error" if finding.rule in FIRM else "warning")


@given(st.text(max_size=300), st.text(max_size=20))
def test_quotations_are_short_and_show_the_spot(text: str, spot: str) -> None:
    shown = quoted(text[:150] + spot + text[150:], spot)
    assert spot in shown
    assert len(shown) <= 60 + len(spot) + 20


@given(st.text(alphabet="0123456789０１２，,（(件年二〇 \u3000%％", max_size=40))
def test_plain_spelling_is_settled(text: str) -> None:
    assert plain(plain(text)) == plain(text)


HEAD = """
id = "f"
layout = 1
name = "表"
title = "{agency}{year}表"
basis = "通知"
years = { first = 2024 }
[[info]]
id = "agency"
label = "机关"
[[sections]]
id = "文"
title = "一、情况"
text = true
[[sections]]
id = "表"
title = "二、表"
widths = [10, 10]
[[tables]]
id = "t"
section = "表"
kind = "count"
columns = [{ id = "n", label = ["数"] }]
rows = [{ id = "r", label = ["行"] }]
"""
CONTENT = """[[texts.contents]]
id = "c"
section = "{section}"
sentence = "写"
basis = "通知"
parts = [{{ name = "甲", words = {words} }}]
"""
BROKEN = [
    ('[texts]\nyear_slots = ["(?P<year>"]', "不是合格的正则表达式"),
    ('[texts]\nyear_slots = ["年"]', "没有 (?P<year>…)"),
    ('[texts]\nadjustments = ["撤回"]', "没有 {n} 或 {yuan}"),
    ('[texts]\nagency_slots = ["{organ}"]', "{organ} 没有在 texts.words 里写明"),
    ('[[texts.citations]]\nname = "甲"\nright = "1号"\npatterns = ["1号"]', "正好有一对括号"),
    (CONTENT.format(section="表", words=["乙"]), "texts.contents[c].section：没有 id 为「表」的文字部分"),
    (CONTENT.format(section="文", words=[]), "texts.contents[c].parts[1].words：至少要有一项"),
    (CONTENT.format(section="文", words=["乙", "("]), "texts.contents[c].parts[1].words：「(」不是合格的正则表达式"),
    ('[texts]\ngovernments = ""', "texts.governments：应为文字（正则表达式），不能为空"),
    ("[texts]\nwords = { organ = 1 }", "texts.words：应为 文字 或 数组，现为 整数"),
    ('[[texts.sums]]\nid = "s"\nname = ""\ncells = ["t.r.n"]', "texts.sums[s].name：不能为空"),
    ('[[texts.sums]]\nid = "s"\nname = "和"\ncells = ["t.r.x"]', "没有 t.r.x 这一数字格"),
    ('[[texts.quantities]]\nid = "q"\nname = "数"\nphrases = ["收到"]\nreadings = ["t.r.n"]', "没有 {n} 或 {yuan}"),
    ('[[texts.quantities]]\nid = "q"\nname = "数"\nphrases = ["{n}"]\nreadings = ["t.r.n +"]', "应写成 甲 + 乙 - 丙"),
    ('[[texts.quantities]]\nid = "q"\nname = "数"\nphrases = ["{n}"]\nreadings = ["t.x.n"]', "没有 t.x.n 这一数字格"),
]


@pytest.mark.parametrize(("toml", "fault"), BROKEN)
def test_a_wrong_declaration_is_told(toml: str, fault: str) -> None:
    with pytest.raises(FormProblem) as problem:
        parse_form(HEAD + toml, "f.toml")
    assert fault in str(problem.value)
    assert "texts." in str(problem.value)


def test_a_form_that_declares_nothing_has_the_general_rules() -> None:
    form = parse_form(HEAD, "f.toml")
    made = Submission(form, "某局", 2024, {"t.r.n": 1}, {"文": ("全年公开信息XX条。", "2023年，我局公开信息3条。")})
    assert [finding.rule for finding in text_findings(made)] == ["placeholder-left", "other-year-in-text"]


@given(
    st.text(
        st.sampled_from("甲乙年一二〇0123，,；;：（(）)【[]〔！!？?。、.“”‘—…·％%　 \t\xa0ａ①㎡ﬁ\u200b國"), max_size=30
    )
)
def test_a_text_in_plain_spelling_already_is_read_the_same_way(text: str) -> None:
    """Most texts take the short way; what it gives is what the long way gives."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_sentences, "_USUAL", re.compile("(?!)"))
        the_long_way = text_sentences.plain.__wrapped__(text)
    assert text_sentences.plain.__wrapped__(text) == the_long_way
