"""The results of a batch for other programs (findings.json), and the counts of the overviews."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from toolkit.batch.deadline import is_late, moment_of
from toolkit.batch.filing_status import Standing, standings
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.received.left_out import LeftOutFile
from toolkit.batch.roster import Roster
from toolkit.batch.round_history import Past, comparison_with_last
from toolkit.batch.rounds import NO_COMPARISON, RoundComparison
from toolkit.batch.scores import Score, Scoring, with_scores
from toolkit.batch.states import STATES, State
from toolkit.checks.result import STATUS_WORDS, Status
from toolkit.checks.settings import STANDARD, Settings

STATUSES: tuple[Status, ...] = ("passed", "failed", "unreadable")
UNFINISHED = "没有做完：只有已完成的文件，可用 --resume 接着做"


@dataclass(frozen=True, slots=True)
class Batch:
    """A checked batch: its ledger, the office's settings, and the roster and year that it was compared with. `remarks`
    are sentences about the whole batch. `unfinished` is True if the run was broken off. With a roster, `past` has
    the rounds (轮次) of the agencies. `deadline` is the last day, `day` is today.
    `scoring` says how the agencies are scored, if they are. `office` reviews the batch.
    """

    ledger: Ledger
    settings: Settings = STANDARD
    roster: Roster | None = None
    year: int | None = None
    remarks: tuple[str, ...] = ()
    unfinished: bool = False
    past: Past | None = None
    deadline: date | None = None
    day: date = date.min
    scoring: Scoring | None = None
    office: str = ""

    def close(self) -> None:
        """Close the ledger and the history."""
        if self.past:
            self.past.history.close()
        self.ledger.abandon()

    def lines(self) -> Iterator[Standing]:
        """Yield one line for each agency of a roster and each of its further returns; without a roster, one line for
        each result."""
        if self.roster:
            yield from map(self._completed, standings(self.ledger, self.roster, self.year))
            return
        for result in self.ledger.results():
            line = Standing(STATUS_WORDS[result.status], result.name, None, result)
            yield replace(line, received=result.received, received_by=result.received_by)

    def _completed(self, line: Standing) -> Standing:
        """Return a line with its round, and when the return came."""
        if line.result and line.state not in ("未报", "重复", "不在名册"):
            line = replace(line, comparison=self.comparison(line.result))
            if line.comparison.number:
                line = replace(line, received=line.comparison.received, received_by=line.comparison.received_by)
        if line.state not in ("重复", "不在名册"):
            line = replace(line, is_late=is_late(line.received, self.deadline, self.day))
        return line

    def comparison(self, result: FileResult) -> RoundComparison:
        """Return the round of a return that counts, compared with the round before."""
        if self.past is None or self.roster is None or result.entry is None:
            return NO_COMPARISON
        return comparison_with_last(result, self.roster.entries[result.entry], self.ledger, self.past)

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

    def undecided(self) -> frozenset[int]:
        """Return the places on the roster of agencies with several returns of which nobody can tell which one
        counts."""
        return frozenset(self.ledger.undecided()) if self.roster else frozenset()

    def in_words(self) -> str:
        """Return the counts as a sentence."""
        return totals_of(self).in_words()

    @property
    def head(self) -> tuple[str, ...]:
        """Return what stands under the title: the office, the deadline, the day of the run."""
        deadline = f"期限 {_in_words(self.deadline)}" if self.deadline else ""
        checked_on = f"校验于 {_in_words(self.day)}" if self.day != date.min else ""
        return tuple(filter(None, (self.office, deadline, checked_on)))

    @property
    def has_faults(self) -> bool:
        """Return True if a file that counts has errors or could not be read, if it cannot be decided which return of an
        agency counts, or if an agency sent something else."""
        return self.ledger.has_faults() or bool(self.ledger.undecided()) or self._has_sent_others()

    def _has_sent_others(self) -> bool:
        """Return True if an agency sent something else in place of a return."""
        if self.roster is None or not self.ledger.sent_instead():
            return False
        return any(line.sent for line in standings(self.ledger, self.roster, self.year))

    def count_of_cross_findings(self) -> int:
        """Return the number of errors and warnings that only showed when all files were compared."""
        return self.ledger.count_added_findings()

    def sentences(self) -> tuple[str, ...]:
        """Return what a reader of the results must know first."""
        broken_off = (UNFINISHED,) if self.unfinished else ()
        return (*broken_off, *self.remarks, *self.settings.sentences())


def _in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def findings_json(batch: Batch, ascii_only: bool = False) -> Iterator[str]:
    """Yield the results as JSON in the documented format, piece by piece."""
    yield '{\n  "summary": ' + _indented(batch.summary(), 2, ascii_only)
    if batch.sentences():
        yield ',\n  "settings": ' + _indented(list(batch.sentences()), 2, ascii_only)
    if batch.roster:
        yield ',\n  "year": ' + json.dumps(batch.year)
        yield ',\n  "agencies": '
        totals = Totals.of(batch)
        yield from _array((_agency(totals.count(line), score) for line, score in batch.scores()), ascii_only)
        yield ',\n  "states": ' + _indented(totals.data(), 2, ascii_only)
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


def _agency(line: Standing, score: Score | None) -> dict[str, Any]:
    return {
        "agency": line.agency,
        "state": line.state,
        "group": line.group,
        "path": line.path,
        "received": iso_time(line.received),
        "received_by": line.received_by if line.received else "",
        "late": line.is_late,
        "round": line.comparison.number,
        "fixed": len(line.comparison.fixed),
        "remaining": len(line.comparison.remaining),
        "new": len(line.comparison.new),
        "explained": len(line.comparison.explained),
        "note": line.note,
        **({"score": score.data()} if score else {}),
    }


OF_FILES: tuple[State, ...] = ("不在名册", "重复")
"""The states of files that are no agency's return that counts."""
OF_AGENCIES: tuple[State, ...] = ("通过", "待说明", "有误", "无法读取", "不是填报表", "未报")
"""The other states, in the order in which they are told. Each agency of a roster has one of them."""
UNDECIDED = "分不出先后"
"""What is said of agencies with several returns of which nobody can tell which one counts."""


