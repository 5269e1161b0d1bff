"""`gknb extract`: reads returns (报送) as data."""

import sys
from itertools import chain
from typing import Annotated, Literal

import typer

from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.cli.arguments import pool_settings_for, reading_of
from toolkit.cli.batch_messages import SuccessfulOutputs, outputs_of, say_remarks_of_each
from toolkit.cli.console import is_utf8, say, show_piece
from toolkit.cli.options import (
    FilePassword,
    Force,
    FormFile,
    Limit,
    Memory,
    OptionalFile,
    Paths,
    Scheduler,
    Seconds,
    Workers,
)
from toolkit.problems import Problem


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
    from toolkit.batch.jobs import ExtractJob
    from toolkit.batch.long_table import csv_pieces, format_of, json_pieces, require_parquet, write_parquet
    from toolkit.files.write import atomic_file, refuse_existing

    reading = reading_of(form_file, file_password, limit)
    table_format = format_of(table_format, output)
    if table_format == "parquet":
        require_parquet()
        if output is None:
            raise Problem("Parquet 不能打印在屏幕上，请用 -o 写到文件。")
    if output:
        refuse_existing([output], force)
    ascii_only = output is None and not is_utf8(sys.stdout)
    work = ExtractJob(table_format, reading, ascii_only)
    read = SuccessfulOutputs(outputs_of(paths, work, pool_settings_for(workers, scheduler, seconds, memory)))
    first = next(read, None)
    contents = (made.content for made in say_remarks_of_each(chain([first] if first else [], read)))
    if first is not None and output and table_format == "parquet":
        with atomic_file(output, force) as part:
            write_parquet(part, contents)
    elif first is not None:
        pieces = json_pieces(contents) if table_format == "json" else csv_pieces(contents)
        if output:
            mark = "\ufeff" if table_format == "csv" else ""
            with atomic_file(output, force) as part, part.open("w", encoding="utf-8", newline="") as file:
                file.writelines(chain([mark], pieces))
        else:
            for piece in pieces:
                show_piece(piece.replace("\r\n", "\n"))
    if output:
        say(f"已写出 {output}（{read.count} 份）。" if read.count else f"没有可用的数据，没有写出 {output}。")
    if read.failed:
        raise typer.Exit(1)
