"""The screen of the roll-up (汇总): the returns added up to the authority's own."""

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.project_folder import project
from toolkit.desk.screens.file_list import file_list_page
from toolkit.desk.screens.page import chosen, start
from toolkit.problems import Problem

OPTIONS = {"drafts": ["--allow-failed"], "force": ["--force"]}


def show() -> str | Response:
    """Show what was made."""
    return file_list_page("rollup", "rollup", agency=project().text("agency"))


def make() -> BaseResponse:
    """Add up the returns."""
    agency = project().text("agency") or request.form.get("agency", "").strip()
    if not agency:
        raise Problem("请写明汇总机关的全称，如 青河县人民政府。")
    return start("rollup", "汇总", ["rollup", f"--agency={agency}", *chosen(request.form, OPTIONS)])
