"""Last year's reports (上年报告) of a batch, found by agency. They are on disk, because a province has many."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from toolkit.characters import plain
from toolkit.forms.loader import FormLookup
from toolkit.submission.json_csv import read_data_bytes, to_data
from toolkit.submission.model import NO_NAME, Submission

_TABLE = "CREATE TABLE reports (key TEXT, year INTEGER, data TEXT, differ INTEGER, PRIMARY KEY (key, year))"
_ADD = """INSERT INTO reports VALUES (?, ?, ?, 0)
ON CONFLICT DO UPDATE SET
differ = differ OR json_extract(data, '$.values') != json_extract(excluded.data, '$.values')"""


def write_priors(path: Path, submissions: Iterable[Submission]) -> None:
    """Write reports to a file that `Priors` reads. `path` must not exist."""
    base = sqlite3.connect(path)
    base.execute(_TABLE)
    base.executemany(
        _ADD,
        (
            (plain(item.agency), item.year, json.dumps(to_data(item), ensure_ascii=False, sort_keys=True))
            for item in submissions
        ),
    )
    base.commit()
    base.close()


@dataclass(frozen=True, slots=True)
class Priors:
    """Reports by agency and year. If reports of one agency and year differ, none of them is used."""

    path: str

    def of(
        self, submission: Submission, form_of: FormLookup, also_called: Sequence[str] = ()
    ) -> tuple[Submission | None, str]:
        """Return the report of the year before under the agency's name, or under one of its other names
        (`also_called`). If there is none, return None and the reason in words."""
        last_report = f"{submission.agency or NO_NAME} {submission.year - 1} 年的报告"
        keys = [plain(name) for name in (submission.agency, *also_called) if name]
        for key in keys:
            found = self._rows("data, differ FROM reports WHERE key = ? AND year = ?", key, submission.year - 1)
            if found and found[0][1]:
                return None, f"给出的上年报告中，{last_report}有几份而且内容不同"
            if found:
                return read_data_bytes(str(found[0][0]).encode(), form_of)[0], ""
        years = [row[0] for key in keys for row in self._rows("year FROM reports WHERE key = ? ORDER BY year", key)]
        other_years = f"，只有 {'、'.join(map(str, years))} 年的" if years else ""
        return None, f"给出的上年报告中没有 {last_report}{other_years}"

    def digest(self) -> str:
        """Return a digest that is the same for the same reports."""
        code = sha256()
        for row in _connection(self.path).execute("SELECT key, year, differ, data FROM reports ORDER BY key, year"):
            code.update(repr(row).encode())
        return code.hexdigest()

    def _rows(self, select: str, *values: object) -> list[tuple[object, ...]]:
        return _connection(self.path).execute(f"SELECT {select}", values).fetchall()


@lru_cache(4)
def _connection(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
