"""Reads one file, whatever it is: a workbook of the form, a data file, or a published report."""

from dataclasses import replace

from toolkit.files.admit import Admitted, admit
from toolkit.files.limits import STANDARD, Admission
from toolkit.forms.loader import FormLookup
from toolkit.problems import Unreadable
from toolkit.submission.json_csv import read_data_bytes
from toolkit.submission.model import NOTHING_KNOWN, Irregularity, Known, Submission


def read_submissions(
    content: bytes, stem: str, form_of: FormLookup, admission: Admission = STANDARD, known: Known = NOTHING_KNOWN
) -> list[Submission]:
    """Return the submissions in the content of a file that is called `stem`: a data file holds any number, every other
    file one.

    `admission` says what a file may be at most and which passwords are tried, `known` what a published report need not
    say itself. Raise Unreadable, with the reason in words, when nothing can be read.
    """
    file = admit(content, admission)
    try:
        submissions = _submissions(file, stem, form_of, known)
    except Unreadable:
        from toolkit.workbook.own_outputs import own_output

        if what := own_output(file):
            raise Unreadable(f"是 {what}，不是填报表。", "own-output") from None
        raise
    if not file.lock:
        return submissions
    locked = Irregularity("file-locked", found=file.lock)
    return [replace(one, irregularities=(*one.irregularities, locked)) for one in submissions]


def _submissions(file: Admitted, stem: str, form_of: FormLookup, known: Known) -> list[Submission]:
    if file.kind == "json":
        return read_data_bytes(file.content, form_of)
    if file.kind in ("workbook", "converted"):
        from toolkit.workbook.reader import read_admitted

        return [read_admitted(file, form_of)]
    from toolkit.imports.importer import read_published

    return [read_published(file, form_of.forms, stem, known)]
