"""Small helpers of the tests: submissions in, files out, tables read back by other libraries."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from docx import Document
from places import EXAMPLES, REAL_REPORTS
from xlsxwriter import Workbook

import toolkit
from toolkit.batch.check_job import CheckJob
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.priors import Priors
from toolkit.batch.pool_settings import PoolSettings
from toolkit.batch.roster import Roster
from toolkit.batch.run import Review, check_submissions
from toolkit.checks.settings import STANDARD, Settings
from toolkit.documents.texts_folder import find_text_files
from toolkit.forms.loader import form_lookup
from toolkit.forms.model import Form, Kind
from toolkit.forms.relations import Outcome, evaluate
from toolkit.submission.model import Submission, Value
from toolkit.submission.signing import Key

LOOKUP = form_lookup()
REPORT_DATA = {
    "wenxian-jyj-2020": EXAMPLES / "wenxian-jyj-2020" / "submission.json",
    **{path.stem: path for path in sorted(REAL_REPORTS.glob("*.json")) if not path.stem.endswith(".notes")},
}
"""The complete real reports by name."""


def submission_of(path: Path) -> Submission:
    """The one submission of a data file."""
    return toolkit.read(path)


def read(path: Path) -> Submission:
    """A workbook of a bundled form."""
    return toolkit.read(path)


def source_values(path: Path) -> dict[str, object]:
    """The values as the data file has them."""
    return json.loads(path.read_text(encoding="utf-8"))["values"]


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def others_document() -> bytes:
    """A Word file that is none of ours."""
    target = BytesIO()
    Document().save(target)
    return target.getvalue()


def others_workbook() -> bytes:
    """An Excel file that is none of ours."""
    target = BytesIO()
    with Workbook(target) as book:
        book.add_worksheet()
    return target.getvalue()


def docx_grids(path: Path) -> list[list[list[str]]]:
    """The tables of a Word file as rows of texts, read from the raw cells: merged text counts once."""
    grids = []
    for table in Document(str(path)).tables:
        rows = []
        for row in table._tbl.tr_lst:
            cells = []
            for cell in row.tc_lst:
                continued = cell.tcPr is not None and cell.tcPr.vMerge_val == "continue"
                cells.append("" if continued else "".join(node.text or "" for node in cell.iter("{*}t")))
            rows.append(cells)
        grids.append(rows)
    return grids


def random_submission(form: Form, rng: random.Random, year: int) -> Submission:
    """A submission with a mood of its own: full or sparse, balanced or broken, totals right or wrong."""
    blank_share = rng.choice((0, 0, 0.1, 0.6))
    top = rng.choice((0, 3, 60, 99_999_999))
    values: dict[str, Value] = {
        cell.id: None if rng.random() < blank_share else _random_value(cell.kind, rng, top) for cell in form.filled
    }
    if rng.random() < 0.6:
        _balance(form, values, rng)
    submission = Submission(form, f"测试机关{rng.randrange(1000)}", year, values, {})
    shown: dict[str, Value] = {}
    for cell in form.computed:
        if rng.random() < 0.05:
            wrong = submission.totals[cell.id] + rng.choice((-10, -1, 1, 7))
            shown[cell.id] = wrong
    return Submission(form, submission.agency, year, values, {}, shown=shown)


def _random_value(kind: Kind, rng: random.Random, top: int) -> Value:
    if kind.options:
        return rng.choice(kind.options)
    if not kind.is_number:
        return rng.choice(("甲", "乙"))
    if not kind.is_whole:
        return Decimal(rng.randrange(top * 10_000 + 1)) / rng.choice((1, 10, 10_000))
    return rng.randint(-top if kind.is_signed else 0, top)


def _balance(form: Form, values: dict[str, Value], rng: random.Random) -> None:
    """Make most relations hold by moving one filled cell of each."""
    for case in form.cases:
        inputs = {term.cell: term.sign for term in case.left.inputs}
        for term in case.right.inputs:
            inputs[term.cell] = inputs.get(term.cell, 0) - term.sign
        if case.relation.defines or rng.random() < 0.15:
            continue
        difference = sum((values[cell] or 0) * sign for cell, sign in inputs.items())
        cell = next(cell for cell, sign in inputs.items() if sign * difference < 0 or not difference)
        if form.cells[cell].kind.is_number:
            values[cell] = (values[cell] or 0) - difference * inputs[cell]


def checked(
    *submissions: Submission,
    priors: Priors | None = None,
    roster: Roster | None = None,
    settings: Settings = STANDARD,
    key: Key | None = None,
    year: int | None = None,
    folder: Path | None = None,
    texts: Path | None = None,
) -> list[FileResult]:
    """The results of a batch of submissions, with what only shows across them. `folder` keeps the rounds, `texts` has
    the text files."""
    work = CheckJob(settings=settings, priors=priors, key=key, text_files=find_text_files(texts) if texts else None)
    return check_submissions(submissions, Review(work, PoolSettings(0), roster, year, folder))


def outcomes(submission: Submission) -> list[Outcome]:
    """Every case of the form, evaluated on a submission."""
    return evaluate(submission.form, submission.numbers, submission.shown_numbers, submission.unwritten)


def report(name: str) -> Submission:
    """One of the real reports."""
    return submission_of(REPORT_DATA[name])


def county_report(name: str) -> Submission:
    """One of the real reports of cities, as an agency of a county can have it: without 规章, without requests that were
    given up because a fee was not paid, and with a thousandth of the fees."""
    source = report(name)
    values = dict(source.values)
    for ceiling in source.form.ceilings:
        if amount := source.numbers.get(ceiling.cell):
            values[ceiling.cell] = round(Decimal(amount) / 1000, 4)
    for cell in source.form.filled:
        if "rulemaking" in (cell.row.needs, cell.column.needs):
            values[cell.id] = 0
        if cell.row.id == "fee_unpaid" and (unpaid := source.numbers.get(cell.id)):
            other = cell.id.replace("fee_unpaid", "other")
            values[other] = source.numbers.get(other, 0) + unpaid
            values[cell.id] = 0
    return replace(source, values=values)
