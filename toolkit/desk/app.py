"""The pages of the desk (工作台) put together: screens, what guards them, and what is said when something is wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from toolkit.batch.states import COLOURS
from toolkit.desk.command_runs import CommandQueue
from toolkit.desk.entrance import Entrance
from toolkit.desk.guard import guard
from toolkit.desk.routes import add_routes
from toolkit.files.limits import STANDARD_LIMITS
from toolkit.files.write_errors import reason
from toolkit.problems import Problem
from toolkit.resources import resource

TEMPLATES, PAGE_STYLE = "templates/desk", "templates/page.css"
HTTP_WORDS = {
    400: "浏览器送来的内容不完整，没有做。请刷新这一页再试。",
    401: "这个网址没有口令，或口令是以前的。请用“开始”（gknb start）打开的窗口，或重新运行一次。",
    403: "这个请求不是从工作台自己的页面来的，没有做。请刷新这一页再试。",
    404: "没有这一页。",
    405: "没有这一页。",
    413: "文件太大，没有收。",
    507: "临时文件夹所在的磁盘已满，没有收。请腾出空间再试。",
    421: "请用 gknb start 给出的网址打开。",
}
UNFORESEEN = (
    "出现了没有预料到的情况，没有完成；这是工具的毛病，不是您的操作。请刷新这一页再试；还不行的，请联系维护人员。"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages share: the entrance, the commands, and how the program is ended. `is_for_agency` is True for the
    agency's own check (自查台)."""

    entrance: Entrance
    runs: CommandQueue
    end: Callable[[], None]
    is_for_agency: bool = False


def desk() -> Desk:
    """Return the desk that serves this request."""
    found: Desk = current_app.extensions["desk"]
    return found


def create_app(shared: Desk) -> Flask:
    """Return the pages as a WSGI application."""
    folder = resource(TEMPLATES)
    app = Flask("toolkit.desk", template_folder=str(folder), static_folder=str(folder / "static"))
    app.extensions["desk"] = shared
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.globals["upload_limit"] = STANDARD_LIMITS.size
    guard(app, shared.entrance)
    app.add_url_rule("/static/page.css", "page_style", _page_style)
    add_routes(app, shared.is_for_agency)
    app.register_error_handler(Problem, _say_problem)
    app.register_error_handler(OSError, _say_disk)
    app.register_error_handler(HTTPException, _say_http)
    app.register_error_handler(Exception, _say_unforeseen)
    return app


def _page_style() -> Response:
    """Return the styles that all pages share, with the colours of the states."""
    states = "".join(f'[data-state="{state}"] {{ --tone: {colour}; }}\n' for state, colour in COLOURS.items())
    return Response(resource(PAGE_STYLE).read_text(encoding="utf-8") + states, mimetype="text/css")


def _say_problem(problem: Problem) -> ResponseReturnValue:
    return _say(problem.message, 400)


def _say_disk(error: OSError) -> ResponseReturnValue:
    return _say(f"读写不了文件：{reason(error)}。请看看项目文件夹还在不在、磁盘满没满，再试一次。", 503)


def _say_http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    return _say(HTTP_WORDS.get(code, UNFORESEEN), code)


def _say_unforeseen(_: Exception) -> ResponseReturnValue:
    return _say(UNFORESEEN, 500)


def _say(words: str, code: int) -> ResponseReturnValue:
    """Say what is wrong: as a page, or as words alone to a script of ours."""
    from toolkit.desk.screens.frame import JOBS
    from toolkit.desk.words import for_page

    words = for_page(words)
    if request.headers.get("X-Gknb-Script"):
        return make_response({"words": words}, code)
    return make_response(render_template("problem.html", words=words, jobs={} if desk().is_for_agency else JOBS), code)
