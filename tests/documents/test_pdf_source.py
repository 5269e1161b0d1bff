"""PDFs as a source of texts and tables: a published report, our own reports, files drawn by hand, and what is none."""

import os
import random
import re
import sys
import time
import tomllib
import zlib
from contextlib import suppress
from importlib import util
from importlib.metadata import version
from pathlib import Path

import pytest
from command_line import run_anew
from kit import REPORT_DATA, report, submission_of, write
from pdf_files import TABLE_OF_CODES, bar, packed, shown, stream, stroke, written
from places import REAL_REPORTS, ROOT
from published import assert_full, printed_values, texts_of

from toolkit.characters import plain
from toolkit.documents.blocks import Block, Paragraph, Prose, TableBlock
from toolkit.documents.pdf.source import EMPTY, NOT_INSTALLED, OLDEST_READER, SCANNED, UNKNOWN_CODES, read_pdf
from toolkit.problems import Problem, Unreadable
from toolkit.reports.pdf import Pdf

PUBLISHED = (REAL_REPORTS / "huaian-2024.pdf").read_bytes()


def text_of(blocks: tuple[Block, ...]) -> str:
    return "".join(block.text for block in blocks if isinstance(block, Paragraph))


def tables_in(prose: Prose) -> list[TableBlock]:
    return [block for block in prose.blocks if isinstance(block, TableBlock)]


def texts_in(prose: Prose) -> list[str]:
    return [block.text for block in prose.blocks if isinstance(block, Paragraph)]


def bare(text: str) -> str:
    """A label without what differs from one printed form to the next."""
    return re.sub(r"[^\w]", "", plain(text))


def check_tables(prose: Prose, path: Path) -> None:
    """Each row of the official tables stands once, its values in order."""
    values = {cell: "" if value is None else plain(str(value)) for cell, value in printed_values(path).items()}
    rows = [[plain(text) for text in row] for table in tables_in(prose) for row in texts_of(table)]
    for section in submission_of(path).form.table_sections:
        for table in section.tables:
            if table.across:
                ids = [f"{table.id}.{row.id}.{column.id}" for row in table.rows for column in table.columns]
                assert rows.count([values[one] for one in ids]) == 1
                continue
            for row in table.rows:
                wanted = [values[f"{table.id}.{row.id}.{column.id}"] for column in table.columns]
                label = bare(row.label[-1])
                found = [texts for texts in rows if label in map(bare, texts[: -len(wanted)])]
                assert [texts[-len(wanted) :] for texts in found].count(wanted) == 1, row.label


def test_a_published_report() -> None:
    start = time.perf_counter()
    prose = read_pdf(PUBLISHED)
    assert time.perf_counter() - start < 10
    tables = tables_in(prose)
    assert [(table.height, table.width) for table in tables] == [(14, 4), (28, 10), (4, 15)]
    for table in tables:
        assert_full(table)
    check_tables(prose, REPORT_DATA["huaian-2024"])
    spans = {text_of(cell.blocks): (cell.row, cell.height, cell.width) for cell in tables[1].cells}
    # The page ends inside of both.
    assert spans["（四）无法提供"] == (15, 3, 1)
    assert spans["三、本年度办理结果"] == (5, 22, 1)
    assert prose.title == "政府信息公开工作年度报告"
    assert prose.remarks == ()


def test_the_text_of_a_published_report() -> None:
    prose = read_pdf(PUBLISHED)
    texts = [plain(text) for text in texts_in(prose)]
    for paragraphs in report("huaian-2024").texts.values():
        for paragraph in paragraphs:
            assert sum(plain(paragraph) in text for text in texts) == 1
    assert texts[0] == "淮安市人民政府2024年政府信息公开工作年度报告"
    begin = [text[:6] for text in texts]
    assert begin[2:9] == [
        "一、总体情况",
        "2024年,",
        "(一)主动公",
        "(二)依申请",
        "(三)政府信",
        "(四)政府信",
        "(五)政府信",
    ]
    headings = [block.text[:2] for block in prose.blocks if isinstance(block, Paragraph) and block.level == 1]
    assert headings == ["一、", "二、", "三、", "四、", "五、", "六、"]
    assert len(texts) == 17
    assert not any(re.search(r"-\d+-", text) for text in texts)


