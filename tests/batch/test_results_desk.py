"""校验结果.html on the desk of an office: the first fault is in sight on every screen, cards lead to the list, phones
stand beside who is out, the keyboard is enough, axe-core finds nothing, forty agencies are printed on three pages."""

import csv
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from browsers import DESKTOP, LARGE, PHONE, faults_of_access, printed_page, set_size
from every_state import EXPLANATION, RETURNS, SILENT, WAITING, checked_folder, every_state, told
from every_state import PHONE as TELEPHONE
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from toolkit.batch.checked_batch import Batch, totals_of
from toolkit.batch.results.page import FINDINGS_LIMIT, results_page
from toolkit.checks.catalogue import rule_catalogue
from toolkit.checks.findings import Rule
from toolkit.forms.loader import bundled_forms

RULES: dict[str, Rule] = {rule.id: rule for rule, _ in rule_catalogue(bundled_forms())}
PASSED, FAILED = "甲县林业局", "甲县水利局"


def opened(browser: webdriver.Chrome, batch: Batch, folder: Path) -> Path:
    """Show the page of a batch in the browser."""
    folder.mkdir(exist_ok=True)
    page = folder / "校验结果.html"
    page.write_text("".join(results_page(batch, totals_of(batch), RULES, folder)), encoding="utf-8")
    set_size(browser, None)
    browser.get(page.as_uri())
    return page


