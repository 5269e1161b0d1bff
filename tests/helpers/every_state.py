"""A checked batch in which every state, round, consequence and explanation stands, as an office has it after some
weeks."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from batches import FAULTS, Fault, workbook
from kit import write

from toolkit.batch.check_job import CheckJob
from toolkit.batch.checked_batch import Batch
from toolkit.batch.filing_status import Standing
from toolkit.batch.pool_settings import PoolSettings
from toolkit.batch.received.left_out import LeftOut
from toolkit.batch.roster import Roster, read_roster
from toolkit.batch.rounds import CellChange, RoundComparison
from toolkit.batch.run import Review, check_batch
from toolkit.checks.findings import Finding

UNBALANCED, TOTAL, _, BLANK, _, _, WRONG_FIGURE = FAULTS
RETURNS: dict[str, Fault | None] = {
    "甲县教育局": TOTAL,
    "甲县水利局": UNBALANCED,
    "甲县民政局": WRONG_FIGURE,
    "甲县司法局": WRONG_FIGURE,
    "甲县审计局": None,
    "甲县林业局": None,
    "甲县商务局": None,
}
"""What is wrong in the return of each agency."""
SILENT = "甲县统计局", "甲县气象局", "甲县信访局"
WAITING, OF_WORD, CORRUPT = "甲县民政局", "甲县信访局", "甲县财政局"
PHONE = "0371-55000"
EXPLANATION = "两次申请并为一件办理，文字按申请人次写。"
DEADLINE = datetime(2025, 1, 20)


@dataclass(frozen=True, slots=True)
class ToldBatch(Batch):
    """A batch whose lines are told."""

    told: tuple[Standing, ...] = ()

    def lines(self) -> Iterator[Standing]:
        yield from self.told


def told(batch: Batch, lines: Iterable[Standing]) -> ToldBatch:
    """The batch with these lines, and with their agencies on its roster."""
    fields = {name: getattr(batch, name) for name in Batch.__dataclass_fields__}
    kept = tuple(lines)
    agencies = [(line.entry, line.agency) for line in kept if line.entry and line.state != "重复"]
    entries = tuple(replace(entry, name=agency) for entry, agency in agencies)
    return ToldBatch(**{**fields, "roster": Roster(entries)}, told=kept)


def checked_folder(folder: Path, returns: dict[str, Fault | None], silent: Iterable[str] = ()) -> Batch:
    """The returns of some agencies, checked against a roster that has the silent ones, too."""
    rng = random.Random(7)
    for agency, fault in returns.items():
        write(folder / "foreign" / f"{agency}.xlsx", workbook(agency, rng, fault)[0])
    names = [*returns, *silent]
    rows = [f"{name},部门,联络员{number},{PHONE}{number:02}" for number, name in enumerate(names, 1)]
    roster = folder / "名册.csv"
    roster.write_text("\n".join(["机关全称,分组,联系人,联系电话", *rows]), encoding="utf-8-sig")
    review = Review(CheckJob(), PoolSettings(0), read_roster(roster), 2024)
    batch = check_batch([folder / "foreign"], review, LeftOut(), lambda *_: None)
    return replace(batch, office="甲县人民政府办公室", deadline=DEADLINE.date(), day=date(2025, 1, 21))


def every_state(folder: Path) -> ToldBatch:
    """A batch with every state; 有误 with a consequence and in its second round, 待说明 with an explanation."""
    rng = random.Random(8)
    content, _, _ = workbook(CORRUPT, rng)
    write(folder / "foreign" / f"坏-{CORRUPT}.xlsx", content[:900])
    write(folder / "foreign" / "生人.xlsx", workbook("乙县公安局", rng)[0])
    write(folder / "foreign" / "旧" / "甲县审计局.xlsx", workbook("甲县审计局", rng, BLANK)[0])
    batch = checked_folder(folder, RETURNS, (*SILENT, CORRUPT))
    return told(batch, map(_as_after_weeks, batch.lines()))


def _as_after_weeks(line: Standing) -> Standing:
    """The line with what only several weeks bring."""
    change: Callable[[Standing], Standing] = {
        "甲县教育局": _second_round,
        WAITING: lambda one: replace(_explained(one), state="待说明"),
        OF_WORD: lambda one: replace(one, state="不是填报表", note="交来的是 Word 文件，请换成填报表。"),
    }.get(line.agency, lambda one: one)
    if line.result is None:
        return change(line)
    day = datetime(2025, 1, 21 if line.agency == "甲县水利局" else 8, 15, 30)
    return change(replace(line, received=day.timestamp(), received_by="文件时间", is_late=day > DEADLINE))


def _second_round(line: Standing) -> Standing:
    """One fault stands, another follows from it, one was mended; a figure changed for which nobody asked."""
    assert line.result
    cause, follows = sorted(line.result.findings, key=lambda found: found.severity)
    follows = replace(follows, because=cause.fingerprint)
    mended = Finding("blank", "error", "表二有 1 格空白：「行政强制」。没有发生的请填 0。", fingerprint="0123456789ab")
    changes = (
        CellChange("enforcement.coercion.decisions", "表二「行政强制」本年处理决定数量列", "", "0", is_asked=True),
        CellChange("services.licensing.decisions", "表二「行政许可」本年处理决定数量列", "12", "120", is_asked=False),
    )
    comparison = RoundComparison(2, fixed=(mended,), remaining=(cause,), changes=changes)
    return replace(line, result=replace(line.result, findings=(follows, cause)), comparison=comparison)


def _explained(line: Standing) -> Standing:
    """The reminder is explained."""
    assert line.result
    (reminder,) = line.result.findings
    said = replace(reminder, explanation=EXPLANATION, is_explained=True)
    comparison = RoundComparison(2, explained=(said,))
    return replace(line, result=replace(line.result, findings=(said,)), comparison=comparison)
