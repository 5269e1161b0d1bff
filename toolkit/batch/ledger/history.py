"""The history (历程) of a project: every round (轮次) of every agency, and the explanations that the office refused.

It stands in the results folder beside the ledger. Other settings, another version of the toolkit and a check from the
beginning leave it as it is.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.batch.ledger.database import Database
from toolkit.batch.ledger.rows import finding_of, stored_findings
from toolkit.characters import plain
from toolkit.checks.explanations import RefusedExplanation
from toolkit.checks.findings import Finding
from toolkit.checks.result import Status
from toolkit.files.write_errors import Unwritable
from toolkit.problems import Problem

HISTORY_NAME = ".gknb-历程.sqlite"
VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS about (version INTEGER);
CREATE TABLE IF NOT EXISTS agencies (id INTEGER PRIMARY KEY, name TEXT, code TEXT);
CREATE INDEX IF NOT EXISTS agencies_code ON agencies (code);
CREATE TABLE IF NOT EXISTS names (known_by TEXT PRIMARY KEY, agency INTEGER);
CREATE TABLE IF NOT EXISTS rounds (
    agency INTEGER, year INTEGER, number INTEGER, content TEXT, path TEXT, received REAL, received_by TEXT, form TEXT,
    status TEXT, findings TEXT, cells BLOB, counts INTEGER, PRIMARY KEY (agency, year, number)
);
CREATE TABLE IF NOT EXISTS refusals (
    agency INTEGER, year INTEGER, fingerprint TEXT, text TEXT, why TEXT, PRIMARY KEY (agency, year, fingerprint)
);
"""
_ROUND = "number, content, path, received, received_by, form, status, findings, cells, counts"


@dataclass(frozen=True, slots=True)
class Round:
    """One round (轮次) of an agency: the return (报送) as it was checked. `content` is the digest of what was returned.
    `received` is when it came (seconds), `received_by` what shows that. `cells` has the figures as text, without
    blanks. `counts` is True for the one that counted in the last check.
    """

    content: str
    path: str
    received: float
    received_by: str
    form: str
    status: Status
    findings: tuple[Finding, ...]
    cells: Mapping[str, str]
    number: int = 0
    counts: bool = False


def has_history(folder: Path | None) -> Path | None:
    """Return the folder if a history stands in it, otherwise None."""
    return folder if folder and (folder / HISTORY_NAME).is_file() else None


