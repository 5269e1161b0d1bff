"""LibreOffice as an independent judge: it opens, recalculates everything and saves."""

import shutil
import subprocess
import tempfile
from atexit import register
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kit import REPORT_DATA, submission_of, write

from toolkit.workbook.template import build_workbook

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item></oor:items>
"""


def recalculate(files: Sequence[Path], folder: Path) -> list[Path]:
    """Open each workbook, recalculate all of it, save it in `folder`; gives the saved files in the same order."""
    convert(files, folder, "xlsx:Calc MS Excel 2007 XML")
    return [folder / f"{file.stem}.xlsx" for file in files]


def convert(files: Sequence[Path], folder: Path, kind: str) -> None:
    """Save each file in `folder` as another kind, all of it recalculated."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(files), 100):
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation={_profile().as_uri()}",
                "--headless",
                "--convert-to",
                kind,
                "--outdir",
                str(folder),
                *map(str, files[start : start + 100]),
            ],
            check=True,
            capture_output=True,
            timeout=600,
        )


@cache
def _profile() -> Path:
    """A profile of this process: two that run side by side need one each, and a start with a new one takes longer."""
    profile = Path(tempfile.mkdtemp(prefix="gknb-office-"))
    register(shutil.rmtree, profile, ignore_errors=True)
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    return profile


@cache
def real_reports_recalculated() -> dict[Path, Path]:
    """What LibreOffice saves of the workbook of each complete real report, by the report's data file."""
    folder = Path(tempfile.mkdtemp(prefix="gknb-office-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    reports = list(REPORT_DATA.values())
    ours = [write(folder / "ours" / f"{path.stem}.xlsx", build_workbook(submission_of(path))) for path in reports]
    return dict(zip(reports, recalculate(ours, folder / "saved"), strict=True))


def as_word(file: Path, folder: Path) -> Path:
    """Save a text of another kind as a Word document."""
    convert([file], folder, "docx:MS Word 2007 XML")
    return folder / f"{file.stem}.docx"
