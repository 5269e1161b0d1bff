"""Jobs that make what goes back to an agency after a review: the annotated copy (批注件) of its file, and the note
(退回修改意见)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from toolkit.batch.intake import Item
from toolkit.batch.jobs import JobOutput, or_why_not
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.letter_mark import LetterKind
from toolkit.batch.sources import STANDARD_READING, ReadingOptions, read_item
from toolkit.checks.registry import OTHER_TEMPLATE
from toolkit.files.write import file_name
from toolkit.problems import Unreadable
from toolkit.workbook.annotate import Remark

ReturnedFile = tuple[Item, FileResult]
"""A file, and its result."""


def failed_returns(ledger: Ledger) -> Iterator[ReturnedFile]:
    """Yield the returns that must be corrected: those with errors, unless a newer return takes their place."""
    for result in ledger.results_that_count("failed"):
        yield ledger.item(result.item), result


def sound_returns(ledger: Ledger) -> Iterator[ReturnedFile]:
    """Yield the returns that count and have no errors."""
    for result in ledger.results_that_count("passed"):
        yield ledger.item(result.item), result


@dataclass(frozen=True, slots=True)
class AnnotateJob:
    """Make the annotated copy of a file. The file itself is only read."""

    reading: ReadingOptions = STANDARD_READING
    kind: ClassVar[LetterKind] = "annotated"
    suffix: ClassVar[str] = ".xlsx"
    title: ClassVar[str] = "批注件"

    def name(self, job: ReturnedFile) -> str:
        """Return the file name of the copy."""
        return file_name(job[0].stem, "-审核意见.xlsx")

    def __call__(self, job: ReturnedFile) -> JobOutput:
        item, result = job
        return or_why_not(
            result.path, lambda: JobOutput(result.path, _annotated(item, result, self.reading), self.name(job))
        )


def _annotated(item: Item, result: FileResult, reading: ReadingOptions) -> bytes:
    from toolkit.files.admit import admit
    from toolkit.workbook.annotate import annotate_workbook

    file = admit(item.read(reading.admission.limits), reading.admission)
    if file.kind == "converted":
        raise Unreadable("不是 .xlsx 工作簿，做不了批注件。请按校验结果或退回修改意见修改。")
    if file.kind != "workbook":
        raise Unreadable("不是填报表，没有可以批注的表格。请先用 gknb import 变成填好的表，再校验。")
    heading = f"{result.agency or '（机关名称未填）'} {result.year} 年填报表审核意见"
    return annotate_workbook(file.content, heading, _remarks(result), reading.admission.limits)


def _remarks(result: FileResult) -> list[Remark]:
    """Return what goes to the agency, errors first. What is for the reviewer only (info) is left out."""
    return [
        Remark(found.severity, found.message, found.at, found.fingerprint, found.explanation)
        for severity in ("error", "warning")
        for found in result.findings
        if found.severity == severity
    ]


@dataclass(frozen=True, slots=True)
class NoticeJob:
    """Make the note to the agency of a file. `office` signs it, and `deadline` is the last day, in words."""

    office: str = ""
    deadline: str = ""
    reading: ReadingOptions = STANDARD_READING
    kind: ClassVar[LetterKind] = "notice"
    suffix: ClassVar[str] = ".docx"
    title: ClassVar[str] = "退回修改意见"

    def name(self, job: ReturnedFile) -> str:
        """Return the file name of the note."""
        item, result = job
        return file_name(result.agency or item.stem, f"{result.year}年退回修改意见.docx")

    def __call__(self, job: ReturnedFile) -> JobOutput:
        item, result = job
        return or_why_not(result.path, lambda: JobOutput(result.path, self._note(item, result), self.name(job)))

    def _note(self, item: Item, result: FileResult) -> bytes:
        from toolkit.reports.notice import build_notice

        sources = {source.name: source for source in read_item(item, self.reading)}
        submission = sources[result.path].submission if result.path in sources else None
        if submission is None:
            raise Unreadable("校验之后文件变了，读不出来，写不了退回修改意见。请重新校验。")
        messages = {
            level: [found.message for found in result.findings if found.severity == level]
            for level in ("error", "warning")
        }
        other = any(found.rule in OTHER_TEMPLATE for found in result.findings)
        return build_notice(
            submission, messages["error"], messages["warning"], self.office, self.deadline, other_template=other
        )
