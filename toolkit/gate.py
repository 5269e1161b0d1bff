"""Opens a returned file, and tells what kind of file it is by its content and never by its name."""

from pathlib import Path
from typing import Literal

from toolkit.problems import Unreadable

Kind = Literal["workbook", "json"]

HEAD = 4096
"""Bytes that tell what a file is."""
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
    """Whether a file is an Excel workbook or JSON data.

    Raises Unreadable, with what the file seems to be, for everything else.
    """
    head = content[:HEAD]
    if not head:
        raise Unreadable("是空文件（0 字节）。请让报送单位重新发送。")
    if head.startswith(b"PK\x03\x04"):
        return "workbook"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(f"是加密的工作簿，或旧格式（.xls、.et、.doc）文件，读不了。{SAVE_AS}加密的请先取消密码。")
    text = head.decode("utf-8-sig", "ignore").lstrip()
    if text[:1] in ("{", "["):
        return "json"
    if text[:1] == "<":
        raise Unreadable(f"是网页或 XML 文件，不是工作簿。{SAVE_AS}")
    if head.startswith(b"%PDF"):
        raise Unreadable("是 PDF 文件，不是工作簿。请提供填好的 Excel 表。")
    raise Unreadable(f"不是 Excel 工作簿，也不是 JSON 数据文件。{SAVE_AS}")
