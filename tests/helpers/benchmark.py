"""How long the work takes beside what it is built on: ratios, on the same files, in one run.

    python tests/helpers/benchmark.py [FILES]

Each figure is the median of several rounds; the contestants take turns within a round, so that a machine whose speed
drifts slows them all alike. It judges nothing.
"""

import io
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import xlsxwriter
from alike_texts import generated
from docx import Document
from docxtpl import DocxTemplate
from kit import REPORT_DATA, read, report
from python_calamine import CalamineWorkbook

from toolkit.batch.check_job import CheckJob
from toolkit.batch.received.files import Item
from toolkit.checks.alike import essence, find_alike, profile
from toolkit.forms.grid import section_grids
from toolkit.forms.loader import form_for_year
from toolkit.forms.model import Form
from toolkit.reports.base_document import BODY, HEADINGS, own_base
from toolkit.reports.content import cell_text
from toolkit.reports.official_table import skeleton
from toolkit.reports.word_report import build_report
from toolkit.reports.word_writer import DocumentDraft
from toolkit.submission.model import Submission
from toolkit.workbook.template import build_template, build_workbook

ROUNDS = 7
ALIKE_TEXTS = 2000


def race(title: str, per: int, contestants: dict[str, Callable[[], object]]) -> None:
    """Print the median time of each and its ratio to the first."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for run in contestants.values():
        run()  # warm up
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) * 1000 / per)
    print(f"\n{title} (ms each, median of {ROUNDS} rounds; ratio of each to the first, round by round)")
    first = next(iter(times))
    for name, values in times.items():
        ratios = [other / own for other, own in zip(values, times[first], strict=True)]
        print(f"  {name:<34}{statistics.median(values):9.2f}   x {statistics.median(ratios):6.2f}")


def calamine_plain(path: Path) -> None:
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()


def bare_xlsxwriter(cells: list[list[tuple[int, int, object]]]) -> None:
    """As many cells, spread over as many sheets, without a format, a check or a prompt."""
    book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True})
    for sheet_cells in cells:
        sheet = book.add_worksheet()
        for row, column, value in sheet_cells:
            sheet.write(row, column, value)
    book.close()


def bare_python_docx(year: int) -> None:
    """The same tables, cell by cell."""
    document = Document()
    for section in form_for_year(year).table_sections:
        for grid in section_grids(section):
            table = document.add_table(grid.height, grid.width)
            for box in grid.boxes:
                table.cell(box.row, box.column).text = box.text or "0"
    document.save(io.BytesIO())


@cache
def docxtpl_template(form: Form) -> bytes:
    """The same document with a place for every figure and every text, as docxtpl fills it in."""
    draft = DocumentDraft(own_base())
    body = [draft.title("{{ title }}")]
    for section in form.sections:
        body.append(draft.paragraph(HEADINGS[0], section.title))
        if section.text:
            loop = (f"{{%p for text in texts['{section.id}'] %}}", "{{ text }}", "{%p endfor %}")
            body += [draft.paragraph(BODY, line) for line in loop]
        else:
            places = {cell: f"{{{{ values['{cell}'] }}}}" for cell in form.cells}
            body.append(skeleton(form, section.id, draft.base).filled(places))
    return draft.finish(body, "", "")


def docxtpl_values(submission: Submission) -> dict[str, object]:
    texts = {section.id: submission.texts.get(section.id, ("无",)) for section in submission.form.text_sections}
    values = {cell: cell_text(value) for cell, value in submission.all_values.items()}
    return {"title": submission.title, "texts": texts, "values": values}


def render(template: bytes, values: dict[str, object]) -> bytes:
    document = DocxTemplate(io.BytesIO(template))
    document.render(values, autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def render_all(data: list[tuple[bytes, dict[str, object]]]) -> None:
    """As its makers advise for many documents: each template is opened once."""
    opened = {template: DocxTemplate(io.BytesIO(template)) for template, _ in data}
    for template, values in data:
        opened[template].render(values, autoescape=True)
        opened[template].save(io.BytesIO())


def program(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True)


BARE_TYPER = """
import typer
app = typer.Typer()
@app.command()
def one() -> None: "One."
@app.command()
def two() -> None: "Two."
app()
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    names = list(REPORT_DATA)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.xlsx" for number in range(count)]
        for number, file in enumerate(files):
            file.write_bytes(build_workbook(report(names[number % len(names)])))

        race(
            f"Reading {count} completed workbooks",
            count,
            {
                "gknb check (read and all rules)": lambda: [CheckJob()(Item(str(file))) for file in files],
                "calamine, plain read": lambda: [calamine_plain(file) for file in files],
                "openpyxl, plain load": lambda: [openpyxl.load_workbook(file) for file in files],
            },
        )
        submissions = [read(file) for file in files]
        year = 2024
        race(
            "Writing Word reports",
            count,
            {
                "gknb report": lambda: [build_report(submission) for submission in submissions],
                "python-docx, bare, same cells": lambda: [bare_python_docx(year) for _ in submissions],
            },
        )
        data = [(docxtpl_template(submission.form), docxtpl_values(submission)) for submission in submissions]
        race(
            "Writing Word reports from a template",
            count,
            {
                "gknb report": lambda: [build_report(submission) for submission in submissions],
                "docxtpl, the same as its template": lambda: [render(*item) for item in data],
                "docxtpl, template opened once": lambda: render_all(data),
            },
        )
        template = build_template(form_for_year(year), year)
        book = openpyxl.load_workbook(io.BytesIO(template))
        cells = [
            [(c.row - 1, c.column - 1, c.value) for row in sheet.iter_rows() for c in row if c.value is not None]
            for sheet in book
        ]
        race(
            f"Writing templates ({sum(map(len, cells))} cells)",
            10,
            {
                "gknb template": lambda: [build_template(form_for_year(year), year) for _ in range(10)],
                "XlsxWriter, bare, same cells": lambda: [bare_xlsxwriter(cells) for _ in range(10)],
            },
        )
        batch = generated(ALIKE_TEXTS, random.Random(1), copied=0.1)
        essences = [essence(submission, "一") for submission in batch]
        start = time.perf_counter()
        pairs = len(list(find_alike([*map(profile, essences)], essences.__getitem__, 0.8)))
        print(f"\nAlike texts: {ALIKE_TEXTS} texts in {time.perf_counter() - start:.1f} s, {pairs} pairs")
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE_TYPER, encoding="utf-8")
        race(
            "Starting (whole process)",
            1,
            {
                "gknb --help": program("-m", "toolkit", "--help"),
                "bare typer program --help": program(str(bare), "--help"),
            },
        )


if __name__ == "__main__":
    main()
