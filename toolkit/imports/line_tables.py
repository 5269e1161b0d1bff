"""Tables that were copied as loose lines, one cell a line: 规章, 0, 0, 0."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from toolkit.documents.blocks import Block, Paragraph, TableBlock, TableCell, paragraph
from toolkit.imports.figures import is_figure
from toolkit.imports.labels import without_figure

FEWEST_ROWS = 3
"""Rows that make a table of loose lines; a figure alone on a line may be anything."""


def gathered(blocks: Sequence[Block], is_label: Callable[[str], bool]) -> Iterator[Block]:
    """The blocks with each label that figures follow on lines of their own as a row of a table; what stands between
    such rows stays as it is. The first figure may stand behind its label. `is_label` tells what may be the label of
    figures."""
    as_they_are, blocks = blocks, [part for block in blocks for part in _parted(block, is_label)]
    texts = [block.text.strip() if isinstance(block, Paragraph) else "" for block in blocks]
    figures = [is_figure(text) for text in texts]
    begins = [at for at in range(len(blocks) - 1) if not figures[at] and figures[at + 1] and is_label(texts[at])]
    if len(begins) < FEWEST_ROWS:
        yield from as_they_are
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


def _parted(block: Block, is_label: Callable[[str], bool]) -> tuple[Block, ...]:
    """A label and the figure that stands behind it on its line, each as a block; any other block as it is."""
    if not isinstance(block, Paragraph) or block.level:
        return (block,)
    label, figure = without_figure(block.text)
    return (paragraph(label), paragraph(figure)) if figure and is_label(label) else (block,)


def _tables(rows: Sequence[Sequence[Block]]) -> Iterator[TableBlock]:
    """Rows that follow each other as tables: a blank has left no line, so that rows of other lengths are not filled
    up."""
    for width, alike in groupby(rows, key=len):
        cells = [(at, column, one) for at, row in enumerate(alike) for column, one in enumerate(row)]
        height = cells[-1][0] + 1
        placed = tuple(TableCell(at, column, 1, 1, (one,)) for at, column, one in cells)
        yield TableBlock(height, width, placed, (1.0,) * width, parted="spaces")
