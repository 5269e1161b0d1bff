"""The text file (文字文件) of a submission: reads it, and puts its texts in place of those in the workbook."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.characters import one_line, printable
from toolkit.files.limits import Limits, require_room
from toolkit.problems import Unreadable
from toolkit.submission.model import Irregularity, Submission

if TYPE_CHECKING:
    from toolkit.documents.sections import SectionTexts
    from toolkit.documents.texts_folder import TextFiles


def read_texts(path: Path, submission: Submission, limits: Limits) -> "SectionTexts":
    """Return the texts in a submission's text file. Raise Unreadable."""
    from toolkit.documents.sections import split
    from toolkit.documents.texts_folder import read_prose

    try:
        return split(read_prose(path, limits), submission.form, submission.title, submission.agency)
    except Unreadable as problem:
        raise Unreadable(f"{_name(path)} {problem.message}") from None


def with_text_file(submission: Submission, texts: "TextFiles", stem: str, limits: Limits) -> Submission:
    """Return a submission with the texts that its report would have: those of its text file, if there is one.

    What is to be said of the file is an irregularity of the submission; so is a file that cannot be read, or several
    of which any may be meant.
    """
    from toolkit.documents.written_texts import with_written

    try:
        path = texts.of(submission, stem)
        if path is None:
            return submission
        written = read_texts(path, submission, limits)
        name = _name(path)
        made = with_written(submission, written, name)
        require_room(list(made.all_texts()))
    except Unreadable as problem:
        unread = Irregularity("text-file-unread", found=one_line(problem.message))
        return replace(submission, irregularities=(*submission.irregularities, unread))
    remarks = (Irregularity("report-remark", found=f"{name}：{one_line(remark)}") for remark in written.remarks)
    return replace(made, irregularities=(*made.irregularities, *remarks))


def _name(path: Path) -> str:
    return f"文字文件 {printable(path.name)}"
