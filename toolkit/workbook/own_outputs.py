"""Recognizes outputs of the toolkit itself (本工具的输出) by their content: a file name is no proof.

Workbooks have a mark in their properties, which other programs keep when they save them. Outputs from before there was
a mark are recognized by their titles and table headers.
"""

import json
import re
from collections.abc import Iterator, Sequence

from toolkit.excel.output_mark import MARK, OUTPUT_NAMES, Output
from toolkit.files.admit import Admitted
from toolkit.problems import Unreadable
from toolkit.workbook.workbook_sheets import has_form_sheets, open_book

_MARKED = re.compile(rf"{MARK}({'|'.join(OUTPUT_NAMES)})".encode())
_PROPERTIES = ("docProps/core.xml", "meta.xml")
"""Where the Excel and the OpenDocument formats keep the properties of a file."""
_UNMARKED: tuple[tuple[Output, str, re.Pattern[str], frozenset[str]], ...] = (
    ("results", "各机关", re.compile("各机关报送和校验情况"), frozenset(("状态", "机关", "文件"))),
    ("issue-list", "发放清单", re.compile(r"\d+年度填报模板发放清单"), frozenset(("机关全称", "文件", "SHA-256"))),
    ("sum-table", "来源", re.compile("汇总数的来源"), frozenset(("机关", "计入", "文件"))),
)
"""How a sheet of each output without a mark begins: its name, a title, and headers of its table."""
_TOP = 12
"""Rows in which title and headers are looked for, as somebody may have added a few rows above."""
_PAGE_HEAD = 2048
"""Bytes in which the mark and the title of a page stand."""
_PAGE_TITLE, _PAGE_DATA = "<title>年报校验结果</title>".encode(), b'<script type="application/json" id="data">'


def own_output(file: Admitted) -> str:
    """Return which output of ours a file is, in words; empty if it is none. Call it for files that are not a submission
    (报送数据)."""
    if file.kind == "json":
        return OUTPUT_NAMES["results"] if _is_findings(file.content) else ""
    if file.kind == "web":
        head = file.content[:_PAGE_HEAD]
        is_page = _MARKED.search(head) or (_PAGE_TITLE in head and _PAGE_DATA in file.content)
        return OUTPUT_NAMES["results"] if is_page else ""
    if file.kind not in ("workbook", "converted"):
        return ""
    for name in _PROPERTIES if file.parts is not None else ():
        if found := _MARKED.search(file.parts.get(name, b"") if file.parts else b""):
            return next(words for output, words in OUTPUT_NAMES.items() if output == found[1].decode())
    return next((words for sheet, rows in _first_rows(file) if (words := own_table(sheet, rows))), "")


def own_table(sheet: str, rows: Sequence[Sequence[str]]) -> str:
    """Return which output of ours has a sheet that begins with these rows, in words; empty if none has."""
    top = [[text.strip() for text in row] for row in rows[:_TOP]]
    for output, name, title, heads in _UNMARKED:
        has_title = sheet.startswith(name) and any(title.fullmatch(text) for row in top for text in row)
        if has_title and any(heads <= set(row) for row in top):
            return OUTPUT_NAMES[output]
    return ""


def _first_rows(file: Admitted) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the name and the first rows of each sheet that may be ours."""
    try:
        package, book = open_book(file)
        for sheet in book.sheet_names:
            if any(sheet.startswith(name) for _, name, _, _ in _UNMARKED):
                package.require_no_far_cells(sheet)
                rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False, nrows=_TOP)
                yield sheet, [[str(value) for value in row] for row in rows]
    except MemoryError:
        raise
    except Exception:  # the reader may raise anything on damaged bytes; then it is not ours
        return


def is_form(file: Admitted) -> bool:
    """Return True if a workbook is a template of ours, filled in or not, judging by its sheets."""
    if file.kind not in ("workbook", "converted"):
        return False
    try:
        return has_form_sheets(open_book(file)[1].sheet_names)
    except Unreadable:
        return False


def _is_findings(content: bytes) -> bool:
    """Return True if JSON data are those of findings.json."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    summary = data.get("summary") if isinstance(data, dict) else None
    return (
        isinstance(summary, dict) and {"files", "passed", "failed", "unreadable"} <= summary.keys() and "files" in data
    )
