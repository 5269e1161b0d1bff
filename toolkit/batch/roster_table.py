"""Reads tables from an office's file as texts: the sheets of a workbook, or a text with separators."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from toolkit.characters import printable, without_forbidden
from toolkit.files.admit import admit
from toolkit.files.read import read_bytes
from toolkit.problems import Problem, Unreadable
from toolkit.workbook.own_outputs import is_form, own_output

SEPARATORS = (",", "\t", ";", "，")
LINES_LOOKED_AT = 20
"""Lines that are used to find the separator."""
DIGITS = 15
"""Digits of a number that a spreadsheet keeps."""
SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再试。"
DAMAGED = f"打不开，可能损坏或有密码。有密码的请先取消密码；{SAVE_AS}"
_OTHER_FORMATS = (
    (b"%PDF", "是 PDF 文件，不是表格。请提供 Excel 表或 CSV。"),
    (b"{\\rtf", "是 Word 文件，不是表格。请把其中的表格粘贴到 Excel 里，存成 .xlsx 后再试。"),
)
_WORD = b"word/document.xml"
_WORKBOOK = b"xl/workbook.xml"
_PAGE = re.compile(rb"\s*<(!doctype|html|\?xml|table|head|meta)", re.I)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Rows of texts, and the name of their sheet."""

    rows: Sequence[Sequence[str]]
    sheet: str = ""


def read_tables(path: Path, what: str) -> list[SheetRows]:
    """Return the tables in a file: one for each sheet of a workbook, one for a text.

    `what` is what the messages call the file. Raise Problem with the reason and what to do.
    """
    shown = printable(str(path))
    if not path.exists():
        raise Problem(f"找不到{what} {shown}。请检查路径和文件名。")
    if path.is_dir():
        raise Problem(f"{shown} 是文件夹，不是{what}。请给出{what}文件（.xlsx 或 .csv）。")
    try:
        content = read_bytes(path)
        if another := _own_file_kind(content):
            raise Unreadable(f"是{another}，不是{what}。请给出{what}文件（每行一个机关的表，.xlsx 或 .csv）。")
        return _tables(content)
    except Unreadable as problem:
        raise Problem(f"{what} {shown} {problem.message}") from None


def _own_file_kind(content: bytes) -> str:
    """Return which other file of ours this is, in words: an output, or a form (填报表). Empty for any other table."""
    try:
        file = admit(content)
    except Unreadable:
        return ""
    if output := own_output(file):
        return f" {output}"
    return "填报表或它的空白模板" if is_form(file) else ""


def _tables(content: bytes) -> list[SheetRows]:
    if not content.strip():
        raise Unreadable("是空文件，里面什么也没有。请重新填写。")
    for start, why in _OTHER_FORMATS:
        if content.startswith(start):
            raise Unreadable(why)
    if content.startswith(b"PK") and _WORD in content:
        raise Unreadable("是 Word 文件，不是表格。请把其中的表格粘贴到 Excel 里，存成 .xlsx 后再试。")
    if content.startswith((b"PK", b"\xd0\xcf")):
        return list(_sheets(content))
    if _PAGE.match(content.removeprefix(b"\xef\xbb\xbf")):
        raise Unreadable(f"是网页格式的表（常见于从系统里导出的），读不了。{SAVE_AS}")
    return [SheetRows(_separated(_decoded(content)))]


def _sheets(content: bytes) -> Iterator[SheetRows]:
    """Yield the visible sheets. A cell merged over several rows counts for each of them, as people read it."""
    import python_calamine
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    from toolkit.workbook.package import open_package

    try:
        package = open_package(content) if _WORKBOOK in content else None
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(package.clean if package else content))
    except Exception:  # whatever the bytes hold, the reader may raise on them
        raise Unreadable(DAMAGED) from None
    for sheet in book.sheets_metadata:
        if sheet.visible != SheetVisibleEnum.Visible or sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        if package:
            package.require_no_far_cells(sheet.name)
        yield SheetRows(_rows(book, sheet.name), sheet.name)


def _rows(book: Any, name: str) -> list[list[str]]:
    from toolkit.workbook.raw_rows import TimeOutOfRange, rows_of

    try:
        sheet = book.get_sheet_by_name(name)
        rows = [[_text(value) for value in row] for row in rows_of(sheet)]
        merged = sheet.merged_cell_ranges or ()
    except TimeOutOfRange:
        raise Unreadable(
            f"工作表“{name}”里有日期或时间格式的格，其中的数大得显示不了，这张表读不出来。请把这些格改成文本或数字格式。"
        ) from None
    except Exception:  # whatever the bytes hold, the reader may raise on them
        raise Unreadable(DAMAGED) from None
    for (top, left), (bottom, _) in merged:
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row):
                row[left] = rows[top][left]
    return rows


def _decoded(content: bytes) -> str:
    """Return a text in an encoding that Excel, WPS and editors use."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise Unreadable(f"不是表格，也不是文本。{SAVE_AS}")
        return text
    raise Unreadable(f"不是 UTF-8 或 GB18030 编码的文本，读不了。{SAVE_AS}")


def _separated(text: str) -> list[list[str]]:
    """Return the fields of each row. Rows count as in a spreadsheet: one may have line breaks inside quotation
    marks."""
    lines = text.splitlines()[:LINES_LOOKED_AT]
    separator = max(SEPARATORS, key=lambda mark: sum(mark in line for line in lines))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend([_text(value) for value in row] for row in reader)
    except csv.Error:
        raise Unreadable(
            f"第 {len(rows) + 1} 行的引号不成对，看不出一格到哪里为止。请更正引号，或用 Excel 另存为 .xlsx 后再试。"
        ) from None
    return rows


def _text(value: Any) -> str:
    """Return what a cell shows, with its line breaks. Invisible characters, which come from web pages, are removed."""
    if isinstance(value, float):
        return format(Decimal(f"{value:.{DIGITS}g}"), "f")
    text = without_forbidden(str(value))
    return "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
