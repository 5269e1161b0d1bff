"""One item of active content (夹带) in a returned workbook, and the irregularities that report all items."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from toolkit.characters import one_line
from toolkit.submission.model import Irregularity, IrregularityKind

ActiveKind = Literal["macro", "dde", "link", "object", "query"]
_IRREGULARITY_KINDS: dict[ActiveKind, IrregularityKind] = {
    "macro": "macro-carried",
    "dde": "dde-carried",
    "link": "link-carried",
    "object": "object-carried",
    "query": "query-carried",
}
_TEXTS = re.compile("\"[^\"]*\"|'[^']*'")
SHOWN = 60


@dataclass(frozen=True, slots=True)
class ActiveItem:
    """A part, formula or link. `text` is its name or text, `place` the cell (``三!J9``) that it stands in, if any."""

    kind: ActiveKind
    text: str
    place: str = ""


def formula_item(formula: str, place: str = "") -> ActiveItem:
    """Return the item for a formula (without its equals sign) that reaches outside. The formula starts another program
    and asks it, ``cmd|'/c …'!A1`` (DDE), or fetches something."""
    calls = "|" in _TEXTS.sub("", formula) or re.search(r"\bDDE\s*\(", formula, re.I)
    return ActiveItem("dde" if calls else "link", f"={formula}", place)


def irregularities_of(items: Iterable[ActiveItem]) -> Iterator[Irregularity]:
    """Yield one irregularity for each kind of item. It names the first item, and the places or the number of the
    others."""
    unique_items = list(dict.fromkeys(items))
    for kind, irregularity_kind in _IRREGULARITY_KINDS.items():
        found = [item for item in unique_items if item.kind == kind]
        if found:
            first, counted = found[0].text, kind == "object"
            yield Irregularity(
                irregularity_kind,
                found=short(first.rpartition("/")[2] if kind in ("object", "query") else first),
                wanted=str(len(found)) if counted else "",
                also=tuple(item.place for item in found if item.place),
            )


def short(text: str) -> str:
    """Return a text on one line, shortened if it is long."""
    text = one_line(text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}……"
