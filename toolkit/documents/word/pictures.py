"""The content of drawings in a Word document: pictures, text boxes, and what can be read as neither."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.documents.blocks import Picture
from toolkit.documents.word.package import WordPackage
from toolkit.documents.word.remarks import PICTURE_MEGABYTES, RemarkKind
from toolkit.documents.word.xml import attribute, children, descend, integer, name

if TYPE_CHECKING:
    from lxml.etree import _Element

_MARKS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\xd7\xcd\xc6\x9a", "image/x-wmf"),
    (b"\1\0\x09\0\0", "image/x-wmf"),
    (b"\2\0\x09\0\0", "image/x-wmf"),
)
_REMARK_KINDS: dict[str, RemarkKind] = {
    "c:chart": "chart",
    "dgm:relIds": "diagram",
    "w14:contentPart": "ink",
    "w:contentPart": "ink",
    "o:OLEObject": "object",
    "w:control": "object",
    "w:objectEmbed": "object",
    "w:objectLink": "object",
    "w:movie": "object",
}
_LENGTH = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(pt|in|cm|mm|pc|px)", re.ASCII)
_UNITS = {"pt": 12_700, "in": 914_400, "cm": 360_000, "mm": 36_000, "pc": 152_400, "px": 9_525}


@dataclass(frozen=True, slots=True)
class DrawingContent:
    """The content of a drawing. `remark_kinds` has one entry for each thing that cannot be read."""

    pictures: tuple[Picture, ...] = ()
    boxes: "tuple[_Element, ...]" = ()
    remark_kinds: tuple[RemarkKind, ...] = ()


def media_type_of(content: bytes) -> str:
    """Return the media type of a picture by its first bytes; empty if it is no known kind."""
    if content[:4] == b"\1\0\0\0" and content[40:44] == b" EMF":
        return "image/x-emf"
    if content[:2] == b"BM" and content[6:10] == bytes(4):
        return "image/bmp"
    return next((kind for mark, kind in _MARKS if content.startswith(mark)), "")


def read_drawing(drawing: "_Element", package: WordPackage) -> DrawingContent:
    """Return the content of a drawing (DrawingML or VML) or of an embedded object."""
    inside = list(_inside(drawing))
    remark_kinds = [_REMARK_KINDS[name(item)] for item in inside if name(item) in _REMARK_KINDS]
    images = [item for item in inside if name(item) in ("a:blip", "v:imagedata")]
    if "object" in remark_kinds:
        # The picture beside it shows the object as it was last saved, maybe long ago.
        images = []
    found = [_picture(image, drawing, package, len(images) == 1) for image in images]
    pictures = tuple(item for item in found if isinstance(item, Picture))
    remark_kinds += [item for item in found if isinstance(item, str)]
    boxes = tuple(item for item in inside if name(item) == "w:txbxContent" and _has_text(item))
    is_line = any(attribute(item, "o:hr") in ("t", "true") for item in inside)
    if not images and not boxes and not remark_kinds and not is_line:
        remark_kinds.append("shape")
    return DrawingContent(pictures, boxes, tuple(remark_kinds))


def _inside(drawing: "_Element") -> "Iterator[_Element]":
    """Yield a drawing and all elements in it, except what is inside its text boxes."""
    left = [drawing]
    while left:
        item = left.pop()
        yield item
        if name(item) != "w:txbxContent":
            left.extend(reversed(item))


def _has_text(box: "_Element") -> bool:
    return any(
        name(item) in ("w:drawing", "w:pict", "w:object") or (name(item) == "w:t" and bool((item.text or "").strip()))
        for item in box.iter()
    )


def _picture(image: "_Element", drawing: "_Element", package: WordPackage, is_alone: bool) -> Picture | RemarkKind:
    """Return a picture, or the kind of remark that says why it cannot be read."""
    is_vml = name(image) == "v:imagedata"
    key = attribute(image, "r:id") or attribute(image, "o:relid") if is_vml else attribute(image, "r:embed")
    relation = package.relation(key)
    if not key or (relation is not None and relation.is_external):
        return "linked picture"
    content = package.content(relation.part) if relation else None
    if content is None:
        return "missing picture"
    media_type = media_type_of(content)
    if not media_type:
        return "unknown picture"
    if len(content) > PICTURE_MEGABYTES * 2**20:
        return "large picture"
    width, height = _vml_size(image) if is_vml else _size(image, drawing, is_alone)
    return Picture(content, media_type, width, height, _description(image, drawing))


def _size(image: "_Element", drawing: "_Element", is_alone: bool) -> tuple[int, int]:
    """Return the size on paper: of the whole drawing or, in a group, of the picture. A group may be drawn larger or
    smaller than the size its parts state."""
    frame = next((item for item in drawing if name(item) in ("wp:inline", "wp:anchor")), None)
    whole = _pair(descend(frame, "wp:extent"))
    outer = list(image.iterancestors())
    groups = [item for item in outer if descend(item, "wpg:grpSpPr") is not None]
    own = next((pair for item in outer if all(pair := _own_size(item))), (0, 0))
    if is_alone and not (groups and all(own)):
        return whole
    width, height = own
    for group in groups:
        drawn, inner = (_pair(descend(group, "wpg:grpSpPr", "a:xfrm", part)) for part in ("a:ext", "a:chExt"))
        if all(drawn) and all(inner):
            width, height = width * drawn[0] // inner[0], height * drawn[1] // inner[1]
    return width, height


def _own_size(shape: "_Element") -> tuple[int, int]:
    properties = (child for child in shape if name(child) in ("pic:spPr", "wps:spPr"))
    return next((_pair(descend(item, "a:xfrm", "a:ext")) for item in properties), (0, 0))


def _pair(extent: "_Element | None") -> tuple[int, int]:
    if extent is None:
        return 0, 0
    return max(integer(extent.get("cx") or ""), 0), max(integer(extent.get("cy") or ""), 0)


def _vml_size(image: "_Element") -> tuple[int, int]:
    shape = image.getparent()
    parts = ("" if shape is None else shape.get("style") or "").split(";")
    style = {key.strip(): value.strip() for key, _, value in (part.partition(":") for part in parts)}
    lengths = (_LENGTH.fullmatch(style.get(side, "")) for side in ("width", "height"))
    width, height = (round(float(found[1]) * _UNITS[found[2]]) if found else 0 for found in lengths)
    return width, height


def _description(image: "_Element", drawing: "_Element") -> str:
    """Return the text that describes the picture. Names that Word gives by itself (“图片 1”) do not count."""
    for outer in image.iterancestors():
        own = descend(outer, "pic:nvPicPr", "pic:cNvPr")
        text = (own.get("descr") if own is not None else outer.get("alt")) or ""
        if text.strip():
            return text.strip()
        if outer is drawing:
            break
    frames = (item for kind in ("wp:inline", "wp:anchor") for item in children(drawing, kind))
    described = descend(next(frames, None), "wp:docPr")
    return "" if described is None else (described.get("descr") or "").strip()
