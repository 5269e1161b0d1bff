"""Takes the history (历程) of the agencies into a checked batch: explanations (说明) that they gave before, the round
(轮次) of each return, and what changed since the round before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.history import History, Round
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.batch.rounds import NO_COMPARISON, RoundComparison, changed_cells, compared
from toolkit.checks.explanations import explained, no_reason_findings
from toolkit.checks.findings import Finding
from toolkit.checks.registry import CHANGES
from toolkit.checks.settings import Settings
from toolkit.forms.model import Form

FindForm = Callable[[str], Form | None]


def take_up_history(
    ledger: Ledger,
    history: History,
    roster: Roster,
    year: int | None,
    settings: Settings,
    form_of: FindForm,
    records: bool,
) -> None:
    """Add to the results of the roster's agencies what their history says. With `records`, record their new rounds.

    Nothing may be recorded of a run that is not complete: the return that counts may not have been read yet. Nor of an
    agency of which nobody can tell which return counts.
    """
    with history.recording():
        for number, results in groupby(ledger.results_by_entry(), key=lambda result: result.entry):
            assert number is not None
            entry, known = roster.entries[number], _returns(results)
            earlier = history.rounds(history.agency(known_by(entry)), year)
            for result in known:
                _take_up_explanations(ledger, history, entry, year, settings, result, earlier)
            rounds = _numbered([_round(ledger, result) for result in known], earlier)
            for result in known:
                if result.standing != "重复":
                    _tell_changes(ledger, result, rounds, settings, form_of)
                    _hold(ledger, ledger.result(result.id), settings)
            if records and any(result.standing != "重复" for result in known):
                agency = history.add_agency(known_by(entry))
                new = [_round(ledger, result) for result in known]
                for one in sorted(new, key=lambda one: rounds[one.content].number):
                    history.record(agency, year, one)
    ledger.save()


def known_by(entry: RosterEntry) -> tuple[str, ...]:
    """Return what an agency is known by, its present name first."""
    return tuple(filter(None, (entry.name, *entry.former, entry.code)))


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
    return result.digest + result.suffix


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
    """Return the rounds by content, with their numbers: first the earlier ones, then those that are new."""
    rounds = {one.content: one for one in earlier}
    for one in new:
        number = rounds[one.content].number if one.content in rounds else len(rounds) + 1
        rounds[one.content] = replace(one, number=number)
    return rounds


def _take_up_explanations(
    ledger: Ledger,
    history: History,
    entry: RosterEntry,
    year: int | None,
    settings: Settings,
    result: FileResult,
    earlier: Sequence[Round],
) -> None:
    """Add to the findings of a return what its agency wrote to them, here or in an earlier round, and what the office
    refused. An explanation without a reason is told for findings of the batch, too."""
    written = {**_still_fitting(earlier, result), **result.explanations}
    if not written:
        return
    refused = history.refusals(history.agency(known_by(entry)), year)
    ledger.answer(result.id, written, {key: one for key, one in refused.items() if key in written})
    answered = list(explained(result.findings, written, refused))
    known = {found.fingerprint for found in result.findings}
    told = settings.applied(found for found in no_reason_findings(answered) if found.fingerprint not in known)
    if told:
        ledger.add_findings(result.id, told)


def _still_fitting(earlier: Sequence[Round], result: FileResult) -> dict[str, str]:
    """Return the explanations of the rounds before this return that still fit: the finding has the same figures and no
    further cells."""
    rounds = takewhile(lambda one: one.content != _content(result), earlier)
    before = {found.fingerprint: found for one in rounds for found in one.findings if found.explanation}
    fitting = {}
    for found in result.findings:
        last = before.get(found.fingerprint)
        if last and set(found.cells) <= set(last.cells) and _figures(found) == _figures(last):
            fitting[found.fingerprint] = last.explanation
    return fitting


def _figures(found: Finding) -> tuple[str, str]:
    return found.expected, found.actual


def _tell_changes(
    ledger: Ledger, result: FileResult, rounds: Mapping[str, Round], settings: Settings, form_of: FindForm
) -> None:
    """Add a finding on the figures that changed since the round before although nobody asked for it."""
    this = rounds[_content(result)]
    before = _round_before(this.number, rounds.values())
    form = form_of(result.form)
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


def comparison_with_last(
    result: FileResult, entry: RosterEntry, ledger: Ledger, history: History, year: int | None, form_of: FindForm
) -> RoundComparison:
    """Return the round of a return of an agency, compared with the round before."""
    if result.status == "unreadable" or result.empty:
        return NO_COMPARISON
    earlier = history.rounds(history.agency(known_by(entry)), year)
    rounds = _numbered([_round(ledger, result)], earlier)
    this = rounds[_content(result)]
    first = next(one.received for one in rounds.values() if one.number == 1)
    found = comparison_of(this, _round_before(this.number, rounds.values()), form_of(result.form))
    return replace(found, first_received=first)


def comparison_of(this: Round, before: Round | None, form: Form | None) -> RoundComparison:
    """Return a round compared with the round before, None if it is the first. `form` names the cells."""
    if before is None:
        return compared(this.number, this.findings)
    changes = changed_cells(form, before.cells, this.cells, before.findings) if form else ()
    return compared(this.number, this.findings, before.findings, changes)
