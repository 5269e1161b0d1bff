"""What rides along in an office's Word document and has no place in a report: macros, links and templates elsewhere,
embedded objects, fields that fetch or call something.

Parts and fields are kept by what they are known to be, not thrown out by what they may be.
"""

from collections.abc import Iterator
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as KINDS
from docx.oxml.ns import qn

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OF_PACKAGE = {KINDS.OFFICE_DOCUMENT, KINDS.CORE_PROPERTIES}
_OF_DOCUMENT = {
    *(KINDS.STYLES, KINDS.NUMBERING, KINDS.SETTINGS, KINDS.FONT_TABLE, KINDS.THEME),
    *(KINDS.HEADER, KINDS.FOOTER, KINDS.IMAGE),
}
_OF_PARTS = {KINDS.IMAGE, KINDS.FONT}
_FIELDS = frozenset(
    (
        *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "STYLEREF", "TITLE", "SUBJECT", "AUTHOR"),
        *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "=", "IF"),
    )
)
"""What a field in a header or a footer may do: count pages, repeat what the document says."""
_DROPPED = tuple(
    qn(f"w:{tag}")
    for tag in (
        *("object", "control", "altChunk", "subDoc", "movie", "ffData", "customXml", "background", "frameset"),
        *("attachedTemplate", "mailMerge", "saveThroughXslt", "docVars", "attachedSchema", "updateFields"),
        *("footnotePr", "endnotePr", "footnoteReference", "endnoteReference", "printerSettings", "dataBinding"),
    )
)
_PICTURES = (qn("w:drawing"), qn("w:pict"))
_HREFS = ("href", "{urn:schemas-microsoft-com:office:office}href", "src", f"{_R}href", f"{_R}link", f"{_R}pict")


def strip(document: WordDocument) -> None:
    """Take out of a document, in place, whatever could reach out of a report or act in it."""
    _keep(document.part.package.rels, _OF_PACKAGE)
    main = document.part
    for part in list(main.package.iter_parts()):
        rels = part.rels
        if part is not main:
            _keep(rels, _OF_PARTS)
    _keep(main.rels, _OF_DOCUMENT)
    for part in [main, *main.package.iter_parts()]:
        root = getattr(part, "element", None)
        if root is not None:
            _clean(root, part.rels)
    used = {value for node in main.element.iter() for key, value in node.attrib.items() if str(key).startswith(_R)}
    for key in [key for key, rel in main.rels.items() if rel.reltype in (KINDS.HEADER, KINDS.FOOTER, KINDS.IMAGE)]:
        if key not in used:
            del main.rels[key]


def _keep(rels: Any, kinds: set[str]) -> None:
    for key in [key for key, rel in rels.items() if rel.is_external or rel.reltype not in kinds]:
        del rels[key]


def _clean(root: Any, rels: Any) -> None:
    """Take out of a part what it may not hold, and all that refers to something that is not there any more."""
    for node in [node for node in root.iter(*_DROPPED) if node.getparent() is not None]:
        _remove(node)
    for node in list(root.iter()):
        for key in [key for key in _HREFS if key in node.attrib]:
            del node.attrib[key]
        if any(str(key).startswith(_R) and value not in rels for key, value in node.attrib.items()):
            _without_target(node)
    for field in list(root.iter(qn("w:fldSimple"), qn("w:hyperlink"))):
        if field.tag == qn("w:hyperlink") or _word(field.get(qn("w:instr")) or "") not in _FIELDS:
            _unwrap(field)
    for span in list(_fields(root)):
        _drop_field(span)


def _remove(node: Any) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _without_target(node: Any) -> None:
    """A link gives its text, a picture or a chart goes whole."""
    if node.tag == qn("w:hyperlink"):
        return
    _remove(next((above for above in node.iterancestors(*_PICTURES)), node))


def _unwrap(node: Any) -> None:
    """The contents of an element in its place."""
    parent = node.getparent()
    if parent is None:
        return
    place = parent.index(node)
    children = list(node)
    parent.remove(node)
    parent[place:place] = children


def _word(instruction: str) -> str:
    """What a field does: the first word of its instruction."""
    text = instruction.strip()
    return "=" if text.startswith("=") else text.split(maxsplit=1)[0].upper() if text else ""


def _fields(root: Any) -> Iterator[list[Any]]:
    """The marks and instructions of each outermost field that does, by itself or by one within it, more than is
    allowed."""
    marks: list[Any] = []
    words: list[list[str]] = []
    allowed = True
    for node in root.iter(qn("w:fldChar"), qn("w:instrText"), qn("w:delInstrText")):
        kind = node.get(qn("w:fldCharType"))
        if kind == "begin":
            words.append([])
        marks.append(node)
        if kind is None and words:
            words[-1].append(node.text or "")
        elif kind is None:
            allowed = False  # an instruction outside of every field
        if kind == "end" and words:
            allowed = _word("".join(words.pop())) in _FIELDS and allowed
        if not words:
            if not allowed:
                yield marks
            marks, allowed = [], True
    if marks:
        yield marks


def _drop_field(marks: list[Any]) -> None:
    """What the field showed last stays as plain text."""
    for mark in marks:
        _remove(mark)
