"""Tables as the HTML standard reads them: which place each cell covers, and which headers each figure has.

Written from the standard's sections “forming a table” and “header and data cell semantics”, not from our code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

Place = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Spot:
    """A cell, where it is anchored and how far it reaches."""

    element: HtmlElement
    row: int
    column: int
    height: int
    width: int
    group: tuple[int, int]

    @property
    def is_header(self) -> bool:
        return self.element.tag == "th"

    @property
    def scope(self) -> str | None:
        return self.element.get("scope")

    @property
    def text(self) -> str:
        return self.element.text_content()


def spots(parts: Sequence[HtmlElement]) -> dict[Place, Spot]:
    """The cells of row groups by the places that they cover. No two cells cover one place, no cell leaves its group."""
    places: dict[Place, Spot] = {}
    top = 0
    for part in parts:
        rows = part.findall("tr")
        group = (top, top + len(rows))
        for row, line in enumerate(rows, top):
            column = 0
            for element in line:
                while (row, column) in places:
                    column += 1
                height, width = int(element.get("rowspan", 1)), int(element.get("colspan", 1))
                assert row + height <= group[1]
                spot = Spot(element, row, column, height, width, group)
                for place in ((y, x) for y in range(row, row + height) for x in range(column, column + width)):
                    assert place not in places
                    places[place] = spot
        top = group[1]
    return places


def column_groups(table: HtmlElement) -> list[tuple[int, int]]:
    """First column and the one after the last of each group."""
    groups, left = [], 0
    for group in table.findall("colgroup"):
        groups.append((left, left + len(group.findall("col"))))
        left = groups[-1][1]
    return groups


def headers_of(spot: Spot, places: dict[Place, Spot], columns: list[tuple[int, int]]) -> list[Spot]:
    """The headers that the standard assigns to a cell without a `headers` attribute."""
    found: list[Spot] = []
    for row in range(spot.row, spot.row + spot.height):
        found += _scanned([(row, x) for x in range(spot.column - 1, -1, -1)], places, "row")
    for column in range(spot.column, spot.column + spot.width):
        found += _scanned([(y, column) for y in range(spot.row - 1, -1, -1)], places, "col")
    right, bottom = spot.column + spot.width - 1, spot.row + spot.height - 1
    before = [one for one in dict.fromkeys(places.values()) if one.column <= right and one.row <= bottom]
    found += [one for one in before if one.scope == "rowgroup" and one.group == spot.group]
    mine = next(group for group in columns if group[0] <= spot.column < group[1])
    found += [one for one in before if one.scope == "colgroup" and mine[0] <= one.column < mine[1]]
    return [one for one in dict.fromkeys(found) if one is not spot and one.text.strip()]


def _scanned(way: Sequence[Place], places: dict[Place, Spot], scope: str) -> Iterator[Spot]:
    opaque, block = list[Spot](), list[Spot]()
    for place in way:
        spot = places[place]
        if not spot.is_header:
            opaque, block = opaque + block, []
            continue
        block.append(spot)
        alike = [
            (one.column, one.width) == (spot.column, spot.width)
            if scope == "col"
            else (one.row, one.height) == (spot.row, spot.height)
            for one in opaque
        ]
        if not any(alike) and spot.scope == scope:
            yield spot
