"""Tables that were copied as separate lines, one cell a line: 规章, 0, 0, 0."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from toolkit.documents.blocks import Block, Paragraph, TableBlock, TableCell, paragraph
from toolkit.imports.figures import is_figure
from toolkit.imports.labels import without_figure

FEWEST_ROWS = 3
"""Rows that make a table of separate lines. A single figure on its own line may be anything."""


def with_line_tables(blocks: Sequence[Block], is_label: Callable[[str], bool]) -> Iterator[Block]:
    """Yield the blocks, but turn each label with figures on the lines after it into a row of a table.

    The first figure may stand on the label's line. Other blocks stay as they are. `is_label` returns True for a text
    that may be a label of figures.
    """
    original, blocks = blocks, [part for block in blocks for part in _label_and_figure(block, is_label)]
    texts = [block.text.strip() if isinstance(block, Paragraph) else "" for block in blocks]
    figures = [is_figure(text) for text in texts]
    begins = [at for at in range(len(blocks) - 1) if not figures[at] and figures[at + 1] and is_label(texts[at])]
    if len(begins) < FEWEST_ROWS:
        yield from original
        return
    ends = {at: next((end for end in range(at + 1, len(blocks)) if not figures[end]), len(blocks)) for at in begins}
    at, rows = 0, list[Sequence[Block]]()
    while at < len(blocks):
        if at in ends:
            rows.append(blocks[at : ends[at]])
            at = ends[at]
            continue
        yield from _tables(rows)
        rows = []
        yield blocks[at]
        at += 1
    yield from _tables(rows)


def _label_and_figure(block: Block, is_label: Callable[[str], bool]) -> tuple[Block, ...]:
    """Return the label and the figure after it on the same line as two blocks; any other block unchanged."""
    if not isinstance(block, Paragraph) or block.level:
        return (block,)
    label, figure = without_figure(block.text)
    return (paragraph(label), paragraph(figure)) if figure and is_label(label) else (block,)


def _tables(rows: Sequence[Sequence[Block]]) -> Iterator[TableBlock]:
    """Yield rows of equal length that follow each other as one table. Short rows are not filled up, because a blank
    left no line."""
    for width, same_width in groupby(rows, key=len):
        cells = [(at, column, one) for at, row in enumerate(same_width) for column, one in enumerate(row)]
        height = cells[-1][0] + 1
        placed = tuple(TableCell(at, column, 1, 1, (one,)) for at, column, one in cells)
        yield TableBlock(height, width, placed, (1.0,) * width, separator="spaces")
