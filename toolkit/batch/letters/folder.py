"""A folder of letters on disk: finds the letters of ours in it, writes one, and moves one away that is not needed any
more.

A file that is not ours, or that somebody has changed since we wrote it, is never touched.
"""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

from toolkit.batch.jobs import JobOutput
from toolkit.batch.letters.mark import LetterKind, OwnLetter, Subject, letter_in
from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import PoolSettings
from toolkit.files.limits import Limits
from toolkit.files.protected_inputs import is_read
from toolkit.files.read import read_bytes
from toolkit.files.write import require_folder, unique_namer, write_output
from toolkit.files.write_errors import Unwritable, in_words
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
class FindLetterJob:
    """Job that finds out if a file is a letter of ours."""

    limits: Limits

    def __call__(self, path: Path) -> OwnLetter | None:
        try:
            return letter_in(path.name, read_bytes(path, self.limits), self.limits)
        except Unreadable:
            return None


def letters_in(folder: Path, kind: LetterKind, suffix: str, limits: Limits, pool: PoolSettings) -> list[OwnLetter]:
    """Return the letters of one kind in a folder. A file that this call has read as input is none, whatever it
    holds."""
    paths = [folder / name for name in names_in(folder) if name.endswith(suffix) and not name.startswith("~$")]
    paths = [path for path in paths if path.is_file() and not path.is_symlink() and not is_read(path)]
    here = replace(pool, scheduler="")  # other machines may not have this folder
    found = run_each(FindLetterJob(limits), paths, here)
    return [letter for _, letter in found if isinstance(letter, OwnLetter) and letter.subject.kind == kind]


class LettersBySubject:
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


class FolderNames:
    """The names in a folder; `untouched` are those of files that are not touched."""

    def __init__(self, folder: Path, untouched: Collection[str]) -> None:
        self.folder, self.untouched = folder, untouched
        self.free = unique_namer()
        for name in names_in(folder):
            self.free(name)


def edited_letter(altered: Iterable[OwnLetter], subject: Subject, digest: str) -> OwnLetter | None:
    """Return the letter with the same content to which somebody has added something since."""
    same = (letter for letter in altered if letter.digest == digest)
    return next((letter for letter in same if letter.subject.is_same_return(subject)), None)


def is_named(file: str, name: str) -> bool:
    """Return True if a file has this name, or this name with a number, for which a long name is cut."""
    numbered = re.fullmatch(r"(.+)（\d+）\.\w+", file, re.DOTALL)
    return file == name or (numbered is not None and name.startswith(numbered[1]))


def names_in(folder: Path) -> list[str]:
    """Return the names of what is in a folder, none if there is no folder."""
    with in_words(folder):
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def write_letter(
    names: FolderNames,
    own: OwnLetter | None,
    edited: OwnLetter | None,
    made: JobOutput,
    digest: str,
) -> Sent:
    """Write a letter to its file, unless it is there already. `own` is the letter to renew, `edited` one with the same
    content to which somebody has added something since."""
    folder = names.folder
    if own and own.digest == digest:
        return Sent("same", made.name, folder / own.file)
    if own is None and edited:
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


def _is_as_found(path: Path, letter: OwnLetter) -> bool:
    """Return True if a letter is still as it was when the folder was read; somebody may have edited it since."""
    try:
        return sha256(path.read_bytes()).hexdigest() == letter.bytes_digest
    except OSError:
        return False


def settle_letter(folder: Path, letter: OwnLetter) -> Sent:
    """Move a letter that is not needed any more to the folder `SETTLED`."""
    path = folder / letter.file
    if not _is_as_found(path, letter):
        return Sent("left", kept=path)
    try:
        return Sent("settled", str(path), move_into(path, folder / SETTLED))
    except Unwritable as problem:
        if problem.everywhere:
            raise
        return Sent("unwritable", str(path), path, problem=problem)


def move_into(path: Path, folder: Path) -> Path:
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
