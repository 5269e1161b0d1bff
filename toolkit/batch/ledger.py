"""The ledger (台账) of a batch: which files there are, and what came of each; on disk, so that memory stays flat.

It stands in the folder of the results, where `--resume` finds what is done, or in a temporary place.
"""

import json
import os
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any, Literal

from toolkit.batch.intake import Item, Left, LeftOut, on_disk, storable
from toolkit.characters import plain
from toolkit.checks.alike import Profile
from toolkit.checks.findings import Finding
from toolkit.checks.registry import REFUSING
from toolkit.checks.signature import GENUINE
from toolkit.files.write_errors import DiskPlace, Unwritable, in_words, place_of
from toolkit.problems import Cause, Problem
from toolkit.submission.model import NO_NAME

LEDGER_NAME = ".gknb-台账.sqlite"
PART_BITS = 24
"""So many bits number the submissions within one file."""
PAGE = 500
"""Rows that are held in memory at a time."""

Status = Literal["passed", "failed", "unreadable"]
STATUS_WORDS: dict[Status, Literal["通过", "有误", "无法读取"]] = {
    "passed": "通过",
    "failed": "有误",
    "unreadable": "无法读取",
}

_TABLES = """
CREATE TABLE IF NOT EXISTS run (fingerprint TEXT);
CREATE TABLE IF NOT EXISTS contents (
    id INTEGER PRIMARY KEY, digest TEXT, suffix TEXT, status TEXT, agency TEXT, key TEXT, year INTEGER, form TEXT,
    issued TEXT, empty INTEGER, final INTEGER, findings TEXT, texts BLOB,
    without_power TEXT, parts INTEGER, seal TEXT
);
CREATE INDEX IF NOT EXISTS contents_digest ON contents (digest);
CREATE TABLE IF NOT EXISTS essences (
    content INTEGER, section TEXT, essence TEXT, length INTEGER, bits BLOB, bands TEXT
);
CREATE INDEX IF NOT EXISTS essences_content ON essences (content);
DROP TABLE IF EXISTS items;
CREATE TABLE items (
    id INTEGER PRIMARY KEY, place TEXT UNIQUE, name TEXT UNIQUE, path TEXT, members TEXT, changed REAL, refused TEXT,
    twin INTEGER
);
DROP TABLE IF EXISTS left_out;
CREATE TABLE left_out (id INTEGER PRIMARY KEY, path TEXT, reason TEXT);
DROP TABLE IF EXISTS returns;
CREATE TABLE returns (
    id INTEGER PRIMARY KEY, item INTEGER, name TEXT, changed REAL, content INTEGER, status TEXT, key TEXT,
    year INTEGER, more TEXT DEFAULT '[]', standing TEXT DEFAULT '', entry INTEGER
);
CREATE INDEX returns_key ON returns (key, year);
CREATE INDEX returns_content ON returns (content);
CREATE INDEX returns_item ON returns (item);
"""
"""Contents depend on the bytes of a file alone and hold for a later run; items and returns are of one run. Each content
has a seal over all that is kept of it: what was changed by somebody, or by a disk, is not believed."""
_CONTENT = (
    "digest, suffix, status, agency, key, year, form, issued, empty, final, findings, texts, without_power, parts"
)
_ESSENCE = "section, essence, length, bits, bands"
_HAS = "EXISTS (SELECT 1 FROM json_each(c.findings) AS found WHERE json_extract(found.value, '$.rule')"
IS_GENUINE = f"{_HAS} = '{GENUINE.id}')"
_IS_REFUSED = f"{_HAS} IN {REFUSING} AND json_extract(found.value, '$.severity') = 'error')"
MERIT = f"c.empty, r.status = 'unreadable', NOT {IS_GENUINE}, {_IS_REFUSED}"
COUNTS_FIRST = f"{MERIT}, r.changed DESC, r.id DESC"
"""Which of several returns (r, with what is in them, c) of an agency counts: one that was filled in, that can be read,
whose signature proves that it came on the agency's own template, or does not prove that it did not, where that was
looked at; and then the newest."""
_ITEM = "id, path, members, changed, refused, twin"
_ROW = (
    "r.id, r.item, r.name, r.status, r.changed, r.standing, r.entry, r.more, c.agency, c.year, c.form, c.issued,"
    " c.digest, c.suffix, c.empty, c.final, c.findings, c.without_power"
    " FROM returns r JOIN contents c ON c.id = r.content"
)


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section's text: its paragraphs and where each stands, a digest of what of it is compared with others (empty
    when it is too short), and what proposes the texts that it is held against: its profile, or sketches of it."""

    section: str
    paragraphs: tuple[str, ...]
    places: tuple[str, ...]
    essence: str
    profile: Profile
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of one submission of a batch, or of a file that gave none.

    `issued` is the id that the template was issued with, `digest` the SHA-256 of the file, `texts` what is compared
    with other agencies' texts, `without_power` what is to be said if the body has no rule-making power. `empty` tells
    that nothing was filled in yet, `final` that the same content gives the same result another time. `standing` is the
    state of the return on a roster (已报, 有误 …), empty without one.
    """

    path: str
    status: Status
    findings: tuple[Finding, ...]
    agency: str = ""
    year: int | None = None
    form: str = ""
    issued: str = ""
    digest: str = ""
    suffix: str = ""
    texts: tuple[SectionText, ...] = ()
    without_power: tuple[Finding, ...] = ()
    empty: bool = False
    final: bool = True
    changed: float = 0.0
    standing: str = ""
    entry: int | None = None
    id: int = 0
    item: int = 0

    @property
    def name(self) -> str:
        """What it is called in the results: the agency, or the file when it gave nothing."""
        return self.agency or (PurePath(self.path).name if self.status == "unreadable" else NO_NAME)

    def count(self, severity: str) -> int:
        """How many findings of a severity there are."""
        return sum(found.severity == severity for found in self.findings)

    @property
    def cause(self) -> Cause | None:
        """Why it gave nothing, where it did."""
        return next((found.cause for found in self.findings if found.cause), None)

    def data(self) -> dict[str, Any]:
        """As in findings.json."""
        return {
            "path": self.path,
            "agency": self.agency,
            "year": self.year,
            "form": self.form,
            "status": self.status,
            **({"standing": self.standing} if self.standing else {}),
            **({"cause": self.cause} if self.cause else {}),
            "findings": [found.data() for found in self.findings],
        }


