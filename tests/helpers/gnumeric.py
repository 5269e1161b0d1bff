"""Gnumeric as an independent judge: it opens, recalculates everything and saves."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PROGRAM = "ssconvert"


def found() -> str | None:
    """Its converter, None where it is not installed."""
    return shutil.which(PROGRAM)


def recalculate(files: Sequence[Path], folder: Path) -> list[Path]:
    """Open each workbook, recalculate all of it, save it in `folder`; gives the saved files in the same order."""
    folder.mkdir(parents=True, exist_ok=True)
    saved = [folder / f"{file.stem}.xlsx" for file in files]
    for file, target in zip(files, saved, strict=True):
        call = [PROGRAM, "--recalc", "--export-type=Gnumeric_Excel:xlsx2", str(file), str(target)]
        subprocess.run(call, check=True, capture_output=True, timeout=60)
    return saved
