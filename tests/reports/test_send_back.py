"""What goes back to an agency: the annotated copy shows every finding where it is, the note is ready to send."""

import io
import re
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Gknb, assert_refused
from docx import Document
from kit import LOOKUP, read, write
from office import recalculate
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook
from wrong_report import SOURCE, WRONG

from toolkit.checks.review import check
from toolkit.problems import Unreadable
from toolkit.reports.notice import NoticeFrame, NoticeItem, build_notice
from toolkit.workbook.annotate import FILLS, Remark, annotate_workbook
from toolkit.workbook.layout import IDENTITY, REVIEW
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook


def remarks_of(content: bytes) -> list[Remark]:
    submission = read_workbook_bytes(content, LOOKUP)
    return [Remark(found.severity, found.message, found.at) for found in check(submission)]


def annotated(content: bytes) -> bytes:
    return annotate_workbook(content, "宿迁市人民政府 2024 年填报表审核意见", remarks_of(content))


def values(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def assert_annotated(content: bytes, remarks: list[Remark]) -> None:
    """Every place of every finding is coloured and has the message in its note; 审核意见 lists and links them all."""
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames[0] == REVIEW
    assert book.active.title == REVIEW
    rows = [list(row) for row in book[REVIEW].iter_rows(min_row=5)]
    assert [row[3].value for row in rows] == [remark.message for remark in remarks]
    for remark, row in zip(remarks, rows, strict=True):
        sheet, _, address = remark.places[0].partition("!")
        assert row[4].hyperlink.location.replace("'", "").replace("$", "").endswith(f"{sheet}!{address}")
        for place in remark.places:
            sheet, _, address = place.partition("!")
            cell = book[sheet][address]
            assert remark.message in cell.comment.text
            said = {other.severity for other in remarks if place in other.places}
            assert cell.fill.fgColor.rgb == FILLS[min(said, key=list(FILLS).index)]


def test_every_finding_is_shown_where_it_is() -> None:
    content = build_workbook(WRONG)
    remarks = remarks_of(content)
    assert len(remarks) > 3
    assert_annotated(annotated(content), remarks)


def test_the_copy_reads_as_the_file_itself_and_shows_its_numbers_without_calculation() -> None:
    content = build_workbook(WRONG)
    copy = annotated(content)
    mine, theirs = read_workbook_bytes(content, LOOKUP), read_workbook_bytes(copy, LOOKUP)
    assert (mine.values, mine.shown, mine.texts, mine.agency) == (
        theirs.values,
        theirs.shown,
        theirs.texts,
        theirs.agency,
    )
    before, after = values(content), values(copy)
    del after[REVIEW]
    assert after == before


@pytest.mark.parametrize("password", ["", "geheim1"])
def test_protection_stays_as_it_was(password: str) -> None:
    content = build_workbook(WRONG, password)
    before, after = (load_workbook(io.BytesIO(book)) for book in (content, annotated(content)))
    assert after.security.lockStructure
    assert after.security.workbookPassword == before.security.workbookPassword
    assert after[IDENTITY].sheet_state == "veryHidden"
    for sheet in before.worksheets:
        there = after[sheet.title].protection
        assert (there.sheet, there.password) == (True, sheet.protection.password)
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.protection.locked == after[sheet.title][cell.coordinate].protection.locked
    assert after[REVIEW].protection.sheet
    unlocked = load_workbook(io.BytesIO(content))
    unlocked["三"].protection.sheet = False
    out = io.BytesIO()
    unlocked.save(out)
    assert not load_workbook(io.BytesIO(annotated(out.getvalue())))["三"].protection.sheet


def test_checks_and_prompts_of_the_template_stay() -> None:
    content = build_workbook(WRONG)
    before, after = (load_workbook(io.BytesIO(book)) for book in (content, annotated(content)))
    for sheet in before.worksheets:
        there = after[sheet.title]
        assert there.freeze_panes == sheet.freeze_panes
        assert there.merged_cells.ranges == sheet.merged_cells.ranges
        assert len(there.data_validations.dataValidation) == len(sheet.data_validations.dataValidation)
        assert [rule for rule in rules_of(there) if rule[1] != ["TRUE"]] == rules_of(sheet)


def rules_of(sheet: Worksheet) -> list[tuple[str, list[str]]]:
    """The colour rules of a sheet, the one that wins first."""
    rules = [
        (rule.priority, str(area.sqref), rule.formula) for area in sheet.conditional_formatting for rule in area.rules
    ]
    return [(area, formula) for _, area, formula in sorted(rules)]


@pytest.mark.slow
def test_no_text_becomes_a_formula_and_many_findings_are_no_trouble() -> None:
    content = build_workbook(SOURCE)
    remarks = [Remark("warning", f"=1+{number}\x01 长{'长' * (number % 900)}", ("三!D7",)) for number in range(5000)]
    copy = annotate_workbook(content, "=cmd()", [Remark("info", "@x"), *remarks])
    book = load_workbook(io.BytesIO(copy))
    assert "f" not in {cell.data_type for row in book[REVIEW].iter_rows() for cell in row}
    assert book[REVIEW].max_row == 5005
    assert "其余见" in book["三"]["D7"].comment.text
    assert book["三"]["D7"].fill.fgColor.rgb == FILLS["warning"]


def test_it_speaks_of_links_only_where_there_is_one() -> None:
    content = build_workbook(SOURCE)
    for places, linked in ((("三!D7",), True), ((), False), (("甲!D7",), False)):
        sheet = load_workbook(io.BytesIO(annotate_workbook(content, "甲局", [Remark("error", "乙", places)])))[REVIEW]
        assert ("查看" in str(sheet["A3"].value)) == linked == (sheet["E5"].hyperlink is not None)


def test_an_earlier_review_is_replaced_and_a_note_of_the_agency_is_kept() -> None:
    twice = annotated(annotated(build_workbook(WRONG)))
    assert load_workbook(io.BytesIO(twice)).sheetnames.count(REVIEW) == 1
    book = load_workbook(io.BytesIO(build_workbook(WRONG)))
    from openpyxl.comments import Comment

    book["三"]["E9"].comment = Comment("已与业务科核对", "张三")
    out = io.BytesIO()
    book.save(out)
    assert "原有批注：已与业务科核对" in load_workbook(io.BytesIO(annotated(out.getvalue())))["三"]["E9"].comment.text


def test_a_file_that_cannot_be_opened_is_refused() -> None:
    with pytest.raises(Unreadable):
        annotate_workbook(b"PK\x03\x04 broken", "x", [])


@pytest.mark.libreoffice
@pytest.mark.validator
def test_libreoffice_and_the_validator_open_it(tmp_path: Path) -> None:
    """Also a copy of a workbook that LibreOffice saved before."""
    ours = write(tmp_path / "表.xlsx", build_workbook(WRONG))
    (saved,) = recalculate([ours], tmp_path / "foreign")
    copies = [
        write(tmp_path / "批注" / f"{number}.xlsx", annotated(file.read_bytes()))
        for number, file in enumerate((ours, saved))
    ]
    for copy in copies:
        verdict = subprocess.run(["ooxml-validator", str(copy)], capture_output=True, text=True, check=False)
        assert verdict.returncode == 0, verdict.stdout
    for copy, opened in zip(copies, recalculate(copies, tmp_path / "foreign" / "opened"), strict=True):
        assert_annotated(opened.read_bytes(), remarks_of(copy.read_bytes()))
        assert read(opened).values == WRONG.values


def text_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


def test_the_note_is_addressed_numbered_and_says_what_to_do() -> None:
    wrong = [NoticeItem("甲 <1> & 2"), NoticeItem("乙")]
    note = text_of(build_notice(SOURCE, wrong, [NoticeItem("丙")], NoticeFrame("某市人民政府办公室", "1月20日")))
    assert note == [
        "关于2024年政府信息公开工作年度报告的退回修改意见",
        "宿迁市人民政府：",
        "你单位报送的《宿迁市人民政府2024年政府信息公开工作年度报告》填报表收悉。"
        "经审核，有 2 处必须修改、1 处需要核实或说明，现予退回，请按以下意见办理。",
        "一、必须修改",
        "1．甲 <1> & 2",
        "2．乙",
        "二、请核实或说明",
        "1．丙",
        "三、办理要求",
        note[9],
        "某市人民政府办公室",
        "＿＿＿＿年＿＿月＿＿日",
    ]
    assert "请于1月20日前" in note[9]
    empty = "".join(text_of(build_notice(replace(SOURCE, agency=""), [], [NoticeItem("丙\x01")])))
    assert "（机关名称未填）" in empty
    assert "一、请核实" in empty
    assert "请于＿＿" in empty


def test_a_deadline_that_is_no_day_is_refused_where_it_only_tells_who_is_late(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "收回" / "甲.xlsx", build_workbook(WRONG))
    assert_refused(
        gknb("check", "收回", "--deadline", "月底", "-o", "结果"),
        2,
        "--deadline",
        "期限“月底”看不出是哪一天",
        "1月20日",
    )
    assert not (tmp_path / "结果").exists()


@pytest.mark.slow
def test_the_command_writes_both_and_leaves_the_file_alone(gknb: Gknb, tmp_path: Path) -> None:
    wrong = write(tmp_path / "收回" / "甲.xlsx", build_workbook(WRONG))
    good = write(tmp_path / "收回" / "乙.xlsx", build_workbook(replace(SOURCE, agency="乙局")))
    before = wrong.read_bytes(), good.read_bytes()
    call = (
        "check",
        "收回",
        "--annotate",
        "批注",
        "--notice",
        "退回",
        "--skip",
        "alike-texts,misspelt-text,overview-sides",
    )
    assert gknb(*call).returncode == 1
    assert [file.name for file in (tmp_path / "批注").iterdir()] == ["甲-审核意见.xlsx"]
    review = load_workbook(tmp_path / "批注" / "甲-审核意见.xlsx")[REVIEW]
    levels = [row[1] for row in review.iter_rows(min_row=5, values_only=True) if row[0]]
    assert levels == sorted(levels, key=("错误", "提醒").index)
    assert len(set(levels)) == 2
    assert [file.name for file in (tmp_path / "退回").iterdir()] == ["宿迁市人民政府2024年退回修改意见.docx"]
    assert (wrong.read_bytes(), good.read_bytes()) == before
    assert gknb(*call).returncode == 1, "the folders belong to the command: see test_letters"
    with zipfile.ZipFile(tmp_path / "批注" / "甲-审核意见.xlsx") as archive:
        assert any(re.fullmatch(r"xl/comments.*\.xml", name) for name in archive.namelist())


def test_data_files_get_a_note_and_a_word_on_the_copy(gknb: Gknb, tmp_path: Path) -> None:
    import json

    from toolkit.submission.json_csv import to_data

    (tmp_path / "in.json").write_text(json.dumps(to_data(WRONG)), encoding="utf-8")
    result = gknb("check", "in.json", "--annotate", "批注", "--notice", "退回")
    assert result.returncode == 1
    assert "没有可以批注的表格" in result.stderr
    assert len(list((tmp_path / "退回").iterdir())) == 1
