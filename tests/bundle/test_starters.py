"""What a clerk double-clicks, and the page that says how: each as its system reads it."""

import configparser
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from toolkit.bundle.targets import TARGETS
from toolkit.bundle.texts import (
    JOBS,
    LONGEST_PATH,
    linux_desktop,
    linux_prepare,
    linux_starter,
    readme,
    windows_starter,
)

POSIX = pytest.mark.skipif(os.name != "posix", reason="runs a POSIX shell")
LINUX = TARGETS["linux-x86_64"]
PAGES = {
    "windows": readme(TARGETS["windows"], ["3.12"], "3.12", 115),
    "linux": readme(LINUX, ["3.11", "3.12"], "", 90),
    "linux with Python": readme(LINUX, ["3.12"], "3.12", 90),
}


def bat(job: str, longest: int = 115) -> list[str]:
    """The lines of a .bat file."""
    content = windows_starter(job, longest)
    assert content.endswith(b"\r\n")
    return content.decode("utf-8").removesuffix("\r\n").split("\r\n")


@pytest.mark.parametrize("job", JOBS)
def test_bat_files_are_utf8_without_mark_and_end_lines_as_windows_does(job: str) -> None:
    content = windows_starter(job, 115)
    assert content.startswith(b"@echo off\r\n"), "a mark would be taken for a command"
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    assert not re.search(rb"\{[a-z]+\}", content), "every fact is filled in"


@pytest.mark.parametrize("job", JOBS)
def test_chinese_in_bat_files_is_only_said_and_only_in_utf8(job: str) -> None:
    """What is carried out can be read whatever the code page is; labels are found in any."""
    lines = bat(job)
    chinese = [number for number, line in enumerate(lines) if not line.isascii()]
    assert chinese
    assert all(lines[number].startswith("echo ") for number in chinese)
    assert lines.index("chcp 65001 >nul") < chinese[0]
    assert all(len(lines[number].encode()) < 256 for number in chinese)


@pytest.mark.parametrize("job", JOBS)
def test_paths_in_bat_files_are_quoted(job: str) -> None:
    """With spaces, brackets, & and ! in the folder's name."""
    lines = bat(job)
    for line in lines:
        for found in re.finditer(r"%~dp0|!GKNB_HERE[^!]*!|!PROGRAM!|%SystemRoot%", line):
            before = line[: found.start()]
            assert before.count('"') % 2 == 1, line
    arguments = [line for line in lines if "%*" in line]
    assert arguments == ["set GKNB_ARGUMENTS=%*"], "its own quotes protect it; more would open them"
    delayed = lines.index("setlocal EnableDelayedExpansion")
    assert all(lines.index(line) < delayed for line in lines if "%~" in line or "%*" in line), "a ! would be lost"
    assert all("%~" not in line and "%*" not in line for line in lines[delayed:])


@pytest.mark.parametrize("job", JOBS)
def test_bat_files_jump_to_labels_that_are_there(job: str) -> None:
    lines = bat(job)
    labels = {line.removeprefix(":") for line in lines if line.startswith(":")}
    assert {found for line in lines for found in re.findall(r"goto (\w+)", line)} <= labels
    depth = 0
    for line in lines:
        bare = "" if line.startswith("echo ") else re.sub(r'"[^"]*"', "", line)
        depth += bare.count("(") - bare.count(")")
        assert depth >= 0
        assert not (depth and line.startswith(":")), "a label in brackets ends the block"
    assert depth == 0


@pytest.mark.parametrize("job", JOBS)
def test_bat_files_start_the_python_beside_them_and_end_hard(job: str) -> None:
    """`cmd` would run what stands after an & in a dropped name; `exit` ends it before."""
    lines = bat(job)
    assert f'"!PROGRAM!\\python.exe" -X utf8 -m toolkit.bundle.launch {job}' in lines
    assert 'set "PROGRAM=!GKNB_HERE!gknb"' in lines
    assert [line for line in lines if line.startswith("exit")] == ["exit !STATUS!", "exit 3"]
    assert not any("exit /b" in line for line in lines)


@pytest.mark.parametrize("longest", [60, 115, 140])
def test_a_drive_letter_stands_for_a_long_path(longest: int) -> None:
    """A folder of 200 characters with 115 below it is more than Windows takes."""
    (line,) = [line for line in bat("start", longest) if "goto run" in line]
    limit = int(line.split(":~")[1].split(",")[0])
    assert limit + longest == LONGEST_PATH
    assert any(line.strip().startswith("subst %%L:") for line in bat("start", longest))
    assert "if defined DRIVE subst !DRIVE! /d >nul 2>nul" in bat("start", longest)


@pytest.mark.parametrize("kind", PAGES)
def test_the_page_is_read_by_notepad(kind: str) -> None:
    content = PAGES[kind]
    assert content.startswith("\ufeff公开年报工具箱".encode())
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    assert b"{" not in content, "every fact is filled in"


