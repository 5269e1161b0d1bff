"""What lists for people say of a standing (报送状态): when its return came, which round it is, what became of each
finding."""

from collections.abc import Collection, Mapping

from toolkit.batch.deadline import moment_of
from toolkit.batch.filing_status import Standing
from toolkit.batch.rounds import CellChange, RoundComparison
from toolkit.checks.findings import SEVERITY_WORDS, Finding

LATE = "逾期"
UNASKED = "未要求修改"


def is_replaced(line: Standing, undecided: Collection[int]) -> bool:
    """Return True if another return of the agency counts. Of an `undecided` agency of the roster none counts yet."""
    return line.state == "重复" and not (line.result and line.result.entry in undecided)


def counts_of(line: Standing) -> list[int]:
    """Return the numbers of errors, warnings and hints of a line, without consequences."""
    return [line.result.count(severity) if line.result else 0 for severity in SEVERITY_WORDS]


def explanation_words(found: Finding) -> str:
    """Return what the agency wrote to a finding, and why the office does not accept it, if so."""
    return f"{found.explanation}（没有接受：{found.refusal}）" if found.refusal else found.explanation


def received_words(line: Standing) -> str:
    """Return when a return came, such as 2025-01-08 15:30; empty if that is not known."""
    moment = moment_of(line.received)
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def round_words(comparison: RoundComparison) -> str:
    """Return which return of the agency it is, such as 第 2 次; empty for the first one."""
    return f"第 {comparison.number} 次" if comparison.number > 1 else ""


def change_counts(comparison: RoundComparison) -> dict[str, int]:
    """Return how many findings were mended, still stand, are new and are explained, against the round before, without
    consequences; nothing in the first round."""
    return comparison.counts if comparison.number > 1 else {}


def changed_cells(line: Standing) -> list[CellChange]:
    """Return the cells that changed since the round before, those first for which nobody asked."""
    return sorted(line.comparison.changes, key=lambda change: change.is_asked)


def marks_of(line: Standing) -> Mapping[str, str]:
    """Return what became of each finding of a return, by fingerprint: 未改, 新出现, 已说明."""
    findings = line.result.findings if line.result else ()
    return {found.fingerprint: word for found in findings if (word := line.comparison.word_of(found))}
