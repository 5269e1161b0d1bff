"""The starters (开始、审表) and the user's page (使用说明) of a bundle, written as their system reads them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from toolkit.bundle.targets import Target
from toolkit.resources import version as toolkit_version

_STARTERS = Path(__file__).parent / "starters"
PAGE_NAME = "使用说明.txt"
JOBS = {"start": "开始", "check": "审表"}
_COMMENTS = {"start": "打开公开年报工作台", "check": "把收回的表拖到这里校验"}
LONGEST_PATH = 259
"""The characters that Windows allows for a path, unless an administrator has allowed more."""


def windows_starter(job: str, longest: int) -> bytes:
    """Return a .bat file. `longest` is the length of the longest path in the bundle: where the folder's own path is too
    long for it, a drive letter stands for the folder while the program runs.

    No byte order mark: cmd.exe takes it for a command. Lines end as on Windows, or labels are not found.
    """
    text = _filled("start.bat", job=job, limit=str(LONGEST_PATH - longest))
    return text.replace("\n", "\r\n").encode()


def linux_starter(job: str) -> bytes:
    """Return a shell script that starts a job."""
    return _filled("start.sh", job=job, words=_COMMENTS[job]).encode()


def linux_desktop(job: str) -> bytes:
    """Return a .desktop file that finds the shell script beside it, wherever the folder lies. A desktop that leaves
    out the path of the file (%k), as `gio launch` does, may give it in a variable, or start in the folder."""
    words = {"words": f"{JOBS[job]}（公开年报）", "comment": _COMMENTS[job], "script": f"{JOBS[job]}.sh"}
    return _filled("starter.desktop", **words).encode()


def linux_prepare(target: Target, versions: list[str], carried: str) -> bytes:
    """Return the shell script that finds a Python, or makes one ready from the wheels. `carried` is the version of the
    Python in the bundle, empty if there is none."""
    names = " ".join(f"python{version}" for version in reversed(versions))
    words = "、".join(f"Python {version}" for version in versions)
    text = _filled("prepare.sh", machine=target.machine, carried=carried, pythons=names, versions=words)
    return text.encode()


def readme(target: Target, versions: list[str], carried: str, longest: int) -> bytes:
    """Return the user's page, as Notepad and every editor read it."""
    kind = "windows" if target.system == "Windows" else "linux-carried" if carried else "linux"
    chapters: dict[str, str] = tomllib.loads(_filled(f"readme-{kind}.toml"))
    text = _filled("readme.txt", **chapters)
    facts = {
        "version": toolkit_version(),
        "words": target.words,
        "machine": target.machine,
        "pythons": "、".join(versions),
        "limit": str(LONGEST_PATH - longest),
    }
    return _fill(text, facts).replace("\n", "\r\n").encode("utf-8-sig")


def _filled(name: str, **facts: str) -> str:
    """Return a starter or a page with its facts. The scripts' own braces stay."""
    return _fill((_STARTERS / name).read_text(encoding="utf-8"), facts)


def _fill(text: str, facts: Mapping[str, str]) -> str:
    for key, value in facts.items():
        text = text.replace(f"{{{key}}}", value.strip("\n"))
    return text
