"""Reads a returned workbook back into a Submission.

Values come through calamine. Totals are computed; a total that the workbook shows differently is kept beside, and
only then the file itself is asked whether a formula still stands there. It is asked, too, what a cell holds that reads
as empty: calamine gives nothing for error values and for formulas that were saved without a result.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from io import BytesIO
from math import isclose
from pathlib import Path
from typing import Any

import python_calamine
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from toolkit.characters import one_line, plain
from toolkit.files.admit import Admitted, admit
from toolkit.files.kinds import DAMAGED
from toolkit.files.read import read_bytes
from toolkit.forms.loader import FormLookup
from toolkit.forms.model import Cell, Form, Number
from toolkit.forms.relations import total
from toolkit.problems import Unreadable
from toolkit.submission.model import YEARS, Identity, Irregularity, Submission, Value
from toolkit.submission.spelling import plain_number, tidy
from toolkit.workbook.converted import Converted
from toolkit.workbook.displayed_values import display_irregularities, misleading_cells
from toolkit.workbook.formulas import total_formula
from toolkit.workbook.hidden_lines import hidden_irregularities
from toolkit.workbook.info_and_text_sheets import (
    InfoSheet,
    TextSheet,
    has_all_labels,
    info_labels,
    read_info,
    read_texts,
    text_labels,
)
from toolkit.workbook.integrity import (
    bare,
    formula_irregularities,
    is_mark,
    issue_irregularities,
    label_irregularities,
    lock_irregularities,
    self_check_irregularities,
    sheet_irregularities,
    stray_irregularities,
    total_formulas,
)
from toolkit.workbook.layout import (
    GIVEN_FIRST_ROW,
    GUIDE,
    IDENTITY,
    IDENTITY_KEYS,
    INFO,
    MAGIC,
    PARTS_COLUMN,
    PARTS_KEY,
    RESERVED,
    SELF_CHECK,
    TEXTS,
    TOP_ROW,
    Layout,
    Position,
    TableSheet,
    address,
    layout_of,
    position_of,
)
from toolkit.workbook.locate import Located, locate, unlabelled_rows
from toolkit.workbook.package import Package
from toolkit.workbook.raw_rows import TimeOutOfRange, rows_of
from toolkit.workbook.sheet_values import SheetValues, text_of, value_of

Book = Package | Converted
LAST_DAY = 2_958_466
"""The number of the day after the last one that a spreadsheet knows."""
PLACES_SHOWN = 5
_CELL = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?=[^>]* s=)(?![^>]* t="(?:s|str|b|e|inlineStr)")[^>]*>(?:<f[^>]*>[^<]*</f>)?'
    rb"<v>\s*([+-]?(?:[0-9.]+(?:[eE][+-]?[0-9]+)?|nan|inf|infinity))\s*</v>",
    re.IGNORECASE,
)
"""A formatted cell that holds a number, however large; what calamine takes for one."""
LAYOUTS = range(1000)
"""The versions that a template can have."""
FORM_ID_SHOWN = 40
"""Characters; anything may have been written there."""
NOT_OURS = "不是本工具生成的填报表（找不到表内标识）。请用 gknb template 生成模板，让报送单位在模板里填报。"
IDENTITY_GONE = (
    "表样像填报表，但表里的隐藏标识没有了，或被改坏，认不出是哪一年、发给谁的。请让单位把内容填进原来发放的模板再报。"
)


@dataclass(frozen=True, slots=True)
class _TableOnSheet:
    """The sheet of one table section; `located` says where things stand when that is not where they should."""

    sheet: SheetValues
    located: Located | None = None

    @property
    def moved(self) -> bool:
        """Whether rows or columns stand elsewhere than they should."""
        return self.located is not None and self.located.moved

    def position(self, row: int, column: int) -> Position | None:
        """Where what should stand in a cell stands, None when its row or column was deleted."""
        return self.located.at((row, column)) if self.located else (row, column)

    def at(self, row: int, column: int) -> Any:
        """The value of what should stand in a cell."""
        position = self.position(row, column)
        return self.sheet.at(*position) if position else ""

    def is_intact(self, formula: str, expected: str) -> bool:
        """Whether a total's formula is as it should be; where rows were moved, programs have rewritten it."""
        return bool(formula) and (self.moved or bare(formula) == bare(expected))


def read_workbook(path: Path, form_of: FormLookup) -> Submission:
    """Read one completed workbook; `form_of` finds a form by its id.

    Raises Unreadable, in words for the user, when the file is no workbook or not one of ours.
    """
    return read_workbook_bytes(read_bytes(path), form_of)


