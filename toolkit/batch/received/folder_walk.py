"""Walks through folders (文件夹): yields every file below them, also through links, and enters each folder once."""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

EMPTY = "空文件夹，里面没有文件"
GONE = "链接，指向的位置没有文件"
LOOP = "链接，绕回到它所在的或上级的文件夹"


@dataclass(frozen=True, slots=True)
class FoundPath:
    """A path that was found in a folder: a file, or a folder that may not be entered (`is_closed`). `skip_reason` says
    why it is skipped. `is_repeated` is True if it was found before; `is_special` if it is a device or a pipe."""

    path: Path
    skip_reason: str = ""
    is_special: bool = False
    is_closed: bool = False
    is_repeated: bool = False


@dataclass(slots=True)
class FolderWalk:
    """The walk through one or more folders. It remembers the folders by their identity on disk and enters none of them
    twice. `why_skipped` returns why a path is skipped because it was not handed in; empty for all other paths."""

    why_skipped: Callable[[Path], str]
    _seen: dict[tuple[int, int], str] = field(default_factory=dict)

    def walk(self, folder: Path) -> Iterator[FoundPath]:
        """Yield every file below a folder in order; then what links lead to; then folders that may not be entered."""
        links, closed = deque[Path](), list[Path]()
        yield from (found for found in self._tree(folder, links, closed) if found.path != folder or found.is_repeated)
        while links:
            yield from self._linked(links.popleft(), links, closed)
        yield from (FoundPath(path, is_closed=True) for path in sorted(closed))

    def copy(self) -> "FolderWalk":
        """Return a copy, to look ahead without marking folders as entered."""
        return FolderWalk(self.why_skipped, dict(self._seen))

    def _linked(self, link: Path, links: deque[Path], closed: list[Path]) -> Iterator[FoundPath]:
        """Yield what a link leads to."""
        target, here = (Path(os.path.realpath(path)) for path in (link, link.parent))
        if why := self.why_skipped(target):
            yield FoundPath(link, why)
        elif here.is_relative_to(target):
            yield FoundPath(link, LOOP)
        elif link.is_dir():
            yield from self._tree(link, links, closed)
        elif not link.exists():
            yield FoundPath(link, GONE)
        else:
            yield FoundPath(link, is_special=not link.is_file())

    def _tree(self, folder: Path, links: deque[Path], closed: list[Path]) -> Iterator[FoundPath]:
        """Yield what is below a folder. Links are collected for later: the walk may reach their targets without
        them."""
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            if earlier := self._entered_as(here):
                yield FoundPath(here, f"与 {earlier} 是同一个文件夹，只读一次", is_repeated=True)
                continue
            try:
                with os.scandir(here) as entries:
                    named = sorted((entry.name, _kind(entry)) for entry in entries)
            except OSError:
                closed.append(here)
                continue
            if not named:
                yield FoundPath(here, EMPTY)
            folders = []
            for name, kind in named:
                path = here / name
                if why := self.why_skipped(path):
                    yield FoundPath(path, why)
                elif kind == stat.S_IFLNK:
                    links.append(path)
                elif kind == stat.S_IFDIR:
                    folders.append(path)
                else:
                    yield FoundPath(path, is_special=kind != stat.S_IFREG)
            waiting += reversed(folders)

    def _entered_as(self, folder: Path) -> str:
        """Return the path under which a folder was entered before; empty if it was not."""
        try:
            known = folder.stat()
        except OSError:
            return ""
        key = known.st_dev, known.st_ino
        if not known.st_ino:  # some network drives have no file numbers
            key = 0, hash(os.path.realpath(folder))
        earlier = self._seen.setdefault(key, str(folder))
        return "" if earlier == str(folder) else earlier


def _kind(entry: "os.DirEntry[str]") -> int:
    """Return the kind of a folder's entry: S_IFREG, S_IFDIR, S_IFLNK, or 0 for a device or a pipe."""
    try:
        if entry.is_symlink():
            return stat.S_IFLNK
        if entry.is_dir(follow_symlinks=False):
            return stat.S_IFDIR
        return stat.S_IFREG if entry.is_file(follow_symlinks=False) else 0
    except OSError:
        return stat.S_IFREG  # opening it gives the reason
