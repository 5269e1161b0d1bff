"""The commands of the program by name. A command is loaded when it is called: most calls need one of them only."""

from importlib import import_module
from typing import Any

from typer.main import get_command_from_info
from typer.models import CommandInfo

from toolkit.cli.chinese import ChineseCommand, ChineseGroup

COMMANDS = {
    "demo": "demo.demo",
    "init": "init.init",
    "start": "start.start",
    "template": "template.template",
    "roster": "roster.roster",
    "key": "key.key",
    "distribute": "distribute.distribute",
    "check": "check.check",
    "status": "status.status",
    "refuse": "refuse.refuse",
    "remind": "remind.remind",
    "report": "report.report",
    "extract": "extract.extract",
    "trend": "trend.trend",
    "cells": "cells.cells",
    "import": "import_reports.import_files",
    "rollup": "rollup.rollup",
    "rules": "rules.rules",
}
"""Every command by its name, in the order of the help page: its module in `toolkit.cli`, and the function there."""


class CommandGroup(ChineseGroup):
    """The program with its commands."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name, None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            module, _, function = COMMANDS[cmd_name].partition(".")
            callback = getattr(import_module(f"toolkit.cli.{module}"), function)
            info = CommandInfo(cmd_name, cls=ChineseCommand, callback=callback)
            self.commands[cmd_name] = get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)
        return self.commands[cmd_name]
