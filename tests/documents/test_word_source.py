"""Word documents are read as Word shows them, whoever wrote them; what is left out is said."""

import random
import zipfile
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from docx import Document
from docx.shared import Cm
from hypothesis import example, given, settings
from hypothesis import strategies as st
from office import as_word
from published import assert_full
from word_files import (
    MAIN,
    SPACES,
    STRICT,
    docx,
    drawing,
    family,
    in_list,
    lvl,
    num,
    number_headings,
    p,
    packed,
    pic,
    png,
    r,
    style,
    tbl,
    tc,
    text_box,
    tr,
)

from toolkit.documents.blocks import Paragraph, Picture, Prose, Run, TableBlock, TableCell, all_paragraphs
from toolkit.documents.word.source import read_word
from toolkit.files.limits import STANDARD_LIMITS
from toolkit.problems import Unreadable

UNFORESEEN = "内容超出了预料"


def _read(*body: str, **parts: object) -> Prose:
    return read_word(docx("".join(body), **parts))


def _texts(prose: Prose) -> list[str]:
    return [paragraph.text for paragraph in all_paragraphs(prose.blocks)]


def _table(prose: Prose) -> TableBlock:
    (table,) = (block for block in prose.blocks if isinstance(block, TableBlock))
    assert_full(table)
    return table


def _spans(table: TableBlock) -> list[tuple[int, int, int, int, str]]:
    """Row, column, height, width and text of each cell."""
    return [(one.row, one.column, one.height, one.width, _cell_text(one)) for one in table.cells]


def _cell_text(cell: TableCell) -> str:
    return "|".join(paragraph.text for paragraph in all_paragraphs(cell.blocks))


def _pictures(prose: Prose) -> list[Picture]:
    pieces = (piece for paragraph in all_paragraphs(prose.blocks) for piece in paragraph.pieces)
    return [piece for piece in pieces if isinstance(piece, Picture)]


# Texts and their looks


LEGAL = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from("\t<&>\"'　 "),
    max_size=30,
)


@settings(max_examples=75, deadline=None)
@given(st.lists(st.tuples(LEGAL, st.booleans(), st.sampled_from(("", "superscript", "subscript"))), max_size=6))
@example([("a<b & \"c\" 'd'", False, ""), ("😀𠀀ＡＢＣ①％", True, ""), ("  末尾　", True, "subscript")])
def test_any_text_survives(runs: list[tuple[str, bool, str]]) -> None:
    body = "".join(
        r(text, ("<w:b/>" if bold else "") + (f'<w:vertAlign w:val="{raised}"/>' if raised else ""))
        for text, bold, raised in runs
    )
    pieces = [
        Run(text + "。", bold, raised) if number == 0 else Run(text, bold, raised)
        for number, (text, bold, raised) in enumerate([("", False, ""), *runs])
    ]
    merged = list[Run]()
    for piece in pieces:
        if merged and (merged[-1].bold, merged[-1].raised) == (piece.bold, piece.raised):
            merged[-1] = Run(merged[-1].text + piece.text, piece.bold, piece.raised)
        elif piece.text:
            merged.append(piece)
    assert _read(p("。", body) if body else p("。")) == Prose((Paragraph(tuple(merged)),))


def test_what_word_has_its_own_marks_for() -> None:
    body = (
        "<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:noBreakHyphen/><w:t>丙</w:t><w:softHyphen/><w:t>丁</w:t></w:r>"
        '<w:r><w:br w:type="page"/><w:lastRenderedPageBreak/><w:t>戊</w:t><w:br w:type="column"/></w:r>'
        '<w:r><w:sym w:font="宋体" w:char="2460"/><w:sym w:font="Arial" w:char="F041"/></w:r>'
    )
    assert _read(p(body)) == Prose((Paragraph((Run("甲\t乙\u2011丙丁戊①A"),)),))


def test_symbol_font_is_told() -> None:
    symbols = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:sym w:font="Symbol" w:char="F0B7"/><w:sym/></w:r>'
    assert _read(p("甲", symbols)) == Prose(
        (Paragraph((Run("甲"),)),), ("有 3 个用符号字体写的符号没有带过来。请在 Word 中改用普通字符后再生成一次。",)
    )


def test_line_breaks_begin_paragraphs_and_blank_ones_go() -> None:
    lines = '<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:br w:type="textWrapping"/><w:br/><w:t>丙</w:t><w:cr/></w:r>'
    assert _texts(_read(p(lines), p(), p("　 \t"), p("丁"))) == ["甲", "乙", "丙", "丁"]


def test_number_stands_only_before_the_first_line() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    body = p("<w:r><w:br/><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>", properties=in_list(1))
    assert _texts(_read(body, numbering=numbering)) == ["1.甲", "乙"]


BOLD_STYLES = (
    style("P", "粗段", "<w:rPr><w:b/></w:rPr>")
    + style("Q", "随粗段", '<w:basedOn w:val="P"/>')
    + style("N", "不粗段", '<w:basedOn w:val="P"/><w:rPr><w:b w:val="0"/></w:rPr>')
    + style("S", "粗字", "<w:rPr><w:b/></w:rPr>", "character")
    + style("T", "随粗字", '<w:basedOn w:val="S"/>', "character")
    + style("U", "上标", '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>', "character")
    + style("X", "绕圈", '<w:basedOn w:val="Y"/>')
    + style("Y", "绕圈", '<w:basedOn w:val="X"/>')
)


@pytest.mark.parametrize(
    ("paragraph_style", "look", "bold"),
    [
        ("", "", False),
        ("", "<w:b/>", True),
        ("", '<w:b w:val="true"/>', True),
        ("", '<w:b w:val="0"/>', False),
        ("", '<w:b w:val="off"/>', False),
        ("P", "", True),
        ("Q", "", True),
        ("N", "", False),
        ("Q", '<w:b w:val="false"/>', False),
        ("", '<w:rStyle w:val="T"/>', True),
        ("", '<w:rStyle w:val="T"/><w:b w:val="0"/>', False),
        ("P", '<w:rStyle w:val="S"/>', False),
        ("N", '<w:rStyle w:val="S"/>', True),
        ("X", "", False),
        ("没有", '<w:rStyle w:val="没有"/>', False),
    ],
)
def test_bold(paragraph_style: str, look: str, bold: bool) -> None:
    """Bold text of a bold style is plain again when both the paragraph's style and the text's are bold."""
    prose = _read(p(r("字", look), style=paragraph_style), styles=BOLD_STYLES)
    assert prose.blocks == (Paragraph((Run("字", bold),)),)


