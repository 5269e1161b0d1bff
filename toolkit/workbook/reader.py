"""Reads a returned workbook back into a Submission.

Values come through calamine. Totals are computed; a total that the workbook shows differently is kept beside, and
only then the file itself is asked whether a formula still stands there. It is asked, too, what a cell holds that reads
as empty: calamine gives nothing for error values and for formulas that were saved without a result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from math import isclose, isfinite
from pathlib import Path
from typing import Any

import python_calamine
from python_calamine import CalamineWorkbook

from toolkit.characters import one_line
from toolkit.data_file import paragraphs_of
from toolkit.forms.loader import FormLookup
from toolkit.forms.model import Cell, Form, Kind, Number
from toolkit.forms.relations import total
from toolkit.gate import read_bytes
from toolkit.problems import Unreadable
from toolkit.spelling import number_text, plain_number, tidy
from toolkit.submission import YEARS, Submission, Value
from toolkit.workbook.formulas import total_formula
from toolkit.workbook.integrity import (
    bare,
    formula_irregularities,
    issue_irregularities,
    label_irregularities,
    lock_irregularities,
    sheet_irregularities,
    total_formulas,
)
from toolkit.workbook.layout import (
    GIVEN_FIRST_ROW,
    IDENTITY,
    IDENTITY_KEYS,
    INFO,
    INFO_VALUE,
    MAGIC,
    RESERVED,
    TEXT_FIRST_ROW,
    TEXT_TITLE_ROW,
    TEXTS,
    TOP_ROW,
    Layout,
    Position,
    TableSheet,
    address,
    layout_of,
    position_of,
)
from toolkit.workbook.locate import Located, locate, plain, unlabelled_rows
from toolkit.workbook.package import DAMAGED, Package, open_package

TEXT = Kind("text")
Paragraphs = dict[str, tuple[str, ...]]
"""By text section: its paragraphs, or where each of them came from."""

NOT_OURS = "不是本工具生成的填报表（找不到表内标识）。请用 gknb template 生成模板，让报送单位在模板里填报。"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The values of one sheet; `unseen` are texts that stand for what reads as empty but is not."""

    name: str
    rows: Sequence[Sequence[Any]]
    unseen: Mapping[Position, str] = field(default_factory=dict)

    def at(self, row: int, column: int) -> Any:
        """The value of a cell, an empty string when there is none."""
        value = self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""
        return self.unseen.get((row, column), "") if value == "" and self.unseen else value


@dataclass(frozen=True, slots=True)
class _Table:
    """The sheet of one table section; `located` says where things stand when that is not where they should."""

    sheet: _Sheet
    located: Located | None = None

    def position(self, row: int, column: int) -> Position:
        return self.located.at((row, column)) if self.located else (row, column)

    def at(self, row: int, column: int) -> Any:
        """The value of what should stand in a cell."""
        return self.sheet.at(*self.position(row, column))

    def is_whole(self, formula: str, expected: str) -> bool:
        """Whether a total's formula is as it should be; where rows were moved, programs have rewritten it."""
        return bool(formula) and ((self.located is not None and self.located.moved) or bare(formula) == bare(expected))


def read_workbook(path: Path, form_of: FormLookup) -> Submission:
    """Read one completed workbook; `form_of` finds a form by its id.

    Raises Unreadable, in words for the user, when the file is no workbook or not one of ours.
    """
    return read_workbook_bytes(read_bytes(path), form_of)


