"""The example of a county at the desk (工作台), in a real browser: from an empty folder to the county's report, with
the numbers of the command line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Gknb
from desks import Clerk, open_desk, sums_of
from example_county import FOLDER
from selenium import webdriver

pytestmark = [pytest.mark.browser]
ANSWERS = {"year": "2024", "office": "青河县人民政府办公室", "agency": "青河县人民政府"}
NEW_AGENCY = "青河县供销合作社"


def walk(clerk: Clerk) -> None:
    """Go through January as a clerk does."""
    clerk.begin(**ANSWERS)
    clerk.drop(FOLDER / "名册.csv")
    clerk.wait_for("40 个机关，没有问题")
    clerk.click("发表", "nav")
    clerk.click("生成模板")
    assert "做完了" in clerk.wait_until_done()
    clerk.click("收表", "nav")
    clerk.drop(FOLDER / "收回的表.zip")
    assert clerk.wait_until_done() == "校验：做完了，有要处理的"
    clerk.click("催报", "nav")
    clerk.click("写催报函")
    assert clerk.wait_until_done() == "写催报函：做完了"
    clerk.click("名册", "nav")
    clerk.click("添加一个机关")
    clerk.type("name", NEW_AGENCY)
    clerk.type("group", "部门")
    clerk.click("保存")
    clerk.wait_for("41 个机关，没有问题")
    clerk.click("收表", "nav")
    clerk.drop(FOLDER / "第二批.zip")
    assert "做完了" in clerk.wait_until_done()
    clerk.click("报告", "nav")
    clerk.click("出报告", "main")
    assert "做完了" in clerk.wait_until_done()
    clerk.click("汇总", "nav")
    clerk.click("汇总", "main")
    assert clerk.wait_until_done() == "汇总：做完了"


def by_commands(gknb: Gknb, folder: Path) -> None:
    """Do the same by commands."""
    assert (
        gknb("init", "--year", 2024, *[f"--{key}={words}" for key, words in list(ANSWERS.items())[1:]]).returncode == 0
    )
    settings = (
        (folder / "gknb.toml").read_text(encoding="utf-8").replace('# deadline = "2025-01-20"', "deadline = 2025-01-25")
    )
    settings = settings.replace("名册.xlsx", "名册.csv")
    (folder / "gknb.toml").write_text(settings, encoding="utf-8")
    shutil.copy(FOLDER / "名册.csv", folder)
    for batch in ("收回的表.zip", "第二批.zip"):
        shutil.copy(FOLDER / batch, folder / "收回的表")
        if batch == "第二批.zip":
            with (folder / "名册.csv").open("a", encoding="utf-8") as roster:
                roster.write(f"{NEW_AGENCY},部门,,,,部门,\r\n")
        gknb("check")
        if batch == "收回的表.zip":
            assert gknb("remind").returncode == 0
    gknb("report")
    assert gknb("rollup").returncode == 0


def figures(folder: Path) -> dict[str, Any]:
    """Every number that a project came to: the states, the findings, the sums, the names of the files."""
    data = json.loads((folder / "校验结果" / "findings.json").read_text(encoding="utf-8"))
    cells = sums_of(folder)
    assert len(cells) > 1_000
    names = {
        key: sorted(path.name for path in (folder / key).rglob("*") if path.is_file() and path.name[0] != ".")
        for key in ("批注", "退回意见", "报告", "汇总", "校验结果", "收回的表")
    }
    return {"findings": data, "cells": cells, "names": names}


@pytest.mark.slow
def test_from_an_empty_folder_to_the_countys_report(
    browser: webdriver.Chrome, gknb: Gknb, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At most 40 clicks and drops; then every number is that of the command line, and page and commands can be used in
    turn."""
    office = tmp_path_factory.mktemp("office") / "2024 年报"
    office.mkdir()
    with open_desk(office) as desk:
        clerk = Clerk(browser, desk)
        walk(clerk)
        assert clerk.complaints() == []
        assert clerk.clicks + clerk.drops <= 40, (clerk.clicks, clerk.drops)
        clerk.see("/review")
        assert "通过" in clerk.text()
    by_commands(gknb, tmp_path)
    here, there = figures(office), figures(tmp_path)
    assert here["names"] == there["names"]
    both = here["cells"].keys() | there["cells"].keys()
    assert [key for key in both if here["cells"].get(key) != there["cells"].get(key)] == []
    assert here["findings"] == there["findings"]
    again = subprocess.run(
        [sys.executable, "-m", "toolkit", "status"], cwd=office, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0
    assert "41 个机关" in again.stdout
