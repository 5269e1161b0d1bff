"""What an agency writes to reminders (说明), in 自查 and in the annotated copy that it sends back, is read letter for
letter, whatever program saved the file."""

import io
import json
import random
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import LOOKUP, report, write
from office import convert, recalculate
from openpyxl import Workbook, load_workbook
from site_form import FORM as SITE
from site_form import LOOKUP as SITE_LOOKUP
from site_form import good
from wrong_report import WRONG

from toolkit.characters import without_forbidden
from toolkit.checks.integrity import integrity_findings
from toolkit.checks.review import check
from toolkit.files.admit import admit
from toolkit.forms.loader import FormLookup, form_for_year
from toolkit.problems import Unreadable
from toolkit.submission.json_csv import read_data_bytes, to_data
from toolkit.submission.model import Explanation, Submission
from toolkit.workbook.annotate import Remark, annotate_workbook
from toolkit.workbook.layout import (
    ASKS,
    CHECK_EXPLANATION,
    CHECK_KEY,
    CHECK_VERDICT,
    EXPLAINED,
    EXPLANATION,
    NUMBER,
    REVIEW,
    SELF_CHECK,
    layout_of,
)
from toolkit.workbook.reader import read_admitted, read_workbook, read_workbook_bytes
from toolkit.workbook.template import build_template, build_workbook

TEXTS = (
    "因机构改革，某局的 3 件文件划入本机关。",
    "  前后有空格  ",
    "第一行\n第二行\n\n第四行",
    "=1+1",
    "'带撇号",
    "@x+y-z",
    "_x0041_ 甲_x005F_",
    "<b>&amp; “引号”",
    "𬀩🏫",
    "123",
    "0.50",
    "是",
    "#N/A",
    "长" * 5000,
)
NUMBER_OF_REMARK = "{:012x}".format


