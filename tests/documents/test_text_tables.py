"""The tables in plain text are found again, however they were written."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import report, write
from office import convert
from published import assert_full, official_rows, published, rows_found, shown, texts_of

from toolkit.characters import display_width
from toolkit.documents.blocks import Paragraph, Prose, TableBlock, paragraph
from toolkit.documents.plain.tables import read_published_text, with_tables
from toolkit.documents.web.source import read_web
from toolkit.problems import Unreadable
from toolkit.reports.word_report import build_report

ELSEWHERE = {
    # The published text has one 0 more in these rows than there are columns.
    "wenxian-jyj-2020": {"（六）其他处理", "（七）总计"},
    # The label stands in lines before or after a row of numbers without one; the first is written without 行政.
    "shanghai-kewei-2024": {
        "行政规范性文件",
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
        "2.其他法律行政法规禁止公开",
        "5.属于三类内部事务信息",
        "1.本机关不掌握相关政府信息",
        "2.没有现成信息需要另行制作",
        "3.补正后申请内容仍不明确",
        "4.无正当理由大量反复申请",
        "5.要求行政机关确认或重新出具已获取信息",
        "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    },
    "huaian-2024": set(),
}


def lines(text: str) -> list[object]:
    return shown(with_tables(text.strip("\n").split("\n")).blocks)


def tables(prose: Prose) -> list[TableBlock]:
    found = [block for block in prose.blocks if isinstance(block, TableBlock)]
    for table in found:
        assert_full(table)
    return found


@pytest.mark.parametrize("name", ["wenxian-jyj-2020", "shanghai-kewei-2024", "huaian-2024"])
def test_a_published_text_has_every_row_of_the_form_once(name: str) -> None:
    prose = read_published_text(published(f"{name}.txt"))
    assert tables(prose)
    blanks = name == "huaian-2024"
    wrong = {label for label, values in official_rows(name) if rows_found(prose, label, values, blanks) != 1}
    assert wrong == ELSEWHERE[name]


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_the_text_of_a_pdf_of_our_own_has_every_row(tmp_path: Path) -> None:
    names = ["huaian-2024", "suqian-2023", "hangzhou-2025", "wenxian-jyj-2020"]
    files = [write(tmp_path / f"{name}.docx", build_report(report(name))) for name in names]
    convert(files, tmp_path / "pdf", "pdf")
    for name in names:
        command = ["pdftotext", "-layout", str(tmp_path / "pdf" / f"{name}.pdf"), "-"]
        prose = read_published_text(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
        assert len(tables(prose)) >= 6
        wrong = {label: values for label, values in official_rows(name) if rows_found(prose, label, values, True) != 1}
        assert wrong == {}


def test_rows_without_a_label_keep_their_values() -> None:
    rows = [
        row for table in tables(read_published_text(published("shanghai-kewei-2024.txt"))) for row in texts_of(table)
    ]
    assert sum(row[:7] == ["6", "0", "0", "0", "0", "0", "6"] for row in rows) == 1
    assert sum(row[:7] == ["8", "2", "0", "0", "0", "0", "10"] for row in rows) == 1


def test_the_head_and_the_groups_of_aligned_text() -> None:
    found = tables(read_published_text(published("huaian-2024.txt")))
    head = texts_of(found[4])[:3]
    assert head[0][0] == "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    assert head[2][1:] == ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    groups = {
        cell.blocks[0].text: cell.height
        for cell in found[4].cells
        if cell.height > 1 and isinstance(cell.blocks[0], Paragraph)
    }
    assert groups == {
        "三、本年度办理结果": 22,
        "（三）不予公开": 8,
        "（四）无法提供": 3,
        "（五）不予处理": 5,
        "（六）其他处理": 3,
    }
    assert [text.replace(" ", "") for text in texts_of(found[5])[2]] == [
        "结果维持",
        "结果纠正",
        "其他结果",
        "尚未审结",
        "总计",
    ] * 3


def test_wrapped_text_and_pages_around_tables() -> None:
    found = shown(read_published_text(published("huaian-2024.txt")).blocks)
    texts = [one for one in found if isinstance(one, str)]
    assert not any("-3-" in text or text.startswith("-") for text in texts)
    headings = [text for text in texts if text[1:2] == "、"]
    assert [text[:4] for text in headings] == ["一、总体", "二、主动", "三、收到", "四、政府", "五、存在", "六、其他"]
    assert any("“建设‘四最’一流营商环境高质量推进产业发展”" in text for text in texts)


def test_headings_of_text_that_looks_like_markdown() -> None:
    found = read_published_text(published("wenxian-jyj-2020.txt")).blocks
    levels = [(one.text[:2], one.level) for one in found if isinstance(one, Paragraph) and one.level]
    assert levels == [("教育", 1), ("一、", 2), ("二、", 2), ("三、", 2), ("四、", 4), ("五、", 4), ("六、", 4)]


def test_tabs() -> None:
    text = "一、情况\n第一项\t\t\n内容\t制作\t公开\n规章\t \t0\n\n规范性文件\t1\t\n\n\n另一\t5\n又一\t6\n后文"
    assert lines(text) == [
        "一、情况",
        [["第一项", "", ""], ["内容", "制作", "公开"], ["规章", "", "0"], ["规范性文件", "1", ""]],
        [["另一", "5"], ["又一", "6"]],
        "后文",
    ]


@pytest.mark.parametrize(
    "text", ["\t2024年，我局认真做好各项工作。\n\t一是加强领导。", "1.\t加强领导。\n2.\t完善制度。", "联系人\t张三"]
)
def test_tabs_in_ordinary_text(text: str) -> None:
    assert lines(text) == text.split("\n")


def test_strokes() -> None:
    text = r"""
