"""Families of rules (一类规则) by the names that an office calls them, for the files in which it names rules."""

from collections.abc import Callable, Iterable

from toolkit.checks import (
    alike,
    arithmetic,
    ceilings,
    cells,
    integrity,
    last_year,
    powers,
    quantities,
    self_names,
    text_calendar,
    text_law,
    text_length,
    text_order,
    text_repeats,
    text_sums,
    texts,
    wrong_words,
)
from toolkit.checks.findings import Rule
from toolkit.forms.model import Form

_GENERAL: dict[str, tuple[Rule, ...]] = {
    "表样": integrity.RULES,
    "填数": (*cells.RULES, *ceilings.RULES),
    "文字": (*texts.RULES, *self_names.RULES, *wrong_words.RULES, *text_length.RULES),
    "文字与表": quantities.RULES,
    "文字自身": (*text_sums.RULES, *text_repeats.RULES, *text_order.RULES),
    "依据与期限": (*text_calendar.RULES, *text_law.RULES, *powers.name_rules()),
    "雷同": (alike.ALIKE, alike.SAME_AS_LAST_YEAR),
}
_DECLARED: dict[str, Callable[[Form], Iterable[Rule]]] = {
    "勾稽关系": arithmetic.relation_rules,
    "结转": last_year.carry_over_rules,
    "内容要求": texts.content_rules,
}
"""Families whose rules the forms declare."""
FAMILY_NAMES = (*_GENERAL, *_DECLARED)


def families(forms: Iterable[Form]) -> dict[str, frozenset[str]]:
    """Return the ids of the rules of each family, those included that these forms declare."""
    every = tuple(forms)
    general = {name: frozenset(rule.id for rule in rules) for name, rules in _GENERAL.items()}
    declared = {
        name: frozenset(rule.id for form in every for rule in rules_of(form)) for name, rules_of in _DECLARED.items()
    }
    return general | declared
