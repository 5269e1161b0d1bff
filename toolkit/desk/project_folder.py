"""The project folder of the desk (工作台): its settings, its folders, and the files in them that a page may show.

The process works in this folder, so every path is as it stands in gknb.toml.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.batch.project import KEYS, Project, create_project, read_project
from toolkit.batch.received.file_names import is_hidden
from toolkit.desk.lists import OPENABLE
from toolkit.files.write_errors import in_words
from toolkit.problems import Problem

TRENDS = "历年对比"
"""Folder for the workbooks that compare years; it is no key of gknb.toml."""
SERVED = (
    *("roster", "distributed", "returned", "prior", "texts", "results", "annotated", "notices", "reminders"),
    *("reports", "rollup", "trends"),
)
"""The keys of gknb.toml whose folders a page may show files of."""
FILES_LISTED = 20_000
REMOVED = "移出的文件"
"""Folder for what somebody took out on a page; nothing is ever deleted."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file in one of the project's folders: `name` is its place in the folder, `changed` when it was changed."""

    key: str
    name: str
    size: int
    changed: datetime

    @property
    def can_open(self) -> bool:
        """Return True if a click may open the file."""
        return self.name.lower().endswith(OPENABLE)

    @property
    def size_in_words(self) -> str:
        """Return the size, such as 38 KB."""
        return f"{self.size / 2**20:.1f} MB" if self.size >= 2**20 else f"{max(self.size // 1024, 1)} KB"


def project() -> Project:
    """Return the project. Raise Problem when there is none, or its file is wrong."""
    found = read_project()
    if found is None:
        raise NoProject("这个文件夹里还没有项目。")
    return found


class NoProject(Problem):
    """The folder has no project yet."""


def start_project(year: int, values: dict[str, str], profile: str) -> None:
    """Make a project in the folder. `values` are the answers by their keys. Raise Problem."""
    create_project(Path(), year, {key: value.strip() for key, value in values.items() if value.strip()}, profile)


def folder_of(key: str) -> Path:
    """Return the folder (or file) under a key of gknb.toml, or its usual place if the key is not there."""
    if key == "trends":
        return Path(TRENDS)
    return Path(project().values.get(key) or KEYS[key].example)


def files_in(key: str) -> list[FolderFile]:
    """Return the files in the folder under a key, by name. Hidden files are left out."""
    folder = folder_of(key)
    found = sorted(_files(key, folder), key=lambda one: one.name) if folder.is_dir() else []
    return found[:FILES_LISTED]


def _files(key: str, folder: Path) -> Iterator[FolderFile]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_hidden(name)]
        for name in names:
            path = Path(place, name)
            if is_hidden(name) or not path.is_file():
                continue
            known = path.stat()
            yield FolderFile(
                key, path.relative_to(folder).as_posix(), known.st_size, datetime.fromtimestamp(int(known.st_mtime))
            )


def file_in(key: str, name: str) -> Path:
    """Return a file in the folder under a key. Raise Problem when it is not there, or would lie outside."""
    if key not in SERVED:
        raise Problem("没有这个文件夹。")
    folder = folder_of(key)
    if key == "roster":
        path, inside = folder, folder.parent
    else:
        path, inside = folder / name, folder
    real = Path(os.path.realpath(path))
    parts = Path(name).parts
    if "\0" in name or ".." in parts or Path(name).is_absolute() or not real.is_relative_to(os.path.realpath(inside)):
        raise Problem("没有这个文件。")
    if not real.is_file():
        raise Problem(f"{Path(name).name} 不在了，可能已被移走或改名。请刷新这一页。")
    return path


def take_out(key: str, name: str) -> Path:
    """Move a file out of its folder to where nothing reads it, and return its new place. It can be put back. Raise
    Problem."""
    path = file_in(key, name)
    target = Path(REMOVED) / KEYS[key].example / f"{datetime.now():%Y%m%d-%H%M%S-%f}" / name
    return _move(path, target)


def taken_out(key: str) -> list[tuple[str, str]]:
    """Return the files that were taken out of a folder, the last one first: the id of each, and its name."""
    root = Path(REMOVED) / KEYS[key].example
    moments = sorted((one.name for one in root.iterdir() if one.is_dir()), reverse=True) if root.is_dir() else []
    return [
        (moment, path.relative_to(root / moment).as_posix())
        for moment in moments
        for path in sorted((root / moment).rglob("*"))
        if path.is_file()
    ]


def put_back(key: str, moment: str, name: str) -> Path:
    """Move a file that was taken out back to its place. Raise Problem when another one stands there by now."""
    if (moment, name) not in taken_out(key):
        raise Problem("没有这个移出的文件，可能已经放回去了。")
    target = folder_of(key) / name
    if os.path.lexists(target):
        raise Problem(f"{target} 已经有同名的文件，没有放回。请先移出它。")
    return _move(Path(REMOVED) / KEYS[key].example / moment / name, target)


def _move(path: Path, target: Path) -> Path:
    with in_words(target, one_file=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    return target
