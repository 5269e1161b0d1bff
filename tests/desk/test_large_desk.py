"""The desk (工作台) with five hundred agencies, from an empty folder to the report of the whole: its numbers are those
of the command line."""

import json
import random
import re
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest
from batches import COUNTIES, FAULTS, WORDS, workbook, write_roster
from command_line import run_anew
from desk_wire import Visitor
from desks import Clerk, open_desk, sums_of
from kit import write
from selenium import webdriver

from toolkit.batch.project import create_project

pytestmark = [pytest.mark.browser]
OFFICE = {"office": "青河市办公室", "agency": "青河市人民政府"}
AGENCIES, SILENT_EACH, FAULTY_EACH = 500, 25, 20
PAGES = ("/overview", "/roster", "/forms", "/received", "/review", "/reminders", "/reports", "/rollup", "/years")


def agencies() -> list[str]:
    made = (county + village + body for village, county, body in product(["", "东", "西"], COUNTIES, WORDS["bodies"]))
    return list(islice(made, AGENCIES))


def returned(folder: Path) -> Path:
    """What 480 of them sent, 21 with an error."""
    rng = random.Random(500)
    for number, agency in enumerate(agencies()):
        fault = FAULTS[number % len(FAULTS)] if number % FAULTY_EACH == 0 else None
        if number % SILENT_EACH != 7:
            write(folder / f"{agency}.xlsx", workbook(agency, rng, fault)[0])
    return folder


def project(folder: Path) -> Path:
    folder.mkdir()
    create_project(folder, 2024, {**OFFICE, "deadline": "2025-01-25"})
    return folder


def findings(folder: Path) -> Any:
    data = json.loads((folder / "校验结果" / "findings.json").read_text(encoding="utf-8"))
    for file in (*data["files"], *data["agencies"]):
        file.pop("received", None)
    return data


@pytest.mark.slow
def test_five_hundred_agencies(browser: webdriver.Chrome, tmp_path: Path) -> None:
    files = returned(tmp_path / "表")
    roster = write_roster(tmp_path / "名册.csv", agencies())
    desk_folder, command_folder = tmp_path / "工作台", project(tmp_path / "命令行")
    desk_folder.mkdir()
    with open_desk(desk_folder) as desk:
        clerk = Clerk(browser, desk)
        clerk.begin(year="2024", **OFFICE)
        clerk.drop(roster)
        clerk.wait_for("500 个机关，没有问题")
        clerk.click("发表", "nav")
        clerk.click("生成模板")
        assert "做完了" in clerk.wait_until_done()
        clerk.click("收表", "nav")
        clerk.drop(files)
        assert clerk.wait_until_done() == "校验：做完了，有要处理的"
        clerk.click("催报", "nav")
        clerk.click("写催报函")
        clerk.wait_until_done()
        clerk.click("报告", "nav")
        clerk.click("出报告", "main")
        assert "共 480 份：写出 459" in clerk.wait_until_done() + clerk.text()
        clerk.click("汇总", "nav")
        clerk.tick("drafts")
        clerk.click("汇总", "main")
        clerk.wait_until_done()
        assert clerk.clicks + clerk.drops <= 40
        assert clerk.complaints() == []
        visitor = Visitor(desk)
        for page in PAGES:
            assert visitor.get(page).status == 200
        shown = visitor.get("/overview").words
    (command_folder / "名册.xlsx").write_bytes((desk_folder / "名册.xlsx").read_bytes())
    (command_folder / "收回的表" / "表").symlink_to(files)
    assert run_anew(command_folder, ["check"], {}).returncode == 1
    here, there = findings(desk_folder), findings(command_folder)
    assert here == there
    for state, count in there["states"].items():
        if state in ("有误", "未报", "通过"):
            assert re.search(rf"\b{count} {state}", shown), (state, count)
    names = {path.name for path in (command_folder / "退回意见").iterdir() if path.name[0] != "."}
    assert {path.name for path in (desk_folder / "退回意见").iterdir() if path.name[0] != "."} == names
    assert len(list((desk_folder / "发放").glob("[0-9]*.xlsx"))) == AGENCIES
    assert run_anew(command_folder, ["rollup", "--allow-failed"], {}).returncode == 0
    sums = sums_of(command_folder)
    assert len(sums) > AGENCIES
    assert sums_of(desk_folder) == sums
