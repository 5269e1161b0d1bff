"""Builds packages (zip) of every kind, sound and unsound, out of parts."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import load_workbook

WORKBOOK_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STREAMED = 2**20


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Mapping[str, bytes | int], more: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """A package; a number stands for so many zeros. `more` may repeat names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (*parts.items(), *more):
            if isinstance(content, bytes):
                _write(package, name, content)
                continue
            zeros = zipfile.ZipInfo(name)
            zeros.compress_type = zipfile.ZIP_DEFLATED
            with package.open(zeros, "w", force_zip64=True) as file:
                for start in range(0, content, _STREAMED):
                    file.write(bytes(min(_STREAMED, content - start)))
    return out.getvalue()


def _write(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name  # names that are not allowed, too
    info.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(info, content)


def replaced(parts: Mapping[str, bytes], part: str, old: bytes, new: bytes) -> dict[str, bytes]:
    """Parts with the first `old` in one of them replaced; it has to be there."""
    assert old in parts[part], (part, old)
    return {**parts, part: parts[part].replace(old, new, 1)}


def related(
    parts: Mapping[str, bytes], of: str, key: str, kind: str, target: str, outside: bool = False
) -> dict[str, bytes]:
    """Parts with one more relationship of a part."""
    folder, _, name = of.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    mode = ' TargetMode="External"' if outside else ""
    kind = kind if "://" in kind else f"{RELATIONSHIPS}/{kind}"
    link = f'<Relationship Id="{key}" Type="{kind}" Target="{target}"{mode}/>'
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    there = parts.get(rels, empty)
    return {**parts, rels: there.replace(b"</Relationships>", link.encode() + b"</Relationships>", 1)}


def with_table(parts: Mapping[str, bytes], sheet: str, column: str, total: str) -> dict[str, bytes]:
    """A workbook with a table (列表) on a sheet, beside what is to be filled in, whose columns have formulas."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = (
        f'<table xmlns="{space}" id="1" name="甲" displayName="甲" ref="L60:M62" totalsRowCount="1">'
        f'<tableColumns count="2"><tableColumn id="1" name="a"><calculatedColumnFormula>{column}'
        '</calculatedColumnFormula></tableColumn><tableColumn id="2" name="b" totalsRowFunction="custom">'
        f"<totalsRowFormula>{total}</totalsRowFormula></tableColumn></tableColumns></table>"
    )
    heads = (f'<c r="{letter}60" t="inlineStr"><is><t>{name}</t></is></c>' for letter, name in ("La", "Mb"))
    rows = f'<row r="60">{"".join(heads)}</row><row r="61"><c r="L61"><v>1</v></c></row></sheetData>'
    held = f'<tableParts xmlns:t="{RELATIONSHIPS}" count="1"><tablePart t:id="t1"/></tableParts></worksheet>'
    made = replaced(parts, sheet, b"</sheetData>", rows.encode())
    made = replaced(made, sheet, b"</worksheet>", held.encode())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
    known = f'<Override PartName="/xl/tables/table1.xml" ContentType="{kind}"/></Types>'
    made = replaced(made, "[Content_Types].xml", b"</Types>", known.encode())
    return related({**made, "xl/tables/table1.xml": table.encode()}, sheet, "t1", "table", "../tables/table1.xml")


def with_false_size(content: bytes, name: str, says: int) -> bytes:
    """A package in which a part is said, in both places, to be of another size than it is."""
    raw = bytearray(content)
    encoded = name.encode()
    local = raw.find(b"PK\x03\x04")
    while local >= 0 and raw[local + 30 : local + 30 + len(encoded)] != encoded:
        local = raw.find(b"PK\x03\x04", local + 4)
    central = raw.find(b"PK\x01\x02")
    while central >= 0 and raw[central + 46 : central + 46 + len(encoded)] != encoded:
        central = raw.find(b"PK\x01\x02", central + 4)
    struct.pack_into("<I", raw, local + 22, says)
    struct.pack_into("<I", raw, central + 24, says)
    return bytes(raw)


def marked_encrypted(content: bytes) -> bytes:
    """A package that says of every part that it has a password."""
    raw = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(mark, at + 4)
    return bytes(raw)


def overlapping(count: int, size: int) -> bytes:
    """A package of many names for one and the same member: small, though each unpacks to `size` zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(size)
    data = packer.compress(zeros) + packer.flush()
    crc = zlib.crc32(zeros)
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(data), size, 4, 0) + b"a000"
    out = bytearray(head + data)
    start = len(out)
    for number in range(count):
        name = f"a{number:03}".encode()
        out += struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(data), size, len(name), 0, 0, 0, 0, 0, 0
        )
        out += name
    out += struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(out) - start, start, 0)
    return bytes(out)


def wide_directory(entries: int) -> bytes:
    """A package whose directory has very many entries, all of nothing."""
    one = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    body = b"PK\x03\x04" + bytes(26)
    directory = one * entries
    end = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, entries & 0xFFFF, entries & 0xFFFF, len(directory), len(body), 0
    )
    return body + directory + end


def locked(content: bytes, password: str) -> bytes:
    """A workbook with a password to open it."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def as_ods(book: Path | IO[bytes], more: str = "") -> bytes:
    """The values of a workbook as a table in the OpenDocument format, its hidden sheets among them; `more` follows."""
    sheets = load_workbook(book, data_only=True).worksheets
    return ods("".join(_ods_table(sheet.title, sheet.iter_rows(values_only=True)) for sheet in sheets) + more)


def _ods_table(name: str, rows: Iterable[Iterable[object]]) -> str:
    lines = ("".join(map(_ods_cell, row)) for row in rows)
    inside = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    return f'<table:table table:name="{name}">{inside}</table:table>'


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'


def ods(tables: str) -> bytes:
    """A spreadsheet in the OpenDocument format."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "script", "draw")
    )
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = f"<office:document-content {spaces}>{body}</office:document-content>".encode()
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})
