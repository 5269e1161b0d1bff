"""The deadline (期限) of a batch as a day, from the words in which an office writes it."""

import re
from datetime import date, datetime

from toolkit.problems import Problem

_DAY = re.compile(r"(?:(?P<year>\d{4})[年\-/.])?(?P<month>\d{1,2})[月\-/.](?P<day>\d{1,2})日?前?")


def deadline_of(words: str, report_year: int | None) -> date | None:
    """Return the day in words such as 2025-01-20, 2025年1月20日 or 1月20日; None if it is none. Without a year it is
    the year after the report year."""
    found = _DAY.fullmatch("".join(words.split()))
    if not found or (not found["year"] and report_year is None):
        return None
    year = int(found["year"]) if found["year"] else (report_year or 0) + 1
    try:
        return date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def deadline_in(words: str, report_year: int | None) -> date | None:
    """Return the same day; None if there are no words. Raise Problem when the words name no day."""
    if not words.strip():
        return None
    found = deadline_of(words, report_year)
    if found is None:
        raise Problem(f"期限“{words}”看不出是哪一天。请写成 2025-01-20、2025年1月20日 或 1月20日，检查 --deadline。")
    return found


def moment_of(seconds: float | None) -> datetime | None:
    """Return the local time of a file or a mail; None if it is not known, or is no time that a calendar has."""
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds)
    except (ValueError, OverflowError, OSError):
        return None


def is_late(received: float | None, deadline: date | None, today: date) -> bool:
    """Return True if a return came after the deadline. What has not come is late once the deadline is over."""
    if deadline is None:
        return False
    moment = moment_of(received)
    return (moment.date() if moment else today) > deadline
