"""Runs every rule over a submission."""

from collections.abc import Callable, Iterable

from toolkit.checks.arithmetic import arithmetic_findings
from toolkit.checks.cells import cell_findings
from toolkit.checks.findings import Finding
from toolkit.checks.whole import whole_findings
from toolkit.submission import Submission

RULE_FAMILIES: tuple[Callable[[Submission], Iterable[Finding]], ...] = (
    whole_findings,
    cell_findings,
    arithmetic_findings,
)
"""In the order in which a reviewer reads them; a new family of rules is one more entry."""


def check(submission: Submission) -> tuple[Finding, ...]:
    """Everything that is to be said of a submission."""
    return tuple(found for family in RULE_FAMILIES for found in family(submission))
