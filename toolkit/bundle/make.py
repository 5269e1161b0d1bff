"""Makes a bundle: everything into a temporary folder beside its place, and there when it is complete."""

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from toolkit.bundle.carried_python import WHERE_FROM, CarriedPython
from toolkit.bundle.dll_imports import absent_libraries
from toolkit.bundle.download import build_project_wheel, collect_wheels
from toolkit.bundle.targets import LINUX_PYTHONS, TARGETS, Target
from toolkit.bundle.texts import (
    JOBS,
    PAGE_NAME,
    linux_desktop,
    linux_prepare,
    linux_starter,
    readme,
    windows_starter,
)
from toolkit.bundle.unpack import compile_all, unpack_wheels
from toolkit.bundle.wheels import pip_list, sums_list
from toolkit.files.write_errors import in_words
from toolkit.problems import Problem

PROGRAM = "gknb"
"""The folder of the program: its name can be read by cmd.exe whatever the code page is."""
_ADDED_BY_PYTHON = 24
"""Characters that the longest path grows by where Python keeps what it compiled: `__pycache__` and the version."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make: for which targets, from which wheel (None: from the checkout), with which Pythons. `versions` are
    those of the machine's own Python, for a Linux bundle that carries none."""

    targets: tuple[Target, ...]
    wheel: Path | None
    pythons: tuple[CarriedPython, ...] = ()
    versions: tuple[str, ...] = LINUX_PYTHONS

    def carried(self, target: Target) -> CarriedPython | None:
        """Return the Python that the bundle for a target carries."""
        return next((python for python in self.pythons if python.target == target), None)


@dataclass(frozen=True, slots=True)
class Made:
    """A folder that was made: its target, its files and bytes, and the longest path in it."""

    target: Target
    folder: Path
    files: int
    bytes: int
    longest: int


def plan_of(
    names: Sequence[str], wheel: Path | None, pythons: Sequence[CarriedPython], versions: Sequence[str]
) -> Plan:
    """Return the plan for platforms by their names. Raise Problem if it cannot be carried out."""
    unknown = [name for name in names if name not in TARGETS]
    if unknown or not names:
        raise Problem(f"--platform 要写 {'、'.join(TARGETS)} 中的一个或几个，没有“{'、'.join(unknown)}”。")
    targets = tuple(TARGETS[name] for name in dict.fromkeys(names))
    places = [python.target for python in pythons]
    if TARGETS["windows"] in targets and TARGETS["windows"] not in places:
        raise Problem(WHERE_FROM)
    for python in pythons:
        if python.target not in targets or places.count(python.target) > 1:
            raise Problem(f"{python.source} 是给 {python.target.words} 的，这次不做这一种，或给了两个。")
    return Plan(targets, wheel, tuple(pythons), tuple(versions))


def make_bundle(plan: Plan, output: Path, checkout: Path, say: Callable[[str], None]) -> list[Made]:
    """Make a folder for each target under `output`, all of them or none, and return what was made."""
    if output.exists() or output.is_symlink():
        raise Problem(f"{output} 已经存在，没有覆盖：里面可能有别人的“年报”。请换一个位置，或先把它移走。")
    part = output.absolute().with_name(f".{output.name[:30]}.{secrets.token_hex(6)}.part")
    with in_words(output):
        part.mkdir(parents=True)
    try:
        with in_words(output), TemporaryDirectory(prefix="gknb-bundle-") as name:
            wheel = plan.wheel
            if wheel is None:
                say("正在从源代码做本工具的安装包……")
                wheel = build_project_wheel(checkout, Path(name))
            made = [_make(target, plan, wheel, part, say) for target in plan.targets]
            part.rename(output)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return [Made(one.target, output / one.folder.name, one.files, one.bytes, one.longest) for one in made]


def _make(target: Target, plan: Plan, wheel: Path, part: Path, say: Callable[[str], None]) -> Made:
    folder, carried = part / target.folder, plan.carried(target)
    versions = [carried.version] if carried else list(plan.versions)
    (folder / PROGRAM).mkdir(parents=True)
    say(f"{target.words}：正在取 Python {'、'.join(versions)} 用的安装包……")
    if carried:
        _with_python(carried, wheel, folder / PROGRAM, say)
    else:
        _with_wheels(target, versions, wheel, folder / PROGRAM)
    longest = _longest(folder)
    _write_starters(target, folder, versions, carried.version if carried else "", longest)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Made(target, folder, len(files), sum(path.stat().st_size for path in files), longest)


def _with_python(carried: CarriedPython, wheel: Path, program: Path, say: Callable[[str], None]) -> None:
    """Write a Python with all packages in it: nothing is to be done on the office's machine."""
    home = program if carried.target.system == "Windows" else program / "python"
    carried.unpack(home)
    packages = home / carried.packages
    with TemporaryDirectory(prefix="gknb-bundle-") as name:
        wheels = collect_wheels(wheel, carried.target, carried.version, Path(name))
        unpack_wheels(wheels, packages)
        (program / "清单.txt").write_text(pip_list(wheels), encoding="utf-8", newline="\n")
    if carried.target.system == "Windows":
        faults = absent_libraries(packages, (path.name for path in home.iterdir()))
        if faults:
            words = "\n".join(f"  {one}" for one in faults)
            raise Problem(f"有的程序文件在办公室的电脑上不能用，没有做成：\n{words}")
    if not compile_all(packages, carried.version):
        say(f"没有预先编译：要用 Python {carried.version} 运行本命令。第一次启动会慢一些，其他不受影响。")


def _with_wheels(target: Target, versions: Sequence[str], wheel: Path, program: Path) -> None:
    """Write the wheels from which the machine's own Python is made ready when the program is first started, with pip
    itself: many Linux desktops have Python without it."""
    folder = program / "wheels"
    folder.mkdir()
    lists = []
    for version in versions:
        wheels = collect_wheels(wheel, target, version, folder, also=["pip"])
        lists.append(program / f"清单-{version}.txt")
        lists[-1].write_text(pip_list(wheels), encoding="utf-8", newline="\n")
    if len(list(folder.glob("pip-*.whl"))) != 1:
        raise Problem("各版 Python 取到的 pip 不是同一个，没有做成。请少写几个 --python-version。")
    sums = sums_list((*sorted(folder.iterdir()), *lists), program)
    (program / "wheels.sha256").write_text(sums, encoding="utf-8", newline="\n")


def _write_starters(target: Target, folder: Path, versions: list[str], carried: str, longest: int) -> None:
    files = {PAGE_NAME: readme(target, versions, carried, longest)}
    for job, name in JOBS.items():
        if target.system == "Windows":
            files[f"{name}.bat"] = windows_starter(job, longest)
        else:
            files |= {f"{name}.sh": linux_starter(job), f"{name}.desktop": linux_desktop(job)}
    if target.system == "Linux":
        files[f"{PROGRAM}/准备.sh"] = linux_prepare(target, versions, carried)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        if name.endswith((".sh", ".desktop")):
            (folder / name).chmod(0o755)


def _longest(folder: Path) -> int:
    """Return the length of the longest path in a folder, with what Python may add to it."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return max(len(str(path)) + (_ADDED_BY_PYTHON if path.suffix == ".py" else 0) for path in files)
