"""校验结果.xlsx: the results of a batch for people who work in Excel: overview with charts, agencies, findings
(发现的问题)."""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from toolkit.batch.checked_batch import Batch, Totals
from toolkit.batch.filing_status import Standing
from toolkit.batch.received.files import Item, on_disk
from toolkit.batch.results.score_sheet import write_scores
from toolkit.batch.results.standing_words import (
    LATE,
    UNASKED,
    change_counts,
    changed_cells,
    counts_of,
    explanation_words,
    is_replaced,
    marks_of,
    received_words,
    round_words,
)
from toolkit.batch.rounds import PROGRESS
from toolkit.batch.states import COLOURS, STATES
from toolkit.checks.causes import FOLLOWS, under_causes
from toolkit.checks.findings import SEVERITY_WORDS, Rule
from toolkit.excel.addresses import position_of
from toolkit.excel.list_tables import HEADER_ROW, KEPT_ROWS, Column, Link, ListCell, TableBook
from toolkit.excel.styles import LINE_HEIGHT, SHEET_ROWS, done, lines_needed

WORKBOOK_NAME = "校验结果.xlsx"
RULES_CHARTED = 12
GROUPS_CHARTED = 40

_AGENCIES = (
    Column("状态", 11),
    Column("机关", 32),
    Column("分组", 14),
    Column("错误", 7),
    Column("提醒", 7),
    Column("提示", 7),
    Column("收到", 17),
    Column("收到按", 10),
    Column("逾期", 7),
    Column("轮次", 9),
    Column("已改", 7),
    Column("未改", 7),
    Column("新出现", 8),
    Column("已说明", 8),
    Column("文件", 48),
    Column("联系人", 12),
    Column("联系电话", 16),
    Column("备注", 48, True),
)
_FINDINGS = (
    Column("状态", 11),
    Column("机关", 28),
    Column("分组", 12),
    Column("轻重", 10),
    Column("规则", 26, True),
    Column("位置", 14),
    Column("问题和修改意见", 90, True),
    Column("进展", 8),
    Column("说明（填报单位写的）", 40, True),
    Column("编号", 18),
    Column("文件", 40),
)
_CHANGES = (
    Column("机关", 28),
    Column("轮次", 9),
    Column("改动", 16),
    Column("位置或问题", 90, True),
    Column("原来", 20),
    Column("现在", 20),
)
_REPLACED = (
    Column("机关", 32),
    Column("分组", 14),
    Column("文件", 48),
    Column("收到", 17),
    Column("错误", 7),
    Column("提醒", 7),
    Column("备注", 60, True),
)
REPLACED_SHEET = "重复"
LEFT_OUT_SHEET = "没有读的文件"
_LEFT_OUT = (Column("文件", 70), Column("原因", 70, True))
_MISSING = (Column("机关", 34), Column("分组", 16), Column("类型", 12), Column("联系人", 14), Column("联系电话", 18))


