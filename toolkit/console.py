"""What the commands print: data on standard output, messages on standard error, in whatever encoding there is."""

import codecs
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

from toolkit.outputs import json_text

_LOOKALIKES = {"›": ">", "√": "v", "×": "x", "＝": "=", "≤": "<=", "≥": ">=", "–": "-", "\xa0": " "}


def prepare_streams() -> None:
    """Make sure that no character can ever make a command die: what an encoding lacks is replaced."""
    codecs.register_error("gknb-lookalike", _lookalike)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="gknb-lookalike")


def _lookalike(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_LOOKALIKES.get(char, "?") for char in error.object[error.start : error.end]), error.end


def drop_output() -> None:
    """Whatever is still to be printed as data goes nowhere: its place is gone or full."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """A message to the user."""
    with suppress(OSError):
        print(message, file=sys.stderr)


def show(text: str) -> None:
    """Data, as text."""
    if sys.stdout is not None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


def show_json(data: Any) -> None:
    """Data as JSON; where the stream is not UTF-8, escaped, so that it means the same in every encoding."""
    show(json_text(data, ascii_only=not _is_utf8(sys.stdout)))


def _is_utf8(stream: TextIO) -> bool:
    try:
        return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"
    except LookupError:
        return False


def progress(done: int, total: int, name: str) -> None:
    """A line that is written over, on long work at a terminal."""
    if total >= 20 and sys.stderr.isatty():
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r\033[K[{done}/{total}] {name[-60:]}{end}")
        sys.stderr.flush()
