"""Finds the files of a batch and reads submissions out of them, workbooks and data files alike."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.data_file import read_data
from toolkit.forms.loader import FormLookup
from toolkit.problems import Problem, Unreadable
from toolkit.submission import Submission
from toolkit.workbook.gate import kind_of

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".json")
"""What is taken for a return in a folder; the content tells whether it can be read."""
OWN_FILES = ("findings.json", "gknb.toml")


@dataclass(frozen=True, slots=True)
class Batch:
    """The files to read, each once; `skipped` are other files that lay in the folders."""

    files: tuple[Path, ...]
    skipped: tuple[Path, ...]


def find_files(paths: Sequence[Path]) -> Batch:
    """The files named, and those at any depth of the folders named. A folder that may not be entered stands among the
    files: reading it says why.

    Raises Problem for a path that is not there and for a folder in which there is nothing to read.
    """
    found: dict[str, Path] = {}
    skipped: list[Path] = []
    for path in paths:
        try:
            exists, is_folder = path.exists(), path.is_dir()
        except (OSError, ValueError):
            exists = is_folder = False
        if not exists:
            raise Problem(f"找不到 {path}。请检查路径和文件名。")
        inside = [path]
        if is_folder:
            everything = _files_in(path)
            inside = [file for file in everything if file.suffix.lower() in SUFFIXES or file.is_dir()]
            skipped += [file for file in everything if file not in inside]
            if not inside:
                raise Problem(f"文件夹 {path} 里没有填报表（.xlsx）或数据文件（.json）。请检查路径。")
        for file in inside:
            found.setdefault(os.path.normpath(file.absolute()), file)
    return Batch(tuple(found.values()), tuple(skipped))


def _files_in(folder: Path) -> list[Path]:
    """Every file below a folder, and every folder that may not be entered; not what programs keep for themselves."""
    closed: list[OSError] = []
    found: list[Path] = []
    for here, _, names in os.walk(folder, onerror=closed.append):
        found += [Path(here) / name for name in names if not name.startswith(("~$", ".")) and name not in OWN_FILES]
    return sorted([*found, *(Path(error.filename) for error in closed)])


@dataclass(frozen=True, slots=True)
class Source:
    """One submission of a batch and the name it goes by, or the reason why a file gave none."""

    name: str
    path: Path
    submission: Submission | None = None
    problem: str = ""

    @property
    def stem(self) -> str:
        """What a file made from it is called, without an ending: numbered where one file holds several."""
        _, number, count = self.name.rpartition("#")
        return f"{self.path.stem}-{count}" if number and count.isdecimal() else self.path.stem


def read_sources(files: Sequence[Path], form_of: FormLookup) -> Iterator[Source]:
    """Read each file in turn; one that cannot be read never stops the rest."""
    for file in files:
        try:
            submissions = read_file(file, form_of)
        except Unreadable as problem:
            yield Source(str(file), file, problem=problem.message)
            continue
        except Problem:
            raise
        except Exception as error:
            yield Source(str(file), file, problem=unexpected(error))
            continue
        for number, submission in enumerate(submissions, 1):
            yield Source(str(file) if len(submissions) == 1 else f"{file}#{number}", file, submission)


def unexpected(error: Exception) -> str:
    """What is said of a file whose content no one foresaw; it never stops the others."""
    return f"内容超出了预料（{type(error).__name__}），没有处理。请把这个文件发给维护人员。"


def read_file(path: Path, form_of: FormLookup) -> list[Submission]:
    """The submissions in one file: a workbook holds one, a data file any number.

    Raises Unreadable.
    """
    if kind_of(path) == "json":
        return read_data(path, form_of)
    from toolkit.workbook.reader import read_workbook

    return [read_workbook(path, form_of)]
