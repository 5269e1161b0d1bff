"""Mails (邮件) of the kind .eml: the attachments are the members."""

import mimetypes
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from email.parser import BytesFeedParser
from email.policy import EmailPolicy
from email.utils import parseaddr, parsedate_to_datetime
from functools import cached_property
from io import BytesIO
from typing import IO

from toolkit.batch.received.containers.container import Container, MailHead, Member, require_declared
from toolkit.characters import one_line
from toolkit.files.limits import Limits
from toolkit.files.parts import too_many
from toolkit.files.read import read_source

HEADER = 4_000
"""Characters of a header that are looked at; a long name of a file has about 2,000. To read a longer one takes very
long."""
NAME = 200
"""Characters of a subject or a sender that are kept."""
FORWARDED = "转发的邮件.eml"
TOO_DEEP = "邮件里套着太多层邮件，没有读"
DEPTH = 3
"""Greatest number of mails inside each other."""
MOST_SAID = 4
FED = 2**18
"""Bytes of a mail that are given to its reader at a time."""
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_GBK = re.compile(r"=\?(?:gb2312|gbk|gb_2312-80|x-gbk|cp936)\?", re.I)
"""Encodings that are named by mail programs of China; what they write is GB18030."""
_NO_NAME = {ord("\0"): None, ord(":"): "："}
"""Characters that no name of a file on a disk has."""
_BOUNDARIES = (b"\n--", b"\r--")
_EARLIEST = 946_684_800.0
"""The year 2000; an earlier date is no date of a mail."""


class _ShortHeaders(EmailPolicy):
    """The policy of Python's email for a mail from anybody: headers are cut, and bytes without a named encoding are
    read as UTF-8 or as Chinese Windows writes them (GB18030)."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value of a header."""
        name, value = super().header_source_parse(sourcelines)
        return name, _GBK.sub("=?gb18030?", _readable(value[:HEADER]))


POLICY = _ShortHeaders()


@dataclass(frozen=True, slots=True)
class _Attachment:
    """An attachment, and what the mail inside the mail says that it belongs to. `is_too_deep` is True for a mail that
    is inside too many others."""

    part: Message
    said: tuple[str, ...] = ()
    is_too_deep: bool = False


class Mail:
    """An opened mail: what it says of itself, and its attachments, each under a name of its own. The attachments of a
    mail inside it stand among them."""

    def __init__(self, message: Message) -> None:
        self.mail: MailHead | None = _head(message)
        self._found: dict[str, _Attachment] = {}
        for number, one in enumerate(_attachments(message), 1):
            self._found[unique_name(_file_name(one.part) or _name_for(one.part, number), self._found)] = one

    @cached_property
    def members(self) -> Sequence[Member]:
        """The attachments."""
        return [
            Member(name, _size(one.part), 0.0, TOO_DEEP if one.is_too_deep else "", one.said)
            for name, one in self._found.items()
        ]

    def read(self, name: str, limits: Limits) -> bytes:
        """Return the bytes of an attachment. Raise Unreadable."""
        part = self._found[name].part
        require_declared(_size(part), limits)
        content = part.get_payload(decode=True)
        return content if isinstance(content, bytes) else b""

    def open(self, name: str, limits: Limits) -> IO[bytes]:
        """Return an attachment as a file in memory."""
        return BytesIO(self.read(name, limits))


def open_mail(source: IO[bytes], limits: Limits) -> Container:
    """Open a mail. Raise Unreadable when it is over a limit."""
    content = read_source(source, limits)
    parts = sum(content.count(mark) for mark in _BOUNDARIES)
    if parts > limits.members:
        raise too_many(limits.members, parts)
    parser = BytesFeedParser(_factory=EmailMessage, policy=POLICY)
    for at in range(0, len(content), FED):  # all at once would take several times the memory
        parser.feed(content[at : at + FED])
    return Mail(parser.close())


