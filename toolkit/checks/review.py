"""Runs every rule over a submission."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from toolkit.characters import one_line
from toolkit.checks.alike import SAME_AS_LAST_YEAR, same_as_last_year_findings
from toolkit.checks.arithmetic import arithmetic_findings
from toolkit.checks.cells import cell_findings
from toolkit.checks.findings import Finding
from toolkit.checks.integrity import integrity_findings
from toolkit.checks.last_year import JUMP, last_year_findings
from toolkit.checks.quantities import quantity_findings
from toolkit.checks.settings import STANDARD, Settings
from toolkit.checks.submission_rules import whole_findings
from toolkit.checks.texts import text_findings
from toolkit.submission.model import Submission

RULE_FAMILIES: tuple[Callable[[Submission], Iterable[Finding]], ...] = (
    integrity_findings,
    whole_findings,
    text_findings,
    cell_findings,
    arithmetic_findings,
)
"""In the order in which a reviewer reads them; a new family of rules is one more entry."""


def check(
    submission: Submission, prior: Submission | None = None, settings: Settings = STANDARD
) -> tuple[Finding, ...]:
    """Everything that is to be said of a submission, beside last year's when it is given."""
    return settings.applied(map(_on_one_line, _findings(submission, prior, settings)))


def _on_one_line(found: Finding) -> Finding:
    """Messages quote what an agency wrote: whatever that is, it stays a line and does nothing to a terminal."""
    message = one_line(found.message)
    return found if message == found.message else replace(found, message=message)


def _findings(submission: Submission, prior: Submission | None, settings: Settings) -> Iterator[Finding]:
    for family in RULE_FAMILIES:
        yield from family(submission)
    yield from quantity_findings(submission, prior)
    if prior is not None:
        yield from last_year_findings(submission, prior, settings.threshold(JUMP.id))
        yield from same_as_last_year_findings(submission, prior, settings.threshold(SAME_AS_LAST_YEAR.id))
