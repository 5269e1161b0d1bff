"""The command line: parses a call, hands it to the toolkit, prints what comes back. No logic lives here."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer
from typer.exceptions import TyperException

from toolkit.chinese_cli import ChineseCommand, ChineseGroup, usage_problem
from toolkit.console import drop_output, prepare_streams, progress, say, show, show_json
from toolkit.outputs import json_text
from toolkit.problems import Problem, Unreadable

if TYPE_CHECKING:
    from toolkit.batch.priors import Priors
    from toolkit.batch.results import FileResult
    from toolkit.batch.sources import Source
    from toolkit.checks.settings import Settings
    from toolkit.forms.loader import FormLookup
    from toolkit.forms.model import Form
    from toolkit.submission import Submission

PROGRAM = "gknb"
INTERRUPTED, INTERNAL_FAULT = 130, 3
SKIPPED_SHOWN = 5

app = typer.Typer(
    cls=ChineseGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)

Paths = Annotated[
    list[Path], typer.Argument(metavar="路径", help="填报表或数据文件，也可以是文件夹（逐层查找）", readable=False)
]
Year = Annotated[int, typer.Option("--year", metavar="年度", help="报告年度，如 2024，据此选用当年的格式")]
OptionalYear = Annotated[
    int | None, typer.Option("--year", metavar="年度", help="报告年度，如 2024，据此选用当年的格式")
]
FormFile = Annotated[Path | None, typer.Option("--form", metavar="文件.toml", help="用自己的格式定义")]
Force = Annotated[bool, typer.Option("--force", help="输出已存在时覆盖")]
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹，默认为当前文件夹")]
OptionalFile = Annotated[Path | None, typer.Option("-o", "--output", metavar="文件", help="写到这个文件")]
TableFormat = Annotated[Literal["csv", "json"], typer.Option("--format", metavar="csv|json", help="输出格式")]
AsJson = Annotated[bool, typer.Option("--json", help="在标准输出上给出 JSON 数据")]


@app.callback(invoke_without_command=True)
def program(
    ctx: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="显示版本号")] = False,
) -> None:
    """公开年报工具箱：政府信息公开工作年度报告的填报模板、校验和 Word 报告。"""
    if show_version:
        try:
            show(f"gknb-toolkit {version('gknb-toolkit')}")
        except PackageNotFoundError:
            show("gknb-toolkit（源代码目录）")
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
    password: Annotated[str, typer.Option("--password", metavar="密码", help="工作表保护的密码，默认没有")] = "",
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
    from toolkit.batch.priors import agency_key

    found = []
    for source in _sources([path], form_file):
        if source.submission is None:
            raise Problem(f"上年报告 {source.name} 读不了：{source.problem}")
        if source.submission.year == year - 1 and agency_key(source.submission.agency) == agency_key(
            agency or source.submission.agency
        ):
            found.append(source.submission)
    if len(found) != 1:
        whose = f"{agency} " if agency else ""
        raise Problem(
            f"{path} 里有 {len(found)} 份{whose}{year - 1} 年的报告，应正好一份。请检查 --prior、--agency 和 --year。"
        )
    return found[0]


@app.command(cls=ChineseCommand)
def check(
    paths: Paths,
    prior: Annotated[
        Path | None,
        typer.Option("--prior", metavar="路径", help="上年的表、数据文件或文件夹，按机关名称比对", readable=False),
    ] = None,
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
        Path | None, typer.Option("-o", "--output", metavar="文件夹", help="把结果另存为其中的 findings.json")
    ] = None,
    as_json: AsJson = False,
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """校验填报表，一份或一个文件夹，逐条说出哪里有误、怎么改。

    全部通过时退出码为 0；有错误或读不出的文件为 1。当前文件夹里有 gknb.toml 的，按其中的设定调整规则的轻重和界限。

    例：
    gknb check 温县教育局2024.xlsx
    gknb check 收回的表 -o 校验结果
    gknb check 收回的表 --prior 上年的表
    gknb check 收回的表 --annotate 批注 --notice 退回意见 --deadline 1月20日
    """
    from toolkit.batch.results import across_files, check_sources, results_data
    from toolkit.outputs import refuse_existing, require_folder, write_output

    target = output / "findings.json" if output else None
    if output and target:
        require_folder(output)
        refuse_existing([target], force)
    settings = _settings(only or (), skip or (), form_file)
    priors, unreadable = _priors(prior, form_file)
    results = across_files(list(check_sources(_sources(paths, form_file), priors, settings)), settings)
    if not as_json:
        for result in results:
            _show_result(result)
    data = results_data(results, settings)
    if target:
        write_output(target, json_text(data).encode(), force)
        say(f"已写出 {target}。")
    failed = [result for result in results if result.status == "failed"]
    not_written = _send_back(failed, annotate, notice, office, deadline, force)
    if as_json:
        show_json(data)
    else:
        counts = data["summary"]
        words = f"通过 {counts['passed']}，有误 {counts['failed']}，无法读取 {counts['unreadable']}"
        show(f"共 {counts['files']} 份：{words}。")
        for sentence in settings.sentences():
            show(f"注意，{sentence}。")
    if unreadable or not_written or any(result.status != "passed" for result in results):
        raise typer.Exit(1)


def _send_back(
    failed: "Sequence[FileResult]",
    annotate: Path | None,
    notice_folder: Path | None,
    office: str,
    deadline: str,
    force: bool,
) -> int:
    """Write what goes back to the agencies; gives how many files could not be made."""
    if annotate is None and notice_folder is None:
        return 0
    from toolkit.batch.returns import annotated_copy, copy_name, notice, notice_name

    missed = 0
    if annotate:
        copies = [Output(copy_name(result), result.path, partial(annotated_copy, result)) for result in failed]
        missed += _write_each(annotate, copies, force)
    if notice_folder:
        notes = [Output(notice_name(item), item.path, partial(notice, item, office, deadline)) for item in failed]
        missed += _write_each(notice_folder, notes, force)
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


def _priors(path: Path | None, form_file: Path | None) -> "tuple[Priors | None, int]":
    """Last year's reports, and how many files of them could not be read."""
    if path is None:
        return None, 0
    from toolkit.batch.priors import priors_of

    sources, failed = _readable(_sources([path], form_file))
    return priors_of(source for source, _ in sources), failed


