"""Blocks: what a text is made of, wherever it was written and whatever it is shown in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Raised = Literal["", "superscript", "subscript"]


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look."""

    text: str
    bold: bool = False
    raised: Raised = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a text; the size is in English metric units (914,400 an inch), 0 where it is not known."""

    content: bytes
    media_type: str
    width: int = 0
    height: int = 0
    description: str = ""


Piece = Run | Picture


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. `level` is the outline level of a heading (小标题): a section's heading is 1, those below it 2, 3
    and 4; 0 is body text.

    `lead_in` is how many characters at the beginning are such a heading that body text follows on the same line
    （（一）加强解读。一是……）; 0 with a level means that the whole paragraph is a heading.
    """

    pieces: tuple[Piece, ...]
    level: int = 0
    lead_in: int = 0

    @property
    def text(self) -> str:
        """All of its text."""
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Run))

    @property
    def is_heading(self) -> bool:
        return self.level > 0 and not self.lead_in


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table, counted from 0; what it holds may be tables again. One that is `padding` was not there: its
    row had too few."""

    row: int
    column: int
    height: int
    width: int
    blocks: "tuple[Block, ...]"
    padding: bool = False


Parted = Literal["cells", "marks", "spaces"]


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table of `height` by `width`, its cells in reading order; every place is covered by one. `widths` are those of
    the columns beside each other, `head` is how many rows repeat on every page. `parted` says what tells its cells
    apart: cells of the file, marks in a text (tabs, strokes), or white space alone."""

    height: int
    width: int
    cells: tuple[TableCell, ...]
    widths: tuple[float, ...]
    head: int = 0
    parted: Parted = "cells"


Block = Paragraph | TableBlock


@dataclass(frozen=True, slots=True)
class Prose:
    """What was read from a file: its blocks in order, and in words what the reader of the result has to know of it
    (修订、批注、没有带过来的内容). `title` is what the file itself says that it is called, if it does."""

    blocks: tuple[Block, ...]
    remarks: tuple[str, ...] = ()
    title: str = ""


def paragraph(text: str, level: int = 0, lead_in: int = 0) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph((Run(text),) if text else (), level, lead_in)


def all_paragraphs(blocks: tuple[Block, ...]) -> Iterator[Paragraph]:
    """Every paragraph in order, those inside tables too."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
            continue
        for cell in block.cells:
            yield from all_paragraphs(cell.blocks)
