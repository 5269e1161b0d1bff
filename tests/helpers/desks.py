"""The desk (工作台) as an office uses it: a real process, a real browser, clicks and drops that are counted."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from places import ROOT
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

LONG = 240


@dataclass
class OpenDesk:
    """A desk that is open: its process and its address."""

    process: subprocess.Popen[str]
    address: str
    said: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.address.partition("/?")[0]

    @property
    def secret(self) -> str:
        return self.address.partition("k=")[2]

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])


HEEDING_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Starts a program that heeds Ctrl-C: what a background process starts ignores it, and tests may run in one."""


@contextmanager
def open_desk(folder: Path, *more: str, home: Path | None = None) -> Iterator[OpenDesk]:
    """Open the desk of a folder; it is ended at the end of the block."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(home or folder.parent / "state")}
    heeding = ["-c", HEEDING_CTRL_C] if os.name == "posix" else []
    call = [sys.executable, *heeding, "-m", "toolkit", "start", str(folder), "--no-browser", *more]
    process = subprocess.Popen(
        call,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    )
    try:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.stderr and process.stderr.read()
        yield OpenDesk(process, address)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


class Clerk:
    """Somebody at the desk: every click and every drop is counted."""

    def __init__(self, browser: webdriver.Chrome, desk: OpenDesk) -> None:
        self.browser, self.desk = browser, desk
        self.clicks = self.drops = self.last_run = 0

    def come(self) -> None:
        """Open the address that the program printed."""
        self.browser.get(self.desk.address)

    def see(self, path: str) -> None:
        """Go to a page without a click."""
        self.browser.get(self.desk.origin + path)

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def click(self, words: str, within: str = "body") -> None:
        """Click the first link or button with these words that is in sight."""
        found = [
            one
            for one in self.browser.find_elements(By.CSS_SELECTOR, f"{within} a, {within} button, {within} summary")
            if words in one.text.strip() and one.is_displayed()
        ]
        exact = [one for one in found if one.text.strip() == words]
        assert found, (words, self.text())
        self.clicks += 1
        (exact or found)[0].click()

    def tick(self, name: str) -> None:
        self.clicks += 1
        self.find(f"input[name={name}]").click()

    def type(self, name: str, words: str) -> None:
        field = self.find(f"[name={name}]")
        field.clear()
        field.send_keys(words)

    def begin(self, **answers: str) -> None:
        """Come to a desk without a project, and answer the five questions; the deadline is 2025-01-25."""
        self.come()
        for name, words in answers.items():
            self.type(name, words)
        self.browser.execute_script("document.querySelector('[name=deadline]').value = '2025-01-25'")
        self.click("建好")
        self.wait_for("名册还是空的")

    def drop(self, *paths: Path, zone: str = ".drop") -> None:
        """Drop files or folders on a page, as a file manager does."""
        self.drops += 1
        box = self.find(zone)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
        place = self.browser.execute_script(
            "const r = arguments[0].getBoundingClientRect(); return [r.x + r.width / 2, r.y + 12]", box
        )
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.browser.execute_cdp_cmd(
                "Input.dispatchDragEvent", {"type": kind, "x": place[0], "y": place[1], "data": data}
            )

    def text(self) -> str:
        return self.find("main").text

    def wait_for(self, words: str, seconds: float = LONG) -> None:
        """Wait until words stand on the page."""
        WebDriverWait(self.browser, seconds, 0.1).until(lambda _: words in self._text_if_there(), words)

    def _text_if_there(self) -> str:
        try:
            return self.text()
        except WebDriverException:
            return ""

    def wait_until_done(self, seconds: float = LONG) -> str:
        """Wait until the command that was begun last has ended, and return its headline."""
        headline = WebDriverWait(self.browser, seconds, 0.1).until(lambda _: self._ended_run())
        return str(headline)

    def _ended_run(self) -> str:
        with suppress(WebDriverException):
            panel = self.find("#run[data-number]")
            number = int(panel.get_attribute("data-number") or 0)
            if number > self.last_run and panel.get_attribute("data-state") == "ended":
                self.last_run = number
                return panel.find_element(By.TAG_NAME, "h2").text
        return ""

    def complaints(self) -> list[str]:
        """What the browser complains of: a script that failed, something that the policy forbids."""
        return [
            entry["message"] for entry in self.browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
        ]


def sums_of(folder: Path) -> dict[tuple[str, str, str], Any]:
    """Every cell of the workbooks of a project's roll-up (汇总): file, sheet and place, and what stands there."""
    return {
        (path.name, sheet.title, cell.coordinate): cell.value
        for path in (folder / "汇总").glob("*.xlsx")
        for sheet in load_workbook(path, data_only=True)
        for row in sheet.iter_rows()
        for cell in row
    }
