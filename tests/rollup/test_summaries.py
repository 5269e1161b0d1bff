"""The roll-up's draft begins its text parts with sentences made of the totals, which never contradict the tables."""

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from kit import REPORT_DATA, random_submission, report, write
from openpyxl import load_workbook
from rollups import COUNTY, FORM, YEAR, Say, put, sound, three
from site_form import GOOD, SITE_FORM, good

from toolkit.batch.received.files import Item
from toolkit.checks.quantities import RULES, quantity_findings
from toolkit.checks.review import check
from toolkit.forms.loader import form_for_year, parse_form
from toolkit.problems import FormProblem
from toolkit.rollup.draft import build_draft, draft_report
from toolkit.rollup.explanations import explanations_in_words
from toolkit.rollup.gathering import Gathered, Return
from toolkit.rollup.summaries import scope_of, share_text, summary_paragraphs
from toolkit.rollup.sums import roll_up, share_of, sum_of
from toolkit.rollup.workbook import write_sum_workbook
from toolkit.submission.model import Explanation, Submission

AGENCIES = (COUNTY, "某省人民政府", "甲县丙镇人民政府", "甲自治州", "甲县教育局", "某市人民政府办公室", "")
NOT_FROM_FIGURES = {content.id for year in (2019, 2024) for content in form_for_year(year).texts.contents}
"""Rules on what a text must cover: no sentence of figures can satisfy them."""
ON_TEXTS = {rule.id for rule in RULES} | {
    *("other-year-in-text", "other-agency-in-text", "placeholder-left", "misspelt-text", "title-in-text"),
    *("wrong-citation", "hidden-characters", "personal-data"),
}


def with_summaries(total: Submission, returns: int = 40) -> Submission:
    """The total with its sentences as the texts of its report."""
    texts = {section: tuple(said) for section, said in summary_paragraphs(total, returns).items()}
    return replace(total, texts=texts)


def said(total: Submission, returns: int = 40) -> str:
    return "".join(text for texts in summary_paragraphs(total, returns).values() for text in texts)


@given(
    seed=st.integers(0, 2**32),
    year=st.sampled_from((2019, 2020, 2021, 2024)),
    agency=st.sampled_from(AGENCIES),
    returns=st.integers(1, 20_000),
)
def test_no_sentence_contradicts_the_tables(seed: int, year: int, agency: str, returns: int) -> None:
    """Whatever the totals: large, sparse, unbalanced, negative, halves of cases, with written totals that are wrong."""
    rng = random.Random(seed)
    total = replace(random_submission(form_for_year(year), rng, year), agency=agency)
    if rng.random() < 0.3:
        odd = {cell: rng.choice((-3, Decimal("1.5"), 10**30)) for cell in rng.sample(list(total.values), 20)}
        total = replace(total, values={**total.values, **odd})
    found = check(with_summaries(total, returns))
    assert [finding.message for finding in found if finding.rule in ON_TEXTS] == []


@pytest.mark.parametrize("name", REPORT_DATA)
def test_no_sentence_contradicts_a_real_report(name: str) -> None:
    total = report(name)
    sentences = with_summaries(total)
    assert [found.message for found in check(sentences) if found.rule in ON_TEXTS] == []
    assert set(sentences.texts) >= {"一", "六"}


def test_the_check_understands_the_sentences() -> None:
    """That nothing is found is worth something: whichever figure of the table is another, the check finds it."""
    total = report("suqian-2024")
    texts = with_summaries(total).texts
    for cell in (
        *("documents.normative.issued", "documents.regulations.effective", "services.licensing.decisions"),
        *("enforcement.penalty.decisions", "enforcement.coercion.decisions", "fees.fees.amount"),
        *("requests.received.natural", "requests.received.enterprise", "requests.carried_in.natural"),
        *("requests.carried_out.natural", "requests.granted.natural", "requests.partial.natural"),
        *("requests.process.natural", "requests.not_held.natural", "requests.petition.natural"),
        *("requests.not_corrected.natural", "disputes.review.upheld", "disputes.review.corrected"),
        *("disputes.review.pending", "disputes.direct_suit.upheld", "disputes.suit_after_review.other"),
    ):
        values = {**total.values, cell: total.numbers[cell] + 7}
        wrong = list(quantity_findings(replace(total, values=values, texts=texts)))
        assert wrong, cell