def read_workbook_bytes(content: bytes, form_of: FormLookup) -> Submission:
    """Like `read_workbook`, from the bytes of the file."""
    return read_admitted(admit(content), form_of)


def read_admitted(file: Admitted, form_of: FormLookup) -> Submission:
    """Like `read_workbook`, from a file that the gate has let in."""
    package, book = open_book(file)
    if IDENTITY not in book.sheet_names:
        raise Unreadable(IDENTITY_GONE if has_form_sheets(book.sheet_names) else NOT_OURS, "not-a-form")
    identity = _sheet(package, book, IDENTITY)
    form, year, version = _identify(identity, form_of)
    layout = layout_of(form)
    names = _sheet_names(package, book, layout, version)
    tables = {
        table.section.id: _table(package, book, names[table.section.id], table, layout) for table in layout.sheets
    }
    values, as_text = _values(layout, tables, _exact_figures(identity, form))
    info, texts = InfoSheet(), TextSheet()
    free_sheets = {
        name: _with_unread(package, _sheet(package, book, names[name])) for name in (INFO, TEXTS) if name in names
    }
    if INFO in free_sheets:
        info = read_info(free_sheets[INFO], layout, year, version)
    if TEXTS in free_sheets:
        texts = read_texts(free_sheets[TEXTS], layout, partial(package.same_format, names[TEXTS]))
    issued_to, issued, signature = (_identity_text(identity, key) for key in ("agency", "id", "signature"))
    places = _places(layout, tables)
    irregularities = (
        *issue_irregularities(form, version, issued_to, info),
        *sheet_irregularities(_visible_sheets(book), names, layout),
        *info.irregularities,
        *(
            irregularity
            for section, table in tables.items()
            for irregularity in _label_irregularities(layout, section, table)
        ),
        *texts.irregularities,
        *_template_irregularities(package, layout, tables, version, names, places),
        *(
            irregularity
            for sheet in free_sheets.values()
            for irregularity in hidden_irregularities(sheet, package.hidden(sheet.name))
        ),
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
        parts=_parts(identity),
        identity=Identity(form.id, year, issued_to, issued),
        signature=signature,
        signature_gone=not signature and _has_row_for(identity, "signature"),
    )
    shown = _without_formula(package, layout, tables, _differing_totals(layout, tables, submission))
    unstated = _without_formula(package, layout, tables, _blank_totals(layout, tables))
    return replace(submission, shown=shown, unstated=frozenset(unstated)) if shown or unstated else submission


def open_book(file: Admitted) -> tuple[Book, CalamineWorkbook]:
    """Open a workbook that the gate has let in, for its package and for its values. Raises Unreadable."""
    if file.parts is not None and file.kind == "workbook":
        package: Book = Package(file.parts)
    elif file.kind == "converted":
        package = Converted(file)
    else:
        raise Unreadable(NOT_OURS, "not-a-form")
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(package.clean))
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(DAMAGED, "damaged") from None
    if len({name.casefold() for name in book.sheet_names}) < len(book.sheet_names):
        raise Unreadable(DAMAGED, "damaged")
    return package, book


def has_form_sheets(names: Iterable[str]) -> bool:
    """Return whether the sheets of a workbook are those of a template of ours, with its identity or without."""
    there = set(names)
    return IDENTITY in there or {GUIDE, INFO, SELF_CHECK} <= there


def _visible_sheets(book: CalamineWorkbook) -> dict[str, bool]:
    """Every sheet, and whether it is shown."""
    return {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata}


def _display_irregularities(
    package: Book, layout: Layout, tables: Mapping[str, _TableOnSheet], values: Mapping[str, Value]
) -> Iterator[Irregularity]:
    """What of the tables a person does not see, or sees otherwise than it is."""
    not_whole = {cell for cell, value in values.items() if isinstance(value, Decimal)}
    for section, table in tables.items():
        name, of = table.sheet.name, layout.sheet(section)
        yield from hidden_irregularities(table.sheet, package.hidden(name), partial(is_mark, of))
        display = package.display(name)
        cells = _cells_to_check(layout, of, table, bool(display.may_mislead), not_whole)
        yield from display_irregularities(name, misleading_cells(display, cells, partial(package.stored_number, name)))


