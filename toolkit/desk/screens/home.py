"""The first screen (首页): where the work stands and what to do next, or five questions for a new project."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.batch.project import read_project, usual_year
from toolkit.desk.app import desk
from toolkit.desk.screens.frame import JOBS, run_words
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.desk.standing import WorkOverview


@dataclass(frozen=True, slots=True)
class Step:
    """One job of January: its screen, and how far it is in a few words. `is_next` marks what to do now."""

    screen: str
    title: str
    words: str = ""
    is_next: bool = False


def show() -> str:
    """Show the jobs of January; how far they are is asked for afterwards, because that takes longer."""
    project = read_project()
    if project is None:
        return render_template("new_project.html", year=usual_year(date.today()), jobs={}, project=None)
    steps = [Step(screen, title) for screen, title in JOBS.items()]
    frame = {"screen": "home", "jobs": JOBS, "project": project, "run": desk().runs.running(), **run_words()}
    return render_template("home.html", **frame, overview=None, steps=steps)


def numbers() -> str:
    """Show how far the jobs are."""
    from toolkit.desk.standing import overview

    found = overview()
    return render_template("overview.html", overview=found, steps=_steps(found))


def create() -> BaseResponse:
    """Make a project from the five answers."""
    from toolkit.desk.project_folder import start_project

    answers = request.form
    year = answers.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Problem("报告年度应为四位数字，如 2024。")
    values = {key: answers.get(key, "") for key in ("office", "agency", "deadline")}
    start_project(int(year), values, answers.get("profile", ""))
    return redirect("/roster", 303)


def _steps(found: "WorkOverview") -> list[Step]:
    """Return the jobs with how far each is. The first one that is not done is the next."""
    from toolkit.desk.project_folder import files_in

    issued, returned, rolled_up = (len(files_in(key)) for key in ("distributed", "returned", "rollup"))
    reports = sum(one.name.endswith(".docx") for one in files_in("reports"))
    states = {
        "roster": (found.roster_words, bool(found.agencies)),
        "forms": (f"已生成 {issued} 个文件" if issued else "还没有生成", bool(issued)),
        "received": (f"收到 {returned} 个文件" if returned else "还没有收到", bool(returned)),
        "review": (found.words or "还没有校验", bool(found.words) and not found.is_open),
        "reminders": (f"要催的 {found.due} 个" if found.due else "没有要催的", not found.is_open),
        "reports": (f"{reports} 份报告" if reports else "还没有", bool(reports)),
        "rollup": (f"{rolled_up} 个文件" if rolled_up else "还没有", bool(rolled_up)),
    }
    steps, has_next = list[Step](), False
    for screen, (words, is_done) in states.items():
        steps.append(Step(screen, JOBS[screen], words, not is_done and not has_next))
        has_next = has_next or not is_done
    return [*steps, Step("years", JOBS["years"], "随时可以做")]
