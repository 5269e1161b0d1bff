"""Writes a compound file (复合文档) of streams and folders: a few lines of MS-CFB that olefile and Office open."""

import struct
from collections.abc import Mapping
from typing import Any

SECTOR, SMALL, CUTOFF = 512, 64, 4096
END, FREE, FAT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5


class _Entry:
    def __init__(self, name: str, kind: int, content: bytes = b"") -> None:
        self.name, self.kind, self.content = name, kind, content
        self.left = self.right = self.child = NONE
        self.start = END


def compound(tree: Mapping[str, Any]) -> bytes:
    """The bytes of a file with these streams (bytes) and folders (mappings)."""
    entries = [_Entry("Root Entry", ROOT)]
    entries[0].child = _add(tree, entries)
    small, small_fat, big, fat = bytearray(), list[int](), bytearray(), list[int]()
    for entry in entries:
        if entry.kind == STREAM and entry.content:
            if len(entry.content) < CUTOFF:
                entry.start = _chain(small, small_fat, entry.content, SMALL)
            else:
                entry.start = _chain(big, fat, entry.content, SECTOR)
    entries[0].content = bytes(small)
    if small:
        entries[0].start = _chain(big, fat, bytes(small), SECTOR)
    listed = b"".join(struct.pack("<I", number) for number in small_fat)
    small_start = _chain(big, fat, listed, SECTOR, b"\xff") if listed else END
    directory = b"".join(map(_record, entries))
    directory_start = _chain(big, fat, directory, SECTOR)
    count = 1
    while count * SECTOR // 4 < len(fat) + count:
        count += 1
    assert count <= 109, "a larger file needs more than the header's room"
    places = range(len(fat), len(fat) + count)
    fat += [FAT] * count
    table = b"".join(struct.pack("<I", number) for number in fat).ljust(count * SECTOR, b"\xff")
    head = struct.pack(
        "<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, count, directory_start, 0, CUTOFF, small_start, -(-len(listed) // SECTOR), END, 0,
    )  # fmt: skip
    head += b"".join(struct.pack("<I", place) for place in places).ljust(436, b"\xff")
    return head + bytes(big) + table


def _add(tree: Mapping[str, Any], entries: list[_Entry]) -> int:
    """Add what is in a folder as a balanced tree of siblings; gives its root."""
    made = []
    for name in sorted(tree, key=lambda name: (len(name), name.upper())):
        content = tree[name]
        entry = _Entry(name, STREAM, content) if isinstance(content, bytes) else _Entry(name, STORAGE)
        made.append(len(entries))
        entries.append(entry)
        if entry.kind == STORAGE:
            entry.child = _add(content, entries)
    return _siblings(made, entries)


def _siblings(made: list[int], entries: list[_Entry]) -> int:
    if not made:
        return NONE
    middle = len(made) // 2
    entries[made[middle]].left = _siblings(made[:middle], entries)
    entries[made[middle]].right = _siblings(made[middle + 1 :], entries)
    return made[middle]


def _chain(target: bytearray, table: list[int], content: bytes, size: int, fill: bytes = b"\0") -> int:
    """Write content into sectors of a size, one after the other; gives the first."""
    first, count = len(table), -(-len(content) // size)
    target += content.ljust(count * size, fill)
    table += [*range(first + 1, first + count), END]
    return first


def _record(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    start = 0 if entry.kind == STORAGE else entry.start
    return struct.pack(
        "<64sHBB3I16xI16xIQ", name.ljust(64, b"\0"), len(name), entry.kind, 1,
        entry.left, entry.right, entry.child, 0, start, len(entry.content),
    )  # fmt: skip
