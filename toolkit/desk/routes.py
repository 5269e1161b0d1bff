"""The addresses of the desk (工作台): what each does, and the function of which screen does it.

A screen is loaded when it is asked for, so that the first page is there at once.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal

from flask import Flask

from toolkit.desk.entrance import ALIVE

Route = tuple[Literal["GET", "POST"], str, str]
"""The method, the address, and the screen with its function."""
SHARED: tuple[Route, ...] = (
    ("GET", ALIVE, "runs.alive"),
    ("GET", "/runs/<int:number>", "runs.show"),
    ("POST", "/runs/<int:number>/stop", "runs.stop"),
    ("POST", "/runs/end", "runs.end"),
)
OFFICE: tuple[Route, ...] = (
    ("GET", "/", "home.show"),
    ("GET", "/overview", "home.numbers"),
    ("POST", "/project", "home.create"),
    ("GET", "/roster", "roster.show"),
    ("POST", "/roster/upload", "roster.upload"),
    ("POST", "/roster/take-back", "roster.restore"),
    ("GET", "/roster/<row>", "roster.edit"),
    ("POST", "/roster/<row>", "roster.save"),
    ("GET", "/forms", "forms.show"),
    ("POST", "/forms/make", "forms.make"),
    ("GET", "/received", "received.show"),
    ("POST", "/received/upload/<key>", "received.upload"),
    ("POST", "/received/check", "received.check"),
    ("GET", "/review", "review.show"),
    ("POST", "/review/check", "review.check"),
    ("GET", "/review/agency", "review.agency"),
    ("POST", "/review/refuse", "review.refuse"),
    ("POST", "/review/accept", "review.accept"),
    ("GET", "/reminders", "reminders.show"),
    ("POST", "/reminders/make", "reminders.make"),
    ("GET", "/reports", "reports.show"),
    ("POST", "/reports/make", "reports.make"),
    ("GET", "/rollup", "rollup.show"),
    ("POST", "/rollup/make", "rollup.make"),
    ("GET", "/years", "years.show"),
    ("POST", "/years/make", "years.make"),
    ("GET", "/files/<key>", "files.download"),
    ("POST", "/files/<key>/open", "files.open_here"),
    ("POST", "/files/<key>/take-out", "files.take"),
    ("POST", "/files/<key>/put-back", "files.restore"),
)
AGENCY: tuple[Route, ...] = (
    ("GET", "/", "own_check.show"),
    ("POST", "/own/upload", "own_check.upload"),
    ("GET", "/own/<mark>", "own_check.result"),
    ("GET", "/own/<mark>/annotated", "own_check.annotated"),
)
"""The addresses of the agency's own check (自查台)."""
FIRST = ("home", "runs")
"""The screens that are needed at once."""


def add_routes(app: Flask, is_for_agency: bool) -> None:
    """Add every address to the app."""
    for method, rule, name in (*SHARED, *(AGENCY if is_for_agency else OFFICE)):
        view = _loaded_when_asked(name)
        app.add_url_rule(rule, name, view, methods=[method], provide_automatic_options=False)


def load_screens(is_for_agency: bool) -> None:
    """Load every screen, so that the first click on it does not wait."""
    for _, _, name in AGENCY if is_for_agency else OFFICE:
        _screen(name)


def _screen(name: str) -> Any:
    return import_module(f"toolkit.desk.screens.{name.partition('.')[0]}")


def _loaded_when_asked(name: str) -> Callable[..., Any]:
    def view(**arguments: Any) -> Any:
        return getattr(_screen(name), name.partition(".")[2])(**arguments)

    return view
