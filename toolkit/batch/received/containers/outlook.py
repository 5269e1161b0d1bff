"""Mails (邮件) of the kind .msg, as Outlook saves them: the attachments are the members.

A .msg is a compound file (复合文档), see MS-OXMSG: each attachment is a folder in it, each property a stream there, and
properties of fixed length stand in one stream of the folder.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.parser import HeaderParser
from functools import cached_property
from io import BytesIO
from typing import IO, Any

from toolkit.batch.received.containers.container import Container, MailHead, Member, require_declared
from toolkit.batch.received.containers.mail import (
    FORWARDED,
    MOST_SAID,
    NAME,
    POLICY,
    TOO_DEEP,
    plausible,
    sender_name,
    sent_date,
    unique_name,
)
from toolkit.characters import one_line
from toolkit.files.limits import MB, Limits
from toolkit.files.parts import too_many
from toolkit.files.read import read_source, too_large
from toolkit.problems import Unreadable

DEPTH = 3
"""Greatest number of folders inside each other, two for each mail in a mail."""
_ATTACHMENT, _FIXED, _DATA = "__attach_version1.0_#", "__properties_version1.0", "3701"
_SUBJECT, _SENDER, _HEADERS, _LONG_NAME, _SHORT_NAME, _SHOWN_NAME = "0037", "0C1A", "007D", "3707", "3704", "3001"
_METHOD, _FLAGS, _HIDDEN, _SENT = 0x3705, 0x3714, 0x7FFE, 0x0039
_IS_MAIL = 5
"""The method of an attachment that is a mail itself."""
_SHOWN_IN_TEXT = 4
"""The flag of an attachment that the text of the mail shows."""
_STORAGE, _BYTES = "000D", "0102"
_START_OF_MAIL, _START_INSIDE = 32, 8
"""Bytes before the first property of fixed length, of the mail itself and of an attachment."""
_MASKS, _WHOLE = {0x0003: 0xFFFFFFFF, 0x000B: 0xFF}, 0xFFFFFFFFFFFFFFFF
"""The part of a property's eight bytes that holds it: of a number, of a yes or no, and of anything else."""
_TEXT_LIMIT = 2**20
"""Bytes of a text property that are read."""


class OutlookMail:
    """An opened .msg: what it says of itself, and its attachments, those of mails inside it too."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._found: dict[str, tuple[list[str], tuple[str, ...]]] = {}
        for name, place, said in _attachments(file, [], ()):
            self._found[unique_name(name, self._found)] = place, said
        self.mail: MailHead | None = _head(file, [])

    @cached_property
    def members(self) -> Sequence[Member]:
        """The attachments."""
        return [
            Member(name, self._file.get_size(place), 0.0, "" if place[-1].endswith(_BYTES) else TOO_DEEP, said)
            for name, (place, said) in self._found.items()
        ]

    def read(self, name: str, limits: Limits) -> bytes:
        """Return the bytes of an attachment. Raise Unreadable."""
        place, _ = self._found[name]
        require_declared(self._file.get_size(place), limits)
        return bytes(self._file.openstream(place).read())

    def open(self, name: str, limits: Limits) -> IO[bytes]:
        """Return an attachment as a file in memory."""
        return BytesIO(self.read(name, limits))


def open_outlook(source: IO[bytes], limits: Limits) -> Container:
    """Open a mail. Raise Unreadable when it is none, or is over a limit."""
    import olefile

    file = olefile.OleFileIO(BytesIO(read_source(source, limits)))
    streams = file.listdir()
    if not any(path[0] == _FIXED for path in streams):
        raise Unreadable("不是 Outlook 的邮件（.msg）。请检查是不是放错了文件。", "other-kind")
    if len(streams) > limits.members:
        raise too_many(limits.members, len(streams))
    claimed = sum(file.get_size(path) for path in streams)
    if claimed > limits.unpacked * MB:  # several streams may claim the same bytes
        raise too_large(f"里面合计有 {claimed // MB} MB", f"unpacked={claimed // MB + 1}")
    return OutlookMail(file)


def _attachments(file: Any, mail: list[str], said: tuple[str, ...]) -> Iterator[tuple[str, list[str], tuple[str, ...]]]:
    """Yield name and place of each attachment of the mail at a place, and what that mail says if it is inside another
    one. The attachments of mails inside it are among them; a mail that is inside too many others is one itself."""
    level = len(mail)
    folders = {
        path[level]
        for path in file.listdir()
        if len(path) > level and path[:level] == mail and path[level].startswith(_ATTACHMENT)
    }
    for folder in sorted(folders):
        place = [*mail, folder]
        fixed = _fixed(file, place, _START_INSIDE)
        if fixed.get(_METHOD) == _IS_MAIL:
            inner = [*place, f"__substg1.0_{_DATA}{_STORAGE}"]
            if level < DEPTH:
                yield from _attachments(file, inner, (*_head(file, inner).said, *said)[:MOST_SAID])
            else:
                yield FORWARDED, [*inner, _FIXED], said
            continue
        data = [*place, f"__substg1.0_{_DATA}{_BYTES}"]
        if file.exists(data) and not fixed.get(_HIDDEN) and not fixed.get(_FLAGS, 0) & _SHOWN_IN_TEXT:
            names = (_text(file, place, name) for name in (_LONG_NAME, _SHORT_NAME, _SHOWN_NAME))
            yield next(filter(None, names), ""), data, said


def _head(file: Any, mail: list[str]) -> MailHead:
    """Return what the mail at a place says of itself."""
    headers = HeaderParser(policy=POLICY).parsestr(_text(file, mail, _HEADERS))
    sent = _filetime(_fixed(file, mail, _START_OF_MAIL).get(_SENT, 0)) if not mail else 0.0
    sender = one_line(_text(file, mail, _SENDER))[:NAME] or sender_name(headers)
    return MailHead(sent or sent_date(headers), one_line(_text(file, mail, _SUBJECT))[:NAME], sender)


def _text(file: Any, place: list[str], name: str) -> str:
    """Return a property that is a text: as UTF-16, or as Chinese Windows writes it (GB18030). Empty if there is
    none."""
    for kind, encoding in (("001F", "utf-16-le"), ("001E", "gb18030")):
        path = [*place, f"__substg1.0_{name}{kind}"]
        if file.exists(path):
            with suppress(OSError):
                return str(file.openstream(path).read(_TEXT_LIMIT).decode(encoding, "replace")).rstrip("\0")
    return ""


def _fixed(file: Any, place: list[str], start: int) -> dict[int, int]:
    """Return the properties of fixed length at a place, as numbers. The list of them begins at `start`."""
    path = [*place, _FIXED]
    if not file.exists(path):
        return {}
    content = file.openstream(path).read(_TEXT_LIMIT)[start:]
    whole = content[: len(content) // 16 * 16]
    return {number: value & _MASKS.get(kind, _WHOLE) for kind, number, _, value in struct.iter_unpack("<HHIQ", whole)}


def _filetime(steps: int) -> float:
    """Return a time of Windows (steps of 100 nanoseconds since 1601) in seconds; 0 for one that no mail has."""
    with suppress(OverflowError):
        return plausible(datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=steps // 10))
    return 0.0
