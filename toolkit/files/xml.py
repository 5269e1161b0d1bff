"""Parses XML that came in a returned file: nothing in it is looked up elsewhere, and nothing grows."""

from typing import TYPE_CHECKING

from toolkit.problems import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element


def whole_text(element: "_Element") -> str:
    """All of an element's text, also where it is interrupted by what does not belong there."""
    return "".join(map(str, element.itertext()))


def parse_xml(content: bytes, damaged: str) -> "_Element":
    """The root of the XML in a part. Raises Unreadable with `damaged` when it is none, or declares a document type."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable(damaged, "damaged") from None
    if root.getroottree().docinfo.internalDTD:  # in an encoding in which the gate did not see it
        raise Unreadable(damaged, "unsafe")
    return root
