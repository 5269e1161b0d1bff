"""The screen of several years (历年): one agency's reports side by side."""

from pathlib import Path

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.bounded import roster_in
from toolkit.desk.project_folder import TRENDS, files_in, folder_of
from toolkit.desk.screens.file_list import COLUMNS, file_row
from toolkit.desk.screens.page import list_page, start
from toolkit.files.write import file_name
from toolkit.problems import Problem


def show() -> str | Response:
    """Show what was made, and the agencies to choose from."""
    try:
        agencies = [entry.name for entry in roster_in(folder_of("roster")).entries]
    except Problem:
        agencies = []
    rows = [file_row(one) for one in files_in("trends")]
    return list_page("years", COLUMNS, rows, agencies=agencies, prior=files_in("prior"))


def make() -> BaseResponse:
    """Compare the years of one agency."""
    agency = request.form.get("agency", "").strip()
    if not agency:
        raise Problem("请选一个机关。")
    paths = [str(path) for key in ("prior", "returned", "rollup") if (path := folder_of(key)).is_dir()]
    target = Path(TRENDS) / file_name(f"{agency}历年对比", ".xlsx")
    return start(
        "years", f"历年对比：{agency}", ["trend", f"--agency={agency}", "-o", str(target), "--force", "--", *paths]
    )
