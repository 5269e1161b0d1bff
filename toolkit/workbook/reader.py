"""Reads a returned workbook back into a Submission.

Values come through calamine. Totals are computed; a total that the workbook shows differently is kept beside, and
only then openpyxl is asked whether a formula still stands there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from math import isclose
from pathlib import Path
from typing import Any

import python_calamine
from python_calamine import CalamineWorkbook

from toolkit.characters import one_line
from toolkit.data_file import paragraphs_of
from toolkit.forms.model import Cell, Form, Kind, Number
from toolkit.forms.relations import total
from toolkit.problems import Unreadable
from toolkit.spelling import number_text, plain_number, tidy
from toolkit.submission import Submission, Value
from toolkit.workbook.formulas import total_formula
from toolkit.workbook.gate import SAVE_AS
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
    TableSheet,
    address,
    layout_of,
)

FormLookup = Callable[[str], Form | None]
Rows = Sequence[Sequence[Any]]

NOT_OURS = "不是本工具生成的填报表（找不到表内标识）。请用 gknb template 生成模板，让报送单位在模板里填报。"


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
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
    except python_calamine.PasswordError:
        raise Unreadable("工作簿设了打开密码，请取消密码后再试。") from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(f"不是完整的 Excel 工作簿，可能传输时损坏，或是改了扩展名的其他文件。{SAVE_AS}") from None
    if IDENTITY not in book.sheet_names:
        raise Unreadable(NOT_OURS)
    identity = _rows(book, IDENTITY)
    form, year = _identify(identity, form_of)
    layout = layout_of(form)
    missing = [name for name in _needed(form) if name not in book.sheet_names]
    if missing:
        raise Unreadable(
            f"缺少工作表「{'」「'.join(missing)}」（可能被改名或删除）。请恢复原表名，或重新下载模板填报。"
        )
    sheets = {table.section.id: _rows(book, table.section.id) for table in layout.sheets}
    for table in layout.sheets:
        _require_labels(table, sheets[table.section.id])
    values, as_text = _values(layout, sheets, _given(identity, form))
    agency, info = _info(_rows(book, INFO), layout)
    texts, text_places = _texts(_rows(book, TEXTS), layout) if layout.text_columns else ({}, {})
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
    return replace(submission, shown=_overwritten(content, layout, shown)) if shown else submission


def _rows(book: CalamineWorkbook, name: str) -> Rows:
    try:
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(f"工作表「{name}」的内容已损坏，读不出来。请让报送单位重新发送。") from None


def _at(rows: Rows, row: int, column: int) -> Any:
    """The value of a cell, an empty string when there is none."""
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def _needed(form: Form) -> list[str]:
    names = [INFO, *(section.id for section in form.table_sections)]
    return [*names, TEXTS] if form.text_sections else names


def _identify(identity: Rows, form_of: FormLookup) -> tuple[Form, int]:
    """The form and the year that the hidden sheet names."""
    found = {key: _at(identity, row, 1) for row, key in enumerate(IDENTITY_KEYS, 1)}
    form_id, layout, year = str(found["form"]), found["layout"], found["year"]
    if _at(identity, 0, 0) != MAGIC or not isinstance(year, float) or not isinstance(layout, float):
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


def _require_labels(table: TableSheet, rows: Rows) -> None:
    """A sheet whose labels moved would be read into the wrong cells."""
    for row, column, label in _expected_labels(table):
        found = str(_at(rows, row, column))
        if found != label and _compact(found) != label:
            place = f"{table.section.id}!{address(row, column)}"
            raise Unreadable(
                f"{place} 应为「{label}」，现为「{found[:40] or '空白'}」：表格的行、列或标题被改动，不能按格读取。"
                "请恢复原样，或重新下载模板填报。"
            )


def _given(identity: Rows, form: Form) -> dict[str, Decimal]:
    """Figures kept with all their digits, by cell."""
    given = {}
    for row in range(GIVEN_FIRST_ROW, len(identity)):
        number = plain_number(str(_at(identity, row, 1)))
        if _at(identity, row, 0) in form.cells and number is not None:
            given[_at(identity, row, 0)] = number
    return given


def _values(
    layout: Layout, sheets: Mapping[str, Rows], given: Mapping[str, Decimal]
) -> tuple[dict[str, Value], frozenset[str]]:
    values: dict[str, Value] = {}
    as_text = set()
    zero = {
        table.section.id for table in layout.sheets if str(_at(sheets[table.section.id], *table.choice)).strip() == "是"
    }
    for cell in layout.form.filled:
        sheet, row, column = layout.positions[cell.id]
        raw = _at(sheets[sheet], row, column)
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
    if isinstance(raw, float):
        if kind.is_number:
            return int(raw) if kind.is_whole and raw.is_integer() else tidy(_decimal(raw), kind)
        return number_text(_decimal(raw))
    if isinstance(raw, str):
        if not raw or not raw.strip():
            return None
        number = plain_number(raw) if kind.is_number else None
        return raw if number is None else tidy(number, kind)
    if isinstance(raw, bool):
        return str(raw).upper()
    return str(raw)


def _decimal(number: float) -> Decimal:
    """The shortest decimal that a spreadsheet's number stands for."""
    value = Decimal(format(Decimal(repr(number)), "f"))
    return value.to_integral_value() if number.is_integer() else value


