"""Reads submissions (报送数据) from the files of a batch, workbooks and data files alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from toolkit.batch.intake import Item
from toolkit.files.limits import STANDARD, Admission, require_room
from toolkit.forms.loader import FormLookup, form_lookup, load_form
from toolkit.problems import Cause, Problem, Unreadable, unexpected
from toolkit.reading import read_submissions
from toolkit.submission.model import NOTHING_KNOWN, Known, Submission


@cache
def lookup_of(form_file: Path | None) -> FormLookup:
    """Return a function that finds forms by id: the user's own form file first, if there is one."""
    return form_lookup(load_form(form_file) if form_file else None)


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How the files of a batch are read: with the user's own form file if there is one, with which limits and passwords
    (`admission`), and what is `known` that published reports do not say."""

    form_file: Path | None = None
    admission: Admission = STANDARD
    known: Known = NOTHING_KNOWN

    @property
    def form_of(self) -> FormLookup:
        """Return a function that finds forms by id."""
        return lookup_of(self.form_file)


STANDARD_READING = ReadingOptions()


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


def _with_room(source: Source) -> Source:
    """Return the source, or the reason if its texts are longer than those of any report."""
    assert source.submission is not None
    try:
        require_room([text for texts in source.submission.texts.values() for text in texts])
    except Unreadable as problem:
        return Source(source.name, source.stem, problem=problem.message, cause=problem.cause)
    return source


def _unread(item: Item, problem: Unreadable) -> Source:
    return Source(item.name, item.stem, problem=problem.message, cause=problem.cause)
