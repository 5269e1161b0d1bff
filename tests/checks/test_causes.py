"""One wrong cell is one error with its consequences under it: `because` names the cause, and nothing is lost or milder
for it."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import REPORT_DATA, outcomes, random_submission, report

from toolkit.checks.arithmetic import arithmetic_findings
from toolkit.checks.causes import grouped, with_causes
from toolkit.checks.findings import Finding
from toolkit.checks.result import Result, status_of
from toolkit.checks.review import check
from toolkit.checks.settings import Settings
from toolkit.forms.equations import system_of
from toolkit.forms.loader import form_for_year
from toolkit.forms.model import Cell
from toolkit.forms.relations import is_right, rounded
from toolkit.submission.model import Irregularity, Submission, Value

SLIPS = 30
SECONDS = 1.0
"""What telling the causes of the worst report may take; a hundredth of it is usual."""
SUQIAN = report("suqian-2024")


def errors(findings: Sequence[Finding]) -> list[Finding]:
    """The errors in the figures; some reports lack a text."""
    return [found for found in findings if found.severity == "error" and found.rule != "text-missing"]


def causes(findings: Sequence[Finding]) -> list[Finding]:
    return [found for found in errors(findings) if found.because is None]


SOUND = [name for name in REPORT_DATA if not errors(check(report(name)))]


def with_value(submission: Submission, cell: Cell, value: Value) -> Submission:
    """The report with another number in one place. Totals that are printed stay as they are printed."""
    if cell.computed:
        return replace(submission, shown={**submission.shown, cell.id: value})
    changed = replace(submission, values={**submission.values, cell.id: value}, shown={})
    printed = submission.standing if submission.prints_totals else submission.shown
    stays = {one.id: printed[one.id] for one in submission.form.computed if one.id in printed}
    return replace(changed, shown={key: stays[key] for key in stays if stays[key] != changed.totals[key]})


def with_slip(submission: Submission, rng: random.Random) -> tuple[Cell, Submission]:
    """One cell, filled or a total, changed by some amount, that stands in a relation."""
    used = {term.cell for case in submission.form.cases for side in (case.left, case.right) for term in side.terms}
    cell = rng.choice([cell for cell in submission.form.cells.values() if cell.id in used])
    amount = rng.choice((1, rng.randint(1, 20), rng.randint(1, 10**6)))
    number = submission.standing.get(cell.id, 0)
    lower = number >= amount and rng.random() < 0.5
    return cell, with_value(submission, cell, number - amount if lower else number + amount)


def involved(submission: Submission, found: Finding) -> set[str]:
    """All cells of the case of a relation that a finding is about."""
    return {
        term.cell
        for case in submission.form.cases
        if (case.relation.id, tuple(dict.fromkeys(case.cells))) == (found.rule, found.cells)
        for side in (case.left, case.right)
        for term in (*side.terms, *side.inputs)
    }


def filled(**changed: Value) -> Submission:
    """A workbook of 2024 in which all figures are 0 but those that are named, with double underscores for dots."""
    form = form_for_year(2024)
    values: dict[str, Value] = {cell.id: 0 for cell in form.filled}
    values |= {f"requests.{key.replace('__', '.')}": value for key, value in changed.items()}
    texts = {section.id: ("无",) for section in form.text_sections}
    return Submission(form, "甲县教育局", 2024, values, texts)


def told(findings: Sequence[Finding]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each error that is a cause, with what follows from it: rule and last cell."""
    return [
        (cause.rule, cause.cells[-1], [(found.rule, found.cells[-1]) for found in under])
        for cause, under in grouped(findings)
        if cause.severity == "error" and cause.rule != "text-missing"
    ]


@pytest.mark.parametrize("prints", [True, False], ids=["printed", "workbook"])
@pytest.mark.parametrize("name", SOUND)
def test_one_wrong_cell_is_one_error(name: str, prints: bool) -> None:
    """Cell, row total, column total or grand total: whichever is wrong, one relation that contains it is the cause."""
    rng = random.Random(name)
    source = replace(report(name), prints_totals=prints)
    for _ in range(SLIPS):
        cell, wrong = with_slip(source, rng)
        found = check(wrong)
        if not prints and not errors(found):
            continue  # formulas take up a wrong figure in rows that balance with nothing
        (cause,) = causes(found)
        assert cell.id in involved(wrong, cause), (cell.id, cause.message)
        if cell.computed:
            assert cause.cells == (cell.id,)
            assert Decimal(cause.expected) == source.standing[cell.id]


@pytest.mark.parametrize("name", SOUND)
def test_two_wrong_cells_far_apart_are_two_errors(name: str) -> None:
    rng = random.Random(name)
    source = replace(report(name), prints_totals=True)
    for _ in range(SLIPS):
        one, wrong = with_slip(source, rng)
        other, both = with_slip(wrong, rng)
        if one.table != other.table or (one.row.id != other.row.id and one.column.id != other.column.id):
            assert len(causes(check(both))) == 2, (one.id, other.id)


