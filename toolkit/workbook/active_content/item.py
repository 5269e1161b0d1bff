"""One thing that rides along (夹带) in a returned workbook, and how all of them are told."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from toolkit.characters import one_line
from toolkit.submission.model import Irregularity, IrregularityKind

RiderKind = Literal["macro", "dde", "link", "object", "query"]
_TOLD_AS: dict[RiderKind, IrregularityKind] = {
    "macro": "macro-carried",
    "dde": "dde-carried",
    "link": "link-carried",
    "object": "object-carried",
    "query": "query-carried",
}
_TEXTS = re.compile("\"[^\"]*\"|'[^']*'")
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Rider:
    """A part, formula or link; `place` is the cell (``三!J9``) that it stands in, if it does."""

    kind: RiderKind
    what: str
    place: str = ""


def formula_rider(formula: str, place: str = "") -> Rider:
    """A formula (without its equals sign) that reaches out: it starts another program and asks it, ``cmd|'/c …'!A1``,
    or fetches something."""
    calls = "|" in _TEXTS.sub("", formula) or re.search(r"\bDDE\s*\(", formula, re.I)
    return Rider("dde" if calls else "link", f"={formula}", place)


def told(riders: Iterable[Rider]) -> Iterator[Irregularity]:
    """What is said of them, once of each kind: the first, and where the others stand or how many they are."""
    all_of_them = list(dict.fromkeys(riders))
    for kind, told_as in _TOLD_AS.items():
        found = [rider for rider in all_of_them if rider.kind == kind]
        if found:
            first, counted = found[0].what, kind == "object"
            yield Irregularity(
                told_as,
                found=short(first.rpartition("/")[2] if kind in ("object", "query") else first),
                wanted=str(len(found)) if counted else "",
                also=tuple(rider.place for rider in found if rider.place),
            )


def short(text: str) -> str:
    """A text on one line, cut where it is long."""
    text = one_line(text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}……"
