"""What the commands print: data on standard output, messages on standard error, in whatever encoding there is."""

import codecs
import os
import sys
from contextlib import suppress
from time import monotonic
from typing import Any, TextIO

from toolkit.characters import one_line, terminal_text
from toolkit.files.write import json_text
from toolkit.problems import Problem

_LOOKALIKES = {"›": ">", "√": "v", "×": "x", "＝": "=", "≤": "<=", "≥": ">=", "–": "-", "\xa0": " ", "█": "#", "·": "."}


def prepare_streams() -> None:
    """Make sure that no character can ever make a command die: what an encoding lacks is replaced in words; in data it
    is refused, see `show_piece`."""
    codecs.register_error("gknb-lookalike", _lookalike)
    codecs.register_error("gknb-data", _lookalike_or_none)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="gknb-lookalike")


def _lookalike(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_LOOKALIKES.get(char, "?") for char in error.object[error.start : error.end]), error.end


def _lookalike_or_none(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    if any(char not in _LOOKALIKES for char in error.object[error.start : error.end]):
        raise error
    return _lookalike(error)


def drop_output() -> None:
    """Whatever is still to be printed as data goes nowhere: its place is gone or full."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """A message to the user."""
    with suppress(OSError):
        print(terminal_text(message), file=sys.stderr)


def show(text: str) -> None:
    """Words for the user on standard output."""
    if sys.stdout is not None:
        sys.stdout.write(terminal_text(text if text.endswith("\n") else text + "\n"))


def show_piece(text: str) -> None:
    """A piece of data, as it is. Raises Problem where standard output is closed, or has no way to write a character:
    data with question marks in it would be false."""
    if sys.stdout is None:
        raise Problem("标准输出是关着的，数据没有地方写。请用 -o 写到文件，或用 > 写到文件。")
    if not is_utf8(sys.stdout):
        try:
            text.encode(sys.stdout.encoding, "gknb-data")
        except UnicodeEncodeError as error:
            char = error.object[error.start]
            raise Problem(
                f"屏幕或标准输出的编码（{sys.stdout.encoding}）写不了“{char}”等字，没有写完。"
                "请用 -o 写到文件，或把编码设为 UTF-8（环境变量 PYTHONIOENCODING=utf-8）再试。"
            ) from None
    sys.stdout.write(text)


def show_json(data: Any) -> None:
    """Data as JSON; where the stream is not UTF-8, escaped, so that it means the same in every encoding."""
    show_piece(json_text(data, ascii_only=not is_utf8(sys.stdout)))


def is_utf8(stream: TextIO | None) -> bool:
    """Whether a stream can hold every character; one that is closed takes none at all."""
    if stream is None:
        return True
    try:
        return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"
    except LookupError:
        return False


LONG_WORK = 20
"""So many files take long enough for progress to be shown."""
BAR = 24


class Progress:
    """A line at the bottom of a terminal, written over on long work: how far it is, and how long it will take."""

    def __init__(self) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()
        self._start = self._last = monotonic()

    def at(self, done: int, total: int, name: str) -> None:
        """So many are done, the last of them called `name`."""
        now = monotonic()
        if not self._shown or total < LONG_WORK or (now - self._last < 0.1 and done < total):
            return
        self._last = now
        full = BAR * done // total
        left = (now - self._start) / done * (total - done)
        time = f"还需约 {left / 60:.0f} 分钟" if left >= 90 else f"还需约 {left:.0f} 秒"
        end = "" if done < total else "\n"
        sys.stderr.write(
            f"\r\033[K[{'█' * full}{'·' * (BAR - full)}] {done}/{total} {time}  {one_line(name)[-40:]}{end}"
        )
        sys.stderr.flush()

    def clear(self) -> None:
        """Make room for a line of output."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
