"""Finds labels that stand in one line (row or column) of a sheet, wherever that line was moved to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.characters import plain
from toolkit.excel.addresses import Position
from toolkit.workbook.locate import CellReader
from toolkit.workbook.sheet_values import text_of


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """A label: where it should stand (`wanted`), where it stands (`position`, None if it is missing), and the text
    there."""

    text: str
    wanted: Position
    position: Position | None
    stands: str


def find_labels(
    expected: Mapping[str, tuple[Position, str]], axis: int, at: CellReader, height: int, width: int
) -> dict[str, LabelPlace] | None:
    """Return where each label of one row (axis 0) or column (axis 1) stands. Return None if no label is found, or if it
    is not certain.

    A label that was altered is taken to stand in its place beside the others.
    """
    if all(str(at(*wanted)) == text for wanted, text in expected.values()):
        return {key: LabelPlace(text, wanted, wanted, text) for key, (wanted, text) in expected.items()}
    texts = {plain(text): key for key, (_, text) in expected.items()}
    there = [
        ((row, column), texts[text])
        for row in range(height)
        for column in range(width)
        if isinstance(value := at(row, column), str) and (text := plain(value)) in texts
    ]
    if not there:
        return None
    # Take the line with most labels: what was filled in may repeat a label.
    line, _ = Counter(position[axis] for position, _ in there).most_common(1)[0]
    found = [(key, position) for position, key in there if position[axis] == line]
    places: dict[str, Position | None] = dict(found)
    if len(places) < len(found):
        return None
    shifts = {(position[0] - expected[key][0][0], position[1] - expected[key][0][1]) for key, position in found}
    result = {}
    for key, (wanted, text) in expected.items():
        position = places.get(key)
        if position is None and len(shifts) == 1:
            ((down, right),) = shifts
            beside = wanted[0] + down, wanted[1] + right
            altered = min(beside) >= 0 and str(at(*beside)).strip() and beside not in places.values()
            position = beside if altered else None
        result[key] = LabelPlace(text, wanted, position, text_of(at(*position)) if position else "")
    return result
