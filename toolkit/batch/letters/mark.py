"""The mark of our letters (批注件, 退回修改意见) in their file properties (关键词): what the letter is about, and a
digest of what we wrote. The digest shows if somebody has changed the file since.

The mark is inside the file, so a run that is killed cannot leave files that do not agree with a list.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Literal, get_args

from toolkit.characters import plain
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.files.parts import open_parts
from toolkit.files.xml import parse_xml
from toolkit.problems import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

LetterKind = Literal["annotated", "notice", "reminder", "reminder-list"]
"""An annotated copy (批注件), a notice to the agency (退回修改意见), a reminder (催报函), or the list of reminders."""
CORE = "docProps/core.xml"
KEYWORDS = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}keywords"
MODIFIED = "{http://purl.org/dc/terms/}modified"
_KINDS: dict[str, LetterKind] = {kind: kind for kind in get_args(LetterKind)}
_MARK = re.compile(rf"gknb ({'|'.join(_KINDS)}) from=(\w*) of=([\w,]*) year=(\d*) digest=(\w{{64}})")
_LENGTH = 16
"""Characters of an id. Ids are digests: a letter goes out to an agency and must not show the paths of the office."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a letter is about: a return of an agency for a year. `source` is the id of the returned file, `names` are
    the ids of all names of the agency."""

    kind: LetterKind
    source: str
    names: tuple[str, ...]
    year: int | None

    def is_same_return(self, other: "Subject") -> bool:
        """Return True if both are about one agency and year, or about one file whose agency or year was corrected."""
        if self.kind != other.kind:
            return False
        common = bool(set(self.names) & set(other.names))
        nameless = not (self.names and other.names)
        return (common and self.year == other.year) or (self.source == other.source and (common or nameless))


@dataclass(frozen=True, slots=True)
class OwnLetter:
    """A letter of ours in a folder, under the name `file`. `digest` is that of what we wrote. `is_unchanged` is True if
    the file still has that content. `bytes_digest` is that of the file as it is now."""

    file: str
    subject: Subject
    digest: str
    is_unchanged: bool
    bytes_digest: str


def id_of(text: str) -> str:
    """Return the id of a name or a path."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:_LENGTH]


def ids_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of the names of an agency, each once."""
    return tuple(dict.fromkeys(id_of(plain(name)) for name in names if plain(name)))


def with_mark(content: bytes, subject: Subject, limits: Limits = STANDARD_LIMITS) -> tuple[bytes, str]:
    """Put the mark into a letter (.docx or .xlsx). Return its bytes, and the digest of its content."""
    from lxml import etree

    parts = dict(open_parts(content, "", limits))
    core = _properties(parts)
    digest = _digest(parts, core)
    keywords = etree.SubElement(core, KEYWORDS)
    keywords.text = (
        f"gknb {subject.kind} from={subject.source} of={','.join(subject.names)} year={subject.year or ''}"
        f" digest={digest}"
    )
    parts[CORE] = etree.tostring(core, xml_declaration=True, encoding="UTF-8", standalone=True)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return out.getvalue(), digest


def letter_in(file: str, content: bytes, limits: Limits = STANDARD_LIMITS) -> OwnLetter | None:
    """Return the letter in a file called `file`, None if it does not carry our mark."""
    try:
        parts = open_parts(content, "", limits)
        mark = _MARK.search(_keywords(parts))
        if mark is None:
            return None
        digest = _digest(parts, _properties(parts))
    except Unreadable:
        return None
    kind, source, names, year, written = mark.groups()
    subject = Subject(
        _KINDS[kind],
        source,
        tuple(filter(None, names.split(","))),
        int(year) if year else None,
    )
    return OwnLetter(file, subject, written, digest == written, sha256(content).hexdigest())


def _keywords(parts: Mapping[str, bytes]) -> str:
    return parse_xml(parts.get(CORE, b"<none/>"), "").findtext(KEYWORDS) or ""


def _properties(parts: Mapping[str, bytes]) -> "_Element":
    """Return the properties of a file without the mark, and without the time of the last change, which differs each
    time that a workbook is written."""
    core = parse_xml(parts[CORE], "")
    for element in [*core.iterchildren(KEYWORDS, MODIFIED)]:
        core.remove(element)
    return core


def _digest(parts: Mapping[str, bytes], core: "_Element") -> str:
    """Return the digest of all parts of a file; it does not depend on the compression."""
    from lxml import etree

    code = sha256()
    for name in sorted(parts):
        content = etree.tostring(core, method="c14n") if name == CORE else parts[name]
        code.update(f"{name}\n{len(content)}\n".encode())
        code.update(content)
    return code.hexdigest()