def county(**values: object) -> Submission:
    zero: dict[str, object] = {cell.id: 0 for cell in FORM.filled}
    return Submission(FORM, COUNTY, YEAR, zero | {key.replace("__", "."): value for key, value in values.items()}, {})


def test_the_sentences_are_what_an_editor_would_write() -> None:
    total = county(
        requests__received__natural=30,
        requests__received__enterprise=5,
        requests__received__legal=2,
        requests__carried_in__natural=3,
        requests__granted__natural=36,
        requests__state_secret__natural=3,
        requests__carried_out__natural=1,
        disputes__review__upheld=3,
        disputes__review__pending=1,
        disputes__suit_after_review__corrected=1,
        documents__normative__issued=7,
        documents__normative__effective=31,
        services__licensing__decisions=12345,
        fees__fees__amount=Decimal("12.345"),
    )
    assert summary_paragraphs(total, 2) == {
        "一": [
            "2024年，全县制发行政规范性文件7件，现行有效行政规范性文件31件。全县作出行政许可决定12345件。"
            "全县收取行政事业性收费12.345万元。",
            "2024年，全县共收到政府信息公开申请37件，其中自然人30件，占81.1%，法人或其他组织7件，占18.9%。"
            "全县上年结转的申请3件，结转下年度继续办理的申请1件。"
            "全县共办结政府信息公开申请39件，其中予以公开36件、不予公开3件。",
            "2024年，全县因政府信息公开被申请行政复议4件，其中结果维持3件、尚未审结1件。"
            "全县因政府信息公开被提起行政诉讼1件，其中结果纠正1件。",
        ],
        "五": ["2024年，全县政府信息公开行政复议、行政诉讼被纠正的共1件，其中行政诉讼结果纠正1件。"],
        "六": ["本报告的数据由2个机关的数据汇总而成。"],
    }


def test_what_is_nothing_is_said_once_and_what_is_not_stated_is_not_said() -> None:
    assert said(county()) == (
        "2024年，全县没有收到政府信息公开申请。"
        "2024年，全县没有因政府信息公开被申请行政复议。全县没有因政府信息公开被提起行政诉讼。"
        "2024年，全县政府信息公开行政复议、行政诉讼没有被纠正的。本报告的数据由40个机关的数据汇总而成。"
    )
    blank = replace(county(), values={})
    assert said(blank) == "本报告的数据由40个机关的数据汇总而成。"


@pytest.mark.parametrize(
    ("agency", "scope"),
    [
        *(("青河县人民政府", "全县"), ("青河市海州区人民政府", "全区"), ("某省人民政府", "全省")),
        *(("内蒙古自治区人民政府", "全区"), ("甘孜藏族自治州人民政府", "全州"), ("甲旗人民政府", "全旗")),
        *(("甲县丙镇人民政府", "全镇"), ("青河县", "全县"), ("甘孜藏族自治州", "全州"), ("柳 州 市 人民政府", "全市")),
        *(("青河县教育局", "各单位"), ("青河县人民政府办公室", "各单位"), ("柳州", "各单位"), ("阳光社区", "各单位")),
        *(("某街道办事处", "各单位"), ("甲县人民政府（本级）", "各单位"), ("人民政府", "各单位"), ("", "各单位")),
    ],
)
def test_the_word_for_everybody_is_the_areas_or_one_that_is_always_right(agency: str, scope: str) -> None:
    assert scope_of(FORM, agency) == scope


@pytest.mark.parametrize(
    ("part", "whole", "decimals", "text"),
    [
        *((1, 3, 1, "33.3"), (2, 3, 1, "66.7"), (1, 8, 0, "13"), (1, 8, 2, "12.5"), (5, 5, 1, "100"), (1, 2, 2, "50")),
        *((1, 10_000, 1, ""), (9_999, 10_000, 1, ""), (5, 4, 1, ""), (5, 0, 1, ""), (5, None, 1, "")),
        (Decimal("0.5"), Decimal("4"), 1, "12.5"),
    ],
)
def test_a_share_is_rounded_as_declared_and_never_misleads(
    part: int, whole: int | None, decimals: int, text: str
) -> None:
    assert share_text(part, whole, decimals) == text


# ------------------------------------------------------------ declarations

