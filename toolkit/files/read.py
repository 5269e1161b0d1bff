"""Opens a returned file for reading only."""

import os
import stat
from pathlib import Path
from typing import IO

from toolkit.files.limits import MB, STANDARD_LIMITS, Limits
from toolkit.problems import Unreadable

PIECE = 4 * MB
_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
"""With these flags, a pipe that nobody writes to is opened without waiting, and then refused."""
SPECIAL = "不是普通文件（是设备或管道）"


def open_regular(path: Path) -> IO[bytes]:
    """Open a file for reading. Every file that somebody else may have put there is opened here. The opened file itself
    is checked, so nobody can exchange it between check and reading.

    Raise Unreadable for a device or a pipe, which would never end, and OSError when the file cannot be opened.
    """
    descriptor = os.open(path, _READING)
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError
        if not stat.S_ISREG(kind):
            raise Unreadable(f"{SPECIAL}，没有读。", "other-kind")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_bytes(path: Path, limits: Limits = STANDARD_LIMITS) -> bytes:
    """Return the bytes of a file.

    Raise Unreadable with the reason and what to do. A file that is too large is not read at all.
    """
    try:
        with open_regular(path) as file:
            content = read_at_most(file, limits.size * MB + 1)
    except IsADirectoryError:
        raise Unreadable("文件夹里的内容看不到。请检查是否有权限。", "no-access") from None
    except (PermissionError, BlockingIOError):
        raise Unreadable("没有读取权限，或文件正被其他程序占用。请关闭后再试。", "no-access") from None
    except OSError:
        if _is_special(path):  # a socket cannot even be opened
            raise Unreadable(f"{SPECIAL}，没有读。", "other-kind") from None
        raise Unreadable("文件打不开。请检查文件是否还在、磁盘或网络是否正常。", "no-access") from None
    require_small(content, limits)
    return content


def read_whole(path: Path) -> bytes:
    """Return the bytes of a file that belongs to us or to the office, such as a form definition.

    Raise OSError when it cannot be read, also for a device, a pipe, and a file of more than 100 MB.
    """
    try:
        with open_regular(path) as file:
            content = read_at_most(file, STANDARD_LIMITS.size * MB + 1)
        require_small(content, STANDARD_LIMITS)
    except Unreadable as problem:
        raise OSError(problem.message) from None
    return content


def _is_special(path: Path) -> bool:
    """Return True if the path is a device, a pipe or a socket."""
    try:
        return not path.is_file() and not path.is_dir() and path.exists()
    except OSError:
        return False


def read_at_most(file: IO[bytes], most: int) -> bytes:
    """Return at most `most` bytes of a file. It is read in pieces: one call would reserve memory for all of them."""
    pieces, left = list[bytes](), most
    while left and (piece := file.read(min(left, PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def read_source(source: IO[bytes], limits: Limits) -> bytes:
    """Return the bytes of an opened file. Raise Unreadable when it is larger than a file may be."""
    content = read_at_most(source, limits.size * MB + 1)
    require_small(content, limits)
    return content


def require_small(content: bytes, limits: Limits, what: str = "文件") -> None:
    """Raise Unreadable when the content is larger than a file may be. `what` names the file in the message."""
    if len(content) > limits.size * MB:
        raise too_large(f"{what}超过 {limits.size} MB", f"size={2 * limits.size}")


def too_large(what: str, change: str) -> Unreadable:
    """Return the Unreadable for a file that is over a limit. `change` is the --limit option that would allow it."""
    return Unreadable(
        f"{what}，远超过一份填报表或报告应有的，没有读取。请检查是不是放错了文件；确实要读的，请加 --limit {change}。",
        "too-large",
    )
