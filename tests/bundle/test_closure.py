"""Every requirement of every wheel is looked for on the target machine, not on the one that makes the bundle."""

from pathlib import Path

import pytest
from bundle_files import wheel
from packaging.requirements import Requirement

from toolkit.bundle.closure import Closure, follow
from toolkit.bundle.targets import TARGETS
from toolkit.bundle.wheels import read_wheel, read_wheels
from toolkit.problems import Problem

LINUX, ARM, WINDOWS = TARGETS["linux-x86_64"], TARGETS["linux-aarch64"], TARGETS["windows"]


def followed(folder: Path, root: str = "app", target: str = "windows", version: str = "3.11") -> Closure:
    return follow([Requirement(root)], read_wheels(folder), TARGETS[target], version)


def faults(found: Closure) -> list[str]:
    return [fault.message for fault in found.faults]


def names(found: Closure) -> list[str]:
    return [one.name for one in found.needed]


@pytest.mark.parametrize(
    ("marker", "where"),
    [
        ('sys_platform == "win32"', {"windows"}),
        ('platform_system == "Windows"', {"windows"}),
        ('os_name == "posix"', {"linux-x86_64", "linux-aarch64"}),
        ('platform_machine == "aarch64"', {"linux-aarch64"}),
        ('platform_machine == "AMD64"', {"windows"}),
        ('implementation_name == "cpython"', set(TARGETS)),
        ('platform_python_implementation == "PyPy"', set()),
        ('python_version < "3.12"', set(TARGETS)),
        ('python_full_version >= "3.12"', set()),
        ('extra == "more"', set()),
    ],
)
def test_markers_are_those_of_the_target(tmp_path: Path, marker: str, where: set[str]) -> None:
    wheel(tmp_path, "app", requires=[f"other>=2 ; {marker}"], extras=["more"])
    for target in TARGETS:
        found = followed(tmp_path, target=target)
        assert faults(found) == (["缺 other>=2（app 要用）"] if target in where else []), target
        assert all(fault.missing and fault.requirement == "other>=2" for fault in found.faults)


def test_what_is_needed_through_others_is_missed_too(tmp_path: Path) -> None:
    wheel(tmp_path, "app", requires=["Middle_Part"])
    wheel(tmp_path, "middle_part", requires=["deep[fast]"])
    wheel(tmp_path, "deep", requires=['speed ; extra == "fast"', 'slow ; extra == "slow"'], extras=["fast", "slow"])
    assert faults(followed(tmp_path)) == ["缺 speed（deep 要用）"]
    wheel(tmp_path, "speed")
    wheel(tmp_path, "unasked")
    found = followed(tmp_path)
    assert faults(found) == []
    assert names(found) == ["app", "deep", "middle-part", "speed"], "what nothing asks for is left out"


def test_an_extra_of_the_project_is_followed(tmp_path: Path) -> None:
    wheel(tmp_path, "app", requires=['web ; extra == "desk"'], extras=["desk"])
    assert faults(followed(tmp_path)) == []
    assert faults(followed(tmp_path, "app[desk]")) == ["缺 web（app 要用）"]


def test_a_circle_ends(tmp_path: Path) -> None:
    wheel(tmp_path, "app", requires=["other"])
    wheel(tmp_path, "other", requires=["app"])
    assert names(followed(tmp_path)) == ["app", "other"]


def test_a_wrong_version_is_told(tmp_path: Path) -> None:
    wheel(tmp_path, "app", requires=["other>=2"])
    wheel(tmp_path, "other", "1.9")
    assert faults(followed(tmp_path)) == ["app 要 other>=2，下载到的是 1.9"]


@pytest.mark.parametrize(
    ("tag", "where"),
    [
        ("py3-none-any", {"windows", "linux-x86_64", "linux-aarch64"}),
        ("py2.py3-none-any", {"windows", "linux-x86_64", "linux-aarch64"}),
        ("cp311-cp311-win_amd64", {"windows"}),
        ("cp37-abi3-win_amd64", {"windows"}),
        ("py3-none-win_amd64", {"windows"}),
        ("cp311-cp311-win32", set()),
        ("cp311-cp311-win_arm64", set()),
        ("cp312-cp312-win_amd64", set()),
        ("cp312-abi3-win_amd64", set()),
        ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", {"linux-x86_64"}),
        ("cp311-cp311-manylinux_2_28_x86_64", {"linux-x86_64"}),
        ("cp311-cp311-manylinux1_x86_64", {"linux-x86_64"}),
        ("cp311-cp311-manylinux_2_31_x86_64", set()),
        ("cp311-cp311-musllinux_1_2_x86_64", set()),
        ("cp311-abi3-manylinux2014_aarch64", {"linux-aarch64"}),
        ("cp311-cp311-macosx_11_0_arm64", set()),
        ("pp311-pypy311_pp73-win_amd64", set()),
    ],
)
def test_a_wheel_for_another_machine_is_told(tmp_path: Path, tag: str, where: set[str]) -> None:
    wheel(tmp_path, "app", tag=tag)
    for target in TARGETS:
        assert bool(faults(followed(tmp_path, target=target))) == (target not in where), target


def test_a_wheel_for_another_python_is_told(tmp_path: Path) -> None:
    wheel(tmp_path, "app", python=">=3.12")
    assert faults(followed(tmp_path)) == ["app-1.0-py3-none-any.whl 要求 Python >=3.12，不是 3.11"]
    assert faults(followed(tmp_path, version="3.12")) == []


def test_two_versions_of_one_are_told(tmp_path: Path) -> None:
    wheel(tmp_path, "app")
    wheel(tmp_path, "app", "1.1")
    assert faults(followed(tmp_path)) == ["app 有两个版本"]


def test_a_damaged_wheel_is_told(tmp_path: Path) -> None:
    whole = wheel(tmp_path, "app")
    whole.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(Problem, match="读不出"):
        read_wheel(whole)


def test_a_wheel_under_another_name_is_told(tmp_path: Path) -> None:
    renamed = wheel(tmp_path, "app").rename(tmp_path / "other-1.0-py3-none-any.whl")
    with pytest.raises(Problem, match="与文件名不符"):
        read_wheel(renamed)
