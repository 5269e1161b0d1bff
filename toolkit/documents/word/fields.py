"""Fields of a Word document: which parts of the text are what a field says, and which only how it is reckoned."""

from typing import TYPE_CHECKING

from toolkit.documents.word.xml import attribute, every, is_deleted, name

if TYPE_CHECKING:
    from lxml.etree import _Element

_PROGRAMS = ("DDE", "DDEAUTO")
"""Fields that start another program and ask it."""
_OUTSIDE = ("INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "IMPORT", "LINK", "DATABASE", "RD")
"""Fields that fetch something from another file."""


class Fields:
    """Where the reader of a text stands among its fields.

    Fields run over paragraphs. One that is never closed counts for nothing: it would swallow the rest of the text.
    """

    def __init__(self, body: "_Element") -> None:
        self._begin_of = dict["_Element", "_Element"]()
        self._codes = dict["_Element", str]()
        # Whether what comes is shown, by the beginning of each field that is open, the outermost first.
        self._shown = dict["_Element", bool]()
        self._computed = set["_Element"]()
        open_ = list["_Element"]()
        for mark in every(body, "w:fldChar", "w:instrText"):
            if is_deleted(mark):
                continue
            kind = attribute(mark, "w:fldCharType")
            if kind == "begin":
                if open_ and not self._codes[open_[-1]].strip():
                    self._computed.add(open_[-1])
                open_.append(mark)
                self._codes[mark] = ""
            elif open_ and name(mark) == "w:instrText":
                self._codes[open_[-1]] += mark.text or ""
            elif open_ and kind in ("separate", "end"):
                self._begin_of[mark] = open_.pop() if kind == "end" else open_[-1]
        simple = (attribute(field, "w:instr").upper().split()[:1] for field in every(body, "w:fldSimple"))
        self._simple = [code[0] for code in simple if code]
        self._closed = set(self._begin_of.values()).difference(open_)

    def pass_mark(self, mark: "_Element") -> str:
        """Go past the beginning, the middle or the end of a field; gives the name of one that begins."""
        begin = self._begin_of.get(mark)
        if mark in self._closed:
            self._shown[mark] = False
            return self._name(mark)
        if begin in self._shown and attribute(mark, "w:fldCharType") == "separate":
            self._shown[begin] = self._name(begin) != "TOC"
        elif begin in self._shown:
            # Whatever began inside ends with it.
            inside = list(self._shown)
            for field in inside[inside.index(begin) :]:
                del self._shown[field]
        return ""

    @property
    def programs(self) -> int:
        """How many fields start another program, or are of a kind that only another field tells."""
        return sum(name in _PROGRAMS for name in self._names()) + len(self._computed)

    @property
    def outside(self) -> int:
        """How many fields fetch something from elsewhere."""
        return sum(name in _OUTSIDE for name in self._names())

    def _names(self) -> list[str]:
        return [*map(self._name, self._codes), *self._simple]

    @property
    def hide(self) -> bool:
        """Whether what stands here is not shown."""
        return not all(self._shown.values())

    @property
    def in_contents(self) -> bool:
        """Whether what stands here is a table of contents."""
        return any(self._name(field) == "TOC" for field in self._shown)

    def _name(self, begin: "_Element") -> str:
        return next(iter(self._codes[begin].upper().split()), "").partition("\\")[0]
