"""The pictures of the desk (工作台) in the docs, taken with the example of a county.

    python tests/helpers/desk_pictures.py [FOLDER]

They go to docs/图, or to a folder with every screen at three sizes, to be looked at.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from browsers import DESKTOP, LARGE, PHONE, set_size, started_browser
from command_line import run_anew
from desks import Clerk, open_desk
from example_county import FOLDER
from places import ROOT
from selenium.webdriver.common.by import By

IN_DOCS = {"首页": "/", "收表": "/received", "审表": "/review", "机关": "/review/agency?name=青河县自然资源局"}
OTHERS = {
    "名册": "/roster",
    "添加": "/roster/new",
    "发表": "/forms",
    "催报": "/reminders",
    "报告": "/reports",
    "汇总": "/rollup",
    "历年": "/years",
    "没有": "/review/agency?name=没有",
}


def county(folder: Path) -> Path:
    """A project in the middle of January."""
    for name in ("gknb.toml", "名册.csv"):
        shutil.copy(FOLDER / name, folder)
    (folder / "收回的表").mkdir()
    shutil.copy(FOLDER / "收回的表.zip", folder / "收回的表")
    for call in ("distribute", "check", "remind"):
        run_anew(folder, [call], {})
    return folder


def main(looked_at: Path | None) -> None:
    browser = started_browser()
    with TemporaryDirectory() as place:
        folder = county(Path(place))
        with open_desk(folder, home=Path(place, "state")) as desk:
            clerk = Clerk(browser, desk)
            clerk.come()
            for name, path in {**IN_DOCS, **(OTHERS if looked_at else {})}.items():
                for size in (DESKTOP, LARGE, PHONE) if looked_at else (DESKTOP,):
                    set_size(browser, size)
                    clerk.see(quote(path, safe="/?=&"))
                    if path == "/":
                        clerk.wait_for("下一步：")
                    if name == "机关" and not looked_at:
                        mark = browser.find_element(By.ID, "findings")
                        browser.execute_script("arguments[0].scrollIntoView()", mark)
                    target = looked_at / f"{name}-{size[0]}.png" if looked_at else ROOT / f"docs/图/工作台-{name}.png"
                    browser.save_screenshot(str(target))
    browser.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
