"""Archives of the kinds .7z and .rar: read where a library is installed, and within the limits of every archive."""

import random
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import py7zr
import pytest
import rarfile
from kit import write
from rar_files import PACKED, rar
from returns import seven_zip, sheet

from toolkit.batch.received.containers.seven_zip import LINK
from toolkit.batch.received.files import Item, inside
from toolkit.batch.received.left_out import LeftOutFile
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.problems import Unreadable


def listed(path: Path, limits: Limits = STANDARD_LIMITS) -> dict[str, str]:
    """What is found inside an archive: its names, and why each is left out or cannot be read."""
    found = {}
    for one in inside(Item(str(path)), limits):
        name = (one.path if isinstance(one, LeftOutFile) else one.name).removeprefix(f"{path}/")
        if isinstance(one, LeftOutFile):
            found[name] = one.reason
            continue
        try:
            found[name] = f"read {len(one.read(limits))}"
        except Unreadable as problem:
            found[name] = problem.message
    return found


WHOLE = {"甲县教育局/表.xlsx": b"x" * 3000, "表二.xlsx": b"", "目录/说明.pdf": b"%PDF"}


@pytest.mark.parametrize(("name", "make"), [("包.7z", seven_zip), ("包.rar", rar), ("改名.zip", seven_zip)])
def test_an_archive_is_read_by_what_it_holds(tmp_path: Path, name: str, make) -> None:
    """An archive that was renamed to .zip, too."""
    found = listed(write(tmp_path / name, make(WHOLE)))
    assert found["甲县教育局/表.xlsx"] == "read 3000"
    assert found["表二.xlsx"] == "read 0"
    assert "已公布的报告" in found["目录/说明.pdf"]


def test_a_workbook_in_a_solid_archive_is_the_one_that_was_packed(tmp_path: Path) -> None:
    files = {f"第{number}局.xlsx": sheet(f"第{number}局", number) for number in range(3)}
    path = write(tmp_path / "包.7z", seven_zip(files))
    items = [one for one in inside(Item(str(path)), STANDARD_LIMITS) if isinstance(one, Item)]
    assert {one.members[0]: one.read() for one in reversed(items)} == files
    few = Limits(unpacked=1)
    large = {"一.xlsx": random.Random(1).randbytes(900_000), "二.xlsx": random.Random(2).randbytes(900_000)}
    path = write(tmp_path / "大包.7z", seven_zip(large))
    items = [one for one in inside(Item(str(path)), few) if isinstance(one, Item)]
    assert {one.members[0]: one.read(few) for one in items} == large, "one by one, if all together are too much"


@pytest.mark.parametrize("kind", ["py7zr", "rarfile"])
def test_without_a_library_the_word_is_to_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setitem(sys.modules, kind, None)
    name, content = ("包.7z", seven_zip(WHOLE)) if kind == "py7zr" else ("包.rar", rar(WHOLE))
    assert list(listed(write(tmp_path / name, content)).values()) == [
        "这种压缩包打不开，里面的文件没有读。请解压后再放，或改用 .zip"
    ]


def test_without_a_program_that_unpacks_the_word_is_to_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive says that its members are packed, and no program for that is found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rarfile, "CURRENT_SETUP", None)
    path = write(tmp_path / "包.rar", rar({"表.xlsx": b"x" * 100}, method=PACKED))
    assert "请解压后再放，或改用 .zip" in listed(path)[str(path)]


MANY = {f"{number}.xlsx": b"" for number in range(300)}
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "7z: packed too tightly": ("包.7z", lambda: seven_zip({"大.xlsx": bytes(60 * 2**20)}), "解压后是原来的"),
    "7z: with a password": ("包.7z", lambda: seven_zip({"表.xlsx": b"x"}, password="一"), "压缩包有密码"),
    "7z: cut": ("包.7z", lambda: seven_zip(WHOLE)[:-20], "不是完整的压缩包（.7z）"),
    "7z: garbage": ("包.7z", lambda: b"7z\xbc\xaf\x27\x1c" + bytes(range(256)) * 20, "不是完整的压缩包（.7z）"),
    "7z: many members": ("包.7z", lambda: seven_zip(MANY), "超过 200 个"),
    "rar: with a password": ("包.rar", lambda: rar(WHOLE, flags=4), "压缩包有密码"),
    "rar: climbing": ("包.rar", lambda: rar({"../爬.xlsx": b"x"}), "跳出了文件夹"),
    "rar: declares too much": ("包.rar", lambda: rar({"大.xlsx": b"x"}, {"大.xlsx": 2**31 - 1}), "解压后超过 100 MB"),
    "rar: declares tight packing": ("包.rar", lambda: rar({"大.xlsx": b"x" * 9}, {"大.xlsx": 90 * 2**20}), "倍"),
    "rar: cut": ("包.rar", lambda: rar(WHOLE)[:200], "已损坏"),
    "rar: empty": ("包.rar", lambda: b"Rar!\x1a\x07\x00" + bytes(100), "打不开"),
    "rar: garbage": ("包.rar", lambda: b"Rar!\x1a\x07\x01\x00" + bytes(range(256)) * 20, "打不开"),
    "rar: many members": ("包.rar", lambda: rar(MANY), "超过 200 个"),
}


@pytest.mark.hostile
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_costs_itself_alone(tmp_path: Path, name: str) -> None:
    file, make, words = HOSTILE[name]
    limits = Limits(archive=200) if "many" in name else STANDARD_LIMITS
    found = listed(write(tmp_path / file, make()), limits)
    assert any(words in said for said in found.values()), found


@pytest.mark.hostile
def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "坏真.xlsx").write_bytes(b"x")
    (tmp_path / "链接.xlsx").symlink_to("坏真.xlsx")
    path = tmp_path / "包.7z"
    with py7zr.SevenZipFile(path, "w") as made:
        made.write(tmp_path / "链接.xlsx", "链接.xlsx")
        made.write(tmp_path / "坏真.xlsx", "坏真.xlsx")
    assert listed(path) == {"链接.xlsx": LINK, "坏真.xlsx": "read 1"}


@pytest.mark.hostile
@pytest.mark.parametrize("seed", range(40))
def test_an_archive_with_bytes_changed_never_crashes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    content = bytearray(seven_zip(WHOLE) if seed % 2 else rar(WHOLE))
    for _ in range(rng.randrange(1, 12)):
        content[rng.randrange(6, len(content))] = rng.randrange(256)
    if seed % 2:  # the check sum of the header is made right, so that the header is read
        content[8:12] = zlib.crc32(content[12:32]).to_bytes(4, "little")
    path = write(tmp_path / ("包.7z" if seed % 2 else "包.rar"), bytes(content))
    for found in inside(Item(str(path)), STANDARD_LIMITS):
        if isinstance(found, Item):
            with suppress(Unreadable):
                found.read()
