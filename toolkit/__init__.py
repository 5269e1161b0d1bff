"""gknb-toolkit (公开年报工具箱): forms, templates, checks and reports of the 政府信息公开工作年度报告.

One function for each task, which returns a value and prints nothing:

    import toolkit

    form = toolkit.load_form(2024)
    content = toolkit.build_template(form, 2024, "甲县教育局")
    submission = toolkit.read("甲县教育局.xlsx")
    result = toolkit.check(submission)
    toolkit.write_report(submission, "报告.docx")
    total = toolkit.roll_up([submission, other], "甲县人民政府")
    folder = toolkit.check_folder("收回的表", roster="名册.csv")

Whatever goes wrong is a `Problem`, whose message says in plain Chinese what, where, and what to do.
"""

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.batch.folder_check import FolderResult
    from toolkit.checks.findings import Finding
    from toolkit.checks.result import Result
    from toolkit.checks.settings import Settings
    from toolkit.forms.model import Form
    from toolkit.problems import Problem
    from toolkit.submission.model import Submission

__all__ = [
    "Finding",
    "Form",
    "Problem",
    "Result",
    "Submission",
    "build_template",
    "check",
    "check_folder",
    "load_form",
    "read",
    "roll_up",
    "write_report",
]

AnyPath = str | PathLike[str]
_TYPES = {
    "Finding": "toolkit.checks.findings",
    "FolderResult": "toolkit.batch.folder_check",
    "Form": "toolkit.forms.model",
    "Problem": "toolkit.problems",
    "Result": "toolkit.checks.result",
    "Submission": "toolkit.submission.model",
}
"""Where each type of the library is defined: it is loaded when it is asked for."""


def __getattr__(name: str) -> Any:
    if name in _TYPES:
        from importlib import import_module

        return getattr(import_module(_TYPES[name]), name)
    if name == "__version__":
        from toolkit.resources import version

        return version() or "0"
    raise AttributeError(f"module 'toolkit' has no attribute {name!r}")


def load_form(form: int | AnyPath) -> "Form":
    """Return a form (格式): the official one of a report year, or one of your own.

    `form` is a report year such as 2024, or the path of a form definition (.toml). Raise Problem when no official form
    serves the year, or when the definition is wrong.

    >>> import toolkit
    >>> form = toolkit.load_form(2024)
    >>> form.id, len(form.cells)
    ('2021', 200)
    """
    from toolkit.checks.catalogue import require_own_ids
    from toolkit.forms import loader

    if isinstance(form, int):
        return loader.form_for_year(form)
    return require_own_ids(loader.load_form(Path(form)))


def build_template(
    form: "Form", year: int, agency: str = "", *, prior: "Submission | None" = None, password: str = ""
) -> bytes:
    """Return the protected template (模板) of one agency as the bytes of an .xlsx file.

    With last year's report `prior`, what is carried over (结转) is filled in. `password` protects the sheets; without
    one they are only protected from mistakes. Raise Problem when the form does not serve the year, or the agency's name
    is too long for a title.

    >>> import toolkit
    >>> from pathlib import Path
    >>> content = toolkit.build_template(toolkit.load_form(2024), 2024, "甲县教育局")
    >>> Path("甲县教育局.xlsx").write_bytes(content) > 10_000
    True
    """
    from toolkit.problems import Problem
    from toolkit.workbook import template

    if not form.serves(year):
        raise Problem(f"格式 {form.id} 用于 {form.years_text}，不用于 {year} 年。请检查年度。")
    return template.build_template(form, year, agency, password, prior)