def test_two_wrong_cells_in_one_row_are_two_errors() -> None:
    """The row is off by the sum of both, and follows from them."""
    source = replace(SUQIAN, prints_totals=True)
    cells = [source.form.cells[f"requests.granted.{column}"] for column in ("natural", "enterprise")]
    for amount, cell in zip((3, 5), cells, strict=True):
        source = with_value(source, cell, source.numbers[cell.id] + amount)
    assert len(errors(check(source))) == 3
    assert len(causes(check(source))) == 2


def test_a_total_that_was_overwritten_is_one_error_with_what_it_should_be() -> None:
    """The overwritten formula and the balance that fails because of it follow."""
    overwritten = Irregularity("formula-overwritten", "三!D29", "12", "=SUM(D9:D28)", "requests.handled.natural")
    wrong = replace(
        filled(received__natural=10, granted__natural=10),
        shown={"requests.handled.natural": 12},
        irregularities=(overwritten,),
    )
    found = check(wrong)
    (cause,) = causes(found)
    assert (cause.rule, cause.expected, cause.actual) == ("requests-handled-total", "10", "12")
    under = dict(grouped(found))[cause]
    assert [each.rule for each in under] == ["formula-overwritten", "requests-balance"]


def test_a_grand_total_that_was_overwritten_is_one_error() -> None:
    """Two relations say what it should be, and the balance fails, too."""
    wrong = replace(filled(received__natural=10, granted__natural=10), shown={"requests.handled.total": 12})
    assert told(check(wrong)) == [
        (
            "requests-row-total",
            "requests.handled.total",
            [("requests-handled-total", "requests.handled.total"), ("requests-balance", "requests.carried_out.total")],
        )
    ]


@pytest.mark.parametrize("text", ["12件", "见附件"])
def test_a_text_in_a_total_follows_from_what_the_total_should_be(text: str) -> None:
    overwritten = Irregularity("formula-overwritten", "三!D29", text, "=SUM(D9:D28)", "requests.handled.natural")
    wrong = replace(
        filled(received__natural=10, granted__natural=10),
        shown={"requests.handled.natural": text},
        irregularities=(overwritten,),
    )
    (cause,) = causes(check(wrong))
    assert cause.expected == "10"


@pytest.mark.parametrize(
    ("value", "rule"),
    [("见附件", "not-a-number"), ("８件", "odd-spelling"), (-8, "negative"), (Decimal("8.5"), "not-whole")],
)
def test_what_fails_because_of_a_wrong_cell_follows_from_it(value: Value, rule: str) -> None:
    wrong = filled(received__natural=10, granted__natural=value)
    assert told(check(wrong)) == [
        (
            rule,
            "requests.granted.natural",
            [("requests-balance", "requests.carried_out.natural"), ("requests-balance", "requests.carried_out.total")],
        )
    ]


def test_all_that_is_wrong_with_one_cell_is_one_error() -> None:
    assert told(check(filled(received__natural="－８.5件"))) == [
        (
            "odd-spelling",
            "requests.received.natural",
            [
                ("negative", "requests.received.natural"),
                ("not-whole", "requests.received.natural"),
                ("requests-balance", "requests.carried_out.natural"),
                ("requests-balance", "requests.carried_out.total"),
            ],
        )
    ]


def test_what_a_blank_could_mend_follows_from_it_and_nothing_else() -> None:
    follow = filled(received__natural=10, granted__natural=None)
    assert [(rule, len(under)) for rule, _, under in told(check(follow))] == [("blank", 2)]
    too_many = filled(received__natural=0, granted__natural=None, partial__natural=10)
    assert [(rule, len(under)) for rule, _, under in told(check(too_many))] == [("blank", 0), ("requests-balance", 1)]
    elsewhere = filled(received__natural=10, granted__legal=None)
    assert [(rule, len(under)) for rule, _, under in told(check(elsewhere))] == [("blank", 0), ("requests-balance", 1)]


@pytest.mark.parametrize("prints", [True, False], ids=["printed", "workbook"])
def test_an_imbalance_is_one_error_for_each_column(prints: bool) -> None:
    """The total column follows from the column, or from the first of several."""
    one = replace(filled(received__natural=10, granted__natural=7), prints_totals=prints)
    natural = ("requests-balance", "requests.carried_out.natural")
    total = ("requests-balance", "requests.carried_out.total")
    assert told(check(one)) == [(*natural, [total])]
    legal = ("requests-balance", "requests.carried_out.legal")
    for second in (3, 4):
        wrong = filled(received__natural=10, granted__natural=7, received__legal=second)
        assert told(check(replace(wrong, prints_totals=prints))) == [(*natural, [total]), (*legal, [])]


@pytest.mark.parametrize("prints", [True, False], ids=["printed", "workbook"])
def test_a_wrong_carry_over_is_one_error(prints: bool) -> None:
    """It shows in its column and in the total column, in the balance and beside last year. The cause is the finding
    that says what should stand in the cell."""
    last = replace(filled(received__natural=4, carried_out__natural=4), year=2023)
    wrong = replace(filled(carried_in__natural=5, granted__natural=4), prints_totals=prints)
    found = check(wrong, last)
    assert len(errors(found)) == 4
    assert [(rule, cell) for rule, cell, _ in told(found)] == [("carried-in-last-year", "requests.carried_in.natural")]
    balanced = replace(filled(carried_in__natural=5, granted__natural=5), prints_totals=prints)
    (cause,) = causes(check(balanced, last))
    assert cause.cells == ("requests.carried_in.natural",)


