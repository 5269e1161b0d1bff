"""PDF files written by hand, so that tests know every stroke of them."""

import hashlib
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
TABLE_OF_CODES = (
    b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
    b"1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap"
)
DOCUMENT_ID = b"0123456789abcdef"


def shown(x: float, y: float, text: str, size: float = 10, font: str = "F") -> bytes:
    """A text at a place, measured from the upper left corner of an A4 page; Chinese characters are as wide as the
    size, others half of it."""
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {842 - y} Tm <{text.encode('utf-16-be').hex()}> Tj ET\n".encode()


def stroke(x: float, y: float, to_x: float, to_y: float) -> bytes:
    return f"0.5 w {x} {842 - y} m {to_x} {842 - to_y} l S\n".encode()


def bar(x: float, y: float, width: float, height: float) -> bytes:
    """A filled rectangle."""
    return f"{x} {842 - y - height} {width} {height} re f\n".encode()


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def packed(content: bytes) -> bytes:
    return stream(zlib.compress(content, 9), b"/Filter/FlateDecode")


def written(
    *pages: bytes,
    codes: bytes = TABLE_OF_CODES,
    widths: bytes = b"[32 126 500]",
    resources: bytes = b"",
    others: Sequence[bytes] = (),
    info: bytes = b"",
    password: bytes | None = None,
) -> bytes:
    """A PDF of pages, whose content is given, either drawn or as a stream. `others` are more objects, from number 10;
    with a password it is encrypted (RC4, 40 bits)."""
    streams = [page if page.startswith(b"<<") else packed(page) for page in pages]
    first = 10 + len(others)
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(pages)))
    bold = b"<</Type/Font/Subtype/Type0/BaseFont/Some-Bold/Encoding/Identity-H/DescendantFonts[5 0 R]/ToUnicode 6 0 R>>"
    font = (
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Some/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/DW 1000/W %s/FontDescriptor<</Type/FontDescriptor/FontName"
        b"/Some/Ascent 860/Descent -140/Flags 4/FontBBox[0 -140 1000 860]>>>>" % widths
    )
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        3: b"<</Font<</F 4 0 R/B 7 0 R>>%s>>" % resources,
        4: bold.replace(b"Some-Bold", b"Some"),
        5: font,
        6: stream(codes),
        7: bold.replace(b"5 0 R", font.replace(b"/Some/", b"/Some-Bold/")),
        8: b"null",
        9: b"<<%s>>" % info,
    } | dict(enumerate(others, 10))
    for number, content in enumerate(streams):
        place = first + 2 * number
        objects[place] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources 3 0 R/Contents %d 0 R>>" % (
            place + 1
        )
        objects[place + 1] = content
    return _file(objects, password)


def _file(objects: dict[int, bytes], password: bytes | None) -> bytes:
    trailer = b"/Root 1 0 R/Info 9 0 R/Size %d" % (max(objects) + 1)
    if password is not None:
        owner = hashlib.sha256(b"owner").digest()
        key = hashlib.md5((password + _PADDING)[:32] + owner + (-4 & 0xFFFFFFFF).to_bytes(4, "little") + DOCUMENT_ID)
        objects = {number: _encrypted(number, one, key.digest()[:5]) for number, one in objects.items()}
        user = _rc4(key.digest()[:5], _PADDING)
        trailer += b"/ID[<%s><%s>]" % (DOCUMENT_ID.hex().encode(), DOCUMENT_ID.hex().encode())
        trailer += b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (
            owner.hex().encode(),
            user.hex().encode(),
        )
    out, offsets = bytearray(b"%PDF-1.5\n"), dict[int, int]()
    for number, content in sorted(objects.items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    return bytes(out + b"trailer<<%s>>\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))


def _encrypted(number: int, content: bytes, key: bytes) -> bytes:
    head, found, rest = content.partition(b"stream\n")
    if not found:
        return content
    own = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
    return head + found + _rc4(own, rest.removesuffix(b"\nendstream")) + b"\nendstream"


def _rc4(key: bytes, data: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def pdf_text(path: Path, *options: str) -> str:
    command = ["pdftotext", "-enc", "UTF-8", *options, str(path), "-"]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
