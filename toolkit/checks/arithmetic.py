"""Checks the relations (勾稽关系) that a form declares. `toolkit.forms.relations` adds both sides."""

from collections.abc import Iterator
from functools import cache

from toolkit.checks.findings import Finding, Rule, addresses, finding, place_of, title_of
from toolkit.checks.samples import Samples, sample_submission
from toolkit.forms.model import Case, Form, Number, Relation, Side, Term
from toolkit.forms.relations import Outcome, evaluate
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

TERMS_SHOWN = 4
REQUIREMENTS = {"=": "两边应相等", "<=": "左边不应大于右边", ">=": "左边不应小于右边"}
TOTAL_MESSAGE = "{place}：填报 {written}，按“{sentence}”应为 {right}（差 {gap}）。{advice}"
"""The message on a relation that defines a total."""
SIDES_MESSAGE = "{place}：{left}，{right}，{requirement}（差 {gap}）。{advice}"
"""The message on any other relation."""


@cache
def relation_rules(form: Form) -> tuple[Rule, ...]:
    """Return one rule for each relation of a form."""
    return tuple(
        Rule(
            relation.id,
            title_of(relation.sentence),
            relation.severity,
            f"{relation.sentence}。",
            relation.basis,
            TOTAL_MESSAGE if relation.defines else SIDES_MESSAGE,
            {},
        )
        for relation in form.relations
    )


def relation_samples(form: Form) -> Samples:
    """Return the facts of the examples for the relations of a form."""
    return {relation.id: _sample(form, _first_case(form, relation)) for relation in form.relations}


def arithmetic_findings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each case of a relation that does not hold. A case is not judged if it needs a figure that
    was not found in a published report."""
    rules = {rule.id: rule for rule in relation_rules(submission.form)}
    numbers, shown = submission.numbers, submission.shown_numbers
    for outcome in evaluate(submission.form, numbers, shown, submission.unwritten):
        if not outcome.holds and not _lacks_figures(submission, outcome.case):
            yield finding(
                rules[outcome.case.relation.id],
                submission,
                tuple(dict.fromkeys(outcome.case.cells)),
                number_text(outcome.right),
                number_text(outcome.left),
                **_facts(submission, outcome),
            )


def _lacks_figures(submission: Submission, case: Case) -> bool:
    """Return True if a term of a case, or a part of a total that nobody wrote, was not found in a published report."""
    if not submission.not_found:
        return False
    terms = {term.cell for side in (case.left, case.right) for term in side.terms}
    parts = {part.cell for cell in terms & submission.unwritten for part in submission.form.cells[cell].parts}
    return not submission.not_found.isdisjoint(terms | parts)


def _facts(submission: Submission, outcome: Outcome) -> dict[str, str]:
    """Return the facts of a case that does not hold."""
    case = outcome.case
    facts: dict[str, str] = {"gap": number_text(outcome.gap), "advice": case.relation.advice}
    if case.relation.defines:
        return facts | {
            "place": place_of(submission, case.total),
            "written": number_text(outcome.left),
            "sentence": case.relation.sentence,
            "right": number_text(outcome.right),
        }
    return facts | {
        "place": f"{submission.form.section(case.section).name}{case.place}{addresses(submission, case.cells)}",
        "left": _side_text(submission, case, case.left, outcome.left),
        "right": _side_text(submission, case, case.right, outcome.right),
        "requirement": REQUIREMENTS[case.relation.operator],
    }


def _first_case(form: Form, relation: Relation) -> Case:
    """Return the case of a relation that stands first in the form. If the relation defines totals, return the case on
    the total that is defined first, by whatever relation."""
    own = [case for case in form.cases if case.relation.id == relation.id]
    if not relation.defines:
        return own[0]
    totals = [case.total for case in form.cases if case.relation.defines]
    return min(own, key=lambda case: totals.index(case.total))


def _sample(form: Form, case: Case) -> dict[str, str]:
    """Return the facts of a case in a submission in which one number stands, so that the case does not hold."""
    if case.relation.defines:
        submission = sample_submission(form, shown={case.total: 1})
        return _facts(submission, Outcome(case, 1, 0, 1, False))
    side = case.right if case.relation.operator == ">=" else case.left
    added = next((term for term in side.inputs if term.sign > 0), side.inputs[0])
    submission = sample_submission(form, {added.cell: 12})
    (outcome,) = (one for one in evaluate(form, submission.numbers, {}, submission.unwritten) if one.case is case)
    return _facts(submission, outcome)


def _side_text(submission: Submission, case: Case, side: Side, value: Number) -> str:
    """Return ``一、本年新收 5 ＋ 二、上年结转 2 ＝ 7``. If there are many terms, return only their sum."""
    if len(side.terms) > TERMS_SHOWN:
        return f"{len(side.terms)} 项之和为 {number_text(value)}"
    words = ""
    for term in side.terms:
        sign = " － " if term.sign < 0 else " ＋ " if words else ""
        words += f"{sign}{_term_name(submission.form, case, term)} {number_text(submission.standing.get(term.cell, 0))}"
    return words if len(side.terms) == 1 else f"{words} ＝ {number_text(value)}"


def _term_name(form: Form, case: Case, term: Term) -> str:
    """Return what a term is called beside the others: its row in a relation on a column, its column in one on a row."""
    cell = form.cells[term.cell]
    if case.relation.per == "column":
        return cell.row.short
    if case.relation.per == "row":
        return cell.column.short
    return cell.place
