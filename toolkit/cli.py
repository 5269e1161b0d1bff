"""The command line: parses a call, hands it to the toolkit, prints what comes back. No logic lives here."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.exceptions import TyperException

from toolkit.chinese_cli import ChineseCommand, ChineseGroup, usage_problem
from toolkit.console import Progress, drop_output, is_utf8, prepare_streams, say, show, show_json, show_piece
from toolkit.options import (
    SECONDS,
    AsJson,
    Folder,
    Force,
    FormFile,
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
    from toolkit.batch.crew import Crew
    from toolkit.batch.distribution import Issued
    from toolkit.batch.intake import Item, LeftOut
    from toolkit.batch.ledger import FileResult
    from toolkit.batch.making import Made
    from toolkit.batch.priors import Priors
    from toolkit.batch.results import Batch
    from toolkit.checks.settings import Settings
    from toolkit.forms.loader import FormLookup
    from toolkit.forms.model import Form
    from toolkit.submission import Submission

PROGRAM = "gknb"
INTERRUPTED, INTERNAL_FAULT = 130, 3
SKIPPED_SHOWN = 5
NAMES_SHOWN = 30

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
    from toolkit.outputs import refuse_existing, write_output
    from toolkit.workbook.template import build_template

    if output.suffix.lower() != ".xlsx":
        raise Problem(f"模板是 Excel 工作簿，-o 后面的文件名应以 .xlsx 结尾，现为 {output.name}。")
    form = _form(year, form_file)
    refuse_existing([output], force)
    last = _prior_report(prior, form_file, agency, year) if prior else None
    agency = agency or (last.agency if last else "")
    write_output(output, build_template(form, year, agency, password, last), force)
    say(f"已写出 {output}（格式 {form.id}，报告年度 {year}）。")


def _prior_report(path: Path, form_file: Path | None, agency: str, year: int) -> "Submission":
    """The one report of last year that a template is filled in from."""
    import json

    from toolkit.batch.making import Read
    from toolkit.data_file import read_data_bytes
    from toolkit.submission import agency_key

    found = []
    for made in _made([path], Read(_name(form_file)), _crew(None)):
        if made.problem:
            raise Problem(f"上年报告 {made.name} 读不了：{made.problem}")
        (submission,) = read_data_bytes(json.dumps(made.content).encode(), _lookup(form_file))
        whose = agency_key(agency or submission.agency)
        if submission.year == year - 1 and agency_key(submission.agency) == whose:
            found.append(submission)
    if len(found) != 1:
        whose = f"{agency} " if agency else ""
        raise Problem(
            f"{path} 里有 {len(found)} 份{whose}{year - 1} 年的报告，应正好一份。请检查 --prior、--agency 和 --year。"
        )
    return found[0]


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
    from toolkit.outputs import write_output

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
def distribute(
    roster_file: Annotated[Path, typer.Argument(metavar="名册", help="机关名册（.xlsx 或 .csv）", readable=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹")],
    year: Year,
    prior: Prior = None,
    password: Password = "",
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
    """
    from toolkit.batch.distribution import LIST_NAME, Issue, distribute, strangers, write_list
    from toolkit.batch.roster import read_roster
    from toolkit.outputs import require_folder
    from toolkit.workbook.styles import check_password

    form, agencies = _form(year, form_file), read_roster(roster_file).entries
    require_folder(output)
    check_password(password)
    with _priors(prior, form_file, _crew(workers)) as (priors, unreadable):
        issue = Issue(form.id, year, password, priors, _name(form_file))
        bar = Progress()
        issued: list[Issued] = []
        for item in distribute(agencies, issue, output, _crew(workers, scheduler), force):
            issued.append(item)
            bar.at(len(issued), len(agencies), item.file)
    write_list(output / LIST_NAME, issued, form, year)
    _tell_issued(issued, strangers(output, issued), output / LIST_NAME)
    if unreadable or any(item.done in ("altered", "lost") for item in issued):
        raise typer.Exit(1)


