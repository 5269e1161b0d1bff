"""Text as HTML that survives the editor of a website: no classes, no scripts, only inline styles that a paragraph
needs.

Every text comes back exactly when the HTML is read again. White space that a browser would collapse is kept by a style,
only on the paragraph that needs it.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from toolkit.characters import without_forbidden
from toolkit.documents.blocks import Block, Paragraph, Picture, Piece, Run, TableBlock, TableCell

KEEP_SPACES = "white-space:pre-wrap"
INDENT = "text-indent:2em"
RIGHT = "text-align:right"
CENTRE = "text-align:center"
TABLE = '<table border="1" style="border-collapse:collapse;width:100%">'
FRAME = "border:1px solid #000;padding:4px 6px"
"""Set on every cell, because many sites remove the borders of tables."""
DISPLAYABLE = ("image/png", "image/jpeg", "image/gif", "image/bmp")
"""The picture formats that every browser shows."""
NOT_SHOWN = "此图格式网页不能显示，请见 Word 版"
UNNAMED_PICTURE = "图片"
EMU_PER_PIXEL = 9525
_COLLAPSED_SPACE = re.compile(r"\A | \Z| {2}|[\t\n\r]")
_OWN_INDENT = re.compile(r"[\s\u3000]")


def escaped(text: str) -> str:
    """Return text as it stands between tags. A carriage return is written as a reference, because a parser would make a
    line feed of it."""
    return escape(without_forbidden(text), quote=False).replace("\r", "&#13;")


def inline(text: str) -> str:
    """Return the markup of a text that has no paragraph of its own, such as a figure in a cell."""
    if _COLLAPSED_SPACE.search(text):
        return f'<span style="{KEEP_SPACES}">{escaped(text)}</span>'
    return escaped(text)


def element(tag: str, text: str, content: str, *styles: str) -> str:
    """Return a paragraph or a heading (`tag`) whose plain text is `text` and whose markup is `content`."""
    kept = (*styles, KEEP_SPACES) if _COLLAPSED_SPACE.search(text) else styles
    style = f' style="{";".join(kept)}"' if kept else ""
    return f"<{tag}{style}>{content or '<br>'}</{tag}>"


def plain_paragraph(text: str, *styles: str) -> str:
    """Return a paragraph of plain text."""
    return element("p", text, escaped(text), *styles)


def heading(level: int, text: str) -> str:
    """Return a heading. The title of the report is level 0, a section's heading is level 1."""
    return element(f"h{level + 1}", text, escaped(text))


def block_markup(block: Block) -> str:
    """Return the markup of a paragraph, heading or table of a text."""
    if isinstance(block, TableBlock):
        return _table(block)
    if block.is_heading:
        return element(f"h{min(block.level + 1, 6)}", block.text, _pieces(block.pieces, bold=True))
    return element("p", block.text, _content(block), *_layout(block))


def _layout(block: Paragraph) -> tuple[str, ...]:
    """Return the styles of a paragraph. Body text is indented, unless it begins with spaces of its own; a picture that
    stands alone is centred."""
    text = block.text
    if not text.strip():
        return (CENTRE,) if any(isinstance(piece, Picture) for piece in block.pieces) else ()
    return () if _OWN_INDENT.match(text) else (INDENT,)


def _content(block: Paragraph) -> str:
    """Return the markup of a paragraph's pieces; a lead-in is bold."""
    first, rest = _split(block.pieces, block.lead_in)
    lead = f"<strong>{_pieces(first, bold=True)}</strong>" if first else ""
    return lead + _pieces(rest)


def _split(pieces: Sequence[Piece], length: int) -> tuple[list[Piece], list[Piece]]:
    """Return the pieces that make up the first `length` characters, and the others. A picture keeps its place."""
    first, rest = list[Piece](), list[Piece]()
    for piece in pieces:
        if isinstance(piece, Picture):
            (first if length > 0 else rest).append(piece)
            continue
        head, tail = piece.text[:length], piece.text[length:]
        length -= len(head)
        first += [Run(head, piece.bold, piece.raised)] if head else []
        rest += [Run(tail, piece.bold, piece.raised)] if tail else []
    return first, rest


