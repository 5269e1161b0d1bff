"""The screen of the reports (报告): Word, web page and PDF, for one agency or all."""

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.screens.file_list import file_list_page
from toolkit.desk.screens.page import chosen, start
from toolkit.desk.standing import results
from toolkit.problems import Problem

OPTIONS = {
    "html": ["--html"],
    "pdf": ["--pdf"],
    "appendix": ["--appendix"],
    "drafts": ["--allow-failed"],
    "force": ["--force"],
}


def show() -> str | Response:
    """Show the reports that were made."""
    try:
        agencies = [line.agency for line in results().of_roster() if line.path]
    except Problem:
        agencies = []
    return file_list_page("reports", "reports", agencies=agencies)


def make() -> BaseResponse:
    """Make the reports."""
    agency = request.form.get("agency", "")
    only = [f"--only-agency={agency}"] if agency else []
    return start("reports", f"出报告：{agency or '全部机关'}", ["report", *only, *chosen(request.form, OPTIONS)])
