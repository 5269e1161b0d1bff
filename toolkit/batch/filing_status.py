"""The filing status (报送情况) of each agency on a roster: what it returned, or that it returned nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.received.files import NOBODYS
from toolkit.batch.received.left_out import LeftOutFile
from toolkit.batch.received.named_agency import NamedAgencies
from toolkit.batch.received.sent_files import is_no_return, sent_note, unread_note
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.batch.rounds import NO_COMPARISON, RoundComparison
from toolkit.batch.states import State
from toolkit.batch.ties import tied
from toolkit.characters import plain
from toolkit.checks.findings import Finding
from toolkit.checks.powers import power_rule_id
from toolkit.checks.registry import OLD_FORMS, OTHER_NAMES, OTHER_YEARS, STRANGERS
from toolkit.checks.settings import Settings
from toolkit.checks.signature import GENUINE, OF_OTHER

_STATE_OF: dict[str, State] = {"passed": "通过", "failed": "有误", "unreadable": "无法读取"}


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the overview: an agency and its return that counts, or a return that does not count (重复), or a
    return of no agency on the roster (不在名册). `other_year` is the year of a return of another year.

    `sent` is what the agency sent in place of a return (不是填报表), if no return of it counts; `note` then says what
    to send instead. `received` is when the return came, in seconds, and `received_by` says what shows it (文件时间,
    邮件日期). `is_late` is True past the deadline. `comparison` compares it with the return before.
    """

    state: State
    agency: str
    entry: RosterEntry | None = None
    result: FileResult | None = None
    note: str = ""
    other_year: int | None = None
    received: float | None = None
    received_by: str = ""
    is_late: bool = False
    comparison: RoundComparison = NO_COMPARISON
    sent: LeftOutFile | None = None

    @property
    def path(self) -> str:
        """The path of the file that the line is about, as it is shown; empty if the agency sent nothing."""
        if self.sent:
            return self.sent.path
        return self.result.path if self.result else ""

    @property
    def name(self) -> str:
        """The name in lists for people. With another year beside it, an agency of the roster does not look like a
        stranger."""
        return f"{self.agency}（{self.other_year} 年的表）" if self.other_year else self.agency

    @property
    def group(self) -> str:
        """The group of the agency on the roster."""
        return self.entry.group if self.entry else ""


def place_on_roster(ledger: Ledger, roster: Roster, year: int | None, settings: Settings) -> int | None:
    """Write for each result which agency returned it, and its standing. Return the year of the returns: `year`, or the
    most frequent one."""
    agencies = NamedAgencies(roster)
    for result in ledger.results():
        number, how = _owner(result, ledger, agencies)
        if number is None:
            ledger.assign(result.id, None, plain(result.agency), "不在名册")
            if result.agency:
                _tell(ledger, result, settings, STRANGERS.find(result.agency))
            continue
        entry = roster.entries[number]
        ledger.assign(result.id, number, plain(entry.name), _state_of(result))
        said = [OTHER_NAMES.find(how, entry.name)] if how else []
        lacks = {power_rule_id(power) for power, has in entry.powers.items() if not has}
        said += [found for found in result.without_power if found.rule in lacks]
        _tell(ledger, result, settings, *said)
    year = year or ledger.usual_year(on_roster=True)
    for result in ledger.results_of_other_years(year, on_roster=True):
        ledger.assign(result.id, None, plain(result.agency), "不在名册")
        _tell(ledger, result, settings, OTHER_YEARS.find(result.year or 0, year or 0))
    ledger.save()
    return year


def _tell(ledger: Ledger, result: FileResult, settings: Settings, *findings: Finding) -> None:
    if findings:
        ledger.add_findings(result.id, settings.applied(findings))


def _owner(result: FileResult, ledger: Ledger, agencies: NamedAgencies) -> tuple[int | None, str]:
    """Return the position on the roster of the agency that returned this, and by what it was known if not by its name.

    The id of the template decides, unless the name is that of another agency on the roster. In that case the other
    agency used the template of a colleague. Without an id and a name, as in a file that cannot be read, the names of
    the file and of what it came in decide.
    """
    roster = agencies.roster
    key = plain(result.agency)
    named, issued = roster.by_name.get(key), roster.by_id.get(result.issued) if result.issued else None
    if named is not None:
        return named, ""
    former = roster.by_former_name.get(key) if key else None
    if issued is not None:
        return issued, f"机关全称填的是“{result.agency}”，按模板编号"
    if former is not None:
        return former, f"按曾用名“{result.agency}”"
    if not key:
        named = agencies.of(ledger.clues_of(result.item))
        if named is not None:
            return named, "按文件名"
    return None, ""


