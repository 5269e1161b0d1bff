"""Archives of the kind .7z (压缩包), where py7zr is installed."""

import struct
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from typing import IO, Any

from toolkit.batch.received.containers.container import (
    Container,
    MailHead,
    Member,
    most_bytes,
    require_declared,
    require_plausible,
)
from toolkit.files.limits import MB, Limits
from toolkit.files.parts import leaves_folder, too_many
from toolkit.problems import Unreadable

_START_OF_PLACES, _START = 12, 32
"""Where an archive says where its directory is, counted from the end of its start, and how long it is."""
LINK = "压缩包里的链接，没有读"
UNPACK_FIRST = "这种压缩包打不开，里面的文件没有读。请解压后再放，或改用 .zip。"
LOCKED = "压缩包有密码，打不开。请取消密码，或解压后再试。"


class SevenZipArchive:
    """An opened .7z. Its members are packed together, so that to read the last one all are unpacked; they are kept if
    that is not too much."""

    mail: MailHead | None = None

    def __init__(self, archive: Any, source: IO[bytes], packed: int) -> None:
        self._archive, self._source, self._packed = archive, source, packed
        self._infos = archive.list()
        self._kept: dict[str, bytes] | None = None

    @cached_property
    def members(self) -> Sequence[Member]:
        """The members; a folder ends with a slash."""
        return [
            Member(
                info.filename + "/" * info.is_directory,
                info.uncompressed or 0,
                _changed_at(info),
                "" if info.is_file or info.is_directory else LINK,
            )
            for info in self._infos
        ]

    def read(self, name: str, limits: Limits) -> bytes:
        """Return the bytes of a member. Raise Unreadable."""
        sizes = {one.name: one.size for one in self.members if not one.name.endswith("/") and not one.why_not}
        require_declared(sizes[name], limits)
        require_plausible(sum(sizes.values()), self._packed, limits)
        if sum(sizes.values()) > limits.unpacked * MB:
            return self._unpacked([name], limits)[name]
        if self._kept is None:
            self._kept = self._unpacked([one for one in sizes if not leaves_folder(one)], limits)
        return self._kept[name]

    def open(self, name: str, limits: Limits) -> IO[bytes]:
        """Return a member as a file in memory."""
        return BytesIO(self.read(name, limits))

    def _unpacked(self, names: Sequence[str], limits: Limits) -> dict[str, bytes]:
        """Unpack some members in memory."""
        from py7zr.io import BytesIOFactory

        found = {}
        self._archive.reset()
        factory = BytesIOFactory(most_bytes(limits))
        self._archive.extract(targets=names, factory=factory)
        wanted = {_as_written(name): name for name in names}
        for path, product in factory.products.items():
            product.seek(0)
            if name := wanted.get(path):
                found[name] = product.read()
        return found


def _changed_at(info: Any) -> float:
    """Return when a member was last changed, in seconds; 0 for an invalid time."""
    try:
        return float(info.creationtime.timestamp()) if info.creationtime else 0.0
    except (ValueError, OverflowError, OSError):
        return 0.0


def _as_written(name: str) -> str:
    """Return the path under which py7zr gives a member."""
    from py7zr.helpers import get_sanitized_output_path

    return str(get_sanitized_output_path(name, None).as_posix())


def open_seven_zip(source: IO[bytes], max_members: int) -> Container:
    """Open an archive. Raise Unreadable when no library for it is installed, or when it has a password."""
    try:
        import py7zr
    except ImportError:
        raise Unreadable(UNPACK_FIRST, "other-kind") from None
    packed = source.seek(0, 2)
    source.seek(_START_OF_PLACES)
    place, length = struct.unpack("<QQ", source.read(16))
    if place + length + _START > packed:
        raise py7zr.Bad7zFile  # the directory would be longer than the file, and be read into memory
    source.seek(0)
    try:
        archive = py7zr.SevenZipFile(source)
    except py7zr.PasswordRequired:
        raise Unreadable(LOCKED, "encrypted") from None
    if archive.needs_password():
        raise Unreadable(LOCKED, "encrypted")
    if len(archive.files) > max_members:
        raise too_many(max_members, len(archive.files), "archive")
    return SevenZipArchive(archive, source, packed)
