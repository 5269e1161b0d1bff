"""Work at the desk (工作台) while something goes wrong: processes die, windows close, another page pries."""

import json
import re
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import pytest
from batches import make_batch, write_roster
from desk_wire import Visitor, new_project
from desks import Clerk, OpenDesk, open_desk
from selenium import webdriver
from selenium.webdriver.common.by import By

from toolkit.batch.results.lock import lock_folder

AGENCIES = 60
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with sixty returns."""
    folder = tmp_path_factory.mktemp("work") / "2024"
    folder.mkdir()
    new_project(folder)
    settings = (folder / "gknb.toml").read_text().replace("名册.xlsx", "名册.csv")
    (folder / "gknb.toml").write_text(settings)
    sown = make_batch(folder / "收回的表", AGENCIES, sound=True)
    write_roster(folder / "名册.csv", sown.agencies)
    return folder


@pytest.fixture
def office(batch: Path, tmp_path: Path) -> Path:
    """The project anew."""
    shutil.copytree(batch, tmp_path / "2024")
    return tmp_path / "2024"


def until(true: Callable[[], object], seconds: float = 120) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end
        sleep(0.05)


def family(desk: OpenDesk) -> list[psutil.Process]:
    return psutil.Process(desk.process.pid).children(recursive=True)


def is_working(visitor: Visitor) -> bool:
    """True as soon as some files are done."""
    panel = visitor.get("/received").text
    found = re.search(rf'data-state="running".*max="{AGENCIES}" value="(\d+)"', panel, re.DOTALL)
    assert 'data-state="ended"' not in panel, "too quick"
    return bool(found and int(found[1]))


def begin(visitor: Visitor) -> None:
    assert visitor.post("/received/check").status == 303
    until(lambda: is_working(visitor))


def number_of_run(visitor: Visitor) -> int:
    found = re.search(r'data-number="(\d+)"', visitor.get("/received").text)
    assert found
    return int(found[1])


def check_to_the_end(visitor: Visitor, office: Path) -> None:
    """Whatever happened before, a check comes to the same results as if nothing had."""
    visitor.post("/received/check")
    panel = visitor.wait_for_run("/received")
    assert "做完了" in panel, panel
    data = json.loads((office / "校验结果" / "findings.json").read_text(encoding="utf-8"))
    assert len({one["path"] for one in data["files"]}) == len(data["files"]) == AGENCIES
    assert {one["status"] for one in data["files"]} == {"passed"}
    assert not list(office.rglob("*.part"))


def parents_of(processes: list[psutil.Process]) -> set[int]:
    found = set()
    for one in processes:
        with suppress(psutil.Error):
            found.add(one.ppid())
    return found


def test_a_worker_that_is_killed(office: Path) -> None:
    """The command goes on without it; the file that it had is read again by the next check."""
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        begin(visitor)
        killed = 0
        for one in family(desk):
            with suppress(psutil.Error):
                if not one.children() and one.ppid() != desk.process.pid and killed < 2:
                    one.kill()
                    killed += 1
        assert killed
        assert "做完了" in visitor.wait_for_run("/received")
        visitor.post("/review/check", force="1")
        assert "做完了" in visitor.wait_for_run("/review")
        check_to_the_end(visitor, office)


def test_the_command_is_killed(office: Path) -> None:
    """The page says so soon, its workers go with it, and the next check goes on."""
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        begin(visitor)
        before = family(desk)
        command = max(
            (one for one in psutil.Process(desk.process.pid).children()), key=lambda one: len(one.children(True))
        )
        own = [command, *command.children(recursive=True)]
        command.kill()
        assert "没有做成" in visitor.wait_for_run("/received", 120)
        gone, alive = psutil.wait_procs(own, timeout=90)
        assert not alive, (gone, alive, before)
        check_to_the_end(visitor, office)


def test_stopping_and_going_on(office: Path) -> None:
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        begin(visitor)
        assert visitor.post(f"/runs/{number_of_run(visitor)}/stop").status == 200
        assert "已停下，没有做完" in visitor.wait_for_run("/received", 120)
        assert not list(office.rglob("*.part"))
        assert visitor.post(f"/runs/{number_of_run(visitor)}/stop").status == 200
        check_to_the_end(visitor, office)


def ended_by(desk: OpenDesk, visitor: Visitor, how: str) -> None:
    if how == "button":
        answer = visitor.post("/runs/end")
        assert (answer.status, "已停下" in answer.text) == (200, True)
    else:
        desk.process.send_signal(signal.Signals[how])


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "button", "SIGKILL"])
def test_the_desk_is_ended_while_a_check_runs(office: Path, how: str) -> None:
    """No process is left, nothing half is there, and the next start goes on."""
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        begin(visitor)
        commands, processes = psutil.Process(desk.process.pid).children(), family(desk)
        assert commands
        ended_by(desk, visitor, how)
        _, err = desk.process.communicate(timeout=120)
        assert "Traceback" not in err
        assert how == "SIGKILL" or not [one for one in commands if one.is_running()]
        assert not psutil.wait_procs(processes, timeout=90 if how == "SIGKILL" else 30)[1]
    if how != "SIGKILL":
        assert not list((office.parent / "state" / "gknb").glob("*.json"))
    if how in ("SIGTERM", "SIGKILL"):
        with open_desk(office) as desk:
            check_to_the_end(Visitor(desk), office)


def test_ending_waits_for_what_is_being_received(office: Path) -> None:
    """Whoever was told that a file is taken finds it; a line that is broken off leaves no half file."""
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        taken: list[str] = []

        def drop(number: int) -> None:
            with suppress(OSError, AssertionError, IndexError):
                taken.extend(
                    visitor.upload(f"{number}/坏{part}.xlsx", bytes(3 * 2**20)).json()["path"] for part in range(8)
                )

        threads = [threading.Thread(target=drop, args=(number,)) for number in range(6)]
        for one in threads:
            one.start()
        sleep(0.4)
        desk.process.send_signal(signal.SIGTERM)
        for one in threads:
            one.join()
        desk.process.communicate(timeout=120)
    folder = office / "收回的表"
    assert all((folder / path).stat().st_size == 3 * 2**20 for path in taken)
    assert not list(folder.rglob("*.part"))
    assert {path.stat().st_size for path in folder.glob("?/*.xlsx")} <= {3 * 2**20}


def test_a_command_line_that_works_at_the_same_time(office: Path) -> None:
    """The page says in words who has the results."""
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        with lock_folder(office / "校验结果"):
            visitor.post("/received/check")
            panel = visitor.wait_for_run("/received")
            assert "没有做成" in panel
            assert "正在被另一个" in panel
            assert visitor.get("/review").status == 200
        check_to_the_end(visitor, office)
        with lock_folder(office / "校验结果"):
            name = next(iter((office / "收回的表").rglob("*.xlsx"))).stem
            answer = visitor.post("/review/refuse", name=name, finding="1", why="x")
            assert answer.status == 400
            assert "正在被另一个" in answer.text


def test_two_windows_work_at_once(office: Path) -> None:
    """Both are answered, what both want is done once or one after the other, and no result is mixed up."""
    with open_desk(office) as desk:
        first, second = Visitor(desk), Visitor(desk)
        begin(first)
        for path in ("/received/check", "/review/check", "/reminders/make", "/received/check"):
            assert second.post(path).status == 303
        for screen in ("/roster", "/received", "/review"):
            assert second.get(screen).status == 200
        assert second.upload("另/坏的一份.xlsx", b"no workbook").json()["fate"] == "taken"
        second.post("/files/returned/take-out", name="另/坏的一份.xlsx")
        for screen in ("/received", "/review", "/reminders"):
            assert "做完了" in first.wait_for_run(screen)
        check_to_the_end(first, office)
        row = {"name": "青河县新局", "version": "x"}
        assert "别处改过" in second.post("/roster/new", **row).text


@pytest.mark.browser
def test_reloading_and_closing_the_page_during_work(browser: webdriver.Chrome, office: Path) -> None:
    with open_desk(office) as desk:
        visitor, clerk = Visitor(desk), Clerk(browser, desk)
        clerk.come()
        clerk.see("/received")
        clerk.click("校验", "main")
        until(lambda: is_working(visitor))
        browser.refresh()
        assert clerk.find("#run").get_attribute("data-state") in ("running", "ended")
        other = browser.current_window_handle
        browser.switch_to.new_window("tab")
        clerk.see("/received")
        browser.switch_to.window(other)
        browser.close()
        browser.switch_to.window(browser.window_handles[0])
        assert "做完了" in clerk.wait_until_done()
        check_to_the_end(visitor, office)
        assert clerk.complaints() == []


HOSTILE = """<!DOCTYPE html><meta charset=utf-8><title>pry</title><body>
<iframe id=frame src="DESK/received"></iframe>
<iframe name=target></iframe>
<form id=form method=post action="DESK/received/check" target=target><input name=token value=""></form>
<script>
const said = {}, desk = "DESK/received", blindly = {mode: "no-cors"}, posting = {method: "POST", body: "x"};
const ask = async (name, path, options) => {
  try {
    const got = await fetch(desk + path, {credentials: "include", ...options});
    said[name] = got.type + got.status;
  } catch { said[name] = "refused"; }
};
const load = (name, tag, attribute, path) => new Promise(done => {
  const one = document.createElement(tag);
  one.onload = () => { said[name] = "loaded"; done(); };
  one.onerror = () => { said[name] = "refused"; done(); };
  one.rel = "stylesheet";
  one[attribute] = "DESK" + path;
  document.body.append(one);
});
(async () => {
  await ask("read", "", {});
  await ask("read blindly", "", blindly);
  await ask("post", "/check", posting);
  await ask("post with a head", "/check", {...posting, headers: {"X-Gknb-Token": "x"}});
  await ask("post blindly", "/check", {...posting, ...blindly});
  await ask("drop blindly", "/upload/returned", {...posting, ...blindly, body: new Blob(["x".repeat(1e6)])});
  await load("script", "script", "src", "/static/desk.js");
  await load("style", "link", "href", "/static/desk.css");
  await load("picture", "img", "src", "/static/desk.css");
  await load("download", "script", "src", "/files/returned?name=x");
  navigator.sendBeacon(desk + "/check", "x");
  document.getElementById("form").submit();
  said.frame = "refused";
  try { if (document.getElementById("frame").contentDocument) said.frame = "read"; } catch {}
  setTimeout(() => { window.said = said; }, 500);
})();
</script>"""


class Hostile(BaseHTTPRequestHandler):
    """A page on another port of this machine."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(HOSTILE.replace("DESK", self.server.desk).encode())  # type: ignore[attr-defined]

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def hostile(office: Path) -> Iterator[tuple[OpenDesk, str]]:
    with open_desk(office) as desk:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
        server.desk = desk.origin  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield desk, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        server.server_close()