@pytest.mark.libreoffice
@pytest.mark.parametrize("name", REPORT_DATA)
def test_our_own_reports(name: str, pdfs: dict[str, Pdf]) -> None:
    prose = read_pdf(pdfs[name].content)
    check_tables(prose, REPORT_DATA[name])
    assert len(tables_in(prose)) == 3
    for table in tables_in(prose):
        assert_full(table)
    texts, submission = [plain(text) for text in texts_in(prose)], report(name)
    assert texts[0] == plain(submission.title)
    assert prose.title == submission.title
    place = 0
    for section in submission.form.sections:
        for text in (section.title, *submission.texts.get(section.id, ())):
            place = texts.index(plain(text), place) + 1


def grid(columns: list[float], rows: list[float]) -> bytes:
    """All borders of a grid."""
    across = b"".join(stroke(columns[0], row, columns[-1], row) for row in rows)
    return across + b"".join(stroke(column, rows[0], column, rows[-1]) for column in columns)


def only_table(content: bytes) -> TableBlock:
    (table,) = tables_in(read_pdf(content))
    assert_full(table)
    return table


def cells_of(table: TableBlock) -> list[tuple[int, int, int, int, str]]:
    return [(cell.row, cell.column, cell.height, cell.width, text_of(cell.blocks)) for cell in table.cells]


def test_cells_that_span() -> None:
    """Borders drawn piece by piece, slightly off, some as thin bars; one column is dashed."""
    strokes = [
        *(
            stroke(50, 100, 350, 100.3),
            bar(50, 119.7, 300, 0.6),
            stroke(150.4, 140, 350, 140),
            stroke(50, 160, 350, 160),
        ),
        *(bar(49.8, 100, 0.5, 60), stroke(350, 100, 350, 160), stroke(150, 120, 150, 160)),
        *(stroke(251.2, 120, 251.2, 140), stroke(250, 140, 250, 160)),
    ]
    dashes = [stroke(300, y, 300, y + 2) for y in range(120, 140, 4)]
    words = [shown(60, 113, "合并"), shown(60, 143, "两行"), shown(160, 133, "甲"), shown(260, 133, "1")]
    words += [shown(310, 133, "2"), shown(160, 153, "乙"), shown(260, 153, "3")]
    assert cells_of(only_table(written(b"".join([*strokes, *dashes, *words])))) == [
        (0, 0, 1, 4, "合并"),
        (1, 0, 2, 1, "两行"),
        (1, 1, 1, 1, "甲"),
        (1, 2, 1, 1, "1"),
        (1, 3, 1, 1, "2"),
        (2, 1, 1, 1, "乙"),
        (2, 2, 1, 2, "3"),
    ]


def test_a_table_open_at_its_sides() -> None:
    drawn = b"".join(stroke(50, y, 250, y) for y in (100, 120, 140)) + stroke(150, 100, 150, 140)
    words = shown(60, 113, "甲") + shown(160, 113, "1") + shown(60, 133, "乙") + shown(160, 133, "2")
    assert texts_of(only_table(written(drawn + words))) == [["甲", "1"], ["乙", "2"]]


def test_text_in_cells() -> None:
    """Chinese lines are joined as they are, words with a space, a number too wide for its cell with nothing."""
    words = [shown(55, 112, "第一行"), shown(55, 124, "第二行"), shown(105, 112, "two words"), shown(105, 124, "more")]
    words += [shown(155, 112, "12345678"), shown(155, 124, "90"), shown(205, 112, "12"), shown(205, 124, "34")]
    table = only_table(written(grid([50, 100, 154, 200, 250], [100, 130]) + b"".join(words)))
    assert texts_of(table) == [["第一行第二行", "two words more", "1234567890", "12 34"]]


