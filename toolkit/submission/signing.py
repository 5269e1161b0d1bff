"""Signatures (签名) of templates: an office signs the identity of each template with a key (密钥) that only it has.

The method is HMAC-SHA256. Whoever has the key can sign, so nobody else gets it. Only the identity is signed, not the
figures that an agency fills in.
"""

import hmac
import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from toolkit.files.read import open_regular
from toolkit.files.write import require_folder
from toolkit.problems import Problem, Unreadable
from toolkit.submission.model import Identity

HEAD = "gknb-key-1"
SECRET_BYTES = 32
FILE_LIMIT = 1024
"""Bytes. A key file is one short line; a program may have added a byte order mark before it and line ends after it."""
_KEY_FILE = re.compile(rf"{HEAD}:([0-9a-f]{{{2 * SECRET_BYTES}}}):([0-9a-f]{{8}})")
_TEMPLATE_PURPOSE, _RUN_PURPOSE = "gknb-template-1", "gknb-run-1"
"""The purpose of a signature stands in what is signed, so that one use is never taken for the other."""
NEW_KEY = "还没有密钥的，用 gknb key -o office.key 生成。"


@dataclass(frozen=True, slots=True)
class Key:
    """The secret that an office signs with. It is never shown, not even in an error."""

    secret: bytes = field(repr=False)


def new_key() -> Key:
    """Return a new random key."""
    return Key(secrets.token_bytes(SECRET_BYTES))


def sign(key: Key, identity: Identity) -> str:
    """Return the signature of an identity. The fields are joined as JSON, so their limits stay clear whatever they
    contain."""
    fields = (_TEMPLATE_PURPOSE, identity.form, identity.year, identity.agency, identity.serial)
    return _code(key, json.dumps(fields, separators=(",", ":")))


def verify(key: Key, identity: Identity, signature: str) -> bool:
    """Return True if `signature`, which may be any text, is the signature of the identity by this key."""
    return hmac.compare_digest(sign(key, identity).encode(), signature.encode("utf-8", "backslashreplace"))


def key_mark(key: Key) -> str:
    """Return a mark that distinguishes runs with different keys. The key cannot be derived from it."""
    return _code(key, _RUN_PURPOSE)


def _code(key: Key, text: str) -> str:
    return hmac.new(key.secret, text.encode(), sha256).hexdigest()


def key_text(key: Key) -> str:
    """Return the line of a key file. It contains a check sum that shows damage."""
    return f"{HEAD}:{key.secret.hex()}:{_check_sum(key.secret)}\n"


def _check_sum(secret: bytes) -> str:
    return sha256(HEAD.encode() + secret).hexdigest()[:8]


def write_key(path: Path, key: Key) -> None:
    """Write a key file that only its owner may read, from its first moment on.

    Raise Problem when the file already exists: without its key, nothing that was issued can be verified any more.
    """
    if path.is_dir():
        raise Problem(f"{path} 是文件夹，不能写成文件。请换一个输出文件名。")
    require_folder(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise Problem(
            f"{path} 已经存在，没有覆盖。密钥文件从不覆盖（也没有 --force）：原来的密钥没有了，"
            "用它签名的模板就再也不能核对。请换一个文件名。"
        ) from None
    try:
        with os.fdopen(file, "wb") as out:
            out.write(key_text(key).encode())
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def read_key(path: Path) -> Key:
    """Return the key in a file. Raise Problem when it is not a key file or is damaged; the message shows nothing of the
    content."""
    found = _KEY_FILE.fullmatch(_key_line(path))
    if found is None:
        raise Problem(f"密钥文件 {path} 已损坏（长度或字符不对）。请用备份的密钥文件。")
    secret = bytes.fromhex(found[1])
    if found[2] != _check_sum(secret):
        raise Problem(f"密钥文件 {path} 已损坏（校验和不符）。请用备份的密钥文件。")
    return Key(secret)


def _key_line(path: Path) -> str:
    """Return the line in a key file, intact or damaged. Raise Problem when the file is not a key file."""
    content = _content(path)
    if not content:
        raise Problem(f"密钥文件 {path} 是空的。请检查 --key；{NEW_KEY}")
    if len(content) > FILE_LIMIT:
        raise Problem(f"{path} 太大，不是密钥文件。请检查 --key；{NEW_KEY}")
    try:
        line = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        line = ""
    if not line.startswith(HEAD):
        raise Problem(f"{path} 不是 gknb key 生成的密钥文件。请检查 --key；{NEW_KEY}")
    return line


def _content(path: Path) -> bytes:
    """Return the beginning of a file, one byte more than a key file may have."""
    try:
        with open_regular(path) as file:
            return file.read(FILE_LIMIT + 1)
    except (IsADirectoryError, Unreadable):
        raise Problem(f"{path} 不是文件，读不出密钥。请检查 --key；{NEW_KEY}") from None
    except FileNotFoundError:
        raise Problem(f"找不到密钥文件 {path}。请检查 --key；{NEW_KEY}") from None
    except OSError:
        raise Problem(f"密钥文件 {path} 读不了，可能没有读取权限。请检查后再试。") from None


def require_key_outside(key_file: Path, folder: Path) -> None:
    """Raise Problem when a key file lies in a folder that is handed out."""
    places = key_file.resolve(), key_file.parent.resolve() / key_file.name  # for a link: its target and the link itself
    if any(place.is_relative_to(folder.resolve()) for place in places):
        raise Problem(
            f"密钥文件 {key_file} 在要发出去的文件夹 {folder} 里：拿到密钥的人都能签名。"
            "请先把它移到只有审核机关能看到的地方。"
        )