def test_raised_text() -> None:
    up, down, base = (f'<w:vertAlign w:val="{way}"/>' for way in ("superscript", "subscript", "baseline"))
    of_style = '<w:rStyle w:val="U"/>'
    prose = _read(
        p("m", r("2", up), r("x", down), r("3", of_style), r("y", of_style + base)),
        styles=BOLD_STYLES,
    )
    assert prose.blocks == (
        Paragraph(
            (
                Run("m"),
                Run("2", raised="superscript"),
                Run("x", raised="subscript"),
                Run("3", raised="superscript"),
                Run("y"),
            )
        ),
    )


@pytest.mark.parametrize(
    ("styled", "own", "level"),
    [
        ('<w:name w:val="heading 1"/>', "", 1),
        ('<w:name w:val="Heading 3"/>', "", 3),
        ('<w:name w:val="标题 2"/>', "", 2),
        ('<w:name w:val="标题2"/>', "", 2),
        ('<w:name w:val="正文二"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr>', "", 2),
        ('<w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr>', "", 0),
        ('<w:name w:val="Title"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr>', "", 0),
        ('<w:name w:val="标题"/>', "", 0),
        ('<w:name w:val="随一级"/><w:basedOn w:val="One"/>', "", 1),
        ('<w:name w:val="Normal"/>', '<w:outlineLvl w:val="2"/>', 3),
        ('<w:name w:val="heading 1"/>', '<w:outlineLvl w:val="9"/>', 0),
        ('<w:name w:val="heading 1"/>', '<w:outlineLvl w:val="x"/>', 0),
        ('<w:name w:val="Normal"/>', "", 0),
    ],
)
def test_level_of_headings(styled: str, own: str, level: int) -> None:
    styles = (
        f'<w:style w:type="paragraph" w:styleId="a7">{styled}</w:style>'
        '<w:style w:type="paragraph" w:styleId="One"><w:name w:val="heading 1"/></w:style>'
    )
    assert _read(p("标题", style="a7", properties=own), styles=styles).blocks == (Paragraph((Run("标题"),), level),)


def test_standard_style_is_that_of_paragraphs_without_one() -> None:
    standard = '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:rPr><w:b/></w:rPr></w:style>'
    assert _read(p("字"), "<w:p><w:r><w:t>字</w:t></w:r></w:p>", styles=standard).blocks == (
        Paragraph((Run("字", True),)),
        Paragraph((Run("字", True),)),
    )


def test_everything_is_bold_by_default() -> None:
    """Then a style that is bold as well does not make it plain."""
    defaults = "<w:docDefaults><w:rPrDefault><w:rPr><w:b/></w:rPr></w:rPrDefault></w:docDefaults>"
    prose = _read(p("字"), p("字", style="P"), p(r("字", '<w:b w:val="0"/>')), styles=defaults + BOLD_STYLES)
    assert [piece.bold for paragraph in all_paragraphs(prose.blocks) for piece in paragraph.pieces] == [
        True,
        True,
        False,
    ]


def test_picture_alone_is_no_heading() -> None:
    prose = _read(p(drawing(pic("p1")), style="H"), styles=style("H", "heading 1"), media={"p1": png()})
    assert [paragraph.level for paragraph in all_paragraphs(prose.blocks)] == [0]


def test_wrappers_are_looked_through() -> None:
    body = (
        p(
            f'<w:hyperlink r:id="x">{r("链接")}</w:hyperlink><w:smartTag>{r("标记")}</w:smartTag>',
            f"<w:sdt><w:sdtPr/><w:sdtContent>{r('控件')}</w:sdtContent></w:sdt>",
            f'<w:fldSimple w:instr="PAGE">{r("7")}</w:fldSimple><w:customXml>{r("数据")}</w:customXml>',
            f"<w:r><w:ruby><w:rt>{r('zhù')}</w:rt><w:rubyBase>{r('注')}</w:rubyBase></w:ruby></w:r>",
        )
        + f"<w:sdt><w:sdtContent>{p('块')}</w:sdtContent></w:sdt>"
        + "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        + p("单击此处输入文字")
        + "</w:sdtContent></w:sdt>"
        + "<w:customXml>" * 40
        + p("里")
        + "</w:customXml>" * 40
    )
    assert _read(body) == Prose(tuple(Paragraph((Run(text),)) for text in ("链接标记控件7数据注", "块", "里")))


def test_prompt_in_a_cell_goes_and_the_cell_stays() -> None:
    prompt = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    table = _table(_read(tbl(tr(tc("甲"), prompt.format(tc("请填写")), tc("乙")))))
    assert [text for *_, text in _spans(table)] == ["甲", "", "乙"]


# Fields and tables of contents


def _field(code: str, *shown: str) -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return f"{mark('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{mark('separate')}{''.join(shown)}{mark('end')}"


def test_fields_show_their_results() -> None:
    inner = _field("REF b", r("内"))
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>'
    nested = begin + inner + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("外")
    body = p("共", _field(" PAGE ", r("12")), "页", nested + '<w:r><w:fldChar w:fldCharType="end"/></w:r>', "。")
    assert _read(body) == Prose((Paragraph((Run("共12页外。"),)),))


def test_what_a_field_is_reckoned_from_is_not_shown() -> None:
    math = "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>"
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    assert _read(p("甲", begin, math, "乙", drawing(pic("p1")), end)) == Prose((Paragraph((Run("甲"),)),))


def test_field_that_never_ends_hides_nothing() -> None:
    open_ = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
    middle, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("separate", "end"))
    for field in (open_, open_ + middle, f"{open_}{middle}<w:del>{end}</w:del>", end, middle):
        assert _texts(_read(p(field, "甲"), p("乙"))) == ["甲", "乙"]