def _tell_issued(issued: "Sequence[Issued]", strange: Sequence[str], list_file: Path) -> None:
    """Say what went out, and what did not."""
    from toolkit.batch.distribution import DONE_WORDS

    for item in issued:
        if item.done == "lost":
            say(f"【{DONE_WORDS[item.done]}】{item.file}：{item.reason}")
    altered = [item.file for item in issued if item.done == "altered"]
    if altered:
        say(
            f"有 {len(altered)} 份模板应当更新，但文件已有人改动，没有覆盖：{_some(altered)}。"
            "确定不要其中所填的，请加 --force；否则请移走后再运行。"
        )
    if strange:
        say(f"文件夹里另有 {len(strange)} 个文件不在清单上，没有动：{_some(strange)}。不要的请删去，以免误发。")
    without = [item.no_prior for item in issued if item.no_prior]
    if without:
        say(f"有 {len(without)} 个机关的上年结转没有预填：")
        for why in without[:SKIPPED_SHOWN]:
            say(f"  {why}。")
        if len(without) > SKIPPED_SHOWN:
            say("  ……全部见清单的“上年数据”一列，写“无”的就是。")
    counts = [(word, sum(item.done == done for item in issued)) for done, word in DONE_WORDS.items()]
    words = "，".join(f"{word} {count}" for word, count in counts if count)
    say(f"共 {len(issued)} 个机关：{words}。清单见 {list_file}。")


def _some(names: Sequence[str]) -> str:
    more = f" 等 {len(names)} 个" if len(names) > SKIPPED_SHOWN else ""
    return "、".join(names[:SKIPPED_SHOWN]) + more


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
        typer.Option("--year", metavar="年度", help="本次报送的年度，默认为多数文件的年度；只与 --roster 合用"),
    ] = None,
    prior: Prior = None,
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
    scheduler: Scheduler = "",
    as_json: AsJson = False,
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """校验填报表，一份或一个文件夹（含其中的 .zip），逐条说出哪里有误、怎么改。

    全部通过时退出码为 0；有错误或读不出的文件为 1。当前文件夹里有 gknb.toml 的，按其中的设定调整规则的轻重和界限。

    例：
    gknb check 温县教育局2024.xlsx
    gknb check 收回的表 --roster 名册.xlsx -o 校验结果
    gknb check 收回的表 --prior 上年的表
    gknb check 收回的表 --annotate 批注 --notice 退回意见 --deadline 1月20日
    """
    from toolkit.batch.checking import Check
    from toolkit.batch.intake import LeftOut
    from toolkit.batch.results_folder import require_free
    from toolkit.batch.roster import read_roster
    from toolkit.batch.run import Review, check_batch

    if resume and output is None:
        raise Problem("--resume 要与 -o 合用：进度记在结果文件夹里。")
    if output:
        require_free(output, force, resume)
    _lookup(form_file)
    settings = _settings(only or (), skip or (), form_file)
    agencies = read_roster(roster_file) if roster_file else None
    crew = _crew(workers, scheduler, seconds)
    left_out = LeftOut(tuple(folder for folder in (output, annotate, notice) if folder))
    with _priors(prior, form_file, crew) as (priors, unreadable):
        also_called = agencies.also_called() if agencies else {}
        work = Check(_name(form_file), settings, priors, also_called)
        review = Review(work, crew, agencies, year, output, resume)
        batch = check_batch(paths, review, left_out, _teller(output is not None and not as_json))
    try:
        if batch.unfinished and output is None:
            raise KeyboardInterrupt
        _tell_left_out(left_out)
        if output:
            _write_results(output, batch, form_file)
        not_written = (
            0 if batch.unfinished else _send_back(batch, annotate, notice, office, deadline, form_file, crew, force)
        )
        _show_batch(batch, as_json, output)
        faults = batch.has_faults
    finally:
        batch.ledger.close()
    if batch.unfinished:
        raise typer.Exit(INTERRUPTED)
    if unreadable or not_written or faults:
        raise typer.Exit(1)


def _teller(lines: bool) -> "Callable[[int, int, Item, Sequence[FileResult]], None]":
    """Shows how far a check is; with `lines`, one for each file."""
    from toolkit.batch.ledger import STATUS_WORDS

    bar = Progress()

    def tell(done: int, total: int, item: "Item", results: "Sequence[FileResult]") -> None:
        for result in results if lines else ():
            bar.clear()
            counts = [f"错误 {result.count('error')}"] if result.status == "failed" else []
            counts += [f"提醒 {count}"] if (count := result.count("warning")) else []
            if result.status == "unreadable":
                counts = [result.findings[0].message]
            words = "  " + "，".join(counts) if counts else ""
            show(f"【{STATUS_WORDS[result.status]}】{result.path}{_who(result)}{words}")
        bar.at(done, total, item.name)

    return tell


