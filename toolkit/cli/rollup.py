"""`gknb rollup`: adds up a batch; prints what stands in the way of the sum, which agencies count, and what was
written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.characters import one_line, plain
from toolkit.cli.arguments import key_of, pool_settings_for, reading_of, settings_of
from toolkit.cli.batch_messages import NAMES_SHOWN, progress_shower, say_left_out
from toolkit.cli.console import say
from toolkit.cli.options import (
    AcceptReports,
    FilePassword,
    Force,
    FormFile,
    KeyFile,
    Limit,
    Memory,
    Paths,
    Results,
    Seconds,
    Workers,
)
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.sources import ReadingOptions
    from toolkit.rollup.gathering import Gathered
    from toolkit.rollup.refusals import Refusal
    from toolkit.submission.model import Submission
    from toolkit.submission.signing import Key

LINES_SHOWN = 30


@dataclass(frozen=True, slots=True)
class RollUpOptions:
    """The options of a roll-up, see `gknb rollup --help`."""

    agency: str
    output: Path
    roster: Path | None = None
    year: int | None = None
    allow_failed: bool = False
    key: "Key | None" = None
    key_file: Path | None = None
    results: Path | None = None


def roll_up_paths(
    paths: Sequence[Path], options: RollUpOptions, pool: "PoolSettings", reading: "ReadingOptions", force: bool
) -> bool:
    """Add up the returns under the paths, write the outputs and print their paths. Return False if nothing was written
    because of faults in the returns.

    Raise Problem when the call is wrong, or an output is there already.
    """
    from toolkit.files.write import require_folder
    from toolkit.rollup.folder import write_roll_up
    from toolkit.rollup.refusals import refusals

    require_folder(options.output)
    gathered = _gather(paths, options, pool, reading, force)
    found = refusals(gathered)
    blocking = [refusal for refusal in found if not (options.allow_failed and refusal.if_allowed)]
    for refusal in found:
        _say_refusal(refusal, passed_over=refusal not in blocking)
    _say_missing(gathered)
    if blocking:
        say("没有汇总，什么都没有写。")
        return False
    total, outputs = write_roll_up(options.output, gathered, force)
    _say_done(gathered, total)
    say(f"已写出 {'、'.join(str(path) for path in outputs.all())}。")
    return True


def _gather(
    paths: Sequence[Path], options: RollUpOptions, pool: "PoolSettings", reading: "ReadingOptions", force: bool
) -> "Gathered":
    """Return the checked returns with their figures."""
    from toolkit.batch.check_job import CheckJob
    from toolkit.batch.received.left_out import LeftOut
    from toolkit.batch.roster import read_roster
    from toolkit.forms.powers import known_powers
    from toolkit.rollup.gathering import RollUpRequest, gather

    agency = _agency(options.agency)
    settings = settings_of((), (), reading.form_file)
    roster = read_roster(options.roster, known_powers(reading.form_of.own)) if options.roster else None
    _require_free(options, agency, reading, force)
    left_out = LeftOut(tuple(path for path in (options.output, options.roster, options.key_file) if path))
    work = CheckJob(reading, settings, key=options.key).on_roster(roster)
    request = RollUpRequest(agency, work, pool, roster, options.year, options.results)
    on_checked, on_read = progress_shower(False), progress_shower(False)
    gathered = gather(paths, request, left_out, on_checked, lambda done, all_, item: on_read(done, all_, item, ()))
    say_left_out(left_out)
    for sentence in settings.sentences():
        say(f"注意，{sentence}。")
    return gathered


def _agency(name: str) -> str:
    """Return the name of the authority on one line. Raise Problem when it is empty or too long."""
    from toolkit.workbook.template import AGENCY_LIMIT

    agency = one_line(name)
    if not agency:
        raise Problem("--agency 是空的。请写汇总机关的全称，如 --agency 青河县人民政府。")
    if len(agency) > AGENCY_LIMIT:
        raise Problem(f"机关全称有 {len(agency)} 字，最多 {AGENCY_LIMIT} 字。请检查 --agency。")
    return agency


def _require_free(options: RollUpOptions, agency: str, reading: "ReadingOptions", force: bool) -> None:
    """Raise Problem before the long work if an output is there already, as far as its name is known."""
    from toolkit.cli.arguments import form_of
    from toolkit.files.write import refuse_existing
    from toolkit.rollup.folder import outputs_in, require_free
    from toolkit.rollup.workbook import WORKBOOK_NAME

    if options.year is None:
        refuse_existing([options.output / WORKBOOK_NAME], force)
        return
    title = form_of(options.year, reading.form_file).report_title(agency, options.year)
    require_free(outputs_in(options.output, title), force)


def _say_refusal(refusal: "Refusal", passed_over: bool) -> None:
    say(refusal.if_allowed if passed_over else refusal.message)
    for line in refusal.lines[:LINES_SHOWN]:
        say(f"  {line}")
    if len(refusal.lines) > LINES_SHOWN:
        say(f"  ……另有 {len(refusal.lines) - LINES_SHOWN} 个")


def _say_missing(gathered: "Gathered") -> None:
    from toolkit.rollup.draft import joined

    if gathered.missing:
        names = joined([entry.name for entry in gathered.missing], NAMES_SHOWN)
        say(f"名册上有 {len(gathered.missing)} 个机关未报，没有计入：{names}。")
    others = gathered.of("其他年度") if gathered.asked_year is not None else []
    if others:
        say(
            f"不是 {gathered.year} 年的 {len(others)} 份没有计入：{joined([one.path for one in others], NAMES_SHOWN)}。"
        )
    repeated = gathered.of("重复")
    if repeated:
        say(f"重复的 {len(repeated)} 份没有计入：{joined([one.path for one in repeated], NAMES_SHOWN)}。")


def _say_done(gathered: "Gathered", total: "Submission") -> None:
    from toolkit.rollup.sums import other_cells

    failed = len([one for one in gathered.counted if one.state == "有误"])
    with_faults = f"（其中有误的 {failed} 份）" if failed else ""
    say(f"{total.agency} {total.year} 年：汇总了 {len(gathered.counted)} 份{with_faults}。")
    if any(plain(one.agency) == plain(gathered.agency) for one in gathered.counted):
        say(f"其中一份是{gathered.agency}自己报送的，按本级的数计入。")
    not_added = other_cells(total.form)
    if not_added:
        places = "、".join(cell.place for cell in not_added[:LINES_SHOWN])
        more = f" 等 {len(not_added)} 格" if len(not_added) > LINES_SHOWN else ""
        say(f"填文字和选择的格不能相加，留空待填：{places}{more}。")


def rollup(
    paths: Paths,
    agency: Annotated[str, typer.Option("--agency", metavar="机关全称", help="汇总机关的全称，如 青河县人民政府")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹")],
    roster_file: Annotated[
        Path | None,
        typer.Option(
            "--roster",
            metavar="名册",
            help="机关名册：按它认机关、分组小计，列出未报的；不在名册的不计",
            readable=False,
        ),
    ] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="年度", help="只汇总这一年的，其他年度的不计")] = None,
    allow_failed: Annotated[
        bool,
        typer.Option("--allow-failed", help="有误的也计入；读不出的、不在名册的、签名不符的不计；都在结果里列出"),
    ] = False,
    accept_reports: AcceptReports = False,
    results: Results = None,
    key_file: KeyFile = None,
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    memory: Memory = MEMORY,
    file_password: FilePassword = None,
    limit: Limit = None,
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把一批填报表加总成上级机关自己的：填好的表、汇总表（公式）和报告草稿。

    先照 gknb check 的规则逐份校验。有误的、读不出的、不在名册的、会重复计算的，都不汇总，逐一说明，退出码为 1。
    汇总结果也能再往上汇总。

    例：
    gknb rollup 收回的表 --agency 青河县人民政府 --roster 名册.xlsx -o 汇总
    gknb rollup 各县的汇总 --agency 青河市人民政府 --year 2024 -o 全市汇总
    """
    reading = reading_of(form_file, file_password, limit, accepts_reports=accept_reports)
    key = key_of(key_file, "")
    options = RollUpOptions(agency, output, roster_file, year, allow_failed, key, key_file, results)
    if not roll_up_paths(paths, options, pool_settings_for(workers, "", seconds, memory), reading, force):
        raise typer.Exit(1)
