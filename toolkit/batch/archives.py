"""Opens archives (压缩包) and reads the files in them without unpacking anything to disk."""

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from toolkit.characters import printable
from toolkit.files.limits import MB, Limits
from toolkit.files.parts import UNSAFE, leaves_folder, require_few_members, require_usual_ratio, too_many
from toolkit.files.read import open_regular, read_at_most, require_small, too_large
from toolkit.problems import Unreadable

DEPTH = 3
"""Greatest number of archives inside each other."""
SHOWN = 255
"""Characters of a member's name that are shown; no name on a disk is longer."""
_USABLE_NAME = re.compile(r"[^./\\][^/\\]*(?:/[^./\\][^/\\]*)*/?\Z").match
"""Matches names that can be used as they are; most names can."""
TIME_STEP = 2.0
"""Seconds; an archive stores the times of its files no finer."""


@dataclass(slots=True)
class Room:
    """What is left for the archives inside one archive, all together: number of files, and bytes of these archives. A
    small archive can hold very many empty entries, and each of them takes time."""

    left: int
    bytes: int

    def take(self, size: int, limits: Limits) -> None:
        """Count one more archive. Raise Unreadable when the limits are exceeded."""
        self.left -= 1
        self.bytes -= size
        if self.left < 0:
            raise too_many(limits.members, limits.members + 1, "members")
        if self.bytes < 0:
            raise too_large(f"里面的压缩包合计超过 {limits.unpacked} MB", f"unpacked={2 * limits.unpacked}")


def place_of_member(name: str) -> str:
    r"""Return the path to which a member would be unpacked. Programs on Windows write ``.\乙.xlsx`` and
    ``目录\乙.xlsx``."""
    if _USABLE_NAME(name):
        return name
    place = name.replace("\\", "/")
    kept = posixpath.normpath(place) if place.strip("/") else ""
    return f"{kept}/" if kept and place.endswith("/") else kept


def shown_member(name: str) -> str:
    """Return the name of a member for messages. The middle of a very long name is replaced by a digest, so that the
    name stays unique."""
    shown = printable(place_of_member(name))
    if len(shown) <= SHOWN:
        return shown
    mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{shown[:120]}……（名称有 {len(name)} 字，编号 {mark}）……{shown[-60:]}"


def members_of(path: str, members: tuple[str, ...], limits: Limits, room: Room) -> list[zipfile.ZipInfo]:
    """Return the members of an archive, sorted by name. Raise Unreadable when it cannot be opened or exceeds the
    limits."""
    if members:
        outer = _archive(path, members[:-1], limits)
        room.take(outer.getinfo(members[-1]).file_size, limits)
    archive = _archive(path, members, limits)
    room.left -= len(archive.infolist()) if members else 0
    return sorted(archive.infolist(), key=lambda member: member.filename)


def changed_at(member: zipfile.ZipInfo) -> float:
    """Return when a member was last changed, in seconds; archives store the local time. Return 0 for an invalid
    time."""
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def read_member(path: str, members: tuple[str, ...], limits: Limits) -> bytes:
    """Return the bytes of a file in an archive on disk, or in archives inside it. Raise Unreadable."""
    return _member_bytes(_archive(path, members[:-1], limits), members[-1], limits)


def _archive(path: str, members: tuple[str, ...], limits: Limits) -> zipfile.ZipFile:
    """Return an archive on disk, or the archive inside it that `members` lead to."""
    try:
        return _open_cached(path, Path(path).stat().st_mtime_ns, members, limits)
    except OSError:
        raise Unreadable("压缩包打不开。请检查文件是否还在、磁盘或网络是否正常。", "no-access") from None


@lru_cache(DEPTH + 1)
def _open_cached(path: str, changed: int, members: tuple[str, ...], limits: Limits) -> zipfile.ZipFile:
    """Return an archive that stays open while its files are read one after the other, as do the archives around it. One
    that was changed is opened again."""
    if not members:
        return _open_archive(open_regular(Path(path)), limits.archive)
    outer = _open_cached(path, changed, members[:-1], limits)
    return _open_archive(BytesIO(_member_bytes(outer, members[-1], limits)), limits.members)


def _open_archive(source: IO[bytes], max_members: int) -> zipfile.ZipFile:
    """Open an archive. Names without the Unicode mark are read as Chinese Windows writes them (GB18030)."""
    try:
        require_few_members(source, max_members)
        try:
            archive = zipfile.ZipFile(source, metadata_encoding="gb18030")
        except UnicodeDecodeError:
            archive = zipfile.ZipFile(source)
    except (Unreadable, MemoryError):
        raise
    except Exception:  # whatever the bytes hold, the archive's reader may raise on them
        raise Unreadable("不是完整的压缩包（.zip），打不开。请让报送单位重新发送。", "damaged") from None
    if len(archive.infolist()) > max_members:
        raise too_many(max_members, len(archive.infolist()), "archive")
    return archive


@lru_cache(DEPTH + 1)
def _repeated_members(archive: zipfile.ZipFile) -> frozenset[str]:
    """Return the paths to which an archive would unpack more than one member."""
    return repeated(member.filename for member in archive.infolist())


def repeated(names: Iterable[str]) -> frozenset[str]:
    """Return the paths that several of these names have."""
    counts = Counter(map(place_of_member, names))
    return frozenset(place for place, count in counts.items() if count > 1)


def _member_bytes(archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """Return the bytes of a member. Raise Unreadable."""
    if leaves_folder(name):
        raise Unreadable(f"在压缩包里的名字跳出了文件夹，正常的压缩包里不会有。{UNSAFE}", "unsafe")
    try:
        if place_of_member(name) in _repeated_members(archive):
            raise Unreadable("在压缩包里有两个同名的文件，分不清是哪一个。请改名后重新打包。", "unsafe")
        require_usual_ratio(archive.getinfo(name), limits)
        with archive.open(name) as file:
            unpacked = read_at_most(file, limits.size * MB + 1)
    except NotImplementedError:
        raise Unreadable("在压缩包里用的压缩方法读不了。请解压后再试，或另存为普通的 .zip。", "other-kind") from None
    except RuntimeError:
        raise Unreadable("压缩包有密码，打不开。请取消密码，或解压后再试。", "encrypted") from None
    except (Unreadable, MemoryError):
        raise
    except Exception:  # whatever the bytes hold, the archive's reader may raise on them
        raise Unreadable("在压缩包里已损坏，读不出来。请让报送单位重新发送。", "damaged") from None
    require_small(unpacked, limits, "解压后")
    return unpacked