@pytest.mark.parametrize("kind", PAGES)
def test_the_page_says_what_a_clerk_asks(kind: str) -> None:
    text = PAGES[kind].decode("utf-8-sig")
    for words in ("要什么样的电脑", "怎样用", "您的数据在哪里", "浏览器没有打开", "没有试过的", "“年报”里", "杀毒软件"):
        assert words in text, words
    assert re.search("没有(在真的 Windows 上)?运行过", text)
    for name in JOBS.values():
        assert f"“{name}." in text
    for word in ("pip", "venv", "wheel", "命令行", "PATH", "site-packages"):
        assert word not in text, word


def test_the_page_for_windows_says_from_which_windows() -> None:
    text = PAGES["windows"].decode("utf-8-sig")
    assert "64 位的 Windows 10 或更新" in text
    assert f"超过 {LONGEST_PATH - 115} 个字" in text


def test_the_page_for_linux_says_which_python() -> None:
    assert "要有 Python 3.11、3.12 中的一个" in PAGES["linux"].decode("utf-8-sig")
    assert "不用装 Python" in PAGES["linux with Python"].decode("utf-8-sig")


SCRIPTS = [
    *(linux_starter(job) for job in JOBS),
    linux_prepare(LINUX, ["3.11", "3.12"], ""),
    linux_prepare(LINUX, ["3.12"], "3.12"),
]


@POSIX
@pytest.mark.parametrize("script", SCRIPTS, ids=["start", "check", "prepare", "prepare with Python"])
def test_shell_scripts_are_right_for_every_posix_shell(tmp_path: Path, script: bytes) -> None:
    assert b"\r" not in script
    path = tmp_path / "脚本.sh"
    path.write_bytes(script)
    subprocess.run(["sh", "-n", path], check=True)


@pytest.mark.linters
def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    for script in SCRIPTS:
        path = tmp_path / "脚本.sh"
        path.write_bytes(script)
        subprocess.run(["shellcheck", "--shell=sh", "--exclude=SC1091", path], check=True)


def executed(folder: Path, key: list[str], dropped: list[str]) -> list[str]:
    """What a desktop runs for a .desktop file in a folder, as the specification has it: `key` is what %k becomes."""
    path = folder / "开始.desktop"
    path.write_bytes(linux_desktop("start"))
    entry = configparser.RawConfigParser(strict=True)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(path, encoding="utf-8")
    said = entry["Desktop Entry"]
    assert (said["Type"], said["Terminal"]) == ("Application", "true")
    command = said["Exec"].replace("\\\\", "\\")
    quoted = re.findall(r'"[^"]*"', command)
    assert all("%" not in part and not re.search(r"[`$\\]", part) for part in quoted), "not allowed in quotes"
    assert not re.search(r"[~<>|&;*?#()`'$\\]", re.sub(r'"[^"]*"', "", command)), "not allowed outside"
    call: list[str] = []
    for part in shlex.split(command):
        call += {"%k": key, "%F": dropped}.get(part, [part])
    return call


@POSIX
@pytest.mark.parametrize("as_address", [False, True])
@pytest.mark.parametrize("name", ["plain", "有 空格", "a'b\"c$d`e&f%20;#", "很" * 80])
def test_desktop_files_find_the_script_beside_them(tmp_path: Path, name: str, as_address: bool) -> None:
    """Wherever the folder lies, whether the desktop gives a path or an address (file://)."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / "开始.sh").write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n', encoding="utf-8")
    path = folder / "开始.desktop"
    call = executed(folder, [path.as_uri() if as_address else str(path)], ["/tmp/一 二", "/tmp/三"])
    ran = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=True, cwd="/")
    assert ran.stdout.splitlines() == [str(folder / "开始.sh"), "/tmp/一 二", "/tmp/三"]


@POSIX
def test_desktop_files_find_it_where_the_desktop_leaves_out_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "桌 面 上"
    folder.mkdir()
    (folder / "开始.sh").write_text('printf "%s\\n" "$0" "$@"\n', encoding="utf-8")
    monkeypatch.delenv("GIO_LAUNCHED_DESKTOP_FILE", raising=False)
    for place in (folder, "/"):
        ran = subprocess.run(
            executed(folder, [], ["/tmp/一 二"]),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
            cwd=place,
        )
        assert ran.stdout.splitlines() == [str(folder / "开始.sh"), "/tmp/一 二"]
        monkeypatch.setenv("GIO_LAUNCHED_DESKTOP_FILE", str(folder / "开始.desktop"))


@pytest.mark.linters
@pytest.mark.parametrize("job", JOBS)
def test_desktop_files_are_valid(tmp_path: Path, job: str) -> None:
    path = tmp_path / f"{job}.desktop"
    path.write_bytes(linux_desktop(job))
    assert subprocess.run(["desktop-file-validate", path], capture_output=True, text=True, check=False).stdout == ""
