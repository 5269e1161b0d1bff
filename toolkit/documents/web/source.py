"""Reads a saved web page (.html) as blocks: paragraphs and tables in the order of the page, without what the page does
not show."""

import re
from itertools import groupby
from typing import TYPE_CHECKING

from lxml import html
from lxml.etree import ParserError

from toolkit.characters import display_width, without_forbidden
from toolkit.documents.blocks import Block, Paragraph, Prose, Run
from toolkit.documents.grids import TooLarge
from toolkit.documents.web.elements import TextLook, Walk, is_block, look_within, tag
from toolkit.documents.web.encoding import page_text
from toolkit.documents.web.tables import data_blocks, is_layout_table
from toolkit.problems import Problem, Unreadable, unexpected

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPACE = re.compile("([ \t\n\r\f]+)")
_TAG = re.compile("<[A-Za-z!/?]")
_XML = re.compile(r"\s*<\?xml[^>]*>")
_MAIL = re.compile(r"\s*(?:From:|MIME-Version:|Content-Type:|Snapshot-Content-Location:)", re.IGNORECASE)
_NOT_A_PAGE = "不是网页文件。请在浏览器里打开网页，另存为“网页，仅 HTML”后再试。"
_MAIL_FILE = "这是单个文件的网页（.mht），里面的文字读不出来。请在浏览器里打开网页，另存为“网页，仅 HTML”后再试。"
_COPY = "请在浏览器里打开网页，全选后复制到 Word 文件里，再用那个 Word 文件。"
_DAMAGED = f"网页的代码嵌套太深或者太长，后面的内容读不出来。{_COPY}"
_EMPTY = f"网页里没有文字，内容可能是图片或附件，或者要等网页运行以后才出现。{_COPY}"


def read_web(content: bytes) -> Prose:
    """Return what a browser shows of a page.

    Raise Unreadable if there is nothing to read. The message says what is wrong and what to do.
    """
    try:
        return _read(content)
    except Problem:
        raise
    except Exception as error:  # one strange file must not stop the others
        raise unexpected(error) from error


def _read(content: bytes) -> Prose:
    root = _parsed(page_text(content))
    reader = _PageReader()
    blocks = reader.blocks(root)
    if not any(not isinstance(block, Paragraph) or block.text.strip() for block in blocks):
        raise Unreadable(_EMPTY)
    return Prose(tuple(blocks), reader.remarks(), _title(root))


def _parsed(text: str) -> "_Element":
    if _MAIL.match(text):
        raise Unreadable(_MAIL_FILE)
    if not _TAG.search(text):
        raise Unreadable(_NOT_A_PAGE)
    # The parser must assume UTF-8: what the page states may be wrong.
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False, recover=True
    )
    written = without_forbidden(_XML.sub("", text, count=1)).encode()
    try:
        root = html.document_fromstring(written, parser=parser)
    except ParserError as error:
        raise Unreadable(_EMPTY) from error
    if parser.error_log.filter_from_fatals():
        raise Unreadable(_DAMAGED)
    return root


class _PageReader:
    """Reads one page and counts what is left out."""

    def __init__(self) -> None:
        self._pictures = 0
        self._large = 0

    def remarks(self) -> tuple[str, ...]:
        """Return sentences about what was left out."""
        pictures = f"网页里有 {self._pictures} 张图片没有带过来。要放图片，请把文字写在 Word 文件里。"
        large = f"网页里有 {self._large} 个表格过大，只带过来其中的文字，没有分行列。"
        return tuple(text for text, count in ((pictures, self._pictures), (large, self._large)) if count)

    def blocks(self, root: "_Element", in_cell: bool = False) -> list[Block]:
        """Return the blocks in an element.

        In a cell of a table a line break does not begin a paragraph, and every inner table only lays out text.
        """
        flow, walk = _Flow(), Walk(root)
        looks = [TextLook()]
        for event, element in walk:
            name = tag(element)
            if event == "start":
                if is_block(element):
                    flow.end()
                found = self._table(element) if name == "table" and not in_cell else None
                if found is not None:
                    flow.blocks += found
                    walk.skip(element)
                    continue
                if name == "br":
                    flow.separate_figures() if in_cell else flow.end()
                self._pictures += name in ("img", "image")
                looks.append(look_within(element, looks[-1]))
                flow.add(element.text or "", looks[-1])
                continue
            if event == "end":
                looks.pop()
            if is_block(element):
                flow.end()
            if element is not root:
                flow.add(element.tail or "", looks[-1])
        flow.end()
        return flow.blocks

    def _table(self, element: "_Element") -> list[Block] | None:
        """Return the blocks of a table that holds data; None for any other table."""
        if is_layout_table(element):
            return None
        pictures = self._pictures
        try:
            found = data_blocks(element, self._cell)
        except TooLarge:
            self._large += 1
            found = None
        if found is None:  # the table will be read again as text
            self._pictures = pictures
        return found

    def _cell(self, element: "_Element") -> tuple[Block, ...]:
        found = [block for block in self.blocks(element, in_cell=True) if isinstance(block, Paragraph)]
        return tuple(Paragraph(_stripped(one), one.level) for one in found)


