"""校验结果.xlsx: the results of a batch for people who work in Excel: overview with charts, agencies, findings."""

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from toolkit.batch.intake import Item
from toolkit.batch.results import Batch, Totals
from toolkit.batch.standing import STATES, Standing
from toolkit.batch.tables import HEADER_ROW, SHEET_ROWS, Cell, Column, Link, TableBook
from toolkit.checks.findings import SEVERITY_WORDS, Finding
from toolkit.workbook.styles import done

WORKBOOK_NAME = "校验结果.xlsx"
COLOURS = {
    "未报": "#7F7F7F",
    "有误": "#C00000",
    "无法读取": "#7030A0",
    "不在名册": "#BF8F00",
    "重复": "#5B9BD5",
    "已报": "#2E7D32",
    "通过": "#2E7D32",
}
RULES_CHARTED = 12
GROUPS_CHARTED = 40

_SUMMARY = (Column("项目", 26), Column("数量", 10))
_AGENCIES = (
    Column("状态", 10),
    Column("机关", 32),
    Column("分组", 14),
    Column("错误", 7),
    Column("提醒", 7),
    Column("提示", 7),
    Column("文件", 48),
    Column("联系人", 12),
    Column("联系电话", 16),
    Column("说明", 48, True),
)
_FINDINGS = (
    Column("状态", 10),
    Column("机关", 28),
    Column("分组", 12),
    Column("轻重", 7),
    Column("规则", 26),
    Column("位置", 14),
    Column("问题和修改意见", 90, True),
    Column("文件", 40),
)
_MISSING = (Column("机关", 34), Column("分组", 16), Column("类型", 12), Column("联系人", 14), Column("联系电话", 18))


