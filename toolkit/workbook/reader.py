"""Reads a returned workbook back into a Submission.

Values come through calamine. Totals are computed; a total that the workbook shows differently is kept beside, and
only then the file itself is asked whether a formula still stands there. It is asked, too, what a cell holds that reads
as empty: calamine gives nothing for error values and for formulas that were saved without a result.
"""

import re
from collections.abc import Mapping, Sequence
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
from toolkit.problems import Unreadable
from toolkit.spelling import number_text, plain_number, tidy
from toolkit.submission import YEARS, Submission, Value
from toolkit.workbook.formulas import total_formula
from toolkit.workbook.layout import (
    GIVEN_FIRST_ROW,
    IDENTITY,
    IDENTITY_KEYS,
    INFO,
    INFO_VALUE,
    MAGIC,
    TEXT_FIRST_ROW,
    TEXT_TITLE_ROW,
    TEXTS,
    Layout,
    Position,
    TableSheet,
    address,
    layout_of,
    position_of,
)
from toolkit.workbook.package import DAMAGED, Package, open_package

TEXT = Kind("text")
Paragraphs = dict[str, tuple[str, ...]]
"""By text section: its paragraphs, or where each of them came from."""

NOT_OURS = "不是本工具生成的填报表（找不到表内标识）。请用 gknb template 生成模板，让报送单位在模板里填报。"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The values of one sheet; `unseen` are texts that stand for what reads as empty but is not."""

    rows: Sequence[Sequence[Any]]
    unseen: Mapping[Position, str] = field(default_factory=dict)

    def at(self, row: int, column: int) -> Any:
        """The value of a cell, an empty string when there is none."""
        value = self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""
        return self.unseen.get((row, column), "") if value == "" and self.unseen else value


def read_workbook(path: Path, form_of: FormLookup) -> Submission:
    """Read one completed workbook; `form_of` finds a form by its id.

    Raises Unreadable, in words for the user, when the file is no workbook or not one of ours.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise Unreadable("文件打不开，请检查是否被占用或没有权限。") from None
    return read_workbook_bytes(content, form_of)


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
    form, year = _identify(identity, form_of)
    layout = layout_of(form)
    missing = [name for name in _needed(form) if name not in book.sheet_names]
    if missing:
        raise Unreadable(
            f"缺少工作表「{'」「'.join(missing)}」（可能被改名或删除）。请恢复原表名，或重新下载模板填报。"
        )
    sheets = {table.section.id: _table_sheet(package, book, table, layout) for table in layout.sheets}
    for table in layout.sheets:
        _require_labels(table, sheets[table.section.id])
    values, as_text = _values(layout, sheets, _given(identity, form))
    agency, info = _info(_with_unseen(package, _sheet(package, book, INFO), INFO), layout)
    agency = agency or one_line(str(identity.at(1 + IDENTITY_KEYS.index("agency"), 1)))
    texts: Paragraphs = {}
    text_places: Paragraphs = {}
    if layout.text_columns:
        texts, text_places = _texts(_with_unseen(package, _sheet(package, book, TEXTS), TEXTS), layout)
    submission = Submission(
        form=form,
        agency=agency,
        year=year,
        values=values,
        texts=texts,
        info=info,
        as_text=as_text,
        places=layout.places,
        text_places=text_places,
    )
    shown = _shown(layout, sheets, submission)
    return replace(submission, shown=_overwritten(package, layout, shown)) if shown else submission


