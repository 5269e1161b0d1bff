"""Reads a Word document (.docx) as blocks: its paragraphs as Word shows them, tables and pictures. Remarks say what was
left out."""

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, cast

from toolkit.documents.blocks import Block, Paragraph, Piece, Prose, Raised, Run
from toolkit.documents.word.fields import Fields
from toolkit.documents.word.numbering import Numbering, is_symbol_font
from toolkit.documents.word.package import WordPackage, open_word
from toolkit.documents.word.pictures import read_drawing
from toolkit.documents.word.remarks import RemarkKind, Remarks
from toolkit.documents.word.styles import RunLook, WordStyles
from toolkit.documents.word.tables import cells_of, rows_of, table_of
from toolkit.documents.word.xml import (
    DELETED,
    attribute,
    children,
    descend,
    descendants,
    empty_placeholders,
    is_deleted,
    is_on,
    name,
    plain_text,
    remove_tables_of_contents,
    unwrapped,
)
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.problems import Problem, unexpected

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST_TABLE = 20
"""Tables inside each other."""
_REVISIONS = ("w:ins", "w:del", "w:moveTo")
"""Elements that are counted as revisions. `w:moveFrom` is not among them: a moved text counts once."""
_FIXED = {"w:tab": "\t", "w:ptab": "\t", "w:noBreakHyphen": "\u2011"}
_SHOWN = frozenset((*_FIXED, "w:t", "w:sym", "w:drawing", "w:pict", "w:object"))


def read_word(content: bytes, limits: Limits = STANDARD_LIMITS) -> Prose:
    """Return the content of a Word document.

    Raise Unreadable if it is another kind of file or damaged. The message says what is wrong and what to do.
    """
    return read_package(open_word(content, limits))


def read_package(package: WordPackage) -> Prose:
    """Return the content of a Word document that was already admitted (准入).

    Raise Unreadable if it cannot be read.
    """
    try:
        return _WordReader(package).prose()
    except Problem:
        raise
    except Exception as error:  # one strange file must not stop the others
        raise unexpected(error) from error


@dataclass(slots=True)
class _ParagraphDraft:
    """A paragraph while it is read: its lines, and the blocks of text boxes anchored in it."""

    lines: list[list[Piece]] = field(default_factory=lambda: [[]])
    boxes: list[Block] = field(default_factory=list)
    after_hidden: bool = False

    @property
    def is_empty(self) -> bool:
        """Return True if no piece was added."""
        return self.lines == [[]]

    def add(self, piece: Piece) -> None:
        """Add a piece to the last line, unless it is an empty run."""
        if not isinstance(piece, Run) or piece.text:
            self.lines[-1].append(piece)
            self.after_hidden = False

    def paragraphs(self, level: int, label: str) -> list[Paragraph]:
        """Return the lines that are not blank as paragraphs. The first one begins with the number `label`."""
        lines = [line for line in self.lines if any(not isinstance(one, Run) or one.text.strip() for one in line)]
        if lines and label:
            first = lines[0][0]
            lines[0] = [Run(label, isinstance(first, Run) and first.bold), *lines[0]]
        found = [Paragraph(_merged(line)) for line in lines]
        return [Paragraph(one.pieces, level) if one.text.strip() else one for one in found]


@dataclass(frozen=True, slots=True)
class _RunPlace:
    """The place of an element: the format of its run, the style of its paragraph, the paragraph, and the number of
    tables around it."""

    look: RunLook
    style: str
    draft: _ParagraphDraft
    depth: int


