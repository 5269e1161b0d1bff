"""Opens a package (压缩的部件集), which a workbook, a document or an archive is. Its directory is checked before
anything is unpacked, and no part may be larger than the directory says."""

import posixpath
import struct
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import IO

from toolkit.files.limits import MB, STANDARD_LIMITS, Limits
from toolkit.files.read import too_large
from toolkit.problems import Unreadable

SMALL = 10 * MB
"""Bytes. A part that unpacks to less may have any ratio: a sheet of blanks has a very high one."""
ENTRY = 512
"""Most bytes that one member takes in the directory of a package: its name and its properties."""
_END, _END_LENGTH, _COMMENT = b"PK\x05\x06", 22, 65_535
_ZIP64_LOCATOR, _ZIP64_END = b"PK\x06\x07", b"PK\x06\x06"
_SHORTEST_ENTRY = 46
_ENCRYPTED = 0x1
_MARKUP = (".xml", ".rels", ".vml")
UNSAFE = "请让报送单位用空白模板重新填报，不要打开这个文件。"


class Parts(Mapping[str, bytes]):
    """The unpacked members of a package by name."""

    def __init__(self, content: Mapping[str, bytes]) -> None:
        self._content = dict(content)

    def __getitem__(self, name: str) -> bytes:
        return self._content[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def repacked(self) -> bytes:
        """Return the bytes of a new package of exactly these parts. Bytes between, before or behind them, a name that
        stands twice and a false size are gone. So every parser sees what was checked."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
            for name, content in self._content.items():
                package.writestr(zipfile.ZipInfo(name), content)
        return out.getvalue()


def open_parts(content: bytes, damaged: str, limits: Limits = STANDARD_LIMITS) -> Parts:
    """Unpack a package in memory. `damaged` is the message for one that is incomplete.

    Raise Unreadable when it is incomplete, over the limits, or built as no office program builds it.
    """
    try:
        require_few_members(BytesIO(content), limits.members)
        with zipfile.ZipFile(BytesIO(content)) as package:
            members = package.infolist()
            require_sound(members, limits)
            return Parts({member.filename: _unpacked(member, package) for member in members})
    except (Unreadable, MemoryError):
        raise
    except Exception:  # zipfile may raise anything on damaged bytes
        raise Unreadable(damaged, "damaged") from None


def require_few_members(file: IO[bytes], most: int) -> None:
    """Raise Unreadable when the directory of a package is longer than `most` members need: a reader loads it as a
    whole."""
    size = file.seek(0, 2)
    start = max(size - _COMMENT - _END_LENGTH - 20, 0)
    file.seek(start)
    end_bytes = file.read(_COMMENT + _END_LENGTH + 20)
    at = end_bytes.rfind(_END)
    if at >= 0 and len(end_bytes) - at >= _END_LENGTH:
        (length,) = struct.unpack_from("<I", end_bytes, at + 12)
        if length == 0xFFFFFFFF and end_bytes[at - 20 : at - 16] == _ZIP64_LOCATOR:
            (place,) = struct.unpack_from("<Q", end_bytes, at - 12)
            file.seek(min(place, size))
            end = file.read(56)
            length = struct.unpack_from("<Q", end, 40)[0] if end.startswith(_ZIP64_END) and len(end) == 56 else length
        if length > most * ENTRY:
            raise too_many(most, length // _SHORTEST_ENTRY)
    file.seek(0)


def too_many(most: int, there: int, name: str = "members") -> Unreadable:
    """Return the Unreadable for a package with too many members. `name` is the limit to raise, `there` the number of
    members."""
    return too_large(f"里面的文件超过 {most} 个", f"{name}={there}")


def require_sound(members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """Raise Unreadable when the directory of a package has entries that no office program would write."""
    if len(members) > limits.members:
        raise too_many(limits.members, len(members))
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Unreadable("压缩时加了密码，打不开。请取消密码后重新报送。", "encrypted")
    names = [member.filename for member in members]
    if strange := next((name for name in names if leaves_folder(name)), None):
        raise Unreadable(f"部件名“{_shown(strange)}”跳出了文件夹，正常的文件里不会有。{UNSAFE}", "unsafe")
    alike = [unicodedata.normalize("NFC", name.replace("\\", "/")).casefold() for name in names]
    if len(set(alike)) < len(alike):
        twice = next(name for place, name in enumerate(names) if alike[place] in alike[:place])
        raise Unreadable(f"部件“{_shown(twice)}”出现两次，不知以哪个为准，正常的文件里不会有。{UNSAFE}", "unsafe")
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.unpacked * MB:
        raise too_large(f"解压后有 {unpacked // MB} MB", f"unpacked={unpacked // MB + 1}")
    for member in members:
        if member.filename.lower().endswith(_MARKUP):  # an empty picture is compressed very tightly
            require_usual_ratio(member, limits)


def require_usual_ratio(member: zipfile.ZipInfo, limits: Limits) -> None:
    """Raise Unreadable when a member is compressed more tightly than any text is."""
    if member.file_size > SMALL and member.file_size > limits.ratio * member.compress_size:
        times = member.file_size // max(member.compress_size, 1)
        raise too_large(f"其中有的部件解压后是原来的 {times} 倍", f"ratio={times + 1}")


def leaves_folder(name: str) -> bool:
    """Return True if the name of a member leads out of the folder that it would be unpacked to."""
    path = name.replace("\\", "/")
    return path.startswith("/") or ":" in path or "\0" in path or ".." in posixpath.normpath(path).split("/")


def _shown(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:60]}……"


def _unpacked(member: zipfile.ZipInfo, package: zipfile.ZipFile) -> bytes:
    """Return a member unpacked. Raise Unreadable when its XML declares a document type: that may define entities that
    grow without end or read other files, and no office program writes one."""
    with package.open(member) as file:
        content = file.read(member.file_size)
        if file.read(1):
            raise zipfile.BadZipFile
    if member.filename.lower().endswith(_MARKUP) and declares_doctype(content):
        raise Unreadable(
            f"部件“{_shown(member.filename)}”带有实体定义（DOCTYPE），正常的文件里不会有。{UNSAFE}", "unsafe"
        )
    return content


def declares_doctype(content: bytes) -> bool:
    """Return True if XML declares a document type or entities, in any encoding."""
    if b"<!D" not in content and b"<!E" not in content and b"\0" not in content[:64]:
        return False
    bare = content.replace(b"\0", b"")
    return b"<!DOCTYPE" in bare or b"<!ENTITY" in bare