def read(
    path: AnyPath,
    *,
    form: "Form | None" = None,
    passwords: Sequence[str] = (),
    agency: str = "",
    year: int | None = None,
) -> "Submission":
    """Return what one file holds: a completed workbook, a data file (JSON), or a published report.

    `form` is a form of your own; the official ones are known. `passwords` are tried on a file that is locked. `agency`
    and `year` are for a published report that does not say them. Raise Problem, which names the file and the reason,
    when it cannot be read or holds several submissions (then use `read_all`).

    A file is read in this process without limits of time; `check_folder` with `workers` and the command line keep a
    hostile file within bounds.

    >>> import toolkit
    >>> from pathlib import Path
    >>> _ = Path("表.xlsx").write_bytes(toolkit.build_template(toolkit.load_form(2024), 2024, "甲县教育局"))
    >>> submission = toolkit.read("表.xlsx")
    >>> submission.agency, submission.year, submission.values["requests.received.natural"]
    ('甲县教育局', 2024, None)
    """
    from toolkit.problems import Problem

    found = read_all(path, form=form, passwords=passwords, agency=agency, year=year)
    if len(found) != 1:
        raise Problem(f"{path}：里面有 {len(found)} 份报送数据，应正好一份。几份的请用 toolkit.read_all。")
    return found[0]


def read_all(
    path: AnyPath,
    *,
    form: "Form | None" = None,
    passwords: Sequence[str] = (),
    agency: str = "",
    year: int | None = None,
) -> "list[Submission]":
    """Return every submission in a file, see `read`: a data file may hold several."""
    from toolkit.files.limits import STANDARD, Admission, require_room
    from toolkit.files.read import read_bytes
    from toolkit.forms.loader import form_lookup
    from toolkit.problems import Problem, Unreadable, unexpected
    from toolkit.reading import read_submissions
    from toolkit.submission.model import Known

    file = Path(path)
    admission = Admission(STANDARD.limits, tuple(passwords))
    try:
        submissions = read_submissions(read_bytes(file), file.stem, form_lookup(form), admission, Known(agency, year))
        for submission in submissions:
            require_room(list(submission.all_texts()))
    except Unreadable as problem:
        raise Unreadable(f"{path}：{problem.message}", problem.cause) from None
    except Problem:
        raise
    except Exception as error:
        unforeseen = unexpected(error)
        raise Unreadable(f"{path}：{unforeseen.message}", unforeseen.cause) from error
    return submissions


def check(
    submission: "Submission", prior: "Submission | None" = None, *, settings: "AnyPath | Settings | None" = None
) -> "Result":
    """Return the result (校验结果) of one submission: every relation and rule, also against last year's report `prior`.

    `settings` is a settings file (gknb.toml) or its content; without it every rule holds as it is. Findings say the
    same as `gknb check`, except for those that need other returns or a roster: see `check_folder`.

    >>> import toolkit
    >>> from toolkit.resources import resource
    >>> submission = toolkit.read(resource("examples/wenxian-jyj-2020/submission.json"))
    >>> result = toolkit.check(submission)
    >>> result.status, [(found.rule, found.severity) for found in result.findings]
    ('passed', [('overview-sides', 'warning')])
    """
    from toolkit.checks.result import Result, status_of
    from toolkit.checks.review import check as findings_of
    from toolkit.checks.review import with_signature

    office = _settings(settings)
    findings = with_signature(findings_of(submission, prior, office), submission, office)
    return Result("", status_of(findings), findings, submission.agency, submission.year, submission.form.id)


def check_folder(
    paths: AnyPath | Iterable[AnyPath],
    *,
    roster: AnyPath | None = None,
    prior: AnyPath | None = None,
    year: int | None = None,
    form: AnyPath | None = None,
    settings: "AnyPath | Settings | None" = None,
    passwords: Sequence[str] = (),
    workers: int = 0,
    accept_reports: bool = False,
    texts: AnyPath | None = None,
) -> "FolderResult":
    """Return the results of all files under one or several paths, checked together as one batch.

    Folders are searched through, archives (.zip, .7z, .rar) and mails (.eml, .msg) are looked into. `roster` (名册)
    says who should return, `prior` is a file or folder with last year's reports, `year` the year that is asked for,
    `form` the path of a form definition of your own. With `accept_reports`, complete published reports among the
    returns are taken as returns. `texts` is a folder with the agencies' text files, whose texts are checked in place of
    those in the workbooks. With `workers` the files are checked in so many processes, each file within limits
    of time and memory (a script then needs ``if __name__ == "__main__":``); without, all is done in this process.
    Raise Problem when there is nothing to check, or a path, the roster or the settings are wrong. A file that
    cannot be read is a result.

    >>> import toolkit
    >>> from pathlib import Path
    >>> _ = Path("表.xlsx").write_bytes(toolkit.build_template(toolkit.load_form(2024), 2024, "甲县教育局"))
    >>> folder = toolkit.check_folder("表.xlsx")
    >>> folder.summary
    {'files': 1, 'passed': 0, 'failed': 1, 'unreadable': 0}
    >>> sorted({row["rule"] for row in folder.rows()})
    ['blank', 'text-missing']
    """
    from toolkit.batch import folder_check
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.sources import ReadingOptions
    from toolkit.files.limits import STANDARD, Admission

    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    own_form = Path(form) if form is not None else None
    return folder_check.check_folder(
        [Path(path) for path in several],
        ReadingOptions(own_form, Admission(STANDARD.limits, tuple(passwords)), accepts_reports=accept_reports),
        _settings(settings, own_form),
        PoolSettings(workers),
        Path(roster) if roster is not None else None,
        Path(prior) if prior is not None else None,
        year,
        Path(texts) if texts is not None else None,
    )


