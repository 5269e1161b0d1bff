"""Opens a returned workbook, finds its sheets and reads them: the values of a sheet, and the hidden sheet with the
identity."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from io import BytesIO

import python_calamine
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from toolkit.characters import one_line, plain
from toolkit.excel.addresses import Position, position_of
from toolkit.files.admit import Admitted
from toolkit.files.kinds import DAMAGED
from toolkit.forms.loader import FormLookup
from toolkit.forms.model import Form
from toolkit.problems import Unreadable
from toolkit.submission.spelling import plain_number
from toolkit.submission.years import YEARS
from toolkit.workbook.converted import Converted
from toolkit.workbook.info_and_text_sheets import has_all_labels, info_labels, text_labels
from toolkit.workbook.layout import (
    EXACT_FIGURES_ROW,
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
    TableSheet,
)
from toolkit.workbook.locate import locate
from toolkit.workbook.package import Package
from toolkit.workbook.raw_rows import TimeOutOfRange, rows_of
from toolkit.workbook.sheet_values import SheetValues, text_of

Book = Package | Converted
LAST_DAY = 2_958_466
"""The number of the day after the last day that a spreadsheet knows."""
PLACES_SHOWN = 5
_CELL = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?=[^>]* s=)(?![^>]* t="(?:s|str|b|e|inlineStr)")[^>]*>(?:<f[^>]*>[^<]*</f>)?'
    rb"<v>\s*([+-]?(?:[0-9.]+(?:[eE][+-]?[0-9]+)?|nan|inf|infinity))\s*</v>",
    re.IGNORECASE,
)
"""A formatted cell that holds a number of any size, as calamine recognizes one."""
LAYOUTS = range(1000)
"""The versions that a template can have."""
FORM_ID_SHOWN = 40
"""Most characters of a form id that are shown: the hidden sheet may contain any text."""
NOT_OURS = "不是本工具生成的填报表（找不到表内标识）。请用 gknb template 生成模板，让报送单位在模板里填报。"
IDENTITY_GONE = (
    "表样像填报表，但表里的隐藏标识没有了，或被改坏，认不出是哪一年、发给谁的。请让单位把内容填进原来发放的模板再报。"
)


def open_book(file: Admitted) -> tuple[Book, CalamineWorkbook]:
    """Open an admitted workbook. Return its package and its values. Raise Unreadable when it is damaged or not a
    workbook."""
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
    """Return True if these are the sheets of a template of ours, with its identity or without."""
    there = set(names)
    return IDENTITY in there or {GUIDE, INFO, SELF_CHECK} <= there


def visible_sheets(book: CalamineWorkbook) -> dict[str, bool]:
    """Return every sheet, and True if it is visible."""
    return {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata}


def read_sheet(package: Book, book: CalamineWorkbook, name: str) -> SheetValues:
    """Return the values of a sheet. Raise Unreadable when it is damaged, has cells that are far away or out of order,
    or has a date that is too large."""
    package.require_no_far_cells(name)
    package.require_order(name)
    try:
        rows = rows_of(book.get_sheet_by_name(name))
    except TimeOutOfRange:
        raise Unreadable(_time_too_large(package, name)) from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable(f"工作表「{name}」的内容已损坏，读不出来。请让报送单位重新发送。", "damaged") from None
    if isinstance(package, Converted):  # calamine gives the whole numbers of .xls files as int
        rows = [[float(value) if type(value) is int else value for value in row] for row in rows]
    return SheetValues(name, rows)


def _time_too_large(package: Book, name: str) -> str:
    """Return the message about a sheet with a date or a time that no program can show."""
    cells = _CELL.findall(package.raw(name)) if isinstance(package, Package) else []
    places = [place.decode() for place, number in cells if not abs(float(number)) < LAST_DAY][:PLACES_SHOWN]
    where = f"（{'、'.join(f'{name}!{place}' for place in places)}）" if places else ""
    return (
        f"工作表「{name}」里有日期或时间格式的格{where}，其中的数大得显示不了，这张表读不出来。"
        "请让报送单位把这些格改成数字格式，核对其中的数后再报。"
    )


def with_unread(
    package: Book, sheet: SheetValues, is_intact: Callable[[Position, str], bool] | None = None
) -> SheetValues:
    """Return the sheet with its error values and its formulas without a result, except formulas that are as they should
    be."""
    unread = {}
    for place, stored in package.stored_cells(sheet.name).items():
        position = position_of(place)
        if position and not (is_intact and is_intact(position, stored.formula)):
            unread[position] = stored.error or stored.formula
    return replace(sheet, unread=unread)


def sheet_names(package: Book, book: CalamineWorkbook, layout: Layout, version: int) -> dict[str, str]:
    """Return the name that each sheet of the form has in this file. A renamed sheet is recognized by its title and
    labels. Raise Unreadable when a table is missing or not certain."""
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
        similar = [name for name in unknown_sheets if tests[wanted_name](read_sheet(package, book, name))]
        if len(similar) == 1:
            names[wanted_name] = similar[0]
        elif similar or wanted_name not in (INFO, TEXTS):
            title = next((t.section.title for t in layout.sheets if t.section.id == wanted_name), "")
            raise Unreadable(
                f"缺少工作表「{wanted_name}」{f'（{title}）' if title else ''}，"
                + (f"「{'」「'.join(similar)}」都像它，不能确定用哪一张。" if similar else "也没有别的表有它的标题。")
                + "请恢复，或重新下载模板填报。"
            )
    return names


def _is_table(sheet: SheetValues, table: TableSheet) -> bool:
    """Return True if a sheet has the title and the labels of a table."""
    titles = {plain(value) for row in sheet.rows[:TOP_ROW] for value in row if isinstance(value, str)}
    return plain(table.section.title) in titles and locate(table, sheet.at, sheet.height, sheet.width) is not None


def identify(identity: SheetValues, form_of: FormLookup) -> tuple[Form, int, int]:
    """Return the form, the year and the layout version that the hidden sheet names. Raise Unreadable when they are not
    valid."""
    found = {key: identity.at(row, 1) for row, key in enumerate(IDENTITY_KEYS, 1)}
    form_id, layout, year = identity_text(identity, "form")[:FORM_ID_SHOWN], found["layout"], found["year"]
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


def identity_text(identity: SheetValues, key: str) -> str:
    """Return a value of the hidden sheet as text: anything may have been written there."""
    return one_line(text_of(identity.at(1 + IDENTITY_KEYS.index(key), 1)))


def has_row_for(identity: SheetValues, key: str) -> bool:
    """Return True if the hidden sheet has the row of a key, with a value or without."""
    return bool(identity.at(1 + IDENTITY_KEYS.index(key), 0) == key)


def exact_figures_of(identity: SheetValues, form: Form) -> dict[str, Decimal]:
    """Return the figures that the hidden sheet keeps with all their digits, by cell."""
    exact_figures = {}
    for row in range(EXACT_FIGURES_ROW, len(identity.rows)):
        number = plain_number(str(identity.at(row, 1)))
        if identity.at(row, 0) in form.cells and number is not None:
            exact_figures[identity.at(row, 0)] = number
    return exact_figures


def sum_parts(identity: SheetValues) -> tuple[str, ...]:
    """Return the agencies whose figures are in a sum (汇总), none for any other workbook."""
    if identity.at(0, PARTS_COLUMN) != PARTS_KEY:
        return ()
    names = (one_line(text_of(identity.at(row, PARTS_COLUMN))) for row in range(1, len(identity.rows)))
    return tuple(name for name in names if name)