def edited(content: bytes, work: Callable[[Workbook], object]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    work(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def typed(sheet: Any, place: str, text: object) -> None:
    """Type into a cell as a person does into one that takes text: nothing becomes a formula, and what looks like a code
    for a character is written so that it is none."""
    sheet[place].value = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text) if isinstance(text, str) else text
    if isinstance(text, str):
        sheet[place].data_type = "s"


def found_in(content: bytes, lookup: FormLookup = LOOKUP) -> list[tuple[str, str]]:
    return [(found.about, found.text) for found in read_workbook_bytes(content, lookup).explanations]


def copy_with(texts: Sequence[str]) -> bytes:
    """An annotated copy in which each reminder has been explained by one of the texts."""
    remarks = [Remark("warning", f"第 {n} 条", ("三!D9",), NUMBER_OF_REMARK(n)) for n in range(len(texts))]
    content = annotate_workbook(build_workbook(report("suqian-2024")), "甲局", remarks)

    def work(book: Workbook) -> None:
        for row, text in enumerate(texts, 5):
            typed(book[REVIEW], f"F{row}", text)

    return edited(content, work)


def numbered(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(NUMBER_OF_REMARK(n), text) for n, text in enumerate(texts)]


def lines_of(content: bytes) -> dict[str, list[Any]]:
    """The lines of 自查 by their key, as they stand there."""
    book = load_workbook(io.BytesIO(content), data_only=True)
    rows = [list(row) for row in book[SELF_CHECK].iter_rows(min_row=5)]
    return {str(row[CHECK_KEY].value): row for row in rows if row[CHECK_KEY].value}


@pytest.mark.libreoffice
def test_what_was_typed_comes_back_through_libreoffice(tmp_path: Path) -> None:
    """In 审核意见 and in 自查; as a workbook, an old workbook (.xls) and an .ods file."""
    rng = random.Random(5)
    alphabet = [chr(code) for code in (*range(32, 127), *range(0x4E00, 0x4E40), 0x3000, 0xA0, 0x1F3EB, 10)]
    drawn = ["".join(rng.choices(alphabet, k=rng.randint(1, 60))) for _ in range(40)]
    texts = [*TEXTS, *(text for text in drawn if text.strip())]
    prior = report("suqian-2023")
    template = build_template(form_for_year(2024), 2024, "甲局", prior=prior)
    soft = [key for key, row in lines_of(template).items() if not row[CHECK_EXPLANATION].protection.locked]
    assert soft == ["effective-last-year.regulations", "effective-last-year.normative"]

    def work(book: Workbook) -> None:
        for key, text in zip(soft, ("甲\n乙 ", "=A1"), strict=True):
            typed(book[SELF_CHECK], lines_of(template)[key][CHECK_EXPLANATION].coordinate, text)

    foreign = tmp_path / "foreign"
    review = write(foreign / "审核.xlsx", copy_with(texts))
    own = write(foreign / "自查.xlsx", edited(template, work))
    saved = recalculate([review, own], foreign / "saved")
    for files in ([review, own], saved):
        assert found_in(files[0].read_bytes()) == numbered(texts)
        assert found_in(files[1].read_bytes()) == list(zip(soft, ("甲\n乙 ", "=A1"), strict=True))
    kinds = {met.rule for file in saved for met in integrity_findings(read_workbook(file, LOOKUP))}
    assert kinds == set()
    for extension, kind in (("ods", "ods:calc8"), ("xls", "xls:MS Excel 97")):
        convert(saved, foreign / extension, kind)
        for file, wanted in zip(
            saved, (dict(numbered(TEXTS)), dict(zip(soft, ("甲\n乙 ", "=A1"), strict=True))), strict=True
        ):
            there = read_admitted(admit((foreign / extension / f"{file.stem}.{extension}").read_bytes()), LOOKUP)
            got = {found.about: found.text for found in there.explanations}
            assert {key: got[key] for key in wanted} == wanted, extension


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\r"), max_size=80), min_size=1, max_size=30))
def test_any_explanation_is_given_back_in_the_next_copy_and_read_again(texts: list[str]) -> None:
    texts = [without_forbidden(text) for text in texts]
    remarks = [
        Remark("warning", "请核实。", ("三!D9",), NUMBER_OF_REMARK(n), explanation=text) for n, text in enumerate(texts)
    ]
    copy = annotate_workbook(build_workbook(report("suqian-2024")), "甲局", remarks)
    assert found_in(copy) == [(number, text) for number, text in numbered(texts) if text.strip()]


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200).filter(lambda text: without_forbidden(text).strip()))
def test_any_explanation_survives_json_and_the_workbook_that_is_made_of_it(text: str) -> None:
    text = without_forbidden(text).replace("\r", "")
    key = "posts-done.total"
    made = replace(good(), explanations=(Explanation(key, text), Explanation("0123456789ab", text)))
    data = json.loads(json.dumps(to_data(made)))
    assert data["explanations"] == [{"about": key, "text": text}, {"about": "0123456789ab", "text": text}]
    (again,) = read_data_bytes(json.dumps(data).encode(), SITE_LOOKUP)
    assert again.explanations == made.explanations
    if text.strip():
        assert found_in(build_workbook(again), SITE_LOOKUP) == [(key, text)], "it is written where its line is"


def test_without_explanations_the_data_are_as_before() -> None:
    assert "explanations" not in to_data(good())


@pytest.mark.parametrize(
    "wrong",
    ["无", [1], [{"about": "a"}], [{"about": "a", "text": 1}], [{"about": "a", "text": "b", "c": "d"}], {"about": "a"}],
)
def test_explanations_of_another_shape_are_told(wrong: object) -> None:
    data = json.dumps({**to_data(good()), "explanations": wrong}).encode()
    with pytest.raises(Unreadable, match="explanations"):
        read_data_bytes(data, SITE_LOOKUP)
    long = [{"about": "a", "text": "长" * 32_768}]
    with pytest.raises(Unreadable, match="最多 32767 字"):
        read_data_bytes(json.dumps({**to_data(good()), "explanations": long}).encode(), SITE_LOOKUP)


def test_an_explanation_as_long_as_a_cell_can_hold_is_not_cut() -> None:
    text = "长" * 32_767
    remark = Remark("warning", "请核实。", ("三!D9",), NUMBER_OF_REMARK(1), explanation=text)
    assert found_in(annotate_workbook(build_workbook(report("suqian-2024")), "甲局", [remark])) == [
        (NUMBER_OF_REMARK(1), text)
    ]
    made = replace(good(), explanations=(Explanation("posts-done.total", text),))
    assert found_in(build_workbook(made), SITE_LOOKUP) == [("posts-done.total", text)]