def test_turned_text() -> None:
    """A page turned as a whole reads like any other; in a cell text may run upwards."""
    upward = b"BT /F 10 Tf 0 1 -1 0 %d %d Tm <%s> Tj ET\n"
    cell = upward % (70, 700, "向上".encode("utf-16-be").hex().encode())
    table = only_table(written(grid([50, 100, 150], [100, 160]) + cell + shown(110, 130, "右边的字")))
    assert texts_of(table) == [["向上", "右边的字"]]
    drawn = grid([50, 150, 250], [100, 120, 140])
    words = shown(60, 113, "甲") + shown(160, 113, "1") + shown(60, 133, "乙") + shown(160, 133, "2")
    assert texts_of(only_table(written(b"q 0 1 -1 0 842 0 cm\n" + drawn + words + b"Q"))) == [["甲", "1"], ["乙", "2"]]


def test_a_table_on_two_pages() -> None:
    """Page numbers are between its pieces, the header is repeated; a row is cut, and a label cell goes on empty."""
    columns = [50, 90, 150, 200]
    first = [grid(columns, [700, 720, 740]), stroke(150, 740, 150, 760), stroke(90, 740, 90, 760)]
    first += [stroke(50, 740, 50, 760), stroke(200, 740, 200, 760), shown(60, 713, "项"), shown(100, 713, "名称")]
    first += [shown(160, 713, "数量"), shown(55, 733, "一"), shown(95, 733, "某某事项"), shown(160, 733, "5")]
    first += [shown(55, 753, "二"), shown(95, 753, "很长的名称"), shown(280, 800, "— 1 —")]
    second = [stroke(90, 80, 90, 100), stroke(150, 80, 150, 100), stroke(50, 80, 50, 100), stroke(200, 80, 200, 100)]
    second += [shown(95, 93, "接上页"), shown(160, 93, "7"), grid(columns, [100, 120])]
    second += [shown(55, 113, "三"), shown(95, 113, "其他"), shown(160, 113, "9"), shown(280, 800, "— 2 —")]
    table = only_table(written(b"".join(first), b"".join(second)))
    assert texts_of(table) == [
        ["项", "名称", "数量"],
        ["一", "某某事项", "5"],
        ["二", "很长的名称接上页", "7"],
        ["三", "其他", "9"],
    ]


def test_a_repeated_header_is_dropped() -> None:
    def page(*rows: tuple[str, str]) -> bytes:
        places = [100 + 20 * number for number in range(len(rows) + 1)]
        words = [shown(60, top + 13, a) + shown(160, top + 13, b) for top, (a, b) in zip(places, rows, strict=False)]
        return grid([50, 150, 250], places) + b"".join(words)

    head = ("名称", "数量")
    table = only_table(written(page(head, ("甲", "1")), page(head, ("乙", "2"))))
    assert texts_of(table) == [["名称", "数量"], ["甲", "1"], ["乙", "2"]]
    between = read_pdf(written(page(head, ("甲", "1")) + shown(50, 300, "另一张表"), page(head, ("乙", "2"))))
    assert [type(block) for block in between.blocks] == [TableBlock, Paragraph, TableBlock]


def test_a_table_as_browsers_cut_it() -> None:
    """Borders end with the page; around a cell that spans rows there are none on the next page."""
    columns = [50, 90, 150, 200]
    first = [
        grid(columns[1:], [700, 730, 760]),
        stroke(50, 700, 90, 700),
        stroke(50, 700, 50, 760),
        bar(50, 760, 40, 1),
    ]
    first += [shown(55, 713, "结果"), shown(95, 713, "甲"), shown(160, 713, "1")]
    first += [shown(95, 743, "乙"), shown(160, 743, "2")]
    first += [stroke(x, 760, x, 770) for x in columns]
    second = [stroke(x, 50, x, 80) for x in columns[1:]] + [grid(columns[1:], [80, 110])]
    second += [shown(95, 63, "丙"), shown(160, 63, "3"), shown(95, 93, "丁"), shown(160, 93, "4")]
    table = only_table(written(b"".join(first), b"".join(second)))
    assert texts_of(table) == [["结果", "甲", "1"], ["乙", "2"], ["丙", "3"], ["丁", "4"]]
    assert (table.cells[0].height, table.cells[0].width) == (4, 1)


