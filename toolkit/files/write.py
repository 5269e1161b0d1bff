"""Writing results: whole or not at all, and never over something that is there unless asked to."""

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

from toolkit.files.read_files import is_read
from toolkit.files.write_errors import Unwritable, in_words
from toolkit.problems import Problem


class OwnSource(Unwritable):
    """An output that would take the place of a file that is read in the same call."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} 是这次要读的文件，不能用输出覆盖，加 --force 也不行。请换一个输出位置。")


def json_text(data: Any, ascii_only: bool = False) -> str:
    """JSON as people can read it."""
    return json.dumps(data, ensure_ascii=ascii_only, indent=2) + "\n"


def refuse_existing(paths: Iterable[Path], force: bool) -> None:
    """Raise Problem when one of the outputs is there already and `force` was not given; in any case when it is no
    plain file, or a file that is read in this call."""
    for path in paths:
        if path.is_dir():
            raise Problem(f"{path} 是文件夹，不能写成文件。请换一个输出文件名。")
        if path.exists() and not path.is_file():
            raise Problem(f"{path} 不是普通文件（是设备或管道），不能写成输出。请换一个输出文件名。")
        if is_read(path):
            raise OwnSource(path)
        if not force and path.exists():
            raise Problem(f"{path} 已经存在，没有覆盖。要覆盖请加 --force，或换一个输出位置。")


def require_folder(path: Path) -> None:
    """Raises Problem when an output folder's name is taken by a file."""
    if path.exists() and not path.is_dir():
        raise Problem(f"{path} 是文件，不是文件夹，不能往里写。请换一个输出位置。")


def require_writable(path: Path) -> None:
    """Raises Problem when a file that is to be replaced at the end of long work cannot be, because it is open
    elsewhere; where it is not there yet, nothing stands in the way."""
    with in_words(path, one_file=True):
        if path.exists():
            path.open("r+b").close()


def write_output(path: Path, content: bytes, force: bool = False) -> Path:
    """Write one file beside its place and move it there when it is complete."""
    with whole_file(path, force) as part:
        part.write_bytes(content)
    return path


@contextmanager
def whole_file(path: Path, force: bool = False) -> Iterator[Path]:
    """A place beside `path` to write to; what was written is moved to `path` when all has gone well, else it is gone.

    Raises Problem when it cannot be written.
    """
    with whole_files([path], force) as (part,):
        yield part


