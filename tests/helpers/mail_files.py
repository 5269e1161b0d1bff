"""Mails as people save them: .eml made by Python's email, .msg laid out as Outlook does (MS-OXMSG)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from compound_files import compound

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
SENT = datetime(2025, 1, 18, 1, 30, tzinfo=UTC)


def eml(
    attachments: Mapping[str, bytes],
    subject: str = "报送年报",
    sender: str = "张三 <zhang@example.cn>",
    sent: datetime | str | None = SENT,
    text: str = "请查收。",
) -> EmailMessage:
    """A mail with attachments."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, sender, "office@example.cn"
    if sent:
        mail["Date"] = sent if isinstance(sent, str) else format_datetime(sent)
    mail.set_content(text)
    for name, content in attachments.items():
        kind = XLSX if name.endswith(".xlsx") else ("application", "octet-stream")
        mail.add_attachment(content, *kind, filename=name)
    return mail


def with_signature_picture(mail: EmailMessage, picture: bytes = b"\x89PNG\r\n\x1a\nlogo") -> EmailMessage:
    """The mail with a text in HTML that shows a picture, as mail programs write signatures."""
    body = mail.get_body(("plain",))
    assert body is not None
    body.add_alternative('<p>请查收</p><img src="cid:logo@x">', subtype="html")
    body.get_payload()[1].add_related(picture, "image", "png", cid="<logo@x>", filename="logo.png")
    return mail


@dataclass
class Msg:
    """What a .msg says. `inner` are mails that are attached; with `is_unicode` False, texts are in the encoding of
    Chinese Windows."""

    attachments: Mapping[str, bytes]
    subject: str = "报送年报"
    sender: str = "张三"
    sent: datetime | None = SENT
    inner: list["Msg"] = field(default_factory=list)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    is_unicode: bool = True

    def content(self) -> bytes:
        """The bytes of the file."""
        return compound(self.tree())

    def tree(self, is_root: bool = True) -> dict[str, object]:
        """Its streams, and its folders with theirs."""
        texts = {0x001A: "IPM.Note", 0x0037: self.subject, 0x0C1A: self.sender, 0x1000: "请查收。"}
        fixed = {0x0039: (0x0040, _filetime(self.sent))} if self.sent else {}
        if not self.is_unicode:
            fixed[0x3FFD] = (0x0003, 936)
        tree: dict[str, object] = {}
        attached = [
            *((name, content, 0) for name, content in self.attachments.items()),
            *((name, content, 4) for name, content in self.pictures.items()),
        ]
        count = len(attached) + len(self.inner)
        head = struct.pack("<8x4I", 0, count, 0, count) + (bytes(8) if is_root else b"")
        tree["__properties_version1.0"] = head + self._properties(tree, texts, {}, fixed)
        for number, (name, content, flags) in enumerate(attached):
            tree[f"__attach_version1.0_#{number:08X}"] = self._attachment(name, content, flags)
        for number, mail in enumerate(self.inner, len(attached)):
            folder: dict[str, object] = {"__substg1.0_3701000D": mail.tree(is_root=False)}
            known = {0x3705: (0x0003, 5)}
            folder["__properties_version1.0"] = bytes(8) + self._properties(folder, {0x3001: mail.subject}, {}, known)
            tree[f"__attach_version1.0_#{number:08X}"] = folder
        if is_root:
            tree["__nameid_version1.0"] = {f"__substg1.0_000{number}0102": b"" for number in (2, 3, 4)}
        return tree

    def _attachment(self, name: str, content: bytes, flags: int) -> dict[str, object]:
        folder: dict[str, object] = {}
        fixed = {0x3705: (0x0003, 1), 0x3714: (0x0003, flags)}
        if not self.is_unicode:
            fixed[0x3FFD] = (0x0003, 936)
        properties = self._properties(folder, {0x3707: name, 0x3001: name}, {0x3701: content}, fixed)
        folder["__properties_version1.0"] = bytes(8) + properties
        return folder

    def _properties(
        self,
        folder: dict[str, object],
        texts: Mapping[int, str],
        blobs: Mapping[int, bytes],
        fixed: Mapping[int, tuple[int, int]],
    ) -> bytes:
        """The list of properties; those of any length get streams in the folder."""
        kind, encoding, end = (0x001F, "utf-16-le", 2) if self.is_unicode else (0x001E, "gb18030", 1)
        found = b""
        streams = {(number, kind): text.encode(encoding) for number, text in texts.items()}
        streams |= {(number, 0x0102): content for number, content in blobs.items()}
        for (number, kind_of), content in streams.items():
            folder[f"__substg1.0_{number:04X}{kind_of:04X}"] = content
            length = len(content) + (end if kind_of == kind else 0)
            found += struct.pack("<HHIII", kind_of, number, 6, length, 0)
        for number, (kind_of, value) in fixed.items():
            found += struct.pack("<HHIQ", kind_of, number, 6, value)
        return found


def _filetime(when: datetime) -> int:
    return int((when - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
