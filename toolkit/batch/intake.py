"""Finds the files of a batch: named files, files at any depth of folders, and files inside .zip archives.

Nothing is unpacked to disk; a file inside an archive is read in place. A file that is found but not read is left out
(没有读的文件), and each one is listed with its reason.
"""

import gzip
import json
import os
import posixpath
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path

from toolkit.batch.archives import (
    DEPTH,
    Room,
    changed_at,
    members_of,
    place_of_member,
    read_member,
    shown_member,
)
from toolkit.batch.folder_walk import EMPTY, FolderWalk
from toolkit.characters import printable
from toolkit.files.limits import MB, STANDARD_LIMITS, Limits
from toolkit.files.read import SPECIAL, read_bytes
from toolkit.files.read_files import note_read
from toolkit.problems import Cause, Problem, Unreadable

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".json")
"""Files in a folder that are read as returns (报送); the content shows if they can be read."""
PUBLISHED = (".docx", ".html", ".htm", ".pdf", ".txt")
"""Files that are read as published reports in a folder without returns. Beside returns they are something else."""
ARCHIVE = ".zip"
RETURNS = (*SUFFIXES, ARCHIVE)
OWN_NAMES = ("findings.json", "校验结果.xlsx", "校验结果.html", "发放清单.xlsx", "汇总表.xlsx")
"""Names of our own outputs. Such a file is read like every other one, because a name is no proof; but it does not show
that a folder holds returns."""
LEFT_OUT_SHOWN = 10
"""Number of left-out files that are printed."""
OFFICE_MEMBER = "[Content_Types].xml"
"""A member that an Office file has and a plain archive has not."""
OWN_FILE = "这次运行用的名册、密钥，或写结果的位置，不当填报表读"
LOCK = "Excel、WPS 打开表格时留下的锁文件，不是填报表"
KEPT_BY_SYSTEM = "系统自己存的文件，不是填报表"
FROM_MAC = "macOS 附带的信息，不是填报表"
PROGRESS = "本工具记录进度的文件"
BESIDE = "像是已公布的报告，与填报表在一起时不读；要读，请直接写出文件名"
OTHER_ARCHIVE = "这种压缩包打不开，里面的文件没有读；请解压，或改用 .zip"
_OTHER_ARCHIVES = (".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz")
_OF_SYSTEM = (".ds_store", "thumbs.db", "desktop.ini")


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
    be read, if that is known already. `twin` is the number of earlier files whose shown name is the same."""

    path: str
    members: tuple[str, ...] = ()
    changed: float = 0.0
    number: int = 0
    refused: tuple[str, Cause] | None = None
    twin: int = 0

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


def is_hidden(name: str) -> bool:
    """Return True if a file is hidden by its name."""
    return name.startswith(("~$", "."))


@dataclass(frozen=True, slots=True)
class LeftOutFile:
    """A path that was left out, as it is shown, and the reason. `is_repeated` is True if the file is read under another
    path."""

    path: str
    reason: str
    is_repeated: bool = False


@dataclass
class LeftOut:
    """The files under the paths that were not read. `keep` is called for each of them; only the first ones stay in
    memory. `others` are files and folders of this run: the roster, the key, and folders for results."""

    others: tuple[Path, ...] = ()
    keep: Callable[[LeftOutFile], object] = field(default=lambda _: None)
    count: int = 0
    first: list[LeftOutFile] = field(default_factory=list)

    def add(self, left: LeftOutFile) -> None:
        """Record one left-out file."""
        self.keep(left)
        self.count += 1
        if len(self.first) < LEFT_OUT_SHOWN:
            self.first.append(left)

    def why_own_file(self, path: Path) -> str:
        """Return why a path was not handed in (it belongs to this run); empty if nothing is known against it."""
        if path.name not in self._other_names:
            return ""
        return OWN_FILE if any(_is_same(path, other) for other in self.others) else ""

    @cached_property
    def _other_names(self) -> frozenset[str]:
        """The names of `others`, for a quick test before the exact one."""
        return frozenset(name for other in self.others for name in (other.name, Path(os.path.realpath(other)).name))

    def lines(self, where_all: str) -> Iterator[str]:
        """Yield the lines to print: the first cases, and the sentence `where_all`, which says where the whole list
        is."""
        if self.count:
            yield f"没有读的有 {self.count} 个："
            yield from (f"  {left.path}：{left.reason}。" for left in self.first)
            if self.count > len(self.first):
                yield f"  ……另有 {self.count - len(self.first)} 个。{where_all}"


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


Found = Item | LeftOutFile
Lister = Callable[[Item], Iterable[Found]]
"""Lists what is inside an archive on disk."""


def inside(item: Item, limits: Limits) -> Iterator[Found]:
    """Yield what is inside an archive on disk; the archive itself if it cannot be opened or is none."""
    return _inside(item, limits, Room(limits.members, limits.unpacked * MB))


@dataclass(frozen=True, slots=True)
class ListArchive:
    """Job that lists what is inside an archive, compressed and line by line, because there may be very many files."""

    limits: Limits

    def __call__(self, item: Item) -> bytes:
        packed = BytesIO()
        with gzip.open(packed, "wt", compresslevel=1, encoding="ascii") as lines:
            for found in inside(item, self.limits):
                row = (found.path, found.reason) if isinstance(found, LeftOutFile) else (found.members, found.changed)
                lines.write(json.dumps(row) + "\n")
        return packed.getvalue()


def listed(item: Item, packed: bytes) -> Iterator[Found]:
    """Yield what `ListArchive` found in an archive."""
    with gzip.open(BytesIO(packed), "rt", encoding="ascii") as lines:
        for line in lines:
            first, second = json.loads(line)
            yield LeftOutFile(first, second) if isinstance(first, str) else Item(item.path, tuple(first), second)


def find_items(
    paths: Sequence[Path], left_out: LeftOut, limits: Limits = STANDARD_LIMITS, look_into: Lister | None = None
) -> Iterator[Item]:
    """Yield the named files, and those at any depth of the named folders and archives; a file that is named twice comes
    twice.

    A folder that may not be entered and an archive that cannot be opened are items, too: reading them gives the reason.
    Files that are not read go to `left_out`. `look_into` lists an archive, in this process if it is None.

    Raise Problem for a path that does not exist and for a folder without anything to read.
    """
    for path in paths:
        require_there(path)
    walk = FolderWalk(left_out.why_own_file)
    look_into = look_into or partial(inside, limits=limits)
    for path in paths:
        empty = path.is_dir()
        for found in _below(path, walk) if empty else [path]:
            for one in [found] if isinstance(found, LeftOutFile) else _file(found, look_into):
                empty = empty and isinstance(one, LeftOutFile) and not one.is_repeated
                if isinstance(one, LeftOutFile):
                    left_out.add(one)
                else:
                    yield one
        if empty:
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


def _below(folder: Path, walk: FolderWalk) -> Iterator[Path | LeftOutFile]:
    """Yield what is below a folder: files to read, and files that are left out."""
    endings = _endings_to_read(found.path.name for found in walk.copy().walk(folder) if not found.skip_reason)
    for found in walk.walk(folder):
        why = found.skip_reason or ("" if found.is_closed else why_left_out(found.path.name, endings))
        reason = SPECIAL if why and found.is_special else why
        yield LeftOutFile(shown_name(found.path), reason, found.is_repeated) if reason else found.path


def _endings_to_read(names: Iterable[str]) -> tuple[str, ...]:
    """Return the endings of files to read, given the names in a folder: those of returns if there are any, otherwise
    those of published reports."""
    published = False
    for name in names:
        suffix = _ending(name)
        if not is_hidden(name) and name not in OWN_NAMES:
            if suffix in RETURNS:
                return RETURNS
            published = published or suffix in PUBLISHED
    return PUBLISHED if published else RETURNS


def _ending(name: str) -> str:
    """Return the ending of a name. There may be many thousands, so `Path` is not used."""
    return posixpath.splitext(name)[1].lower()


def why_left_out(name: str, endings: Sequence[str]) -> str:
    """Return why a file with this name is left out; empty if it is to be read, whatever it holds."""
    suffix = _ending(name)
    if suffix in endings or (name in OWN_NAMES and suffix in RETURNS):
        return ""
    if name.lower() in _OF_SYSTEM:
        return KEPT_BY_SYSTEM
    if name.startswith("._"):
        return FROM_MAC
    if name.startswith(".gknb-"):
        return PROGRESS
    if suffix in _OTHER_ARCHIVES:
        return OTHER_ARCHIVE
    if suffix in PUBLISHED and not is_hidden(name):
        return BESIDE
    kind = f"扩展名是 {printable(suffix)}" if suffix else "没有扩展名"
    return f"{kind}，不是填报表（.xlsx 等）或数据文件（.json）"


def why_hidden_left_out(item: Item, reason: str) -> str:
    """Return why a hidden file is left out that could not be read for `reason`."""
    name = Path(item.name).name
    if name.startswith(("~$", ".~")):
        return LOCK
    if name.startswith("._") or "__MACOSX/" in item.name:
        return FROM_MAC
    return f"隐藏文件，读不出来：{reason.rstrip('。')}"


def _file(path: Path, look_into: Lister) -> Iterator[Found]:
    """Yield a file, or what is inside it if it is an archive."""
    try:
        changed = path.stat().st_mtime
    except OSError:
        changed = 0.0
    note_read(path)
    item = Item(storable(path), (), changed)
    if path.suffix.lower() == ARCHIVE and path.is_file():
        yield from look_into(item)
    else:
        yield item


def _inside(item: Item, limits: Limits, room: Room) -> Iterator[Found]:
    """Yield what is inside an archive; the archive itself if it cannot be opened or is none."""
    try:
        members = members_of(on_disk(item.path), item.members, limits, room)
    except Unreadable:
        yield item
        return
    if any(member.filename == OFFICE_MEMBER for member in members):
        yield item
        return
    places = {place_of_member(member.filename): member for member in members}
    folders = {folder for place in places for folder in _folders_of(place)}
    endings = (*_endings_to_read(place.rpartition("/")[2] for place in places), ARCHIVE)
    for place, member in places.items():
        if place in folders:
            continue
        inner = Item(item.path, (*item.members, member.filename), changed_at(member))
        if why := _why_no_file(place, member) or why_left_out(place.rpartition("/")[2], endings):
            yield LeftOutFile(inner.name, why)
        elif _ending(place) == ARCHIVE and len(inner.members) < DEPTH:
            yield from _inside(inner, limits, room)
        else:
            yield inner


def _folders_of(place: str) -> Iterator[str]:
    """Yield the folders that a member of an archive is in."""
    at = place.find("/")
    while 0 <= at < len(place) - 1:
        yield place[: at + 1]
        at = place.find("/", at + 1)


def _why_no_file(place: str, member: zipfile.ZipInfo) -> str:
    """Return why a member of an archive is no file; empty if it is one."""
    if not place:
        return "没有名字"
    if place.endswith("/"):
        return "名字是文件夹，里面却有内容，没有读" if member.file_size else EMPTY
    return ""
