"""What a worker makes of one file of a batch: data, a report, a completed workbook, or what goes back to the agency."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from toolkit.batch.checking import lookup_of
from toolkit.batch.intake import Item
from toolkit.batch.sources import Source, read_item
from toolkit.data_file import csv_text, long_rows, to_data
from toolkit.outputs import file_name, json_text
from toolkit.problems import Unreadable, unexpected
from toolkit.submission import Submission

Format = Literal["json", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class Made:
    """One thing made of a submission: what it is called and what it holds, or why there is none. `name` is where it
    comes from."""

    name: str
    content: Any = None
    target: str = ""
    problem: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Extract:
    """Makes data: a JSON text, a CSV text, or the rows of a long table."""

    table_format: Format
    form_file: str = ""
    ascii_only: bool = False

    def __call__(self, item: Item) -> list[Made]:
        return _each(item, self.form_file, self._made)

    def _made(self, source: Source, submission: Submission) -> Made:
        if self.table_format == "json":
            return Made(source.name, json_text(to_data(submission), self.ascii_only))
        rows = long_rows(source.name, submission)
        return Made(source.name, csv_text(rows) if self.table_format == "csv" else list(rows))


@dataclass(frozen=True, slots=True)
class Report:
    """Makes Word reports."""

    form_file: str = ""

    def __call__(self, item: Item) -> list[Made]:
        return _each(item, self.form_file, self._made)

    def _made(self, source: Source, submission: Submission) -> Made:
        from toolkit.reports.word import build_report

        return Made(source.name, build_report(submission), file_name(submission.title, ".docx"))


@dataclass(frozen=True, slots=True)
class Import:
    """Makes completed workbooks, or data files."""

    as_json: bool = False
    form_file: str = ""
    ascii_only: bool = False

    def __call__(self, item: Item) -> list[Made]:
        return _each(item, self.form_file, self._made)

    def _made(self, source: Source, submission: Submission) -> Made:
        if self.as_json:
            content = json_text(to_data(submission), self.ascii_only).encode()
            return Made(source.name, content, file_name(source.stem, ".json"))
        from toolkit.workbook.template import build_workbook

        return Made(source.name, build_workbook(submission), file_name(source.stem, ".xlsx"))


@dataclass(frozen=True, slots=True)
class Read:
    """Reads submissions as data, for later use within the toolkit."""

    form_file: str = ""

    def __call__(self, item: Item) -> list[Made]:
        return _each(item, self.form_file, lambda source, submission: Made(source.name, to_data(submission)))


def _each(item: Item, form_file: str, make: Callable[[Source, Submission], Made]) -> list[Made]:
    """What is made of each submission in a file; one never stops the others."""
    return list(_made(read_item(item, lookup_of(form_file)), make))


def _made(sources: list[Source], make: Callable[[Source, Submission], Made]) -> Iterator[Made]:
    for source in sources:
        if source.submission is None:
            yield Made(source.name, problem=source.problem, unread=True)
            continue
        yield or_why_not(source.name, partial(make, source, source.submission))


def or_why_not(name: str, make: Callable[[], Made]) -> Made:
    """What is made of something, or why there is none."""
    try:
        return make()
    except Unreadable as problem:
        return Made(name, problem=problem.message)
    except Exception as error:
        return Made(name, problem=unexpected(error))
