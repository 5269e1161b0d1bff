"""Finds the files of a batch: named files, files at any depth of folders, and files inside archives and mails.

Nothing is unpacked to disk; a file inside an archive is read in place. A file that is found but not read is left out
(没有读的文件), and each one is listed with its reason.
"""

import gzip
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path

from toolkit.batch.received.archives import (
    CONTAINERS,
    DEPTH,
    MAILS,
    SMALLEST,
    ZIP,
    Opened,
    Room,
    folders_of,
    is_workbook_inside,
    opened,
    place_of_member,
    read_member,
    shown_member,
)
from toolkit.batch.received.containers.container import Member
from toolkit.batch.received.file_names import (
    FROM_MAC,
    LOCK,
    REPORTS,
    RETURNS,
    SUFFIXES,
    ending_of,
    endings_to_read,
    is_hidden,
    is_sent,
    why_left_out,
)
from toolkit.batch.received.folder_walk import EMPTY, FolderWalk
from toolkit.batch.received.left_out import LeftOut, LeftOutFile
from toolkit.batch.received.sent_files import MAIL_DATE, MAIL_WITHOUT, UNKNOWN_ARRIVAL, Arrival, SentKind, kind_by_name
from toolkit.characters import printable
from toolkit.files.limits import MB, STANDARD_LIMITS, Limits
from toolkit.files.look import is_workbook_named_otherwise
from toolkit.files.protected_inputs import note_read
from toolkit.files.read import SPECIAL, read_bytes
from toolkit.problems import Cause, Problem, Unreadable

OFFICE_MEMBER = "[Content_Types].xml"
"""A member that an Office file has and a plain archive has not."""
NO_ATTACHMENT = "邮件里没有附件，只有文字；附件只给了链接的，请下载后再放"
EMPTY_ARCHIVE = "空的压缩包，里面没有文件"
NOBODYS = "看不出是哪个机关的"

_BYTES, _STAND_INS = range(0xDC80, 0xDD00), range(0xF780, 0xF800)
_TO_STAND_IN, _TO_BYTES = dict(zip(_BYTES, _STAND_INS, strict=True)), dict(zip(_STAND_INS, _BYTES, strict=True))


def storable(path: Path) -> str:
    """Return a path as text that can be stored. Some programs unpack names in the encoding of Chinese Windows to other
    systems; such a name has bytes that are no characters, and private characters stand for them."""
    return str(path).translate(_TO_STAND_IN)


def on_disk(path: str) -> str:
    """Return a stored path as the system knows it."""
    return path.translate(_TO_BYTES)


def _legible(path: str) -> str:
    """Return a path as people read it."""
    if on_disk(path) == path:
        return path
    return "/".join(os.fsencode(part).decode(_encoding_of(part), "replace") for part in on_disk(path).split("/"))


def _encoding_of(name: str) -> str:
    """Return the encoding of a name on disk: UTF-8, or that of Chinese Windows."""
    return "utf-8" if name.translate(_TO_STAND_IN) == name else "gb18030"


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a batch: on disk, or inside one or more archives. `path` is as `storable` makes it. `changed` is the
    time of the last change, in seconds. `number` counts the files of a batch from 1. `refused` says why the file cannot
    be read, if that is known already. `twin` is the number of earlier files whose shown name is the same.

    `arrival` says how it came in. `is_report` is True for a published report that is read as a return because the
    office asked for it. `is_beside` is True for an archive or a mail that lies among returns.
    """

    path: str
    members: tuple[str, ...] = ()
    changed: float = 0.0
    number: int = 0
    refused: tuple[str, Cause] | None = None
    twin: int = 0
    arrival: Arrival = field(default=UNKNOWN_ARRIVAL, compare=False)
    is_report: bool = False
    is_beside: bool = False

    @property
    def name(self) -> str:
        """Return the name for messages, on one line: the path, and after it the path inside the archive."""
        name = shown_name(self.path, self.members)
        return f"{name}（同名的第 {self.twin + 1} 个）" if self.twin else name

    @property
    def stem(self) -> str:
        """Return the file's own name without its ending."""
        return Path(shown_name(self.path, self.members)).stem

    @property
    def is_aside(self) -> bool:
        """Return True if the file is hidden, like the files that programs and systems keep beside the real ones."""
        return bool(self.members and "__MACOSX/" in self.name) or is_hidden(Path(self.name).name)

    def read(self, limits: Limits = STANDARD_LIMITS) -> bytes:
        """Return the bytes of the file. Raise Unreadable."""
        if self.refused:
            raise Unreadable(*self.refused)
        if not self.members:
            return read_bytes(Path(on_disk(self.path)), limits)
        return read_member(on_disk(self.path), self.members, limits)