def read_workbook_bytes(content: bytes, form_of: FormLookup) -> Submission:
    """Like `read_workbook`, from the bytes of the file."""
    package = open_package(content)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(DAMAGED) from None
    if IDENTITY not in book.sheet_names:
        raise Unreadable(NOT_OURS)
    identity = _sheet(package, book, IDENTITY)
    form, year, version = _identify(identity, form_of)
    layout = layout_of(form)
    names = _sheet_names(package, book, layout)
    tables = {
        table.section.id: _table(package, book, names[table.section.id], table, layout) for table in layout.sheets
    }
    values, as_text = _values(layout, tables, _given(identity, form))
    agency, info = "", dict[str, str]()
    if INFO in names:
        agency, info = _info(_with_unseen(package, _sheet(package, book, names[INFO])), layout)
    issued_to, issued = (one_line(str(identity.at(1 + IDENTITY_KEYS.index(key), 1))) for key in ("agency", "id"))
    texts: Paragraphs = {}
    text_places: Paragraphs = {}
    if TEXTS in names:
        texts, text_places = _texts(_with_unseen(package, _sheet(package, book, names[TEXTS])), layout)
    places = _places(layout, tables)
    altered = {table.sheet.name: table.located for table in tables.values() if table.located}
    irregularities = (
        *issue_irregularities(form, version, issued_to, agency),
        *sheet_irregularities(book.sheet_names, names, layout),
        *label_irregularities(altered),
        *formula_irregularities(package, layout, names, places, set(altered)),
        *lock_irregularities(package, names),
    )
    submission = Submission(
        form=form,
        agency=agency or issued_to,
        year=year,
        values=values,
        texts=texts,
        info=info,
        as_text=as_text,
        places=places,
        text_places=text_places,
        irregularities=irregularities,
        issued=issued,
    )
    shown = _shown(layout, tables, submission)
    return replace(submission, shown=_overwritten(package, layout, tables, shown)) if shown else submission


def _sheet(package: Package, book: CalamineWorkbook, name: str) -> _Sheet:
    package.require_near(name)
    try:
        return _Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(f"工作表「{name}」的内容已损坏，读不出来。请让报送单位重新发送。") from None


def _sheet_names(package: Package, book: CalamineWorkbook, layout: Layout) -> dict[str, str]:
    """What each sheet of the form is called in this file; one that was renamed is known by its title and labels."""
    wanted = [INFO, *(section.id for section in layout.form.table_sections), *([TEXTS] if layout.text_columns else [])]
    names = {name: name for name in wanted if name in book.sheet_names}
    strangers = [name for name in book.sheet_names if name not in (*wanted, *RESERVED)]
    for table in layout.sheets:
        if table.section.id in names:
            continue
        same = [name for name in strangers if _is_table(_sheet(package, book, name), table)]
        if len(same) != 1:
            raise Unreadable(
                f"缺少工作表「{table.section.id}」（{table.section.title}），也没有别的表有它的标题。"
                "请恢复，或重新下载模板填报。"
            )
        names[table.section.id] = same[0]
    return names


def _is_table(sheet: _Sheet, table: TableSheet) -> bool:
    width = max(map(len, sheet.rows), default=0)
    titles = {plain(value) for row in sheet.rows[:TOP_ROW] for value in row if isinstance(value, str)}
    return plain(table.section.title) in titles and locate(table, sheet.at, len(sheet.rows), width) is not None


def _table(package: Package, book: CalamineWorkbook, name: str, table: TableSheet, layout: Layout) -> _Table:
    """A table's sheet, found by its labels when they are not where they should be, and looked at more closely when a
    cell of the form reads as empty."""
    sheet = _sheet(package, book, name)
    found = _Table(sheet)
    wrong = _first_wrong_label(table, sheet)
    if wrong or _may_have_slipped(table, sheet):
        width = max(map(len, sheet.rows), default=0)
        located = locate(table, sheet.at, len(sheet.rows), width)
        if located is None:
            row, column, label = wrong or (*next(iter(table.cells.values())), table.section.title)
            raise Unreadable(
                f"{name}!{address(row, column)} 应为「{label}」，现为「{str(sheet.at(row, column))[:40] or '空白'}」："
                "表格的行、列或标题被改动，有的行、列找不到或有重复，不能按格读取。请恢复原样，或重新下载模板填报。"
            )
        found = _Table(sheet, located if located.moved or located.altered else None)
    if all(found.at(*position) != "" for position in table.cells.values()):
        return found
    return replace(found, sheet=_with_unseen(package, sheet, _whole_totals(found, table, layout)))