def refuse_other_years(ledger: Ledger, settings: Settings, asked: int | None) -> tuple[str, ...]:
    """Add a finding for each return of another year, in a batch without a roster.

    If the signature of its template agrees, such a return does not count. Otherwise it gets a finding only if the
    office `asked` for a year, because a batch without a roster may have several years. If no year was asked for, the
    most frequent one counts. Return the notes on that.
    """
    year = asked or ledger.usual_year()
    refused = 0
    for result in ledger.results_of_other_years(year):
        signed = next((found for found in result.findings if found.rule in (GENUINE.id, OF_OTHER.id)), None)
        if signed:
            refused += 1
            finding = OLD_FORMS.find(result.agency, result.year or 0, year or 0)
            ledger.add_findings(result.id, settings.applied([finding]))
        elif asked:
            ledger.add_findings(result.id, settings.applied([OTHER_YEARS.find(result.year or 0, asked)]))
    ledger.save()
    if asked or not refused:
        return ()
    return (f"没有用 --year 写明本次的年度，按多数文件认作 {year} 年，签名相符的其他年度的 {refused} 份不算已报",)


def settle(ledger: Ledger) -> None:
    """Decide which return of each agency counts, see `Ledger.contenders_of`. The others get the standing 重复. All of
    them get it if nobody can tell which one is the newest. An empty template is no return."""
    changes: list[tuple[int, State]] = []
    for _, group in groupby(ledger.contenders_on_roster(), key=lambda one: one.entry):
        mine = list(group)
        first = mine[0]
        if not tied(mine):
            changes.append((first.id, "未报" if first.is_empty else _state_of(ledger.result(first.id))))
            mine = mine[1:]
        changes += [(one.id, "重复") for one in mine]
    for number, state in changes:
        ledger.set_standing(number, state)
    ledger.save()


def _state_of(result: FileResult) -> State:
    """Return the state that a return gives its agency if it counts. It may be held (待说明) although it has no
    errors."""
    if result.standing == "待说明":
        return "待说明"
    if result.status == "unreadable" and is_no_return(result.path, result.cause):
        return "不是填报表"
    return _STATE_OF[result.status]


def undecided_note(ledger: Ledger, entry: int) -> str:
    """Return what is said of an agency of which no return counts."""
    names = "、".join(one.name for one in tied(ledger.contenders_of(entry)))
    return f"{names} 的改动时间相同，分不出先后，都没有计入。请只留一份，再校验"


def standings(ledger: Ledger, roster: Roster, year: int | None) -> Iterator[Standing]:
    """Yield every agency in the order of the roster, each followed by its returns that do not count. Then yield the
    returns of no agency on the roster, and those that are not of the `year` that was asked for."""
    returns = ledger.results_by_entry()
    pending = next(returns, None)
    sent_instead = dict(ledger.sent_instead())
    for number, entry in enumerate(roster.entries):
        mine = []
        while pending is not None and pending.entry == number:
            mine.append(pending)
            pending = next(returns, None)
        counted = next((result for result in mine if result.standing != "重复"), None)
        if mine and counted is None:
            note = undecided_note(ledger, number)
            yield from (_standing("重复", entry, result, note) for result in mine)
            continue
        others = [result for result in mine if result is not counted]
        yield _of_agency(entry, counted, others, sent_instead.get(number, ()))
        for other in others:
            yield _standing("重复", entry, other, f"按 {counted.path} 计" if counted else "")
    agencies = NamedAgencies(roster)
    for result in ledger.results_of_nobody():
        is_of_other = result.year != year and _owner(result, ledger, agencies)[0] is not None
        note = NOBODYS if result.status == "unreadable" else ""
        line = Standing("不在名册", result.name, None, result, note, result.year if is_of_other else None)
        yield replace(line, received=result.received, received_by=result.received_by)


def _of_agency(
    entry: RosterEntry, counted: FileResult | None, others: Sequence[FileResult], sent: Sequence[LeftOutFile]
) -> Standing:
    """Return the line of an agency: its return that counts; or else, what it sent in place of one."""
    more = f"另有 {len(others)} 份：{'、'.join(other.path for other in others)}" if others else ""
    if counted is None or counted.empty:
        blank = "交来的是没有填过的空白模板" if counted else ""
        if not sent:
            return _standing("未报", entry, counted, "；".join(filter(None, (blank, more))))
        first = sent[0]
        words = sent_note(first.path, first.kind, len(sent) - 1) if first.kind else ""
        line = Standing(
            "不是填报表", entry.name, entry, None, "；".join(filter(None, (words, blank, more))), sent=first
        )
        return replace(line, received=first.arrival.received or None, received_by=first.arrival.received_by)
    state = _state_of(counted)
    if counted.status == "unreadable":
        words = unread_note(counted.path, counted.cause, counted.findings[0].message)
        more = "；".join(filter(None, (words, more)))
    return _standing(state, entry, counted, more)


def _standing(state: State, entry: RosterEntry, result: FileResult | None, note: str) -> Standing:
    """Return the line of an agency or of one of its returns."""
    line = Standing(state, entry.name, entry, result, note)
    return replace(line, received=result.received, received_by=result.received_by) if result else line


def known_senders(roster: Roster) -> Callable[[LeftOutFile], LeftOutFile]:
    """Return a function that adds to a file that was left out which agency on the roster sent it."""
    agencies = NamedAgencies(roster)

    def whose(left: LeftOutFile) -> LeftOutFile:
        number = agencies.of(left.arrival.clues)
        said = NOBODYS if number is None else f"是{roster.entries[number].name}的"
        return replace(left, entry=number, reason=f"{left.reason}；{said}")

    return whose
