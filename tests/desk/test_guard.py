"""Nobody else gets in: what the desk (工作台) refuses, what protects its answers, and how it is started twice."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest
from desk_wire import Answer, Visitor, new_project
from desks import OpenDesk, open_desk
from places import ROOT

from toolkit.desk.guard import HEADERS

LIST = "/received"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guard") / "foreign" / "2024 年报"
    folder.mkdir(parents=True)
    new_project(folder)
    (folder / "收回的表" / "甲.xlsx").write_bytes(b"no workbook")
    return folder


@pytest.fixture(scope="module")
def visitor(office: Path) -> Iterator[Visitor]:
    with open_desk(office) as desk:
        yield Visitor(desk)


def begun(folder: Path, *more: str, home: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """A start that ends by itself."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(home), **changes}
    call = [sys.executable, "-m", "toolkit", "start", str(folder), "--no-browser", *more]
    return subprocess.run(
        call, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=60, check=False
    )


WRONG_HOSTS = (
    *("localhost:{port}", "attacker.example", "attacker.example:{port}", "127.0.0.1.attacker.example:{port}"),
    *("127.0.0.1", "127.0.0.1:1", "127.0.0.2:{port}", "[::1]:{port}", "0.0.0.0:{port}", "2130706433:{port}"),
    *("127.0.0.1:{port}.", "127.0.0.1:{port}@attacker.example", "127.1:{port}", "", "127.0.0.1:{port}, a"),
)


@pytest.mark.parametrize("host", WRONG_HOSTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_its_own_host(visitor: Visitor, method: str, host: str) -> None:
    """A name that somebody made point to this machine is refused, whatever else the browser knows."""
    answer = visitor.send(method, LIST, changes={"Host": host.format(port=visitor.desk.port)})
    assert answer.status == 421


def test_no_host_and_two_hosts(visitor: Visitor) -> None:
    assert visitor.send("GET", LIST, changes={"Host": None}).status == 421
    again = [f"Host: {visitor.entrance.host}"]
    assert visitor.send("GET", LIST, more=again).status == 421
    assert visitor.send("GET", f"http://attacker.example{LIST}", changes={"Host": "attacker.example"}).status == 421
    assert visitor.send("GET", LIST, changes={"X-Forwarded-Host": visitor.entrance.host, "Host": "a"}).status == 421


WRONG_ORIGINS = (
    *("null", "http://attacker.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:{port}", ""),
    *("https://127.0.0.1:{port}", "http://127.0.0.1:{port}/", "http://127.0.0.1:{port}.attacker.example", "file://"),
)


@pytest.mark.parametrize("origin", WRONG_ORIGINS)
def test_only_its_own_origin(visitor: Visitor, origin: str) -> None:
    wrong = {"Origin": origin.format(port=visitor.desk.port)}
    assert visitor.send("GET", LIST, changes=wrong).status == 403
    assert visitor.send("POST", "/received/check", changes=wrong).status == 403


def test_what_changes_something_needs_an_origin(visitor: Visitor) -> None:
    assert visitor.send("POST", "/received/check", changes={"Origin": None}).status == 403
    two = [f"Origin: {visitor.entrance.origin}"]
    assert visitor.send("POST", "/received/check", more=two).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "CROSS-SITE", "x", ""])
def test_only_pages_of_its_own_site(visitor: Visitor, site: str) -> None:
    """Another port of 127.0.0.1 is the same site; it is none of ours either."""
    for method in ("GET", "POST"):
        assert visitor.send(method, LIST, changes={"Sec-Fetch-Site": site}).status == 403
    assert visitor.get(f"/?k={visitor.desk.secret}", Sec_Fetch_Site="cross-site").status == 403
    assert visitor.get(LIST, Sec_Fetch_Site="none").status == 200
    assert visitor.get(LIST, Sec_Fetch_Site="same-origin").status == 200


