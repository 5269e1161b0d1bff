"""Writes a .rar of the old kind (RAR 4) with members that are stored, not packed: no free program writes .rar."""

import struct
import zlib
from collections.abc import Mapping

_MARK, _HEAD, _FILE, _END = b"Rar!\x1a\x07\x00", 0x73, 0x74, 0x7B
_DOS_TIME = ((2025 - 1980) << 25) | (1 << 21) | (10 << 16) | (8 << 11)
STORED, PACKED = 0x30, 0x33


def rar(
    members: Mapping[str, bytes], sizes: Mapping[str, int] | None = None, flags: int = 0, method: int = STORED
) -> bytes:
    """The bytes of an archive. `sizes` are false sizes that members declare; `flags` 4 says that members have a
    password; with `method` PACKED they say that they are packed."""
    made = _MARK + _block(_HEAD, 0, bytes(6))
    for name, content in members.items():
        size = (sizes or {}).get(name, len(content))
        plain, wide = name.encode("ascii", "replace"), name.encode("utf-16-le")
        full = plain + b"\0" + _packed_name(wide)
        body = struct.pack(
            "<IIBIIBBHI", len(content), size, 2, zlib.crc32(content), _DOS_TIME, 29, method, len(full), 0x20
        )
        made += _block(_FILE, 0x8200 | flags, body + full) + content
    return made + _block(_END, 0x4000, b"")


def _packed_name(wide: bytes) -> bytes:
    """A name in the encoding of RAR 4: every character with both of its bytes."""
    packed = b"\0"
    for at in range(0, len(wide), 8):
        group = wide[at : at + 8]
        packed += bytes([0b10101010]) + group
    return packed


def _block(kind: int, flags: int, body: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest
