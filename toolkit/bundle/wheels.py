"""Reads wheels (安装包): what each is, what it needs, and on which machines it runs."""

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import HeaderParser
from hashlib import file_digest
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from toolkit.problems import Problem


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel, read from its name and its METADATA."""

    path: Path
    name: NormalizedName
    version: Version
    tags: frozenset[Tag]
    requires: tuple[Requirement, ...]
    requires_python: SpecifierSet

    @property
    def pin(self) -> str:
        """The requirement that nothing but this wheel fulfils."""
        return f"{self.name}=={self.version}"


def read_wheel(path: Path) -> Wheel:
    """Return what a wheel says of itself. Raise Problem if it cannot be read, or its name says something else."""
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
        with zipfile.ZipFile(path) as archive:
            (member,) = [one for one in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one)]
            said = HeaderParser().parsestr(archive.read(member).decode())
        requires = tuple(Requirement(line) for line in said.get_all("Requires-Dist", []))
        there = canonicalize_name(said["Name"]), Version(said["Version"])
        pythons = SpecifierSet(said.get("Requires-Python", ""))
    except (ValueError, TypeError, zipfile.BadZipFile, OSError) as error:
        raise Problem(f"{path.name} 读不出，不是完整的安装包（wheel）。请重新下载。") from error
    if there != (name, version):
        raise Problem(f"{path.name} 里写的是 {there[0]} {there[1]}，与文件名不符。请重新下载。")
    return Wheel(path, name, version, tags, requires, pythons)


def read_wheels(folder: Path) -> tuple[Wheel, ...]:
    """Return all wheels in a folder, by name."""
    return tuple(read_wheel(path) for path in sorted(folder.glob("*.whl")))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as pip and certutil write it."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def pip_list(wheels: Iterable[Wheel]) -> str:
    """Return wheels as a list that pip installs from, each with its hash: nothing else is accepted."""
    return "".join(f"{wheel.pin} --hash=sha256:{sha256_of(wheel.path)}\n" for wheel in wheels)


def sums_list(paths: Iterable[Path], folder: Path) -> str:
    """Return the hashes of files in a folder as `sha256sum -c` reads them."""
    return "".join(f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)
