"""Reads a returned workbook back into a Submission (报送数据).

Values are read with calamine. Totals are computed; a total that the workbook shows differently is kept beside, but only
if its formula is gone or altered. The file itself is also read for cells that seem empty: calamine gives nothing for
error values and for formulas that were saved without a result.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from toolkit.excel.addresses import address
from toolkit.files.admit import Admitted, admit
from toolkit.files.read import read_bytes
from toolkit.forms.loader import FormLookup
from toolkit.forms.model import Cell
from toolkit.problems import Unreadable
from toolkit.submission.model import Identity, Irregularity, Submission, Value
from toolkit.workbook.displayed_values import display_irregularities, misleading_cells
from toolkit.workbook.explanations import read_explanations
from toolkit.workbook.hidden_lines import hidden_irregularities
from toolkit.workbook.info_and_text_sheets import InfoSheet, TextSheet, read_info, read_texts
from toolkit.workbook.integrity import (
    formula_irregularities,
    is_mark,
    issue_irregularities,
    label_irregularities,
    lock_irregularities,
    self_check_irregularities,
    sheet_irregularities,
    stray_irregularities,
)
from toolkit.workbook.layout import GUIDE, IDENTITY, INFO, TEXTS, Layout, TableSheet, layout_of
from toolkit.workbook.package import Package
from toolkit.workbook.table_values import (
    TableOnSheet,
    blank_totals,
    cell_places,
    cell_text,
    differing_totals,
    filled_values,
    find_table,
    without_formula,
)
from toolkit.workbook.workbook_sheets import (
    IDENTITY_GONE,
    NOT_OURS,
    Book,
    exact_figures_of,
    has_form_sheets,
    has_row_for,
    identify,
    identity_text,
    open_book,
    read_sheet,
    sheet_names,
    sum_parts,
    visible_sheets,
    with_unread,
)


def read_workbook(path: Path, form_of: FormLookup) -> Submission:
    """Read one completed workbook. `form_of` finds a form by its id.

    Raise Unreadable, in words for the user, when the file is not a workbook or not one of ours.
    """
    return read_workbook_bytes(read_bytes(path), form_of)


def read_workbook_bytes(content: bytes, form_of: FormLookup) -> Submission:
    """Do the same as `read_workbook`, from the bytes of the file."""
    return read_admitted(admit(content), form_of)


def read_admitted(file: Admitted, form_of: FormLookup) -> Submission:
    """Do the same as `read_workbook`, from a file that was admitted."""
    package, book = open_book(file)
    if IDENTITY not in book.sheet_names:
        raise Unreadable(IDENTITY_GONE if has_form_sheets(book.sheet_names) else NOT_OURS, "not-a-form")
    identity = read_sheet(package, book, IDENTITY)
    form, year, version = identify(identity, form_of)
    layout = layout_of(form)
    names = sheet_names(package, book, layout, version)
    tables = {
        table.section.id: find_table(package, book, names[table.section.id], table, layout) for table in layout.sheets
    }
    values, as_text = filled_values(layout, tables, exact_figures_of(identity, form))
    others = {key: with_unread(package, read_sheet(package, book, names[key])) for key in (INFO, TEXTS) if key in names}
    info = read_info(others[INFO], layout, year, version) if INFO in others else InfoSheet()
    same_format = partial(package.same_format, names.get(TEXTS, ""))
    texts = read_texts(others[TEXTS], layout, same_format) if TEXTS in others else TextSheet()
    explained = read_explanations(package, book, layout, (*names.values(), GUIDE))
    issued_to, issued, signature = (identity_text(identity, key) for key in ("agency", "id", "signature"))
    places = cell_places(layout, tables)
    irregularities = (
        *issue_irregularities(form, version, issued_to, info),
        *sheet_irregularities(visible_sheets(book), explained.names(names), layout, explained.review),
        *info.irregularities,
        *(found for section, table in tables.items() for found in _label_irregularities(layout, section, table)),
        *texts.irregularities,
        *explained.irregularities,
        *_template_irregularities(package, layout, tables, version, names, places),
        *(found for sheet in others.values() for found in hidden_irregularities(sheet, package.hidden(sheet.name))),
        *_display_irregularities(package, layout, tables, values),
        *package.file_irregularities(),
    )
    submission = Submission(
        form=form,
        agency=info.agency or issued_to,
        year=year,
        values=values,
        texts=texts.texts,
        info=info.fields,
        as_text=as_text,
        places=places,
        text_places=texts.places,
        irregularities=irregularities,
        issued=issued,
        parts=sum_parts(identity),
        identity=Identity(form.id, year, issued_to, issued),
        signature=signature,
        signature_gone=not signature and has_row_for(identity, "signature"),
        explanations=explained.found,
    )
    return _with_totals(submission, package, layout, tables)


def _with_totals(
    submission: Submission, package: Book, layout: Layout, tables: Mapping[str, TableOnSheet]
) -> Submission:
    """Return the submission with the totals that stand there differently or not at all, where no formula gives them."""
    shown = without_formula(package, layout, tables, differing_totals(layout, tables, submission))
    unstated = without_formula(package, layout, tables, blank_totals(layout, tables))
    return replace(submission, shown=shown, unstated=frozenset(unstated)) if shown or unstated else submission


def _display_irregularities(
    package: Book, layout: Layout, tables: Mapping[str, TableOnSheet], values: Mapping[str, Value]
) -> Iterator[Irregularity]:
    """Yield the irregularities of what a person cannot see in the tables, or sees differently from the value."""
    not_whole = {cell for cell, value in values.items() if isinstance(value, Decimal)}
    for section, table in tables.items():
        name, of = table.sheet.name, layout.sheet(section)
        yield from hidden_irregularities(table.sheet, package.hidden(name), partial(is_mark, of))
        display = package.display(name)
        cells = _cells_to_check(layout, of, table, bool(display.may_mislead), not_whole)
        yield from display_irregularities(name, misleading_cells(display, cells, partial(package.stored_number, name)))


def _cells_to_check(
    layout: Layout, of: TableSheet, table: TableOnSheet, check_all: bool, not_whole: Collection[str]
) -> Iterator[tuple[Cell, str, Any]]:
    """Yield the number cells of a table that are not empty, with their addresses and values. Without `check_all`, yield
    only those with decimals: a format that shows every whole number may round them."""
    for cell in _number_cells(of, layout):
        if check_all or cell.computed or cell.id in not_whole:
            position = table.position(*of.cells[cell.id])
            raw = table.sheet.at(*position) if position else ""
            if position and raw != "" and (check_all or (isinstance(raw, float) and not raw.is_integer())):
                yield cell, address(*position), raw


@cache
def _number_cells(table: TableSheet, layout: Layout) -> tuple[Cell, ...]:
    return tuple(cell for key in table.cells if (cell := layout.form.cells[key]).kind.is_number)


def _template_irregularities(
    package: Book,
    layout: Layout,
    tables: Mapping[str, TableOnSheet],
    version: int,
    names: Mapping[str, str],
    places: Mapping[str, str],
) -> Iterator[Irregularity]:
    """Yield the irregularities of formulas and locks that are no longer as in the template. A converted file has
    neither."""
    if not isinstance(package, Package):
        return
    moved = {section for section, table in tables.items() if table.moved}
    yield from formula_irregularities(package, layout, names, places, moved, partial(cell_text, layout, tables))
    if version == layout.form.layout:
        yield from self_check_irregularities(package, layout)
    yield from lock_irregularities(package, names)


def _label_irregularities(layout: Layout, section: str, table: TableOnSheet) -> Iterator[Irregularity]:
    """Yield the irregularities of altered labels and of contents beside the table."""
    if table.located:
        yield from label_irregularities(layout.sheet(section), table.sheet.name, table.located)
    if not table.moved:
        yield from stray_irregularities(layout.sheet(section), table.sheet)