def _cells_to_check(
    layout: Layout, of: TableSheet, table: _TableOnSheet, check_all: bool, not_whole: Collection[str]
) -> Iterator[tuple[Cell, str, Any]]:
    """The number cells of a table that hold something, with their addresses and what was read. Unless it is all of
    them, only those with decimals: a format that shows every whole number may round them."""
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
    tables: Mapping[str, _TableOnSheet],
    version: int,
    names: Mapping[str, str],
    places: Mapping[str, str],
) -> Iterator[Irregularity]:
    """What is no longer as the template was made: formulas and locks. A converted file has none of them."""
    if not isinstance(package, Package):
        return
    moved = {section for section, table in tables.items() if table.moved}
    yield from formula_irregularities(package, layout, names, places, moved, partial(_cell_text, layout, tables))
    if version == layout.form.layout:
        yield from self_check_irregularities(package, layout)
    yield from lock_irregularities(package, names)


def _sheet(package: Book, book: CalamineWorkbook, name: str) -> SheetValues:
    package.require_no_far_cells(name)
    package.require_order(name)
    try:
        rows = rows_of(book.get_sheet_by_name(name))
    except TimeOutOfRange:
        raise Unreadable(_time_too_large(package, name)) from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(f"工作表「{name}」的内容已损坏，读不出来。请让报送单位重新发送。", "damaged") from None
    if isinstance(package, Converted):  # of .xls files whole numbers come as such
        rows = [[float(value) if type(value) is int else value for value in row] for row in rows]
    return SheetValues(name, rows)


def _time_too_large(package: Book, name: str) -> str:
    """What is said of a sheet with a date or a time that no program can show."""
    cells = _CELL.findall(package.raw(name)) if isinstance(package, Package) else []
    places = [place.decode() for place, number in cells if not abs(float(number)) < LAST_DAY][:PLACES_SHOWN]
    where = f"（{'、'.join(f'{name}!{place}' for place in places)}）" if places else ""
    return (
        f"工作表「{name}」里有日期或时间格式的格{where}，其中的数大得显示不了，这张表读不出来。"
        "请让报送单位把这些格改成数字格式，核对其中的数后再报。"
    )


def _label_irregularities(layout: Layout, section: str, table: _TableOnSheet) -> Iterator[Irregularity]:
    if table.located:
        yield from label_irregularities(layout.sheet(section), table.sheet.name, table.located)
    if not table.moved:
        yield from stray_irregularities(layout.sheet(section), table.sheet)


def _sheet_names(package: Book, book: CalamineWorkbook, layout: Layout, version: int) -> dict[str, str]:
    """What each sheet of the form is called in this file; one that was renamed is known by its title and labels."""
    wanted = [INFO, *(section.id for section in layout.form.table_sections), *([TEXTS] if layout.text_columns else [])]
    names = {name: name for name in wanted if name in book.sheet_names}
    unknown_sheets = [name for name in book.sheet_names if name not in (*wanted, *RESERVED)]
    tests: dict[str, Callable[[SheetValues], bool]] = {
        **{table.section.id: partial(_is_table, table=table) for table in layout.sheets},
        INFO: partial(has_all_labels, labels=info_labels(layout, version), axis=1),
        TEXTS: partial(has_all_labels, labels=text_labels(layout), axis=0),
    }
    for wanted_name in wanted:
        if wanted_name in names:
            continue
        same = [name for name in unknown_sheets if tests[wanted_name](_sheet(package, book, name))]
        if len(same) == 1:
            names[wanted_name] = same[0]
        elif same or wanted_name not in (INFO, TEXTS):
            title = next((t.section.title for t in layout.sheets if t.section.id == wanted_name), "")
            raise Unreadable(
                f"缺少工作表「{wanted_name}」{f'（{title}）' if title else ''}，"
                + (f"「{'」「'.join(same)}」都像它，不能确定用哪一张。" if same else "也没有别的表有它的标题。")
                + "请恢复，或重新下载模板填报。"
            )
    return names


def _is_table(sheet: SheetValues, table: TableSheet) -> bool:
    titles = {plain(value) for row in sheet.rows[:TOP_ROW] for value in row if isinstance(value, str)}
    return plain(table.section.title) in titles and locate(table, sheet.at, sheet.height, sheet.width) is not None


