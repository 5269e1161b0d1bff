"""How a command tells another program how far it is: a line of JSON for each file, on standard error.

The lines are printed when `GKNB_PROGRESS=json` is in the environment. Each begins with the record separator of RFC
7464, which stands in no other line.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

VARIABLE, VALUE, MARK = "GKNB_PROGRESS", "json", "\x1e"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of one file: its path, the agency, the status, and in words how many errors it has."""

    path: str
    agency: str
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """`done` of `total` files are done; `name` is the last of them, `verdicts` say what a check found in it."""

    done: int
    total: int
    name: str
    verdicts: tuple[Verdict, ...] = ()


def time_left(seconds: float) -> str:
    """Return in words how long something still takes."""
    return f"还需约 {seconds / 60:.0f} 分钟" if seconds >= 90 else f"还需约 {seconds:.0f} 秒"


def is_asked_for() -> bool:
    """Return True if this process was started by a program that reads such lines."""
    return os.environ.get(VARIABLE) == VALUE


def written(done: int, total: int, name: str, verdicts: Sequence[Verdict] = ()) -> str:
    """Return the line."""
    data = {"done": done, "total": total, "name": name, "verdicts": [asdict(one) for one in verdicts]}
    return MARK + json.dumps(data)


def read(line: str) -> ProgressLine | None:
    """Return what a line says; None if it is a usual line of words."""
    if not line.startswith(MARK):
        return None
    data = json.loads(line[len(MARK) :])
    verdicts = tuple(Verdict(**one) for one in data["verdicts"])
    return ProgressLine(int(data["done"]), int(data["total"]), str(data["name"]), verdicts)
