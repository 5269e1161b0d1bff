"""`gknb report`: checks the returns (报送), writes Word reports and web pages for those that count and have no errors,
then PDF files."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.characters import printable
from toolkit.cli.arguments import pool_settings_for, reading_of, settings_of
from toolkit.cli.batch_messages import (
    NAMES_SHOWN,
    priors_of,
    progress_shower,
    require_all_written,
    require_none_kept,
    say_left_out,
    say_unread,
    write_each_and_say,
)
from toolkit.cli.console import Progress, say
from toolkit.cli.options import (
    AcceptReports,
    FilePassword,
    Folder,
    Force,
    FormFile,
    Limit,
    Memory,
    Paths,
    Prior,
    Results,
    Scheduler,
    Seconds,
    TextsFolder,
    Workers,
)
from toolkit.files.protected_inputs import is_read
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.checked_batch import Batch
    from toolkit.batch.jobs import JobOutput, ReportJob
    from toolkit.batch.ledger.file_result import FileResult
    from toolkit.batch.ledger.priors import Priors
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.sources import ReadingOptions
    from toolkit.documents.texts_folder import TextFiles

OTHER = "其他原因"
"""Why an approved return has no report, for example because of a text file that cannot be read."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What was asked for on the command line, see `gknb report --help`."""

    texts: Path | None = None
    style: Path | None = None
    html: bool = False
    pdf: bool = False
    appendix: bool = False
    other_texts: bool = False
    prior: Path | None = None
    roster: Path | None = None
    year: int | None = None
    allow_failed: bool = False
    results: Path | None = None
    agency: str = ""


@dataclass(slots=True)
class Tally:
    """The counts of a run: returns with a report, with a draft, and without any, by reason. `faults` counts what
    somebody has to correct before there is a report. `documents` are the Word files to convert to PDF. `outdated` are
    reports of an earlier run that must not be published now, with their returns. `texts` are the text files that belong
    to a return. `total` is the number of returns."""

    total: int = 0
    reports: int = 0
    drafts: int = 0
    without: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    documents: list[Path] | None = None
    outdated: dict[Path, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)

    def written(self, made: "JobOutput", target: Path) -> None:
        """Count a file that was written; a web page is no report of its own."""
        self.outdated.pop(target, None)
        if target.suffix == ".docx":
            if self.documents is not None:
                self.documents.append(target)
            self.reports += not made.is_draft
            self.drafts += made.is_draft


def write_reports(
    paths: Sequence[Path],
    output: Path,
    options: ReportOptions,
    pool: "PoolSettings",
    reading: "ReadingOptions",
    force: bool,
) -> int:
    """Check the returns, write the reports of those that count and have no errors, and print what was done. Return how
    many things somebody has to correct.

    Raise Problem when a report was there already, and when PDF files need LibreOffice and it is missing.
    """
    from toolkit.batch.reportable import find_superseded
    from toolkit.documents.texts_folder import find_text_files
    from toolkit.files.write import require_folder

    texts = find_text_files(options.texts) if options.texts else None
    say_style(options.style)
    require_folder(output)
    tally = Tally(documents=[] if options.pdf else None)
    with priors_of(options.prior, reading, pool, output) as (priors, unreadable):
        batch = _check(paths, options, pool, reading, priors, texts)
        try:
            find_superseded(batch)
            tally.total = _number_of_returns(batch, options.agency)
            _say_without_report(batch, options, texts, tally, reading)
            tally.outdated = _outdated_in(output, batch, reading)
            made = _make_reports(paths, batch, options, pool, _report_job(options, reading, texts, priors), tally)
            problem = None
            try:
                tally.faults += write_each_and_say(output, made, force, tally.written)
            except Problem as met:
                problem = met
            _say_outdated(tally.outdated)
            _say_total(tally)
            if problem:
                raise problem
        finally:
            batch.close()
    if texts and not options.agency:
        say_unused(texts, tally.texts)
    if tally.documents is not None:
        tally.faults += write_pdfs(tally.documents, force)
    return tally.faults + unreadable


