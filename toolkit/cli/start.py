"""`gknb start`: opens the desk (工作台), the same jobs on pages in the browser of this machine."""

import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.console import say, show
from toolkit.problems import Problem

NEEDED = ("flask", "waitress")
"""What the extra `desk` installs."""


def start(
    folder: Annotated[
        Path, typer.Argument(metavar="文件夹", help="项目文件夹，默认为当前文件夹", readable=False)
    ] = Path(),
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="用这个端口，默认由系统选一个空的")
    ] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="只给出网址，不打开浏览器")] = False,
    check_only: Annotated[
        bool, typer.Option("--check-only", help="自查台：只查一份填报表，给填报单位用，不要项目文件夹")
    ] = False,
) -> None:
    """打开工作台：在浏览器里办名册、发表、收表、审表、催报、报告、汇总，与命令行用同样的文件夹，可以换着用。

    只在这台电脑上，别的电脑打不开；网址里有这一次的口令，不要发给别人。按 Ctrl-C 或点页面上的“结束”停下。
    要另装 gknb-toolkit[desk]。

    例：
    gknb start
    gknb start 2024年报
    gknb start --check-only
    """
    from toolkit.desk.start import serve

    if not all(map(find_spec, NEEDED)):
        raise Problem("工作台要另装：pip install 'gknb-toolkit[desk]'。")

    def on_ready(address: str, was_open: bool) -> None:
        show(address)
        if sys.stdout is not None:
            sys.stdout.flush()  # a program that reads it through a pipe waits for it
        stop = "工作台开着。要停下，按 Ctrl-C，或点页面上的“结束”。"
        say("这个项目的工作台已经开着，用的是它。" if was_open else stop)
        if not no_browser and not _open_browser(address):
            say("没有找到浏览器。请把上面的网址复制到浏览器里打开。")

    try:
        serve(folder, port, check_only, on_ready)
    except KeyboardInterrupt:
        say("工作台已停下。")
        raise


def _open_browser(address: str) -> bool:
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
