"""What 开始 and 审表 of a bundle do on the office's machine. The starters only find Python; everything else is here.

The starter says in the environment where the bundle lies (GKNB_HERE). The one for Windows also passes on the command
line as it was: a name with `&` but without a space, dropped on a .bat file, is cut in two before the file sees it.
"""

import io
import os
import re
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT_NAME = "年报"
RESULTS_NAME = "校验结果"
PAGE_NAME = "校验结果.html"
_TOKEN = re.compile(r'"([^"]*)"?|(\S+)')


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the command line, the folder it is made from, and the page to look at afterwards, if there is one."""

    arguments: tuple[str, ...]
    folder: Path
    page: Path | None = None


def main() -> None:
    """Do a job, say how it went, and keep the window open until the user has read it."""
    job, *arguments = sys.argv[1:]
    status = 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # whoever reads it through a pipe waits for the address
    try:
        given = [*arguments, *windows_arguments(os.environ)]
        here = Path(os.environ.get("GKNB_HERE") or Path.cwd())
        call = start_call(here, given) if job == "start" else check_call(given)
        if call is None:
            print("把收回的表（文件或文件夹）拖到“审表”的图标上，就会校验。")
        else:
            status = run_gknb(call)
        if job == "check" or status not in (0, 130):
            _wait(call.page if call else None)
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def windows_arguments(environment: Mapping[str, str]) -> list[str]:
    """Return what was dropped on a .bat file, or typed after its name."""
    line, starter = environment.get("GKNB_COMMAND", ""), environment.get("GKNB_STARTER", "")
    place = line.lower().find(starter.lower()) if starter else -1
    if place < 0:
        return split_line(environment.get("GKNB_ARGUMENTS", ""))
    rest = line[place + len(starter) :].removeprefix('"').rstrip()
    if rest.count('"') % 2:  # cmd /c ""…\审表.bat" C:\a": the last one belongs to the first
        rest = rest.removesuffix('"')
    return split_line(rest)


def split_line(line: str) -> list[str]:
    """Return the parts of a Windows command line. Names with spaces stand in quotes; a backslash means itself."""
    return [quoted or plain for quoted, plain in _TOKEN.findall(line) if (quoted or plain).strip()]


def start_call(here: Path, given: Sequence[str]) -> Call:
    """Return the call that opens the page: for the folder that was dropped, else for 年报 beside the program, else, if
    nothing can be written there, for 年报 in the user's own folder."""
    options = [one for one in given if one.startswith("-") or one.isdigit()]
    folders = [Path(one).absolute() for one in given if one not in options]
    project = next((one if one.is_dir() else one.parent for one in folders), None) or _own_project(here)
    return Call(("start", str(project), *options), project)


def check_call(given: Sequence[str]) -> Call | None:
    """Return the call that checks what was dropped, None if nothing was. The results go beside it; where a project
    (gknb.toml) stands beside it, they go where the project says."""
    paths = [Path(one).absolute() for one in given if one.strip()]
    if not paths:
        return None
    beside = paths[0].parent
    dropped = tuple(map(str, paths))
    if (beside / "gknb.toml").is_file():
        return Call(("check", *dropped), beside, beside / RESULTS_NAME / PAGE_NAME)
    name = f"{paths[0].stem if paths[0].is_file() else paths[0].name}-{RESULTS_NAME}"
    results = _new(beside if _can_write(beside) else Path.home(), name)
    return Call(("check", *dropped, "-o", str(results)), results.parent, results / PAGE_NAME)


def run_gknb(call: Call) -> int:
    """Make a call of the command line, and return its exit status."""
    from toolkit.__main__ import main as gknb

    os.chdir(call.folder)
    sys.argv = ["gknb", *call.arguments]
    try:
        gknb()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def _own_project(here: Path) -> Path:
    """Return the folder 年报 beside the program, or in the user's own folder if that cannot be written."""
    for parent in (here, Path.home()):
        project = parent / PROJECT_NAME
        try:
            project.mkdir(exist_ok=True)
        except OSError:
            continue
        if _can_write(project):
            print(f"您的名册、表和结果都放在：{project}", file=sys.stderr)
            return project
    return Path.cwd()


def _new(parent: Path, name: str) -> Path:
    """Return the path of a folder that is not there yet: results of another day are not overwritten."""
    path, number = parent / name, 1
    while path.exists():
        number += 1
        path = parent / f"{name}（{number}）"
    return path


def _can_write(folder: Path) -> bool:
    """Return True if files can be made in a folder. Asking for the right alone says nothing on Windows."""
    probe = folder / f".gknb-{os.getpid()}"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError:
        return False
    return True


def _wait(page: Path | None) -> None:
    """Keep the window open, and show the page of results if the user wants it."""
    there = page is not None and page.is_file()
    if page is not None and there:
        print(f"结果在：{page.parent}")
    if not sys.stdin or not sys.stdin.isatty():
        return
    try:
        input("按回车键，在浏览器里看结果；不看的，关掉这个窗口。" if there else "按回车键结束。")
    except (EOFError, KeyboardInterrupt):
        return
    if page is not None and there:
        webbrowser.open(page.as_uri())


if __name__ == "__main__":
    main()
