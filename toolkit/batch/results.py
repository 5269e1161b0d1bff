"""The results of checking a batch, in the shape that other programs rely on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from toolkit.batch.priors import Priors
from toolkit.batch.sources import Source, unexpected
from toolkit.checks.alike import ALIKE, alike_findings
from toolkit.checks.catalogue import UNREADABLE
from toolkit.checks.findings import Finding
from toolkit.checks.integrity import duplicate_findings
from toolkit.checks.last_year import no_prior_finding
from toolkit.checks.review import check
from toolkit.checks.settings import STANDARD, Settings
from toolkit.submission import Submission

Status = Literal["passed", "failed", "unreadable"]
STATUS_WORDS: dict[Status, str] = {"passed": "通过", "failed": "有误", "unreadable": "无法读取"}


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of one file."""

    path: str
    status: Status
    findings: tuple[Finding, ...]
    agency: str = ""
    year: int | None = None
    form: str = ""
    submission: Submission | None = None

    def data(self) -> dict[str, Any]:
        """As in findings.json."""
        return {
            "path": self.path,
            "agency": self.agency,
            "year": self.year,
            "form": self.form,
            "status": self.status,
            "findings": [found.data() for found in self.findings],
        }


def check_sources(
    sources: Iterable[Source], priors: Priors | None = None, settings: Settings = STANDARD
) -> Iterator[FileResult]:
    """Check each source, beside last year's report where `priors` has it; those that could not be read are results
    too."""
    for source in sources:
        submission = source.submission
        if submission is None:
            yield _unreadable(source.name, source.problem)
            continue
        try:
            findings = _findings(submission, priors, settings)
        except Exception as error:  # one submission never stops the others
            yield _unreadable(source.name, unexpected(error))
            continue
        yield FileResult(
            source.name, _status(findings), findings, submission.agency, submission.year, submission.form.id, submission
        )


def across_files(results: Sequence[FileResult], settings: Settings = STANDARD) -> list[FileResult]:
    """The results with what only shows when the files are seen together."""
    read = [index for index, result in enumerate(results) if result.submission is not None]
    batch = [(results[index].path, submission) for index in read if (submission := results[index].submission)]
    added: dict[int, list[Finding]] = {}
    alike = alike_findings([submission for _, submission in batch], settings.threshold(ALIKE.id))
    for position, found in (*duplicate_findings(batch), *alike):
        added.setdefault(read[position], []).append(found)
    return [
        _with(result, settings.applied(added[index])) if index in added else result
        for index, result in enumerate(results)
    ]


def _with(result: FileResult, more: tuple[Finding, ...]) -> FileResult:
    findings = (*result.findings, *more)
    return replace(result, findings=findings, status=_status(findings))


def _status(findings: Sequence[Finding]) -> Status:
    return "failed" if any(found.severity == "error" for found in findings) else "passed"


def _findings(submission: Submission, priors: Priors | None, settings: Settings) -> tuple[Finding, ...]:
    if priors is None:
        return check(submission, None, settings)
    prior = priors.of(submission)
    findings = check(submission, prior, settings)
    if prior is None:
        findings += settings.applied([no_prior_finding(submission, priors.why_none(submission))])
    return findings


def _unreadable(name: str, reason: str) -> FileResult:
    return FileResult(name, "unreadable", (Finding(UNREADABLE.id, UNREADABLE.severity, reason),))


def results_data(results: Sequence[FileResult], settings: Settings = STANDARD) -> dict[str, Any]:
    """The results of a batch as the contract has them; `settings` says what the office set otherwise."""
    counts = Counter(result.status for result in results)
    statuses: tuple[Status, ...] = ("passed", "failed", "unreadable")
    said = settings.sentences()
    return {
        "summary": {"files": len(results), **{status: counts[status] for status in statuses}},
        **({"settings": list(said)} if said else {}),
        "files": [result.data() for result in results],
    }
