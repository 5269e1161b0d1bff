"""Reads a PDF with a text layer as blocks: paragraphs and tables, found by lines and borders."""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import metadata, util

from toolkit.characters import one_line
from toolkit.documents.blocks import Block, Prose
from toolkit.documents.pdf.grid import RuledGrid, grids_of, trimmed
from toolkit.documents.pdf.lines import TextLine, lines_of
from toolkit.documents.pdf.margins import without_margins
from toolkit.documents.pdf.page import UNKNOWN, Letter, PdfPage, page_of
from toolkit.documents.pdf.tables import continued, table_of
from toolkit.documents.pdf.text import PageSetting, layout_of, paragraphs_of
from toolkit.problems import Problem, Unreadable

OLDEST_READER = 20251230
"""The first version of pdfminer.six in which no PDF can name a local or network file that is then run as a program
(CVE-2025-64512, CVE-2025-70559)."""
TOO_OLD = (
    "读 PDF 的组件 pdfminer.six 是 {found}，太旧：PDF 能让它运行别人的程序，所以没有打开。"
    f'请更新到 {OLDEST_READER} 版以上：pip install --upgrade "gknb-toolkit[pdf]"。也可以改用网页或 Word 版。'
)
NOT_INSTALLED = '读 PDF 要另装组件：pip install "gknb-toolkit[pdf]"。也可以改用网页或 Word 版。'
SCANNED = "是扫描件，没有文字层，读不了。请改用网页、Word 版，或先做文字识别并核对。"
EMPTY = "里面没有文字，读不了。请检查是不是放错了文件，或改用网页、Word 版。"
UNKNOWN_CODES = "文字编码认不出来（字体没有写明对应哪些文字），读不了。请改用网页、Word 版，或用原文件重新导出 PDF。"
_FEW_LETTERS = 20
"""A page of a scan has a page number or a stamp at most."""
_MOST_UNKNOWN = 0.03
_SEEN_AS_PICTURE = 0.5
_OVERLAP = 3.0
"""Points. A line above a table may touch its border."""
_NO_TITLE = re.compile(
    r"\.(?:docx?|wps|xlsx?|pptx?|pdf|html?|txt)\b|^Microsoft |^(?:未命名|无标题|untitled|document|文档)\s*\d*$", re.I
)


def read_pdf(content: bytes) -> Prose:
    """Return the content of a PDF.

    Raise Unreadable if it is another kind of file, or is damaged, encrypted or scanned. The message says what is wrong
    and what to do.

    Raise Problem if the component that opens PDFs is not installed or not safe.
    """
    if util.find_spec("pdfplumber") is None:
        raise Problem(NOT_INSTALLED)
    _require_safe_reader()
    from toolkit.documents.pdf.file import DAMAGED

    try:
        pages, title = _read_pages(content)
        _require_text(pages)
        return Prose(tuple(_blocks(pages)), tuple(_remarks(pages)), _title(title))
    except Problem:
        raise
    except Exception as error:  # one strange file must not stop the others
        raise Unreadable(DAMAGED) from error


def _require_safe_reader() -> None:
    """Raise Problem if pdfminer is too old to be safe or its version is not known. This runs before any of it is
    loaded."""
    try:
        version = metadata.version("pdfminer.six")
    except metadata.PackageNotFoundError:
        version = ""
    day = re.match(r"\d{8}", version)
    if day is None or int(day[0]) < OLDEST_READER:
        raise Problem(TOO_OLD.format(found=f"{version} 版" if version else "不知道哪一版"))


def _read_pages(content: bytes) -> tuple[list[PdfPage], object]:
    from toolkit.documents.pdf.file import objects_of, pages_of

    raw_pages, title = pages_of(content)
    pages = list[PdfPage]()
    for raw_page in raw_pages:
        pages.append(page_of(float(raw_page.width), float(raw_page.height), objects_of(raw_page)))
        raw_page.close()
    return pages, title


def _require_text(pages: Sequence[PdfPage]) -> None:
    """Raise Unreadable if the pages hold no text, or no readable text."""
    letters = [letter for page in pages for letter in page.letters if letter.text.strip()]
    scans = sum(map(_is_scan, pages))
    if scans * 2 > len(pages) or (scans and len(letters) < _FEW_LETTERS):
        raise Unreadable(SCANNED)
    if not letters:
        raise Unreadable(EMPTY)
    if sum(letter.text == UNKNOWN for letter in letters) > _MOST_UNKNOWN * len(letters):
        raise Unreadable(UNKNOWN_CODES)


def _is_scan(page: PdfPage) -> bool:
    shown = sum(bool(letter.text.strip()) for letter in page.letters)
    return shown < _FEW_LETTERS and page.covered >= _SEEN_AS_PICTURE


