"""The project folder of the desk (工作台): its settings, its folders, and the files in them that a page may show.

The process works in this folder, so every path is as it stands in gknb.toml.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.batch.project import KEYS, Project, create_project, read_project
from toolkit.batch.received.file_names import is_hidden
from toolkit.desk.lists import can_open
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
LINKED = "那个文件夹是指到别处的链接，没有写。"


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
        return can_open(self.name)

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
            try:
                known = path.stat()
            except OSError:  # a link that leads nowhere, or a file that is gone by now
                continue
            if not is_hidden(name) and stat.S_ISREG(known.st_mode):
                yield FolderFile(key, shown(path.relative_to(folder)), known.st_size, _moment(known.st_mtime))


def _moment(seconds: float) -> datetime:
    """Return the time of a file. One that no calendar has, as an archive may bring it along, becomes that of 1970."""
    try:
        return datetime.fromtimestamp(int(seconds))
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0)


def shown(path: Path) -> str:
    """Return the name of a file as pages show it and send it back: every character can be seen, as in the results."""
    name = path.as_posix()
    if name.isprintable() and "<U+" not in name:
        return name
    from toolkit.batch.received.files import shown_name

    return shown_name(name)


def file_in(key: str, name: str) -> Path:
    """Return a file in the folder under a key. Raise Problem when it is not there, or would lie outside."""
    if key not in SERVED:
        raise Problem("没有这个文件夹。")
    folder = folder_of(key)
    if "\0" in name or ".." in Path(name).parts or Path(name).is_absolute():
        raise Problem("没有这个文件。")
    path, inside = (folder, folder.parent) if key == "roster" else (_named(folder, name), folder)
    if not is_inside(path, inside):
        raise Problem("没有这个文件。")
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file fails on a name that is too long
        raise Problem(f"{Path(name).name} 不在了，可能已被移走或改名。请刷新这一页。")
    return path


def _named(folder: Path, name: str) -> Path:
    """Return the place of a file in a folder by the name that pages show."""
    if os.path.lexists(folder / name):
        return folder / name
    found = (Path(place, one) for place, _, names in os.walk(folder) for one in names)
    return next((path for path in found if shown(path.relative_to(folder)) == name), folder / name)


def is_inside(path: Path, folder: Path) -> bool:
    """Return True if a path lies in a folder, with every link on the way followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def take_out(key: str, name: str) -> Path:
    """Move a file out of its folder to where nothing reads it, and return its new place. It can be put back. Raise
    Problem."""
    path = file_in(key, name)
    target = Path(REMOVED) / KEYS[key].example / f"{datetime.now():%Y%m%d-%H%M%S-%f}"
    return _move(path, target / path.relative_to(folder_of(key)), Path())


def taken_out(key: str) -> list[tuple[str, str]]:
    """Return the files that were taken out of a folder, the last one first: the id of each, and its name."""
    root = Path(REMOVED) / KEYS[key].example
    return [(moment, shown(path.relative_to(root / moment))) for moment, path in _taken_out(root)]


def _taken_out(root: Path) -> list[tuple[str, Path]]:
    moments = sorted((one.name for one in root.iterdir() if one.is_dir()), reverse=True) if root.is_dir() else []
    return [
        (moment, path)
        for moment in moments
        for path in sorted((root / moment).rglob("*"))
        if path.is_file() and is_inside(path, root)
    ]


def put_back(key: str, moment: str, name: str) -> Path:
    """Move a file that was taken out back to its place. Raise Problem when another one stands there by now."""
    root = Path(REMOVED) / KEYS[key].example
    known = (path for at, path in _taken_out(root) if at == moment and shown(path.relative_to(root / at)) == name)
    path = next(known, None)
    if path is None:
        raise Problem("没有这个移出的文件，可能已经放回去了。")
    target = folder_of(key) / path.relative_to(root / moment)
    if os.path.lexists(target):
        raise Problem(f"{target} 已经有同名的文件，没有放回。请先移出它。")
    return _move(path, target, folder_of(key))


def _move(path: Path, target: Path, inside: Path) -> Path:
    """Move a file to a place in a folder. Raise Problem when it would lie outside, or cannot be written."""
    if not is_inside(target, inside):
        raise Problem(LINKED)
    with in_words(target, one_file=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    return target
