"""Chromium as a judge of pages, with axe-core as a judge of whether everybody can use them."""

import base64
import os
from pathlib import Path

from selenium import webdriver

DESKTOP, LARGE, PHONE = (1366, 768), (1920, 1080), (390, 844)


def started_browser() -> webdriver.Chrome:
    """A browser without a window and without a network of its own; what a page complains of stands in its log."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--window-size=1200,1600"),
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))


def axe() -> Path | None:
    """The script of axe-core (npm) where NODE_PATH says; None where it is not installed."""
    places = filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep))
    return next((path for place in places if (path := Path(place, "axe-core", "axe.min.js")).exists()), None)


def faults_of_access(browser: webdriver.Chrome) -> list[tuple[str, list[str]]]:
    """What axe-core has against the page: each rule with the elements that break it."""
    script = axe()
    assert script
    browser.execute_script(script.read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[0])")["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def set_size(browser: webdriver.Chrome, size: tuple[int, int] | None) -> None:
    """Give the page the size of a screen; None gives back its own."""
    if size is None:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        return
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def printed_page(browser: webdriver.Chrome) -> bytes:
    """The page as a PDF, as it is printed."""
    made = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    return base64.b64decode(made["data"])
