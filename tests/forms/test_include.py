"""What forms share (共用的规则) stands once and is included; a form may add to it and replace parts of it."""

import tomllib
from pathlib import Path

import pytest
from places import TEMPLATES

from toolkit.checks.alike import essence
from toolkit.checks.text_sums import sum_findings
from toolkit.checks.texts import text_findings
from toolkit.forms.include import shared, shared_names
from toolkit.forms.loader import bundled_form, bundled_ids, load_form, parse_form
from toolkit.problems import FormProblem
from toolkit.submission.model import Submission

NEWEST = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
SMALL = """
id = "small"
layout = 1
name = "表"
title = "{agency}{year}表"
basis = "通知"
years = { first = 2024 }
include = ["narrative"]
info = [{ id = "agency", label = "机关" }]
"""


@pytest.mark.parametrize("form_id", ["2019", "2021"])
def test_an_edition_has_every_shared_rule_and_its_own_ones(form_id: str) -> None:
    form, common = bundled_form(form_id), shared("narrative")
    assert form is not None
    own = tomllib.loads((TEMPLATES / f"{form_id}.toml").read_text(encoding="utf-8"))
    for key in ("contents", "quantities"):
        ids = {rule.id for rule in getattr(form.texts, key)}
        names = [{item["id"] for item in part["texts"].get(key, ())} for part in (common, own)]
        assert ids == names[0] | names[1]
        assert not names[0] & names[1]
    assert list(form.boilerplate) == common["boilerplate"]
    assert [citation.right for citation in form.texts.citations] == [own["texts"]["citations"][0]["right"], "711"]


def test_no_rule_stands_in_two_files() -> None:
    files = [*TEMPLATES.glob("*.toml"), *TEMPLATES.glob("shared/*.toml")]
    texts = [tomllib.loads(path.read_text(encoding="utf-8")).get("texts", {}) for path in files]
    keys = ("contents", "quantities", "citations")
    rules = [repr(rule) for text in texts for key in keys for rule in text.get(key, ())]
    assert len(rules) == len(set(rules)) > 40


def test_a_shared_file_is_no_form() -> None:
    assert bundled_ids() == ("2019", "2021")
    assert "narrative" in shared_names()


def test_own_rules_stand_behind_before_or_in_place_of_shared_ones() -> None:
    included = [item["id"] for item in shared("narrative")["texts"]["quantities"]]
    item = (
        '\n[[texts.quantities]]\nid = "{}"\nname = "新收"\nphrases = ["新收{{n}}"]\n'
        'readings = ["requests.received.total"]\n'
    )
    text = NEWEST + item.format("last") + item.format("received") + item.format("second") + 'before = "carried-in"\n'
    quantities = parse_form(text, "mine.toml").texts.quantities
    ids = [quantity.id for quantity in quantities]
    assert ids[:3] == ["received", "second", "carried-in"]
    assert ids[-1] == "last"
    assert quantities[0].name == "新收"
    assert [name for name in ids if name in included] == included


def test_own_values_and_words_count() -> None:
    form = parse_form(NEWEST + '\n[texts]\ngovernments = "府$"\nwords = { get = "签收" }\n', "mine.toml")
    assert form.texts.governments is not None
    assert form.texts.governments.pattern == "府$"
    received = next(quantity for quantity in form.texts.quantities if quantity.id == "received")
    assert received.phrases[0].search("签收政府信息公开申请38件")
    assert not received.phrases[0].search("收到政府信息公开申请38件")


