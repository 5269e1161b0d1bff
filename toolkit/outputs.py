"""Writing results: whole or not at all, and never over something that is there unless asked to."""

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from toolkit.problems import Problem


def json_text(data: Any, ascii_only: bool = False) -> str:
    """JSON as people can read it."""
    return json.dumps(data, ensure_ascii=ascii_only, indent=2) + "\n"


def refuse_existing(paths: Iterable[Path], force: bool) -> None:
    """Raises Problem when one of the outputs is there already and `force` was not given."""
    for path in paths:
        if path.is_dir():
            raise Problem(f"{path} 是文件夹，不能写成文件。请换一个输出文件名。")
        if not force and path.exists():
            raise Problem(f"{path} 已经存在，没有覆盖。要覆盖请加 --force，或换一个输出位置。")


def require_folder(path: Path) -> None:
    """Raises Problem when an output folder's name is taken by a file."""
    if path.exists() and not path.is_dir():
        raise Problem(f"{path} 是文件，不是文件夹，不能往里写。请换一个输出位置。")


def require_writable(path: Path) -> None:
    """Raises Problem when a file that is to be replaced at the end of long work cannot be, because it is open
    elsewhere; where it is not there yet, nothing stands in the way."""
    try:
        if path.exists():
            path.open("r+b").close()
    except OSError:
        raise Problem(f"写不进 {path}：没有写入权限，或该文件正在 Excel、WPS 中打开。请关闭后再试。") from None


def write_output(path: Path, content: bytes, force: bool = False) -> Path:
    """Write one file beside its place and move it there when it is complete."""
    with whole_file(path, force) as part, part.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


@contextmanager
def whole_file(path: Path, force: bool = False) -> Iterator[Path]:
    """A place beside `path` to write to; what was written is moved to `path` when all has gone well, else it is gone.

    Raises Problem when it cannot be written.
    """
    refuse_existing([path], force)
    require_folder(next(parent for parent in path.absolute().parents if parent.exists()))
    part = path.with_name(f".{path.name[:40]}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except PermissionError:
        raise Problem(f"写不进 {path}：没有写入权限，或该文件正在 Excel、WPS、Word 中打开。请关闭后再试。") from None
    except OSError as error:
        raise Problem(f"写不进 {path}：{_reason(error)}。请换一个输出位置再试。") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return {
        errno.ENOSPC: "磁盘已满",
        errno.EROFS: "该位置是只读的",
        errno.ENAMETOOLONG: "文件名太长",
        errno.EEXIST: "另一个程序正在写同一个文件",
    }.get(error.errno or 0, "磁盘、网络或文件名有问题")


_ILLEGAL = set('<>:"/\\|?*')
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))}
NAME_LIMIT = 200
"""Bytes; a name may have 255 with its ending and a number."""


def file_name(text: str, suffix: str) -> str:
    """A file name made from a text that is legal on Windows too and stays inside its folder."""
    name = "".join("_" if char in _ILLEGAL or not char.isprintable() else char for char in text)
    name = name.encode(errors="ignore")[:NAME_LIMIT].decode(errors="ignore").strip(" .") or "未命名"
    if name.split(".")[0].upper() in _RESERVED:
        name = f"_{name}"
    return name + suffix


def unique_namer() -> Callable[[str], str]:
    """Gives each name back, later ones of a kind numbered （2）, （3）… ; case does not tell names apart on Windows."""
    taken: dict[str, int] = {}

    def unique(name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        candidate, number = name, taken.get(name.casefold(), 0)
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{stem}（{number + 1}）{dot}{suffix}"
        taken[name.casefold()] = number
        taken.setdefault(candidate.casefold(), 0)
        return candidate

    return unique
