"""What every screen shares: the frame of a page, and how a button starts a command."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.app import desk
from toolkit.desk.lists import ListColumn, ListRow, list_as_csv, next_order, query_of, shown_list
from toolkit.desk.project_folder import project
from toolkit.desk.screens.frame import JOBS, run_words


def page(screen: str, **more: Any) -> str:
    """Return the page of a screen, with what it needs."""
    frame = {"screen": screen, "jobs": JOBS, "project": project(), "run": desk().runs.last_of(screen), **run_words()}
    return render_template(f"{screen}.html", **frame, **more)


def start(screen: str, title: str, arguments: Sequence[str]) -> BaseResponse:
    """Start a command and go back to the page that asked for it."""
    desk().runs.add(title, screen, arguments)
    return redirect(f"/{screen}", 303)


def list_page(screen: str, columns: Sequence[ListColumn], rows: Sequence[ListRow], **more: Any) -> str | Response:
    """Return the page of a screen with a list as the address asks for it, or the list as a file."""
    query = query_of(request.args, columns)
    if request.args.get("export"):
        response = Response(list_as_csv(columns, rows, query), mimetype="text/csv")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(JOBS[screen])}.csv"
        return response
    return page(screen, list=shown_list(columns, rows, query), next_order=next_order, **more)


def chosen(form: Mapping[str, str], options: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the arguments of a command for the boxes that are ticked on a page."""
    return [argument for name, arguments in options.items() if form.get(name) for argument in arguments]
