"""The database of a ledger (台账): its tables, the test if a file is a ledger of ours, and its errors in words."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from toolkit.files.write_errors import Unwritable

TABLES = """
CREATE TABLE IF NOT EXISTS run (fingerprint TEXT);
CREATE TABLE IF NOT EXISTS contents (
    id INTEGER PRIMARY KEY, digest TEXT, suffix TEXT, status TEXT, agency TEXT, key TEXT, year INTEGER, form TEXT,
    issued TEXT, empty INTEGER, final INTEGER, doubt INTEGER,
    findings TEXT, texts BLOB, without_power TEXT, cells BLOB, explanations TEXT, own_digest TEXT, parts INTEGER,
    seal TEXT
);
CREATE INDEX IF NOT EXISTS contents_digest ON contents (digest);
CREATE TABLE IF NOT EXISTS essences (
    content INTEGER, section TEXT, essence TEXT, length INTEGER, bits BLOB, bands TEXT
);
CREATE INDEX IF NOT EXISTS essences_content ON essences (content);
DROP TABLE IF EXISTS items;
CREATE TABLE items (
    id INTEGER PRIMARY KEY, place TEXT UNIQUE, name TEXT UNIQUE, path TEXT, members TEXT, changed REAL, refused TEXT,
    twin INTEGER, received REAL, received_by TEXT, clues TEXT, is_report INTEGER
);
DROP TABLE IF EXISTS left_out;
CREATE TABLE left_out (
    id INTEGER PRIMARY KEY, path TEXT, reason TEXT, kind TEXT, received REAL, received_by TEXT, entry INTEGER
);
DROP TABLE IF EXISTS returns;
CREATE TABLE returns (
    id INTEGER PRIMARY KEY, item INTEGER, name TEXT, changed REAL, received REAL, received_by TEXT, content INTEGER,
    status TEXT, key TEXT, year INTEGER, more TEXT DEFAULT '[]', answers TEXT DEFAULT '[{}, {}]',
    standing TEXT DEFAULT '', entry INTEGER
);
CREATE INDEX returns_key ON returns (key, year);
CREATE INDEX returns_content ON returns (content);
CREATE INDEX returns_item ON returns (item);
"""
"""Contents depend only on the bytes of a file and are valid for a later run; items and returns belong to one run. Each
content has a seal over everything that is kept of it: if a person or a disk has changed it, it is not used."""
CONTENT = (
    "digest, suffix, status, agency, key, year, form, issued, empty, final, doubt,"
    " findings, texts, without_power, cells, explanations, own_digest, parts"
)
"""The columns of a content that its seal covers."""
ESSENCE = "section, essence, length, bits, bands"


class Database(sqlite3.Connection):
    """A connection that raises Unwritable, in words, once `place` says where the ledger is and if it is kept."""

    place: tuple[Path, bool] | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Execute a statement. Raise Unwritable in words."""
        with self._in_words():
            return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Execute a statement with many rows. Raise Unwritable in words."""
        with self._in_words():
            return super().executemany(sql, parameters)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self.place is None:
                raise
            raise Unwritable(fault_words(*self.place, error), everywhere=True) from None


def fault_words(path: Path, kept: bool, error: sqlite3.Error) -> str:
    """Return in words what went wrong with a ledger, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    then = "，再用 --resume 接着做" if kept else "后再试"
    match code:
        case sqlite3.SQLITE_FULL:
            return f"写不进 {path}：磁盘已满。请腾出空间{then}。"
        case sqlite3.SQLITE_READONLY:
            return f"写不进 {path}：该位置是只读的。请改为可写{then}。"
        case sqlite3.SQLITE_CANTOPEN:
            return f"写不进 {path}：没有写入权限，或该位置是只读的、断开了。请检查{then}。"
        case sqlite3.SQLITE_IOERR:
            return f"写不进 {path}：磁盘已满，或磁盘、网络位置断开了。请检查{then}。"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"写不进 {path}：另一个 gknb 正在用。请等它做完后再试。"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return f"{path} 已经损坏，读不出上次的进度。请不加 --resume，重新校验（加 --force）。"
    return f"{path} 读写时出错。请检查磁盘{then}。"


def is_ours(path: Path) -> bool:
    """Return True if a file is a ledger with exactly the tables of this version."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(TABLES)
        own_schema = fresh.execute(_SCHEMA).fetchall()
    return _rows_of(path, _SCHEMA) == own_schema


_SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


def is_of(path: Path, fingerprint: str) -> bool:
    """Return True if a ledger belongs to runs with this fingerprint."""
    return _rows_of(path, "SELECT fingerprint FROM run") == [(fingerprint,)]


def _rows_of(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return rows of a file, none if it is no database. Raise sqlite3.Error when another process has it locked."""
    base = sqlite3.connect(path)
    try:
        return base.execute(sql).fetchall()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return []
    finally:
        base.close()


def drop_altered(base: sqlite3.Connection) -> int:
    """Delete the contents that are not as they were recorded, and return how many. If one part of a file is deleted,
    its other parts are deleted, too."""
    base.text_factory = _decoded
    altered = [
        (number,)
        for number, seal, *row in base.execute(f"SELECT id, seal, {CONTENT} FROM contents")
        if seal != seal_of(row, base.execute(_ESSENCES_OF, (number,)))
    ]
    base.text_factory = str
    base.executemany("DELETE FROM contents WHERE id = ?", altered)
    base.execute(f"DELETE FROM contents WHERE digest NOT IN (SELECT digest FROM contents {_COMPLETE})")
    base.execute("DELETE FROM essences WHERE content NOT IN (SELECT id FROM contents)")
    return len(altered)


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


_ESSENCES_OF = f"SELECT {ESSENCE} FROM essences WHERE content = ? ORDER BY rowid"
_COMPLETE = "GROUP BY digest HAVING count(*) = max(parts) AND min(parts) = max(parts)"
"""Selects files of which all parts are there."""


def seal_of(row: Iterable[Any], essences: Iterable[Sequence[Any]]) -> str:
    """Return the digest of what is kept of a content: every value, with its type."""
    values = (tuple(row), [tuple(essence) for essence in essences])
    return sha256(repr(values).encode("utf-8", "backslashreplace")).hexdigest()
