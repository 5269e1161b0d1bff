"""Hostile files by what stands in them: strange sheets and values, data files, published reports."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import kit
import pdf_files
import word_files
from hostile_files import BAIT, SHEET, Hostile, good, sound_parts, unreadable, with_names
from packages import (
    as_ods,
    ods,
    packed,
    replaced,
)

from toolkit.reports.content import report_of
from toolkit.reports.web_page import report_page
from toolkit.submission.json_csv import to_data
from toolkit.workbook.template import build_workbook


def no_form() -> Iterator[Hostile]:
    """Workbooks that are none of ours, or say of themselves what cannot be."""
    identity = _identity_part()
    for name, old, new in (
        ("没有标识", b"_gknb", b"_gknx"),
        ("标识两样", b"</sheets>", b'<sheet name="_gknb" sheetId="98" r:id="rId1"/></sheets>'),
    ):
        cause = "not-a-form" if name == "没有标识" else "damaged"
        yield unreadable(f"{name}.xlsx", packed(replaced(sound_parts(), "xl/workbook.xml", old, new)), cause)
    parts = sound_parts()
    blank = parts[identity][: parts[identity].find(b"<sheetData>")] + b"<sheetData/></worksheet>"
    yield unreadable("标识空白.xlsx", packed({**parts, identity: blank}), "not-a-form")


def _identity_part() -> str:
    return max(name for name in sound_parts() if name.startswith("xl/worksheets/sheet"))


def strange_sheets() -> Iterator[Hostile]:
    """Sheets that no reader could hold, or that take very long."""
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    yield unreadable("远在天边.xlsx", packed(replaced(sound_parts(), SHEET, b"</sheetData>", far)), "too-large")
    deep = b"<a>" * 200_000 + b"</a>" * 200_000
    yield unreadable("层层嵌套.xlsx", packed({**sound_parts(), "xl/workbook.xml": deep}), "damaged")
    rows = b"".join(b'<row r="%d"><c r="A%d"><f>A1</f></c></row>' % (n, n) for n in range(50, 20_000))
    yield Hostile(
        "两万公式.xlsx",
        packed(replaced(sound_parts(), SHEET, b"</sheetData>", rows + b"</sheetData>")),
        "passed",
    )
    yield Hostile("六万名称.xlsx", packed(with_names(sound_parts(), "n", "A1", 60_000)), "passed")
    merged = b"".join(b'<mergeCell ref="L%d:M%d"/>' % (n, n) for n in range(60, 60_000))
    yield Hostile(
        "六万合并.xlsx", packed(replaced(sound_parts(), SHEET, b"</mergeCells>", merged + b"</mergeCells>")), "passed"
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
