"""Run the rules on one submission, and on a submission beside last year's report (上年报告)."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from toolkit.characters import one_line
from toolkit.checks.causes import with_causes
from toolkit.checks.explanations import with_explanations
from toolkit.checks.findings import Finding, distinct
from toolkit.checks.registry import ON_SUBMISSION, ON_YEARS, SIGNATURES
from toolkit.checks.settings import STANDARD, Settings
from toolkit.checks.signature import with_signed
from toolkit.submission.model import Submission
from toolkit.submission.signing import Key


def check(
    submission: Submission, prior: Submission | None = None, settings: Settings = STANDARD
) -> tuple[Finding, ...]:
    """Return all findings on a submission; `prior` is last year's report, if it is given.

    The settings are applied at the end, so that a traceback shows each rule directly under this function. Causes come
    after them: what the office switched off is no cause.
    """
    _ = submission.totals, submission.standing, prior and prior.totals  # the sums that rules share, computed once
    found: list[Finding] = []
    for find in ON_SUBMISSION:
        found.extend(find(submission))
    for find_beside in ON_YEARS:
        found.extend(find_beside(submission, prior, settings.threshold))
    findings = with_causes(submission, settings.applied(distinct(map(_on_one_line, found))), prior)
    return settings.applied(map(_on_one_line, with_explanations(submission, findings)))


def with_signature(
    findings: Iterable[Finding],
    submission: Submission,
    settings: Settings,
    key: Key | None = None,
    names: Collection[str] = (),
    own_names: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Return the findings on a submission with those on its signature (签名) before them.

    Without a `key`, a signature is only reported as not checked. `names` are other names of the agency, `own_names` are
    names that no other agency can be called by for short.
    """
    signed = settings.applied(SIGNATURES.find(submission, key, names, own_names))
    return tuple(with_signed(findings, signed))


def _on_one_line(found: Finding) -> Finding:
    """Return a finding with its message on one line. A message quotes what an agency wrote, and that must not break
    lines or control a terminal."""
    message = one_line(found.message)
    return found if message == found.message else replace(found, message=message)
