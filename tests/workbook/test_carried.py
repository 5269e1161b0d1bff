"""What rides along in a returned file is told however it is written, and what is ordinary is not."""

import re
import struct
from io import BytesIO
from pathlib import Path

import pytest
from kit import LOOKUP, report, write
from office import convert
from openpyxl import load_workbook
from packages import as_ods, packed, parts_of, related, replaced, with_table

from toolkit.checks.integrity import integrity_findings
from toolkit.workbook.active_content.judging import is_dangerous_link
from toolkit.workbook.active_content.old_workbook import items_in_records
from toolkit.workbook.annotate import Remark, annotate_workbook
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

GOOD = build_workbook(report("suqian-2024"))
SHEET = "xl/worksheets/sheet4.xml"
RUN = "cmd|'/c calc'!A0"


def kinds(content: bytes) -> list[str]:
    return [met.kind for met in read_workbook_bytes(content, LOOKUP).irregularities]


def annotated(content: bytes) -> bytes:
    return annotate_workbook(content, "甲局", [Remark("error", "不对", ("三!D7",))])


@pytest.mark.parametrize(
    "target",
    [
        "file:///C:/Windows/System32/calc.exe",
        "file:///C:/a%2EEXE",
        "calc.exe",
        "D:\\a.com",
        "file:///D:/a.com",
        "..\\a.bat ",
        "a.lnk#x",
        "\\\\10.0.0.9\\share\\说明.docx",
        "//10.0.0.9/share/说明.docx",
        "file://10.0.0.9/share/说明.docx",
        "file:////10.0.0.9/share/说明.docx",
        "file:///\\\\10.0.0.9\\share\\说明.docx",
        "file:\\\\10.0.0.9\\说明.docx",
        "search-ms:query=a",
        "javascript:alert(1)",
    ],
)
def test_a_link_to_a_program_or_to_another_computer_is_told(target: str) -> None:
    assert is_dangerous_link(target)
    assert kinds(packed(related(parts_of(GOOD), SHEET, "h1", "hyperlink", target, outside=True))) == ["link-carried"]


@pytest.mark.parametrize(
    "target",
    [
        "http://www.gov.cn/a.exe",
        "https://www.gov.cn",
        "mailto:a@b.cn",
        "www.sohu.com",
        "www.gov.cn:8080/a",
        "file:///D:/资料/说明.docx",
        "file:///home/a/说明.docx",
        "file://localhost/D:/说明.docx",
        "D:\\资料\\说明.docx",
        "../说明.pdf",
        "说明.exe.docx",
        "#三!A1",
    ],
)
def test_an_ordinary_link_is_not(target: str) -> None:
    assert not is_dangerous_link(target)
    assert kinds(packed(related(parts_of(GOOD), SHEET, "h1", "hyperlink", target, outside=True))) == []


@pytest.mark.parametrize("inside", [RUN, f"1<x/>+{RUN}", f"<![CDATA[{RUN}]]>", RUN.replace("|", "&#124;")])
@pytest.mark.parametrize("before", ['<formula a="/>">', "<formula >", "<x:formula xmlns:x='{}'>"])
def test_rules_for_colours_cannot_hide_a_formula(before: str, inside: str) -> None:
    before = before.format("http://schemas.openxmlformats.org/spreadsheetml/2006/main")
    rule = f"{before}{inside}</{before[1:].split()[0].split('>')[0]}>"
    told = f'<conditionalFormatting sqref="L61"><cfRule type="expression" priority="99">{rule}</cfRule>'
    old = b"<conditionalFormatting"
    changed = replaced(parts_of(GOOD), SHEET, old, told.encode() + b"</conditionalFormatting>" + old)
    assert kinds(packed(changed)) == ["dde-carried"]


def test_rules_of_newer_programs_and_for_entries_and_names_cannot_either() -> None:
    parts = parts_of(GOOD)
    newer = f"<extLst><ext><xm:f xmlns:xm='m'>1<x/>+{RUN}</xm:f></ext></extLst></worksheet>".encode()
    assert kinds(packed(replaced(parts, SHEET, b"</worksheet>", newer))) == ["dde-carried"]
    entry = f"<dataValidation sqref='L9'><formula1>1<x/>+{RUN}</formula1></dataValidation></dataValidations>".encode()
    assert kinds(packed(replaced(parts, SHEET, b"</dataValidations>", entry))) == ["dde-carried"]
    name = b"</definedNames>"
    named = f"<definedName name='x'>1<x/>+{RUN}</definedName>".encode() + name
    assert kinds(packed(replaced(parts, "xl/workbook.xml", name, named))) == ["name-outside"]


