"""Rounds (轮次): what an agency sent, said and changed is remembered, whatever an office sets or installs meanwhile."""

import json
import re
import sqlite3
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from batches import FAULTS
from command_line import Gknb, assert_refused
from january import filled, put
from kit import checked, report, write
from office import recalculate
from openpyxl import load_workbook

import toolkit
from toolkit.batch.ledger.history import HISTORY_NAME, VERSION
from toolkit.batch.ledger.ledger import LEDGER_NAME
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.batch.rounds import changed_cells, compared
from toolkit.checks.explanations import explained, no_reason_findings
from toolkit.checks.findings import Finding
from toolkit.checks.review import check
from toolkit.submission.model import Explanation
from toolkit.workbook.template import build_workbook

UNBALANCED, TOTAL, SPELLING, BLANK, HALF, PLACEHOLDER, WRONG_FIGURE = FAULTS
AGENCY = "甲县教育局"
CALL = ("check", "收回", "--roster", "名册.csv", "-o", "结果")


def agency(folder: Path) -> dict[str, Any]:
    data = json.loads((folder / "结果" / "findings.json").read_text(encoding="utf-8"))
    found = next(one for one in data["agencies"] if one["agency"] == AGENCY)
    return {key: found[key] for key in ("state", "round", "fixed", "remaining", "new", "explained")}


@pytest.fixture
def two_rounds(gknb: Gknb, tmp_path: Path) -> Path:
    """An agency sent two errors, and then mended one of them."""
    from datetime import datetime

    write(tmp_path / "名册.csv", f"机关全称\n{AGENCY}\n".encode())
    put(tmp_path / "收回" / "foreign" / "一.xlsx", filled(AGENCY, (BLANK, HALF)), datetime(2025, 1, 6, 9))
    assert gknb(*CALL).returncode == 1
    put(tmp_path / "收回" / "foreign" / "二.xlsx", filled(AGENCY, (HALF,)), datetime(2025, 1, 8, 9))
    assert gknb(*CALL, "--resume").returncode == 1
    assert agency(tmp_path) == {"state": "有误", "round": 2, "fixed": 1, "remaining": 1, "new": 0, "explained": 0}
    return tmp_path


@pytest.mark.slow
def test_rounds_survive_whatever_becomes_of_the_progress(gknb: Gknb, two_rounds: Path) -> None:
    """A check from the beginning, other settings, a progress that is lost or damaged, an old file that was removed."""
    known = agency(two_rounds)
    assert gknb(*CALL, "--force").returncode == 1
    assert agency(two_rounds) == known
    (two_rounds / "结果" / LEDGER_NAME).write_bytes(b"nothing")
    assert gknb(*CALL, "--resume").returncode == 1
    assert agency(two_rounds) == known
    (two_rounds / "收回" / "foreign" / "一.xlsx").unlink()
    assert gknb(*CALL, "--resume").returncode == 1
    assert agency(two_rounds) == known
    (two_rounds / "gknb.toml").write_text('[rules]\nnot-whole = "warning"\n', encoding="utf-8")
    assert gknb(*CALL, "--resume").returncode == 0
    assert agency(two_rounds) == known | {"state": "通过"}


@pytest.mark.slow
def test_a_renamed_agency_keeps_its_rounds(gknb: Gknb, two_rounds: Path) -> None:
    write(two_rounds / "名册.csv", f"机关全称,曾用名\n甲县教育和体育局,{AGENCY}\n".encode())
    assert gknb(*CALL, "--resume").returncode == 1
    shown = gknb("status", "教育和体育", "--results", "结果")
    assert shown.stdout.splitlines()[0] == "甲县教育和体育局（2024 年），报送 2 次："


@pytest.mark.usefixtures("two_rounds")
def test_the_history_is_exported(gknb: Gknb) -> None:
    (found,) = json.loads(gknb("status", "--results", "结果", "--json").stdout)
    assert (found["agency"], found["year"], [one["round"] for one in found["rounds"]]) == (AGENCY, 2024, [1, 2])
    first, second = found["rounds"]
    assert len(first["sha256"]) == 64
    assert first["received"] == "2025-01-06T09:00:00"
    assert [one["rule"] for one in first["findings"] if one["severity"] == "error"] == ["blank", "not-whole"]
    assert second["fixed"] == [one["fingerprint"] for one in first["findings"] if one["rule"] == "blank"]
    (change,) = second["changes"]
    assert change == {"cell": "enforcement.coercion.decisions", "before": "", "after": change["after"], "asked": True}
    assert second["values"]["enforcement.coercion.decisions"] == change["after"]
    assert json.loads(gknb("status", AGENCY, "--results", "结果", "--json").stdout) == found


