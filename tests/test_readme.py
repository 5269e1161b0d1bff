"""The README says what is so: its generated parts are fresh, its commands are those that CI runs, its links lead on."""

import re
from pathlib import Path

from toolkit.cli.reference import refreshed

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_generated_parts_are_fresh() -> None:
    assert refreshed(README) == README, "run: python -m toolkit.cli.reference README.md"


def test_ci_runs_the_readmes_two_commands() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, flags=re.M)
    assert len(commands) == 2
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in ci, "CI takes the commands from the README itself"


def test_pictures_and_files_that_it_links_to_exist() -> None:
    for target in re.findall(r"\]\((?!http|#)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_it_names_no_file_of_python_where_a_clerk_reads() -> None:
    walk = README.partition("## 开始")[2].partition("## 开发")[0]
    assert walk
    assert not re.search(r"\w\.py\b", walk.partition("<!--")[0])
