"""Runs a batch: finds its files, runs a job on each one, and keeps the results."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from toolkit.batch.check_job import CheckJob, unreadable
from toolkit.batch.checked_batch import Batch
from toolkit.batch.cross_checks import EXACT_LIMIT, find_across, of_another_key
from toolkit.batch.deadline import deadline_of
from toolkit.batch.filing_status import known_senders, place_on_roster, refuse_other_years, settle
from toolkit.batch.jobs import JobOutput, ReadJob
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.history import History, has_history
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.ledger.priors import Priors, write_priors
from toolkit.batch.pool import archives_listed, run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.batch.received.files import (
    Item,
    find_items,
    left_out_file,
    nothing_there,
    on_disk,
    storable,
    why_hidden_left_out,
)
from toolkit.batch.received.left_out import LeftOut, LeftOutFile
from toolkit.batch.roster import Roster
from toolkit.batch.round_history import Past, take_up_history
from toolkit.batch.rounds import HasRun
from toolkit.batch.sources import ReadingOptions, Source
from toolkit.checks.registry import rules_that_need
from toolkit.files.limits import Limits
from toolkit.files.protected_inputs import forget_read
from toolkit.files.read import read_whole
from toolkit.files.write_errors import GONE, DiskPlace, drives_of, in_words
from toolkit.forms.model import Form
from toolkit.problems import Problem, Unreadable
from toolkit.resources import version
from toolkit.submission.json_csv import read_data_bytes, to_data
from toolkit.submission.model import Submission
from toolkit.submission.signing import key_mark

NOTHING = "给出的文件里没有可读的填报表、数据文件或已公布的报告。请检查路径。"
SAVED_EVERY = 200
"""Number of files after which the results are saved to disk."""


class OutputJob(Protocol):
    """A job that makes outputs from each submission in a file."""

    @property
    def reading(self) -> ReadingOptions:
        """How the job reads files."""

    def __call__(self, item: Item, /) -> list[JobOutput]: ...


OnChecked = Callable[[int, int, Item, Sequence[FileResult]], None]
"""Called after each file: number of files done, number of all files, the file, its results. Of a file whose results are
known from an earlier run, only those with faults."""


def make_of_each(
    paths: Sequence[Path], work: OutputJob, pool: PoolSettings, left_out: LeftOut
) -> Iterator[tuple[int, int, JobOutput]]:
    """Run `work` on each file under the paths. Yield each output with the number of its file and the number of all
    files.

    Raise Problem when no file can be read.
    """
    ledger = Ledger()
    places = drives_of(paths)
    try:
        total = _find_files(paths, ledger, left_out, work.reading, pool)
        has_output = False
        for number, (item, made) in enumerate(run_each(work, ledger.items(), pool), 1):
            outputs = [JobOutput(item.name, problem=made.reason, unread=True)] if isinstance(made, LostJob) else made
            if any(one.unread for one in outputs):
                require_inputs(places)
            if outputs and all(one.unread for one in outputs) and _leave_out(item, paths, left_out, outputs[0]):
                continue
            has_output = True
            for one in outputs:
                yield number, total, one
        if not has_output:
            raise nothing_there(NOTHING, left_out)
    finally:
        ledger.abandon()


def _find_files(
    paths: Sequence[Path], ledger: Ledger, left_out: LeftOut, reading: ReadingOptions, pool: PoolSettings
) -> int:
    """Add the files under the paths to the ledger, and return how many there are."""
    limits, accepts = reading.admission.limits, reading.accepts_reports
    with archives_listed(limits, pool, accepts) as look_into:
        return ledger.add(find_items(paths, left_out, limits, look_into, accepts), left_out)


def _leave_out(item: Item, paths: Sequence[Path], left_out: LeftOut, unread: JobOutput) -> bool:
    """Leave out an unreadable file if it is an output of ours, is hidden, or is a published report that is no return.
    Return False if it is none of them, or if the call named it."""
    if item.is_report and not (unread.is_own or item.is_aside):
        left_out.add(left_out_file(item, unread.problem.rstrip("。")))
        return True
    if not (unread.is_own or item.is_aside) or (not item.members and item.path in map(storable, paths)):
        return False
    if unread.is_own and not item.members:
        forget_read(Path(on_disk(item.path)))
    left_out.add(
        LeftOutFile(
            item.name, unread.problem.rstrip("。") if unread.is_own else why_hidden_left_out(item, unread.problem)
        )
    )
    return True


def require_inputs(places: Sequence[DiskPlace], advice: str = "请接好后再试") -> None:
    """Raise Problem when the drive with the files is gone, instead of reporting every file."""
    gone = next((place.path for place in places if not place.is_there), None)
    if gone:
        raise Problem(f"{gone} 在处理途中不见了：{GONE}，或被移走、删除。{advice}。")


def submissions_in(made: JobOutput, reading: ReadingOptions) -> list[Submission]:
    """Return the submissions that a `ReadJob` gave as data. Raise Unreadable when the data cannot be read."""
    return read_data_bytes(json.dumps(made.content).encode(), reading.form_of)


def collect_priors(
    paths: Sequence[Path],
    reading: ReadingOptions,
    pool: PoolSettings,
    folder: Path,
    left_out: LeftOut,
    on_missed: Callable[[JobOutput], None],
) -> Priors:
    """Read last year's reports and keep them in a folder. `on_missed` is called with each file that could not be
    read."""

    def submissions() -> Iterator[Submission]:
        for _, _, made in make_of_each(paths, ReadJob(reading), pool, left_out):
            if made.problem:
                on_missed(made)
                continue
            try:
                yield from submissions_in(made, reading)
            except Unreadable as problem:  # figures so long that their sum cannot be read
                on_missed(JobOutput(made.name, problem=problem.message, unread=True))

    path = folder / "上年.sqlite"
    with in_words(path):
        write_priors(path, submissions())
    return Priors(str(path))


@contextmanager
def temporary_priors(
    path: Path | None,
    reading: ReadingOptions,
    pool: PoolSettings,
    left_out: LeftOut,
    on_missed: Callable[[JobOutput], None],
    shared: Path | None = None,
) -> Iterator[Priors | None]:
    """Yield last year's reports, None if there is no `path`. They are deleted at the end of the block. For a cluster
    they are kept in the folder `shared`, because its machines read them there. See `collect_priors`."""
    if path is None:
        yield None
        return
    place = shared if pool.scheduler else None
    if place:
        place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".gknb-", dir=place, ignore_cleanup_errors=True) as folder:
        yield collect_priors([path], reading, pool, Path(folder), left_out, on_missed)


@dataclass(frozen=True, slots=True)
class Review:
    """What a batch is checked with: `work` checks each file; `folder` keeps the ledger and the history, `resume`
    continues the run in it. Without it, `remembers` is a results folder whose history is used and not changed.
    `deadline` is in words, `office` reviews the batch, `day` is today.
    """

    work: CheckJob
    pool: PoolSettings
    roster: Roster | None = None
    year: int | None = None
    folder: Path | None = None
    resume: bool = False
    remembers: Path | None = None
    deadline: str = ""
    office: str = ""
    day: date = field(default_factory=date.today)


def check_batch(paths: Sequence[Path], review: Review, left_out: LeftOut, on_checked: OnChecked) -> Batch:
    """Check every file under the paths. The results are in the ledger of the returned batch; the caller closes it.
    `on_checked` is called after each file. A run that is broken off (Ctrl-C) returns an unfinished batch.

    Raise Problem when no file can be read.
    """
    ledger = Ledger(review.folder, _fingerprint(review.work), review.resume)
    places = drives_of(paths)
    unfinished = False
    try:
        left_out.whose = known_senders(review.roster) if review.roster else None
        total = _find_files(paths, ledger, left_out, review.work.reading, review.pool)
        work = replace(review.work, sketched=total > EXACT_LIMIT)
        _check_each(_CheckRun(ledger, paths, left_out, places, total, on_checked), work, review)
        found = any(ledger.counts().values()) or left_out.count_of_agencies or left_out.nothing_came
        if not found:
            raise nothing_there(NOTHING, left_out)
    except KeyboardInterrupt:
        unfinished = True
    except BaseException:
        ledger.abandon()
        raise
    try:
        return _compare_all(ledger, review, review.work.reading.form_of, unfinished)
    except BaseException:
        ledger.abandon()
        raise


@dataclass(frozen=True, slots=True)
class _CheckRun:
    """The state of a running check: its ledger, its paths, what is left out, the number of files, and the callback."""

    ledger: Ledger
    paths: Sequence[Path]
    left_out: LeftOut
    places: Sequence[DiskPlace]
    total: int
    on_checked: OnChecked


def check_submissions(submissions: Sequence[Submission], review: Review) -> list[FileResult]:
    """Check submissions as the files of one batch, and return their results in the same order.

    They are checked in this process, with the submissions' own forms.
    """
    ledger = Ledger()
    work = review.work.on_roster(review.roster)
    try:
        for number, submission in enumerate(submissions, 1):
            item = Item(f"{number}.xlsx", number=number)
            content = sha256(json.dumps(to_data(submission), sort_keys=True).encode()).hexdigest()
            digest = f"{number}:{content}"  # equal submissions stay apart
            ledger.record(item, [work.result(Source(item.name, item.stem, submission), item, digest)])
        forms = {submission.form.id: submission.form for submission in submissions}
        _compare_all(ledger, replace(review, work=work), forms.get, unfinished=False)
        return list(ledger.results())
    finally:
        ledger.close()


def _compare_all(ledger: Ledger, review: Review, form_of: Callable[[str], Form | None], unfinished: bool) -> Batch:
    """Add the findings that only show when all results are compared, and return the batch."""
    settings = review.work.settings
    year = review.year
    remarks: tuple[str, ...] = ()
    if review.roster:
        year = place_on_roster(ledger, review.roster, year, settings)
    elif review.work.key or year:
        remarks = refuse_other_years(ledger, settings, year)
    find_across(ledger, form_of, settings, review.roster is not None)
    remarks += of_another_key(ledger, settings) if review.work.key else ()
    deadline = deadline_of(review.deadline, year)
    batch = Batch(
        ledger,
        settings,
        review.roster,
        year,
        remarks,
        unfinished,
        deadline=deadline,
        day=review.day,
        office=review.office,
    )
    if review.roster is None:
        return batch
    settle(ledger)
    folder = review.folder or has_history(review.remembers)
    past = Past(
        History(folder, read_only=folder is not None and review.folder is None), year, form_of, _has_run(review)
    )
    take_up_history(ledger, past, review.roster, settings, review.folder is not None and not unfinished)
    return replace(batch, past=past)


def _has_run(review: Review) -> HasRun:
    """Return a function that says if a rule was run: it is not switched off, and what it needs was given."""
    forms = review.work.reading.form_of.forms
    without = frozenset[str]()
    if review.work.priors is None:
        without |= rules_that_need("years", forms)
    if review.work.key is None:
        without |= rules_that_need("signature", forms)
    return lambda rule: review.work.settings.is_used(rule) and rule not in without


def _check_each(check_run: _CheckRun, work: CheckJob, review: Review) -> None:
    ledger = check_run.ledger
    advice = "请接好后用 --resume 接着做" if review.folder else "请接好后再试"
    done = _take_up_known(check_run, review) if review.resume else 0
    for item, found in run_each(work, ledger.items(without_done=True), review.pool):
        results = [unreadable(item, found.reason, found.cause)] if isinstance(found, LostJob) else found
        done += 1
        if any(result.status == "unreadable" for result in results):
            require_inputs(check_run.places, advice)
        if _is_left_out(check_run, item, results):
            check_run.on_checked(done, check_run.total, item, ())
            continue
        ledger.record(item, results)
        if done % SAVED_EVERY == 0:
            ledger.save()
        check_run.on_checked(done, check_run.total, item, results)
    ledger.save()


def _is_left_out(check_run: _CheckRun, item: Item, results: Sequence[FileResult]) -> bool:
    """Leave out an unreadable file that was not handed in as a return. Return False if it was."""
    if not results or any(result.status != "unreadable" for result in results):
        return False
    why = results[0]
    unread = JobOutput(item.name, problem=why.findings[0].message, is_own=why.cause == "own-output")
    return _leave_out(item, check_run.paths, check_run.left_out, unread)


def _take_up_known(check_run: _CheckRun, review: Review) -> int:
    """Record the results that an earlier run has for the same content, and return their number. The workers read the
    files: a file that takes too long counts as unknown."""
    done = 0
    for item, digest in run_each(Digest(review.work.reading.admission.limits), check_run.ledger.items(), review.pool):
        known = isinstance(digest, str) and digest and not item.is_aside
        if known and check_run.ledger.record_known(item, str(digest)):
            done += 1
            if done % SAVED_EVERY == 0:
                check_run.ledger.save()
            faulty = list(check_run.ledger.faulty_results_of(item))
            check_run.on_checked(done, check_run.total, item, faulty)
    return done


@dataclass(frozen=True, slots=True)
class Digest:
    """Job that returns the SHA-256 of a file; an empty text if it cannot be read."""

    limits: Limits

    def __call__(self, item: Item) -> str:
        try:
            return sha256(item.read(self.limits)).hexdigest()
        except Unreadable:
            return ""


def _fingerprint(work: CheckJob) -> str:
    """Return a text of everything besides the files that the results depend on. It is saved, so it must not reveal the
    key."""
    own_form = sha256(read_whole(work.reading.form_file)).hexdigest() if work.reading.form_file else ""
    priors = work.priors.digest() if work.priors else ""
    key = key_mark(work.key) if work.key else ""
    names = sorted(work.also_called.items()), sorted(work.own_names)
    texts = work.text_files.digest() if work.text_files else ""
    return repr((version(), own_form, priors, names, work.settings, key, work.reading.accepts_reports, texts))