@contextmanager
def whole_files(paths: Sequence[Path], force: bool = False) -> Iterator[Sequence[Path]]:
    """Like `whole_file` for several that belong together: all of them are moved to their places, or none."""
    assert not any(_same(str(one)) == _same(str(other)) for one, other in combinations(paths, 2)), "one place each"
    refuse_existing(paths, force)
    parts: list[Path] = []
    try:
        for path in paths:
            require_folder(next(parent for parent in path.absolute().parents if parent.exists()))
            with in_words(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                _sweep(path.parent.absolute())
                parts.append(_new_beside(path))
        with in_words(paths[0] if len(paths) == 1 else paths[0].parent):
            yield parts
            for part in parts:
                _save(part)
        _move(list(zip(parts, paths, strict=True)))
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _save(part: Path) -> None:
    """What was written is on the disk from here on, or the disk says now that it is full."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())


def _move(moves: Sequence[tuple[Path, Path]]) -> None:
    """Move files to their places; where one cannot be moved, what stood in the places of the others comes back."""
    kept = dict[Path, Path]()
    try:
        if len(moves) > 1:
            for path in (path for _, path in moves if path.exists()):
                with in_words(path):
                    kept[path] = _new_beside(path, ".old")
                    shutil.copy2(path, kept[path])
        for part, path in moves:
            try:
                with in_words(path, one_file=True):
                    size = part.stat().st_size
                    part.replace(path)
                _require_there(path, size)
            except BaseException:
                _take_back([path for _, path in moves], kept)
                raise
    finally:
        for copy in kept.values():
            with suppress(OSError):
                copy.unlink(missing_ok=True)


def _require_there(path: Path, size: int) -> None:
    """Raise Unwritable when what was just moved to its place is not there: nobody is told of a file that is not."""
    try:
        there = path.stat().st_size == size
    except OSError:
        there = False
    if not there:
        raise Unwritable(f"写不进 {path}：写完再看，文件不在或不完整，可能被别的程序移走。请再运行一次。")


def _take_back(paths: Iterable[Path], kept: dict[Path, Path]) -> None:
    for path in paths if kept else ():
        with suppress(OSError):
            if path in kept:
                kept[path].replace(path)
            else:
                path.unlink(missing_ok=True)


_PART = re.compile(r"\.([^.]+)\.(\d+)\.[0-9a-f]+(?:\.old)?\.part\Z")
"""How the name of a file ends that is being written: the machine and the process that write it, and what no other such
file has."""


@cache
def _machine() -> str:
    return re.sub("[^0-9A-Za-z-]", "", platform.node())[:16] or "machine"


def _new_beside(path: Path, kind: str = "") -> Path:
    """Make an empty file beside a place, under a name that nothing has: not a file of this run, of another run, nor a
    link that somebody has put there."""
    while True:
        own = f"{_machine()}.{os.getpid()}.{secrets.token_hex(6)}{kind}.part"
        part = path.with_name(f".{path.name[:30]}.{own}")
        try:
            part.open("xb").close()
        except FileExistsError:
            continue
        return part


@cache
def _sweep(folder: Path) -> None:
    """Remove, before the first file is written into a folder, what runs on this machine left there that were killed."""
    with suppress(OSError):
        for part in folder.glob(".*.part"):
            left = _PART.search(part.name)
            if left and left[1] == _machine() and not _runs(int(left[2])):
                with suppress(OSError):
                    part.unlink()


def _runs(process: int) -> bool:
    """Whether another process of this number is there; our own has written nothing yet."""
    import psutil

    return process != os.getpid() and psutil.pid_exists(process)


_ILLEGAL = set('<>:"/\\|?*')
_RESERVED = {
    *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"),
    *(f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"),
}
NAME_LIMIT, NAME_LENGTH = 220, 120
"""Of a name with its ending and its number: bytes, of which most systems take 255, and UTF-16 units, of which Windows
takes 260 for all folders and the name."""


def file_name(text: str, suffix: str) -> str:
    """A file name made from a text that is legal on Windows too, stays inside its folder and is not too long."""
    name = unicodedata.normalize("NFC", text)
    name = "".join("_" if char in _ILLEGAL or not char.isprintable() else char for char in name)
    name = _cut(name, suffix).strip(" .") or "未命名"
    if name.split(".")[0].rstrip().upper() in _RESERVED or name.startswith("~$"):
        name = _cut(f"_{name}", suffix)
    return name + suffix


def _cut(stem: str, ending: str) -> str:
    """As much of a name as has room before its ending."""
    units = NAME_LENGTH - len(ending.encode("utf-16-le")) // 2
    stem = stem.encode("utf-16-le", errors="ignore")[: max(units, 1) * 2].decode("utf-16-le", errors="ignore")
    return stem.encode()[: max(NAME_LIMIT - len(ending.encode()), 4)].decode(errors="ignore")


def _same(name: str) -> str:
    """What is one name to a system that knows neither capitals nor how a letter is put together."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def unique_namer() -> Callable[[str], str]:
    """Gives each name back, later ones of a kind numbered （2）, （3）… ; case does not tell names apart on Windows,
    how an accent is written does not on a Mac."""
    taken: dict[str, int] = {}

    def unique(name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        candidate, number = name, taken.get(_same(name), 0)
        while _same(candidate) in taken:
            number += 1
            ending = f"（{number + 1}）{dot}{suffix}"
            candidate = _cut(stem, ending) + ending
        taken[_same(name)] = number
        taken.setdefault(_same(candidate), 0)
        return candidate

    return unique
