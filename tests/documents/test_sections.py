"""Texts from files land in the sections whose headings they stand under, whatever the headings' spelling; what fits
none is named, never dropped."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.documents.blocks import Block, Paragraph, Prose, Run, TableBlock, TableCell, paragraph
from toolkit.documents.plain.source import read_markdown, read_text
from toolkit.documents.sections import SectionTexts, split
from toolkit.forms.loader import form_for_year
from toolkit.problems import Unreadable

FORM = form_for_year(2024)
AGENCY, TITLE = "温县教育局", "温县教育局2024年政府信息公开工作年度报告"


def written(text: str) -> SectionTexts:
    return split(read_text(text.encode()), FORM, TITLE, AGENCY)


def said(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def texts(found: SectionTexts) -> dict[str, list[str]]:
    return {key: said(blocks) for key, blocks in found.texts.items()}


LONG = "本年度没有收取信息处理费，也没有其他需要报告的事项，特此说明。"
HEADINGS = {
    "official": ("一、总体情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项"),
    "markdown": ("# 一、总体情况", "# 五、存在的主要问题及改进情况", "## 六、其他需要报告的事项"),
    "without numbers": ("总体情况", "存在的主要问题及改进情况", "其他需要报告的事项"),
    "digits": ("1.总体情况", "5．存在的主要问题及改进情况", "6、其他需要报告的事项"),
    "brackets": ("（一）总体情况", "（五）存在的主要问题及改进情况", "(六)其他需要报告的事项"),
    "parts": ("第一部分 总体情况", "第五部分：存在的主要问题及改进情况", "第六部分、其他需要报告的事项"),
    "spaces": ("一 、 总 体 情 况", "　　五、存在的主要问题及改进情况：", "六、 其他需要报告的事项 "),
    "full-width": ("一，总体情况", "五.存在的主要问题及改进情况", "六．其他需要报告的事项。"),
    "numbers of their own": ("一、总体情况", "二、存在的主要问题及改进情况", "三、其他需要报告的事项"),
    "met in the wild": ("一、总体工作情况", "五、存在问题及改进情况", "六、其他事项"),
    "slips of the pen": ("一、总休情况", "五、存在的主要问题及改进请况", "六、其它需要报告的事项"),
    "traditional characters": ("一、總體情況", "五、存在的主要問題及改進情況", "六、其他需要報告的事項"),
    "a number is missing": ("一、总体情况", "存在的主要问题及改进情况", "六、其他需要报告的事项"),
}


@pytest.mark.parametrize("headings", HEADINGS.values(), ids=list(HEADINGS))
def test_headings_in_any_spelling(headings: tuple[str, str, str]) -> None:
    if headings == HEADINGS["slips of the pen"]:
        headings = ("一、总体情况", *headings[1:])  # 总休 of four characters is too far from anything
    found = written("\n".join(f"{heading}\n正文{number}。" for number, heading in enumerate(headings)))
    assert texts(found) == {"一": ["正文0。"], "五": ["正文1。"], "六": ["正文2。"]}
    assert found.remarks == ()


def test_a_wrong_word_in_a_heading_is_said() -> None:
    """As it stands on a published page."""
    found = written(f"一、总体情况\n甲。\n四、政府信息公开行政法复议、行政诉讼情况\n六、其他需要报告的事项\n{LONG}")
    assert found.remarks == ("标题“四、政府信息公开行政法复议、行政诉讼情况”里的“行政法复议”应为“行政复议”，请更正。",)
    assert texts(found) == {"一": ["甲。"], "六": [LONG]}


def test_sub_headings_with_the_title_of_another_section_stay_where_they_are() -> None:
    found = written(
        "一、总体情况\n（一）主动公开政府信息情况\n甲\n（二）收到和处理政府信息公开申请情况\n乙\n1.主动公开情况\n"
        "五、存在的主要问题及改进情况\n一、存在的主要问题\n丁\n二、改进措施\n戊\n六、其他需要报告的事项\n无"
    )
    assert texts(found) == {
        "一": [
            "（一）主动公开政府信息情况",
            "甲",
            "（二）收到和处理政府信息公开申请情况",
            "乙",
            "1.主动公开情况",
        ],
        "五": ["一、存在的主要问题", "丁", "二、改进措施", "戊"],
        "六": ["无"],
    }
    assert found.remarks == ()


def test_numbers_that_begin_again_are_those_of_sub_headings() -> None:
    found = written("一、总体情况\n一、主动\n甲\n二、被动\n乙\n三、管理\n丙\n六、其他需要报告的事项\n无")
    assert texts(found) == {"一": ["一、主动", "甲", "二、被动", "乙", "三、管理", "丙"], "六": ["无"]}
    assert found.remarks == ()


def test_levels_and_lead_ins() -> None:
    found = written(
        "一、总体情况\n（一）主动公开\n1.网站\n（1）首页\n（二）依申请公开。全年收到 3 件。\n"
        "2.办结：全部办结，没有结转。\n"
        "1.5万元用于培训。\n（三）这一段虽然有编号但它是一整段很长的正文因为它一直写到第四十个字以后还没有一个句号所以不是小标题"
    )
    assert [(block.level, block.lead_in) for block in found.texts["一"] if isinstance(block, Paragraph)] == [
        (2, 0),
        (3, 0),
        (4, 0),
        (2, 9),
        (3, 5),
        (0, 0),
        (0, 0),
    ]


def test_a_heading_and_its_text_on_one_line() -> None:
    found = written(
        "一、总体情况\n甲\n六、其他需要报告的事项：本年度没有收取信息处理费，也没有其他需要报告的事项，特此说明。"
    )
    assert texts(found)["六"] == [LONG]
    assert texts(written("六、其他需要报告的事项 无")) == {"六": ["无"]}
    assert texts(written("一、总体情况\n甲\n六、其他需要报告的事项无")) == {"一": ["甲"], "六": ["无"]}


def test_what_fits_no_section_is_named() -> None:
    found = written(
        f"{TITLE}\n一、总体情况\n甲\n二、主动公开政府信息情况\n表略\n六、其他需要报告的事项\n无\n八、附件\n附件一的内容\n（八）不是标题"
    )
    assert texts(found) == {"一": ["甲"], "六": ["无"]}
    assert found.remarks == (
        "“二、主动公开政府信息情况”下面的文字不属于要写文字的部分，只作校验，没有写入报告：“表略”（共 2 字）。",
        "“八、附件”下面的文字不属于要写文字的部分，只作校验，没有写入报告：“附件一的内容（八）不是标题”（共 13 字）。",
    )
    assert {key: said(blocks) for key, blocks in found.others.items()} == {
        "二": ["表略"],
        "outside": ["八、附件", "附件一的内容", "（八）不是标题"],
    }


NEAR = {
    "一": (
        "2024年总体情况",
        "总体要求",
        "工作基本情况",
        "本年度总体工作情况",
        "信息公开工作概述",
        "政府信息公开工作开展情况",
    ),
    "五": ("存在的问题和下一步打算", "工作中的不足", "改进措施"),
    "六": ("需要说明的其他事项", "其它情况说明"),
}


@pytest.mark.parametrize(("section", "words"), [(key, one) for key, words in NEAR.items() for one in words])
def test_a_heading_that_is_nearly_a_sections_begins_it_and_says_so(section: str, words: str) -> None:
    official = {one.id: one.title for one in FORM.text_sections}
    lines = {key: (f"{key}、{words}" if key == section else title) for key, title in official.items()}
    found = written("\n".join(f"{title}\n正文{key}。" for key, title in lines.items()))
    assert texts(found) == {key: [f"正文{key}。"] for key in official}
    assert found.remarks == (f"“{section}、{words}”认作“{official[section]}”，下面的文字归入这一部分。请核对标题。",)


def test_a_heading_in_other_words_begins_no_section_that_is_there_or_elsewhere() -> None:
    for heading in (
        "一、总体要求",
        "二、总体要求",
        "（一）总体要求",
        "一、组织领导情况",
        "一、机构基本情况",
        "一、主动公开情况",
    ):
        rest = "五、存在的主要问题及改进情况\n乙" + ("\n一、总体情况\n甲" if heading == "一、总体要求" else "")
        found = written(f"{heading}\n丙\n{rest}")
        assert "丙" not in texts(found).get("一", []), heading
    old = written("一、信息公开工作概述\n甲\n二、组织领导和制度建设情况\n乙\n三、发布解读情况\n丙")
    assert texts(old) == {"一": ["甲"]}
    assert said(old.others["outside"]) == ["二、组织领导和制度建设情况", "乙", "三、发布解读情况", "丙"]
    assert [remark.partition("”")[0] for remark in old.remarks] == [
        "“一、信息公开工作概述",
        "“二、组织领导和制度建设情况",
        "“三、发布解读情况",
    ]


def test_pieces_of_tables_are_no_text() -> None:
    pieces = (
        "信息内容",
        "本年制发件",
        "数",
        "商业科研社会 法律",
        "业构益组织务机构",
        "0",
        "（四）无2.没有现成信息需要另",
        "0\t12",
        "表三",
    )
    prose = ("无", "本年度新收申请3件", "注：含乙局。", "（一）公开的数量", "收到3件")
    found = written("一、总体情况\n甲\n三、收到和处理政府信息公开申请情况\n" + "\n".join((*pieces, *prose)))
    assert said(found.others["三"]) == list(prose)
    (remark,) = found.remarks
    assert f"（共 {sum(map(len, prose))} 字）" in remark


def test_official_tables_in_the_file_are_not_taken_for_figures() -> None:
    table = TableBlock(1, 1, (TableCell(0, 0, 1, 1, (paragraph("规章"),)),), (1.0,))
    prose = Prose((paragraph("一、总体情况"), table, paragraph("二、主动公开政府信息情况"), table))
    found = split(prose, FORM, TITLE, AGENCY)
    assert found.texts == {"一": (table,)}
    assert found.remarks == ("“二、主动公开政府信息情况”下面的表没有用，数字以填报表为准。",)


def test_title_preface_and_signature() -> None:
    found = written(
        f"{AGENCY}\n2024年政府信息公开工作年度报告\n\n目 录\n本报告根据条例编制。\n数据期限为全年。\n"
        f"一、总体情况\n甲\n六、其他需要报告的事项\n无\n　　　　{AGENCY}\n2025年1月20日\n"
    )
    assert said(found.preface) == [
        "本报告根据条例编制。",
        "数据期限为全年。",
    ]
    assert texts(found) == {"一": ["甲"], "六": ["无"]}
    assert found.signature == (AGENCY, "2025年1月20日")
    assert written("一、总体情况\n甲\n二〇二五年一月二十日").signature == (AGENCY, "二〇二五年一月二十日")
    for lines in (f"{AGENCY}（盖章）\n二零二五年一月二十日", f"{AGENCY}办公室\n2025.1.20", f"{AGENCY}　2025年1月20日"):
        assert written(f"一、总体情况\n甲\n{lines}").signature == tuple(lines.split("\n"))
    assert texts(written("一、总体情况\n公布日期为\n2025年1月20日")) == {"一": ["公布日期为", "2025年1月20日"]}
    assert texts(written(f"一、总体情况\n{AGENCY}")) == {"一": [AGENCY]}, "an agency alone is no signature"


@pytest.mark.parametrize(
    "line",
    [
        f"五、存在的主要问题及改进情况 {LONG}",
        f"五、存在的主要问题及改进情况{LONG}",
        f"第五部分 存在的主要问题及改进情况：{LONG}",
        f"五,存在的主要问题及改进情况:{LONG}",
        f"存在的主要问题及改进情况：{LONG}",
    ],
)
def test_text_behind_a_heading_is_its_own(line: str) -> None:
    assert texts(written(f"一、总体情况\n甲\n{line}\n六、其他需要报告的事项\n无")) == {
        "一": ["甲"],
        "五": [LONG],
        "六": ["无"],
    }


def test_sub_headings_of_a_deeper_level_are_no_sections() -> None:
    lines = "## 总体情况\n### 主动公开情况\n甲\n### 其他事项\n乙\n"
    lines += "## 存在的主要问题及改进情况\n丙\n## 其他需要报告的事项\n丁"
    found = split(read_markdown(lines.replace("\n", "\n\n").encode()), FORM, TITLE, AGENCY)
    assert texts(found) == {"一": ["主动公开情况", "甲", "其他事项", "乙"], "五": ["丙"], "六": ["丁"]}
    plain_lines = "一、总体情况\n主动公开情况\n甲\n其他事项\n乙\n五、存在的主要问题及改进情况\n丙"
    assert texts(written(plain_lines))["一"] == ["主动公开情况", "甲", "其他事项", "乙"]


def test_headings_in_brackets_and_with_signs_around() -> None:
    for left, right in (("【", "】"), ("“", "”"), ("📌 ", ""), ("1）", "")):
        assert texts(written(f"{left}总体情况{right}\n甲")) == {"一": ["甲"]}


def test_the_title_of_another_report_is_told() -> None:
    (remark,) = written("乙市水利局2019年政府信息公开工作年度报告\n一、总体情况\n甲").remarks
    assert (
        remark == f"文件里的标题是“乙市水利局2019年政府信息公开工作年度报告”，报告是“{TITLE}”。请核对是不是放错了文件。"
    )
    assert written("2024年温县教育局政府信息公开工作年度报告\n一、总体情况\n甲").remarks == ()
    kept = written("现公布温县教育局2024年政府信息公开工作年度报告\n一、总体情况\n甲")
    assert said(kept.preface) == ["现公布温县教育局2024年政府信息公开工作年度报告"]


def test_a_table_of_contents_is_no_text() -> None:
    contents = (
        "一、总体情况\t1\n二、主动公开政府信息情况……2\n五、存在的主要问题及改进情况 3\n六、其他需要报告的事项\t4\n"
    )
    found = written(contents + "一、总体情况\n甲\n五、存在的主要问题及改进情况\n乙\n六、其他需要报告的事项\n丙")
    assert texts(found) == {"一": ["甲"], "五": ["乙"], "六": ["丙"]}
    assert found.remarks == ()


def test_a_section_that_comes_twice_is_joined_and_named() -> None:
    found = written("一、总体情况\n甲\n五、存在的主要问题及改进情况\n乙\n一、总体情况\n丙")
    assert texts(found) == {"一": ["甲", "丙"], "五": ["乙"]}
    assert found.remarks == ("“一、总体情况”出现了两次，两处的文字已连在一起，请核对。",)


def test_a_file_without_headings_or_without_words() -> None:
    (remark,) = written("只写了一段话，没有标题。").remarks
    assert (
        remark
        == "没有找到各部分的标题（如“一、总体情况”），只作校验，没有写入报告：“只写了一段话，没有标题。”（共 12 字）。"
    )
    assert written("  \n\n").remarks == ("文件里没有字。",)


LINES = st.sampled_from([section.title for section in FORM.sections]) | st.text("abcxyz 　", min_size=1, max_size=20)


@given(st.lists(LINES, max_size=15))
def test_no_word_is_lost(lines: list[str]) -> None:
    """Every line is in its section, before the first one, or counted in a remark. The title of a table's section that
    comes again belongs to the table."""
    found = written("\n".join(lines))
    sections = {section.title: section for section in FORM.sections}
    preface, kept, lost = list[str](), dict[str, list[str]](), 0
    current = None
    for line in (line for line in lines if line.strip()):
        if line in sections and sections[line] is not current:
            current = sections[line]
        elif current is None:
            preface.append(line.strip())
        elif current.text:
            kept.setdefault(current.id, []).append(line.strip())
        elif line not in sections:
            lost += len(line.strip())
    counted = sum(int(number) for remark in found.remarks for number in re.findall(r"（共 (\d+) 字）", remark))
    if not any(line in sections and sections[line].text for line in lines):
        assert counted == sum(len(line) for line in lines if line.strip() and line not in sections)
        return
    assert texts(found) == kept
    assert said(found.preface) == preface
    assert counted == lost


def test_text_files_in_the_encodings_that_are_met() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        assert [block.text for block in read_text("# 一、𬀩\r\n　甲\n\n".encode(encoding)).blocks] == ["一、𬀩", "　甲"]
    with pytest.raises(Unreadable, match=r"另存为 \.docx 或 UTF-8"):
        read_text(bytes(range(256)) * 4)


def test_wrapped_text_is_joined_again_and_other_text_is_not() -> None:
    words = "全县各单位认真贯彻落实条例，全年主动公开信息若干条，没有发生行政复议，"
    wrapped = f"一、总体情况\n{words}\n{words}\n{words}\n到此为止。\n（一）网站\n{words}\n{words}没有了。\n"
    assert said(read_text(wrapped.encode()).blocks) == [
        "一、总体情况",
        f"{words * 3}到此为止。",
        "（一）网站",
        f"{words * 2}没有了。",
    ]
    lines = [f"{words}第 {number} 段就写到这里。" for number in range(6)] + [words]
    assert said(read_text("\n".join(lines).encode()).blocks) == lines


def test_markdown() -> None:
    prose = read_markdown(
        "# 一、总体情况\n\n**加强领导。**一是<b>&lt;原样 a*b*c\n2.公开\n第二段。\n"
        "第三段写得很长很长很长很长很长很长很长很长，在这里\n"
        "换了一行。\n\n1. 甲\n2. 乙\n\n- 丙\n\n| 项 | 数 |\n|---|---|\n| x | 1 |\n\n    缩进\n\n![图](a.png)\n".encode()
    )
    lines = [block.text for block in prose.blocks if isinstance(block, Paragraph)]
    assert lines == [
        "一、总体情况",
        "加强领导。一是<b>&lt;原样 a*b*c",
        "2.公开",
        "第二段。",
        "第三段写得很长很长很长很长很长很长很长很长，在这里换了一行。",
        "1. 甲",
        "2. 乙",
        "• 丙",
        "缩进",
    ]
    assert prose.blocks[0].level == 1
    assert prose.blocks[1].pieces[0] == Run("加强领导。", bold=True)
    (table,) = (block for block in prose.blocks if isinstance(block, TableBlock))
    assert [cell.blocks[0].text for cell in table.cells] == ["项", "数", "x", "1"]
    assert prose.remarks == ("有 1 张图片没有带过来。要放图片，请把文字写在 Word 文件里。",)