def _check(
    paths: Sequence[Path],
    options: ReportOptions,
    pool: "PoolSettings",
    reading: "ReadingOptions",
    priors: "Priors | None",
    texts: "TextFiles | None",
) -> "Batch":
    """Check every return under the paths, with the texts of their reports, as `gknb check` does. Raise
    KeyboardInterrupt when that is broken off."""
    from toolkit.batch.check_job import CheckJob
    from toolkit.batch.received.left_out import LeftOut
    from toolkit.batch.roster import read_roster
    from toolkit.batch.run import Review, check_batch
    from toolkit.forms.powers import known_powers

    settings = settings_of((), (), reading.form_file)
    roster = read_roster(options.roster, known_powers(reading.form_of.own)) if options.roster else None
    left_out = LeftOut((options.roster,) if options.roster else ())
    work = CheckJob(reading, settings, priors, text_files=texts).on_roster(roster)
    batch = check_batch(
        paths, Review(work, pool, roster, options.year, remembers=options.results), left_out, progress_shower(False)
    )
    if batch.unfinished:
        batch.close()
        raise KeyboardInterrupt
    say_left_out(left_out)
    for sentence in batch.sentences():
        say(f"注意，{sentence}。")
    return batch


def _number_of_returns(batch: "Batch", agency: str) -> int:
    """Return how many returns there are; only those of an agency, if one is given. Raise Problem when it has none."""
    from toolkit.batch.reportable import results_of

    count = sum(1 for _ in results_of(batch, agency))
    if agency and not count:
        raise Problem(f"收回的表里没有{agency}的，没有生成报告。请检查 --only-agency，写名册上的全称。")
    return count


def _report_job(
    options: ReportOptions, reading: "ReadingOptions", texts: "TextFiles | None", priors: "Priors | None"
) -> "ReportJob":
    """Return the job that makes the reports."""
    from toolkit.batch.jobs import ReportJob

    style = str(options.style) if options.style else ""
    return ReportJob(
        reading,
        style,
        texts,
        options.html,
        options.appendix,
        priors,
        options.allow_failed,
        options.other_texts,
    )


def _say_without_report(
    batch: "Batch", options: ReportOptions, texts: "TextFiles | None", tally: Tally, reading: "ReadingOptions"
) -> None:
    """Print which returns get no report, and why; and which agencies have returned nothing."""
    from toolkit.batch.jobs import JobOutput
    from toolkit.batch.reportable import unpublished

    for found in unpublished(batch, options.allow_failed, options.agency):
        tally.without[found.why] += 1
        tally.faults += found.is_fault
        say_unread(JobOutput(found.result.path, problem=found.words, unread=found.why == "无法读取"))
        if texts:
            tally.texts.update(_texts_of(batch, found.result, texts, reading))
    missing = [line.agency for line in batch.lines() if line.entry and not line.result] if batch.roster else []
    if missing and not options.agency:
        more = " 等" if len(missing) > NAMES_SHOWN else ""
        say(f"名册上有 {len(missing)} 个机关未报：{'、'.join(missing[:NAMES_SHOWN])}{more}。")


def say_style(style: Path | None) -> None:
    """Print which styles an office's base document lacks; our own are used for them."""
    if style is None:
        return
    from toolkit.reports.base_document import base_of

    base = base_of(str(style))
    if base.missing:
        say(f"{style} 里没有这些样式，用的是工具自带的：{'、'.join(base.missing)}。")
    if base.had_text:
        say(f"{style} 里的文字没有写入报告，只用它的页面、页眉页脚和样式。")