@pytest.mark.browser
def test_a_page_on_another_port_reads_and_does_nothing(
    browser: webdriver.Chrome, hostile: tuple[OpenDesk, str], office: Path
) -> None:
    """The browser knows the secret, and another port of this machine is the same site."""
    desk, address = hostile
    clerk, visitor = Clerk(browser, desk), Visitor(desk)
    clerk.come()
    assert "2024" in clerk.text()
    before = sorted(office.rglob("*"))
    for place in (address, address.replace("127.0.0.1", "localhost")):
        browser.get(place)
        until(lambda: browser.execute_script("return window.said"))
        said = browser.execute_script("return window.said")
        assert set(said.values()) == {"refused"}, said
        browser.execute_script(f"window.other = window.open('{desk.origin}/received')")
        sleep(0.5)
        with pytest.raises(Exception, match=r"cross-origin|null|undefined|security policy"):
            browser.execute_script("return window.other.document.title")
        for window in browser.window_handles[1:]:
            browser.switch_to.window(window)
            browser.close()
        browser.switch_to.window(browser.window_handles[0])
        browser.get(place)
        browser.execute_script("document.forms[0].target = '_top'; document.forms[0].submit()")
        until(lambda: browser.current_url.startswith(desk.origin))
        text = browser.find_element(By.TAG_NAME, "body").text
        assert "没有做" in text or "没有口令" in text  # the cookie goes to no other site, and to another port it does
    browser.get_log("browser")
    assert sorted(office.rglob("*")) == before
    assert 'id="run" hidden' in visitor.get("/received").text
    clerk.come()
    assert "2024" in clerk.text()
