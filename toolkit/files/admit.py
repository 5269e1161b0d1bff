"""Lets a returned file in (准入): what kind it is, unlocked, unpacked, and all that no parser should meet refused."""

from dataclasses import dataclass
from typing import Literal

from toolkit.files.compound import READ_ONLY, is_locked, unlocked
from toolkit.files.kinds import COMPOUND, DAMAGED, PACKAGE, Kind, kind_of_package, kind_of_plain
from toolkit.files.limits import STANDARD, Admission
from toolkit.files.parts import Parts, open_parts
from toolkit.files.read import require_small
from toolkit.problems import Unreadable

Lock = Literal["", "password", "read-only"]
"""How a file was locked: not at all, by a password, or by the one that Excel gives to files for reading only."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A file that may be read: its bytes without a password, and its parts where it is a package."""

    kind: Kind
    content: bytes
    parts: Parts | None = None
    lock: Lock = ""


def admit(content: bytes, admission: Admission = STANDARD) -> Admitted:
    """Let a file in.

    Raises Unreadable, with what it is and what to do, when it is nothing that is read here, is locked, goes over a
    limit, or is built to do harm.
    """
    if not content:
        raise Unreadable("是空文件（0 字节）。请让报送单位重新发送。", "empty")
    require_small(content, admission.limits)
    if content.startswith(COMPOUND):
        return _admit_compound(content, admission)
    if content.startswith(PACKAGE):
        return _admit_package(content, admission)
    return Admitted(kind_of_plain(content), content)


def _admit_package(content: bytes, admission: Admission, lock: Lock = "") -> Admitted:
    parts = open_parts(content, DAMAGED, admission.limits)
    kind = kind_of_package(parts, parts.get("mimetype", b""))
    return Admitted(kind, content, parts, lock)


def _admit_compound(content: bytes, admission: Admission) -> Admitted:
    if not is_locked(content):
        return Admitted("converted", content)
    opened, password = unlocked(content, admission.passwords)
    lock: Lock = "read-only" if password == READ_ONLY else "password"
    if opened.startswith(PACKAGE):
        return _admit_package(opened, admission, lock)
    return Admitted("converted", opened, None, lock)