def wrong_copy(**changes: Any) -> bytes:
    content = build_workbook(WRONG)
    remarks = [
        Remark(found.severity, found.message, found.at, found.fingerprint, **changes)
        for found in check(read_workbook_bytes(content, LOOKUP))
    ]
    return annotate_workbook(content, "宿迁市人民政府", remarks)


def test_only_reminders_can_be_explained_in_the_copy() -> None:
    """The column is open and tinted for them, with words what to write; every row has the number of its finding."""
    sheet = load_workbook(io.BytesIO(wrong_copy()))[REVIEW]
    head = [cell.value for cell in sheet[4]]
    assert head == ["序号", "轻重", "位置", "问题和修改意见", "查看", EXPLANATION, NUMBER]
    rows = list(sheet.iter_rows(min_row=5))
    assert {row[1].value for row in rows} == {"错误", "提醒"}
    for row in rows:
        is_reminder = row[1].value == "提醒"
        assert row[5].protection.locked is not is_reminder
        assert (row[5].fill.fgColor.rgb == "FFFFF8D6") is is_reminder
        assert len(row[6].value) >= 12
    (prompt,) = sheet.data_validations.dataValidation
    assert "写明原因" in prompt.prompt
    assert {str(area) for area in prompt.sqref.ranges} <= {row[5].coordinate for row in rows}
    assert sheet.protection.sheet


def test_a_copy_shows_what_was_said_before_and_how_things_stand() -> None:
    remarks = [
        Remark("warning", "请核实甲。", ("三!D9",), NUMBER_OF_REMARK(1), "确属实情。", "与文字不一致", "未改"),
        Remark("error", "请更正乙。", ("三!D10",), NUMBER_OF_REMARK(2), status="新出现"),
    ]
    changes = ("表三某格（三!D9）：由 3 改为 4。", "=1+1")
    copy = annotate_workbook(build_workbook(report("suqian-2024")), "甲局", remarks, changes=changes)
    sheet = load_workbook(io.BytesIO(copy))[REVIEW]
    head = [cell.value for cell in sheet[4]]
    assert head == ["序号", "轻重", "位置", "问题和修改意见", "查看", "与上次相比", EXPLANATION, NUMBER]
    first, second = ([cell.value for cell in sheet[row]] for row in (5, 6))
    assert first[3] == "请核实甲。\n你单位的说明没有接受：与文字不一致。请改正，或另行说明。"
    assert (first[5], first[6], second[5], second[6]) == ("未改", "确属实情。", "新出现", None)
    below = [sheet.cell(row, 1).value for row in range(7, 11)]
    assert below == [None, "与上次相比改动的数", *changes]
    assert sheet["A10"].data_type == "s"
    assert found_in(copy) == [(NUMBER_OF_REMARK(1), "确属实情。")]


def test_a_copy_that_comes_back_is_the_return() -> None:
    """With everything that was written on 审核意见, it reads as the file itself, and the sheet disturbs nothing."""
    content = build_workbook(WRONG)
    mine = read_workbook_bytes(content, LOOKUP)

    def work(book: Workbook) -> None:
        for row in book[REVIEW].iter_rows(min_row=5):
            typed(book[REVIEW], row[5].coordinate, "已核实。\n表二、表三都对。")
        book[REVIEW]["K30"] = "我们写在这里"

    theirs = read_workbook_bytes(edited(wrong_copy(), work), LOOKUP)
    assert theirs.explanations
    assert replace(theirs, explanations=()) == mine
    assert check(replace(theirs, explanations=())) == check(mine)
    own = {found.fingerprint for found in check(mine)}
    told = [found for found in check(theirs) if found.fingerprint not in own]
    assert {found.rule for found in told} == {"explanation-without-reason"}, "one sentence for everything"
    assert {found.because for found in told} <= own


