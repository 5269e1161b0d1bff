"""Reads plain text and Markdown files as blocks."""

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from toolkit.characters import without_forbidden
from toolkit.documents.blocks import Block, Paragraph, Piece, Prose, Run, TableBlock, TableCell, paragraph
from toolkit.problems import Unreadable

ENCODINGS = ("utf-8-sig", "gb18030")
_ENDS_SENTENCE = re.compile(r"[。！？；：:;.!?”）)]\s*\Z")
_BEGINS = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十]{1,3}[）)、.是]|[（(]?\d{1,2}[）)、.．])")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_WRAPPED_FROM = 25
"""Characters. A line that was only wrapped has at least this length."""
_WRAPPED_TO = 60
"""Characters. No line of a wrapped file is longer."""
_HEADING = re.compile(r"\s*(#{1,6})\s+")
_NOT_MARKDOWN = ["code", "fence", "html_block", "reference", "lheading", "blockquote"]
_NOT_INLINE = ["backticks", "entity", "autolink", "html_inline", "emphasis", "escape", "link"]
"""Markdown rules that would change the words of a text not meant as Markdown: ``<`` and ``&lt;`` stay as they are.

Bold has its own rule here: CommonMark sees none if ``**`` stands between a full stop and a Chinese character.
"""


def read_text(content: bytes) -> Prose:
    """Return the content of a plain text file. Each line is a paragraph, unless the whole file was wrapped.

    Raise Unreadable if the file is no text.
    """
    lines = [line for line in decoded(content).splitlines() if line.strip()]
    return Prose(tuple(paragraphs_of(lines, is_wrapped(lines))))


def paragraphs_of(lines: Sequence[str], wrapped: bool) -> list[Paragraph]:
    """Return the paragraphs in lines of plain text. With `wrapped`, a line that continues on the next one is joined
    with it."""
    if wrapped:
        lines = _join_wrapped((True, line) for line in lines)
    blocks = []
    for line in lines:
        mark = _HEADING.match(line)
        text = line[mark.end() :] if mark else line
        if text.strip():
            blocks.append(paragraph(text, len(mark[1]) if mark else 0))
    return blocks


def is_wrapped(lines: Sequence[str]) -> bool:
    """Return True if lines were broken to a width, as e-mail programs and PDF readers do: all are short, and most of
    the longer ones end in the middle of a sentence."""
    long = [line for line in lines if len(line) >= _WRAPPED_FROM]
    broken = sum(not _ENDS_SENTENCE.search(line) for line in long)
    return len(long) >= 4 and broken * 2 > len(long) and max(map(len, lines)) <= _WRAPPED_TO


def decoded(content: bytes) -> str:
    """Return the text of a file in one of the usual encodings: UTF-8, UTF-16 with its mark, GB18030.

    Raise Unreadable if it is none of these.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("不是文本文件，或编码认不出来。请用 Word 或记事本打开，另存为 .docx 或 UTF-8 的 .txt 后再试。")


def read_markdown(content: bytes) -> Prose:
    """Return the content of a Markdown file: headings, paragraphs, lists, bold text and tables.

    Raise Unreadable if the file is no text.
    """
    parser = MarkdownIt("commonmark").enable("table").disable(_NOT_MARKDOWN + _NOT_INLINE)
    reader = _Markdown()
    reader.read(parser.parse(without_forbidden(decoded(content))))
    remarks = (
        [f"有 {reader.pictures} 张图片没有带过来。要放图片，请把文字写在 Word 文件里。"] if reader.pictures else []
    )
    return Prose(tuple(reader.blocks), tuple(remarks))


class _Markdown:
    """Reads the tokens of a Markdown text once. It remembers the current list and table."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.pictures = 0
        self._mark = ""
        self._level = 0
        self._rows: list[list[Paragraph]] = []
        self._in_table = False

    def read(self, tokens: list[Token]) -> None:
        """Read all tokens."""
        for token in tokens:
            self._read_token(token)

    def _read_token(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._level = int(token.tag[1:])
            case "heading_close":
                self._level = 0
            case "list_item_open":
                self._mark = f"{token.info}{token.markup} " if token.info else "• "
            case "table_open":
                self._rows, self._in_table = [], True
            case "table_close":
                self._in_table = False
                self.blocks.append(_table(self._rows))
            case "tr_open":
                self._rows.append([])
            case "inline":
                self._inline(token.children or [])

    def _inline(self, children: list[Token]) -> None:
        self.pictures += sum(token.type == "image" for token in children)
        lines = [_runs(line) for line in _join_wrapped(_texts_of(children))]
        if self._in_table:
            self._rows[-1].append(Paragraph(tuple(piece for line in lines for piece in line)))
            return
        for line in lines:
            mark, self._mark = self._mark, ""
            pieces = (Run(mark), *line) if mark else tuple(line)
            if any(isinstance(piece, Run) and piece.text.strip() for piece in pieces):
                self.blocks.append(Paragraph(pieces, self._level))


def _join_wrapped(texts: Iterable[tuple[bool, str]]) -> list[str]:
    """Return texts as the paragraphs that were meant; each text comes with True if it began a line.

    People press Enter once for a new paragraph, and programs wrap lines.
    """
    lines = [""]
    for broken, text in texts:
        if not broken or _was_wrapped(lines[-1], text):
            space = " " if broken and lines[-1][-1:].isascii() and lines[-1][-1:].isalnum() else ""
            lines[-1] += space + text
        else:
            lines.append(text)
    return [line for line in lines if line.strip()]


def _texts_of(children: list[Token]) -> Iterator[tuple[bool, str]]:
    """Yield the texts of a paragraph, each with True if it begins a line."""
    broken = False
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            broken = True
        elif token.type != "image" and token.content:
            yield broken, token.content
            broken = False


def _was_wrapped(line: str, following: str) -> bool:
    """Return True if a line continues on the next one: it is long, ends no sentence, and no numbered item follows."""
    return len(line) >= _WRAPPED_FROM and not _ENDS_SENTENCE.search(line) and not _BEGINS.match(following)


def _runs(line: str) -> list[Piece]:
    """Return the pieces of a line. Text between ``**`` is bold."""
    parts = enumerate(_BOLD.split(line))
    return [Run(text, bold=number % 2 == 1) for number, text in parts if text]


def _table(rows: list[list[Paragraph]]) -> TableBlock:
    width = max(map(len, rows), default=0)
    cells = tuple(
        TableCell(number, column, 1, 1, (row[column],) if column < len(row) else ())
        for number, row in enumerate(rows)
        for column in range(width)
    )
    return TableBlock(len(rows), width, cells, (1.0,) * width, head=1)