def test_nothing_without_the_secret(visitor: Visitor) -> None:
    """Not even the styles; and nothing that is said gives the token away."""
    cookie, token = visitor.entrance.cookie, visitor.entrance.token
    wrong = [None, "", f"{cookie}=", f"{cookie}=x", f"gknb={visitor.desk.secret}", f"{cookie}={token}"]
    wrong.append(f"{cookie}={visitor.desk.secret[:-1]}")
    wrong.append(f"{cookie}={visitor.desk.secret.swapcase()}")
    for given in wrong:
        for path in ("/", LIST, "/static/desk.css", "/files/returned?name=%E7%94%B2.xlsx", "/no"):
            answer = visitor.send("GET", path, changes={"Cookie": given})
            assert answer.status == 401, (given, path)
            assert token not in answer.text
        assert visitor.send("POST", "/received/check", changes={"Cookie": given}).status == 401
        assert visitor.send("GET", "/runs/alive", changes={"Cookie": given}).status == 401
    for key in ("", "x", visitor.entrance.token, visitor.desk.secret + "x"):
        assert visitor.get(f"/?k={key}").status == 401


def test_another_page_of_this_machine_cannot_lock_the_office_out(visitor: Visitor) -> None:
    """Cookies do not tell ports apart: somebody else may set one of the same name."""
    name, secret = visitor.entrance.cookie, visitor.desk.secret
    assert visitor.get(LIST, Cookie=f"{name}=x; {name}={secret}").status == 200


def test_the_secret_in_the_address_lets_in_once_and_leads_away_from_it(visitor: Visitor) -> None:
    """The browser goes on to an address without it: it stands in no history and no Referer."""
    answer = visitor.send("GET", f"/?k={visitor.desk.secret}", changes={"Cookie": None})
    assert (answer.status, answer.header("Location")) == (303, "/")
    parts = {part.strip() for part in answer.header("Set-Cookie").split(";")}
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= parts
    assert not any(part.startswith(("Domain", "Expires", "Max-Age")) for part in parts)
    assert visitor.desk.secret not in answer.text
    for path in ("//attacker.example/", "/\\attacker.example", "/%5cattacker.example", "/%0d%0aX:%20y"):
        there = visitor.get(f"{path}?k={visitor.desk.secret}").header("Location")
        assert there == "/", path


def test_the_address_is_no_pass_for_what_changes_something(visitor: Visitor) -> None:
    path = f"/received/check?k={visitor.desk.secret}"
    assert visitor.send("POST", path, changes={"Cookie": None}).status == 401
    with_token = {"Cookie": None, "Content-Type": "application/x-www-form-urlencoded"}
    body = {"k": visitor.desk.secret, "token": visitor.entrance.token}
    assert visitor.send("POST", "/received/check", body, with_token).status == 401


def test_what_changes_something_needs_the_token(visitor: Visitor) -> None:
    token = visitor.entrance.token
    none = {"X-Gknb-Token": None}
    assert visitor.send("POST", "/received/check", changes=none).status == 403
    assert visitor.send("POST", f"/received/check?token={token}", changes=none).status == 403
    for wrong in ("", "x", token[:-1], visitor.desk.secret, token.upper(), f"{token}, {token}"):
        assert visitor.send("POST", "/received/check", changes={"X-Gknb-Token": wrong}).status == 403
        assert visitor.send("POST", "/received/check", {"token": wrong}, none).status == 403
    for kind, body in (
        ("application/json", f'{{"token": "{token}"}}'),
        ("text/plain", f"token={token}"),
        (
            "multipart/form-data; boundary=x",
            f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n--x--',
        ),
    ):
        answer = visitor.send("POST", "/received/check", body.encode(), {**none, "Content-Type": kind})
        assert answer.status == 403, kind
    assert visitor.send("POST", "/files/returned/take-out", {"token": token, "name": "no"}, none).status == 400


ASKED_WRONGLY = (
    *(
        "/project",
        "/received/check",
        "/review/check",
        "/review/refuse",
        "/review/accept",
        "/forms/make",
        "/rollup/make",
    ),
    *("/reports/make", "/reminders/make", "/years/make", "/received/upload/returned", "/runs/end", "/runs/1/stop"),
    *("/files/returned/open", "/files/returned/take-out", "/files/returned/put-back"),
)


