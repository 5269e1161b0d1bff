"""Screens that list the files of a folder."""

from typing import Any

from flask import Response

from toolkit.desk.lists import FileLink, ListColumn, ListRow
from toolkit.desk.project_folder import FolderFile, files_in, folder_of
from toolkit.desk.screens.page import list_page

COLUMNS = (
    ListColumn("name", "文件"),
    ListColumn("place", "所在", has_filter=True),
    ListColumn("size", "大小", is_number=True),
    ListColumn("changed", "时间"),
)


def file_list_page(screen: str, key: str, **more: Any) -> str | Response:
    """Return the page of a screen with the files in the folder under a key."""
    return list_page(screen, COLUMNS, [file_row(one) for one in files_in(key)], folder=folder_of(key), **more)


def file_row(one: FolderFile) -> ListRow:
    """Return the row of a file."""
    place, _, name = one.name.rpartition("/")
    texts = {"name": name, "place": place, "size": one.size_in_words, "changed": f"{one.changed:%Y-%m-%d %H:%M}"}
    return ListRow(texts, {"size": float(one.size)}, files=(FileLink(one.key, one.name),))
