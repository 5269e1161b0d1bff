"""A bundle on a machine without network, without Python packages, with an empty home: it starts and does the county's
day. For real, in a network namespace, with wheels that pip downloaded."""

import json
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from example_county import FOLDER
from lonely import alone
from places import ROOT

from toolkit.bundle.carried_python import read_carried_python
from toolkit.bundle.make import Plan, make_bundle
from toolkit.bundle.targets import TARGETS

pytestmark = [pytest.mark.index, pytest.mark.mounts]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
BASE = Path(sys.base_prefix)
HELPER = ROOT / "tests" / "helpers" / "lonely.py"
TARGET = TARGETS.get(f"linux-{platform.machine()}", TARGETS["linux-x86_64"])
DEEP = "很 长 的 路径 " + "长" * 68
"""Under it, the path of a bundle has 200 characters and more."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for this machine, from this checkout."""
    plan = Plan((TARGET,), None, (), (HERE,))
    (one,) = make_bundle(plan, tmp_path_factory.mktemp("made") / "便携包", ROOT, lambda _: None)
    return one.folder


@pytest.fixture(scope="module")
def bundle(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle where an office may have put it."""
    place = tmp_path_factory.mktemp("stick") / DEEP / DEEP / made.name
    shutil.copytree(made, place)
    assert len(str(place)) >= 200
    return place


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def variables(home: Path, path: str = "") -> Mapping[str, str]:
    return {"HOME": str(home), "PATH": path or f"{BASE / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"}


def made_ready(home: Path) -> list[Path]:
    """What stands in the cache of a home."""
    return sorted((home / ".cache" / "gknb-toolkit").glob("*"))


def do(job: str, bundle: Path, home: Path, *dropped: object, read_only: Path | None = None, path: str = ""):
    script = bundle / f"{job}.sh"
    return alone(["sh", script, *dropped], home, variables(home, path), read_only)


def assert_county(python: Path, folder: Path, home: Path) -> None:
    """The numbers of the README's month."""
    ran = alone([sys.executable, HELPER, "county", python, folder, FOLDER], home, variables(home))
    said = json.loads(ran.stdout)
    assert [one[:2] for one in said] == [["distribute", 0], ["check", 1], ["check", 0], ["report", 0], ["rollup", 0]], (
        said
    )
    assert "已收 37/40，通过 31，有误 5，无法读取 1，未报 3。另有不计的文件：不在名册 1，重复 1。" in said[1][2]
    assert "已收 41/41，通过 41，全部通过。" in said[2][2]
    assert len(list((folder / "发放").glob("*.xlsx"))) >= 40
    assert len(list((folder / "报告").iterdir())) == 41
    assert len(list((folder / "汇总").iterdir())) == 3


def test_the_countys_day(bundle: Path, home: Path, tmp_path: Path) -> None:
    """The first double click makes the program ready; then everything is done with it."""
    returned = tmp_path / "foreign" / "收 回"
    shutil.unpack_archive(FOLDER / "收回的表.zip", returned)
    ran = do("审表", bundle, home, returned)
    assert ran.returncode == 1, ran.stderr
    assert "共 39 份：通过 32，有误 6，无法读取 1。" in ran.stdout
    assert (returned.parent / "收 回-校验结果" / "校验结果.html").is_file()
    (place,) = made_ready(home)
    assert place.name.startswith(f"{HERE}-")
    assert_county(place / "bin" / "python", tmp_path / "年报", home)


def test_the_page_answers(bundle: Path, home: Path) -> None:
    """GET of the address that is printed gives the page, after the redirect that sets the cookie."""
    ran = alone([sys.executable, HELPER, "start", bundle], home, variables(home))
    answer = json.loads(ran.stdout)
    assert answer.get("status") == 200, (answer, ran.stderr)
    assert "<html" in answer["page"]
    assert answer["end"] == 130, "Ctrl-C ends it"
    assert (bundle / "年报").is_dir()


def test_the_page_answers_from_a_stick_that_cannot_be_written(bundle: Path, home: Path) -> None:
    shutil.rmtree(bundle / "年报", ignore_errors=True)
    ran = alone([sys.executable, HELPER, "start", bundle], home, variables(home), read_only=bundle)
    answer = json.loads(ran.stdout)
    assert answer.get("status") == 200, (answer, ran.stderr)
    assert (home / "年报").is_dir()


def test_a_stick_that_cannot_be_written(bundle: Path, tmp_path: Path) -> None:
    """With a home in which nothing was made ready yet, and a table that lies on the stick itself."""
    returned = bundle / "某局.xlsx"
    shutil.copy(ROOT / "examples/wenxian-jyj-2020/填好的表.xlsx", returned)
    ran = do("审表", bundle, tmp_path, returned, read_only=bundle)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "某局-校验结果" / "校验结果.html").is_file()
    assert len(made_ready(tmp_path)) == 1
    returned.unlink()


