"""Opens a returned file, and tells what kind of file it is by its content and never by its name."""

import codecs
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Literal

from toolkit.problems import Unreadable

Kind = Literal["workbook", "json", "word", "web", "pdf", "text"]

HEAD = 4096
"""Bytes that tell what a file is."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|div|p|h\d|article|meta|title|center|section)\b|<!--", re.I
)
SAVE_AS = "请用 Excel 或 WPS 打开原表，另存为“Excel 工作簿（.xlsx）”后再试。"


def read_bytes(path: Path) -> bytes:
    """What a file holds; it is only read.

    Raises Unreadable, with the reason and what to do.
    """
    if not path.is_file() and not path.is_dir() and path.exists():
        raise Unreadable("不是普通文件（是设备或管道），没有读。")
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise Unreadable("文件夹里的内容看不到。请检查是否有权限。") from None
    except PermissionError:
        raise Unreadable("没有读取权限，或文件正被其他程序占用。请关闭后再试。") from None
    except OSError:
        raise Unreadable("文件打不开。请检查文件是否还在、磁盘或网络是否正常。") from None


def kind_of(content: bytes) -> Kind:
    """What a file is: an Excel workbook, JSON data, or a published report as Word document, web page, PDF or text.

    Raises Unreadable, with what the file seems to be, for everything else.
    """
    head = content[:HEAD]
    if not head:
        raise Unreadable("是空文件（0 字节）。请让报送单位重新发送。")
    if head.startswith(b"PK\x03\x04"):
        return "word" if _is_word(content) else "workbook"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(f"是加密的工作簿，或旧格式（.xls、.et、.doc）文件，读不了。{SAVE_AS}加密的请先取消密码。")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    text = _text_of(head)
    if text is None:
        raise Unreadable(f"不是 Excel 工作簿，也不是 JSON 数据文件。{SAVE_AS}")
    if text[:1] in ("{", "["):
        return "json"
    if text[:1] != "<":
        return "text"
    if _MARKUP.search(text):
        return "web"
    raise Unreadable(f"是 XML 文件，不是工作簿，也不是网页。{SAVE_AS}")


def _is_word(content: bytes) -> bool:
    """Whether a package is a Word document; what is damaged is looked at by who reads workbooks."""
    try:
        return any(name.startswith("word/") for name in zipfile.ZipFile(BytesIO(content)).namelist())
    except Exception:  # whatever the bytes hold, the archive's reader may raise on them
        return False


def _text_of(head: bytes) -> str | None:
    """The beginning of a text without white space before it; None for what is no text."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut
        except UnicodeDecodeError:
            continue
        return None if _CONTROL.search(text) else text.lstrip()
    return None
