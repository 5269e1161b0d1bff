"""Small Word files written by hand, part by part, so that a test can hold whatever a word processor might write."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from xml.sax.saxutils import escape

from docx.document import Document
from docx.oxml import parse_xml

SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
STRICT = {
    "w": "http://purl.oclc.org/ooxml/wordprocessingml/main",
    "r": "http://purl.oclc.org/ooxml/officeDocument/relationships",
    "a": "http://purl.oclc.org/ooxml/drawingml/main",
    "pic": "http://purl.oclc.org/ooxml/drawingml/picture",
    "wp": "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
}
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PARTS = ("styles", "numbering", "comments", "footnotes", "endnotes")


def docx(
    body: str,
    *,
    media: Mapping[str, bytes] | None = None,
    links: str = "",
    spaces: Mapping[str, str] | None = None,
    main_type: str = MAIN,
    replaced: Mapping[str, bytes | None] | None = None,
    **parts: str,
) -> bytes:
    """A Word file with this body. `media` are pictures by relation id, `parts` what stands inside of styles, numbering,
    comments, footnotes, endnotes; `replaced` puts other bytes in the place of a part or leaves it out."""
    known = {**SPACES, **(spaces or {})}
    declared = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in known.items())
    kinds = known["r"]
    relations = [f'<Relationship Id="part{name}" Type="{kinds}/{name}" Target="{name}.xml"/>' for name in parts]
    files = {f"word/{name}.xml": f"<w:{name} {declared}>{parts[name]}</w:{name}>".encode() for name in parts}
    for key, content in (media or {}).items():
        relations.append(f'<Relationship Id="{key}" Type="{kinds}/image" Target="media/{key}.png"/>')
        files[f"word/media/{key}.png"] = content
    assert set(parts) <= set(_PARTS)
    files = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main_type}"/></Types>'
        ).encode(),
        "_rels/.rels": _relations(f'<Relationship Id="a" Type="{kinds}/officeDocument" Target="word/document.xml"/>'),
        "word/_rels/document.xml.rels": _relations("".join(relations) + links),
        "word/document.xml": f"<w:document {declared}><w:body>{body}<w:sectPr/></w:body></w:document>".encode(),
        **files,
        **(replaced or {}),
    }
    return packed({name: content for name, content in files.items() if content is not None})


def packed(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _relations(links: str) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{links}</Relationships>'.encode()


def p(*inside: str, style: str = "", properties: str = "") -> str:
    """A paragraph of runs, or of plain texts."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(part if part.startswith("<") else r(part) for part in inside)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def r(text: str, look: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def tc(*blocks: str, properties: str = "") -> str:
    """A cell of paragraphs or tables, or of plain texts."""
    inside = "".join(block if block.startswith("<") else p(block) for block in blocks)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside or p()}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def tbl(*rows: str, grid: tuple[int, ...] = ()) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in grid)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def style(key: str, name: str, inside: str = "", kind: str = "paragraph") -> str:
    return f'<w:style w:type="{kind}" w:styleId="{key}"><w:name w:val="{name}"/>{inside}</w:style>'


def lvl(depth: int, form: str, text: str, inside: str = "", start: int = 1) -> str:
    """A level of a list; `inside` is what else its definition says."""
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{inside}'
        f'<w:lvlText w:val="{escape(text)}"/></w:lvl>'
    )


def family(key: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{key}">{"".join(levels)}</w:abstractNum>'


def num(key: int, of: int, inside: str = "") -> str:
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{of}"/>{inside}</w:num>'


def in_list(key: int, depth: int = 0) -> str:
    """The properties of a paragraph in a list."""
    return f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{key}"/></w:numPr>'


def number_headings(document: Document) -> None:
    """Let a document of python-docx count its headings 一、 （一） 1. by their styles, as documents of offices do."""
    levels = (("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."))
    linked = "".join(
        lvl(depth, form, text, f'<w:pStyle w:val="Heading{depth + 1}"/>') for depth, (form, text) in enumerate(levels)
    )
    declared = f'xmlns:w="{SPACES["w"]}"'
    part = document.part.numbering_part.element
    part.insert(0, parse_xml(f'<w:abstractNum {declared} w:abstractNumId="77">{linked}</w:abstractNum>'))
    part.append(parse_xml(f'<w:num {declared} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for depth in range(3):
        properties = document.styles[f"Heading {depth + 1}"].element.get_or_add_pPr()
        properties.append(parse_xml(in_list(77, depth).replace("<w:numPr>", f"<w:numPr {declared}>")))


def png(width: int = 2, height: int = 2, red: int = 200) -> bytes:
    """A small real picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((red, 0, 0)) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def drawing(blips: str, *, size: tuple[int, int] = (914400, 457200), described: str = "") -> str:
    """A run with a drawing that holds these pictures."""
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{size[0]}" cy="{size[1]}"/>'
        f'<wp:docPr id="1" name="图片 1"{described}/><a:graphic><a:graphicData>{blips}</a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def pic(key: str, inside: str = "") -> str:
    return f'<pic:pic><pic:blipFill><a:blip r:embed="{key}"/></pic:blipFill><pic:spPr>{inside}</pic:spPr></pic:pic>'


def text_box(*paragraphs: str) -> str:
    """A run with a text box as Word writes it: twice, for new and for old readers."""
    inside = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    new = drawing(f"<wps:wsp><wps:txbx>{inside}</wps:txbx></wps:wsp>").removeprefix("<w:r>").removesuffix("</w:r>")
    old = f"<w:pict><v:shape><v:textbox>{inside}</v:textbox></v:shape></w:pict>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{new}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
    )
