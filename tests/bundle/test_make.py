"""A bundle is made whole or not at all; it holds what the target needs, each file where its system looks for it."""

import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from bundle_files import embeddable, linux_python, program, wheel

from toolkit.bundle.carried_python import read_carried_python
from toolkit.bundle.make import Made, make_bundle, plan_of
from toolkit.bundle.targets import TARGETS
from toolkit.problems import Problem

POSIX = pytest.mark.skipif(os.name != "posix", reason="looks at the right to run a file")
Make = Callable[..., list[Made]]
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
SHORT = HERE.replace(".", "")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A stand-in of the project's wheel: it needs a wheel everywhere, one more on Windows, another one on Linux."""
    needs = ["everywhere", 'windows_only ; sys_platform == "win32"', 'linux_only ; sys_platform == "linux"']
    needs.append('page ; extra == "desk"')
    files = {"gknb_toolkit/__init__.py": b"VALUE = 1\n"}
    return wheel(tmp_path / "own", "gknb_toolkit", requires=needs, extras=["desk"], files=files)


@pytest.fixture
def filled(index: Path) -> Path:
    for name in ("everywhere", "linux_only", "page", "pip"):
        wheel(index, name)
    wheel(index, "windows_only", tag=f"cp{SHORT}-cp{SHORT}-win_amd64", requires=["colours"], files=speed())
    wheel(index, "colours")
    return index


def speed(*imports: str) -> dict[str, bytes]:
    return {"windows_only/speed.pyd": program(["KERNEL32.dll", f"python{SHORT}.dll", *imports])}


@pytest.fixture
def make(tmp_path: Path, project: Path) -> Make:
    def made(*platforms: str, python: bytes | None = None, version: str = HERE, output: str = "便携包") -> list[Made]:
        pythons = []
        if python is not None:
            path = tmp_path / "python archive"
            path.write_bytes(python)
            pythons.append(read_carried_python(path, sha256(python).hexdigest()))
        plan = plan_of(platforms, project, pythons, [version])
        return make_bundle(plan, tmp_path / "out" / output, tmp_path, lambda _: None)

    return made


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_what_only_windows_needs_is_asked_for_again(make: Make) -> None:
    """pip looks at markers for the machine it runs on: alone it would bring linux_only and no windows_only."""
    (made,) = make("windows", python=embeddable(short=SHORT))
    names = [line.split("==")[0] for line in (made.folder / "gknb/清单.txt").read_text("utf-8").splitlines()]
    assert names == ["colours", "everywhere", "gknb-toolkit", "page", "windows-only"]
    packages = made.folder / "gknb/Lib/site-packages"
    assert (packages / "windows_only/speed.pyd").is_file()
    assert (packages / "gknb_toolkit/__init__.py").read_bytes() == b"VALUE = 1\n"
    assert not (packages / "linux_only").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_a_bundle_for_windows(make: Make) -> None:
    (made,) = make("windows", python=embeddable(short=SHORT))
    assert {path.name for path in made.folder.iterdir()} == {"开始.bat", "审表.bat", "使用说明.txt", "gknb"}
    files = tree(made.folder)
    assert {f"gknb/{name}" for name in ("python.exe", f"python{SHORT}.dll", f"python{SHORT}.zip")} <= files
    assert made.files == len(files)
    assert made.bytes == sum((made.folder / name).stat().st_size for name in files)
    assert made.longest >= max(map(len, (name for name in files if name.startswith("gknb"))))
    compiled = f"gknb/Lib/site-packages/gknb_toolkit/__pycache__/__init__.cpython-{SHORT}.pyc"
    assert compiled in files, "no time is lost with it in the office, and nothing is written on the stick"
    assert str(made.folder.parents[2]).encode() not in (made.folder / compiled).read_bytes(), "no path of this machine"


@POSIX
@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_a_bundle_for_linux(make: Make) -> None:
    (made,) = make("linux-x86_64")
    top = {"开始.sh", "审表.sh", "开始.desktop", "审表.desktop", "使用说明.txt", "gknb"}
    assert {path.name for path in made.folder.iterdir()} == top
    wheels = {path.name.split("-")[0] for path in (made.folder / "gknb/wheels").iterdir()}
    assert wheels == {"everywhere", "gknb_toolkit", "linux_only", "page", "pip"}
    for line in (made.folder / f"gknb/清单-{HERE}.txt").read_text("utf-8").splitlines():
        assert "==" in line
        assert " --hash=sha256:" in line
    sums = ["sha256sum", "--check", "--quiet", "wheels.sha256"]
    assert subprocess.run(sums, cwd=made.folder / "gknb", check=False).returncode == 0
    listed = {line.split("  ")[1] for line in (made.folder / "gknb/wheels.sha256").read_text("utf-8").splitlines()}
    assert listed == {f"wheels/{path.name}" for path in (made.folder / "gknb/wheels").iterdir()} | {f"清单-{HERE}.txt"}
    for name in ("开始.sh", "审表.sh", "开始.desktop", "审表.desktop"):
        assert (made.folder / name).stat().st_mode & 0o111, name


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_a_bundle_for_linux_with_its_own_python_needs_nothing_made_ready(make: Make) -> None:
    (made,) = make("linux-aarch64", python=linux_python(183, HERE))
    files = tree(made.folder)
    assert {f"gknb/python/bin/python{HERE}", f"gknb/python/lib/python{HERE}/site-packages/page/__init__.py"} <= files
    assert not any(name.endswith(".whl") for name in files)
    assert "不用装 Python" in (made.folder / "使用说明.txt").read_text("utf-8-sig")


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_several_at_once(make: Make) -> None:
    made = make("windows", "linux-x86_64", "linux-aarch64", python=embeddable(short=SHORT))
    assert [one.folder.name for one in made] == [target.folder for target in TARGETS.values()]
    assert all(one.folder.is_dir() for one in made)


