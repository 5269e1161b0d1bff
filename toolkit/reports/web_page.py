"""The report as HTML: a fragment to paste into the editor of a website, and a complete page."""

import re
from collections.abc import Iterator
from functools import cache

from toolkit.documents.blocks import Block, TableBlock
from toolkit.reports.content import DRAFT, Report, cell_text
from toolkit.reports.web_table import official_table
from toolkit.reports.web_text import RIGHT, block_markup, escaped, heading, inline, plain_paragraph
from toolkit.resources import resource
from toolkit.submission.model import OUTSIDE

TEMPLATE = "templates/report.html"
MARK = "text-align:center;font-weight:bold;color:#c00000"
_PLACEHOLDERS = re.compile("__(TITLE|MARK|HEADING|BODY)__")


def report_fragment(report: Report) -> str:
    """Return the report as HTML without its title, because the website shows the title itself."""
    return _mark(report) + "\n".join(markup for markup, _ in _parts(report)) + "\n"


def report_page(report: Report) -> str:
    """Return the report as a complete page that needs no other file."""
    title = f"{report.submission.title}{DRAFT}" if report.draft else report.submission.title
    body = "\n".join(_scrolling(markup, width) if width else markup for markup, width in _parts(report))
    content = {"TITLE": escaped(title), "MARK": _mark(report), "HEADING": _heading(report), "BODY": body}
    # Split the template before filling it in: a text of a report may look like a placeholder.
    parts = [content[part] if number % 2 else part for number, part in enumerate(_template())]
    return "".join(parts)


def _mark(report: Report) -> str:
    """Return the line at the head of a draft."""
    return f"{plain_paragraph(report.draft, MARK)}\n" if report.draft else ""


def _heading(report: Report) -> str:
    """Return the title. Where it needs two lines, the agency stands on the first."""
    title, agency = report.submission.title, report.submission.agency
    if not agency or not title.startswith(agency):
        return inline(title)
    return f"<span>{inline(agency)}</span><span>{inline(title.removeprefix(agency))}</span>"


@cache
def _template() -> tuple[str, ...]:
    """Return the page around a report: markup and names of placeholders by turns."""
    return tuple(_PLACEHOLDERS.split(resource(TEMPLATE).read_text(encoding="utf-8")))


def _scrolling(table: str, width: int) -> str:
    """Return a table that scrolls by itself on a narrow screen, also by keyboard."""
    label = 'tabindex="0" role="group" aria-label="表格，屏幕较窄时可以左右滚动"'
    return f'<div class="wide" {label} style="--columns:{width}">{table}</div>'


def _parts(report: Report) -> Iterator[tuple[str, int]]:
    """Yield every paragraph, heading and table, with the number of columns of a table, or 0 if it is no table."""
    submission = report.submission
    values = submission.all_values
    yield from map(_part, report.preface)
    for section in submission.form.sections:
        yield heading(1, section.title), 0
        if section.text:
            yield from map(_part, report.text(section.id))
        else:
            yield from map(_part, report.beside.get(section.id, ()))
            table = official_table(submission.form, section.id, lambda cell: cell_text(values[cell]))
            yield table, len(section.widths)
    yield from map(_part, report.beside.get(OUTSIDE, ()))
    for line in report.signature:
        yield plain_paragraph(line, RIGHT), 0


def _part(block: Block) -> tuple[str, int]:
    return block_markup(block), block.width if isinstance(block, TableBlock) else 0
