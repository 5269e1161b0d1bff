"""Which libraries a Windows program file asks for, and which of them an office's machine does not have."""

from pathlib import Path

import pytest
from bundle_files import I386, program

from toolkit.bundle.dll_imports import NotAProgram, absent_libraries, read_program

PYTHON = ("python311.dll", "vcruntime140.dll", "vcruntime140_1.dll")


@pytest.mark.parametrize("machine", [0x8664, I386])
def test_imports_are_read_delayed_ones_too(machine: int) -> None:
    found = read_program(program(["KERNEL32.dll", "MSVCP140.dll"], ["bcrypt.dll"], machine=machine))
    assert found.machine == machine
    assert found.imports == {"kernel32.dll", "msvcp140.dll", "bcrypt.dll"}
    assert read_program(program()).imports == frozenset()


def test_every_cut_of_a_program_is_read_or_refused() -> None:
    whole = program(["KERNEL32.dll"], ["bcrypt.dll"])
    for length in range(len(whole)):
        try:
            assert read_program(whole[:length]).imports <= {"kernel32.dll", "bcrypt.dll"}
        except NotAProgram:
            continue


def test_what_the_office_lacks_is_told(tmp_path: Path) -> None:
    (tmp_path / "fast").mkdir()
    (tmp_path / "fast" / "speed.pyd").write_bytes(program(["KERNEL32.dll", "python311.dll", "MSVCP140.dll"]))
    (tmp_path / "api.pyd").write_bytes(program(["api-ms-win-crt-heap-l1-1-0.dll", "VCRUNTIME140.dll"]))
    assert absent_libraries(tmp_path, PYTHON) == ["fast/speed.pyd 要用 msvcp140.dll，Windows 和包里都没有"]
    (tmp_path / "fast.libs").mkdir()
    (tmp_path / "fast.libs" / "MSVCP140.dll").write_bytes(program())
    assert absent_libraries(tmp_path, PYTHON) == []
    assert absent_libraries(tmp_path, ()) == [
        "api.pyd 要用 vcruntime140.dll，Windows 和包里都没有",
        "fast/speed.pyd 要用 python311.dll，Windows 和包里都没有",
    ]


def test_what_does_not_run_on_64_bit_windows_is_told(tmp_path: Path) -> None:
    (tmp_path / "old.pyd").write_bytes(program(machine=I386))
    (tmp_path / "text.dll").write_bytes(b"text")
    assert absent_libraries(tmp_path, ()) == [
        "old.pyd 不是 64 位 Windows（amd64）的",
        "text.dll 不是 Windows 的程序文件，或已损坏",
    ]
