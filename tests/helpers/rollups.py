"""Returns that are added up, and what comes of them."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kit import write
from openpyxl import load_workbook

from toolkit.forms.loader import form_for_year
from toolkit.rollup.sum_table import FIRST_ROW
from toolkit.submission.json_csv import to_data
from toolkit.submission.model import Submission

FORM = form_for_year(2024)
YEAR = 2024
COUNTY = "青河县人民政府"
Say = Callable[..., tuple[int, str]]


def sound(agency: str, rng: random.Random, year: int = YEAR) -> Submission:
    """A return without faults, its figures of any size."""
    form = form_for_year(year)
    values: dict[str, Any] = {}
    for cell in form.filled:
        top = rng.choice((1, 9, 5000))
        money = Decimal(rng.randrange(10**10)).scaleb(-6)
        values[cell.id] = money if cell.kind.name == "money" else rng.randrange(top)
    for column in ("natural", "enterprise", "research", "charity", "legal", "other"):
        values[f"requests.carried_out.{column}"] = 0
        handled = Submission(form, agency, year, values, {}).totals[f"requests.handled.{column}"]
        values[f"requests.carried_in.{column}"] = 0
        values[f"requests.received.{column}"] = handled
    texts = {
        "一": (f"{agency}主动公开方面开展了工作。",),
        "五": ("问题：不够主动。改进措施：加强培训。",),
        "六": ("无",),
    }
    return Submission(form, agency, year, values, texts)


def put(path: Path, *submissions: Submission) -> Path:
    data = [to_data(submission) for submission in submissions]
    return write(path, json.dumps(data, ensure_ascii=False).encode())


def recount(data: Sequence[Mapping[str, Any]]) -> dict[str, Fraction]:
    """The sums of JSON data in another arithmetic."""
    totals: dict[str, Fraction] = {}
    for one in data:
        for cell, value in one["values"].items():
            if value is not None:
                totals[cell] = totals.get(cell, Fraction(0)) + Fraction(value)
    return totals


def figures(submission: Submission) -> dict[str, Fraction]:
    values = to_data(submission)["values"]
    return {cell: Fraction(value) for cell, value in values.items() if value is not None}


def completed(folder: Path) -> Path:
    (path,) = folder.glob("*年度报告.xlsx")
    return path


def table_rows(path: Path, section: str) -> list[list[Any]]:
    """The rows of a sheet of 汇总表.xlsx with figures, as they were saved."""
    sheet = load_workbook(path, data_only=True)[section]
    return [
        [None if cell.value == "" else cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW + 1)
    ]


def linked(target: str) -> str:
    """The path that a link leads to, which Excel writes with the strokes of Windows."""
    return unquote(target).replace("\\", "/")


def refused(gknb_here: Say, *arguments: object, words: Sequence[str]) -> None:
    """Status 1, every word said, nothing written."""
    status, said = gknb_here("rollup", *arguments, "-o", "汇总")
    assert status == 1, said
    for word in words:
        assert word in said, said
    assert "什么都没有写" in said
    assert not Path("汇总").exists()


def three(rng: random.Random | None = None) -> list[Submission]:
    rng = rng or random.Random(3)
    return [sound(name, rng) for name in ("甲县教育局", "甲县民政局", "甲县财政局")]
