"""The program: its commands, and the message and exit status when a call ends, fails or is broken off."""

import sqlite3
import sys
from collections.abc import Sequence
from typing import Annotated, Any, cast

import typer
from typer.exceptions import TyperException

from toolkit.cli.chinese import usage_problem
from toolkit.cli.commands import CommandGroup
from toolkit.cli.console import drop_output, prepare_streams, say, show
from toolkit.cli.interrupts import INTERRUPTED, ignore_signals, raise_on_signals
from toolkit.cli.project_defaults import ProjectDefaults
from toolkit.files.protected_inputs import protecting_read_files
from toolkit.problems import Problem
from toolkit.resources import version

PROGRAM = "gknb"
INTERNAL_FAULT = 3
BROKEN_OFF = "已中断，没有写完的文件没有留下。"

app = typer.Typer(
    cls=CommandGroup,
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
    ctx.default_map = cast(Any, ProjectDefaults())  # only read
    if show_version:
        show(f"gknb-toolkit {version() or '（源代码目录）'}")
    elif ctx.invoked_subcommand is None:
        show(ctx.get_help())


def main() -> None:
    """Run the program. In every case the user gets a sentence and an exit status."""
    prepare_streams()
    sys.unraisablehook = lambda _: None  # errors while objects are deleted are not for the user
    raise_on_signals()
    try:
        status = run()
    except KeyboardInterrupt:  # a second signal, while the first was handled
        status = INTERRUPTED
    ignore_signals()
    sys.exit(status)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one call and return its exit status."""
    try:
        with protecting_read_files():
            status = app(args=arguments, prog_name=PROGRAM, standalone_mode=False) or 0
        if status == INTERRUPTED:  # Typer reports Ctrl-C only by this status
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
        drop_output()  # nobody reads the output any more
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
    except BaseException:  # a failure in Rust is no Exception
        say("出现了没有预料到的情况，没有完成；这是工具的毛病，不是您的操作。请把所用的命令和文件发给维护人员。")
        return INTERNAL_FAULT