@pytest.mark.parametrize("path", ASKED_WRONGLY)
def test_no_link_changes_anything(visitor: Visitor, path: str) -> None:
    for method in ("GET", "HEAD"):
        assert visitor.send(method, path).status == 405
    assert visitor.get("/roster/upload").status == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "X"])
def test_other_methods(visitor: Visitor, method: str) -> None:
    for changes in ({}, {"X-Gknb-Token": None}, {"Cookie": None}):
        answer = visitor.send(method, LIST, changes=changes)
        assert answer.status in (200, 401, 403, 405)
        assert answer.status != 200 or method == "OPTIONS"
        assert visitor.desk.secret not in answer.text
    preflight = {"Origin": "http://127.0.0.1:1", "Access-Control-Request-Method": "POST", "Cookie": None}
    assert visitor.send("OPTIONS", LIST, changes=preflight).status == 403


def every_kind(visitor: Visitor) -> Mapping[str, Answer]:
    """One answer of each kind."""
    long = {"Content-Length": str(5 * 2**30)}
    return {
        "page": visitor.get("/"),
        "list": visitor.get(LIST),
        "export": visitor.get("/received?export=csv"),
        "style": visitor.get("/static/page.css"),
        "static": visitor.get("/static/desk.js"),
        "static again": visitor.get("/static/desk.js", If_None_Match=visitor.get("/static/desk.js").header("ETag")),
        "download": visitor.get("/files/returned?name=%E7%94%B2.xlsx"),
        "part": visitor.get("/files/returned?name=%E7%94%B2.xlsx", Range="bytes=0-1"),
        "missing": visitor.get("/no"),
        "no secret": visitor.get("/", Cookie=None),
        "other host": visitor.get("/", Host="a"),
        "other origin": visitor.get("/", Origin="http://a"),
        "entered": visitor.get(f"/?k={visitor.desk.secret}"),
        "done": visitor.post("/files/prior/put-back"),
        "wrong method": visitor.get("/runs/end"),
        "too large": visitor.send("POST", "/received/upload/returned", changes=long),
        "no secret, with content": visitor.send("POST", LIST, b"x", {"Cookie": None}),
        "said to a script": visitor.get("/no", X_Gknb_Script="1"),
        "broken head": visitor.send("GET", LIST, more=["no colon"]),
        "broken length": visitor.send("POST", LIST, changes={"Content-Length": "-1"}),
        "large head": visitor.get(LIST, X_Long="x" * 300_000),
        "coding": visitor.send("POST", LIST, changes={"Transfer-Encoding": "gzip"}),
    }


def test_every_answer_is_protected(visitor: Visitor) -> None:
    answers = every_kind(visitor)
    statuses = {kind: answer.status for kind, answer in answers.items()}
    assert statuses["static again"] == 304
    assert statuses["part"] == 206
    assert statuses["too large"] == 413
    assert statuses["large head"] == 431
    assert 500 not in statuses.values()
    for kind, answer in answers.items():
        for name, value in HEADERS.items():
            kept = name == "Cache-Control" and kind.startswith(("static", "style"))
            assert answer.header(name) == value or kept, (kind, name, answer.headers)
        assert not answer.header("Access-Control-Allow-Origin")
        assert not any(key.lower().startswith("access-control-") for key, _ in answer.headers)
        assert not answer.header("Server")
        assert "waitress" not in answer.text.lower()
        assert "Traceback" not in answer.text
        assert visitor.desk.secret not in answer.text
        if answer.status >= 400:
            assert re.search("[一-鿿]", answer.text) or kind == "said to a script", kind


def test_the_policy_allows_no_script_but_its_own() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in str(rules)


