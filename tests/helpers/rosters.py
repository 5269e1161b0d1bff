"""Rosters as offices keep them."""

import csv
import io
from pathlib import Path

from kit import write

CODES = ("91350100M000100Y43", "914403001922038216", "91440300708461136T")
"""The example of GB 32100-2015, and two companies' codes that everybody can look up."""
Rows = list[list[object]]


def write_csv(path: Path, rows: Rows, encoding: str = "utf-8", separator: str = ",") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return write(path, out.getvalue().encode(encoding))
