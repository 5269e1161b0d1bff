"""The list of wrong words (肯定写错的词): it is sound in itself, and a form may add to it and take words back."""

import tomllib

import pytest
from places import TEMPLATES

from toolkit.checks.wrong_words import word_findings
from toolkit.forms.include import shared
from toolkit.forms.loader import bundled_forms, parse_form
from toolkit.forms.wrong_words import Confusion, wrong_words
from toolkit.problems import FormProblem
from toolkit.submission.model import Submission

NEWEST = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
DECLARED = shared("confusions")["texts"]["confusions"]
WORDS = bundled_forms()[-1].texts.wrong


def said(text: str, form_text: str = NEWEST) -> list[str]:
    form = parse_form(form_text, "mine.toml")
    return [found.actual for found in word_findings(Submission(form, "某局", 2024, {}, {"一": (text,)}))]


def test_both_editions_have_the_words() -> None:
    assert len(DECLARED) >= 300
    assert [set(form.texts.wrong.confusions) for form in bundled_forms()] == [set(DECLARED)] * 2


@pytest.mark.parametrize("word", WORDS.confusions)
def test_a_right_word_has_no_wrong_one_in_it(word: str) -> None:
    assert not list(WORDS.in_text(WORDS.confusions[word].right))


def test_no_word_stands_in_a_longer_one_of_the_same_fault() -> None:
    always = {word: one for word, one in WORDS.confusions.items() if one.only is None and one.unless is None}
    for word, one in always.items():
        longer = [other for other in WORDS.confusions if word in other and word != other]
        assert [other for other in longer if other.replace(word, one.right) == WORDS.confusions[other].right] == [], (
            word
        )


@pytest.mark.parametrize("word", sorted(WORDS.never_twice))
def test_a_doubled_word_is_found_and_a_single_one_is_not(word: str) -> None:
    assert [one.right for one in WORDS.in_text(f"{word}{word}。")] == [word]
    assert not list(WORDS.in_text(f"{word}，{word}"))


def test_no_form_and_no_shared_file_has_a_wrong_word() -> None:
    """Labels of published reports that a form knows with their misprints are no texts of its own."""
    for path in [*TEMPLATES.glob("*.toml"), *TEMPLATES.glob("shared/*.toml")]:
        if path.name != "confusions.toml":
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            assert [text for text in texts_in(data) if any(WORDS.in_text(text))] == [], path.name


def texts_in(data: object) -> list[str]:
    if isinstance(data, dict):
        return [text for key, value in data.items() if key != "also" for text in texts_in(value)]
    return [text for value in data for text in texts_in(value)] if isinstance(data, list) else [str(data)]


def test_a_form_adds_changes_and_takes_back_words() -> None:
    own = """
[texts.confusions]
"甲乙局" = "甲一局"
"帐号" = ""
"台帐" = { right = "台账", only = "电子" }
[texts.doubled]
words = ["专班"]
"""
    text = "甲乙局的帐号已注册。专班专班开会。审核审核。台帐齐全。电子台帐齐全。"
    assert said(text) == ["帐号", "审核审核", "台帐", "台帐"]
    assert said(text, NEWEST + own) == ["甲乙局", "专班专班", "审核审核", "台帐"]


def test_a_form_without_the_words_is_not_checked() -> None:
    assert said("布署审核审核。", NEWEST.replace(', "confusions"', "", 1)) == []


def test_only_the_longest_wrong_word_is_told() -> None:
    words = wrong_words({"处里": "处理", "不予处里": "不予处理"}, None)
    assert [one.written for one in words.in_text("不予处里3件")] == ["不予处里"]
    assert [one.written for one in words.in_text("不予处里3件，处里2件")] == ["不予处里", "处里"]


def test_a_context_counts_in_its_own_clause() -> None:
    words = wrong_words({"登陆": Confusion("登录", unless=WORDS.confusions["登陆"].unless)}, None)
    assert [one.written for one in words.in_text("台风登陆前预警")] == []
    assert [one.written for one in words.in_text("台风来临前，登陆网站查看")] == ["登陆"]


@pytest.mark.parametrize("words", ['["局"]', '["政府信息公开工作"]'])
def test_a_doubled_word_that_is_not_looked_for_is_told(words: str) -> None:
    with pytest.raises(FormProblem, match="应为 2 至 6 个字"):
        parse_form(f"{NEWEST}\n[texts.doubled]\nwords = {words}\n", "mine.toml")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ('"涵" = "函"', "texts.confusions[涵]：至少要两个字"),
        ('"部署" = "部署"', "texts.confusions[部署]：写错的和应当写的相同"),
        ('"布署" = { right = "部署", only = "(" }', "不是合格的正则表达式"),
        ('"布署" = { write = "部署" }', "texts.confusions"),
    ],
)
def test_wrong_entries_are_told_key_and_fault(words: str, fault: str) -> None:
    with pytest.raises(FormProblem) as caught:
        parse_form(f"{NEWEST}\n[texts.confusions]\n{words}\n", "mine.toml")
    assert fault in caught.value.message
