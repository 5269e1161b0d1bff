"""Finds out if a process is short of memory. A library often reports a failed allocation as a damaged file.

Before each file, a worker sets how much memory it may take. When a file then seems damaged, this is checked first.
"""

from contextlib import suppress
from pathlib import Path

MB = 2**20
PROBE = 16 * MB
"""Bytes that a process can still allocate when it is not short of memory."""
SHARE = 3
"""A buffer that grows by doubling asks for two more parts when it has one. So while less than a third is taken, no
allocation was refused."""
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
_watched: list[int] = []
"""The bytes that may be taken, and the bytes that were already taken when the file was begun. Empty without a limit."""


def watch_memory(most: int) -> None:
    """Begin to watch the memory that this process takes for a file. `most` is the number of bytes it may have in
    all."""
    with suppress(OSError):  # only Linux has this file
        _CLEAR.write_text(_RESET_PEAK)
    _watched[:] = [most, _peak()]


def is_short_of_memory() -> bool:
    """Return True if an allocation may have failed since `watch_memory` was called. Return False if it was never
    called."""
    if not _watched:
        return False
    most, before = _watched
    return (_peak() - before) * SHARE > most - before or not _can_allocate(PROBE)


def _peak() -> int:
    """Return the most memory that this process has taken, in bytes; 0 where it is not known."""
    with suppress(OSError, ValueError):
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
    return 0


def _can_allocate(size: int) -> bool:
    try:
        bytearray(size)
    except MemoryError:
        return False
    return True