def test_short_lines_are_paragraphs() -> None:
    lines = ["一、第一部分", "只有一句话。", "二、第二部分", "这里的一句话比上面的都要长一些，但是没有写满一行"]
    words = b"".join(shown(50, 100 + 20 * number, line) for number, line in enumerate(lines))
    assert texts_in(read_pdf(written(words))) == lines


def test_paragraphs() -> None:
    """First lines are indented, full lines go on, headers and page numbers go, words far apart are kept apart."""
    full = "这一行文字从左到右写满了整整一行，共有四十个汉字，后面的文字只好写到下一行去了吧"
    assert len(full) == 40

    def page(number: int, *lines: bytes) -> bytes:
        return b"".join([shown(200, 40, "某某市年度报告"), *lines, shown(290, 805, str(number))])

    one = page(
        1,
        shown(220, 100, "报告的标题", 16),
        shown(70, 130, full[:38]),
        shown(50, 150, full),
        shown(50, 170, "到这里。"),
    )
    two = page(
        2, shown(50, 100, "名称"), shown(150, 100, "数量"), shown(70, 130, "粗体", font="B"), shown(90, 130, "字。")
    )
    prose = read_pdf(written(one, two))
    assert texts_in(prose) == ["报告的标题", f"{full[:38]}{full}到这里。", "名称\t数量", "粗体字。"]
    last = prose.blocks[-1]
    assert isinstance(last, Paragraph)
    assert [piece.bold for piece in last.pieces] == [True, False]


def test_a_title_is_only_taken_where_it_is_words() -> None:
    page = shown(50, 100, "正文")
    for title, taken in (("某市年度报告", "某市年度报告"), ("Microsoft Word - 1.doc", ""), ("附件.docx", ""), ("", "")):
        written_title = b"/Title<%s>" % (b"\xfe\xff" + title.encode("utf-16-be")).hex().encode()
        assert read_pdf(written(page, info=written_title)).title == taken


PICTURE = stream(
    b"\x80" * 100, b"/Type/XObject/Subtype/Image/Width 10/Height 10/BitsPerComponent 8/ColorSpace/DeviceGray"
)


def test_scans() -> None:
    scan = b"q 595 0 0 842 0 0 cm /I Do Q\n"
    use = {"resources": b"/XObject<</I 10 0 R>>", "others": [PICTURE]}
    with pytest.raises(Unreadable, match=SCANNED):
        read_pdf(written(scan, scan + shown(290, 800, "2"), **use))
    page = shown(50, 100, "这一页有足够多的文字，一共有二十多个汉字在上面。")
    prose = read_pdf(written(page, page, scan, **use))
    assert prose.remarks == ("第 3 页是图片，没有文字层，没有读到。请对照原文件核对。",)
    small = b"q 100 0 0 100 50 200 cm /I Do Q\n"
    assert read_pdf(written(page + small, **use)).remarks == ("有 1 张图片没有带过来。",)


def test_no_text_and_unknown_codes() -> None:
    with pytest.raises(Unreadable, match=EMPTY):
        read_pdf(written(b""))
    page = shown(50, 100, "文明")
    for codes in (b"begincmap endcmap", TABLE_OF_CODES.replace(b"<0000> endbf", b"<8000> endbf")):
        with pytest.raises(Unreadable, match=re.escape(UNKNOWN_CODES)):
            read_pdf(written(page, codes=codes))


def test_radicals_are_characters() -> None:
    assert texts_in(read_pdf(written(shown(50, 100, "⼀、⾏政⺠⻓")))) == ["一、行政民长"]


def test_encrypted_files() -> None:
    page = shown(50, 100, "没有密码也能读")
    assert texts_in(read_pdf(written(page, password=b""))) == ["没有密码也能读"]
    with pytest.raises(Unreadable, match="是加密的 PDF"):
        read_pdf(written(page, password=b"secret"))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04", b"%PDF-1.4\n%%EOF", "年报".encode() * 1000])
def test_what_is_no_pdf(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"不是(完整的)? ?PDF 文件"):
        read_pdf(content)