def test_tables_do_not_go_into_copies() -> None:
    changed = packed(with_table(parts_of(GOOD), SHEET, RUN, f"1<x/>+{RUN}"))
    assert {"dde-carried", "outside-form"} == set(kinds(changed))
    assert "outside-form" in kinds(packed(with_table(parts_of(GOOD), SHEET, "1+1", "SUM(L61:L61)")))
    assert "dde-carried" not in kinds(packed(with_table(parts_of(GOOD), SHEET, "1+1", "SUM(L61:L61)")))
    copy = annotated(changed)
    assert not [
        name for name, part in parts_of(copy).items() if "table" in name or b"cmd|" in part or b"tableP" in part
    ]
    sheet = load_workbook(BytesIO(copy))["三"]
    assert (sheet["L60"].value, sheet["L61"].value, len(sheet.tables)) == ("a", 1, 0)


@pytest.mark.parametrize("rows", ["<sheetData/>", "<sheetData></sheetData>"])
@pytest.mark.parametrize("before", ["", "<!-- <sheetData> -->", "<?a <sheetData>?>"])
def test_what_stands_between_comments_is_told(before: str, rows: str) -> None:
    out = '<webPublishItem destinationFile="a.htm"/><!-- </sheetData> -->'
    for sheet in (f'<?xml version="1.0"?><worksheet>{before}', f"{before}<worksheet>"):
        changed = packed({**parts_of(GOOD), "xl/a.xml": f"{sheet}{rows}{out}</worksheet>".encode()})
        assert kinds(changed) == ["link-carried"]


def test_what_stands_behind_a_very_long_text_is_told() -> None:
    table = f"<table><a>{'x' * 11_000_000}</a><totalsRowFormula>{RUN}</totalsRowFormula></table>"
    assert kinds(packed({**parts_of(GOOD), "xl/a.dat": table.encode()})) == ["dde-carried"]
    doctype = "<!DOCTYPE table [<!ENTITY a 'x'>]>"
    assert kinds(packed({**parts_of(GOOD), "xl/a.dat": (doctype + table).encode()})) == []


def test_hidden_sheets_of_ours_are_told_and_copies_of_ours_are_not() -> None:
    assert kinds(GOOD) == kinds(annotated(GOOD)) == []
    parts = parts_of(GOOD)
    for name in ("填报说明", "基本信息", "自查"):
        hidden = f'name="{name}" state="veryHidden"'.encode()
        changed = packed(replaced(parts, "xl/workbook.xml", f'name="{name}"'.encode(), hidden))
        submission = read_workbook_bytes(changed, LOOKUP)
        (met,), (found,) = submission.irregularities, integrity_findings(submission)
        assert (met.kind, met.place, found.rule) == ("sheet-hidden", name, "sheet-hidden")
        assert found.message == f"工作表「{name}」被隐藏了。请取消隐藏、核对后重新报送。"
    review = parts_of(annotated(GOOD))
    book = re.sub('(name="审核意见"[^>]*)"visible"', r'\1"hidden"', review["xl/workbook.xml"].decode()).encode()
    hidden = packed({**review, "xl/workbook.xml": book})
    assert kinds(hidden) == ["sheet-hidden"]


@pytest.mark.parametrize(
    "inside",
    [
        "<x:FmlaMacro></x:FmlaMacro>",
        "<x:FmlaLink>$A$1</x:FmlaLink><x:FmlaRange>[0]!名称</x:FmlaRange>",
        "<x:AutoFill>False</x:AutoFill>",
    ],
)
def test_an_ordinary_drawing_is_not_told(inside: str) -> None:
    drawing = f'<xml xmlns:x="urn:schemas-microsoft-com:office:excel">{inside}<sp macro="" textlink=""/></xml>'
    parts = {**parts_of(GOOD), "xl/drawings/vmlDrawing1.vml": drawing.encode()}
    assert kinds(packed(parts)) == []


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def sheet_record(kind: int, name: str, state: int = 0) -> bytes:
    return record(0x85, bytes(4) + bytes((state, kind, len(name), 1)) + name.encode("utf-16-le"))


def book_record(path: str) -> bytes:
    return record(0x1AE, struct.pack("<HHB", 0, len(path), 1) + path.encode("utf-16-le"))


START, END = record(0x809, b"\0\6\5\0"), record(0xA, b"")
OWN, ADD_IN = record(0x1AE, b"\1\0\1\4"), record(0x1AE, b"\1\0\1\x3a")


