"""Starts the desk (工作台): opens the port, serves the pages, and finds a desk that is open for the project already."""

import hashlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from time import monotonic, sleep

from toolkit.desk.entrance import ALIVE, LOOPBACK, Entrance, new_secret
from toolkit.problems import Problem

BACKLOG = 500
"""Connections that may wait until they are taken."""
LOAD_AFTER = 1.5
"""Seconds until the other screens are loaded: the first page comes first."""
ASK_SECONDS, START_SECONDS = 5, 20
"""Seconds that an open desk may take to answer, and to begin."""


def serve(folder: Path, port: int, is_for_agency: bool, on_ready: Callable[[str, bool], None]) -> None:
    """Serve the desk of a project folder until somebody ends it. `on_ready` gets the address as soon as the pages can
    be opened, and whether a desk that was open before serves it; then nothing more is done.

    Raise Problem when the folder is not there, or the port is in use.
    """
    if is_for_agency:
        with TemporaryDirectory(prefix="gknb-") as place:
            os.chdir(place)
            try:
                _serve(_listening(port), None, True, on_ready)
            finally:
                os.chdir(gettempdir())
        return
    if not folder.is_dir():
        raise Problem(f"没有文件夹 {folder}。请先建好，或换一个。")
    os.chdir(folder)
    note = _note_of(Path.cwd())
    with _only_one(note) as address:
        if address:
            on_ready(address, True)
        else:
            _serve(_listening(port), note, False, on_ready)


def _listening(port: int) -> socket.socket:
    """Return a socket on this machine only. Raise Problem when the port is in use."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # On Windows SO_REUSEADDR would let another program take over the port, on other systems only one that is left.
    own: int = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listener.setsockopt(socket.SOL_SOCKET, own, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError):
        listener.close()
        raise Problem(f"端口 {port} 已被别的程序占用，或不让用。请换一个，或不写 --port，由系统选一个空的。") from None
    return listener


def _serve(
    listener: socket.socket, note: Path | None, is_for_agency: bool, on_ready: Callable[[str, bool], None]
) -> None:
    """Serve the pages until somebody ends it. The address can be opened before the pages are loaded: a browser takes
    as long to begin."""
    entrance = Entrance(listener.getsockname()[1], new_secret())
    with _noted(note, entrance):
        on_ready(entrance.address, False)
        from toolkit.desk.app import Desk, create_app
        from toolkit.desk.command_runs import CommandQueue
        from toolkit.desk.http_server import server_of
        from toolkit.desk.routes import load_screens

        runs, ended = CommandQueue(str(Path.cwd())), threading.Event()

        def get_ready() -> None:
            runs.get_ready()
            load_screens(is_for_agency)

        server = server_of(create_app(Desk(entrance, runs, ended.set, is_for_agency)), entrance, listener)
        threading.Thread(target=server.run, name="pages", daemon=True).start()
        try:
            loader = threading.Timer(LOAD_AFTER, get_ready)
            loader.daemon = True
            loader.start()
            while not ended.wait(1):
                pass
        finally:
            runs.close()
            server.task_dispatcher.shutdown()
            server.close()


def _note_of(folder: Path) -> Path | None:
    """Return where the address of an open desk is noted: in the user's own folder, because a project may lie where
    others can read it, or be read-only. None if this machine has no such place."""
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_STATE_HOME")
    try:
        place = Path(home) if home else Path.home() / ".local" / "state"
        place = place / "gknb"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError):
        return None
    return place / f"desk-{hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]}.json"


@contextmanager
def _only_one(note: Path | None) -> Iterator[str]:
    """Yield the address of a desk that is open for the project. Yield an empty text if there is none, and let nobody
    else open one during the block."""
    if note is None:
        yield ""
        return
    from filelock import FileLock, Timeout

    lock = FileLock(note.with_suffix(".lock"), timeout=0)
    until = monotonic() + START_SECONDS
    while True:
        try:
            lock.acquire()
        except Timeout:
            if address := _open_desk(note):
                yield address
                return
            if monotonic() > until:
                raise Problem("这个项目的工作台已经开着，但没有回应。请关掉它的窗口，再开一次。") from None
            sleep(0.2)
        except OSError:  # a folder that is not to be written to: then nothing is noted, and a second start is another
            yield ""
            return
        else:
            break
    try:
        with suppress(OSError):
            note.unlink(missing_ok=True)  # the port of a desk that was killed may be somebody else's by now
        yield ""
    finally:
        lock.release()


@contextmanager
def _noted(note: Path | None, entrance: Entrance) -> Iterator[None]:
    """Note the address for the time of the block, so that a second start finds this one. Nobody else can read it."""
    written = False
    if note:
        with suppress(OSError):
            number = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump({"port": entrance.port, "secret": entrance.secret}, file)
            written = True
    try:
        yield
    finally:
        if note and written:
            with suppress(OSError):
                note.unlink(missing_ok=True)


def _open_desk(note: Path | None) -> str:
    """Return the address of a desk that is open for the project, empty if there is none."""
    try:
        data = json.loads(note.read_bytes()) if note else {}
        entrance = Entrance(int(data["port"]), str(data["secret"]))
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    import urllib.request

    request = urllib.request.Request(f"{entrance.origin}{ALIVE}")
    request.add_header("Cookie", f"{entrance.cookie}={entrance.secret}")
    no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with no_proxy.open(request, timeout=ASK_SECONDS) as response:
            is_ours = response.read(100).decode() == entrance.token
    except (OSError, ValueError):
        return ""
    return entrance.address if is_ours else ""