def status_of(findings: Iterable[Finding]) -> Status:
    """Whether a submission passed."""
    return "failed" if any(found.severity == "error" for found in findings) else "passed"


class _Database(sqlite3.Connection):
    """A database that says what goes wrong in words, once it is `told` where it is and whether it is kept."""

    told: tuple[Path, bool] | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        with self._in_words():
            return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        with self._in_words():
            return super().executemany(sql, parameters)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self.told is None:
                raise
            raise Unwritable(_said(*self.told, error), everywhere=True) from None


class Ledger:
    """The files of a batch and their results, in the order in which the files were found."""

    def __init__(self, folder: Path | None = None, fingerprint: str = "", resume: bool = False) -> None:
        """Open the ledger in a folder, a temporary one without. With `resume`, what an earlier run under the same
        `fingerprint` found out is kept by the content of the files.

        `is_anew` tells that it was to be resumed and could not, as what the results depend on is another now, or, when
        `is_damaged`, as it is no ledger of ours any more; `dropped` counts the contents that somebody has changed.
        Raises Problem when the folder cannot be written to.
        """
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="gknb-", ignore_cleanup_errors=True)
        self.path = (Path(self._temporary.name) if self._temporary else folder or Path()) / LEDGER_NAME
        if resume and self.path.exists() and not self.path.is_file():
            raise Problem(f"{self.path} 不是普通文件（是设备或管道），读不出上次的进度。请移走后重新校验。")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            there = resume and self.path.exists()
            self.is_damaged = there and not _is_ours(self.path)
            self.is_anew = there and (self.is_damaged or not _is_of(self.path, fingerprint))
            if not resume or self.is_anew:
                for path in (self.path, self.path.with_name(f"{LEDGER_NAME}-journal")):
                    path.unlink(missing_ok=True)
            self._base = sqlite3.connect(self.path, isolation_level=None, factory=_Database)
            self._base.execute("PRAGMA journal_mode = TRUNCATE")
            self._base.execute("PRAGMA synchronous = OFF")
            self._base.executescript(_TABLES)
            self._base.execute("DELETE FROM contents WHERE NOT final")
            self.dropped = _drop_altered(self._base) if there and not self.is_anew else 0
            self._base.execute("INSERT INTO run SELECT ? WHERE NOT EXISTS (SELECT * FROM run)", (fingerprint,))
            self._base.execute("BEGIN")
        except (sqlite3.Error, OSError) as error:
            self._let_go()
            if isinstance(error, sqlite3.Error):
                raise Unwritable(_said(self.path, False, error), everywhere=True) from None
            with in_words(self.path):
                raise
        self._base.told = self.path, self._temporary is None
        self.place: DiskPlace = place_of(self.path)

    def save(self) -> None:
        """What was recorded so far is on disk from here on."""
        self._commit()
        self._base.execute("BEGIN")

    def close(self) -> None:
        """Save, and let go of the file; a temporary one is gone."""
        try:
            self._commit()
        finally:
            self._let_go()

    def abandon(self) -> None:
        """Let go of the file when something went wrong already; what can be saved is."""
        with suppress(Unwritable):
            self.close()

    def _let_go(self) -> None:
        if hasattr(self, "_base"):
            with suppress(sqlite3.Error):
                self._base.close()
        if self._temporary:
            self._temporary.cleanup()

    def _commit(self) -> None:
        if self._base.in_transaction:  # a full disk ends one by itself
            self._base.execute("COMMIT")

    # ------------------------------------------------------------ files

    def add(self, items: Iterable[Item], left_out: LeftOut) -> int:
        """Take up files, each once, and return how many there are. One that is reached again by another way, through a
        link, is left out. `left_out` is kept here from now on."""
        left_out.keep = self._leave_out
        for item in items:
            place = real_place(item)
            first = self._base.execute(f"SELECT {_ITEM} FROM items WHERE place = ?", (place,)).fetchone()
            if first is None:
                self._take_up(item, place)
            elif (earlier := _item(first).name) != item.name:
                left_out.add(Left(item.name, f"与 {earlier} 是同一个文件，只读一次", again=True))
        self.save()
        return int(self._base.execute("SELECT count(*) FROM items").fetchone()[0])

    def _take_up(self, item: Item, place: str) -> None:
        """Take up a file that is new. Two that look the same by name, such as one in another encoding, are numbered."""
        while self._base.execute("SELECT 1 FROM items WHERE name = ?", (item.name,)).fetchone():
            item = replace(item, twin=item.twin + 1)
        self._base.execute(
            "INSERT INTO items (place, name, path, members, changed, refused, twin) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (place, item.name, item.path, json.dumps(item.members), item.changed, json.dumps(item.refused), item.twin),
        )

    def _leave_out(self, left: Left) -> None:
        self._base.execute("INSERT INTO left_out (path, reason) VALUES (?, ?)", (left.path, left.reason))

    def left_out(self) -> Iterator[Left]:
        """Yield everything that was left out, in the order of the paths."""
        for path, reason in self._base.execute("SELECT path, reason FROM left_out ORDER BY path, id"):
            yield Left(path, reason)

    def count_left_out(self) -> int:
        """Return how much was left out."""
        return int(self._base.execute("SELECT count(*) FROM left_out").fetchone()[0])

    def items(self, but_done: bool = False) -> Iterator[Item]:
        """Every file, or those that have no result yet."""
        done = " AND NOT EXISTS (SELECT 1 FROM returns WHERE item = items.id)" if but_done else ""
        for row in self._pages(f"{_ITEM} FROM items WHERE id > ?{done}", "id"):
            yield _item(row)

    def item(self, number: int) -> Item:
        """The file of a number."""
        return _item(next(self.query(f"SELECT {_ITEM} FROM items WHERE id = ?", number)))

    # ------------------------------------------------------------ results

    def record(self, item: Item, results: Sequence[FileResult]) -> None:
        """What came of a file, all of it or nothing: a run that is broken off leaves no part of a file behind."""
        self._base.execute("SAVEPOINT file")
        try:
            self._record(item, results)
        except BaseException:
            with suppress(Unwritable):  # a full disk has undone it already
                self._base.execute("ROLLBACK TO file")
            raise
        finally:
            with suppress(Unwritable):
                self._base.execute("RELEASE file")

    def _record(self, item: Item, results: Sequence[FileResult]) -> None:
        if results and results[0].final and self.record_known(item, results[0].digest):
            return
        for part, result in enumerate(results):
            row = (
                *(result.digest, result.suffix, result.status, result.agency, plain(result.agency)),
                *(result.year, result.form, result.issued, int(result.empty), int(result.final)),
                _packed(result.findings),
                zlib.compress(json.dumps([(t.section, t.paragraphs, t.places) for t in result.texts]).encode(), 1),
                *(_packed(result.without_power), len(results)),
            )
            essences = [(t.section, t.essence, *_stored(t)) for t in result.texts if t.essence]
            marks = ", ".join("?" * (len(row) + 1))
            content = self._base.execute(
                f"INSERT INTO contents ({_CONTENT}, seal) VALUES ({marks})", (*row, _seal(row, essences))
            ).lastrowid
            self._base.executemany(
                f"INSERT INTO essences (content, {_ESSENCE}) VALUES (?, ?, ?, ?, ?, ?)",
                [(content, *essence) for essence in essences],
            )
            self._return(item, part, content or 0)

    def record_known(self, item: Item, digest: str) -> bool:
        """Record what is known of the content of a file; False when nothing is."""
        known = list(self.query("SELECT id, parts FROM contents WHERE digest = ? AND final ORDER BY id", digest))
        if any(parts != len(known) for _, parts in known):
            return False
        for part, (content, _) in enumerate(known):
            self._return(item, part, content)
        return bool(known)

    def _return(self, item: Item, part: int, content: int) -> None:
        """Returns are numbered in the order of the files, whenever they come in."""
        self._base.execute(
            "INSERT INTO returns (id, item, name, changed, content, status, key, year)"
            " SELECT ?, ?, ? || suffix, ?, id, status, key, year FROM contents WHERE id = ?",
            ((item.number << PART_BITS) + part, item.number, item.name, item.changed, content),
        )

    def results(self, where: str = "1", *values: object) -> Iterator[FileResult]:
        """Every result, or those for which a condition on `r` (the return) or `c` (its content) holds."""
        for row in self._pages(f"{_ROW} WHERE ({where}) AND r.id > ?", "r.id", *values):
            yield _result(row)

    def result(self, number: int) -> FileResult:
        """The result of a number."""
        return next(self.results("r.id = ?", number))

    def counts(self) -> dict[str, int]:
        """How many results there are of each status."""
        return dict(self._base.execute("SELECT status, count(*) FROM returns GROUP BY status"))

    def add_findings(self, number: int, findings: Sequence[Finding]) -> None:
        """Add what showed when the results were seen together."""
        result = self.result(number)
        more = json.loads(self._base.execute("SELECT more FROM returns WHERE id = ?", (number,)).fetchone()[0])
        status = result.status if result.status == "unreadable" else status_of((*result.findings, *findings))
        self._base.execute(
            "UPDATE returns SET more = ?, status = ? WHERE id = ?",
            (json.dumps([*more, *map(_kept, findings)], ensure_ascii=False), status, number),
        )

    def assign(self, number: int, entry: int | None, key: str, standing: str) -> None:
        """Say whose return a result is: the roster's entry, the key of its name, and how it stands."""
        self._base.execute(
            "UPDATE returns SET entry = ?, key = ?, standing = ? WHERE id = ?", (entry, key, standing, number)
        )

    def stand(self, number: int, standing: str) -> None:
        """Say how a return stands."""
        self._base.execute("UPDATE returns SET standing = ? WHERE id = ?", (standing, number))

    def undecided(self) -> list[int]:
        """Return the roster's agencies of which no return counts, as it cannot be told which is the newest."""
        sql = (
            "SELECT entry FROM returns WHERE entry IS NOT NULL GROUP BY entry HAVING min(standing = '重复') ORDER BY 1"
        )
        return [entry for (entry,) in self._base.execute(sql)]

    def results_by_entry(self) -> Iterator[FileResult]:
        """The results that are a roster's agencies', in the order of the roster."""
        for row in self._base.execute(f"SELECT {_ROW} WHERE r.entry IS NOT NULL ORDER BY r.entry, r.id"):
            yield _result(row)

    def query(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Rows of the tables."""
        yield from self._base.execute(sql, values)

    def run(self, sql: str, *values: object) -> None:
        """Carry out a statement on tables of the caller's own."""
        self._base.execute(sql, values)

    def paragraphs(self, number: int) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """The texts of a content by section: paragraphs, and where each stands."""
        (blob,) = self._base.execute("SELECT texts FROM contents WHERE id = ?", (number,)).fetchone()
        return {
            section: (tuple(paragraphs), tuple(places))
            for section, paragraphs, places in json.loads(zlib.decompress(blob))
        }

    def _pages(self, select: str, key: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Rows by their number, a page at a time, so that rows may be changed in between."""
        last = 0
        while page := self._base.execute(f"SELECT {select} ORDER BY {key} LIMIT {PAGE}", (*values, last)).fetchall():
            yield from page
            last = page[-1][0]


def _said(path: Path, kept: bool, error: sqlite3.Error) -> str:
    """What went wrong with a ledger, and what to do."""
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


def _is_ours(path: Path) -> bool:
    """Whether a file is a ledger with just the tables that this version makes."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(_TABLES)
        wanted = fresh.execute(_SCHEMA).fetchall()
    return _asked(path, _SCHEMA) == wanted


_SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


def _is_of(path: Path, fingerprint: str) -> bool:
    """Whether a ledger is of runs under this fingerprint."""
    return _asked(path, "SELECT fingerprint FROM run") == [(fingerprint,)]


def _asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a file, none when it is no database. One that another process holds is not judged by that."""
    base = sqlite3.connect(path)
    try:
        return base.execute(sql).fetchall()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return []
    finally:
        base.close()


def real_place(item: Item) -> str:
    """Where a file is, whatever links lead there; as JSON, which keeps the names apart and holds every character."""
    path = Path(on_disk(item.path))
    real = Path(os.path.realpath(path)) if path.is_symlink() else _real(path.parent) / path.name
    return json.dumps((storable(real), *item.members))


@lru_cache(16)
def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))


def _drop_altered(base: sqlite3.Connection) -> int:
    """Delete the contents that are not as they were recorded, with all that came of the same file; give how many were
    changed. What is left of a file of which a part is gone goes, too."""
    base.text_factory = _decoded
    altered = [
        (number,)
        for number, seal, *row in base.execute(f"SELECT id, seal, {_CONTENT} FROM contents")
        if seal != _seal(row, base.execute(_ESSENCES_OF, (number,)))
    ]
    base.text_factory = str
    base.executemany("DELETE FROM contents WHERE id = ?", altered)
    base.execute(f"DELETE FROM contents WHERE digest NOT IN (SELECT digest FROM contents {_WHOLE})")
    base.execute("DELETE FROM essences WHERE content NOT IN (SELECT id FROM contents)")
    return len(altered)


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


_ESSENCES_OF = f"SELECT {_ESSENCE} FROM essences WHERE content = ? ORDER BY rowid"
_WHOLE = "GROUP BY digest HAVING count(*) = max(parts) AND min(parts) = max(parts)"
"""Files of which all parts are there."""


def _seal(row: Iterable[Any], essences: Iterable[Sequence[Any]]) -> str:
    """The digest of what is kept of a content: every value, with its type."""
    values = (tuple(row), [tuple(essence) for essence in essences])
    return sha256(repr(values).encode("utf-8", "backslashreplace")).hexdigest()


def _item(row: tuple[Any, ...]) -> Item:
    number, path, members, changed, refused, twin = row
    why = json.loads(refused)
    return Item(path, tuple(json.loads(members)), changed, number, tuple(why) if why else None, twin)


def _stored(text: SectionText) -> tuple[int, bytes, str]:
    bits = text.profile.bits
    return text.profile.length, bits.to_bytes((bits.bit_length() + 7) // 8), json.dumps(text.bands)


def _packed(findings: Sequence[Finding]) -> str:
    return json.dumps([*map(_kept, findings)], ensure_ascii=False)


def _kept(found: Finding) -> dict[str, Any]:
    return {**found.data(), "cause": found.cause}


def _result(row: tuple[Any, ...]) -> FileResult:
    number, item, name, status, changed, standing, entry, more, agency, year, form, issued, digest, suffix = row[:14]
    return FileResult(
        path=name,
        status=status,
        findings=tuple(_finding(data) for data in (*json.loads(row[16]), *json.loads(more))),
        agency=agency,
        year=year,
        form=form,
        issued=issued,
        digest=digest,
        suffix=suffix,
        without_power=tuple(map(_finding, json.loads(row[17]))),
        empty=bool(row[14]),
        final=bool(row[15]),
        changed=changed,
        standing=standing,
        entry=entry,
        id=number,
        item=item,
    )


def _finding(data: dict[str, Any]) -> Finding:
    return Finding(**{**data, "cells": tuple(data["cells"]), "at": tuple(data["at"])})
