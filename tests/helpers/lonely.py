"""A machine without network: a command in a network namespace of its own, where only loopback is up.

As a program, it does there what an office does with a bundle, with nothing but Python's own library, and says what came
of it as JSON: ``lonely.py county BUNDLE PROJECT EXAMPLES`` or ``lonely.py start BUNDLE``.
"""

import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar
from pathlib import Path

SECONDS = 300
_WAIT = 90
_SET_FLAGS, _UP = 0x8914, 1


def alone(
    arguments: Sequence[object], folder: Path, environment: Mapping[str, str], read_only: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command without network and with no other variables than these; a folder may be read-only there."""
    call = [sys.executable, __file__, "exec", str(read_only or ""), *map(str, arguments)]
    return subprocess.run(
        ["unshare", "--net", "--mount", *call],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def _only_loopback() -> None:
    import fcntl  # not on Windows

    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))
    assert [name for _, name in socket.if_nameindex()] == ["lo"]


def _exec(read_only: str, *command: str) -> None:
    _only_loopback()
    if read_only:
        subprocess.run(["mount", "--bind", read_only, read_only], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", read_only], check=True)
    os.execvp(command[0], command)


def _start(bundle: str, *options: str) -> dict[str, object]:
    """Open the page as a double click does, get it, and end it with Ctrl-C."""
    began = time.monotonic()
    call = ["sh", str(Path(bundle) / "开始.sh"), *options, "--no-browser"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], _WAIT)[0]:
            process.kill()
        address = process.stdout.readline().strip()
        answer: dict[str, object] = {"address": address, "seconds": round(time.monotonic() - began, 1)}
        if address.startswith("http://127.0.0.1:"):
            opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
            )
            with opener.open(address, timeout=30) as page:
                answer |= {"status": page.status, "page": page.read().decode()}
        process.send_signal(signal.SIGTERM)  # as Ctrl-C, which is ignored by what a background process starts
        try:
            answer["end"] = process.wait(_WAIT)
        except subprocess.TimeoutExpired:
            process.kill()
    return answer


def _county(python: str, project: str, examples: str) -> list[list[object]]:
    """Do the county's day with the commands; the second batch and one more agency come after the first check."""
    folder, source = Path(project), Path(examples)
    folder.mkdir(parents=True)
    for name in ("gknb.toml", "名册.csv"):
        shutil.copy(source / name, folder)
    (folder / "收回的表").mkdir()
    shutil.copy(source / "收回的表.zip", folder / "收回的表")
    said: list[list[object]] = []
    for call in ("distribute", "check", "again", "check", "report", "rollup"):
        if call == "again":
            shutil.copy(source / "第二批.zip", folder / "收回的表")
            with (folder / "名册.csv").open("a", encoding="utf-8") as roster:
                roster.write("青河县供销合作社,部门,,,,部门,\r\n")
            continue
        command = [python, "-X", "utf8", "-I", "-m", "toolkit", call]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
        said.append([call, ran.returncode, ran.stdout, ran.stderr])
    return said


if __name__ == "__main__":
    if sys.argv[1] == "exec":
        _exec(*sys.argv[2:])
    print(json.dumps({"start": _start, "county": _county}[sys.argv[1]](*sys.argv[2:])))  # type: ignore[operator]