def _may_have_slipped(table: TableSheet, sheet: _Sheet) -> bool:
    """Whether a row without labels is blank: a row may have been inserted above it, and no label shows it."""
    return any(
        all(sheet.at(row, column) == "" for at, column in table.cells.values() if at == row)
        for row in unlabelled_rows(table)
    )


def _first_wrong_label(table: TableSheet, sheet: _Sheet) -> tuple[int, int, str] | None:
    for row, column, label, compact in _expected_labels(table):
        found = sheet.at(row, column)
        if found != label and plain(str(found)) != compact:
            return row, column, label
    return None


@cache
def _expected_labels(table: TableSheet) -> tuple[tuple[int, int, str, str], ...]:
    return tuple((box.row, box.column, box.text, plain(box.text)) for box in table.boxes if box.text)


def _whole_totals(found: _Table, table: TableSheet, layout: Layout) -> Callable[[Position, str], bool]:
    """Tells whether a formula at a position is a total's formula as it should be."""
    formulas = {found.position(*position): formula for position, formula in total_formulas(table, layout).items()}

    def is_whole(position: Position, formula: str) -> bool:
        return position in formulas and found.is_whole(formula, formulas[position])

    return is_whole


def _with_unseen(package: Package, sheet: _Sheet, is_whole: Callable[[Position, str], bool] | None = None) -> _Sheet:
    """The sheet with error values and formulas without a result, but for formulas that are as they should be."""
    unseen = {}
    for place, stored in package.stored_cells(sheet.name).items():
        position = position_of(place)
        if position and not (is_whole and is_whole(position, stored.formula)):
            unseen[position] = stored.error or stored.formula
    return replace(sheet, unseen=unseen)


def _places(layout: Layout, tables: Mapping[str, _Table]) -> Mapping[str, str]:
    """Where each cell stands in this file."""
    if not any(table.located or table.sheet.name != section for section, table in tables.items()):
        return layout.places
    return {
        cell: f"{tables[section].sheet.name}!{address(*tables[section].position(row, column))}"
        for cell, (section, row, column) in layout.positions.items()
    }


def _identify(identity: _Sheet, form_of: FormLookup) -> tuple[Form, int, int]:
    """The form, the year and the layout version that the hidden sheet names."""
    found = {key: identity.at(row, 1) for row, key in enumerate(IDENTITY_KEYS, 1)}
    form_id, layout, year = str(found["form"]), found["layout"], found["year"]
    if identity.at(0, 0) != MAGIC or not isinstance(layout, float) or year not in YEARS:
        raise Unreadable(NOT_OURS)
    form = form_of(form_id)
    if form is None:
        raise Unreadable(f"填报表用的是格式「{form_id}」，这里没有这个格式的定义。自定格式请用 --form 指明定义文件。")
    if layout > form.layout:
        raise Unreadable(
            f"填报表是格式 {form_id} 第 {layout:g} 版的模板，本工具只认到第 {form.layout} 版。请升级本工具后再试。"
        )
    return form, int(year), int(layout)


def _given(identity: _Sheet, form: Form) -> dict[str, Decimal]:
    """Figures kept with all their digits, by cell."""
    given = {}
    for row in range(GIVEN_FIRST_ROW, len(identity.rows)):
        number = plain_number(str(identity.at(row, 1)))
        if identity.at(row, 0) in form.cells and number is not None:
            given[identity.at(row, 0)] = number
    return given


def _values(
    layout: Layout, tables: Mapping[str, _Table], given: Mapping[str, Decimal]
) -> tuple[dict[str, Value], frozenset[str]]:
    values: dict[str, Value] = {}
    as_text = set()
    zero = {
        table.section.id for table in layout.sheets if str(tables[table.section.id].at(*table.choice)).strip() == "是"
    }
    for cell in layout.form.filled:
        sheet, row, column = layout.positions[cell.id]
        raw = tables[sheet].at(row, column)
        value = _value(raw, cell.kind)
        if value is None and sheet in zero and cell.kind.is_number:
            value = tidy(Decimal(0), cell.kind)
        elif cell.id in given and isinstance(raw, float) and isclose(raw, given[cell.id], rel_tol=1e-14):
            value = tidy(given[cell.id], cell.kind)
        elif isinstance(raw, str) and cell.kind.is_number and value is not None and not isinstance(value, str):
            as_text.add(cell.id)
        values[cell.id] = value
    return values, frozenset(as_text)


