"""Published reports as they are met: each real report set in six layouts, as a web page and as a Word document.

    python tests/helpers/published_layouts.py

prints the share of cells that are read right, layout by layout.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from io import BytesIO

from docx import Document
from docx.table import _Cell
from kit import LOOKUP, REPORT_DATA, report

from toolkit.files.admit import admit
from toolkit.forms.grid import Box, Grid, section_grids
from toolkit.imports.figures import is_figure
from toolkit.imports.importer import read_published
from toolkit.reports.content import cell_text
from toolkit.submission.model import Submission, Value


@dataclass(frozen=True)
class Cell:
    """A cell of a table that is to be set; `inside` are blocks that stand in it instead of a text."""

    text: str
    width: int = 1
    height: int = 1
    inside: "tuple[Block, ...]" = ()


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph, or a table."""

    text: str = ""
    rows: tuple[Row, ...] = ()


Layout = Callable[[Submission], Iterator[Block]]


def rows_of(grid: Grid, text: Callable[[Box], str], first: int = 0, last: int | None = None) -> tuple[Row, ...]:
    """The rows of an official table from `first` on; a label that began above goes on in them."""
    last = grid.height if last is None else last
    rows = []
    for row in range(first, last):
        cells = [
            Cell(text(box), box.width, min(box.row + box.height, last) - row)
            for box in sorted(grid.boxes, key=lambda box: box.column)
            if box.row == row or (row == first and box.row < row < box.row + box.height)
        ]
        rows.append(tuple(cells))
    return tuple(rows)


def plain_text(submission: Submission) -> Callable[[Box], str]:
    return lambda box: cell_text(submission.all_values[box.cell]) if box.cell else box.text


def official(submission: Submission, text: Callable[[Box], str]) -> dict[str, tuple[Row, ...]]:
    """The rows of each table section."""
    return {
        section.id: tuple(row for grid in section_grids(section) for row in rows_of(grid, text))
        for section in submission.form.table_sections
    }


def sections(submission: Submission, tables: Callable[[str], Sequence[Block]]) -> Iterator[Block]:
    """A report with its sections, and with what stands under those that have tables."""
    yield Block(submission.title)
    for section in submission.form.sections:
        yield Block(section.title)
        if section.text:
            yield from (Block(text) for text in submission.texts.get(section.id, ("无",)))
        else:
            yield from tables(section.id)


def split_tables(submission: Submission) -> Iterator[Block]:
    """One small table an item, whose caption stands before it; the long table cut in two, the second without a head."""
    text = plain_text(submission)

    def tables(section_id: str) -> Iterator[Block]:
        section = submission.form.section(section_id)
        for table, grid in zip(section.tables, section_grids(section), strict=True):
            if table.caption:
                yield Block(table.caption)
                yield Block(rows=rows_of(grid, text, 1))
            elif grid.height > 10:
                middle = grid.head + 9
                yield Block(rows=rows_of(grid, text, 0, middle))
                yield Block("（接上表）")
                yield Block(rows=rows_of(grid, text, middle))
            else:
                yield Block(rows=rows_of(grid, text))

    return sections(submission, lambda section: list(tables(section)))


def blanks(submission: Submission) -> Iterator[Block]:
    """Nothing where nothing happened."""
    values = plain_text(submission)
    rows = official(submission, lambda box: "" if box.cell and values(box) == "0" else values(box))
    return sections(submission, lambda section: [Block(rows=rows[section])])


def with_unit(box: Box, submission: Submission) -> str:
    value = submission.all_values[box.cell] if box.cell else None
    if not isinstance(value, int | Decimal):
        return plain_text(submission)(box)
    kind = submission.form.cells[box.cell].kind
    return f"{cell_text(value)}{kind.unit}" if kind.name == "money" else f"{value:,}件"


def units(submission: Submission) -> Iterator[Block]:
    """Units inside the cells, and commas in the figures."""
    rows = official(submission, lambda box: with_unit(box, submission))
    return sections(submission, lambda section: [Block(rows=rows[section])])


WORDINGS = (
    ("（", "("),
    ("）", ")"),
    ("：", ":"),
    ("，", ","),
    (r"^(\d)\.", r"\1、"),
    ("本年处理决定数量", "处理决定数量"),
    (r"本年收费金额\(单位:万元\)", "本年度收费金额"),
    ("“三安全一稳定”", '"三安全一稳定"'),
    ("上年结转政府信息公开申请数量", "上年结转政府信息公开数量"),
    ("勾稽", "钩稽"),
    ("行政规范性文件", "规范性文件"),
    ("其他法律行政法规禁止公开", "其他法律行政止公开"),
    ("政府信息公开行政复议、行政诉讼情况", "政府信息公开行政复议及行政诉讼情况"),
    ("存在的主要问题及改进情况", "存在问题及改进情况"),
    ("其他需要报告的事项", "其他事项"),
    ("结果纠正", "结 果 纠 正"),
    ("行政机关不再处理其政府信息公开申请", "行政机关不再处理"),
)


def reworded(text: str) -> str:
    for old, new in WORDINGS:
        text = re.sub(old, new, text)
    return text


def wordings(submission: Submission) -> Iterator[Block]:
    """Labels and titles as other hands typed them."""
    values = plain_text(submission)
    rows = official(submission, lambda box: values(box) if box.cell else reworded(box.text))
    for block in sections(submission, lambda section: [Block(rows=rows[section])]):
        yield block if block.rows else Block(reworded(block.text) if len(block.text) < 40 else block.text)


