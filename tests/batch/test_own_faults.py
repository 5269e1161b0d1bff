"""Faults of the toolkit's own helpers: workers that do not come to work, a record of progress that was edited."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Gknb, environment
from kit import report, write

from toolkit.batch.ledger.ledger import LEDGER_NAME
from toolkit.submission.json_csv import to_data

DEATHS = """
import os, sys
if "multiprocessing.forkserver" in " ".join(sys.orig_argv):
    how, count = os.environ["GKNB_TEST_DEATH"], os.environ["GKNB_TEST_COUNT"]
    try:
        os.mkdir(count)
        first = True
    except FileExistsError:
        first = False
    if how == "once" and first or how == "always":
        os._exit(1)
    if how == "workers":
        fork = os.fork
        def dead():
            child = fork()
            return child or os._exit(1)
        os.fork = dead
    if how == "no room":
        def none():
            raise BlockingIOError(11, "Resource temporarily unavailable")
        os.fork = none
"""
"""What Python does as it begins: the server of processes, which starts the workers, dies, or what it starts does."""


def check(folder: Path, how: str, *options: str) -> subprocess.CompletedProcess[str]:
    write(folder / "site" / "sitecustomize.py", DEATHS.encode())
    env = environment({"GKNB_TEST_DEATH": how, "GKNB_TEST_COUNT": str(folder / "count")})
    env["PYTHONPATH"] = f"{folder / 'site'}{os.pathsep}{env['PYTHONPATH']}"
    call = [sys.executable, "-m", "toolkit", "check", "foreign", *options]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, encoding="utf-8", env=env, check=False)


@pytest.fixture
def returned(tmp_path: Path) -> Path:
    data = to_data(report("suqian-2024"))
    for name in ("甲局", "乙局", "丙局"):
        write(tmp_path / "foreign" / f"{name}.json", json.dumps({**data, "agency": name}).encode())
    return tmp_path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs a server of processes")
@pytest.mark.parametrize("how", ["always", "workers", "no room"])
def test_workers_that_do_not_come_to_work_are_told_in_words(returned: Path, how: str) -> None:
    """It is a fault of the toolkit (exit 3); no Ctrl-C, and no fault of any file."""
    ran = check(returned, how, "-o", "结果")
    assert ran.returncode == 3, ran
    assert "处理文件的进程一开始就中止了" in ran.stderr
    assert "已中断" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1, "no English beside it"
    assert ran.stdout == ""
    after = check(returned, "none", "-o", "结果", "--resume", "--json")
    assert json.loads(after.stdout)["summary"]["passed"] == 3, after.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs a server of processes")
def test_a_server_of_processes_that_dies_as_it_begins_is_started_again(returned: Path) -> None:
    ran = check(returned, "once", "--json")
    assert (returned / "count").exists()
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["summary"] == {"files": 3, "passed": 3, "failed": 0, "unreadable": 0}
    assert ran.stderr == ""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a server of processes")
@pytest.mark.parametrize("length", [20, 30, 60])
def test_a_temporary_folder_with_a_long_name_holds_nothing_up(
    gknb_anew: Gknb, returned: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """The server of processes is reached by a socket there, and the path of a socket must be short."""
    place = returned / ("长" * length)
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    ran = gknb_anew("check", "foreign", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["summary"]["passed"] == 3


# ---------------------------------------------------------------- a ledger that somebody edited

SQL = {
    "a status": "UPDATE contents SET status = 'xyz'",
    "a false verdict": "UPDATE contents SET status = 'failed' WHERE agency = '甲局'",
    "findings that are no JSON": "UPDATE contents SET findings = '[{'",
    "findings of another shape": "UPDATE contents SET findings = '[1, null, {\"rule\": 5}]'",
    "findings that are null": "UPDATE contents SET findings = NULL",
    "texts that are no zlib": "UPDATE contents SET texts = x'00ff00'",
    "texts that are a number": "UPDATE contents SET texts = 1.5",
    "a year that is a text": "UPDATE contents SET year = 'nan'",
    "a form that there is not": "UPDATE contents SET form = '1899'",
    "an agency that is no text": "UPDATE contents SET agency = x'ff'",
    "text that is no UTF-8": "UPDATE contents SET agency = CAST(x'ffff' AS TEXT)",
    "a digest": "UPDATE contents SET digest = 'abc'",
    "a number": "UPDATE contents SET id = id + 1000",
    "essences": "UPDATE essences SET bits = 'text', bands = '{'",
    "essences of nobody": "INSERT INTO essences VALUES (77777, '一', 'x', 500, x'00', '[]')",
    "a row that is gone": "DELETE FROM contents WHERE agency = '乙局'",
    "a table that is gone": "DROP TABLE essences",
    "all tables gone": "DROP TABLE essences; DROP TABLE contents; DROP TABLE run",
    "a column more": "ALTER TABLE contents ADD COLUMN note TEXT",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON returns BEGIN DELETE FROM returns; END",
    "another table in its place": "DROP TABLE contents; CREATE TABLE contents (id INTEGER PRIMARY KEY, digest TEXT)",
    "a view in its place": "DROP TABLE contents; CREATE VIEW contents AS SELECT 1 AS id",
    "no fingerprint": "DELETE FROM run",
    "a fingerprint that is no text": "UPDATE run SET fingerprint = x'00'",
}


@pytest.mark.slow
@pytest.mark.parametrize("sql", SQL.values(), ids=SQL.keys())
def test_an_edited_ledger_is_not_believed(gknb: Gknb, returned: Path, sql: str) -> None:
    """What is not as it was recorded is found out anew, and the results are those of the files."""
    wanted = gknb("check", "foreign", "-o", "结果", "--json").stdout
    base = sqlite3.connect(returned / "结果" / LEDGER_NAME)
    base.executescript(sql)
    base.close()
    ran = gknb("check", "foreign", "-o", "结果", "--resume", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == json.loads(wanted)
    if sql.startswith("UPDATE contents") or "TABLE" in sql:
        assert "重新校验了" in ran.stderr


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "text": lambda _: "不是数据库".encode() * 500,
    "half": lambda content: content[: len(content) // 2],
    "zeros in the middle": lambda content: content[:8192] + bytes(4096) + content[12288:],
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", BYTES.values(), ids=BYTES.keys())
def test_a_damaged_ledger_is_told_in_words(gknb: Gknb, returned: Path, damage: Callable[[bytes], bytes]) -> None:
    """Begun anew, or refused with what to do; never with results that are not those of the files."""
    wanted = gknb("check", "foreign", "-o", "结果", "--json").stdout
    path = returned / "结果" / LEDGER_NAME
    path.write_bytes(damage(path.read_bytes()))
    ran = gknb("check", "foreign", "-o", "结果", "--resume", "--json")
    if ran.returncode == 2:
        assert "已经损坏，读不出上次的进度。请不加 --resume，重新校验（加 --force）。" in ran.stderr
        ran = gknb("check", "foreign", "-o", "结果", "--force", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == json.loads(wanted)


def test_a_file_of_which_a_part_is_lost_is_read_again(gknb: Gknb, tmp_path: Path) -> None:
    data = to_data(report("suqian-2024"))
    both = [{**data, "agency": name} for name in ("甲局", "乙局")]
    write(tmp_path / "foreign" / "两份.json", json.dumps(both).encode())
    wanted = gknb("check", "foreign", "-o", "结果", "--json").stdout
    assert json.loads(wanted)["summary"]["files"] == 2
    base = sqlite3.connect(tmp_path / "结果" / LEDGER_NAME)
    base.executescript("DELETE FROM contents WHERE agency = '乙局'")
    base.close()
    again = gknb("check", "foreign", "-o", "结果", "--resume", "--json")
    assert json.loads(again.stdout) == json.loads(wanted)


@pytest.mark.slow
def test_an_honest_ledger_is_used(gknb: Gknb, returned: Path) -> None:
    """What is guarded must not be thrown away: nothing is done again."""
    gknb("check", "foreign", "-o", "结果")
    shutil.copy(returned / "结果" / LEDGER_NAME, returned / "before")
    ran = gknb("check", "foreign", "-o", "结果", "--resume")
    assert "重新校验" not in ran.stderr
    ids = [
        sqlite3.connect(path).execute("SELECT id, seal FROM contents ORDER BY id").fetchall()
        for path in (returned / "before", returned / "结果" / LEDGER_NAME)
    ]
    assert ids[0] == ids[1] != []


def test_an_end_of_input_somewhere_within_is_no_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typer takes every EOFError for somebody who breaks off; it is a fault of ours."""
    import toolkit.batch.roster
    from toolkit.cli.main import run

    def ended() -> bytes:
        raise EOFError

    monkeypatch.setattr(toolkit.batch.roster, "roster_template", ended)
    assert run(["roster", "-o", "名册.xlsx"]) == 3


@pytest.mark.slow
def test_a_ledger_that_another_process_holds_is_not_taken_for_damaged(gknb: Gknb, returned: Path) -> None:
    gknb("check", "foreign", "-o", "结果")
    path = returned / "结果" / LEDGER_NAME
    before = path.read_bytes()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    ran = gknb("check", "foreign", "-o", "结果", "--resume")
    holder.execute("ROLLBACK")
    assert ran.returncode == 2
    assert "另一个 gknb 正在用" in ran.stderr
    assert path.read_bytes() == before
