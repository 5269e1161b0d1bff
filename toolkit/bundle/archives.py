"""Unpacks archives into a folder: nothing lands outside it, and nothing is written twice."""

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from toolkit.problems import Problem

MEMBERS, UNPACKED = 20_000, 600_000_000
"""Limits of an archive: files in it, and their bytes. Python has some 5,000 files and 100 MB."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file in an archive. `open` gives its content."""

    name: str
    size: int
    executable: bool
    open: Callable[[], IO[bytes]]


def zip_members(archive: zipfile.ZipFile, source: str) -> list[PackedFile]:
    """Return the files of a .zip archive. Raise Problem if one of them is a link or would land outside."""
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]
    for info in files:
        if info.external_attr >> 16 & 0o170000 == 0o120000:
            raise Problem(f"{source} 里的 {info.filename} 是链接，没有解开。请换一个没有改动过的文件。")

    def opener(info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
        return lambda: archive.open(info)

    found = [
        PackedFile(_plain(info.filename, source), info.file_size, bool(info.external_attr >> 16 & 0o100), opener(info))
        for info in files
    ]
    return _within_limits(found, source)


def tar_members(archive: tarfile.TarFile, source: str) -> list[PackedFile]:
    """Return the regular files of a .tar archive. Links are left out: the file systems of sticks have none."""

    def opener(info: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
        def content() -> IO[bytes]:
            file = archive.extractfile(info)
            assert file is not None, "a regular file"
            return file

        return content

    files = [info for info in archive.getmembers() if info.isreg()]
    found = [PackedFile(_plain(i.name, source), i.size, bool(i.mode & 0o100), opener(i)) for i in files]
    return _within_limits(found, source)


def unpack(members: list[PackedFile], into: Path) -> Iterator[Path]:
    """Write files into a folder and yield their paths. Raise Problem if another content stands there already."""
    _require_distinct(members)
    for member in members:
        place = into / member.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            with member.open() as source:
                if source.read() != place.read_bytes():
                    raise Problem(f"{member.name} 有两个，内容不同，没有做成。")
            continue
        with member.open() as source, place.open("xb") as target:
            left = member.size
            while block := source.read(_CHUNK):
                left -= len(block)
                if left < 0:
                    raise Problem(f"{member.name} 比压缩包里写的大，没有解开。")
                target.write(block)
        if member.executable:
            place.chmod(0o755)
        yield place


def _plain(name: str, source: str) -> str:
    """Return the name of a file in an archive. Raise Problem if it leads out of the folder, on any system."""
    path = PurePosixPath(name)
    if not name or "\\" in name or ":" in name or "\0" in name or path.is_absolute() or ".." in path.parts:
        raise Problem(f"{source} 里有跳出文件夹的文件名（{name}），没有解开。请换一个没有改动过的文件。")
    return path.as_posix()


def _within_limits(members: list[PackedFile], source: str) -> list[PackedFile]:
    if len(members) > MEMBERS or sum(member.size for member in members) > UNPACKED:
        raise Problem(f"{source} 里的文件太多或太大，不像是要的文件，没有解开。")
    return members


def _require_distinct(members: list[PackedFile]) -> None:
    """Raise Problem if two files would have one place: Windows and sticks ignore capitals."""
    seen = set[str]()
    for member in members:
        if member.name.casefold() in seen:
            raise Problem(f"压缩包里有两个 {member.name}，没有解开。")
        seen.add(member.name.casefold())
