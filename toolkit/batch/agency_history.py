"""The history (历程) of one agency, out of a results folder: its rounds (轮次), and the office's answers to its
explanations (说明)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from toolkit.batch.checked_batch import iso_time
from toolkit.batch.ledger.history import HISTORY_NAME, History, Round
from toolkit.batch.results.lock import lock_folder
from toolkit.batch.round_history import FindForm, comparison_of
from toolkit.batch.rounds import CellChange, RoundComparison
from toolkit.characters import plain
from toolkit.checks.causes import under_causes
from toolkit.checks.explanations import RefusedExplanation, explained
from toolkit.checks.findings import Finding
from toolkit.problems import Problem

NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class AgencyRound:
    """A round of an agency and its comparison with the round before."""

    round: Round
    comparison: RoundComparison


@dataclass(frozen=True, slots=True)
class AgencyHistory:
    """The rounds of an agency for a year, the first one first. `refusals` are by the fingerprint of the finding."""

    agency: str
    year: int
    rounds: tuple[AgencyRound, ...]
    refusals: dict[str, RefusedExplanation]

    @property
    def last(self) -> AgencyRound | None:
        """Return the round that counted in the last check, or else the last one."""
        counting = [one for one in self.rounds if one.round.counts] or self.rounds
        return counting[-1] if counting else None

    @property
    def asked(self) -> tuple[Finding, ...]:
        """Return what the agency was asked, explained or not, in the order and with the numbers (序号) of the annotated
        copy."""
        findings = self.last.round.findings if self.last else ()
        return tuple(cause for cause, _ in under_causes(found for found in findings if found.severity != "info"))

    def data(self) -> dict[str, Any]:
        """Return the history as plain data."""
        return {
            "agency": self.agency,
            "year": self.year,
            "rounds": [_round_data(one) for one in self.rounds],
            "refused": [{"fingerprint": key, "text": one.text, "why": one.why} for key, one in self.refusals.items()],
        }


def _round_data(one: AgencyRound) -> dict[str, Any]:
    comparison = one.comparison
    return {
        "round": one.round.number,
        "path": one.round.path,
        "received": iso_time(one.round.received),
        "received_by": one.round.received_by,
        "sha256": one.round.content,
        "status": one.round.status,
        "fixed": [found.fingerprint for found in comparison.fixed],
        "remaining": [found.fingerprint for found in comparison.remaining],
        "new": [found.fingerprint for found in comparison.new],
        "explained": [found.fingerprint for found in comparison.explained],
        "changes": [_change_data(change) for change in comparison.changes],
        "findings": [found.data() for found in one.round.findings],
        "values": dict(one.round.cells),
    }


def _change_data(change: CellChange) -> dict[str, Any]:
    return {"cell": change.cell, "before": change.before, "after": change.after, "asked": change.is_asked}


def history_of(folder: Path, name: str, year: int | None, form_of: FindForm) -> AgencyHistory:
    """Return the history of an agency in a results folder; without a `year`, that of its latest year.

    Raise Problem when nothing was recorded there, or no agency is meant for certain.
    """
    with _opened(folder) as history:
        agency = _agency(history, name)
        found = _history(history, agency, year or history.latest_year(agency[0]), form_of)
    if not found.rounds:
        raise Problem(f"{found.agency} {found.year} 年还没有报送的记录。")
    return found


def histories(folder: Path, year: int | None, form_of: FindForm) -> Iterator[AgencyHistory]:
    """Yield the history of every agency in a results folder. Raise Problem when nothing was recorded there."""
    with _opened(folder) as history:
        for number, name in history.agencies():
            found = _history(history, (number, name), year or history.latest_year(number), form_of)
            if found.rounds:
                yield found


def _history(history: History, agency: tuple[int, str], year: int, form_of: FindForm) -> AgencyHistory:
    number, name = agency
    refusals = history.refusals(number, year)
    rounds = [_with_refusals(one, refusals) for one in history.rounds(number, year)]
    before = [None, *rounds][: len(rounds)]
    compared = [
        AgencyRound(this, comparison_of(this, last, form_of(this.form)))
        for this, last in zip(rounds, before, strict=True)
    ]
    return AgencyHistory(name, year, tuple(compared), refusals)


def _with_refusals(one: Round, refusals: Mapping[str, RefusedExplanation]) -> Round:
    """Return a round with what the office has refused since the last check."""
    written = {found.fingerprint: found.explanation for found in one.findings if found.explanation}
    return replace(one, findings=tuple(explained(one.findings, written, refusals)))


@contextmanager
def _opened(folder: Path, read_only: bool = True) -> Iterator[History]:
    if not (folder / HISTORY_NAME).is_file():
        raise Problem(
            f"{folder} 里没有各机关报送的记录。请先用名册校验：gknb check 收回的表 --roster 名册 -o {folder}。"
        )
    history = History(folder, read_only)
    try:
        yield history
    finally:
        history.close()


def _agency(history: History, name: str) -> tuple[int, str]:
    """Return the number and the name of the agency that is meant: by one of its names, or by a part of one name only.

    Raise Problem when none or several are meant.
    """
    known = dict(history.agencies())
    number = history.agency([name])
    if number is not None:
        return number, known[number]
    parts = [(key, full) for key, full in known.items() if plain(name) and plain(name) in plain(full)]
    if len(parts) == 1:
        return parts[0]
    if parts:
        more = f" 等 {len(parts)} 个" if len(parts) > NAMES_SHOWN else ""
        raise Problem(f"“{name}”可能是 {'、'.join(full for _, full in parts[:NAMES_SHOWN])}{more}。请写全称。")
    near = get_close_matches(name, known.values(), n=3, cutoff=0.5)
    meant = f"是不是 {'、'.join(near)}？" if near else ""
    raise Problem(f"没有“{name}”报送的记录。{meant}请写名册上的全称。")


def refuse(folder: Path, name: str, finding: str, why: str, year: int | None, form_of: FindForm) -> Finding:
    """Record that the office does not accept an explanation. `finding` is the fingerprint of the finding, or the number
    that it has in `gknb status`. Return the finding; the next check asks it again.

    Raise Problem when there is no such finding, it has no explanation, or another run works on the results.
    """
    with lock_folder(folder), _opened(folder, read_only=False) as history:
        agency, found, wanted = _finding(history, name, finding, year, form_of)
        if not found.explanation:
            raise Problem(f"{agency[1]}对这一条没有写说明，没有什么要退回的：{found.message}")
        history.refuse(agency[0], wanted, found.fingerprint, RefusedExplanation(found.explanation, why))
        return replace(found, is_explained=False, refusal=why)


def accept(folder: Path, name: str, finding: str, year: int | None, form_of: FindForm) -> Finding:
    """Take back a refusal. Return the finding. Raise Problem as `refuse` does, and when nothing was refused."""
    with lock_folder(folder), _opened(folder, read_only=False) as history:
        agency, found, wanted = _finding(history, name, finding, year, form_of)
        if found.fingerprint not in history.refusals(agency[0], wanted):
            raise Problem(f"{agency[1]}对这一条的说明没有退回过：{found.message}")
        history.accept(agency[0], wanted, found.fingerprint)
        return found


def _finding(
    history: History, name: str, finding: str, year: int | None, form_of: FindForm
) -> tuple[tuple[int, str], Finding, int]:
    agency = _agency(history, name)
    wanted = year or history.latest_year(agency[0])
    known = _history(history, agency, wanted, form_of)
    for number, found in enumerate(known.asked, 1):
        if finding in (str(number), found.fingerprint):
            return agency, found, wanted
    where = f"编号见批注件的“审核意见”，或用 gknb status {agency[1]} 查看。"
    raise Problem(f"{agency[1]}最近一次报送没有编号为“{finding}”的意见。{where}")
