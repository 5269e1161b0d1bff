"""The texts of Word documents and their looks, as Word shows them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from word_files import (
    drawing,
    family,
    in_list,
    lvl,
    num,
    p,
    pic,
    png,
    r,
    style,
    tbl,
    tc,
    tr,
)
from word_read import field_code, lines_of, only_table, read_body, spans_of

from toolkit.documents.blocks import Paragraph, Prose, Run, all_paragraphs

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
    assert read_body(p("。", body) if body else p("。")) == Prose((Paragraph(tuple(merged)),))


def test_what_word_has_its_own_marks_for() -> None:
    body = (
        "<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:noBreakHyphen/><w:t>丙</w:t><w:softHyphen/><w:t>丁</w:t></w:r>"
        '<w:r><w:br w:type="page"/><w:lastRenderedPageBreak/><w:t>戊</w:t><w:br w:type="column"/></w:r>'
        '<w:r><w:sym w:font="宋体" w:char="2460"/><w:sym w:font="Arial" w:char="F041"/></w:r>'
    )
    assert read_body(p(body)) == Prose((Paragraph((Run("甲\t乙\u2011丙丁戊①A"),)),))


def test_symbol_font_is_told() -> None:
    symbols = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:sym w:font="Symbol" w:char="F0B7"/><w:sym/></w:r>'
    assert read_body(p("甲", symbols)) == Prose(
        (Paragraph((Run("甲"),)),), ("有 3 个用符号字体写的符号没有带过来。请在 Word 中改用普通字符后再生成一次。",)
    )


def test_line_breaks_begin_paragraphs_and_blank_ones_go() -> None:
    lines = '<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:br w:type="textWrapping"/><w:br/><w:t>丙</w:t><w:cr/></w:r>'
    assert lines_of(read_body(p(lines), p(), p("　 \t"), p("丁"))) == ["甲", "乙", "丙", "丁"]


def test_number_stands_only_before_the_first_line() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    body = p("<w:r><w:br/><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>", properties=in_list(1))
    assert lines_of(read_body(body, numbering=numbering)) == ["1.甲", "乙"]


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
    prose = read_body(p(r("字", look), style=paragraph_style), styles=BOLD_STYLES)
    assert prose.blocks == (Paragraph((Run("字", bold),)),)


def test_raised_text() -> None:
    up, down, base = (f'<w:vertAlign w:val="{way}"/>' for way in ("superscript", "subscript", "baseline"))
    of_style = '<w:rStyle w:val="U"/>'
    prose = read_body(
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
    assert read_body(p("标题", style="a7", properties=own), styles=styles).blocks == (Paragraph((Run("标题"),), level),)


def test_standard_style_is_that_of_paragraphs_without_one() -> None:
    standard = '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:rPr><w:b/></w:rPr></w:style>'
    assert read_body(p("字"), "<w:p><w:r><w:t>字</w:t></w:r></w:p>", styles=standard).blocks == (
        Paragraph((Run("字", True),)),
        Paragraph((Run("字", True),)),
    )


def test_everything_is_bold_by_default() -> None:
    """Then a style that is bold as well does not make it plain."""
    defaults = "<w:docDefaults><w:rPrDefault><w:rPr><w:b/></w:rPr></w:rPrDefault></w:docDefaults>"
    prose = read_body(p("字"), p("字", style="P"), p(r("字", '<w:b w:val="0"/>')), styles=defaults + BOLD_STYLES)
    assert [piece.bold for paragraph in all_paragraphs(prose.blocks) for piece in paragraph.pieces] == [
        True,
        True,
        False,
    ]


def test_picture_alone_is_no_heading() -> None:
    prose = read_body(p(drawing(pic("p1")), style="H"), styles=style("H", "heading 1"), media={"p1": png()})
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
    assert read_body(body) == Prose(tuple(Paragraph((Run(text),)) for text in ("链接标记控件7数据注", "块", "里")))


def test_prompt_in_a_cell_goes_and_the_cell_stays() -> None:
    prompt = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    table = only_table(read_body(tbl(tr(tc("甲"), prompt.format(tc("请填写")), tc("乙")))))
    assert [text for *_, text in spans_of(table)] == ["甲", "", "乙"]


def test_fields_show_their_results() -> None:
    inner = field_code("REF b", r("内"))
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>'
    nested = begin + inner + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("外")
    body = p("共", field_code(" PAGE ", r("12")), "页", nested + '<w:r><w:fldChar w:fldCharType="end"/></w:r>', "。")
    assert read_body(body) == Prose((Paragraph((Run("共12页外。"),)),))


def test_what_a_field_is_reckoned_from_is_not_shown() -> None:
    math = "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>"
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    assert read_body(p("甲", begin, math, "乙", drawing(pic("p1")), end)) == Prose((Paragraph((Run("甲"),)),))


def test_field_that_never_ends_hides_nothing() -> None:
    open_ = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
    middle, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("separate", "end"))
    for field in (open_, open_ + middle, f"{open_}{middle}<w:del>{end}</w:del>", end, middle):
        assert lines_of(read_body(p(field, "甲"), p("乙"))) == ["甲", "乙"]


def test_composed_characters_are_told() -> None:
    code = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>eq \\o\\ac(○,1)</w:instrText></w:r>'
    prose = read_body(p("甲", code + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'))
    assert lines_of(prose) == ["甲"]
    assert prose.remarks == ("有 1 处带圈字符或叠加字符没有带过来。请在 Word 中改用现成的字符（如①）后再生成一次。",)


def _contents_bodies() -> dict[str, str]:
    begin, end = field_code(r' TOC \o "1-3" ', "|").split("|")
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
    prose = read_body(p("前"), body, p("后"), styles=styles)
    assert lines_of(prose) == ["前", "后"]
    assert prose.remarks == ("文档中的目录没有写入报告。",)
