"""Takes the history (历程) of the agencies into a checked batch: explanations (说明) that they gave before, the round
(轮次) of each return, and what changed since the round before."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import groupby

from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.history import History, Round
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.batch.rounds import NO_COMPARISON, HasRun, RoundComparison, changed_cells, compared
from toolkit.checks.explanations import RefusedExplanation, explained, no_reason_findings
from toolkit.checks.findings import Finding
from toolkit.checks.registry import CHANGES
from toolkit.checks.settings import Settings
from toolkit.forms.model import Form

FindForm = Callable[[str], Form | None]


@dataclass(frozen=True, slots=True)
class Past:
    """What a batch knows of earlier rounds: the history, the year, what finds a form by its id, and what says if a rule
    was run in this check."""

    history: History
    year: int | None
    form_of: FindForm
    has_run: HasRun

    def agency(self, entry: RosterEntry) -> int | None:
        """Return the number of an agency in the history, None if it has none."""
        return self.history.agency(names_of(entry), entry.code)

    def rounds(self, entry: RosterEntry) -> list[Round]:
        """Return the rounds of an agency, the first one first."""
        return self.history.rounds(self.agency(entry), self.year)


def names_of(entry: RosterEntry) -> tuple[str, ...]:
    """Return the names of an agency, its present one first."""
    return entry.name, *entry.former


def take_up_history(ledger: Ledger, past: Past, roster: Roster, settings: Settings, records: bool) -> None:
    """Add to the results of the roster's agencies what their history says. With `records`, record their new rounds.

    Nothing may be recorded of a run that is not complete: the return that counts may not have been read yet. Nor is
    anything recorded of an agency of which nobody can tell which return counts, nor of a check with a part of the
    rules.
    """
    records = records and not (settings.only or settings.skip)
    with past.history.recording() if records else nullcontext():
        for number, results in groupby(ledger.results_by_entry(), key=lambda result: result.entry):
            assert number is not None
            entry = roster.entries[number]
            rounds = _take_up(ledger, past, entry, list(results), settings)
            if records and any(one.counts for one in rounds):
                agency = past.history.add_agency(names_of(entry), entry.code)
                for one in rounds:
                    past.history.record(agency, past.year, one)
    ledger.save()


def _take_up(
    ledger: Ledger, past: Past, entry: RosterEntry, results: Sequence[FileResult], settings: Settings
) -> list[Round]:
    """Add to the results of an agency what its history says. Return its rounds in their order, as they are now."""
    earlier = past.rounds(entry)
    refused = past.history.refusals(past.agency(entry), past.year)
    mine = {_content(result): result for result in _returns(results)}
    numbered = _numbered([_round(ledger, result) for result in mine.values()], earlier)
    rounds = list[Round]()
    for this in sorted(numbered.values(), key=lambda one: one.number):
        result = mine.get(this.content)
        if result is None:
            rounds.append(replace(this, counts=False))
            continue
        counts = result.standing != "重复"
        _take_up_explanations(ledger, result, rounds, refused, settings)
        if counts:
            _tell_changes(ledger, result, this, rounds, settings, past.form_of)
            _hold(ledger, ledger.result(result.id), settings)
        now = _round(ledger, result)
        rounds.append(replace(this, path=now.path, status=now.status, findings=now.findings, counts=counts))
    return rounds


def _returns(results: Iterable[FileResult]) -> list[FileResult]:
    """Return the returns of an agency that can be rounds, in the order in which they came. Copies are left out, but not
    the one that counts."""
    kept: dict[str, FileResult] = {}
    for result in sorted(results, key=lambda result: (result.received, result.changed, result.id)):
        if result.status != "unreadable" and not result.empty:
            key = _content(result)
            if key not in kept or kept[key].standing == "重复":
                kept[key] = result
    return list(kept.values())


def _content(result: FileResult) -> str:
    """Return the digest of what was returned: the file, or the submission if there are several in the file."""
    return result.own_digest or result.digest


def _round(ledger: Ledger, result: FileResult) -> Round:
    """Return the round of a result, as it is in the ledger now."""
    result = ledger.result(result.id)
    return Round(
        _content(result),
        result.path,
        result.received,
        result.received_by,
        result.form,
        result.status,
        result.findings,
        ledger.cells(result.id),
    )


def _numbered(new: Sequence[Round], earlier: Sequence[Round]) -> dict[str, Round]:
    """Return the rounds by content, with their numbers: first the earlier ones, then those that are new. When an
    earlier one came is known from the first time."""
    rounds = {one.content: one for one in earlier}
    for one in new:
        known = rounds.get(one.content)
        if known is None:
            rounds[one.content] = replace(one, number=len(rounds) + 1)
        else:
            rounds[one.content] = replace(
                one, number=known.number, received=known.received, received_by=known.received_by
            )
    return rounds


def _take_up_explanations(
    ledger: Ledger,
    result: FileResult,
    before: Sequence[Round],
    refused: Mapping[str, RefusedExplanation],
    settings: Settings,
) -> None:
    """Add to the findings of a return what its agency wrote to them, here or in the rounds before, and what the office
    refused. An explanation without a reason is told for findings of the batch, too."""
    written = {**_still_fitting(before, result, ledger.cells(result.id)), **result.explanations}
    if not written:
        return
    ledger.answer(result.id, written, {key: one for key, one in refused.items() if key in written})
    answered = list(explained(result.findings, written, refused))
    known = {found.fingerprint for found in result.findings}
    told = settings.applied(found for found in no_reason_findings(answered) if found.fingerprint not in known)
    if told:
        ledger.add_findings(result.id, told)


def _still_fitting(before: Sequence[Round], result: FileResult, cells: Mapping[str, str]) -> dict[str, str]:
    """Return the explanations of the rounds before that still fit: nothing that the finding speaks of has changed, and
    it names no further cells."""
    last = {found.fingerprint: (found, one.cells) for one in before for found in one.findings if found.explanation}
    fitting = {}
    for found in result.findings:
        if found.fingerprint in last:
            then, figures = last[found.fingerprint]
            is_same = all(figures.get(cell) == cells.get(cell) for cell in found.cells)
            if is_same and set(found.cells) <= set(then.cells) and _facts(found) == _facts(then):
                fitting[found.fingerprint] = then.explanation
    return fitting


_ADDRESS = re.compile(r"（[^（）]*![A-Z]{1,3}[0-9]+[^（）]*）")


def _facts(found: Finding) -> tuple[str, str, str]:
    """Return what a finding is about besides its cells. Without cells that is the whole message, wherever it stands."""
    return found.expected, found.actual, "" if found.cells else _ADDRESS.sub("", found.message)


def _tell_changes(
    ledger: Ledger, result: FileResult, this: Round, rounds: Sequence[Round], settings: Settings, form_of: FindForm
) -> None:
    """Add a finding on the figures that changed since the round before although nobody asked for it."""
    before, form = _round_before(this.number, rounds), form_of(result.form)
    if before is None or form is None:
        return
    changes = changed_cells(form, before.cells, this.cells, before.findings)
    if unasked := [change for change in changes if not change.is_asked]:
        cells = [change.cell for change in unasked]
        words = [f"{change.place}：{change.before or '空白'} 改为 {change.after or '空白'}" for change in unasked]
        ledger.add_findings(result.id, settings.applied([CHANGES.find(before.number, cells, words)]))


def _round_before(number: int, rounds: Iterable[Round]) -> Round | None:
    return next((one for one in rounds if one.number == number - 1), None)


def _hold(ledger: Ledger, result: FileResult, settings: Settings) -> None:
    """Set 待说明 for a return that has reminders without explanation, if the office's profile is 严格."""
    if settings.holds_reminders and result.status == "passed" and any(found.is_open for found in result.findings):
        ledger.set_standing(result.id, "待说明")


def comparison_with_last(result: FileResult, entry: RosterEntry, ledger: Ledger, past: Past) -> RoundComparison:
    """Return the round of a return of an agency, compared with the round before."""
    if result.status == "unreadable" or result.empty:
        return NO_COMPARISON
    rounds = _numbered([_round(ledger, result)], past.rounds(entry))
    this = rounds[_content(result)]
    found = comparison_of(this, _round_before(this.number, rounds.values()), past.form_of(result.form), past.has_run)
    first = next(one.received for one in rounds.values() if one.number == 1)
    return replace(found, received=this.received, received_by=this.received_by, first_received=first)


def comparison_of(
    this: Round, before: Round | None, form: Form | None, has_run: HasRun = lambda _: True
) -> RoundComparison:
    """Return a round compared with the round before, None if it is the first. `form` names the cells."""
    if before is None:
        return compared(this.number, this.findings)
    changes = changed_cells(form, before.cells, this.cells, before.findings) if form else ()
    return compared(this.number, this.findings, before.findings, changes, has_run)
