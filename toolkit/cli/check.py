"""`gknb check`: checks one return (报送) or a whole batch, writes the results and the letters
(批注件、退回修改意见)."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.cli.agency_list import show_agencies
from toolkit.cli.arguments import key_of, lookup_of, own_form, pool_settings_for, reading_of, require_year, settings_of
from toolkit.cli.batch_messages import agency_and_year, priors_of, progress_shower, say_left_out, say_unread
from toolkit.cli.console import is_utf8, say, show, show_piece
from toolkit.cli.interrupts import INTERRUPTED
from toolkit.cli.options import (
    AcceptReports,
    AsJson,
    FilePassword,
    Force,
    FormFile,
    KeyFile,
    Limit,
    Memory,
    Paths,
    Prior,
    Scheduler,
    Seconds,
    TextsFolder,
    Workers,
)
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.checked_batch import Batch
    from toolkit.batch.ledger.file_result import FileResult
    from toolkit.batch.letters.folder import Sent
    from toolkit.batch.letters.jobs import AnnotateJob, NoticeJob
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.scoring_scheme import ScoringScheme
    from toolkit.documents.texts_folder import TextFiles
    from toolkit.files.write_errors import Unwritable


def check(
    paths: Paths,
    roster_file: Annotated[
        Path | None,
        typer.Option(
            "--roster", metavar="名册", help="机关名册：看谁报了、谁没报，同一机关以最近的一份计", readable=False
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option("--year", metavar="年度", help="本次报送的年度，默认为多数文件的年度"),
    ] = None,
    prior: Prior = None,
    texts: TextsFolder = None,
    key_file: KeyFile = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="规则", help="只用这些规则，用逗号隔开")] = None,
    skip: Annotated[list[str] | None, typer.Option("--skip", metavar="规则", help="不用这些规则，用逗号隔开")] = None,
    accept_reports: AcceptReports = False,
    annotate: Annotated[
        Path | None,
        typer.Option("--annotate", metavar="文件夹", help="要修改、要核实的表，各写一份标出问题的批注件到这里"),
    ] = None,
    notice: Annotated[
        Path | None, typer.Option("--notice", metavar="文件夹", help="要修改、核实或重报的，各写一份意见（Word）到这里")
    ] = None,
    office: Annotated[str, typer.Option("--office", metavar="名称", help="退回修改意见的落款机关，可不写")] = "",
    deadline: Annotated[
        str, typer.Option("--deadline", metavar="日期", help="期限，如 1月20日：写进退回修改意见，过了的算逾期")
    ] = "",
    profile: Annotated[
        str, typer.Option("--profile", metavar="档次", help="平常：有错误才退回；严格：提醒也要改正或说明，才算通过")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="文件夹", help="结果写到这里：校验结果.html、校验结果.xlsx、findings.json"
        ),
    ] = None,
    scores_file: Annotated[
        Path | None,
        typer.Option(
            "--scores",
            metavar="文件.toml",
            help="考评办法：照它给名册上的机关计分，写在校验结果.xlsx 的「考评」里，须有 --roster",
            readable=False,
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="接着上次做：内容没有变的文件用上次的结果，须有 -o")] = False,
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    memory: Memory = MEMORY,
    file_password: FilePassword = None,
    limit: Limit = None,
    scheduler: Scheduler = "",
    as_json: AsJson = False,
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """校验填报表，一份或一个文件夹（含其中的压缩包和邮件），逐条说出哪里有误、怎么改。

    全部通过时退出码为 0；有错误或读不出的文件为 1。当前文件夹里有 gknb.toml 的，按其中的设定调整规则的轻重和界限。

    批注件和退回修改意见的文件夹由本命令管理，再运行一次不用 --force：变了的更新，没变的不动，不再需要的移到“已解决”。
    这次没有查的机关不动；别人放进去的、写出后有人改动的从不动，新的另用带编号的文件名。

    例：
    gknb check 温县教育局2024.xlsx
    gknb check 收回的表 --roster 名册.xlsx -o 校验结果
    gknb check 收回的表 --prior 上年的表
    gknb check 收回的表 --texts 各单位文字
    gknb check 收回的表 --roster 名册.xlsx --key office.key
    gknb check 收回的表 --annotate 批注 --notice 退回意见 --deadline 1月20日
    gknb check 收回的表 --roster 名册.xlsx --scores 考评.toml -o 校验结果
    """
    from toolkit.batch.check_job import CheckJob
    from toolkit.batch.letters.jobs import AnnotateJob, NoticeJob
    from toolkit.batch.received.left_out import LeftOut
    from toolkit.batch.results.folder import lock_results, require_free
    from toolkit.batch.roster import read_roster
    from toolkit.batch.run import Review, check_batch
    from toolkit.batch.scores import scoring_of
    from toolkit.forms.powers import known_powers

    require_year(year)
    _require_day(deadline if notice is None else "", year)
    if resume and output is None:
        raise Problem("--resume 要与 -o 合用：进度记在结果文件夹里。")
    if output:
        require_free(output, force, resume)
    reading = reading_of(form_file, file_password, limit, accepts_reports=accept_reports)
    settings = settings_of(only or (), skip or (), form_file, profile)
    scheme = scheme_in(scores_file, form_file, bool(roster_file and (output or as_json))) if scores_file else None
    signing_key = key_of(key_file, scheduler, annotate, notice)
    agencies = read_roster(roster_file, known_powers(reading.form_of.own)) if roster_file else None
    pool = pool_settings_for(workers, scheduler, seconds, memory)
    left_out = LeftOut(tuple(filter(None, (output, annotate, notice, roster_file, key_file))))
    text_files = text_files_in(texts)
    with lock_results(output, force, resume):
        with priors_of(prior, reading, pool, output) as (priors, unreadable):
            work = CheckJob(reading, settings, priors, key=signing_key, text_files=text_files).on_roster(agencies)
            review = Review(work, pool, agencies, year, output, resume, deadline=deadline, office=office)
            shower = progress_shower(output is not None and not as_json and agencies is None)
            batch = check_batch(paths, review, left_out, shower)
            if scheme:
                batch = replace(batch, scoring=scoring_of(scheme, batch.deadline, batch.day))
        try:
            if batch.unfinished and output is None:
                raise KeyboardInterrupt
            say_left_out(left_out, output)
            _say_old_progress(batch)
            missed = write_results_of(output, batch, form_file) if output else None
            letters = (annotate, AnnotateJob(reading)), (notice, NoticeJob(office, deadline, reading))
            not_made, not_sent = (0, None) if batch.unfinished else send_back(batch, letters, pool)
            show_batch(batch, as_json, output)
            faults = batch.has_faults
        finally:
            batch.close()
        if problem := missed or not_sent:
            raise problem
        if batch.unfinished:
            raise typer.Exit(INTERRUPTED)
        if unreadable or not_made or faults:
            raise typer.Exit(1)


def text_files_in(folder: Path | None) -> "TextFiles | None":
    """Return the text files in a folder; None if there is no folder. Raise Problem when it holds none."""
    from toolkit.documents.texts_folder import find_text_files

    return find_text_files(folder) if folder else None


def _require_day(deadline: str, year: int | None) -> None:
    """Raise Problem when a deadline names no day. It may be any words where it only stands in letters."""
    from toolkit.batch.deadline import deadline_in

    deadline_in(deadline, year or date.today().year)


def scheme_in(scores_file: Path, form_file: Path | None, has_place: bool) -> "ScoringScheme":
    """Return the scoring scheme (考评办法) in a file. Raise Problem when it is wrong, or when the scores would stand
    nowhere."""
    from toolkit.batch.scoring_scheme import read_scheme
    from toolkit.checks.catalogue import known_rules
    from toolkit.checks.families import families

    if not has_place:
        raise Problem("--scores 要与 --roster、-o 合用：给名册上的机关计分，得分写在校验结果.xlsx 的「考评」里。")
    forms = lookup_of(form_file).forms
    return read_scheme(scores_file, known_rules(forms), families(forms))


def _say_old_progress(batch: "Batch") -> None:
    """Say which results of the last run were not used, and why."""
    if batch.ledger.is_damaged:
        say("上次的进度记录损坏了、被改动过，或是别的版本写的，没有用它，全部重新校验了。")
    elif batch.ledger.is_reset:
        say("规则、上年数据、文字文件、名册、密钥或版本与上次不同，没有用上次的结果，全部重新校验了。")
    if batch.ledger.dropped:
        say(f"上次的进度记录里有 {batch.ledger.dropped} 份被改动过或损坏了，没有用，这些重新校验了。")


def write_results_of(output: Path, batch: "Batch", form_file: Path | None) -> Problem | None:
    """Write the results of a batch and print their paths. Return a Problem if some could not be written, otherwise
    None."""
    from toolkit.batch.results.folder import write_results
    from toolkit.checks.catalogue import rule_catalogue
    from toolkit.forms.loader import bundled_forms

    forms = [*bundled_forms(), *([own_form(form_file)] if form_file else [])]
    written, missed = write_results(output, batch, [rule for rule, _ in rule_catalogue(forms)])
    if written:
        say(f"已写出 {'、'.join(str(path) for path in written)}。")
    if not missed:
        return None
    more = f"（另有 {len(missed) - 1} 个结果文件也没有写出）" if len(missed) > 1 else ""
    return Problem(f"{missed[0].message}{more}校验已做完并保存，之后加 --resume 再运行一次就能补写，不用重新校验。")


def show_batch(batch: "Batch", as_json: bool, output: Path | None) -> None:
    """Show the results on standard output, as JSON or in words. What stands in the result files is not repeated."""
    from toolkit.batch.checked_batch import findings_json

    if as_json:
        for piece in findings_json(batch, ascii_only=not is_utf8(sys.stdout)):
            show_piece(piece)
        return
    if batch.roster:
        show_agencies(batch, None if output else _show_result)
    else:
        for result in () if output else batch.ledger.results():
            _show_result(result)
        if output and (later := batch.count_of_cross_findings()):
            say(f"合在一起看又有 {later} 处问题（年度、重复、雷同等），没有算在上面各份的条数里，见结果文件。")
        show(batch.in_words())
    for sentence in batch.sentences():
        show(f"注意，{sentence}。")


def _show_result(result: "FileResult") -> None:
    """Show one result. What follows from a finding stands under it, without a number."""
    from toolkit.checks.causes import FOLLOWS, grouped
    from toolkit.checks.findings import SEVERITY_WORDS
    from toolkit.checks.result import STATUS_WORDS

    show(f"【{STATUS_WORDS[result.status]}】{result.path}{agency_and_year(result)}")
    for number, (cause, consequences) in enumerate(grouped(result.findings), 1):
        show(f"  {number}. {SEVERITY_WORDS[cause.severity]}：{cause.message}")
        for found in consequences:
            show(f"     {FOLLOWS}：{found.message}")


def send_back(
    batch: "Batch", folders: "Sequence[tuple[Path | None, AnnotateJob | NoticeJob]]", pool: "PoolSettings"
) -> tuple[int, Problem | None]:
    """Write the letters into the folders that were asked for, and print what was done. Return how many letters could
    not be made, and a Problem if some could not be written."""
    from toolkit.batch.letters.jobs import returns_to_answer
    from toolkit.files.write_errors import Unwritable

    requested = [(folder, work) for folder, work in folders if folder]
    if requested and next(returns_to_answer(batch), None) is None:
        say("没有要退回的表，没有写批注件和退回修改意见。")
    lost, missed = 0, list[Unwritable]()
    for folder, work in requested:
        try:
            lost += _send_into(folder, work, batch, pool, missed)
        except Problem as problem:
            return lost, problem
    if not missed:
        return lost, None
    more = f"另有 {len(missed) - 1} 个也是。" if len(missed) > 1 else ""
    return lost, Problem(f"{missed[0].message}{more}其余的都已写好；再运行一次就能补上。")


def _send_into(
    folder: Path, work: "AnnotateJob | NoticeJob", batch: "Batch", pool: "PoolSettings", missed: "list[Unwritable]"
) -> int:
    from toolkit.batch.letters.folder import DONE_WORDS
    from toolkit.batch.letters.sending import send

    counts = dict.fromkeys(DONE_WORDS, 0)
    try:
        for sent in send(folder, work, batch, pool):
            counts[sent.done] += 1
            _say_sent(sent)
            if sent.problem:
                missed.append(sent.problem)
    finally:
        if words := "，".join(f"{DONE_WORDS[done]} {count}" for done, count in counts.items() if count):
            say(f"{work.title}（{folder}）：{words}。")
    return counts["lost"]


def _say_sent(sent: "Sent") -> None:
    """Print what was done with one letter; nothing if it stays as it is."""
    if sent.made:
        say_unread(sent.made)
    elif sent.done in ("written", "renewed"):
        say(f"{sent.source} → {sent.file}")
        if sent.kept:
            say(f"  注意：{sent.kept} 不是本工具写的，或写出后有人改动，没有动；新的写在 {sent.file}。")
    elif sent.done == "settled":
        say(f"不再需要：{sent.source} → {sent.file}")
    elif sent.done == "altered":
        say(f"{sent.source}：意见没有变，{sent.kept} 写出后有人改动，没有动。")
    elif sent.done == "left":
        say(f"{sent.kept} 不再需要，但写出后有人改动，没有动。请自行移走。")
