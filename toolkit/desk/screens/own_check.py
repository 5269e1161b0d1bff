"""The agency's own check (自查台): drop one workbook, see what the office would say, take the annotated copy along.

It is for a computer in a hall: each check has a folder of its own, which goes when the program ends.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, abort, jsonify, render_template, send_file

import toolkit
from toolkit.batch.check_job import cells_as_text
from toolkit.batch.results.folder import FINDINGS_NAME
from toolkit.checks.findings import SEVERITY_WORDS
from toolkit.checks.result import STATUS_WORDS
from toolkit.desk.app import desk
from toolkit.desk.bounded import bounded
from toolkit.desk.command_runs import CommandRun
from toolkit.desk.screens.frame import run_words
from toolkit.desk.screens.upload_request import upload_content, upload_name, upload_time
from toolkit.desk.sheet_picture import SheetPicture, pictures
from toolkit.desk.uploads import receive
from toolkit.forms.loader import form_lookup
from toolkit.problems import Problem

SCREEN = "own"
RECEIVED, RESULTS, ANNOTATED = "收到", "结果", "批注"


@dataclass(frozen=True, slots=True)
class SaidFinding:
    """A finding as findings.json has it, with what follows from it."""

    severity: str
    message: str
    cells: tuple[str, ...]
    following: tuple[str, ...] = ()


def show() -> str:
    """Show the place to drop a workbook on."""
    return render_template("own_check.html", screen=SCREEN, jobs={}, project=None, run=None)


def upload() -> Response:
    """Take a workbook and begin to check it."""
    mark = secrets.token_hex(8)
    got = receive(Path(mark, RECEIVED), upload_name(), upload_content(), upload_time())
    if got.fate == "taken":
        path = f"{mark}/{RECEIVED}/{got.path}"
        arguments = ["check", path, "-o", f"{mark}/{RESULTS}", "--annotate", f"{mark}/{ANNOTATED}"]
        desk().runs.add("校验", mark, arguments)
    return jsonify(fate=got.fate, words=got.words, path=got.path, then=f"/own/{mark}" if got.fate == "taken" else "")


def result(mark: str) -> str:
    """Show what the office would say."""
    folder = _folder(mark)
    run = desk().runs.last_of(mark)
    frame = {"screen": SCREEN, "jobs": {}, "project": None, "run": run, **run_words()}
    if run is not None and run.is_open:
        return render_template("own_check.html", **frame, mark=mark)
    file = _checked(folder, run)
    findings = _findings(file)
    return render_template(
        "own_result.html",
        **frame,
        mark=mark,
        file=file,
        findings=findings,
        pictures=_pictures(folder, findings),
        annotated=_annotated(folder) is not None,
        severity_words=SEVERITY_WORDS,
        status_words=STATUS_WORDS,
    )


def annotated(mark: str) -> Response:
    """Send the annotated copy."""
    path = _annotated(_folder(mark)) or abort(404)
    return send_file(path.absolute(), as_attachment=True, download_name=path.name, mimetype="application/octet-stream")


def _folder(mark: str) -> Path:
    if len(mark) != 16 or set(mark) - set("0123456789abcdef") or not Path(mark).is_dir():
        abort(404)
    return Path(mark)


def _checked(folder: Path, run: CommandRun | None) -> dict[str, Any]:
    """Return the entry of the file in findings.json. Raise Problem when the check came to nothing."""
    try:
        data = json.loads((folder / RESULTS / FINDINGS_NAME).read_bytes())
        file: dict[str, Any] = data["files"][0]
    except (OSError, ValueError, LookupError):
        said = "；".join(run.said) if run else ""
        raise Problem(f"没有查成。{said or '请放一份填报表（.xlsx）。'}") from None
    return file


def _findings(file: dict[str, Any]) -> list[SaidFinding]:
    """Return the findings, causes only, errors first."""
    found = file["findings"]
    causes = [one for one in found if not one.get("because")]
    causes.sort(key=lambda one: list(SEVERITY_WORDS).index(one["severity"]))
    following = {
        one["fingerprint"]: tuple(rest["message"] for rest in found if rest.get("because") == one["fingerprint"])
        for one in causes
    }
    return [
        SaidFinding(one["severity"], one["message"], tuple(one["cells"]), following[one["fingerprint"]])
        for one in causes
    ]


def _pictures(folder: Path, findings: list[SaidFinding]) -> list[SheetPicture]:
    """Return the tables of the workbook; none if it cannot be read."""
    path = next((one for one in (folder / RECEIVED).rglob("*") if one.is_file()), None)
    if path is None:
        return []
    try:
        form_id, cells = bounded(_figures_of, str(path))
    except Problem:
        return []
    form = form_lookup()(form_id)
    return pictures(form, cells, findings) if form else []


def _figures_of(path: str) -> tuple[str, dict[str, str]]:
    """Return the form of a workbook and its figures as text. Raise Problem when it cannot be read."""
    submission = toolkit.read(path)
    return submission.form.id, cells_as_text(submission)


def _annotated(folder: Path) -> Path | None:
    return next((folder / ANNOTATED).glob("*.xlsx"), None) if (folder / ANNOTATED).is_dir() else None
