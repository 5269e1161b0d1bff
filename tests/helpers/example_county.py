"""The example of a county in examples/county-2024: a roster of 40 agencies, and what they returned, as an archive.

    python tests/helpers/example_county.py

makes both anew. The county is made up; the figures are those of real reports.
"""

import csv
import io
import random
import zipfile
from itertools import islice

from batches import FAULTS, GROUPS, names, workbook
from places import EXAMPLES

FOLDER = EXAMPLES / "county-2024"
AGENCIES = 40
MISSING = (7, 21, 36)
FAULTY = {3: 0, 9: 2, 12: 3, 17: 1, 24: 5, 28: 6, 33: 4}
"""Agencies, and which of the faults they have."""
COPIED, RENAMED, CORRECTED, BROKEN = 15, 19, 3, 30
FORMER = "青河县环境保护局"
SMALL = 9


def roster() -> str:
    """The roster as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["机关全称", "机关类型", "规章制定权", "联系人", "联系电话", "分组", "曾用名"])
    for number, agency in enumerate(islice(names(), AGENCIES)):
        kind = GROUPS[agency[-1]]
        group = kind if kind != "开发区" else "部门"
        former = FORMER if number == RENAMED else ""
        writer.writerow([agency, kind, "", f"联络员{number + 1:02}", f"0000-55{number:05}", group, former])
    return out.getvalue()


def returns() -> dict[str, tuple[int, bytes]]:
    """The day in January and the content of each file that came back."""
    rng = random.Random(2024)
    found: dict[str, tuple[int, bytes]] = {}
    before: dict[str, str] = {}
    for number, agency in enumerate(islice(names(), AGENCIES)):
        if number in MISSING:
            continue
        fault = FAULTS[FAULTY[number]] if number in FAULTY else None
        name = FORMER if number == RENAMED else agency
        content, _, texts = workbook(name, rng, fault, before if number == COPIED else None, SMALL)
        found[f"{name}.xlsx"] = 6 + number % 12, content[:5000] if number == BROKEN else content
        if number == CORRECTED:
            found[f"{name}（更正）.xlsx"] = 20, workbook(name, rng, level=SMALL)[0]
        before = texts
    found["青河县供销合作社.xlsx"] = 14, workbook("青河县供销合作社", rng, level=SMALL)[0]
    return found


def archive() -> bytes:
    """What came back, in one archive that is the same each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, (day, content) in returns().items():
            packed.writestr(zipfile.ZipInfo(name, (2025, 1, day, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "名册.csv").write_text(roster(), encoding="utf-8-sig", newline="")
    (FOLDER / "收回的表.zip").write_bytes(archive())
