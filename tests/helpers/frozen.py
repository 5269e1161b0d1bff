"""What must stay as it is, byte for byte, while the house is rebuilt: the outputs of every command on the examples.

    python tests/helpers/frozen.py FOLDER [REPORTS]

writes them all into a folder, one run a folder; `diff -r BEFORE AFTER` then tells what a change has changed. REPORTS
is a folder of published reports, each of which is imported as well. Packages are unpacked, so that a difference shows
its part; the moments in them are taken out.
"""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from command_line import environment
from places import ROOT

COUNTY = ROOT / "examples" / "county-2024"
RETURNS, ROSTER = COUNTY / "收回的表.zip", COUNTY / "名册.csv"
CALLS = {
    "demo": ("demo", "demo"),
    "template": ("template", "--year", "2024", "--agency", "甲县教育局", "-o", "模板.xlsx"),
    "check": (
        *("check", RETURNS, "--roster", ROSTER, "-o", "结果", "--annotate", "批注", "--notice", "退回意见"),
        *("--office", "甲县人民政府办公室", "--deadline", "1月20日"),
    ),
    "report": ("report", RETURNS, "--html", "-o", "报告"),
    "extract": ("extract", RETURNS, "-o", "数据.json"),
    "extract-csv": ("extract", RETURNS, "-o", "数据.csv"),
    "rollup": ("rollup", RETURNS, "--roster", ROSTER, "--agency", "甲县人民政府", "--allow-failed", "-o", "汇总"),
    "rules": ("rules", "--json"),
    "cells-2020": ("cells", "--year", "2020"),
    "cells-2024": ("cells", "--year", "2024", "--format", "json"),
}
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?|\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?")


def freeze(folder: Path, reports: Path | None) -> None:
    """Run every call in a folder and keep what it printed beside what it wrote."""
    folder.mkdir(parents=True)
    calls = dict(CALLS)
    for path in sorted(reports.iterdir()) if reports else ():
        if path.suffix in (".html", ".txt", ".pdf", ".docx"):
            calls[f"import-{path.name}"] = ("import", path.absolute(), "--json")
            calls[f"judge-{path.name}"] = ("check", path.absolute(), "--json")
    for name, call in calls.items():
        done = subprocess.run(
            [sys.executable, "-m", "toolkit", *map(str, call)],
            cwd=folder,
            env=environment({}),
            capture_output=True,
            text=True,
            check=False,
        )
        said = f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        (folder / f"{name}.said").write_text(said, encoding="utf-8")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name.startswith(".gknb-"):
            path.unlink()
        elif path.suffix in (".xlsx", ".docx"):
            _unpack(path)


def _unpack(path: Path) -> None:
    place = path.with_name(f"{path.name}.parts")
    with zipfile.ZipFile(path) as package:
        for member in package.infolist():
            part = place / member.filename
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(MOMENT.sub(b"", package.read(member)))
    path.unlink()


if __name__ == "__main__":
    freeze(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
