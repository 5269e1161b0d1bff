"""The ledger (台账) of a batch: its files and their results. It is on disk, so that memory stays small.

It is in the results folder, where `--resume` finds what is done, or in a temporary folder.
"""

import json
import os
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from toolkit.batch.ledger.database import (
    CONTENT,
    ESSENCE,
    TABLES,
    Database,
    drop_altered,
    fault_words,
    is_of,
    is_ours,
    seal_of,
)
from toolkit.batch.ledger.file_result import Contender, FileResult
from toolkit.batch.ledger.rows import (
    CONTENDER,
    COUNTS_FIRST,
    ITEM,
    LEFT_OUT,
    RESULT,
    contender_of,
    item_of,
    left_out_of,
    result_of,
    stored_finding,
    stored_findings,
    stored_item,
    stored_left_out,
    stored_profile,
)
from toolkit.batch.ledger.text_index import TextIndex
from toolkit.batch.received.files import Item, on_disk, storable
from toolkit.batch.received.left_out import LeftOut, LeftOutFile
from toolkit.characters import plain
from toolkit.checks.explanations import RefusedExplanation
from toolkit.checks.findings import Finding
from toolkit.checks.result import Status, status_of
from toolkit.files.write_errors import DiskPlace, Unwritable, in_words, place_of
from toolkit.problems import Problem

LEDGER_NAME = ".gknb-台账.sqlite"
PART_BITS = 24
"""Number of bits for the number of a submission inside its file."""
PAGE = 500
"""Rows that are held in memory at a time."""
_SUPERSEDED = "CREATE TEMP TABLE superseded (id INTEGER PRIMARY KEY, why TEXT, words TEXT)"
_SEVERAL = """SELECT r.entry, r.key, r.year FROM returns r
WHERE r.entry IS NOT NULL OR (r.standing = '' AND r.key != '' AND r.year IS NOT NULL)
GROUP BY CASE WHEN r.entry IS NULL THEN r.key || char(10) || r.year ELSE r.entry END HAVING count(*) > 1
ORDER BY min(r.id)"""


