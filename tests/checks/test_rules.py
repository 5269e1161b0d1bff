"""One registry of rules: each rule once, with one message that is rendered for the catalogue and for findings alike."""

import ast
import importlib
import pkgutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter
from types import FrameType

import pytest
from kit import REPORT_DATA, report
from places import TESTS

import toolkit.checks
from toolkit.checks.catalogue import rule_catalogue, with_samples
from toolkit.checks.findings import Rule, finding
from toolkit.checks.last_year import JUMP
from toolkit.checks.registry import FAMILIES, GENERAL_RULES, LIMITED, NAME_POWERS, OTHER_TEMPLATE, POWERS, REFUSING
from toolkit.checks.review import check
from toolkit.forms.loader import bundled_forms, load_form
from toolkit.forms.model import Form
from toolkit.forms.relations import total
from toolkit.submission.model import Submission

FORMS = [*bundled_forms(), load_form(TESTS / "conformance" / "small.form.toml")]
CATALOGUES = [bundled_forms(), *([form] for form in FORMS)]
MODULES = [
    importlib.import_module(f"toolkit.checks.{module.name}") for module in pkgutil.iter_modules(toolkit.checks.__path__)
]
FRAMES = 6
"""From `check` down to the sum, both among them."""


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def rules_of(forms: list[Form]) -> list[Rule]:
    return [rule for rule, _ in with_samples(rule_catalogue(forms), forms)]


def test_every_rule_stands_in_the_registry_once() -> None:
    counts = Counter(rule.id for rule in GENERAL_RULES)
    assert set(counts.values()) == {1}
    written = {id(value): value for module in MODULES for value in vars(module).values() if isinstance(value, Rule)}
    of_powers = {rule.id for rule in (*POWERS.rules, *NAME_POWERS.rules)}  # these are made from data
    assert sorted(rule.id for rule in written.values()) == sorted(counts.keys() - of_powers)
    assert all(rule is written[id(rule)] for rule in GENERAL_RULES if rule.id not in of_powers)


@pytest.mark.parametrize("forms", CATALOGUES, ids=lambda forms: "、".join(form.id for form in forms))
def test_an_example_is_the_message_with_the_facts_of_the_sample(forms: list[Form]) -> None:
    for rule in rules_of(forms):
        assert fields(rule.message) == set(rule.sample), rule.id
        assert all(name.isidentifier() for template in rule.variants.values() for name in fields(template)), rule.id
        assert rule.example == rule.message.format(**rule.sample)
        assert rule.example.endswith("。"), rule.id
        assert "{" not in rule.example, rule.id


def test_a_rule_has_the_scope_of_its_family() -> None:
    """A family that runs beside last year's report may have rules that need none."""
    for family in FAMILIES:
        for rule in family.rules:
            assert rule.scope == family.scope or (rule.scope, family.scope) == ("submission", "years"), rule.id


def test_lists_of_rules_are_those_of_the_registry() -> None:
    assert list(LIMITED) == ["length", "alike-texts", "same-as-last-year", "jump-since-last-year", JUMP.floor_id]
    assert set(REFUSING) == {"signature-missing", "identity-altered", "template-of-other", "template-of-other-year"}
    assert {
        *("template-of-other", "identity-altered", "template-unsigned", "other-agency", "other-year"),
        *("return-of-other-year", "wrong-edition"),
    } == OTHER_TEMPLATE


def test_braces_in_what_an_agency_wrote_mean_nothing() -> None:
    rule = Rule("a", "", "error", "", "", "{place}：{written}。", {"place": "甲", "written": "1"})
    assert finding(rule, place="{written}", written="{0}{place!r}").message == "{written}：{0}{place!r}。"
    submission = report("suqian-2024")
    cell = submission.form.filled[0].id
    (found,) = (
        found
        for found in check(replace(submission, values={**submission.values, cell: "{place}{"}, places={}))
        if found.rule == "not-a-number"
    )
    assert "填的是“{place}{”" in found.message


def test_a_wrong_name_in_a_template_is_no_silent_gap() -> None:
    with pytest.raises(KeyError):
        finding(GENERAL_RULES[0])


def chains(submission: Submission, prior: Submission) -> Iterator[list[str]]:
    """The frames from `check` to `total`, each time that `total` is called."""
    seen: list[list[str]] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is total.__code__:
            names, at = [], frame
            while at.f_code is not check.__code__ and at.f_back:
                names.append(at.f_code.co_name)
                at = at.f_back
            seen.append([at.f_code.co_name, *reversed(names)])

    sys.setprofile(look)
    try:
        check(submission, prior)
    finally:
        sys.setprofile(None)
    yield from seen


@pytest.mark.parametrize("name", list(REPORT_DATA))
def test_few_frames_lie_between_a_check_and_its_sums(name: str) -> None:
    submission = report(name)
    whole, prior = replace(submission), report("suqian-2023")
    printed = replace(submission, prints_totals=True, unstated=frozenset(submission.totals))
    texts = replace(submission, shown=dict.fromkeys(submission.totals, "见附件"))
    found = [chain for one in (whole, printed, texts) for chain in chains(one, replace(prior))]
    assert found
    assert max(found, key=len)[:1] == ["check"]
    assert max(map(len, found)) <= FRAMES, max(found, key=len)


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return named | {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}


def test_checks_know_nothing_of_files_and_batches() -> None:
    (folder,) = toolkit.checks.__path__
    for path in Path(folder).glob("*.py"):
        above = ("toolkit.files", "toolkit.batch", "toolkit.workbook", "toolkit.imports", "toolkit.cli")
        assert not [name for name in imports(path) if name.startswith(above)], path.name