class History:
    """The rounds and refusals of a project. An agency is known by its names, earlier ones too, and by its code."""

    def __init__(self, folder: Path | None = None, read_only: bool = False) -> None:
        """Open the history in a results folder, or an empty one in memory if `folder` is None.

        Raise Problem when the file cannot be written (unless it is `read_only`), is damaged, or comes from a newer
        version.
        """
        self.path = folder / HISTORY_NAME if folder else None
        where = f"{self.path.absolute().as_uri()}?mode=ro" if self.path and read_only else self.path or ":memory:"
        try:
            self._base = sqlite3.connect(where, uri=read_only, isolation_level=None, factory=Database)
            if not read_only:
                self._base.execute("PRAGMA journal_mode = TRUNCATE")
                self._base.executescript(_TABLES)
                self._base.execute("INSERT INTO about SELECT ? WHERE NOT EXISTS (SELECT * FROM about)", (VERSION,))
            version = self._base.execute("SELECT version FROM about").fetchone()[0]
            for table, columns in (("rounds", _ROUND), ("names", "known_by, agency"), ("refusals", "text, why")):
                self._base.execute(f"SELECT {columns} FROM {table} LIMIT 1")
        except (sqlite3.DatabaseError, TypeError) as error:  # TypeError: no version is there
            self.close()
            raise Problem(_fault_words(self.path, error)) from None
        if version != VERSION:
            self.close()
            raise Problem(f"{self.path} 是新版的 gknb 记的，这一版读不了。请更新后再试。")
        if self.path:
            self._base.place = self.path, True

    def close(self) -> None:
        """Close the history."""
        with suppress(AttributeError, sqlite3.Error):
            self._base.close()
        if self.path:
            journal = self.path.with_name(f"{HISTORY_NAME}-journal")
            with suppress(OSError):
                if journal.stat().st_size == 0:
                    journal.unlink()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what follows as a whole, or nothing of it."""
        self._base.execute("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(Unwritable):  # a full disk has undone it already
                self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def agency(self, names: Sequence[str], code: str = "") -> int | None:
        """Return the number of the agency with this code, or else known by one of these names; None if there is none.
        An agency with another code is another one, whatever its name."""
        if code:
            found = self._base.execute("SELECT id FROM agencies WHERE code = ?", (code,)).fetchone()
            if found:
                return int(found[0])
        sql = "SELECT a.id, a.code FROM names n JOIN agencies a ON a.id = n.agency WHERE n.known_by = ?"
        for name in names:
            found = self._base.execute(sql, (plain(name),)).fetchone()
            if found and not (code and found[1]):
                return int(found[0])
        return None

    def add_agency(self, names: Sequence[str], code: str = "") -> int:
        """Return the number of the agency with this code or one of these names. A new one is added. Its names are kept;
        the first of them is its present name, and nobody else's any more."""
        number = self.agency(names, code)
        if number is None:
            row = names[0], code
            number = self._base.execute("INSERT INTO agencies (name, code) VALUES (?, ?)", row).lastrowid or 0
        self._base.execute(
            "UPDATE agencies SET name = ?, code = ? WHERE id = ? AND (name, code) != (?, ?)",
            (names[0], code, number, names[0], code),
        )
        known = self._base.execute("SELECT agency FROM names WHERE known_by = ?", (plain(names[0]),)).fetchone()
        if known != (number,):
            self._base.execute("INSERT OR REPLACE INTO names VALUES (?, ?)", (plain(names[0]), number))
        self._base.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", [(plain(one), number) for one in names])
        return number

    def rounds(self, agency: int | None, year: int | None) -> list[Round]:
        """Return the rounds of an agency for a year, the first one first."""
        rows = self._base.execute(
            f"SELECT {_ROUND} FROM rounds WHERE agency = ? AND year = ? ORDER BY number", (agency, year or 0)
        )
        return [_round_of(row) for row in rows]

    def record(self, agency: int, year: int | None, new: Round) -> Round:
        """Record a round. One with the same content is brought up to date, because it may have been checked with other
        rules then; when it came is kept. Return the round with its number."""
        known = self._base.execute(
            f"SELECT {_ROUND} FROM rounds WHERE agency = ? AND year = ? AND content = ?",
            (agency, year or 0, new.content),
        ).fetchone()
        if known is None:
            sql = "SELECT coalesce(max(number), 0) + 1 FROM rounds WHERE agency = ? AND year = ?"
            new = replace(new, number=self._base.execute(sql, (agency, year or 0)).fetchone()[0])
            marks = ", ".join("?" * 12)
            self._base.execute(
                f"INSERT INTO rounds (agency, year, {_ROUND}) VALUES ({marks})", (agency, year or 0, *_row_of(new))
            )
            return new
        earlier = _round_of(known)
        new = replace(new, number=earlier.number, received=earlier.received, received_by=earlier.received_by)
        if new != earlier:
            self._base.execute(
                "UPDATE rounds SET path = ?, form = ?, status = ?, findings = ?, cells = ?, counts = ?"
                " WHERE agency = ? AND year = ? AND number = ?",
                (new.path, *_row_of(new)[5:], agency, year or 0, new.number),
            )
        return new

    def refusals(self, agency: int | None, year: int | None) -> dict[str, RefusedExplanation]:
        """Return the explanations of an agency that the office refused, by the fingerprint of the finding."""
        sql = "SELECT fingerprint, text, why FROM refusals WHERE agency = ? AND year = ?"
        return {key: RefusedExplanation(text, why) for key, text, why in self._base.execute(sql, (agency, year or 0))}

    def refuse(self, agency: int, year: int | None, fingerprint: str, refusal: RefusedExplanation) -> None:
        """Record that the office refuses an explanation."""
        row = (agency, year or 0, fingerprint, refusal.text, refusal.why)
        self._base.execute("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?, ?)", row)

    def accept(self, agency: int, year: int | None, fingerprint: str) -> None:
        """Take a refusal back."""
        sql = "DELETE FROM refusals WHERE agency = ? AND year = ? AND fingerprint = ?"
        self._base.execute(sql, (agency, year or 0, fingerprint))

    def latest_year(self, agency: int) -> int:
        """Return the latest year for which an agency has a round, 0 if there is none."""
        found = self._base.execute("SELECT coalesce(max(year), 0) FROM rounds WHERE agency = ?", (agency,)).fetchone()
        return int(found[0])

    def agencies(self) -> Iterator[tuple[int, str]]:
        """Yield the number and the present name of every agency."""
        yield from self._base.execute("SELECT id, name FROM agencies ORDER BY id")


def _row_of(one: Round) -> tuple[Any, ...]:
    cells = zlib.compress(json.dumps(one.cells, ensure_ascii=False, sort_keys=True).encode(), 1)
    head = (one.number, one.content, one.path, one.received, one.received_by)
    return (*head, one.form, one.status, stored_findings(one.findings), cells, int(one.counts))


def _round_of(row: tuple[Any, ...]) -> Round:
    number, content, path, received, received_by, form, status, findings, cells, counts = row
    return Round(
        content,
        path,
        received,
        received_by,
        form,
        status,
        tuple(map(finding_of, json.loads(findings))),
        json.loads(zlib.decompress(cells)),
        number,
        bool(counts),
    )


def _fault_words(path: Path | None, error: Exception) -> str:
    """Return in words why a history cannot be used, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return f"写不进 {path}：没有写入权限、磁盘已满，或位置断开了。请检查后再试。"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"写不进 {path}：另一个 gknb 正在用。请等它做完后再试。"
    return (
        f"{path} 损坏了，读不出各机关以前各次的报送。有备份的，请用备份替换；没有的，请把它移走再运行，"
        "轮次和说明从这一次重新记起。"
    )
