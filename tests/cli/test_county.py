"""The walk through a county: every command of it runs, and prints what the page says. So does the README's day."""

import shlex
import zipfile
from pathlib import Path

import pytest
from command_line import Gknb
from example_county import FOLDER, returns, roster
from pages import DOCS, chapter, commands, printed
from places import ROOT

WALK = chapter(DOCS / "办公室手册.md", "一个县，从头到尾")
DAY = chapter(ROOT / "README.md", "一个县的一天")
FAULTY = ("check", "report", "extract")
"""What is met with the file that cannot be read, and with errors."""


def test_the_example_is_fresh() -> None:
    """The archive is made anew only when who returned what changes: it stands for files that came from outside."""
    anew = "run: python tests/helpers/example_county.py"
    assert (FOLDER / "名册.csv").read_bytes() == b"\xef\xbb\xbf" + roster().encode(), anew
    with zipfile.ZipFile(FOLDER / "收回的表.zip") as packed:
        there = {member.filename: member.date_time[2] for member in packed.infolist()}
    assert there == {name: day for name, (day, _) in returns().items()}, anew


@pytest.mark.validator
def test_every_command_of_the_walk(gknb: Gknb, tmp_path: Path) -> None:
    assert len(commands(WALK)) == 8
    run_all(gknb, tmp_path, WALK)
    assert len(list((tmp_path / "批注").iterdir())) == len(list((tmp_path / "退回意见").iterdir())) == 4


@pytest.mark.validator
def test_every_command_of_the_readmes_day(gknb: Gknb, tmp_path: Path) -> None:
    assert len(commands(DAY)) == 4
    run_all(gknb, tmp_path, DAY)
    assert len(list((tmp_path / "批注").iterdir())) == len(list((tmp_path / "退回意见").iterdir())) == 4


def run_all(gknb: Gknb, folder: Path, text: str) -> None:
    """Run the commands in a text; they print what it says and leave what it promises."""
    (folder / "examples").symlink_to(FOLDER.parent)
    said = []
    for command in commands(text):
        ran = gknb(*shlex.split(command))
        assert ran.returncode == (command.split()[0] in FAULTY), (command, ran.stderr)
        assert "Traceback" not in ran.stderr
        said += ran.stdout.splitlines()
    assert set(printed(text)) <= set(said)
    assert len(list((folder / "发放").iterdir())) == 41
    assert len(list((folder / "报告").iterdir())) == 32, "of those that have returned without errors"
    assert len(list((folder / "汇总").iterdir())) == 3
