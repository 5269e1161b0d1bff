"""Writes results: a file is complete or not there at all, and an existing file is only replaced when asked for."""

import json
import os
import platform
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from toolkit.files.protected_inputs import is_read
from toolkit.files.write_errors import Unwritable, in_words
from toolkit.problems import Problem


class OutputIsSource(Unwritable):
    """An output would overwrite a file that is read in the same command."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} 是这次要读的文件，不能用输出覆盖，加 --force 也不行。请换一个输出位置。")


def json_text(data: Any, ascii_only: bool = False) -> str:
    """Return data as JSON text with indentation. `ascii_only` writes other characters as escapes."""
    return json.dumps(data, ensure_ascii=ascii_only, indent=2) + "\n"


def refuse_existing(paths: Iterable[Path], force: bool) -> None:
    """Raise Problem when one of the outputs already exists and `force` is not set. Raise it in any case when the output
    is not a regular file, or is a file that this command reads."""
    for path in paths:
        if path.is_dir():
            raise Problem(f"{path} 是文件夹，不能写成文件。请换一个输出文件名。")
        if path.exists() and not path.is_file():
            raise Problem(f"{path} 不是普通文件（是设备或管道），不能写成输出。请换一个输出文件名。")
        if is_read(path):
            raise OutputIsSource(path)
        if not force and path.exists():
            raise Problem(f"{path} 已经存在，没有覆盖。要覆盖请加 --force，或换一个输出位置。")


def require_folder(path: Path) -> None:
    """Raise Problem when the name of an output folder is taken by a file."""
    if path.exists() and not path.is_dir():
        raise Problem(f"{path} 是文件，不是文件夹，不能往里写。请换一个输出位置。")


def require_writable(path: Path) -> None:
    """Raise Problem when a file that is to be replaced at the end of long work cannot be written, because it is open in
    another program. A file that does not exist yet is no obstacle."""
    with in_words(path, one_file=True):
        if path.exists():
            path.open("r+b").close()


def write_output(path: Path, content: bytes, force: bool = False) -> Path:
    """Write a file beside its place, move it there when it is complete, and return its path. Raise Problem when it
    cannot be written."""
    with atomic_file(path, force) as part:
        part.write_bytes(content)
    return path


@contextmanager
def atomic_file(path: Path, force: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write to. At the end of the block the file is moved to `path`; after an
    error it is removed.

    Raise Problem when it cannot be written.
    """
    with atomic_files([path], force) as (part,):
        yield part


