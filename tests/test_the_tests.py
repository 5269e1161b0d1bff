"""The tests themselves: none leans on another, and each stands where the code is that it tests."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from places import ROOT, TESTS

FILES = sorted(TESTS.rglob("*.py"))
TEST_FILES = [path for path in FILES if path.name.startswith("test_")]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The modules that a file imports, each with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module or ''}.{name.name}" for name in node.names]
            yield from ((node.lineno, name) for name in (node.module or "", *names))


def test_no_test_is_imported() -> None:
    """What several need stands in tests/helpers."""
    tests = {path.stem for path in TEST_FILES}
    found = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in FILES
        for line, name in imported(path)
        if tests & set(name.split("."))
    }
    assert found == set()


def test_folders_of_tests_are_those_of_the_packages() -> None:
    packages = {path.name for path in (ROOT / "toolkit").iterdir() if path.is_dir()}
    folders = {path.parent for path in TEST_FILES} - {TESTS, TESTS / "hostile"}
    assert {folder.relative_to(TESTS).as_posix() for folder in folders} <= packages


def test_no_two_files_have_one_name() -> None:
    """Python knows the tests and their helpers by the names of their files alone."""
    names = Counter(path.stem for path in FILES if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
