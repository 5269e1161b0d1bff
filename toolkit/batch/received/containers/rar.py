"""Archives of the kind .rar (压缩包), where rarfile and a program that unpacks them are installed."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import IO, Any

from toolkit.batch.received.containers.container import (
    Container,
    MailHead,
    Member,
    most_bytes,
    require_declared,
    require_plausible,
)
from toolkit.batch.received.containers.seven_zip import LINK, LOCKED, UNPACK_FIRST
from toolkit.files.limits import Limits
from toolkit.files.parts import too_many
from toolkit.files.read import read_at_most
from toolkit.problems import Unreadable


class RarArchive:
    """An opened .rar."""

    mail: MailHead | None = None

    def __init__(self, archive: Any) -> None:
        self._archive = archive

    @cached_property
    def members(self) -> Sequence[Member]:
        """The members; a folder ends with a slash."""
        return [
            Member(
                info.filename,
                info.file_size or 0,
                _changed_at(info),
                "" if info.is_file() or info.is_dir() else LINK,
            )
            for info in self._archive.infolist()
        ]

    def read(self, name: str, limits: Limits) -> bytes:
        """Return the bytes of a member. Raise Unreadable."""
        with self.open(name, limits) as file:
            return read_at_most(file, most_bytes(limits))

    def open(self, name: str, limits: Limits) -> IO[bytes]:
        """Open a member. Raise Unreadable."""
        import rarfile

        info = self._archive.getinfo(name)
        require_declared(info.file_size, limits)
        require_plausible(info.file_size, info.compress_size, limits)
        try:
            opened: IO[bytes] = self._archive.open(info)
        except rarfile.RarCannotExec:
            raise Unreadable(UNPACK_FIRST, "other-kind") from None
        return opened


def _changed_at(info: Any) -> float:
    """Return when a member was last changed, in seconds; 0 for an invalid time."""
    try:
        return float((info.mtime or datetime(*info.date_time)).timestamp())
    except (TypeError, ValueError, OverflowError, OSError):
        return 0.0


def open_rar(source: IO[bytes], max_members: int) -> Container:
    """Open an archive. Raise Unreadable when nothing that can unpack it is installed, or when it has a password."""
    try:
        import rarfile
    except ImportError:
        raise Unreadable(UNPACK_FIRST, "other-kind") from None
    archive = rarfile.RarFile(source)
    if archive.needs_password():
        raise Unreadable(LOCKED, "encrypted")
    infos = archive.infolist()
    if not infos:
        raise rarfile.BadRarFile  # no program packs an empty one
    if len(infos) > max_members:
        raise too_many(max_members, len(infos), "archive")
    if any(info.compress_type != rarfile.RAR_M0 and info.is_file() for info in infos):
        try:
            rarfile.tool_setup()
        except rarfile.RarCannotExec:
            raise Unreadable(UNPACK_FIRST, "other-kind") from None
    return RarArchive(archive)