class _WordReader:
    """Reads one document."""

    def __init__(self, package: WordPackage) -> None:
        self._package = package
        self._body = package.body
        self._styles = WordStyles(package.related("styles"))
        self._numbering = Numbering(package.related("numbering"))
        self._remarks = Remarks()
        if remove_tables_of_contents(self._body):
            self._remarks.add("contents")
        empty_placeholders(self._body)
        self._fields = Fields(self._body)
        self._notes: dict[str, dict[str, _Element]] = {
            kind: {attribute(note, "w:id"): note for note in self._part(f"{kind}s", f"w:{kind}")}
            for kind in ("footnote", "endnote")
        }

    def _part(self, kind: str, short: str) -> "list[_Element]":
        """Return all notes or comments of a kind."""
        root = self._package.related(kind)
        return [] if root is None else list(descendants(root, short))

    def prose(self) -> Prose:
        """Return the whole text with remarks."""
        blocks = self._blocks(self._body, 0)
        self._remarks.add("revision", _revisions(self._body))
        for comment in self._part("comments", "w:comment"):
            self._remarks.add_note("comment", plain_text(comment), attribute(comment, "w:author"))
        self._remarks.add("program", self._fields.program_count + self._package.programs_outside_text)
        self._remarks.add("outside", self._package.outside_count + self._fields.outside_count)
        if self._package.has_macros:
            self._remarks.add("macro")
        return Prose(tuple(blocks), self._remarks.sentences())

    def _blocks(self, container: "_Element", depth: int) -> list[Block]:
        """Return the blocks in the body, in a cell or in a text box. `depth` is the number of tables around them."""
        blocks, draft, last = list[Block](), _ParagraphDraft(), None
        for element in unwrapped(container):
            kind = name(element)
            if kind == "w:p":
                self._read_paragraph(element, draft, depth)
                last = descend(element, "w:pPr")
                if not _joins_next(last):
                    blocks += self._finished(draft, last)
                    draft = _ParagraphDraft()
            elif kind == "w:tbl":
                blocks += self._unfinished(draft, last)
                draft = _ParagraphDraft()
                blocks += self._table(element, depth + 1)
            elif kind in ("w:altChunk", "w:subDoc"):
                self._remarks.add("other file")
        return blocks + self._unfinished(draft, last)

    def _table(self, element: "_Element", depth: int) -> list[Block]:
        if depth > DEEPEST_TABLE:
            self._remarks.add("deep table")
            cells = (cell for row in rows_of(element) for cell in cells_of(row))
            return [block for cell in cells for block in self._blocks(cell, depth)]
        table = table_of(element, lambda cell: tuple(self._blocks(cell, depth)))
        return [table] if table else []

    def _finished(self, draft: _ParagraphDraft, properties: "_Element | None") -> list[Block]:
        """Return the blocks of a paragraph that was read to its end, with its number."""
        # An empty paragraph also gets a number, but not if it is hidden together with its end.
        if draft.after_hidden and draft.is_empty and is_on(descend(properties, "w:rPr", "w:vanish")):
            return draft.boxes
        paragraphs = draft.paragraphs(self._styles.level(properties), self._label(properties))
        return [*paragraphs, *draft.boxes]

    def _unfinished(self, draft: _ParagraphDraft, properties: "_Element | None") -> list[Block]:
        """Return the blocks of a paragraph whose end a reviewer deleted, if no paragraph follows that it could be
        joined with."""
        return draft.boxes if draft.is_empty else self._finished(draft, properties)

    def _label(self, properties: "_Element | None") -> str:
        place = self._styles.list_place(properties)
        if place is None:
            return ""
        # If a list names the style, the level in the style itself does not count.
        depth = self._numbering.level_of_style(place.list_id, place.style)
        return self._numbering.label(place.list_id, place.depth if depth is None else depth)

    def _read_paragraph(self, element: "_Element", draft: _ParagraphDraft, depth: int) -> None:
        """Add a paragraph's text to a draft. The draft holds the paragraphs before it whose ends a reviewer deleted."""
        style = self._styles.of_paragraph(descend(element, "w:pPr"))
        if not self._styles.is_table_of_contents(style):
            self._inline(element, style, draft, depth)
            return
        # Read it although it is dropped: fields may begin and end in it.
        dropped = _ParagraphDraft()
        self._inline(element, style, dropped, depth)
        if dropped.paragraphs(0, ""):
            self._remarks.add("contents")

    def _inline(self, container: "_Element", style: str, draft: _ParagraphDraft, depth: int) -> None:
        for element in unwrapped(container):
            kind = name(element)
            if kind == "w:r":
                self._run(element, style, draft, depth)
            elif kind == "w:subDoc":
                self._remarks.add("other file")
            elif kind in ("m:oMath", "m:oMathPara") and not self._fields.is_hidden:
                self._equation(element, draft)

    def _run(self, run: "_Element", style: str, draft: _ParagraphDraft, depth: int) -> None:
        look = self._styles.look(descend(run, "w:rPr"), style)
        for element in run:
            kind = name(element)
            if kind == "w:fldChar":
                if self._fields.pass_mark(element) == "EQ" and not look.hidden:
                    self._remarks.add("composed character")
            elif self._fields.is_hidden:
                if kind == "w:t" and self._fields.in_table_of_contents:
                    self._remarks.add("contents")
            elif look.hidden:
                self._count_hidden(element, kind, draft)
            elif kind in _FIXED or kind == "w:t":
                text = _FIXED.get(kind) or "".join(cast("list[str]", list(element.itertext())))
                draft.add(Run(text, look.bold, look.raised))
            else:
                self._other_element(kind, element, _RunPlace(look, style, draft, depth))

    def _count_hidden(self, element: "_Element", kind: str, draft: _ParagraphDraft) -> None:
        """Count a hidden place once, even if it has several runs."""
        if kind in _SHOWN and (kind != "w:t" or element.text):
            self._remarks.add("hidden", 0 if draft.after_hidden else 1)
            draft.after_hidden = True

    def _other_element(self, kind: str, element: "_Element", place: _RunPlace) -> None:
        """Read any other element of a run."""
        if kind in ("w:cr", "w:br"):
            if attribute(element, "w:type") not in ("page", "column"):
                place.draft.lines.append([])
        elif kind == "w:sym":
            self._symbol(element, place)
        elif kind in ("w:footnoteReference", "w:endnoteReference"):
            self._note("footnote" if kind == "w:footnoteReference" else "endnote", attribute(element, "w:id"))
        elif kind in ("w:drawing", "w:pict", "w:object", "w:contentPart"):
            self._drawing(element, place)
        elif kind == "w:ruby":
            base = descend(element, "w:rubyBase")
            if base is not None:
                self._inline(base, place.style, place.draft, place.depth)

    def _symbol(self, element: "_Element", place: _RunPlace) -> None:
        code = attribute(element, "w:char")
        number = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,6}", code) else 0
        # Word moves the characters of some fonts to this private range.
        number -= 0xF000 if 0xF000 <= number <= 0xF0FF else 0
        is_character = 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000
        if is_character and not is_symbol_font(attribute(element, "w:font")):
            place.draft.add(Run(chr(number), place.look.bold, place.look.raised))
        else:
            self._remarks.add("symbol")

    def _note(self, kind: RemarkKind, key: str) -> None:
        note = self._notes[kind].get(key)
        self._remarks.add_note(kind, "" if note is None else plain_text(note))

    def _drawing(self, element: "_Element", place: _RunPlace) -> None:
        drawn = read_drawing(element, self._package)
        for picture in drawn.pictures:
            place.draft.add(picture)
        for box in drawn.boxes:
            place.draft.boxes += self._blocks(box, place.depth)
        self._remarks.add("text box", len(drawn.boxes))
        for kind in drawn.remark_kinds:
            self._remarks.add(kind)

    def _equation(self, element: "_Element", draft: _ParagraphDraft) -> None:
        """Add the letters of an equation, with a slash for the line of a fraction."""
        self._remarks.add("equation")
        for item in descendants(element, "m:t", "m:den"):
            if is_deleted(item):
                continue
            outer = {name(one) for one in item.iterancestors()}
            raised: Raised = "superscript" if "m:sup" in outer else "subscript" if "m:sub" in outer else ""
            draft.add(Run("/" if name(item) == "m:den" else item.text or "", raised=raised))


def _merged(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with neighbouring runs of the same format joined: word processors split text anywhere."""
    merged = list[Piece]()
    for look, group in groupby(pieces, lambda one: (one.bold, one.raised) if isinstance(one, Run) else None):
        if look is None:
            merged += group
        else:
            merged.append(Run("".join(one.text for one in group if isinstance(one, Run)), *look))
    return tuple(merged)


def _joins_next(properties: "_Element | None") -> bool:
    """Return True if a reviewer deleted a paragraph's end, so that the next paragraph is joined to it."""
    mark = descend(properties, "w:rPr")
    return mark is not None and any(name(change) in DELETED for change in mark)


def _revisions(body: "_Element") -> int:
    """Return how many changes nobody has accepted or rejected. A paragraph's end does not count beside the paragraph's
    text."""
    count = 0
    for change in descendants(body, *_REVISIONS):
        outer = change.getparent()
        within = "" if outer is None else name(outer)
        if within == "w:rPr":
            paragraph = next((one for one in change.iterancestors() if name(one) == "w:p"), None)
            count += not children(paragraph, name(change))
        elif within not in ("w:numPr", "m:ctrlPr"):
            count += 1
    return count