def iso_time(seconds: float | None) -> str | None:
    """Return a time as local ISO time without a zone: 2025-01-18T09:30:00; None if it is not known."""
    moment = moment_of(seconds)
    return moment.isoformat(timespec="seconds") if moment else None


@dataclass(slots=True)
class Totals:
    """The counts of a batch, the same on screen, page, workbook and in findings.json: lines by state, lines by group
    and state, findings (without consequences) by severity and rule. `agencies` is the number of agencies on the roster,
    None without one; `undecided` is the number of those of which no return counts, because several are equal."""

    states: Counter[str] = field(default_factory=Counter)
    groups: dict[str, Counter[str]] = field(default_factory=dict)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    agencies: int | None = None
    undecided: int = 0

    @classmethod
    def of(cls, batch: Batch) -> "Totals":
        """Return totals of a batch that have no line yet, see `count`."""
        agencies = len(batch.roster.entries) if batch.roster else None
        return cls(agencies=agencies, undecided=len(batch.undecided()))

    def count(self, line: Standing) -> Standing:
        """Count a line, and return it."""
        self.states[line.state] += 1
        self.groups.setdefault(line.group, Counter())[line.state] += 1
        for found in line.result.findings if line.result else ():
            self.rules[found.severity, found.rule] += found.because is None
        return line

    def by_rule(self, except_severity: str = "") -> list[tuple[str, int]]:
        """Return how often each rule was broken, the most frequent first, without the findings of the severity
        `except_severity`."""
        counts: Counter[str] = Counter()
        for (severity, rule), count in self.rules.items():
            if severity != except_severity:
                counts[rule] += count
        return [(rule, count) for rule, count in counts.most_common() if count]

    @property
    def findings(self) -> int:
        """Return how many findings there are, without consequences."""
        return self.rules.total()

    @property
    def received(self) -> int:
        """Return how many agencies of the roster have sent something."""
        return (self.agencies or 0) - self.states["未报"]

    @property
    def all_passed(self) -> bool:
        """Return True if every agency of the roster, or every file without one, has passed."""
        return self.states["通过"] > 0 and self.states["通过"] == (
            self.states.total() if self.agencies is None else self.agencies
        )

    def data(self) -> dict[str, int]:
        """Return the numbers of agencies on the roster, of those that have sent something, and of each state."""
        counts = {"agencies": self.agencies or 0, "received": self.received}
        return counts | {state: self.states[state] for state in STATES} | {UNDECIDED: self.undecided}

    def in_words(self) -> str:
        """Return the counts as a sentence: of agencies, or of files without a roster."""
        if self.agencies is None:
            words = "，".join(f"{state} {self.states[state]}" for state in self._shown("通过", "有误", "无法读取"))
            return f"共 {self.states.total()} 份：{words}。"
        words = "，".join(f"{state} {self.states[state]}" for state in self._shown("通过"))
        passed = "，全部通过" if self.all_passed else ""
        undecided = f"，{UNDECIDED} {self.undecided}" if self.undecided else ""
        apart = "，".join(f"{state} {self.states[state]}" for state in OF_FILES if self.states[state])
        also = f"另有不计的文件：{apart}。" if apart else ""
        return f"已收 {self.received}/{self.agencies}，{words}{undecided}{passed}。{also}"

    def _shown(self, *always: State) -> list[State]:
        return [state for state in OF_AGENCIES if state in always or self.states[state]]


def totals_of(batch: Batch) -> Totals:
    """Return the counts of a batch."""
    totals = Totals.of(batch)
    for line in batch.lines():
        totals.count(line)
    return totals
