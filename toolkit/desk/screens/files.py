"""The files of the project (文件): downloads, opening in the program of this machine, taking out and putting back."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

from flask import Response, redirect, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.lists import can_open
from toolkit.desk.project_folder import file_in, put_back, shown, take_out
from toolkit.files.write import file_name
from toolkit.problems import Problem

CHANGED_BY_PAGE = ("returned", "prior", "texts")
"""The folders from which a page takes files out."""
_OWN_PAGE = re.compile(r"/(?![/\\])[!-~]*")
"""An address on this desk. A browser takes // and /\\ for another machine, and skips tabs and line breaks."""


def download(key: str) -> Response:
    """Send a file to be saved. It is never shown in the browser, whatever it holds."""
    path = file_in(key, request.args.get("name", ""))
    name = file_name(shown(Path(path.name)), "")
    kind = "application/octet-stream"
    return send_file(path.absolute(), kind, as_attachment=True, download_name=name, etag=False)


def open_here(key: str) -> BaseResponse:
    """Open a file in the program of this machine that is for it."""
    path = file_in(key, request.form.get("name", ""))
    if not can_open(path.name):
        raise Problem(f"{path.name}：这种文件不能从这里打开。请点“下载”。")
    _open(os.path.realpath(path))
    return _back()


def take(key: str) -> BaseResponse:
    """Move a file out of its folder."""
    if key not in CHANGED_BY_PAGE:
        raise Problem("这个文件夹里的文件不能从这里移出。")
    take_out(key, request.form.get("name", ""))
    return _back()


def restore(key: str) -> BaseResponse:
    """Move a file back that was taken out."""
    if key not in CHANGED_BY_PAGE:
        raise Problem("没有这个移出的文件。")
    put_back(key, request.form.get("moment", ""), request.form.get("name", ""))
    return _back()


def _open(path: str) -> None:
    """Raise Problem when this machine has no program for the file."""
    try:
        if sys.platform == "win32":
            os.startfile(path)
            return
        program = which("open" if sys.platform == "darwin" else "xdg-open")
        if program is None:
            raise Problem("这台电脑上没有能打开它的程序。请点“下载”。")
        nowhere = subprocess.DEVNULL
        subprocess.Popen([program, path], stdin=nowhere, stdout=nowhere, stderr=nowhere)
    except OSError:
        raise Problem("打不开：这台电脑上没有能打开它的程序。请点“下载”。") from None


def _back() -> BaseResponse:
    """Go back to the page that the button is on."""
    target = request.form.get("back", "/")
    return redirect(target if _OWN_PAGE.fullmatch(target) else "/", 303)
