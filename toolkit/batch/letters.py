"""A folder of letters: annotated copies (批注件) or notices (退回修改意见). The command that writes the letters manages
the folder.

Each run renews what has changed, does not touch what is the same, and moves letters that are not needed any more to a
folder inside. A file that is not ours, or that somebody has changed since we wrote it, is never touched.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

from toolkit.batch.checked_batch import Batch
from toolkit.batch.intake import Item
from toolkit.batch.jobs import JobOutput
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.ledger import real_place
from toolkit.batch.letter_jobs import AnnotateJob, NoticeJob, ReturnToAnswer, returns_to_answer, settled_returns
from toolkit.batch.letter_mark import OwnLetter, Subject, id_of, ids_of, letter_in, with_mark
from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.files.limits import Limits
from toolkit.files.protected_inputs import is_read
from toolkit.files.read import read_bytes
from toolkit.files.write import require_folder, unique_namer, write_output
from toolkit.files.write_errors import Unwritable, in_words, place_of
from toolkit.problems import Unreadable

SETTLED = "已解决"
"""The folder, inside that of the letters, for letters that are not needed any more."""
LetterDone = Literal["written", "renewed", "same", "settled", "altered", "left", "lost", "unwritable"]
DONE_WORDS: dict[LetterDone, str] = {
    "written": "写出",
    "renewed": "更新",
    "same": "未变",
    "settled": f"移到“{SETTLED}”",
    "altered": "意见没有变、文件已有人改动（没有动）",
    "left": "不再需要、文件已有人改动（没有动）",
    "lost": "没有生成",
    "unwritable": "写不进或移不动",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What was done with one letter. `source` is the return that it is about, or the path that the letter was moved
    from. `file` is where the letter is now, `kept` a file in its place that was not touched. `made` says why there is
    no letter, `problem` why it could not be written or moved."""

    done: LetterDone
    source: str = ""
    file: Path | None = None
    kept: Path | None = None
    made: JobOutput | None = None
    problem: Unwritable | None = None


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
class FindLetterJob:
    """Job that finds out if a file is a letter of ours."""

    limits: Limits

    def __call__(self, path: Path) -> OwnLetter | None:
        try:
            return letter_in(path.name, read_bytes(path, self.limits), self.limits)
        except Unreadable:
            return None


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
    letters = _letters_in(folder, work, pool)
    plan = _plan(letters, work, batch)
    yield from (Sent("left", kept=folder / letter.file) for letter in plan.left)
    yield from (_settle(folder, letter) for letter in plan.settled)
    ours = {letter.file for letter in letters if letter.is_unchanged}
    names = _FileNames(folder, {name for name in _names_in(folder) if name not in ours})
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
        yield _write_letter(names, plan, result, subject, made, digest)
        place = place or place_of(folder)


def _write_letter(
    names: "_FileNames", plan: LettersPlan, result: FileResult, subject: Subject, made: JobOutput, digest: str
) -> Sent:
    """Write a letter to its file, unless it is there already."""
    folder, own = names.folder, plan.own.get(result.id)
    if own and own.digest == digest:
        return Sent("same", made.name, folder / own.file)
    if own is None and (edited := _edited_letter(plan, subject, digest)):
        return Sent("altered", made.name, kept=folder / edited.file)
    renews = own is not None and _is_as_found(folder / own.file, own)
    target = folder / (own.file if own and renews else names.free(made.target))
    try:
        write_output(target, made.content, force=renews)
    except Unwritable as problem:
        if problem.everywhere:
            raise
        return Sent("unwritable", made.name, target, problem=problem)
    in_the_way = own.file if own else made.target if made.target in names.untouched else ""
    kept = folder / in_the_way if in_the_way and not renews else None
    return Sent("renewed" if renews else "written", made.name, target, kept)


def _edited_letter(plan: LettersPlan, subject: Subject, digest: str) -> OwnLetter | None:
    """Return the letter with the same content to which somebody has added something since."""
    same = (letter for letter in plan.altered if letter.digest == digest)
    return next((letter for letter in same if letter.subject.is_same_return(subject)), None)


class _FileNames:
    """The names in a folder; `untouched` are those of files that are not touched."""

    def __init__(self, folder: Path, untouched: Collection[str]) -> None:
        self.folder, self.untouched = folder, untouched
        self.free = unique_namer()
        for name in _names_in(folder):
            self.free(name)


def _names_in(folder: Path) -> list[str]:
    with in_words(folder):
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _letters_in(folder: Path, work: AnnotateJob | NoticeJob, pool: PoolSettings) -> list[OwnLetter]:
    """Return the letters of one kind in a folder. A file that this call has read as input is none, whatever it
    holds."""
    paths = [folder / name for name in _names_in(folder) if name.endswith(work.suffix) and not name.startswith("~$")]
    paths = [path for path in paths if path.is_file() and not path.is_symlink() and not is_read(path)]
    here = replace(pool, scheduler="")  # other machines may not have this folder
    found = run_each(FindLetterJob(work.reading.admission.limits), paths, here)
    letters = [letter for _, letter in found if isinstance(letter, OwnLetter)]
    return [letter for letter in letters if letter.subject.kind == work.kind]


