"""The panel of a command (进度): how far it is, what it says, and the button that stops it."""

from flask import Response, abort, make_response, render_template
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.app import desk
from toolkit.desk.command_runs import CommandRun
from toolkit.desk.screens.frame import run_words

ENDED = "run-ended"
"""The event in the browser on which lists are fetched again."""


def show(number: int) -> Response:
    """Show how far a command is."""
    run = _found(number)
    response = make_response(render_template("run.html", run=run, **run_words()))
    if not run.is_open:
        response.headers["HX-Trigger"] = ENDED
    return response


def stop(number: int) -> BaseResponse:
    """Stop a command."""
    desk().runs.stop(_found(number))
    return show(number)


def alive() -> str:
    """Answer a second start, which asks if this desk is open."""
    return desk().entrance.token


def end() -> str:
    """End the program. What runs is stopped in the orderly way."""
    desk().end()
    return render_template("ended.html")


def _found(number: int) -> CommandRun:
    return desk().runs.find(number) or abort(404)
