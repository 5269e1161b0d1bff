"""The rule catalogue (规则目录): every rule in the registry, and every rule that the forms declare."""

from collections.abc import Mapping, Sequence

from toolkit.checks.findings import Rule
from toolkit.checks.registry import GENERAL_RULES, form_rules, form_samples
from toolkit.forms.model import Form
from toolkit.problems import FormProblem


def require_own_ids(form: Form) -> Form:
    """Return the form, if none of its rules has the id of a general rule.

    Raise FormProblem otherwise: a rule id never changes its meaning.
    """
    general = {rule.id for rule in GENERAL_RULES}
    for rule in form_rules(form):
        if rule.id in general:
            raise FormProblem(f"格式 {form.id}：id「{rule.id}」已是另一条规则的编号，请换一个。")
    return form


def rule_catalogue(forms: Sequence[Form]) -> list[tuple[Rule, tuple[Form, ...]]]:
    """Return every rule once, with the forms that declare it. A rule that holds for all forms comes without forms."""
    found: dict[str, tuple[Rule, tuple[Form, ...]]] = {rule.id: (rule, ()) for rule in GENERAL_RULES}
    for form in forms:
        for rule in form_rules(form):
            _, owners = found.get(rule.id, (rule, ()))
            found[rule.id] = (rule, (*owners, form))
    return list(found.values())


def with_samples(
    catalogue: Sequence[tuple[Rule, tuple[Form, ...]]], forms: Sequence[Form]
) -> list[tuple[Rule, tuple[Form, ...]]]:
    """Return the catalogue with samples on the newest of the forms, which comes last."""
    facts: dict[str, Mapping[str, str]] = {}
    for form in forms:
        for rule, own in form_samples(form).items():
            facts[rule] = {**facts.get(rule, {}), **own}
    return [(rule.with_facts(facts.get(rule.id, {})), owners) for rule, owners in catalogue]


def known_rules(forms: Sequence[Form]) -> frozenset[str]:
    """Return the ids of all rules: those that hold for every form, and those of these forms."""
    return frozenset(rule.id for rule, _ in rule_catalogue(forms))
