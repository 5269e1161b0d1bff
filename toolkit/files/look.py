"""Looks at the beginning of a file whose name does not say that it is a workbook: somebody may have renamed it."""

import re
import struct
from pathlib import Path
from typing import IO

from toolkit.files.kinds import COMPOUND, PACKAGE
from toolkit.files.read import open_regular, read_at_most
from toolkit.problems import Unreadable

LOOK = 65_536
"""Bytes of a package that are looked at: the names of its first parts stand there."""
FAR = 4 * 2**20
"""The farthest place at which the directory of a compound file is looked for."""
_SHEET_PART = re.compile(rb"PK\x03\x04.{26}xl/", re.S)
_DIRECTORY = 4096
_SECTORS = (9, 12)
_BOOKS, _OTHERS = ("Workbook", "Book"), ("WordDocument", "PowerPoint Document", "__properties_version1.0")


def is_workbook_named_otherwise(path: Path) -> bool:
    """Return True if a file on disk begins as a workbook of Excel does, whatever its name is."""
    try:
        with open_regular(path) as file:
            return begins_as_workbook(file)
    except (OSError, ValueError, Unreadable):
        return False


def begins_as_workbook(file: IO[bytes]) -> bool:
    """Return True if a file begins as a workbook of Excel does (.xlsx, .xls). Only a small part of it is read."""
    start = read_at_most(file, len(COMPOUND))
    if start.startswith(PACKAGE):
        return bool(_SHEET_PART.search(start + read_at_most(file, LOOK)))
    return start == COMPOUND and _is_old_workbook(start + read_at_most(file, 512 - len(start)), file)


def _is_old_workbook(header: bytes, file: IO[bytes]) -> bool:
    """Return True if a compound file has the stream of a workbook among its first ones, and that of no document."""
    if len(header) < 512:
        return False
    (shift,), (first,) = struct.unpack_from("<H", header, 30), struct.unpack_from("<I", header, 48)
    place = (first + 1) << shift
    if shift not in _SECTORS or place > FAR:
        return False
    read_at_most(file, place - len(header))
    directory = read_at_most(file, _DIRECTORY)
    names = {
        directory[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0]
        for at in range(0, len(directory) - 63, 128)
    }
    return any(name in names for name in _BOOKS) and not any(name in names for name in _OTHERS)
