"""The files that a call reads (本次要读的文件): no output of the call may take the place of one of them.

The command line opens such a record around each call. Whatever names a file to be read notes it here, and whatever
writes a file asks here first. Without a record nothing is noted and nothing is refused: a program that uses the
library knows itself what it reads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_noted: ContextVar[set[int] | None] = ContextVar("files_read", default=None)


@contextmanager
def protecting_read_files() -> Iterator[None]:
    """Keep a record of the files that are read until the end of the block."""
    token = _noted.set(set())
    try:
        yield
    finally:
        _noted.reset(token)


def note_read(path: Path) -> None:
    """Note a file that is read in this call; a name with nothing behind it is not noted."""
    noted = _noted.get()
    if noted is not None and (mark := _mark(path)) is not None:
        noted.add(mark)


def forget_read(path: Path) -> None:
    """Take back what was noted of a file that turned out to be an earlier output of ours, and not to be read."""
    noted = _noted.get()
    if noted is not None and (mark := _mark(path)) is not None:
        noted.discard(mark)


def is_read(path: Path) -> bool:
    """Return True if a file is there and is read in this call, whatever name or link leads to it."""
    noted = _noted.get()
    return noted is not None and _mark(path) in noted


def _mark(path: Path) -> int | None:
    """What tells a file from every other one on all disks."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return stat.st_dev << 64 | stat.st_ino
