"""Returns in files and archives, and what `check` says of them."""

import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import py7zr
from batches import workbook
from command_line import Gknb
from kit import write


def sheet(agency: str, seed: int = 1) -> bytes:
    """A sound return."""
    return workbook(agency, random.Random(seed))[0]


def archive(path: Path, members: dict[str, bytes], when: tuple[int, ...] = (2025, 1, 10, 8, 0, 0)) -> Path:
    """An archive with members of any name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            info = zipfile.ZipInfo("x", when)  # type: ignore[arg-type]
            info.filename = name
            made.writestr(info, content)
    return path


def seven_zip(members: dict[str, bytes], password: str | None = None) -> bytes:
    """An archive of the kind .7z, all members packed together."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as made:
        for name, content in members.items():
            made.writestr(content, name)
    return out.getvalue()


def statuses(data: dict[str, Any]) -> dict[str, str]:
    return {file["path"]: file["status"] for file in data["files"]}


def left_out(data: dict[str, Any]) -> dict[str, str]:
    found = {left["path"]: left["reason"] for left in data["left_out"]}
    assert len(found) == len(data["left_out"])
    return found


def checked(gknb: Gknb, *arguments: object) -> dict[str, Any]:
    return json.loads(gknb("check", *arguments, "--json").stdout)


def roster_of(tmp_path: Path, *names: str) -> Path:
    return write(tmp_path / "名册.csv", "\n".join(("机关全称", *names)).encode())
