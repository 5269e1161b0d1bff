"""Gets the wheels of everything that the toolkit needs on the target machine, with pip, and checks that nothing is
missing."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

from toolkit.bundle.closure import Closure, follow
from toolkit.bundle.targets import Target
from toolkit.bundle.wheels import Wheel, read_wheel, read_wheels
from toolkit.problems import Problem

EXTRAS = ("desk", "archives", "pdf")
"""The extras that a bundle holds, as far as the project has them."""
_ROUNDS = 5
_SECONDS = 1800


def collect_wheels(project: Path, target: Target, version: str, into: Path, also: Sequence[str] = ()) -> list[Wheel]:
    """Put the project's wheel into a folder, with the wheels of all that it needs on the target with Python `version`,
    and of what `also` names. Return them. Raise Problem if anything is missing.

    pip leaves out what only the target needs. It is asked again for that, until nothing is missing.
    """
    own = read_wheel(project)
    extras = _extras(own)
    roots = [Requirement(f"{own.name}{extras}=={own.version}"), *map(Requirement, also)]
    asked = [f"{own.name}{extras} @ {project.absolute().as_uri()}", *also]
    for _ in range(_ROUNDS):
        with TemporaryDirectory(prefix="gknb-bundle-") as name:
            folder = Path(name)
            _ask_pip(asked, target, version, folder)
            found = follow(roots, read_wheels(folder), target, version)
            more = [fault.requirement for fault in found.faults if fault.missing and fault.requirement not in asked]
            if not more:
                require_complete(found, target, version)
                return [_copied(wheel, into) for wheel in found.needed]
        asked += more
    raise Problem(f"{target.words} 要用的安装包没有下载齐，还缺：{'、'.join(more)}。")


def require_complete(found: Closure, target: Target, version: str) -> None:
    """Raise Problem with every fault if the wheels do not fulfil every requirement."""
    if found.faults:
        faults = "\n".join(f"  {fault.message}" for fault in found.faults)
        raise Problem(f"{target.words}、Python {version} 要用的安装包不齐，没有做成：\n{faults}")


def build_project_wheel(checkout: Path, into: Path) -> Path:
    """Build the project's wheel from a checkout, and return its path."""
    if not (checkout / "pyproject.toml").is_file():
        raise Problem(f"{checkout} 不是本项目的源代码文件夹，不能做安装包。请用 --wheel 指出安装包（.whl）。")
    _run_pip("wheel", "--no-deps", "--wheel-dir", str(into), str(checkout))
    (wheel,) = into.glob("*.whl")
    return wheel


def _extras(own: Wheel) -> str:
    """Return the extras of the project that a bundle holds, as they are written after its name."""
    marked = " ".join(str(one.marker) for one in own.requires)
    there = [extra for extra in EXTRAS if re.search(rf"extra == [\"']{extra}[\"']", marked)]
    return f"[{','.join(there)}]" if there else ""


def _ask_pip(asked: Sequence[str], target: Target, version: str, folder: Path) -> None:
    abi = f"cp{version.replace('.', '')}"
    _run_pip(
        *("download", "--only-binary=:all:", "--dest", str(folder)),
        *(f"--platform={name}" for name in target.platforms),
        *(f"--python-version={version}", "--implementation=cp", f"--abi={abi}", "--abi=abi3", "--abi=none"),
        *asked,
    )


def _run_pip(command: str, *arguments: str) -> None:
    """Run pip as it is set up here. Raise Problem with what it says went wrong."""
    call = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    try:
        done = subprocess.run(
            call, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Problem("下载安装包超过半小时没有完成，已中止。请检查网络后再试。") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-5:]
        raise Problem("\n".join(("pip 没有取到全部安装包，没有做成。pip 说：", *(f"  {line}" for line in said))))


def _copied(wheel: Wheel, into: Path) -> Wheel:
    """Copy a wheel into a folder. One that is there already must be the same: several Pythons share some."""
    place = into / wheel.path.name
    if not place.exists():
        shutil.copyfile(wheel.path, place)
    elif place.read_bytes() != wheel.path.read_bytes():
        raise Problem(f"{place.name} 下载了两次，内容不同，没有做成。请再运行一次。")
    return replace(wheel, path=place)
