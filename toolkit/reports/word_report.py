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
from toolkit.submission.model import OUTSIDE, Submission

GROWING_LINE = '<w:spacing w:line="560" w:lineRule="atLeast"/>'
"""Line height of a paragraph with pictures: a fixed height would cut them off."""
TABLE_GAP = '<w:spacing w:before="0" w:after="0" w:line="160" w:lineRule="exact"/>'
"""Layout of an empty paragraph between two tables, which would grow together without it."""
KEEP_WITH_NEXT = "<w:keepNext/>"
SIGNATURE_GAP = 560
"""Space between the text and the signature, in twentieths of a point."""
CELL_MARGINS = 115
"""Width that the margins of a cell take from its content, in twentieths of a point."""


def build_report(submission: Submission) -> bytes:
    """Return the report of a submission, as the bytes of a .docx file. Figures stand as submitted, totals as
    computed."""
    return word_report(report_of(submission))


@dataclass(frozen=True, slots=True)
class DataPage:
    """Tells `word_report` to add a data page (数据附页) at the end, with last year's figures if `prior` is given."""

    prior: Submission | None = None


def word_report(report: Report, base: BaseDocument | None = None, data_page: DataPage | None = None) -> bytes:
    """Return a report as the bytes of a .docx file, in the styles of a base document (our own if None)."""
    draft = DocumentDraft(base or own_base())
    submission = report.submission
    title = f"{submission.title}{DRAFT}" if report.draft else submission.title
    return draft.finish(_body(report, draft, data_page), title, submission.agency)


def _body(report: Report, draft: DocumentDraft, data_page: DataPage | None) -> Iterator[str]:
    """Yield the paragraphs and tables of a report, as XML."""
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
            yield from _blocks(report.beside.get(section.id, ()), draft)
            yield skeleton(submission.form, section.id, draft.base).filled(submission.all_values)
    yield from _blocks(report.beside.get(OUTSIDE, ()), draft)
    for number, line in enumerate(report.signature):
        gap = f'<w:spacing w:before="{SIGNATURE_GAP}"/>' if number == 0 else ""
        together = KEEP_WITH_NEXT if number < len(report.signature) - 1 else ""
        yield draft.paragraph(SIGNATURE, line, together + gap)
    if data_page:
        from toolkit.reports.appendix import appendix

        yield from appendix(draft, submission, data_page.prior)


def _blocks(blocks: tuple[Block, ...], draft: DocumentDraft) -> Iterator[str]:
    """Yield the blocks of a text, as XML."""
    previous: Block | None = None
    for block in blocks:
        if isinstance(previous, TableBlock) and isinstance(block, TableBlock):
            yield draft.paragraph_of(TABLE_BODY, "", TABLE_GAP)
        yield _table(block, draft, draft.base.width) if isinstance(block, TableBlock) else _paragraph(block, draft)
        previous = block


def _paragraph(block: Paragraph, draft: DocumentDraft) -> str:
    """Return a paragraph of a text: a sub-heading, body text, or a picture."""
    pictures = [piece for piece in block.pieces if isinstance(piece, Picture)]
    if pictures and not block.text.strip():
        return draft.paragraph_of(PICTURE, _runs(block, draft, draft.base.width))
    if block.is_heading:
        style, layout = HEADINGS[min(block.level, len(HEADINGS)) - 1], ""
    else:
        style, layout = BODY, GROWING_LINE if pictures else ""
    return draft.paragraph_of(style, _runs(block, draft, draft.base.width), layout)


def _runs(block: Paragraph, draft: DocumentDraft, room: int) -> str:
    """Return the runs of a paragraph. The lead-in of a paragraph gets the style of a sub-heading."""
    if block.lead_in and block.level in LEAD_INS and all(isinstance(piece, Run) for piece in block.pieces):
        first, rest = split_at(block, block.lead_in)
        style = f'<w:rStyle w:val="{draft.base.styles[LEAD_INS[block.level]]}"/>'
        return "".join([*(draft.run(run, style) for run in first), *map(draft.run, rest)])
    return "".join(draft.run(piece) if isinstance(piece, Run) else draft.picture(piece, room) for piece in block.pieces)


def _table(table: TableBlock, draft: DocumentDraft, room: int) -> str:
    """Return a table that stands in a text, as wide as the text."""
    total_width = sum(table.widths)
    widths = [max(int(room * width / total_width), 1) for width in table.widths]
    rows = []
    for number, cells in enumerate(word_writer.rows_of(table.cells, table.height)):
        content = (_cell(one, number, draft, sum(widths[one.column : one.column + one.width])) for one in cells)
        rows.append(word_writer.row("".join(content), number < table.head))
    return word_writer.table(widths, "".join(rows), draft.base.styles[GRID])


def _cell(cell: TableCell, row: int, draft: DocumentDraft, width: int) -> str:
    """Return a cell of such a table. It has to end in a paragraph, whatever it holds."""
    first = row == cell.row
    room = max(width - CELL_MARGINS, 200)
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
