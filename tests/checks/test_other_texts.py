"""Texts for which the form has no place are kept, checked like other texts, and count for no section: the preface
(引言), what stands beside tables, the signature (落款)."""

import json
from dataclasses import replace
from io import BytesIO

import pytest
from docx import Document
from kit import LOOKUP, report

from toolkit.checks.findings import Finding
from toolkit.checks.review import check
from toolkit.reports.content import report_of
from toolkit.reports.web_page import report_page
from toolkit.reports.word_report import word_report
from toolkit.submission.json_csv import long_rows, read_data_bytes, to_data
from toolkit.submission.model import Submission

BASE = report("suqian-2024")
AGENCY, YEAR = BASE.agency, BASE.year


def with_texts(agency: str = AGENCY, **others: str) -> Submission:
    return replace(BASE, agency=agency, other_texts={key: (text,) for key, text in others.items()})


def raised(made: Submission) -> list[Finding]:
    """What the other texts raise beyond the report's own findings."""
    own = {found.message for found in check(replace(made, other_texts={}))}
    return [found for found in check(made) if found.message not in own]


CITED = "按照《国务院办公厅关于政府信息公开工作年度报告有关事项的通知》（国办公开办函〔2019〕60号）要求编制。"
RIGHT = "按照国办公开办函〔2021〕30号要求编制。"
FAULTY = [
    ("preface", CITED, "wrong-citation", "「引言」第 1 段"),
    ("preface", "现将宿迁市人民政府2023年政府信息公开工作年度报告公布如下：", "other-year-in-text", "「引言」第 1 段"),
    ("preface", "现公布徐州市人民政府2024年政府信息公开工作年度报告。", "other-agency-in-text", "“徐州市人民政府”"),
    ("preface", "本报告由总体情况等七个部分组成。", "parts-of-report-differ", "「引言」"),
    ("二", "全年公开信息12件件。", "misspelt-text", "「二、主动公开政府信息情况」第 1 段"),
    (
        "三",
        "全年收到政府信息公开申请0件。",
        "text-differs-from-tables",
        "「三、收到和处理政府信息公开申请情况」第 1 段",
    ),
    ("三", "公开信息77条，其中动态40条，公告37条，其他1条。", "parts-differ-from-total", "「三、"),
    ("四", "二是规范审核审核发布机制。", "doubled-words", "「四、"),
    ("outside", "认真落实工作布署。", "confused-words", "「各部分以外」第 1 段"),
    ("signature", "XX市人民政府", "placeholder-left", "「落款」第 1 段"),
]
SOUND = [
    ("preface", RIGHT),
    ("preface", f"现公布{AGENCY}{YEAR}年政府信息公开工作年度报告。统计期限为{YEAR}年1月1日至{YEAR}年12月31日。"),
    ("preface", "本报告由宿迁市人民政府办公室根据条例编制。"),
    ("preface", "一、总体情况"),
    ("三", "见下表。"),
    ("三", "注：含上年结转。"),
    ("signature", f"{YEAR + 1}年1月20日"),
    ("signature", AGENCY),
]


@pytest.mark.parametrize(("key", "text", "rule", "shown"), FAULTY)
def test_a_slip_is_found_with_its_place(key: str, text: str, rule: str, shown: str) -> None:
    (found,) = [found for found in raised(with_texts(**{key: text})) if found.rule == rule]
    assert shown in found.message


@pytest.mark.parametrize(("key", "text"), SOUND)
def test_what_is_sound_is_left_alone(key: str, text: str) -> None:
    assert [found.message for found in raised(with_texts(**{key: text}))] == []


AGENCIES = [
    ("银川市城市管理局", "编制了《银川市教育局2024年政府信息公开工作年度报告》。", "银川市教育局"),
    ("银川市城市管理局", "《银川市城市管理局2024年政府信息公开工作年度报告》公布如下。", ""),
    ("广西富鸣集团有限公司", "根据条例要求,由南宁市武鸣区行政审批局编制。", "南宁市武鸣区行政审批局"),
    ("甲县教育局", "本报告由甲县教育局办公室编制。", ""),
    ("甲县教育局", "本报告由局办公室编制。", ""),
    ("甲县教育局", "由甲县教育信息中心编制。", ""),
    ("凤县人民政府办公室", "现公布宝鸡市凤县人民政府2024年政府信息公开工作年度报告。", ""),
    ("沌口街道办事处", "现公布武汉开发区沌口街2024年政府信息公开工作年度报告。", ""),
    ("甲县丙镇人民政府", "由甲县丙镇人民政府编制。", ""),
]