前文
| 内容 | 制发 |
|:---|---:|
| 规章 | 0 | 9 |
|---|
规范性文件 | | 3
a \| b｜1｜2
+----+----+
后文 | 注
"""
    assert lines(text) == [
        "前文",
        [["内容", "制发", ""], ["规章", "0", "9"], ["规范性文件", "", "3"], ["a | b", "1", "2"]],
        "后文 | 注",
    ]
    (table,) = tables(with_tables(["|甲|乙|", "|--|--|", "|1|2|"]))
    assert table.head == 1


@pytest.mark.parametrize("mark", ["-3-", "— 4 —", "  - 5 -", "第 2 页 共 9 页"])
def test_a_page_ends_within_a_table(mark: str) -> None:
    assert lines(f"甲\t1\t2\n\n{mark}\n\n乙\t3\t4\t5") == [[["甲", "1", "2", ""], ["乙", "3", "4", "5"]]]
    assert lines(f"|甲|1|\n{mark}\n|乙|2|") == [[["甲", "1"], ["乙", "2"]]]
    assert lines(f"规章        1      0\n\n{mark}\n\n  规范性文件        2      3") == [
        [["规章", "1", "0"], ["规范性文件", "2", "3"]]
    ]


def test_a_label_and_values_with_a_space_between() -> None:
    text = "第一项\n规章 0 1 -\n规范性文件 13 0 55\n第五项\n行政许可 97\n后文"
    assert lines(text) == [
        "第一项",
        [["规章", "0", "1", "-"], ["规范性文件", "13", "0", "55"]],
        "第五项",
        [["行政许可", "97"]],
        "后文",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "共收到申请 34",
        "截止日期：2024 12 31\n电话：0517 83605210",
        "办理 3 件。\n公开 4 件。",
        "部门 933 件、沭阳县 87\n件，宿豫区 26 件、宿城区 5",
    ],
)
def test_ordinary_text_with_numbers(text: str) -> None:
    assert lines(text) == text.split("\n")


def test_aligned_by_the_width_of_characters() -> None:
    rows = [("信息内容", "制发", "废止"), ("规章", "1", "0"), ("行政规范性文件", "", "26"), ("行政许可", "8", "7")]
    text = "\n".join("".join(cell + " " * (20 - display_width(cell)) for cell in row).rstrip() for row in rows)
    assert lines(text) == [[list(row) for row in rows]]


def test_labels_broken_around_their_values() -> None:
    text = """
