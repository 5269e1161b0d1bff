"""Jobs that make what goes back to an agency after a review: the annotated copy (批注件) of its file, and the note
(退回修改意见)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from toolkit.batch.checked_batch import Batch
from toolkit.batch.filing_status import standings
from toolkit.batch.jobs import JobOutput, or_why_not
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.letters.mark import LetterKind
from toolkit.batch.received.file_names import PUBLISHED
from toolkit.batch.received.files import Item
from toolkit.batch.received.sent_files import SEND_FORM, SentKind, kind_in_place, spaced
from toolkit.batch.rounds import NO_COMPARISON, RoundComparison
from toolkit.batch.sources import STANDARD_READING, ReadingOptions, read_item
from toolkit.checks.causes import under_causes
from toolkit.checks.explanations import NO_REASON
from toolkit.checks.findings import Finding
from toolkit.checks.registry import OTHER_TEMPLATE
from toolkit.checks.result import Status
from toolkit.checks.roster import OTHER_YEAR
from toolkit.checks.signature import OLD_FORM
from toolkit.files.write import file_name
from toolkit.forms.fields import Severity
from toolkit.problems import Unreadable
from toolkit.workbook.annotate import Remark

if TYPE_CHECKING:
    from toolkit.reports.notice import NoticeFrame, NoticeItem

REPORT_TITLE = "政府信息公开工作年度报告"
"""What a report is called in a note on a file that does not say for which form it was meant."""


@dataclass(frozen=True, slots=True)
class ReturnToAnswer:
    """A return (报送) that gets a letter: its file, its result, and how it compares with the round before. `agency` is
    the agency's name on the roster, empty if it is not known; `year` is the year of the return, or of the batch. `sent`
    says what the agency sent in place of a return; `result` has no findings then. `other_year` is the year of a return
    that was asked for another year."""

    item: Item
    result: FileResult
    comparison: RoundComparison = NO_COMPARISON
    agency: str = ""
    year: int | None = None
    sent: SentKind | None = None
    other_year: int | None = None


def returns_to_answer(batch: Batch) -> Iterator[ReturnToAnswer]:
    """Yield the returns that count and need a letter: those with errors, those with reminders (提醒) that are not
    explained, those that cannot be read; and what agencies sent in place of a return."""
    statuses: tuple[Status, ...] = ("failed", "passed", "unreadable")
    for status in statuses:
        for result in batch.ledger.results_that_count(status):
            has_reminders = result.standing != "不在名册" and any(found.is_open for found in result.findings)
            if status != "passed" or has_reminders or _is_of_other_year(result):
                yield _to_answer(batch, result)
    for line in standings(batch.ledger, batch.roster, batch.year) if batch.roster else ():
        if line.sent and line.sent.entry is not None:
            entry = line.sent.entry
            result = FileResult(line.sent.path, "unreadable", (), entry=entry, id=-1 - entry)  # other ids are positive
            yield ReturnToAnswer(Item(line.sent.path), result, agency=line.agency, year=batch.year, sent=line.sent.kind)


def settled_returns(batch: Batch) -> Iterator[ReturnToAnswer]:
    """Yield the returns that count and need no letter."""
    for result in batch.ledger.results_that_count("passed"):
        if not any(found.is_open for found in result.findings):
            yield _to_answer(batch, result)


def _to_answer(batch: Batch, result: FileResult) -> ReturnToAnswer:
    entry = batch.roster.entries[result.entry] if batch.roster and result.entry is not None else None
    name = entry.name if entry else ""
    item = batch.ledger.item(result.item)
    if batch.year and _is_of_other_year(result):
        return ReturnToAnswer(item, result, agency=result.agency, year=batch.year, other_year=result.year)
    return ReturnToAnswer(item, result, batch.comparison(result), name, result.year or batch.year)


def _is_of_other_year(result: FileResult) -> bool:
    """Return True if a return was asked for another year, whatever else is wrong with it."""
    return any(found.rule in (OTHER_YEAR.id, OLD_FORM.id) for found in result.findings)


@dataclass(frozen=True, slots=True)
class AnnotateJob:
    """Make the annotated copy of a file. The file itself is only read."""

    reading: ReadingOptions = STANDARD_READING
    kind: ClassVar[LetterKind] = "annotated"
    suffix: ClassVar[str] = ".xlsx"
    title: ClassVar[str] = "批注件"

    def takes(self, job: ReturnToAnswer) -> bool:
        """Return True if such a return gets an annotated copy. A file that cannot be read gets none, nor does a form of
        another year. Where nothing has to be corrected, only a workbook has a place for explanations."""
        if job.result.status == "unreadable" or job.other_year:
            return False
        name = (job.item.members or (job.item.path,))[-1].lower()
        return job.result.status == "failed" or not name.endswith((*PUBLISHED, ".json", ".xls", ".xlsb", ".et", ".ods"))

    def name(self, job: ReturnToAnswer) -> str:
        """Return the file name of the copy."""
        return file_name(job.item.stem, "-审核意见.xlsx")

    def __call__(self, job: ReturnToAnswer) -> JobOutput:
        path = job.result.path
        return or_why_not(path, lambda: JobOutput(path, _annotated(job, self.reading), self.name(job)))


def _annotated(job: ReturnToAnswer, reading: ReadingOptions) -> bytes:
    from toolkit.files.admit import admit
    from toolkit.workbook.annotate import annotate_workbook

    result = job.result
    file = admit(job.item.read(reading.admission.limits), reading.admission)
    if file.kind == "converted":
        raise Unreadable("不是 .xlsx 工作簿，做不了批注件。请按校验结果或退回修改意见修改。")
    if file.kind != "workbook":
        raise Unreadable("不是填报表，没有可以批注的表格。请先用 gknb import 变成填好的表，再校验。")
    heading = f"{result.agency or '（机关名称未填）'} {result.year} 年填报表审核意见"
    changes = [change.in_words for change in job.comparison.changes]
    return annotate_workbook(file.content, heading, _remarks(job), reading.admission.limits, changes)


def _remarks(job: ReturnToAnswer) -> list[Remark]:
    """Return what goes to the agency, errors first, each with what follows from it. What is for the reviewer only
    (info) is left out."""
    remarks = []
    for number, (cause, consequences) in enumerate(_to_agency(job), 1):
        remarks.append(
            Remark(
                cause.severity,
                cause.message,
                cause.at,
                cause.fingerprint,
                cause.explanation,
                _why_not_accepted(cause, consequences),
                job.comparison.word_of(cause),
            )
        )
        remarks += [
            Remark(found.severity, f"由第 {number} 条引起：{found.message}", found.at, follows=True)
            for found in consequences
            if found.rule != NO_REASON.id
        ]
    return remarks


def _why_not_accepted(cause: Finding, consequences: Sequence[Finding]) -> str:
    """Return why an explanation does not hold: the office refused it, or it gives no reason. Empty if it holds."""
    said = next((found.actual for found in consequences if found.rule == NO_REASON.id), "")
    return cause.refusal or said


def _to_agency(job: ReturnToAnswer) -> list[tuple[Finding, tuple[Finding, ...]]]:
    """Return the causes that go to the agency, errors first, each with what follows from it and goes there, too."""
    return under_causes(found for found in job.result.findings if found.severity != "info")


@dataclass(frozen=True, slots=True)
class NoticeJob:
    """Make the note to the agency of a file. `office` signs it, and `deadline` is the last day, in words."""

    office: str = ""
    deadline: str = ""
    reading: ReadingOptions = STANDARD_READING
    kind: ClassVar[LetterKind] = "notice"
    suffix: ClassVar[str] = ".docx"
    title: ClassVar[str] = "退回修改意见"

    def takes(self, job: ReturnToAnswer) -> bool:
        """Return True if such a return gets a note. Somebody must be known to whom it can be addressed."""
        return job.result.status != "unreadable" or bool(job.agency)

    def name(self, job: ReturnToAnswer) -> str:
        """Return the file name of the note."""
        from toolkit.reports.notice import RETURNED, TO_VERIFY

        year = f"{job.year}年" if job.year else ""
        is_returned = job.result.status != "passed" or job.other_year
        what = RETURNED if is_returned else TO_VERIFY
        return file_name(job.agency or job.result.agency or job.item.stem, f"{year}{what}.docx")

    def __call__(self, job: ReturnToAnswer) -> JobOutput:
        path = job.result.path
        no_return = job.result.status == "unreadable" or job.other_year
        make = self._note_in_place if no_return else self._note
        return or_why_not(path, lambda: JobOutput(path, make(job), self.name(job)))

    @property
    def _frame(self) -> "NoticeFrame":
        from toolkit.reports.notice import NoticeFrame

        return NoticeFrame(self.office, self.deadline)

    def _note(self, job: ReturnToAnswer) -> bytes:
        from toolkit.reports.notice import NoticeRound, build_notice

        result, comparison = job.result, job.comparison
        sources = {source.name: source for source in read_item(job.item, self.reading)}
        submission = sources[result.path].submission if result.path in sources else None
        if submission is None:
            raise Unreadable("校验之后文件变了，读不出来，写不了退回修改意见。请重新校验。")
        submission = replace(submission, agency=job.agency or submission.agency)
        other = any(found.rule in OTHER_TEMPLATE for found in result.findings)
        changes = tuple(f"{change.in_words}。" for change in comparison.changes)
        return build_notice(
            submission,
            _notice_items(job, "error"),
            _notice_items(job, "warning"),
            self._frame,
            NoticeRound(comparison.number, comparison.counts_in_words, changes),
            other_template=other,
        )

    def _note_in_place(self, job: ReturnToAnswer) -> bytes:
        """Return the note on a file that is no return of this year."""
        from toolkit.reports.notice import build_unreadable_notice

        file = job.item.name.rpartition("/")[2]
        year = f"{job.year}年" if job.year else ""
        reason, advice = _what_came(job)
        return build_unreadable_notice(
            job.agency, f"{year}{REPORT_TITLE}", file, reason, f"{advice.removeprefix('请')}。", self._frame
        )


def _what_came(job: ReturnToAnswer) -> tuple[str, str]:
    """Return what came in place of a return, and what to send instead."""
    if job.other_year:
        reason = f"这是 {job.other_year} 年的填报表，不能作为 {job.year} 年的报送。"
        return reason, f"用下发的 {job.year} 年填报表填好后报送"
    result = job.result
    what = kind_in_place(result.path, result.cause) if result.findings else job.sent
    if what:
        return f"这是{spaced(what.words)}，不是填报表。", what.instead
    said = "".join(found.message for found in result.findings if found.cause)
    return f"文件打不开：{said.replace('请让报送单位', '请你单位')}", SEND_FORM


def _notice_items(job: ReturnToAnswer, severity: Severity) -> list["NoticeItem"]:
    """Return what the agency has to do, each item with what follows from it."""
    from toolkit.reports.notice import NoticeItem

    return [
        NoticeItem(
            cause.message,
            job.comparison.word_of(cause),
            tuple(found.message for found in consequences if found.rule != NO_REASON.id),
            cause.explanation,
            _why_not_accepted(cause, consequences),
            number,
        )
        for number, (cause, consequences) in enumerate(_to_agency(job), 1)
        if cause.severity == severity and cause.is_open
    ]
