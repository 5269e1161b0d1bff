"""What the commands take from the project file (gknb.toml) where a call does not say it."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import say

if TYPE_CHECKING:
    from toolkit.batch.project import Project

Values = dict[str, Any]


def _check(project: "Project") -> Values:
    return {
        "paths": _listed(project, "returned"),
        "roster_file": project.path("roster"),
        "year": project.year,
        "prior": project.path("prior"),
        "texts": project.path("texts"),
        "key_file": project.path("key"),
        "output": project.path("results"),
        "annotate": project.path("annotated"),
        "notice": project.path("notices"),
        "office": project.text("office"),
        "deadline": project.deadline,
        "resume": _has_progress(project),
        "scores_file": project.path("scores") if project.path("roster") else None,
    }


def _report(project: "Project") -> Values:
    return {
        "paths": _listed(project, "returned"),
        "roster_file": project.path("roster"),
        "year": project.year if project.path("roster") else None,
        "prior": project.path("prior"),
        "texts": project.path("texts"),
        "output": project.path("reports"),
        "results": project.path("results"),
    }


def _rollup(project: "Project") -> Values:
    return {
        "paths": _listed(project, "returned"),
        "agency": project.text("agency"),
        "roster_file": project.path("roster"),
        "year": project.year,
        "key_file": project.path("key"),
        "output": project.path("rollup"),
        "results": project.path("results"),
    }


def _distribute(project: "Project") -> Values:
    from toolkit.batch.project import KEYS

    return {
        "roster_file": project.path("roster"),
        "year": project.year,
        "prior": project.path("prior"),
        "key_file": project.path("key"),
        "output": project.path("distributed") or Path(KEYS["distributed"].example),
        "office": project.text("office"),
        "deadline": project.deadline,
        "packs": True,
    }


def _remind(project: "Project") -> Values:
    from toolkit.batch.project import KEYS

    return {
        "roster_file": project.path("roster"),
        "year": project.year,
        "results": project.path("results"),
        "returned": _listed(project, "returned"),
        "output": project.path("reminders") or Path(KEYS["reminders"].example),
        "office": project.text("office"),
        "deadline": project.deadline,
    }


def _template(project: "Project") -> Values:
    return {"year": project.year}


def _of_results(project: "Project") -> Values:
    return {"results": project.path("results"), "year": project.year}


def _has_progress(project: "Project") -> bool:
    """Return True if there is progress of an earlier check that the next one goes on with."""
    from toolkit.batch.ledger.ledger import LEDGER_NAME

    results = project.path("results")
    return results is not None and (results / LEDGER_NAME).exists()


def _listed(project: "Project", key: str) -> list[str]:
    path = project.path(key)
    return [str(path)] if path else []


TAKING: "dict[str, Callable[[Project], Values]]" = {
    "check": _check,
    "report": _report,
    "rollup": _rollup,
    "distribute": _distribute,
    "remind": _remind,
    "template": _template,
    "status": _of_results,
    "refuse": _of_results,
}
"""The commands that take something from the project, and what."""
OF_WHOLE_BATCH = {
    "check": ("roster_file", "output", "annotate", "notice", "office", "deadline", "resume", "scores_file"),
    "report": ("roster_file", "year"),
}
"""What holds only for everything that came back: a call that names its files does not take it from the project."""


class ProjectDefaults:
    """The defaults of every command, as Typer looks them up. The project file is read when the first one is needed: a
    help page needs none."""

    def get(self, command: str) -> "CommandDefaults | None":
        """Return the defaults of a command; None if it takes nothing from the project."""
        return CommandDefaults(self, TAKING[command]) if command in TAKING else None

    @cached_property
    def project(self) -> "Project | None":
        """Return the project of the working folder. Raise Problem when its file is wrong."""
        from toolkit.batch.project import read_project

        return read_project()


class CommandDefaults:
    """The defaults of one command by the names of its parameters."""

    def __init__(self, defaults: ProjectDefaults, values: "Callable[[Project], Values]") -> None:
        self._defaults = defaults
        self._make = values

    def get(self, name: str) -> Any:
        """Return the default of a parameter; None if the project does not say it."""
        return self._values.get(name)

    @cached_property
    def _values(self) -> Values:
        project = self._defaults.project
        return {name: value for name, value in self._make(project).items() if value} if project else {}


def take_from_project(ctx: Any) -> None:
    """Say which project a call works in, if it takes something from there. A call that names its files takes nothing
    that holds only for everything that came back."""

    def source(name: str) -> str:
        found = ctx.get_parameter_source(name)
        return found.name if found else ""

    taken = {name for name in ctx.params if source(name) == "DEFAULT_MAP"}
    if source("paths") == "COMMANDLINE":
        usual = {parameter.name: parameter for parameter in ctx.command.params}
        for name in taken.intersection(OF_WHOLE_BATCH.get(ctx.info_name, ())):
            ctx.params[name] = usual[name].default
            taken.remove(name)
    if ctx.params.get("force") and "resume" in taken:
        ctx.params["resume"] = False
    if taken:
        say(f"{ctx.parent.default_map.project.in_words}。")
