"""The results of a batch for other programs (findings.json), and the counts of the overviews."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from toolkit.batch.filing_status import Standing, standings
from toolkit.batch.intake import LeftOutFile
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.roster import Roster
from toolkit.checks.result import STATUS_WORDS, Status
from toolkit.checks.settings import STANDARD, Settings

STATUSES: tuple[Status, ...] = ("passed", "failed", "unreadable")


@dataclass(frozen=True, slots=True)
class Batch:
    """A checked batch: its ledger, the office's settings, and the roster and year that it was compared with. `remarks`
    are sentences about the whole batch. `unfinished` is True if the run was broken off."""

    ledger: Ledger
    settings: Settings = STANDARD
    roster: Roster | None = None
    year: int | None = None
    remarks: tuple[str, ...] = ()
    unfinished: bool = False

    def lines(self) -> Iterator[Standing]:
        """Yield one line for each agency of a roster and each of its further returns; without a roster, one line for
        each result."""
        if self.roster:
            yield from standings(self.ledger, self.roster, self.year)
            return
        for result in self.ledger.results():
            line = Standing(STATUS_WORDS[result.status], result.name, None, result)
            yield replace(line, received=result.received, received_by=result.received_by)

    def summary(self) -> dict[str, int]:
        """Return the number of files, and of each status."""
        counts = self.ledger.counts()
        return {"files": sum(counts.values()), **{status: counts.get(status, 0) for status in STATUSES}}

    @property
    def title(self) -> str:
        """Return the title of the results."""
        return f"{f'{self.year} 年度' if self.year else '年度'}报告校验结果"

    def in_words(self) -> str:
        """Return the summary as a sentence."""
        counts = self.summary()
        words = "，".join(f"{STATUS_WORDS[status]} {counts[status]}" for status in STATUSES)
        return f"共 {counts['files']} 份：{words}。"

    @property
    def has_faults(self) -> bool:
        """Return True if a file that counts has errors or could not be read, or if it cannot be decided which return of
        an agency counts."""
        return self.ledger.has_faults() or bool(self.ledger.undecided())

    def count_of_cross_findings(self) -> int:
        """Return the number of errors and warnings that only showed when all files were compared."""
        return self.ledger.count_added_findings()

    def sentences(self) -> tuple[str, ...]:
        """Return what a reader of the results must know first."""
        broken_off = ("没有做完：只有已完成的文件，可用 --resume 接着做",) if self.unfinished else ()
        return (*broken_off, *self.remarks, *self.settings.sentences())


def findings_json(batch: Batch, ascii_only: bool = False) -> Iterator[str]:
    """Yield the results as JSON in the documented format, piece by piece."""
    yield '{\n  "summary": ' + _indented(batch.summary(), 2, ascii_only)
    if batch.sentences():
        yield ',\n  "settings": ' + _indented(list(batch.sentences()), 2, ascii_only)
    if batch.roster:
        yield ',\n  "year": ' + json.dumps(batch.year)
        yield ',\n  "agencies": '
        yield from _array(map(_agency, batch.lines()), ascii_only)
    yield ',\n  "files": '
    yield from _array((result.data() for result in batch.ledger.results()), ascii_only)
    yield ',\n  "left_out": '
    yield from _array((_left_out(batch, left) for left in batch.ledger.left_out()), ascii_only)
    yield "\n}\n"


def _array(items: Iterable[Any], ascii_only: bool) -> Iterator[str]:
    first = True
    for item in items:
        yield ("[\n    " if first else ",\n    ") + _indented(item, 4, ascii_only)
        first = False
    yield "[]" if first else "\n  ]"


def _indented(data: Any, spaces: int, ascii_only: bool) -> str:
    return json.dumps(data, ensure_ascii=ascii_only, indent=2).replace("\n", "\n" + " " * spaces)


def _left_out(batch: Batch, left: LeftOutFile) -> dict[str, Any]:
    if batch.roster is None or left.entry is None:
        return {"path": left.path, "reason": left.reason}
    return {"path": left.path, "reason": left.reason, "agency": batch.roster.entries[left.entry].name}


def _agency(line: Standing) -> dict[str, Any]:
    return {
        "agency": line.agency,
        "state": line.state,
        "group": line.group,
        "path": line.path,
        "received": iso_time(line.received),
        "received_by": line.received_by if line.received else "",
        "note": line.note,
    }


def iso_time(seconds: float | None) -> str | None:
    """Return a time as local ISO time without a zone: 2025-01-18T09:30:00; None if it is not known."""
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(slots=True)
class Totals:
    """The counts of the overviews: lines by state, lines by group and state, findings by severity and rule."""

    states: Counter[str] = field(default_factory=Counter)
    groups: dict[str, Counter[str]] = field(default_factory=dict)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)

    def by_rule(self, except_severity: str = "") -> list[tuple[str, int]]:
        """Return how often each rule was broken, the most frequent first, without the findings of the severity
        `except_severity`."""
        counts: Counter[str] = Counter()
        for (severity, rule), count in self.rules.items():
            if severity != except_severity:
                counts[rule] += count
        return counts.most_common()


def totals_of(batch: Batch) -> Totals:
    """Return the counts of a batch."""
    totals = Totals()
    for line in batch.lines():
        totals.states[line.state] += 1
        totals.groups.setdefault(line.group, Counter())[line.state] += 1
        for found in line.result.findings if line.result else ():
            totals.rules[found.severity, found.rule] += 1
    return totals
