"""Admits a returned file (准入): finds its kind, removes a password, unpacks it, and refuses what no parser should
open."""

from dataclasses import dataclass
from typing import Literal

from toolkit.files.compound import READ_ONLY, is_locked, unlocked
from toolkit.files.kinds import COMPOUND, DAMAGED, PACKAGE, FileKind, kind_of_package, kind_of_single_file
from toolkit.files.limits import STANDARD, Admission
from toolkit.files.parts import Parts, open_parts
from toolkit.files.read import require_small
from toolkit.problems import Unreadable

Lock = Literal["", "password", "read-only"]
"""How a file was locked: not at all, by a password, or by the password that Excel itself gives to read-only files."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A file that may be read: its bytes without a password, and its parts if it is a package."""

    kind: FileKind
    content: bytes
    parts: Parts | None = None
    lock: Lock = ""


def admit(content: bytes, admission: Admission = STANDARD) -> Admitted:
    """Check a file and return it as Admitted.

    Raise Unreadable, with what the file is and what to do, if its kind is not supported, it is locked, it is over a
    limit, or its structure is dangerous.
    """
    if not content:
        raise Unreadable("是空文件（0 字节）。请让报送单位重新发送。", "empty")
    require_small(content, admission.limits)
    if content.startswith(COMPOUND):
        return _admit_compound(content, admission)
    if content.startswith(PACKAGE):
        return _admit_package(content, admission)
    return Admitted(kind_of_single_file(content), content)


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
