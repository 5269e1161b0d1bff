"""Mails (.eml, .msg): their attachments are read, whatever the mails hold."""

from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import write
from mail_files import SENT, Msg, eml, with_signature_picture
from oxmsg import Message as JudgedMail
from packages import packed
from returns import sheet

from toolkit.batch.received.archives import Room, opened, read_member
from toolkit.batch.received.containers.container import Container
from toolkit.batch.received.containers.mail import DEPTH, open_mail
from toolkit.batch.received.containers.outlook import open_outlook
from toolkit.batch.received.files import Item, find_items, inside
from toolkit.batch.received.left_out import LeftOut
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.problems import Problem, Unreadable

PNG = b"\x89PNG\r\n\x1a\n" + bytes(3000)


def contents(box: Container) -> dict[str, bytes]:
    return {member.name: box.read(member.name, STANDARD_LIMITS) for member in box.members if not member.why_not}


def mail_of(content: bytes, limits: Limits = STANDARD_LIMITS) -> Container:
    return open_mail(BytesIO(content), limits)


def outlook_of(mail: Msg) -> Container:
    return open_outlook(BytesIO(mail.content()), STANDARD_LIMITS)


# ------------------------------------------------------------ .eml


def test_attachments_keep_their_names_and_bytes() -> None:
    files = {"甲县教育局2024年年报.xlsx": bytes(range(256)) * 50, "说明.docx": b"x" * 999, "一 二.zip": b"PK"}
    box = mail_of(eml(files, "报送年报（教育局）", "甲县教育局 <jyj@example.cn>").as_bytes())
    assert contents(box) == files
    assert box.mail
    assert (box.mail.subject, box.mail.sender, box.mail.sent) == ("报送年报（教育局）", "甲县教育局", SENT.timestamp())


def test_names_as_mail_programs_of_china_write_them() -> None:
    """Raw GBK, GB2312 with characters of GBK, names in encoded words, in RFC 2231, and without any."""
    from base64 import b64encode

    def attached(named: bytes, content: bytes) -> bytes:
        how = b"Content-Disposition: attachment; " + named if named else b"X: y"
        return b"--b\r\nContent-Type: application/octet-stream\r\n" + how + b"\r\n\r\n" + content + b"\r\n"

    sender = b"=?gb2312?B?" + b64encode("甲县镕教育局".encode("gbk")) + b"?="
    head = b"Subject: " + "报送年报".encode("gbk") + b"\r\nFrom: " + sender + b" <a@example.cn>\r\n"
    raw = b"".join(
        (
            head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
            attached('filename="报表一.xlsx"'.encode("gbk"), b"1"),
            attached(b'filename="=?GBK?B?' + b64encode("报表二.xlsx".encode("gbk")) + b'?="', b"2"),
            attached(b"filename*=UTF-8''%E6%8A%A5%E8%A1%A8%E4%B8%89.xlsx", b"3"),
            attached(b"", b"4"),
            b"--b--\r\n",
        )
    )
    box = mail_of(raw)
    assert contents(box) == {"报表一.xlsx": b"1", "报表二.xlsx": b"2", "报表三.xlsx": b"3", "附件4.bin": b"4"}
    assert box.mail
    assert (box.mail.subject, box.mail.sender, box.mail.sent) == ("报送年报", "甲县镕教育局", 0.0)


def test_what_belongs_to_the_text_is_no_attachment() -> None:
    """The picture of a signature is not; a photo that was attached is one."""
    mail = with_signature_picture(eml({"照片.jpg": b"x"}))
    assert list(contents(mail_of(mail.as_bytes()))) == ["照片.jpg"]
    assert not contents(mail_of(eml({}).as_bytes()))


