"""What the hostile files may do: nothing. See `corpus.py` for the files and `run.py` for what is watched."""

import re
from pathlib import Path

import pytest
from hostile_files import GOOD
from kit import read
from packages import parts_of
from run import Run, faults, run_all, table

from toolkit.problems import CAUSES

pytestmark = pytest.mark.hostile


def test_all_commands_over_all_of_them(tmp_path: Path) -> None:
    """One test, as the run takes its time: nothing outside, no traceback, good ones served, nothing carried over."""
    run = run_all(tmp_path / "foreign")
    assert len(run.hostile) >= 60
    print(table(run))
    assert not faults(run)
    assert {cause for file in run.hostile if file.status == "unreadable" for cause in file.ids} <= set(CAUSES)
    assert_good_ones_are_served(run)
    assert_nothing_is_carried_over(run)


def assert_good_ones_are_served(run: Run) -> None:
    work = run.folder / "工作"
    for number in range(1, GOOD + 1):
        agency = f"第{number}局"
        assert (work / "报告" / f"{agency}2024年政府信息公开工作年度报告.docx").exists()
        assert read(work / "导入" / f"{agency}.xlsx").agency == agency
        assert agency in (work / "数据.csv").read_text(encoding="utf-8-sig")
    (summed,) = (work / "汇总").glob("*报告.xlsx")
    total = read(summed)
    assert {f"第{number}局" for number in range(1, GOOD + 1)} <= set(total.parts)


def assert_nothing_is_carried_over(run: Run) -> None:
    """Neither macros nor links nor objects of a returned file stand in what was written, and no text is a formula."""
    for file in (run.folder / "工作").rglob("*.xlsx"):
        parts = parts_of(file.read_bytes())
        assert not [part for part in parts if re.search("vba|external|embed|tables|custom", part, re.I)], file
        told = re.compile(rb"<(?:f|[a-zA-Z]*[fF]ormula[12]?)[ >][^<]*")
        formulas = [formula for content in parts.values() for formula in told.findall(content)]
        assert formulas or "填好的表" not in file.name
        assert not [one for one in formulas if re.search(rb"cmd|http|WEBSERVICE|10\.0\.0\.9|\[1\]", one)], file
    for page in (run.folder / "工作").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
