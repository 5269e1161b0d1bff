"""The roster (名册) as a page changes it: row by row, or as a whole. The former one is kept and can be taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from toolkit.batch.roster import RosterReading, examine_roster, roster_as_csv, roster_template
from toolkit.desk.bounded import bounded
from toolkit.desk.project_folder import REMOVED, folder_of
from toolkit.files.limits import MB
from toolkit.files.write import write_output
from toolkit.files.write_errors import in_words
from toolkit.problems import Problem

LARGEST = 20 * MB
KEPT = Path(REMOVED, "名册")
"""Folder for the former rosters."""


def version_of(path: Path) -> str:
    """Return a digest of the roster's content, empty if there is none: two windows may change it at once."""
    try:
        return sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def replace_roster(name: str, content: BinaryIO) -> RosterReading:
    """Put a dropped file in the place of the roster, and return what was read in it, with its faults. A file of the
    other kind (.csv, .xlsx) is written anew. Raise Problem when it is no roster; then nothing is changed."""
    roster = folder_of("roster")
    data = content.read(LARGEST + 1)
    ending = Path(name).suffix.lower()
    if len(data) > LARGEST or ending not in (".xlsx", ".csv"):
        raise Problem("名册应为 Excel 工作簿（.xlsx）或 .csv，不超过 20 MB。")
    with TemporaryDirectory() as place:
        dropped = Path(place, f"放上来的名册{ending}")
        with in_words(dropped):
            dropped.write_bytes(data)
        found = bounded(examine_roster, dropped)
    if ending == roster.suffix.lower():
        _write(roster, data)
    else:
        _write(roster, _content(roster, found.texts))
    return found


def change_row(reading: RosterReading, version: str, row: int | None, texts: Mapping[str, str] | None) -> None:
    """Change one row of the roster, add one (`row` is None), or take one out (`texts` is None).

    Raise Problem when the roster was changed since the page was made, or has columns that would be lost.
    """
    roster = folder_of("roster")
    if version != version_of(roster):
        raise Problem("名册刚刚在别处改过，没有保存。请刷新这一页，再改一次。")
    if reading.unused:
        raise Problem(f"名册里有另外的列（{'、'.join(reading.unused)}），在这里改会丢掉。请点“打开”，用表格软件改。")
    changed = list[Mapping[str, str]]()
    for entry, before in zip(reading.entries, reading.texts, strict=True):
        if entry.row != row:
            changed.append(before)
        elif texts is not None:
            changed.append({**before, **texts})
    if row is None and texts is not None:
        changed.append(texts)
    _write(roster, _content(roster, changed))


def _content(roster: Path, rows: Sequence[Mapping[str, str]]) -> bytes:
    return roster_as_csv(rows) if roster.suffix.lower() == ".csv" else roster_template(rows=rows)


def _write(roster: Path, content: bytes) -> None:
    """Write the roster, and keep the former one."""
    if roster.is_file():
        former = roster.read_bytes()
        if former == content:
            return
        with in_words(KEPT):
            KEPT.mkdir(parents=True, exist_ok=True)
        write_output(KEPT / f"{datetime.now():%Y%m%d-%H%M%S-%f}{roster.suffix}", former)
    write_output(roster, content, force=True)


def former_rosters() -> list[str]:
    """Return the names of the former rosters, the last one first."""
    return (
        sorted((one.name for one in KEPT.iterdir() if one.is_file() and not one.is_symlink()), reverse=True)
        if KEPT.is_dir()
        else []
    )


def take_back(name: str) -> None:
    """Put a former roster in the place of the present one, which is kept. Raise Problem when it is not there."""
    if name not in former_rosters():
        raise Problem("没有这份以前的名册，可能已被移走。")
    _write(folder_of("roster"), (KEPT / name).read_bytes())