def _who(result: "FileResult") -> str:
    return f"  {result.agency or '（未填机关全称）'} {result.year}" if result.year else ""


def _write_results(output: Path, batch: "Batch", form_file: Path | None) -> None:
    from toolkit.batch.results_folder import write_results
    from toolkit.checks.catalogue import rule_catalogue
    from toolkit.forms.loader import bundled_forms

    forms = [*bundled_forms(), *([_own_form(form_file)] if form_file else [])]
    written = write_results(output, batch, [rule for rule, _ in rule_catalogue(forms)])
    say(f"已写出 {'、'.join(str(path) for path in written)}。")


def _show_batch(batch: "Batch", as_json: bool, output: Path | None) -> None:
    """The results on standard output: as JSON, or in words; what the result files say is not said again."""
    from toolkit.batch.results import findings_json

    if as_json:
        for piece in findings_json(batch):
            show_piece(piece)
        return
    for result in () if output else batch.ledger.results():
        _show_result(result)
    show(batch.in_words())
    if batch.roster:
        _show_standings(batch)
    for sentence in batch.sentences():
        show(f"注意，{sentence}。")


def _show_standings(batch: "Batch") -> None:
    from toolkit.batch.standing import STATES

    lines = list(batch.lines())
    states = [(state, sum(line.state == state for line in lines)) for state in STATES]
    assert batch.roster is not None
    words = "，".join(f"{state} {count}" for state, count in states if count)
    show(f"名册 {len(batch.roster.entries)} 个机关：{words}。")
    for state in ("未报", "不在名册"):
        names = [line.agency for line in lines if line.state == state]
        more = f" 等 {len(names)} 个" if len(names) > NAMES_SHOWN else ""
        if names:
            show(f"{state}：{'、'.join(names[:NAMES_SHOWN])}{more}。")


def _send_back(
    batch: "Batch",
    annotate: Path | None,
    notice_folder: Path | None,
    office: str,
    deadline: str,
    form_file: Path | None,
    crew: "Crew",
    force: bool,
) -> int:
    """Write what goes back to the agencies; gives how many files could not be made."""
    from toolkit.batch.crew import Lost
    from toolkit.batch.engine import run_each
    from toolkit.batch.making import Made
    from toolkit.batch.returns import Annotate, Notify, failed_returns

    missed = 0
    works = ((annotate, Annotate()), (notice_folder, Notify(office, deadline, _name(form_file))))
    for folder, work in works:
        if folder is None:
            continue
        made = (
            Made(result.path, problem=found.reason) if isinstance(found, Lost) else found
            for (_, result), found in run_each(work, failed_returns(batch.ledger), crew)
        )
        missed += _write_each(folder, made, force)
    return missed


def _settings(only: Sequence[str], skip: Sequence[str], form_file: Path | None) -> "Settings":
    """What the office set, in the folder it works in and in this call."""
    from toolkit.checks.catalogue import rule_catalogue
    from toolkit.checks.settings import FILE_NAME, chosen, load_settings
    from toolkit.forms.loader import bundled_forms

    if not only and not skip and not Path(FILE_NAME).exists():
        from toolkit.checks.settings import STANDARD

        return STANDARD
    only, skip = ([rule for item in given for rule in re.split("[,，]", item) if rule] for given in (only, skip))
    known = {rule.id for rule, _ in rule_catalogue([*bundled_forms(), *([_own_form(form_file)] if form_file else [])])}
    return chosen(load_settings(Path(FILE_NAME), known), only, skip, known)


@contextmanager
def _priors(path: Path | None, form_file: Path | None, crew: "Crew") -> "Iterator[tuple[Priors | None, int]]":
    """Last year's reports, kept for a while, and how many files of them could not be read."""
    if path is None:
        yield None, 0
        return
    import tempfile

    from toolkit.batch.intake import LeftOut
    from toolkit.batch.run import collect_priors

    missed: list[Made] = []
    left_out = LeftOut()
    with tempfile.TemporaryDirectory(prefix="gknb-", ignore_cleanup_errors=True) as folder:
        priors = collect_priors([path], _name(form_file), crew, Path(folder), left_out, missed.append)
        for made in missed:
            _tell_unread(made)
        _tell_left_out(left_out)
        yield priors, len(missed)