def write_report(submission: "Submission", path: AnyPath, *, style: AnyPath | None = None, force: bool = False) -> Path:
    """Write the report (年度报告) of a submission and return where: a Word file (.docx) or a web page (.html).

    `style` is a Word file whose page and styles are used. The submission is not checked here; where a text stands in
    place of a number, the report says that it is a draft (草稿). Raise Problem when the file exists and `force` is not
    given, when it cannot be written, or when its name has another ending.

    >>> import toolkit
    >>> from toolkit.resources import resource
    >>> submission = toolkit.read(resource("examples/wenxian-jyj-2020/submission.json"))
    >>> toolkit.write_report(submission, "报告.docx").name
    '报告.docx'
    """
    from dataclasses import replace

    from toolkit.files.write import refuse_existing, write_output
    from toolkit.problems import Problem
    from toolkit.reports.content import draft_words, report_of
    from toolkit.reports.web_page import report_page
    from toolkit.reports.word_report import word_report

    target = Path(path)
    kind = target.suffix.lower()
    if kind not in (".docx", ".html"):
        raise Problem(f"报告是 Word 文件或网页，文件名应以 .docx 或 .html 结尾，现为 {target.name}。")
    refuse_existing([target], force)
    report = replace(report_of(submission), draft=draft_words(submission))
    if kind == ".html":
        return write_output(target, report_page(report).encode(), force)
    from toolkit.reports.base_document import base_of

    return write_output(target, word_report(report, base_of(str(style) if style is not None else "")), force)


def roll_up(submissions: "Iterable[Submission]", agency: str) -> "Submission":
    """Return the sum (汇总) of submissions as the submission of a higher agency.

    Counts and amounts are added exactly; a cell that is blank everywhere stays blank. Texts are left empty for an
    editor. The names of the agencies are kept in `parts`. Raise Problem when there are none, or when they are of
    several forms or years. Whether an agency is counted twice is not looked at here: `gknb rollup` does.

    >>> import toolkit
    >>> from toolkit.resources import resource
    >>> one = toolkit.read(resource("examples/wenxian-jyj-2020/submission.json"))
    >>> total = toolkit.roll_up([one, one], "温县人民政府")
    >>> total.values["requests.received.natural"] == 2 * one.values["requests.received.natural"]
    True
    """
    from toolkit.rollup import sums

    return sums.roll_up(submissions, agency)


def _settings(given: "AnyPath | Settings | None", own_form: Path | None = None) -> "Settings":
    """Return the settings of a call: those in a file, or those that were given."""
    from toolkit.checks.settings import STANDARD, Settings

    if given is None:
        return STANDARD
    if isinstance(given, Settings):
        return given
    from toolkit.batch.project import read_settings
    from toolkit.checks.catalogue import known_rules
    from toolkit.forms.loader import form_lookup
    from toolkit.problems import Problem

    file = Path(given)
    if not file.is_file():
        raise Problem(f"找不到设定文件 {file}。请检查路径。")
    own = load_form(own_form) if own_form else None
    return read_settings(file, known_rules(form_lookup(own).forms))
