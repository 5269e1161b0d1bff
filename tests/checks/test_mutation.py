"""Mutation of the real reports: what breaks a relation is found on a cell of it, and no other rule raises an error."""

import random
from dataclasses import replace

import pytest
from kit import REPORT_DATA, outcomes, report

from toolkit.checks.findings import Finding
from toolkit.checks.review import check
from toolkit.submission.model import Submission

MUTATIONS = 150


def errors(submission: Submission) -> set[tuple[str, tuple[str, ...]]]:
    def key(found: Finding) -> tuple[str, tuple[str, ...]]:
        return found.rule, found.cells

    return {key(found) for found in check(submission) if found.severity == "error"}


def broken(submission: Submission) -> set[tuple[str, tuple[str, ...]]]:
    """The cases that do not hold, by relation and the cells to look at."""
    return {
        (outcome.case.relation.id, tuple(dict.fromkeys(outcome.case.cells)))
        for outcome in outcomes(submission)
        if not outcome.holds
    }


def mutated(submission: Submission, rng: random.Random) -> Submission:
    """One input cell or one total, changed by a random amount that is not nothing."""
    form = submission.form
    amount = rng.choice((1, rng.randint(1, 20), rng.randint(1, 10**6)))
    cell = rng.choice([cell for cell in form.cells.values() if cell.kind.is_number])
    if cell.computed:
        return replace(submission, shown={**submission.shown, cell.id: submission.totals[cell.id] + amount})
    value = submission.numbers.get(cell.id, 0)
    lower = value >= amount and rng.random() < 0.5
    return replace(submission, values={**submission.values, cell.id: value - amount if lower else value + amount})


@pytest.mark.slow
@pytest.mark.parametrize("name", list(REPORT_DATA))
def test_what_breaks_a_relation_is_found_and_nothing_else(name: str) -> None:
    rng = random.Random(name)
    source = report(name)
    blanks = {found for found in errors(source) if found[0] == "blank"}
    found_something = 0
    for _ in range(MUTATIONS):
        changed = mutated(source, rng)
        new = errors(changed) - errors(source)
        wrong = broken(changed) - broken(source)
        # A blank that is filled in leaves its table's one finding on blanks with fewer cells.
        assert {found for found in new if found[0] != "blank"} == wrong
        assert not {found[0] for found in new} & {"blank"} or blanks
        found_something += bool(wrong)
    assert found_something > MUTATIONS // 3
