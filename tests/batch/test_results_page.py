"""校验结果.html in a real browser: problems first, found by name, state, group, rule and severity, by keyboard, without
network, whatever the returns hold. 校验结果.xlsx says the same."""

import random
from collections import Counter
from pathlib import Path

import pytest
from batches import FAULTS, make_batch, results_of, workbook, write_roster
from command_line import Gknb
from kit import write
from openpyxl import load_workbook
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

HOSTILE = "<img src=x onerror=alert(1)></script>局&amp;"


@pytest.fixture
def results(gknb: Gknb, tmp_path: Path) -> Path:
    """The results of 130 agencies: some failed, some missing, one not on the roster that means harm, one twice."""
    sown = make_batch(tmp_path / "foreign", 130, seed=3)
    roster = write_roster(tmp_path / "名册.csv", sown.agencies)
    rng = random.Random(4)
    write(tmp_path / "foreign" / "不 在#册.xlsx", workbook("恶意局", rng, FAULTS[2])[0])
    content, _, _ = workbook(HOSTILE.replace("&", "&amp;").replace("<", "&lt;"), rng, FAULTS[0])
    write(tmp_path / "foreign" / "恶意.xlsx", content)
    write(tmp_path / "foreign" / "断了.xlsx", content[:999])
    write(tmp_path / "foreign" / "再报.xlsx", workbook(sown.agencies[5], rng)[0])
    gknb("check", "foreign", "--roster", roster, "-o", "结果")
    return tmp_path / "结果"


def shown(browser: webdriver.Chrome) -> list[tuple[str, str]]:
    """State and agency of every line on the page."""
    script = """return [...document.querySelectorAll("#list .line")]
        .map(line => [line.querySelector(".state").innerText, line.querySelector("b").innerText])"""
    return [(state, agency) for state, agency in browser.execute_script(script)]


def choose(browser: webdriver.Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.ID, name)).select_by_value(value)


def test_page(browser: webdriver.Chrome, results: Path) -> None:
    data = results_of(results)
    states = Counter(line["state"] for line in data["agencies"])
    browser.get((results / "校验结果.html").as_uri())
    # Problems first, opened and said in full; the rest behind a button.
    lines = shown(browser)
    assert len(lines) == 100
    worst = [state for state in ("有误", "无法读取", "不在名册", "未报", "通过") if states[state]]
    assert [state for state, _ in lines] == [state for state in worst for _ in range(states[state])][:100]
    failed = next(line for line in browser.find_elements(By.CLASS_NAME, "line") if "有误" in line.text)
    assert failed.get_attribute("open")
    assert "错误" in failed.text
    assert HOSTILE in browser.page_source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    browser.find_element(By.ID, "more").click()
    counted = [line for line in data["agencies"] if line["state"] != "重复"]
    assert sorted(shown(browser)) == sorted((line["state"], line["agency"]) for line in counted)
    assert "重复、不计的 1 份" in browser.find_element(By.ID, "apart").text
    assert ("不在名册", "断了.xlsx") in shown(browser), "a file that gave no name is called by its own"
    # Cards and filters, together and one by one.
    for state, count in states.items():
        browser.find_element(By.CSS_SELECTOR, f"[data-state={state}]").click()
        assert {found for found, _ in shown(browser)} == {state}
        assert len(shown(browser)) == min(count, 100)
    browser.find_element(By.CSS_SELECTOR, "[type=reset]").click()
    group = next(line["group"] for line in data["agencies"] if "乡镇" in line["group"])
    choose(browser, "group", group)
    assert {agency for _, agency in shown(browser)} == {
        line["agency"] for line in data["agencies"] if line["group"] == group
    }
    browser.find_element(By.CSS_SELECTOR, "[type=reset]").click()
    choose(browser, "rule", "requests-balance")
    paths = {file["path"] for file in data["files"] if "requests-balance" in str(file["findings"])}
    assert len(shown(browser)) == len(paths)
    choose(browser, "severity", "warning")
    assert shown(browser) == []
    assert "符合条件的有 0 项" in browser.find_element(By.ID, "count").text
    # By keyboard alone.
    browser.find_element(By.CSS_SELECTOR, "[type=reset]").click()
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    typed = browser.switch_to.active_element
    assert typed.get_attribute("id") == "search"
    typed.send_keys(data["agencies"][5]["agency"])
    assert {agency for _, agency in shown(browser)} == {data["agencies"][5]["agency"]}
    typed.send_keys(Keys.ESCAPE)
    assert len(shown(browser)) == 100
    passed = next(line for line in browser.find_elements(By.CLASS_NAME, "line") if "通过" in line.text)
    passed.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert passed.get_attribute("open")
    # Nothing is fetched, nothing of a return runs, links lead to the returns.
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    links = [link.get_attribute("href") or "" for link in browser.find_elements(By.CSS_SELECTOR, "details a")]
    assert links
    assert all(link.startswith("file:///") for link in links)
    assert all(Path(webpath(link)).exists() for link in links)


def webpath(link: str) -> str:
    from urllib.parse import unquote

    return unquote(link.removeprefix("file://"))


def test_page_prints_everything_that_is_chosen(browser: webdriver.Chrome, results: Path) -> None:
    """Not only the first hundred; what passed takes a line, the rest is opened. The screen is as before afterwards."""
    browser.get((results / "校验结果.html").as_uri())
    before = shown(browser)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(shown(browser)) > len(before)
    for line in browser.find_elements(By.CSS_SELECTOR, "#list details.line"):
        assert bool(line.get_attribute("open")) == (line.find_element(By.CLASS_NAME, "state").text != "通过")
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert shown(browser) == before


@pytest.mark.slow
def test_workbook_says_the_same(results: Path) -> None:
    data = results_of(results)
    book = load_workbook(results / "校验结果.xlsx")
    assert book.sheetnames == ["总览", "各机关", "问题", "未报", "改动", "重复"]
    assert len(book["总览"]._charts) == 3
    rows = list(book["各机关"].iter_rows(min_row=4, values_only=True))
    counted = [line for line in data["agencies"] if line["state"] != "重复"]
    assert [(row[0], row[1]) for row in rows] == [(line["state"], line["agency"]) for line in counted]
    replaced = [line for line in data["agencies"] if line["state"] == "重复"]
    assert [row[0] for row in book["重复"].iter_rows(min_row=4, values_only=True)] == [
        line["agency"] for line in replaced
    ]
    assert [row[0] for row in book["未报"].iter_rows(min_row=4, values_only=True)] == [
        line["agency"] for line in data["agencies"] if line["state"] == "未报"
    ]
    messages = Counter(row[6].lstrip("　") for row in book["问题"].iter_rows(min_row=4, values_only=True))
    uncounted = {line["path"] for line in replaced}
    assert messages == Counter(
        found["message"] for file in data["files"] if file["path"] not in uncounted for found in file["findings"]
    )
    assert book["问题"].auto_filter.ref
    links = [cell.hyperlink for row in book["各机关"].iter_rows(min_row=4) for cell in row if cell.hyperlink]
    assert len(links) > 100
    assert [
        link.target for link in links if link.target and not (results / link.target.replace("\\", "/")).exists()
    ] == []
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