def test_what_is_downloaded_is_never_shown(visitor: Visitor, office: Path) -> None:
    for name in ("a.html", "a.svg", "a.js", "a.pdf"):
        (office / "收回的表" / name).write_text("<script>alert(1)</script>")
        answer = visitor.get(f"/files/returned?name={name}")
        assert answer.header("Content-Disposition").startswith("attachment")
        assert answer.header("Content-Type") == "application/octet-stream"
        (office / "收回的表" / name).unlink()


def test_it_listens_on_this_machine_only(visitor: Visitor) -> None:
    server = psutil.Process(visitor.desk.process.pid)
    found = [
        one.laddr.ip
        for process in (server, *server.children(recursive=True))
        for one in process.net_connections(kind="inet")
        if one.status == psutil.CONN_LISTEN
    ]
    assert found == ["127.0.0.1"]
    with pytest.raises(OSError, match=r"refused|unreachable|assign"):
        socket.create_connection(("::1", visitor.desk.port), 2).close()


def test_the_secret_stands_in_one_line_only(tmp_path: Path) -> None:
    """Not in what is printed later, not in a page, not in the environment of what the desk starts."""
    office = tmp_path / "office"
    office.mkdir()
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        new_project(office, visitor)
        every_kind(visitor)
        visitor.post("/received/check")
        visitor.wait_for_run("/received")
        pages = [visitor.get(path).text for path in ("/", "/roster", "/received", "/review", "/no")]
        note = next((tmp_path / "state" / "gknb").glob("*.json"))
        if os.name == "posix":
            assert note.stat().st_mode & 0o777 == 0o600
            assert note.parent.stat().st_mode & 0o077 == 0
        assert desk.secret in note.read_text()
        desk.process.send_signal(signal.SIGINT)
        out, err = desk.process.communicate(timeout=120)
    assert not note.exists()
    assert desk.secret not in out + err + "".join(pages)
    assert out == ""
    assert "Traceback" not in err
    assert not [path for path in office.rglob("*") if path.is_file() and desk.secret.encode() in path.read_bytes()]


def test_the_secret_of_an_earlier_start_is_none(tmp_path: Path) -> None:
    """Each start has its own, also on the same port."""
    office = tmp_path / "office"
    office.mkdir()
    with open_desk(office) as first:
        pass
    with open_desk(office, "--port", str(first.port)) as second:
        visitor = Visitor(second)
        assert second.port == first.port
        assert second.secret != first.secret
        assert visitor.get("/", Cookie=f"{visitor.entrance.cookie}={first.secret}").status == 401
        assert visitor.get(f"/?k={first.secret}").status == 401


def test_a_second_start_finds_the_first(visitor: Visitor, office: Path, tmp_path: Path) -> None:
    """However the folder is written."""
    link = tmp_path / "又一个"
    link.symlink_to(office)
    home = office.parent / "state"
    for folder in (office, link, office / ".." / office.name, office / "收回的表" / ".."):
        again = begun(folder, home=home)
        assert again.returncode == 0
        assert again.stdout.strip() == visitor.desk.address
        assert "已经开着" in again.stderr
    assert visitor.get(LIST).status == 200