信息内容             数量

1.其他对外管
                  97
理服务事项
2.行政处罚             3
3.政府集
中采购                5
后文
"""
    assert lines(text) == [
        [["信息内容", "数量"], ["1.其他对外管理服务事项", "97"], ["2.行政处罚", "3"], ["3.政府集中采购", "5"]],
        "后文",
    ]


def test_captions_between_rows_are_no_part_of_labels() -> None:
    text = """
第一项
规章                 1
规范性文件              2
第五项
行政许可               3
"""
    assert lines(text) == ["第一项", [["规章", "1"], ["规范性文件", "2"], ["行政许可", "3"]]]


def test_a_column_without_any_value_is_known_from_the_head() -> None:
    text = """
内容          自然人     企业     机构     总计
一、新收         3              1       4
二、结转         2              0       2
"""
    assert lines(text) == [
        [["内容", "自然人", "企业", "机构", "总计"], ["一、新收", "3", "", "1", "4"], ["二、结转", "2", "", "0", "2"]]
    ]


def test_a_heading_ends_an_aligned_table() -> None:
    text = "规章        1      0\n文件        2      3\n\n      三、收到和处理申请情况\n\n新收        4      5"
    assert lines(text) == [
        [["规章", "1", "0"], ["文件", "2", "3"]],
        "      三、收到和处理申请情况",
        [["新收", "4", "5"]],
    ]


def test_tables_in_a_page_written_as_plain_text() -> None:
    page = "<h2>二、情况</h2><pre>内容      数量\n规章      1\n文件      2</pre><p>后文"
    found = with_tables(read_web(page.encode()))
    assert shown(found.blocks) == ["二、情况", [["内容", "数量"], ["规章", "1"], ["文件", "2"]], "后文"]


def test_blocks_that_are_no_table_stay_as_they_are() -> None:
    table = tables(with_tables(["|甲|1|"]))[0]
    prose = Prose((paragraph("甲 1", 1), table, paragraph("乙", 2), paragraph("丙")), ("注",), "名")
    assert with_tables(prose) == prose


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_text(encoding: str) -> None:
    text = published("huaian-2024.txt").decode()
    assert read_published_text(text.encode(encoding)) == read_published_text(published("huaian-2024.txt"))


@pytest.mark.parametrize("content", [b"", b" \n\f\n", b"PK\x03\x04\0\0", b"\xff\xff\xff"])
def test_what_cannot_be_read_is_said(content: bytes) -> None:
    with pytest.raises(Unreadable, match="请"):
        read_published_text(content)


@pytest.mark.parametrize("line", ["甲\t" + "1\t" * 30_000, "|甲" * 30_000, "甲 " + "1 " * 30_000])
def test_what_is_larger_than_any_table_stays_text(line: str) -> None:
    assert tables(with_tables([line] * 10)) == []


PARTS = st.sampled_from(
    [
        "三、",
        "本",
        "规章",
        "1.属于国家秘密",
        "（四）无",
        "法提供",
        "5",
        "12",
        "-",
        " ",
        "  ",
        "      ",
        "\t",
        "|",
        "\n",
        "\n\n",
        "-3-",
        "# 题",
        "。",
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=80))
def test_any_text_gives_full_tables_and_keeps_its_values(parts: list[str]) -> None:
    text = "".join(parts)
    prose = with_tables(text.split("\n"))
    tables(prose)
    written = str(shown(prose.blocks))
    assert written.count("12") >= sum(line.count("12") for line in text.split("\n"))


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    with suppress(Unreadable):
        tables(read_published_text(content))
