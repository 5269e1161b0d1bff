"""The lock of a results folder (结果文件夹): two runs never work on the same results at once."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from toolkit.characters import one_line
from toolkit.files.write import write_output
from toolkit.files.write_errors import in_words
from toolkit.problems import Problem

LOCK_NAME, HOLDER_NAME = ".gknb-使用中.lock", ".gknb-使用者"
"""The file that is locked, and the file that says who has locked it: on Windows nobody can read a locked file."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a results folder for this run until the end of the block. The folder is made if it does not exist.

    The operating system frees the lock when the process ends, however it ends. Raise Problem when another run has the
    lock; the message says who works there and since when.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_NAME, timeout=0)
    with in_words(folder / LOCK_NAME):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise Problem(
                f"{folder} 正在被另一个 gknb 使用{_holder(folder)}。请等它做完，或换一个结果文件夹。"
            ) from None
        except NotImplementedError:
            raise Problem(f"{folder} 所在的磁盘不能锁定文件，不能保证只有一个 gknb 在用。请写到本机的磁盘。") from None
    try:
        write_output(folder / HOLDER_NAME, json.dumps(_who_we_are(), ensure_ascii=False).encode(), force=True)
        yield
    finally:
        with suppress(OSError):
            (folder / HOLDER_NAME).unlink(missing_ok=True)
        lock.release()


def _who_we_are() -> dict[str, object]:
    return {"machine": platform.node(), "process": os.getpid(), "since": datetime.now().strftime("%Y-%m-%d %H:%M:%S")}


def _holder(folder: Path) -> str:
    """Return in words who has the lock; empty if it is not known."""
    try:
        who = json.loads((folder / HOLDER_NAME).read_bytes())
        machine, process, since = (one_line(str(who[key]))[:80] for key in ("machine", "process", "since"))
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return f"（{machine} 上的进程 {process}，{since} 开始）"