def _head(message: Message) -> MailHead:
    return MailHead(sent_date(message), one_line(_header(message, "subject"))[:NAME], sender_name(message))


def _attachments(message: Message) -> Iterator[_Attachment]:
    """Yield the attachments of a mail and of the mails in it: not its text, not the pictures in its text, not its
    signature."""
    waiting: list[tuple[Message, bool, int, tuple[str, ...]]] = [(message, False, 1, ())]
    while waiting:
        part, is_related, depth, said = waiting.pop(0)
        kind = part.get_content_type()
        inner = [one for one in part.get_payload() if isinstance(one, Message)] if part.is_multipart() else []
        if kind == "message/rfc822":
            if depth == DEPTH:
                yield _Attachment(part, said, is_too_deep=True)
                continue
            waiting[:0] = [(one, False, depth + 1, (*_head(one).said, *said)[:MOST_SAID]) for one in inner]
        elif inner:
            waiting[:0] = [(one, kind == "multipart/related", depth, said) for one in inner]
        elif not _belongs_to_text(part, kind, is_related):
            yield _Attachment(part, said)


def _belongs_to_text(part: Message, kind: str, is_related: bool) -> bool:
    """Return True for what a mail shows as its own text: the text, pictures in it, and the signature."""
    disposition = _header(part, "content-disposition").partition(";")[0].strip().lower()
    if kind in _SIGNATURES or part.get_content_maintype() in ("multipart", "message"):
        return True
    if kind in ("text/plain", "text/html", "text/calendar", "text/enriched"):
        return disposition != "attachment" and not _file_name(part)
    is_named_by_text = bool(_header(part, "content-id")) and (is_related or disposition == "inline")
    return kind.startswith("image/") and (is_named_by_text or (is_related and disposition != "attachment"))


def unique_name(name: str, taken: Collection[str]) -> str:
    """Return the name of an attachment without folders, with a number if the name is taken."""
    name = re.split(r"[/\\]", name.strip())[-1].translate(_NO_NAME) or "附件"
    if name in (".", ".."):
        name = "附件"
    stem, dot, ending = name.rpartition(".")
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{stem}（{number}）{dot}{ending}" if stem else f"{name}（{number}）"
    return made


def _name_for(part: Message, number: int) -> str:
    """Return a name for an attachment that has none."""
    if part.get_content_type() == "message/rfc822":
        return FORWARDED
    return f"附件{number}{mimetypes.guess_extension(part.get_content_type()) or ''}"


def _file_name(part: Message) -> str:
    """Return the name of an attachment, empty if it has none."""
    try:
        return str(part.get_filename() or "")
    except Exception:  # whatever a header holds, Python's email may raise on it
        return ""


def _header(message: Message, name: str) -> str:
    """Return a header as text, empty if there is none or if it cannot be read."""
    try:
        return str(message.get(name, ""))
    except Exception:  # as above
        return ""


def _readable(value: str) -> str:
    """Return a header in which bytes without a named encoding are decoded."""
    if value.isascii():
        return value
    raw = value.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def sender_name(message: Message) -> str:
    """Return the name of a mail's sender, without the address."""
    return one_line(parseaddr(_header(message, "from"))[0])[:NAME]


def sent_date(message: Message) -> float:
    """Return the date of a mail in seconds; 0 if it has none. One without a time zone is the local time."""
    try:
        return plausible(parsedate_to_datetime(_header(message, "date")))
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0


def plausible(date: datetime) -> float:
    """Return a date in seconds; 0 for one that no mail has."""
    try:
        seconds = date.timestamp()
        datetime.fromtimestamp(seconds)
    except (ValueError, OverflowError, OSError):
        return 0.0
    return seconds if seconds >= _EARLIEST else 0.0


def _size(part: Message) -> int:
    """Return about how large an attachment is."""
    payload = part.get_payload()
    length = len(payload) if isinstance(payload, str) else 0
    return length * 3 // 4 if _header(part, "content-transfer-encoding").strip().lower() == "base64" else length
