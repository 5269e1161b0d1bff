"""What pip downloads for each kind of machine is complete there. Asks a package index."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest
from bundle_files import embeddable
from places import ROOT

from toolkit.bundle.carried_python import read_carried_python
from toolkit.bundle.download import build_project_wheel, collect_wheels
from toolkit.bundle.make import Plan, make_bundle
from toolkit.bundle.targets import TARGETS

pytestmark = pytest.mark.index

SHORT = f"{sys.version_info[0]}{sys.version_info[1]}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.mark.parametrize(
    ("target", "version"),
    [
        ("windows", "3.11"),
        ("windows", "3.13"),
        ("linux-x86_64", "3.13"),
        ("linux-aarch64", "3.11"),
        ("linux-aarch64", "3.13"),
    ],
)
def test_every_dependency_has_a_wheel(project: Path, tmp_path: Path, target: str, version: str) -> None:
    wheels = collect_wheels(project, TARGETS[target], version, tmp_path)
    names = {str(one.name) for one in wheels}
    assert {"gknb-toolkit", "openpyxl", "lxml", "py7zr", "rarfile", "pdfplumber", "flask", "waitress"} <= names
    assert ("colorama" in names) == (target == "windows"), "typer needs it there only, and pip does not know that here"
    assert {path.name for path in tmp_path.iterdir()} == {one.path.name for one in wheels}


def test_a_bundle_for_windows_as_far_as_it_can_be_seen_here(project: Path, tmp_path: Path) -> None:
    """Only python.exe is a stand-in. Each library that a program file asks for is in Windows or in the folder."""
    archive = tmp_path / "python.zip"
    archive.write_bytes(embeddable(short=SHORT))
    python = read_carried_python(archive, sha256(archive.read_bytes()).hexdigest())
    plan = Plan((TARGETS["windows"],), project, (python,))
    (made,) = make_bundle(plan, tmp_path / "便携包", ROOT, lambda _: None)
    packages = made.folder / "gknb/Lib/site-packages"
    assert len(list(packages.rglob("*.pyd"))) > 30
    assert list(packages.rglob("*.so")) == []
    for name in ("toolkit/_bundled/templates/2021.toml", "toolkit/bundle/starters/start.bat"):
        assert (packages / name).is_file(), name
    assert made.longest < 130, "deeper, and even a folder near the top of a drive needs a drive letter"
    assert not list(packages.rglob("*.pth")), "python.exe does not read them there"
    here = str(ROOT).encode()
    assert [path for path in made.folder.rglob("*") if path.is_file() and here in path.read_bytes()] == []
