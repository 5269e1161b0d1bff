"""Finds the kind of a returned file from its content, never from its name."""

import codecs
import re
from collections.abc import Iterable
from typing import Literal

from toolkit.problems import Unreadable

FileKind = Literal["workbook", "converted", "json", "word", "web", "pdf", "text"]
"""`converted` is a workbook that another program saved in its own format (.xls, .et, .ods)."""

HEAD = 4096
"""Number of bytes at the beginning from which the kind is found."""
PACKAGE, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|div|p|h\d|article|meta|title|center|section)\b|<!--", re.I
)
SAVE_AS = "请让报送单位用 Excel 或 WPS 打开原表，另存为“Excel 工作簿（.xlsx）”后重新报送。"
SAVE_WORD_AS = "请用 Word 或 WPS 打开原文件，另存为“Word 文档（.docx）”后再试。"
CHECK_FILE = "请检查是不是放错了文件。"
UNPACK = "请解压后再放，或改用 .zip。"
DAMAGED = f"不是完整的 Excel 工作簿，可能传输时损坏，或是改了扩展名的其他文件。{SAVE_AS}"

_OTHER_KINDS = (
    (b"{\\rtf", "RTF 文件"),
    (b"Rar!\x1a\x07", "压缩包（.rar）"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包（.7z）"),
    (b"\x1f\x8b", "压缩包（.gz）"),
    (b"PK\x05\x06", "空的压缩包"),
    (b"MZ", "程序（.exe）"),
    (b"\x7fELF", "程序"),
    (b"#!", "程序（脚本）"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "快捷方式（.lnk）"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"SQLite format 3\x00", "数据库文件"),
)


def other_kind(what: str, then: str = CHECK_FILE) -> Unreadable:
    """Return the Unreadable for a file of a kind that is not supported. `what` names the kind, `then` says what to
    do."""
    space = " " if what[0].isascii() else ""
    return Unreadable(f"是{space}{what}，读不了。{then}", "other-kind")


def kind_of_single_file(content: bytes) -> FileKind:
    """Return the kind of a file that is not a package: data, or a published report as a web page, PDF or text.

    Raise Unreadable, with what the file seems to be, for everything else.
    """
    head = content[:HEAD]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if known := next((what for mark, what in _OTHER_KINDS if head.startswith(mark)), ""):
        raise other_kind(known, UNPACK if known.startswith("压缩包") else CHECK_FILE)
    text = _text_of(head)
    if text is None:
        raise Unreadable(f"不是 Excel 工作簿，也不是 JSON 数据文件。{SAVE_AS}", "other-kind")
    if text[:1] in ("{", "["):
        return "json"
    if text[:1] != "<":
        return "text"
    if _MARKUP.search(text):
        return "web"
    raise Unreadable(f"是 XML 文件，不是工作簿，也不是网页。{SAVE_AS}", "other-kind")


def kind_of_package(names: Iterable[str], mimetype: bytes) -> FileKind:
    """Return the kind of a package, from the names of its parts and its `mimetype` part. Raise Unreadable when it is
    not a supported kind."""
    there = {name.replace("\\", "/").lower() for name in names}
    folders = {name.partition("/")[0] for name in there}
    if "xl/workbook.bin" in there:
        raise other_kind("二进制的 Excel 工作簿（.xlsb）", SAVE_AS)
    if "[content_types].xml" in there:
        if "word" in folders:
            return "word"
        if "xl" in folders:
            return "workbook"
        raise other_kind("演示文稿（.pptx）" if "ppt" in folders else "别的程序的文件")
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "converted"
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        raise other_kind("OpenDocument 文件（.odt 等）", SAVE_WORD_AS)
    if folders & {"xl", "_rels"}:
        raise Unreadable(DAMAGED, "damaged")
    raise other_kind("压缩包", "请解压；要连压缩包一起交的，扩展名应为 .zip。")


def _text_of(head: bytes) -> str | None:
    """Return the beginning of a text without leading white space, or None if the bytes are not text."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut
        except UnicodeDecodeError:
            continue
        return None if _CONTROL.search(text) else text.lstrip()
    return None