def test_composed_characters_are_told() -> None:
    code = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>eq \\o\\ac(○,1)</w:instrText></w:r>'
    prose = _read(p("甲", code + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'))
    assert _texts(prose) == ["甲"]
    assert prose.remarks == ("有 1 处带圈字符或叠加字符没有带过来。请在 Word 中改用现成的字符（如①）后再生成一次。",)


def _contents_bodies() -> dict[str, str]:
    begin, end = _field(r' TOC \o "1-3" ', "|").split("|")
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    return {
        "control": f"<w:sdt>{gallery}<w:sdtContent>{p('目录')}{p('一、甲 1')}</w:sdtContent></w:sdt>",
        "field": p(begin, "一、甲 1") + p("二、乙 2") + p(end),
        "styles": p("目录", style="H") + p("一、甲 1", style="T1") + p("二、乙 2", style="T2"),
        "styled field": p(begin, "一、甲 1", style="T1") + p("二、乙 2", style="T2") + p(end, style="T2"),
    }


@pytest.mark.parametrize("body", _contents_bodies().values(), ids=_contents_bodies())
def test_table_of_contents_is_left_out(body: str) -> None:
    styles = style("H", "TOC Heading") + style("T1", "toc 1") + style("T2", "目录 2")
    prose = _read(p("前"), body, p("后"), styles=styles)
    assert _texts(prose) == ["前", "后"]
    assert prose.remarks == ("文档中的目录没有写入报告。",)


# Tables


def test_merged_cells() -> None:
    restart, merged = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    prose = _read(
        tbl(
            tr(
                tc("甲", properties=restart),
                tc("乙", properties='<w:gridSpan w:val="2"/>'),
                properties="<w:tblHeader/>",
            ),
            tr(tc("藏", properties=merged), tc("丙"), tc("丁"), properties="<w:tblHeader/>"),
            tr(tc("戊", properties=restart), tc("己"), tc("庚"), properties='<w:tblHeader w:val="0"/>'),
            tr(tc(properties='<w:vMerge w:val="continue"/>'), tc("辛"), tc("壬"), properties="<w:tblHeader/>"),
            grid=(1000, 2000, 3000),
        )
    )
    table = _table(prose)
    assert (table.height, table.width, table.widths, table.head) == (4, 3, (1000.0, 2000.0, 3000.0), 2)
    assert _spans(table) == [
        (0, 0, 2, 1, "甲"),
        (0, 1, 1, 2, "乙"),
        (1, 1, 1, 1, "丙"),
        (1, 2, 1, 1, "丁"),
        (2, 0, 2, 1, "戊"),
        (2, 1, 1, 1, "己"),
        (2, 2, 1, 1, "庚"),
        (3, 1, 1, 1, "辛"),
        (3, 2, 1, 1, "壬"),
    ]


def test_old_way_of_merging_side_by_side() -> None:
    first, next_ = '<w:hMerge w:val="restart"/>', '<w:hMerge w:val="continue"/>'
    table = _table(
        _read(
            tbl(
                tr(tc("甲", properties=first), tc(properties=next_), tc("乙")),
                tr(tc("丙"), tc("丁"), tc("戊")),
                grid=(1, 1, 1),
            )
        )
    )
    assert _spans(table)[:2] == [(0, 0, 1, 2, "甲"), (0, 2, 1, 1, "乙")]


@pytest.mark.parametrize(
    ("rows", "grid", "spans"),
    [
        # Rows of different lengths.
        ((tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁"))), (1, 1, 1), [(1, 0, 1, 1, "丁"), (1, 1, 1, 2, "")]),
        # Places that are left free.
        (
            (tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁"), properties='<w:gridBefore w:val="1"/>')),
            (1, 1, 1),
            [(1, 0, 1, 1, ""), (1, 1, 1, 1, "丁"), (1, 2, 1, 1, "")],
        ),
        (
            (tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁"), properties='<w:gridAfter w:val="2"/>')),
            (),
            [(1, 0, 1, 1, "丁"), (1, 1, 1, 2, "")],
        ),
        # A cell that is wider than the table, and pushes none out.
        (
            (tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁", properties='<w:gridSpan w:val="99"/>'), tc("戊"))),
            (1, 1, 1),
            [(1, 0, 1, 2, "丁"), (1, 2, 1, 1, "戊")],
        ),
        # More cells than the table says it has columns.
        ((tr(tc("甲")), tr(tc("丁"), tc("戊"))), (1,), [(1, 0, 1, 1, "丁"), (1, 1, 1, 1, "戊")]),
        # A cell that goes on with one that is not there, or is of another width.
        (
            (tr(tc("甲"), tc("乙")), tr(tc("丁", properties="<w:vMerge/>"), tc("戊"))),
            (1, 1),
            [(1, 0, 1, 1, "丁"), (1, 1, 1, 1, "戊")],
        ),
        (
            (
                tr(tc("甲", properties='<w:vMerge w:val="restart"/>'), tc("乙")),
                tr(tc("丁", properties='<w:gridSpan w:val="2"/><w:vMerge/>')),
            ),
            (1, 1),
            [(1, 0, 1, 2, "丁")],
        ),
        # A cell that goes on with one that is farther up.
        (
            (
                tr(tc("甲"), tc("乙", properties='<w:vMerge w:val="restart"/>')),
                tr(tc("丁", properties='<w:gridSpan w:val="2"/>')),
                tr(tc("戊"), tc("己", properties="<w:vMerge/>")),
            ),
            (1, 1),
            [(1, 0, 1, 2, "丁")],
        ),
        # Nonsense.
        (
            (tr(tc("甲")), tr(tc("丁", properties='<w:gridSpan w:val="-3"/>'), tc("戊"))),
            (),
            [(1, 0, 1, 1, "丁"), (1, 1, 1, 1, "戊")],
        ),
    ],
)
def test_rows_that_disagree(rows: tuple[str, ...], grid: tuple[int, ...], spans: list[object]) -> None:
    table = _table(_read(tbl(*rows, grid=grid)))
    assert [span for span in _spans(table) if span[0] == 1] == spans


CELLS = st.tuples(
    st.sampled_from((None, 1, 2, 3, 70)),
    st.sampled_from(("", "<w:vMerge/>", '<w:vMerge w:val="restart"/>', "<w:hMerge/>", '<w:hMerge w:val="restart"/>')),
)
ROWS = st.tuples(st.lists(CELLS, max_size=5), st.integers(0, 3), st.integers(0, 3), st.booleans())


@settings(max_examples=75, deadline=None)
@given(st.lists(ROWS, max_size=6), st.lists(st.integers(0, 2000), max_size=6))
def test_any_table_has_no_holes(
    rows: list[tuple[list[tuple[int | None, str]], int, int, bool]], grid: list[int]
) -> None:
    """Nothing is lost but what Word does not show either: the text of cells that others are drawn over."""
    written, shown = [], 0
    for cells, before, after, head in rows:
        properties = f'<w:gridBefore w:val="{before}"/><w:gridAfter w:val="{after}"/>' + "<w:tblHeader/>" * head
        inside = [f'<w:gridSpan w:val="{span}"/>{merge}' if span else merge for span, merge in cells]
        written.append(tr(*(tc("字", properties=one) for one in inside), properties=properties))
        shown += sum("<w:vMerge/>" not in one for one in inside)
    prose = _read(tbl(*written, grid=tuple(grid)))
    if not any(cells for cells, *_ in rows):
        assert prose.blocks == ()
        return
    table = _table(prose)
    assert table.height == sum(bool(cells) for cells, *_ in rows)
    assert all(width > 0 for width in table.widths)
    assert shown <= len(_texts(prose)) <= sum(len(cells) for cells, *_ in rows)


def test_tables_in_cells() -> None:
    inner = tbl(tr(tc("内甲"), tc("内乙")), grid=(1, 1))
    table = _table(_read(tbl(tr(tc("前", inner, p("后")), tc("外")), grid=(3, 1))))
    first, nested, last = table.cells[0].blocks
    assert (first, last) == (Paragraph((Run("前"),)), Paragraph((Run("后"),)))
    assert isinstance(nested, TableBlock)
    assert [_cell_text(cell) for cell in nested.cells] == ["内甲", "内乙"]


@pytest.mark.parametrize("depth", [20, 21, 60])
def test_tables_nested_too_deep_become_paragraphs(depth: int) -> None:
    body = p("底")
    for number in range(depth):
        body = tbl(tr(tc(p(f"层{depth - number}"), body)), grid=(1,))
    prose = _read(body)
    assert _texts(prose) == [*(f"层{number}" for number in range(1, depth + 1)), "底"]
    deepest, blocks = 0, prose.blocks
    while inner := [block for block in blocks if isinstance(block, TableBlock)]:
        deepest, blocks = deepest + 1, inner[0].cells[0].blocks
    assert deepest == min(depth, 20)
    more = depth - 20
    told = (f"有 {more} 个表格嵌套得太深，其中的文字已按段落写入。请核对。",)
    assert prose.remarks == (told if more else ())


def test_numbers_and_headings_go_on_inside_tables() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    one = p("项", properties=in_list(1))
    assert _texts(_read(one, tbl(tr(tc(one), tc(one)), tr(tc(one))), one, numbering=numbering)) == [
        f"{number}.项" for number in range(1, 6)
    ]


# Pictures and what else is drawn


def test_pictures_in_their_paragraph() -> None:
    one, two = png(), png(3, 4, 90)
    prose = _read(
        p("前", drawing(pic("p1"), described=' descr=" 现场照片 "'), "后"),
        p('<w:r><w:pict><v:shape style="width:72pt;height:1in"><v:imagedata r:id="p2"/></v:shape></w:pict></w:r>'),
        media={"p1": one, "p2": two},
    )
    assert prose == Prose(
        (
            Paragraph((Run("前"), Picture(one, "image/png", 914400, 457200, "现场照片"), Run("后"))),
            Paragraph((Picture(two, "image/png", 914400, 914400),)),
        )
    )


def test_group_of_pictures() -> None:
    """Each is as large as it is drawn: the group is shown at half its own size here."""
    ext = '<a:xfrm><a:ext cx="{}" cy="{}"/></a:xfrm>'
    group = (
        '<wpg:wgp><wpg:grpSpPr><a:xfrm><a:ext cx="500" cy="400"/><a:chExt cx="1000" cy="800"/></a:xfrm></wpg:grpSpPr>'
        f"{pic('p1', ext.format(600, 200))}{pic('p2', ext.format(400, 800))}</wpg:wgp>"
    )
    prose = _read(p(drawing(group)), media={"p1": png(), "p2": png(red=1)})
    assert [(picture.width, picture.height) for picture in _pictures(prose)] == [(300, 100), (200, 400)]
    assert prose.remarks == ()


EMF = b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(40)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (png(), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"GIF89a" + bytes(20), "image/gif"),
        (b"BM" + bytes(30), "image/bmp"),
        (b"II*\0" + bytes(20), "image/tiff"),
        (b"MM\0*" + bytes(20), "image/tiff"),
        (EMF, "image/x-emf"),
        (b"\xd7\xcd\xc6\x9a" + bytes(20), "image/x-wmf"),
        (b"\1\0\x09\0\0\x03" + bytes(20), "image/x-wmf"),
    ],
)
def test_kinds_of_pictures_are_known_by_their_content(content: bytes, media_type: str) -> None:
    (picture,) = _pictures(_read(p(drawing(pic("p1"))), media={"p1": content}))
    assert (picture.content, picture.media_type) == (content, media_type)


LOST_AGAIN = "后再生成一次。"


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (b"<svg/>", "有 1 张图片的格式读不了，没有带过来。请在 Word 中换成 JPG、PNG 等常用格式" + LOST_AGAIN),
        (b"", "有 1 张图片的格式读不了，没有带过来。请在 Word 中换成 JPG、PNG 等常用格式" + LOST_AGAIN),
        (png() + bytes(20 * 2**20), "有 1 张图片超过 20 MB，没有带过来。请在 Word 中压缩图片" + LOST_AGAIN),
    ],
)
def test_pictures_that_are_not_taken(content: bytes, remark: str) -> None:
    prose = _read(p("字", drawing(pic("p1"))), media={"p1": content})
    assert (_texts(prose), _pictures(prose), prose.remarks) == (["字"], [], (remark,))


def test_pictures_elsewhere_are_never_followed() -> None:
    kind = f"{SPACES['r']}/image"
    links = (
        f'<Relationship Id="e" Type="{kind}" Target="http://127.0.0.1:9/a.png" TargetMode="External"/>'
        f'<Relationship Id="f" Type="{kind}" Target="file:///etc/hostname" TargetMode="External"/>'
        f'<Relationship Id="g" Type="{kind}" Target="media/none.png"/>'
        f'<Relationship Id="h" Type="{kind}" Target="../../../etc/hostname"/>'
    )
    linked = pic("x").replace("r:embed", "r:link")
    prose = _read(p("字", *(drawing(pic(key)) for key in "efgh"), drawing(pic("i")), drawing(linked)), links=links)
    assert _pictures(prose) == []
    assert prose.remarks == (
        "有 3 张图片只是链接，没有存在文档里，没有带过来。请在 Word 中重新插入图片后再生成一次。",
        "有 3 张图片的内容不在文档里，没有带过来。请在 Word 中重新插入图片后再生成一次。",
    )


def test_styles_elsewhere_are_never_followed() -> None:
    link = '<Relationship Id="s" Type="{}/styles" Target="http://127.0.0.1:9/s.xml" TargetMode="External"/>'
    assert _texts(_read(p("字"), links=link.format(SPACES["r"]))) == ["字"]


def test_what_cannot_be_taken_is_told() -> None:
    preview = '<v:shape><v:imagedata r:id="p1"/></v:shape>'
    letter = "<m:r><m:t>{}</m:t></m:r>".format
    fraction = f"<m:f><m:num>{letter('a')}</m:num><m:den>{letter('b')}</m:den></m:f>"
    math = f"<m:oMath>{letter('S=')}{fraction}</m:oMath>"
    prose = _read(
        p("图表", drawing('<c:chart r:id="c"/>'), drawing('<c:chart r:id="d"/>')),
        p("图形", drawing('<dgm:relIds r:dm="d"/>'), drawing("<wps:wsp><wps:spPr/></wps:wsp>")),
        p("对象", f'<w:r><w:object>{preview}<o:OLEObject r:id="o"/></w:object></w:r>'),
        p("墨迹", '<w:r><w:contentPart r:id="i"/></w:r>'),
        p('<w:r><w:pict><v:rect o:hr="t"/></w:pict></w:r>'),
        p(math),
        '<w:altChunk r:id="a"/>',
        media={"p1": png()},
        links='<Relationship Id="m" Type="http://schemas.microsoft.com/office/2006/vbaProject" Target="v.bin"/>',
    )
    assert _texts(prose) == ["图表", "图形", "对象", "墨迹", "S=a/b"]
    assert _pictures(prose) == []
    assert prose.remarks == (
        "有 2 个图表没有带过来。请在 Word 中把图表换成图片（复制后选择性粘贴为图片）后再生成一次。",
        "有 1 个智能图形没有带过来。请在 Word 中把它换成图片（复制后选择性粘贴为图片）后再生成一次。",
        "有 1 个绘制的图形（线条、箭头、流程图等）没有带过来。需要保留的，请在 Word 中换成图片。",
        "有 1 处手写墨迹没有带过来。需要保留的，请在 Word 中换成图片。",
        "有 1 个嵌入的对象（如表格文件、公式）没有带过来。请在 Word 中换成文字、表格或图片后再生成一次。",
        "有 1 处公式只带过来了其中的文字。请核对；要保留原样的，请在 Word 中换成图片。",
        "有 1 处从其他文件插入的内容没有读到。请用 Word 打开文档、另存一次后再生成一次。",
        "文档中的宏没有运行，也没有带过来，不影响文字。请不要启用。",
    )


def test_one_of_two_alternatives() -> None:
    """The new way if we can take it, the old one if not, never both."""

    def either(new: str, old: str) -> str:
        return (
            f'<w:r><mc:AlternateContent><mc:Choice Requires="x">{new}</mc:Choice>'
            f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
        )

    shown = drawing(pic("p1"))[5:-6]
    old = '<w:pict><v:shape><v:imagedata r:id="p2"/></v:shape></w:pict>'
    ink = '<w:contentPart r:id="i"/>'
    prose = _read(
        p(either(shown, old)),
        p(either(ink, old)),
        p(either(ink, "<w:t>空</w:t>")),
        p(either(ink, "")),
        media={"p1": png(), "p2": png(red=9)},
    )
    assert [picture.content for picture in _pictures(prose)] == [png(), png(red=9)]
    assert _texts(prose)[2:] == ["空"]
    assert prose.remarks == ("有 1 处手写墨迹没有带过来。需要保留的，请在 Word 中换成图片。",)


def test_text_boxes_follow_their_paragraph() -> None:
    prose = _read(
        p("甲", text_box(p("框一"), tbl(tr(tc("格")))), "乙"),
        p(text_box(p("框二", drawing(pic("p1"))))),
        p(text_box(p())),
        p("丙"),
        media={"p1": png()},
    )
    assert _texts(prose) == ["甲乙", "框一", "格", "框二", "丙"]
    assert len(_pictures(prose)) == 1
    assert prose.remarks == (
        "有 2 个文本框，其中的文字放在了所在段落的后面。请核对位置。",
        "有 1 个绘制的图形（线条、箭头、流程图等）没有带过来。需要保留的，请在 Word 中换成图片。",
    )


# What reviewers left behind


def _revised(count: int) -> str:
    return f"有 {count} 处修订还没有定稿：插入的文字已算在内，删去的没有。请在 Word 中接受或拒绝修订后再生成一次。"


def test_tracked_changes() -> None:
    deleted = "<w:del><w:r><w:delText>删</w:delText></w:r><w:r><w:t>删</w:t></w:r></w:del>"
    prose = _read(
        p("甲", f"<w:ins>{r('增')}</w:ins>", deleted, "乙"),
        p(f"<w:moveFrom>{r('移')}</w:moveFrom>", "丙", f"<w:moveTo>{r('移')}</w:moveTo>"),
        f"<w:ins>{p('块')}</w:ins><w:del>{p('没')}</w:del>",
        p(r("格式", "<w:rPrChange><w:rPr><w:b/></w:rPr></w:rPrChange>")),
    )
    assert prose == Prose(tuple(Paragraph((Run(text),)) for text in ("甲增乙", "丙移", "块", "格式")), (_revised(5),))


def test_inserted_paragraph_is_one_change() -> None:
    mark = "<w:rPr><w:ins/></w:rPr>"
    prose = _read(p(f"<w:ins>{r('增')}</w:ins>", properties=mark), p("原有", properties=mark))
    assert (_texts(prose), prose.remarks) == (["增", "原有"], (_revised(2),))


def test_paragraph_whose_end_was_taken_out() -> None:
    """It becomes part of the next one, which says what they are; of a list only the one that is left takes a number."""
    gone = "<w:rPr><w:del/></w:rPr>"
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    numbered = in_list(1)
    prose = _read(
        p("甲", properties=numbered + gone),
        p("乙", properties=numbered),
        p("丙", properties=numbered),
        p(f"<w:moveFrom>{r('移')}</w:moveFrom>", properties=numbered + "<w:rPr><w:moveFrom/></w:rPr>"),
        p("丁", properties='<w:outlineLvl w:val="0"/>'),
        p("戊", properties=gone),
        tbl(tr(tc("己"))),
        p(properties=numbered + gone),
        numbering=numbering,
    )
    assert _texts(prose) == ["1.甲乙", "2.丙", "丁", "戊", "己"]
    assert [block.level for block in prose.blocks if isinstance(block, Paragraph)] == [0, 0, 1, 0]
    assert prose.remarks == (_revised(3),)


def test_rows_taken_out() -> None:
    gone = f"<w:del>{r('删')}</w:del>"
    prose = _read(tbl(tr(tc("甲")), tr(tc(p(gone)), properties="<w:trPr/>"), tr(tc("乙"), properties="<w:del/>")))
    assert [text for *_, text in _spans(_table(prose))] == ["甲", ""]
    assert prose.remarks == (_revised(2),)


def test_comments_and_notes() -> None:
    long = "一二三四五六七八九十" * 4
    comments = (
        f'<w:comment w:id="0" w:author="张三">{p("请核对")}{p("本段数字")}</w:comment>'
        f'<w:comment w:id="1" w:author="李四">{p("其他")}</w:comment>'
    )
    footnotes = (
        f'<w:footnote w:id="-1" w:type="separator">{p()}</w:footnote><w:footnote w:id="2">{p(long)}</w:footnote>'
    )
    prose = _read(
        p("甲", '<w:commentRangeStart w:id="0"/>', "乙", '<w:r><w:commentReference w:id="0"/></w:r>'),
        p("丙", '<w:r><w:footnoteReference w:id="2"/></w:r>', '<w:r><w:endnoteReference w:id="9"/></w:r>'),
        comments=comments,
        footnotes=footnotes,
    )
    assert _texts(prose) == ["甲乙", "丙"]
    assert prose.remarks == (
        "有 2 条批注没有写入报告，第一条是“请核对 本段数字”（张三）。",
        f"有 1 条脚注没有写入报告，第一条是“{long[:30]}……”。需要保留的，请写进正文。",
        "有 1 条尾注没有写入报告。需要保留的，请写进正文。",
    )


def test_comment_without_words_or_name() -> None:
    prose = _read(p("甲"), comments=f'<w:comment w:id="0">{p()}</w:comment>')
    assert prose.remarks == ("有 1 条批注没有写入报告。",)


def test_hidden_text() -> None:
    hidden = "<w:vanish/>"
    styles = style("V", "隐藏", "<w:rPr><w:vanish/></w:rPr>", "character")
    prose = _read(
        p("甲", r("藏", hidden), r("住", hidden), "乙", r("又藏", '<w:rStyle w:val="V"/>')),
        p(r("不藏", '<w:rStyle w:val="V"/><w:vanish w:val="0"/>')),
        p(r("", hidden)),
        styles=styles,
    )
    assert _texts(prose) == ["甲乙", "不藏"]
    assert prose.remarks == ("有 2 处隐藏文字没有写入报告。需要写入的，请在 Word 中取消隐藏后再生成一次。",)


# Files of other programs


def test_file_of_python_docx(tmp_path: Path) -> None:
    """Headings with Chinese numbers by their styles, as documents of offices have them."""
    document = Document()
    number_headings(document)
    document.add_heading("年度报告", 0)
    for depth, text in ((1, "总体情况"), (2, "主动公开"), (3, "平台"), (2, "依申请公开"), (1, "问题"), (2, "不足")):
        document.add_heading(text, depth)
    document.add_paragraph("正文").add_run("加粗").bold = True
    image = tmp_path / "foreign" / "a.png"
    image.parent.mkdir()
    image.write_bytes(png())
    document.add_picture(str(image), width=Cm(3))
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "合并"
    out = BytesIO()
    document.save(out)
    prose = read_word(out.getvalue())
    assert [(block.text, block.level) for block in prose.blocks if isinstance(block, Paragraph)] == [
        ("年度报告", 0),
        ("一、总体情况", 1),
        ("（一）主动公开", 2),
        ("1.平台", 3),
        ("（二）依申请公开", 2),
        ("二、问题", 1),
        ("（一）不足", 2),
        ("正文加粗", 0),
        ("", 0),
    ]
    assert [(picture.width, picture.height) for picture in _pictures(prose)] == [(Cm(3), Cm(3))]
    assert _spans(_table(prose)) == [(0, 0, 2, 1, "合并"), (0, 1, 1, 1, ""), (1, 1, 1, 1, "")]
    assert prose.remarks == ()


FODT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles>
 <style:style style:name="T1" style:family="text">
  <style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>
 <style:style style:name="T2" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
 <text:list-style style:name="L1">
  <text:list-level-style-number text:level="1" style:num-suffix="、" style:num-format="一, 二, 三, ..."/>
  <text:list-level-style-number text:level="2" style:num-prefix="（" style:num-suffix="）"
   style:num-format="一, 二, 三, ..."/>
  <text:list-level-style-number text:level="3" style:num-suffix="." style:num-format="1"/>
 </text:list-style>
</office:automatic-styles>
<office:body><office:text>
<text:h text:outline-level="1">总标题</text:h>
<text:h text:outline-level="2">小标题</text:h>
<text:p>正文<text:span text:style-name="T1">加粗</text:span>m<text:span
  text:style-name="T2">2</text:span>&lt;末&gt;</text:p>
<text:list text:style-name="L1">
 <text:list-item><text:p>甲</text:p>
  <text:list><text:list-item><text:p>甲一</text:p></text:list-item><text:list-item><text:p>甲二</text:p>
   <text:list><text:list-item><text:p>细目</text:p></text:list-item></text:list></text:list-item></text:list>
 </text:list-item>
 <text:list-item><text:p>乙</text:p></text:list-item>
</text:list>
<table:table table:name="t"><table:table-column table:number-columns-repeated="3"/>
 <table:table-header-rows><table:table-row>
  <table:table-cell table:number-columns-spanned="2"><text:p>宽</text:p></table:table-cell>
  <table:covered-table-cell/><table:table-cell table:number-rows-spanned="2"><text:p>高</text:p></table:table-cell>
 </table:table-row></table:table-header-rows>
 <table:table-row><table:table-cell><text:p>左</text:p></table:table-cell>
  <table:table-cell><text:p>中</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
</table:table>
</office:text></office:body></office:document>
"""


@pytest.mark.libreoffice
def test_file_of_libreoffice(tmp_path: Path) -> None:
    source = tmp_path / "foreign" / "text.fodt"
    source.parent.mkdir()
    source.write_text(FODT, encoding="utf-8")
    prose = read_word(as_word(source, source.parent / "word").read_bytes())
    paragraphs = [block for block in prose.blocks if isinstance(block, Paragraph)]
    assert [(block.text, block.level) for block in paragraphs] == [
        ("总标题", 1),
        ("小标题", 2),
        ("正文加粗m2<末>", 0),
        ("一、甲", 0),
        ("（一）甲一", 0),
        ("（二）甲二", 0),
        ("1.细目", 0),
        ("二、乙", 0),
    ]
    assert paragraphs[2].pieces == (
        Run("正文"),
        Run("加粗", bold=True),
        Run("m"),
        Run("2", raised="superscript"),
        Run("<末>"),
    )
    table = _table(prose)
    assert _spans(table) == [
        (0, 0, 1, 2, "宽"),
        (0, 2, 2, 1, "高"),
        (1, 0, 1, 1, "左"),
        (1, 1, 1, 1, "中"),
    ]
    assert table.head == 1
    assert prose.remarks == ()


def _whole() -> dict[str, object]:
    """A document that has something of everything."""
    return {
        "body": p("总", style="One")
        + p("甲", r("粗", "<w:b/>"), f"<w:ins>{r('增')}</w:ins>", properties=in_list(1))
        + p(
            drawing(pic("p1"), described=' descr="图"'), text_box(p("框")), '<w:r><w:footnoteReference w:id="2"/></w:r>'
        )
        + p(_field("PAGE", r("3")), properties="<w:rPr><w:del/></w:rPr>")
        + tbl(
            tr(tc("乙", properties='<w:vMerge w:val="restart"/>'), tc("丙", properties='<w:gridSpan w:val="2"/>')),
            tr(tc(properties="<w:vMerge/>"), tc("丁"), tc(tbl(tr(tc("戊"))), p())),
            grid=(1, 2, 3),
        ),
        "styles": style("One", "heading 1", "<w:rPr><w:b/></w:rPr>"),
        "numbering": family(0, lvl(0, "chineseCounting", "%1、")) + num(1, 0),
        "comments": f'<w:comment w:id="0" w:author="张三">{p("看")}</w:comment>',
        "footnotes": f'<w:footnote w:id="2">{p("注")}</w:footnote>',
        "media": {"p1": png()},
    }


def test_strict_dialect_reads_the_same() -> None:
    assert read_word(docx(**_whole(), spaces=STRICT)) == read_word(docx(**_whole()))
    strict = _read(
        '<w:tbl><w:tblGrid><w:gridCol w:w="72pt"/><w:gridCol w:w="1in"/></w:tblGrid>'
        + tr(tc("甲"), tc("乙"))
        + "</w:tbl>",
        spaces=STRICT,
    )
    assert _table(strict).widths == (1440.0, 1440.0)


@pytest.mark.parametrize(
    "main_type",
    [
        MAIN,
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ],
)
def test_kinds_of_word_documents(main_type: str) -> None:
    assert _texts(_read(p("字"), main_type=main_type)) == ["字"]


# Files that are none, or are damaged


OTHERS = {
    b"": "是空文件（0 字节）",
    b"%PDF-1.7": "是 PDF 文件",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600): "是旧格式（.doc、.wps）或加密的文档",
    b"{\\rtf1": "是 RTF 文件",
    b"\xef\xbb\xbf<html>": "是网页或 XML 文件",
    "一、总体情况".encode(): "不是 Word 文档",
    b"PK\3\4 nothing": "不是完整的 Word 文档",
    packed({"a.txt": b"a"}): "不是完整的 Word 文档",
    packed({"mimetype": b"application/vnd.oasis.opendocument.text"}): "是 OpenDocument 文件",
}


@pytest.mark.parametrize("content", OTHERS, ids=OTHERS.values())
def test_other_files(content: bytes) -> None:
    with pytest.raises(Unreadable) as error:
        read_word(content)
    assert error.value.message.startswith(OTHERS[content])
    assert "请" in error.value.message


def test_workbook_is_called_so() -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with pytest.raises(Unreadable, match="Excel 工作簿"):
        _read(replaced={"word/document.xml": f'<workbook xmlns="{space}"/>'.encode()})


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("[Content_Types].xml", None),
        *(
            (part, instead)
            for part in ("_rels/.rels", "word/document.xml", "word/styles.xml", "word/numbering.xml")
            for instead in (None, b"", b"<w:document", b"\xff\xfe\0")
        ),
    ],
)
def test_missing_and_broken_parts(part: str, instead: bytes | None) -> None:
    with pytest.raises(Unreadable, match="不是完整的 Word 文档"):
        read_word(docx(**_whole(), replaced={part: instead}))


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels"])
def test_document_types_are_refused(part: str, code: str) -> None:
    entities = '<!ENTITY a0 "x">' + "".join(f'<!ENTITY a{n + 1} "&a{n};&a{n};&a{n};&a{n};">' for n in range(9))
    hostile = f'<!DOCTYPE w:document [{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]><d>&a9;&f;</d>'
    with pytest.raises(Unreadable, match="带有实体定义") as error:
        read_word(docx(**_whole(), replaced={part: hostile.encode(code)}))
    assert error.value.cause == "unsafe"


def test_paragraph_of_very_many_runs_takes_no_longer() -> None:
    """Adding text to text again and again would take minutes here."""
    assert len(_texts(_read(p(*[r("长" * 300)] * 20_000)))[0]) == 6_000_000


def test_text_in_other_codes() -> None:
    root = f'<w:document xmlns:w="{SPACES["w"]}"><w:body>{p("中文𠀀")}</w:body></w:document>'
    declared = '<?xml version="1.0" encoding="UTF-16"?>' + root
    assert _texts(_read(replaced={"word/document.xml": declared.encode("utf-16")})) == ["中文𠀀"]


def test_files_that_unpack_to_too_much() -> None:
    bomb = docx(p("字"), media={"big": bytes(201 * 2**20)})
    assert len(bomb) < 2**20
    with pytest.raises(Unreadable, match="解压后有 201 MB"):
        read_word(bomb)
    many = docx(p("字"), replaced={f"word/{number}": b"" for number in range(STANDARD_LIMITS.members)})
    with pytest.raises(Unreadable, match="里面的文件超过 5000 个"):
        read_word(many)


def test_truncated_files() -> None:
    content = docx(**_whole())
    for length in range(0, len(content), max(1, len(content) // 60)):
        with pytest.raises(Unreadable):
            read_word(content[:length])


def _foreseen(content: bytes) -> None:
    """Either it is read, or someone foresaw what is wrong with it."""
    try:
        prose = read_word(content)
    except Unreadable as error:
        if error.message.startswith(UNFORESEEN):
            raise
        return
    for block in prose.blocks:
        if isinstance(block, TableBlock):
            assert_full(block)


def test_changed_bytes() -> None:
    content, chance = docx(**_whole()), random.Random(1)
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(chance.choice((1, 3, 20))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        _foreseen(bytes(changed))


def test_changed_parts() -> None:
    """What is inside of an undamaged zip may be any nonsense."""
    with zipfile.ZipFile(BytesIO(docx(**_whole()))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(2)
    for _ in range(1500):
        name = chance.choice(list(parts))
        words = parts[name].split(b"<")
        for _ in range(chance.choice((1, 1, 2, 5))):
            one, other = chance.randrange(len(words)), chance.randrange(len(words))
            way = chance.randrange(4)
            if way == 0:
                words[one], words[other] = words[other], words[one]
            elif way == 1:
                words[one] = words[one].replace(b'"1"', chance.choice((b'"-1"', b'"x"', b'""', b'"99999999999"')))
            elif way == 2:
                del words[one]
                words = words or [b""]
            else:
                # An element of another name, so that the whole stays well-formed.
                tag = words[one].split(b" ")[0].strip(b"/>")
                new = chance.choice((b"w:p", b"w:r", b"w:tc", b"w:tbl", b"w:sdt", b"w:ins", b"w:drawing"))
                if tag.startswith(b"w:"):
                    words = [
                        word.replace(tag, new, 1)
                        if word.strip(b"/").startswith((tag + b" ", tag + b">", tag + b"/"))
                        else word
                        for word in words
                    ]
        _foreseen(packed({**parts, name: b"<".join(words)}))


def test_elements_in_any_order() -> None:
    """Whatever elements stand inside each other, they are read or refused."""
    names = [
        *("p", "r", "t", "tbl", "tr", "tc", "sdt", "sdtContent", "ins", "del", "drawing", "pict", "object", "ruby"),
        *("rubyBase", "fldChar", "sym", "br", "pPr", "rPr", "numPr", "txbxContent", "hyperlink", "tblGrid", "tcPr"),
    ]
    chance = random.Random(3)

    def element(depth: int) -> str:
        tag = chance.choice(names)
        inside = "".join(element(depth - 1) for _ in range(chance.randrange(4))) if depth else escape("字")
        return f'<w:{tag} w:val="{chance.choice(("1", "x"))}">{inside}</w:{tag}>'

    for _ in range(400):
        _foreseen(docx("".join(element(5) for _ in range(5))))


@pytest.mark.parametrize(
    "inside",
    [
        "<w:customXml>|</w:customXml>",
        "<w:tbl><w:tr><w:tc>|</w:tc></w:tr></w:tbl>",
        "<w:p><w:r><w:pict><w:txbxContent>|</w:txbxContent></w:pict></w:r></w:p>",
    ],
)
def test_endless_nesting(inside: str) -> None:
    """What the parser lets through is read to its bottom."""
    for depth in (58, 300, 20_000):
        before, after = inside.split("|")
        content = docx(before * depth + p("字") + after * depth)
        if depth == 58:
            assert _texts(read_word(content)) == ["字"]
        else:
            with pytest.raises(Unreadable, match="不是完整的 Word 文档"):
                read_word(content)


def test_what_reaches_outside_is_told_and_left_there() -> None:
    field = "".join(
        f"<w:r>{inside}</w:r>"
        for inside in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText>DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"</w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>见附件</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    simple = f'<w:fldSimple w:instr="DDE cmd">{r("等")}</w:fldSimple>'
    kind = f"{SPACES['r']}/attachedTemplate"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="http://10.0.0.9/x.dotm" TargetMode="External"/>'
    rels = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{link}</Relationships>'
    prose = _read(p(r("正文"), field, simple), replaced={"word/_rels/settings.xml.rels": rels.encode()})
    assert _texts(prose) == ["正文见附件等"]
    assert [remark.partition("（")[0] for remark in prose.remarks] == [
        "有 2 处调用其他程序的域",
        "有 1 处引用外部的文件或网址",
    ]


def _mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _code(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (_mark("begin") + _code('QUOTE "DDEAUTO"') + _mark("end") + _code(" c:\\cmd.exe"), "调用其他程序的域"),
        (_code('INCLUDETEXT "\\\\10.0.0.9\\x.docx"'), "引用外部的文件或网址"),
    ],
)
def test_fields_whose_name_another_tells_and_that_fetch(code: str, words: str) -> None:
    prose = _read(p(_mark("begin"), code, _mark("separate"), r("字"), _mark("end")))
    assert _texts(prose) == ["字"]
    assert [words in remark for remark in prose.remarks] == [True]


def test_a_program_in_a_header_is_told() -> None:
    header = f'<w:hdr xmlns:w="{SPACES["w"]}"><w:p>{_code(" DDEAUTO c:/cmd.exe ")}</w:p></w:hdr>'
    prose = _read(p(r("字")), replaced={"word/header1.xml": header.encode()})
    assert ["调用其他程序的域" in remark for remark in prose.remarks] == [True]
