"""What is dropped on the desk (工作台): whole or not at all, nothing lost, and nobody has to wait for somebody slow."""

import hashlib
import os
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest
from desk_wire import Visitor, answer_on, new_project
from desks import open_desk

from toolkit.desk.http_server import UPLOAD_LIMIT

UPLOAD = "/received/upload/returned"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uploads") / "foreign" / "2024"
    folder.mkdir(parents=True)
    new_project(folder)
    return folder


@pytest.fixture(scope="module")
def visitor(office: Path) -> Iterator[Visitor]:
    with open_desk(office) as desk:
        yield Visitor(desk)


def returned(office: Path) -> set[str]:
    """Every file of the folder, also hidden ones."""
    folder = office / "收回的表"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def head_of(visitor: Visitor, name: str, **changes: str | None) -> bytes:
    given = {"X-Gknb-Name": name, **{key.replace("_", "-"): value for key, value in changes.items()}}
    return visitor.head("POST", UPLOAD, given)


def read_of(visitor: Visitor) -> int:
    """Bytes that the desk has read."""
    return psutil.Process(visitor.desk.process.pid).io_counters().read_chars


@pytest.mark.parametrize("size", [UPLOAD_LIMIT, 5 * 2**30, 2**63, 10**30])
def test_what_is_too_large_is_refused_at_once(visitor: Visitor, office: Path, size: int) -> None:
    before = returned(office)
    with closing(visitor.connect()) as wire:
        wire.sendall(head_of(visitor, "a.xlsx", Content_Length=str(size)))
        answer = answer_on(wire)
    assert answer.status == 413
    assert answer.text == "文件太大，没有收。"
    assert returned(office) == before


def test_what_does_not_say_how_large_it_is_ends_at_the_limit(visitor: Visitor, office: Path) -> None:
    before, sent, piece = returned(office), 0, bytes(1 << 20)
    with closing(visitor.connect()) as wire:
        wire.sendall(head_of(visitor, "a.xlsx", Transfer_Encoding="chunked"))
        try:
            while sent < 2 * UPLOAD_LIMIT:
                wire.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                sent += len(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert UPLOAD_LIMIT - 2**20 <= sent < 1.2 * UPLOAD_LIMIT
    assert returned(office) == before


def test_chunks_within_the_limit_are_taken(visitor: Visitor, office: Path) -> None:
    with closing(visitor.connect()) as wire:
        wire.sendall(head_of(visitor, "chunks.xlsx", Transfer_Encoding="chunked"))
        wire.sendall(b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        assert answer_on(wire).json()["fate"] == "taken"
    assert (office / "收回的表" / "chunks.xlsx").read_bytes() == b"abcdefg"


def test_a_stranger_cannot_make_this_machine_take_anything_in(visitor: Visitor, office: Path) -> None:
    """Only the head is read; any page in any browser of this machine could fill the disk otherwise."""
    before, read = returned(office), read_of(visitor)
    for change in ({"Cookie": None}, {"Cookie": f"{visitor.entrance.cookie}=x"}):
        with closing(visitor.connect()) as wire:
            wire.sendall(head_of(visitor, "a.xlsx", Content_Length=str(90 * 2**20), **change))
            assert answer_on(wire).status == 401
        with closing(visitor.connect()) as wire:
            wire.sendall(head_of(visitor, "a.xlsx", Transfer_Encoding="chunked", **change))
            assert answer_on(wire).status == 401
    assert returned(office) == before
    assert read_of(visitor) - read < 2**20


def test_a_file_over_the_toolkits_own_limit(visitor: Visitor, office: Path) -> None:
    """It fits into the request, and is refused in words."""
    before = returned(office)
    said = visitor.upload("a.xlsx", bytes(UPLOAD_LIMIT - 1000)).json()
    assert said["fate"] == "refused"
    assert "100 MB" in said["words"]
    assert returned(office) == before
    assert visitor.upload("a.csv", bytes(30 * 2**20), path="/roster/upload").status == 400


def test_slow_ones_do_not_hold_up_the_others(visitor: Visitor, office: Path) -> None:
    """Forty that send a byte now and then; everybody else is answered as ever, and what they sent is complete."""
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(visitor.connect())) for _ in range(40)]
        for number, wire in enumerate(slow):
            wire.sendall(head_of(visitor, f"slow/{number}.xlsx", Content_Length="8"))
        half = [stack.enter_context(closing(visitor.connect())) for _ in range(20)]
        for wire in half:
            wire.sendall(b"GET / HTTP/1.1\r\nHo")
        for byte in range(8):
            for number, wire in enumerate(slow):
                wire.sendall(f"{(number + byte) % 10}".encode())
            assert visitor.get("/received").status == 200
            assert visitor.upload(f"quick{byte}.xlsx", b"x").json()["fate"] == "taken"
            sleep(0.1)
        assert [answer_on(wire).json()["fate"] for wire in slow] == ["taken"] * 40
    folder = office / "收回的表" / "slow"
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        f"{number}.xlsx": "".join(str((number + byte) % 10) for byte in range(8)) for number in range(40)
    }


