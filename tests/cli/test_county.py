"""The walk through a county: every command of it runs, and prints what the page says. So does the README's day."""

import shlex
import shutil
import zipfile
from pathlib import Path

import pytest
from command_line import Gknb
from example_county import ARCHIVES, FOLDER, project, roster
from pages import DOCS, chapter, commands, printed
from places import ROOT

WALK = chapter(DOCS / "办公室手册.md", "一个县，从头到尾")
MONTH = chapter(ROOT / "README.md", "一个县的一月")
FAULTY = ("check", "report", "extract")
"""What is met with the file that cannot be read, and with errors."""


def test_the_example_is_fresh() -> None:
    """The archives are made anew only when who returned what changes: they stand for files that came from outside."""
    anew = "run: python tests/helpers/example_county.py"
    assert (FOLDER / "名册.csv").read_bytes() == b"\xef\xbb\xbf" + roster().encode(), anew
    assert (FOLDER / "gknb.toml").read_text(encoding="utf-8") == project(), anew
    for name, batch in ARCHIVES.items():
        with zipfile.ZipFile(FOLDER / name) as packed:
            there = {member.filename: member.date_time[2] for member in packed.infolist()}
        assert there == {name: day for name, (day, _) in batch().items()}, anew


@pytest.mark.validator
def test_every_command_of_the_walk(gknb: Gknb, tmp_path: Path) -> None:
    assert len(commands(WALK)) == 8
    run_all(gknb, tmp_path, WALK)
    assert len(list((tmp_path / "批注").iterdir())) == 8
    assert len(list((tmp_path / "退回意见").iterdir())) == 9, "the one that cannot be read gets no annotated copy"


@pytest.mark.validator
def test_every_command_of_the_readmes_month(gknb: Gknb, tmp_path: Path) -> None:
    """From `gknb init` to the county's report in at most 12 commands, none with an option; what a clerk copies in
    between is copied here."""
    calls = commands(MONTH)
    assert len(calls) <= 12
    assert not any("-" in call for call in calls)
    copied = {
        "distribute": lambda: [shutil.copy(FOLDER / name, tmp_path) for name in ("gknb.toml", "名册.csv")],
        "check": lambda: shutil.copy(FOLDER / "收回的表.zip", tmp_path / "收回的表"),
    }
    said: list[str] = []
    for number, call in enumerate(calls):
        if call in copied:
            copied.pop(call)()
        elif call == "check":
            shutil.copy(FOLDER / "第二批.zip", tmp_path / "收回的表")
            with (tmp_path / "名册.csv").open("a", encoding="utf-8") as roster_file:
                roster_file.write("青河县供销合作社,部门,,,,部门,\r\n")
        ran = gknb(*shlex.split(call))
        assert ran.returncode == (number == calls.index("check")), (call, ran.stdout, ran.stderr)
        assert "Traceback" not in ran.stderr
        said += ran.stdout.splitlines()
        if call == "report":
            assert "“青河县环境保护局”，名册上是“青河县生态环境局”。请更正" in ran.stderr
    assert set(printed(MONTH)) <= set(said)
    assert len(list((tmp_path / "报告").iterdir())) == 41
    assert len(list((tmp_path / "汇总").iterdir())) == 3
    assert {path.name for path in (tmp_path / "催报").iterdir()} >= {"催报清单.xlsx"}


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
    assert len(list((folder / "报告").iterdir())) == 31, "of those that have returned without errors"
    assert len(list((folder / "汇总").iterdir())) == 3
