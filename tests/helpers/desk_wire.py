"""Somebody who speaks to the desk (工作台) without a browser: every header as it is wanted, also wrong ones."""

import json
import re
import socket
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote, urlencode

from desks import OpenDesk

from toolkit.desk.entrance import Entrance

SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """What the desk answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def words(self) -> str:
        """The words of a page, without markup."""
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.text)))

    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


class Visitor:
    """Sends requests to a desk. Without changes they are those of its own page in the browser of the office."""

    def __init__(self, desk: OpenDesk) -> None:
        self.desk = desk
        self.entrance = Entrance(desk.port, desk.secret)

    def usual(self, method: str) -> dict[str, str]:
        """The headers that the office's browser sends."""
        entrance = self.entrance
        headers = {"Host": entrance.host, "Cookie": f"{entrance.cookie}={entrance.secret}"}
        if method not in ("GET", "HEAD"):
            headers |= {"Origin": entrance.origin, "X-Gknb-Token": entrance.token}
        return headers

    def head(self, method: str, path: str, changes: Mapping[str, str | None], more: Iterable[str] = ()) -> bytes:
        """The head of a request. A change to None leaves a header out; `more` are lines as they are."""
        headers = {**self.usual(method), **changes}
        lines = [f"{key}: {value}" for key, value in headers.items() if value is not None]
        return "\r\n".join((f"{method} {path} HTTP/1.1", *lines, *more, "Connection: close", "", "")).encode("latin-1")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.desk.port), SECONDS)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, str] = b"",
        changes: Mapping[str, str | None] | None = None,
        more: Iterable[str] = (),
    ) -> Answer:
        """Send a request and return the answer. A form is sent as a page of ours sends it."""
        given = dict(changes or {})
        if not isinstance(body, bytes):
            body = urlencode(body).encode()
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if body:
            given.setdefault("Content-Length", str(len(body)))
        with closing(self.connect()) as wire:
            wire.sendall(self.head(method, path, given, more) + body)
            return answer_on(wire)

    def get(self, path: str, **changes: str | None) -> Answer:
        return self.send("GET", path, changes={key.replace("_", "-"): value for key, value in changes.items()})

    def post(self, path: str, **form: str) -> Answer:
        return self.send("POST", path, form)

    def page(self, path: str) -> Answer:
        """Ask for a page; the address may hold any characters."""
        return self.get(quote(path, safe="/?&=%-_.~"))

    def run(self, path: str, **form: str) -> str:
        """Press a button that starts a command. Return the words of its panel when it has ended."""
        assert self.post(path, **form).status == 303
        panel = self.wait_for_run("/" + path.split("/")[1], SECONDS)
        return Answer(200, (), panel.encode()).words

    def upload(
        self, name: str, content: bytes, key: str = "returned", path: str = "", changed: float | None = None
    ) -> Answer:
        """Send a file as the script of a page does. `changed` is when it was changed, in seconds."""
        headers = {"X-Gknb-Name": quote(name), "X-Gknb-Script": "1"}
        if changed is not None:
            headers["X-Gknb-Time"] = str(int(changed * 1000))
        return self.send("POST", path or f"/received/upload/{key}", content, headers)

    def put_roster(self, *agencies: str) -> None:
        """Put a roster on the page."""
        content = "\n".join(("机关全称", *agencies, "")).encode()
        assert self.upload("名册.csv", content, path="/roster/upload").json()["fate"] == "taken"

    def wait_for_run(self, screen: str, seconds: float = 60) -> str:
        """The panel of the command that a page began last, when it has ended."""
        until = monotonic() + seconds
        while True:
            panel = re.search(r'<section id="run".*?</section>', self.get(screen).text, re.DOTALL)
            assert monotonic() < until, panel and panel[0]
            if panel and 'data-state="ended"' in panel[0]:
                return panel[0]
            sleep(0.1)


def answer_on(wire: socket.socket) -> Answer:
    """Read an answer to its end. A server that refuses content may close the line before all of it was sent."""
    received = bytearray()
    try:
        while piece := wire.recv(1 << 16):
            received += piece
    except ConnectionResetError:
        assert received, "no answer"
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((key, value.strip()) for key, _, value in (line.partition(":") for line in lines))
    return Answer(int(first.split()[1]), headers, body)


def new_project(folder: Path, visitor: Visitor | None = None, **values: str) -> None:
    """Answer the five questions, on the page if there is one."""
    answers = {"year": "2024", "office": "青河县人民政府办公室", "agency": "青河县人民政府", **values}
    if visitor:
        assert visitor.post("/project", **answers).status == 303
        return
    from toolkit.batch.project import create_project

    create_project(folder, int(answers.pop("year")), answers)