def test_two_starts_at_the_same_moment_are_one_desk(tmp_path: Path) -> None:
    office = tmp_path / "office"
    office.mkdir()
    opened: list[OpenDesk] = []
    with ExitStack() as stack:

        def start() -> None:
            opened.append(stack.enter_context(open_desk(office)))

        both = [threading.Thread(target=start) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert len({desk.address for desk in opened}) == 1
        until = monotonic() + 20
        while all(desk.process.poll() is None for desk in opened) and monotonic() < until:
            sleep(0.05)
        assert sorted(str(desk.process.poll()) for desk in opened) == ["0", "None"]


def test_a_desk_that_was_killed_does_not_stand_in_the_way(tmp_path: Path) -> None:
    office = tmp_path / "office"
    office.mkdir()
    with open_desk(office) as first:
        first.process.kill()
        first.process.wait()
        (note,) = (tmp_path / "state" / "gknb").glob("*.json")
        assert first.secret in note.read_text()
        with open_desk(office) as second:
            assert second.secret != first.secret
            assert Visitor(second).get("/").status == 200
            assert begun(office, home=tmp_path / "state").stdout.strip() == second.address


def test_a_note_that_lies_is_not_believed(tmp_path: Path) -> None:
    """A note that says another port, or is no note, leads nowhere."""
    office = tmp_path / "office"
    office.mkdir()
    place = tmp_path / "state" / "gknb"
    with open_desk(office) as first:
        (note,) = place.glob("*.json")
    for content in ("", "[]", '{"port": "x"}', '{"port": 99999, "secret": 1}', '{"port": 1, "secret": "x"}'):
        note.write_text(content)
        with open_desk(office) as desk:
            assert desk.secret != first.secret
            assert desk.secret in note.read_text()


def test_a_port_in_use(visitor: Visitor, tmp_path: Path) -> None:
    for port in (visitor.desk.port, 1 if os.geteuid() else visitor.desk.port):
        ended = begun(tmp_path, "--port", str(port), home=tmp_path / "state")
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert "占用" in ended.stderr
        assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("place", ["file", "no home"])
def test_where_nothing_can_be_noted_it_opens_all_the_same(tmp_path: Path, place: str) -> None:
    office, home = tmp_path / "office", tmp_path / "state"
    office.mkdir()
    if place == "file":
        home.write_text("a file, no folder")
    else:
        home = Path("/proc/no/home")
    with open_desk(office, home=home) as desk:
        visitor = Visitor(desk)
        assert visitor.get("/").status == 200
        assert visitor.get("/", Cookie=None).status == 401


@pytest.mark.mounts
def test_where_the_users_folder_is_read_only_it_opens_all_the_same(tmp_path: Path) -> None:
    office, place = tmp_path / "office", tmp_path / "state" / "gknb"
    office.mkdir()
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", place], check=True)
    try:
        with open_desk(office) as desk:
            assert Visitor(desk).get("/").status == 200
    finally:
        subprocess.run(["umount", "-l", place], check=True)


NAMES = ("空 格", "年报（2024）", "a'b\"c", "长" * 60, "-o", "100%", "#?&")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    office = tmp_path / "foreign" / name / ("深" * 60 if name[0] == "长" else "x")
    office.mkdir(parents=True)
    with open_desk(office, home=tmp_path / "state") as desk:
        visitor = Visitor(desk)
        new_project(office, visitor)
        assert visitor.upload("甲.xlsx", b"no workbook").json()["fate"] == "taken"
        visitor.post("/received/check")
        assert "没有做成" in visitor.wait_for_run("/received") or "做完了" in visitor.wait_for_run("/received")
        assert [path.name for path in (office / "收回的表").iterdir()] == ["甲.xlsx"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for folder in (tmp_path / "没有", Path(__file__)):
        ended = begun(folder, home=tmp_path / "state")
        assert ended.returncode == 2
        assert "没有文件夹" in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.mounts
def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    """The pages open; whatever would be written is refused in words."""
    office = tmp_path / "foreign" / "office"
    office.mkdir(parents=True)
    new_project(office)
    (office / "收回的表" / "甲.xlsx").write_bytes(b"no workbook")
    subprocess.run(["mount", "--bind", office, office], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", office], check=True)
    try:
        with open_desk(office, home=tmp_path / "state") as desk:
            visitor = Visitor(desk)
            for path in ("/", "/roster", "/forms", "/received", "/review", "/reports", "/rollup", "/years"):
                assert visitor.get(path).status == 200
            refused = [
                visitor.upload("乙.xlsx", b"x"),
                visitor.post("/files/returned/take-out", name="甲.xlsx"),
                visitor.upload("名册.csv", "机关全称\n甲\n".encode(), path="/roster/upload"),
                visitor.post("/roster/new", name="甲"),
            ]
            assert [one.status for one in refused] == [400] * 4
            assert all("只读" in one.text for one in refused[:3])
            visitor.post("/received/check")
            assert "没有做成" in visitor.wait_for_run("/received")
    finally:
        subprocess.run(["umount", "-l", office], check=True)
