"""Reads the rows of a sheet through calamine, so that every value is a text or a finite number.

Dates, times, truth values and numbers that are not finite (a damaged or hand-made file may hold them) become the words
that a person would read in the cell. Later code need not know about them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from math import isfinite, isnan
from typing import Any

NO_NUMBER, BEYOND = "（不是数）", "（大得放不下的数）"
_STDERR = 2


class TimeOutOfRange(ValueError):
    """A sheet has a date or a time that is too large for any program to show."""


def rows_of(sheet: Any) -> list[list[Any]]:
    """Return the rows of a calamine sheet. Raise TimeOutOfRange, and whatever calamine raises for a damaged sheet."""
    try:
        with _stderr_silenced():
            rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    except OverflowError:
        raise TimeOutOfRange from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a panic in calamine's Rust is not an Exception
            raise
        raise TimeOutOfRange from None
    return [[cell_words(value) for value in row] if any(map(_is_unusual, row)) else row for row in rows]


def _is_unusual(value: Any) -> bool:
    kind = type(value)
    return kind is not str and (kind is not float or not isfinite(value))


def cell_words(value: Any) -> Any:
    """Return a text or a finite number as it is, any other value as the words that a person would read in the cell."""
    match value:
        case bool():
            return str(value).upper()
        case float() if not isfinite(value):
            return NO_NUMBER if isnan(value) else BEYOND
        case str() | int() | float():
            return value
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "seconds")
        case time():
            return value.isoformat("seconds")
        case date():
            return value.isoformat()
        case timedelta():
            return _hours(value)
    return "" if value is None else str(value)


def _hours(length: timedelta) -> str:
    """Return a length of time as the format [h]:mm:ss shows it."""
    seconds = abs(length) // timedelta(seconds=1)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{'-' if length < timedelta() else ''}{hour}:{minute:02}:{second:02}"


@contextmanager
def _stderr_silenced() -> Iterator[None]:
    """Suppress the English text that a failure in Rust prints on the terminal by itself."""
    try:
        kept = os.dup(_STDERR)
    except OSError:  # the process has no stderr
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDERR)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
