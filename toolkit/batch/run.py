"""Runs a batch: finds its files, has each one worked on, and keeps what comes of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from toolkit.batch.across import EXACT_LIMIT, find_across, of_another_key
from toolkit.batch.checking import Check, unreadable
from toolkit.batch.crew import Crew, Lost
from toolkit.batch.engine import run_each
from toolkit.batch.intake import Item, LeftOut, find_items
from toolkit.batch.ledger import FileResult, Ledger
from toolkit.batch.making import Made, Read
from toolkit.batch.priors import Priors, write_priors
from toolkit.batch.results import Batch
from toolkit.batch.roster import Roster
from toolkit.batch.sources import Reading
from toolkit.batch.standing import place_on_roster, settle
from toolkit.data_file import read_data_bytes
from toolkit.faults import GONE, Place, drives_of, in_words
from toolkit.gate.limits import Limits
from toolkit.problems import Problem, Unreadable
from toolkit.resources import version
from toolkit.signing import key_mark
from toolkit.submission import Submission

SAVED_EVERY = 200
"""Files after which what was found is on disk."""


class Maker(Protocol):
    """Makes something of each submission in a file."""

    @property
    def reading(self) -> Reading:
        """How it reads files."""

    def __call__(self, item: Item, /) -> list[Made]: ...


Told = Callable[[int, int, Item, Sequence[FileResult]], None]


def make_of_each(paths: Sequence[Path], work: Maker, crew: Crew, left_out: LeftOut) -> Iterator[tuple[int, int, Made]]:
    """What `work` makes of each submission under the paths, with the number of its file and of all files."""
    ledger = Ledger()
    places = drives_of(paths)
    try:
        total = ledger.add(find_items(paths, left_out, work.reading.admission.limits))
        for number, (item, made) in enumerate(run_each(work, ledger.items(), crew), 1):
            if isinstance(made, Lost) or any(one.unread for one in made):
                require_inputs(places)
            for one in [Made(item.name, problem=made.reason, unread=True)] if isinstance(made, Lost) else made:
                yield number, total, one
    finally:
        ledger.abandon()


def require_inputs(places: Sequence[Place], then: str = "请接好后再试") -> None:
    """Raises Problem when the drive that the files are on has come off: not every file need be told of by itself."""
    gone = next((place.path for place in places if not place.is_there), None)
    if gone:
        raise Problem(f"{gone} 在处理途中不见了：{GONE}，或被移走、删除。{then}。")


def collect_priors(
    paths: Sequence[Path], reading: Reading, crew: Crew, folder: Path, left_out: LeftOut, missed: Callable[[Made], None]
) -> Priors:
    """Read last year's reports and keep them in a folder; what could not be read is told to `missed`."""

    def submissions() -> Iterator[Submission]:
        for _, _, made in make_of_each(paths, Read(reading), crew, left_out):
            if made.problem:
                missed(made)
                continue
            try:
                yield from read_data_bytes(json.dumps(made.content).encode(), reading.form_of)
            except Unreadable as problem:  # figures so long that their sum is none any more
                missed(Made(made.name, problem=problem.message, unread=True))

    path = folder / "上年.sqlite"
    with in_words(path):
        write_priors(path, submissions())
    return Priors(str(path))


@dataclass(frozen=True, slots=True)
class Review:
    """What a batch is held against: `work` does each file; `folder` keeps the ledger, `resume` goes on with it."""

    work: Check
    crew: Crew
    roster: Roster | None = None
    year: int | None = None
    folder: Path | None = None
    resume: bool = False


def check_batch(paths: Sequence[Path], review: Review, left_out: LeftOut, tell: Told) -> Batch:
    """Check every file under the paths; the results are in the ledger of the batch that comes back, which the caller
    closes. `tell` hears of each file as it is done. A run that is broken off (Ctrl-C) comes back unfinished.
    """
    ledger = Ledger(review.folder, _fingerprint(review.work), review.resume)
    places = drives_of(paths)
    unfinished = False
    try:
        total = ledger.add(find_items(paths, left_out, review.work.reading.admission.limits))
        work = replace(review.work, sketched=total > EXACT_LIMIT)
        _check_each(ledger, work, review, total, tell, places)
    except KeyboardInterrupt:
        unfinished = True
    except BaseException:
        ledger.abandon()
        raise
    try:
        return _seen_together(ledger, review, unfinished)
    except BaseException:
        ledger.abandon()
        raise


def _seen_together(ledger: Ledger, review: Review, unfinished: bool) -> Batch:
    """The batch, with what only shows when all results are seen together."""
    settings = review.work.settings
    year = review.year
    if review.roster:
        year = place_on_roster(ledger, review.roster, year, settings)
    find_across(ledger, review.work.reading.form_of, settings, review.roster is not None)
    if review.roster:
        settle(ledger)
    remarks = of_another_key(ledger, settings) if review.work.key else ()
    return Batch(ledger, settings, review.roster, year, remarks, unfinished)


def _check_each(ledger: Ledger, work: Check, review: Review, total: int, tell: Told, places: Sequence[Place]) -> None:
    done = 0
    then = "请接好后用 --resume 接着做" if review.folder else "请接好后再试"

    def unknown() -> Iterator[Item]:
        """The files that have to be worked on; what is known of the others from an earlier run is recorded."""
        nonlocal done
        for item in ledger.items():
            if not (review.resume and ledger.record_known(item, _digest(item, review.work.reading.admission.limits))):
                yield item
                continue
            done += 1
            tell(done, total, item, ())

    for item, found in run_each(work, unknown(), review.crew):
        results = [unreadable(item, found.reason, found.cause)] if isinstance(found, Lost) else found
        if any(result.status == "unreadable" for result in results):
            require_inputs(places, then)
        ledger.record(item, results)
        done += 1
        if done % SAVED_EVERY == 0:
            ledger.save()
        tell(done, total, item, results)
    ledger.save()


def _digest(item: Item, limits: Limits) -> str:
    try:
        return sha256(item.read(limits)).hexdigest()
    except Unreadable:
        return ""


def _fingerprint(work: Check) -> str:
    """What the results depend on besides the files. It is kept, so it has nothing from which a key could be found."""
    own_form = sha256(work.reading.form_file.read_bytes()).hexdigest() if work.reading.form_file else ""
    priors = work.priors.digest() if work.priors else ""
    key = key_mark(work.key) if work.key else ""
    return repr((version(), own_form, priors, sorted(work.also_called.items()), work.settings, key))
