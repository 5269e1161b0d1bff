"""The points of a review (审核要点): every rule on which an agency can act, and what it is to do."""

import re
from pathlib import Path

import pytest
from kit import write
from office import convert
from validator import assert_valid

from toolkit.checks.registry import GENERAL_RULES, form_rules
from toolkit.checks.review_points import TITLE, review_points_page
from toolkit.forms.loader import bundled_forms, form_for_year
from toolkit.reports.markdown_page import build_page

PAGE = review_points_page(bundled_forms())
POINTS = [part.splitlines() for part in re.split(r"^### ", PAGE, flags=re.M)[1:]]
SILENT = {
    *("table-missing", "rows-missing", "row-twice", "row-by-order", "row-unknown", "text-unknown", "report-remark"),
    *("unreadable", "no-report-of-last-year", "known-by-other-name", "template-genuine", "signature-unchecked"),
    *("changed-unasked", "text-file-unread"),
}
"""Rules that ask an agency for nothing: they tell the office what was read, and what it compared."""


def test_every_rule_that_asks_for_something_is_a_point() -> None:
    rules = {rule.id: rule for rule in (*GENERAL_RULES, *(one for form in bundled_forms() for one in form_rules(form)))}
    heads = {lines[0].partition("（")[0] for lines in POINTS}
    assert {rule.title.partition("（")[0] for name, rule in rules.items() if name not in SILENT} == heads


@pytest.mark.parametrize("lines", POINTS, ids=[lines[0] for lines in POINTS])
def test_a_point_says_what_is_asked_why_an_example_and_what_to_do(lines: list[str]) -> None:
    asked = [line.partition("：")[0] for line in lines[2:] if line.startswith("- ")]
    assert asked == ["- 要求", "- 依据", "- 例", "- 怎么办"]
    (deed,) = (line for line in lines if line.startswith("- 怎么办"))
    assert re.search("(?<!申)请", deed)
    assert re.search("[。）]$", deed)


def test_a_form_has_its_own_rules() -> None:
    """What only another edition asks is not said to an agency."""
    assert "格式 2019" not in review_points_page([form_for_year(2024)])


@pytest.mark.validator
@pytest.mark.libreoffice
def test_the_document_is_valid_and_no_line_of_the_page_is_lost(tmp_path: Path) -> None:
    pdfplumber = pytest.importorskip("pdfplumber")
    path = write(tmp_path / "要点.docx", build_page(PAGE, TITLE, "review-points"))
    assert_valid(path)
    convert([path], tmp_path / "foreign", "pdf")
    with pdfplumber.open(tmp_path / "foreign" / "要点.pdf") as pdf:
        printed = "".join("".join((page.extract_text() or "").split()) for page in pdf.pages)
    for lines in POINTS:
        assert "".join(lines[0].split()) in re.sub(r"—\d+—", "", printed), lines[0]
