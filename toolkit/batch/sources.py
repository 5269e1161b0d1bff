"""Reads submissions out of the files of a batch, workbooks and data files alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.batch.intake import Item
from toolkit.data_file import read_data_bytes
from toolkit.forms.loader import FormLookup
from toolkit.gate import kind_of
from toolkit.problems import Problem, Unreadable, unexpected
from toolkit.submission import Submission


@dataclass(frozen=True, slots=True)
class Source:
    """One submission of a batch and the name it goes by, or the reason why a file gave none."""

    name: str
    stem: str
    submission: Submission | None = None
    problem: str = ""


def read_item(item: Item, form_of: FormLookup) -> list[Source]:
    """What a file holds; one that cannot be read never stops the rest."""
    try:
        return list(sources_of(item, item.read(), form_of))
    except Unreadable as problem:
        return [Source(item.name, item.stem, problem=problem.message)]


def sources_of(item: Item, content: bytes, form_of: FormLookup) -> Iterator[Source]:
    """The submissions in the content of a file: a workbook holds one, a data file any number."""
    try:
        submissions = read_content(content, form_of)
    except Unreadable as problem:
        yield Source(item.name, item.stem, problem=problem.message)
    except Problem:
        raise
    except Exception as error:
        yield Source(item.name, item.stem, problem=unexpected(error))
    else:
        several = len(submissions) > 1
        for number, submission in enumerate(submissions, 1):
            name, stem = (f"{item.name}#{number}", f"{item.stem}-{number}") if several else (item.name, item.stem)
            yield Source(name, stem, submission)


def read_content(content: bytes, form_of: FormLookup) -> list[Submission]:
    """The submissions in one file. Raises Unreadable."""
    if kind_of(content) == "json":
        return read_data_bytes(content, form_of)
    from toolkit.workbook.reader import read_workbook_bytes

    return [read_workbook_bytes(content, form_of)]
