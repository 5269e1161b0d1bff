"""The screen of issuing (发表): a template and a mail pack for each agency."""

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.screens.file_list import file_list_page
from toolkit.desk.screens.page import chosen, start


def show() -> str | Response:
    """Show what was made."""
    return file_list_page("forms", "distributed")


def make() -> BaseResponse:
    """Make the templates and the mail packs."""
    return start("forms", "生成模板", ["distribute", *chosen(request.form, {"force": ["--force"]})])
