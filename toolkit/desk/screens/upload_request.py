"""A file that the script of a page sends (上传): its name, when it was changed, and its content."""

from typing import BinaryIO, cast
from urllib.parse import unquote

from flask import request

from toolkit.problems import Problem

NAME_HEADER, TIME_HEADER = "X-Gknb-Name", "X-Gknb-Time"


def upload_name() -> str:
    """Return the name of the file, with its folders. Raise Problem when there is none."""
    name = unquote(request.headers.get(NAME_HEADER, ""))
    if not name.strip():
        raise Problem("没有文件名，没有收。")
    return name


def upload_time() -> float | None:
    """Return when the file was changed, in seconds; None if that was not sent."""
    text = request.headers.get(TIME_HEADER, "")
    return int(text) / 1000 if text.isascii() and text.isdigit() and len(text) < 15 else None


def upload_content() -> BinaryIO:
    """Return the content. The server has received all of it, so it can be read from its beginning again."""
    return cast(BinaryIO, request.environ["wsgi.input"])