class _Flow:
    """Text that is collected until a paragraph ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._texts: list[tuple[str, TextLook]] = []

    def add(self, text: str, look: TextLook) -> None:
        """Add text. In preformatted text each line is a paragraph."""
        if not look.preformatted:
            self._texts.append((text, look))
            return
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for number, line in enumerate(lines):
            if number:
                self.end()
            self._texts.append((line, look))

    def separate_figures(self) -> None:
        """Add a space at the end of a line in a cell if the line ends with a digit: a label may continue on the next
        line, but a figure does not."""
        text, look = next((one for one in reversed(self._texts) if one[0].strip()), ("", None))
        if look and text.rstrip()[-1:].isdigit():
            self._texts.append((" ", look))

    def end(self) -> None:
        """End the paragraph, if it holds any text."""
        texts, self._texts = self._texts, []
        pieces = tuple(_collapsed(texts))
        if any(run.text.strip() for run in pieces):
            level = next(look.level for text, look in texts if text.strip())
            self.blocks.append(Paragraph(pieces, level))


def _collapsed(texts: list[tuple[str, TextLook]]) -> list[Run]:
    """Return runs with white space as browsers show it: one space, none at both ends.

    There is also no space where a line of the page's code was broken between Chinese characters.
    """
    written, space, last = list[tuple[str, TextLook]](), "", ""
    for text, look in texts:
        parts = [text] if look.preformatted else _SPACE.split(text)
        for number, part in enumerate(parts):
            if number % 2:
                space += part
            elif part:
                is_wrapped = "\n" in space and display_width(last) == 2 == display_width(part[0])
                written.append((part if not space or not last or is_wrapped else " " + part, look))
                space, last = "", part[-1]
    groups = groupby(written, key=lambda one: (one[1].bold, one[1].raised))
    return [Run("".join(text for text, _ in group), bold, raised) for (bold, raised), group in groups]


def _stripped(found: Paragraph) -> tuple[Run, ...]:
    """Return the runs of a cell's text without white space at both ends, also without non-breaking spaces."""
    runs = [piece for piece in found.pieces if isinstance(piece, Run)]
    while runs and not runs[0].text.strip():
        runs.pop(0)
    while runs and not runs[-1].text.strip():
        runs.pop()
    if runs:
        runs[0] = Run(runs[0].text.lstrip(), runs[0].bold, runs[0].raised)
        runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].bold, runs[-1].raised)
    return tuple(runs)


def _title(root: "_Element") -> str:
    """Return the title of the page, preferably the one for search engines. The title element often includes the site's
    name or is only that."""
    metas = {
        (meta.get("name") or meta.get("property") or "").lower(): _line(meta.get("content", ""))
        for meta in reversed(list(root.iter("meta")))
    }
    open_graph_title = metas.get("og:title", "")
    own_title = metas.get("articletitle") or ("" if open_graph_title == metas.get("sitename") else open_graph_title)
    if own_title:
        return own_title
    title = next((_text(one) for one in root.iter("title") if _text(one)), "")
    heads = [_text(one) for one in root.iter("h1") if _text(one)]
    if len(heads) != 1:
        return title or next(iter(heads), "")
    (head,) = heads
    is_better = title.startswith(head) or (head not in title and len(head) > len(title))
    return head if is_better else title


def _text(element: "_Element") -> str:
    return _line("".join(text for text in element.itertext() if isinstance(text, str)))


def _line(text: str) -> str:
    return " ".join(text.split())
