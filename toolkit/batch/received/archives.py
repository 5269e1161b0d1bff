"""Opens archives (压缩包) and mails (邮件), and reads the files in them without unpacking anything to disk."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePath
from typing import IO

from toolkit.batch.received.containers.container import Container, MailHead, Member
from toolkit.batch.received.containers.zip_archive import open_zip
from toolkit.characters import printable
from toolkit.files.limits import Limits
from toolkit.files.look import begins_as_workbook
from toolkit.files.parts import UNSAFE, leaves_folder, too_many
from toolkit.files.read import open_regular, require_small, too_large
from toolkit.problems import Unreadable

ZIP, EML = ".zip", ".eml"
MAILS = (EML, ".msg")
CONTAINERS = (ZIP, ".rar", ".7z", *MAILS)
"""Endings of the archives and mails that are opened."""
SEVEN_ZIP, RAR = b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"
SMALLEST = 1024
"""Bytes; no workbook is smaller."""
LOOKS = 2_000
"""Files of one archive whose beginning is looked at, because their names do not say that they are workbooks."""
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
    small archive can hold very many empty entries, and each of them takes time. `looks` is the number of files whose
    beginning may still be looked at."""

    left: int
    bytes: int
    looks: int = LOOKS

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


def folders_of(place: str) -> Iterator[str]:
    """Yield the folders that a member of an archive is in."""
    at = place.find("/")
    while 0 <= at < len(place) - 1:
        yield place[: at + 1]
        at = place.find("/", at + 1)


def shown_member(name: str) -> str:
    """Return the name of a member for messages. The middle of a very long name is replaced by a digest, so that the
    name stays unique."""
    shown = printable(place_of_member(name))
    if len(shown) <= SHOWN:
        return shown
    mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{shown[:120]}……（名称有 {len(name)} 字，编号 {mark}）……{shown[-60:]}"


@dataclass(frozen=True, slots=True)
class Opened:
    """What is in an archive or a mail: its members, sorted by name, and the head of a mail (None for an archive)."""

    members: Sequence[Member]
    mail: MailHead | None


def opened(path: str, members: tuple[str, ...], limits: Limits, room: Room) -> Opened:
    """Open an archive or a mail, on disk or inside others. Raise Unreadable when it cannot be opened or exceeds the
    limits."""
    if members:
        outer = _container(path, members[:-1], limits)
        room.take(next(one.size for one in outer.members if one.name == members[-1]), limits)
    container = _container(path, members, limits)
    room.left -= len(container.members) if members else 0
    return Opened(sorted(container.members, key=lambda member: member.name), container.mail)


def read_member(path: str, members: tuple[str, ...], limits: Limits) -> bytes:
    """Return the bytes of a file in an archive on disk, or in archives inside it. Raise Unreadable."""
    return _member_bytes(_container(path, members[:-1], limits), members[-1], limits)


def is_workbook_inside(path: str, members: tuple[str, ...], limits: Limits, room: Room) -> bool:
    """Return True if a file in an archive begins as a workbook. Only the first ones of an archive are looked at."""
    room.looks -= 1
    if room.looks < 0:
        return False
    try:
        with _container(path, members[:-1], limits).open(members[-1], limits) as file:
            return begins_as_workbook(file)
    except MemoryError:
        raise
    except Exception:  # what cannot be opened is no workbook
        return False


def _container(path: str, members: tuple[str, ...], limits: Limits) -> Container:
    """Return an archive or a mail on disk, or the one inside it that `members` lead to."""
    try:
        return _open_cached(path, Path(path).stat().st_mtime_ns, members, limits)
    except OSError:
        raise Unreadable("压缩包打不开。请检查文件是否还在、磁盘或网络是否正常。", "no-access") from None


@lru_cache(DEPTH + 1)
def _open_cached(path: str, changed: int, members: tuple[str, ...], limits: Limits) -> Container:
    """Return an archive that stays open while its files are read one after the other, as do the archives around it. One
    that was changed is opened again."""
    if not members:
        return _open_container(open_regular(Path(path)), path, limits, limits.archive)
    outer = _open_cached(path, changed, members[:-1], limits)
    inner = BytesIO(_member_bytes(outer, members[-1], limits))
    return _open_container(inner, members[-1], limits, limits.members)


def _open_container(source: IO[bytes], name: str, limits: Limits, max_members: int) -> Container:
    """Open an archive or a mail: mails are known by their names, archives by their beginning."""
    is_mail = name.lower().endswith(MAILS)
    try:
        if is_mail:
            return _open_mail(source, name, limits)
        start = source.read(len(SEVEN_ZIP))
        source.seek(0)
        if start.startswith(SEVEN_ZIP):
            from toolkit.batch.received.containers.seven_zip import open_seven_zip

            return open_seven_zip(source, max_members)
        if start.startswith(RAR):
            from toolkit.batch.received.containers.rar import open_rar

            return open_rar(source, max_members)
        return open_zip(source, max_members)
    except (Unreadable, MemoryError):
        raise
    except Exception:  # whatever the bytes hold, the archive's reader may raise on them
        ending = PurePath(name).suffix.lower() or ZIP
        what = "邮件" if is_mail else f"压缩包（{ending}）"
        then = "请让报送单位重新发送" if ending in (ZIP, *MAILS) else "请解压后再放，或改用 .zip"
        raise Unreadable(f"不是完整的{what}，打不开。{then}。", "damaged") from None


def _open_mail(source: IO[bytes], name: str, limits: Limits) -> Container:
    if name.lower().endswith(EML):
        from toolkit.batch.received.containers.mail import open_mail

        return open_mail(source, limits)
    from toolkit.batch.received.containers.outlook import open_outlook

    return open_outlook(source, limits)


@lru_cache(DEPTH + 1)
def _repeated_members(container: Container) -> frozenset[str]:
    """Return the paths to which an archive would unpack more than one member."""
    return repeated(member.name for member in container.members)


def repeated(names: Iterable[str]) -> frozenset[str]:
    """Return the paths that several of these names have."""
    counts = Counter(map(place_of_member, names))
    return frozenset(place for place, count in counts.items() if count > 1)


def _member_bytes(container: Container, name: str, limits: Limits) -> bytes:
    """Return the bytes of a member. Raise Unreadable."""
    if leaves_folder(name):
        raise Unreadable(f"在压缩包里的名字跳出了文件夹，正常的压缩包里不会有。{UNSAFE}", "unsafe")
    try:
        if place_of_member(name) in _repeated_members(container):
            raise Unreadable("在压缩包里有两个同名的文件，分不清是哪一个。请改名后重新打包。", "unsafe")
        unpacked = container.read(name, limits)
    except (Unreadable, MemoryError):
        raise
    except Exception:  # whatever the bytes hold, the archive's reader may raise on them
        raise Unreadable("在压缩包里已损坏，读不出来。请让报送单位重新发送。", "damaged") from None
    require_small(unpacked, limits, "解压后")
    return unpacked
