"""The folder of reminders (催报): a letter to each agency that is outstanding, and the two lists. The command that
writes them manages the folder, as that of the notices is managed.

What is the same stays as it is; what is not needed any more is moved to 已解决; a file of others, or one that somebody
has changed since we wrote it, is never touched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from toolkit.batch.jobs import JobOutput
from toolkit.batch.letters.folder import (
    SETTLED,
    FolderNames,
    LettersBySubject,
    Sent,
    edited_letter,
    is_named,
    letters_in,
    move_into,
    names_in,
    settle_letter,
    write_letter,
)
from toolkit.batch.letters.mark import OwnLetter, Subject, id_of, ids_of, with_mark
from toolkit.batch.letters.reminders import Due, is_own_text, reminder_list, reminder_texts
from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.files.limits import STANDARD_LIMITS
from toolkit.files.read import read_bytes
from toolkit.files.write import file_name, require_folder, write_output
from toolkit.files.write_errors import Unwritable, place_of
from toolkit.problems import Unreadable
from toolkit.reports.reminder import Reminder, build_reminder

LIST_NAME, TEXTS_NAME = "催报清单.xlsx", "催报短信.txt"


@dataclass(frozen=True, slots=True)
class ReminderBatch:
    """All reminders of a day: the agencies, on which roster they are, for which report (its `title` and year), and the
    `office` that signs."""

    due: Sequence[Due]
    roster: Roster
    title: str
    year: int
    office: str
    today: date

    def subject(self, entry: RosterEntry) -> Subject:
        """Return what a letter to an agency is about."""
        return Subject("reminder", id_of(entry.id), ids_of((entry.name, *entry.former)), self.year)


@dataclass(frozen=True, slots=True)
class ReminderJob:
    """Job that makes a letter with its mark. The result is the letter and the digest of its content."""

    office: str

    def __call__(self, job: tuple[Subject, Reminder]) -> tuple[bytes, str]:
        subject, reminder = job
        return with_mark(build_reminder(reminder, self.office), subject)


def send_reminders(folder: Path, batch: ReminderBatch, pool: PoolSettings) -> Iterator[Sent]:
    """Bring the letters in a folder up to date, and yield what was done: one letter to each agency that is outstanding,
    and no other letter to agencies of the roster.

    Raise Problem when the folder cannot be written to.
    """
    require_folder(folder)
    letters = letters_in(folder, "reminder", ".docx", STANDARD_LIMITS, pool)
    own, of_roster = _own_letters(letters, batch)
    due = {one.entry.id for one in batch.due}
    altered = [letter for letter in letters if not letter.is_unchanged]
    left = {letter.file for letter in altered} & {file for file, known in of_roster.items() if known not in due}
    yield from (Sent("left", kept=folder / letter.file) for letter in altered if letter.file in left)
    taken = {letter.file for letter in own.values()}
    for letter in letters:
        if letter.is_unchanged and letter.file in of_roster and letter.file not in taken:
            yield settle_letter(folder, letter)
    ours = {letter.file for letter in letters if letter.is_unchanged}
    names = FolderNames(folder, {name for name in names_in(folder) if name not in ours})
    jobs = [(batch.subject(one.entry), one.reminder) for one in batch.due]
    place = place_of(folder) if folder.is_dir() else None
    for one, ((subject, _), found) in zip(batch.due, run_each(ReminderJob(batch.office), jobs, pool), strict=True):
        if isinstance(found, LostJob):
            yield Sent("lost", one.entry.name, made=JobOutput(one.entry.name, problem=found.reason))
            continue
        if place:
            place.require()
        content, digest = found
        made = JobOutput(one.entry.name, content, _letter_name(one.entry, batch))
        yield write_letter(names, own.get(one.entry.id), edited_letter(altered, subject, digest), made, digest)
        place = place or place_of(folder)


def _letter_name(entry: RosterEntry, batch: ReminderBatch) -> str:
    return file_name(entry.name, f"{batch.year}年催报函.docx")


def _own_letters(letters: Sequence[OwnLetter], batch: ReminderBatch) -> tuple[dict[str, OwnLetter], dict[str, str]]:
    """Return the letter to renew for each agency that is outstanding, by the agency's id; and the agency to which each
    letter in the folder went."""
    by_subject = LettersBySubject(letters)
    due = {one.entry.id for one in batch.due}
    own: dict[str, OwnLetter] = {}
    of_roster: dict[str, str] = {}
    for entry in batch.roster.entries if letters else ():
        for letter in by_subject.about(batch.subject(entry)):
            of_roster.setdefault(letter.file, entry.id)
            fits = letter.is_unchanged and is_named(letter.file, _letter_name(entry, batch))
            if entry.id in due and fits and of_roster[letter.file] == entry.id:
                own.setdefault(entry.id, letter)
    return own, of_roster


def write_lists(folder: Path, batch: ReminderBatch) -> Iterator[Sent]:
    """Write the workbook and the texts of all reminders, and yield what was done. Without any reminder they are moved
    away."""
    require_folder(folder)
    yield from _write_list(folder, batch)
    yield _write_texts(folder, batch)


def _write_list(folder: Path, batch: ReminderBatch) -> Iterator[Sent]:
    subject = Subject("reminder-list", id_of(f"{LIST_NAME} {batch.year}"), (), batch.year)
    lists = letters_in(folder, "reminder-list", ".xlsx", STANDARD_LIMITS, PoolSettings(0))
    mine = [one for one in lists if one.subject.is_same_return(subject) and is_named(one.file, LIST_NAME)]
    unchanged = [one for one in mine if one.is_unchanged]
    if not batch.due:
        yield from (settle_letter(folder, one) for one in unchanged)
        return
    content, digest = with_mark(reminder_list(batch.due, batch.title, batch.office, batch.today), subject)
    own = unchanged[-1] if unchanged else None
    names = FolderNames(folder, set(names_in(folder)) - {one.file for one in unchanged})
    edited = edited_letter([one for one in mine if not one.is_unchanged], subject, digest)
    yield write_letter(names, own, edited, JobOutput(LIST_NAME, content, LIST_NAME), digest)


def _write_texts(folder: Path, batch: ReminderBatch) -> Sent:
    """Write the texts, unless they are there already. A file of others is not touched: the texts get another name."""
    content = reminder_texts(batch.due, batch.title, batch.office, batch.today) if batch.due else b""
    found = {name: _content(folder / name) for name in names_in(folder) if is_named(name, TEXTS_NAME)}
    own = next((name for name, there in found.items() if there is not None and is_own_text(there)), None)
    if own and found[own] == content:
        return Sent("same", TEXTS_NAME, folder / own)
    try:
        if not batch.due:
            return (
                Sent("settled", str(folder / own), move_into(folder / own, folder / SETTLED)) if own else Sent("same")
            )
        target = folder / (own or FolderNames(folder, ()).free(TEXTS_NAME))
        write_output(target, content, force=own is not None)
    except Unwritable as problem:
        if problem.everywhere:
            raise
        return Sent("unwritable", TEXTS_NAME, folder / (own or TEXTS_NAME), problem=problem)
    kept = folder / TEXTS_NAME if own is None and found else None
    return Sent("renewed" if own else "written", TEXTS_NAME, target, kept)


def _content(path: Path) -> bytes | None:
    try:
        return None if path.is_symlink() else read_bytes(path)
    except Unreadable:
        return None
