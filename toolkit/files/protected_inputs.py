"""A record of the files that a command reads (本次要读的文件): no output of the command may overwrite one of them.

The command line opens such a record around each command. Code that is given a file to read notes it here, and code that
writes a file asks here first. Without a record, nothing is noted and nothing is refused: a program that uses the
library knows itself what it reads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_noted: ContextVar[set[int] | None] = ContextVar("files_read", default=None)


@contextmanager
def protecting_read_files() -> Iterator[None]:
    """Keep a record of the files that are read, until the end of the block."""
    token = _noted.set(set())
    try:
        yield
    finally:
        _noted.reset(token)


def note_read(path: Path) -> None:
    """Note a file that this command reads. A name without a file behind it is not noted."""
    noted = _noted.get()
    if noted is not None and (number := _file_number(path)) is not None:
        noted.add(number)


def forget_read(path: Path) -> None:
    """Take a file off the record: it turned out to be an earlier output of ours, not something to read."""
    noted = _noted.get()
    if noted is not None and (number := _file_number(path)) is not None:
        noted.discard(number)


def is_read(path: Path) -> bool:
    """Return True if the file exists and this command reads it, whatever name or link leads to it."""
    noted = _noted.get()
    return noted is not None and _file_number(path) in noted


def _file_number(path: Path) -> int | None:
    """Return a number that identifies the file among all files on all disks, or None if there is no file."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return stat.st_dev << 64 | stat.st_ino