@contextmanager
def atomic_files(paths: Sequence[Path], force: bool = False) -> Iterator[Sequence[Path]]:
    """Do the same as `atomic_file` for several files that belong together: all of them are moved to their places, or
    none is."""
    assert not any(_comparable(str(one)) == _comparable(str(other)) for one, other in combinations(paths, 2)), (
        "one place each"
    )
    refuse_existing(paths, force)
    parts: list[Path] = []
    try:
        for path in paths:
            require_folder(next(parent for parent in path.absolute().parents if parent.exists()))
            with in_words(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                _remove_leftovers(path.parent.absolute())
                _new_temporary(path, parts)
        with in_words(paths[0] if len(paths) == 1 else paths[0].parent):
            yield parts
            for part in parts:
                _flush(part)
        _move_all(list(zip(parts, paths, strict=True)))
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _flush(part: Path) -> None:
    """Flush a file to the disk, so that a full disk is reported now."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())


def _move_all(moves: Sequence[tuple[Path, Path]]) -> None:
    """Move files to their places. If one cannot be moved, restore what stood in the places of the others."""
    backups, copies = dict[Path, Path](), list[Path]()
    try:
        if len(moves) > 1:
            for path in (path for _, path in moves if path.exists()):
                with in_words(path):
                    backups[path] = _new_temporary(path, copies, ".old")
                    shutil.copy2(path, backups[path])
        for part, path in moves:
            try:
                with in_words(path, one_file=True):
                    size = part.stat().st_size
                    part.replace(path)
                _require_moved(path, size)
            except BaseException:
                _restore([path for _, path in moves], backups)
                raise
    finally:
        for copy in copies:
            with suppress(OSError):
                copy.unlink(missing_ok=True)


def _require_moved(path: Path, size: int) -> None:
    """Raise Unwritable when a file that was just moved is not in its place: no file is reported as written that is not
    there."""
    try:
        there = path.stat().st_size == size
    except OSError:
        there = False
    if not there:
        raise Unwritable(f"写不进 {path}：写完再看，文件不在或不完整，可能被别的程序移走。请再运行一次。")


def _restore(paths: Iterable[Path], backups: dict[Path, Path]) -> None:
    """Put the backups back in their places, and remove the new files that replaced nothing."""
    for path in paths if backups else ():
        with suppress(OSError):
            if path in backups:
                backups[path].replace(path)
            else:
                path.unlink(missing_ok=True)


_PART = re.compile(r"\.([^.]+)\.(\d+)\.[0-9a-f]+(?:\.old)?\.part\Z")
"""The end of a temporary file's name: the machine and the process that write it, and a random part."""


@cache
def _machine_name() -> str:
    return re.sub("[^0-9A-Za-z-]", "", platform.node())[:16] or "machine"


def _new_temporary(path: Path, parts: list[Path], kind: str = "") -> Path:
    """Create an empty file beside a place, under a name that nothing has: no file of this or another run, and no link
    that somebody put there. It is added to `parts`, the files to be removed, before it is there: a signal may come in
    between."""
    while True:
        own = f"{_machine_name()}.{os.getpid()}.{secrets.token_hex(6)}{kind}.part"
        part = path.with_name(f".{path.name[:30]}.{own}")
        parts.append(part)
        try:
            part.open("xb").close()
        except FileExistsError:
            parts.remove(part)
            continue
        return part


@cache
def _remove_leftovers(folder: Path) -> None:
    """Remove temporary files that killed runs on this machine left in the folder. Done once, before the first file is
    written into it."""
    with suppress(OSError):
        for part in folder.glob(".*.part"):
            left = _PART.search(part.name)
            if left and left[1] == _machine_name() and not _is_running(int(left[2])):
                with suppress(OSError):
                    part.unlink()


def _is_running(process: int) -> bool:
    """Return True if another process with this number is running. Our own process has written nothing yet."""
    import psutil

    return process != os.getpid() and psutil.pid_exists(process)


_ILLEGAL = set('<>:"/\\|?*')
_RESERVED = {
    *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"),
    *(f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"),
}
NAME_LIMIT, NAME_LENGTH = 220, 120
"""Limits of a name with its ending and its number: bytes, of which most systems allow 255, and UTF-16 units, of which
Windows allows 260 for all folders and the name."""


def file_name(text: str, suffix: str) -> str:
    """Return a file name made from `text` that is legal on Windows too, stays inside its folder and is not too long."""
    name = unicodedata.normalize("NFC", text)
    name = "".join("_" if char in _ILLEGAL or not char.isprintable() else char for char in name)
    name = _shortened(name, suffix).strip(" .") or "未命名"
    if name.split(".")[0].rstrip().upper() in _RESERVED or name.startswith("~$"):
        name = _shortened(f"_{name}", suffix)
    return name + suffix


def _shortened(stem: str, ending: str) -> str:
    """Return as much of a name as fits before its ending."""
    units = NAME_LENGTH - len(ending.encode("utf-16-le")) // 2
    stem = stem.encode("utf-16-le", errors="ignore")[: max(units, 1) * 2].decode("utf-16-le", errors="ignore")
    return stem.encode()[: max(NAME_LIMIT - len(ending.encode()), 4)].decode(errors="ignore")


def _comparable(name: str) -> str:
    """Return the form in which names are compared: a system may ignore capitals, or how an accented letter is
    composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def unique_namer() -> Callable[[str], str]:
    """Return a function that makes names unique: it returns each new name unchanged and numbers later ones of the same
    name （2）, （3）… Windows ignores capitals, a Mac ignores how an accent is written."""
    taken: dict[str, int] = {}

    def unique(name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        candidate, number = name, taken.get(_comparable(name), 0)
        while _comparable(candidate) in taken:
            number += 1
            ending = f"（{number + 1}）{dot}{suffix}"
            candidate = _shortened(stem, ending) + ending
        taken[_comparable(name)] = number
        taken.setdefault(_comparable(candidate), 0)
        return candidate

    return unique
