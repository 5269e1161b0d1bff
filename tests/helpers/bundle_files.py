"""What bundles are made of, made small: wheels, Windows program files, the archives of a Python to carry."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

AMD64, I386 = 0x8664, 0x14C


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    tag: str = "py3-none-any",
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    python: str = "",
    files: Mapping[str, bytes] | None = None,
) -> Path:
    """A wheel that says what it needs."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {one}" for one in requires]
    lines += [f"Requires-Python: {python}"] if python else []
    info = f"{name}-{version}.dist-info"
    members = {
        f"{info}/METADATA": ("\n".join(lines) + "\n").encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        f"{info}/RECORD": b"",
        **({f"{name}/__init__.py": b""} if files is None else files),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    path.write_bytes(zipped(members))
    return path


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo("plain")
            info.filename = name  # as it is: ZipInfo itself would tidy it
            archive.writestr(info, content)
    return out.getvalue()


def program(imports: Iterable[str] = (), delayed: Iterable[str] = (), machine: int = AMD64) -> bytes:
    """A Windows program file with the head that real ones have, which asks for libraries and does nothing."""
    at, virtual = 0x200, 0x1000
    body = bytearray()
    tables = {}
    for directory, names, size, field in ((1, tuple(imports), 20, 12), (13, tuple(delayed), 32, 4)):
        tables[directory] = virtual + len(body) if names else 0
        strings = len(body) + size * (len(names) + 1)
        texts = b"".join(one.encode() + b"\0" for one in names)
        for number in range(len(names)):
            entry = bytearray(size)
            before = b"".join(one.encode() + b"\0" for one in names[:number])
            struct.pack_into("<I", entry, field, virtual + strings + len(before))
            body += entry
        body += bytes(size) + texts
    directories = b"".join(struct.pack("<II", tables.get(number, 0), 0) for number in range(16))
    wide = machine == AMD64
    optional = struct.pack("<H", 0x20B if wide else 0x10B) + bytes(110 if wide else 94) + directories
    coff = struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, len(optional), 0x22)
    section = struct.pack("<8sIIII", b".rdata", len(body), virtual, len(body), at) + bytes(16)
    head = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + coff + optional + section
    return head.ljust(at, b"\0") + bytes(body)


def embeddable(changes: Mapping[str, bytes | None] | None = None, short: str = "311", machine: int = AMD64) -> bytes:
    """What python.org's embeddable package holds, as far as a bundle looks at it. A change of None takes a file out."""
    stub = program(["KERNEL32.dll"], machine=machine)
    members: dict[str, bytes | None] = {
        "python.exe": stub,
        "pythonw.exe": stub,
        "python3.dll": stub,
        f"python{short}.dll": stub,
        "vcruntime140.dll": stub,
        "vcruntime140_1.dll": stub,
        f"python{short}.zip": zipped({"encodings/__init__.pyc": b""}),
        f"python{short}._pth": (
            f"python{short}.zip\r\n.\r\n\r\n# Uncomment to run site.main() automatically\r\n#import site\r\n".encode()
        ),
        "LICENSE.txt": b"",
        **(changes or {}),
    }
    return zipped({name: content for name, content in members.items() if content is not None})


def tarred(members: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """A .tar.gz archive of files that may be run, and of symbolic links."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return out.getvalue()


def elf(machine: int, loader: bytes = b"/lib64/ld-linux-x86-64.so.2") -> bytes:
    """The head of a Linux program: 62 is x86_64, 183 aarch64."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, machine) + bytes(200) + loader + b"\0"


def linux_python(machine: int = 62, version: str = "3.11", loader: bytes = b"/lib64/ld-linux-x86-64.so.2") -> bytes:
    """What an archive of a Python for Linux holds that runs from any folder."""
    return tarred(
        {
            f"python/bin/python{version}": elf(machine, loader),
            f"python/lib/python{version}/os.py": b"",
            f"python/lib/python{version}/test/test_os.py": b"",
            f"python/lib/libpython{version}.so.1.0": elf(machine),
            "python/share/terminfo/e/eterm": b"",
            "python/share/terminfo/E/Eterm": b"",
        },
        {"python/bin/python3": f"python{version}"},
    )
