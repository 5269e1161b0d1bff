"""The command line: parses a call, hands it to the toolkit, prints what comes back. No logic lives here."""

import sqlite3
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.exceptions import TyperException

from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.calls import crew_for, form_of, key_of, reading_of, require_year, settings_of
from toolkit.chinese_cli import ChineseCommand, ChineseGroup, usage_problem
from toolkit.console import Progress, drop_output, is_utf8, prepare_streams, say, show, show_json, show_piece
from toolkit.consoles.batch import (
    Readable,
    made_of,
    prior_report,
    priors_of,
    send_back,
    show_batch,
    tell_issued,
    tell_left_out,
    teller,
    told,
    write_and_tell,
    write_results_of,
)
from toolkit.files.read_files import protecting_read_files
from toolkit.interrupts import finish, listen
from toolkit.options import (
    AsJson,
    FilePassword,
    Folder,
    Force,
    FormFile,
    KeyFile,
    Limit,
    Memory,
    OptionalFile,
    OptionalYear,
    Password,
    Paths,
    Prior,
    Scheduler,
    Seconds,
    TableFormat,
    Workers,
    Year,
)
from toolkit.problems import Problem
from toolkit.resources import version

if TYPE_CHECKING:
    from toolkit.batch.distribution import Issued

PROGRAM = "gknb"
INTERRUPTED, INTERNAL_FAULT = 130, 3
BROKEN_OFF = "已中断，没有写完的文件没有留下。"

app = typer.Typer(
    cls=ChineseGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)


@app.callback(invoke_without_command=True)
def program(
    ctx: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="显示版本号")] = False,
) -> None:
    """公开年报工具箱：政府信息公开工作年度报告的填报模板、校验和 Word 报告。"""
    if show_version:
        show(f"gknb-toolkit {version() or '（源代码目录）'}")
    elif ctx.invoked_subcommand is None:
        show(ctx.get_help())


@app.command(cls=ChineseCommand)
def demo(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="写到这个文件夹，默认为 gknb-demo")] = Path(
        "gknb-demo"
    ),
    force: Force = False,
) -> None:
    """用自带的真实年报走一遍全过程：模板、填好的表、校验、Word 报告。

    例：
    gknb demo
    gknb demo 演示 --force
    """
    from toolkit.demo import run_demo

    for written in run_demo(folder, force):
        show(f"{written.path}\n    {written.purpose}")
    show("用 Excel 或 WPS 打开看看；自己填一份，请用 gknb template --help。")