def _pieces(pieces: Sequence[Piece], bold: bool = False) -> str:
    """Return the pieces of a paragraph as markup. With `bold` all of them are inside a bold element already."""
    return "".join(_picture(piece) if isinstance(piece, Picture) else _run(piece, bold) for piece in pieces)


def _run(run: Run, bold: bool) -> str:
    markup = escaped(run.text)
    if run.raised:
        tag = "sup" if run.raised == "superscript" else "sub"
        markup = f"<{tag}>{markup}</{tag}>"
    return f"<strong>{markup}</strong>" if run.bold and not bold else markup


def _picture(picture: Picture) -> str:
    media_type = picture.media_type.lower().replace("image/jpg", "image/jpeg")
    if media_type not in DISPLAYABLE:
        return f"［图片：{escaped(picture.description or NOT_SHOWN)}］"
    sizes = (("width", picture.width), ("height", picture.height))
    size = "".join(f' {name}="{max(1, round(emu / EMU_PER_PIXEL))}"' for name, emu in sizes if emu > 0)
    name = escape(without_forbidden(picture.description or UNNAMED_PICTURE))
    data = b64encode(picture.content).decode("ascii")
    return f'<img src="data:{media_type};base64,{data}" alt="{name}"{size} style="max-width:100%;height:auto">'


def columns(widths: Sequence[float], edges: Sequence[int]) -> str:
    """Return the columns of a table, in groups that begin and end at `edges`; widths are percentages."""
    unit = 100 / (sum(widths) or 1)
    groups = [
        "".join(f'<col style="width:{width * unit:.4g}%">' for width in widths[left:right])
        for left, right in pairwise(edges)
    ]
    return "".join(f"<colgroup>{group}</colgroup>" for group in groups)


def spans(height: int, width: int) -> str:
    """Return the span attributes of a cell; empty for a cell of one row and one column."""
    return (f' colspan="{width}"' if width > 1 else "") + (f' rowspan="{height}"' if height > 1 else "")


def _table(table: TableBlock) -> str:
    """Return a table of the text. If a cell reaches from the head into the body, head and body cannot be separated."""
    rows = [list[str]() for _ in range(table.height)]
    for cell in table.cells:
        rows[cell.row].append(_table_cell(cell, cell.row < table.head))
    is_separable = all(cell.row >= table.head or cell.row + cell.height <= table.head for cell in table.cells)
    head = table.head if is_separable else 0
    parts = (("thead", rows[:head]), ("tbody", rows[head:]))
    body = "".join(f"<{tag}>{''.join(_lines(lines))}</{tag}>" for tag, lines in parts if lines)
    return f"{TABLE}{columns(table.widths, (0, len(table.widths)))}{body}</table>"


def _lines(rows: Sequence[list[str]]) -> Iterator[str]:
    return (f"<tr>{''.join(row)}</tr>" for row in rows)


def _table_cell(cell: TableCell, is_head: bool) -> str:
    """Return a cell. A single paragraph stands in it directly; several blocks become paragraphs and tables."""
    span = spans(cell.height, cell.width)
    match cell.blocks:
        case (Paragraph() as only,):
            styles = (KEEP_SPACES,) if _COLLAPSED_SPACE.search(only.text) else ()
            content = _content(only)
        case blocks:
            styles = ()
            content = "".join(_cell_block(block) for block in blocks)
    if is_head:
        return f'<th scope="col"{span} style="{";".join((FRAME, CENTRE, *styles))}">{content}</th>'
    return f'<td{span} style="{";".join((FRAME, *styles))}">{content}</td>'


def _cell_block(block: Block) -> str:
    if isinstance(block, TableBlock):
        return _table(block)
    return element("p", block.text, _content(block), "margin:0")