def test_a_text_against_the_tables_stays_a_finding_of_its_own() -> None:
    cell = SUQIAN.form.cells["requests.received.natural"]
    said = replace(SUQIAN, texts={**SUQIAN.texts, "一": ("全年收到政府信息公开申请3525件。",)})
    found = check(with_value(said, cell, SUQIAN.numbers[cell.id] + 10))
    texts = [each for each in found if each.rule == "text-differs-from-tables"]
    assert texts
    assert all(each.because is None for each in texts)


def test_what_the_office_switched_off_is_no_cause() -> None:
    wrong = replace(filled(received__natural=10, granted__natural=10), shown={"requests.handled.natural": 12})
    (left,) = errors(check(wrong, settings=Settings({"requests-handled-total": "off"})))
    assert (left.rule, left.because) == ("requests-balance", None)


@pytest.mark.parametrize("level", ["warning", "info"])
def test_an_error_never_follows_from_a_reminder(level: str) -> None:
    wrong = replace(filled(received__natural=10, granted__natural=10), shown={"requests.handled.natural": 12})
    found = check(wrong, settings=Settings({"requests-handled-total": level}))  # type: ignore[dict-item]
    (cause,) = causes(found)
    assert cause.rule == "requests-balance"
    assert [each.rule for each in dict(grouped(found))[cause]] == ["requests-handled-total"]


def test_only_causes_are_counted() -> None:
    found = check(filled(received__natural=10, granted__natural=7))
    result = Result("", status_of(found), found)
    assert (result.status, len(errors(found)), result.count("error")) == ("failed", 2, 1)


def any_submission(seed: int) -> tuple[Submission, Submission]:
    rng = random.Random(seed)
    submission = random_submission(form_for_year(2024), rng, 2024)
    if rng.random() < 0.5:
        unstated = frozenset(cell.id for cell in submission.form.computed if rng.random() < 0.1)
        submission = replace(submission, prints_totals=True, unstated=unstated)
    odd = {cell.id: rng.choice(("甲", "１２", "-3", None)) for cell in submission.form.filled if rng.random() < 0.02}
    submission = replace(submission, values={**submission.values, **odd})
    return submission, random_submission(form_for_year(2023), rng, 2023)


@settings(max_examples=50)
@given(st.integers(0, 10**9))
def test_causes_change_no_finding_and_no_status(seed: int) -> None:
    """`because` points to a cause in the same list, and never to a milder finding."""
    submission, prior = any_submission(seed)
    found = check(submission, prior)
    before = [replace(each, because=None) for each in found]
    assert with_causes(submission, before, prior) == found
    assert status_of(before) == status_of([each for each in found if each.because is None])
    by_fingerprint = {each.fingerprint: each for each in found}
    assert len(by_fingerprint) == len(found)
    for each in found:
        if each.because is not None:
            cause = by_fingerprint[each.because]
            assert cause.because is None
            assert (cause.severity, each.severity) in {("error", "error"), ("error", "warning"), ("warning", "warning")}
    assert sorted(flat(found), key=found.index) == list(found)


def flat(found: Sequence[Finding]) -> Iterator[Finding]:
    for cause, under in grouped(found):
        yield cause
        yield from under


@given(st.integers(0, 10**9))
def test_equations_and_relations_judge_the_same(seed: int) -> None:
    """A case holds exactly when one of its sums over the written cells is right."""
    submission, _ = any_submission(seed)
    equations = system_of(submission.form, submission.unwritten).equations
    failing = {
        (equation.rule, equation.cells)
        for equation in equations
        if not equation.last
        and not any(
            is_right(rounded(sum(weight * submission.standing.get(cell, 0) for cell, weight in weights.items())), "=")
            for weights in equation.sums
        )
    }
    assert failing == {(each.rule, each.cells) for each in arithmetic_findings(submission)}
    assert len(failing) == sum(not outcome.holds for outcome in outcomes(submission))


@pytest.mark.parametrize("top", [2, 50, 10**6])
def test_the_worst_report_takes_no_time(top: int) -> None:
    """Every figure is random, every total was overwritten."""
    rng, form = random.Random(top), form_for_year(2024)
    values: dict[str, Value] = {cell.id: rng.randint(0, top) for cell in form.filled}
    wrong = Submission(form, "甲", 2024, values, {}, shown={cell.id: rng.randint(0, top) for cell in form.computed})
    found = check(wrong)
    assert len(errors(found)) > 30
    began = time.perf_counter()
    with_causes(wrong, found)
    assert time.perf_counter() - began < SECONDS


def test_a_finding_without_its_cause_stands_for_itself() -> None:
    found = check(filled(received__natural=10, granted__natural=7))
    follower = next(each for each in found if each.because)
    assert grouped([follower]) == [(follower, ())]