def shown_name(path: str | Path, members: Sequence[str] = ()) -> str:
    """Return a path, and the path inside the archive, as people read it: on one line, every character visible."""
    return "/".join((printable(_legible(str(path).translate(_TO_STAND_IN))), *map(shown_member, members)))


Found = Item | LeftOutFile
Lister = Callable[[Item], Iterable[Found]]
"""Lists what is inside an archive on disk."""


def inside(item: Item, limits: Limits, accepts_reports: bool = False) -> Iterator[Found]:
    """Yield what is inside an archive or a mail on disk; itself if it cannot be opened or is none."""
    return _Inside(limits, Room(limits.members, limits.unpacked * MB), accepts_reports).of(item)


@dataclass(frozen=True, slots=True)
class ListArchive:
    """Job that lists what is inside an archive, compressed and line by line, because there may be very many files."""

    limits: Limits
    accepts_reports: bool = False

    def __call__(self, item: Item) -> bytes:
        packed = BytesIO()
        with gzip.open(packed, "wt", compresslevel=1, encoding="ascii") as lines:
            for found in inside(item, self.limits, self.accepts_reports):
                arrival = found.arrival.received, found.arrival.received_by, found.arrival.clues
                if isinstance(found, LeftOutFile):
                    kind = (found.kind.words, found.kind.instead) if found.kind else None
                    row: tuple[object, ...] = (found.path, found.reason, kind, arrival)
                else:
                    row = (found.members, found.changed, found.is_report, arrival)
                lines.write(json.dumps(row) + "\n")
        return packed.getvalue()


def listed(item: Item, packed: bytes) -> Iterator[Found]:
    """Yield what `ListArchive` found in an archive."""
    with gzip.open(BytesIO(packed), "rt", encoding="ascii") as lines:
        for line in lines:
            first, second, third, (received, by, clues) = json.loads(line)
            arrival = Arrival(received, by, tuple(clues))
            if isinstance(first, str):
                yield LeftOutFile(first, second, kind=SentKind(*third) if third else None, arrival=arrival)
            else:
                yield Item(item.path, tuple(first), second, arrival=arrival, is_report=third)


def find_items(
    paths: Sequence[Path],
    left_out: LeftOut,
    limits: Limits = STANDARD_LIMITS,
    look_into: Lister | None = None,
    accepts_reports: bool = False,
) -> Iterator[Item]:
    """Yield the named files, and those at any depth of the named folders and archives; a file that is named twice comes
    twice.

    A folder that may not be entered and an archive that cannot be opened are items, too: reading them gives the reason.
    Files that are not read go to `left_out`. `look_into` lists an archive, in this process if it is None. With
    `accepts_reports`, published reports among returns are read, too.

    Raise Problem for a path that does not exist and for a folder without anything to read.
    """
    for path in paths:
        require_there(path)
    walk = FolderWalk(left_out.why_own_file)
    look_into = look_into or partial(inside, limits=limits, accepts_reports=accepts_reports)
    for path in paths:
        empty = path.is_dir()
        for found in _below(path, walk, accepts_reports) if empty else [_found(path, path.parent)]:
            for one in [found] if isinstance(found, LeftOutFile) else _file(found, look_into):
                empty = empty and isinstance(one, LeftOutFile) and not one.is_repeated
                if isinstance(one, LeftOutFile):
                    left_out.add(one)
                else:
                    yield one
        if empty and not left_out.count_of_agencies and not left_out.nothing_came:
            kinds = "填报表（.xlsx）、数据文件（.json）或已公布的报告（.docx、.html、.pdf、.txt）"
            raise nothing_there(f"文件夹 {shown_name(path)} 里没有{kinds}。请检查路径。", left_out)


