"""Reads submissions out of the files of a batch, workbooks and data files alike."""

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
    """Finds forms by id: the one in a file of one's own first, when there is one."""
    return form_lookup(load_form(form_file) if form_file else None)


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How the files of a batch are read: with a form of one's own where there is one, on what terms they are
    let in, and what published reports need not say themselves."""

    form_file: Path | None = None
    admission: Admission = STANDARD
    known: Known = NOTHING_KNOWN

    @property
    def form_of(self) -> FormLookup:
        """Finds forms by id."""
        return lookup_of(self.form_file)


STANDARD_READING = ReadingOptions()


@dataclass(frozen=True, slots=True)
class Source:
    """One submission of a batch and the name it goes by, or the reason why a file gave none."""

    name: str
    stem: str
    submission: Submission | None = None
    problem: str = ""
    cause: Cause = "content"


def read_item(item: Item, reading: ReadingOptions = STANDARD_READING) -> list[Source]:
    """What a file holds; one that cannot be read never stops the rest."""
    try:
        return list(sources_of(item, item.read(reading.admission.limits), reading))
    except Unreadable as problem:
        return [_unread(item, problem)]


def sources_of(item: Item, content: bytes, reading: ReadingOptions) -> Iterator[Source]:
    """The submissions in the content of a file: a data file holds any number, every other one."""
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
    """The source, or why it gives nothing where its texts are longer than those of any report."""
    assert source.submission is not None
    try:
        require_room([text for texts in source.submission.texts.values() for text in texts])
    except Unreadable as problem:
        return Source(source.name, source.stem, problem=problem.message, cause=problem.cause)
    return source


def _unread(item: Item, problem: Unreadable) -> Source:
    return Source(item.name, item.stem, problem=problem.message, cause=problem.cause)
