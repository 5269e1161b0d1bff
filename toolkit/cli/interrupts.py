"""Signals that end the program: Ctrl-C, from the system, or from a terminal that is closed. All of them end a call in
the same orderly way, without half-written files."""

import signal
from time import monotonic
from types import FrameType

INTERRUPTED = 130
"""Exit status of a call that was broken off."""
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_REPEAT_SECONDS = 1.0
"""Seconds in which a second signal counts as the first one: a key that is held down, a shutdown that asks twice."""
_last = float("-inf")


def raise_on_signals() -> None:
    """From here on, raise KeyboardInterrupt on each of these signals, except those that are set to be ignored
    (``nohup``)."""
    for number in _numbers():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _raise)


def ignore_signals() -> None:
    """Ignore these signals from here on: no work is left that could be broken off."""
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


def _numbers() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _NAMES if name in signal.Signals.__members__]


def _raise(_number: int, _frame: FrameType | None) -> None:
    global _last  # noqa: PLW0603
    now = monotonic()
    if now - _last > _REPEAT_SECONDS:
        _last = now
        raise KeyboardInterrupt
