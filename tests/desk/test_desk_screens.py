"""Every screen of the desk (工作台) in every state: nothing is too wide, axe-core finds nothing, the keyboard is
enough, and a finding can be seen in the table."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from browsers import DESKTOP, LARGE, PHONE, faults_of_access, set_size
from command_line import run_anew
from desks import Clerk, OpenDesk, open_desk
from example_county import FOLDER
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = [pytest.mark.browser]
SCREENS = (
    "",
    "roster",
    "roster/new",
    "roster/4",
    "forms",
    "received",
    "review",
    "reminders",
    "reports",
    "rollup",
    "years",
)
AGENCIES = ("青河县自然资源局", "青河县退役军人事务局", "青河县教育局")
"""One with an error, one whose file cannot be read, one that has passed."""
ZOOMED = (911, 512)
"""What a page has of 1366×768 at 150 %."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in the middle of January."""
    folder = tmp_path_factory.mktemp("desk") / "年报"
    folder.mkdir()
    for name in ("gknb.toml", "名册.csv"):
        shutil.copy(FOLDER / name, folder)
    (folder / "收回的表").mkdir()
    shutil.copy(FOLDER / "收回的表.zip", folder / "收回的表")
    for call in ("check", "remind", "report", "rollup --allow-failed"):
        run_anew(folder, call.split(), {})
    return folder


@pytest.fixture(scope="module")
def desk(office: Path) -> Iterator[OpenDesk]:
    with open_desk(office) as opened:
        yield opened


def faults(browser: webdriver.Chrome, where: str) -> list[object]:
    """What is wrong with the page at the sizes of a desk, a large screen, a phone, and zoomed."""
    found: list[object] = []
    for size in (DESKTOP, LARGE, PHONE, ZOOMED):
        set_size(browser, size)
        width, room = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        found += [(where, size, width)] if width > room else []
        found += [(where, size, fault) for fault in faults_of_access(browser)]
    set_size(browser, None)
    return found


@pytest.mark.axe
@pytest.mark.slow
def test_everybody_can_use_every_screen(browser: webdriver.Chrome, desk: OpenDesk, tmp_path: Path) -> None:
    clerk = Clerk(browser, desk)
    clerk.come()
    found = []
    for screen in SCREENS:
        clerk.see(f"/{screen}")
        if not screen:
            clerk.wait_for("下一步")
        assert "没有做成" not in clerk.text(), screen
        found += faults(browser, screen)
    for name in AGENCIES:
        clerk.see(f"/review/agency?name={quote(name)}")
        assert name in clerk.text()
        found += faults(browser, name)
    clerk.see("/review/agency?name=没有这个")
    assert "没有做成" in clerk.text()
    found += faults(browser, "problem")
    (tmp_path / "空").mkdir()
    with open_desk(tmp_path / "空") as empty:
        newcomer = Clerk(browser, empty)
        newcomer.come()
        assert "答五个问题" in newcomer.text()
        found += faults(browser, "new project")
        newcomer.type("year", "2024")
        newcomer.click("建好")
        for screen in SCREENS[4:]:
            newcomer.see(f"/{screen}")
            found += faults(browser, f"empty {screen}")
    assert found == []
    assert [line for line in clerk.complaints() if "400 (BAD REQUEST)" not in line] == []


@pytest.mark.slow
def test_the_keyboard_is_enough(browser: webdriver.Chrome, desk: OpenDesk) -> None:
    """From the address to the findings of an agency and back without a mouse, and the focus is always to be seen."""
    clerk = Clerk(browser, desk)
    clerk.come()
    clerk.wait_for("下一步")
    body = clerk.find("body")
    body.send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "跳到正文"
    tab_to(browser, "审表")
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    clerk.wait_for("点机关名称")
    clerk.find("input[name=q]").send_keys("自然资源")
    clerk.wait_for("找到 1 条")
    tab_to(browser, AGENCIES[0])
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    clerk.wait_for("要改的、要核实的")
    tab_to(browser, "1")
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#f1")


def tab_to(browser: webdriver.Chrome, words: str, presses: int = 80) -> None:
    """Press Tab until the focus is on something with these words; every stop on the way can be seen."""
    for _ in range(presses):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        here = browser.switch_to.active_element
        outline = here.value_of_css_property("outline-style")
        inside = browser.execute_script("return arguments[0].closest('label.button') !== null", here)
        assert outline != "none" or inside or here.tag_name == "body", here.get_attribute("outerHTML")
        if here.text.strip() == words:
            return
    raise AssertionError(f"Tab does not come to {words}")


@pytest.mark.slow
def test_the_picture_of_the_sheet_marks_the_wrong_cell(browser: webdriver.Chrome, desk: OpenDesk) -> None:
    clerk = Clerk(browser, desk)
    clerk.come()
    clerk.see(f"/review/agency?name={quote(AGENCIES[0])}")
    (marked,) = browser.find_elements(By.CSS_SELECTOR, ".sheet .error-cell")
    assert marked.text.replace("\n", "") == "１２件1"
    assert "填的是“１２件”" in clerk.find("#f1").text
    assert len(browser.find_elements(By.CSS_SELECTOR, ".sheet td")) > 190, "every cell of the form is there"
