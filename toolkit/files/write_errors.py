"""Explains in words why a result cannot be written: a full disk, a file that is open in another program, a drive that
is gone."""

import errno
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolkit.problems import Problem

AGAIN = "请换一个输出位置再试。"
FULL, READ_ONLY = "磁盘已满或超出了配额", "该位置是只读的"
GONE = "磁盘或网络位置断开了"
IN_USE = "该文件正被其他程序使用，可能在 Excel、WPS、Word 中打开"
FORBIDDEN = "没有写入权限，或该文件正在 Excel、WPS、Word 中打开"
TOO_LONG = "文件名太长"
WRITTEN_TWICE = "另一个程序正在写同一个文件"
UNKNOWN = "磁盘、网络或文件名有问题"
_ADVICE = {
    FULL: "请腾出空间，或换一个输出位置再试。",
    GONE: "请重新连接后再试。",
    IN_USE: "请关闭后再试。",
    FORBIDDEN: "请关闭后再试，或换一个输出位置。",
}
_ERRNO = {
    FULL: ("ENOSPC", "EDQUOT"),
    READ_ONLY: ("EROFS",),
    GONE: (
        *("EIO", "ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH"),
        *("ETIMEDOUT", "ECONNRESET", "ECONNABORTED", "EREMOTEIO", "ENOMEDIUM", "ENOLINK"),
    ),
    IN_USE: ("EBUSY", "ETXTBSY"),
    FORBIDDEN: ("EACCES", "EPERM"),
    TOO_LONG: ("ENAMETOOLONG",),
    WRITTEN_TWICE: ("EEXIST",),
}
_WINDOWS = {
    FULL: (39, 112, 1295),
    READ_ONLY: (19,),
    GONE: (21, 51, 53, 55, 59, 64, 67, 121, 1117, 1167, 1231),
    IN_USE: (32, 33),
    TOO_LONG: (206,),
}
"""Windows error numbers for cases that its errno does not distinguish: 32 is a sharing violation, 112 a full disk; 53,
64 and 67 concern network paths."""
_OF_ERRNO = {getattr(errno, name): words for words, names in _ERRNO.items() for name in names if hasattr(errno, name)}
_OF_WINDOWS = {number: words for words, numbers in _WINDOWS.items() for number in numbers}


class Unwritable(Problem):
    """A file cannot be written. `everywhere` is True if other files in the same place could not be written either."""

    def __init__(self, message: str, everywhere: bool = False) -> None:
        super().__init__(message)
        self.everywhere = everywhere


def reason(error: OSError) -> str:
    """Return in a few words why the system failed."""
    windows = getattr(error, "winerror", None) or 0
    usual = FORBIDDEN if isinstance(error, PermissionError) else UNKNOWN
    return _OF_WINDOWS.get(windows) or _OF_ERRNO.get(error.errno or 0, usual)


@contextmanager
def in_words(path: Path, one_file: bool = False) -> Iterator[None]:
    """Raise Unwritable where the system fails to write `path` in the block. `one_file` says that only this file is
    being replaced: then a missing permission or an unknown error counts as a fault of this file, not of the place."""
    try:
        yield
    except OSError as error:
        words = reason(error)
        place = f"临时文件夹 {tempfile.gettempdir()} 所在的" if words == FULL and _is_temp_folder_full(path) else ""
        this_file_only = words in (IN_USE, TOO_LONG, WRITTEN_TWICE) or (one_file and words in (FORBIDDEN, UNKNOWN))
        message = f"写不进 {path}：{place}{words}。{_ADVICE.get(words, AGAIN)}"
        raise Unwritable(message, everywhere=not this_file_only) from None


def _is_temp_folder_full(path: Path) -> bool:
    """Return True if it is the temporary folder that is full: large workbooks grow there."""
    try:
        free_space = [shutil.disk_usage(folder).free for folder in (path.parent, tempfile.gettempdir())]
    except OSError:
        return False
    return free_space[1] < 2**20 < free_space[0]


@dataclass(frozen=True, slots=True)
class DiskPlace:
    """A file or folder that is used for a while, and the disk that it is on. A drive that is removed leaves an empty
    folder behind, and later files would be written into that."""

    path: Path
    disk: int | None

    @property
    def is_there(self) -> bool:
        """Return True if the file or folder is still on its disk."""
        return self.disk is not None and _disk_of(self.path) == self.disk

    def require(self) -> None:
        """Raise Unwritable when the file or folder is gone."""
        if not self.is_there:
            raise Unwritable(f"{self.path} 不见了：{GONE}，或被移走、删除。请接好后再试。", everywhere=True)


def place_of(path: Path) -> DiskPlace:
    """Return the present place of a file or folder."""
    return DiskPlace(path, _disk_of(path))


def drives_of(paths: Iterable[Path]) -> list[DiskPlace]:
    """Return the folders that files are read from: a folder itself, or the folder of a file. One file may be removed
    without the others."""
    places = [place_of(path) for path in paths]
    places = [place if place.disk is None or place.path.is_dir() else place_of(place.path.parent) for place in places]
    return [place for place in places if place.disk is not None]


def _disk_of(path: Path) -> int | None:
    try:
        return path.stat().st_dev
    except (OSError, ValueError):
        return None