def _table(package: Book, book: CalamineWorkbook, name: str, table: TableSheet, layout: Layout) -> _TableOnSheet:
    """A table's sheet, found by its labels when they are not where they should be, and looked at more closely when a
    cell of the form reads as empty."""
    sheet = _sheet(package, book, name)
    found = _TableOnSheet(sheet)
    wrong = _first_wrong_label(table, sheet)
    if wrong or _may_have_shifted(table, sheet):
        located = locate(table, sheet.at, sheet.height, sheet.width)
        if located is None:
            row, column, label = wrong or (*next(iter(table.cells.values())), table.section.title)
            stands = text_of(sheet.at(row, column))[:40] or "空白"
            raise Unreadable(
                f"{name}!{address(row, column)} 应为「{label}」，现为「{stands}」："
                "表格的行、列或标题被改动，有的行、列找不到或有重复，不能按格读取。请恢复原样，或重新下载模板填报。"
            )
        found = _TableOnSheet(sheet, located if located.moved or located.altered else None)
    if all(found.at(*position) != "" for position in table.cells.values() if found.position(*position)):
        return found
    return replace(found, sheet=_with_unread(package, sheet, _intact_totals(found, table, layout)))


def _may_have_shifted(table: TableSheet, sheet: SheetValues) -> bool:
    """Whether a row without labels is blank: a row may have been inserted above it, and no label shows it."""
    return any(
        all(sheet.at(row, column) == "" for at, column in table.cells.values() if at == row)
        for row in unlabelled_rows(table)
    )


def _first_wrong_label(table: TableSheet, sheet: SheetValues) -> tuple[int, int, str] | None:
    for row, column, label, compact in _expected_labels(table):
        found = sheet.at(row, column)
        if found != label and plain(str(found)) != compact:
            return row, column, label
    return None


@cache
def _expected_labels(table: TableSheet) -> tuple[tuple[int, int, str, str], ...]:
    return tuple((box.row, box.column, box.text, plain(box.text)) for box in table.boxes if box.text)


def _intact_totals(found: _TableOnSheet, table: TableSheet, layout: Layout) -> Callable[[Position, str], bool]:
    """Tells whether a formula at a position is a total's formula as it should be."""
    expected = total_formulas(table, layout)
    formulas = {now: formula for position, formula in expected.items() if (now := found.position(*position))}

    def is_intact(position: Position, formula: str) -> bool:
        return position in formulas and found.is_intact(formula, formulas[position])

    return is_intact


def _with_unread(
    package: Book, sheet: SheetValues, is_intact: Callable[[Position, str], bool] | None = None
) -> SheetValues:
    """The sheet with error values and formulas without a result, but for formulas that are as they should be."""
    unread = {}
    for place, stored in package.stored_cells(sheet.name).items():
        position = position_of(place)
        if position and not (is_intact and is_intact(position, stored.formula)):
            unread[position] = stored.error or stored.formula
    return replace(sheet, unread=unread)


def _cell_text(layout: Layout, tables: Mapping[str, _TableOnSheet], cell: str) -> str:
    """What stands in a cell, in words, empty for a blank."""
    section, row, column = layout.positions[cell]
    return text_of(tables[section].at(row, column))


def _places(layout: Layout, tables: Mapping[str, _TableOnSheet]) -> Mapping[str, str]:
    """Where each cell stands in this file."""
    if not any(table.located or table.sheet.name != section for section, table in tables.items()):
        return layout.places
    return {
        cell: f"{tables[section].sheet.name}!{address(*position)}"
        for cell, (section, row, column) in layout.positions.items()
        if (position := tables[section].position(row, column))
    }


def _identify(identity: SheetValues, form_of: FormLookup) -> tuple[Form, int, int]:
    """The form, the year and the layout version that the hidden sheet names."""
    found = {key: identity.at(row, 1) for row, key in enumerate(IDENTITY_KEYS, 1)}
    form_id, layout, year = _identity_text(identity, "form")[:FORM_ID_SHOWN], found["layout"], found["year"]
    if identity.at(0, 0) != MAGIC or layout not in LAYOUTS or year not in YEARS:
        raise Unreadable(IDENTITY_GONE, "not-a-form")
    form = form_of(form_id)
    if form is None:
        raise Unreadable(
            f"填报表用的是格式「{form_id}」，这里没有这个格式的定义。自定格式请用 --form 指明定义文件。", "not-a-form"
        )
    if layout > form.layout:
        raise Unreadable(
            f"填报表是格式 {form_id} 第 {int(layout)} 版的模板，本工具只认到第 {form.layout} 版。请升级本工具后再试。",
            "not-a-form",
        )
    return form, int(year), int(layout)


def _identity_text(identity: SheetValues, key: str) -> str:
    """What the hidden sheet says, in words: anything may have been written there."""
    return one_line(text_of(identity.at(1 + IDENTITY_KEYS.index(key), 1)))