def test_two_windows_at_once(bundle: Path, tmp_path: Path) -> None:
    table = ROOT / "examples/wenxian-jyj-2020/填好的表.xlsx"
    copies = [tmp_path / name / "某局.xlsx" for name in ("一", "二")]
    for copy in copies:
        copy.parent.mkdir()
        shutil.copy(table, copy)
    script = 'sh "$0/审表.sh" "$1" & sh "$0/审表.sh" "$2"; one=$?; wait $! && exit $one'
    ran = alone(["sh", "-c", script, bundle, *copies], tmp_path, variables(tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert [path.name for path in made_ready(tmp_path) if "part" in path.name] == []
    assert len(made_ready(tmp_path)) == 1


def test_what_was_broken_off_is_made_anew(bundle: Path, home: Path) -> None:
    (place,) = made_ready(home) or (None,)
    if place is None:
        assert do("审表", bundle, home).returncode == 2
        (place,) = made_ready(home)
    shutil.rmtree(next(place.glob("lib/python*/site-packages/toolkit")))
    ran = do("审表", bundle, home)
    assert "第一次运行，正在准备" in ran.stderr
    assert "拖到“审表”的图标上" in ran.stdout
    assert "第一次运行" not in do("审表", bundle, home).stderr


@pytest.mark.parametrize("which", ["gknb_toolkit-*.whl", "pip-*.whl", f"../清单-{HERE}.txt"])
def test_a_changed_file_is_told_and_nothing_is_installed(made: Path, tmp_path: Path, which: str) -> None:
    place = tmp_path / "箱"
    shutil.copytree(made, place)
    (changed,) = (place / "gknb" / "wheels").glob(which)
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    (tmp_path / "home").mkdir()
    ran = do("审表", place, tmp_path / "home")
    assert ran.returncode == 3
    assert "安装包不完整或被改动过" in ran.stderr
    assert made_ready(tmp_path / "home") == []


def test_pip_itself_compares_the_hashes(made: Path, tmp_path: Path) -> None:
    """Even with a list of sums that fits: what pip installs from names every hash."""
    place = tmp_path / "箱"
    shutil.copytree(made, place)
    program = place / "gknb"
    (changed,) = (program / "wheels").glob("openpyxl-*.whl")
    changed.write_bytes(changed.read_bytes() + b"\0")
    sums = subprocess.run(
        ["sha256sum", *sorted(path.relative_to(program) for path in (program / "wheels").iterdir())],
        cwd=program, capture_output=True, check=True,
    ).stdout  # fmt: skip
    (program / "wheels.sha256").write_bytes(sums)
    (tmp_path / "home").mkdir()
    ran = do("审表", place, tmp_path / "home")
    assert ran.returncode == 3
    assert "openpyxl" in ran.stderr
    assert "没有备好" in ran.stderr
    assert made_ready(tmp_path / "home") == []


def stand_ins(folder: Path, **scripts: str) -> str:
    """A PATH on which some programs say something else."""
    folder.mkdir()
    for name, text in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
    return f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin"


def test_an_old_python_is_told(made: Path, tmp_path: Path) -> None:
    names = dict.fromkeys(("python3", f"python{HERE}"), "echo 3.8")
    ran = do("审表", made, tmp_path, path=stand_ins(tmp_path / "bin", **names))
    assert ran.returncode == 3
    assert f"没有能用的 Python：要 Python {HERE} 中的一个" in ran.stderr
    assert made_ready(tmp_path) == []


def test_another_machine_is_told(made: Path, tmp_path: Path) -> None:
    ran = do("审表", made, tmp_path, path=stand_ins(tmp_path / "bin", uname="echo loongarch64"))
    assert ran.returncode == 3
    assert f"是给 {TARGET.machine} 的电脑用的，这台电脑是 loongarch64 的" in ran.stderr


def test_with_a_python_of_its_own_it_needs_none(tmp_path: Path) -> None:
    """No Python is on the PATH, and nothing is made ready: all is in the folder, which cannot be written."""
    archive = tmp_path / "python.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        packed.add(BASE / "bin" / f"python{HERE}", f"python/bin/python{HERE}")
        for library in BASE.glob(f"lib/libpython{HERE}*"):
            packed.add(library, f"python/lib/{library.name}")
        packed.add(BASE / "lib" / f"python{HERE}", f"python/lib/python{HERE}", filter=_without_packages)
    python = read_carried_python(archive, sha256(archive.read_bytes()).hexdigest())
    (one,) = make_bundle(Plan((TARGET,), None, (python,)), tmp_path / "便携包", ROOT, lambda _: None)
    home = tmp_path / "home"
    home.mkdir()
    path = stand_ins(tmp_path / "bin", python3="exit 1", **{f"python{HERE}": "exit 1"})
    table = tmp_path / "某局.xlsx"
    shutil.copy(ROOT / "examples/wenxian-jyj-2020/填好的表.xlsx", table)
    ran = do("审表", one.folder, home, table, read_only=one.folder, path=path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "某局-校验结果" / "校验结果.html").is_file()
    assert made_ready(home) == []
    assert_works_without_site(one.folder / "gknb/python", table, home)
    assert_county(one.folder / f"gknb/python/bin/python{HERE}", tmp_path / "年报", home)


def assert_works_without_site(python: Path, table: Path, home: Path) -> None:
    """As python.exe runs in a bundle for Windows: its list of folders does not ask for the module `site`."""
    code = (
        "import sys; assert 'site' not in sys.modules; sys.path.append(sys.argv.pop(1)); "
        "from toolkit.__main__ import main; main()"
    )
    program, packages = python / "bin" / f"python{HERE}", python / "lib" / f"python{HERE}" / "site-packages"
    for call in (["check", table], ["report", table, "-o", home / "报告"], ["start", "--help"]):
        ran = alone([program, "-X", "utf8", "-I", "-S", "-c", code, packages, *call], home, variables(home))
        assert ran.returncode == 0, ran.stderr


def _without_packages(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    left_out = {"site-packages", "dist-packages", "test", "__pycache__", "idlelib"}
    return None if left_out & set(Path(member.name).parts) or "/config-" in member.name else member
