"""Addresses of cells (单元格地址), such as D7, and their positions. Rows and columns are counted from 0."""

import re

Position = tuple[int, int]
"""Row and column of a cell."""


def column_name(column: int) -> str:
    """Return the letters of a column: ``A``, ``B``, …"""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(row: int, column: int) -> str:
    """Return the address of a position, such as ``D7``."""
    return f"{column_name(column)}{row + 1}"


def position_of(place: str) -> Position | None:
    """Return the position of an address such as ``D7``, None if it is not an address."""
    found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", place)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1
