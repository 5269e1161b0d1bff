"""The rule catalogue (规则目录): every rule there is, from the rules in Python and the relations of the forms."""

from collections.abc import Sequence
from dataclasses import replace

from toolkit.checks import alike, cells, integrity, last_year, quantities, roster, signature, submission_rules, texts
from toolkit.checks.arithmetic import relation_rules
from toolkit.checks.examples import examples
from toolkit.checks.findings import Rule
from toolkit.forms.model import Form
from toolkit.problems import FormProblem

UNREADABLE = Rule(
    "unreadable",
    "error",
    "报送的文件是本工具生成的填报表，或者合格的数据文件。",
    "读不出来的文件不能审核，也不能汇总。",
    "是空文件（0 字节）。请让报送单位重新发送。",
)


FAMILIES = (integrity, submission_rules, texts, cells, quantities, last_year, alike, roster, signature)
GENERAL_RULES = (UNREADABLE, *(rule for family in FAMILIES for rule in family.RULES))
"""The rules that hold for every form."""


def form_rules(form: Form) -> tuple[Rule, ...]:
    """The rules that a form declares itself."""
    own_powers = roster.own_power_rules(form)
    return (*relation_rules(form), *last_year.carry_over_rules(form), *texts.content_rules(form), *own_powers)


def require_own_ids(form: Form) -> Form:
    """The form, when none of its relations has the id of a general rule.

    Raises FormProblem: a rule id never changes its meaning.
    """
    general = {rule.id for rule in GENERAL_RULES}
    for rule in form_rules(form):
        if rule.id in general:
            raise FormProblem(f"格式 {form.id}：id「{rule.id}」已是另一条规则的编号，请换一个。")
    return form


def rule_catalogue(forms: Sequence[Form]) -> list[tuple[Rule, tuple[Form, ...]]]:
    """Every rule once, with the forms it belongs to; none named for a rule that holds for all forms."""
    found: dict[str, tuple[Rule, tuple[Form, ...]]] = {rule.id: (rule, ()) for rule in GENERAL_RULES}
    for form in forms:
        for rule in form_rules(form):
            _, owners = found.get(rule.id, (rule, ()))
            found[rule.id] = (rule, (*owners, form))
    return list(found.values())


def with_examples(
    catalogue: Sequence[tuple[Rule, tuple[Form, ...]]], forms: Sequence[Form]
) -> list[tuple[Rule, tuple[Form, ...]]]:
    """The catalogue with a message of each rule on the newest of the forms."""
    shown = {key: text for form in forms for key, text in examples(form).items()}
    return [(replace(rule, example=shown.get(rule.id, rule.example)), owners) for rule, owners in catalogue]


def known_rules(forms: Sequence[Form]) -> frozenset[str]:
    """Return the ids of all rules: those that hold for every form, and those of these forms."""
    return frozenset(rule.id for rule, _ in rule_catalogue(forms))