def _value(raw: Any, kind: Kind) -> Value:
    """What stands in a cell: a number, a text that is no plain number, or None for a blank."""
    if isinstance(raw, float) and isfinite(raw):
        return tidy(_decimal(raw), kind) if kind.is_number else number_text(_decimal(raw))
    if isinstance(raw, str):
        if not raw or not raw.strip():
            return None
        number = plain_number(raw) if kind.is_number else None
        return raw if number is None else tidy(number, kind)
    if isinstance(raw, bool):
        return str(raw).upper()
    return str(raw)


def _decimal(number: float) -> Decimal:
    """The decimal that a spreadsheet's number stands for: it has 15 digits, what follows is binary dust."""
    return Decimal(format(Decimal(f"{number:.15g}"), "f"))


def _info(sheet: _Sheet, layout: Layout) -> tuple[str, dict[str, str]]:
    info = {}
    for key, row in layout.info_rows.items():
        raw = sheet.at(row, INFO_VALUE)
        text = one_line(str(_value(raw, TEXT) or ""))
        if text:
            info[key] = text
    return info.pop("agency", ""), info


def _texts(sheet: _Sheet, layout: Layout) -> tuple[Paragraphs, Paragraphs]:
    """The paragraphs of each text section, and where each came from."""
    texts: Paragraphs = {}
    places: Paragraphs = {}
    for section, column in layout.text_columns.items():
        title = layout.form.section(section).title
        if plain(str(sheet.at(TEXT_TITLE_ROW, column))) != plain(title):
            raise Unreadable(
                f"{sheet.name}!{address(TEXT_TITLE_ROW, column)} 应为「{title}」：标题被改动。"
                "请恢复原样，或重新下载模板填报。"
            )
        found: list[tuple[str, str]] = []
        for row in range(TEXT_FIRST_ROW, len(sheet.rows)):
            raw = sheet.at(row, column)
            if raw == "":
                continue
            text = raw if isinstance(raw, str) else str(_value(raw, TEXT))
            found += [(paragraph, f"{sheet.name}!{address(row, column)}") for paragraph in paragraphs_of([text])]
        if found:
            texts[section] = tuple(text for text, _ in found)
            places[section] = tuple(place for _, place in found)
    return texts, places


def _shown(layout: Layout, tables: Mapping[str, _Table], submission: Submission) -> dict[str, Value]:
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
        value = _value(raw, cell.kind)
        if value is not None and not _same(value, submission.totals[cell.id], total(cell.parts, as_added)):
            shown[cell.id] = value
    return shown


def _same(value: Value, *totals: Number) -> bool:
    """Whether a total is one of these, up to the last bits of binary arithmetic."""
    if isinstance(value, str) or value is None:
        return False
    return any(isclose(value, number, rel_tol=1e-12) for number in totals)


def _overwritten(
    package: Package, layout: Layout, tables: Mapping[str, _Table], shown: Mapping[str, Value]
) -> dict[str, Value]:
    """Of totals that show something else, those whose formula is gone or altered: where it still stands, some
    program has merely not recalculated it."""
    stored = {section: package.stored_cells(tables[section].sheet.name) for section in tables}

    def stands(cell: Cell) -> bool:
        section, row, column = layout.positions[cell.id]
        found = stored[section].get(address(*tables[section].position(row, column)))
        return found is not None and tables[section].is_whole(found.formula, total_formula(cell, layout))

    return {cell: value for cell, value in shown.items() if not stands(layout.form.cells[cell])}
