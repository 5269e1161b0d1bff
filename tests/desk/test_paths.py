"""No path outside the project: hostile values in every argument and field of every address of the desk (工作台)."""

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
from desk_wire import new_project
from flask.testing import FlaskClient
from places import TEMPLATES
from werkzeug.test import TestResponse

from toolkit.desk.app import Desk, create_app
from toolkit.desk.command_runs import CommandQueue, CommandRun
from toolkit.desk.entrance import Entrance, new_secret
from toolkit.desk.guard import HEADERS

SECRET_WORDS = "这是项目以外的文件"
DEEP = "../" * 12
BESIDE = "../外面/秘密.txt"
"""A file beside the project, seen from it."""


class Noted(CommandQueue):
    """Notes the commands and runs none."""

    def _work(self) -> None:
        """Nothing is done."""


@dataclass
class Office:
    """A desk without a process, and what stands outside of its project."""

    root: Path
    client: FlaskClient
    runs: CommandQueue
    entrance: Entrance
    said: list[TestResponse] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / "项目"

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> TestResponse:
        usual = {"Host": self.entrance.host, "Origin": self.entrance.origin, "X-Gknb-Token": self.entrance.token}
        given = {**usual, **{key.replace("_", "-"): value for key, value in headers.items()}}
        answer = self.client.open(path, method=method, data=form, headers=given, base_url=self.entrance.origin)
        self.said.append(answer)
        return answer

    def upload(self, name: str, content: bytes = b"x", path: str = "/received/upload/returned") -> TestResponse:
        usual = {"Host": self.entrance.host, "Origin": self.entrance.origin, "X-Gknb-Token": self.entrance.token}
        headers = {**usual, "X-Gknb-Name": quote(name, errors="surrogatepass"), "X-Gknb-Script": "1"}
        answer = self.client.post(path, data=content, headers=headers, base_url=self.entrance.origin)
        self.said.append(answer)
        return answer

    def outside(self) -> dict[str, tuple[bytes, int]]:
        """Everything outside of the project, with its content and time."""
        return {
            str(path.relative_to(self.root)): (path.read_bytes() if path.is_file() else b"", path.lstat().st_mtime_ns)
            for path in sorted(self.root.rglob("*"))
            if self.folder not in (path, *path.parents)
        }

    def inside(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """What was asked is checked at the end: nothing outside was touched or shown, and no answer is a fault of ours."""
    root = tmp_path / "foreign"
    folder, outside = root / "项目", root / "外面"
    for place in (folder, outside, outside / "空"):
        place.mkdir(parents=True)
    new_project(folder)
    (outside / "秘密.txt").write_text(SECRET_WORDS)
    (outside / "名册.csv").write_text(f"机关全称\n{SECRET_WORDS}\n")
    (folder / "office.key").write_text(SECRET_WORDS)
    for key in ("收回的表", "上年的表", "各单位文字"):
        (folder / key / "甲.xlsx").write_bytes(b"no workbook")
    for name, target in (
        ("文件.xlsx", outside / "秘密.txt"),
        ("夹", outside),
        ("绕", "../../外面"),
        ("密钥.xlsx", "../office.key"),
        ("没有.xlsx", outside / "没有"),
        ("圈", "圈"),
    ):
        (folder / "收回的表" / name).symlink_to(target)
    (root / "passwd").write_text(SECRET_WORDS)
    entrance, runs = Entrance(47001, new_secret()), Noted(str(folder))
    monkeypatch.chdir(folder)
    app = create_app(Desk(entrance, runs, threading.Event().set))
    client = app.test_client()
    client.set_cookie(entrance.cookie, entrance.secret, domain="127.0.0.1")
    one = Office(root, client, runs, entrance)
    before = one.outside()
    yield one
    assert one.outside() == before
    assert (folder / "office.key").read_text() == SECRET_WORDS
    assert [answer.request.url for answer in one.said if answer.status_code == 500] == []
    for answer in one.said:
        assert SECRET_WORDS.encode() not in answer.get_data()
        assert [name for name in HEADERS if not answer.headers.get(name)] in ([], ["Cache-Control"])


HOSTILE = (
    *(BESIDE, f"收回的表/../{BESIDE}", f"甲.xlsx/../../{BESIDE}", "..\\外面\\秘密.txt", "..\\..\\外面\\秘密.txt"),
    *(f"{DEEP}etc/passwd", "/etc/passwd", "//etc/passwd", "file:///etc/passwd", "~/.ssh/id_rsa", "..", ".", "", "/"),
    *("C:\\Windows\\win.ini", "C:win.ini", "\\\\server\\share\\a", "\\\\?\\C:\\a", "\\\\.\\PhysicalDrive0"),
    *("CON", "NUL", "COM1.xlsx", "aux.txt", "甲.xlsx:Zone.Identifier", "甲.xlsx::$DATA"),
    *("%2e%2e/外面/秘密.txt", "%2e%2e%2f外面%2f秘密.txt", "..%2f外面%2f秘密.txt", "..%5c外面", "%00", "..;/外面"),
    *("甲.xlsx\0", "\0", "a\0.xlsx", "a\nb", "a\r\nX: y", "\t", "\x1b[31m", "\ufffe", "\u202e", "\U0010ffff"),
    *("夹/秘密.txt", "夹/名册.csv", "绕/秘密.txt", "文件.xlsx", "密钥.xlsx", "没有.xlsx", "圈", "圈/圈", "夹", "夹/空"),
    *(
        "长" * 300,
        "a/" * 600,
        "a" * 5_000,
        "--force",
        "-o",
        "-",
        "*",
        "$(id)",
        "`id`",
        "{{7*7}}",
        "{% x %}",
        "9" * 5_000,
    ),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'", '"', "&amp;", "new", "-1", "0", "１", "²"),
)
FIELDS = sorted(
    {name for page in TEMPLATES.glob("desk/*.html") for name in re.findall(r'name="(\w+)"', page.read_text())}
)
FIELDS += ["name", "group", "contact", "phone", "code", "former", "kind", "sort", "all", "state", "export"]
"""Every field of a form in the pages, those of the roster, and what else may stand in an address."""


def test_every_field_is_known() -> None:
    """The hostile values get into every field that a screen asks for."""
    asked = {
        name
        for screen in Path(__file__).parents[2].joinpath("toolkit/desk/screens").glob("*.py")
        for name in re.findall(r'request\.(?:form|args)(?:\.get\(|\[)"(\w+)"', screen.read_text())
    }
    assert len(asked) > 5
    assert asked <= set(FIELDS)


def addresses(client: FlaskClient, value: str) -> Iterator[tuple[str, str]]:
    """Every address with its methods; a value stands for its argument."""
    for rule in client.application.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", lambda _: quote(value, safe=""), rule.rule)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            if path != "/runs/end":
                yield method, path


@pytest.mark.slow
def test_hostile_values_in_every_argument(office: Office) -> None:
    for value in HOSTILE:
        for method, path in addresses(office.client, value):
            office.ask(method, path)
            if "%" in path:
                raw = path.replace("%2F", "/").replace("%5C", "\\")
                office.ask(method, raw)


@pytest.mark.slow
def test_hostile_values_in_every_field(office: Office) -> None:
    known = {"key": ("returned", "prior", "texts", "roster", "results"), "row": ("new", "2"), "number": ("1",)}
    addressed = [
        (method, re.sub(r"<[^>]*>", one, rule.rule))
        for rule in office.client.application.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        for one in known.get(next(iter(rule.arguments), ""), ("甲.xlsx",))
        if rule.rule != "/runs/end"
    ]
    for value, (method, path) in product(HOSTILE, addressed):
        fields = dict.fromkeys(FIELDS, value)
        if method == "GET":
            office.ask("GET", f"{path}?" + "&".join(f"{key}={quote(value)}" for key in FIELDS if key != "k"))
        else:
            office.ask("POST", path, fields)


def test_hostile_values_in_one_field_at_a_time(office: Office) -> None:
    """The others are right, so that the value gets as far as it can."""
    for value in HOSTILE:
        for key in ("returned", "prior", "roster", "results", "key", "scores"):
            office.ask("GET", f"/files/{key}?name={quote(value)}")
        for key in ("returned", "prior", "texts", "key", "results"):
            office.ask("POST", f"/files/{key}/take-out", {"name": value, "back": "/received"})
            office.ask("POST", f"/files/{key}/open", {"name": value, "back": "/received"})
            office.ask("POST", f"/files/{key}/put-back", {"moment": value, "name": "甲.xlsx"})
            office.ask("POST", f"/files/{key}/put-back", {"moment": "20250101-000000-000000", "name": value})
        office.ask("POST", "/roster/take-back", {"name": value})
        office.ask("GET", f"/review/agency?name={quote(value)}")
        office.ask("POST", "/review/refuse", {"name": value, "finding": value, "why": "x"})
    assert {"收回的表/甲.xlsx", "上年的表/甲.xlsx", "各单位文字/甲.xlsx"} <= office.inside()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_as_the_name_of_an_upload(office: Office, name: str) -> None:
    """What is taken lies in its folder, under a name that every system knows; nothing stands in a place of a link."""
    before = office.inside()
    answer = office.upload(name)
    said = answer.get_json()
    new = office.inside() - before
    assert answer.status_code in (200, 400)
    assert len(new) == (said.get("fate") == "taken")
    for path in new:
        assert path.startswith("收回的表/")
        assert path == f"收回的表/{said['path']}"
        parts = path.split("/")
        assert len(parts) <= 8
        for part in parts:
            assert part.isprintable()
            assert not set(part) & set('<>:"\\|?*')
            assert part == part.strip(" .") or part.endswith(")")
            assert len(part.encode()) <= 240
            assert part.split(".")[0].upper() not in ("CON", "NUL", "COM1", "AUX")


def test_hostile_values_as_other_heads_of_an_upload(office: Office) -> None:
    for value in ("-1", "x", "9" * 14, "9" * 40, "1e9", "٣", "0"):
        office.ask("POST", "/received/upload/returned", X_Gknb_Name=f"t{len(value)}.xlsx", X_Gknb_Time=value)
    for value in ("", " ", "%", "%zz", "%00", "%ff", "%ED%A0%80.xlsx", "x" * 60_000):
        office.ask("POST", "/received/upload/returned", X_Gknb_Name=value)
        office.ask("POST", "/roster/upload", X_Gknb_Name=value)


def test_an_upload_does_not_follow_a_link_out_of_the_folder(office: Office) -> None:
    for name in ("夹/新.xlsx", "夹/空/新.xlsx", "绕/新.xlsx", "夹\\新.xlsx"):
        said = office.upload(name).get_json()
        assert said["fate"] == "refused"
        assert "链接" in said["words"]
    assert office.upload("文件.xlsx").get_json()["path"] == "文件（2）.xlsx"
    assert office.upload("没有.xlsx").get_json()["path"] == "没有（2）.xlsx"


def test_what_was_taken_out_does_not_come_back_through_a_link(office: Office) -> None:
    """The folder where it stood has become a link in between."""
    place = office.folder / "收回的表" / "乡镇"
    place.mkdir()
    (place / "乙.xlsx").write_bytes(b"x")
    assert office.ask("POST", "/files/returned/take-out", {"name": "乡镇/乙.xlsx"}).status_code == 303
    place.rmdir()
    place.symlink_to(office.root / "外面")
    (moment,) = (office.folder / "移出的文件" / "收回的表").iterdir()
    back = {"moment": moment.name, "name": "乡镇/乙.xlsx"}
    assert office.ask("POST", "/files/returned/put-back", back).status_code == 400
    place.unlink()
    assert office.ask("POST", "/files/returned/put-back", back).status_code == 303
    assert (place / "乙.xlsx").read_bytes() == b"x"


def test_what_is_taken_out_does_not_leave_through_a_link(office: Office) -> None:
    (office.folder / "移出的文件").symlink_to(office.root / "外面")
    assert office.ask("POST", "/files/returned/take-out", {"name": "甲.xlsx"}).status_code == 400
    assert (office.folder / "收回的表" / "甲.xlsx").exists()


def test_a_roster_does_not_come_or_go_through_a_link(office: Office) -> None:
    kept = office.folder / "移出的文件" / "名册"
    kept.mkdir(parents=True)
    (kept / "20250101-000000-000000.csv").symlink_to(office.root / "外面" / "名册.csv")
    (office.folder / "名册.xlsx").unlink()
    (office.folder / "名册.xlsx").symlink_to(office.root / "外面" / "名册.csv")
    office.ask("POST", "/roster/take-back", {"name": "20250101-000000-000000.csv"})
    assert office.ask("GET", "/files/roster?name=x").status_code == 400


def test_only_folders_of_the_project_are_served(office: Office) -> None:
    for key in ("key", "scores", "year", "office", "", ".", "..", "returned/..", "Returned", "static", "desk"):
        assert office.ask("GET", f"/files/{quote(key, safe='')}?name=甲.xlsx").status_code in (400, 404)
    for path in ("/static/../app.py", "/static/%2e%2e/base.html", "/static/..%2fbase.html", "/static//etc/passwd"):
        assert office.ask("GET", path).status_code in (404, 308)


def test_what_is_opened_is_no_program(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("toolkit.desk.screens.files._open", opened.append)
    for name in (
        "a.exe",
        "a.bat",
        "a.lnk",
        "a.desktop",
        "a.sh",
        "a.xlsm",
        "a.js",
        "a.hta",
        "a.url",
        "a",
        "-o.xlsx",
        "甲.xlsx",
    ):
        (office.folder / "收回的表" / name).write_bytes(b"x")
        office.ask("POST", "/files/returned/open", {"name": name})
    assert [Path(path).name for path in opened] == ["-o.xlsx", "甲.xlsx"]
    assert all(Path(path).is_absolute() for path in opened)


BACK = (
    "//attacker.example",
    "/\\attacker.example",
    "http://attacker.example",
    "/\t/attacker.example",
    "/\n/x",
    "/\r\nX: y",
)


@pytest.mark.parametrize("back", [*BACK, "", "x", "javascript:alert(1)", "/\0", "/ x", "\\/x"])
def test_the_way_back_leads_to_this_desk(office: Office, back: str) -> None:
    answer = office.ask("POST", "/files/returned/take-out", {"name": "甲.xlsx", "back": back})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_no_value_becomes_an_option_of_a_command(office: Office) -> None:
    """A name that looks like an option stands where only a value can stand, and folders come after a --."""
    settings = office.folder / "gknb.toml"
    settings.write_text(settings.read_text().replace('"上年的表"', '"--force"').replace('agency = "', '# "'))
    (office.folder / "--force").mkdir()
    for value in ("--force", "-o", "--", "-"):
        office.ask("POST", "/reports/make", {"agency": value, "html": value})
        office.ask("POST", "/rollup/make", {"agency": value})
        office.ask("POST", "/years/make", {"agency": value})
        report, rollup, trend = (run.arguments for run in office.runs.runs()[-3:])
        assert report == ("report", f"--only-agency={value}", "--html")
        assert rollup == ("rollup", f"--agency={value}")
        assert trend[:2] == ("trend", f"--agency={value}")
        assert trend[4:] == ("--force", "--", "--force", "收回的表")


def test_a_command_with_a_hostile_value_does_not_stop_the_others(tmp_path: Path) -> None:
    """An invisible character in a field ended the thread that runs the commands."""
    runs = CommandQueue(str(tmp_path))
    tried = [runs.add("甲", "x", ["rules", "a\0b"]), runs.add("乙", "x", ["rules", "--year", "2024"])]
    long = runs.add("丙", "x", ["rules", "x" * 5_000_000])
    ended(*tried, long)
    assert [run.exit_status for run in (*tried, long)] == [2, 0, 2]


def ended(*runs: CommandRun) -> None:
    for _ in range(600):
        if not any(run.is_open for run in runs):
            return
        threading.Event().wait(0.05)
    raise AssertionError(runs)


ODD_NAMES = (
    b"\xc7\xe0\xba\xd3.xlsx",
    b"\xff\xfe.xlsx",
    b"a\nb.xlsx",
    b"a\rb.xlsx",
    b"\xe2\x80\xaexslx.exe",
    b"<U+000A>.xlsx",
    b'"a".xlsx',
)


def test_a_name_that_is_no_text_can_be_seen_and_used(office: Office) -> None:
    """Programs for Linux unpack the names of Chinese Windows as bytes; a page with one of them could not be shown."""
    folder = os.fsencode(office.folder / "收回的表")
    for name in ODD_NAMES:
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(name)
    page = office.ask("GET", "/received")
    assert page.status_code == 200
    assert office.ask("GET", "/received?export=csv").status_code == 200
    shown = set(re.findall(r'/files/returned\?name=([^"]+)"', page.get_data(as_text=True)))
    contents = set()
    for name in shown:
        answer = office.ask("GET", f"/files/returned?name={name}")
        if answer.status_code == 200:
            contents.add(answer.get_data())
            assert answer.headers["Content-Disposition"].startswith("attachment")
    assert set(ODD_NAMES) <= contents
    assert "青河.xlsx" in page.get_data(as_text=True)
    assert office.ask("POST", "/files/returned/take-out", {"name": "青河.xlsx"}).status_code == 303
    assert not os.path.lexists(folder + b"/" + ODD_NAMES[0])
    assert "青河.xlsx" in office.ask("GET", "/received").get_data(as_text=True)
    (moment,) = (office.folder / "移出的文件" / "收回的表").iterdir()
    back = {"moment": moment.name, "name": "青河.xlsx"}
    assert office.ask("POST", "/files/returned/put-back", back).status_code == 303
    assert Path(os.fsdecode(folder + b"/" + ODD_NAMES[0])).read_bytes() == ODD_NAMES[0]


def test_what_is_no_file_is_not_listed(office: Office) -> None:
    os.mkfifo(office.folder / "收回的表" / "管道.xlsx")
    (office.folder / "收回的表" / "甲.xlsx").touch()
    os.utime(office.folder / "上年的表" / "甲.xlsx", (-(2**33), -(2**33)))
    os.utime(office.folder / "收回的表" / "甲.xlsx", (2**33, 2**33))
    page = office.ask("GET", "/received").get_data(as_text=True)
    assert "管道" not in page
    assert office.ask("GET", "/files/returned?name=管道.xlsx").status_code == 400


def test_a_project_folder_that_is_gone_is_said_in_words(office: Office) -> None:
    """A stick that was pulled out. The desk answers, and nothing is made elsewhere."""
    office.folder.rename(office.root / "移走")
    for path in ("/", "/received", "/review", "/files/returned?name=甲.xlsx"):
        answer = office.ask("GET", path)
        assert answer.status_code in (200, 400, 503)
    office.upload("乙.xlsx")
    (office.root / "移走").rename(office.folder)
    assert office.ask("GET", "/received").status_code == 200


@pytest.mark.parametrize(
    "value", ['"长"' + "长" * 400, '""', '"."', '".."', '"\\u0000"', "3", '"圈"', "[", '"收回的表/甲.xlsx"']
)
def test_odd_folders_in_the_settings(office: Office, value: str) -> None:
    """A wrong setting is said in words, on every page."""
    value = f'"{"长" * 400}"' if value.startswith('"长') else value
    (office.folder / "圈").symlink_to("圈")
    settings = (office.folder / "gknb.toml").read_text()
    for key in ("prior", "results", "texts", "roster", "distributed"):
        changed = re.sub(rf"(?m)^{key} *=.*$", f"{key} = {value}".replace("\\", r"\\"), settings)
        assert changed != settings
        (office.folder / "gknb.toml").write_text(changed)
        for page in ("/", "/roster", "/forms", "/received", "/review", "/reminders", "/reports", "/rollup", "/years"):
            office.ask("GET", page)
    (office.folder / "gknb.toml").write_text(settings)