class Ledger:
    """The files of a batch and their results, in the order in which the files were found."""

    def __init__(self, folder: Path | None = None, fingerprint: str = "", resume: bool = False) -> None:
        """Open the ledger in a folder, or a temporary one if `folder` is None. With `resume`, the results of an earlier
        run with the same `fingerprint` are kept, by the content of the files.

        `is_reset` is True if the ledger should have been resumed and was not, because the results depend on something
        that has changed, or (`is_damaged`) because it is no valid ledger of ours any more. `dropped` counts the
        contents that somebody has changed.

        Raise Problem when the folder cannot be written to.
        """
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="gknb-", ignore_cleanup_errors=True)
        self.path = (Path(self._temporary.name) if self._temporary else folder or Path()) / LEDGER_NAME
        if resume and self.path.exists() and not self.path.is_file():
            raise Problem(f"{self.path} 不是普通文件（是设备或管道），读不出上次的进度。请移走后重新校验。")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            exists = resume and self.path.exists()
            self.is_damaged = exists and not is_ours(self.path)
            self.is_reset = exists and (self.is_damaged or not is_of(self.path, fingerprint))
            if not resume or self.is_reset:
                for path in (self.path, self.path.with_name(f"{LEDGER_NAME}-journal")):
                    path.unlink(missing_ok=True)
            self._base = sqlite3.connect(self.path, isolation_level=None, factory=Database)
            self._base.execute("PRAGMA journal_mode = TRUNCATE")
            self._base.execute("PRAGMA synchronous = OFF")
            self._base.executescript(TABLES)
            self._base.execute(_SUPERSEDED)
            self._base.execute("DELETE FROM contents WHERE NOT final")
            self.dropped = drop_altered(self._base) if exists and not self.is_reset else 0
            self._base.execute("INSERT INTO run SELECT ? WHERE NOT EXISTS (SELECT * FROM run)", (fingerprint,))
            self._base.execute("BEGIN")
        except (sqlite3.Error, OSError) as error:
            self._release()
            if isinstance(error, sqlite3.Error):
                raise Unwritable(fault_words(self.path, False, error), everywhere=True) from None
            with in_words(self.path):
                raise
        self._base.place = self.path, self._temporary is None
        self.texts = TextIndex(self._base)
        self.place: DiskPlace = place_of(self.path)

    def save(self) -> None:
        """Write what was recorded so far to disk."""
        self._commit()
        self._base.execute("BEGIN")

    def close(self) -> None:
        """Save and close the file; a temporary one is deleted."""
        try:
            self._commit()
        finally:
            self._release()

    def abandon(self) -> None:
        """Close the file after an error; what can be saved is saved."""
        with suppress(Unwritable):
            self.close()

    def _release(self) -> None:
        if hasattr(self, "_base"):
            with suppress(sqlite3.Error):
                self._base.close()
            with suppress(OSError):
                journal = self.path.with_name(f"{LEDGER_NAME}-journal")
                if journal.stat().st_size == 0:  # nothing is to be taken back
                    journal.unlink()
        if self._temporary:
            self._temporary.cleanup()

    def _commit(self) -> None:
        if self._base.in_transaction:  # a full disk ends the transaction by itself
            self._base.execute("COMMIT")

    # ------------------------------------------------------------ files

    def add(self, items: Iterable[Item], left_out: LeftOut) -> int:
        """Record files, each once, and return how many there are. A file that is reached again by another path, through
        a link, is left out. From now on `left_out` is kept in this ledger."""
        left_out.keep = self._leave_out
        for item in items:
            place = real_place(item)
            first = self._base.execute(f"SELECT {ITEM} FROM items WHERE place = ?", (place,)).fetchone()
            if first is None:
                self._take_up(item, place)
            elif (earlier := item_of(first).name) != item.name:
                left_out.add(LeftOutFile(item.name, f"与 {earlier} 是同一个文件，只读一次", is_repeated=True))
        self.save()
        return int(self._base.execute("SELECT count(*) FROM items").fetchone()[0])

    def _take_up(self, item: Item, place: str) -> None:
        """Record a new file. Files whose shown names are the same, such as one in another encoding, are numbered."""
        while self._base.execute("SELECT 1 FROM items WHERE name = ?", (item.name,)).fetchone():
            item = replace(item, twin=item.twin + 1)
        columns = ITEM.replace("id, ", "place, name, ", 1)
        values = (place, *stored_item(item))
        self._base.execute(f"INSERT INTO items ({columns}) VALUES ({', '.join('?' * len(values))})", values)

    def _leave_out(self, left: LeftOutFile) -> None:
        self._base.execute(f"INSERT INTO left_out ({LEFT_OUT}) VALUES (?, ?, ?, ?, ?, ?)", stored_left_out(left))

    def left_out(self) -> Iterator[LeftOutFile]:
        """Yield everything that was left out, in the order of the paths."""
        yield from map(left_out_of, self._base.execute(f"SELECT {LEFT_OUT} FROM left_out ORDER BY path, id"))

    def sent_instead(self) -> Iterator[tuple[int, list[LeftOutFile]]]:
        """Yield each of the roster's agencies, by its place there, that sent something in place of a return
        (不是填报表), with all that it sent, the newest first."""
        sql = f"SELECT {LEFT_OUT} FROM left_out WHERE entry IS NOT NULL ORDER BY entry, received DESC, path"
        for entry, found in groupby(map(left_out_of, self._base.execute(sql)), lambda left: left.entry):
            yield entry or 0, list(found)

    def count_left_out(self) -> int:
        """Return how much was left out."""
        return int(self._base.execute("SELECT count(*) FROM left_out").fetchone()[0])

    def items(self, without_done: bool = False) -> Iterator[Item]:
        """Yield every file, or (`without_done`) those that have no result yet."""
        done = " AND NOT EXISTS (SELECT 1 FROM returns WHERE item = items.id)" if without_done else ""
        for row in self._pages(f"{ITEM} FROM items WHERE id > ?{done}", "id"):
            yield item_of(row)

    def item(self, number: int) -> Item:
        """Return the file with this number."""
        return item_of(self._base.execute(f"SELECT {ITEM} FROM items WHERE id = ?", (number,)).fetchone())

    def clues_of(self, number: int) -> tuple[str, ...]:
        """Return what may name the agency that sent the file with this number, see `Arrival`."""
        found = self._base.execute("SELECT clues FROM items WHERE id = ?", (number,)).fetchone()
        return tuple(json.loads(found[0])) if found else ()

    # ------------------------------------------------------------ results

    def record(self, item: Item, results: Sequence[FileResult]) -> None:
        """Record the results of a file, all of them or none: a run that is broken off leaves no part of a file
        behind."""
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
                *(result.year, result.form, result.issued, int(result.empty), int(result.final), result.doubt),
                stored_findings(result.findings),
                zlib.compress(json.dumps([(t.section, t.paragraphs, t.places) for t in result.texts]).encode(), 1),
                stored_findings(result.without_power),
                zlib.compress(json.dumps(result.cells, ensure_ascii=False).encode(), 1),
                *(json.dumps(result.explanations, ensure_ascii=False), result.own_digest, len(results)),
            )
            essences = [(t.section, t.essence, *stored_profile(t)) for t in result.texts if t.essence]
            marks = ", ".join("?" * (len(row) + 1))
            content = self._base.execute(
                f"INSERT INTO contents ({CONTENT}, seal) VALUES ({marks})", (*row, seal_of(row, essences))
            ).lastrowid
            self._base.executemany(
                f"INSERT INTO essences (content, {ESSENCE}) VALUES (?, ?, ?, ?, ?, ?)",
                [(content, *essence) for essence in essences],
            )
            self._return(item, part, content or 0)

    def record_known(self, item: Item, digest: str) -> bool:
        """Record what is known of a file's content. Return False if nothing is."""
        known = self._base.execute(
            "SELECT id, parts FROM contents WHERE digest = ? AND final ORDER BY id", (digest,)
        ).fetchall()
        if any(parts != len(known) for _, parts in known):
            return False
        for part, (content, _) in enumerate(known):
            self._return(item, part, content)
        return bool(known)

    def _return(self, item: Item, part: int, content: int) -> None:
        """Record a return. Returns are numbered in the order of the files, whenever their results come."""
        self._base.execute(
            "INSERT INTO returns (id, item, name, changed, received, received_by, content, status, key, year)"
            " SELECT ?, ?, ? || suffix, ?, ?, ?, id, status, key, year FROM contents WHERE id = ?",
            (
                *((item.number << PART_BITS) + part, item.number, item.name, item.changed),
                *(item.arrival.received, item.arrival.received_by, content),
            ),
        )

    def results(self) -> Iterator[FileResult]:
        """Yield every result, in the order of the files."""
        return self._results("1")

    def result(self, number: int) -> FileResult:
        """Return the result with this number."""
        return next(self._results("r.id = ?", number))

    def faulty_results_of(self, item: Item) -> Iterator[FileResult]:
        """Yield the results of a file that have errors, or say why it could not be read."""
        first = item.number << PART_BITS
        return self._results("r.id BETWEEN ? AND ? AND r.status != 'passed'", first, first + (1 << PART_BITS) - 1)

    def results_that_count(self, status: Status) -> Iterator[FileResult]:
        """Yield the results of this status that no newer return replaces."""
        return self._results("r.status = ? AND r.standing NOT IN ('重复', '未报')", status)

    def results_of_other_years(self, year: int | None, on_roster: bool = False) -> Iterator[FileResult]:
        """Yield the results whose year is known and is another one; with `on_roster` only those of the roster's
        agencies."""
        return self._results(f"c.year IS NOT NULL AND c.year IS NOT ?{' AND r.entry IS NOT NULL' * on_roster}", year)

    def results_of_nobody(self) -> Iterator[FileResult]:
        """Yield the results that belong to no agency on the roster."""
        return self._results("r.entry IS NULL")

    def results_by_entry(self) -> Iterator[FileResult]:
        """Yield the results of the roster's agencies, in the order of the roster."""
        for row in self._base.execute(f"SELECT {RESULT} WHERE r.entry IS NOT NULL ORDER BY r.entry, r.id"):
            yield result_of(row)

    def _results(self, where: str, *values: object) -> Iterator[FileResult]:
        for row in self._pages(f"{RESULT} WHERE ({where}) AND r.id > ?", "r.id", *values):
            yield result_of(row)

    def counts(self) -> dict[str, int]:
        """Return how many results there are of each status."""
        return dict(self._base.execute("SELECT status, count(*) FROM returns GROUP BY status"))

    def add_findings(self, number: int, findings: Sequence[Finding]) -> None:
        """Add findings that showed when the results were compared."""
        result = self.result(number)
        more = json.loads(self._base.execute("SELECT more FROM returns WHERE id = ?", (number,)).fetchone()[0])
        status = result.status if result.status == "unreadable" else status_of((*result.findings, *findings))
        self._base.execute(
            "UPDATE returns SET more = ?, status = ? WHERE id = ?",
            (json.dumps([*more, *map(stored_finding, findings)], ensure_ascii=False), status, number),
        )

    def assign(self, number: int, entry: int | None, key: str, standing: str) -> None:
        """Set the agency of a return: the roster's entry, the key of its name, and its standing (报送状态)."""
        self._base.execute(
            "UPDATE returns SET entry = ?, key = ?, standing = ? WHERE id = ?", (entry, key, standing, number)
        )

    def answer(self, number: int, written: Mapping[str, str], refused: Mapping[str, RefusedExplanation]) -> None:
        """Set the explanations (说明) that hold for the findings of a return, and those that the office refused, both
        by fingerprint."""
        answers = json.dumps([written, {key: (one.text, one.why) for key, one in refused.items()}], ensure_ascii=False)
        self._base.execute("UPDATE returns SET answers = ? WHERE id = ?", (answers, number))

    def cells(self, number: int) -> dict[str, str]:
        """Return the figures of a return, as text."""
        sql = "SELECT c.cells FROM returns r JOIN contents c ON c.id = r.content WHERE r.id = ?"
        packed = self._base.execute(sql, (number,)).fetchone()[0]
        cells: dict[str, str] = json.loads(zlib.decompress(packed))
        return cells

    def set_standing(self, number: int, standing: str) -> None:
        """Set the standing (报送状态) of a return."""
        self._base.execute("UPDATE returns SET standing = ? WHERE id = ?", (standing, number))

    def undecided(self) -> list[int]:
        """Return the roster's agencies without a return that counts, because the newest one cannot be determined."""
        sql = (
            "SELECT entry FROM returns WHERE entry IS NOT NULL GROUP BY entry HAVING min(standing = '重复') ORDER BY 1"
        )
        return [entry for (entry,) in self._base.execute(sql)]

    def usual_year(self, on_roster: bool = False) -> int | None:
        """Return the year of most returns, the later one of two; with `on_roster` only the returns of the roster's
        agencies are counted."""
        where = "entry IS NOT NULL" if on_roster else "1"
        sql = (
            f"SELECT year FROM returns WHERE {where} AND year IS NOT NULL"
            " GROUP BY year ORDER BY count(*) DESC, year DESC LIMIT 1"
        )
        return next((int(year) for (year,) in self._base.execute(sql)), None)

    def form_of_year(self, year: int | None) -> str:
        """Return the form id of a return of this year, empty where there is none."""
        sql = "SELECT form FROM contents WHERE year = ? AND form != '' LIMIT 1"
        return next((str(form) for (form,) in self._base.execute(sql, (year,))), "")

    def has_faults(self) -> bool:
        """Return True if a return that counts has errors, could not be read, or is held (待说明)."""
        sql = "SELECT 1 FROM returns WHERE (status != 'passed' OR standing = '待说明') AND standing != '重复' LIMIT 1"
        return bool(self._base.execute(sql).fetchall())

    def count_added_findings(self) -> int:
        """Return how many errors and warnings were added, see `add_findings`."""
        sql = (
            "SELECT count(*) FROM returns, json_each(more) AS found"
            " WHERE json_extract(found.value, '$.severity') IN ('error', 'warning')"
        )
        return int(self._base.execute(sql).fetchone()[0])

    def count_findings_of(self, rules: Sequence[str]) -> dict[str, int]:
        """Return how many findings there are of each of these rules that was broken; added ones are not counted."""
        sql = (
            "SELECT json_extract(found.value, '$.rule') AS rule, count(*) FROM returns r JOIN contents c"
            f" ON c.id = r.content, json_each(c.findings) AS found WHERE rule IN ({', '.join('?' * len(rules))})"
            " GROUP BY rule"
        )
        return dict(self._base.execute(sql, tuple(rules)))

    # ------------------------------------------------------------ several returns of an agency

    def names_with_several_returns(self) -> list[tuple[str, int, int]]:
        """Return the names (as they are compared) and years with several returns, and how many there are."""
        sql = (
            "SELECT key, year, count(*) FROM returns WHERE key != '' AND year IS NOT NULL GROUP BY key, year"
            " HAVING count(*) > 1 ORDER BY min(id)"
        )
        return self._base.execute(sql).fetchall()

    def agencies_with_several_returns(self) -> list[tuple[int | None, str, int | None]]:
        """Return the agencies with several returns: the place on the roster, or, without one, name and year."""
        return self._base.execute(_SEVERAL).fetchall()

    def contenders_by_name(self, key: str, year: int, unplaced: bool = False) -> list[Contender]:
        """Return the returns of a name and year, the one that counts first; with `unplaced` only those that no roster
        has given a standing."""
        where = "r.key = ? AND r.year = ?" + " AND r.entry IS NULL AND r.standing = ''" * unplaced
        return list(self._contenders(where, key, year))

    def contenders_of(self, entry: int) -> list[Contender]:
        """Return the returns of an agency of the roster, the one that counts first."""
        return list(self._contenders("r.entry = ?", entry))

    def contenders_on_roster(self) -> Iterator[Contender]:
        """Yield the returns of all agencies of the roster, agency by agency, the one that counts first."""
        return self._contenders("r.entry IS NOT NULL", order="r.entry, ")

    def _contenders(self, where: str, *values: object, order: str = "") -> Iterator[Contender]:
        sql = f"SELECT {CONTENDER} WHERE {where} ORDER BY {order}{COUNTS_FIRST}"
        return map(contender_of, self._base.execute(sql, values))

    def has_other_on_roster(self, number: int) -> bool:
        """Return True if the same agency has another return that is placed on the roster."""
        sql = (
            "SELECT 1 FROM returns one JOIN returns r ON r.key = one.key AND r.entry IS NOT NULL"
            " WHERE one.id = ? LIMIT 1"
        )
        return bool(self._base.execute(sql, (number,)).fetchall())

    def supersede(self, number: int, why: str, words: str) -> None:
        """Record that a return does not count, why, and the same in words."""
        self._base.execute("INSERT INTO superseded VALUES (?, ?, ?)", (number, why, words))

    def superseded(self, number: int) -> tuple[str, str] | None:
        """Return why a return does not count, and the same in words; None if it was not superseded."""
        found: tuple[str, str] | None = self._base.execute(
            "SELECT why, words FROM superseded WHERE id = ?", (number,)
        ).fetchone()
        return found

    def _pages(self, select: str, key: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield rows by their number, a page at a time, so that rows may be changed in between."""
        last = 0
        while page := self._base.execute(f"SELECT {select} ORDER BY {key} LIMIT {PAGE}", (*values, last)).fetchall():
            yield from page
            last = page[-1][0]


def real_place(item: Item) -> str:
    """Return the real path of a file, whatever links lead there; as JSON, which keeps the names apart and holds every
    character."""
    path = Path(on_disk(item.path))
    real = Path(os.path.realpath(path)) if path.is_symlink() else _real(path.parent) / path.name
    return json.dumps((storable(real), *item.members))


@lru_cache(16)
def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))
