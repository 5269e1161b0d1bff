"""Fields of a Word document: which parts of the text a field shows, and which are only its code."""

from typing import TYPE_CHECKING

from toolkit.documents.word.xml import attribute, descendants, is_deleted, name

if TYPE_CHECKING:
    from lxml.etree import _Element

_PROGRAMS = ("DDE", "DDEAUTO")
"""Fields that start another program and get data from it."""
_OUTSIDE = ("INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "IMPORT", "LINK", "DATABASE", "RD")
"""Fields that load content from another file."""


class Fields:
    """The fields that are open at the reader's place in the text.

    Fields may span paragraphs. A field that is never closed is ignored: it would hide the rest of the text.
    """

    def __init__(self, body: "_Element") -> None:
        self._begin_of = dict["_Element", "_Element"]()
        self._codes = dict["_Element", str]()
        # For each open field, the outermost first: True if the text that follows is shown.
        self._shown = dict["_Element", bool]()
        self._computed_names = set["_Element"]()
        open_ = list["_Element"]()
        for mark in descendants(body, "w:fldChar", "w:instrText"):
            if is_deleted(mark):
                continue
            kind = attribute(mark, "w:fldCharType")
            if kind == "begin":
                if open_ and not self._codes[open_[-1]].strip():
                    self._computed_names.add(open_[-1])
                open_.append(mark)
                self._codes[mark] = ""
            elif open_ and name(mark) == "w:instrText":
                self._codes[open_[-1]] += mark.text or ""
            elif open_ and kind in ("separate", "end"):
                self._begin_of[mark] = open_.pop() if kind == "end" else open_[-1]
        simple = (attribute(field, "w:instr").upper().split()[:1] for field in descendants(body, "w:fldSimple"))
        self._simple = [code[0] for code in simple if code]
        self._closed = set(self._begin_of.values()).difference(open_)

    def pass_mark(self, mark: "_Element") -> str:
        """Pass the beginning, the middle or the end of a field. Return the name of a field that begins, else an empty
        text."""
        begin = self._begin_of.get(mark)
        if mark in self._closed:
            self._shown[mark] = False
            return self._name(mark)
        if begin in self._shown and attribute(mark, "w:fldCharType") == "separate":
            self._shown[begin] = self._name(begin) != "TOC"
        elif begin in self._shown:
            # Fields that began inside this one end with it.
            inside = list(self._shown)
            for field in inside[inside.index(begin) :]:
                del self._shown[field]
        return ""

    @property
    def program_count(self) -> int:
        """Return how many fields start another program, or have a name that only another field computes."""
        return sum(name in _PROGRAMS for name in self._names()) + len(self._computed_names)

    @property
    def outside_count(self) -> int:
        """Return how many fields load content from elsewhere."""
        return sum(name in _OUTSIDE for name in self._names())

    def _names(self) -> list[str]:
        return [*map(self._name, self._codes), *self._simple]

    @property
    def is_hidden(self) -> bool:
        """Return True if the text at this place is not shown."""
        return not all(self._shown.values())

    @property
    def in_table_of_contents(self) -> bool:
        """Return True if the text at this place is in a table of contents."""
        return any(self._name(field) == "TOC" for field in self._shown)

    def _name(self, begin: "_Element") -> str:
        return next(iter(self._codes[begin].upper().split()), "").partition("\\")[0]
