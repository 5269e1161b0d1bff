"""Reads what an agency wrote to reminders (说明): on 自查, and on the sheet 审核意见 of an annotated copy (批注件) that
came back.

Sheets and columns are found by their headers. What stands in a column for explanations, but beside nothing that could
be explained, is told and not lost.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from python_calamine import CalamineWorkbook

from toolkit.excel.addresses import Position, address
from toolkit.problems import Unreadable
from toolkit.submission.model import Explanation, Irregularity
from toolkit.workbook.info_and_text_sheets import has_all_labels
from toolkit.workbook.integrity import self_check_stands
from toolkit.workbook.layout import (
    CHECK_EXPLANATION,
    CHECK_HEAD_ROW,
    CHECK_KEY,
    CHECK_PLACE,
    CHECK_SENTENCE,
    EXPLANATION,
    IDENTITY,
    NUMBER,
    REVIEW,
    REVIEW_HEAD_ROW,
    REVIEW_HEADERS,
    SELF_CHECK,
    Layout,
)
from toolkit.workbook.locate_labels import find_labels
from toolkit.workbook.package import Package
from toolkit.workbook.sheet_values import SheetValues, stray, text_of
from toolkit.workbook.workbook_sheets import Book, read_sheet, with_unread

_FINGERPRINT = re.compile(r"[0-9a-f]{8,64}(?:-[0-9]+)?")
_OPEN_CELL = re.compile(rb'<c r="%s([0-9]+)"(?![^>]*/>)[^>]*>' % address(0, CHECK_EXPLANATION)[:-1].encode())
"""A cell of the column for explanations on 自查 that holds something."""

Labels = Mapping[str, tuple[Position, str]]


@dataclass(frozen=True, slots=True)
class Explanations:
    """What was read. `review` and `self_check` are the names that 审核意见 and 自查 have in the file, also if it has no
    such sheet."""

    review: str = REVIEW
    self_check: str = SELF_CHECK
    found: tuple[Explanation, ...] = ()
    irregularities: tuple[Irregularity, ...] = ()

    def names(self, names: Mapping[str, str]) -> Mapping[str, str]:
        """Return these names of sheets, with 自查 if it was renamed."""
        return names if self.self_check == SELF_CHECK else {**names, SELF_CHECK: self.self_check}


def read_explanations(package: Book, book: CalamineWorkbook, layout: Layout, names: Collection[str]) -> Explanations:
    """Return what stands on 自查 and 审核意见. `names` are the sheets that are known to be something else."""
    unknown = [name for name in book.sheet_names if name not in (*names, IDENTITY, REVIEW, SELF_CHECK)]

    def in_file(wanted: str, labels: Labels) -> str:
        return wanted if wanted in book.sheet_names else _renamed(package, book, unknown, labels) or wanted

    result = Explanations(
        review=in_file(REVIEW, _review_labels()),
        self_check=in_file(SELF_CHECK, _self_check_labels()),
    )
    if result.self_check in book.sheet_names and _may_explain(package, layout, result.self_check):
        result = _with_sheet(result, package, book, result.self_check, _self_check_labels(), _keys(layout).__contains__)
    if result.review in book.sheet_names:
        result = _with_sheet(result, package, book, result.review, _review_labels(), _is_fingerprint)
    return result


@cache
def _keys(layout: Layout) -> frozenset[str]:
    """Return the keys of all lines that 自查 can have."""
    return frozenset((*layout.check_rows, *(case.id for case in layout.form.carry_overs)))


def _is_fingerprint(text: str) -> bool:
    return _FINGERPRINT.fullmatch(text) is not None


@cache
def _review_labels() -> Labels:
    return {text: ((REVIEW_HEAD_ROW, column), text) for column, text in enumerate(REVIEW_HEADERS)}


@cache
def _self_check_labels() -> Labels:
    columns = {
        "位置": CHECK_PLACE,
        "检查内容": CHECK_SENTENCE,
        EXPLANATION: CHECK_EXPLANATION,
        NUMBER: CHECK_KEY,
    }
    return {text: ((CHECK_HEAD_ROW, column), text) for text, column in columns.items()}


def _renamed(package: Book, book: CalamineWorkbook, unknown: Sequence[str], labels: Labels) -> str:
    """Return the only sheet of those that has all these headers, empty if it is not certain."""
    similar = [name for name in unknown if has_all_labels(read_sheet(package, book, name), labels, 0)]
    return similar[0] if len(similar) == 1 else ""


def _may_explain(package: Book, layout: Layout, sheet: str) -> bool:
    """Return False if 自查 stands as it was issued and nothing was written in its column for explanations. Then it need
    not be read."""
    if not isinstance(package, Package):
        return True
    written = (int(row) - 1 for row in _OPEN_CELL.findall(package.raw(sheet)))
    return not self_check_stands(package, layout, sheet) or any(row > CHECK_HEAD_ROW for row in written)


def _with_sheet(
    result: Explanations,
    package: Book,
    book: CalamineWorkbook,
    name: str,
    labels: Labels,
    is_key: Callable[[str], bool],
) -> Explanations:
    """Return the result with what stands on one more sheet. A sheet that cannot be read is told: it must not keep the
    figures of the form from being read."""
    try:
        sheet = with_unread(package, read_sheet(package, book, name))
    except Unreadable as problem:
        told = Irregularity("outside-form", f"{name}!A1", problem.message)
        return replace(result, irregularities=(*result.irregularities, told))
    found, irregularities = _explanations_on(sheet, labels, is_key)
    return replace(result, found=(*result.found, *found), irregularities=(*result.irregularities, *irregularities))


def _explanations_on(
    sheet: SheetValues, labels: Labels, is_key: Callable[[str], bool]
) -> tuple[list[Explanation], list[Irregularity]]:
    """Return the explanations of a sheet, and what stands in their column beside nothing that could be explained."""
    places = find_labels(labels, 0, sheet.at, sheet.height, sheet.width)
    text_head, key_head = (places[header].position if places else None for header in (EXPLANATION, NUMBER))
    if text_head is None or key_head is None:
        return [], []
    found, beside_nothing = [], []
    for row in range(text_head[0] + 1, sheet.height):
        text, key = text_of(sheet.at(row, text_head[1])), text_of(sheet.at(row, key_head[1])).strip()
        if text.strip() and is_key(key):
            found.append(Explanation(key, text, f"{sheet.name}!{address(row, text_head[1])}"))
        elif text.strip():
            beside_nothing.append((row, text_head[1]))
    return found, list(stray(sheet, beside_nothing))
