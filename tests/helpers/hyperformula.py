"""HyperFormula as an independent judge: what stands in the cells of a workbook goes to it as data, without results, and
it gives back what every cell comes to.

It is an npm package and is looked for where NODE_PATH says and among the packages that were installed for everybody.
"""

import datetime
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula

_SCRIPT = """
const { HyperFormula } = require('hyperformula')
const books = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const shown = value => (value && typeof value === 'object' ? value.value : value)
const results = books.map(book => {
  const engine = HyperFormula.buildFromSheets(book, { licenseKey: 'gpl-v3' })
  return Object.fromEntries(Object.keys(book).map(name => [
    name, engine.getSheetValues(engine.getSheetId(name)).map(row => row.map(shown)),
  ]))
})
process.stdout.write(JSON.stringify(results))
"""


@cache
def _environment() -> dict[str, str] | None:
    """The environment in which node finds the package, None where it does not."""
    if not shutil.which("node"):
        return None
    places = [os.environ.get("NODE_PATH", "")]
    if npm := shutil.which("npm"):
        asked = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False, timeout=60)
        places.append(asked.stdout.strip())
    environment = {**os.environ, "NODE_PATH": os.pathsep.join(filter(None, places))}
    tried = subprocess.run(
        ["node", "-e", "require.resolve('hyperformula')"], env=environment, capture_output=True, check=False, timeout=60
    )
    return None if tried.returncode else environment


def found() -> str | None:
    """Where node looks for it, None where it is not installed."""
    environment = _environment()
    return environment and (environment["NODE_PATH"] or "node")


def evaluate(files: Sequence[Path]) -> list[dict[str, list[list[Any]]]]:
    """What every cell of each workbook comes to, by sheet, row and column; an error value as a text (``#VALUE!``)."""
    books = json.dumps([_contents(file) for file in files])
    done = subprocess.run(
        ["node", "-e", _SCRIPT],
        input=books,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    results: list[dict[str, list[list[Any]]]] = json.loads(done.stdout)
    for rows in (rows for book in results for rows in book.values()):
        width = max(map(len, rows), default=0)
        rows[:] = [row + [None] * (width - len(row)) for row in rows]
    return results


def _contents(file: Path) -> dict[str, list[list[Any]]]:
    sheets = load_workbook(file).worksheets
    return {sheet.title: [[_content(cell) for cell in row] for row in sheet.iter_rows()] for sheet in sheets}


def _content(cell: Any) -> Any:
    """What is typed into a cell so that it holds this: a text gets a mark in front, or it might be read as a number."""
    value = cell.value
    if isinstance(value, ArrayFormula):
        return f"=ARRAYFORMULA({str(value.text).removeprefix('=')})"
    if isinstance(value, datetime.date):
        return to_excel(value)
    return f"'{value}" if isinstance(value, str) and cell.data_type not in ("f", "e") else value
