"""Blocks: the paragraphs and tables of a text. All readers return them and all report writers use them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Raised = Literal["", "superscript", "subscript"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one style: bold or not, superscript, subscript or neither (`raised`)."""

    text: str
    bold: bool = False
    raised: Raised = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a text. `width` and `height` are in English metric units (914,400 an inch), 0 if not known."""

    content: bytes
    media_type: str
    width: int = 0
    height: int = 0
    description: str = ""


Piece = Run | Picture


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. `level` is the outline level of a heading (小标题): 1 for a section's heading, 2 to 4 for the
    headings below it, 0 for body text.

    `lead_in` is the length of a heading at the beginning that body text follows on the same line
    (（一）加强解读。一是……). 0 with a level means that the whole paragraph is a heading.
    """

    pieces: tuple[Piece, ...]
    level: int = 0
    lead_in: int = 0

    @property
    def text(self) -> str:
        """Return the text of all runs."""
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Run))

    @property
    def is_heading(self) -> bool:
        """Return True if the whole paragraph is a heading."""
        return self.level > 0 and not self.lead_in


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table, counted from 0. `blocks` may hold tables again. A `padding` cell was not in the file: its row
    had too few cells."""

    row: int
    column: int
    height: int
    width: int
    blocks: "tuple[Block, ...]"
    padding: bool = False


Separator = Literal["cells", "marks", "spaces"]
"""What separates the cells of a table: cells of the file, marks in a text (tabs, strokes), or white space alone."""


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table of `height` rows and `width` columns. `cells` are in reading order and cover every place once. `widths`
    are the relative widths of the columns. `head` is the number of rows that repeat on every page."""

    height: int
    width: int
    cells: tuple[TableCell, ...]
    widths: tuple[float, ...]
    head: int = 0
    separator: Separator = "cells"


Block = Paragraph | TableBlock


@dataclass(frozen=True, slots=True)
class Prose:
    """The content of a file: its blocks in order. `remarks` are sentences for the user (修订、批注、没有带过来的内容).
    `title` is the title that the file itself states, empty if none."""

    blocks: tuple[Block, ...]
    remarks: tuple[str, ...] = ()
    title: str = ""


def paragraph(text: str, level: int = 0, lead_in: int = 0) -> Paragraph:
    """Return a paragraph of plain text."""
    return Paragraph((Run(text),) if text else (), level, lead_in)


def all_paragraphs(blocks: tuple[Block, ...]) -> Iterator[Paragraph]:
    """Yield every paragraph in order, also those inside tables."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
            continue
        for cell in block.cells:
            yield from all_paragraphs(cell.blocks)
