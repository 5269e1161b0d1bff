"""Archives of the kind .zip (压缩包)."""

import zipfile
from datetime import datetime
from functools import cached_property
from typing import IO

from toolkit.batch.received.containers.container import Container, MailHead, Member, most_bytes
from toolkit.files.limits import Limits
from toolkit.files.parts import require_few_members, require_usual_ratio, too_many
from toolkit.files.read import read_at_most
from toolkit.problems import Unreadable


class ZipArchive:
    """An opened .zip."""

    mail: MailHead | None = None

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @cached_property
    def members(self) -> list[Member]:
        """The members."""
        return [Member(one.filename, one.file_size, _changed_at(one)) for one in self._archive.infolist()]

    def read(self, name: str, limits: Limits) -> bytes:
        """Return the bytes of a member. Raise Unreadable."""
        try:
            require_usual_ratio(self._archive.getinfo(name), limits)
            with self._archive.open(name) as file:
                return read_at_most(file, most_bytes(limits))
        except NotImplementedError:
            raise Unreadable(
                "在压缩包里用的压缩方法读不了。请解压后再试，或另存为普通的 .zip。", "other-kind"
            ) from None
        except RuntimeError:
            raise Unreadable("压缩包有密码，打不开。请取消密码，或解压后再试。", "encrypted") from None

    def open(self, name: str, limits: Limits) -> IO[bytes]:
        """Open a member."""
        require_usual_ratio(self._archive.getinfo(name), limits)
        return self._archive.open(name)


def open_zip(source: IO[bytes], max_members: int) -> Container:
    """Open an archive. Names without the Unicode mark are read as Chinese Windows writes them (GB18030)."""
    require_few_members(source, max_members)
    try:
        archive = zipfile.ZipFile(source, metadata_encoding="gb18030")
    except UnicodeDecodeError:
        archive = zipfile.ZipFile(source)
    if len(archive.infolist()) > max_members:
        raise too_many(max_members, len(archive.infolist()), "archive")
    return ZipArchive(archive)


def _changed_at(member: zipfile.ZipInfo) -> float:
    """Return when a member was last changed, in seconds; archives store the local time. Return 0 for an invalid
    time."""
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError):
        return 0.0