def _show_result(result: "FileResult") -> None:
    from toolkit.batch.ledger import STATUS_WORDS
    from toolkit.checks.findings import SEVERITY_WORDS

    show(f"【{STATUS_WORDS[result.status]}】{result.path}{_who(result)}")
    for number, found in enumerate(result.findings, 1):
        show(f"  {number}. {SEVERITY_WORDS[found.severity]}：{found.message}")


@app.command(cls=ChineseCommand)
def report(
    paths: Paths,
    output: Folder = Path(),
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    scheduler: Scheduler = "",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """由填好的表生成 Word 报告，一表一份，以报告标题为文件名。

    例：
    gknb report 温县教育局2024.xlsx
    gknb report 收回的表 -o 报告
    """
    from toolkit.batch.making import Report

    _lookup(form_file)
    made = _made(paths, Report(_name(form_file)), _crew(workers, scheduler, seconds))
    if _write_each(output, made, force):
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
def extract(
    paths: Paths,
    output: OptionalFile = None,
    table_format: Annotated[
        Literal["json", "csv", "parquet"] | None,
        typer.Option(
            "--format", metavar="json|csv|parquet", help="输出格式，默认 json；parquet 须另装 gknb-toolkit[parquet]"
        ),
    ] = None,
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    scheduler: Scheduler = "",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把填好的表读成数据，默认打印在屏幕上。CSV 和 Parquet 是一张长表：一格一行。

    例：
    gknb extract 温县教育局2024.xlsx
    gknb extract 收回的表 --format csv -o 数据.csv
    """
    from toolkit.batch.long_table import csv_pieces, format_of, json_pieces, require_parquet, write_parquet
    from toolkit.batch.making import Extract
    from toolkit.outputs import refuse_existing, whole_file

    _lookup(form_file)
    table_format = format_of(table_format, output)
    if table_format == "parquet":
        require_parquet()
        if output is None:
            raise Problem("Parquet 不能打印在屏幕上，请用 -o 写到文件。")
    if output:
        refuse_existing([output], force)
    ascii_only = output is None and not is_utf8(sys.stdout)
    work = Extract(table_format, _name(form_file), ascii_only)
    read = _Readable(_made(paths, work, _crew(workers, scheduler, seconds)))
    first = next(read, None)
    contents = (made.content for made in chain([first] if first else [], read))
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

    rows = cell_map(_form(year, form_file))
    if table_format == "json":
        show_json(rows)
        return
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(CELL_MAP_FIELDS)
    writer.writerows(
        [" › ".join(row[field]) if field == "labels" else row[field] for field in CELL_MAP_FIELDS] for row in rows
    )


@app.command("import", cls=ChineseCommand)
def import_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="文件", help="数据文件（JSON），可以有多份报送数据", readable=False)
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹，默认为当前文件夹")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="不生成工作簿，给出 JSON 数据（没有 -o 时打印在屏幕上）")
    ] = False,
    workers: Workers = None,
    seconds: Seconds = SECONDS,
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把数据文件变成填好的表（Excel），可以再校验、修改、出报告。

    例：
    gknb import 温县教育局2020.json -o 填好的表
    """
    from toolkit.batch.long_table import json_pieces
    from toolkit.batch.making import Import

    _lookup(form_file)
    to_screen = as_json and output is None
    work = Import(as_json, _name(form_file), to_screen and not is_utf8(sys.stdout))
    made = _made(files, work, _crew(workers, "", seconds))
    if not to_screen:
        if _write_each(output or Path(), made, force):
            raise typer.Exit(1)
        return
    read = _Readable(made)
    for piece in json_pieces(one.content.decode() for one in read):
        show_piece(piece)
    if read.failed:
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

    forms = bundled_forms() if year is None and form_file is None else [_form(year, form_file)]
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


def _form(year: int | None, form_file: Path | None) -> "Form":
    """The form that a call means, by year or by file."""
    from toolkit.forms.loader import form_for_year
    from toolkit.submission import YEARS

    if year is not None and year not in YEARS:
        raise Problem(f"报告年度 {year} 不对，应为四位年度，如 2024。请检查 --year。")
    if form_file is None:
        if year is None:
            raise Problem("请用 --year 指明报告年度（如 --year 2024），或用 --form 指明格式定义。")
        return form_for_year(year)
    form = _own_form(form_file)
    if year is not None and not form.serves(year):
        raise Problem(
            f"格式定义 {form_file.name}（{form.id}）用于 {form.years_text}，不用于 {year} 年。请检查 --year。"
        )
    return form


def _lookup(form_file: Path | None) -> "FormLookup":
    from toolkit.forms.loader import form_lookup

    return form_lookup(_own_form(form_file) if form_file else None)


def _own_form(form_file: Path) -> "Form":
    from toolkit.checks.catalogue import require_own_ids
    from toolkit.forms.loader import load_form

    return require_own_ids(load_form(form_file))


def _name(form_file: Path | None) -> str:
    return str(form_file) if form_file else ""


def _crew(workers: int | None, scheduler: str = "", seconds: float = SECONDS) -> "Crew":
    from toolkit.batch.crew import crew_of

    return crew_of(workers, scheduler, seconds)


def _made(paths: Sequence[Path], work: "Callable[[Item], list[Made]]", crew: "Crew") -> "Iterator[Made]":
    """What is made of every submission under the paths, with progress on long work."""
    from toolkit.batch.intake import LeftOut
    from toolkit.batch.run import make_of_each

    bar, left_out = Progress(), LeftOut()
    for done, total, made in make_of_each(paths, work, crew, left_out):
        bar.clear()
        yield made
        bar.at(done, total, made.name)
    _tell_left_out(left_out)


class _Readable:
    """What could be made; the rest is named to the user and counted as it comes."""

    def __init__(self, everything: "Iterator[Made]") -> None:
        self._everything = everything
        self.count = self.failed = 0

    def __iter__(self) -> "Iterator[Made]":
        return self

    def __next__(self) -> "Made":
        for made in self._everything:
            if not made.problem:
                self.count += 1
                return made
            self.failed += 1
            _tell_unread(made)
        raise StopIteration


def _tell_unread(made: "Made") -> None:
    say(f"【{'无法读取' if made.unread else '没有生成'}】{made.name}：{made.problem}")


def _tell_left_out(left_out: "LeftOut") -> None:
    if left_out.count:
        more = " 等" if left_out.count > len(left_out.names) else ""
        names = "、".join(left_out.names)
        say(f"文件夹里另有 {left_out.count} 个文件不是填报表或数据文件，没有读：{names}{more}。")


def _write_each(folder: Path, everything: "Iterator[Made]", force: bool) -> int:
    """Write each thing that was made and say so; gives how many could not be made.

    Raises Problem, after the others were written, when something stood in the way of one.
    """
    from toolkit.batch.results_folder import write_each

    failed, kept = 0, list[Path]()
    for made, target, taken in write_each(folder, everything, force):
        if target is None:
            failed += 1
            _tell_unread(made)
        elif taken:
            kept.append(target)
        else:
            say(f"{made.name} → {target}")
    if kept:
        more = f" 等 {len(kept)} 个" if len(kept) > 1 else ""
        raise Problem(f"{kept[0]}{more} 已经存在，没有覆盖。要覆盖请加 --force，或换一个输出位置。")
    return failed


def main() -> None:
    """Run the program; whatever happens, the user gets a sentence and an exit status."""
    prepare_streams()
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one call and give its exit status."""
    try:
        status = app(args=arguments, prog_name=PROGRAM, standalone_mode=False) or 0
        if sys.stdout is not None:
            sys.stdout.flush()
        return int(status)
    except Problem as problem:
        say(problem.message)
        return problem.exit_status
    except TyperException as error:
        say(usage_problem(error))
        return 2
    except (KeyboardInterrupt, typer.Abort):
        say("已中断，没有写完的文件没有留下。")
        return INTERRUPTED
    except BrokenPipeError:
        drop_output()  # nobody reads on; say nothing more
        return 1
    except OSError as error:
        drop_output()
        say(f"{error.filename or '输出'}：打不开或写不进，可能是名字太长、没有权限、磁盘已满或网络断开。请检查后再试。")
        return 2
    except Exception as error:
        say(f"出现了没有预料到的情况（{type(error).__name__}），没有完成。请把所用的命令和文件发给维护人员。")
        return INTERNAL_FAULT