def write_results_workbook(path: Path, batch: Batch, totals: Totals, rules: Mapping[str, Rule], folder: Path) -> None:
    """Write the workbook to `path`. `rules` is the catalogue of rules; links start from `folder`, where the workbook
    will stand."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about links that Excel does not take; they are written as text
        tables = TableBook(str(path), flat=True, output="results")
        contents = _Contents(batch, totals, rules, _Links(batch, folder))
        for write in _SHEETS:
            write(tables, contents)
        tables.save()


@dataclass(frozen=True, slots=True)
class _Contents:
    """What the sheets are made from."""

    batch: Batch
    totals: Totals
    rules: Mapping[str, Rule]
    links: "_Links"

    def lines(self, replaced: bool = False) -> Iterator[Standing]:
        """Yield the lines; those that another return of the agency replaces (重复) only if `replaced`, and only
        those."""
        undecided = self.batch.undecided()
        return (line for line in self.batch.lines() if is_replaced(line, undecided) == replaced)


def _write_agencies(tables: TableBook, contents: _Contents) -> None:
    note = f"用筛选按状态、分组查看；点文件名打开原表（前 {KEPT_ROWS} 行）。"
    sheet = tables.sheet("各机关", "各机关报送和校验情况", note, _AGENCIES)
    rows = (_agency(line, contents.links) for line in contents.lines())
    _colour(tables, sheet, tables.rows(sheet, _AGENCIES, rows))


def _write_missing(tables: TableBook, contents: _Contents) -> None:
    if contents.batch.roster:
        note = f"{contents.totals.states['未报']} 个。"
        sheet = tables.sheet("未报", "还没有报送的机关", note, _MISSING)
        tables.rows(sheet, _MISSING, _missing(contents.batch))


def _write_replaced(tables: TableBook, contents: _Contents) -> None:
    """Write the returns that another one of the same agency replaces, if there are any."""
    rows = (_replaced(line, contents.links) for line in contents.lines(replaced=True))
    if (first := next(rows, None)) is not None:
        note = "同一机关报了几份的，以另一份为准，这些不计。"
        _on_sheets(tables, REPLACED_SHEET, "重复、不计的文件", note, _REPLACED, chain([first], rows))


def _write_changes(tables: TableBook, contents: _Contents) -> None:
    """Write what agencies changed since the round before, if they did."""
    rows = (row for line in contents.lines() for row in _changes(line))
    if (first := next(rows, None)) is not None:
        note = "与上一次报送相比：已改的问题，改动的格。没有要求改的格写明“未要求修改”。"
        _on_sheets(tables, "改动", "与上一次相比的改动", note, _CHANGES, chain([first], rows))


def _write_left_out(tables: TableBook, contents: _Contents) -> None:
    ledger = contents.batch.ledger
    if count := ledger.count_left_out():
        note = f"{count} 个：给出的文件夹和压缩包里有，但不是填报表，或读不了的。"
        rows = ((left.path, left.reason) for left in ledger.left_out())
        _on_sheets(tables, LEFT_OUT_SHEET, "没有读的文件", note, _LEFT_OUT, rows)


def _write_overview(tables: TableBook, contents: _Contents) -> None:
    """Write counts on the left and charts on the right. Rows must be written in order, because they are not kept in
    memory."""
    batch, totals, rules = contents.batch, contents.totals, contents.rules
    columns = (Column("按状态", 44), Column("数量", 9), *(Column("", 9) for _ in range(len(STATES) - 1)))
    note = "　".join((totals.in_words(), *batch.head, "；".join(batch.sentences()))).rstrip()
    sheet = tables.sheet("总览", batch.title, note, columns[:2])
    for number, column in enumerate(columns):
        done(sheet.set_column(number, number, column.width))
    states = [state for state in STATES if totals.states[state]]
    row = _counts(tables, sheet, HEADER_ROW, [(state, totals.states[state]) for state in states])
    chart = _Charts(tables, sheet, len(columns) + 1)
    if states:
        chart.of_states((HEADER_ROW + 1, row), states)
    broken = [(rules[rule].title, count) for rule, count in totals.by_rule(except_severity="info")[:RULES_CHARTED]]
    if broken:
        head = row + 2
        _head(tables, sheet, head, ("问题最多的规则", "次数"))
        row = _counts(tables, sheet, head, broken)
        chart.of_rules((head + 1, row))
    groups = sorted(totals.groups.items())
    if batch.roster and len(groups) > 1:
        head = row + 2
        _head(tables, sheet, head, ("按分组", *states))
        for row, (group, counts) in enumerate(groups, head + 1):
            tables.write(sheet, row, 0, group or "（未分组）")
            for place, state in enumerate(states, 1):
                tables.write(sheet, row, place, counts[state])
        chart.of_groups((head + 1, row), head, states)


def _head(tables: TableBook, sheet: Any, row: int, titles: Sequence[str]) -> None:
    for column, title in enumerate(titles):
        done(sheet.write_string(row, column, title, tables.header))


def _counts(tables: TableBook, sheet: Any, head: int, counts: Sequence[tuple[str, int]]) -> int:
    """Write the rows of a small table under its header. Return the last row."""
    row = head
    for row, (name, count) in enumerate(counts, head + 1):
        if lines_needed(name, 44) > 1:
            done(sheet.set_row(row, LINE_HEIGHT * lines_needed(name, 44) + 3))
        tables.write(sheet, row, 0, name, wraps=True)
        tables.write(sheet, row, 1, count)
    return row


class _Charts:
    """Native charts, one under the other beside the tables."""

    def __init__(self, tables: TableBook, sheet: Any, column: int) -> None:
        self._book, self._sheet, self._column, self._top = tables.book, sheet, column, 0

    def _put(self, chart: Any, title: str, width: int, height: int) -> None:
        chart.set_title({"name": title, "name_font": {"size": 13}})
        chart.set_size({"width": width, "height": height})
        done(self._sheet.insert_chart(HEADER_ROW, self._column, chart, {"y_offset": self._top}))
        self._top += height + 14

    def _series(self, rows: tuple[int, int], column: int, **style: Any) -> dict[str, Any]:
        first, last = rows
        cells = {"categories": ["总览", first, 0, last, 0], "values": ["总览", first, column, last, column]}
        return {**cells, **style}

    def of_states(self, rows: tuple[int, int], states: Sequence[str]) -> None:
        """Add a chart of the number of lines in each state."""
        chart: Any = self._book.add_chart({"type": "doughnut"})
        labels = {"value": True, "leader_lines": False, "font": {"color": "white", "bold": True}}
        points = [{"fill": {"color": COLOURS[state]}} for state in states]
        chart.add_series(self._series(rows, 1, name="按状态", points=points, data_labels=labels))
        self._put(chart, "按状态", 420, 280)

    def of_rules(self, rows: tuple[int, int]) -> None:
        """Add a chart of the rules that were broken most."""
        chart: Any = self._book.add_chart({"type": "bar"})
        style = {"fill": {"color": "#2F5597"}, "data_labels": {"value": True}, "gap": 40}
        chart.add_series(self._series(rows, 1, name="次数", **style))
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        self._put(chart, "问题最多的规则", 720, 90 + 34 * (rows[1] - rows[0] + 1))

    def of_groups(self, rows: tuple[int, int], head: int, states: Sequence[str]) -> None:
        """Add a chart of the states in each group."""
        chart: Any = self._book.add_chart({"type": "bar", "subtype": "stacked"})
        shown = rows[0], min(rows[1], rows[0] + GROUPS_CHARTED - 1)
        for column, state in enumerate(states, 1):
            style = {"fill": {"color": COLOURS[state]}, "gap": 40}
            chart.add_series(self._series(shown, column, name=["总览", head, column], **style))
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"major_gridlines": {"visible": False}})
        more = f"（前 {GROUPS_CHARTED} 组）" if shown[1] < rows[1] else ""
        self._put(chart, f"按分组{more}", 720, 120 + 26 * (shown[1] - shown[0] + 1))


def _colour(tables: TableBook, sheet: Any, last: int) -> None:
    """Set strong colours for the states."""
    for state, colour in COLOURS.items():
        style = tables.book.add_format({"bg_color": colour, "font_color": "#FFFFFF", "bold": True})
        rule = {"type": "cell", "criteria": "==", "value": f'"{state}"', "format": style}
        done(sheet.conditional_format(HEADER_ROW + 1, 0, max(last, HEADER_ROW + 1), 0, rule))


class _Links:
    """Makes links to returned files, from the folder of the results."""

    def __init__(self, batch: Batch, folder: Path) -> None:
        self._ledger, self._folder = batch.ledger, folder

    def to(self, line: Standing, place: str = "") -> ListCell | Link:
        """Return a link to the file of a line, or to a `place` in it; the name as text if no link can be made."""
        if line.result is None:
            return line.path
        item = self._ledger.item(line.result.item)
        sheet, _, address = place.rpartition("!")
        within = position_of(address) and not item.members and not set(sheet) & _NO_SHEET
        return link_to(item, self._folder, place or line.result.path, f"#'{sheet}'!{address}" if within else "")


_NO_LINK, _NO_SHEET = frozenset("#'%:\\<>\"|?*"), frozenset("#'[]:\\/?*")


def link_to(item: Item, folder: Path, text: str, within: str = "") -> Link | str:
    """Return a link from a folder to a file (to the archive that it is in), and to a place `within` it. Return the
    plain text if no link can be made: the target must be a plain path of files and folders that Excel does not
    change."""
    target = relative_path(item, folder)
    if not target or not target.isprintable() or set(target) & _NO_LINK:
        return text
    return Link(text, f"external:{target}{within}")


def relative_path(item: Item, folder: Path) -> str:
    """Return the path of a file (of the archive that it is in) from a folder, as the system knows it; empty if there is
    none."""
    try:
        return os.path.relpath(on_disk(item.path), folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return ""


def _agency(line: Standing, links: _Links) -> tuple[ListCell | Link, ...]:
    comparison, entry = line.comparison, line.entry
    received = received_words(line), line.received_by, LATE if line.is_late else ""
    changes = change_counts(comparison)
    rounds = (round_words(comparison), *(changes.get(word, "") for word in PROGRESS))
    contact = (entry.contact, entry.phone) if entry else ("", "")
    return line.state, line.name, line.group, *counts_of(line), *received, *rounds, links.to(line), *contact, line.note


def _replaced(line: Standing, links: _Links) -> tuple[ListCell | Link, ...]:
    errors, warnings, _ = counts_of(line)
    return line.name, line.group, links.to(line), received_words(line), errors, warnings, line.note


def _changes(line: Standing) -> Iterator[tuple[ListCell | Link, ...]]:
    head = line.name, round_words(line.comparison)
    for found in line.comparison.fixed:
        yield *head, "已改", found.message, "", ""
    for change in changed_cells(line):
        yield *head, "改动的格" if change.is_asked else UNASKED, change.place, change.before, change.after


def _write_findings(tables: TableBook, contents: _Contents) -> None:
    """Write every finding, the errors of a file first, consequences under their causes."""
    note = f"用筛选按机关、分组、轻重、规则查看；点位置打开原表的那一格（前 {KEPT_ROWS} 行）。"
    note += f"“{FOLLOWS}”的，改好它上面的一处就好，不另计数。"
    rows = (row for line in contents.lines() for row in _findings(line, contents))
    for sheet, last in _on_sheets(tables, "问题", "全部问题", note, _FINDINGS, rows):
        _colour(tables, sheet, last)


def _on_sheets(
    tables: TableBook,
    name: str,
    title: str,
    note: str,
    columns: Sequence[Column],
    rows: Iterator[Sequence[ListCell | Link]],
) -> list[tuple[Any, int]]:
    """Write the rows of a table, on further sheets when one is full. Return each sheet and its last row."""
    room = SHEET_ROWS - HEADER_ROW - 2
    written = list[tuple[Any, int]]()
    first = next(rows, None)
    while first is not None or not written:
        sheet = tables.sheet(f"{name}{len(written) + 1}" if written else name, title, note, columns)
        written.append((sheet, tables.rows(sheet, columns, _first_rows(first, rows, room))))
        first = next(rows, None)
    return written


def _first_rows(first: Any, pending: Iterator[Any], room: int) -> Iterator[Any]:
    """Yield `first` and the next rows, `room` in all."""
    if first is not None:
        yield first
        for count, item in enumerate(pending, 2):
            yield item
            if count == room:
                return


def _findings(line: Standing, contents: _Contents) -> Iterator[tuple[ListCell | Link, ...]]:
    marks = marks_of(line)
    for cause, consequences in under_causes(line.result.findings if line.result else ()):
        for found in (cause, *consequences):
            weight = SEVERITY_WORDS[found.severity] if found is cause else FOLLOWS
            head = line.state, line.name, line.group, weight, contents.rules[found.rule].title
            where = contents.links.to(line, found.at[0]) if found.at else ""
            message = found.message if found is cause else f"　　{found.message}"
            said = message, marks.get(found.fingerprint, ""), explanation_words(found), found.fingerprint
            yield *head, where, *said, line.path


def _missing(batch: Batch) -> Iterator[tuple[str, ...]]:
    for line in batch.lines():
        if line.state == "未报" and line.entry:
            entry = line.entry
            yield entry.name, entry.group, entry.kind, entry.contact, entry.phone


def _write_scores(tables: TableBook, contents: _Contents) -> None:
    write_scores(tables, contents.batch)


_SHEETS: tuple[Callable[[TableBook, _Contents], None], ...] = (
    _write_overview,
    _write_agencies,
    _write_findings,
    _write_missing,
    _write_changes,
    _write_replaced,
    _write_scores,
    _write_left_out,
)
"""The sheets of the workbook, in their order."""
