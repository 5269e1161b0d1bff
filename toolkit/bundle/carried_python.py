"""The Python that a bundle carries (随带的 Python): python.org's embeddable package (可嵌入包) for Windows, or an
archive of a Python for Linux that runs from any folder. Its hash is compared before anything of it is looked at.
"""

import io
import re
import tarfile
import zipfile
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from toolkit.bundle.archives import PackedFile, tar_members, unpack, zip_members
from toolkit.bundle.dll_imports import AMD64, NotAProgram, read_program
from toolkit.bundle.targets import LOWEST_PYTHON, TARGETS, Target, python_numbers
from toolkit.problems import Problem

WHERE_FROM = (
    "做 Windows 的包，要有 Python 的可嵌入包：在 python.org 的下载页（Downloads › Windows）取 "
    "Windows embeddable package (64-bit)，文件名是 python-3.x.y-embed-amd64.zip，用 --python 指出；"
    "再用 --sha256 写出它的 SHA-256。算法：Windows 上是 certutil -hashfile 文件 SHA256，Linux 上是 sha256sum 文件；"
    "请与官网公布的校验值或签名核对过，再写进来。"
)
PACKAGES = "Lib/site-packages"
"""Where the wheels are unpacked beside python.exe."""
_LIMIT = 300_000_000
_ELF_MACHINES = {62: "x86_64", 183: "aarch64"}


@dataclass(frozen=True, slots=True)
class CarriedPython:
    """A Python archive whose hash was right. `version` is such as 3.11."""

    source: str
    content: bytes
    version: str
    target: Target

    def unpack(self, into: Path) -> None:
        """Write this Python into a folder. On Windows, its packages are those in the folder and no others: neither the
        user's own, nor those of another Python on the machine."""
        if self.target.system == "Linux":
            with tarfile.open(fileobj=io.BytesIO(self.content), mode="r:*") as archive:
                _write(_needed_on_linux(tar_members(archive, self.source), self.version), into)
            return
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            _write(zip_members(archive, self.source), into)
        stem = f"python{self.version.replace('.', '')}"
        lines = (f"{stem}.zip", ".", PACKAGES.replace("/", "\\"))
        (into / f"{stem}._pth").write_bytes("".join(f"{line}\r\n" for line in lines).encode("ascii"))

    @property
    def packages(self) -> str:
        """Where the wheels are unpacked, relative to the folder of this Python."""
        return PACKAGES if self.target.system == "Windows" else f"lib/python{self.version}/site-packages"


def read_carried_python(path: Path, digest: str) -> CarriedPython:
    """Return the Python in an archive. Raise Problem if its hash is not `digest`, or it is none that can be carried."""
    try:
        if path.stat().st_size > _LIMIT:
            raise Problem(f"{path} 太大，不像是 Python 的压缩包。请换一个文件。")
        content = path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} 读不出。请检查 --python 写的路径。") from error
    require_digest(content, digest, path.name)
    if content[:2] == b"PK":
        return _of_windows(content, path.name)
    return _of_linux(content, path.name)


def require_digest(content: bytes, digest: str, source: str) -> None:
    """Raise Problem if bytes do not have the SHA-256 that was given."""
    asked = re.sub(r"\s", "", digest).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", asked):
        raise Problem(f"--sha256 要写 {source} 的 SHA-256：64 个数字和字母 a 至 f。")
    found = sha256(content).hexdigest()
    if found != asked:
        raise Problem(
            f"{source} 的 SHA-256 是 {found}，不是给出的 {asked}，没有打开它。"
            "文件可能不完整或被换过，请重新从官网下载。"
        )


def _of_windows(content: bytes, source: str) -> CarriedPython:
    other = f"{source} 不是 Windows 的可嵌入包。{WHERE_FROM}"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {member.name.lower(): member for member in zip_members(archive, source)}
            stems = {name.removesuffix("._pth") for name in members if re.fullmatch(r"python3\d+\._pth", name)}
            if len(stems) != 1:
                raise Problem(other)
            (stem,) = stems
            if not {"python.exe", f"{stem}.dll", f"{stem}.zip"} <= members.keys():
                raise Problem(other)
            machines = [
                read_program(archive.read(members[name].name)).machine for name in ("python.exe", f"{stem}.dll")
            ]
    except (zipfile.BadZipFile, NotAProgram) as error:
        raise Problem(other) from error
    if set(machines) != {AMD64}:
        raise Problem(f"{source} 不是 64 位 Intel、AMD 电脑用的（amd64）。{WHERE_FROM}")
    return _recent(CarriedPython(source, content, f"3.{stem.removeprefix('python3')}", TARGETS["windows"]))


def _of_linux(content: bytes, source: str) -> CarriedPython:
    other = (
        f"{source} 不是能随带的 Python：要 Windows 的可嵌入包（.zip），"
        "或 Linux 上放在哪里都能运行的 Python（.tar.gz，里面是 python/bin/python3.x 和 python/lib）。"
    )
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as archive:
            programs = {
                found[1]: member
                for member in tar_members(archive, source)
                if (found := re.fullmatch(r"python/bin/python(3\.\d+)", member.name))
            }
            if len(programs) != 1:
                raise Problem(other)
            ((version, program),) = programs.items()
            with program.open() as file:
                head = file.read(1 << 16)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Problem(other) from error
    machine = _ELF_MACHINES.get(int.from_bytes(head[18:20], "little")) if head[:4] == b"\x7fELF" else None
    if machine is None or b"ld-musl" in head:
        raise Problem(f"{source} 里的 Python 不是 x86_64 或 aarch64 的，或不是用 glibc 的。{other}")
    return _recent(CarriedPython(source, content, version, TARGETS[f"linux-{machine}"]))


def _recent(python: CarriedPython) -> CarriedPython:
    if python_numbers(python.version) < LOWEST_PYTHON:
        raise Problem(f"{python.source} 是 Python {python.version}，太旧了：要 3.11 以上。")
    return python


def _needed_on_linux(members: list[PackedFile], version: str) -> list[PackedFile]:
    """Return the files that Python needs to run, with their names under the folder of this Python."""
    folder = f"python/lib/python{version}/"
    unused = {"test", "idlelib", "turtledemo", "ensurepip", "site-packages"}
    kept = []
    for member in members:
        inside = PurePosixPath(member.name.removeprefix(folder)).parts[0]
        library = member.name.startswith(folder) and inside not in unused
        if library or member.name.startswith(("python/lib/libpython", f"python/bin/python{version}")):
            kept.append(replace(member, name=member.name.removeprefix("python/")))
    return kept


def _write(members: list[PackedFile], into: Path) -> None:
    for _ in unpack(members, into):
        pass