def layout_tables(submission: Submission) -> Iterator[Block]:
    """A page set in tables; the official ones inside have no corner, empty columns at the right and empty rows."""
    values = plain_text(submission)
    corners = {table.corner for section in submission.form.table_sections for table in section.tables}
    rows = official(submission, lambda box: "" if not box.cell and box.text in corners else values(box))

    def table(section: str) -> list[Block]:
        width = len(submission.form.section(section).widths)
        padded = tuple((*row, Cell("")) for row in rows[section])
        return [Block(rows=(*padded, (Cell("", width + 1),)))]

    inside = tuple(sections(submission, table))
    menu = Cell("首页 通知公告 政府信息公开 联系我们")
    yield Block(rows=((Cell("某某人民政府门户网站", 2),), (menu, Cell("", inside=inside)), (Cell("版权所有", 2),)))


def loose_lines(submission: Submission) -> Iterator[Block]:
    """Copied so that each cell stands on a line of its own."""
    rows = official(submission, plain_text(submission))
    return sections(
        submission, lambda section: [Block(cell.text) for row in rows[section] for cell in row if cell.text]
    )


KINDS = ("web", "word")
LAYOUTS: dict[str, Layout] = {
    "split tables": split_tables,
    "blanks": blanks,
    "units": units,
    "wordings": wordings,
    "layout tables": layout_tables,
    "loose lines": loose_lines,
}


def html_of(blocks: Sequence[Block]) -> str:
    """The blocks as they stand in a page."""
    out = []
    for block in blocks:
        if not block.rows:
            out.append(f"<p>　　{escape(block.text)}</p>")
            continue
        rows = ""
        for row in block.rows:
            cells = ""
            for cell in row:
                spans = f' colspan="{cell.width}"' * (cell.width > 1) + f' rowspan="{cell.height}"' * (cell.height > 1)
                half = 0 if is_figure(cell.text) else len(cell.text) // 2
                broken = (
                    f"{escape(cell.text[:half])}<br />{escape(cell.text[half:])}" if half > 3 else escape(cell.text)
                )
                inside = html_of(cell.inside) if cell.inside else f"<p align=center>{broken or '&nbsp;'}</p>"
                cells += f"<td{spans}>{inside}</td>"
            rows += f"<tr>{cells}</tr>"
        out.append(f"<table border=1><tbody>{rows}</tbody></table>")
    return "".join(out)


def page_of(blocks: Sequence[Block], encoding: str = "utf-8") -> bytes:
    head = f'<html><head><meta charset="{encoding}"><title>某某人民政府</title></head>'
    return f"<!DOCTYPE html>{head}<body>{html_of(blocks)}</body></html>".encode(encoding, "xmlcharrefreplace")


def document_of(blocks: Sequence[Block]) -> bytes:
    document = Document()
    _put(document, blocks)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _put(target: "Document | _Cell", blocks: Sequence[Block]) -> None:
    for block in blocks:
        if not block.rows:
            target.add_paragraph(block.text)
            continue
        width = max(sum(cell.width for cell in row) for row in block.rows)
        height = len(block.rows)
        places = [row.cells for row in target.add_table(height, width).rows]
        taken: set[tuple[int, int]] = set()
        for number, row in enumerate(block.rows):
            column = 0
            for cell in row:
                while (number, column) in taken:
                    column += 1
                taken |= {(number + y, column + x) for y in range(cell.height) for x in range(cell.width)}
                first = places[number][column]
                last = places[min(number + cell.height, height) - 1][column + cell.width - 1]
                merged = first.merge(last) if first is not last else first
                if cell.inside:
                    _put(merged, cell.inside)
                else:
                    merged.paragraphs[0].text = cell.text
                column += cell.width


def expected(submission: Submission, layout: str) -> dict[str, Value]:
    """The number that each cell must give."""
    numbers = {**submission.numbers, **submission.totals}
    return {
        cell: (numbers.get(cell) or None) if layout == "blanks" else numbers.get(cell) for cell in submission.form.cells
    }


def read(content: bytes) -> Submission:
    return read_published(admit(content), LOOKUP.forms, "某某")


def right(submission: Submission, layout: str, kind: str) -> tuple[int, int, Submission]:
    """How many cells were read right, of how many."""
    blocks = list(LAYOUTS[layout](submission))
    content = {"web": page_of, "word": document_of}[kind](blocks)
    found = read(content)
    wanted = expected(submission, layout)
    if found.form is not submission.form:
        return 0, len(wanted), found
    numbers = {cell: found.numbers.get(cell) for cell in wanted} | {
        cell.id: found.totals[cell.id] or (None if layout == "blanks" else 0) for cell in found.form.computed
    }
    return sum(numbers[cell] == wanted[cell] for cell in wanted), len(wanted), found


def main() -> None:
    for layout in LAYOUTS:
        for kind in KINDS:
            pairs = [right(report(name), layout, kind)[:2] for name in REPORT_DATA]
            good, whole = (sum(numbers) for numbers in zip(*pairs, strict=True))
            print(f"{layout:<15}{kind:<6}{good:>6} of {whole} cells right: {good / whole:.2%}")


if __name__ == "__main__":
    main()
