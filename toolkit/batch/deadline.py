"""The deadline (期限) of the returns, as an office writes it."""

import re
from datetime import date

from toolkit.problems import Problem

_DAY = re.compile(r"(?:(\d{4})(?:年|[-/.]))?(\d{1,2})(?:月|[-/.])(\d{1,2})日?前?")


def deadline_in(text: str, report_year: int | None) -> date | None:
    """Return the day in a text such as ``2025-01-20``, ``2025年1月20日`` or ``1月20日``; None if the text is empty.
    Without a year it is a day of the year after the report year.

    Raise Problem when it is no day.
    """
    if not text.strip():
        return None
    found = _DAY.fullmatch("".join(text.split()))
    try:
        if found and (found[1] or report_year):
            return date(int(found[1] or (report_year or 0) + 1), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Problem(f"期限“{text}”看不出是哪一天。请写成 2025-01-20 或 2025年1月20日，检查 --deadline。")
