"""Prints for the commands: data to standard output, messages to standard error, in any encoding."""

import codecs
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, TextIO

from toolkit.batch import progress_line
from toolkit.batch.progress_line import Verdict
from toolkit.characters import one_line, terminal_text
from toolkit.files.write import json_text
from toolkit.problems import Problem

_LOOKALIKES = {"›": ">", "√": "v", "×": "x", "＝": "=", "≤": "<=", "≥": ">=", "–": "-", "\xa0": " ", "█": "#", "·": "."}


def prepare_streams() -> None:
    """Make sure that no character can make a command fail. A character that the encoding lacks is replaced in messages;
    in data it is refused, see `show_piece`."""
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
    """Discard what is still to be printed as data, because its target is closed or full."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """Print a message to the user on standard error."""
    with suppress(OSError):
        print(terminal_text(message), file=sys.stderr)


def show(text: str) -> None:
    """Print words for the user on standard output."""
    if sys.stdout is not None:
        sys.stdout.write(terminal_text(text if text.endswith("\n") else text + "\n"))


def show_piece(text: str) -> None:
    """Print a piece of data, unchanged. Raise Problem when standard output is closed or cannot write a character: data
    with question marks in it would be false."""
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
    """Print data as JSON. If the stream is not UTF-8, it is escaped, so that it means the same in every encoding."""
    show_piece(json_text(data, ascii_only=not is_utf8(sys.stdout)))


def is_utf8(stream: TextIO | None) -> bool:
    """Return True if a stream can write every character; also if it is closed and nothing is written."""
    if stream is None:
        return True
    try:
        return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"
    except LookupError:
        return False


LONG_WORK = 20
"""Number of files from which progress is shown."""
BAR = 24


class Progress:
    """A progress line at the bottom of a terminal: how much is done, and the time that is left. A program that runs the
    command gets lines of JSON instead, see `progress_line`."""

    def __init__(self) -> None:
        self._for_program = sys.stderr is not None and progress_line.is_asked_for()
        self._shown = sys.stderr is not None and sys.stderr.isatty() and not self._for_program
        self._start = self._last = monotonic()

    def at(self, done: int, total: int, name: str, verdicts: Sequence[Verdict] = ()) -> None:
        """Show that `done` of `total` files are done, the last of them called `name`. `verdicts` say what was
        found in it."""
        if self._for_program:
            with suppress(OSError):
                print(progress_line.written(done, total, name, verdicts), file=sys.stderr, flush=True)
            return
        now = monotonic()
        if not self._shown or total < LONG_WORK or (now - self._last < 0.1 and done < total):
            return
        self._last = now
        full = BAR * done // total
        left = (now - self._start) / done * (total - done)
        time = progress_line.time_left(left)
        end = "" if done < total else "\n"
        sys.stderr.write(
            f"\r\033[K[{'█' * full}{'·' * (BAR - full)}] {done}/{total} {time}  {one_line(name)[-40:]}{end}"
        )
        sys.stderr.flush()

    def clear(self) -> None:
        """Clear the line for a line of output."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
