"""Help pages and usage errors of the command line, in Chinese."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from toolkit.cli.project_defaults import take_from_project
from toolkit.files.protected_inputs import note_read

OUTPUTS = ("output", "annotate", "notice", "folder")
"""The parameters that name where to write. Every other path in a call is read."""


class ChineseCommand(TyperCommand):
    """A command with a Chinese help page. Its outputs never overwrite the files that it reads."""

    def invoke(self, ctx: Any) -> Any:
        """Say which project the call works in, note the paths that it reads, then run the command."""
        take_from_project(ctx)
        for name, value in ctx.params.items():
            for path in value if isinstance(value, list) else [value]:
                if isinstance(path, Path) and name not in OUTPUTS:
                    note_read(path)
        return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page of the command."""
        formatter.write(command_page(self, ctx))


class ChineseGroup(TyperGroup):
    """The program; its help page lists the commands."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page of the program."""
        lines = [f"用法：{ctx.command_path} 命令 [选项]", "", _clean(self.help), "", "命令："]
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        width = max(len(name) for name, _ in commands)
        lines += [f"  {name:<{width}}  {_clean(command.help).splitlines()[0]}" for name, command in commands if command]
        lines += ["", "选项：", *_options(self, ctx), "", f"某个命令的用法：{ctx.command_path} 命令 --help"]
        formatter.write("\n".join(lines) + "\n")


def command_page(command: Any, ctx: Any) -> str:
    """Return the help page of one command: usage, description, arguments, options, examples."""
    parameters = command.get_params(ctx)
    arguments = [parameter for parameter in parameters if parameter.param_type_name == "argument"]
    usage = " ".join(_argument(argument) for argument in arguments)
    text, _, example = _clean(command.help).partition("例：")
    lines = [f"用法：{ctx.command_path} {usage}{' ' if usage else ''}[选项]", "", text.strip(), ""]
    if arguments:
        lines += ["参数：", *(f"  {argument.metavar}  {argument.help}" for argument in arguments), ""]
    lines += ["选项：", *_options(command, ctx)]
    if example:
        lines += ["", "例：", *(f"  {line.strip()}" for line in example.strip().splitlines())]
    return "\n".join(lines) + "\n"


def _argument(argument: Any) -> str:
    name = argument.metavar + ("…" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _options(command: Any, ctx: Any) -> list[str]:
    rows = []
    for option in command.get_params(ctx):
        if option.param_type_name != "option" or option.hidden:
            continue
        names = ", ".join(sorted([*option.opts, *option.secondary_opts], key=len))
        value = "" if option.is_flag else f" {option.metavar or '值'}"
        help_text = "显示这页说明" if "--help" in option.opts else option.help or ""
        required = "（必填）" if option.required else ""
        rows.append((names + value, help_text + required))
    width = max(len(name) + sum(ord(char) > 127 for char in name) for name, _ in rows)
    return [
        f"  {name}{' ' * (width - len(name) - sum(ord(char) > 127 for char in name))}  {text}" for name, text in rows
    ]


def _clean(text: str | None) -> str:
    return re.sub(r"[ \t]*\n[ \t]*", "\n", (text or "").strip())


_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.S)
_NO_COMMAND = re.compile(r"No such command '(.*?)'", re.S)


def usage_problem(error: TyperException) -> str:
    """Return what is wrong with a call, in words, and where the usage is described."""
    kind, raw = type(error).__name__, str(getattr(error, "message", ""))
    name = _parameter_name(error)
    if kind == "NoSuchOption":
        words = f"没有选项 {getattr(error, 'option_name', '')}"
        close = getattr(error, "possibilities", None)
        words += f"（是不是 {'、'.join(close)}？）" if close else ""
    elif kind == "MissingParameter":
        words = f"缺少{name}"
    elif kind == "BadParameter":
        words = f"{name} 的值不对：{_bad_value(raw)}"
    elif kind == "BadOptionUsage":
        words = f"选项 {getattr(error, 'option_name', '')} 后面要有一个值，开关选项后面不能有值"
    elif found := _NO_COMMAND.search(raw):
        words = f"没有命令 {found[1]}{_meant_command(error, found[1])}"
    elif found := _EXTRA.search(raw):
        words = f"多出了不认识的内容：{found[1]}"
    else:
        words = "命令的写法不对"
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "gknb"
    return f"{words}。用法请看 {path} --help。"


def _meant_command(error: TyperException, given: str) -> str:
    """Return the command that was probably meant, in words; empty if no command is like the given one."""
    context = getattr(error, "ctx", None)
    names = context.command.list_commands(context) if context is not None else []
    near = get_close_matches(given, names, n=1)
    return f"（是不是 {near[0]}？）" if near else ""


def _parameter_name(error: TyperException) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "参数"
    if parameter.param_type_name == "option":
        return f"选项 {max(parameter.opts, key=len)}"
    return f"参数 {parameter.metavar}"


def _bad_value(raw: str) -> str:
    """Return what value was expected, taken from an English message."""
    if "valid integer" in raw:
        return "应为整数"
    if "valid number" in raw:
        return "应为数"
    if found := re.search(r"(greater|less) than or equal to (\S+)", raw):
        return f"{'至少' if found[1] == 'greater' else '最多'} {found[2]}"
    if found := re.search(r"'(.*)' is not one of (.*?)\.?\Z", raw, re.S):
        return f"“{found[1]}”不在可选的 {found[2].replace(chr(39), '').replace(', ', '、')} 之中"
    return "请对照说明检查"