def _sheet(package: Package, book: CalamineWorkbook, name: str) -> _Sheet:
    package.require_near(name)
    try:
        return _Sheet(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(f"工作表「{name}」的内容已损坏，读不出来。请让报送单位重新发送。") from None


def _table_sheet(package: Package, book: CalamineWorkbook, table: TableSheet, layout: Layout) -> _Sheet:
    """A table's sheet, looked at more closely when a cell of the form reads as empty."""
    name = table.section.id
    sheet = _sheet(package, book, name)
    if all(sheet.at(*position) != "" for position in table.cells.values()):
        return sheet
    return _with_unseen(package, sheet, name, _total_formulas(table, layout))


@cache
def _total_formulas(table: TableSheet, layout: Layout) -> Mapping[Position, str]:
    """The formulas of a table's totals as they should be."""
    cells = ((layout.form.cells[cell], position) for cell, position in table.cells.items())
    return {position: _bare(total_formula(cell, layout)) for cell, position in cells if cell.computed}


def _with_unseen(package: Package, sheet: _Sheet, name: str, whole: Mapping[Position, str] | None = None) -> _Sheet:
    """The sheet with error values and formulas without a result; `whole` are formulas that are as they should be."""
    unseen = {}
    for place, stored in package.stored_cells(name).items():
        position = position_of(place)
        if position and not (whole and whole.get(position) == _bare(stored.formula)):
            unseen[position] = stored.error or stored.formula
    return replace(sheet, unseen=unseen)


def _needed(form: Form) -> list[str]:
    names = [INFO, *(section.id for section in form.table_sections)]
    return [*names, TEXTS] if form.text_sections else names


def _identify(identity: _Sheet, form_of: FormLookup) -> tuple[Form, int]:
    """The form and the year that the hidden sheet names."""
    found = {key: identity.at(row, 1) for row, key in enumerate(IDENTITY_KEYS, 1)}
    form_id, layout, year = str(found["form"]), found["layout"], found["year"]
    if identity.at(0, 0) != MAGIC or not isinstance(layout, float) or year not in YEARS:
        raise Unreadable(NOT_OURS)
    form = form_of(form_id)
    if form is None:
        raise Unreadable(f"填报表用的是格式「{form_id}」，这里没有这个格式的定义。自定格式请用 --form 指明定义文件。")
    if layout != form.layout:
        raise Unreadable(
            f"填报表是格式 {form_id} 第 {layout:g} 版的模板，现在用的是第 {form.layout} 版。"
            "请用 gknb template 重新生成模板，把数字填进新模板。"
        )
    return form, int(year)


@cache
def _expected_labels(table: TableSheet) -> tuple[tuple[int, int, str], ...]:
    return tuple((box.row, box.column, _compact(box.text)) for box in table.boxes if box.text)


def _compact(text: str) -> str:
    return "".join(text.split())


def _require_labels(table: TableSheet, sheet: _Sheet) -> None:
    """A sheet whose labels moved would be read into the wrong cells."""
    for row, column, label in _expected_labels(table):
        found = str(sheet.at(row, column))
        if found != label and _compact(found) != label:
            place = f"{table.section.id}!{address(row, column)}"
            raise Unreadable(
                f"{place} 应为「{label}」，现为「{found[:40] or '空白'}」：表格的行、列或标题被改动，不能按格读取。"
                "请恢复原样，或重新下载模板填报。"
            )


def _given(identity: _Sheet, form: Form) -> dict[str, Decimal]:
    """Figures kept with all their digits, by cell."""
    given = {}
    for row in range(GIVEN_FIRST_ROW, len(identity.rows)):
        number = plain_number(str(identity.at(row, 1)))
        if identity.at(row, 0) in form.cells and number is not None:
            given[identity.at(row, 0)] = number
    return given


def _values(
    layout: Layout, sheets: Mapping[str, _Sheet], given: Mapping[str, Decimal]
) -> tuple[dict[str, Value], frozenset[str]]:
    values: dict[str, Value] = {}
    as_text = set()
    zero = {
        table.section.id for table in layout.sheets if str(sheets[table.section.id].at(*table.choice)).strip() == "是"
    }
    for cell in layout.form.filled:
        sheet, row, column = layout.positions[cell.id]
        raw = sheets[sheet].at(row, column)
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
        if _compact(str(sheet.at(TEXT_TITLE_ROW, column))) != _compact(title):
            raise Unreadable(
                f"{TEXTS}!{address(TEXT_TITLE_ROW, column)} 应为「{title}」：标题被改动。"
                "请恢复原样，或重新下载模板填报。"
            )
        found: list[tuple[str, str]] = []
        for row in range(TEXT_FIRST_ROW, len(sheet.rows)):
            raw = sheet.at(row, column)
            if raw == "":
                continue
            text = raw if isinstance(raw, str) else str(_value(raw, TEXT))
            found += [(paragraph, f"{TEXTS}!{address(row, column)}") for paragraph in paragraphs_of([text])]
        if found:
            texts[section] = tuple(text for text, _ in found)
            places[section] = tuple(place for _, place in found)
    return texts, places


def _shown(layout: Layout, sheets: Mapping[str, _Sheet], submission: Submission) -> dict[str, Value]:
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
        raw = sheets[sheet].at(row, column)
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


def _overwritten(package: Package, layout: Layout, shown: Mapping[str, Value]) -> dict[str, Value]:
    """Of totals that show something else, those whose formula is gone or altered: where it still stands, some
    program has merely not recalculated it."""
    sheets = {layout.positions[cell][0] for cell in shown}
    stored = {f"{sheet}!{place}": cell for sheet in sheets for place, cell in package.stored_cells(sheet).items()}

    def stands(cell: Cell) -> bool:
        found = stored.get(layout.places[cell.id])
        return found is not None and _bare(found.formula) == _bare(total_formula(cell, layout))

    return {cell: value for cell, value in shown.items() if not stands(layout.form.cells[cell])}


def _bare(formula: str) -> str:
    return re.sub(r"[\s$']", "", formula).upper()