def _subject(work: AnnotateJob | NoticeJob, batch: Batch, item: Item, result: FileResult) -> Subject:
    """Return what a letter about a return is about. In a batch with a roster, all returns have the batch's year: one
    that was made for another year was meant for it."""
    entry = batch.roster.entries[result.entry] if batch.roster and result.entry is not None else None
    names = (result.agency, *((entry.name, *entry.former) if entry else ()))
    year = batch.year if batch.roster else result.year
    return Subject(work.kind, id_of(real_place(item) + result.suffix), ids_of(names), year)


class _LettersBySubject:
    """Finds letters by what they are about."""

    def __init__(self, letters: Iterable[OwnLetter]) -> None:
        self._by_id: dict[str, list[OwnLetter]] = {}
        for letter in letters:
            for key in (letter.subject.source, *letter.subject.names):
                self._by_id.setdefault(key, []).append(letter)

    def about(self, subject: Subject) -> list[OwnLetter]:
        """Return the letters about the same return, in the order of their names; those about the same file come
        first."""
        keys = (subject.source, *subject.names)
        letters = {letter.file: letter for key in keys for letter in self._by_id.get(key, ())}
        same = [letter for letter in letters.values() if letter.subject.is_same_return(subject)]
        return sorted(same, key=lambda letter: (letter.subject.source != subject.source, letter.file))


def _plan(letters: Sequence[OwnLetter], work: AnnotateJob | NoticeJob, batch: Batch) -> LettersPlan:
    """Find the letter to renew for each return, and the letters that are settled: the agency's return has no errors
    now, or another return of it has to be corrected."""
    by_subject = _LettersBySubject(letters)
    renewed: dict[int, OwnLetter] = {}
    taken, faulty, sound = set[str](), set[str](), set[str]()
    for same_file in (True, False) if letters else ():
        for one in filter(work.takes, returns_to_answer(batch)):
            result, subject = one.result, _subject(work, batch, one.item, one.result)
            about = by_subject.about(subject)
            faulty.update(letter.file for letter in about)
            for letter in about if result.id not in renewed else ():
                fits = letter.is_unchanged and _is_named(letter.file, work.name(one))
                if fits and letter.file not in taken and (letter.subject.source == subject.source or not same_file):
                    renewed[result.id] = letter
                    taken.add(letter.file)
                    break
    for one in settled_returns(batch) if letters else ():
        sound.update(letter.file for letter in by_subject.about(_subject(work, batch, one.item, one.result)))
    settled = [own for own in letters if own.is_unchanged and own.file in faulty | sound and own.file not in taken]
    altered = [own for own in letters if not own.is_unchanged]
    return LettersPlan(renewed, settled, [own for own in altered if own.file in sound - faulty], altered)


def _is_named(file: str, name: str) -> bool:
    """Return True if a file has this name, or this name with a number, for which a long name is cut."""
    numbered = re.fullmatch(r"(.+)（\d+）\.\w+", file, re.DOTALL)
    return file == name or (numbered is not None and name.startswith(numbered[1]))


def _is_as_found(path: Path, letter: OwnLetter) -> bool:
    """Return True if a letter is still as it was when the folder was read; somebody may have edited it since."""
    try:
        return sha256(path.read_bytes()).hexdigest() == letter.bytes_digest
    except OSError:
        return False


def _settle(folder: Path, letter: OwnLetter) -> Sent:
    """Move a letter that is not needed any more to the folder `SETTLED`."""
    path = folder / letter.file
    if not _is_as_found(path, letter):
        return Sent("left", kept=path)
    try:
        return Sent("settled", str(path), _move_into(path, folder / SETTLED))
    except Unwritable as problem:
        if problem.everywhere:
            raise
        return Sent("unwritable", str(path), path, problem=problem)


def _move_into(path: Path, folder: Path) -> Path:
    """Move a file into a folder, under a free name. Return its new path."""
    require_folder(folder)
    unique = unique_namer()
    with in_words(path, one_file=True):
        folder.mkdir(exist_ok=True)
        while True:
            target = folder / unique(path.name)
            try:
                _rename_without_overwriting(path, target)
            except FileExistsError:
                if not (target.exists() and target.samefile(path)):
                    continue
                path.unlink()  # a run that was ended here has moved it already
            return target


def _rename_without_overwriting(path: Path, target: Path) -> None:
    """Rename a file. Raise FileExistsError if the target exists; some systems would overwrite it without a word."""
    if os.path.lexists(target):
        raise FileExistsError
    if os.name == "nt":
        path.rename(target)
        return
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:  # a disk that has no links
        path.rename(target)
    else:
        path.unlink()