@pytest.mark.slow
def test_damaged_files_are_read_or_refused() -> None:
    """Whatever was changed, nothing else comes out."""
    rng = random.Random(7)
    drawn = grid([50, 150, 250], [100, 120, 140]) + shown(60, 113, "甲") + shown(160, 113, "1")
    small = written(drawn, stream(drawn + shown(50, 300, "正文")), info=b"/Title(Report title)")
    changed = list[bytes]()
    for _ in range(100):
        content = bytearray(small)
        for _ in range(rng.randint(1, 12)):
            content[rng.randrange(len(content))] = rng.choice((rng.randrange(256), *b"0123456789<>[]/ "))
        changed.append(bytes(content))
    changed += [small[: rng.randrange(len(small))] for _ in range(30)]
    changed += [PUBLISHED[: rng.randrange(len(PUBLISHED))] for _ in range(3)]
    for content in changed:
        with suppress(Unreadable):
            assert isinstance(read_pdf(content), Prose)


@pytest.mark.slow
def test_hostile_files_end_soon() -> None:
    """What would unpack to gigabytes, speaks of billions of characters, or uses itself again and again."""
    nested = [
        stream(
            b"/X Do " * 30, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (11 + n)
        )
        for n in range(12)
    ]
    use = {"resources": b"/XObject<</X 10 0 R>>", "others": [*nested, PICTURE]}
    twice = stream(packed_twice(200 * 2**20), b"/Filter[/FlateDecode/FlateDecode]")
    wide = TABLE_OF_CODES.replace(b"<0000> <FFFF> <0000>", b"<00000000> <FFFFFFFF> <0000>")
    text = shown(50, 100, "文字")
    hostile = [
        written(packed(b" " * (100 * 2**20))),
        written(twice),
        written(b"/X Do", **use),
        written(text, widths=b"[0 4000000000 500]"),
        written(text, codes=wide),
        written(b"q " * 100_000),
        written(text * 60_000),
        written(b"".join(stroke(x, 0, x, 500) + stroke(0, x, 500, x) for x in range(20_000))),
        written(*[b""] * 301),
    ]
    start = time.perf_counter()
    for content in hostile:
        with pytest.raises(Unreadable):
            read_pdf(content)
    assert time.perf_counter() - start < 60


def packed_twice(size: int) -> bytes:
    return zlib.compress(zlib.compress(b" " * size, 9), 9)


def test_where_the_component_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda *_: None)
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    with pytest.raises(Problem) as refused:
        read_pdf(PUBLISHED)
    assert refused.value.message == NOT_INSTALLED
    assert refused.value.exit_status == 2


OLD = ("20250506", "20251107", "20251229", "", "unknown")


@pytest.mark.slow
@pytest.mark.parametrize("old_version", OLD)
def test_an_old_reader_is_refused_before_it_is_loaded(tmp_path: Path, old_version: str) -> None:
    """Older ones run code that a PDF names; here the old one would say so as it is loaded."""
    old = tmp_path / "old"
    write(old / "pdfminer" / "__init__.py", f"open({str(tmp_path / 'loaded')!r}, 'w')".encode())
    metadata = f"Metadata-Version: 2.1\nName: pdfminer.six\nVersion: {old_version}\n"
    write(old / f"pdfminer_six-{old_version or '0'}.dist-info" / "METADATA", metadata.encode())
    write(tmp_path / "foreign" / "年报.pdf", PUBLISHED)
    for command in (
        ("import", "foreign/年报.pdf", "-o", "表"),
        ("check", "foreign/年报.pdf"),
        ("extract", "foreign/年报.pdf"),
    ):
        ran = run_anew(tmp_path, command, {"PYTHONPATH": f"{old}{os.pathsep}{ROOT}"})
        said = ran.stdout + ran.stderr
        assert ran.returncode in (1, 2)
        assert "读 PDF 的组件 pdfminer.six 是" in said
        assert "太旧：PDF 能让它运行别人的程序，所以没有打开。请更新到 20251230 版以上" in said
    assert not (tmp_path / "loaded").exists()


def test_what_is_installed_here_is_safe() -> None:
    assert int(version("pdfminer.six")[:8]) >= OLDEST_READER
    floors = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert floors["pdf"] == ["pdfplumber>=0.11.9"], "an older one asks for an older pdfminer.six"