@pytest.mark.parametrize(
    ("records", "found"),
    [
        (sheet_record(0, "表"), []),
        (sheet_record(2, "图"), []),
        (sheet_record(1, "宏表", 2), [("macro", "宏表")]),
        (sheet_record(6, "模块"), [("macro", "模块")]),
        (OWN + ADD_IN + book_record(" ") + book_record("\0"), []),
        (book_record("\x01\x01C甲\x03乙.xls"), [("link", "C甲/乙.xls")]),
        (book_record("cmd\x03/c calc"), [("dde", "cmd|/c calc")]),
        (END + book_record("cmd\x03/c calc"), []),
    ],
)
def test_the_records_of_an_old_workbook_are_told(records: bytes, found: list[tuple[str, str]]) -> None:
    assert [(item.kind, item.text) for item in items_in_records(START + records)] == found


def test_records_older_still_are_told() -> None:
    old = record(0x809, b"\0\5\5\0")
    told = items_in_records(old + record(0x85, b"\0\0\0\0\0\1\2ab") + record(0x17, b"\5cmd\3a"))
    assert [(item.kind, item.text) for item in told] == [("macro", "ab"), ("dde", "cmd|a")]
    assert not list(items_in_records(old + record(0x17, b"\3\3ab") + record(0x17, b"\0") + record(0x17, b"")))


def test_a_broken_chain_of_records_ends_quietly() -> None:
    whole = START + sheet_record(1, "宏") + OWN + book_record("cmd\x03a") + END
    for length in range(len(whole)):
        list(items_in_records(whole[:length]))
        list(items_in_records(whole[:length] + b"\xff\xff\xff\xff"))
    assert not list(items_in_records(bytes(40_000_000)))
    short = (record(kind, bytes([1]) * length) for kind in (0x85, 0x1AE, 0x17, 0x809) for length in range(9))
    list(items_in_records(START + b"".join(short)))


@pytest.mark.parametrize(
    "formula",
    [
        "of:=SUM([.D7:.D9])",
        "of:=IF([.A1]=&quot;DDE(http://a|b&quot;;{1|2};[$'a|b'.A1])",
        "of:=#REF!",
        "of:=[$'甲#乙'.A1]",
        "of:=MYDDE_1+1",
    ],
)
def test_an_ordinary_formula_of_an_open_table_is_not_told(formula: str) -> None:
    cell = f'<table:table-cell table:formula="{formula}"/>'
    link = '<table:table-cell><text:p><text:a xlink:href="LINK">x</text:a></text:p></table:table-cell>'
    row = f"<table:table-row>{cell}{link}</table:table-row>"
    more = f'<table:table table:name="外">{row}</table:table><office:scripts/>'
    told = kinds(as_ods(BytesIO(GOOD), more.replace("LINK", "../说明.docx")))
    assert set(told) == {"sheet-added", "file-converted"}
    assert "link-carried" in kinds(as_ods(BytesIO(GOOD), more.replace("LINK", "//10.0.0.9/a")))


def test_names_of_an_open_table_that_lead_out_are_told() -> None:
    where = 'table:cell-range-address="{}$三.$A$1"'
    name = f'<table:named-expressions><table:named-range table:name="甲" {where}/></table:named-expressions>'
    assert kinds(as_ods(BytesIO(GOOD), name.format(""))) == ["file-converted"]
    assert "name-outside" in kinds(as_ods(BytesIO(GOOD), name.format("'file:///D:/x.ods'#")))


@pytest.mark.libreoffice
def test_old_workbooks_of_libreoffice(tmp_path: Path) -> None:
    """What it writes for a formula that asks a program, and nothing for what is ordinary."""
    own = write(tmp_path / "foreign" / "批.xlsx", annotated(GOOD))
    table = write(tmp_path / "foreign" / "表.xlsx", annotated(packed(with_table(parts_of(GOOD), SHEET, RUN, RUN))))
    convert([own], tmp_path / "foreign" / "ods", "ods:calc8")
    saved = parts_of((tmp_path / "foreign" / "ods" / "批.ods").read_bytes())
    cell = '<table:table-cell table:formula=\'of:=DDE("cmd";"/c calc";"A1")\'/>'
    more = f'<table:table table:name="外"><table:table-column/><table:table-row>{cell}</table:table-row></table:table>'
    end = b"</office:spreadsheet>"
    asking = packed(replaced(saved, "content.xml", end, more.encode() + end))
    write(tmp_path / "foreign" / "问.ods", asking)
    convert([own, table, tmp_path / "foreign" / "问.ods"], tmp_path / "foreign" / "xls", "xls:MS Excel 97")
    assert kinds((tmp_path / "foreign" / "ods" / "批.ods").read_bytes()) == ["file-converted"]
    assert kinds((tmp_path / "foreign" / "xls" / "批.xls").read_bytes()) == ["file-converted"]
    assert set(kinds((tmp_path / "foreign" / "xls" / "表.xls").read_bytes())) == {"outside-form", "file-converted"}
    assert "dde-carried" in kinds(asking)
    assert "dde-carried" in kinds((tmp_path / "foreign" / "xls" / "问.xls").read_bytes())
