"""Reads submissions (报送数据) from the files of a batch, workbooks and data files alike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from toolkit.batch.received.files import Item
from toolkit.files.limits import STANDARD, Admission, require_room
from toolkit.forms.loader import FormLookup, form_lookup, load_form
from toolkit.problems import Cause, Problem, Unreadable, unexpected
from toolkit.reading import read_submissions
from toolkit.submission.model import NOTHING_KNOWN, Irregularity, Known, Submission


@cache
def lookup_of(form_file: Path | None) -> FormLookup:
    """Return a function that finds forms by id: the user's own form file first, if there is one."""
    return form_lookup(load_form(form_file) if form_file else None)


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How the files of a batch are read: with the user's own form file if there is one, with which limits and passwords
    (`admission`), and what is `known` that published reports do not say. With `accepts_reports`, complete published
    reports that lie among returns are turned into returns."""

    form_file: Path | None = None
    admission: Admission = STANDARD
    known: Known = NOTHING_KNOWN
    accepts_reports: bool = False

    @property
    def form_of(self) -> FormLookup:
        """Return a function that finds forms by id."""
        return lookup_of(self.form_file)


STANDARD_READING = ReadingOptions()
ACCEPTED = "这一份是由年度报告（Word 或网页）转成的，不是填报表：按 --accept-reports 收下，请核对各表的数。"
_INCOMPLETE = ("table-missing", "rows-missing", "row-twice", "row-unknown")
"""What a published report may not have if it is to be a return."""


@dataclass(frozen=True, slots=True)
class Source:
    """One submission of a batch and its name, or the reason why a file has none."""

    name: str
    stem: str
    submission: Submission | None = None
    problem: str = ""
    cause: Cause = "content"


def read_item(item: Item, reading: ReadingOptions = STANDARD_READING) -> list[Source]:
    """Return the submissions in a file. A file that cannot be read gives one source with the reason."""
    try:
        return list(sources_of(item, item.read(reading.admission.limits), reading))
    except Unreadable as problem:
        return [_unread(item, problem)]


def sources_of(item: Item, content: bytes, reading: ReadingOptions) -> Iterator[Source]:
    """Yield the submissions in the content of a file: a data file has any number, every other file has one."""
    try:
        submissions = read_submissions(content, item.stem, reading.form_of, reading.admission, reading.known)
        if item.is_report:
            submissions = list(map(_as_return, submissions))
    except Unreadable as problem:
        yield _unread(item, problem)
    except Problem:
        raise
    except Exception as error:
        yield _unread(item, unexpected(error))
    else:
        several = len(submissions) > 1
        for number, submission in enumerate(submissions, 1):
            name, stem = (f"{item.name}#{number}", f"{item.stem}-{number}") if several else (item.name, item.stem)
            yield _with_room(Source(name, stem, submission))


def _as_return(report: Submission) -> Submission:
    """Return a published report as a return, with a remark that says so. A workbook under the name of a report is one
    already. Raise Unreadable when the report is not complete."""
    if not report.prints_totals:
        return report
    lacks = [met for met in report.irregularities if met.kind in _INCOMPLETE]
    empty = [section.title for section in report.form.text_sections if not report.texts.get(section.id)]
    if lacks or empty:
        tables = f"有 {len(lacks)} 处表格没有找到或认不出"
        missing = tables if lacks else f"没有“{'、'.join(empty)}”的文字"
        raise Unreadable(f"是年度报告，但不完整（{missing}），没有当作填报表。请用填报表报送。", "not-a-form")
    return replace(report, irregularities=(*report.irregularities, Irregularity("report-remark", found=ACCEPTED)))


def _with_room(source: Source) -> Source:
    """Return the source, or the reason if its texts are longer than those of any report."""
    assert source.submission is not None
    try:
        require_room(list(source.submission.all_texts()))
    except Unreadable as problem:
        return Source(source.name, source.stem, problem=problem.message, cause=problem.cause)
    return source


def _unread(item: Item, problem: Unreadable) -> Source:
    return Source(item.name, item.stem, problem=problem.message, cause=problem.cause)