@pytest.mark.slow
@pytest.mark.parametrize("absent", ["everywhere", "windows_only", "colours", "page"])
def test_a_wheel_that_is_missing_is_told_and_nothing_is_made(
    make: Make, filled: Path, tmp_path: Path, absent: str
) -> None:
    for path in filled.glob(f"{absent}-*"):
        path.unlink()
    with pytest.raises(Problem, match=absent):
        make("windows", python=embeddable(short=SHORT))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_a_wheel_for_another_python_only_is_told(make: Make, filled: Path) -> None:
    (old,) = filled.glob("windows_only-*")
    old.rename(filled / "windows_only-1.0-cp39-cp39-win_amd64.whl")
    with pytest.raises(Problem, match="windows_only"):
        make("windows", python=embeddable(short=SHORT))


@pytest.mark.slow
def test_a_library_that_no_office_has_is_told(make: Make, filled: Path, tmp_path: Path) -> None:
    tag = f"cp{SHORT}-cp{SHORT}-win_amd64"
    wheel(filled, "windows_only", tag=tag, requires=["colours"], files=speed("MSVCP140.dll"))
    with pytest.raises(Problem, match=r"windows_only/speed\.pyd 要用 msvcp140\.dll"):
        make("windows", python=embeddable(short=SHORT))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../outside.py", "/outside.py", "a\\..\\b.py", "C:b.py"])
def test_a_wheel_that_would_write_outside_is_refused(make: Make, filled: Path, tmp_path: Path, name: str) -> None:
    wheel(filled, "colours", files={name: b"x"})
    before = tree(tmp_path)
    with pytest.raises(Problem, match="跳出文件夹的文件名"):
        make("windows", python=embeddable(short=SHORT))
    assert {one for one in tree(tmp_path) - before if "outside" in one} == set()
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_data_of_a_wheel_goes_where_its_packages_go(make: Make, filled: Path) -> None:
    data = {"colours-1.0.data/purelib/colours.py": b"RED = 1\n", "colours-1.0.data/scripts/paint": b"#!python\n"}
    wheel(filled, "colours", files=data)
    (made,) = make("windows", python=embeddable(short=SHORT))
    files = tree(made.folder / "gknb/Lib/site-packages")
    assert "colours.py" in files
    assert not any("scripts" in name or "paint" in name for name in files), "nobody starts them"


@pytest.mark.slow
def test_one_that_cannot_be_made_leaves_no_other(make: Make, filled: Path, tmp_path: Path) -> None:
    for path in filled.glob("windows_only-*"):
        path.unlink()
    with pytest.raises(Problem):
        make("linux-x86_64", "windows", python=embeddable(short=SHORT))
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_there_is_not_touched(make: Make, tmp_path: Path) -> None:
    data = tmp_path / "out" / "便携包" / "年报" / "名册.csv"
    data.parent.mkdir(parents=True)
    data.write_bytes(b"x")
    with pytest.raises(Problem, match="已经存在"):
        make("linux-x86_64")
    assert tree(tmp_path / "out") == {"便携包/年报/名册.csv"}


def test_windows_without_a_python_says_where_to_get_it(make: Make) -> None:
    with pytest.raises(Problem, match=r"python\.org.*embed-amd64\.zip.*SHA-256.*certutil -hashfile"):
        make("windows")


def test_a_python_for_another_platform_is_told(make: Make) -> None:
    with pytest.raises(Problem, match="这次不做这一种"):
        make("linux-x86_64", python=embeddable(short=SHORT))


def test_an_unknown_platform_is_told(make: Make) -> None:
    with pytest.raises(Problem, match="windows、linux-x86_64、linux-aarch64 中的一个"):
        make("windows-11")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--platform", "windows"], "-o"),
        (["-o", "x"], "--platform 要写"),
        (["-o", "x", "--platform", "windows"], "embed-amd64.zip"),
        (["-o", "x", "--platform", "windows", "--python", "p.zip"], "每个 --python 都要有一个 --sha256"),
        (["-o", "x", "--platform", "windows", "--python", "no.zip", "--sha256", "0" * 64], "no.zip 读不出"),
        (["-o", "x", "--platform", "linux-x86_64", "--wheel", "no.whl"], "没有 no.whl"),
        (["-o", "x", "--platform", "linux-x86_64", "--python-version", "3.9"], "不早于 3.11"),
        (["-o", "x", "--platform", "linux-x86_64", "--python-version", "latest"], "要写成 3.11 这样"),
        (["--unknown"], "命令写得不对"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    from toolkit.bundle.__main__ import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["bundle", *arguments])
    try:
        status = main()
    except SystemExit as end:
        status = int(str(end.code))
    assert status == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
