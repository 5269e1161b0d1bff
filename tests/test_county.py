"""The walk through a county in the README: every command of it runs, and prints what the README says."""

import re
import shlex
import zipfile
from pathlib import Path

import pytest
from example_county import FOLDER, returns, roster
from test_commands import Gknb
from test_readme import README

WALK = README[README.index("## 一个县，四十个机关") : README.index("## 请留意")]
COMMANDS = [
    line.removeprefix("gknb ") for block in re.findall(r"```sh\n(.*?)```", WALK, re.S) for line in block.splitlines()
]
SAID = [line for block in re.findall(r"```text\n(.*?)```", WALK, re.S) for line in block.splitlines()]
FAULTY = ("check", "report", "extract")
"""What is met with the file that cannot be read, and with errors."""


def test_the_example_is_fresh() -> None:
    """The archive is made anew only when who returned what changes: it stands for files that came from outside."""
    anew = "run: python tests/example_county.py"
    assert (FOLDER / "名册.csv").read_bytes() == b"\xef\xbb\xbf" + roster().encode(), anew
    with zipfile.ZipFile(FOLDER / "收回的表.zip") as packed:
        there = {member.filename: member.date_time[2] for member in packed.infolist()}
    assert there == {name: day for name, (day, _) in returns().items()}, anew


@pytest.mark.validator
def test_every_command_of_the_walk(gknb: Gknb, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(FOLDER.parent)
    printed = []
    assert len(COMMANDS) == 8
    for command in COMMANDS:
        ran = gknb(*shlex.split(command))
        assert ran.returncode == (command.split()[0] in FAULTY), (command, ran.stderr)
        assert "Traceback" not in ran.stderr
        printed += ran.stdout.splitlines()
    assert set(SAID) <= set(printed)
    assert len(list((tmp_path / "发放").iterdir())) == 41
    assert len(list((tmp_path / "报告").iterdir())) == 32, "of those that have returned without errors"
    assert len(list((tmp_path / "汇总").iterdir())) == 3
    assert len(list((tmp_path / "批注").iterdir())) == len(list((tmp_path / "退回意见").iterdir())) == 4