OWN = """
[[texts.sums]]
id = "done"
name = "完成数之和"
cells = ["posts.actual.news", "posts.actual.policy"]

[[texts.summaries]]
id = "posts"
section = "说明"
sentences = [
  { text = "{year}年，{scope}发布{n}条", reading = "done", none = "没有发布", start = "：", join = "；", items = [
    { text = "动态{n}条", reading = "posts.actual.news", share = "（{share}%）", of = "done", decimals = 0 },
    { text = "政策{n}条", reading = "posts.actual.total - posts.actual.news" },
  ] },
]
"""


def test_a_form_of_ones_own_declares_its_own_sentences_or_none() -> None:
    form = parse_form(SITE_FORM + OWN, "site.toml")
    assert said(Submission(form, "某局", 2024, GOOD, {})) == "2024年，各单位发布18条：动态12条（67%）；政策6条。"
    nothing = GOOD | {"posts.actual.news": 0, "posts.actual.policy": 0}
    assert said(Submission(form, "某局", 2024, nothing, {})) == "没有发布。"
    assert summary_paragraphs(good(), 1) == {}
    gathered = gathered_from([good()], "某局")
    blocks = draft_report(gathered, roll_up([good()], "某局")).text("说明")
    assert [block.text for block in blocks][:2] == ["（一）某局", "第一段。"]


FAULTS = [
    (
        'section = "说明"\nsen',
        'section = "情况"\nsen',
        "texts.summaries[posts].section：没有 id 为「情况」的文字部分，可以是 说明",
    ),
    ('"done", none', '"posts.x", none', "sentences[1].reading：没有 posts.x 这一数字格，也没有这样一个 texts.sums"),
    ('of = "done"', 'of = "money.level.amount"', "items[1].of：没有 money.level.amount 这一数字格"),
    ('of = "done"', 'of = "done done"', "items[1].of：「done done」应写成 甲 + 乙 - 丙"),
    (
        "发布{n}条",
        "发布{m}条",
        "sentences[1].text：「m」不认识，花括号里可以写的有 {n}、{year}、{agency}、{scope}、{returns}",
    ),
    ("发布{n}条", "发布{n条", "sentences[1].text：「{」不认识"),
    ("发布{n}条", "发布", "sentences[1].text：写了 reading，里面就要有 {n}"),
    ("政策{n}条", "政策", "items[2].text：里面要有 {n}"),
    ("政策{n}条", "政策{n}条。", "items[2].text：句末的“。”由程序加"),
    ("（{share}%）", "（{n}%）", "items[1].share：「n」不认识，花括号里可以写的有 {share}"),
    ("（{share}%）", "（%）", "items[1].share：里面要有 {share}"),
    (', of = "done"', "", "items[1]：share（占比的写法）和 of（占什么的比）要写就都写"),
    ("decimals = 0", "decimals = 9", "items[1].decimals：应在 0 至 6 之间"),
    ("decimals = 0", 'decimals = "0"', "decimals：应为 整数，现为 文字"),
    ('reading = "done", none', "none", "「n」不认识"),
    ('{n}条", reading = "done", none', '", none', "sentences[1].none：没有写 reading，就没有为 0 的时候"),
    ('none = "没有发布"', 'non = "没有发布"', "不认识的键 non，请检查拼写"),
    ('id = "posts"\nsection', 'id = "Posts"\nsection', "id「Posts」只能用小写英文字母"),
    (
        "\n[[texts.summaries]]",
        "\n[[texts.summaries]]\nid='posts'\nsection='说明'\nsentences=[{text='{returns}'}]\n[[texts.summaries]]",
        "posts 出现了 2 次",
    ),
    (
        "\n[[texts.summaries]]",
        "\n[[texts.summaries]]\nid='a'\nsection='说明'\nsentences=[{text='无'}]\n[[texts.summaries]]",
        "texts.summaries[a].sentences[1]：没有数",
    ),
    (
        "\n[[texts.summaries]]",
        "\n[[texts.summaries]]\nid='a'\nsection='说明'\nsentences=[]\n[[texts.summaries]]",
        "sentences：至少要有一项",
    ),
]


@pytest.mark.parametrize(("before", "after", "words"), FAULTS)
def test_a_wrong_declaration_is_told_with_file_key_and_what_is_allowed(before: str, after: str, words: str) -> None:
    assert before in OWN
    with pytest.raises(FormProblem) as problem:
        parse_form(SITE_FORM + OWN.replace(before, after, 1), "site.toml")
    assert words in problem.value.message
    assert "格式定义 site.toml：" in problem.value.message


# ------------------------------------------------------------ the draft