def test_mails_in_a_mail_give_their_attachments_down_to_a_depth() -> None:
    """What the inner mail says of its sender goes with them."""
    mail = eml({"底.xlsx": b"0"}, "底", "甲县民政局 <a@example.cn>")
    for number in range(1, DEPTH + 1):
        outer = eml({f"{number}.xlsx": b"x"}, f"转{number}", "办公室 <b@example.cn>")
        outer.add_attachment(mail)
        mail = outer
    box = mail_of(mail.as_bytes())
    found = {member.name: member for member in box.members}
    assert set(found) == {"3.xlsx", "2.xlsx", "1.xlsx", "转发的邮件.eml"}
    assert found["1.xlsx"].said == ("转1", "办公室", "转2", "办公室")
    assert found["转发的邮件.eml"].why_not


def test_names_with_folders_or_twice_are_names_of_their_own() -> None:
    mail = EmailMessage()
    mail.set_content("x")
    for name in ("../../爬.xlsx", "C:\\目录\\爬.xlsx", "爬.xlsx", "..", "甲\u202e乙.xlsx", "长" * 300 + ".xlsx"):
        mail.add_attachment(b"x", "application", "octet-stream", filename=name)
    names = list(contents(mail_of(mail.as_bytes())))
    assert len(set(names)) == 6
    assert names[:3] == ["爬.xlsx", "爬（2）.xlsx", "爬（3）.xlsx"]
    assert not any("/" in name or "\\" in name or name in (".", "..") for name in names)


@pytest.mark.parametrize(
    ("date", "is_known"),
    [
        ("Sat, 18 Jan 2025 09:30:00 +0800", True),
        ("18 Jan 2025 09:30:00", True),
        ("昨天", False),
        ("Mon, 01 Jan 1990 00:00:00 +0000", False),
        ("Sat, 18 Jan 99999 09:30:00 +0800", False),
        ("", False),
    ],
)
def test_a_date_that_no_mail_has_is_no_date(date: str, is_known: bool) -> None:
    box = mail_of(f"Date: {date}\r\n\r\nx".encode())
    assert box.mail
    assert bool(box.mail.sent) is is_known


HOSTILE = {
    "thousands of parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 6000,
    "parts with the line ends of old Macs": b"Content-Type: multipart/mixed; boundary=b\r\r" + b"--b\r\rx\r" * 6000,
}
ODD = {
    "broken base64": b"Content-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="a.xlsx"\r\n\r\n@@@=\xff',
    "no such encoding": b"Subject: =?no-such?B?AAAA?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\nx",
    "a very long header": b"Subject: " + b"=?utf-8?q?=20?= " * 200_000 + b"\r\n\r\nx",
    "a very long type": b"Content-Type: multipart/mixed; "
    + b"a*0*=x; " * 100_000
    + b"boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
    "very many headers": b"X: y\r\n" * 200_000 + b"\r\nx",
    "parts in parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)
    ),
    "an end without a beginning": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n--b\r\n",
    "no header": bytes(range(256)) * 40,
    "empty": b"",
    "a mail in itself": b"Content-Type: message/rfc822\r\n\r\n" * 3000,
}


@pytest.mark.hostile
@pytest.mark.parametrize("name", HOSTILE)
def test_a_mail_with_too_much_in_it_is_not_opened(name: str) -> None:
    with pytest.raises(Unreadable, match="里面的文件超过"):
        mail_of(HOSTILE[name])


@pytest.mark.hostile
@pytest.mark.parametrize("name", ODD)
def test_an_odd_mail_is_listed_as_something(tmp_path: Path, name: str) -> None:
    """Within seconds: its attachments, or the mail itself with a reason."""
    path = write(tmp_path / "信.eml", ODD[name])
    found = list(inside(Item(str(path)), STANDARD_LIMITS))
    assert found
    for item in found:
        if isinstance(item, Item):
            item.read()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 3000), st.integers(0, 60))
def test_a_mail_with_bytes_put_in_anywhere_never_crashes(tmp_path_factory, noise: bytes, at: int, cut: int) -> None:
    whole = with_signature_picture(eml({"表.xlsx": b"x" * 900, "乙.docx": b"y"})).as_bytes()
    path = tmp_path_factory.mktemp("信") / "信.eml"
    path.write_bytes(whole[:at] + noise + whole[at + cut :])
    for found in inside(Item(str(path)), STANDARD_LIMITS):
        if isinstance(found, Item):
            found.read()


