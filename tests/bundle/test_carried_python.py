"""The Python that a bundle carries: its hash first, then what it is, then its files, none of them outside."""

from hashlib import sha256
from pathlib import Path

import pytest
from bundle_files import I386, embeddable, linux_python, program, tarred, zipped

from toolkit.bundle import carried_python
from toolkit.bundle.carried_python import CarriedPython, read_carried_python
from toolkit.problems import Problem


def carried(folder: Path, content: bytes, name: str = "python.zip") -> CarriedPython:
    path = folder / name
    path.write_bytes(content)
    return read_carried_python(path, sha256(content).hexdigest())


@pytest.mark.parametrize(("short", "version"), [("311", "3.11"), ("313", "3.13")])
def test_version_and_machine_are_read_from_the_archive(tmp_path: Path, short: str, version: str) -> None:
    found = carried(tmp_path, embeddable(short=short))
    assert (found.version, found.target.name) == (version, "windows")


def test_only_the_packages_of_the_bundle_are_imported(tmp_path: Path) -> None:
    """With `import site` in the list, Python would also look in the user's own folder of packages."""
    carried(tmp_path, embeddable()).unpack(tmp_path / "程序")
    opened = (tmp_path / "程序" / "python311._pth").read_bytes()
    assert opened == b"python311.zip\r\n.\r\nLib\\site-packages\r\n"
    assert (tmp_path / "程序" / "python.exe").read_bytes() == program(["KERNEL32.dll"])


@pytest.mark.parametrize("digest", ["0" * 64, sha256(embeddable()[:-1]).hexdigest()])
def test_a_wrong_hash_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digest: str) -> None:
    path = tmp_path / "python.zip"
    path.write_bytes(embeddable())
    for name in ("_of_windows", "_of_linux"):
        monkeypatch.setattr(carried_python, name, lambda *_: pytest.fail("looked inside"))
    with pytest.raises(Problem, match="没有打开它") as told:
        read_carried_python(path, digest)
    assert sha256(embeddable()).hexdigest() in told.value.message


def test_the_hash_is_taken_as_certutil_and_sha256sum_write_it(tmp_path: Path) -> None:
    path = tmp_path / "python.zip"
    path.write_bytes(embeddable())
    digest = sha256(embeddable()).hexdigest()
    for written in (digest.upper(), " ".join(digest[at : at + 2] for at in range(0, 64, 2)), f" {digest}\n"):
        assert read_carried_python(path, written).version == "3.11"


@pytest.mark.parametrize("digest", ["", "md5", "a" * 63, "g" * 64])
def test_what_is_no_hash_is_told(tmp_path: Path, digest: str) -> None:
    path = tmp_path / "python.zip"
    path.write_bytes(embeddable())
    with pytest.raises(Problem, match="64 个数字和字母"):
        read_carried_python(path, digest)


@pytest.mark.parametrize(
    "name", ["../python.exe", "/etc/passwd", "a/../../b", "..\\b.dll", "C:\\Windows\\b.dll", "C:b.dll", "a\\b.dll", ""]
)
def test_a_file_that_would_land_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem, match="跳出文件夹的文件名"):
        carried(tmp_path, embeddable({name: b"x"}))


@pytest.mark.parametrize("name", ["../python3", "/etc/passwd", "python/../../b"])
def test_so_it_is_in_an_archive_for_linux(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem, match="跳出文件夹的文件名"):
        carried(tmp_path, tarred({name: b"x"}), "python.tar.gz")


def test_a_file_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"有两个 PYTHON\.exe"):
        carried(tmp_path, embeddable({"PYTHON.exe": program()})).unpack(tmp_path / "程序")


@pytest.mark.parametrize(
    "content",
    [
        zipped({"readme.txt": b""}),
        embeddable({"python.exe": None}),
        embeddable({"python311.dll": None}),
        embeddable({"python311.zip": None}),
        embeddable({"python311._pth": None}),
        embeddable({"python312._pth": b""}),
        embeddable({"python.exe": b"MZ no program"}),
        embeddable()[:-40],
    ],
    ids=["another", "no exe", "no dll", "no library", "no pth", "two", "no program", "cut"],
)
def test_what_is_no_embeddable_package_is_told_with_where_to_get_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Problem, match=r"python\.org.*embed-amd64\.zip.*certutil"):
        carried(tmp_path, content)


def test_a_32_bit_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="不是 64 位"):
        carried(tmp_path, embeddable(machine=I386))


@pytest.mark.parametrize("content", [embeddable(short="310"), embeddable(short="38")])
def test_an_old_one_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Problem, match=r"太旧了：要 3\.11 以上"):
        carried(tmp_path, content)


@pytest.mark.parametrize(("machine", "target"), [(62, "linux-x86_64"), (183, "linux-aarch64")])
def test_a_python_for_linux_is_unpacked_without_links_and_without_what_is_not_needed(
    tmp_path: Path, machine: int, target: str
) -> None:
    """The file systems of sticks have no links, and take Eterm and eterm for one file."""
    found = carried(tmp_path, linux_python(machine), "python.tar.gz")
    assert (found.version, found.target.name, found.packages) == ("3.11", target, "lib/python3.11/site-packages")
    found.unpack(tmp_path / "python")
    files = {
        path.relative_to(tmp_path / "python").as_posix() for path in (tmp_path / "python").rglob("*") if path.is_file()
    }
    assert files == {"bin/python3.11", "lib/libpython3.11.so.1.0", "lib/python3.11/os.py"}
    assert (tmp_path / "python/bin/python3.11").stat().st_mode & 0o111


@pytest.mark.parametrize(
    "content",
    [linux_python(40), linux_python(loader=b"/lib/ld-musl-x86_64.so.1"), tarred({"readme": b""}), b"no archive"],
    ids=["another machine", "another C library", "no Python", "no archive"],
)
def test_another_archive_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Problem, match="能随带的 Python"):
        carried(tmp_path, content, "python.tar.gz")
