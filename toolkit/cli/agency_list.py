"""What `gknb check` shows of a batch that is compared with a roster (名册): who must still do something first, those
that passed as a number."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from toolkit.cli.batch_messages import NAMES_SHOWN, fault_counts
from toolkit.cli.console import show

if TYPE_CHECKING:
    from toolkit.batch.checked_batch import Batch
    from toolkit.batch.filing_status import Standing
    from toolkit.batch.ledger.file_result import FileResult

NAMED_ONLY = ("未报", "不在名册")
"""States of which only the names are shown."""


def show_agencies(batch: "Batch", show_whole: "Callable[[FileResult], None] | None") -> None:
    """Show the agencies that are not done, by state and in the order of the roster, and one line with the counts. With
    `show_whole` every finding is shown, because it stands nowhere else."""
    from toolkit.batch.checked_batch import Totals
    from toolkit.batch.states import DESK_ORDER

    totals, reminded = Totals.of(batch), 0
    lines: dict[str, list[Standing]] = {state: [] for state in DESK_ORDER}
    for line in map(totals.count, batch.lines()):
        has_reminders = (
            line.state == "通过" and line.result is not None and any(found.is_open for found in line.result.findings)
        )
        reminded += has_reminders
        if line.state not in ("通过", "重复") or (show_whole and has_reminders):
            lines[line.state].append(line)
    for line in (line for state in DESK_ORDER if state not in NAMED_ONLY for line in lines[state]):
        if show_whole and line.result:
            show_whole(line.result)
        else:
            show(_agency_line(line))
    if passed := totals.states["通过"]:
        reminders = f"（其中 {reminded} 个有提醒）" if reminded else ""
        show(f"通过 {passed} 个，从略{reminders}。")
    for state in NAMED_ONLY:
        if names := [line.name for line in lines[state][:NAMES_SHOWN]]:
            count = totals.states[state]
            more = f" 等 {count} 个" if count > len(names) else ""
            show(f"{state}：{'、'.join(names)}{more}。")
    _show_undecided(batch)
    show(totals.in_words())


def _agency_line(line: "Standing") -> str:
    """Return the line of an agency: its state, its faults, what became of those of the round before, its file."""
    from toolkit.batch.results.standing_words import LATE, change_counts, round_words

    counts = fault_counts(line.result) if line.result else line.note
    changes = "，".join(f"{word} {count}" for word, count in change_counts(line.comparison).items())
    rounds = f"{round_words(line.comparison)}：{changes}" if changes else ""
    words = counts, rounds, LATE if line.is_late else "", line.path
    return f"【{line.state}】{line.name}  " + "  ".join(filter(None, words))


def _show_undecided(batch: "Batch") -> None:
    assert batch.roster is not None
    if undecided := batch.ledger.undecided():
        named = [batch.roster.entries[entry].name for entry in undecided[:NAMES_SHOWN]]
        more = f" 等 {len(undecided)} 个机关" if len(undecided) > len(named) else ""
        show(f"报了几份、改动时间相同、分不出先后，都没有计入：{'、'.join(named)}{more}。请各只留一份，再校验。")
