"""Irregularities (异常) of a returned workbook itself: labels, sheets, formulas and locks that are not as issued.

Everything that is found is yielded as data. `toolkit.checks` decides whether it matters, and how to say it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, lru_cache
from html import unescape

from toolkit.characters import plain
from toolkit.excel.addresses import Position, address
from toolkit.forms.model import Form
from toolkit.submission.agency_names import is_short_form
from toolkit.submission.model import Irregularity, IrregularityKind
from toolkit.workbook.formulas import line_sorts, total_formula, verdict_formula
from toolkit.workbook.info_and_text_sheets import InfoSheet
from toolkit.workbook.layout import (
    ASKS,
    CHECK_DIFF,
    CHECK_LEFT,
    CHECK_RANK,
    CHECK_RIGHT,
    CHECK_VERDICT,
    EXPLAINED,
    GUIDE,
    IDENTITY,
    INFO,
    REVIEW,
    SELF_CHECK,
    TEXTS,
    TOP_ROW,
    UNFILLED,
    Layout,
    TableSheet,
)
from toolkit.workbook.locate import Located
from toolkit.workbook.package import Package
from toolkit.workbook.sheet_values import SheetValues, stray

_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[^>]*>([^<]+)</f>')
MARKS = ("√", "×", ASKS, UNFILLED, EXPLAINED)
"""The beginnings of the marks beside and under a table."""
_LOCK = re.compile(rb'sheetProtection [^>]*\bsheet="(?:1|true)"')


@cache
def bare(formula: str) -> str:
    """Return a formula in the spelling in which formulas are compared: programs differ in spaces, dollar signs and
    quotation marks."""
    return re.sub(r"[\s$'=]", "", formula).upper()


@cache
def total_formulas(table: TableSheet, layout: Layout) -> Mapping[Position, str]:
    """Return the formulas that the totals of a table should have, by position."""
    cells = ((layout.form.cells[cell], position) for cell, position in table.cells.items())
    return {position: total_formula(cell, layout) for cell, position in cells if cell.computed}


def issue_irregularities(form: Form, version: int, issued_to: str, info: InfoSheet) -> Iterator[Irregularity]:
    """Yield that a template is an old one, or that it was issued to an agency with another name than was filled in."""
    if version < form.oldest_layout:
        yield Irregularity("old-layout", found=str(version), wanted=str(form.layout))
    issued, filled = plain(issued_to), plain(info.agency)
    if issued and info.agency_at and issued != filled:
        kind: IrregularityKind = (
            "agency-missing" if not filled else "agency-name-short" if is_short_form(filled, issued) else "other-agency"
        )
        yield Irregularity(kind, info.agency_at, info.agency, issued_to)


def sheet_irregularities(
    present: Mapping[str, bool], names: Mapping[str, str], layout: Layout, review: str = REVIEW
) -> Iterator[Irregularity]:
    """Yield the sheets that were renamed, hidden, added or removed. `present` says for each sheet whether it is shown.
    Of the sheets that we issue, only one is hidden. Every other hidden sheet is yielded, whatever its name. `review` is
    the name that 审核意见 has in the file."""
    for wanted, found in names.items():
        if wanted != found:
            yield Irregularity("sheet-renamed", found, found, wanted)
    issued = {GUIDE, SELF_CHECK, *names.values()}
    for name, is_shown in present.items():
        if not is_shown and name != IDENTITY:
            yield Irregularity("sheet-hidden", name, name, name if name in issued else "")
        elif is_shown and name not in (*issued, IDENTITY, review):
            yield Irregularity("sheet-added", name, name)
    for name in (GUIDE, INFO, *([TEXTS] if layout.text_columns else []), SELF_CHECK):
        if name not in present and name not in names:
            yield Irregularity("sheet-missing", name, wanted=name)


def label_irregularities(table: TableSheet, sheet: str, located: Located) -> Iterator[Irregularity]:
    """Yield the rows and columns of a table that were deleted or moved, and the labels that were changed."""
    for axis, lines in enumerate((located.rows, located.columns)):
        for line in (line for line, now in lines.items() if now is None):
            yield Irregularity("line-missing", sheet, "行列"[axis], _own_label(table, axis, line))
    for axis, lines in enumerate((located.rows, located.columns)):
        moved = next(((was, now) for was, now in lines.items() if now is not None and was != now), None)
        if moved:
            was, now = (f"第 {line + 1} {'行列'[axis]}" for line in moved)
            yield Irregularity("table-moved", sheet, now, was)
            break
    for position, (found, wanted) in located.altered.items():
        yield Irregularity("label-changed", f"{sheet}!{address(*position)}", found, wanted)


def _own_label(table: TableSheet, axis: int, line: int) -> str:
    """Return what a row (axis 0) or column (axis 1) is called: the last of the labels that span it."""
    spans = ((box.row, box.height, box.text) if axis == 0 else (box.column, box.width, box.text) for box in table.boxes)
    names = [text for first, length, text in spans if text and first <= line < first + length]
    return names[-1] if names else f"第 {line + 1} {'行列'[axis]}"


@cache
def _own_positions(table: TableSheet) -> frozenset[Position]:
    """Return the cells of a sheet that the template writes or leaves to be filled in, without the head of the sheet."""
    boxes = (*table.boxes, *table.mark_labels)
    covered = {
        (row, column)
        for box in boxes
        for row in range(box.row, box.row + box.height)
        for column in range(box.column, box.column + box.width)
    }
    return frozenset(covered | set(table.marks.values()))


def stray_irregularities(table: TableSheet, sheet: SheetValues) -> Iterator[Irregularity]:
    """Yield what was written beside a table that stands where it should. Our own marks may have been moved."""
    own = _own_positions(table)
    outside = (position for position in sheet.filled(TOP_ROW) if position not in own)
    yield from stray(sheet, (at for at in outside if not is_mark(table, str(sheet.at(*at)))))


def is_mark(table: TableSheet, text: str) -> bool:
    """Return True if a text is one of our marks beside and under a table, which say whether relations hold."""
    return text.startswith(MARKS) or plain(text) in _mark_labels(table)


@cache
def _mark_labels(table: TableSheet) -> frozenset[str]:
    return frozenset(plain(box.text) for box in table.mark_labels)


def formula_irregularities(
    package: Package,
    layout: Layout,
    names: Mapping[str, str],
    places: Mapping[str, str],
    moved: Collection[str],
    shown: Callable[[str], str],
) -> Iterator[Irregularity]:
    """Yield the totals without their formula. In a section whose rows or columns were moved, any formula is accepted,
    because programs rewrite formulas there. `shown` gives what stands in a cell."""
    for table in layout.sheets:
        section = table.section.id
        formulas = total_formulas(table, layout)
        if section not in moved and _totals_stand(_written_out(package, names[section]), table, layout):
            continue
        cells = {
            cell: places[cell].rpartition("!")[2]
            for cell, position in table.cells.items()
            if position in formulas and cell in places
        }
        expected = {place: formulas[table.cells[cell]] for cell, place in cells.items()}
        stored = _formulas(package, names[section])
        for cell, place in cells.items():
            wanted = expected[place]
            if not _all_stand(stored, {place: wanted}, section in moved):
                stands = stored.get(place) or shown(cell)
                yield Irregularity("formula-overwritten", places[cell], stands, wanted, cell)


@cache
def _self_check_formulas(layout: Layout) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the verdicts of 自查 by address, and its other formulas. Of the other formulas it is enough that they
    exist."""
    rows, sorts = layout.check_rows, line_sorts(layout)
    verdicts = {address(row, CHECK_VERDICT): verdict_formula(*sorts[key], row) for key, row in rows.items()}
    columns = (CHECK_LEFT, CHECK_RIGHT, CHECK_DIFF)
    return verdicts, {address(row, column): "" for row in rows.values() for column in columns}


