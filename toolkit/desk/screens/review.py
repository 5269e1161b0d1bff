"""The screen of review (审表): who stands where, and for each agency its findings, rounds, explanations and letters."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.batch import agency_history
from toolkit.batch.agency_history import AgencyHistory
from toolkit.batch.deadline import moment_of
from toolkit.batch.results.reader import AgencyLine, Results
from toolkit.batch.results.standing_words import LATE
from toolkit.batch.states import DESK_ORDER
from toolkit.checks.causes import under_causes
from toolkit.checks.findings import SEVERITY_WORDS
from toolkit.checks.result import STATUS_WORDS
from toolkit.desk.lists import FileLink, ListColumn, ListRow
from toolkit.desk.project_folder import files_in, folder_of, project
from toolkit.desk.screens.page import chosen, list_page, page, start
from toolkit.desk.sheet_picture import pictures
from toolkit.desk.standing import agency_link, results
from toolkit.files.write import file_name
from toolkit.forms.loader import form_lookup
from toolkit.problems import Problem

COLUMNS = (
    ListColumn("agency", "机关"),
    ListColumn("state", "状态", has_filter=True),
    ListColumn("group", "分组", has_filter=True),
    ListColumn("errors", "错误", is_number=True),
    ListColumn("warnings", "提醒", is_number=True),
    ListColumn("round", "第几次", is_number=True),
    ListColumn("against", "与上次相比"),
    ListColumn("received", "收到"),
    ListColumn("late", "期限", has_filter=True),
    ListColumn("note", "说明"),
)
LETTERS = ("annotated", "notices", "reminders", "reports")
"""The folders in which something for one agency may stand, by their keys in gknb.toml."""


def show() -> str | Response:
    """Show where every agency stands."""
    try:
        found = results()
    except Problem as problem:
        return list_page("review", COLUMNS, [], problem=problem.message, sentences=())
    lines = sorted(found.lines, key=lambda line: DESK_ORDER.index(line.state))
    files = [one for one in files_in("results") if "/" not in one.name]
    returned = folder_of("returned")
    rows = [_row(line, returned) for line in lines]
    return list_page("review", COLUMNS, rows, problem="", sentences=found.sentences, files=files)


def check() -> BaseResponse:
    """Check everything again."""
    options = {"force": ["--force"]}
    return start("review", "校验", ["check", *chosen(request.form, options)])


def agency() -> str:
    """Show one agency."""
    name = request.args.get("name", "")
    found = results()
    lines = [line for line in found.lines if line.agency == name]
    history = _history(name)
    if not lines and history is None:
        raise Problem(f"校验结果里没有“{name}”。请回到“审表”，再点一次。")
    form = form_lookup()(history.last.round.form) if history and history.last else None
    asked = history.asked if history else ()
    shown = pictures(form, history.last.round.cells, asked) if form and history and history.last else []
    words = {"severity_words": SEVERITY_WORDS, "status_words": STATUS_WORDS, "moment_of": moment_of}
    findings = history.last.round.findings if history and history.last else ()
    following = {cause.fingerprint: rest for cause, rest in under_causes(findings)}
    before, after = _neighbours(found, name)
    return page(
        "agency",
        name=name,
        lines=lines,
        history=history,
        asked=asked,
        following=following,
        pictures=shown,
        letters=_letters(name),
        returned=[*_returned_files(lines, folder_of("returned"))],
        before=before,
        after=after,
        **words,
    )


def refuse() -> BaseResponse:
    """Do not accept an explanation, or take that back."""
    name, finding, why = (request.form.get(key, "") for key in ("name", "finding", "why"))
    if not why.strip():
        raise Problem("请写明为什么不接受，报送机关要照着改。")
    agency_history.refuse(folder_of("results"), name, finding, why.strip(), project().year, form_lookup())
    return _to(name)


def accept() -> BaseResponse:
    """Take a refusal back."""
    name, finding = (request.form.get(key, "") for key in ("name", "finding"))
    agency_history.accept(folder_of("results"), name, finding, project().year, form_lookup())
    return _to(name)


def _to(name: str) -> BaseResponse:
    return redirect(f"{agency_link(name)}#findings", 303)


def _row(line: AgencyLine, returned: Path) -> ListRow:
    texts = {
        "agency": line.agency,
        "state": line.state,
        "group": line.group,
        "errors": str(line.to_mend or ""),
        "warnings": str(line.to_explain or ""),
        "round": str(line.round or ""),
        "against": line.progress_in_words,
        "received": f"{line.received:%m-%d %H:%M}" if line.received else "",
        "late": LATE if line.is_late else "",
        "note": "；".join(filter(None, (line.reason, line.note))),
    }
    order = {"errors": float(line.to_mend), "warnings": float(line.to_explain), "round": float(line.round)}
    if line.received:
        order["received"] = line.received.timestamp()
    order["state"] = float(DESK_ORDER.index(line.state))
    return ListRow(texts, order, agency_link(line.agency), tuple(_returned_files([line], returned)))


def _returned_files(lines: Iterable[AgencyLine], folder: Path) -> Iterator[FileLink]:
    """Yield the returned files that can be opened: those that stand in their folder itself, not in an archive."""
    for line in lines:
        place = line.path.removeprefix(folder.as_posix() + "/")
        if place != line.path and (folder / place).is_file():
            yield FileLink("returned", place)


def _history(name: str) -> AgencyHistory | None:
    try:
        return agency_history.history_of(folder_of("results"), name, project().year, form_lookup())
    except Problem:
        return None


def _letters(name: str) -> list[FileLink]:
    """Return the files for one agency: they begin with its name."""
    start = file_name(name, "")
    return [
        FileLink(key, one.name)
        for key in LETTERS
        for one in files_in(key)
        if one.name.startswith(start) and "/" not in one.name
    ]


def _neighbours(found: Results, name: str) -> tuple[str, str]:
    """Return the links to the agencies before and after this one, among those that are not through."""
    names = [line.agency for line in found.of_roster() if line.state != "通过" or line.agency == name]
    place = names.index(name) if name in names else -1
    before = agency_link(names[place - 1]) if place > 0 else ""
    after = agency_link(names[place + 1]) if 0 <= place < len(names) - 1 else ""
    return before, after