@pytest.mark.parametrize(("agency", "text", "name"), AGENCIES)
def test_the_agency_that_a_preface_names(agency: str, text: str, name: str) -> None:
    found = [one for one in raised(with_texts(agency, preface=text)) if one.rule == "other-agency-in-text"]
    assert [one.actual for one in found] == ([name] if name else [])


def test_the_first_sentence_of_a_report_without_a_preface_names_its_agency() -> None:
    text = "根据条例要求，编制《银川市城市管理局2024年政府信息公开工作年度报告》。"
    others = BASE.texts["一"]
    made = replace(BASE, agency="银川市教育局", texts={**BASE.texts, "一": (text, *others)})
    (found,) = [one for one in check(made) if one.rule == "other-agency-in-text"]
    assert (found.actual, "「一、总体情况」第 1 段" in found.message) == ("银川市城市管理局", True)
    for agency, texts in (
        ("银川市城市管理局", (text,)),
        ("银川市教育局", ("总的看。", text)),
        ("银川市教育局", (text.replace("城市管理局", "人民政府"),)),
    ):
        made = replace(BASE, agency=agency, texts={**BASE.texts, "一": texts})
        assert "other-agency-in-text" not in {one.rule for one in check(made)}, (agency, texts)


def test_another_agencys_report_may_be_spoken_of_elsewhere() -> None:
    text = "编制发布《宿迁市教育局2024年政府信息公开工作年度报告》。"
    assert raised(replace(with_texts("宿迁市数据局"), texts={**BASE.texts, "六": (text,)})) == []


def test_they_count_for_no_section_and_stand_in_no_report() -> None:
    covered = "".join(text for texts in BASE.texts.values() for text in texts)
    made = replace(with_texts(preface=covered, 二=covered), texts={})
    assert {found.rule for found in check(made)} >= {"text-missing"}
    assert sum(found.rule == "text-missing" for found in check(made)) == len(BASE.form.text_sections)
    assert report_of(with_texts(preface=RIGHT, 三="见下表。", signature=AGENCY)) == replace(
        report_of(BASE), submission=with_texts(preface=RIGHT, 三="见下表。", signature=AGENCY)
    )


def test_an_office_may_have_them_repeated() -> None:
    made = with_texts(preface=RIGHT, 三="见下表。", outside="七、附件", signature=AGENCY)
    page = report_page(report_of(made, with_others=True))
    places = [page.index(text) for text in (RIGHT, "一、总体情况", "见下表。", "四、政府信息公开行政", "七、附件")]
    assert places == sorted(places)
    assert page.rindex(AGENCY) > places[-1]
    document = Document(BytesIO(word_report(report_of(made, with_others=True))))
    lines = [one.text for one in document.paragraphs]
    assert lines[1] == RIGHT
    assert lines[-2:] == ["七、附件", AGENCY]
    assert lines[lines.index("三、收到和处理政府信息公开申请情况") + 1] == "见下表。"


def test_they_come_back_from_data() -> None:
    made = with_texts(preface=RIGHT, 三="见下表。", outside="七、附件", signature=AGENCY)
    data = to_data(made)
    (again,) = read_data_bytes(json.dumps(data).encode(), LOOKUP)
    assert again.other_texts == made.other_texts
    assert to_data(again) == data
    assert [row[4:] for row in long_rows("a", made)][-4:] == [
        ("preface.1", "引言", RIGHT),
        ("三.1", "三、收到和处理政府信息公开申请情况", "见下表。"),
        ("outside.1", "各部分以外", "七、附件"),
        ("signature.1", "落款", AGENCY),
    ]
    data["texts"] |= {"二": ["另见附件。"], "四": []}
    (again,) = read_data_bytes(json.dumps(data).encode(), LOOKUP)
    assert again.texts == made.texts
    assert again.other_texts == {**made.other_texts, "二": ("另见附件。",)}