def _make_reports(
    paths: Sequence[Path], batch: "Batch", options: ReportOptions, pool: "PoolSettings", work: "ReportJob", tally: Tally
) -> "Iterator[JobOutput]":
    """Yield the reports of the returns that count. Show progress on long work."""
    from toolkit.batch.jobs import JobOutput
    from toolkit.batch.pool import run_each
    from toolkit.batch.pool_settings import LostJob
    from toolkit.batch.reportable import approved
    from toolkit.batch.run import require_inputs
    from toolkit.files.write_errors import drives_of

    bar, done, places = Progress(), 0, drives_of(paths)
    total = tally.total - tally.without.total()
    for (item, kept), found in run_each(work, approved(batch, options.allow_failed, options.agency), pool):
        lost = isinstance(found, LostJob)
        made = (
            [JobOutput(one.name, problem=found.reason, unread=True) for one in kept]
            if isinstance(found, LostJob)
            else found
        )
        if lost or any(one.unread for one in made):
            require_inputs(places)
        for one in made:
            tally.without[OTHER] += bool(one.problem)
            tally.texts.update(one.texts)
            bar.clear()
            yield one
        done += len(kept)
        bar.at(done, total, item.name)


def _texts_of(batch: "Batch", result: "FileResult", texts: "TextFiles", reading: "ReadingOptions") -> Iterator[str]:
    """Yield the text files of a return without a report, so that they do not count as unused."""
    from toolkit.documents.texts_folder import Ambiguous
    from toolkit.submission.model import Submission

    form = reading.form_of(result.form) if result.form else None
    if form is None or result.year is None:
        return
    known = Submission(form, result.agency, result.year, {}, {}, issued=result.issued)
    try:
        path = texts.of(known, batch.ledger.item(result.item).stem)
    except Ambiguous as problem:
        yield from problem.paths
    else:
        yield from (str(path),) if path else ()


def _outdated_in(output: Path, batch: "Batch", reading: "ReadingOptions") -> dict[Path, str]:
    """Return the reports of an earlier run in a folder that must not be published now, with their returns."""
    from toolkit.batch.jobs import report_names
    from toolkit.batch.reportable import outdated_reports

    found: dict[Path, str] = {}
    for title, one in outdated_reports(batch, reading.form_of):
        document, *pages = report_names(title)
        for name in (document, Path(document).with_suffix(".pdf").name, *pages):
            if (output / name).exists() and not is_read(output / name):
                found[output / name] = one.result.path
    return found


def _say_outdated(outdated: Mapping[Path, str]) -> None:
    """Print which reports of an earlier run must not be published. They are not touched."""
    for path, source in islice(outdated.items(), NAMES_SHOWN):
        say(f"注意：{path} 是以前生成的，现在的表（{source}）不能出正式报告。没有动它，请勿公开，改好后重新生成。")
    if len(outdated) > NAMES_SHOWN:
        say(f"  ……这样的文件共有 {len(outdated)} 个。")


def _say_total(tally: Tally) -> None:
    """Print the counts of the run."""
    total, without = tally.total, tally.without.total()
    words = [f"写出 {tally.reports}"] + ([f"草稿 {tally.drafts}"] if tally.drafts else [])
    if without:
        why = "，".join(f"{word} {count}" for word, count in tally.without.items() if count)
        words.append(f"没有生成 {without}（{why}）")
    if rest := total - tally.reports - tally.drafts - without:
        words.append(f"没有写出 {rest}")
    say(f"共 {total} 份：{'，'.join(words)}。")
    if tally.without["有误"]:
        say("有误的请退回修改；要先出草稿，加 --allow-failed。")


def say_unused(texts: "TextFiles", used: set[str]) -> None:
    """Print which text files belong to no report."""
    unused = sorted(texts.paths() - used)
    if unused:
        names = "、".join(printable(str(Path(path).relative_to(texts.folder))) for path in unused[:NAMES_SHOWN])
        more = f" 等 {len(unused)} 个" if len(unused) > NAMES_SHOWN else ""
        say(f"有 {len(unused)} 个文字文件没有用上，对不上任何一份报告的机关和年度：{names}{more}。")
        say("文件名应写机关全称；写了年度的，年度要对。")


