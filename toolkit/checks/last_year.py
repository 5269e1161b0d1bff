"""Rules against last year's report (上年报告): what is carried over, and figures that jump.

`toolkit.submission.carry_overs` says which cells of the two are compared.
"""

from collections.abc import Iterator
from decimal import Decimal

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.forms.model import CarryOverCase, Form, Number
from toolkit.submission.carry_overs import shared_numbers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

SHOWN_AT_MOST = 8
NOT_COMPARED = "没有与上年比对。请给出正确的一份上年报告；新设的机关没有上年报告，不必理会。"

JUMP = Rule(
    "jump-since-last-year",
    "warning",
    "与上年相比没有相差十倍以上的数（0 按 1 算）。",
    "这样的变化往往是漏填、错列或单位弄错；情况属实的，说明原因即可。",
)
NO_PRIOR = Rule(
    "no-report-of-last-year",
    "info",
    "给出上年报告的，每个机关都有可以比对的上年报告。",
    "没有上年报告的机关没有与上年比对。",
    f"给出的上年报告中没有某局 2023 年的报告，{NOT_COMPARED}",
)

RULES = (JUMP, NO_PRIOR)


def carry_over_rules(form: Form) -> tuple[Rule, ...]:
    """The rules that a form's carry-overs are."""
    rules = {
        case.carry_over.id: Rule(
            case.carry_over.id, case.carry_over.severity, f"{case.carry_over.sentence}。", case.carry_over.basis
        )
        for case in form.carry_overs
    }
    return tuple(rules.values())


def no_prior_finding(submission: Submission, why: str) -> Finding:
    """Said of an agency that has no report of last year among those that were given."""
    return finding(NO_PRIOR, f"{why}，{NOT_COMPARED}", submission)


def last_year_findings(submission: Submission, prior: Submission, jump: Decimal) -> Iterator[Finding]:
    """What does not follow from last year's report, and figures that became `jump` times larger or smaller."""
    last = shared_numbers(submission.form, prior)
    yield from _carry_overs(submission, last)
    yield from _jumps(submission, last, jump)


def _number(submission: Submission, cell_id: str) -> Number | None:
    """The number that stands in a cell. A formula gives 0 for a total of blanks; a row that a report does not have has
    no total."""
    of_blanks = 0 if cell_id in submission.totals and cell_id not in submission.unstated else None
    return submission.standing.get(cell_id, of_blanks)


def _carry_overs(submission: Submission, last: dict[str, Number]) -> Iterator[Finding]:
    rules = {rule.id: rule for rule in carry_over_rules(submission.form)}
    for case in submission.form.carry_overs:
        this = _number(submission, case.this)
        if this is None or case.last not in last:
            continue  # a blank has its own finding
        expected = last[case.last] + sum(term.sign * (_number(submission, term.cell) or 0) for term in case.changes)
        if this != expected:
            cells = (case.this, *(term.cell for term in case.changes))
            message = _carry_over_message(submission, case, last[case.last], this, expected)
            rule = rules[case.carry_over.id]
            yield finding(rule, message, submission, cells, number_text(expected), number_text(this))


def _carry_over_message(
    submission: Submission, case: CarryOverCase, last: Number, this: Number, expected: Number
) -> str:
    sums = f"上年报告 {number_text(last)}"
    for term in case.changes:
        sign = "－" if term.sign < 0 else "＋"
        column = submission.form.cells[term.cell].column.short
        sums += f" {sign} {column} {number_text(_number(submission, term.cell) or 0)}"
    sums += f" ＝ {number_text(expected)}" if case.changes else ""
    gap = number_text(abs(Decimal(this) - Decimal(expected)))
    return (
        f"{place_of(submission, case.this)}：填报 {number_text(this)}，按“{case.carry_over.sentence}”应为"
        f" {number_text(expected)}（{sums}，差 {gap}）。{case.carry_over.advice}"
    )


def _jumps(submission: Submission, last: dict[str, Number], jump: Decimal) -> Iterator[Finding]:
    """One finding a table, naming every cell. Totals follow from the cells that are filled in."""
    carried = {case.this for case in submission.form.carry_overs}
    for section in submission.form.table_sections:
        cells = [
            cell.id
            for cell in submission.form.filled
            if cell.section == section.id
            and cell.id in last
            and cell.id in submission.numbers
            and cell.id not in carried
            and _jumps_by(submission.numbers[cell.id], last[cell.id], jump)
        ]
        if cells:
            names = "；".join(
                f"{place_of(submission, cell).removeprefix(section.name)}"
                f"上年 {number_text(last[cell])}、本年 {number_text(submission.numbers[cell])}"
                for cell in cells[:SHOWN_AT_MOST]
            )
            more = f"；另有 {len(cells) - SHOWN_AT_MOST} 格" if len(cells) > SHOWN_AT_MOST else ""
            message = (
                f"{section.name}有 {len(cells)} 个数与上年相比相差 {number_text(jump)} 倍以上（0 按 1 算）："
                f"{names}{more}。请核对是否漏填、错列或单位有误；情况属实的，请说明原因。"
            )
            yield finding(JUMP, message, submission, cells, "与上年相近", "变化很大")


def _jumps_by(this: Number, last: Number, jump: Decimal) -> bool:
    """Nothing counts as one: that a single case came or went is no jump, and every report has such cells."""
    small, large = sorted((abs(Decimal(this)), abs(Decimal(last))))
    return large >= (small or 1) * jump
