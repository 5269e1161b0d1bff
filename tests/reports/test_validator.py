"""Microsoft's Open XML SDK validator finds nothing in what we write: Excel and Word open it without repair.

CI holds every workbook and document of the whole test run to the same validator; here is one of each kind.
"""

import json
from pathlib import Path

import pytest
from kit import report, submission_of, write
from validator import assert_valid

from toolkit.forms.loader import form_for_year
from toolkit.reports.word_report import build_report
from toolkit.submission.json_csv import to_data
from toolkit.workbook.template import build_template, build_workbook

pytestmark = pytest.mark.validator


@pytest.mark.parametrize("year", [2020, 2024])
def test_templates(year: int, tmp_path: Path) -> None:
    assert_valid(write(tmp_path / "t.xlsx", build_template(form_for_year(year), year, "某<机关>&“甲”", "pass-1")))


def test_workbooks_and_reports_of_real_reports(report_path: Path, tmp_path: Path) -> None:
    submission = submission_of(report_path)
    assert_valid(write(tmp_path / "w.xlsx", build_workbook(submission)))
    assert_valid(write(tmp_path / "r.docx", build_report(submission)))


def test_odd_texts_and_figures(tmp_path: Path) -> None:
    data = to_data(report("suqian-2024"))
    data["agency"] = "甲<b>&\x01“乙”𬀩🏫" + "长" * 200
    data["texts"]["一"] = ["=1+1", "a\tb", "<w:p/>", "控制\x02字符", "_x0041_", " 前后空格 ", "x" * 30_000]
    data["values"]["requests.granted.natural"] = "<b>12件</b>"
    data["values"]["requests.granted.total"] = 7
    source = tmp_path / "in.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    submission = submission_of(source)
    assert_valid(write(tmp_path / "w.xlsx", build_workbook(submission)))
    assert_valid(write(tmp_path / "r.docx", build_report(submission)))
