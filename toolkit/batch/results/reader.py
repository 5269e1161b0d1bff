"""Reads the results (校验结果) of a checked batch back from findings.json: where each agency of the roster stands."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from toolkit.batch.checked_batch import UNFINISHED
from toolkit.batch.received.file_names import is_hidden
from toolkit.batch.received.files import shown_name
from toolkit.batch.received.folder_walk import FolderWalk
from toolkit.batch.results.folder import FINDINGS_NAME
from toolkit.batch.rounds import PROGRESS
from toolkit.batch.states import State
from toolkit.files.protected_inputs import note_read
from toolkit.files.read import open_regular
from toolkit.problems import Problem, Unreadable

AGAIN = "请先运行 gknb check，再运行本命令。"


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One line of the results: an agency of the roster, or a return that does not count (重复, 不在名册).

    `path` is the file that was returned, empty if there is none. `received` is when it came, None if that is not known;
    `is_late` is True past the deadline. `round` counts the returns of an agency; `fixed`, `remaining`, `new` and
    `explained` count the findings against the round before. `to_mend` counts the errors of this return, `to_explain`
    the reminders that nobody has explained; what follows from another finding is not counted. `reason` says why the
    file cannot be read, or is no form.
    """

    agency: str
    state: State
    group: str = ""
    path: str = ""
    note: str = ""
    received: datetime | None = None
    is_late: bool = False
    round: int = 0
    fixed: int = 0
    remaining: int = 0
    new: int = 0
    explained: int = 0
    to_mend: int = 0
    to_explain: int = 0
    reason: str = ""

    @property
    def progress_in_words(self) -> str:
        """Return what became of the findings of the round before, empty in the first round."""
        counts = zip(PROGRESS, (self.fixed, self.remaining, self.new, self.explained), strict=True)
        return "，".join(f"{word} {count}" for word, count in counts) if self.round > 1 else ""

    @property
    def file_name(self) -> str:
        """Return the name of the file that was returned, without its folders."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class NotRead:
    """A file that was not read, and why. `agency` has sent it, as far as its name tells."""

    path: str
    reason: str
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a batch that was checked with a roster: one or more lines for each agency, in the order of the
    roster. `sentences` are what a reader must know first. `not_read` are the files that were not read."""

    file: Path
    year: int | None
    lines: tuple[AgencyLine, ...]
    sentences: tuple[str, ...] = ()
    not_read: tuple[NotRead, ...] = ()

    def of_roster(self) -> Iterator[AgencyLine]:
        """Yield the line of each agency of the roster that counts."""
        return (line for line in self.lines if line.state not in ("重复", "不在名册"))

    def undecided(self) -> list[str]:
        """Return the agencies of which no return counts, because nobody can tell which is the newest."""
        decided = {line.agency for line in self.of_roster()}
        return list(
            dict.fromkeys(one.agency for one in self.lines if one.state == "重复" and one.agency not in decided)
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """What is read of a finding."""

    severity: str
    message: str = ""
    because: str | None = None
    explained: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    """What is read of a file's entry."""

    path: str
    status: str
    findings: tuple[_Found, ...] = ()


@dataclass(frozen=True, slots=True)
class _Agency:
    """What is read of an agency's entry. Older results lack some of it."""

    agency: str
    state: State
    group: str = ""
    path: str | None = ""
    note: str = ""
    received: str | None = None
    late: bool | None = False
    round: int | None = 0
    fixed: int | None = 0
    remaining: int | None = 0
    new: int | None = 0
    explained: int | None = 0


@dataclass(frozen=True, slots=True)
class _Written:
    """What is read of findings.json."""

    files: tuple[_File, ...]
    year: int | None = None
    agencies: tuple[_Agency, ...] | None = None
    settings: tuple[str, ...] = field(default=())
    left_out: tuple[NotRead, ...] = field(default=())


def read_results(folder: Path, year: int | None = None, returned: Sequence[Path] = ()) -> Results:
    """Return the results in a folder. `year` is the year that they must have, `returned` are the files and folders that
    were checked.

    Raise Problem when there are no results, or they are damaged, unfinished, without a roster, of another year, or
    older than something in `returned`.
    """
    file = folder / FINDINGS_NAME
    written = _written(file)
    if written.agencies is None:
        raise Problem(f"{file} 是没有名册的校验结果，不知道有哪些机关。请给出名册：gknb check 收回的表 --roster 名册。")
    if UNFINISHED in written.settings:
        raise Problem(f"{file} 是没有做完的校验，没有做到的会当成没有报。{AGAIN}")
    if year is not None and written.year is not None and written.year != year:
        raise Problem(f"{file} 是 {written.year} 年度的校验结果，不是 {year} 年度的。{AGAIN}")
    if newer := _newer_than(file, folder, returned):
        raise Problem(f"{shown_name(newer)} 比校验结果（{file}）新，结果已经过时。{AGAIN}")
    files = {one.path: one for one in written.files}
    lines = tuple(_line(one, files.get(one.path or "")) for one in written.agencies)
    return Results(file, written.year, lines, written.settings, written.left_out)


def _written(file: Path) -> _Written:
    note_read(file)
    try:
        with open_regular(file) as opened:
            content = opened.read()
    except FileNotFoundError:
        raise Problem(f"{file.parent} 里没有校验结果（{FINDINGS_NAME}）。{AGAIN}") from None
    except (OSError, Unreadable):
        raise Problem(f"{file} 读不了，可能没有权限或正被占用。请检查后再试。") from None
    try:
        return msgspec.json.decode(content, type=_Written)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Problem(f"{file} 不完整或被改动过，读不出校验结果。{AGAIN}") from None


def _line(one: _Agency, file: _File | None) -> AgencyLine:
    findings = [found for found in file.findings if found.because is None] if file else []
    unreadable = file is not None and file.status == "unreadable"
    to_mend = 0 if unreadable else sum(found.severity == "error" for found in findings)
    to_explain = sum(found.severity == "warning" and not found.explained for found in findings)
    return AgencyLine(
        agency=one.agency,
        state=one.state,
        group=one.group,
        path=one.path or "",
        note=one.note,
        received=_moment(one.received),
        is_late=bool(one.late),
        round=one.round or 0,
        fixed=one.fixed or 0,
        remaining=one.remaining or 0,
        new=one.new or 0,
        explained=one.explained or 0,
        to_mend=to_mend,
        to_explain=to_explain,
        reason=next((found.message for found in findings if found.severity == "error"), "") if unreadable else "",
    )


def _moment(text: str | None) -> datetime | None:
    """Return an ISO time as the time of this place; None if there is none, or it is no time."""
    try:
        moment = datetime.fromisoformat(text) if text else None
        return moment.astimezone().replace(tzinfo=None) if moment and moment.tzinfo else moment
    except (ValueError, OverflowError, OSError):
        return None


def _newer_than(file: Path, folder: Path, returned: Sequence[Path]) -> Path | None:
    """Return a returned file that was added or changed after the results were written, None if there is none. Where the
    results stand among the returns, nobody can tell."""
    written = file.stat().st_mtime
    for path in returned:
        if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(path)):
            continue
        found = (one.path for one in FolderWalk(lambda _: "").walk(path)) if path.is_dir() else iter((path,))
        newer = (one for one in found if not is_hidden(one.name) and _changed(one) > written)
        if first := next(newer, None):
            return first
    return None


def _changed(path: Path) -> float:
    """Return when a file was changed, or put in its place: a copy keeps the time of its last change. A time that is
    still to come says nothing."""
    try:
        known = path.stat()
    except OSError:
        return 0.0
    now = time.time()
    return max((moment for moment in (known.st_mtime, known.st_ctime) if moment <= now), default=0.0)
