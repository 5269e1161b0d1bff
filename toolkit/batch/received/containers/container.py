"""What all containers have in common: their members, and reading one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from toolkit.files.limits import MB, Limits
from toolkit.files.parts import SMALL
from toolkit.files.read import too_large


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a container: its name there, its size as declared, and when it was last changed, in seconds (0 if that
    is not known). `why_not` says why it is not read although it is there; empty for a plain file."""

    name: str
    size: int
    changed: float = 0.0
    why_not: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailHead:
    """What a mail says of itself: when it was sent, in seconds (0 if unknown), its subject and its sender."""

    sent: float = 0.0
    subject: str = ""
    sender: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """The subject and the sender, as far as they are known."""
        return tuple(filter(None, (self.subject, self.sender)))


class Container(Protocol):
    """An opened archive or mail. `mail` is the head of a mail, None for an archive."""

    mail: MailHead | None

    def __hash__(self) -> int:
        """Return a hash, so that what is known of an archive can be kept."""

    @property
    def members(self) -> Sequence[Member]:
        """The members, in the order in which they stand there."""

    def read(self, name: str, limits: Limits) -> bytes:
        """Return at most one byte more than a file may have. Raise Unreadable; whatever the bytes hold, other
        exceptions are for the caller to catch."""

    def open(self, name: str, limits: Limits) -> IO[bytes]:
        """Open a member to look at its beginning. As with `read`."""


def most_bytes(limits: Limits) -> int:
    """Return how many bytes are read of a member: one more than a file may have, to show that it is too large."""
    return limits.size * MB + 1


def require_plausible(unpacked: int, packed: int, limits: Limits) -> None:
    """Raise Unreadable when something is packed more tightly than any file is."""
    if unpacked > SMALL and unpacked > limits.ratio * packed:
        times = unpacked // max(packed, 1)
        raise too_large(f"其中有的部件解压后是原来的 {times} 倍", f"ratio={times + 1}")


def require_declared(size: int, limits: Limits) -> None:
    """Raise Unreadable when a member says itself that it is larger than a file may be."""
    if size > limits.size * MB:
        raise too_large(f"解压后超过 {limits.size} MB", f"size={2 * limits.size}")
