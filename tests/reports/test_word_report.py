"""The Word report has the look and the inner order of an official document, whatever its texts hold."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from hypothesis import given
from hypothesis import strategies as st
from kit import docx_grids, report, submission_of, write
from validator import assert_valid
from word_files import png

from toolkit.characters import without_forbidden
from toolkit.documents.blocks import Paragraph, Picture, Run, TableBlock, TableCell, paragraph
from toolkit.documents.sections import SectionTexts
from toolkit.problems import Problem
from toolkit.reports.base_document import STYLES, base_of, own_base
from toolkit.reports.content import Report, report_of
from toolkit.reports.word_report import word_report
from toolkit.submission.model import Submission

FONTS = {
    "Title": "方正小标宋简体",
    "Heading1": "黑体",
    "Heading2": "楷体",
    "Heading3": "仿宋",
    "Heading4": "仿宋",
    "BodyText": "仿宋",
    "Signature": "仿宋",
}


def opened(content: bytes) -> WordDocument:
    return Document(BytesIO(content))


def set_of(submission: Submission, written: SectionTexts | None = None) -> WordDocument:
    return opened(word_report(report_of(submission, written)))


def test_page_styles_and_properties() -> None:
    document = set_of(report("suqian-2024"))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    for style_id, font in FONTS.items():
        style = next(style for style in document.styles if style.style_id == style_id)
        fonts = style.element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == font
        assert not any("Theme" in name for name in fonts.attrib)
    body = document.styles["Body Text"]
    assert (body.font.size, body.paragraph_format.line_spacing) == (Pt(16), Pt(28))
    assert body.element.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert document.styles["Title"].font.size == Pt(22)
    levels = [
        document.styles[f"Heading {n}"].element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) for n in range(1, 5)
    ]
    assert levels == ["0", "1", "2", "3"]
    language = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert language.get(qn("w:eastAsia")) == "zh-CN"
    assert language.get(qn("w:val")) == "en-US", "Chinese rules would break numbers at the end of a line"
    properties = document.core_properties
    assert properties.title.endswith("2024年政府信息公开工作年度报告")
    assert (properties.author, properties.language) == (report("suqian-2024").agency, "zh-CN")


def test_every_font_has_a_fallback() -> None:
    (part,) = (part for part in own_base().new_document().part.package.iter_parts() if "fontTable" in part.partname)
    for font in FONTS.values():
        assert f'w:name="{font}"><w:altName' in part.blob.decode()


def test_page_numbers_stand_right_on_odd_pages_and_left_on_even_ones() -> None:
    document = set_of(report("suqian-2024"))
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((document.sections[0].footer, "right"), (document.sections[0].even_page_footer, "left")):
        (line,) = footer.paragraphs
        assert line._p.pPr.jc.get(qn("w:val")) == side
        assert line.text == "— 1 —"
        assert " PAGE " in "".join(line._p.itertext())


def test_tables_repeat_their_heads_do_not_break_rows_and_fit_the_page(report_path: Path) -> None:
    document = set_of(submission_of(report_path))
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    for table in document.tables:
        widths = [int(column.get(qn("w:w"))) * 635 for column in table._tbl.tblGrid.gridCol_lst]
        assert sum(widths) <= room + 635
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        for row in table._tbl.tr_lst:
            assert sum(int(cell.tcPr.tcW.get(qn("w:w"))) * 635 for cell in row.tc_lst) <= room + 635
    heads = [sum(row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows) for table in document.tables]
    assert heads == [0, 3, 3], "表二 is several tables under each other, whose heads change"


def test_no_empty_paragraph_is_used_as_space(report_path: Path) -> None:
    document = set_of(submission_of(report_path))
    assert all(one.text for one in document.paragraphs)


def test_a_figure_that_has_no_room_is_set_smaller_and_never_broken() -> None:
    submission = report("suqian-2024")
    submission = replace(submission, values={**submission.values, "requests.granted.natural": 12345678901})
    document = opened(word_report(report_of(submission)))
    runs = {node.text: node.getparent() for node in document.element.body.iter(qn("w:t"))}
    assert int(runs["12345678901"].rPr.find(qn("w:sz")).get(qn("w:val"))) < 18
    assert runs["3440"].rPr.find(qn("w:sz")).get(qn("w:val")) == "18"


def test_sub_headings_are_real_and_lead_ins_have_their_look() -> None:
    written = SectionTexts(texts={"一": tuple(_leveled("（一）主动公开", "甲。", "1.网站", "（二）解读。一是图解。"))})
    document = set_of(report("suqian-2024"), written)
    lines = [
        one for one in document.paragraphs if one.text in ("（一）主动公开", "甲。", "1.网站", "（二）解读。一是图解。")
    ]
    assert [one.style.name for one in lines] == ["Heading 2", "Body Text", "Heading 3", "Body Text"]
    assert [(run.text, run.style.name) for run in lines[3].runs] == [
        ("（二）解读。", "Report Lead-in 2"),
        ("一是图解。", "Default Paragraph Font"),
    ]


def _leveled(*texts: str) -> Iterator[Paragraph]:
    from toolkit.documents.headings import leveled

    return (leveled(paragraph(text)) for text in texts)


def test_preface_and_signature_are_there_when_they_are_filled_in() -> None:
    submission = report("suqian-2024")
    assert set_of(submission).paragraphs[1].text == "一、总体情况"
    info = {
        "state_basis": "是",
        "state_period": "否",
        "website": "www.suqian.gov.cn",
        "public_contact": "电话 0527-84368000",
        "signed": "2025年1月20日",
    }
    lines = [one.text for one in set_of(replace(submission, info=info)).paragraphs]
    assert lines[1:5] == [
        "本报告根据《中华人民共和国政府信息公开条例》第四十九条、第五十条，按照国办公开办函〔2021〕30号规定的格式编制。",
        "本报告的电子版可在www.suqian.gov.cn查阅、下载。",
        f"如对本报告有疑问，请与{submission.agency}联系（电话 0527-84368000）。",
        "一、总体情况",
    ]
    assert lines[-2:] == [submission.agency, "2025年1月20日"]
    old = replace(report("wenxian-jyj-2020"), info={"state_basis": "是", "state_period": "是"})
    lines = [one.text for one in set_of(old).paragraphs]
    assert "国办公开办函〔2019〕60号" in lines[1]
    assert lines[2] == "本报告所列数据的统计期限为2020年1月1日至2020年12月31日。"
    written = SectionTexts(preface=(paragraph("自己写的开头。"),), signature=("某局", "二〇二五年一月"))
    lines = [one.text for one in set_of(replace(submission, info=info), written).paragraphs]
    assert lines[1:3] == ["自己写的开头。", "一、总体情况"]
    assert lines[-2:] == ["某局", "二〇二五年一月"]


PICTURE = Picture(png(3, 2), "image/png", 3_000_000, 1_500_000, '一张“图”<&>"')
INNER = TableBlock(1, 1, (TableCell(0, 0, 1, 1, (paragraph("里面"),)),), (1.0,))
TABLE = TableBlock(
    2,
    3,
    (
        TableCell(0, 0, 2, 1, (paragraph("合并"),)),
        TableCell(0, 1, 1, 2, (Paragraph((Run("粗", bold=True), Run("2", raised="superscript"), PICTURE)),)),
        TableCell(1, 1, 1, 1, (paragraph("甲"), INNER)),
        TableCell(1, 2, 1, 1, ()),
    ),
    (2.0, 1.0, 1.0),
    head=1,
)


@pytest.mark.validator
def test_pictures_and_tables_in_the_texts(tmp_path: Path) -> None:
    huge = Picture(png(2, 2), "image/png", 90_000_000, 900_000_000)
    texts = (
        paragraph("前"),
        Paragraph((PICTURE,)),
        Paragraph((Run("字"), PICTURE, huge)),
        TABLE,
        TABLE,
        paragraph("后"),
    )
    path = write(tmp_path / "r.docx", word_report(report_of(report("suqian-2024"), SectionTexts(texts={"五": texts}))))
    assert_valid(path)
    document = Document(str(path))
    images = [part for part in document.part.package.iter_parts() if part.partname.startswith("/word/media/")]
    assert sorted(part.blob for part in images) == sorted([png(3, 2), png(2, 2)]), "the same picture is kept once"
    section = document.sections[0]
    for shape in document.inline_shapes:
        assert shape.width <= section.page_width - section.left_margin - section.right_margin
        assert shape.height <= section.page_height - section.top_margin - section.bottom_margin
    assert {one.get("descr") for one in document.element.body.iter(qn("wp:docPr"))} == {'一张“图”<&>"', ""}
    numbers = [one.get("id") for one in document.element.body.iter(qn("wp:docPr"))]
    assert len(set(numbers)) == len(numbers) == 5
    grids = docx_grids(path)
    assert grids[3] == grids[4] == [["合并", "粗2"], ["", "甲里面", ""]]
    assert len(document.element.body.findall(qn("w:tbl"))) == 5, "two tables do not grow together"


XML_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=200)


@given(st.lists(XML_TEXT.filter(str.strip), min_size=1, max_size=4), st.sampled_from("一五六"))
def test_any_text_in_any_section_survives(texts: list[str], section: str) -> None:
    """What XML allows stands in the document as it was; the rest is left out and told."""
    submission = replace(report("suqian-2024"), texts={section: tuple(texts)})
    made = report_of(submission)
    document = opened(word_report(made))
    lines = [one.text for one in document.paragraphs]
    title = submission.form.section(section).title
    start = lines.index(title, lines.index(title)) + 1
    assert lines[start : start + len(texts)] == [without_forbidden(text) for text in texts]
    assert bool(made.remarks) == any(without_forbidden(text) != text for text in texts)


def test_control_characters_are_told() -> None:
    submission = replace(report("suqian-2024"), texts={"六": ("无\x01\x02",)})
    assert report_of(submission).remarks == ("“六、其他需要报告的事项”里有 2 个不能显示的控制字符，没有写入报告。",)


def test_what_both_have_is_taken_from_the_file_and_told() -> None:
    submission = report("suqian-2024")
    same = SectionTexts(texts={"六": tuple(paragraph(text) for text in submission.texts["六"])})
    assert report_of(submission, same).remarks == ()
    other = SectionTexts(texts={"六": (paragraph("另写的。"),)}, remarks=("前面的话",))
    made: Report = report_of(submission, other)
    assert made.text("六") == (paragraph("另写的。"),)
    assert made.remarks == (
        "前面的话",
        "“六、其他需要报告的事项”填报表和文字文件里都有，内容不同，用的是文字文件里的。",
    )
    assert [block.text for block in made.text("一")] == list(submission.texts["一"])


def office_base(path: Path) -> Path:
    """A document as an office may have it: python-docx's own, which has Title and Body Text, but none of ours."""
    document = Document()
    document.styles["Title"].font.name = "Arial"
    document.sections[0].left_margin = document.sections[0].right_margin = Cm(4)
    document.sections[0].header.paragraphs[0].text = "某市人民政府办公室"
    document.add_paragraph("旧的正文")
    path.parent.mkdir(exist_ok=True)
    document.save(str(path))
    return path


