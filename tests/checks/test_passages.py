"""Passages in the words of real reports (passages.toml): sound ones raise nothing, each slip is found as it is.

Every sound passage agrees with the tables of its agency; what one raises is a false alarm. A faulty one is written with
the rule it raises and what the message must show: mostly the number of the text and that of the tables.
"""

import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from kit import report
from rapidfuzz import fuzz, process

from toolkit.checks import text_calendar, text_law
from toolkit.checks.families import families
from toolkit.checks.findings import Finding
from toolkit.checks.quantities import quantity_findings
from toolkit.checks.registry import GENERAL_RULES, ON_SUBMISSION
from toolkit.checks.self_names import self_name_findings
from toolkit.checks.text_calendar import calendar_findings
from toolkit.checks.text_law import law_findings
from toolkit.checks.text_order import order_findings
from toolkit.checks.text_repeats import paragraph_findings, repeat_findings
from toolkit.checks.text_sums import sum_findings
from toolkit.checks.texts import text_findings
from toolkit.checks.wrong_words import word_findings
from toolkit.forms.loader import bundled_forms
from toolkit.submission.model import Submission, Value

PASSAGES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "passages.toml").read_text(encoding="utf-8"))
REST = {
    "一": "主动公开。依申请公开。政府信息管理。网站平台。监督考核、社会评议、责任追究情况良好。",
    "五": "问题是公开不够及时，下一步加强培训。",
    "六": "本年度未收取信息处理费。",
}
"""What the other texts of the report say."""


def passages(kind: str) -> list[tuple[str, str, str]]:
    return [
        (group["base"], group["section"], line)
        for group in PASSAGES["groups"]
        for line in group.get(kind, "").strip().splitlines()
    ]


@cache
def base_of(name: str) -> Submission:
    base = PASSAGES["bases"][name]
    (form,) = (form for form in bundled_forms() if form.serves(base["year"]))
    values: dict[str, Value] = {cell.id: 0 for cell in form.filled}
    values |= {key: Decimal(str(value)) if isinstance(value, float) else value for key, value in base["values"].items()}
    return Submission(form, base["agency"], base["year"], values, {key: (text,) for key, text in REST.items()})


def raised(name: str, section: str, text: str) -> list[Finding]:
    """What the texts raise beside last year's report."""
    base = base_of(name)
    if section in REST:
        made = replace(base, texts={**base.texts, section: (REST[section], text)})
    else:
        made = replace(base, other_texts={section: ("年度报告", text)})
    last = PASSAGES["bases"][name].get("last", {})
    prior = replace(base, year=base.year - 1, values={**base.values, **last})
    return [*text_findings(made), *word_findings(made), *quantity_findings(made, prior), *themselves(made)]


def themselves(made: Submission) -> list[Finding]:
    """What the texts raise against themselves."""
    return [found for find in (sum_findings, repeat_findings, order_findings) for found in find(made)]


def raised_alone(text: str) -> list[Finding]:
    """What a passage raises against itself, in a report whose tables are blank. Each year is the report's own once."""
    years = [int(year) for year in re.findall(r"20\d\d(?=年)", text)] or [2024]
    (form,) = (form for form in bundled_forms() if form.serves(2024))
    paragraphs = tuple(part.strip() for part in text.split("¶"))
    made = Submission(form, "甲县某局", max(years), {}, {"一": paragraphs})
    return themselves(made)


@pytest.mark.parametrize("name", PASSAGES["bases"])
def test_the_tables_and_the_rest_are_sound(name: str) -> None:
    base = base_of(name)
    assert [case.id for case in base.form.cases if not case.relation.defines and not holds(base, case)] == []
    assert raised(name, "一", "") == []


def holds(base: Submission, case: Any) -> bool:
    left, right = (sum(term.sign * base.numbers[term.cell] for term in side.inputs) for side in (case.left, case.right))
    return left == right


@pytest.mark.parametrize(("name", "section", "text"), passages("sound"))
def test_sound_passages_raise_nothing(name: str, section: str, text: str) -> None:
    assert [found.message for found in raised(name, section, text)] == []


@pytest.mark.parametrize(("name", "section", "line"), passages("faulty"))
def test_slips_are_found_with_what_is_wrong(name: str, section: str, line: str) -> None:
    head, _, text = line.partition(" | ")
    rule, *shown = head.split()
    findings = raised(name, section, text)
    assert {found.rule for found in findings} == {rule}
    for spot in shown:
        assert any(spot in found.message for found in findings)
    assert all("第 2 段" in found.message for found in findings)


def own(kind: str) -> list[str]:
    return list(PASSAGES["own"][kind].strip().splitlines())


@pytest.mark.parametrize("text", [*own("real"), *own("sound")])
def test_sound_passages_agree_with_themselves(text: str) -> None:
    assert [found.message for found in raised_alone(text)] == []


@pytest.mark.parametrize("line", own("faulty"))
def test_passages_that_contradict_themselves_are_found(line: str) -> None:
    head, _, text = line.partition(" | ")
    rule, *shown = head.split()
    findings = raised_alone(text)
    assert [found.rule for found in findings] == [rule]
    for spot in shown:
        assert spot in findings[0].message, findings[0].message
    assert "第 " in findings[0].message


def words(kind: str) -> list[str]:
    return list(PASSAGES["words"][kind].strip().splitlines())


def raised_by_words(text: str) -> list[Finding]:
    (form,) = (form for form in bundled_forms() if form.serves(2024))
    return list(word_findings(Submission(form, "甲县某局", 2024, {}, {"一": ("综述。", text)})))