def test_moved_columns_and_a_renamed_sheet_are_found_by_their_headers() -> None:
    texts = TEXTS[:4]

    def work(book: Workbook) -> None:
        sheet = book[REVIEW]
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
        sheet.insert_cols(2)
        sheet.insert_rows(1, 3)
        sheet.move_range("G1:G30", cols=6)
        sheet.title = "意见（已答复）"

    moved = edited(copy_with(texts), work)
    assert found_in(moved) == numbered(texts)
    assert [met.rule for met in integrity_findings(read_workbook_bytes(moved, LOOKUP))] == []
    again = load_workbook(io.BytesIO(annotate_workbook(moved, "甲局", [])))
    assert "意见（已答复）" not in again.sheetnames, "nothing stays of the earlier review"

    def copied(book: Workbook) -> None:
        book.copy_worksheet(book[REVIEW]).title = "另一张"

    both = read_workbook_bytes(edited(copy_with(texts), copied), LOOKUP)
    assert [(found.about, found.text) for found in both.explanations] == numbered(texts)
    assert [met.rule for met in integrity_findings(both)] == ["sheet-added"]


def test_what_stands_beside_nothing_is_told() -> None:
    """Somebody took the protection off and wrote beside a row without a number."""

    def work(book: Workbook) -> None:
        book[REVIEW]["G6"] = "坏了"
        sheet = book[SELF_CHECK]
        sheet.unmerge_cells("A14:K14")
        sheet["K14"] = "写在标题旁边"

    submission = read_workbook_bytes(edited(copy_with(TEXTS[:3]), work), LOOKUP)
    assert [found.about for found in submission.explanations] == [NUMBER_OF_REMARK(0), NUMBER_OF_REMARK(2)]
    told = [met for met in submission.irregularities if met.kind == "outside-form"]
    assert [(met.place, met.found) for met in told] == [
        (f"{SELF_CHECK}!K14", "写在标题旁边"),
        (f"{REVIEW}!F6", TEXTS[1]),
    ]


def test_a_formula_is_read_as_what_it_shows_or_says() -> None:
    def work(book: Workbook) -> None:
        book[REVIEW]["F5"] = "=A5+1"
        book[REVIEW]["F6"] = '=HYPERLINK("http://a","b")'
        book[REVIEW]["F7"] = 12

    assert found_in(edited(copy_with(TEXTS[:3]), work)) == numbered(["=A5+1", '=HYPERLINK("http://a","b")', "12"])


def test_a_sheet_that_cannot_be_read_keeps_nothing_else_from_being_read() -> None:
    def work(book: Workbook) -> None:
        book[REVIEW]["XFD1048576"] = "x"

    submission = read_workbook_bytes(edited(copy_with(TEXTS[:3]), work), LOOKUP)
    assert submission.values == report("suqian-2024").values
    assert [met.place for met in submission.irregularities if met.kind == "outside-form"] == [f"{REVIEW}!A1"]


def test_a_soft_line_asks_until_it_is_explained() -> None:
    """In the form of one's own with a soft relation: it asks until it is explained. Errors have no cell."""
    broken = good(posts__actual__news=1)
    key = "posts-done.total"
    for explanations, verdict in (((), ASKS), ((Explanation(key, "年中机构撤并。"),), EXPLAINED)):
        content = build_workbook(replace(broken, explanations=explanations))
        lines = lines_of(content)
        assert lines[key][CHECK_VERDICT].value == verdict
        unlocked = [name for name, row in lines.items() if not row[CHECK_EXPLANATION].protection.locked]
        assert unlocked == [key]
        submission = read_workbook_bytes(content, SITE_LOOKUP)
        assert [(found.about, found.text) for found in submission.explanations] == [
            (found.about, found.text) for found in explanations
        ]
        assert all(
            found.place == f"{SELF_CHECK}!{lines[key][CHECK_EXPLANATION].coordinate}"
            for found in submission.explanations
        )
    assert layout_of(SITE).check_rows[key] < layout_of(SITE).check_rows["spent-within-budget"]


@pytest.mark.validator
def test_workbooks_with_explanations_are_valid(tmp_path: Path) -> None:
    explained: Submission = replace(
        good(posts__actual__news=1), explanations=(Explanation("posts-done.total", "甲\n乙"),)
    )
    prior = report("suqian-2023")
    made = {
        "own": build_workbook(explained),
        "prior": build_template(form_for_year(2024), 2024, "甲局", prior=prior),
        "copy": wrong_copy(explanation="甲\n乙", refusal="丙", status="未改"),
    }
    for name, content in made.items():
        path = write(tmp_path / f"{name}.xlsx", content)
        verdict = subprocess.run(
            ["ooxml-validator", str(path)], capture_output=True, text=True, check=False, timeout=120
        )
        assert verdict.returncode == 0, verdict.stdout[:2000]
