"""Finds active content (夹带) in an old workbook (.xls, .et). It looks at the names of the streams, and at the records
at the beginning of the workbook: these name its sheets and the files that it refers to."""

import re
import struct
from collections.abc import Iterator, Sequence
from io import BytesIO

from toolkit.workbook.active_content.item import ActiveItem

_SHEET, _BOOK, _OLD_BOOK, _START, _END = 0x0085, 0x01AE, 0x0017, 0x0809, 0x000A
_NEWEST = 0x0600
"""The version of the format that is written since 1997. Before that, texts were bytes."""
_MACROS = (1, 6)
"""Types of macro sheets: those of Excel 4, and those of Visual Basic."""
_MOST = 1_000_000
"""Most records that are read. No program writes nearly as many before the records of the sheets."""
_OWN, _ADD_IN = 0x0401, 0x3A01
_OTHER_FILE, _SEPARATOR = "\x01", "\x03"
"""How a reference to another file begins, and the mark that separates folders, or a program from its query (DDE)."""


def items_in_old_workbook(content: bytes, streams: Sequence[str]) -> Iterator[ActiveItem]:
    """Yield the active content of the file. `streams` are the names of all streams in it."""
    if any("_VBA_PROJECT" in stream for stream in streams):
        yield ActiveItem("macro", "_VBA_PROJECT")
    yield from (
        ActiveItem("object", name) for name in sorted({s.partition("/")[0] for s in streams if s.startswith("MBD")})
    )
    for name in streams:
        if name.lower() in ("workbook", "book"):
            yield from items_in_records(_stream(content, name))


def items_in_records(stream: bytes) -> Iterator[ActiveItem]:
    """Yield the active content that the records before those of the first sheet name. Reading ends where the chain of
    records is broken."""
    newest = False
    for kind, body in _records(stream):
        if kind == _START:
            newest = body[:2] == struct.pack("<H", _NEWEST)
        elif kind == _SHEET and len(body) > 7 and body[5] in _MACROS:
            yield ActiveItem("macro", _text(body[8:], body[6], body[7] & 1) if newest else _text(body[7:], body[6]))
        elif kind == _BOOK and len(body) > 4:
            yield from _items_of_reference(body)
        elif kind == _OLD_BOOK and not newest and body:
            path = _text(body[1:], body[0])
            yield from _items_of_path(path) if path.startswith(_OTHER_FILE) or _SEPARATOR in path[1:] else ()


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and the body of each record."""
    place = 0
    for _ in range(_MOST):
        if place + 4 > len(stream):
            return
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        if kind == _END:
            return
        place += 4 + length


def _items_of_reference(body: bytes) -> Iterator[ActiveItem]:
    """Yield the file or program that a reference names, if it is not the workbook itself or a function of an add-in. A
    blank reference is an unused place."""
    length, flags = struct.unpack_from("<2xHB", body)
    path = "" if length in (_OWN, _ADD_IN) else _text(body[5:], length, flags & 1)
    if path.strip(" \0"):
        yield from _items_of_path(path)


def _items_of_path(path: str) -> Iterator[ActiveItem]:
    """Yield the item for the path of a reference. In the path of a file, control characters stand between its
    folders."""
    if _SEPARATOR in path and not path.startswith(_OTHER_FILE):
        yield ActiveItem("dde", path.replace(_SEPARATOR, "|"))
    else:
        yield ActiveItem("link", re.sub("[\0-\x1f]+", "/", path).strip("/"))


def _text(text: bytes, length: int, wide: int = 0) -> str:
    return text[: 2 * length].decode("utf-16-le", "replace") if wide else text[:length].decode("latin-1")


def _stream(content: bytes, name: str) -> bytes:
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(content)) as file:
            return bytes(file.openstream(name).read())
    except MemoryError:
        raise
    except Exception:  # whatever the bytes hold, the reader of the container may raise on them
        return b""