@pytest.mark.usefixtures("two_rounds")
def test_status_shows_who_is_out_and_the_rounds_of_one(gknb: Gknb) -> None:
    overview = gknb("status", "--results", "结果").stdout
    assert "【有误】甲县教育局  01月08日收到  第 2 次：已改 1，未改 1，新出现 0，已说明 0  错误 1，提醒 0" in overview
    assert "2024 年度，名册 1 个机关：有误 1。" in overview
    one = gknb("status", "教育", "--results", "结果").stdout
    assert "与上次相比：已改 1，未改 1，新出现 0，已说明 0" in one
    assert "空白 改为" in one
    assert "  1. 错误：" in one


@pytest.mark.usefixtures("two_rounds")
def test_calls_that_are_wrong_are_refused_in_words(gknb: Gknb) -> None:
    of = ("--results", "结果")
    assert_refused(gknb("status", "乙局", *of), 2, "没有“乙局”报送的记录")
    assert_refused(gknb("status", "甲县教育居", *of), 2, "是不是 甲县教育局？")
    assert_refused(gknb("status", AGENCY, "--results", "别处"), 2, "别处 里没有各机关报送的记录")
    assert_refused(gknb("status"), 2, "--results")
    assert_refused(gknb("refuse", AGENCY, "1", "--why", "不清楚", *of), 2, "没有写说明")
    assert_refused(gknb("refuse", AGENCY, "9", "--why", "不清楚", *of), 2, "没有编号为“9”的意见")
    assert_refused(gknb("refuse", AGENCY, "1", *of), 2, "--why")
    assert_refused(gknb("refuse", AGENCY, "1", "--undo", *of), 2, "没有退回过")


def test_a_history_that_cannot_be_used_is_never_thrown_away(gknb: Gknb, two_rounds: Path) -> None:
    path = two_rounds / "结果" / HISTORY_NAME
    kept = path.read_bytes()
    base = sqlite3.connect(path)
    base.execute("UPDATE about SET version = ?", (VERSION + 1,))
    base.commit()
    base.close()
    newer = path.read_bytes()
    assert_refused(gknb(*CALL, "--resume"), 2, "是新版的 gknb 记的")
    assert path.read_bytes() == newer
    path.write_bytes(kept[:1000] + b"x" * 3000)
    damaged = path.read_bytes()
    assert_refused(gknb(*CALL, "--resume"), 2, "损坏了", "移走")
    assert path.read_bytes() == damaged


@pytest.mark.slow
def test_an_explanation_is_refused_and_accepted_again(gknb: Gknb, tmp_path: Path) -> None:
    """What is refused is asked again, with the reason; --undo takes it back; a form without explanation changes
    nothing."""
    from datetime import datetime

    write(tmp_path / "名册.csv", f"机关全称\n{AGENCY}\n".encode())
    put(tmp_path / "收回" / "foreign" / "一.xlsx", filled(AGENCY, (WRONG_FIGURE,)), datetime(2025, 1, 6, 9))
    call = (*CALL, "--profile", "严格", "--annotate", "批注", "--notice", "退回")
    assert gknb(*call).returncode == 1
    assert agency(tmp_path)["state"] == "待说明"
    (copy,) = (tmp_path / "批注").glob("*.xlsx")
    book = load_workbook(copy)
    sheet = book["审核意见"]
    (cell,) = (cell for row in sheet.iter_rows() for cell in row if not cell.protection.locked)
    cell.value = "两次申请并为一件办理。"
    saved = BytesIO()
    book.save(saved)
    put(tmp_path / "收回" / "foreign" / "二.xlsx", saved.getvalue(), datetime(2025, 1, 8, 9))
    assert gknb(*call, "--resume").returncode == 0
    assert agency(tmp_path) == {"state": "通过", "round": 2, "fixed": 0, "remaining": 0, "new": 0, "explained": 1}
    refused = gknb("refuse", "教育", 1, "--why", "是哪两件", "--results", "结果")
    assert refused.returncode == 0, refused.stderr
    assert "不接受教育的说明“两次申请并为一件办理。”，理由：是哪两件" in refused.stdout
    assert "没有接受：是哪两件" in gknb("status", "教育", "--results", "结果").stdout
    assert gknb(*call, "--resume").returncode == 1
    assert agency(tmp_path)["state"] == "待说明"
    (note,) = (tmp_path / "退回").glob("*.docx")
    from docx import Document

    assert any("没有接受：是哪两件" in paragraph.text for paragraph in Document(str(note)).paragraphs)
    assert gknb("refuse", "教育", 1, "--undo", "--results", "结果").returncode == 0
    assert gknb(*call, "--resume").returncode == 0
    assert agency(tmp_path)["state"] == "通过"


