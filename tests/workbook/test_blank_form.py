"""The form in the agency's hands: neutral while it is blank, red only for what is wrong, what needs attention first."""

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from kit import report
from openpyxl import Workbook, load_workbook
from site_form import FORM as SITE
from site_form import good

from toolkit.forms.loader import form_for_year
from toolkit.forms.model import Form
from toolkit.submission.model import Submission
from toolkit.workbook.check_lines import LONGEST_FORMULA
from toolkit.workbook.layout import (
    ASKS,
    CHECK_KEY,
    CHECK_LIST_ROW,
    CHECK_SENTENCE,
    CHECK_VERDICT,
    FAILS,
    HOLDS,
    PLEASE_CHOOSE,
    REPEAT_CHECK,
    SELF_CHECK,
    STATUS_ROW,
    TEXTS,
    UNFILLED,
    layout_of,
    text_check,
)
from toolkit.workbook.template import build_template, build_workbook

FORMS = {"2019": form_for_year(2020), "2021": form_for_year(2024), "site": SITE}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
SCREEN = 1366
"""Pixels; a column has 7 for each character and 5 beside, row numbers and scroll bar take about 60."""


def shown(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content), data_only=True)


def verdicts(content: bytes) -> dict[str, str]:
    rows = shown(content)[SELF_CHECK].iter_rows(min_row=5, values_only=True)
    return {str(row[CHECK_KEY]): str(row[CHECK_VERDICT]) for row in rows if row[CHECK_KEY]}


def as_left(form: Form, filled: Submission) -> dict[str, Any]:
    """What the heads of the tables say."""
    book = shown(build_workbook(filled))
    return {section.id: book[section.id].cell(STATUS_ROW + 1, 1).value for section in form.table_sections}


@every_form
def test_a_blank_form_says_how_much_is_to_be_filled_in_and_that_nothing_is_wrong(form: Form) -> None:
    content = build_template(form, 2024 if form is not FORMS["2019"] else 2020, "某局")
    book = shown(content)
    for table in layout_of(form).sheets:
        sheet = book[table.section.id]
        blanks = sum(not form.cells[cell].computed for cell in table.cells)
        assert sheet.cell(STATUS_ROW + 1, 1).value == f"还有 {blanks} 格未填"
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert not [text for text in texts if text.startswith(("×", "√"))]
        if any(form.cells[cell].kind.is_number for cell in table.cells):
            row, column = table.choice
            assert sheet.cell(row + 1, column + 1).value == PLEASE_CHOOSE
    said = verdicts(content)
    assert FAILS not in said.values()
    assert ASKS not in said.values()
    assert [said[text_check(section)] for section in layout_of(form).text_columns] == [UNFILLED] * len(
        layout_of(form).text_columns
    )
    assert said["_agency"] == HOLDS
    assert verdicts(build_template(form, 2024 if form is not FORMS["2019"] else 2020))["_agency"] == UNFILLED


def test_the_choice_is_tinted_until_it_is_made() -> None:
    """And says nothing in a form without blanks."""
    book = load_workbook(io.BytesIO(build_template(FORMS["2021"], 2024)))
    table = layout_of(FORMS["2021"]).sheet("三")
    place = book["三"].cell(table.choice[0] + 1, table.choice[1] + 1).coordinate
    (rule,) = (
        rule.formula[0]
        for area in book["三"].conditional_formatting
        if place in str(area.sqref).split()
        for rule in area.rules
    )
    assert '"是"' in rule
    assert '"否"' in rule
    full = shown(build_workbook(report("suqian-2024")))
    assert full["三"][place].value is None


def test_red_and_blanks_are_said_apart() -> None:
    form, filled = FORMS["2021"], report("suqian-2024")
    cell = "requests.received.natural"
    wrong = {**filled.values, cell: 1}
    assert as_left(form, replace(filled, values=wrong))["三"].startswith("× 本表有 2 项自查不符")
    blank = {**filled.values, cell: None}
    assert as_left(form, replace(filled, values=blank)) == {
        "二": "√ 本表自查全部相符",
        "三": "还有 1 格未填",
        "四": "√ 本表自查全部相符",
    }
    both = {**blank, "requests.received.enterprise": 1}
    assert as_left(form, replace(filled, values=both))["三"] == "× 本表有 1 项自查不符，详见「自查」；还有 1 格未填"


def test_blanks_are_called_blanks_and_not_zeros() -> None:
    filled = report("suqian-2024")
    content = build_workbook(replace(filled, values={**filled.values, "requests.carried_out.natural": None}))
    rows = {row[CHECK_KEY]: row for row in shown(content)[SELF_CHECK].iter_rows(min_row=5, values_only=True)}
    line = rows["requests-balance.natural"]
    assert line[CHECK_VERDICT] == UNFILLED
    assert str(line[CHECK_SENTENCE]).endswith("（有 1 格空白，暂按 0 算）")
    assert "空白" not in str(rows["requests-balance.enterprise"][CHECK_SENTENCE])


