"""`gknb template`: writes one protected template (模板)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import toolkit
from toolkit.cli.arguments import form_of, pool_settings_for, reading_of
from toolkit.cli.batch_messages import outputs_of
from toolkit.cli.console import say
from toolkit.cli.options import Force, FormFile, Password, Year
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.sources import ReadingOptions
    from toolkit.submission.model import Submission


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

    if output.suffix.lower() != ".xlsx":
        raise Problem(f"模板是 Excel 工作簿，-o 后面的文件名应以 .xlsx 结尾，现为 {output.name}。")
    form = form_of(year, form_file)
    refuse_existing([output], force)
    last = prior_report(prior, reading_of(form_file), agency, year) if prior else None
    agency = agency or (last.agency if last else "")
    write_output(output, toolkit.build_template(form, year, agency, prior=last, password=password), force)
    say(f"已写出 {output}（格式 {form.id}，报告年度 {year}）。")


def prior_report(path: Path, reading: "ReadingOptions", agency: str, year: int) -> "Submission":
    """Return last year's report, from which a template is prefilled.

    Raise Problem when there is none, or several that differ.
    """

    from toolkit.batch.jobs import ReadJob
    from toolkit.batch.run import submissions_in
    from toolkit.characters import plain

    found = []
    for made in outputs_of([path], ReadJob(reading), pool_settings_for(None)):
        if made.problem:
            raise Problem(f"上年报告 {made.name} 读不了：{made.problem}")
        (submission,) = submissions_in(made, reading)
        whose = plain(agency or submission.agency)
        if submission.year == year - 1 and plain(submission.agency) == whose:
            found.append(submission)
    whose = f"{agency} " if agency else ""
    if not found:
        raise Problem(f"{path} 里没有 {whose}{year - 1} 年的报告。请检查 --prior、--agency 和 --year。")
    if any(other.all_values != found[0].all_values or other.agency != found[0].agency for other in found):
        raise Problem(f"{path} 里有 {len(found)} 份{whose}{year - 1} 年的报告，内容不同，应正好一份。请只留一份。")
    return found[0]