def write_results_workbook(path: Path, batch: Batch, totals: Totals, folder: Path) -> None:
    """Write the workbook to `path`; links to the returns are from `folder`, where it will stand."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of links that Excel does not take; they are written as text
        tables = TableBook(str(path), flat=True)
        _write_overview(tables, batch, totals)
        links = _Links(batch, folder)
        note = "最需要处理的排在名册次序之内，用筛选按状态、分组查看；点文件名打开原表。"
        sheet = tables.sheet("各机关", "各机关报送和校验情况", note, _AGENCIES)
        _colour(tables, sheet, tables.rows(sheet, _AGENCIES, (_agency(line, links) for line in batch.lines())))
        _write_findings(tables, batch, links)
        if batch.roster:
            missing = tables.sheet("未报", "还没有报送的机关", f"{totals.states['未报']} 个。", _MISSING)
            tables.rows(missing, _MISSING, _missing(batch))
        tables.book.close()


def _write_overview(tables: TableBook, batch: Batch, totals: Totals) -> None:
    """Counts on the left, charts on the right; rows come in order, for they are not kept."""
    said = "；".join(batch.sentences())
    note = batch.in_words() + said
    year = f"{batch.year} 年" if batch.year else ""
    sheet = tables.sheet("总览", f"{year}年报校验结果", note, _SUMMARY)
    row = HEADER_ROW + 1
    states = [state for state in STATES if totals.states[state]]
    row = _counts(tables, sheet, row, "按状态", [(state, totals.states[state]) for state in states])
    state_rows = (row - len(states), row - 1)
    rules = totals.rules.most_common(RULES_CHARTED)
    named = [(f"{rule}（{SEVERITY_WORDS[severity]}）", count) for (severity, rule), count in rules]  # type: ignore[index]
    row = _counts(tables, sheet, row + 1, "最常见的问题", named)
    rule_rows = (row - len(named), row - 1)
    groups = [(group or "（未分组）", counts) for group, counts in sorted(totals.groups.items())]
    group_rows = (0, -1)
    if batch.roster and len(groups) > 1:
        row += 1
        for column, title in enumerate(("按分组", *states)):
            done(sheet.write_string(row, column, title, tables.header))
        for group, counts in groups:
            row += 1
            tables.write(sheet, row, 0, group)
            for column, state in enumerate(states, 1):
                tables.write(sheet, row, column, counts[state])
        group_rows = (row - len(groups) + 1, row)
    if states:
        _state_chart(tables, sheet, state_rows, states)
    if named:
        _bar_chart(tables, sheet, rule_rows)
    if group_rows[1] >= group_rows[0]:
        _group_chart(tables, sheet, group_rows, states)


def _counts(tables: TableBook, sheet: Any, row: int, title: str, counts: list[tuple[str, int]]) -> int:
    """A small table of counts; gives the row after it."""
    done(sheet.write_string(row, 0, title, tables.header))
    for name, count in counts:
        row += 1
        tables.write(sheet, row, 0, name)
        tables.write(sheet, row, 1, count)
    return row + 1


def _state_chart(tables: TableBook, sheet: Any, rows: tuple[int, int], states: Sequence[str]) -> None:
    chart: Any = tables.book.add_chart({"type": "doughnut"})
    points = [{"fill": {"color": COLOURS[state]}} for state in states]
    labels = {"value": True, "leader_lines": False, "font": {"color": "white", "bold": True}}
    chart.add_series(
        {
            "name": "按状态",
            "categories": ["总览", rows[0], 0, rows[1], 0],
            "values": ["总览", rows[0], 1, rows[1], 1],
            "points": points,
            "data_labels": labels,
        }
    )
    chart.set_title({"name": "按状态"})
    chart.set_size({"width": 420, "height": 300})
    done(sheet.insert_chart(HEADER_ROW, 9, chart))


def _bar_chart(tables: TableBook, sheet: Any, rows: tuple[int, int]) -> None:
    chart: Any = tables.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "问题数",
            "categories": ["总览", rows[0], 0, rows[1], 0],
            "values": ["总览", rows[0], 1, rows[1], 1],
            "fill": {"color": "#2F5597"},
            "data_labels": {"value": True},
            "gap": 40,
        }
    )
    chart.set_title({"name": "最常见的问题"})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_size({"width": 620, "height": 120 + 26 * (rows[1] - rows[0] + 1)})
    done(sheet.insert_chart(HEADER_ROW + 16, 9, chart))


def _group_chart(tables: TableBook, sheet: Any, rows: tuple[int, int], states: Sequence[str]) -> None:
    chart: Any = tables.book.add_chart({"type": "bar", "subtype": "stacked"})
    last = min(rows[1], rows[0] + GROUPS_CHARTED - 1)
    for column, state in enumerate(states, 1):
        chart.add_series(
            {
                "name": state,
                "categories": ["总览", rows[0], 0, last, 0],
                "values": ["总览", rows[0], column, last, column],
                "fill": {"color": COLOURS[state]},
                "gap": 40,
            }
        )
    more = f"（前 {GROUPS_CHARTED} 组）" if last < rows[1] else ""
    chart.set_title({"name": f"按分组{more}"})
    chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 620, "height": 140 + 26 * (last - rows[0] + 1)})
    done(sheet.insert_chart(HEADER_ROW + 38, 9, chart))


def _colour(tables: TableBook, sheet: Any, last: int) -> None:
    """States in colours that cannot be overlooked."""
    for state, colour in COLOURS.items():
        look = tables.book.add_format({"bg_color": colour, "font_color": "#FFFFFF", "bold": True})
        rule = {"type": "cell", "criteria": "==", "value": f'"{state}"', "format": look}
        done(sheet.conditional_format(HEADER_ROW + 1, 0, max(last, HEADER_ROW + 1), 0, rule))


class _Links:
    """Makes links to returned files, from the folder of the results."""

    def __init__(self, batch: Batch, folder: Path) -> None:
        self._ledger, self._folder = batch.ledger, folder

    def to(self, line: Standing, place: str = "") -> Cell | Link:
        """A link to the file of a line, to a place in it when one is named; the bare name where no link can be."""
        if line.result is None:
            return ""
        item = self._ledger.item(line.result.item)
        target = relative(item, self._folder)
        if not target or any(char in target for char in "#'%"):
            return place or line.result.path
        sheet, _, address = place.rpartition("!")
        inside = f"#'{sheet}'!{address}" if sheet and not item.members else ""
        return Link(place or line.result.path, f"external:{target}{inside}")


def relative(item: Item, folder: Path) -> str:
    """The path of a file (of an archive, when it is inside one) from a folder, empty when there is none."""
    try:
        return os.path.relpath(item.path, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return ""


def _agency(line: Standing, links: _Links) -> tuple[Cell | Link, ...]:
    result, entry = line.result, line.entry
    counts = [result.count(severity) if result else 0 for severity in SEVERITY_WORDS]
    contact = (entry.contact, entry.phone) if entry else ("", "")
    return line.state, line.agency, line.group, *counts, links.to(line), *contact, line.note


def _write_findings(tables: TableBook, batch: Batch, links: _Links) -> None:
    """Every finding, the errors of a file first; on further sheets when one is full."""
    pending = _findings(batch)
    room = SHEET_ROWS - HEADER_ROW - 2
    number = 1
    first = next(pending, None)
    while first is not None or number == 1:
        name = "问题" if number == 1 else f"问题{number}"
        sheet = tables.sheet(
            name, "全部问题", "用筛选按机关、分组、轻重、规则查看；点位置打开原表的那一格。", _FINDINGS
        )
        rows = _some(first, pending, room)
        tables.rows(sheet, _FINDINGS, (_finding(line, found, links) for line, found in rows))
        first = next(pending, None)
        number += 1


def _some(first: Any, pending: Iterator[Any], room: int) -> Iterator[Any]:
    if first is not None:
        yield first
        for count, item in enumerate(pending, 2):
            yield item
            if count == room:
                return


def _findings(batch: Batch) -> Iterator[tuple[Standing, Finding]]:
    order = list(SEVERITY_WORDS)
    for line in batch.lines():
        findings = line.result.findings if line.result else ()
        for found in sorted(findings, key=lambda found: order.index(found.severity)):
            yield line, found


def _finding(line: Standing, found: Finding, links: _Links) -> tuple[Cell | Link, ...]:
    where = links.to(line, found.at[0]) if found.at else ""
    head = (line.state, line.agency, line.group, SEVERITY_WORDS[found.severity], found.rule)
    return *head, where, found.message, line.result.path if line.result else ""


def _missing(batch: Batch) -> Iterator[tuple[str, ...]]:
    for line in batch.lines():
        if line.state == "未报" and line.entry:
            entry = line.entry
            yield entry.name, entry.group, entry.kind, entry.contact, entry.phone