INCLUDE = '["powers", "narrative", "confusions", "law"]'
WRONG = [
    (
        INCLUDE,
        '["narative"]',
        "mine.toml：include：没有自带的「narative」，可以引用的有 confusions、law、narrative、powers",
    ),
    (INCLUDE, '"narrative"', "mine.toml：include：应为数组"),
    (INCLUDE, '["../2021"]', "mine.toml：include：没有自带的「../2021」"),
    (INCLUDE, '["narrative", "narrative"]', "mine.toml：include：narrative 出现了 2 次"),
    (INCLUDE, '["powers"]', "mine.toml：texts.citations[1]：不认识的键 before"),
    (
        INCLUDE,
        '["narrative", "law"]',
        "mine.toml：tables[documents].rows[regulations].needs：没有 id 为「rulemaking」的 powers",
    ),
    (
        'before = "not-held"',
        'before = "held"',
        "mine.toml：texts.quantities[otherwise].before：引用的规则里没有「held」这一项",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_a_wrong_include_is_told_file_and_key(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in NEWEST
    path = tmp_path / "mine.toml"
    path.write_text(NEWEST.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormProblem) as caught:
        load_form(path)
    assert said in caught.value.message


def test_a_form_without_the_tables_that_the_rules_speak_of_is_told_so() -> None:
    sections = 'sections = [{ id = "一", title = "一、情况", text = true }]\ntables = []\n'
    with pytest.raises(FormProblem, match=r"small\.toml：texts\.sums\[refused\]：没有 requests\.\w+\.total 这一数字格"):
        parse_form(SMALL + sections, "small.toml")


def test_the_shared_rules_work_in_a_form_of_ones_own() -> None:
    form = parse_form(NEWEST.replace('id = "2021"', 'id = "own"', 1), "own.toml")
    sentence = "本报告根据《中华人民共和国政府信息公开条例》编制。"
    made = Submission(form, "某局", 2024, {}, {"一": (sentence, "2023年，我局主动公开信息3条。")})
    assert sentence not in essence(made, "一")
    assert "other-year-in-text" in {finding.rule for finding in text_findings(made)}


def test_the_words_of_texts_against_themselves_can_be_replaced() -> None:
    text = "公开信息10桩，按类别动态4桩，公告5桩，其他2桩。"
    words = '\n[texts]\nwords = { unit = "桩" }\n[texts.own_numbers]\nbegins = "按类别"\n'
    for form_text, expected in ((NEWEST, []), (NEWEST + words, ["parts-differ-from-total"])):
        made = Submission(parse_form(form_text, "mine.toml"), "某局", 2024, {}, {"一": (text,)})
        assert [finding.rule for finding in sum_findings(made)] == expected


WRONG_WORDS = [
    ('[texts.own_numbers]\ncount = "{n}"\n', "texts.own_numbers.count：里面没有 (?P<about>…)"),
    ('[texts.own_parts]\nclaims = "六个部分"\n', "texts.own_parts.claims：里面没有 (?P<number>…)"),
    (
        '[[texts.ordinals]]\nname = "甲"\npattern = "[甲乙丙]"\ninstead = "子"\n',
        "texts.ordinals[甲].pattern：里面没有 (?P<number>…)",
    ),
]


@pytest.mark.parametrize(("words", "said"), WRONG_WORDS)
def test_wrong_words_of_texts_against_themselves_are_told_key_and_fault(words: str, said: str) -> None:
    with pytest.raises(FormProblem) as caught:
        parse_form(NEWEST + "\n" + words, "mine.toml")
    assert said in caught.value.message


def test_a_form_has_the_words_of_the_rules_and_adds_to_them() -> None:
    """Nobody has to include them, and a list is longer by what a form says itself."""
    plain_form = SMALL.replace('include = ["narrative"]\n', "")
    plain_form += 'sections = [{ id = "一", title = "一、情况", text = true }]\ntables = []\n'
    words = parse_form(plain_form, "mine.toml").texts.language.counts
    own = '\n[texts.counts]\npart_of = ["本季"]\n[texts.words]\ncases = ["桩"]\norgans = ["总队"]\n'
    more = parse_form(plain_form + own, "mine.toml").texts.language.counts
    assert (words.count.search("3件"), more.count.search("3件"))[0] is not None
    assert not words.count.search("收到3桩")
    assert more.count.search("收到3桩")
    assert more.part_of.search("本季收到3件")
    assert more.part_of.search("上半年收到3件")
    assert not words.part_of.search("本季收到3件")
    assert more.acting.search("甲总队收到3件")


def test_words_without_their_group_are_told() -> None:
    with pytest.raises(FormProblem, match=r"texts\.counts\.count：里面没有 \(\?P<number>…\)"):
        parse_form(NEWEST + '\n[texts.counts]\ncount = "件"\n', "mine.toml")


def test_a_form_adds_placeholders_and_slips_of_its_own() -> None:
    words = (
        '\n[texts.written]\nplaceholders = ["（略）"]\n'
        '[[texts.written.slips]]\nname = "万元元"\npattern = "(?P<slip>万元元)"\nfault = "多写了字"\n'
    )
    text = "全年收费3万元元（略）。还有XX项。"
    for form_text, expected in ((NEWEST, 1), (NEWEST + words, 2)):
        form = parse_form(form_text, "mine.toml")
        found = list(text_findings(Submission(form, "甲局", 2024, {}, {"六": (text,)})))
        placeholders = [one.message for one in found if one.rule == "placeholder-left"]
        assert len(placeholders) == expected
        assert any("万元元" in one.message for one in found if one.rule == "misspelt-text") == (expected > 1)
