"""The form's own relations (勾稽关系), as its definition declares them."""

from collections.abc import Iterator

from toolkit.checks.findings import Finding, Rule, addresses, finding, place_of
from toolkit.forms.model import Case, Form, Number, Side, Term
from toolkit.forms.relations import Outcome, evaluate
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

TERMS_SHOWN = 4
REQUIREMENTS = {"=": "两边应相等", "<=": "左边不应大于右边", ">=": "左边不应小于右边"}


def relation_rules(form: Form) -> tuple[Rule, ...]:
    """The rules that a form's relations are."""
    return tuple(
        Rule(relation.id, relation.severity, f"{relation.sentence}。", relation.basis) for relation in form.relations
    )


def outcomes(submission: Submission) -> list[Outcome]:
    """Every case of the form, evaluated on a submission."""
    return evaluate(submission.form, submission.numbers, submission.shown_numbers, submission.unwritten)


def arithmetic_findings(submission: Submission) -> Iterator[Finding]:
    """The cases that do not hold."""
    rules = {rule.id: rule for rule in relation_rules(submission.form)}
    for outcome in outcomes(submission):
        if not outcome.holds:
            case = outcome.case
            message = _total_message(submission, outcome) if case.relation.defines else _message(submission, outcome)
            yield finding(
                rules[case.relation.id],
                message + case.relation.advice,
                submission,
                tuple(dict.fromkeys(case.cells)),
                number_text(outcome.right),
                number_text(outcome.left),
            )


def _total_message(submission: Submission, outcome: Outcome) -> str:
    return (
        f"{place_of(submission, outcome.case.total)}：填报 {number_text(outcome.left)}，"
        f"按“{outcome.case.relation.sentence}”应为 {number_text(outcome.right)}"
        f"（差 {number_text(outcome.gap)}）。"
    )


def _message(submission: Submission, outcome: Outcome) -> str:
    case = outcome.case
    left = _side_text(submission, case, case.left, outcome.left)
    right = _side_text(submission, case, case.right, outcome.right)
    where = f"{submission.form.section(case.section).name}{case.place}{addresses(submission, case.cells)}"
    requirement = REQUIREMENTS[case.relation.operator]
    return f"{where}：{left}，{right}，{requirement}（差 {number_text(outcome.gap)}）。"


def _side_text(submission: Submission, case: Case, side: Side, value: Number) -> str:
    """``一、本年新收 5 ＋ 二、上年结转 2 ＝ 7``; many terms are named only by their sum."""
    if len(side.terms) > TERMS_SHOWN:
        return f"{len(side.terms)} 项之和为 {number_text(value)}"
    words = ""
    for term in side.terms:
        sign = " － " if term.sign < 0 else " ＋ " if words else ""
        words += f"{sign}{_term_name(submission.form, case, term)} {number_text(_term_value(submission, term))}"
    return words if len(side.terms) == 1 else f"{words} ＝ {number_text(value)}"


def _term_name(form: Form, case: Case, term: Term) -> str:
    cell = form.cells[term.cell]
    if case.relation.per == "column":
        return cell.row.short
    if case.relation.per == "row":
        return cell.column.short
    return cell.place


def _term_value(submission: Submission, term: Term) -> Number:
    return submission.standing.get(term.cell, 0)
