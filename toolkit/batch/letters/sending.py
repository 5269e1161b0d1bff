"""A folder of letters: annotated copies (批注件) or notices (退回修改意见). The command that writes the letters manages
the folder.

Each run renews what has changed, does not touch what is the same, and moves letters that are not needed any more to a
folder inside. A file that is not ours, or that somebody has changed since we wrote it, is never touched.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.batch.checked_batch import Batch
from toolkit.batch.jobs import JobOutput
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.ledger import real_place
from toolkit.batch.letters.folder import (
    FolderNames,
    LettersBySubject,
    Sent,
    edited_letter,
    is_named,
    letters_in,
    names_in,
    settle_letter,
    write_letter,
)
from toolkit.batch.letters.jobs import AnnotateJob, NoticeJob, ReturnToAnswer, returns_to_answer, settled_returns
from toolkit.batch.letters.mark import OwnLetter, Subject, id_of, ids_of, with_mark
from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.batch.received.files import Item
from toolkit.files.write import require_folder
from toolkit.files.write_errors import place_of


@dataclass(frozen=True, slots=True)
class MarkedLetterJob:
    """Job that makes a letter with its mark. The result is the letter and the digest of its content."""

    work: AnnotateJob | NoticeJob

    def __call__(self, job: tuple[Subject, ReturnToAnswer]) -> tuple[JobOutput, str]:
        subject, returned = job
        made = self.work(returned)
        if made.problem:
            return made, ""
        content, digest = with_mark(made.content, subject, self.work.reading.admission.limits)
        return replace(made, content=content), digest


@dataclass(frozen=True, slots=True)
class LettersPlan:
    """What is to be done with the letters in the folder. `own` is the letter to renew for each return (by its number).
    `settled` and `left` are not needed any more; those in `left` were changed by somebody. `altered` are all letters
    that were changed by somebody."""

    own: Mapping[int, OwnLetter]
    settled: Sequence[OwnLetter]
    left: Sequence[OwnLetter]
    altered: Sequence[OwnLetter]


def send(folder: Path, work: AnnotateJob | NoticeJob, batch: Batch, pool: PoolSettings) -> Iterator[Sent]:
    """Bring the letters in a folder up to date with a checked batch, and yield what was done: one letter for each
    return that has to be corrected, and no other letter for agencies of the batch. Letters to other agencies are not
    touched.

    Raise Problem when the folder cannot be written to.
    """
    require_folder(folder)
    letters = letters_in(folder, work.kind, work.suffix, work.reading.admission.limits, pool)
    plan = _plan(letters, work, batch)
    yield from (Sent("left", kept=folder / letter.file) for letter in plan.left)
    yield from (settle_letter(folder, letter) for letter in plan.settled)
    ours = {letter.file for letter in letters if letter.is_unchanged}
    names = FolderNames(folder, {name for name in names_in(folder) if name not in ours})
    place = place_of(folder) if folder.is_dir() else None
    jobs = ((_subject(work, batch, one.item, one.result), one) for one in returns_to_answer(batch) if work.takes(one))
    for (subject, one), found in run_each(MarkedLetterJob(work), jobs, pool):
        result = one.result
        made, digest = (JobOutput(result.path, problem=found.reason), "") if isinstance(found, LostJob) else found
        if made.problem:
            yield Sent("lost", result.path, made=made)
            continue
        if place:
            place.require()
        edited = edited_letter(plan.altered, subject, digest)
        yield write_letter(names, plan.own.get(result.id), edited, made, digest)
        place = place or place_of(folder)


def _subject(work: AnnotateJob | NoticeJob, batch: Batch, item: Item, result: FileResult) -> Subject:
    """Return what a letter about a return is about. In a batch with a roster, all returns have the batch's year: one
    that was made for another year was meant for it."""
    entry = batch.roster.entries[result.entry] if batch.roster and result.entry is not None else None
    names = (result.agency, *((entry.name, *entry.former) if entry else ()))
    year = batch.year if batch.roster else result.year
    return Subject(work.kind, id_of(real_place(item) + result.suffix), ids_of(names), year)


def _plan(letters: Sequence[OwnLetter], work: AnnotateJob | NoticeJob, batch: Batch) -> LettersPlan:
    """Find the letter to renew for each return, and the letters that are settled: the agency's return has no errors
    now, or another return of it has to be corrected."""
    by_subject = LettersBySubject(letters)
    renewed: dict[int, OwnLetter] = {}
    taken, faulty, sound = set[str](), set[str](), set[str]()
    for same_file in (True, False) if letters else ():
        for one in filter(work.takes, returns_to_answer(batch)):
            result, subject = one.result, _subject(work, batch, one.item, one.result)
            about = by_subject.about(subject)
            faulty.update(letter.file for letter in about)
            for letter in about if result.id not in renewed else ():
                fits = letter.is_unchanged and is_named(letter.file, work.name(one))
                if fits and letter.file not in taken and (letter.subject.source == subject.source or not same_file):
                    renewed[result.id] = letter
                    taken.add(letter.file)
                    break
    for one in settled_returns(batch) if letters else ():
        sound.update(letter.file for letter in by_subject.about(_subject(work, batch, one.item, one.result)))
    settled = [own for own in letters if own.is_unchanged and own.file in faulty | sound and own.file not in taken]
    altered = [own for own in letters if not own.is_unchanged]
    return LettersPlan(renewed, settled, [own for own in altered if own.file in sound - faulty], altered)
