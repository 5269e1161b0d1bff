"""What the elements of a web page mean: which are not shown, which begin a paragraph, which change the format of
text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from lxml.etree import iterwalk

from toolkit.documents.blocks import Raised

if TYPE_CHECKING:
    from lxml.etree import _Element

_NOT_SHOWN = re.compile(
    r"(?:script|style|noscript|noframes|template|head|title|meta|link|base|nav|input|select|option|textarea|button"
    r"|datalist|iframe|object|embed|applet|audio|video|canvas|svg|math|map|rt|rp|param|source|track)\Z"
)
_BLOCK = re.compile(
    r"(?:html|body|p|div|ul|ol|li|dl|dt|dd|h[1-6]|section|article|main|header|footer|aside|address|center|pre|listing|xmp"
    r"|blockquote|figure|figcaption|hr|form|fieldset|legend|details|summary|dir|menu|hgroup|search|dialog"
    r"|table|caption|thead|tbody|tfoot|tr|td|th|colgroup|col|frameset)\Z"
)
_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none\b", re.IGNORECASE)
_WEIGHT = re.compile(r"(?:^|;)\s*font-weight\s*:\s*(\w+)", re.IGNORECASE)
_BOLD_FROM = 600


@dataclass(frozen=True, slots=True)
class TextLook:
    """The format of text at a place. `level` is that of the heading around it."""

    bold: bool = False
    raised: Raised = ""
    level: int = 0
    preformatted: bool = False


def tag(element: "_Element") -> str:
    """Return an element's name in lower case; empty for a comment or the like."""
    name = element.tag
    return name.lower() if isinstance(name, str) else ""


def is_block(element: "_Element") -> bool:
    """Return True if a paragraph ends before and after an element."""
    return _BLOCK.match(tag(element)) is not None


def is_shown(element: "_Element") -> bool:
    """Return True if a browser shows an element as text. Menus and forms do not count: they are no text of a report."""
    if _NOT_SHOWN.match(tag(element)) or element.get("hidden") is not None:
        return False
    return not _HIDDEN.search(element.get("style", ""))


def look_within(element: "_Element", outer: TextLook) -> TextLook:
    """Return the format of text in an element. `outer` is the format around the element."""
    name, look = tag(element), outer
    if name in ("b", "strong"):
        look = replace(look, bold=True)
    elif name in ("sup", "sub"):
        look = replace(look, raised="superscript" if name == "sup" else "subscript")
    elif name in ("pre", "listing", "xmp"):
        look = replace(look, preformatted=True)
    elif len(name) == 2 and name[0] == "h" and name[1] in "123456":
        look = replace(look, level=int(name[1]))
    weight = _WEIGHT.search(element.get("style", ""))
    return replace(look, bold=_is_bold(weight[1].lower(), look.bold)) if weight else look


def _is_bold(weight: str, outer: bool) -> bool:
    if weight.isascii() and weight.isdigit():
        return int(weight[:4]) >= _BOLD_FROM
    return {"bold": True, "bolder": True, "normal": False, "lighter": False}.get(weight, outer)


class Walk:
    """Iterates over the shown elements inside an element. It uses no recursion, because pages may be nested very
    deeply."""

    def __init__(self, root: "_Element") -> None:
        self._walker = iterwalk(root, events=("start", "end"))
        self._skipped: _Element | None = None

    def __iter__(self) -> 'Iterator[tuple[Literal["start", "end", "skipped"], _Element]]':
        """Yield each element when it starts and when it ends. A skipped element yields only “skipped”, at its end."""
        for event, element in self._walker:
            was_skipped = event == "end" and element is self._skipped
            if event == "start" and not is_shown(element):
                self.skip(element)
            elif was_skipped:
                yield "skipped", element
            else:
                yield ("start" if event == "start" else "end"), element

    def skip(self, element: "_Element") -> None:
        """Skip the content of the element that has just started."""
        self._walker.skip_subtree()
        self._skipped = element