@pytest.mark.parametrize("text", [*words("real"), *words("sound")])
def test_right_words_are_left_alone(text: str) -> None:
    assert [found.message for found in raised_by_words(text)] == []


@pytest.mark.parametrize("line", words("faulty"))
def test_wrong_words_are_found_with_the_right_ones(line: str) -> None:
    head, _, text = line.partition(" | ")
    rule, *shown = head.split()
    (found,) = raised_by_words(text)
    assert found.rule == rule
    assert [spot for spot in ("第 2 段", *(f"“{one}”" for one in shown)) if spot not in found.message] == []


LAW = (calendar_findings, law_findings, self_name_findings, paragraph_findings)


def of_law(*kinds: str) -> list[tuple[int, str]]:
    groups = enumerate(PASSAGES["law"])
    return [(number, line) for number, group in groups for kind in kinds for line in group.get(kind, "").splitlines()]


def raised_by_law(number: int, text: str) -> list[Finding]:
    """What a passage raises against the law and the calendar."""
    group = PASSAGES["law"][number]
    (form,) = (form for form in bundled_forms() if form.serves(group["year"]))
    parts = tuple(part.strip() for part in text.split("¶") if part.strip())
    made = Submission(form, group["agency"], group["year"], group.get("values", {}), {"一": ("综述。", *parts)})
    return [found for find in LAW for found in find(made)]


@pytest.mark.parametrize(("number", "text"), [case for case in of_law("real", "sound") if case[1]])
def test_passages_at_one_with_the_law_raise_nothing(number: int, text: str) -> None:
    assert [found.message for found in raised_by_law(number, text)] == []


@pytest.mark.parametrize(("number", "line"), [case for case in of_law("faulty") if case[1]])
def test_passages_at_odds_with_the_law_are_found(number: int, line: str) -> None:
    head, _, text = line.partition(" | ")
    rule, *shown = head.split()
    (found,) = raised_by_law(number, text)
    assert found.rule == rule
    message = found.message.replace(" ", "")
    assert [spot for spot in ("第", *shown) if spot not in message] == [], message


def published(kind: str) -> list[tuple[int, str]]:
    groups = enumerate(PASSAGES["published"])
    return [(number, line) for number, group in groups for line in group.get(kind, "").strip().splitlines()]


def raised_on_published(number: int, text: str) -> list[Finding]:
    """What every rule on one return says of a sentence in a report of its agency and year, with its tables if known."""
    group = PASSAGES["published"][number]
    (form,) = (form for form in bundled_forms() if form.serves(group["year"]))
    values: dict[str, Value] = {}
    if "tables" in group:
        values = dict(report(group["tables"]).values)
    elif "values" in group:
        values = {cell.id: 0 for cell in form.filled} | {key: decimal(value) for key, value in group["values"].items()}
    paragraphs = tuple(part.strip() for part in text.split("¶"))
    made = Submission(form, group["agency"], group["year"], values, {"一": (REST["一"], *paragraphs)})
    found = [*(found for find in ON_SUBMISSION for found in find(made)), *quantity_findings(made, None)]
    return [one for one in found if re.search(r"第 \d+ 段", one.message)]


def decimal(value: float) -> Value:
    return Decimal(str(value)) if isinstance(value, float) else value


@pytest.mark.parametrize(("number", "text"), published("sound"))
def test_published_sentences_raise_nothing(number: int, text: str) -> None:
    assert [found.message for found in raised_on_published(number, text)] == []


@pytest.mark.parametrize(("number", "line"), [*published("slips"), *published("altered")])
def test_slips_in_published_sentences_are_found(number: int, line: str) -> None:
    head, _, text = line.partition(" | ")
    rule, *shown = head.split()
    messages = [found.message.replace(" ", "") for found in raised_on_published(number, text) if found.rule == rule]
    assert messages
    for spot in shown:
        assert any(spot in message for message in messages), messages


def every(kinds: tuple[str, ...]) -> list[str]:
    """Return the lines of these kinds in the whole file."""
    tables = [PASSAGES["own"], PASSAGES["words"], *PASSAGES["groups"], *PASSAGES["published"], *PASSAGES.get("law", ())]
    return [line for table in tables for kind in kinds for line in table.get(kind, "").strip().splitlines()]


def test_the_passages_are_many_and_half_of_them_are_real() -> None:
    real = every(("real",)) + [line for _, line in published("sound")]
    assert len(every(("real", "sound"))) >= 600
    assert len(set(real)) >= 300
    assert len(every(("faulty", "slips", "altered"))) >= 250
    assert len({*published("slips"), *published("altered")}) >= 125


OF_TEXTS = set[str]().union(*(ids for name, ids in families(bundled_forms()).items() if name.startswith("文字")))
OF_TEXTS |= {rule.id for rule in (*text_calendar.RULES, *text_law.RULES)}
OFF_AT_FIRST = {rule.id for rule in GENERAL_RULES if rule.threshold and not rule.threshold.default}


@pytest.mark.parametrize("rule", sorted(OF_TEXTS - OFF_AT_FIRST))
def test_every_rule_on_texts_has_passages_on_both_sides(rule: str) -> None:
    """A rule finds slips, and leaves alone a passage that is much like one of them."""
    faulty = [line.partition(" | ")[2] for line in every(("faulty", "slips", "altered")) if line.split()[0] == rule]
    sound = every(("real", "sound"))
    assert faulty
    assert max(process.extractOne(text, sound, scorer=fuzz.ratio)[1] for text in faulty) >= 60