def test_what_is_broken_off_leaves_nothing(visitor: Visitor, office: Path) -> None:
    before = returned(office)
    server = psutil.Process(visitor.desk.process.pid)
    assert visitor.get("/").status == 200
    open_before = server.num_fds()
    for _ in range(5):
        with closing(visitor.connect()) as wire:
            wire.sendall(head_of(visitor, "broken.xlsx", Content_Length=str(20 * 2**20)))
            wire.sendall(bytes(3 * 2**20))
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    until = monotonic() + 60
    while server.num_fds() > open_before and monotonic() < until:
        sleep(0.05)
    assert server.num_fds() <= open_before
    assert returned(office) == before
    assert visitor.get("/").status == 200


def test_two_windows_drop_files_of_one_name(visitor: Visitor, office: Path) -> None:
    """All are kept, each with its own content; what is there already is said to be known."""
    contents = [f"content {number}".encode() for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(lambda content: visitor.upload("同名/甲局.xlsx", content).json(), contents))
    assert {one["fate"] for one in said} == {"taken"}
    assert len({one["path"] for one in said}) == 12
    for one, content in zip(said, contents, strict=True):
        assert (office / "收回的表" / one["path"]).read_bytes() == content
    with ThreadPoolExecutor(12) as pool:
        again = list(pool.map(lambda content: visitor.upload("同名/甲局.xlsx", content).json(), contents))
    assert {one["fate"] for one in again} == {"known"}
    assert [one["path"] for one in again] == [one["path"] for one in said]
    assert len(list((office / "收回的表" / "同名").iterdir())) == 12


def test_200_at_once(visitor: Visitor, office: Path) -> None:
    """Uploads, pages and downloads mixed: each is answered with what was asked for, none is lost."""
    contents = {f"many/{number}.xlsx": os.urandom(2_000 + 400 * number) for number in range(120)}

    def upload(name: str) -> tuple[str, bool]:
        said = visitor.upload(name, contents[name])
        return "upload", said.status == 200 and said.json() == {
            "fate": "taken",
            "path": name,
            "words": f"收下 {name[5:]}。",
        }

    def see(path: str) -> tuple[str, bool]:
        answer = visitor.get(path)
        return "page", answer.status == 200 and answer.text.rstrip().endswith("</html>")

    def stranger(path: str) -> tuple[str, bool]:
        return "stranger", visitor.get(path, Cookie=None).status == 401

    paths = ("/roster", "/received", "/reports", "/review")
    work = [
        *((upload, name) for name in contents),
        *((see, paths[number % 4]) for number in range(60)),
        *((stranger, paths[number % 4]) for number in range(20)),
    ]
    work.sort(key=lambda one: hashlib.sha256(one[1].encode()).digest())
    with ThreadPoolExecutor(200) as pool:
        done = list(pool.map(lambda one: one[0](one[1]), work))
    assert Counter(done) == {("upload", True): 120, ("page", True): 60, ("stranger", True): 20}
    folder = office / "收回的表" / "many"
    assert {f"many/{path.name}": path.read_bytes() for path in folder.iterdir()} == contents