# ---------------------------------------------------------------- fingerprints

MOVES = {
    "a sheet is renamed": lambda book: setattr(book["三"], "title", "表三"),
    "a row is put above a table": lambda book: book["三"].insert_rows(1),
    "a label is altered": lambda book: relabelled(book["三"], "予以公开"),
    "paragraphs are moved down": lambda book: book["文字"].move_range("A5:C12", rows=2),
}


def relabelled(sheet: Any, label: str) -> None:
    (cell,) = (cell for row in sheet.iter_rows() for cell in row if label in str(cell.value))
    cell.value = f"{cell.value}的件数"


@pytest.mark.parametrize("move", MOVES)
def test_fingerprints_survive_what_moves_on_the_sheets(move: str, tmp_path: Path) -> None:
    content = filled(AGENCY, (WRONG_FIGURE, TOTAL, BLANK, UNBALANCED))
    book = load_workbook(BytesIO(content))
    before = fingerprints(write(tmp_path / "foreign" / "一.xlsx", content))
    assert {"text-differs-from-tables", "formula-overwritten", "blank"} <= before.keys()
    MOVES[move](book)
    moved = BytesIO()
    book.save(moved)
    after = fingerprints(write(tmp_path / "foreign" / "二.xlsx", moved.getvalue()))
    assert {rule: after.get(rule) for rule in before} == before


@pytest.mark.libreoffice
def test_fingerprints_survive_a_save_by_libreoffice(tmp_path: Path) -> None:
    path = write(tmp_path / "foreign" / "一.xlsx", filled(AGENCY, (WRONG_FIGURE, TOTAL, BLANK, UNBALANCED)))
    (saved,) = recalculate([path], tmp_path / "foreign" / "又存")
    assert fingerprints(path).items() <= fingerprints(saved).items()


