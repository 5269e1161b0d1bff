"""Scores (考评得分): the points that each agency of the roster keeps, and why others were taken off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from toolkit.batch.deadline import is_late as is_late_for
from toolkit.batch.deadline import moment_of
from toolkit.batch.filing_status import Standing
from toolkit.batch.scoring_scheme import ScoringItem, ScoringScheme
from toolkit.characters import one_line
from toolkit.checks.findings import Finding

MESSAGE_LIMIT = 80
"""Characters of a finding's message that are quoted as a reason."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points that were taken off (扣分), and why."""

    name: str
    points: Decimal
    reason: str

    def data(self) -> dict[str, Any]:
        """Return the deduction as findings.json has it."""
        return {"name": self.name, "points": plain_number(self.points), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Score:
    """The score (得分) of one agency. The deductions may be more than the points that it could lose."""

    agency: str
    points: Decimal
    deductions: tuple[Deduction, ...] = ()

    def data(self) -> dict[str, Any]:
        """Return the score as findings.json has it."""
        return {
            "points": plain_number(self.points),
            "deductions": [deduction.data() for deduction in self.deductions],
        }


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a batch is scored: the scheme, the deadline (期限) if it is known, and today's date."""

    scheme: ScoringScheme
    deadline: date | None
    today: date

    @property
    def is_over(self) -> bool:
        """Return True if the deadline is known and has passed."""
        return self.deadline is not None and self.today > self.deadline


def scoring_of(scheme: ScoringScheme, deadline: date | None, today: date) -> Scoring:
    """Return how a batch is scored today. The `deadline` of the batch holds if the scheme does not say one."""
    return Scoring(scheme, scheme.deadline or deadline, today)


def with_scores(scoring: Scoring, lines: Iterable[Standing]) -> Iterator[tuple[Standing, Score | None]]:
    """Yield each line of the overview with the score of its agency: at the return that counts. The others have none,
    nor has an agency of which nobody can tell which return counts, nor one that is not on the roster."""
    for line in lines:
        is_scored = line.entry is not None and line.state not in ("重复", "不在名册")
        yield line, score_of(scoring, line) if is_scored else None


def score_of(scoring: Scoring, line: Standing) -> Score:
    """Return the score of the agency of one line."""
    scheme = scoring.scheme
    deductions = tuple(found for item in scheme.items if (found := _deduction(item, scoring, line)))
    kept = scheme.full - sum((deduction.points for deduction in deductions), Decimal(0))
    return Score(line.agency, max(kept, scheme.least), deductions)


def _deduction(item: ScoringItem, scoring: Scoring, line: Standing) -> Deduction | None:
    if item.when is not None:
        reason = _reason(item.when, scoring, line)
        return Deduction(item.name, item.points, reason) if reason else None
    findings = [found for found in _counted(line) if found.rule in item.rules or found.severity == item.severity]
    if not findings:
        return None
    if not item.each:
        return Deduction(item.name, item.points, _quoted(findings))
    points = item.points * len(findings)
    how = f"{len(findings)} 处，每处 {plain_number(item.points)} 分"
    if item.most is not None and points > item.most:
        points, how = item.most, f"{how}，最多 {plain_number(item.most)} 分"
    return Deduction(item.name, points, f"{how}：{_quoted(findings[:1])}")


def _counted(line: Standing) -> Iterator[Finding]:
    """Yield the findings for which points can be taken off: not what follows from another one, and not what the agency
    has explained."""
    for found in line.result.findings if line.result else ():
        if found.because is None and not found.is_explained:
            yield found


def _reason(when: str, scoring: Scoring, line: Standing) -> str:
    """Return why points are taken off a return as a whole, empty if they are not."""
    if when == "逾期":
        return _lateness(scoring, line)
    if when == "退回未改":
        return _not_mended(line)
    return "；".join(filter(None, (f"报送情况是“{when}”", line.note))) if line.state == when else ""


def _lateness(scoring: Scoring, line: Standing) -> str:
    deadline = f"期限 {_day(scoring.deadline)}，" if scoring.deadline else ""
    if line.state == "未报":
        return f"{deadline}过了期限仍未报" if line.is_late or scoring.is_over else ""
    received = line.comparison.first_received or line.received  # a correction after the deadline is not late
    is_late = is_late_for(received, scoring.deadline, scoring.today) if scoring.deadline and received else line.is_late
    if not is_late:
        return ""
    moment = moment_of(received)
    if moment is None:
        return f"{deadline}逾期收到"
    shown_by = f"（{line.received_by}）" if line.received_by else ""
    return f"{deadline}{_day(moment)} {moment:%H:%M} 收到{shown_by}"


def _not_mended(line: Standing) -> str:
    """Return what still stands in a return that comes again after it was sent back."""
    rounds = line.comparison.number
    remaining = [found for found in line.comparison.remaining if found.is_open and found.severity == "error"]
    if rounds < 2 or (not remaining and line.state not in ("有误", "待说明")):
        return ""
    if not remaining:
        return f"第 {rounds} 次报送仍是“{line.state}”"
    return f"第 {rounds} 次报送仍未改正：{_quoted(remaining)}"


def _quoted(findings: Sequence[Finding]) -> str:
    """Return what the first finding says, without its advice, and the number of all of them."""
    first = one_line(findings[0].message).partition("。请")[0]
    if len(first) > MESSAGE_LIMIT:
        first = f"{first[:MESSAGE_LIMIT].rstrip('…')}……"
    return first if len(findings) == 1 else f"{len(findings)} 处，如{first}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def plain_number(points: Decimal) -> int | float:
    """Return points as a plain number: 95, or 94.5."""
    return int(points) if points == int(points) else float(points)
