"""Styles of a Word document: the properties that a paragraph or a run gets from its style and from those the style is
based on."""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from toolkit.documents.blocks import Raised
from toolkit.documents.word.xml import attribute, children, descend, integer, is_on

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_TITLE = re.compile(r"title|标题", re.IGNORECASE)
_TABLE_OF_CONTENTS = re.compile(r"(?:toc|目录)\s*(?:[1-9]|heading|标题)", re.IGNORECASE)
_RAISED: dict[str, Raised] = {"superscript": "superscript", "subscript": "subscript"}
BODY_LEVEL = 9
"""The outline level, counted from 0, of body text."""

Switch = Literal["w:b", "w:vanish"]


@dataclass(frozen=True, slots=True)
class RunLook:
    """The format of a run, as far as it matters here."""

    bold: bool = False
    raised: Raised = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ListPlace:
    """The list of a paragraph and its level. `style` is the style that puts it in the list, empty if the paragraph
    itself does."""

    list_id: str
    depth: int
    style: str = ""


class WordStyles:
    """The styles of a document by their ids."""

    def __init__(self, root: "_Element | None") -> None:
        self._styles = {attribute(style, "w:styleId"): style for style in reversed(children(root, "w:style"))}
        self._defaults = descend(root, "w:docDefaults", "w:rPrDefault", "w:rPr")
        self._standard = next(
            (
                key
                for key, style in self._styles.items()
                if attribute(style, "w:type") == "paragraph" and attribute(style, "w:default") in ("1", "true", "on")
            ),
            "",
        )
        # The same few styles are needed again and again.
        self._chain = cache(self._chain_of)
        self._inherited = cache(self._look_of)

    def _chain_of(self, key: str) -> "tuple[tuple[str, _Element], ...]":
        """Return a style and those it is based on, the nearest first."""
        found = dict[str, "_Element"]()
        while key in self._styles and key not in found:
            found[key] = self._styles[key]
            key = attribute(descend(found[key], "w:basedOn"))
        return tuple(found.items())

    def of_paragraph(self, properties: "_Element | None") -> str:
        """Return the id of a paragraph's style."""
        key = attribute(descend(properties, "w:pStyle"))
        return key if key in self._styles else self._standard

    def is_table_of_contents(self, style: str) -> bool:
        """Return True if a style is that of lines in a table of contents."""
        return any(_TABLE_OF_CONTENTS.fullmatch(_name(one)) for _, one in self._chain(style))

    def level(self, properties: "_Element | None") -> int:
        """Return a heading's level, from 1; 0 for body text and for the title."""
        own = attribute(descend(properties, "w:outlineLvl"))
        if own:
            return _level(own)
        for _, style in self._chain(self.of_paragraph(properties)):
            # In Chinese versions of Word the title (标题) also has an outline level.
            if _TITLE.fullmatch(_name(style)):
                return 0
            outline, heading = attribute(descend(style, "w:pPr", "w:outlineLvl")), _HEADING.fullmatch(_name(style))
            if outline or heading:
                return _level(outline) if outline else int(heading[1]) if heading else 0
        return 0

    def list_place(self, properties: "_Element | None") -> ListPlace | None:
        """Return the list of a paragraph, set by itself or by its style; None if it is in no list."""
        own = descend(properties, "w:numPr")
        list_id, depth = attribute(descend(own, "w:numId")), attribute(descend(own, "w:ilvl"))
        if list_id:
            return None if list_id == "0" else ListPlace(list_id, integer(depth))
        by_itself = bool(depth)
        for key, style in self._chain(self.of_paragraph(properties)):
            numbered = descend(style, "w:pPr", "w:numPr")
            list_id, depth = attribute(descend(numbered, "w:numId")), depth or attribute(descend(numbered, "w:ilvl"))
            if list_id:
                return None if list_id == "0" else ListPlace(list_id, integer(depth), "" if by_itself else key)
        return None

    def look(self, properties: "_Element | None", paragraph_style: str) -> RunLook:
        """Return the format of a run with these properties in a paragraph of this style."""
        inherited = self._inherited(paragraph_style, attribute(descend(properties, "w:rStyle")))
        if properties is None or not len(properties):
            return inherited
        bold, hidden = descend(properties, "w:b"), descend(properties, "w:vanish")
        raised = descend(properties, "w:vertAlign")
        return RunLook(
            inherited.bold if bold is None else is_on(bold),
            inherited.raised if raised is None else _RAISED.get(attribute(raised), ""),
            inherited.hidden if hidden is None else is_on(hidden),
        )

    def _look_of(self, paragraph_style: str, character_style: str) -> RunLook:
        raised = self._nearest(character_style, "w:vertAlign")
        if raised is None:
            raised = self._nearest(paragraph_style, "w:vertAlign")
        return RunLook(
            self._is_switched(paragraph_style, character_style, "w:b"),
            _RAISED.get(attribute(raised), ""),
            self._is_switched(paragraph_style, character_style, "w:vanish"),
        )

    def _is_switched(self, paragraph_style: str, character_style: str, switch: Switch) -> bool:
        """Return True if a property is on. As the standard says, a paragraph style and a character style that both set
        bold cancel each other."""
        if is_on(descend(self._defaults, switch)):
            return True
        return is_on(self._nearest(paragraph_style, switch)) != is_on(self._nearest(character_style, switch))

    def _nearest(self, style: str, short: str) -> "_Element | None":
        found = (descend(one, "w:rPr", short) for _, one in self._chain(style))
        return next((element for element in found if element is not None), None)


def _name(style: "_Element") -> str:
    return attribute(descend(style, "w:name")).strip()


def _level(outline: str) -> int:
    level = integer(outline, BODY_LEVEL)
    return level + 1 if 0 <= level < BODY_LEVEL else 0
