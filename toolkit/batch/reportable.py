"""Decides which returns (报送) of a checked batch get a report: for each agency and year the one that counts, and only
if it has no errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, cast

from toolkit.batch.checked_batch import Batch
from toolkit.batch.jobs import Approved
from toolkit.batch.ledger.file_result import Contender, FileResult
from toolkit.batch.received.files import Item
from toolkit.batch.ties import tied
from toolkit.characters import plain
from toolkit.checks.registry import is_blocking
from toolkit.forms.loader import FormLookup

Why = Literal["有误", "待说明", "无法读取", "不在名册", "其他年度", "空白", "重复", "分不出先后"]
"""Why a return gets no report."""
NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A return without a report, and why, also in words. `is_fault` is True if the agency has no report because of it,
    so that somebody has to act."""

    result: FileResult
    why: Why
    words: str
    is_fault: bool = True


def find_superseded(batch: Batch) -> None:
    """Mark the returns that do not count because there are others of the same agency and year. With a roster, agencies
    are matched by it, otherwise by the names that were filled in."""
    ledger = batch.ledger
    for entry, key, year in ledger.agencies_with_several_returns():
        if entry is not None:
            returns = ledger.contenders_of(entry)
        else:
            assert year is not None
            returns = ledger.contenders_by_name(key, year, unplaced=True)
        for number, why, words in _superseded(returns):
            ledger.supersede(number, why, words)


def _superseded(returns: Sequence[Contender]) -> Iterator[tuple[int, Why, str]]:
    """Yield those of an agency's returns that do not count: number, reason, and the same in words. In `returns` the one
    that counts comes first."""
    if rivals := tied(returns):
        names = sorted(one.name for one in rivals)
        more = f" 等 {len(names)} 份" if len(names) > NAMES_SHOWN else ""
        words = f"同一机关的几份改动时间相同，分不出先后：{'、'.join(names[:NAMES_SHOWN])}{more}。请各留一份。"
        yield from ((one.id, "分不出先后", words) for one in returns)
        return
    copies = [one for one in returns if one.content == returns[0].content]
    counts = returns[0] if returns[0].entry is not None else min(copies, key=lambda one: one.id)
    for one in returns:
        if one is not counts:
            same = f"与 {counts.name} 内容相同，只算一份。"
            newer = f"同一机关报了 {len(returns)} 份，按 {counts.name} 计。"
            yield one.id, "重复", same if one.content == counts.content else newer


def results_of(batch: Batch, agency: str) -> Iterator[FileResult]:
    """Yield every result, in the order of the files; only those of an `agency`, if it is given by its name."""
    for result in batch.ledger.results():
        names = [result.name]
        if batch.roster and result.entry is not None:
            entry = batch.roster.entries[result.entry]
            names = [entry.name, *entry.former]
        if not agency or plain(agency) in map(plain, names):
            yield result


def unpublished(batch: Batch, allow_failed: bool, agency: str = "") -> Iterator[Unpublished]:
    """Yield every return that gets no report, in the order of the files; see `results_of`."""
    for result in results_of(batch, agency):
        found = _verdict(batch, result, allow_failed)
        if found:
            yield found


def approved(batch: Batch, allow_failed: bool, agency: str = "") -> Iterator[tuple[Item, tuple[Approved, ...]]]:
    """Yield each file with those of its submissions that get a report; see `results_of`."""
    for number, results in groupby(results_of(batch, agency), lambda result: result.item):
        kept = tuple(
            Approved(result.path, result.digest, len(_faults(result)), _reminders(result), _remark(batch, result))
            for result in results
            if _verdict(batch, result, allow_failed) is None
        )
        if kept:
            yield batch.ledger.item(number), kept


def _remark(batch: Batch, result: FileResult) -> str:
    """Return a remark on a report whose title would have another name of the agency than the roster."""
    if batch.roster is None or result.entry is None:
        return ""
    name = batch.roster.entries[result.entry].name
    if plain(name) == plain(result.agency):
        return ""
    return f"报告标题用的是表上的机关名称“{result.agency}”，名册上是“{name}”。请更正表上的机关全称，再公开。"


def _reminders(result: FileResult) -> int:
    """Return how many reminders (提醒) stand that the agency has not explained."""
    return sum(found.is_open and found.severity == "warning" and not is_blocking(found) for found in result.findings)


def _faults(result: FileResult) -> list[str]:
    """Return the messages on what keeps a return from a report."""
    return [found.message for found in result.findings if is_blocking(found) and found.because is None]


def _verdict(batch: Batch, result: FileResult, allow_failed: bool) -> Unpublished | None:
    """Return why a return gets no report, None if it gets one."""
    if superseded := batch.ledger.superseded(result.id):
        why, words = superseded
        return Unpublished(result, cast(Why, why), words, is_fault=why != "重复")
    errors = _faults(result)
    if result.status == "unreadable":
        return Unpublished(result, "无法读取", errors[0])
    if result.standing == "不在名册":
        return _not_on_roster(batch, result)
    if result.empty:
        return Unpublished(result, "空白", "没有填过的空白模板。请移走，或让报送单位填好再报。")
    if errors and not allow_failed:
        more = f"（共 {len(errors)} 处错误）" if len(errors) > 1 else ""
        return Unpublished(result, "有误", f"{errors[0]}{more}")
    if result.standing == "待说明" and not allow_failed:
        reminders = [found.message for found in result.findings if found.is_open]
        words = f"{len(reminders)} 处提醒没有改正，也没有说明原因"
        return Unpublished(result, "待说明", f"{words}，如：{reminders[0]}")
    return None


def _not_on_roster(batch: Batch, result: FileResult) -> Unpublished:
    """Return why a return that is not on the roster gets no report. A return of another year is not on it either; its
    agency may have sent the right one, too."""
    if batch.year in (None, result.year):
        return Unpublished(result, "不在名册", f"{result.name}不在名册上。请核对机关全称，或补进名册。")
    words = f"是 {result.year} 年的，这次出的是 {batch.year} 年的报告。请移走，或用 --year 指明要哪一年的。"
    return Unpublished(result, "其他年度", words, is_fault=not batch.ledger.has_other_on_roster(result.id))


def outdated_reports(batch: Batch, form_of: FormLookup) -> Iterator[tuple[str, Unpublished]]:
    """Yield the title of each report that must not be published now, because its return has errors or does not
    count."""
    for found in unpublished(batch, allow_failed=False):
        if found.why not in ("重复", "其他年度") and (title := _title(batch, found.result, form_of)):
            yield title, found


def _title(batch: Batch, result: FileResult, form_of: FormLookup) -> str:
    """Return the title of a return's report; empty if it is unknown. The agency of an unreadable return may be known
    from the roster."""
    form_id, agency, year = result.form, result.agency, result.year
    if not form_id and batch.roster and result.entry is not None:
        agency, year = batch.roster.entries[result.entry].name, batch.year
        form_id = batch.ledger.form_of_year(year)
    form = form_of(form_id) if form_id else None
    return form.report_title(agency, year) if form and year else ""
