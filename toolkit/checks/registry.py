"""The registry of rules (规则): the only list of them. Running, settings, catalogue and tests read it.

A family (一组规则) has rules, the function that finds what breaks them, and a scope that says what this function needs
and who calls it:

- submission, years: `toolkit.checks.review`.
- reminders: `toolkit.checks.review`, and `toolkit.batch.round_history` for findings of a batch.
- file, priors, signature: `toolkit.batch.check_job`.
- roster: `toolkit.batch.filing_status`; findings that need only the return are made earlier, in `check_job`.
- batch: `toolkit.batch.cross_checks`, `toolkit.batch.filing_status` and `toolkit.batch.round_history`.

The order of the families is the order of the catalogue (规则目录), and the order of the findings on a submission.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from toolkit.checks import (
    active_content,
    alike,
    arithmetic,
    ceilings,
    cells,
    changes,
    duplicates,
    explanations,
    integrity,
    last_year,
    powers,
    published_report,
    quantities,
    roster,
    self_names,
    signature,
    submission_rules,
    text_calendar,
    text_law,
    text_length,
    text_order,
    text_repeats,
    text_sums,
    texts,
    unreadable,
    wrong_words,
)
from toolkit.checks.findings import Finding, Rule, Scope, ThresholdOf
from toolkit.checks.samples import Samples, no_samples
from toolkit.forms.model import Form
from toolkit.submission.model import Submission

Find = TypeVar("Find", bound=Callable[..., Any])
FindInSubmission = Callable[[Submission], Iterable[Finding]]
FindInYears = Callable[[Submission, Submission | None, ThresholdOf], Iterable[Finding]]


def _none_declared(_form: Form) -> tuple[Rule, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Family(Generic[Find]):
    """One function, and the rules that it reports on. Two families may have the same function.

    `declared` gives the rules that a form declares itself. `samples` gives facts for examples on a form. A family of
    scope years may have rules that need no report of last year.
    """

    scope: Scope
    rules: tuple[Rule, ...]
    find: Find
    declared: Callable[[Form], tuple[Rule, ...]] = _none_declared
    samples: Callable[[Form], Samples] = no_samples


UNREADABLE_FILES = Family("file", (unreadable.UNREADABLE,), unreadable.unreadable_finding)
DUPLICATES = Family("batch", (duplicates.DUPLICATE,), duplicates.duplicate_finding)
MISSING_PRIORS = Family("priors", (last_year.NO_PRIOR,), last_year.no_prior_finding)
ALIKE_TEXTS = Family("batch", (alike.ALIKE,), alike.alike_finding)
OTHER_NAMES = Family("roster", (roster.KNOWN_BY,), roster.known_by_finding)
STRANGERS = Family("roster", (roster.NOT_ON_ROSTER,), roster.not_on_roster_finding)
OTHER_YEARS = Family("roster", (roster.OTHER_YEAR,), roster.other_year_finding)
NAME_POWERS = Family("submission", powers.name_rules(), powers.name_findings, declared=powers.own_name_rules)
POWERS = Family("roster", powers.power_rules(), powers.without_power_findings, declared=powers.own_power_rules)
SIGNATURES = Family(
    "signature",
    (signature.GENUINE, signature.OF_OTHER, signature.ALTERED, signature.MISSING),
    signature.signed_findings,
)
OLD_FORMS = Family("batch", (signature.OLD_FORM,), signature.old_form_finding)
EMPTY_EXPLANATIONS = Family("reminders", explanations.RULES, explanations.no_reason_findings)
CHANGES = Family("batch", changes.RULES, changes.unasked_finding)
UNSIGNED_FORMS = Family("signature", (signature.UNSIGNED, signature.UNCHECKED), signature.signed_findings)

FAMILIES: tuple[Family[Any], ...] = (
    UNREADABLE_FILES,
    Family("submission", integrity.RULES, integrity.integrity_findings),
    DUPLICATES,
    Family("submission", active_content.RULES, integrity.integrity_findings),
    Family("submission", published_report.RULES, integrity.integrity_findings),
    Family(
        "submission",
        submission_rules.RULES,
        submission_rules.whole_findings,
        samples=submission_rules.whole_samples,
    ),
    Family("submission", texts.RULES, texts.text_findings),
    Family("submission", self_names.RULES, self_names.self_name_findings),
    Family("submission", wrong_words.RULES, wrong_words.word_findings),
    Family("years", text_length.RULES, text_length.length_findings),
    Family("submission", text_calendar.RULES, text_calendar.calendar_findings),
    Family("submission", text_law.RULES, text_law.law_findings),
    NAME_POWERS,
    Family("submission", cells.RULES, cells.cell_findings, samples=cells.cell_samples),
    Family("submission", ceilings.RULES, ceilings.ceiling_findings, samples=ceilings.ceiling_samples),
    Family(
        "submission",
        (),
        arithmetic.arithmetic_findings,
        declared=arithmetic.relation_rules,
        samples=arithmetic.relation_samples,
    ),
    Family("years", quantities.RULES, quantities.quantity_findings),
    Family("submission", text_sums.RULES, text_sums.sum_findings),
    Family("submission", (text_repeats.TWICE,), text_repeats.repeat_findings),
    Family("submission", (text_repeats.PARAGRAPH,), text_repeats.paragraph_findings),
    Family("submission", text_order.RULES, text_order.order_findings),
    Family(
        "years",
        (last_year.JUMP,),
        last_year.last_year_findings,
        declared=last_year.carry_over_rules,
        samples=last_year.last_year_samples,
    ),
    MISSING_PRIORS,
    ALIKE_TEXTS,
    Family("years", (alike.SAME_AS_LAST_YEAR,), alike.same_as_last_year_findings),
    OTHER_NAMES,
    STRANGERS,
    OTHER_YEARS,
    POWERS,
    SIGNATURES,
    OLD_FORMS,
    UNSIGNED_FORMS,
    EMPTY_EXPLANATIONS,
    CHANGES,
    Family("submission", (), texts.text_findings, declared=texts.content_rules, samples=texts.content_samples),
)

GENERAL_RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family.rules)
"""The rules that hold for every form."""


def _finders(scope: Scope) -> tuple[Any, ...]:
    """Return the functions of a scope, each once."""
    return tuple(dict.fromkeys(family.find for family in FAMILIES if family.scope == scope))


ON_SUBMISSION: tuple[FindInSubmission, ...] = _finders("submission")
ON_YEARS: tuple[FindInYears, ...] = _finders("years")


def form_rules(form: Form) -> tuple[Rule, ...]:
    """Return the rules that a form declares itself: relations (勾稽关系), carry-overs (结转), contents (内容要求)."""
    samples = form_samples(form)
    return tuple(rule.with_facts(samples.get(rule.id, {})) for family in FAMILIES for rule in family.declared(form))


def form_samples(form: Form) -> Samples:
    """Return the facts that the samples of rules take from a form."""
    return {rule: facts for family in FAMILIES for rule, facts in family.samples(form).items()}


_LIMITS = [(rule.id, rule.threshold) for rule in GENERAL_RULES if rule.threshold]
_LIMITS += [(rule.floor_id, rule.floor) for rule in GENERAL_RULES if rule.floor]
LIMITED = dict(sorted(_LIMITS, key=lambda limit: limit[1].default))
"""The thresholds (界限) by rule: first those that are shares, then multiples, then floors."""
OTHER_TEMPLATE = frozenset(rule.id for rule in GENERAL_RULES if rule.other_template)
"""The rules on returns whose agency may have to fill in another template."""
REFUSING = tuple(rule.id for rule in GENERAL_RULES if rule.refuses)
"""The rules on returns that are not known to come from their agency. Such a return does not count."""


def rules_that_need(scope: Scope, forms: Iterable[Form]) -> frozenset[str]:
    """Return the ids of the rules that need what this scope says: last year's report (years), the key (signature)."""
    declared = (rule for form in forms for rule in form_rules(form))
    return frozenset(rule.id for rule in (*GENERAL_RULES, *declared) if rule.scope == scope)


def is_blocking(found: Finding) -> bool:
    """Return True if a finding keeps a return from a report and from a sum: an error, or a table or row that was not
    found in a published report."""
    return found.severity == "error" or found.rule in published_report.INCOMPLETE


def is_refused(findings: Iterable[Finding]) -> bool:
    """Return True if a return with these findings does not count, because it is not known to come from its agency."""
    return any(found.rule in REFUSING and found.severity == "error" for found in findings)
