"""Being told to end: by Ctrl-C, by the system, by a terminal that is closed. All of them end a call in the same orderly
way, and nothing half done is left."""

import signal
from time import monotonic
from types import FrameType

INTERRUPTED = 130
"""The exit status of a call that was broken off."""
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_AGAIN = 1.0
"""Seconds in which a second signal is still the first: a key that is held down, a shutdown that asks twice."""
_last = float("-inf")


def listen() -> None:
    """From here on each of them raises KeyboardInterrupt, but for those that were to be ignored (``nohup``)."""
    for number in _numbers():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def finish() -> None:
    """Nothing is left to be ended."""
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


def _numbers() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _NAMES if name in signal.Signals.__members__]


def _end(_number: int, _frame: FrameType | None) -> None:
    global _last  # noqa: PLW0603
    now = monotonic()
    if now - _last > _AGAIN:
        _last = now
        raise KeyboardInterrupt
