"""The README says what is so: it is short, and its two commands are those that CI runs."""

import re

from pages import read_page
from places import ROOT

README = read_page(ROOT / "README.md")


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_ci_runs_the_readmes_two_commands() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, flags=re.M)
    assert len(commands) == 2
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in ci, "CI takes the commands from the README itself"


def test_it_names_no_file_of_python_where_a_clerk_reads() -> None:
    walk = README.partition("## 开始")[2].partition("## English")[0]
    assert walk
    assert not re.search(r"\w\.py\b", walk)