def _has_row_for(identity: SheetValues, key: str) -> bool:
    """Whether the hidden sheet has the row of a key, with a value or without."""
    return bool(identity.at(1 + IDENTITY_KEYS.index(key), 0) == key)


def _exact_figures(identity: SheetValues, form: Form) -> dict[str, Decimal]:
    """Figures kept with all their digits, by cell."""
    exact_figures = {}
    for row in range(GIVEN_FIRST_ROW, len(identity.rows)):
        number = plain_number(str(identity.at(row, 1)))
        if identity.at(row, 0) in form.cells and number is not None:
            exact_figures[identity.at(row, 0)] = number
    return exact_figures


def _parts(identity: SheetValues) -> tuple[str, ...]:
    """The agencies whose figures are in a sum, none in any other workbook."""
    if identity.at(0, PARTS_COLUMN) != PARTS_KEY:
        return ()
    names = (one_line(text_of(identity.at(row, PARTS_COLUMN))) for row in range(1, len(identity.rows)))
    return tuple(name for name in names if name)


def _values(
    layout: Layout, tables: Mapping[str, _TableOnSheet], exact_figures: Mapping[str, Decimal]
) -> tuple[dict[str, Value], frozenset[str]]:
    values: dict[str, Value] = {}
    as_text = set()
    zero_sections = {
        table.section.id for table in layout.sheets if str(tables[table.section.id].at(*table.choice)).strip() == "是"
    }
    for cell in layout.form.filled:
        sheet, row, column = layout.positions[cell.id]
        raw = tables[sheet].at(row, column)
        value = value_of(raw, cell.kind)
        if value is None and sheet in zero_sections and cell.kind.is_number and tables[sheet].position(row, column):
            value = tidy(Decimal(0), cell.kind)
        elif (
            cell.id in exact_figures and isinstance(raw, float) and isclose(raw, exact_figures[cell.id], rel_tol=1e-14)
        ):
            value = tidy(exact_figures[cell.id], cell.kind)
        elif isinstance(raw, str) and cell.kind.is_number and value is not None and not isinstance(value, str):
            as_text.add(cell.id)
        values[cell.id] = value
    return values, frozenset(as_text)


def _differing_totals(layout: Layout, tables: Mapping[str, _TableOnSheet], submission: Submission) -> dict[str, Value]:
    """Totals that show something else than their formula gives: neither the computed total, nor the sum that a
    spreadsheet makes, which passes over text."""
    shown: dict[str, Value] = {}
    as_added: dict[str, Number] = {
        cell: number
        for cell, number in submission.numbers.items()
        if cell not in submission.as_text and not isinstance(submission.values[cell], str)
    }
    for cell in layout.form.computed:
        sheet, row, column = layout.positions[cell.id]
        raw = tables[sheet].at(row, column)
        if raw == "" or raw == submission.totals[cell.id]:
            continue
        value = value_of(raw, cell.kind)
        if value is not None and not _is_one_of(value, submission.totals[cell.id], total(cell.parts, as_added)):
            shown[cell.id] = value
    return shown


def _blank_totals(layout: Layout, tables: Mapping[str, _TableOnSheet]) -> dict[str, Value]:
    """Totals that read as blank; a formula may stand there that was saved without its result."""
    cells = (cell.id for cell in layout.form.computed)
    return {cell: None for cell in cells if _cell_text(layout, tables, cell) == ""}


def _is_one_of(value: Value, *totals: Number) -> bool:
    """Whether a total is one of these, up to the last bits of binary arithmetic."""
    if isinstance(value, str) or value is None:
        return False
    return any(isclose(value, number, rel_tol=1e-12) for number in totals)


def _without_formula(
    package: Book, layout: Layout, tables: Mapping[str, _TableOnSheet], shown: Mapping[str, Value]
) -> dict[str, Value]:
    """Of totals that show something else or nothing, those whose formula is gone or altered: where it still stands,
    some program has merely not recalculated it."""
    if not shown:
        return {}
    stored = {section: package.stored_cells(tables[section].sheet.name) for section in tables}

    def stands(cell: Cell) -> bool:
        section, row, column = layout.positions[cell.id]
        position = tables[section].position(row, column)
        found = stored[section].get(address(*position)) if position else None
        return found is not None and tables[section].is_intact(found.formula, total_formula(cell, layout))

    return {cell: value for cell, value in shown.items() if not stands(layout.form.cells[cell])}
