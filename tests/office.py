"""LibreOffice as an independent judge: it opens, recalculates everything and saves."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

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
    profile = folder.with_name(f"{folder.name}-profile")
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    for start in range(0, len(files), 100):
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation={profile.as_uri()}",
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


def as_word(file: Path, folder: Path) -> Path:
    """Save a text of another kind as a Word document."""
    convert([file], folder, "docx:MS Word 2007 XML")
    return folder / f"{file.stem}.docx"
