"""How many cells of published reports are read right, not read, and wrong, file by file.

    python tests/helpers/cells_right.py FOLDER

takes every report in a folder that has its data beside it: a.raw.txt, a.html and a.pdf go with a.json. A wrong cell is
a fault of the toolkit; one that is not read is told to the user.
"""

import json
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from kit import LOOKUP

from toolkit.files.admit import admit
from toolkit.forms.model import Kind
from toolkit.imports.importer import read_published
from toolkit.problems import Unreadable
from toolkit.submission.model import Known, Submission
from toolkit.submission.spelling import number_of


def number(value: Any, kind: Kind) -> Decimal | None:
    found = number_of(value, kind) if kind.is_number else None
    return None if found is None else Decimal(str(found))


def counted(found: Submission, truth: dict[str, Any]) -> Counter[str]:
    """The filled cells by how they were read; totals count where they stand otherwise than published."""
    counts: Counter[str] = Counter(right=0, unread=0, wrong=0)
    for cell in found.form.filled:
        published, mine = truth.get(cell.id), found.values[cell.id]
        if mine is None:
            counts["unread"] += published is not None
        else:
            counts["right" if number(mine, cell.kind) == number(published, cell.kind) else "wrong"] += 1
    counts["wrong"] += sum(
        number(value, found.form.cells[cell].kind) != number(truth.get(cell), found.form.cells[cell].kind)
        for cell, value in found.shown.items()
    )
    return counts


def main(folder: Path) -> None:
    every: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        data = path.with_name(path.name.partition(".")[0] + ".json")
        if path.suffix not in (".txt", ".html", ".pdf", ".docx") or not data.is_file():
            continue
        truth = json.loads(data.read_text(encoding="utf-8"))
        try:
            found = read_published(admit(path.read_bytes()), LOOKUP.forms, known=Known(year=truth.get("year")))
        except Unreadable as problem:
            print(f"{path.name:<32}{problem.message}")
            continue
        counts = counted(found, truth["values"])
        every += counts
        print(f"{path.name:<32}right {counts['right']:>4}  not read {counts['unread']:>4}  wrong {counts['wrong']:>3}")
    print(f"{'all':<32}right {every['right']:>4}  not read {every['unread']:>4}  wrong {every['wrong']:>3}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