@pytest.mark.validator
def test_an_offices_own_styles(tmp_path: Path) -> None:
    path = office_base(tmp_path / "foreign" / "style.docx")
    base = base_of(str(path))
    assert base.had_text
    assert base.missing == (
        *("Report Lead-in 2", "Report Lead-in 3", "Signature", "Report Picture", "Report Table Text"),
        *("Report Table Head", "Report Table Label", "Report Table Body", "Report Grid"),
    )
    texts = {"五": tuple(_leveled("（一）问题", "（二）措施。加强。")), "六": (TABLE, Paragraph((PICTURE,)))}
    made = report_of(report("suqian-2024"), SectionTexts(texts=texts, signature=("某办",)))
    result = write(tmp_path / "r.docx", word_report(made, base))
    document = Document(str(result))
    assert "旧的正文" not in [one.text for one in document.paragraphs]
    assert document.paragraphs[0].style.font.name == "Arial"
    assert document.sections[0].header.paragraphs[0].text == "某市人民政府办公室"
    known = {style.style_id for style in document.styles}
    used = {
        one.get(qn("w:val"))
        for tag in ("pStyle", "rStyle", "tblStyle")
        for one in document.element.iter(qn(f"w:{tag}"))
    }
    assert used <= known
    assert set(base.styles) == set(STYLES)
    for table in document.tables:
        assert sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.gridCol_lst) <= base.width + 1
    assert base.width == (document.sections[0].page_width - 2 * Cm(4)) // 635
    assert_valid(result)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a document", None])
def test_a_base_that_is_none_is_refused_in_a_line(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "foreign" / "s.docx"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(Problem) as problem:
        base_of(str(path))
    assert str(path) in problem.value.message
    assert "\n" not in problem.value.message
