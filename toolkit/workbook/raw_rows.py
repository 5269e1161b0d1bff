"""Reads the rows of a sheet through calamine, so that every value is a text or a number that is finite.

Dates, times, truth values and numbers that are none (a damaged or hand-made file may hold them) become the words that
a person would read there; nothing that follows has to know of them.
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
    """A sheet has a date or a time that is larger than any program can show."""


def rows_of(sheet: Any) -> list[list[Any]]:
    """Return the rows of a calamine sheet. Raises TimeOutOfRange, and what calamine raises for a damaged sheet."""
    try:
        with _unheard():
            rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    except OverflowError:
        raise TimeOutOfRange from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what calamine's Rust raises is no Exception
            raise
        raise TimeOutOfRange from None
    return [[shown(value) for value in row] if any(map(_is_odd, row)) else row for row in rows]


def _is_odd(value: Any) -> bool:
    kind = type(value)
    return kind is not str and (kind is not float or not isfinite(value))


def shown(value: Any) -> Any:
    """Return a text or a finite number as it is, anything else as the words that a person would read in the cell."""
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
    """A length of time as the format [h]:mm:ss shows it."""
    seconds = abs(length) // timedelta(seconds=1)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{'-' if length < timedelta() else ''}{hour}:{minute:02}:{second:02}"


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep the words that a failure in Rust prints by itself, in English, from the terminal."""
    try:
        kept = os.dup(_STDERR)
    except OSError:  # there is no such stream
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