def test_a_mail_that_is_larger_than_a_file_may_be_is_not_opened() -> None:
    with pytest.raises(Unreadable, match="超过 1 MB"):
        mail_of(eml({"大.xlsx": bytes(2**21)}).as_bytes(), Limits(size=1))


# ------------------------------------------------------------ .msg


@pytest.mark.parametrize("is_unicode", [True, False], ids=["unicode", "gbk"])
def test_a_mail_of_outlook_is_read_as_another_reader_reads_it(is_unicode: bool) -> None:
    """The other reader is python-oxmsg."""
    files = {"甲县教育局.xlsx": sheet("甲县教育局"), "小.docx": b"x" * 10}
    mail = Msg(files, "报送年报", "甲县教育局", is_unicode=is_unicode)
    judged = JudgedMail.load(mail.content())
    assert {one.file_name: one.file_bytes for one in judged.attachments} == files
    box = outlook_of(mail)
    assert contents(box) == files
    assert box.mail
    assert (box.mail.subject, box.mail.sender) == (judged.subject, "甲县教育局")
    assert judged.sent_date
    assert box.mail.sent == judged.sent_date.timestamp() == SENT.timestamp()


def test_mails_and_pictures_in_a_mail_of_outlook() -> None:
    inner = Msg(
        {"底.xlsx": b"0" * 5000}, "底", "甲县民政局", inner=[Msg({"更底.xlsx": b"1"}, inner=[Msg({"深.xlsx": b""})])]
    )
    box = outlook_of(Msg({"面.xlsx": b"x"}, inner=[inner], pictures={"logo.png": PNG}))
    assert contents(box) == {"面.xlsx": b"x", "底.xlsx": b"0" * 5000, "更底.xlsx": b"1"}
    found = {member.name: member for member in box.members}
    assert found["底.xlsx"].said == ("底", "甲县民政局")
    assert found["转发的邮件.eml"].why_not


@pytest.mark.hostile
@pytest.mark.parametrize("seed", range(40))
def test_a_mail_of_outlook_with_bytes_changed_never_crashes(tmp_path: Path, seed: int) -> None:
    import random

    rng = random.Random(seed)
    content = bytearray(Msg({"表.xlsx": b"x" * 5000}, inner=[Msg({"内.xlsx": b"y"})]).content())
    for _ in range(rng.randrange(1, 30)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path = write(tmp_path / "信.msg", bytes(content[: rng.randrange(len(content))] if seed % 4 == 0 else content))
    for found in inside(Item(str(path)), STANDARD_LIMITS):
        if isinstance(found, Item):
            with suppress(Unreadable):
                found.read()


def test_a_compound_file_that_is_no_mail_is_not_opened(tmp_path: Path) -> None:
    from compound_files import compound

    write(tmp_path / "信.msg", compound({"WordDocument": b"x"}))
    out = LeftOut()
    with pytest.raises(Problem, match="没有"):
        list(find_items([tmp_path], out))
    assert "不是 Outlook 的邮件" in out.first[0].reason


# ------------------------------------------------------------ in a batch


def test_a_return_in_an_archive_in_a_mail_is_read_in_place(tmp_path: Path) -> None:
    whole = sheet("甲县教育局")
    path = write(
        tmp_path / "信.eml",
        eml({"包.zip": packed({"表.xlsx": whole})}, sent=datetime(2025, 1, 3, tzinfo=UTC)).as_bytes(),
    )
    (item,) = find_items([path], LeftOut())
    assert item.members == ("包.zip", "表.xlsx")
    assert item.name == f"{path}/包.zip/表.xlsx"
    assert item.read() == whole == read_member(str(path), item.members, STANDARD_LIMITS)
    assert opened(str(path), (), STANDARD_LIMITS, Room(9, 9)).mail