@app.command(cls=ChineseCommand)
def template(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件.xlsx", help="写到这个文件")],
    year: Year,
    agency: Annotated[str, typer.Option("--agency", metavar="机关全称", help="预先填上机关全称")] = "",
    prior: Annotated[
        Path | None, typer.Option("--prior", metavar="文件", help="上年填好的表或数据文件，用来预先填上“上年结转”")
    ] = None,
    password: Password = "",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """生成一份受保护的填报模板（Excel），发给填报单位。

    工作表保护只防误改，不是保密措施。

    例：
    gknb template --year 2024 --agency 温县教育局 -o 温县教育局2024.xlsx
    gknb template --year 2024 --prior 温县教育局2023.xlsx -o 温县教育局2024.xlsx
    """
    from toolkit.files.write import refuse_existing, write_output
    from toolkit.workbook.template import build_template

    if output.suffix.lower() != ".xlsx":
        raise Problem(f"模板是 Excel 工作簿，-o 后面的文件名应以 .xlsx 结尾，现为 {output.name}。")
    form = form_of(year, form_file)
    refuse_existing([output], force)
    last = prior_report(prior, reading_of(form_file), agency, year) if prior else None
    agency = agency or (last.agency if last else "")
    write_output(output, build_template(form, year, agency, password, last), force)
    say(f"已写出 {output}（格式 {form.id}，报告年度 {year}）。")


@app.command(cls=ChineseCommand)
def roster(
    file: Annotated[
        Path | None, typer.Argument(metavar="名册", help="要检查的名册（.xlsx 或 .csv）", readable=False)
    ] = None,
    output: OptionalFile = None,
    force: Force = False,
) -> None:
    """生成一份空白名册（Excel），或检查填好的名册。

    例：
    gknb roster -o 名册.xlsx
    gknb roster 名册.xlsx
    """
    from toolkit.batch.roster import read_roster, roster_template
    from toolkit.files.write import write_output

    if (file is None) == (output is None):
        raise Problem("请用 -o 名册.xlsx 生成空白名册，或给出要检查的名册。用法请看 gknb roster --help。")
    if output:
        if output.suffix.lower() != ".xlsx":
            raise Problem(f"名册是 Excel 工作簿，-o 后面的文件名应以 .xlsx 结尾，现为 {output.name}。")
        write_output(output, roster_template(), force)
        say(f"已写出 {output}。每行填一个机关，填好后用 gknb roster {output} 检查。")
        return
    assert file is not None
    agencies = read_roster(file)
    groups = len({entry.group for entry in agencies.entries if entry.group})
    no_code = sum(not entry.code for entry in agencies.entries)
    grouped, coded = f"，分 {groups} 组" if groups else "", f"，{no_code} 个没有填代码" if no_code else ""
    show(f"名册没有问题：{len(agencies.entries)} 个机关{grouped}{coded}。")
    if agencies.unused:
        show(f"没有用到的列：{'、'.join(agencies.unused)}。要用的，请把列名改成空白名册里的写法。")


@app.command(cls=ChineseCommand)
def key(output: Annotated[Path, typer.Option("-o", "--output", metavar="文件", help="写到这个文件")]) -> None:
    """生成一个密钥文件：发放模板时用它签名，收回后用它核对模板是发给谁的。由审核机关保管。

    密钥文件从不覆盖。不要放进要发出去的文件夹。

    例：
    gknb key -o office.key
    """
    from toolkit.submission.signing import new_key, write_key

    write_key(output, new_key())
    say(f"已写出 {output}。发放用 gknb distribute --key {output}，收回后用 gknb check --key {output}。")
    say(
        "请妥善保管、留好备份，不要放进要发出去的文件夹：拿到它的人都能签名；丢了它，已发放的模板就不能再核对，也补不出来。"
    )


@app.command(cls=ChineseCommand)
def distribute(
    roster_file: Annotated[Path, typer.Argument(metavar="名册", help="机关名册（.xlsx 或 .csv）", readable=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹")],
    year: Year,
    prior: Prior = None,
    password: Password = "",
    key_file: KeyFile = None,
    workers: Workers = None,
    scheduler: Scheduler = "",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """按名册给每个机关生成一份预先填好名称、代码、年度的模板，并列出发放清单。

    再运行一次，只写缺少的和变了的；已有人填过的不覆盖（要覆盖加 --force）。

    例：
    gknb distribute 名册.xlsx --year 2024 -o 发放
    gknb distribute 名册.xlsx --year 2024 --prior 上年的表 -o 发放
    gknb distribute 名册.xlsx --year 2024 --key office.key -o 发放
    """
    from toolkit.batch.distribution import LIST_NAME, Issue, distribute, strangers, write_list
    from toolkit.batch.roster import read_roster
    from toolkit.excel.styles import check_password
    from toolkit.files.write import require_folder

    form, agencies = form_of(year, form_file), read_roster(roster_file).entries
    require_folder(output)
    check_password(password)
    signing_key = key_of(key_file, scheduler, output)
    with priors_of(prior, reading_of(form_file), crew_for(workers, scheduler), output) as (priors, unreadable):
        issue = Issue(form.id, year, password, priors, form_file, signing_key)
        bar = Progress()
        issued: list[Issued] = []
        for item in distribute(agencies, issue, output, crew_for(workers, scheduler), force):
            issued.append(item)
            bar.at(len(issued), len(agencies), item.file)
    write_list(output / LIST_NAME, issued, form, year)
    tell_issued(issued, strangers(output, issued), output / LIST_NAME)
    if unreadable or any(item.done in ("altered", "lost") for item in issued):
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
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
    key_file: KeyFile = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="规则", help="只用这些规则，用逗号隔开")] = None,
    skip: Annotated[list[str] | None, typer.Option("--skip", metavar="规则", help="不用这些规则，用逗号隔开")] = None,
    annotate: Annotated[
        Path | None, typer.Option("--annotate", metavar="文件夹", help="有误的表，各写一份标出问题的批注件到这里")
    ] = None,
    notice: Annotated[
        Path | None, typer.Option("--notice", metavar="文件夹", help="有误的表，各写一份退回修改意见（Word）到这里")
    ] = None,
    office: Annotated[str, typer.Option("--office", metavar="名称", help="退回修改意见的落款机关，可不写")] = "",
    deadline: Annotated[str, typer.Option("--deadline", metavar="日期", help="改正期限，如 1月20日，可不写")] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="文件夹", help="结果写到这里：校验结果.html、校验结果.xlsx、findings.json"
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
    """校验填报表，一份或一个文件夹（含其中的 .zip），逐条说出哪里有误、怎么改。

    全部通过时退出码为 0；有错误或读不出的文件为 1。当前文件夹里有 gknb.toml 的，按其中的设定调整规则的轻重和界限。

    批注件和退回修改意见的文件夹由本命令管理，再运行一次不用 --force：变了的更新，没变的不动，不再需要的移到“已解决”。
    这次没有查的机关不动；别人放进去的、写出后有人改动的从不动，新的另用带编号的文件名。

    例：
    gknb check 温县教育局2024.xlsx
    gknb check 收回的表 --roster 名册.xlsx -o 校验结果
    gknb check 收回的表 --prior 上年的表
    gknb check 收回的表 --roster 名册.xlsx --key office.key
    gknb check 收回的表 --annotate 批注 --notice 退回意见 --deadline 1月20日
    """
    from toolkit.batch.check_job import Check
    from toolkit.batch.intake import LeftOut
    from toolkit.batch.letter_jobs import Annotate, Notify
    from toolkit.batch.results_folder import held, require_free
    from toolkit.batch.roster import read_roster
    from toolkit.batch.run import Review, check_batch

    require_year(year)
    if resume and output is None:
        raise Problem("--resume 要与 -o 合用：进度记在结果文件夹里。")
    if deadline and notice is None:
        raise Problem("--deadline 要和 --notice 一起用：改正期限写在退回修改意见里。")
    if output:
        require_free(output, force, resume)
    reading = reading_of(form_file, file_password, limit)
    settings = settings_of(only or (), skip or (), form_file)
    signing_key = key_of(key_file, scheduler, annotate, notice)
    agencies = read_roster(roster_file) if roster_file else None
    crew = crew_for(workers, scheduler, seconds, memory)
    left_out = LeftOut(tuple(path for path in (output, annotate, notice, roster_file, key_file) if path))
    with held(output, force, resume):
        with priors_of(prior, reading, crew, output) as (priors, unreadable):
            work = Check(reading, settings, priors, key=signing_key).on_roster(agencies)
            review = Review(work, crew, agencies, year, output, resume)
            batch = check_batch(paths, review, left_out, teller(output is not None and not as_json))
        try:
            if batch.unfinished and output is None:
                raise KeyboardInterrupt
            tell_left_out(left_out, output)
            if batch.ledger.is_damaged:
                say("上次的进度记录损坏了、被改动过，或是别的版本写的，没有用它，全部重新校验了。")
            elif batch.ledger.is_anew:
                say("规则、上年数据、名册、密钥或版本与上次不同，没有用上次的结果，全部重新校验了。")
            if batch.ledger.dropped:
                say(f"上次的进度记录里有 {batch.ledger.dropped} 份被改动过或损坏了，没有用，这些重新校验了。")
            missed = write_results_of(output, batch, form_file) if output else None
            letters = (annotate, Annotate(reading)), (notice, Notify(office, deadline, reading))
            not_made, not_sent = (0, None) if batch.unfinished else send_back(batch, letters, crew)
            show_batch(batch, as_json, output)
            faults = batch.has_faults
        finally:
            batch.ledger.abandon()
        if problem := missed or not_sent:
            raise problem
        if batch.unfinished:
            raise typer.Exit(INTERRUPTED)
        if unreadable or not_made or faults:
            raise typer.Exit(1)


@app.command(cls=ChineseCommand)
def report(
    paths: Paths,
    output: Folder = Path(),
    texts: Annotated[
        Path | None,
        typer.Option(
            "--texts",
            metavar="文件夹",
            help="各机关的文字（.docx、.md、.txt），按机关名称、代码或编号对文件名；与填报表不同时以文件为准",
            readable=False,
        ),
    ] = None,
    style: Annotated[
        Path | None, typer.Option("--style", metavar="文件.docx", help="用自己的 Word 文档的页面和样式", readable=False)
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="另写网页两份：整页，和粘贴到网站编辑器用的")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="另写 PDF，须装有 LibreOffice")] = False,
    appendix: Annotated[bool, typer.Option("--appendix", help="报告后面附数据对比页（表和图），供内部使用")] = False,
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
    allow_failed: Annotated[
        bool, typer.Option("--allow-failed", help="有误的也出，文件名和开头标明草稿；重复的、不在名册的仍不出")
    ] = False,
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
    from toolkit.consoles.report import Order, write_reports

    if year is not None and roster_file is None:
        raise Problem("--year 要和 --roster 一起用：按名册认机关时，才看是不是这一年的。")
    reading = reading_of(form_file, file_password, limit)
    order = Order(texts, style, html, pdf, appendix, prior, roster_file, year, allow_failed)
    if write_reports(paths, output, order, crew_for(workers, scheduler, seconds, memory), reading, force):
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
def extract(
    paths: Paths,
    output: OptionalFile = None,
    table_format: Annotated[
        Literal["json", "csv", "parquet"] | None,
        typer.Option(
            "--format",
            metavar="json|csv|parquet",
            help="输出格式，默认看 -o 的扩展名，否则 json；parquet 须另装",
        ),
    ] = None,
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    memory: Memory = MEMORY,
    file_password: FilePassword = None,
    limit: Limit = None,
    scheduler: Scheduler = "",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把填好的表读成数据，默认打印在屏幕上。CSV 和 Parquet 是一张长表：一格一行。

    例：
    gknb extract 温县教育局2024.xlsx
    gknb extract 收回的表 --format csv -o 数据.csv
    """
    from toolkit.batch.jobs import Extract
    from toolkit.batch.long_table import csv_pieces, format_of, json_pieces, require_parquet, write_parquet
    from toolkit.files.write import refuse_existing, whole_file

    reading = reading_of(form_file, file_password, limit)
    table_format = format_of(table_format, output)
    if table_format == "parquet":
        require_parquet()
        if output is None:
            raise Problem("Parquet 不能打印在屏幕上，请用 -o 写到文件。")
    if output:
        refuse_existing([output], force)
    ascii_only = output is None and not is_utf8(sys.stdout)
    work = Extract(table_format, reading, ascii_only)
    read = Readable(made_of(paths, work, crew_for(workers, scheduler, seconds, memory)))
    first = next(read, None)
    contents = (made.content for made in told(chain([first] if first else [], read)))
    if first is not None and output and table_format == "parquet":
        with whole_file(output, force) as part:
            write_parquet(part, contents)
    elif first is not None:
        pieces = json_pieces(contents) if table_format == "json" else csv_pieces(contents)
        if output:
            mark = "\ufeff" if table_format == "csv" else ""
            with whole_file(output, force) as part, part.open("w", encoding="utf-8", newline="") as file:
                file.writelines(chain([mark], pieces))
        else:
            for piece in pieces:
                show_piece(piece.replace("\r\n", "\n"))
    if output:
        say(f"已写出 {output}（{read.count} 份）。" if read.count else f"没有可用的数据，没有写出 {output}。")
    if read.failed:
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
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
    from toolkit.consoles.trend import write_trend

    reading = reading_of(form_file, file_password, limit)
    if write_trend(paths, output, agency, crew_for(workers, "", seconds, memory), reading, force):
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
def cells(
    year: OptionalYear = None,
    table_format: TableFormat = "csv",
    form_file: FormFile = None,
) -> None:
    """列出格式的每一格：格号、所在工作表和单元格、行列标题、种类、填报还是计算。

    例：
    gknb cells --year 2024
    gknb cells --year 2020 --format json
    """
    from toolkit.workbook.cell_map import CELL_MAP_FIELDS, cell_map

    rows = cell_map(form_of(year, form_file))
    if table_format == "json":
        show_json(rows)
        return
    from toolkit.submission.json_csv import csv_text

    lines = [[" › ".join(row[field]) if field == "labels" else row[field] for field in CELL_MAP_FIELDS] for row in rows]
    show_piece(csv_text([CELL_MAP_FIELDS, *lines]).replace("\r\n", "\n"))


@app.command("import", cls=ChineseCommand)
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="文件",
            help="已公布的报告（.docx、.html、.pdf、.txt）或数据文件（JSON），也可以是文件夹",
            readable=False,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹，默认为当前文件夹")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="不生成工作簿，给出 JSON 数据（没有 -o 时打印在屏幕上）")
    ] = False,
    agency: Annotated[
        str, typer.Option("--agency", metavar="机关全称", help="报告里没写全的机关名称，写到填好的表里")
    ] = "",
    year: Annotated[int | None, typer.Option("--year", metavar="年度", help="报告里没写的报告年度")] = None,
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    memory: Memory = MEMORY,
    file_password: FilePassword = None,
    limit: Limit = None,
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把已公布的报告（网页、Word、PDF、文本）或数据文件变成填好的表（Excel），可以再校验、修改、出报告。

    表格按行列标题认，没有找到、出现两次、认不出的都会说明；空白仍是空白，不猜。读 PDF 须另装 gknb-toolkit[pdf]。

    例：
    gknb import 温县教育局2020年报.html -o 填好的表
    gknb import 年报网页 --json
    """
    from toolkit.batch.jobs import Import
    from toolkit.batch.long_table import json_pieces
    from toolkit.submission.model import Known

    require_year(year)
    to_screen = as_json and output is None
    reading = reading_of(form_file, file_password, limit, Known(agency, year))
    work = Import(as_json, reading, to_screen and not is_utf8(sys.stdout))
    made = made_of(files, work, crew_for(workers, "", seconds, memory))
    if not to_screen:
        if write_and_tell(output or Path(), made, force):
            raise typer.Exit(1)
        return
    read = Readable(made)
    for piece in json_pieces(one.content.decode() for one in told(read)):
        show_piece(piece)
    if read.failed:
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
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
    from toolkit.consoles.rollup import Wanted, roll_up_paths

    reading = reading_of(form_file, file_password, limit)
    wanted = Wanted(agency, output, roster_file, year, allow_failed, key_of(key_file, ""), key_file)
    if not roll_up_paths(paths, wanted, crew_for(workers, "", seconds, memory), reading, force):
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
def rules(year: OptionalYear = None, as_json: AsJson = False, form_file: FormFile = None) -> None:
    """列出全部校验规则：编号、轻重、要求、依据和一个例子。

    例：
    gknb rules
    gknb rules --year 2024
    """
    from toolkit.checks.catalogue import rule_catalogue, with_examples
    from toolkit.checks.findings import SEVERITY_WORDS
    from toolkit.forms.loader import bundled_forms

    forms = bundled_forms() if year is None and form_file is None else [form_of(year, form_file)]
    catalogue = with_examples(rule_catalogue(forms), forms)
    if as_json:
        show_json(
            [
                {
                    "id": rule.id,
                    "severity": rule.severity,
                    "sentence": rule.sentence,
                    "basis": rule.basis,
                    "example": rule.example,
                    "forms": [form.id for form in owners],
                }
                for rule, owners in catalogue
            ]
        )
        return
    for rule, owners in catalogue:
        where = f"（格式 {'、'.join(form.id for form in owners)}）" if owners else ""
        show(f"{rule.id}  {SEVERITY_WORDS[rule.severity]}{where}\n    {rule.sentence}\n    依据：{rule.basis}")
        show(f"    例：{rule.example}")


def main() -> None:
    """Run the program; whatever happens, the user gets a sentence and an exit status."""
    prepare_streams()
    sys.unraisablehook = lambda _: None  # what fails as things are thrown away is nothing for the user
    listen()
    try:
        status = run()
    except KeyboardInterrupt:  # once more, while it was ending
        status = INTERRUPTED
    finish()
    sys.exit(status)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one call and give its exit status."""
    try:
        with protecting_read_files():
            status = app(args=arguments, prog_name=PROGRAM, standalone_mode=False) or 0
        if status == INTERRUPTED:  # Typer tells of Ctrl-C by this alone
            say(BROKEN_OFF)
        if sys.stdout is not None:
            sys.stdout.flush()
        return int(status)
    except Problem as problem:
        say(problem.message)
        return problem.exit_status
    except TyperException as error:
        say(usage_problem(error))
        return 2
    except KeyboardInterrupt:
        say(BROKEN_OFF)
        return INTERRUPTED
    except BrokenPipeError:
        drop_output()  # nobody reads on; say nothing more
        return 1
    except OSError as error:
        drop_output()
        say(f"{error.filename or '输出'}：打不开或写不进，可能是名字太长、没有权限、磁盘已满或网络断开。请检查后再试。")
        return 2
    except sqlite3.Error:
        say("记录进度的文件读写出错，可能是磁盘已满、只读或网络断开。请检查后再试；校验可用 --resume 接着做。")
        return 2
    except SystemExit:
        raise
    except BaseException:  # what fails in Rust is no Exception
        say("出现了没有预料到的情况，没有完成；这是工具的毛病，不是您的操作。请把所用的命令和文件发给维护人员。")
        return INTERNAL_FAULT
