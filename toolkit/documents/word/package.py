"""The file of a Word document: a zip package. It is checked before any parser opens it. Gives its parts and their
relations to the document."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from toolkit.documents.word.xml import choose_alternatives, descend, name
from toolkit.files.kinds import SAVE_WORD_AS, kind_of_package
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.files.parts import open_parts
from toolkit.files.xml import parse_xml
from toolkit.problems import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

DAMAGED = f"不是完整的 Word 文档，可能传输时损坏，或是改了扩展名的其他文件。{SAVE_WORD_AS}"

_PROGRAM = re.compile(rb"""[>"']\s*DDE(?:AUTO)?\s""", re.I)
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", f"是旧格式（.doc、.wps）或加密的文档，读不了。{SAVE_WORD_AS}加密的请先取消密码。"),
    (b"%PDF", "是 PDF 文件，不是 Word 文档。请提供可以编辑的 Word 文档（.docx）。"),
    (b"{\\rtf", f"是 RTF 文件，不是 Word 文档。{SAVE_WORD_AS}"),
    (b"<", f"是网页或 XML 文件，不是 Word 文档。{SAVE_WORD_AS}"),
)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A reference of the text: to a part of the file, or to something outside the file."""

    kind: str
    part: str
    is_external: bool


class WordPackage:
    """An undamaged Word document. Parts are known by their names in lower case."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = {part.replace("\\", "/").lower(): content for part, content in parts.items()}

    @cached_property
    def body(self) -> "_Element":
        """Return the element with the text.

        Raise Unreadable if the file is no Word document.
        """
        root = self._xml(self._main)
        body = descend(root, "w:body")
        if name(root) == "w:document" and body is not None:
            return body
        others = {"workbook": "Excel 工作簿", "presentation": "演示文稿"}
        found = others.get(name(root).partition(":")[2])
        raise Unreadable(f"是{found}，不是 Word 文档。请检查是不是放错了文件。" if found else DAMAGED)

    @cached_property
    def _main(self) -> str:
        if "[content_types].xml" not in self._parts:
            raise Unreadable(DAMAGED)
        relations = self._relations_of("").values()
        part = next((relation.part for relation in relations if relation.kind == "officeDocument"), "")
        if part not in self._parts:
            raise Unreadable(DAMAGED)
        return part

    @cached_property
    def _relations(self) -> Mapping[str, Relationship]:
        return self._relations_of(self._main)

    def _relations_of(self, part: str) -> dict[str, Relationship]:
        folder, file = posixpath.split(part)
        links = posixpath.join(folder, "_rels", f"{file}.rels")
        if links not in self._parts:
            return {}
        found = dict[str, Relationship]()
        for link in self._xml(links).iter("{*}Relationship"):
            target = posixpath.normpath(posixpath.join("/", folder, unquote(link.get("Target") or ""))).lstrip("/")
            outside = (link.get("TargetMode") or "").lower() == "external"
            kind = (link.get("Type") or "").rpartition("/")[2]
            found[link.get("Id") or ""] = Relationship(kind, target.lower(), outside)
        return found

    def relation(self, key: str) -> Relationship | None:
        """Return the reference with this id; None if there is none."""
        return self._relations.get(key)

    def content(self, part: str) -> bytes | None:
        """Return the bytes of a part; None if there is none."""
        return self._parts.get(part)

    def related(self, kind: str) -> "_Element | None":
        """Return the part of a kind (styles, numbering, comments); None if the document refers to none.

        Raise Unreadable if the document refers to it but the part is missing: without it the text would be different.
        """
        part = next((link.part for link in self._relations.values() if link.kind == kind and not link.is_external), "")
        return self._xml(part) if part else None

    @property
    def outside_count(self) -> int:
        """Return how many references lead to a template, an object or the like outside the file.

        Pictures do not count: they have remarks of their own. Hyperlinks do not count: only a reader follows them.
        """
        links = (part for part in self._parts if part.endswith(".rels") and b"xternal" in self._parts[part])
        kinds = (link for part in links for link in self._xml(part).iter("{*}Relationship"))
        return sum(
            (link.get("TargetMode") or "").lower() == "external"
            and (link.get("Type") or "").rpartition("/")[2] not in ("hyperlink", "image")
            for link in kinds
        )

    @property
    def programs_outside_text(self) -> int:
        """Return in how many parts besides the text (headers, footers, notes) a field starts another program."""
        others = (content for part, content in self._parts.items() if part.endswith(".xml") and part != self._main)
        return sum(bool(_PROGRAM.search(content)) for content in others)

    @property
    def has_macros(self) -> bool:
        """Return True if the document holds macros (宏)."""
        return any(relation.kind == "vbaProject" for relation in self._relations.values())

    def _xml(self, part: str) -> "_Element":
        root = parse_xml(self._parts.get(part, b""), DAMAGED)
        choose_alternatives(root)
        return root


def open_word(content: bytes, limits: Limits = STANDARD_LIMITS) -> WordPackage:
    """Return the Word document in these bytes.

    Raise Unreadable if it is another kind of file, is damaged anywhere, or is larger when unpacked than any report.
    """
    _refuse_others(content)
    parts = open_parts(content, DAMAGED, limits)
    if "mimetype" in parts:
        kind_of_package(parts, parts["mimetype"])
    return WordPackage(parts)


def _refuse_others(content: bytes) -> None:
    """Raise Unreadable if the content is no zip package. The message says what the file seems to be."""
    if not content:
        raise Unreadable("是空文件（0 字节）。请检查原文件，重新保存一次。")
    if content.startswith(b"PK\x03\x04"):
        return
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    raise Unreadable(
        next((message for mark, message in _OTHERS if head.startswith(mark)), f"不是 Word 文档。{SAVE_WORD_AS}")
    )
