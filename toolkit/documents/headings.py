"""Sub-headings (小标题) inside a section, recognised by their numbers: （一）, 1., （1）."""

import re
from collections.abc import Iterable

from toolkit.documents.blocks import Block, Paragraph, Run, paragraph

LONGEST = 40
"""Characters. A longer text is a sentence, not a heading."""
NUMERALS = "一二三四五六七八九十"
_NUMBERS = (
    (2, re.compile(rf"\s*[（(]\s*[{NUMERALS}]{{1,3}}\s*[）)]")),
    (4, re.compile(r"\s*[（(]\s*\d{1,2}\s*[）)]")),
    (3, re.compile(r"\s*\d{1,2}\s*(?:[.．](?!\d)|、)")),
)
_ENDS = "。！？；，、：:;,!?"


def leveled(block: Paragraph, level: int = 0) -> Paragraph:
    """Return the paragraph with the level that its number shows, or with `level`, its level in the source file."""
    text = block.text
    found = next((depth for depth, number in _NUMBERS if number.match(text)), 0)
    if not found:
        return Paragraph(block.pieces, level) if level else block
    lead, rest = _lead_in(text)
    if not rest and text.rstrip()[-1:] not in _ENDS and "…" not in text and len(text) <= LONGEST:
        return Paragraph(block.pieces, found)
    return Paragraph(block.pieces, found, lead) if lead else Paragraph(block.pieces)


def _lead_in(text: str) -> tuple[int, str]:
    """Return the length of the first sentence and the text after it. The length is 0 if the sentence is too long for a
    heading."""
    end = re.search("[。：:]", text)
    if end is None or end.end() > LONGEST:
        return 0, "" if end is None else text[end.end() :]
    return end.end(), text[end.end() :]


def as_blocks(texts: Iterable[str]) -> tuple[Block, ...]:
    """Return plain texts as blocks."""
    return tuple(leveled(paragraph(text)) for text in texts)


def split_at(block: Paragraph, length: int) -> tuple[list[Run], list[Run]]:
    """Return the runs of the first `length` characters of a paragraph and the runs of the rest. Pictures are left
    out."""
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
