"""The Word report: title, preface, the sections in order with the official headings, the official tables between the
texts, and the signature."""

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.documents.blocks import Block, Paragraph, Picture, Run, TableBlock, TableCell
from toolkit.documents.headings import split_at
from toolkit.reports import word_writer
from toolkit.reports.base_document import (
    BODY,
    GRID,
    HEADINGS,
    LEAD_INS,
    PICTURE,
    SIGNATURE,
    TABLE_BODY,
    BaseDocument,
    own_base,
)
from toolkit.reports.content import DRAFT, Report, report_of
from toolkit.reports.official_table import skeleton
from toolkit.reports.word_writer import DocumentDraft
from toolkit.submission.model import Submission

GROWING = '<w:spacing w:line="560" w:lineRule="atLeast"/>'
"""A line as high as the pictures in it: a fixed height would cut them off."""
APART = '<w:spacing w:before="0" w:after="0" w:line="160" w:lineRule="exact"/>'
"""Of a paragraph between two tables, which would grow together without it."""
TOGETHER = "<w:keepNext/>"
SIGNATURE_GAP = 560
"""Twentieths of a point between the text and the signature under it."""
BORDER = 115
"""Twentieths of a point that a cell's margins take from what stands in it."""


def build_report(submission: Submission) -> bytes:
    """The report of a submission, as the bytes of a .docx file. Figures stand as submitted, totals as computed."""
    return word_report(report_of(submission))


@dataclass(frozen=True, slots=True)
class DataPage:
    """That a report ends in a data page (数据附页), with last year's figures where there are some."""

    prior: Submission | None = None


def word_report(report: Report, base: BaseDocument | None = None, data_page: DataPage | None = None) -> bytes:
    """A report as the bytes of a .docx file, in the styles of a base document."""
    draft = DocumentDraft(base or own_base())
    submission = report.submission
    title = f"{submission.title}{DRAFT}" if report.draft else submission.title
    return draft.finish(_body(report, draft, data_page), title, submission.agency)


def _body(report: Report, draft: DocumentDraft, data_page: DataPage | None) -> Iterator[str]:
    """The paragraphs and tables of a report, as XML."""
    submission = report.submission
    if report.draft:
        yield draft.mark(report.draft)
    yield draft.title(submission.title)
    yield from _blocks(report.preface, draft)
    for section in submission.form.sections:
        yield draft.paragraph(HEADINGS[0], section.title)
        if section.text:
            yield from _blocks(report.text(section.id), draft)
        else:
            yield skeleton(submission.form, section.id, draft.base).filled(submission.all_values)
    for number, line in enumerate(report.signature):
        gap = f'<w:spacing w:before="{SIGNATURE_GAP}"/>' if number == 0 else ""
        together = TOGETHER if number < len(report.signature) - 1 else ""
        yield draft.paragraph(SIGNATURE, line, together + gap)
    if data_page:
        from toolkit.reports.appendix import appendix

        yield from appendix(draft, submission, data_page.prior)


def _blocks(blocks: tuple[Block, ...], draft: DocumentDraft) -> Iterator[str]:
    before: Block | None = None
    for block in blocks:
        if isinstance(before, TableBlock) and isinstance(block, TableBlock):
            yield draft.paragraph_of(TABLE_BODY, "", APART)
        yield _table(block, draft, draft.base.width) if isinstance(block, TableBlock) else _paragraph(block, draft)
        before = block


def _paragraph(block: Paragraph, draft: DocumentDraft) -> str:
    """A paragraph of a text: a sub-heading, body text, or a picture."""
    pictures = [piece for piece in block.pieces if isinstance(piece, Picture)]
    if pictures and not block.text.strip():
        return draft.paragraph_of(PICTURE, _runs(block, draft, draft.base.width))
    if block.is_heading:
        style, layout = HEADINGS[min(block.level, len(HEADINGS)) - 1], ""
    else:
        style, layout = BODY, GROWING if pictures else ""
    return draft.paragraph_of(style, _runs(block, draft, draft.base.width), layout)


def _runs(block: Paragraph, draft: DocumentDraft, room: int) -> str:
    """The runs of a paragraph, those of a heading that text follows in the look of such a heading."""
    if block.lead_in and block.level in LEAD_INS and all(isinstance(piece, Run) for piece in block.pieces):
        first, rest = split_at(block, block.lead_in)
        style = f'<w:rStyle w:val="{draft.base.styles[LEAD_INS[block.level]]}"/>'
        return "".join([*(draft.run(run, style) for run in first), *map(draft.run, rest)])
    return "".join(draft.run(piece) if isinstance(piece, Run) else draft.picture(piece, room) for piece in block.pieces)


def _table(table: TableBlock, draft: DocumentDraft, room: int) -> str:
    """A table that stands in a text, as wide as the text."""
    whole = sum(table.widths)
    widths = [max(int(room * width / whole), 1) for width in table.widths]
    rows = []
    for number, cells in enumerate(word_writer.rows_of(table.cells, table.height)):
        content = (_cell(one, number, draft, sum(widths[one.column : one.column + one.width])) for one in cells)
        rows.append(word_writer.row("".join(content), number < table.head))
    return word_writer.table(widths, "".join(rows), draft.base.styles[GRID])


def _cell(cell: TableCell, row: int, draft: DocumentDraft, width: int) -> str:
    """A cell of such a table. It has to end in a paragraph, whatever it holds."""
    first = row == cell.row
    room = max(width - BORDER, 200)
    content = [
        _table(block, draft, room)
        if isinstance(block, TableBlock)
        else draft.paragraph_of(TABLE_BODY, _runs(block, draft, room))
        for block in (cell.blocks if first else ())
    ]
    if not content or isinstance(cell.blocks[-1], TableBlock):
        content.append(draft.paragraph_of(TABLE_BODY, ""))
    merge = "" if cell.height == 1 else "restart" if first else "continue"
    return word_writer.cell("".join(content), width, cell.width, merge)
