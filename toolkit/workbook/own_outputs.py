"""Recognizes what the toolkit itself has written (本工具的输出) by what a file holds: a name is no proof.

Workbooks carry a mark in their properties, which other programs keep when they save them. Outputs from before there was
a mark are known by their titles and heads.
"""

import json
import re
from collections.abc import Iterator, Sequence

from toolkit.excel.output_mark import MARK, OUTPUT_NAMES, Output
from toolkit.files.admit import Admitted
from toolkit.problems import Unreadable
from toolkit.workbook.reader import has_form_sheets, open_book

_MARKED = re.compile(rf"{MARK}({'|'.join(OUTPUT_NAMES)})".encode())
_PROPERTIES = ("docProps/core.xml", "meta.xml")
"""Where Excel's and the OpenDocument format keep the properties of a file."""
_UNMARKED: tuple[tuple[Output, str, re.Pattern[str], frozenset[str]], ...] = (
    ("results", "各机关", re.compile("各机关报送和校验情况"), frozenset(("状态", "机关", "文件"))),
    ("issue-list", "发放清单", re.compile(r"\d+年度填报模板发放清单"), frozenset(("机关全称", "文件", "SHA-256"))),
    ("sum-table", "来源", re.compile("汇总数的来源"), frozenset(("机关", "计入", "文件"))),
)
"""How a sheet of each output begins that has no mark: its name, a title, and heads of its table."""
_TOP = 12
"""Rows in which title and heads stand, also when somebody has put a few above."""
_PAGE_HEAD = 2048
"""Bytes in which the mark and the title of a page stand."""
_PAGE_TITLE, _PAGE_DATA = "<title>年报校验结果</title>".encode(), b'<script type="application/json" id="data">'


def own_output(file: Admitted) -> str:
    """Return which output of ours a file is, in words; empty when it is none. It is asked of what is no submission."""
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
    return next((words for sheet, rows in _tops(file) if (words := own_table(sheet, rows))), "")


def own_table(sheet: str, rows: Sequence[Sequence[str]]) -> str:
    """Return which output of ours has a sheet that begins with these rows, in words; empty when none has."""
    top = [[text.strip() for text in row] for row in rows[:_TOP]]
    for output, name, title, heads in _UNMARKED:
        titled = sheet.startswith(name) and any(title.fullmatch(text) for row in top for text in row)
        if titled and any(heads <= set(row) for row in top):
            return OUTPUT_NAMES[output]
    return ""


def _tops(file: Admitted) -> Iterator[tuple[str, list[list[str]]]]:
    """The first rows of the sheets that may be ours."""
    try:
        package, book = open_book(file)
        for sheet in book.sheet_names:
            if any(sheet.startswith(name) for _, name, _, _ in _UNMARKED):
                package.require_near(sheet)
                rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False, nrows=_TOP)
                yield sheet, [[str(value) for value in row] for row in rows]
    except MemoryError:
        raise
    except Exception:  # whatever the bytes hold, the reader may raise on them; then it is none of ours
        return


def is_form(file: Admitted) -> bool:
    """Return whether a workbook is a template of ours, filled in or not, as far as its sheets tell."""
    if file.kind not in ("workbook", "converted"):
        return False
    try:
        return has_form_sheets(open_book(file)[1].sheet_names)
    except Unreadable:
        return False


def _is_findings(content: bytes) -> bool:
    """Whether data are those of findings.json."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    summary = data.get("summary") if isinstance(data, dict) else None
    return (
        isinstance(summary, dict) and {"files", "passed", "failed", "unreadable"} <= summary.keys() and "files" in data
    )
