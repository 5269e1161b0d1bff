"""The screen of the roster (名册): drop it or edit it row by row, with what is wrong in each row."""

from flask import Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.batch.roster import COLUMNS, KINDS_OF_AGENCY, RosterReading, columns_of
from toolkit.desk.bounded import roster_in
from toolkit.desk.lists import ListColumn, ListRow
from toolkit.desk.project_folder import folder_of
from toolkit.desk.roster_file import change_row, former_rosters, replace_roster, take_back, version_of
from toolkit.desk.screens.page import list_page, page
from toolkit.desk.screens.upload_request import upload_content, upload_name
from toolkit.forms.powers import shared_powers
from toolkit.problems import Problem

LIST = ("name", "group", "contact", "phone", "code", "former")
WITH_FILTER = ("group",)
FAULT = ListColumn("fault", "要改的", has_filter=False)
FORMER_SHOWN = 10


def show() -> str | Response:
    """Show the agencies of the roster and what is wrong in each row."""
    path = folder_of("roster")
    reading, problem = _read()
    wrong = dict[int, list[str]]()
    for row, fault in reading.faults:
        wrong.setdefault(row, []).append(fault)
    columns = [ListColumn(key, COLUMNS[key][0], has_filter=key in WITH_FILTER) for key in LIST] + [FAULT]
    rows = [
        ListRow(
            {**{key: texts.get(key, "") for key in LIST}, "fault": " ".join(wrong.get(entry.row, ()))},
            link=f"/roster/{entry.row}",
        )
        for entry, texts in zip(reading.entries, reading.texts, strict=True)
    ]
    rows.sort(key=lambda row: not row.texts["fault"])
    former = former_rosters()[:FORMER_SHOWN]
    more = {"reading": reading, "problem": problem, "file": path, "exists": path.is_file(), "former": former}
    return list_page("roster", columns, rows, **more)


def upload() -> Response:
    """Take a dropped roster."""
    found = replace_roster(upload_name(), upload_content())
    wrong = f"，{len(found.faults)} 处要改，见下面的清单" if found.faults else "，没有问题"
    return jsonify(fate="taken", words=f"收下名册：{len(found.entries)} 个机关{wrong}。")


def edit(row: str) -> str:
    """Show one row to be edited, or an empty one (`new`)."""
    reading, _ = _read()
    number = _row(row)
    texts = next(
        (texts for entry, texts in zip(reading.entries, reading.texts, strict=True) if entry.row == number), {}
    )
    if number is not None and not texts:
        raise Problem("名册里没有这一行了。请回到名册，再点一次。")
    columns = {key: titles[0] for key, titles in columns_of(shared_powers()).items()}
    faults = [fault for at, fault in reading.faults if at == number]
    known = {"kinds": KINDS_OF_AGENCY, "powers": [key for key in columns if key not in COLUMNS]}
    version = version_of(folder_of("roster"))
    return page("roster", editing=row, texts=texts, columns=columns, faults=faults, version=version, **known)


def save(row: str) -> BaseResponse:
    """Save one row, or take it out."""
    reading, _ = _read()
    known = columns_of(shared_powers())
    texts = {key: request.form[key].strip() for key in known if key in request.form}
    takes_out = bool(request.form.get("take_out"))
    change_row(reading, request.form.get("version", ""), _row(row), None if takes_out else texts)
    return redirect("/roster", 303)


def restore() -> BaseResponse:
    """Put a former roster back."""
    take_back(request.form.get("name", ""))
    return redirect("/roster", 303)


def _row(text: str) -> int | None:
    if text == "new":
        return None
    if not text.isdecimal() or len(text) > 7:
        raise Problem("名册里没有这一行。")
    return int(text)


def _read() -> tuple[RosterReading, str]:
    """Return the roster, and why it cannot be read."""
    try:
        return roster_in(folder_of("roster")), ""
    except Problem as problem:
        return RosterReading((), (), (), ()), problem.message
