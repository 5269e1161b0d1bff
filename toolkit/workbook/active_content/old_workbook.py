"""What rides along (夹带) in an old workbook (.xls, .et): by the names of the streams in it, and by what the records at
the beginning of the workbook say of its sheets and of the files that it refers to."""

import re
import struct
from collections.abc import Iterator, Sequence
from io import BytesIO

from toolkit.workbook.active_content.item import Rider

_SHEET, _BOOK, _OLD_BOOK, _START, _END = 0x0085, 0x01AE, 0x0017, 0x0809, 0x000A
_NEWEST = 0x0600
"""The version of the format that is written since 1997; texts were bytes before."""
_MACROS = (1, 6)
"""Sheets of macros: those of Excel 4, and those of Visual Basic."""
_MOST = 1_000_000
"""Records; before those of the sheets, no program writes nearly as many."""
_OWN, _ADD_IN = 0x0401, 0x3A01
_ELSEWHERE, _STEP = "\x01", "\x03"
"""What a reference to another file begins with. The other parts folders, and a program from what it is asked (DDE)."""


def old_riders(content: bytes, streams: Sequence[str]) -> Iterator[Rider]:
    """What rides along; `streams` are the names of all in the file."""
    if any("_VBA_PROJECT" in stream for stream in streams):
        yield Rider("macro", "_VBA_PROJECT")
    yield from (Rider("object", name) for name in sorted({s.partition("/")[0] for s in streams if s.startswith("MBD")}))
    for name in streams:
        if name.lower() in ("workbook", "book"):
            yield from riders_in_records(_stream(content, name))


def riders_in_records(stream: bytes) -> Iterator[Rider]:
    """What the records say that stand before those of the first sheet. A chain that is broken ends there."""
    newest = False
    for kind, body in _records(stream):
        if kind == _START:
            newest = body[:2] == struct.pack("<H", _NEWEST)
        elif kind == _SHEET and len(body) > 7 and body[5] in _MACROS:
            yield Rider("macro", _text(body[8:], body[6], body[7] & 1) if newest else _text(body[7:], body[6]))
        elif kind == _BOOK and len(body) > 4:
            yield from _referred(body)
        elif kind == _OLD_BOOK and not newest and body:
            path = _text(body[1:], body[0])
            yield from _links(path) if path.startswith(_ELSEWHERE) or _STEP in path[1:] else ()


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    for _ in range(_MOST):
        if place + 4 > len(stream):
            return
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        if kind == _END:
            return
        place += 4 + length


def _referred(body: bytes) -> Iterator[Rider]:
    """What a workbook refers to: itself and functions of add-ins aside, a file or a program. A blank is a place that is
    not used."""
    length, flags = struct.unpack_from("<2xHB", body)
    path = "" if length in (_OWN, _ADD_IN) else _text(body[5:], length, flags & 1)
    if path.strip(" \0"):
        yield from _links(path)


def _links(path: str) -> Iterator[Rider]:
    """Where a reference leads. In the path of a file, marks stand for the steps between its folders."""
    if _STEP in path and not path.startswith(_ELSEWHERE):
        yield Rider("dde", path.replace(_STEP, "|"))
    else:
        yield Rider("link", re.sub("[\0-\x1f]+", "/", path).strip("/"))


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
