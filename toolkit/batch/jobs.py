"""The jobs that a worker does on one file of a batch: make data, a report, or a completed workbook."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from toolkit.batch.ledger.priors import Priors
from toolkit.batch.received.files import Item
from toolkit.batch.sources import STANDARD_READING, ReadingOptions, Source, read_item, sources_of
from toolkit.batch.text_file import read_texts
from toolkit.characters import one_line
from toolkit.files.write import file_name, json_text
from toolkit.problems import Unreadable, unexpected
from toolkit.submission.json_csv import csv_text, long_rows, to_data
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

if TYPE_CHECKING:
    from toolkit.documents.texts_folder import TextFiles
    from toolkit.reports.content import Report as Content

CHANGED = "校验之后文件变了，请再运行一次"
NO_TEXT_FILE = "文字文件夹里没有它的文件，用的是填报表里的文字。"
NOT_IN_WORKBOOK = (
    "开头的引言、表格旁边的文字、落款（共 {length} 字）填报表里没有地方写，没有写入；JSON 数据（--json）里有。"
)
UTF_8 = '<meta charset="utf-8">'
"""Tells a browser that opens a fragment its encoding; it is not part of what is copied."""
FRAGMENT = "（粘贴用）"
"""Ends the name of a page that is to be pasted into another page."""
TOTALS_LISTED = 20
"""Totals of one submission that are listed one by one."""
Format = Literal["json", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class JobOutput:
    """One output made from a submission: its file name (`target`) and content, or the `problem` why there is none.
    `name` is its source. `texts` are the text files that were looked at. `note` and `remarks` are shown to the user.
    `beside` are further outputs of the same submission. `unread` is True if the file could not be read, `is_draft` if
    the output may not be made public, `is_own` if the source file is an output of ours."""

    name: str
    content: Any = None
    target: str = ""
    problem: str = ""
    unread: bool = False
    texts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    beside: "tuple[JobOutput, ...]" = ()
    is_own: bool = False
    note: str = ""
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class ExtractJob:
    """Job that makes data: a JSON text, a CSV text, or the rows of a long table."""

    table_format: Format
    reading: ReadingOptions = STANDARD_READING
    ascii_only: bool = False

    def __call__(self, item: Item) -> list[JobOutput]:
        return _outputs_of_file(item, self.reading, self._make)

    def _make(self, source: Source, submission: Submission) -> JobOutput:
        remarks = tuple(replaced_totals(submission))
        if self.table_format == "json":
            return JobOutput(source.name, json_text(to_data(submission), self.ascii_only), remarks=remarks)
        rows = long_rows(source.name, submission)
        return JobOutput(source.name, csv_text(rows) if self.table_format == "csv" else list(rows), remarks=remarks)


def replaced_totals(submission: Submission) -> Iterator[str]:
    """Yield remarks about totals in the source that differ from those in the data."""
    from toolkit.checks.findings import place_of

    for cell, printed in islice(submission.shown.items(), TOTALS_LISTED):
        computed = submission.all_values[cell]
        number = "" if computed is None or isinstance(computed, str) else number_text(computed)
        instead = f"按各项相加是 {number}，数据里写的是 {number}" if number else "各项都是空白，数据里没有合计"
        original = one_line(printed) if isinstance(printed, str) else number_text(printed or 0)
        yield f"{place_of(submission, cell)}：原来写的是 {original}，{instead}。请对照原文核实。"
    if len(submission.shown) > TOTALS_LISTED:
        yield f"另有 {len(submission.shown) - TOTALS_LISTED} 处合计也与各项相加不同，JSON 数据的 shown 里全有。"


@dataclass(frozen=True, slots=True)
class Approved:
    """A submission that gets a report: its name, the digest of its file, the numbers of errors and warnings, and what
    else must be known of the report. With errors, the report is a draft (草稿)."""

    name: str
    digest: str
    errors: int = 0
    warnings: int = 0
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ReportJob:
    """Job that makes Word reports of the approved submissions in a file. `style` is the path of the base document,
    `texts` are the text files of the agencies. With `pages` it also makes web pages, with `data_page` a comparison with
    last year's report from `priors`. Without `drafts`, it makes no report that may not be made public. With
    `other_texts` the reports repeat the texts for which the form has no place."""

    reading: ReadingOptions = STANDARD_READING
    style: str = ""
    texts: "TextFiles | None" = None
    pages: bool = False
    data_page: bool = False
    priors: Priors | None = None
    drafts: bool = False
    other_texts: bool = False

    def __call__(self, job: tuple[Item, tuple[Approved, ...]]) -> list[JobOutput]:
        item, approved = job
        try:
            content = item.read(self.reading.admission.limits)
        except Unreadable as problem:
            return [JobOutput(one.name, problem=problem.message, unread=True) for one in approved]
        if sha256(content).hexdigest() != approved[0].digest:
            return [JobOutput(one.name, problem=f"{CHANGED}。") for one in approved]
        by_name = {one.name: one for one in approved}
        sources = [source for source in sources_of(item, content, self.reading) if source.name in by_name]
        made = _flattened(
            _make_outputs(sources, lambda source, submission: self._make(source, submission, by_name[source.name]))
        )
        gone = by_name.keys() - {source.name for source in sources}
        return [*made, *(JobOutput(name, problem=f"{CHANGED}。") for name in sorted(gone))]

    def _make(self, source: Source, submission: Submission, approved: Approved) -> JobOutput:
        from toolkit.documents.texts_folder import Ambiguous
        from toolkit.reports.base_document import base_of
        from toolkit.reports.content import draft_words, misread_words, report_of
        from toolkit.reports.word_report import DataPage, word_report

        draft = draft_words(submission, approved.errors)
        if draft and not self.drafts:
            return JobOutput(source.name, problem=f"{misread_words(submission)}，不能写进正式的报告。请退回修改。")
        try:
            path = self.texts.of(submission, source.stem) if self.texts else None
        except Ambiguous as problem:
            return JobOutput(source.name, problem=problem.message, texts=tuple(problem.paths))
        used = (str(path),) if path else ()
        try:
            written = read_texts(path, submission, self.reading.admission.limits) if path else None
        except Unreadable as problem:
            return JobOutput(source.name, problem=problem.message, texts=used)
        report = replace(report_of(submission, written, self.other_texts), draft=draft)
        missing = (NO_TEXT_FILE,) if self.texts and not path else ()
        prior, no_prior = self._prior(submission)
        content = word_report(report, base_of(self.style), DataPage(prior) if self.data_page else None)
        return JobOutput(
            source.name,
            content,
            report_names(submission.title, bool(draft))[0],
            texts=used,
            remarks=(*filter(None, (approved.remark,)), *missing, *report.remarks, *no_prior),
            beside=_pages(source, report) if self.pages else (),
            note=_note(approved, bool(draft)),
            is_draft=bool(draft),
        )

    def _prior(self, submission: Submission) -> tuple[Submission | None, tuple[str, ...]]:
        """Return last year's report, and a remark if there is none."""
        if not self.data_page or not self.priors:
            return None, ()
        prior, why = self.priors.of(submission, self.reading.form_of)
        return prior, (f"{why}，数据附页只列本年数。",) if why else ()


