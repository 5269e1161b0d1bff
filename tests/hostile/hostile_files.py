"""A hostile file, and the sound workbook that many are made of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import kit
from packages import (
    packed,
    parts_of,
    replaced,
)

from toolkit.workbook.template import build_workbook

GOOD = 10
BAIT = "http://127.0.0.1:18427"
"""An address that is listened at while the commands run: nobody may ask there."""
SHEET = "xl/worksheets/sheet4.xml"
"""The sheet of the largest table."""


@dataclass(frozen=True)
class Hostile:
    """A file: what it is called, what is in it, and what is to come of it in a check: `status`, and the cause why it
    gave nothing, or rules that have to find something. With the status `left out`, it is listed with a reason that has
    these words. What is no plain file is made by `make`."""

    name: str
    content: bytes
    status: str
    ids: tuple[str, ...] = ()
    make: Callable[[Path], object] | None = None


Made = Callable[[], Iterator[Hostile]]


@cache
def good(number: int = 0) -> bytes:
    """A filled workbook without a fault, another agency's for each number."""
    return build_workbook(replace(kit.report("suqian-2024"), agency=f"第{number}局" if number else "宿迁市人民政府"))


@cache
def sound_parts() -> dict[str, bytes]:
    return parts_of(good())


def unreadable(name: str, content: bytes, cause: str) -> Hostile:
    return Hostile(name, content, "unreadable", (cause,))


def carrying(name: str, parts: dict[str, bytes], *rules: str) -> Hostile:
    return Hostile(name, packed(parts), "passed", rules)


def with_names(parts: dict[str, bytes], name: str, text: str, times: int = 1) -> dict[str, bytes]:
    """A workbook with more defined names; from the second on, a number stands behind them."""
    numbers = ("", *map(str, range(2, times + 1)))
    new = "".join(f'<definedName name="{name}{number}">{text}</definedName>' for number in numbers).encode()
    if b"<definedNames>" in parts["xl/workbook.xml"]:
        return replaced(parts, "xl/workbook.xml", b"<definedNames>", b"<definedNames>" + new)
    return replaced(parts, "xl/workbook.xml", b"</sheets>", b"</sheets><definedNames>" + new + b"</definedNames>")
