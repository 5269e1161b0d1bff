"""The results of a batch for other programs (findings.json), and the counts of the overviews."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from toolkit.batch.deadline import is_late
from toolkit.batch.filing_status import Standing, standings
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.history import History
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.roster import Roster
from toolkit.batch.round_history import FILE_TIME, FindForm, comparison_with_last
from toolkit.batch.rounds import NO_COMPARISON, RoundComparison
from toolkit.batch.scores import Score, Scoring, with_scores
from toolkit.checks.result import STATUS_WORDS, Status
from toolkit.checks.settings import STANDARD, Settings

STATUSES: tuple[Status, ...] = ("passed", "failed", "unreadable")
UNFINISHED = "没有做完：只有已完成的文件，可用 --resume 接着做"


@dataclass(frozen=True, slots=True)
class Batch:
    """A checked batch: its ledger, the office's settings, and the roster and year that it was compared with. `remarks`
    are sentences about the whole batch. `unfinished` is True if the run was broken off. With a roster, `history` has
    the rounds (轮次) of the agencies. `form_of` finds a form by its id, `deadline` is the last day, `day` is today.
    `scoring` says how the agencies are scored, if they are."""

    ledger: Ledger
    settings: Settings = STANDARD
    roster: Roster | None = None
    year: int | None = None
    remarks: tuple[str, ...] = ()
    unfinished: bool = False
    history: History | None = None
    form_of: FindForm = lambda _: None
    deadline: date | None = None
    day: date = date.min
    scoring: Scoring | None = None

    def close(self) -> None:
        """Close the ledger and the history."""
        if self.history:
            self.history.close()
        self.ledger.abandon()

    def lines(self) -> Iterator[Standing]:
        """Yield one line for each agency of a roster and each of its further returns; without a roster, one line for
        each result."""
        if self.roster:
            yield from map(self._completed, standings(self.ledger, self.roster, self.year))
            return
        for result in self.ledger.results():
            yield Standing(STATUS_WORDS[result.status], result.name, None, result)

    def _completed(self, line: Standing) -> Standing:
        """Return a line with its round, and when the return came."""
        if line.received is None and line.result:
            line = replace(line, received=line.result.changed, received_by=FILE_TIME)
        if line.state not in ("重复", "不在名册"):
            line = replace(line, is_late=is_late(line.received, self.deadline, self.day))
        if line.result is None or line.state in ("未报", "重复", "不在名册"):
            return line
        return replace(line, comparison=self.comparison(line.result))

    def comparison(self, result: FileResult) -> RoundComparison:
        """Return the round of a return that counts, compared with the round before."""
        if self.history is None or self.roster is None or result.entry is None:
            return NO_COMPARISON
        entry = self.roster.entries[result.entry]
        return comparison_with_last(result, entry, self.ledger, self.history, self.year, self.form_of)

    def scores(self) -> Iterator[tuple[Standing, Score | None]]:
        """Return each line with the score of its agency, None if the batch or the line is not scored."""
        if self.scoring is None:
            return ((line, None) for line in self.lines())
        return with_scores(self.scoring, self.lines())

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
        broken_off = (UNFINISHED,) if self.unfinished else ()
        return (*broken_off, *self.remarks, *self.settings.sentences())


def findings_json(batch: Batch, ascii_only: bool = False) -> Iterator[str]:
    """Yield the results as JSON in the documented format, piece by piece."""
    yield '{\n  "summary": ' + _indented(batch.summary(), 2, ascii_only)
    if batch.sentences():
        yield ',\n  "settings": ' + _indented(list(batch.sentences()), 2, ascii_only)
    if batch.roster:
        yield ',\n  "year": ' + json.dumps(batch.year)
        yield ',\n  "agencies": '
        yield from _array((_agency(line, score) for line, score in batch.scores()), ascii_only)
    yield ',\n  "files": '
    yield from _array((result.data() for result in batch.ledger.results()), ascii_only)
    yield ',\n  "left_out": '
    yield from _array(({"path": left.path, "reason": left.reason} for left in batch.ledger.left_out()), ascii_only)
    yield "\n}\n"


def _array(items: Iterable[Any], ascii_only: bool) -> Iterator[str]:
    first = True
    for item in items:
        yield ("[\n    " if first else ",\n    ") + _indented(item, 4, ascii_only)
        first = False
    yield "[]" if first else "\n  ]"


def _indented(data: Any, spaces: int, ascii_only: bool) -> str:
    return json.dumps(data, ensure_ascii=ascii_only, indent=2).replace("\n", "\n" + " " * spaces)


def _agency(line: Standing, score: Score | None) -> dict[str, Any]:
    return {
        "agency": line.agency,
        "state": line.state,
        "group": line.group,
        "path": line.result.path if line.result else "",
        "received": datetime.fromtimestamp(line.received).isoformat(timespec="seconds") if line.received else "",
        "received_by": line.received_by,
        "late": line.is_late,
        "round": line.comparison.number,
        "fixed": len(line.comparison.fixed),
        "remaining": len(line.comparison.remaining),
        "new": len(line.comparison.new),
        "explained": len(line.comparison.explained),
        "note": line.note,
        **({"score": score.data()} if score else {}),
    }


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