def nothing_there(message: str, left_out: LeftOut) -> Problem:
    """Return the Problem that there is nothing to read, with the files that were left out."""
    return Problem("\n".join((message, *left_out.lines("请检查是不是放错了文件夹。"))))


def require_there(path: Path) -> None:
    """Raise Problem when there is nothing at a path."""
    try:
        there = path.exists()
    except (OSError, ValueError):
        there = False
    if not there:
        raise Problem(f"找不到 {shown_name(path)}。请检查路径和文件名。")


def _below(folder: Path, walk: FolderWalk, accepts_reports: bool) -> Iterator[Found]:
    """Yield what is below a folder: files to read, and files that are left out."""
    names = [found.path.name for found in walk.copy().walk(folder) if not found.skip_reason]
    endings = endings_to_read(names)
    is_beside = any(ending_of(name) in (*SUFFIXES, *MAILS) and not is_hidden(name) for name in names)
    for found in walk.walk(folder):
        item = _found(found.path, folder, is_beside)
        name = found.path.name
        why = found.skip_reason or ("" if found.is_closed else why_left_out(name, endings))
        if why and found.is_special:
            yield LeftOutFile(shown_name(found.path), SPECIAL)
        elif found.skip_reason:
            yield LeftOutFile(shown_name(found.path), why, found.is_repeated)
        elif accepts_reports and ending_of(name) in REPORTS and not is_hidden(name):
            yield replace(item, is_report=True)
        elif not why or (is_sent(name) and is_workbook_named_otherwise(found.path)):
            yield item
        else:
            yield left_out_file(item, why)


def _found(path: Path, folder: Path, is_beside: bool = False) -> Item:
    """Return a file that was found below a folder."""
    try:
        changed = path.stat().st_mtime
    except OSError:
        changed = 0.0
    relative = path.relative_to(folder) if path.is_relative_to(folder) else Path(path.name)
    parts = [_legible(storable(Path(part))) for part in reversed(relative.parts)]
    arrival = Arrival(changed, clues=tuple(parts))
    return Item(storable(path), (), changed, arrival=arrival, is_beside=is_beside)


def left_out_file(item: Item, reason: str, kind: SentKind | None = None) -> LeftOutFile:
    """Return a file as one that is left out. If somebody may have sent it in place of a return, it says so."""
    name = Path(item.name).name
    if kind is None and is_sent(name) and not item.is_aside:
        kind = kind_by_name(name)
    return LeftOutFile(item.name, reason, kind=kind, arrival=item.arrival)


def why_hidden_left_out(item: Item, reason: str) -> str:
    """Return why a hidden file is left out that could not be read for `reason`."""
    name = Path(item.name).name
    if name.startswith(("~$", ".~")):
        return LOCK
    if name.startswith("._") or "__MACOSX/" in item.name:
        return FROM_MAC
    return f"隐藏文件，读不出来：{reason.rstrip('。')}"


def _file(item: Item, look_into: Lister) -> Iterator[Found]:
    """Yield a file, or what is inside it if it is an archive or a mail."""
    path = Path(on_disk(item.path))
    note_read(path)
    if ending_of(path.name) in CONTAINERS and path.is_file():
        yield from look_into(item)
    else:
        yield item


