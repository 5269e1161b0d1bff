"""`gknb import`: turns published reports into completed workbooks or data."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.cli.arguments import pool_settings_for, reading_of, require_year
from toolkit.cli.batch_messages import SuccessfulOutputs, outputs_of, say_remarks_of_each, write_each_and_say
from toolkit.cli.console import is_utf8, show_piece
from toolkit.cli.options import FilePassword, Force, FormFile, Limit, Memory, Seconds, Workers


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
    from toolkit.batch.jobs import ImportJob
    from toolkit.batch.long_table import json_pieces
    from toolkit.submission.model import Known

    require_year(year)
    to_screen = as_json and output is None
    reading = reading_of(form_file, file_password, limit, Known(agency, year))
    work = ImportJob(as_json, reading, to_screen and not is_utf8(sys.stdout))
    made = outputs_of(files, work, pool_settings_for(workers, "", seconds, memory))
    if not to_screen:
        if write_each_and_say(output or Path(), made, force):
            raise typer.Exit(1)
        return
    read = SuccessfulOutputs(made)
    for piece in json_pieces(one.content.decode() for one in say_remarks_of_each(read)):
        show_piece(piece)
    if read.failed:
        raise typer.Exit(1)