def self_check_stands(package: Package, layout: Layout, sheet: str) -> bool:
    """Return True if a sheet has all formulas of 自查, where they should be."""
    return _self_check_stands(_written_out(package, sheet), layout)


def self_check_irregularities(package: Package, layout: Layout) -> Iterator[Irregularity]:
    """Yield one irregularity with the cells of 自查 that have no formula, or a verdict with another formula. A template
    from before there were ranks has other lines, and is not looked at."""
    if not package.has(SELF_CHECK):
        return
    if self_check_stands(package, layout, SELF_CHECK):
        return
    verdicts, others = _self_check_formulas(layout)
    there = _formulas(package, SELF_CHECK)
    if not any(there.get(address(row, CHECK_RANK)) for row in layout.check_rows.values()):
        return
    lost = [place for place, wanted in verdicts.items() if not _all_stand(there, {place: wanted}, False)]
    lost += [place for place in others if not there.get(place)]
    if lost:
        first, *also = (f"{SELF_CHECK}!{place}" for place in lost)
        yield Irregularity("formula-overwritten", first, also=tuple(also))


WrittenOut = tuple[tuple[bytes, bytes], ...]
"""The formulas of a sheet that are written out in their cells, with their addresses, as they stand in the file. These
are nearly all. They are the same in nearly all workbooks of a form, so that results for them are cached."""


def _written_out(package: Package, sheet: str) -> WrittenOut:
    return _formulas_in(package.raw(sheet))


@lru_cache(8)
def _formulas_in(sheet: bytes) -> WrittenOut:
    return tuple(_FORMULA.findall(sheet))


@lru_cache(256)
def _by_address(found: WrittenOut) -> Mapping[str, str]:
    return {place.decode(): unescape(text.decode("utf-8", "replace")) for place, text in found}


@lru_cache(256)
def _totals_stand(found: WrittenOut, table: TableSheet, layout: Layout) -> bool:
    """Return True if every total of a table stands where it should and has the formula that it should have."""
    expected = {address(*position): formula for position, formula in total_formulas(table, layout).items()}
    return _all_stand(_by_address(found), expected, False)


@lru_cache(64)
def _self_check_stands(found: WrittenOut, layout: Layout) -> bool:
    """Return True if 自查 has all its formulas, and its verdicts have the right ones."""
    verdicts, others = _self_check_formulas(layout)
    return _all_stand(_by_address(found), verdicts, False) and _all_stand(_by_address(found), others, True)


def _formulas(package: Package, sheet: str) -> dict[str, str]:
    """Return all formulas by address."""
    return {place: found.formula for place, found in package.stored_cells(sheet).items()}


def _all_stand(there: Mapping[str, str], expected: Mapping[str, str], moved: bool) -> bool:
    return all(there.get(place) and (moved or bare(there[place]) == bare(text)) for place, text in expected.items())


def lock_irregularities(package: Package, names: Mapping[str, str]) -> Iterator[Irregularity]:
    """Yield one irregularity that names the sheets whose protection was taken off, if there are any."""
    open_sheets = tuple(name for name in names.values() if not _is_locked(package.raw(name)))
    if open_sheets:
        yield Irregularity("lock-removed", open_sheets[0], names=open_sheets)


def _is_locked(sheet: bytes) -> bool:
    place = sheet.rfind(b"sheetProtection ")  # it stands near the end, after all cells
    return place >= 0 and _LOCK.match(sheet, place) is not None
