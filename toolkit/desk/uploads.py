"""Receives a file that was dropped on a page into a folder of the project: whole or not at all, never over another."""

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO, Literal

from toolkit.batch.received.file_names import is_hidden
from toolkit.characters import printable
from toolkit.desk.project_folder import LINKED, is_inside
from toolkit.files.limits import MB, STANDARD_LIMITS
from toolkit.files.write import atomic_file, file_name

Fate = Literal["taken", "known", "refused"]
PIECE = MB
DEPTH = 6
"""Folders of a dropped folder that are kept: the name of an agency may stand there."""
LARGEST = STANDARD_LIMITS.size * MB
NUMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a dropped file: `fate` and the same in words. `path` is where it lies, seen from the folder; empty
    if it was not taken."""

    fate: Fate
    words: str
    path: str = ""


_ENDING = re.compile(r"\.[0-9A-Za-z]{1,10}")
_ONE_AT_A_TIME = threading.Lock()
"""Two windows may drop files of one name at once; each gets its own."""


def receive(folder: Path, name: str, content: BinaryIO, changed: float | None = None) -> Received:
    """Write a dropped file into a folder. `name` may have folders before it; `content` can be read from its beginning
    again. `changed` is when it was changed, in seconds: a copy keeps that time, because it tells when a return came.

    If a file with the same name and content is there already, nothing is written. One with another content gets a
    number. Raise Problem when it cannot be written.
    """
    place = _place_of(name)
    shown = printable(place.name)
    if is_hidden(name.replace("\\", "/").rpartition("/")[2]):
        return Received("refused", f"{shown}：隐藏文件或临时文件，没有收。")
    if not is_inside((folder / place).parent, folder):
        return Received("refused", f"{shown}：{LINKED}")
    size, digest = _measured(content)
    if size > LARGEST:
        return Received("refused", f"{shown}：超过 {STANDARD_LIMITS.size} MB，没有收。请拆小了再放。")
    with _ONE_AT_A_TIME:
        for target in _candidates(folder / place):
            if not os.path.lexists(target):
                return _write(target, folder, content, changed)
            if (
                not target.is_symlink()
                and target.is_file()
                and target.stat().st_size == size
                and _digest_of(target) == digest
            ):
                return Received("known", f"{target.name} 已经在了，内容一样。", _seen_from(target, folder))
    return Received("refused", f"{shown}：同名的文件太多，没有收。请换个文件名。")


def _write(target: Path, folder: Path, content: BinaryIO, changed: float | None) -> Received:
    content.seek(0)
    with atomic_file(target) as part:
        with part.open("wb") as file:
            shutil.copyfileobj(content, file, PIECE)
        if changed is not None and 0 < changed <= time.time():
            os.utime(part, (changed, changed))
    return Received("taken", f"收下 {target.name}。", _seen_from(target, folder))


def _place_of(name: str) -> Path:
    """Return the place of a file inside the folder. Every part of the name is made harmless."""
    parts = [part for part in name.replace("\\", "/").split("/") if part.strip(" .")]
    return Path(*(map(_safe, parts[-1 - DEPTH :]))) if parts else Path("未命名")


def _safe(part: str) -> str:
    ending = Path(part).suffix
    return file_name(part.removesuffix(ending), ending) if _ENDING.fullmatch(ending) else file_name(part, "")


def _candidates(path: Path) -> Iterator[Path]:
    """Yield the place of a file, and others with a number in their name."""
    yield path
    for number in range(2, NUMBERED):
        yield path.with_name(f"{path.stem}（{number}）{path.suffix}")


def _measured(content: BinaryIO) -> tuple[int, str]:
    """Return the size and the digest of a file, which is read up to the limit only."""
    code, size = sha256(), 0
    content.seek(0)
    while size <= LARGEST and (piece := content.read(PIECE)):
        code.update(piece)
        size += len(piece)
    return size, code.hexdigest()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _seen_from(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