def _note(approved: Approved, is_draft: bool) -> str:
    errors = f"草稿，错误 {approved.errors}，" if is_draft else ""
    return f"（{errors}提醒 {approved.warnings}）"


def report_names(title: str, is_draft: bool = False) -> tuple[str, str, str]:
    """Return the file names of a report: Word document, web page, and page to be pasted."""
    from toolkit.reports.content import DRAFT

    mark = DRAFT if is_draft else ""
    return (
        file_name(title, f"{mark}.docx"),
        file_name(title, f"{mark}.html"),
        file_name(title, f"{FRAGMENT}{mark}.html"),
    )


def _pages(source: Source, report: "Content") -> tuple[JobOutput, ...]:
    """Return the report as a web page, and as a fragment to be pasted into another page."""
    from toolkit.reports.web_page import report_fragment, report_page

    _, page, piece = report_names(report.submission.title, bool(report.draft))
    return (
        JobOutput(source.name, report_page(report).encode(), page),
        JobOutput(source.name, f"{UTF_8}\n{report_fragment(report)}".encode(), piece),
    )


@dataclass(frozen=True, slots=True)
class ImportJob:
    """Job that makes completed workbooks, or data files."""

    as_json: bool = False
    reading: ReadingOptions = STANDARD_READING
    ascii_only: bool = False

    def __call__(self, item: Item) -> list[JobOutput]:
        return _outputs_of_file(item, self.reading, self._make)

    def _make(self, source: Source, submission: Submission) -> JobOutput:
        from toolkit.checks.integrity import integrity_findings

        remarks = tuple(found.message for found in integrity_findings(submission))
        if self.as_json:
            content = json_text(to_data(submission), self.ascii_only).encode()
            replaced = tuple(replaced_totals(submission))
            return JobOutput(source.name, content, file_name(source.stem, ".json"), remarks=(*remarks, *replaced))
        if length := sum(len(text) for texts in submission.other_texts.values() for text in texts):
            remarks += (NOT_IN_WORKBOOK.format(length=length),)
        from toolkit.workbook.template import build_workbook

        return JobOutput(source.name, build_workbook(submission), file_name(source.stem, ".xlsx"), remarks=remarks)


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Job that reads submissions as data, for use inside the toolkit."""

    reading: ReadingOptions = STANDARD_READING

    def __call__(self, item: Item) -> list[JobOutput]:
        return _outputs_of_file(
            item, self.reading, lambda source, submission: JobOutput(source.name, to_data(submission))
        )


def _outputs_of_file(
    item: Item, reading: ReadingOptions, make: Callable[[Source, Submission], JobOutput]
) -> list[JobOutput]:
    """Return the output for each submission in a file; one that fails does not stop the others."""
    return _flattened(_make_outputs(read_item(item, reading), make))


def _flattened(made: Iterator[JobOutput]) -> list[JobOutput]:
    """Return each output, followed by the outputs beside it."""
    return [one for main in made for one in (replace(main, beside=()), *main.beside)]


def _make_outputs(sources: list[Source], make: Callable[[Source, Submission], JobOutput]) -> Iterator[JobOutput]:
    """Yield the output of `make` for each source, or the reason why there is none."""
    for source in sources:
        if source.submission is None:
            yield JobOutput(source.name, problem=source.problem, unread=True, is_own=source.cause == "own-output")
            continue
        yield or_why_not(source.name, partial(make, source, source.submission))


def or_why_not(name: str, make: Callable[[], JobOutput]) -> JobOutput:
    """Return the output of `make`, or one with the reason why it failed."""
    try:
        return make()
    except Unreadable as problem:
        return JobOutput(name, problem=problem.message)
    except Exception as error:
        return JobOutput(name, problem=unexpected(error).message)
