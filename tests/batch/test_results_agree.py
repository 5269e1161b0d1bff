"""Screen, page, workbook and findings.json tell the same: the same words, the same numbers, whatever states, rounds,
consequences and explanations there are."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from every_state import EXPLANATION, OF_WORD, WAITING, ToldBatch, checked_folder, every_state, told
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from validator import assert_valid

from toolkit.batch.checked_batch import UNDECIDED, Batch, totals_of
from toolkit.batch.results.folder import write_results
from toolkit.batch.states import STATES
from toolkit.checks.catalogue import rule_catalogue
from toolkit.checks.causes import under_causes
from toolkit.checks.findings import Finding
from toolkit.cli.agency_list import show_agencies
from toolkit.forms.loader import bundled_forms

RULES = [rule for rule, _ in rule_catalogue(bundled_forms())]
IDS = {rule.id for rule in RULES}


def written(folder: Path, batch: Batch) -> tuple[dict[str, Any], dict[str, Any], Workbook]:
    """The results of a batch: findings.json, the data of the page, the workbook."""
    folder.mkdir()
    _, missed = write_results(folder, batch, RULES)
    assert not missed
    data = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    page = (folder / "校验结果.html").read_text(encoding="utf-8")
    held = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    return data, held, load_workbook(folder / "校验结果.xlsx")


@pytest.fixture
def weeks(tmp_path: Path) -> ToldBatch:
    return every_state(tmp_path)


def rows_of(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet by the titles of its columns."""
    titles, *rows = book[sheet].iter_rows(min_row=3, values_only=True)
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_all_four_tell_the_same(weeks: ToldBatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, held, book = written(tmp_path / "结果", weeks)
    show_agencies(weeks, None)
    said = capsys.readouterr().out
    states = data["states"]
    assert all(states[state] for state in STATES), "every state stands in this batch"
    sentence = said.splitlines()[-1]
    assert held["note"] == sentence
    assert book["总览"]["A2"].value.startswith(sentence)
    assert all(words in book["总览"]["A2"].value for words in held["head"])
    assert f"已收 {states['received']}/{states['agencies']}" in sentence
    assert {word: int(count) for word, count in re.findall(r"(\w+) (\d+)", sentence) if word in STATES} == {
        state: states[state] for state in STATES
    }
    of_agencies = [states[state] for state in STATES if state not in ("不在名册", "重复")]
    assert sum(of_agencies) + states[UNDECIDED] == states["agencies"] == len(weeks.roster.entries)
    assert Counter(line["state"] for line in data["agencies"]) == Counter(line["state"] for line in held["lines"])
    in_book = Counter(row["状态"] for row in rows_of(book, "各机关"))
    assert in_book + Counter(重复=len(rows_of(book, "重复"))) == Counter(line["state"] for line in held["lines"])
    counted = {row["按状态"]: row["数量"] for row in rows_of(book, "总览") if row["按状态"] in STATES}
    assert counted == {state: states[state] for state in STATES}
    for line in re.findall(r"【(\w+)】(\w+)  (?:错误 (\d+))?，?(?:提醒 (\d+))?", said):
        state, agency, errors, warnings = line
        shown = next(one for one in held["lines"] if one["agency"] == agency and one["state"] == state)
        row = next(one for one in rows_of(book, "各机关") if one["机关"] == agency)
        assert shown["counts"][:2] == [row["错误"], row["提醒"]]
        if state in ("有误", "待说明"):
            assert shown["counts"][:2] == [int(errors or 0), int(warnings or 0)]


def test_errors_come_first_in_the_order_of_the_roster(weeks: ToldBatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Who passed is a number; who is silent is named."""
    show_agencies(weeks, None)
    said = capsys.readouterr().out
    assert [(state, name) for state, name in re.findall(r"^【(\w+)】(\w+)", said, re.M)] == [
        ("有误", "甲县教育局"),
        ("有误", "甲县水利局"),
        ("无法读取", "甲县财政局"),
        ("不是填报表", OF_WORD),
        ("待说明", WAITING),
    ]
    assert "第 2 次：已改 1，未改 1，新出现 0，已说明 0" in said
    assert "通过 4 个，从略（其中 1 个有提醒）。" in said
    assert "未报：甲县统计局、甲县气象局。" in said
    assert "甲县林业局" not in said


def test_without_results_on_disk_the_screen_tells_every_finding(
    weeks: ToldBatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told_of = list[str]()
    show_agencies(weeks, lambda result: told_of.append(result.agency))
    assert told_of[:2] == ["甲县教育局", "甲县水利局"]
    assert "甲县司法局" in told_of, "reminders of those that passed stand nowhere else"
    assert "甲县林业局" not in told_of
    assert OF_WORD in capsys.readouterr().out


def test_all_passed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch = checked_folder(tmp_path, {"甲县林业局": None, "甲县商务局": None})
    _, held, book = written(tmp_path / "结果", batch)
    show_agencies(batch, None)
    assert capsys.readouterr().out.splitlines()[-1] == "已收 2/2，通过 2，全部通过。" == held["note"]
    assert held["allPassed"]
    assert book.sheetnames == ["总览", "各机关", "问题", "未报"], "no empty sheets"
    assert not totals_of(told(batch, [replace(line, state="待说明") for line in batch.lines()])).all_passed


def test_the_workbook_has_rounds_consequences_and_explanations(weeks: ToldBatch, tmp_path: Path) -> None:
    _, _, book = written(tmp_path / "结果", weeks)
    agencies = {row["机关"]: row for row in rows_of(book, "各机关")}
    mended, late, silent = (agencies[name] for name in ("甲县教育局", "甲县水利局", "甲县统计局"))
    assert [mended[title] for title in ("轮次", "已改", "未改", "新出现", "已说明")] == ["第 2 次", 1, 1, 0, 0]
    assert (late["收到"], late["收到按"], late["逾期"]) == ("2025-01-21 15:30", "文件时间", "逾期")
    assert not any(late[title] for title in ("轮次", "已改", "未改", "新出现", "已说明")), "a first round"
    assert not silent["收到"]
    assert silent["联系电话"].startswith("0371")
    findings = rows_of(book, "问题")
    first = [row for row in findings if row["机关"] == "甲县教育局"]
    assert [row["轻重"] for row in first] == ["错误", "由此引起"], "under its cause, and not counted"
    assert first[1]["问题和修改意见"].startswith("　　")
    assert [row["进展"] or "" for row in first] == ["未改", ""]
    explained = next(row for row in findings if row["机关"] == WAITING)
    assert (explained["说明（填报单位写的）"], explained["进展"]) == (EXPLANATION, "已说明")
    assert not IDS & {row["规则"] for row in findings}
    assert [(row["改动"], row["原来"] or "", row["现在"] or "") for row in rows_of(book, "改动")] == [
        ("已改", "", ""),
        ("未要求修改", "12", "120"),
        ("改动的格", "", "0"),
    ]


@pytest.mark.validator
def test_excel_opens_the_workbook(weeks: ToldBatch, tmp_path: Path) -> None:
    written(tmp_path / "结果", weeks)
    assert_valid(tmp_path / "结果" / "校验结果.xlsx")


def test_consequences_stand_under_their_cause() -> None:
    """Whatever the order; also where the cause is missing or two findings blame each other."""

    def one(name: str, because: str | None = None) -> Finding:
        return Finding("r", "error", name, fingerprint=name, because=because)

    far, near, cause, orphan = one("far", "cause"), one("near", "cause"), one("cause"), one("orphan", "gone")
    ring = one("a", "b"), one("b", "a")
    grouped = under_causes((far, near, orphan, cause, *ring))
    assert [(found.message, [one.message for one in follows]) for found, follows in grouped] == [
        ("orphan", []),
        ("cause", ["far", "near"]),
        ("a", []),
        ("b", []),
    ]
    twins = cause, replace(cause)
    assert sum(1 + len(follows) for _, follows in under_causes(twins)) == 2
