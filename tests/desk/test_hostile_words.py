"""Hostile names and contents at the desk (工作台): every screen shows them as words, and no script of theirs runs."""

import csv
import io
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pytest
from batches import FAULTS, workbook
from command_line import run_anew
from desk_wire import Visitor, new_project
from desks import Clerk, open_desk
from january import DROPS, Office, explained, form
from selenium import webdriver

pytestmark = pytest.mark.browser
SCRIPT = "<script>window.pwned=1</script>"
IMAGE = '"><img src=x onerror=window.pwned=2>'
FORMULA = "=HYPERLINK(1)"
RIGHT_TO_LEFT = "局\u202exslx.exe"
OTHERS = ("'-alert(1)-'", "{{7*7}}", "javascript:alert(1)", "&lt;b&gt;", "@SUM(1)", "+1", "-2", "\t=1")
SOUND = "青河县教育局"
PAGES = ("/", "/roster", "/forms", "/received", "/review", "/reminders", "/reports", "/rollup", "/years")


@dataclass
class Shown:
    folder: Path
    visitor: Visitor
    agencies: list[str]


def quoted(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A project in which everything is hostile, checked, with an explanation that was refused."""
    folder = tmp_path_factory.mktemp("hostile") / f"a{IMAGE}'<b>".replace("/", "")
    folder.mkdir()
    new_project(folder, office=SCRIPT, agency=IMAGE)
    agencies = [
        SOUND,
        f"青河县{SCRIPT}局",
        f"青河县{IMAGE}局",
        f"青河县{RIGHT_TO_LEFT}",
        FORMULA,
        *(f"{one}乡" for one in OTHERS),
    ]
    office = Office(folder, lambda *arguments: run_anew(folder, list(map(str, arguments)), {}))
    with open_desk(folder, home=folder.parent / "state") as desk:
        visitor = Visitor(desk)
        rows = [
            ["机关全称", "分组", "联系人", "电话", SCRIPT],
            *([one, IMAGE, SCRIPT, FORMULA, "x"] for one in agencies),
        ]
        visitor.upload("名册.csv", quoted(rows), path="/roster/upload")
        for number, one in enumerate(agencies[1:4]):
            content = workbook(escape(one), random.Random(number), FAULTS[number])[0]
            assert visitor.upload(f"{one}.xlsx", content).json()["fate"] == "taken"
        for name in (
            f"{SCRIPT}.xlsx",
            f"{IMAGE}.docx",
            "=1.xlsx",
            "😀.xlsx",
            "长" * 300 + ".xlsx",
            " .. .xlsx. ",
            "a\nb.xlsx",
        ):
            visitor.upload(f"foreign/{name}", b"no workbook")
        form(FAULTS[-1])(office, SOUND, DROPS[0])
        office.gknb("check")
        explained(f"{SCRIPT}{IMAGE}两次申请并为一件办理")(office, SOUND, DROPS[1])
        visitor.post("/received/check")
        assert "做完了" in visitor.wait_for_run("/received")
        answer = visitor.post("/review/refuse", name=SOUND, finding="1", why=f"{SCRIPT}{IMAGE}")
        assert answer.status == 303, answer.text
        visitor.post("/years/make", agency=IMAGE)
        visitor.wait_for_run("/years")
        yield Shown(folder, visitor, agencies)


def test_no_screen_takes_words_for_markup(browser: webdriver.Chrome, shown: Shown) -> None:
    """No script ran, nothing was asked for that the policy forbids, and the words stand there as they are."""
    clerk = Clerk(browser, shown.visitor.desk)
    clerk.come()
    browser.get_log("browser")
    review = shown.visitor.get("/review").text
    agencies = sorted({link.replace("&amp;", "&") for link in re.findall(r'href="(/review/agency\?[^"]+)"', review)})
    agencies += re.findall(r'href="(/roster/\d+)"', shown.visitor.get("/roster").text)[:6]
    assert len(agencies) >= 10
    seen = ""
    for path in (*PAGES, *agencies, "/received?q=%3Cscript%3E&sort=name", "/review?state=%22%3E%3Cb%3E"):
        clerk.see(path)
        assert browser.execute_script("return window.pwned") is None, path
        assert not browser.find_elements("css selector", "main script, main img, main iframe, main [onerror]"), path
        seen += browser.find_element("tag name", "body").text
    assert clerk.complaints() == []
    for words in (SCRIPT, IMAGE, FORMULA, "{{7*7}}", f"{SCRIPT}{IMAGE}两次申请"):
        assert words in seen, words
    assert "49乡" not in seen
    for path in (
        f"/review/agency?name={IMAGE}",
        f"/files/returned?name={SCRIPT}",
        "/roster/%3Cscript%3E",
        f"/no{SCRIPT}",
    ):
        clerk.see(path)
        assert browser.execute_script("return window.pwned") is None
    assert not [one for one in clerk.complaints() if "Policy" in one]


def test_the_panel_of_a_command_and_what_a_script_is_told(browser: webdriver.Chrome, shown: Shown) -> None:
    """What a command prints, and what is said of a dropped file, goes into the page by script."""
    clerk = Clerk(browser, shown.visitor.desk)
    clerk.come()
    clerk.see("/received")
    dropped = shown.folder.parent / "坏<img src=x onerror=window.pwned=3>.xlsx"
    dropped.write_bytes(b"no workbook")
    clerk.drop(dropped)
    clerk.wait_until_done()
    clerk.see("/years")
    assert IMAGE in clerk.text()
    assert browser.execute_script("return window.pwned") is None
    assert clerk.complaints() == []


def test_a_list_for_a_spreadsheet_holds_no_formula(shown: Shown) -> None:
    for page in ("/roster", "/received", "/review", "/reminders", "/reports", "/years"):
        answer = shown.visitor.get(f"{page}?export=csv")
        assert answer.status == 200
        assert answer.header("Content-Disposition").startswith("attachment")
        assert answer.header("Content-Type").startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1
        for field in (field for row in rows for field in row):
            assert not re.match(r"\s*[=+@\t\r]", field), (page, field)
            assert not re.match(r"-(?!\d+(\.\d+)?$)", field), (page, field)


def test_names_on_disk_are_harmless(shown: Shown) -> None:
    """Whatever the name was, the file has one that every system knows, and can be fetched by it."""
    for path in (shown.folder / "收回的表").rglob("*.*"):
        assert path.name.isprintable()
        assert not set(path.name) & set('<>:"\\|?*')
    page = shown.visitor.get("/received").text
    links = {link.replace("&amp;", "&").replace("&#39;", "'") for link in re.findall(r'href="(/files/[^"]+)"', page)}
    assert len(links) >= 8
    for link in links:
        answer = shown.visitor.get(link)
        assert answer.status == 200
        assert "\n" not in answer.header("Content-Disposition")
    data = json.loads((shown.folder / "校验结果" / "findings.json").read_text(encoding="utf-8"))
    assert {one["agency"] for one in data["agencies"]} >= {SOUND, f"青河县{SCRIPT}局"}
