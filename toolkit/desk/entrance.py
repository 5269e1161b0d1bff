"""The entrance (入口) of the desk: where it is on this machine, and the secret (口令) of this start."""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

LOOPBACK = "127.0.0.1"
KEY = "k"
"""The name of the secret in the address that `gknb start` prints."""
ALIVE = "/runs/alive"
"""The address at which a second start asks if a desk is open."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """The port of the desk on this machine, and the secret of this start."""

    port: int
    secret: str

    @property
    def host(self) -> str:
        """Return what a browser sends as Host."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def origin(self) -> str:
        """Return what a browser sends as Origin."""
        return f"http://{self.host}"

    @property
    def address(self) -> str:
        """Return the address that opens the desk."""
        return f"{self.origin}/?{KEY}={self.secret}"

    @property
    def cookie(self) -> str:
        """Return the name of the cookie. It has the port in it, because cookies do not tell ports apart."""
        return f"gknb-{self.port}"

    @property
    def token(self) -> str:
        """Return the token that a page of ours sends with what it asks to be done. It differs from the cookie, so that
        no page has to hold the secret."""
        return hmac.new(self.secret.encode(), b"token", sha256).hexdigest()

    def is_known(self, cookies: Iterable[str]) -> bool:
        """Return True if one of the cookies of a request is the secret. Another page of this machine may have set one
        of the same name before it."""
        return any(is_same(given, self.secret) for given in cookies)


def is_same(given: str, right: str) -> bool:
    """Return True if a text that somebody sent is the right secret or token; it takes as long if it is not."""
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())


def new_secret() -> str:
    """Return a secret for one start."""
    return secrets.token_urlsafe(32)
