"""Rules on a submission beside last year's report (上年报告): carry-overs (结转), and figures that jump.

`toolkit.submission.carry_overs` says which cells of the two are compared.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from toolkit.checks.findings import Finding, Rule, Threshold, ThresholdOf, finding, place_of, title_of
from toolkit.checks.samples import Samples, sample_submission
from toolkit.forms.model import CarryOverCase, Form, Number, Table
from toolkit.submission.carry_overs import shared_numbers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

SHOWN_AT_MOST = 8

JUMP = Rule(
    "jump-since-last-year",
    "与上年相差很大",
    "warning",
    "与上年相比没有相差十倍以上的数（0 按 1 算）。",
    "这样的变化往往是漏填、错列或单位弄错；情况属实的，说明原因即可。两年的数都很小、随新收件数一同涨落、由结转关系证实的，不提。",
    "{section}有 {count} 个数与上年相比相差 {limit} 倍以上（0 按 1 算）：{names}{more}。"
    "请核对是否漏填、错列或单位有误；情况属实的，请说明原因。",
    {"section": "表甲", "count": "1", "limit": "10", "names": "某格（甲!C5）上年 10、本年 0", "more": ""},
    "years",
    threshold=Threshold(Decimal(10), Decimal("1.5"), Decimal(1000), "与上年相差多少倍才提"),
    floor=Threshold(Decimal(20), Decimal(0), Decimal(10**9), "两年中大的一个数到多少才提"),
    identified_by=("section",),
    only_by_facts=True,
)
NO_PRIOR = Rule(
    "no-report-of-last-year",
    "没有上年报告可比",
    "info",
    "给出上年报告的，每个机关都有可以比对的上年报告。",
    "没有上年报告的机关没有与上年比对。",
    "{why}，没有与上年比对。请给出正确的一份上年报告；新设的机关没有上年报告，不必理会。",
    {"why": "给出的上年报告中没有某局 2023 年的报告"},
    "priors",
)
CARRY_OVER_MESSAGE = "{place}：填报 {written}，按“{sentence}”应为 {expected}（{sums}，差 {gap}）。{advice}"
"""The message on a carry-over that a form declares."""


@cache
def carry_over_rules(form: Form) -> tuple[Rule, ...]:
    """Return one rule for each carry-over of a form."""
    declared = {case.carry_over.id: case.carry_over for case in form.carry_overs}.values()
    return tuple(
        Rule(
            one.id,
            title_of(one.sentence),
            one.severity,
            f"{one.sentence}。",
            one.basis,
            CARRY_OVER_MESSAGE,
            {},
            "years",
        )
        for one in declared
    )


def no_prior_finding(why: str) -> Finding:
    """Return the finding on an agency without a report of last year among those that were given."""
    return finding(NO_PRIOR, why=why)


def last_year_findings(submission: Submission, prior: Submission | None, limits: ThresholdOf) -> Iterator[Finding]:
    """Yield what does not follow from last year's report, and the figures that became many times larger or smaller."""
    if prior is None:
        return
    last = shared_numbers(submission.form, prior)
    yield from _carry_overs(submission, last)
    yield from _jumps(submission, last, limits)


def _number(submission: Submission, cell_id: str) -> Number | None:
    """Return the number that stands in a cell. The total of blank cells is 0, because its formula gives 0. A row that a
    report does not have has no total."""
    of_blanks = 0 if cell_id in submission.totals and cell_id not in submission.unstated else None
    return submission.standing.get(cell_id, of_blanks)


def _carry_overs(submission: Submission, last: dict[str, Number]) -> Iterator[Finding]:
    """Yield one finding for each carry-over that does not hold."""
    rules = {rule.id: rule for rule in carry_over_rules(submission.form)}
    for case in submission.form.carry_overs:
        this = _number(submission, case.this)
        if this is None or case.last not in last:
            continue  # a blank has its own finding
        expected = last[case.last] + sum(term.sign * (_number(submission, term.cell) or 0) for term in case.changes)
        if this != expected:
            facts = _carry_over_facts(submission, case, last[case.last], this, expected)
            cells = (case.this, *(term.cell for term in case.changes))
            rule = rules[case.carry_over.id]
            yield finding(rule, submission, cells, number_text(expected), number_text(this), **facts)


def _carry_over_facts(
    submission: Submission, case: CarryOverCase, last: Number, this: Number, expected: Number
) -> dict[str, str]:
    """Return the facts of a carry-over that does not hold."""
    sums = f"上年报告 {number_text(last)}"
    for term in case.changes:
        sign = "－" if term.sign < 0 else "＋"
        column = submission.form.cells[term.cell].column.short
        sums += f" {sign} {column} {number_text(_number(submission, term.cell) or 0)}"
    sums += f" ＝ {number_text(expected)}" if case.changes else ""
    return {
        "place": place_of(submission, case.this),
        "written": number_text(this),
        "sentence": case.carry_over.sentence,
        "expected": number_text(expected),
        "sums": sums,
        "gap": number_text(abs(Decimal(this) - Decimal(expected))),
        "advice": case.carry_over.advice,
    }


