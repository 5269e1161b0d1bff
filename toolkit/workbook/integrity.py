"""What is irregular about a returned workbook itself: labels, sheets, formulas and locks that are not as issued.

Whatever is met is told; whether it matters is for the checks to say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from toolkit.forms.model import Form
from toolkit.submission import Irregularity
from toolkit.workbook.formulas import total_formula
from toolkit.workbook.layout import (
    GUIDE,
    IDENTITY,
    INFO,
    REVIEW,
    SELF_CHECK,
    TEXTS,
    Layout,
    Position,
    TableSheet,
    address,
)
from toolkit.workbook.locate import Located
from toolkit.workbook.package import Package

_FORMULA = re.compile(rb"<f[^>]*>([^<]+)</f>")
_LOCK = re.compile(rb'sheetProtection [^>]*\bsheet="(?:1|true)"')
FORMULAS_PER_CHECK = 4
"""Left side, right side, difference and verdict of each line of 自查."""


@cache
def bare(formula: str) -> str:
    """A formula as formulas are compared: programs differ in spaces, dollar signs and quotation marks."""
    return re.sub(r"[\s$'=]", "", formula).upper()


@cache
def total_formulas(table: TableSheet, layout: Layout) -> Mapping[Position, str]:
    """The formulas of a table's totals as they should be, by where they should stand."""
    cells = ((layout.form.cells[cell], position) for cell, position in table.cells.items())
    return {position: total_formula(cell, layout) for cell, position in cells if cell.computed}


def issue_irregularities(form: Form, version: int, issued_to: str, agency: str) -> Iterator[Irregularity]:
    """A template that was issued to another agency, or long ago."""
    if version < form.layout:
        yield Irregularity("old-layout", found=str(version), wanted=str(form.layout))
    if issued_to and agency and "".join(issued_to.split()) != "".join(agency.split()):
        yield Irregularity("other-agency", INFO, agency, issued_to)


def sheet_irregularities(present: Sequence[str], names: Mapping[str, str], layout: Layout) -> Iterator[Irregularity]:
    """Sheets that are called otherwise, that were added, and that are gone."""
    for wanted, found in names.items():
        if wanted != found:
            yield Irregularity("sheet-renamed", found, found, wanted)
    known = {GUIDE, SELF_CHECK, IDENTITY, REVIEW, *names.values()}
    for name in present:
        if name not in known:
            yield Irregularity("sheet-added", name, name)
    for name in (GUIDE, INFO, *([TEXTS] if layout.text_columns else []), SELF_CHECK):
        if name not in present and name not in names:
            yield Irregularity("sheet-missing", name, wanted=name)


def label_irregularities(altered: Mapping[str, Located]) -> Iterator[Irregularity]:
    """Labels that say something else, and tables that stand elsewhere on their sheet; by sheet."""
    for sheet, located in altered.items():
        if located.moved:
            was, now = next((line for line in located.rows.items() if line[0] != line[1]), (-1, -1))
            if was >= 0:
                yield Irregularity("table-moved", sheet, f"第 {now + 1} 行", f"第 {was + 1} 行")
            else:
                was, now = next(line for line in located.columns.items() if line[0] != line[1])
                yield Irregularity("table-moved", sheet, f"第 {now + 1} 列", f"第 {was + 1} 列")
        for position, (found, wanted) in located.altered.items():
            yield Irregularity("label-changed", f"{sheet}!{address(*position)}", found, wanted)


def formula_irregularities(
    package: Package, layout: Layout, names: Mapping[str, str], places: Mapping[str, str], altered: set[str]
) -> Iterator[Irregularity]:
    """Totals without their formula, and 自查 with fewer formulas than it was issued with. Sheets whose rows were moved
    are passed over: programs rewrite their formulas."""
    for table in layout.sheets:
        sheet = names[table.section.id]
        expected = total_formulas(table, layout)
        there = {bare(text.decode("utf-8", "replace")) for text in _FORMULA.findall(package.raw(sheet))}
        if sheet in altered or all(bare(formula) in there for formula in expected.values()):
            continue
        stored = package.stored_cells(sheet)
        for cell, position in table.cells.items():
            wanted = expected.get(position)
            found = stored.get(address(*position))
            if wanted and (found is None or bare(found.formula) != bare(wanted)):
                stands = found.formula if found else ""
                yield Irregularity("formula-overwritten", places[cell], stands, wanted, cell)
    if package.has(SELF_CHECK):
        least = FORMULAS_PER_CHECK * len(layout.check_rows)
        if package.raw(SELF_CHECK).count(b"</f>") < least:
            yield Irregularity("formula-overwritten", SELF_CHECK)


def lock_irregularities(package: Package, names: Mapping[str, str]) -> Iterator[Irregularity]:
    """Sheets whose protection was taken off."""
    open_sheets = [name for name in names.values() if not _is_locked(package.raw(name))]
    if open_sheets:
        yield Irregularity("lock-removed", open_sheets[0], "、".join(open_sheets))


def _is_locked(sheet: bytes) -> bool:
    place = sheet.rfind(b"sheetProtection ")  # it stands near the end, after all cells
    return place >= 0 and _LOCK.match(sheet, place) is not None
