"""Unpacks wheels into a folder from which Python imports them, so that nothing is installed on the office's machine."""

import compileall
import py_compile
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from toolkit.bundle.archives import PackedFile, unpack, zip_members
from toolkit.bundle.targets import python_numbers
from toolkit.bundle.wheels import Wheel
from toolkit.problems import Problem

_SAME_PLACE, _LEFT_OUT = ("purelib", "platlib"), ("scripts", "headers")
"""Parts of a wheel beside its packages: those that go where the packages go, and those that nobody starts here."""


def unpack_wheels(wheels: Iterable[Wheel], into: Path) -> None:
    """Write what wheels hold into a folder of packages."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel.path) as archive:
            members = [kept for one in zip_members(archive, wheel.path.name) if (kept := _placed(one, wheel))]
            for _ in unpack(members, into):
                pass


def compile_all(folder: Path, version: str) -> bool:
    """Compile what Python will import, so that it starts faster and writes nothing on the stick. Return False if this
    Python has another version than the one in the bundle: then nothing is compiled."""
    if sys.version_info[:2] != python_numbers(version):
        return False
    never = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, stripdir=str(folder), invalidation_mode=never, legacy=False)
    return True


def _placed(member: PackedFile, wheel: Wheel) -> PackedFile | None:
    """Return a file of a wheel with its place among the packages, None if it has none."""
    top, *rest = member.name.split("/")
    if not top.endswith(".data"):
        return member
    if len(rest) < 2 or rest[0] not in (*_SAME_PLACE, *_LEFT_OUT):
        raise Problem(f"{wheel.path.name} 里有不知道放到哪里的文件（{member.name}），没有做成。")
    return None if rest[0] in _LEFT_OUT else replace(member, name="/".join(rest[1:]))