def _jumps(submission: Submission, last: dict[str, Number], limits: ThresholdOf) -> Iterator[Finding]:
    """Yield one finding for each section with figures that became many times larger or smaller. It names the cells."""
    jump = limits(JUMP)
    sure = _confirmed(submission, last)
    for section in submission.form.table_sections:
        cells = [
            cell
            for table in section.tables
            for cell in _jumping(submission, table, last, jump, limits(JUMP, table.jump.floor))
            if cell not in sure
        ]
        if cells:
            names = "；".join(
                f"{place_of(submission, cell).removeprefix(section.name)}"
                f"{_both_years(last[cell], submission.numbers[cell])}"
                for cell in cells[:SHOWN_AT_MOST]
            )
            more = f"；另有 {len(cells) - SHOWN_AT_MOST} 格" if len(cells) > SHOWN_AT_MOST else ""
            facts = {"section": section.name, "limit": number_text(jump), "names": names, "more": more}
            yield finding(JUMP, submission, cells, "与上年相近", "变化很大", count=str(len(cells)), **facts)


def _confirmed(submission: Submission, last: dict[str, Number]) -> set[str]:
    """Return the cells whose figures need no question: those carried over, which have a rule of their own, and the
    changes of a carry-over that holds. Last year's and this year's balance prove them."""
    found: set[str] = set()
    for case in submission.form.carry_overs:
        found.add(case.this)
        this = _number(submission, case.this)
        changes = [_number(submission, term.cell) for term in case.changes]
        if this is None or None in changes or case.last not in last:
            continue
        if this == last[case.last] + sum(term.sign * (n or 0) for term, n in zip(case.changes, changes, strict=True)):
            found |= {term.cell for term in case.changes}
    return found


def _jumping(
    submission: Submission, table: Table, last: dict[str, Number], jump: Decimal, floor: Decimal
) -> Iterator[str]:
    """Yield the cells of a table whose figures jump. Totals are left out: they follow from the filled cells."""
    form, numbers, beside = submission.form, submission.numbers, table.jump.beside
    weight = _number(submission, beside) if beside in last else None
    weighing = {beside, *(term.cell for term in form.cells[beside].parts)} if beside else set()
    share = Decimal(str(table.jump.share))
    for cell in form.filled:
        if cell.table != table.id or cell.id not in last or cell.id not in numbers:
            continue
        then, now = Decimal(last[cell.id]), Decimal(numbers[cell.id])
        if max(abs(then), abs(now)) < floor or not _jumps_by(now, then, jump):
            continue
        is_weighed = weight is not None and cell.id not in weighing
        if not (is_weighed and _is_moved(now - then, Decimal(last[beside]), Decimal(weight or 0), share)):
            yield cell.id


def _is_moved(change: Decimal, then: Decimal, now: Decimal, share: Decimal) -> bool:
    """Return True if a change is no news beside a figure that was `then` and is `now`: that figure changed as much in
    the same direction, or the change is small beside it."""
    moved = now - then
    return (change * moved > 0 and abs(moved) >= abs(change)) or abs(change) < share * max(abs(then), abs(now))


def _both_years(last: Number, this: Number) -> str:
    return f"上年 {number_text(last)}、本年 {number_text(this)}"


def _jumps_by(this: Decimal, last: Decimal, jump: Decimal) -> bool:
    """Return True if a figure became `jump` times larger or smaller. 0 counts as 1: that a single case came or went is
    no jump, and every report has such cells."""
    small, large = sorted((abs(this), abs(last)))
    return large >= (small or 1) * jump


def last_year_samples(form: Form) -> Samples:
    """Return the facts of the examples on a form: the first case of each carry-over, and a jump in a cell that is
    carried over into the next year."""
    nothing = sample_submission(form)
    found = {case.carry_over.id: _carry_over_facts(nothing, case, 10, 0, 10) for case in reversed(form.carry_overs)}
    carried = [case.last for case in form.carry_overs]
    wanted = [cell for cell in form.filled if cell.kind.is_number]
    wanted.sort(key=lambda cell: carried.index(cell.id) if cell.id in carried else len(carried))
    for cell in wanted[:1]:
        section = form.section(cell.section).name
        found[JUMP.id] = {"section": section, "names": cell.place.removeprefix(section) + _both_years(10, 0)}
    return found
