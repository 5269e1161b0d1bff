"""Reads one file of any kind: a workbook of the form, a data file, or a published report."""

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
    """Return the submissions (报送数据) in one file. A data file holds any number, every other file one.

    `content` is the bytes of the file and `stem` its name without the ending. `admission` gives the size limits and the
    passwords to try, `known` the agency and year that a published report need not state itself. Raise Unreadable with
    the reason when nothing can be read.
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
