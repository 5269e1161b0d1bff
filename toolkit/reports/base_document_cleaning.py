"""Removes active content (夹带) from an office's Word document: macros, links and templates elsewhere, embedded
objects, fields that fetch or call something.

Parts and fields are kept only if they are known to be harmless.
"""

from collections.abc import Iterator
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as KINDS
from docx.oxml.ns import qn

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE_RELATIONS = {KINDS.OFFICE_DOCUMENT, KINDS.CORE_PROPERTIES}
_DOCUMENT_RELATIONS = {
    *(KINDS.STYLES, KINDS.NUMBERING, KINDS.SETTINGS, KINDS.FONT_TABLE, KINDS.THEME),
    *(KINDS.HEADER, KINDS.FOOTER, KINDS.IMAGE),
}
_PART_RELATIONS = {KINDS.IMAGE, KINDS.FONT}
_ALLOWED_FIELDS = frozenset(
    (
        *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "STYLEREF", "TITLE", "SUBJECT", "AUTHOR"),
        *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "=", "IF"),
    )
)
"""Fields that a header or a footer may have: they count pages or repeat what the document says."""
_REMOVED_ELEMENTS = tuple(
    qn(f"w:{tag}")
    for tag in (
        *("object", "control", "altChunk", "subDoc", "movie", "ffData", "customXml", "background", "frameset"),
        *("attachedTemplate", "mailMerge", "saveThroughXslt", "docVars", "attachedSchema", "updateFields"),
        *("footnotePr", "endnotePr", "footnoteReference", "endnoteReference", "printerSettings", "dataBinding"),
    )
)
_PICTURES = (qn("w:drawing"), qn("w:pict"))
_HREFS = ("href", "{urn:schemas-microsoft-com:office:office}href", "src", f"{_R}href", f"{_R}link", f"{_R}pict")


def remove_active_content(document: WordDocument) -> None:
    """Remove from a document, in place, everything that could reach out of a report or act in it."""
    _keep_relations(document.part.package.rels, _PACKAGE_RELATIONS)
    main = document.part
    for part in list(main.package.iter_parts()):
        rels = part.rels
        if part is not main:
            _keep_relations(rels, _PART_RELATIONS)
    _keep_relations(main.rels, _DOCUMENT_RELATIONS)
    for part in [main, *main.package.iter_parts()]:
        root = getattr(part, "element", None)
        if root is not None:
            _clean(root, part.rels)
    used = {value for node in main.element.iter() for key, value in node.attrib.items() if str(key).startswith(_R)}
    for key in [key for key, rel in main.rels.items() if rel.reltype in (KINDS.HEADER, KINDS.FOOTER, KINDS.IMAGE)]:
        if key not in used:
            del main.rels[key]


def _keep_relations(rels: Any, kinds: set[str]) -> None:
    """Delete the relations of a part that lead outside or are not of the given kinds."""
    for key in [key for key, rel in rels.items() if rel.is_external or rel.reltype not in kinds]:
        del rels[key]


def _clean(root: Any, rels: Any) -> None:
    """Remove from a part the elements that it may not hold, and every reference to a part that was deleted."""
    for node in [node for node in root.iter(*_REMOVED_ELEMENTS) if node.getparent() is not None]:
        _remove(node)
    for node in list(root.iter()):
        for key in [key for key in _HREFS if key in node.attrib]:
            del node.attrib[key]
        if any(str(key).startswith(_R) and value not in rels for key, value in node.attrib.items()):
            _remove_broken(node)
    for field in list(root.iter(qn("w:fldSimple"), qn("w:hyperlink"))):
        if field.tag == qn("w:hyperlink") or _field_name(field.get(qn("w:instr")) or "") not in _ALLOWED_FIELDS:
            _unwrap(field)
    for span in list(_forbidden_fields(root)):
        _drop_field(span)


def _remove(node: Any) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _remove_broken(node: Any) -> None:
    """Remove an element whose target was deleted. A link keeps its text; a picture or a chart is removed as a whole."""
    if node.tag == qn("w:hyperlink"):
        return
    _remove(next((above for above in node.iterancestors(*_PICTURES)), node))


def _unwrap(node: Any) -> None:
    """Put the contents of an element in its place."""
    parent = node.getparent()
    if parent is None:
        return
    place = parent.index(node)
    children = list(node)
    parent.remove(node)
    parent[place:place] = children


def _field_name(instruction: str) -> str:
    """Return the name of a field: the first word of its instruction."""
    text = instruction.strip()
    return "=" if text.startswith("=") else text.split(maxsplit=1)[0].upper() if text else ""


def _forbidden_fields(root: Any) -> Iterator[list[Any]]:
    """Yield the marks and instructions of each outermost field that is not allowed, or that holds one that is not
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
            allowed = _field_name("".join(words.pop())) in _ALLOWED_FIELDS and allowed
        if not words:
            if not allowed:
                yield marks
            marks, allowed = [], True
    if marks:
        yield marks


def _drop_field(marks: list[Any]) -> None:
    """Remove a field. What it showed last stays as plain text."""
    for mark in marks:
        _remove(mark)
