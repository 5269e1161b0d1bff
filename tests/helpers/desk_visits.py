"""A visitor of the desk (工作台) without a browser: it sends what a page of the desk sends."""

import http.client
import re
import time
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote, urlencode

from desks import OpenDesk

SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """What the desk answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def html(self) -> str:
        return self.body.decode()

    @property
    def text(self) -> str:
        """The words of the page, without markup."""
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.html)))


class Visitor:
    """Somebody who knows the secret."""

    def __init__(self, desk: OpenDesk) -> None:
        self.desk = desk
        self.cookie = f"gknb-{desk.port}={desk.secret}"
        found = re.search(r'name="gknb-token" content="([0-9a-f]+)"', self.get("/").html)
        assert found
        self.token = found[1]

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.desk.port, timeout=SECONDS)
        try:
            connection.request(method, path, body, {"Cookie": self.cookie, **(headers or {})})
            got = connection.getresponse()
            return Answer(got.status, {key.lower(): value for key, value in got.getheaders()}, got.read())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        """Ask for a page; the address may hold any characters."""
        return self.ask("GET", quote(path, safe="/?&=%-_.~"))

    def post(self, path: str, **fields: str) -> Answer:
        """Press a button."""
        body = urlencode({"token": self.token, **fields}).encode()
        headers = {"Origin": self.desk.origin, "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, body, headers)

    def upload(self, path: str, name: str, content: bytes, changed: float = 0) -> Answer:
        """Drop a file."""
        headers = {"Origin": self.desk.origin, "X-Gknb-Token": self.token, "X-Gknb-Script": "1"}
        headers |= {"X-Gknb-Name": quote(name), "X-Gknb-Time": str(int(changed * 1000)) if changed else ""}
        return self.ask("POST", path, content, headers)

    def run(self, path: str, **fields: str) -> Answer:
        """Press a button that starts a command, and wait until it has ended."""
        assert self.post(path, **fields).status == 303
        page = self.get("/" + path.split("/")[1])
        found = re.search(r'id="run"[^>]* data-number="(\d+)"', page.html)
        assert found, page.text
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            panel = self.get(f"/runs/{found[1]}")
            if 'data-state="ended"' in panel.html:
                return panel
            time.sleep(0.1)
        raise AssertionError(panel.text)