def test_no_option_of_a_command_comes_out_of_a_name(visitor: Visitor, office: Path) -> None:
    visitor.put_roster("青河县教育局")
    for name in ("-o", "--force", "--help.xlsx", "-.json"):
        assert visitor.upload(name, b"x").json()["fate"] == "taken"
    visitor.post("/received/check")
    panel = visitor.wait_for_run("/received")
    assert "做完了" in panel
    assert "--help.xlsx" in (office / "校验结果" / "findings.json").read_text(encoding="utf-8")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def filled(disk: Path) -> Path:
    """Fill the disk up, and return what fills it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def test_a_full_disk(disk: Path, tmp_path: Path) -> None:
    """In words, nothing half, and the desk lives on: while a file, a roster, a decision, a check are written."""
    office = disk / "2024"
    office.mkdir()
    new_project(office)
    with open_desk(office, home=tmp_path / "state") as desk:
        visitor = Visitor(desk)
        visitor.put_roster("青河县教育局")
        assert visitor.upload("甲.xlsx", b"no workbook").status == 200
        before = returned(office)
        large = visitor.upload("乙.xlsx", bytes(3 * 2**20))
        filler = filled(disk)
        roster = "机关全称\n" + "".join(f"青河县第{number}局\n" for number in range(2_000))
        refused = (
            large,
            visitor.upload("丙.xlsx", bytes(20_000)),
            visitor.upload("r.csv", roster.encode(), path="/roster/upload"),
        )
        for one in refused:
            assert one.status == 400
            assert "磁盘已满" in one.text
        assert returned(office) == before
        assert {path.name for path in office.iterdir()} >= {"名册.xlsx", "gknb.toml"}
        visitor.post("/received/check")
        panel = visitor.wait_for_run("/received")
        assert "没有做成" in panel
        assert "磁盘已满" in panel
        for page in ("/", "/roster", "/received", "/review"):
            assert visitor.get(page).status == 200
        assert not list(office.rglob("*.part"))
        filler.unlink()
        assert visitor.upload("丙.xlsx", bytes(20_000)).json()["fate"] == "taken"
        visitor.post("/received/check")
        assert "做完了" in visitor.wait_for_run("/received")


def test_a_full_temporary_folder(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large uploads go through it. Nothing is taken, and the desk lives on."""
    office = tmp_path / "foreign" / "2024"
    office.mkdir(parents=True)
    new_project(office)
    monkeypatch.setenv("TMPDIR", str(disk))
    with open_desk(office) as desk:
        visitor = Visitor(desk)
        assert visitor.upload("先.xlsx", bytes(2**20)).json()["fate"] == "taken"
        filler = filled(disk)
        with closing(visitor.connect()) as wire:
            wire.sendall(head_of(visitor, "large.xlsx", Content_Length=str(5 * 2**20)) + bytes(2**20))
            answer = answer_on(wire)
        assert answer.status == 507
        assert "磁盘已满" in answer.text
        assert returned(office) == {"先.xlsx"}
        small = visitor.upload("名册.csv", "机关全称\n甲局\n".encode() * 2_000, path="/roster/upload")
        assert small.status in (200, 400)
        assert visitor.upload("乙.xlsx", b"x").json()["fate"] == "taken"
        filler.unlink()
        assert visitor.upload("甲.xlsx", bytes(2**20)).json()["fate"] == "taken"
        desk.process.terminate()
        assert "Traceback" not in desk.process.communicate(timeout=120)[1]


def test_the_agencys_own_check_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file in a folder of its own, which goes with the program; a name that nobody was told opens nothing."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    with open_desk(tmp_path, "--check-only") as desk:
        visitor = Visitor(desk)
        said = visitor.upload("../../表.xlsx", b"no workbook", path="/own/upload").json()
        assert said["fate"] == "taken"
        hidden = visitor.upload(".表.xlsx", b"no workbook", path="/own/upload").json()
        assert (hidden["fate"], hidden["then"]) == ("refused", "")
        until = monotonic() + 120
        while "正在查" in visitor.get(said["then"]).text and monotonic() < until:
            sleep(0.1)
        assert "读不出来" in visitor.get(said["then"]).text
        for path in (
            "/own/0123456789abcdef",
            "/own/..",
            "/own/%2e%2e",
            "/own/" + "g" * 16,
            "/received",
            "/files/returned?name=a",
        ):
            assert visitor.get(path).status == 404
        assert visitor.get(said["then"], Cookie=None).status == 401
        assert list(place.rglob("表.xlsx"))
    assert not list(place.rglob("表.xlsx"))
    assert not list(place.glob("gknb-*"))