def _info(rows: Rows, layout: Layout) -> tuple[str, dict[str, str]]:
    info = {}
    for key, row in layout.info_rows.items():
        raw = _at(rows, row, INFO_VALUE)
        text = one_line(number_text(_decimal(raw)) if isinstance(raw, float) else str(raw))
        if text:
            info[key] = text
    return info.pop("agency", ""), info


def _texts(rows: Rows, layout: Layout) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The paragraphs of each text section, and where each came from."""
    texts, places = {}, {}
    for section, column in layout.text_columns.items():
        title = layout.form.section(section).title
        if _compact(str(_at(rows, TEXT_TITLE_ROW, column))) != _compact(title):
            raise Unreadable(
                f"{TEXTS}!{address(TEXT_TITLE_ROW, column)} 应为「{title}」：标题被改动。"
                "请恢复原样，或重新下载模板填报。"
            )
        found: list[tuple[str, str]] = []
        for row in range(TEXT_FIRST_ROW, len(rows)):
            raw = _at(rows, row, column)
            if raw == "":
                continue
            text = raw if isinstance(raw, str) else str(_value(raw, Kind("text")))
            found += [(paragraph, f"{TEXTS}!{address(row, column)}") for paragraph in paragraphs_of([text])]
        if found:
            texts[section] = tuple(text for text, _ in found)
            places[section] = tuple(place for _, place in found)
    return texts, places


def _shown(layout: Layout, sheets: Mapping[str, Rows], submission: Submission) -> dict[str, Value]:
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
        raw = _at(sheets[sheet], row, column)
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


def _overwritten(content: bytes, layout: Layout, shown: Mapping[str, Value]) -> dict[str, Value]:
    """Of totals that show something else, those whose formula is gone or altered: where it still stands, some
    program has merely not recalculated it."""
    formulas = _formulas(content, layout, [layout.form.cells[cell] for cell in shown])
    return {
        cell: value
        for cell, value in shown.items()
        if _bare(formulas.get(cell, "")) != _bare(total_formula(layout.form.cells[cell], layout))
    }


def _bare(formula: str) -> str:
    return re.sub(r"[\s$']", "", formula).upper()


def _formulas(content: bytes, layout: Layout, cells: Sequence[Cell]) -> dict[str, str]:
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
    try:
        found = {}
        for cell in cells:
            sheet_name, row, column = layout.positions[cell.id]
            sheet = book[sheet_name]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(row + 1, row + 1, column + 1, column + 1, values_only=True)
            value = next(iter(next(rows, ())), None)
            if isinstance(value, str):
                found[cell.id] = value
        return found
    finally:
        book.close()
