"""Reads submissions out of the files of a batch, workbooks and data files alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.batch.intake import Item
from toolkit.data_file import read_data_bytes
from toolkit.forms.loader import FormLookup
from toolkit.gate import kind_of
from toolkit.problems import Problem, Unreadable, unexpected
from toolkit.submission import NOTHING_KNOWN, Known, Submission


@dataclass(frozen=True, slots=True)
class Source:
    """One submission of a batch and the name it goes by, or the reason why a file gave none."""

    name: str
    stem: str
    submission: Submission | None = None
    problem: str = ""


def read_item(item: Item, form_of: FormLookup, known: Known = NOTHING_KNOWN) -> list[Source]:
    """What a file holds; one that cannot be read never stops the rest. `known` is what a published report need not say
    itself."""
    try:
        return list(sources_of(item, item.read(), form_of, known))
    except Unreadable as problem:
        return [Source(item.name, item.stem, problem=problem.message)]


def sources_of(item: Item, content: bytes, form_of: FormLookup, known: Known = NOTHING_KNOWN) -> Iterator[Source]:
    """The submissions in the content of a file: a data file holds any number, every other one."""
    try:
        submissions = read_content(content, form_of, item.stem, known)
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


def read_content(content: bytes, form_of: FormLookup, stem: str, known: Known) -> list[Submission]:
    """The submissions in one file, which is called `stem`. Raises Unreadable."""
    kind = kind_of(content)
    if kind == "json":
        return read_data_bytes(content, form_of)
    if kind == "workbook":
        from toolkit.workbook.reader import read_workbook_bytes

        return [read_workbook_bytes(content, form_of)]
    from toolkit.published.importer import read_published

    return [read_published(content, kind, form_of.forms, stem, known)]
