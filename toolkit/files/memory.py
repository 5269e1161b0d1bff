"""Tells whether a process is short of memory: what a library makes of a failed allocation often looks like damage.

A worker says before each file how much memory it may take. When a file then seems damaged, this is asked first.
"""

from contextlib import suppress
from pathlib import Path

MB = 2**20
PROBE = 16 * MB
"""Bytes that a process that is not short of memory can still have."""
SHARE = 3
"""What is grown by doubling asks for two more parts when it has one: with less than a third taken, none was refused."""
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
_watched: list[int] = []
"""The bytes that may be taken, and those that were taken already when the file was begun; nothing without a bound."""


def watch_memory(most: int) -> None:
    """Begin to watch how much memory this process takes for a file, of `most` bytes that it may have in all."""
    with suppress(OSError):  # elsewhere than on Linux
        _CLEAR.write_text(_RESET_PEAK)
    _watched[:] = [most, _peak()]


def is_short_of_memory() -> bool:
    """Return True if an allocation may have failed since `watch_memory` was called; False where it never was."""
    if not _watched:
        return False
    most, before = _watched
    return (_peak() - before) * SHARE > most - before or not _has(PROBE)


def _peak() -> int:
    """The most memory that this process has taken, in bytes; 0 where that cannot be told."""
    with suppress(OSError, ValueError):
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
    return 0


def _has(size: int) -> bool:
    try:
        bytearray(size)
    except MemoryError:
        return False
    return True
