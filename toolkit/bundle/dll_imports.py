"""Reads which libraries a Windows program file (.pyd, .dll) asks for, and says which of them the office's machine would
not have: what only an installed compiler run-time brings is found here, not in the office."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

AMD64 = 0x8664
_OF_WINDOWS = (
    "advapi32 bcrypt bcryptprimitives cabinet comctl32 comdlg32 crypt32 dbghelp dnsapi dwmapi gdi32 gdiplus imm32 "
    "iphlpapi kernel32 mpr msimg32 msvcrt ncrypt netapi32 normaliz ntdll ole32 oleaut32 pdh powrprof propsys psapi "
    "rpcrt4 secur32 setupapi shell32 shlwapi ucrtbase user32 userenv usp10 uxtheme version winhttp wininet winmm "
    "winspool wintrust ws2_32 wsock32 wtsapi32"
)
"""Libraries that every Windows 10 has, without `.dll`; so are all whose name begins with `api-ms-win-`."""
_IMPORTS, _DELAYED = 1, 13


class NotAProgram(Exception):
    """A file is not a Windows program file, or a damaged one."""


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """What a Windows program file says of itself: the number of its kind of machine, and the libraries it asks for."""

    machine: int
    imports: frozenset[str]


def read_program(content: bytes) -> ProgramFile:
    """Return what a Windows program file says of itself. Raise NotAProgram if it is none."""
    try:
        return _read(content)
    except (struct.error, IndexError, ValueError) as error:
        raise NotAProgram from error


def absent_libraries(folder: Path, carried: Iterable[str]) -> list[str]:
    """Return one sentence for each program file under a folder that does not run on a 64-bit Windows, or that asks for
    a library which neither Windows has, nor the folder, nor `carried`."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".pyd", ".dll"))
    there = {path.name.lower() for path in files} | {name.lower() for name in carried}
    faults = []
    for path in files:
        name = path.relative_to(folder).as_posix()
        try:
            program = read_program(path.read_bytes())
        except NotAProgram:
            faults.append(f"{name} 不是 Windows 的程序文件，或已损坏")
            continue
        if program.machine != AMD64:
            faults.append(f"{name} 不是 64 位 Windows（amd64）的")
        lacking = sorted(one for one in program.imports if one not in there and not _is_of_windows(one))
        faults += [f"{name} 要用 {one}，Windows 和包里都没有" for one in lacking]
    return faults


def _is_of_windows(library: str) -> bool:
    stem = library.removesuffix(".dll").removesuffix(".drv")
    return stem in _OF_WINDOWS.split() or stem.startswith(("api-ms-win-", "ext-ms-win-"))


def _read(content: bytes) -> ProgramFile:
    if content[:2] != b"MZ":
        raise ValueError
    (start,) = struct.unpack_from("<I", content, 0x3C)
    if content[start : start + 4] != b"PE\0\0":
        raise ValueError
    machine, sections, _, _, _, optional_size, _ = struct.unpack_from("<HHIIIHH", content, start + 4)
    optional = start + 24
    (magic,) = struct.unpack_from("<H", content, optional)
    directories = optional + {0x10B: 96, 0x20B: 112}[magic] if magic in (0x10B, 0x20B) else -1
    if directories < 0:
        raise ValueError
    table = [struct.unpack_from("<8sIIII", content, optional + optional_size + 40 * n)[1:] for n in range(sections)]
    names = set[str]()
    for directory, size, field in ((_IMPORTS, 20, 12), (_DELAYED, 32, 4)):
        (address,) = struct.unpack_from("<I", content, directories + 8 * directory)
        place = _offset(address, table) if address else len(content)
        while place + size <= len(content):
            (name,) = struct.unpack_from("<I", content, place + field)
            if not name:
                break
            where = _offset(name, table)
            names.add(content[where : content.index(b"\0", where)].decode("ascii").lower())
            place += size
    return ProgramFile(machine, frozenset(names))


def _offset(address: int, table: list[tuple[int, ...]]) -> int:
    """Return where an address of the loaded program stands in the file."""
    for virtual_size, virtual, raw_size, raw in table:
        if virtual <= address < virtual + max(virtual_size, raw_size):
            return address - virtual + raw
    raise ValueError
