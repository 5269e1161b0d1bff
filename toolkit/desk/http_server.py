"""The HTTP server of the desk (工作台): waitress, with a gate before the content of a request and words of our own.

Whoever does not know the secret cannot make this machine take in so much as a megabyte; the pages themselves are
guarded in `toolkit.desk.guard`.
"""

import socket
from typing import Any, ClassVar

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import ErrorTask
from waitress.utilities import BadRequest
from werkzeug.http import parse_cookie

from toolkit.desk.app import HTTP_WORDS, UNFORESEEN
from toolkit.desk.entrance import Entrance
from toolkit.desk.guard import HEADERS
from toolkit.files.limits import MB, STANDARD_LIMITS

THREADS, CONNECTIONS, IDLE_SECONDS = 12, 500, 120
"""Requests that are answered at once, browsers' connections, and seconds that one may stand still. Windows cannot wait
for more than 512 connections at once."""
UPLOAD_LIMIT = (STANDARD_LIMITS.size + 1) * MB


class _Stranger(BadRequest):  # type: ignore[misc]
    """The sender of some content does not know the secret."""

    code, reason = 401, "Unauthorized"


class _NoRoom(BadRequest):  # type: ignore[misc]
    """Content comes by way of the temporary folder, and that is full."""

    code, reason = 507, "Insufficient Storage"


class _Spoken(ErrorTask):  # type: ignore[misc]
    """Says in words what is wrong with a request that never comes to the pages."""

    def execute(self) -> None:
        """Write the answer."""
        error = self.request.error
        body = HTTP_WORDS.get(error.code, UNFORESEEN).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend([("Content-Type", "text/plain; charset=utf-8"), *HEADERS.items()])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def server_of(app: Flask, entrance: Entrance, listener: socket.socket) -> Any:
    """Return a server of the pages on a socket; it does not run yet."""

    class Gated(HTTPRequestParser):  # type: ignore[misc]
        """Refuses content as soon as its head is there, if the head does not know the secret."""

        def received(self, data: bytes) -> int:
            """Take in some bytes; return how many were used."""
            had_head = self.headers_finished
            try:
                used: int = super().received(data)
            except OSError:
                self.error, self.completed = _NoRoom("no room"), True
                return len(data)
            if self.headers_finished and not had_head and not self.error and self.body_rcv is not None:
                self._require_secret()
            return used

        def _require_secret(self) -> None:
            if not entrance.is_known(parse_cookie(self.headers.get("COOKIE")).getlist(entrance.cookie)):
                self.error, self.completed = _Stranger("no secret"), True

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class: ClassVar[type] = Gated
        error_task_class: ClassVar[type] = _Spoken

    server = create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        max_request_body_size=UPLOAD_LIMIT,
        asyncore_use_poll=True,
        ident="",
    )
    server.channel_class = Channel
    return server
