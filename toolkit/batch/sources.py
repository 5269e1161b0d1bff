"""Finds the files of a batch and reads submissions out of them, workbooks and data files alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.data_file import read_data
from toolkit.forms.loader import FormLookup
from toolkit.problems import Problem, Unreadable
from toolkit.submission import Submission
from toolkit.workbook.gate import kind_of

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et")
DATA_SUFFIX = ".json"
OWN_OUTPUTS = ("findings.json",)


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files named, and those at any depth of the folders named, each once.

    Raises Problem for a path that is not there and for a folder in which there is nothing to read.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if _is_candidate(file))
            if not inside:
                raise Problem(f"文件夹 {path} 里没有填报表（.xlsx）或数据文件（.json）。请检查路径。")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise Problem(f"找不到 {path}。请检查路径和文件名。")
    return list(found)


def _is_candidate(file: Path) -> bool:
    name = file.name
    if name.startswith(("~$", ".")) or name in OWN_OUTPUTS:
        return False
    return file.suffix.lower() in (*WORKBOOK_SUFFIXES, DATA_SUFFIX) and file.is_file()


@dataclass(frozen=True, slots=True)
class Source:
    """One submission of a batch and the name it goes by, or the reason why a file gave none."""

    name: str
    path: Path
    submission: Submission | None = None
    problem: str = ""


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
            reason = f"内容超出了预料（{type(error).__name__}），没有读成。请把这个文件发给维护人员。"
            yield Source(str(file), file, problem=reason)
            continue
        for number, submission in enumerate(submissions, 1):
            yield Source(str(file) if len(submissions) == 1 else f"{file}#{number}", file, submission)


def read_file(path: Path, form_of: FormLookup) -> list[Submission]:
    """The submissions in one file: a workbook holds one, a data file any number.

    Raises Unreadable.
    """
    if kind_of(path) == "json":
        return read_data(path, form_of)
    from toolkit.workbook.reader import read_workbook

    return [read_workbook(path, form_of)]