def _remarks(pages: Sequence[PdfPage]) -> Iterator[str]:
    scans = [number for number, page in enumerate(pages, 1) if _is_scan(page)]
    if scans:
        yield f"第 {'、'.join(map(str, scans))} 页是图片，没有文字层，没有读到。请对照原文件核对。"
    pictures = sum(page.pictures for page in pages) - len(scans)
    if pictures > 0:
        yield f"有 {pictures} 张图片没有带过来。"
    unknown = sum(letter.text == UNKNOWN for page in pages for letter in page.letters)
    if unknown:
        yield f"有 {unknown} 个字认不出来，显示为“{UNKNOWN}”。请对照原文件核对。"


def _blocks(pages: Sequence[PdfPage]) -> list[Block]:
    """Return paragraphs and tables in order. A table that continues at the top of the next page is one table."""
    contents = [_tables_and_lines(page) for page in pages]
    texts = without_margins([lines for _, lines in contents], [page.height for page in pages])
    blocks, lines = list[Block](), list[tuple[PageSetting, list[TextLine]]]()
    open_: RuledGrid | None = None
    for layout, (grids, _), text in zip(_layouts(pages, texts), contents, texts, strict=True):
        for number, item in enumerate(_in_order(grids, text)):
            if isinstance(item, RuledGrid):
                joined_table = continued(open_, item) if open_ and not number else None
                if open_ and not joined_table:
                    blocks.append(table_of(open_))
                blocks += paragraphs_of(lines)
                lines, open_ = [], joined_table or item
            else:
                if open_:
                    blocks.append(table_of(open_))
                    open_ = None
                lines.append((layout, item))
    blocks += paragraphs_of(lines)
    return [*blocks, table_of(open_)] if open_ else blocks


def _tables_and_lines(page: PdfPage) -> tuple[list[RuledGrid], list[TextLine]]:
    """Return a page's tables with the text in their cells, and the lines outside them."""
    outside, grids = list(page.letters), list[RuledGrid]()
    for grid in grids_of(page.strokes):
        inside = dict[tuple[int, int], list[Letter]]()
        rest = list[Letter]()
        for letter in outside:
            place = grid.place(letter.middle, letter.height)
            (rest if place is None else inside.setdefault(place, [])).append(letter)
        # A grid without text is an ornament, or the frame around another table.
        if any(letter.text.strip() for letters in inside.values() for letter in letters):
            grids.append(_with_text(grid, inside))
            outside = rest
    return grids, lines_of(outside)


def _with_text(grid: RuledGrid, letters: Mapping[tuple[int, int], list[Letter]]) -> RuledGrid:
    places = {
        (row, column): number
        for number, cell in enumerate(grid.cells)
        for row in range(cell.row, cell.bottom)
        for column in range(cell.column, cell.column + cell.width)
    }
    gathered = [list[Letter]() for _ in grid.cells]
    for place, group in letters.items():
        gathered[places[place]] += group
    cells = (replace(cell, lines=tuple(lines_of(group))) for cell, group in zip(grid.cells, gathered, strict=True))
    return trimmed(replace(grid, cells=tuple(cells)))


def _layouts(pages: Sequence[PdfPage], texts: Sequence[list[TextLine]]) -> list[PageSetting]:
    """Return the setting of each page. Pages of one width have the same setting."""
    widths = [round(page.width / 5) for page in pages]
    known = {
        width: layout_of([text for text, other in zip(texts, widths, strict=True) if other == width])
        for width in set(widths)
    }
    return [known[width] for width in widths]


def _in_order(grids: Sequence[RuledGrid], lines: Sequence[TextLine]) -> list[RuledGrid | list[TextLine]]:
    """Return the tables and the lines between them, from top to bottom."""
    order = list[RuledGrid | list[TextLine]]()
    left = list(lines)
    for grid in sorted(grids, key=lambda grid: grid.rows[0]):
        above = [line for line in left if line.base <= grid.rows[0] + _OVERLAP]
        left = left[len(above) :]
        order += [above, grid] if above else [grid]
    return [*order, left] if left else order


def _title(title: object) -> str:
    """Return the title that a PDF states; empty if it only names the file or program that the PDF comes from, as many
    do."""
    from pdfminer.pdftypes import resolve1

    written = resolve1(title)
    if not isinstance(written, bytes):
        return ""
    text = one_line(_decoded(written))
    is_words = len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z]{3,}", text)) >= 2 and "\ufffd" not in text
    return text if is_words and not _NO_TITLE.search(text) else ""


def _decoded(written: bytes) -> str:
    if written[:2] in (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE):
        return written.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return written.decode(encoding)
    return ""