def many(batch: Batch, count: int, findings: int = 0) -> Batch:
    """A batch of so many agencies: one in ten failed, one in twenty silent; with `findings`, so many in all."""
    lines = {line.agency: line for line in batch.lines()}
    passed, failed, silent = lines[PASSED], lines[FAILED], lines[SILENT[0]]
    assert failed.result
    each = failed.result.findings * (findings // (count // 10) // 2) if findings else failed.result.findings
    failed = replace(failed, result=replace(failed.result, findings=each))
    kinds = [failed, silent if count > 20 else failed, *[passed] * 8, failed, *[passed] * 9]
    return told(batch, (replace(kinds[number % 20], agency=f"甲县第{number}局") for number in range(count)))


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return every_state(tmp_path_factory.mktemp("weeks"))


BATCHES: dict[str, Callable[[Batch], Batch]] = {
    "every state": lambda batch: batch,
    "one fault": lambda batch: told(batch, (line for line in batch.lines() if line.agency in (FAILED, PASSED))),
    "all passed": lambda batch: told(batch, (line for line in batch.lines() if line.agency == PASSED)),
    "2000 agencies": lambda batch: many(batch, 2000),
}


@pytest.mark.axe
@pytest.mark.browser
@pytest.mark.parametrize("kind", BATCHES)
def test_the_first_fault_is_in_sight_and_everybody_can_use_the_page(
    kind: str, browser: webdriver.Chrome, weeks: Batch, tmp_path: Path
) -> None:
    """At 1366×768 and 1920×1080 without scrolling; nothing is wider than the screen, on a phone neither."""
    page = opened(browser, BATCHES[kind](weeks), tmp_path / "结果")
    for size in (DESKTOP, LARGE, PHONE):
        set_size(browser, size)
        browser.get(page.as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), size
        for fault in browser.find_elements(By.CSS_SELECTOR, "#list .tag.error")[:1]:
            box = fault.rect
            assert size == PHONE or box["y"] + box["height"] <= size[1], (size, box)
        assert faults_of_access(browser) == [], size
    assert bool(browser.find_elements(By.CSS_SELECTOR, "#list .tag.error")) == (kind != "all passed")
    browser.execute_script("for (const box of document.querySelectorAll('details')) box.open = true")
    assert faults_of_access(browser) == [], "with everything open"


@pytest.mark.browser
def test_what_an_office_sees(browser: webdriver.Chrome, weeks: Batch, tmp_path: Path) -> None:
    opened(browser, weeks, tmp_path / "结果")
    set_size(browser, DESKTOP)
    head = browser.find_element(By.ID, "head").text
    assert head.split() == ["甲县人民政府办公室", "期限", "2025年1月20日", "校验于", "2025年1月21日"]
    lines = {line.find_element(By.TAG_NAME, "b").text: line for line in browser.find_elements(By.CLASS_NAME, "line")}
    assert f"{TELEPHONE}08" in lines[SILENT[0]].text, "the phone stands beside who is out"
    assert "错误 1" in lines["甲县教育局"].text, "consequences are not counted"
    for words in ("第 2 次", "已改 1，未改 1", "由此引起", "未要求修改", "收到：2025-01-08 15:30（文件时间）"):
        assert words in lines["甲县教育局"].text, words
    assert "逾期" in lines[FAILED].text
    assert "第" not in lines[FAILED].find_element(By.TAG_NAME, "summary").text, "a first round is not told"
    assert EXPLANATION in lines[WAITING].text
    assert "已说明" in lines[WAITING].text
    seen = browser.find_element(By.TAG_NAME, "body").text
    assert not {rule for rule in RULES if rule in seen}, "no English ids in sight"
    # The number for `gknb refuse` is in a detail that opens.
    detail = lines[WAITING].find_element(By.CLASS_NAME, "id")
    detail.find_element(By.TAG_NAME, "summary").click()
    (found,) = next(line.result.findings for line in weeks.lines() if line.result and line.agency == WAITING)
    WebDriverWait(browser, 5).until(lambda _: detail.find_elements(By.TAG_NAME, "code"))
    assert f"gknb refuse {WAITING} {found.fingerprint}" in detail.text
    # A click on a card filters and goes to the list; a second one takes it back.
    browser.execute_script("scrollTo(0, document.body.scrollHeight)")
    card = browser.find_element(By.CSS_SELECTOR, "[data-state=未报]")
    card.click()
    assert {state.text for state in browser.find_elements(By.CSS_SELECTOR, ".line .state")} == {"未报"}
    assert card.get_attribute("aria-pressed") == "true"
    assert browser.switch_to.active_element.get_attribute("id") == "count"
    assert 0 <= browser.execute_script("return document.getElementById('count').getBoundingClientRect().top") < 768
    card.click()
    # The search covers messages, phones and files, those of superseded versions, too.
    search = browser.find_element(By.ID, "search")
    wanted = {"99999": ["甲县教育局"], f"{TELEPHONE}08": [SILENT[0]], "并为一件": [WAITING], "旧/": ["甲县审计局"] * 2}
    for words, agencies in wanted.items():
        search.clear()
        search.send_keys(words)
        shown = [name.text for name in browser.find_elements(By.CSS_SELECTOR, ".line .top b") if name.is_displayed()]
        assert shown == agencies, words


@pytest.mark.browser
def test_the_keyboard_is_enough(browser: webdriver.Chrome, weeks: Batch, tmp_path: Path) -> None:
    """The skip link comes first; cards, lines and details open with Enter and Space; the focus is always in sight."""
    opened(browser, weeks, tmp_path / "结果")
    set_size(browser, DESKTOP)

    def press(*keys: str) -> None:
        webdriver.ActionChains(browser).send_keys(*keys).perform()

    def focused() -> str:
        return str(browser.execute_script("return document.activeElement.textContent.trim()"))

    press(Keys.TAB)
    assert focused() == "跳到清单"
    assert browser.switch_to.active_element.rect["x"] >= 0
    press(Keys.TAB, Keys.TAB)
    assert focused() == "2有误"
    outline = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    press(Keys.SPACE)
    assert browser.find_element(By.ID, "count").text == "符合条件的有 2 项。"
    press(Keys.TAB)
    assert "甲县教育局" in focused()
    line = browser.switch_to.active_element.find_element(By.XPATH, "..")
    press(Keys.ENTER)
    assert not line.get_attribute("open")
    press(Keys.ENTER)
    assert line.get_attribute("open")
    press(Keys.TAB, Keys.TAB, Keys.SPACE)
    WebDriverWait(browser, 5).until(lambda _: line.find_elements(By.CSS_SELECTOR, ".id code"))
    for _ in range(60):
        press(Keys.TAB)
        script = "const box = document.activeElement.getBoundingClientRect(); return [box.top, box.bottom]"
        top, bottom = browser.execute_script(script)
        if browser.execute_script("return document.activeElement === document.body"):
            break
        assert bottom > 0
        assert top < 768
    else:
        pytest.fail("the end of the page is never reached")


@pytest.mark.browser
def test_what_is_listed_can_be_taken_along_as_a_table(browser: webdriver.Chrome, weeks: Batch, tmp_path: Path) -> None:
    opened(browser, weeks, tmp_path / "结果")
    browser.find_element(By.CSS_SELECTOR, "[data-state=有误]").click()
    titles, *rows = csv.reader(browser.execute_script("return csv()").removeprefix("\ufeff").splitlines())
    table = [dict(zip(titles, row, strict=True)) for row in rows]
    assert [(row["机关"], row["轻重"]) for row in table] == [
        ("甲县教育局", "错误"),
        ("甲县教育局", "由此引起"),
        (FAILED, "错误"),
        (FAILED, "由此引起"),
    ]
    assert all(row["编号"] and row["联系电话"] for row in table)


@pytest.mark.browser
@pytest.mark.poppler
def test_forty_agencies_are_printed_on_three_pages(browser: webdriver.Chrome, weeks: Batch, tmp_path: Path) -> None:
    """Those that passed take one line each."""
    others = [
        replace(line, agency=f"甲县第{n}局") for n in range(30) for line in weeks.lines() if line.agency == PASSED
    ]
    opened(browser, told(weeks, [*weeks.lines(), *others]), tmp_path / "结果")
    paper = tmp_path / "纸上.pdf"
    paper.write_bytes(printed_page(browser))
    said = subprocess.run(["pdfinfo", paper], capture_output=True, text=True, check=True).stdout
    assert int(said.partition("Pages:")[2].split()[0]) <= 3
    text = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout
    passed = [line for line in text.splitlines() if "甲县第" in line]
    assert len(passed) == 30
    assert "由此引起" in text


@pytest.mark.browser
def test_sixty_thousand_findings_are_no_burden(browser: webdriver.Chrome, weeks: Batch, tmp_path: Path) -> None:
    batch = many(weeks, 2000, FINDINGS_LIMIT)
    start = time.monotonic()
    opened(browser, batch, tmp_path / "结果")
    assert len(browser.find_elements(By.CLASS_NAME, "line")) == 100
    shown = time.monotonic()
    for key in "十倍以上":
        browser.find_element(By.ID, "search").send_keys(key)
    assert "符合条件的有 0 项" in browser.find_element(By.ID, "count").text
    typed = time.monotonic()
    print(f"written and shown in {shown - start:.1f} s, searched in {typed - shown:.1f} s")
    assert typed - shown < 6


def test_no_fault_of_the_returns_is_needed(tmp_path: Path) -> None:
    """Defaults stay out of the page: no rounds, no times, no deadline."""
    batch = checked_folder(tmp_path, {PASSED: RETURNS[PASSED]})
    batch = replace(batch, office="", deadline=None)
    text = "".join(results_page(batch, totals_of(batch), RULES, tmp_path))
    held = text.partition('id="data">')[2].partition("</script>")[0]
    for words in ("late", "against", "changes", "None", "null"):
        assert f'"{words}"' not in held
    assert "1970" not in held