def write_pdfs(documents: Sequence[Path], force: bool) -> int:
    """Write a PDF file beside each report and print its path. Return how many could not be made.

    Raise Problem when there is no LibreOffice, and when a file was there already.
    """
    from toolkit.files.write import write_output
    from toolkit.files.write_errors import Unwritable
    from toolkit.reports.pdf import to_pdf

    targets = {document: document.with_suffix(".pdf") for document in documents}
    kept = [target for target in targets.values() if target.exists() and not force]
    free = [document for document, target in targets.items() if target not in kept]
    bar, failed, missed = Progress(), 0, list[Unwritable]()
    contents = ((str(document), document.read_bytes()) for document in free)
    for number, (name, pdf) in enumerate(to_pdf(contents), 1):
        bar.clear()
        if pdf.problem:
            failed += 1
            say(f"【没有生成】{name}：{pdf.problem}")
        else:
            try:
                say(f"{name} → {write_output(targets[Path(name)], pdf.content, force)}")
            except Unwritable as problem:
                if problem.everywhere:
                    raise
                missed.append(problem)
        bar.at(number, len(free), name)
    require_all_written(missed)
    require_none_kept(kept)
    return failed


def report(
    paths: Paths,
    output: Folder = Path(),
    texts: TextsFolder = None,
    style: Annotated[
        Path | None, typer.Option("--style", metavar="文件.docx", help="用自己的 Word 文档的页面和样式", readable=False)
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="另写网页两份：整页，和粘贴到网站编辑器用的")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="另写 PDF，须装有 LibreOffice")] = False,
    appendix: Annotated[bool, typer.Option("--appendix", help="报告后面附数据对比页（表和图），供内部使用")] = False,
    other_texts: Annotated[
        bool, typer.Option("--other-texts", help="引言、表格旁边的文字和落款也写进报告，平常只作校验")
    ] = False,
    prior: Prior = None,
    roster_file: Annotated[
        Path | None,
        typer.Option(
            "--roster",
            metavar="名册",
            help="机关名册：按它认机关，同一机关以最近的一份计，不在名册的不出",
            readable=False,
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option("--year", metavar="年度", help="出哪一年的报告，默认为多数文件的年度；只与 --roster 合用"),
    ] = None,
    only_agency: Annotated[
        str, typer.Option("--only-agency", metavar="机关全称", help="只出这一个机关的报告，其余的照样校验")
    ] = "",
    allow_failed: Annotated[
        bool, typer.Option("--allow-failed", help="有误的也出，文件名和开头标明草稿；重复的、不在名册的仍不出")
    ] = False,
    accept_reports: AcceptReports = False,
    results: Results = None,
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    memory: Memory = MEMORY,
    file_password: FilePassword = None,
    limit: Limit = None,
    scheduler: Scheduler = "",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """由填好的表生成 Word 报告，一个机关一份，以报告标题为文件名。

    先照 gknb check 的规则逐份校验（有 --prior 的与上年比对）。有误的、读不出的、没有填的、不在名册的、不是这一年的、
    同一机关报了几份而不计的，都不出，逐一说明；有要改正才能出报告的，退出码为 1。

    例：
    gknb report 温县教育局2024.xlsx
    gknb report 收回的表 --roster 名册.xlsx -o 报告
    gknb report 收回的表 --allow-failed -o 草稿
    gknb report 收回的表 --texts 各单位文字 --html --pdf -o 报告
    gknb report 收回的表 --appendix --prior 上年的表 -o 报告
    """
    if year is not None and roster_file is None:
        raise Problem("--year 要和 --roster 一起用：按名册认机关时，才看是不是这一年的。")
    reading = reading_of(form_file, file_password, limit, accepts_reports=accept_reports)
    options = ReportOptions(
        texts, style, html, pdf, appendix, other_texts, prior, roster_file, year, allow_failed, results, only_agency
    )
    if write_reports(paths, output, options, pool_settings_for(workers, scheduler, seconds, memory), reading, force):
        raise typer.Exit(1)