def fingerprints(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in toolkit.check(toolkit.read(path)).findings:
        found.setdefault(one.rule, []).append(one.fingerprint)
    return {rule: sorted(prints) for rule, prints in found.items()}


def test_no_two_findings_on_a_report_share_a_fingerprint() -> None:
    text = ("共收到政府信息公开申请7件件。", "共收到政府信息公开申请8件件。")
    twice = replace(report("suqian-2024"), texts={**report("suqian-2024").texts, "一": text}, text_places={})
    prints = [found.fingerprint for found in check(twice)]
    assert len(set(prints)) == len(prints)
    assert all(prints)


# ---------------------------------------------------------------- comparing and explaining


def reminder(name: str, **more: Any) -> Finding:
    return Finding("r", "warning", name, fingerprint=name, **more)


def test_every_finding_is_counted_once() -> None:
    """已改 + 未改 + 新出现 + 已说明: of the round before and this one, none is lost and none told twice."""
    error = Finding("e", "error", "错", fingerprint="e")
    follows = Finding("f", "error", "由此", fingerprint="f", because="e")
    hint = Finding("i", "info", "提示", fingerprint="i")
    before = (error, follows, reminder("a"), reminder("b"), reminder("c", is_explained=True), hint)
    now = (reminder("a"), reminder("b", is_explained=True), reminder("c"), reminder("d"), hint)
    found = compared(2, now, before)
    names = {
        word: [one.fingerprint for one in findings]
        for word, findings in (
            ("已改", found.fixed),
            ("未改", found.remaining),
            ("新出现", found.new),
            ("已说明", found.explained),
        )
    }
    assert names == {"已改": ["e"], "未改": ["a", "c"], "新出现": ["d"], "已说明": ["b"]}
    assert [found.word_of(one) for one in now] == ["未改", "已说明", "未改", "新出现", ""]
    assert [compared(1, now).word_of(one) for one in now] == ["", "已说明", "", "", ""]


def test_a_cell_that_nobody_asked_about_is_told() -> None:
    form = report("suqian-2024").form
    first, second, *_ = form.filled
    asked = Finding("e", "error", "错", cells=(first.id,), fingerprint="e")
    changes = changed_cells(form, {first.id: "1", second.id: "2"}, {first.id: "3"}, (asked,))
    assert [(one.cell, one.before, one.after, one.is_asked) for one in changes] == [
        (first.id, "1", "3", True),
        (second.id, "2", "", False),
    ]
    assert changes[1].in_words.endswith("：2 改为 空白（没有要求修改）")


EMPTY = [
    "无",
    "情况属实。",
    "经核实，情况属实",
    "已核实，数据无误。",
    "见附件",
    "同上",
    "以实际情况为准",
    "1",
    "，。",
    "是",
    "本单位数据准确",
]
GOOD = [
    "本年机构改革，信访件由行政审批局统一受理",
    "上年漏报 2 件，本年补计",
    "情况属实：新增一部规章，见市政府令第 12 号",
    "疫情影响",
    "无变化是因为没有新增事项",
    "更名后重新统计",
]


@pytest.mark.parametrize(("text", "settles"), [*((text, False) for text in EMPTY), *((text, True) for text in GOOD)])
def test_only_a_reason_explains(text: str, settles: bool) -> None:
    (found,) = explained([reminder("a")], {"a": text})
    assert found.is_explained == settles
    assert found.explanation == text
    told = list(no_reason_findings([found]))
    assert [one.because for one in told] == ([] if settles else ["a"])


def test_one_sentence_for_everything_explains_nothing() -> None:
    texts = dict.fromkeys("abc", "本年工作量变化较大所致")
    findings = [replace(reminder(name), rule=f"rule-{name}") for name in "abc"]
    assert not any(found.is_explained for found in explained(findings, texts))
    same_rule = [reminder(name) for name in "abc"]
    assert all(found.is_explained for found in explained(same_rule, texts)), "one cause in several columns"
    assert all(found.is_explained for found in explained(findings[:2], texts))


def test_an_error_cannot_be_explained_away() -> None:
    error = Finding("e", "error", "错", fingerprint="e")
    (found,) = explained([error], {"e": "上年漏报 2 件，本年补计"})
    assert (found.explanation, found.is_explained, found.is_open) == ("上年漏报 2 件，本年补计", False, True)
    assert list(no_reason_findings([found])) == []


def test_an_explanation_holds_for_the_figures_it_was_written_to(tmp_path: Path) -> None:
    """The reminder comes again with other figures: it is asked again."""
    roster = Roster((RosterEntry(AGENCY, 2),))
    first = toolkit.read(write(tmp_path / "一.xlsx", filled(AGENCY, (WRONG_FIGURE,))))
    said = [found for found in check(first) if found.rule == "text-differs-from-tables"]
    (figure,) = re.findall(r"写的是 (\d+)", said[0].message)
    other = {key: tuple(text.replace(figure, f"{figure}1") for text in texts) for key, texts in first.texts.items()}
    second = replace(first, texts=other)
    written = replace(first, explanations=(Explanation(said[0].fingerprint, "口径不同，文字含转办的 10 件"),))
    for submission, settled in ((written, True), (first, True), (second, False)):
        (result,) = checked(submission, roster=roster, folder=tmp_path)
        (found,) = (one for one in result.findings if one.fingerprint == said[0].fingerprint)
        assert found.is_explained == settled


def test_explanations_in_the_self_check_are_those_of_their_findings() -> None:
    """自查 knows cases, 审核意见 knows fingerprints: both are about the same reminder."""
    form = report("suqian-2024").form
    case = next(case for case in form.carry_overs if case.carry_over.severity == "warning")
    last, this = report("suqian-2023"), report("suqian-2024")
    changed = replace(this, values={**this.values, case.this: 99})
    plain = [found for found in check(changed, last) if case.this in found.cells and found.severity == "warning"]
    told = replace(changed, explanations=(Explanation(case.id, "上年漏报 2 件，本年补计"),))
    again = [found for found in check(told, last) if found.is_explained]
    assert {found.fingerprint for found in again} <= {found.fingerprint for found in plain}
    assert again


def test_a_workbook_without_explanations_is_read_as_before(tmp_path: Path) -> None:
    path = write(tmp_path / "一.xlsx", build_workbook(report("suqian-2024")))
    assert toolkit.read(path).explanations == ()
