"""Reminders (催报): which agencies of a roster are still outstanding, in the order in which they are called, and the
two lists for the office: a workbook, and texts to paste into messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from io import BytesIO

from toolkit.batch.results.reader import AGAIN, AgencyLine, Results
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.characters import one_line as on_one_line
from toolkit.characters import plain
from toolkit.excel.list_tables import Column, ListCell, TableBook
from toolkit.excel.output_mark import mark_properties
from toolkit.problems import Problem
from toolkit.reports.reminder import OpenState, Reminder, day_in_words, one_line, three_lines

OPEN_STATES: Mapping[str, OpenState] = {state: state for state in ("未报", "不是填报表", "无法读取", "有误", "待说明")}
LIST_COLUMNS = (
    Column("序号", 5),
    Column("机关全称", 28, wraps=True),
    Column("分组", 11, wraps=True),
    Column("状态", 11),
    Column("交来日期", 11),
    Column("逾期天数", 10),
    Column("联系人", 10, wraps=True),
    Column("联系电话", 17, wraps=True),
    Column("短信（一句）", 50, wraps=True),
    Column("短信（三句）", 50),
)
PRINTED = 9
"""Columns that are useful on paper."""
LIST_NOTE = "逾期久的在前。再运行时重新生成；在表上登记了的不会覆盖，另写一份。"
NAMES_SHOWN = 3
TEXT_MARK = "—— gknb remind 生成，校验码 "
"""Begins the last line of the texts; the digest shows if somebody has changed them since."""


@dataclass(frozen=True, slots=True)
class Due:
    """An agency that is reminded, and of what. `since` is the day from which it is waited for, None if that is not
    known."""

    entry: RosterEntry
    reminder: Reminder
    since: date | None = None


def due_agencies(results: Results, roster: Roster, title: str, today: date, deadline: date | None) -> list[Due]:
    """Return the agencies to be reminded, those that are waited for longest first. An agency that returned something
    after the deadline is waited for since then.

    Raise Problem when the results are not those of this roster.
    """
    lines = _lines_by_place(results, roster)
    due = []
    for place, entry in enumerate(roster.entries):
        line = lines.get(place)
        if line is None or line.state not in OPEN_STATES:
            continue
        received = line.received.date() if line.received else None
        since = max(deadline, received) if deadline and received else deadline
        due.append(Due(entry, _reminder(line, entry, title, today, deadline), since))
    return sorted(due, key=lambda one: (_days_waited(one), one.reminder.state != "未报"))


def _days_waited(one: Due) -> int:
    """Return the days over as a number to sort by, most days first."""
    return -max((one.reminder.today - one.since).days, 0) if one.since else 0


def _reminder(line: AgencyLine, entry: RosterEntry, title: str, today: date, deadline: date | None) -> Reminder:
    return Reminder(
        entry.name,
        title,
        OPEN_STATES[line.state],
        today,
        deadline,
        line.file_name,
        line.received.date() if line.received else None,
        on_one_line(line.reason).partition("。")[0],
        line.to_mend,
        line.to_explain,
        line.remaining if line.round > 1 else 0,
    )


def _lines_by_place(results: Results, roster: Roster) -> dict[int, AgencyLine]:
    """Return the line of each agency by its place on the roster. Agencies of which no return counts have none."""
    places = {**roster.by_former_name, **roster.by_name}
    lines = {places[key]: line for line in results.of_roster() if (key := plain(line.agency)) in places}
    undecided = {places.get(plain(name)) for name in results.undecided()}
    missing = [
        entry.name for place, entry in enumerate(roster.entries) if place not in lines and place not in undecided
    ]
    if missing:
        more = f" 等 {len(missing)} 个机关" if len(missing) > NAMES_SHOWN else ""
        names = "、".join(missing[:NAMES_SHOWN])
        raise Problem(f"名册上的{names}{more}不在校验结果里：校验时用的不是这份名册，或名册后来改过。{AGAIN}")
    return lines


def reminder_list(due: Sequence[Due], title: str, office: str, today: date) -> bytes:
    """Return the list of the agencies that are reminded, as the bytes of an .xlsx file."""
    target = BytesIO()
    tables = TableBook(target)
    created = datetime.combine(today, time())
    tables.book.set_properties({"category": mark_properties("reminders")["keywords"], "created": created})
    heading = f"{title}催报清单（{day_in_words(today)}，{len(due)} 个机关）"
    sheet = tables.sheet("催报清单", heading, LIST_NOTE, LIST_COLUMNS)
    last = tables.rows(sheet, LIST_COLUMNS, [_row(number, one, office) for number, one in enumerate(due, 1)])
    sheet.print_area(0, 0, last, PRINTED - 1)
    tables.save()
    return target.getvalue()


def _row(number: int, one: Due, office: str) -> list[ListCell]:
    entry, reminder = one.entry, one.reminder
    received = f"{reminder.received.month}月{reminder.received.day}日" if reminder.received else ""
    return [
        *(number, entry.name, entry.group, reminder.state, received, reminder.days_over),
        *(entry.contact, entry.phone, one_line(reminder), "\n".join(three_lines(reminder, office))),
    ]


def reminder_texts(due: Sequence[Due], title: str, office: str, today: date) -> bytes:
    """Return the texts to paste into messages, as a file that Notepad on Windows opens: one for a group chat, then one
    line and three lines for each agency."""
    pieces = [f"{title}催报短信（{day_in_words(today)}，{len(due)} 个机关）", _group_text(due, title, today)]
    for number, one in enumerate(due, 1):
        called = "　".join(filter(None, (one.entry.name, one.entry.contact, one.entry.phone)))
        text = "\n".join(three_lines(one.reminder, office))
        pieces.append(f"【{number}】{called}\n一句：\n{one_line(one.reminder)}\n三句：\n{text}")
    text = "\n\n".join(pieces).replace("\n", "\r\n") + "\r\n\r\n"
    return f"\ufeff{text}{TEXT_MARK}{_code(text)}\r\n".encode(errors="replace")


def _group_text(due: Sequence[Due], title: str, today: date) -> str:
    """Return a text for a group chat, with the agencies of each state."""
    lines = [f"各单位：截至{today.month}月{today.day}日，以下单位的{title}填报表还没有报齐，请抓紧办理。"]
    words: dict[OpenState, str] = {
        "未报": "还没有收到",
        "不是填报表": "交来的不是填报表",
        "无法读取": "交来的读不出来",
        "有误": "要改好再交",
        "待说明": "要核实说明",
    }
    for state, what in words.items():
        if names := [one.entry.name for one in due if one.reminder.state == state]:
            lines.append(f"{what}（{len(names)} 个）：{'、'.join(names)}。")
    return "发在群里的：\n" + "\n".join(lines)


def _code(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:16]


def is_own_text(content: bytes) -> bool:
    """Return True if a file has texts of ours, and nobody has changed them since."""
    text, mark, code = content.decode("utf-8-sig", errors="replace").rpartition(TEXT_MARK)
    return bool(mark) and code.strip() == _code(text)
