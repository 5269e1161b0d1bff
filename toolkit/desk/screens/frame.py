"""The frame of a page (页框): the jobs at its head, and the words of the panel of a command."""

from typing import Any

from toolkit.desk.words import for_page, time_left

JOBS = {
    "roster": "名册",
    "forms": "发表",
    "received": "收表",
    "review": "审表",
    "reminders": "催报",
    "reports": "报告",
    "rollup": "汇总",
    "years": "历年",
}
"""The screens by their names in addresses, in the order of January."""


def run_words() -> dict[str, Any]:
    """Return what the panel of a command needs besides the command."""
    return {"for_page": for_page, "time_left": time_left, "status_word": _status_word}


def _status_word(status: str) -> str:
    """Return the word for what a check says of a file."""
    from toolkit.checks.result import STATUS_WORDS

    return next((word for known, word in STATUS_WORDS.items() if known == status), status)