def gathered_from(submissions: list[Submission], agency: str = COUNTY) -> Gathered:
    def returns() -> Iterator[Return]:
        for number, one in enumerate(submissions, 1):
            asked = {"a1b2c3": "表二「行政许可」处理决定数量列：上年 3，本年 300，相差 100 倍。请核对。"}
            explained = tuple(explanations_in_words(one.explanations, one.form, asked))
            name = f"{number}.xlsx"
            yield Return("通过", one.agency, name, Item(name, number=number), share=share_of(one), explained=explained)

    counted = tuple(returns())
    return Gathered(agency, counted, counted, (), submissions[0].form, submissions[0].year)


EXPLANATIONS = (
    Explanation("requests-balance.natural", "上年报告\n更正过。", "自查!F9"),
    Explanation("a1b2c3", "新划入一家单位。"),
    Explanation("不知道是什么", "属实。"),
    Explanation("requests-balance.other", "  "),
)


def test_explanations_stand_in_the_notes_and_on_the_sheet_and_not_in_the_public_text(tmp_path: Path) -> None:
    one, two, _ = three()
    one = replace(one, explanations=EXPLANATIONS)
    gathered = gathered_from([one, two])
    assert gathered.shares[0].explanations == EXPLANATIONS
    total = sum_of(FORM, YEAR, COUNTY, gathered.shares)
    case = next(case.id for case in FORM.cases if case.relation.id == "requests-balance")
    lines = list(explanations_in_words([replace(EXPLANATIONS[0], about=case)], FORM, {}))
    assert lines == ["表三自然人列：第一项加第二项之和，等于第三项（七）总计加第四项之和——上年报告 更正过。"]
    told = gathered.counted[0].explained
    assert told[1:] == (
        "表二「行政许可」处理决定数量列：上年 3，本年 300，相差 100 倍——新划入一家单位。",
        "属实。",
    )
    document = Document(str(write(tmp_path / "草稿.docx", build_draft(gathered, total))))
    paragraphs = [line.text for line in document.paragraphs]
    assert "〔各机关对提醒的说明 3 条，供改写时参考：〕" in paragraphs
    first_section = paragraphs.index(FORM.section("一").title)
    for line in told:
        assert paragraphs.index(f"〔甲县教育局：{line}〕") < first_section
        assert paragraphs.count(f"〔甲县教育局：{line}〕") == 1
    write_sum_workbook(tmp_path / "汇总表.xlsx", gathered, total, tmp_path)
    rows = list(load_workbook(tmp_path / "汇总表.xlsx")["来源"].iter_rows(min_row=3, values_only=True))
    assert rows[0][-1] == "机关对提醒的说明"
    assert [row[-1] for row in rows[1:]] == ["\n".join(told), ""]


def test_a_carry_over_is_named_by_its_place() -> None:
    case = FORM.carry_overs[0]
    (line,) = explanations_in_words([Explanation(case.id, "机构改革划出。")], FORM, {})
    assert line == f"{case.place}：{case.carry_over.sentence}——机构改革划出。"


def test_the_draft_of_the_command_begins_each_part_with_its_sentences(gknb_here: Say, tmp_path: Path) -> None:
    """The agencies' texts stand behind them, as before."""
    source = put(tmp_path / "表.json", *three())
    status, words = gknb_here("rollup", source, "--agency", COUNTY, "-o", "汇总")
    assert status == 0, words
    total = roll_up(three(), COUNTY)
    (path,) = (tmp_path / "汇总").glob("*.docx")
    paragraphs = [line.text for line in Document(str(path)).paragraphs]
    assert "各部分开头的句子里的数取自本表" in paragraphs[1]
    for section, sentences in summary_paragraphs(total, 3).items():
        start = paragraphs.index(FORM.section(section).title) + 1
        assert paragraphs[start : start + len(sentences)] == sentences
        assert paragraphs[start + len(sentences)].startswith("（一）甲县教育局")


def test_the_texts_of_very_many_agencies_are_left_out_and_the_sentences_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.rollup.draft.TEXTS_LIMIT", 2)
    rng = random.Random(5)
    submissions = [sound(f"甲县第{number}局", rng) for number in range(3)]
    gathered = gathered_from(submissions)
    draft = draft_report(gathered, sum_of(FORM, YEAR, COUNTY, gathered.shares))
    assert [block.text for block in draft.text("六")] == ["本报告的数据由3个机关的数据汇总而成。"]