def _show_result(result: "FileResult") -> None:
    from toolkit.batch.results import STATUS_WORDS
    from toolkit.checks.findings import SEVERITY_WORDS

    who = f"  {result.agency or '（未填机关全称）'} {result.year}" if result.year else ""
    show(f"【{STATUS_WORDS[result.status]}】{result.path}{who}")
    for number, found in enumerate(result.findings, 1):
        show(f"  {number}. {SEVERITY_WORDS[found.severity]}：{found.message}")


@app.command(cls=ChineseCommand)
def report(
    paths: Paths,
    output: Folder = Path(),
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """由填好的表生成 Word 报告，一表一份，以报告标题为文件名。

    例：
    gknb report 温县教育局2024.xlsx
    gknb report 收回的表 -o 报告
    """
    from toolkit.outputs import file_name
    from toolkit.reports.word import build_report

    sources, failed = _readable(_sources(paths, form_file))
    outputs = [
        Output(file_name(submission.title, ".docx"), source.name, partial(build_report, submission))
        for source, submission in sources
    ]
    failed += _write_each(output, outputs, force)
    if failed:
        raise typer.Exit(1)


@app.command(cls=ChineseCommand)
def extract(
    paths: Paths,
    output: OptionalFile = None,
    table_format: Annotated[
        Literal["json", "csv"], typer.Option("--format", metavar="json|csv", help="输出格式，默认 json")
    ] = "json",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把填好的表读成数据（JSON 或 CSV），默认打印在屏幕上。

    例：
    gknb extract 温县教育局2024.xlsx
    gknb extract 收回的表 --format csv -o 数据.csv
    """
    from toolkit.data_file import to_csv, to_data
    from toolkit.outputs import refuse_existing, write_output

    if output:
        refuse_existing([output], force)
    sources, failed = _readable(_sources(paths, form_file))
    if table_format == "csv":
        text = to_csv([(source.name, submission) for source, submission in sources])
        content = text.encode("utf-8-sig")
    else:
        data = [to_data(submission) for _, submission in sources]
        document = data[0] if len(data) == 1 else data
        content = json_text(document).encode()
    if output and sources:
        write_output(output, content, force)
        say(f"已写出 {output}（{len(sources)} 份）。")
    elif sources and table_format == "csv":
        show(text.replace("\r\n", "\n"))
    elif sources:
        show_json(document)
    if failed:
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
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """把数据文件变成填好的表（Excel），可以再校验、修改、出报告。

    例：
    gknb import 温县教育局2020.json -o 填好的表
    """
    from toolkit.data_file import to_data
    from toolkit.outputs import file_name
    from toolkit.workbook.template import build_workbook

    sources, failed = _readable(_sources(files, form_file))
    if as_json and output is None:
        data = [to_data(submission) for _, submission in sources]
        if data:
            show_json(data[0] if len(data) == 1 else data)
    else:
        suffix = ".json" if as_json else ".xlsx"

        def build(submission: "Submission") -> bytes:
            return json_text(to_data(submission)).encode() if as_json else build_workbook(submission)

        outputs = [
            Output(file_name(source.stem, suffix), source.name, partial(build, submission))
            for source, submission in sources
        ]
        failed += _write_each(output or Path(), outputs, force)
    if failed:
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


def _sources(paths: Sequence[Path], form_file: Path | None) -> "Iterator[Source]":
    """Every source under the paths, with progress on long work."""
    from toolkit.batch.sources import find_files, read_sources

    form_of = _lookup(form_file)
    batch = find_files(paths)
    for done, file in enumerate(batch.files, 1):
        yield from read_sources([file], form_of)
        progress(done, len(batch.files), file.name)
    if batch.skipped:
        names = "、".join(file.name for file in batch.skipped[:SKIPPED_SHOWN])
        more = " 等" if len(batch.skipped) > SKIPPED_SHOWN else ""
        say(f"文件夹里另有 {len(batch.skipped)} 个文件不是填报表或数据文件，没有读：{names}{more}。")


def _readable(sources: "Iterator[Source]") -> "tuple[list[tuple[Source, Submission]], int]":
    """The sources that could be read; the others are named to the user and counted."""
    readable, failed = [], 0
    for source in sources:
        if source.submission is None:
            failed += 1
            say(f"【无法读取】{source.name}：{source.problem}")
        else:
            readable.append((source, source.submission))
    return readable, failed


class Output(NamedTuple):
    """A file to be written: its name, where it comes from, and what makes it."""

    name: str
    source: str
    build: "Callable[[], bytes]"


def _write_each(folder: Path, outputs: Sequence[Output], force: bool) -> int:
    """Write each file and say so; gives how many could not be made."""
    from toolkit.batch.sources import unexpected
    from toolkit.outputs import refuse_existing, require_folder, unique_names, write_output

    require_folder(folder)
    targets = [folder / name for name in unique_names(output.name for output in outputs)]
    refuse_existing(targets, force)
    failed = 0
    for target, output in zip(targets, outputs, strict=True):
        try:
            content = output.build()
        except Exception as error:  # one submission never stops the others
            failed += 1
            reason = error.message if isinstance(error, Unreadable) else unexpected(error)
            say(f"【没有生成】{output.source}：{reason}")
            continue
        write_output(target, content, force)
        say(f"{output.source} → {target}")
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
