"""`gknb trend`: reads one agency's reports of several years, and writes the trend workbook (趋势)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.cli.arguments import pool_settings_for, reading_of
from toolkit.cli.batch_messages import SuccessfulOutputs, outputs_of, say_unread
from toolkit.cli.console import say
from toolkit.cli.options import FilePassword, Force, FormFile, Limit, Memory, Paths, Seconds, Workers
from toolkit.problems import Problem, Unreadable

if TYPE_CHECKING:
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.sources import ReadingOptions
    from toolkit.trend.years import Chosen, Trend


def write_trend(
    paths: Sequence[Path], output: Path, agency: str, pool: "PoolSettings", reading: "ReadingOptions", force: bool
) -> int:
    """Write the workbook and print its path. Return how many files could not be read.

    Raise Problem when the reports do not make a trend, or when the output cannot be written.
    """
    from toolkit.files.write import refuse_existing, write_output
    from toolkit.trend.workbook import trend_workbook
    from toolkit.trend.years import trend_of

    if output.suffix.lower() != ".xlsx":
        raise Problem(f"历年对比是 Excel 工作簿，-o 后面的文件名应以 .xlsx 结尾，现为 {output.name}。")
    refuse_existing([output], force)
    chosen, failed = _read(paths, agency, pool, reading)
    trend = trend_of(chosen)
    write_output(output, trend_workbook(trend), force)
    _say_done(trend, chosen, output)
    return failed


def _read(paths: Sequence[Path], agency: str, pool: "PoolSettings", reading: "ReadingOptions") -> "tuple[Chosen, int]":
    """Return the reports to compare, and how many files could not be read."""
    from toolkit.batch.jobs import JobOutput, ReadJob
    from toolkit.batch.run import submissions_in
    from toolkit.trend.years import NamedReport, choose

    read, found, failed = SuccessfulOutputs(outputs_of(paths, ReadJob(reading), pool)), list[NamedReport](), 0
    for made in read:
        try:
            submissions = submissions_in(made, reading)
        except Unreadable as problem:  # figures so long that their sum cannot be read
            say_unread(JobOutput(made.name, problem=problem.message, unread=True))
            failed += 1
        else:
            found += (NamedReport(made.name, submission) for submission in submissions)
    return choose(found, agency), failed + read.failed


def _say_done(trend: "Trend", chosen: "Chosen", output: Path) -> None:
    same = sum(len(names) - 1 for names in chosen.sources.values())
    if same:
        say(f"有 {same} 份与同年的另一份内容相同，只算一份。")
    if chosen.others:
        say(f"另有 {chosen.others} 份是其他机关的，没有用。")
    for remark in trend.remarks:
        say(f"注意：{remark}")
    say(f"已写出 {output}：{trend.agency}，{'、'.join(map(str, trend.years))} 年。")


def trend(
    paths: Paths,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件.xlsx", help="写到这个文件")],
    agency: Annotated[str, typer.Option("--agency", metavar="机关全称", help="有几个机关的表时，只比较这一个")] = "",
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    memory: Memory = MEMORY,
    file_password: FilePassword = None,
    limit: Limit = None,
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把一个机关历年的表并排比较，写成一个 Excel 工作簿：各年的数、增减、图和文字。

    年数不限，至少两年。换过格式的，两版相同的项目并排，其余的分开列出。汇总后的表也可以比较。

    例：
    gknb trend 历年的表 -o 趋势.xlsx
    gknb trend 2022年.zip 2023年.zip 收回的表 --agency 温县教育局 -o 温县教育局趋势.xlsx
    """
    reading = reading_of(form_file, file_password, limit)
    if write_trend(paths, output, agency, pool_settings_for(workers, "", seconds, memory), reading, force):
        raise typer.Exit(1)
