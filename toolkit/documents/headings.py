"""Sub-headings (小标题) inside a section, known by their numbers: （一）, 1., （1）."""

import re
from collections.abc import Iterable

from toolkit.documents.blocks import Block, Paragraph, Run, paragraph

LONGEST = 40
"""Characters; what is longer is a sentence and no heading."""
_NUMBERS = (
    (2, re.compile(r"\s*[（(]\s*[一二三四五六七八九十]{1,3}\s*[）)]")),
    (4, re.compile(r"\s*[（(]\s*\d{1,2}\s*[）)]")),
    (3, re.compile(r"\s*\d{1,2}\s*(?:[.．](?!\d)|、)")),
)
_ENDS = "。！？；，、：:;,!?"


def leveled(block: Paragraph, level: int = 0) -> Paragraph:
    """A paragraph with its level as its number shows it, or else the one it had in its source (`level`)."""
    text = block.text
    found = next((depth for depth, number in _NUMBERS if number.match(text)), 0)
    if not found:
        return Paragraph(block.pieces, level) if level else block
    lead, rest = _lead_in(text)
    if not rest and text.rstrip()[-1:] not in _ENDS and "…" not in text and len(text) <= LONGEST:
        return Paragraph(block.pieces, found)
    return Paragraph(block.pieces, found, lead) if lead else Paragraph(block.pieces)


def _lead_in(text: str) -> tuple[int, str]:
    """How long the first sentence is when it is short enough to be a heading, and what follows it."""
    end = re.search("[。：:]", text)
    if end is None or end.end() > LONGEST:
        return 0, "" if end is None else text[end.end() :]
    return end.end(), text[end.end() :]


def as_blocks(texts: Iterable[str]) -> tuple[Block, ...]:
    """Plain paragraphs as blocks."""
    return tuple(leveled(paragraph(text)) for text in texts)


def split_at(block: Paragraph, length: int) -> tuple[list[Run], list[Run]]:
    """The runs of a paragraph's first characters and those of the others; pictures are not among them."""
    first, rest = list[Run](), list[Run]()
    for piece in block.pieces:
        if not isinstance(piece, Run):
            continue
        head, tail = piece.text[:length], piece.text[length:]
        length -= len(head)
        if head:
            first.append(Run(head, piece.bold, piece.raised))
        if tail:
            rest.append(Run(tail, piece.bold, piece.raised))
    return first, rest
