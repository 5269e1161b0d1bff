"""Opens a returned file for reading, and for nothing else."""

from pathlib import Path
from typing import IO

from toolkit.gate.limits import MB, STANDARD_LIMITS, Limits
from toolkit.problems import Unreadable

PIECE = 4 * MB


def read_bytes(path: Path, limits: Limits = STANDARD_LIMITS) -> bytes:
    """What a file holds.

    Raises Unreadable, with the reason and what to do; a file that is too large is not read at all.
    """
    try:
        if not path.is_file() and not path.is_dir() and path.exists():
            raise Unreadable("不是普通文件（是设备或管道），没有读。", "other-kind")
        with path.open("rb") as file:
            content = up_to(file, limits.size * MB + 1)
    except IsADirectoryError:
        raise Unreadable("文件夹里的内容看不到。请检查是否有权限。", "no-access") from None
    except PermissionError:
        raise Unreadable("没有读取权限，或文件正被其他程序占用。请关闭后再试。", "no-access") from None
    except OSError:
        raise Unreadable("文件打不开。请检查文件是否还在、磁盘或网络是否正常。", "no-access") from None
    require_small(content, limits)
    return content


def up_to(file: IO[bytes], most: int) -> bytes:
    """What a file holds, at most so many bytes: piece by piece, as one call would set aside room for all of them."""
    pieces, left = list[bytes](), most
    while left and (piece := file.read(min(left, PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def require_small(content: bytes, limits: Limits, what: str = "文件") -> None:
    """Raises Unreadable when the bytes of a file are more than a file may have."""
    if len(content) > limits.size * MB:
        raise too_large(f"{what}超过 {limits.size} MB", f"size={2 * limits.size}")


def too_large(what: str, change: str) -> Unreadable:
    """What is said of a file that goes over a limit."""
    return Unreadable(
        f"{what}，远超过一份填报表或报告应有的，没有读取。请检查是不是放错了文件；确实要读的，请加 --limit {change}。",
        "too-large",
    )