def test_what_needs_attention_stands_first() -> None:
    filled = report("suqian-2024")
    values = {**filled.values, "requests.received.natural": 1, "fees.fees.amount": None}
    content = build_workbook(replace(filled, values=values, texts={**filled.texts, "六": ()}))
    sheet = shown(content)[SELF_CHECK]
    assert sheet.cell(2, 1).value == "× 共 53 项，其中 2 项不符，2 项未填完"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=CHECK_LIST_ROW, max_row=CHECK_LIST_ROW + 8)]
    assert rows[0][0] == "先看这些"
    listed = [(row[1], row[2], row[CHECK_VERDICT], row[9]) for row in rows[1:] if row[1]]
    assert listed == [
        ("三", "自然人列", FAILS, "三!D7"),
        ("三", "总计列", FAILS, "三!J7"),
        ("二", "全表", UNFILLED, "二!B6"),
        ("文字", "六、其他需要报告的事项", UNFILLED, "文字!C5"),
    ]
    assert shown(build_workbook(filled))[SELF_CHECK].cell(CHECK_LIST_ROW, 1).value == "没有要改、要填的"


@every_form
def test_what_can_only_fail_with_a_broken_formula_is_folded(form: Form) -> None:
    layout = layout_of(form)
    sheet = load_workbook(io.BytesIO(build_template(form, 2024 if form is not FORMS["2019"] else 2020)))[SELF_CHECK]
    defining = {case.id for case in form.cases if case.relation.defines}
    for key, row in layout.check_rows.items():
        dimension = sheet.row_dimensions[row + 1]
        assert (bool(dimension.outlineLevel), bool(dimension.hidden)) == (key in defining, key in defining), key
    assert f"共 {len(defining)} 项" in sheet.cell(layout.fold_row + 1, 1).value
    assert not sheet.sheet_properties.outlinePr.summaryBelow


def test_six_copies_of_a_paragraph_are_remarked_on() -> None:
    filled = report("suqian-2024")
    texts = filled.texts
    first, other = texts["一"][0], texts["一"][1]
    cases = {
        "as it is": (texts, HOLDS),
        "five": ({**texts, "一": (first, *[other] * 5)}, HOLDS),
        "six": ({**texts, "一": (first, *[other] * 6)}, ASKS),
        "the whole text": ({**texts, "一": texts["一"] * 6}, ASKS),
        "in all parts": (dict.fromkeys(texts, (first, first)), ASKS),
    }
    found = {
        name: verdicts(build_workbook(replace(filled, texts=given)))[REPEAT_CHECK] for name, (given, _) in cases.items()
    }
    assert found == {name: verdict for name, (_, verdict) in cases.items()}


def test_the_texts_fit_on_a_screen_and_their_rows_grow() -> None:
    filled = report("suqian-2024")
    for content in (build_template(FORMS["2021"], 2024), build_workbook(filled)):
        sheet = load_workbook(io.BytesIO(content))[TEXTS]
        widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
        assert sum(7 * width + 5 for width in widths) + 60 < SCREEN
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    with zipfile.ZipFile(io.BytesIO(build_workbook(filled))) as archive:
        xml = archive.read("xl/worksheets/sheet6.xml").decode()
    rows = dict(re.findall(r'<row r="(\d+)"([^>]*)>', xml))
    assert "ht=" in rows["5"]
    assert "customHeight" not in rows["5"], "the height is that of the text now, and programs fit it to a new one"
    assert "customHeight" in rows["3"]


def test_a_very_long_paragraph_is_not_clipped() -> None:
    """No row can be higher than 409 points, so the column gets wider."""
    content = build_workbook(replace(report("suqian-2024"), texts={"一": ("长" * 1500,), "五": ("短",)}))
    sheet = load_workbook(io.BytesIO(content))[TEXTS]
    assert sheet.row_dimensions[5].height < 409
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width


@every_form
def test_no_formula_is_too_long_or_new(form: Form) -> None:
    """What Excel 2010, WPS, LibreOffice and others know, and nothing that is computed anew all the time."""
    book = load_workbook(io.BytesIO(build_template(form, 2024 if form is not FORMS["2019"] else 2020)))
    used = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    text = str(getattr(cell.value, "text", cell.value))
                    assert len(text) <= LONGEST_FORMULA
                    used |= set(re.findall(r"[A-Z]+(?=\()", re.sub('"[^"]*"', "", text)))
    known = (
        "ABS CHAR COUNT COUNTIF COUNTIFS IF IFERROR INDEX INT ISERROR ISNUMBER LEN MATCH MAX ROUND SUBSTITUTE SUM TRIM"
    )
    assert used <= set(known.split())


def test_a_soft_relation_is_yellow_and_asks() -> None:
    book = shown(build_workbook(good(posts__actual__news=1)))
    status = book["情况"].cell(STATUS_ROW + 1, 1).value
    assert status == "还有 1 项请核实，详见「自查」"
