"""The container of Microsoft's older programs (复合文档). It holds .xls, .et and .doc files, and Office files with a
password to open them."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from toolkit.files.kinds import CHECK_FILE, SAVE_AS, SAVE_WORD_AS, other_kind
from toolkit.problems import Unreadable

READ_ONLY = "VelvetSweatshop"
"""The password that Excel itself puts on a workbook that is to be opened read-only. Excel tries it by itself."""
DAMAGED = f"是旧格式（.xls、.et）或加密的文件，已损坏，打不开。{SAVE_AS}"
LOCKED = "有打开密码，读不了。请取消密码后重新报送；知道密码的，请加 --file-password。"
WRONG_PASSWORD = "有打开密码，--file-password 给出的都不对。请向报送单位要密码，或让其取消密码后重新报送。"


def is_locked(content: bytes) -> bool:
    """Return True if the file has a password. Raise Unreadable when it is not a spreadsheet, or is damaged."""
    streams = {stream.lower() for stream in streams_of(content)}
    if "encryptedpackage" in streams:
        return True
    if not streams & {"workbook", "book"}:
        if "worddocument" in streams:
            raise other_kind("旧格式的文档（.doc、.wps）", SAVE_WORD_AS)
        raise other_kind("演示文稿（.ppt）" if "powerpoint document" in streams else "别的程序的文件", CHECK_FILE)
    return bool(_or_damaged(lambda: _office_file(content).is_encrypted()))


def streams_of(content: bytes) -> list[str]:
    """Return the names of the streams in the file, with their folders. Raise Unreadable when it is damaged."""
    return list(_or_damaged(lambda: _streams(content)))


def _streams(content: bytes) -> list[str]:
    import olefile

    with olefile.OleFileIO(BytesIO(content)) as file:
        return ["/".join(path) for path in file.listdir()]


def unlocked(content: bytes, passwords: tuple[str, ...]) -> tuple[bytes, str]:
    """Return the file without its password, and the password that it had. Raise Unreadable when no password fits."""
    for password in (READ_ONLY, *passwords):
        opened = _or_damaged(partial(_decrypted, content, password))
        if opened is not None:
            return opened, password
    raise Unreadable(WRONG_PASSWORD if passwords else LOCKED, "encrypted")


def _decrypted(content: bytes, password: str) -> bytes | None:
    """Return the decrypted bytes, or None when the password is wrong."""
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    file, out = _office_file(content), BytesIO()
    try:
        file.load_key(password=password)
        file.decrypt(out)
    except (DecryptionError, InvalidKeyError):
        return None
    return out.getvalue()


def _office_file(content: bytes) -> Any:
    import msoffcrypto

    return msoffcrypto.OfficeFile(BytesIO(content))


def _or_damaged(step: Callable[[], Any]) -> Any:
    """Run `step` and return its result. Raise Unreadable for a damaged file when it fails."""
    try:
        return step()
    except MemoryError:
        raise
    except Exception:  # msoffcrypto and olefile may raise anything on damaged bytes
        raise Unreadable(DAMAGED, "damaged") from None
