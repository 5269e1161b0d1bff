"""Finds the files of a batch: named ones, those at any depth of folders, and those inside .zip files.

Nothing is unpacked to disk; a file inside an archive is read where it is.
"""

import os
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from toolkit.gate.limits import MB, STANDARD_LIMITS, Limits
from toolkit.gate.parts import UNSAFE, climbs, require_few_members, require_loose, too_many
from toolkit.gate.read_files import note_read
from toolkit.gate.reading import read_bytes, require_small, too_large, up_to
from toolkit.problems import Problem, Unreadable

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".json")
"""What is taken for a return in a folder; the content tells whether it can be read."""
PUBLISHED = (".docx", ".html", ".htm", ".pdf", ".txt")
"""What is taken for a published report in a folder that holds no returns; beside these it is something else."""
ARCHIVE = ".zip"
OWN_FILES = ("findings.json", "gknb.toml", "校验结果.xlsx", "校验结果.html", "发放清单.xlsx", "汇总表.xlsx")
NAMES_KEPT = 5
DEPTH = 3
"""Archives within archives."""
NOT_A_BOOK = "[Content_Types].xml"
"""What an Office file has and a plain archive has not."""


_BYTES, _STAND_INS = range(0xDC80, 0xDD00), range(0xF780, 0xF800)
_TO_STAND_IN, _TO_BYTES = dict(zip(_BYTES, _STAND_INS, strict=True)), dict(zip(_STAND_INS, _BYTES, strict=True))


def storable(path: Path) -> str:
    """A path as text that can be stored. A name in the encoding of Chinese Windows, as some programs unpack it on other
    systems, holds bytes that are no characters: private characters stand for them."""
    return str(path).translate(_TO_STAND_IN)


def _on_disk(path: str) -> str:
    return path.translate(_TO_BYTES)


def _legible(path: str) -> str:
    """A path as people read it."""
    if _on_disk(path) == path:
        return path
    return "/".join(os.fsencode(part).decode(_encoding_of(part), "replace") for part in _on_disk(path).split("/"))


def _encoding_of(name: str) -> str:
    return "utf-8" if name.translate(_TO_STAND_IN) == name else "gb18030"


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a batch: on disk, or inside one or more archives. `path` is as `storable` makes it, `changed` is when
    it was last changed, in seconds; `number` counts the files of a batch from 1."""

    path: str
    members: tuple[str, ...] = ()
    changed: float = 0.0
    number: int = 0

    @property
    def name(self) -> str:
        """What it goes by: the path, and behind it the path inside the archive."""
        return "/".join((_legible(self.path), *self.members))

    @property
    def stem(self) -> str:
        """The file's own name without its ending."""
        return Path((self.members or (_legible(self.path),))[-1]).stem

    def read(self, limits: Limits = STANDARD_LIMITS) -> bytes:
        """The bytes of the file. Raises Unreadable."""
        if not self.members:
            return read_bytes(Path(_on_disk(self.path)), limits)
        return _member(_archive(self.path, self.members[:-1], limits), self.members[-1], limits)


@dataclass(slots=True)
class LeftOut:
    """What lay in the folders and was not taken: how many files, and the first names. `others` are files and folders
    that are passed over in silence: results go there, or the roster is kept there."""

    others: tuple[Path, ...] = ()
    count: int = 0
    names: list[str] = field(default_factory=list)

    def is_other(self, path: Path) -> bool:
        """Whether a file or folder is to be passed over."""
        return bool(self.others) and path.absolute() in (other.absolute() for other in self.others)

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < NAMES_KEPT:
            self.names.append(name)


def find_items(paths: Sequence[Path], left_out: LeftOut, limits: Limits = STANDARD_LIMITS) -> Iterator[Item]:
    """The files named, and those at any depth of the folders and archives named; a file named twice comes twice.

    A folder that may not be entered and an archive that cannot be opened are items, too: reading them says why.
    Raises Problem for a path that is not there and for a folder in which there is nothing to read.
    """
    for path in paths:
        require_there(path)
    for path in paths:
        if not path.is_dir():
            yield from _file(path, left_out, limits)
            continue
        empty = True
        taken = _taken(file.suffix for file in _walk(path, left_out))
        for file in _walk(path, left_out):
            if file.suffix.lower() in taken or file.is_dir():
                for item in _file(file, left_out, limits):
                    empty = False
                    yield item
            else:
                left_out.add(file.name)
        if empty:
            kinds = "填报表（.xlsx）、数据文件（.json）或已公布的报告（.docx、.html、.pdf、.txt）"
            raise Problem(f"文件夹 {path} 里没有{kinds}。请检查路径。")


def is_published(name: str) -> bool:
    """Whether a file may be a published report, by its name."""
    return Path(name).suffix.lower() in PUBLISHED


def _taken(suffixes: Iterable[str]) -> tuple[str, ...]:
    """What is taken among files with these endings: returns where there are any, else published reports."""
    returns = (*SUFFIXES, ARCHIVE)
    return returns if any(suffix.lower() in returns for suffix in suffixes) else PUBLISHED


def require_there(path: Path) -> None:
    """Raises Problem when there is nothing at a path."""
    try:
        there = path.exists()
    except (OSError, ValueError):
        there = False
    if not there:
        raise Problem(f"找不到 {path}。请检查路径和文件名。")


def _walk(folder: Path, left_out: LeftOut) -> Iterator[Path]:
    """Every file below a folder in order, and every folder that may not be entered; not what programs keep for
    themselves."""
    closed: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not left_out.is_other(Path(here) / name))
        for name in sorted(names):
            file = Path(here) / name
            if not _is_nobodys(name) and name not in OWN_FILES and not left_out.is_other(file):
                yield file
    yield from sorted(Path(error.filename) for error in closed)


