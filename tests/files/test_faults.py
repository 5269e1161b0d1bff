"""Nothing is lost, whatever happens to disks: real small file systems are filled, made read-only and taken away, files
are held as another program holds them. Afterwards there is no half file, what was there before is there still, the
inputs are as they were, one line says what to do, and doing it gives the whole result.
"""

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Gknb
from kit import others_workbook, report, write
from processes import MANY, assert_told, inputs, outputs, start, state, wait_for

from toolkit.files.write_errors import Unwritable, in_words
from toolkit.submission.json_csv import to_data


def call(*arguments: object) -> None:
    subprocess.run([*map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    call("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place)
    yield place
    subprocess.run(["umount", "-l", place], check=False, capture_output=True)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """A drive that can be put in (again); what it holds is kept in the folder `store`."""
    place, store = tmp_path / "drive", tmp_path / "store"
    place.mkdir()
    call("mount", "-t", "tmpfs", "tmpfs", (store.mkdir(), store)[1])

    def plug_in() -> Path:
        call("mount", "--bind", store, place)
        return place

    yield plug_in
    for mounted in (place, store):
        subprocess.run(["umount", "-l", mounted], check=False, capture_output=True)


def fill(disk: Path, left: int = 0) -> Path:
    """Fill a disk up, but for some bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
        file.truncate(max(file.tell() - left, 0))
    return filler


CALLS = {
    "template": ("template", "--year", "2024", "-o", "disk/表.xlsx"),
    "distribute": ("distribute", "名册.csv", "--year", "2024", "-o", "disk/发放"),
    "check": ("check", "in", "-o", "disk/结果"),
    "annotate": ("check", "in", "--annotate", "disk/批注"),
    "notice": ("check", "in", "--notice", "disk/意见"),
    "report": ("report", "in", "--html", "--allow-failed", "-o", "disk/报告"),
    "extract": ("extract", "in", "-o", "disk/数据.csv"),
    "import": ("import", "data", "-o", "disk/导入"),
    "rollup": ("rollup", "in", "--agency", "青河县人民政府", "--allow-failed", "-o", "disk/汇总"),
    "trend": ("trend", "data", "-o", "disk/趋势.xlsx"),
}
WRITTEN = {
    "template": 1,
    "distribute": 4,
    "check": 3,
    "annotate": 1,
    "notice": 1,
    "report": 9,
    "extract": 1,
    "import": 2,
    "rollup": 3,
    "trend": 1,
}


def prepare(folder: Path) -> None:
    inputs(folder / "in")
    data = to_data(report("suqian-2024"))
    write(folder / "data" / "2024.json", json.dumps(data).encode())
    write(folder / "data" / "2023.json", json.dumps({**data, "year": 2023}).encode())
    write(folder / "名册.csv", "机关全称\n甲局\n乙局\n丙局\n".encode())


@pytest.mark.mounts
@pytest.mark.parametrize("command", CALLS)
def test_a_full_disk(gknb: Gknb, tmp_path: Path, disk: Path, command: str) -> None:
    """Room for a part of it only, wherever that ends; then room for all."""
    prepare(tmp_path)
    before = state(tmp_path / "in") | state(tmp_path / "data")
    earlier = [disk / Path(CALLS[command][-1]).name] if Path(CALLS[command][-1]).suffix else []
    for path in earlier:
        path.write_bytes(b"earlier")
    filler = fill(disk, random.Random(command).choice((0, 4096, 12_288)))
    result = gknb(*CALLS[command], "--force")
    assert result.returncode == 2, result.stderr
    assert_told(result.stderr, "磁盘已满", "请腾出空间")
    assert all(path.read_bytes() == b"earlier" for path in earlier)
    filler.unlink()
    if not earlier:
        outputs(disk)
    result = gknb(*CALLS[command], "--force")
    assert result.returncode in (0, 1), result.stderr
    assert len(outputs(disk)) == WRITTEN[command]
    assert state(tmp_path / "in") | state(tmp_path / "data") == before


@pytest.mark.mounts
@pytest.mark.parametrize("command", ["template", "distribute", "check", "rollup"])
def test_a_place_that_is_read_only(gknb: Gknb, tmp_path: Path, disk: Path, command: str) -> None:
    prepare(tmp_path)
    (disk / "earlier").write_bytes(b"earlier")
    call("mount", "-o", "remount,ro", disk)
    result = gknb(*CALLS[command], "--force")
    assert result.returncode == 2, result.stderr
    assert_told(result.stderr)
    assert "只读" in result.stderr or "没有写入权限" in result.stderr
    assert outputs(disk) == ["earlier"]


@pytest.mark.mounts
def test_a_place_that_becomes_read_only(gknb: Gknb, tmp_path: Path, disk: Path) -> None:
    """In the middle of a batch: what was written is whole, and the rest is not tried one by one."""
    before = state(inputs(tmp_path / "in", MANY))
    process = start(tmp_path, "report", "in", "--allow-failed", "-o", "disk", "--workers", 1)
    wait_for(lambda: len(list(disk.glob("*.docx"))) > 2, process)
    while subprocess.run(["mount", "-o", "remount,ro", disk], capture_output=True, check=False).returncode:
        assert process.poll() is None
    _, said = process.communicate()
    assert process.returncode == 2, said
    assert_told(said, "只读")
    call("mount", "-o", "remount,rw", disk)
    subprocess.run(["find", disk, "-name", "*.part", "-delete"], check=True)  # nobody could, on a read-only disk
    assert 2 < len(outputs(disk)) < MANY
    assert gknb("report", "in", "--allow-failed", "-o", "disk", "--force").returncode == 0
    assert len(outputs(disk)) == MANY
    assert state(tmp_path / "in") == before


@pytest.mark.mounts
def test_a_disk_that_fills_up_while_a_batch_is_checked(gknb: Gknb, tmp_path: Path, disk: Path) -> None:
    inputs(tmp_path / "in", MANY)
    process = start(tmp_path, "check", "in", "-o", "disk", "--workers", 1)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("【")
    filler = fill(disk)
    _, said = process.communicate()
    assert process.returncode == 2, said
    assert_told(said, "磁盘已满", "--resume")
    filler.unlink()
    assert gknb("check", "in", "-o", "disk", "--resume").returncode == 1
    assert gknb("check", "in", "-o", "whole").returncode == 1
    assert outputs(disk) == outputs(tmp_path / "whole")
    assert (disk / "findings.json").read_bytes() == (tmp_path / "whole" / "findings.json").read_bytes()


@pytest.mark.mounts
def test_results_that_are_held_by_another_program(gknb: Gknb, tmp_path: Path) -> None:
    """A file that another one is mounted on cannot be replaced, like one that is open in Excel on Windows."""
    inputs(tmp_path / "in")
    earlier = others_workbook()
    held = write(tmp_path / "out" / "校验结果.xlsx", earlier)
    other = write(tmp_path / "other", earlier)
    call("mount", "--bind", other, held)
    try:
        result = gknb("check", "in", "-o", "out", "--force")
    finally:
        call("umount", held)
    assert result.returncode == 2
    assert_told(result.stderr, "校验结果.xlsx", "请关闭后再试", "--resume")
    assert held.read_bytes() == other.read_bytes() == earlier
    assert sorted(path.name for path in (tmp_path / "out").glob("[!.]*")) == sorted(
        ["findings.json", "校验结果.html", "校验结果.xlsx"]
    )
    assert gknb("check", "in", "-o", "out", "--resume").returncode == 1
    assert len(outputs(tmp_path / "out")) == 3


@pytest.mark.mounts
@pytest.mark.parametrize("command", ["report", "distribute", "rollup"])
def test_one_output_that_is_held_by_another_program(gknb: Gknb, tmp_path: Path, command: str) -> None:
    """The others are written all the same; what belongs together is written together or not at all."""
    prepare(tmp_path)
    arguments = [str(argument).replace("disk", "out") for argument in CALLS[command]]
    assert gknb(*arguments, "--force").returncode in (0, 1)
    written = sorted(path for path in (tmp_path / "out").rglob("*") if path.suffix in (".xlsx", ".docx"))
    held = next(
        path for path in written if path.name in ("汇总表.xlsx", "2-乙局.xlsx") or command in ("report", "annotate")
    )
    for path in written:
        if path.name != "发放清单.xlsx":
            path.write_bytes(b"earlier")
    other = write(tmp_path / "other", b"earlier")
    call("mount", "--bind", other, held)
    try:
        result = gknb(*arguments, "--force")
    finally:
        call("umount", held)
    assert result.returncode in (1, 2), result.stderr
    assert_told(result.stderr, held.name, "请关闭后再试")
    assert held.read_bytes() == b"earlier"
    changed = [path for path in written if path.read_bytes() != b"earlier" and path.name != "发放清单.xlsx"]
    assert len(changed) == (0 if command == "rollup" else len(written) - (2 if command == "distribute" else 1))
    assert not list(tmp_path.rglob("*.part"))
    assert gknb(*arguments, "--force").returncode in (0, 1)
    assert len(outputs(tmp_path / "out")) == WRITTEN[command]


@pytest.mark.mounts
def test_a_drive_that_is_pulled_out_while_reports_are_written(
    gknb: Gknb, tmp_path: Path, drive: Callable[[], Path]
) -> None:
    """Nothing goes on into the empty folder that it leaves behind."""
    inputs(tmp_path / "in", MANY)
    out = drive() / "报告"
    process = start(tmp_path, "report", "in", "--allow-failed", "-o", out, "--workers", 1)
    wait_for(lambda: len(list(out.glob("*.docx"))) > 2, process)
    call("umount", "-l", tmp_path / "drive")
    _, said = process.communicate()
    assert process.returncode == 2, said
    assert_told(said, "报告")
    assert not list((tmp_path / "drive").iterdir())
    drive()
    assert 2 < len(outputs(out)) < MANY
    assert gknb("report", "in", "--allow-failed", "-o", out, "--force").returncode == 0
    assert len(outputs(out)) == MANY


@pytest.mark.mounts
@pytest.mark.parametrize("what", ["in", "out"])
def test_a_drive_that_is_pulled_out_while_returns_are_checked(
    gknb: Gknb, tmp_path: Path, drive: Callable[[], Path], what: str
) -> None:
    place = drive()
    folders = {"in": tmp_path / "in", "out": tmp_path / "out", what: place / what}
    inputs(folders["in"], MANY)
    process = start(tmp_path, "check", folders["in"], "-o", folders["out"], "--workers", 1)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("【")
    call("umount", "-l", place)
    _, said = process.communicate()
    assert process.returncode == 2, said
    assert_told(said, str(folders[what]), "请接好后")
    assert not list(place.iterdir())
    drive()
    result = gknb("check", folders["in"], "-o", folders["out"], "--resume")
    assert result.returncode == 1, result.stderr
    summary = json.loads((folders["out"] / "findings.json").read_text(encoding="utf-8"))["summary"]
    assert summary == {"files": MANY, "passed": MANY - 1, "failed": 1, "unreadable": 0}
    assert len(outputs(folders["out"])) == 3


@pytest.mark.parametrize(
    ("number", "winerror", "words", "everywhere"),
    [
        ("ENOSPC", 0, "磁盘已满", True),
        ("EDQUOT", 0, "磁盘已满或超出了配额", True),
        ("EROFS", 0, "只读", True),
        *((name, 0, "断开", True) for name in ("EIO", "ENODEV", "ESTALE", "ENOTCONN", "EHOSTDOWN")),
        ("EBUSY", 0, "正被其他程序使用", False),
        *(("EACCES", number, "正被其他程序使用", False) for number in (32, 33)),
        ("EINVAL", 112, "磁盘已满", True),
        *(("ENOENT", number, "断开", True) for number in (53, 64, 67)),
    ],
)
def test_each_failure_has_words_of_its_own(number: str, winerror: int, words: str, everywhere: bool) -> None:
    import errno

    if not hasattr(errno, number):
        pytest.skip("not known to this system")
    error = OSError(getattr(errno, number), "English")
    error.winerror = winerror  # type: ignore[attr-defined]
    with pytest.raises(Unwritable, match=words) as told, in_words(Path("输出/表.xlsx")):
        raise error
    assert told.value.everywhere == everywhere
    assert "English" not in told.value.message
