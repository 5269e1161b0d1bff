"""Hostile files by their wrapping: damaged, encrypted, far too large, archives and folders that lead astray."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import mail_files
import word_files
from hostile_files import BAIT, SHEET, Hostile, good, sound_parts, unreadable
from packages import (
    locked,
    marked_encrypted,
    overlapping,
    packed,
    replaced,
    wide_directory,
    with_false_size,
)
from rar_files import rar
from returns import seven_zip

PASSWORD = "一二三456"


def cut_and_broken() -> Iterator[Hostile]:
    """Files that are empty, cut off or damaged on the way."""
    whole = good()
    yield unreadable("空.xlsx", b"", "empty")
    yield unreadable("只有开头.xlsx", b"PK\x03\x04", "damaged")
    yield unreadable("一半.xlsx", whole[: len(whole) // 2], "damaged")
    yield unreadable("少了末尾.xlsx", whole[:-30], "damaged")
    middle = whole.find(SHEET.encode()) + 200
    yield unreadable("中间坏了.xlsx", whole[:middle] + bytes(40) + whole[middle + 40 :], "damaged")
    yield unreadable("全是零.xlsx", bytes(50_000), "other-kind")
    yield Hostile("后面有别的.xlsx", whole + b"<script>" * 100, "passed")
    yield unreadable(
        "没有工作簿部件.xlsx", packed({k: v for k, v in sound_parts().items() if k != "xl/workbook.xml"}), "not-a-form"
    )
    yield unreadable(
        "坏了的XML.xlsx",
        packed(replaced(sound_parts(), "xl/workbook.xml", b"</workbook>", b"")),
        "damaged",
    )


def of_another_kind() -> Iterator[Hostile]:
    """Files of another kind under the name of a workbook."""
    starts = {
        "程序.xlsx": b"MZ\x90\x00" + bytes(500),
        "脚本.xlsx": b"#!/bin/sh\nrm -rf /\n",
        "压缩包rar.xlsx": b"Rar!\x1a\x07\x01\x00" + bytes(500),
        "压缩包7z.xlsx": b"7z\xbc\xaf\x27\x1c" + bytes(500),
        "压缩包gz.xlsx": b"\x1f\x8b\x08\x00" + bytes(500),
        "富文本.xlsx": b"{\\rtf1\\ansi " + b"x" * 500 + b"}",
        "快捷方式.xlsx": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(500),
        "图片.xlsx": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "数据库.xlsx": b"SQLite format 3\x00" + bytes(500),
        "别的XML.xlsx": b'<?xml version="1.0"?><a/>',
        "乱码.xlsx": bytes(range(256)) * 20,
        "压缩包.xlsx": packed({"甲.txt": b"x"}),
        "二进制工作簿.xlsx": packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\0"}),
        "演示文稿.xlsx": packed({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"}),
        "文档odt.xlsx": packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"}),
    }
    yield from (unreadable(name, content, "other-kind") for name, content in starts.items())
    yield unreadable("逗号分隔.xlsx", "机关,数\n甲局,1\n".encode("gb18030"), "content")
    page = "<html><body><table><tr><td>甲</td><td>1</td></tr></table></body></html>"
    yield unreadable("网页.xls", page.encode(), "content")
    yield unreadable("复合文档.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "damaged")


def with_passwords() -> Iterator[Hostile]:
    """Files that have a password."""
    yield unreadable("有密码.xlsx", locked(good(), PASSWORD), "encrypted")
    yield Hostile("只读保存.xlsx", locked(good(), "VelvetSweatshop"), "passed", ("file-locked",))
    yield unreadable("有密码断了.xlsx", locked(good(), PASSWORD)[:9000], "encrypted")
    yield unreadable("部件有密码.xlsx", marked_encrypted(good()), "encrypted")
    yield Hostile("密码算得久.xlsx", _slow_to_unlock(), "unreadable")


def _slow_to_unlock() -> bytes:
    """A locked file whose key is to be made in a million steps."""
    content = locked(good(), PASSWORD)
    start = content.find(b"<?xml")
    said = content[start : content.find(b"</encryption>", start)]
    more = said.replace(b'spinCount="100000"', b'spinCount="999999"').replace(b' standalone="yes"', b"", 1)
    assert len(said) >= len(more) > said.count(b"x"), "there is room for it"
    return content.replace(said, more.replace(b"?>", b"?>" + b" " * (len(said) - len(more)), 1))


def bombs() -> Iterator[Hostile]:
    """Small files that would unpack to very much."""
    parts = sound_parts()
    yield unreadable("一个大部件.xlsx", packed({**parts, "xl/media/a.bin": 300 * 2**20}), "too-large")
    many = {f"xl/media/{number}.bin": 9 * 2**20 for number in range(30)}
    yield unreadable("许多部件.xlsx", packed({**parts, **many}), "too-large")
    yield unreadable("压得太紧.xlsx", packed({**parts, "xl/sharedStrings.xml": 60 * 2**20}), "too-large")
    small = packed({**parts, "xl/media/a.bin": 30 * 2**20})
    yield unreadable("说得小.xlsx", with_false_size(small, "xl/media/a.bin", 100), "damaged")
    yield unreadable("说得大.xlsx", with_false_size(small, "xl/media/a.bin", 2**31), "too-large")
    yield unreadable("重叠.xlsx", overlapping(900, 2**20), "too-large")
    yield unreadable("六千个部件.xlsx", packed({**parts, **{f"xl/media/{n}": b"" for n in range(6000)}}), "too-large")
    yield unreadable("目录太长.xlsx", wide_directory(400_000), "too-large")
    inner = packed({"a.xlsx": 150 * 2**20})
    yield unreadable("包中包.zip", packed({"b.zip": packed({"c.zip": inner})}), "too-large")
    yield unreadable("文件太大.xlsx", b"PK\x03\x04" + bytes(101 * 2**20), "too-large")


def entities() -> Iterator[Hostile]:
    """XML that grows without end or wants to read other files."""
    laughs = '<!ENTITY a0 "哈">' + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    growing = f'<?xml version="1.0"?><!DOCTYPE x [{laughs}]><sst><si><t>&a12;</t></si></sst>'
    reading = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><sst><si><t>&f;</t></si></sst>'
    )
    outside = f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{BAIT}/x.dtd"><sst/>'
    for name, text in (("十亿个哈", growing), ("读别的文件", reading), ("外部定义", outside)):
        yield unreadable(f"{name}.xlsx", packed({**sound_parts(), "xl/sharedStrings.xml": text.encode()}), "unsafe")
    yield unreadable("两字节.xlsx", packed({**sound_parts(), "xl/workbook.xml": growing.encode("utf-16")}), "unsafe")
    seven = reading.replace("?>", ' encoding="UTF-7"?>', 1).replace("<!", "+ADwAIQ-")
    yield unreadable("别的编码.xlsx", packed({**sound_parts(), "xl/workbook.xml": seven.encode()}), "damaged")
    for name, text in (("文档实体", growing), ("文档读文件", reading)):
        content = word_files.docx(word_files.p("字"), replaced={"word/document.xml": text.encode()})
        yield unreadable(f"{name}.docx", content, "unsafe")


def climbing() -> Iterator[Hostile]:
    """Parts whose names lead elsewhere, or stand twice."""
    for name, part in (
        ("往上爬", "../../../../tmp/爬出来.txt"),
        ("从根起", "/etc/爬出来.txt"),
        ("带盘符", "C:/Windows/爬出来.txt"),
        ("反斜杠", "..\\..\\爬出来.txt"),
        ("中间爬", "xl/../../爬出来.txt"),
    ):
        yield unreadable(f"{name}.xlsx", packed(sound_parts(), ((part, b"x"),)), "unsafe")
    yield unreadable(
        "部件两次.xlsx", packed(sound_parts(), ((SHEET, sound_parts()[SHEET].replace(b"<v>", b"<v>9")),)), "unsafe"
    )
    yield unreadable("大小写两次.xlsx", packed(sound_parts(), (("XL/Workbook.xml", b"<workbook/>"),)), "unsafe")
    for name, (old, new) in _given_twice(sound_parts()[SHEET]).items():
        yield unreadable(f"{name}.xlsx", packed(replaced(sound_parts(), SHEET, old, new)), "unsafe")
    book = replaced(sound_parts(), "xl/_rels/workbook.xml.rels", b"worksheets/sheet4.xml", b"../../../../../etc/passwd")
    yield unreadable("表指到外面.xlsx", packed(book), "damaged")
    book = replaced(sound_parts(), "xl/_rels/workbook.xml.rels", b"worksheets/sheet4.xml", f"{BAIT}/sheet.xml".encode())
    yield unreadable("表在网上.xlsx", packed(book), "damaged")


def _given_twice(sheet: bytes) -> dict[str, tuple[bytes, bytes]]:
    """What to replace in a sheet by what, so that a cell has two values."""
    row = sheet[sheet.index(b'<row r="7"') : sheet.index(b'<row r="8"')]
    cell = row[row.index(b'<c r="D7"') : row.index(b'<c r="E7"')]
    other = cell.replace(b"<v>", b"<v>9")
    return {
        "一格两次": (cell, cell + other),
        "一格两次换写法": (cell, cell + other.replace(b'<c r="D7"', b"<c x='' r='D7'")),
        "一格两值": (cell, cell.replace(b"</v>", b"</v><v>9</v>")),
        "一行两次": (row, row + row.replace(cell, other)),
        "次序颠倒": (row, row.replace(cell, b"") + row[:0] + b'<row r="6"/>'),
    }


def archives() -> Iterator[Hostile]:
    """Archives whose directory is odd."""
    yield Hostile("没有名字.zip", packed({"甲.xlsx": good()}, (("", b""),)), "passed")
    yield unreadable("往外爬.zip", packed({"../爬出来.xlsx": good()}), "unsafe")
    yield unreadable("同名两份.zip", packed({"甲.xlsx": good()}, (("甲.xlsx", b"x"),)), "unsafe")
    yield unreadable("包里很多.zip", packed({"里.zip": wide_directory(190_000)}), "too-large")
    yield Hostile("名字是命令.zip", packed({f"\x1b]0;x\x07\x1b[2J{n}.xlsx": b"x" for n in range(25)}), "unreadable")


def oddly_named_members() -> Iterator[Hostile]:
    """Archives whose members have names that no plain archive has, or that take long to list."""
    yield Hostile("反斜杠.zip", packed({}, ((".\\乙.xlsx", good()), ("..\\爬出来.xlsx", good()))), "any")
    yield Hostile("名字换行.zip", packed({"甲\n【通过】假.xlsx": b"x"}), "unreadable", ("content",))
    yield Hostile("名字很长.zip", packed({"长" * 20_000 + ".xlsx": b"x"}), "unreadable", ("content",))
    yield unreadable("一处两份.zip", packed({"目录/甲.xlsx": good()}, (("目录\\甲.xlsx", b"x"),)), "unsafe")
    yield Hostile("六万份.zip", packed({"甲.xlsx": good(), **{f"目录/{n}.doc": b"" for n in range(60_000)}}), "any")


def mails() -> Iterator[Hostile]:
    """Mails and their attachments."""
    mixed = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    whole = mail_files.eml({"表.xlsx": good()}).as_bytes()
    yield Hostile("好信.eml", whole, "passed")
    yield Hostile("好信.msg", mail_files.Msg({"表.xlsx": good()}).content(), "passed")
    yield Hostile("六千部分.eml", mixed + b"--b\r\n\r\nx\r\n" * 6000, "left out", ("超过 5000 个",))
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    yield Hostile("层层套着.eml", nested, "any")
    yield Hostile("头很多.eml", b"X: y\r\n" * 300_000 + b"\r\nx", "any")
    yield Hostile("头很长.eml", b"Subject: " + b"=?utf-8?q?=20?= " * 300_000 + whole, "any")
    yield Hostile("编码不对.eml", whole.replace(b"base64", b"base65"), "any")
    yield Hostile("坏的附件.eml", whole.replace(b"\r\nUEs", b"\r\n@@@").replace(b"\nUEs", b"\n@@@"), "any")
    climbing = mail_files.eml({"../../爬出来.xlsx": good(), "C:\\爬出来.xlsx": good()}).as_bytes()
    yield Hostile("附件往外爬.eml", climbing, "passed")
    shown = mail_files.eml({"\u202e甲\u2028【通过】.xlsx": b"x"}, "\x1b]0;x\x07", "\x1b[2J <a@example.cn>")
    yield Hostile("附件名是命令.eml", shown.as_bytes(), "unreadable")
    bomb = packed({"b.zip": packed({"a.xlsx": 150 * 2**20})})
    yield unreadable("信里有炸弹.eml", mail_files.eml({"炸弹.zip": bomb}).as_bytes(), "too-large")
    yield Hostile("断了.msg", mail_files.Msg({"表.xlsx": good()}).content()[:20_000], "left out", ("邮件",))
    yield Hostile("不是信.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "left out", ("邮件",))


def packed_otherwise() -> Iterator[Hostile]:
    """Archives of the kinds .7z and .rar."""
    yield Hostile("好包.rar", rar({"表.xlsx": good()}), "passed")
    yield Hostile("往外爬.rar", rar({"../爬出来.xlsx": good()}), "unreadable", ("unsafe",))
    yield Hostile("说得大.rar", rar({"大.xlsx": b"x"}, {"大.xlsx": 2**31 - 1}), "unreadable", ("too-large",))
    yield Hostile("有密码.rar", rar({"表.xlsx": good()}, flags=4), "left out", ("密码",))
    yield Hostile("乱的.rar", b"Rar!\x1a\x07\x01\x00" + bytes(range(256)) * 20, "left out", ("解压后再放",))
    yield Hostile("好包.7z", seven_zip({"表.xlsx": good()}), "passed")
    yield Hostile("压得太紧.7z", seven_zip({"大.xlsx": bytes(60 * 2**20)}), "unreadable", ("too-large",))
    yield Hostile("有密码.7z", seven_zip({"表.xlsx": good()}, password="一"), "left out", ("密码",))
    yield Hostile("断了.7z", seven_zip({"表.xlsx": good()})[:-20], "left out", ("解压后再放",))


def in_a_folder() -> Iterator[Hostile]:
    """What lies in a folder beside returns and is no plain file, or none of them."""
    if hasattr(os, "mkfifo"):
        yield Hostile("管道.zip", b"", "unreadable", ("other-kind",), os.mkfifo)
        yield Hostile("管道.xlsx", b"", "unreadable", ("other-kind",), os.mkfifo)
        yield Hostile("管道.dat", b"", "left out", ("不是普通文件",), os.mkfifo)
        for name, target, words in (
            ("断了的链接", "没有", "指向的位置没有文件"),
            ("指自己的链接", "指自己的链接", "指向的位置没有文件"),
            ("绕圈的链接", "..", "绕回"),
            ("到根的链接", "/", "绕回"),
        ):
            yield Hostile(name, b"", "left out", (words,), partial(_link, target))
    if Path("/dev/zero").exists():
        yield Hostile("没有尽头.xlsx", b"", "unreadable", ("other-kind",), partial(_link, "/dev/zero"))
        yield Hostile("没有尽头.zip", b"", "unreadable", ("other-kind",), partial(_link, "/dev/urandom"))
    yield Hostile("~$锁.xlsx", b"x", "left out", ("锁文件",))
    yield Hostile("._附带.xlsx", b"\0\5\x16\7", "left out", ("macOS",))
    yield Hostile(".隐藏.xlsx", good(), "passed")
    yield Hostile("汇总表.xlsx", good(), "passed")
    yield Hostile("别名.json", b'{"summary": {"files": 1, "passed": 1, "failed": 0, "unreadable": 0}, "files": []}',
                  "left out", ("gknb check 写出的",))  # fmt: skip
    if sys.platform == "linux":
        yield Hostile("换行\n【通过】\x1b[2J\u202e.xlsx", b"x", "any")


def _link(target: str, path: Path) -> None:
    path.symlink_to(target)
