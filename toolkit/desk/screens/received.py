"""The screen of what came back (收表): drop files, folders, archives and mails; see what became of each."""

from collections import Counter

from flask import Response, jsonify
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.lists import FileLink, ListColumn, ListRow
from toolkit.desk.project_folder import FolderFile, files_in, folder_of, taken_out
from toolkit.desk.screens.page import list_page, start
from toolkit.desk.screens.upload_request import upload_content, upload_name, upload_time
from toolkit.desk.standing import Fate, Fates, fates
from toolkit.desk.uploads import receive
from toolkit.problems import Problem

FOLDERS = {"returned": "收回的表", "prior": "上年的表", "texts": "各单位文字"}
"""The folders that files are dropped into, by their keys in gknb.toml."""
COLUMNS = (
    ListColumn("name", "文件"),
    ListColumn("state", "结果", has_filter=True),
    ListColumn("agency", "机关"),
    ListColumn("words", "说明"),
    ListColumn("changed", "时间"),
)
TAKEN_OUT_SHOWN = 50


def show() -> str | Response:
    """Show every file that came in, and what became of it."""
    known = fates()
    rows = [row for one in files_in("returned") for row in _rows(one, known)]
    counts = Counter(row.texts["state"] for row in rows)
    others = {key: (words, files_in(key)) for key, words in FOLDERS.items() if key != "returned"}
    out = {key: taken_out(key)[:TAKEN_OUT_SHOWN] for key in FOLDERS}
    more = {"counts": counts, "folder": folder_of("returned"), "others": others, "out": out, "folders": FOLDERS}
    return list_page("received", COLUMNS, rows, **more)


def upload(key: str) -> Response:
    """Take one dropped file."""
    if key not in FOLDERS:
        raise Problem("没有这个文件夹。")
    got = receive(folder_of(key), upload_name(), upload_content(), upload_time())
    return jsonify(fate=got.fate, words=got.words, path=got.path)


def check() -> BaseResponse:
    """Check what came in."""
    return start("received", "校验", ["check"])


def _rows(one: FolderFile, known: Fates) -> list[ListRow]:
    """Return the row of a file, and of each file in it if it is an archive."""
    row = _row(one.name, known.of(one.name), f"{one.changed:%Y-%m-%d %H:%M}", (FileLink(one.key, one.name),))
    return [row, *(_row(name, fate) for name, fate in known.inside(one.name))]


def _row(name: str, fate: Fate, changed: str = "", files: tuple[FileLink, ...] = ()) -> ListRow:
    texts = {"name": name, "state": fate.state, "agency": fate.agency, "words": fate.words, "changed": changed}
    return ListRow(texts, link=fate.link, files=files)
