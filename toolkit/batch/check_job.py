"""The check of one file of a batch, as a worker does it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from toolkit.batch.ledger.file_result import FileResult, SectionText, signature_doubt
from toolkit.batch.ledger.priors import Priors
from toolkit.batch.received.files import Item
from toolkit.batch.roster import Roster
from toolkit.batch.sources import STANDARD_READING, ReadingOptions, Source, sources_of
from toolkit.batch.text_file import with_text_file
from toolkit.characters import plain
from toolkit.checks.alike import SHORTEST, Profile, essence, profile, sketches
from toolkit.checks.explanations import explanations_by_fingerprint
from toolkit.checks.findings import Finding
from toolkit.checks.powers import name_rule_id
from toolkit.checks.registry import MISSING_PRIORS, POWERS, UNREADABLE_FILES
from toolkit.checks.result import status_of
from toolkit.checks.review import check, with_signature
from toolkit.checks.settings import STANDARD, Settings
from toolkit.problems import Cause, Unreadable, unexpected
from toolkit.submission.json_csv import to_data
from toolkit.submission.model import Submission
from toolkit.submission.signing import Key
from toolkit.submission.spelling import number_text

if TYPE_CHECKING:
    from toolkit.documents.texts_folder import TextFiles


@dataclass(frozen=True, slots=True)
class CheckJob:
    """The check of a file, with all that it needs.

    `priors` is where last year's reports are kept. `also_called` has further names of agencies. `sketched`: there are
    too many texts to compare every pair. With a `key`, the check also says whose templates the files are. `own_names`
    has names of agencies that are also short forms of the names of others. `text_files` are the texts that reports are
    made with, in place of those in the workbooks. `answered` has the rules that a roster answers itself, by the names
    of agencies: whether they have a power (权力).
    """

    reading: ReadingOptions = STANDARD_READING
    settings: Settings = STANDARD
    priors: Priors | None = None
    also_called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sketched: bool = False
    key: Key | None = field(default=None, repr=False)
    own_names: frozenset[str] = frozenset()
    text_files: "TextFiles | None" = None
    answered: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __call__(self, item: Item) -> list[FileResult]:
        """Return the results of a file: one for each submission in it, or one that says why there is none."""
        try:
            content = item.read(self.reading.admission.limits)
        except Unreadable as problem:
            return [unreadable(item, problem.message, problem.cause)]
        digest = sha256(content).hexdigest()
        sources = sources_of(item, content, self.reading)
        return [self.result(source, item, digest) for source in sources]

    def on_roster(self, roster: Roster | None) -> "CheckJob":
        """Return this check with what a roster says of agencies' names and powers."""
        if roster is None:
            return self
        own_names = roster.names_within_names() if self.key else frozenset[str]()
        answered = {
            plain(name): frozenset(map(name_rule_id, entry.powers))
            for entry in roster.entries
            for name in (entry.name, *entry.former)
            if entry.powers
        }
        return replace(self, also_called=roster.also_called(), own_names=own_names, answered=answered)

    def result(self, source: Source, item: Item, digest: str = "") -> FileResult:
        """Return the result of one submission. Whatever it holds, the other submissions are not affected."""
        submission = source.submission
        if submission is None:
            return unreadable(item, source.problem, source.cause, digest)
        try:
            if self.text_files:
                submission = with_text_file(submission, self.text_files, source.stem, self.reading.admission.limits)
            findings = self.findings(submission)
            texts = self.texts(submission)
        except Exception as error:
            problem = unexpected(error)
            return unreadable(item, problem.message, problem.cause, digest)
        return FileResult(
            path=source.name,
            status=status_of(findings),
            findings=findings,
            agency=submission.agency,
            year=submission.year,
            form=submission.form.id,
            issued=submission.issued,
            digest=digest,
            suffix=source.name.removeprefix(item.name),
            texts=texts,
            without_power=POWERS.find(submission),
            empty=is_empty(submission),
            own_digest=_digest_of(submission) if source.name != item.name else "",
            cells=cells_as_text(submission),
            explanations={key: one.text for key, one in explanations_by_fingerprint(submission).items()},
            doubt=signature_doubt(findings),
            changed=item.changed,
        )

    def findings(self, submission: Submission) -> tuple[Finding, ...]:
        """Return the findings on a submission, on it beside last year's report, and on its signature."""
        names = self.also_called.get(plain(submission.agency), ())
        findings = self._findings(submission, names)
        return with_signature(findings, submission, self.settings, self.key, names, self.own_names)

    def _findings(self, submission: Submission, names: Sequence[str]) -> tuple[Finding, ...]:
        if self.priors is None:
            return self._check(submission, None)
        prior, why_none = self.priors.of(submission, self.reading.form_of, names)
        findings = self._check(submission, prior)
        if prior is None:
            findings += self.settings.applied([MISSING_PRIORS.find(why_none)])
        return findings

    def _check(self, submission: Submission, prior: Submission | None) -> tuple[Finding, ...]:
        """Return the findings without those on which the roster itself has the answer."""
        answered = self.answered.get(plain(submission.agency), frozenset())
        findings = check(submission, prior, self.settings)
        return tuple(found for found in findings if found.rule not in answered) if answered else findings

    def texts(self, submission: Submission) -> tuple[SectionText, ...]:
        """Return what is kept of the texts, to compare them with those of other agencies."""
        kept = []
        for section, paragraphs in submission.texts.items():
            core = essence(submission, section)
            long_enough = len(core) >= SHORTEST
            compared_with_each = long_enough and not self.sketched
            kept.append(
                SectionText(
                    section,
                    paragraphs,
                    submission.text_places.get(section, ("",) * len(paragraphs)),
                    sha256(core.encode()).hexdigest()[:32] if long_enough else "",
                    profile(core) if compared_with_each else Profile(len(core), 0),
                    sketches(core) if long_enough and self.sketched else (),
                )
            )
        return tuple(kept)


def _digest_of(submission: Submission) -> str:
    """Return the SHA-256 of all that a submission holds."""
    return sha256(json.dumps(to_data(submission), sort_keys=True).encode()).hexdigest()


def cells_as_text(submission: Submission) -> dict[str, str]:
    """Return the filled cells that are not blank, and the totals that stand there otherwise than computed, as text."""
    given = {**submission.values, **submission.shown}
    return {
        cell: value if isinstance(value, str) else number_text(value)
        for cell, value in given.items()
        if value is not None
    }


def is_empty(submission: Submission) -> bool:
    """Return True if the agency filled in nothing beyond the prefilled cells."""
    given = {case.this for case in submission.form.carry_overs if case.carry_over.prefill}
    return not any(submission.texts.values()) and all(
        value is None or cell in given for cell, value in submission.values.items()
    )


PASSING: frozenset[Cause] = frozenset(
    ("encrypted", "too-large", "no-access", "own-output", "over-time", "over-memory", "process-lost", "unforeseen")
)
"""Causes that may be gone the next time: with a password, other limits, more memory, or another list of files."""


def unreadable(item: Item, reason: str, cause: Cause, digest: str = "") -> FileResult:
    """Return the result of a file that gave no submission."""
    found = UNREADABLE_FILES.find(reason, cause)
    return FileResult(item.name, "unreadable", (found,), digest=digest, final=cause not in PASSING and bool(digest))
