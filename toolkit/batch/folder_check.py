"""Checks a whole folder in one call, for programs. The result is kept in memory and needs no files."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.batch.check_job import CheckJob
from toolkit.batch.checked_batch import findings_json
from toolkit.batch.jobs import JobOutput, ReadJob
from toolkit.batch.pool_settings import PoolSettings
from toolkit.batch.received.left_out import LeftOut
from toolkit.batch.roster import read_roster
from toolkit.batch.run import Review, check_batch, make_of_each, submissions_in, temporary_priors
from toolkit.batch.sources import ReadingOptions
from toolkit.checks.result import Result
from toolkit.checks.settings import Settings
from toolkit.documents.texts_folder import find_text_files
from toolkit.forms.powers import known_powers
from toolkit.submission.model import Submission


@dataclass(frozen=True)
class FolderResult:
    """The results of a folder of returns (报送), in the order of the files.

    `results` has one result for each submission and for each file that could not be read. `remarks` are sentences about
    the whole batch (settings that were used, last year's reports that could not be read). Iterate over it to get the
    results.
    """

    results: tuple[Result, ...]
    remarks: tuple[str, ...] = ()
    _data: dict[str, Any] = field(default_factory=dict, repr=False)
    _paths: tuple[Path, ...] = field(default=(), repr=False)
    _reading: ReadingOptions = field(default=ReadingOptions(), repr=False)
    _pool: PoolSettings = field(default=PoolSettings(0), repr=False)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    @property
    def summary(self) -> dict[str, int]:
        """Return the number of files (`files`), and of each status."""
        return dict(self._data["summary"])

    def data(self) -> dict[str, Any]:
        """Return everything as plain data, the same as findings.json."""
        return self._data

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one flat row for each finding of all files, see `Result.rows`."""
        for result in self.results:
            yield from result.rows()

    def submissions(self) -> Iterator[Submission]:
        """Read the files again, one by one, and yield every submission that can be read."""
        for _, _, made in make_of_each(self._paths, ReadJob(self._reading), self._pool, LeftOut()):
            if not made.problem:
                yield from submissions_in(made, self._reading)


def check_folder(
    paths: Sequence[Path],
    reading: ReadingOptions,
    settings: Settings,
    pool: PoolSettings,
    roster: Path | None = None,
    prior: Path | None = None,
    year: int | None = None,
    texts: Path | None = None,
) -> FolderResult:
    """Check every file under the paths as one batch. Raise Problem when there is no file to read, or the roster or the
    folder of text files (`texts`) is wrong."""
    text_files = find_text_files(texts) if texts else None
    agencies = read_roster(roster, known_powers(reading.form_of.own)) if roster else None
    left_out = LeftOut((roster,) if roster else ())
    missed: list[JobOutput] = []
    with temporary_priors(prior, reading, pool, LeftOut(), missed.append) as priors:
        work = CheckJob(reading, settings, priors, text_files=text_files).on_roster(agencies)
        batch = check_batch(paths, Review(work, pool, agencies, year), left_out, lambda *_: None)
        try:
            if batch.unfinished:
                raise KeyboardInterrupt
            data = json.loads("".join(findings_json(batch)))
            results = tuple(_without_batch_fields(result) for result in batch.ledger.results())
            unread = [f"上年报告 {made.name} 读不了：{made.problem}" for made in missed]
            return FolderResult(results, (*batch.sentences(), *unread), data, tuple(paths), reading, pool)
        finally:
            batch.close()


def _without_batch_fields(found: Result) -> Result:
    """Return a result without the fields that only a batch needs."""
    return Result(found.path, found.status, found.findings, found.agency, found.year, found.form, found.standing)