@dataclass(frozen=True, slots=True)
class _Inside:
    """Lists what is inside an archive or a mail, and what is inside those in it, within one `room`."""

    limits: Limits
    room: Room
    accepts_reports: bool

    def of(self, item: Item) -> Iterator[Found]:
        """Yield what is inside; the archive itself if it cannot be opened or is none."""
        try:
            box = opened(on_disk(item.path), item.members, self.limits, self.room)
        except Unreadable as problem:
            yield _unopened(item, problem)
            return
        if any(member.name == OFFICE_MEMBER for member in box.members):
            yield item
            return
        if not box.members:
            mail = replace(item, arrival=_arrival(item, box))
            yield left_out_file(mail, NO_ATTACHMENT, MAIL_WITHOUT) if box.mail else left_out_file(item, EMPTY_ARCHIVE)
            return
        yield from self._members(item, box)

    def _members(self, item: Item, box: Opened) -> Iterator[Found]:
        places = {place_of_member(member.name): member for member in box.members}
        folders = {folder for place in places for folder in folders_of(place)}
        names = [place.rpartition("/")[2] for place in places]
        is_beside = item.is_beside or box.mail is not None
        endings = RETURNS if is_beside else (*endings_to_read(names), *CONTAINERS)
        for place, member in places.items():
            if place in folders:
                continue
            inner = replace(_inner(item, box, place, member), is_beside=is_beside)
            name = place.rpartition("/")[2]
            if why := _why_no_file(place, member):
                yield LeftOutFile(inner.name, why)
            elif self.accepts_reports and ending_of(name) in REPORTS and not is_hidden(name):
                yield replace(inner, is_report=True)
            elif (why := why_left_out(name, endings)) and not self._is_workbook(name, member, inner):
                yield left_out_file(inner, why)
            elif ending_of(place) in CONTAINERS and len(inner.members) < DEPTH:
                yield from self.of(inner)
            else:
                yield inner

    def _is_workbook(self, name: str, member: Member, item: Item) -> bool:
        """Return True for a workbook with another ending."""
        if member.size <= SMALLEST or not is_sent(name):
            return False
        return is_workbook_inside(on_disk(item.path), item.members, self.limits, self.room)


def _arrival(item: Item, box: Opened) -> Arrival:
    """Return how an archive or a mail came in: a mail at its own date, unless it is inside another mail."""
    outer = item.arrival
    if box.mail is None:
        return outer
    is_first = outer.received_by != MAIL_DATE and box.mail.sent
    received, by = (box.mail.sent, MAIL_DATE) if is_first else (outer.received, outer.received_by)
    return Arrival(received, by, (*box.mail.said, *outer.clues))


def _inner(item: Item, box: Opened, place: str, member: Member) -> Item:
    """Return a member of an archive or a mail. What is in a mail came with the mail; what is in an archive came when it
    was last changed, as if it were unpacked, and not after the archive."""
    outer = _arrival(item, box)
    changed = outer.received if box.mail else member.changed
    is_earlier = outer.received_by != MAIL_DATE and 0 < changed < outer.received
    parts = (part for part in reversed(place.split("/")) if part)
    clues = (*parts, *member.said, *outer.clues)
    arrival = Arrival(changed if is_earlier else outer.received, outer.received_by, clues)
    return Item(item.path, (*item.members, member.name), changed, arrival=arrival)


def _unopened(item: Item, problem: Unreadable) -> Found:
    """Return an archive or a mail that cannot be opened. A .zip is an item, so that reading it gives the reason; every
    other one is left out."""
    if ending_of(item.name) == ZIP or item.is_aside or problem.cause == "no-access" or SPECIAL in problem.message:
        return item
    return left_out_file(item, problem.message.rstrip("。"))


def _why_no_file(place: str, member: Member) -> str:
    """Return why a member of an archive is no file; empty if it is one."""
    if not place:
        return "没有名字"
    if place.endswith("/"):
        return "名字是文件夹，里面却有内容，没有读" if member.size else EMPTY
    return member.why_not