def _is_nobodys(name: str) -> bool:
    """Whether a file is what Excel, WPS or a system keeps beside the real ones."""
    return name.startswith(("~$", "."))


def _file(path: Path, left_out: LeftOut, limits: Limits) -> Iterator[Item]:
    try:
        changed = path.stat().st_mtime
    except OSError:
        changed = 0.0
    note_read(path)
    item = Item(storable(path), (), changed)
    if path.suffix.lower() == ARCHIVE and not path.is_dir():
        yield from _inside(item, left_out, limits, _Room(limits.members, limits.unpacked * MB))
    else:
        yield item


@dataclass(slots=True)
class _Room:
    """How many files there may be in the archives inside an archive, all together, and how many bytes these archives
    may be: a small one can hold very many entries of nothing, and each takes time."""

    left: int
    bytes: int

    def take(self, size: int, limits: Limits) -> None:
        """Let one more archive in. Raises Unreadable."""
        self.left -= 1
        self.bytes -= size
        if self.left < 0:
            raise too_many(limits.members, limits.members + 1, "members")
        if self.bytes < 0:
            raise too_large(f"里面的压缩包合计超过 {limits.unpacked} MB", f"unpacked={2 * limits.unpacked}")


def _inside(item: Item, left_out: LeftOut, limits: Limits, room: _Room) -> Iterator[Item]:
    """What is inside an archive; the archive itself when it cannot be opened or is none."""
    try:
        members = _members(item, limits, room)
    except Unreadable:
        yield item
        return
    if any(member.filename == NOT_A_BOOK for member in members):
        yield item
        return
    taken = _taken(Path(member.filename).suffix for member in members)
    for member in {member.filename: member for member in members}.values():
        *folders, name = member.filename.split("/")
        if not name or _is_nobodys(name) or name in OWN_FILES or "__MACOSX" in folders:
            continue
        inside = Item(item.path, (*item.members, member.filename), _when(member))
        suffix = Path(name).suffix.lower()
        if suffix == ARCHIVE and len(inside.members) < DEPTH:
            yield from _inside(inside, left_out, limits, room)
        elif suffix in (*taken, ARCHIVE):
            yield inside
        else:
            left_out.add(name)


def _members(item: Item, limits: Limits, room: _Room) -> list[zipfile.ZipInfo]:
    if item.members:
        outer = _archive(item.path, item.members[:-1], limits)
        room.take(outer.getinfo(item.members[-1]).file_size, limits)
    archive = _archive(item.path, item.members, limits)
    room.left -= len(archive.infolist()) if item.members else 0
    return sorted(archive.infolist(), key=lambda member: member.filename)


def _when(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _archive(path: str, members: tuple[str, ...], limits: Limits) -> zipfile.ZipFile:
    """An archive on disk, or the one in it that the members lead to."""
    path = _on_disk(path)
    try:
        return _kept_open(path, Path(path).stat().st_mtime_ns, members, limits)
    except OSError:
        raise Unreadable("压缩包打不开。请检查文件是否还在、磁盘或网络是否正常。", "no-access") from None


@lru_cache(DEPTH + 1)
def _kept_open(path: str, changed: int, members: tuple[str, ...], limits: Limits) -> zipfile.ZipFile:
    """An archive stays open while its files are read one after the other, and so do those that it is in; one that was
    changed is another."""
    if not members:
        return _opened(path, limits.archive)
    outer = _kept_open(path, changed, members[:-1], limits)
    return _opened(BytesIO(_member(outer, members[-1], limits)), limits.members)


def _opened(source: str | BytesIO, most: int) -> zipfile.ZipFile:
    """An archive; names that are not marked as Unicode are taken for what Chinese Windows writes."""
    try:
        if isinstance(source, str):
            with Path(source).open("rb") as file:
                require_few_members(file, most)
        else:
            require_few_members(source, most)
        try:
            archive = zipfile.ZipFile(source, metadata_encoding="gb18030")
        except UnicodeDecodeError:
            archive = zipfile.ZipFile(source)
    except Unreadable:
        raise
    except Exception:  # whatever the bytes hold, the archive's reader may raise on them
        raise Unreadable("不是完整的压缩包（.zip），打不开。请让报送单位重新发送。", "damaged") from None
    if len(archive.infolist()) > most:
        raise too_many(most, len(archive.infolist()), "archive")
    return archive


@lru_cache(DEPTH + 1)
def _twice(archive: zipfile.ZipFile) -> frozenset[str]:
    """The names that stand in an archive more than once."""
    counts = Counter(member.filename for member in archive.infolist())
    return frozenset(name for name, count in counts.items() if count > 1)


def _member(archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    if climbs(name):
        raise Unreadable(f"在压缩包里的名字跳出了文件夹，正常的压缩包里不会有。{UNSAFE}", "unsafe")
    try:
        if name in _twice(archive):
            raise Unreadable("在压缩包里有两个同名的文件，分不清是哪一个。请改名后重新打包。", "unsafe")
        require_loose(archive.getinfo(name), limits)
        with archive.open(name) as file:
            unpacked = up_to(file, limits.size * MB + 1)
    except RuntimeError:
        raise Unreadable("压缩包有密码，打不开。请取消密码，或解压后再试。", "encrypted") from None
    except Unreadable:
        raise
    except Exception:  # whatever the bytes hold, the archive's reader may raise on them
        raise Unreadable("在压缩包里已损坏，读不出来。请让报送单位重新发送。", "damaged") from None
    require_small(unpacked, limits, "解压后")
    return unpacked
