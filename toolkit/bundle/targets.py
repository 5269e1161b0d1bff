"""The kinds of machine that a bundle is made for (目标平台), as pip and the markers of packages know them."""

import re
from dataclasses import dataclass
from typing import Literal

from packaging.tags import Tag, compatible_tags, cpython_tags

from toolkit.problems import Problem

LOWEST_PYTHON = (3, 11)
LINUX_PYTHONS = ("3.11", "3.12", "3.13")
"""The versions of the machine's own Python that a bundle for Linux is made for, unless it carries one."""
_GLIBC = 28
"""Wheels for glibc 2.28 or older run on 统信 UOS 20 and 麒麟 V10, and on whatever is newer."""
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of machine. `platforms` are pip's names for it, best first."""

    name: str
    folder: str
    words: str
    system: Literal["Windows", "Linux"]
    machine: str
    platforms: tuple[str, ...]

    def environment(self, version: str) -> dict[str, str]:
        """Return what the environment markers of a requirement are evaluated against, with Python `version` (3.11)."""
        windows = self.system == "Windows"
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{version}.0",
            "os_name": "nt" if windows else "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": self.system,
            "platform_version": "",
            "python_full_version": f"{version}.0",
            "python_version": version,
            "sys_platform": "win32" if windows else "linux",
        }

    def tags(self, version: str) -> frozenset[Tag]:
        """Return the tags of the wheels that run there with Python `version`."""
        numbers, short = python_numbers(version), f"cp{version.replace('.', '')}"
        return frozenset(
            (
                *cpython_tags(numbers, [short], self.platforms),
                *compatible_tags(numbers, short, self.platforms),
            )
        )


def python_numbers(version: str) -> tuple[int, int]:
    """Return a version of Python such as 3.11 as two numbers."""
    major, minor = version.split(".")
    return int(major), int(minor)


def require_version(version: str) -> None:
    """Raise Problem if a version is not one of a Python that the toolkit runs on."""
    if not re.fullmatch(r"3\.\d{1,2}", version) or python_numbers(version) < LOWEST_PYTHON:
        raise Problem(f"--python-version 要写成 3.11 这样，不早于 3.11，不是“{version}”。")


def _manylinux(machine: str, oldest: int) -> tuple[str, ...]:
    """Return pip's names for a Linux machine, from the newest glibc to the oldest."""
    names: list[str] = []
    for minor in range(_GLIBC, oldest - 1, -1):
        names.append(f"manylinux_2_{minor}_{machine}")
        if minor in _OLD_NAMES:
            names.append(f"{_OLD_NAMES[minor]}_{machine}")
    return (*names, f"linux_{machine}")


TARGETS = {
    target.name: target
    for target in (
        Target("windows", "年报工具箱-Windows", "Windows（64 位）", "Windows", "AMD64", ("win_amd64",)),
        Target(
            "linux-x86_64", "年报工具箱-Linux-x86_64", "Linux（x86_64）", "Linux", "x86_64", _manylinux("x86_64", 5)
        ),
        Target(
            "linux-aarch64",
            "年报工具箱-Linux-aarch64",
            "Linux（aarch64）",
            "Linux",
            "aarch64",
            _manylinux("aarch64", 17),
        ),
    )
}
