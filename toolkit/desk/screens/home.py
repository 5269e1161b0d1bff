"""The first screen (首页): where the work stands and what to do next, or five questions for a new project."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.batch.project import read_project, usual_year
from toolkit.desk.app import desk
from toolkit.desk.project_folder import files_in, folder_of, start_project
from toolkit.desk.screens.page import JOBS, run_words
from toolkit.desk.standing import Overview, overview
from toolkit.problems import Problem

pages = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One job of January: its screen, and how far it is in a few words. `is_next` marks what to do now."""

    screen: str
    title: str
    words: str
    is_next: bool = False


@pages.get("/")
def show() -> str:
    """Show where the work stands."""
    if read_project() is None:
        return render_template("new_project.html", year=usual_year(date.today()), jobs={}, project=None)
    from toolkit.desk.project_folder import project

    found = overview()
    run = desk().runs.running()
    frame = {"screen": "home", "jobs": JOBS, "project": project(), "run": run, **run_words()}
    return render_template("home.html", **frame, overview=found, steps=_steps(found))


@pages.post("/project")
def create() -> BaseResponse:
    """Make a project from the five answers."""
    answers = request.form
    year = answers.get("year", "")
    if not year.isdecimal() or len(year) != 4:
        raise Problem("报告年度应为四位数字，如 2024。")
    values = {key: answers.get(key, "") for key in ("office", "agency", "deadline")}
    start_project(int(year), values, answers.get("profile", ""))
    return redirect("/roster", 303)


def _steps(found: Overview) -> list[Step]:
    """Return the jobs with how far each is. The first one that is not done is the next."""
    issued, returned = len(files_in("distributed")), len(files_in("returned"))
    states = (
        ("roster", found.roster_words, bool(found.agencies)),
        ("forms", f"已生成 {issued} 个文件" if issued else "还没有生成", bool(issued)),
        ("received", f"收到 {returned} 个文件" if returned else "还没有收到", bool(returned)),
        ("review", found.words or "还没有校验", bool(found.words) and not found.is_open),
        ("reminders", f"要催的 {found.due} 个" if found.due else "没有要催的", not found.is_open),
        ("reports", _count_words("reports", "份报告", ".docx"), folder_of("reports").is_dir()),
        ("rollup", _count_words("rollup", "个文件"), folder_of("rollup").is_dir()),
    )
    steps, has_next = list[Step](), False
    for screen, words, is_done in states:
        is_next = not is_done and not has_next
        has_next = has_next or is_next
        steps.append(Step(screen, JOBS[screen], words, is_next))
    return [*steps, Step("years", JOBS["years"], "随时可以做")]


def _count_words(key: str, unit: str, ending: str = "") -> str:
    count = sum(one.name.endswith(ending) for one in files_in(key))
    return f"{count} {unit}" if count else "还没有"
