"""The example of a county in examples/county-2024: its project file, a roster of 40 agencies, and what they returned,
as two archives.

    python tests/helpers/example_county.py

makes all of it anew. The county is made up; the figures are those of real reports.
"""

import csv
import io
import random
import zipfile
from itertools import islice

from batches import FAULTS, GROUPS, names, workbook
from places import EXAMPLES

from toolkit.batch.project import project_text

Batch = dict[str, tuple[int, bytes]]
"""The day in January and the content of each file that came back."""
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


def project() -> str:
    """The project file of the county, as `gknb init` writes it and a clerk completes it."""
    return project_text(
        {
            "year": "2024",
            "office": "青河县人民政府办公室",
            "agency": "青河县人民政府",
            "deadline": "2025-01-25",
            "roster": "名册.csv",
        }
    )


def first_batch() -> Batch:
    """What came back first, with its faults."""
    rng = random.Random(2024)
    found: Batch = {}
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


def second_batch() -> Batch:
    """What came after the letters and the reminders: the returns that had errors, corrected, and those that were
    missing. The figures of a corrected return are those of before, but for the fault."""
    rng = random.Random(2024)
    found: Batch = {}
    before: dict[str, str] = {}
    for number, agency in enumerate(islice(names(), AGENCIES)):
        if number in MISSING:
            found[f"{agency}.xlsx"] = 21, workbook(agency, random.Random(number), level=SMALL)[0]
            continue
        state = rng.getstate()
        fault = FAULTS[FAULTY[number]] if number in FAULTY else None
        name = FORMER if number == RENAMED else agency
        _, _, texts = workbook(name, rng, fault, before if number == COPIED else None)
        if number == CORRECTED:
            workbook(name, rng)
        before = texts
        if (number in FAULTY and number != CORRECTED) or number == BROKEN:
            same = random.Random()
            same.setstate(state)
            found[f"{agency}（更正）.xlsx"] = 22, workbook(agency, same, level=SMALL)[0]
    return found


def archive(batch: Batch) -> bytes:
    """What came back, in one archive that is the same each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, (day, content) in batch.items():
            packed.writestr(zipfile.ZipInfo(name, (2025, 1, day, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


ARCHIVES = {"收回的表.zip": first_batch, "第二批.zip": second_batch}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "名册.csv").write_text(roster(), encoding="utf-8-sig", newline="")
    (FOLDER / "gknb.toml").write_text(project(), encoding="utf-8", newline="\n")
    for archive_name, batch in ARCHIVES.items():
        (FOLDER / archive_name).write_bytes(archive(batch()))
