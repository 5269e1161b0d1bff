"""Parses XML of a returned file: nothing outside the file is looked up, and no entity is expanded."""

from typing import TYPE_CHECKING

from toolkit.problems import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element


def full_text(element: "_Element") -> str:
    """Return all the text of an element, including the text inside child elements."""
    return "".join(map(str, element.itertext()))


def parse_xml(content: bytes, damaged: str) -> "_Element":
    """Return the root of the XML in a part. Raise Unreadable with the message `damaged` when it is not XML, or declares
    a document type."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable(damaged, "damaged") from None
    if root.getroottree().docinfo.internalDTD:  # in an encoding in which `declares_doctype` did not see it
        raise Unreadable(damaged, "unsafe")
    return root
