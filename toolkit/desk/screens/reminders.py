"""The screen of reminders (催报): whom to call, what to send, and the letters."""

from datetime import date

from flask import Response
from werkzeug.wrappers import Response as BaseResponse

from toolkit.batch.deadline import deadline_in
from toolkit.batch.letters.reminders import Due, due_agencies
from toolkit.batch.roster import Roster
from toolkit.desk.bounded import roster_in
from toolkit.desk.lists import ListColumn, ListRow
from toolkit.desk.project_folder import files_in, folder_of, project
from toolkit.desk.screens.page import list_page, start
from toolkit.desk.standing import agency_link, results
from toolkit.forms.loader import form_for_year
from toolkit.problems import Problem
from toolkit.reports.reminder import one_line, three_lines

COLUMNS = (
    ListColumn("agency", "机关"),
    ListColumn("state", "状态", has_filter=True),
    ListColumn("group", "分组", has_filter=True),
    ListColumn("days", "逾期天数", is_number=True),
    ListColumn("contact", "联系人"),
    ListColumn("phone", "电话"),
    ListColumn("words", "短信（一句）", can_copy=True),
    ListColumn("more", "短信（三句）", can_copy=True),
)


def show() -> str | Response:
    """Show the agencies that are to be reminded."""
    try:
        due, problem = _due(), ""
    except Problem as found:
        due, problem = [], found.message
    office = project().text("office")
    rows = [_row(one, office) for one in due]
    return list_page("reminders", COLUMNS, rows, problem=problem, files=files_in("reminders"))


def make() -> BaseResponse:
    """Write the letters and the lists."""
    return start("reminders", "写催报函", ["remind"])


def _due() -> list[Due]:
    found = results()
    year = found.year or project().year
    if year is None:
        raise Problem("校验结果里看不出是哪一年的。请在项目设定里写明报告年度。")
    reading = roster_in(folder_of("roster"))
    title = form_for_year(year).report_title("", year)
    deadline = deadline_in(project().deadline, year)
    return due_agencies(found, Roster(reading.entries), title, date.today(), deadline)


def _row(one: Due, office: str) -> ListRow:
    days = one.reminder.days_over
    texts = {
        "agency": one.entry.name,
        "state": one.reminder.state,
        "group": one.entry.group,
        "days": str(days or ""),
        "contact": one.entry.contact,
        "phone": one.entry.phone,
        "words": one_line(one.reminder),
        "more": "\n".join(three_lines(one.reminder, office)),
    }
    return ListRow(texts, {"days": float(days)}, agency_link(one.entry.name))
