"""Saved web pages give the text and the tables that a browser shows."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published import assert_full, official_rows, published, rows_found, shown, texts_of

from toolkit.documents.blocks import Paragraph, Run, TableBlock
from toolkit.documents.web.source import read_web
from toolkit.problems import Unreadable

ROWS = "<tr><td>规章</td><td>1</td></tr><tr><td>规范性文件</td><td>2</td></tr>"
READ = [["规章", "1"], ["规范性文件", "2"]]


def blocks(page: str) -> list[object]:
    return shown(read_web(page.encode()).blocks)


def table(page: str) -> TableBlock:
    (found,) = (block for block in read_web(page.encode()).blocks if isinstance(block, TableBlock))
    assert_full(found)
    return found


@pytest.mark.parametrize("name", ["hangzhou-2025", "shanghai-office-2019"])
def test_a_published_page_has_every_row_of_the_form_once(name: str) -> None:
    prose = read_web(published(f"{name}.html"))
    assert prose.remarks == ()
    wrong = {label: values for label, values in official_rows(name) if rows_found(prose, label, values, True) != 1}
    assert wrong == {}


def test_a_published_page_keeps_its_sections_in_order() -> None:
    prose = read_web(published("hangzhou-2025.html"))
    assert prose.title == "测试市2025年政府信息公开工作年度报告"
    kinds = ["表" if isinstance(block, TableBlock) else block.text[:2] for block in prose.blocks]
    assert kinds[5:] == ["二、", "表", "三、", "表", "四、", "表", "五、", "对照", "六、", "依据"]


def test_spans_of_a_published_page_are_kept() -> None:
    tables = [one for one in read_web(published("shanghai-office-2019.html")).blocks if isinstance(one, TableBlock)]
    assert [(one.height, one.width) for one in tables] == [(18, 5), (26, 10), (4, 15)]
    cells = {(cell.row, cell.column): (cell.height, cell.width) for cell in tables[1].cells}
    assert cells[0, 0] == (3, 3)
    assert cells[5, 0] == (20, 1)


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "gb18030"),
        ("gb2312", "utf-8"),
        ("gb2312", "gbk"),
        ("big5", "gb18030"),
        ("", "gb18030"),
        ("utf-8", "utf-16"),
        ("gbk", "utf-8-sig"),
        ("no-such", "utf-8"),
    ],
)
def test_the_text_counts_more_than_what_the_page_says_of_its_encoding(declared: str, encoding: str) -> None:
    text = published("hangzhou-2025.html").decode().replace('charset="utf-8"', f'charset="{declared}"')
    assert read_web(text.encode(encoding)) == read_web(published("hangzhou-2025.html"))


@pytest.mark.parametrize("declared", ["big5", "", "utf-8", "gb2312"])
def test_traditional_characters_in_big5(declared: str) -> None:
    text = "本年度受理政府資訊公開申請的數量與結果，行政機關應當依法處理並公開其規範性檔案。" * 3
    page = f'<meta charset="{declared}"><p>{text}</p>'
    assert shown(read_web(page.encode("big5")).blocks) == [text]


def test_a_character_cut_in_two_does_not_spoil_the_page() -> None:
    page = published("hangzhou-2025.html").replace(b"<body>", b"<body><p>\xe6\x94</p>")
    assert shown(read_web(page).blocks[1:]) == shown(read_web(published("hangzhou-2025.html")).blocks)


def test_an_xml_declaration_is_no_text_and_says_nothing() -> None:
    assert blocks('<?xml version="1.0" encoding="gb2312"?>\n<html><p>甲</p></html>') == ["甲"]


def test_what_begins_a_paragraph() -> None:
    page = "甲<br>乙<br/><br/>丙<div>丁<p>戊</div>己<ul><li>庚<li>辛</ul><center>壬</center><h3>癸</h3>"
    found = read_web(page.encode()).blocks
    assert shown(found) == list("甲乙丙丁戊己庚辛壬癸")
    assert [one.level for one in found if isinstance(one, Paragraph)] == [0] * 9 + [3]


def test_white_space_as_in_a_browser() -> None:
    page = "<p>  公开\n  工作 <b> 有 </b> 2 \t 件&nbsp; 和&#12288;a\nb</p><p> \n</p><p>&nbsp;</p>"
    assert blocks(page) == ["公开工作 有 2 件\u00a0 和\u3000a b"]


def test_text_in_a_pre_keeps_its_lines_and_spaces() -> None:
    assert blocks("<pre>规章   1\r\n  文件   2\n\n</pre>") == ["规章   1", "  文件   2"]


def test_looks_are_kept() -> None:
    page = (
        "<p>一<b>二</b><span style='FONT-WEIGHT: 700'>三</span><strong style='font-weight:normal'>四</strong>"
        "<sup>五</sup><sub>六</sub></p>"
    )
    (found,) = read_web(page.encode()).blocks
    assert isinstance(found, Paragraph)
    assert found.pieces == (
        Run("一"),
        Run("二三", bold=True),
        Run("四"),
        Run("五", raised="superscript"),
        Run("六", raised="subscript"),
    )


def test_what_is_not_shown_is_not_read() -> None:
    page = (
        "<head><style>a</style></head><nav>首页</nav><!-- 注 --><script>if (a<b) 1</script><noscript>脚本</noscript>"
        "<template>样</template><p hidden>隐</p><div style='color:red; display : none'>藏</div><button>打印</button>"
        "<select><option>1<option>2</select><p>正文<input value=9>。</p><textarea>字</textarea>"
    )
    assert blocks(page) == ["正文。"]
    hidden = "<table><tr><td>甲<td style='display:none'>9<td>1</tr><tr hidden><td>丁<td>2</tr></table>"
    assert texts_of(table(hidden)) == [["甲", "1"]]


def test_pictures_are_counted() -> None:
    prose = read_web(b"<p>a<img src='data:image/png;base64,AA'></p><table><tr><td><img>1<td>2</table>")
    assert prose.remarks == ("网页里有 2 张图片没有带过来。要放图片，请把文字写在 Word 文件里。",)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title> 年度 报告\n</title>", "年度 报告"),
        ("<title>报告_某县政府</title><h1>报告</h1>", "报告"),
        ("<title>某县政府</title><h1>某县2024年报告</h1>", "某县2024年报告"),
        ("<title>2024年报告-某县</title><h1>某县</h1>", "2024年报告-某县"),
        ("<title>某县</title><meta name=ArticleTitle content='2024年报告'>", "2024年报告"),
        ("<title>某县</title><meta property='og:title' content='2024年报告'>", "2024年报告"),
        ("<title>2024</title><meta name=SiteName content=某县><meta property='og:title' content=某县>", "2024"),
        ("", ""),
    ],
)
def test_what_a_page_is_called(head: str, title: str) -> None:
    assert read_web(f"{head}<p>甲".encode()).title == title


def test_data_within_layout_tables() -> None:
    data = f"<table>{ROWS}</table>"
    for number in range(3):
        data = f"<table><tr><td>左{number}</td><td>上{number}{data}下{number}</td></tr></table>"
    assert blocks(data) == ["左2", "上2", "左1", "上1", "左0", "上0", READ, "下0", "下1", "下2"]


def test_tables_that_only_place_text() -> None:
    assert blocks("<table><tr><td><p>一<p>二</table>") == ["一", "二"]
    assert blocks("<table><tr><td>一<tr><td>二<br>三</table>") == ["一", "二", "三"]
    long = "很长的文字。" * 60
    assert blocks(f"<table><tr><td>菜单<td>{long}</table>") == ["菜单", long]


def test_a_report_in_one_large_table_is_cut_at_its_long_texts() -> None:
    long = "很长的文字。" * 60
    page = f"<table>{ROWS}<tr><td colspan=2>{long}</td></tr>{ROWS}</table>"
    assert blocks(page) == [READ, long, READ]


def test_a_table_cut_in_two_by_a_heading() -> None:
    assert blocks(f"<table>{ROWS}</table><h4>续表</h4><table>{ROWS}</table>") == [READ, "续表", READ]


def test_blank_cells_and_line_breaks_in_cells() -> None:
    page = "<table><tr><th>本年新<br/>制作数量<th>&nbsp;<tr><td>&#12288;<td><p>&nbsp; 5 </p><p>件</p></table>"
    found = table(page)
    assert texts_of(found) == [["本年新制作数量", ""], ["", "5件"]]
    assert [len(cell.blocks) for cell in found.cells] == [1, 0, 0, 2]
    assert found.head == 1


def test_head_body_and_foot_in_the_order_they_are_shown() -> None:
    page = (
        "<table><caption>表一</caption><tfoot><tr><td>脚<td>3</tfoot><tbody><tr><td>身<td>2</tbody>"
        "<thead><tr><td>头<td>1</thead></table>"
    )
    assert blocks(page) == ["表一", [["头", "1"], ["身", "2"], ["脚", "3"]]]
    assert table(page).head == 1


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ("<tr><td>甲<td>1<td>2<tr><td>乙", [["甲", "1", "2"], ["乙", "", ""]]),
        ("<td>甲<td>1<tr><td>乙<td>2", [["甲", "1"], ["乙", "2"]]),
        ("<tr><td rowspan=0>甲<td>1<tr><td>2<tr><td>3", [["甲", "1"], ["2"], ["3"]]),
        ("<tr><td colspan=99999999999>甲<tr><td>乙<td>1", [["甲"], ["乙", "1"]]),
        ("<tr><td colspan=0 rowspan=-3>甲<td rowspan=x>1", [["甲", "1"]]),
        ("<tr><td rowspan=70000>甲<td>1<tr><tr><td>2", [["甲", "1"], ["2"]]),
        ("<tr><td>甲<td rowspan=2>1<tr><td colspan=2>乙<td>2", [["甲", "1", ""], ["乙", "2"]]),
        ("<tbody><tr><td rowspan=9>甲<td>1<tbody><tr><td>乙<td>2", [["甲", "1"], ["乙", "2"]]),
    ],
)
def test_tables_whose_rows_do_not_fit(rows: str, texts: list[list[str]]) -> None:
    assert texts_of(table(f"<table>{rows}</table>")) == texts


def test_text_between_cells_is_not_lost() -> None:
    assert blocks(f"<table>注{ROWS}</table>") == ["注", READ]


@st.composite
def grids(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    """Tilings of a grid, as row, column, height and width, with a cell beginning in every row and column."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(2, 6))
    taken = dict.fromkeys(((0, column) for column in range(width)), True)
    taken |= dict.fromkeys(((row, width - 1) for row in range(height)), True)
    cells = [(row, column, 1, 1) for row, column in sorted(taken)]
    for row in range(height):
        for column in range(width):
            if (row, column) in taken:
                continue
            wide = next((n for n in range(1, width - column) if (row, column + n) in taken), width - column)
            across = draw(st.integers(1, wide))
            down = draw(st.integers(1, height - row))
            cells.append((row, column, down, across))
            taken |= {(row + y, column + x): True for y in range(down) for x in range(across)}
    return sorted(cells)


@given(grids(), st.booleans())
def test_any_grid_comes_back(cells: list[tuple[int, int, int, int]], closed: bool) -> None:
    rows: dict[int, str] = {}
    for row, column, height, width in cells:
        end = "</td>" if closed else ""
        rows[row] = rows.get(row, "") + f"<td rowspan={height} colspan='{width}'>{row}.{column}{end}"
    page = "<table>" + "".join(f"<tr>{rows[row]}" for row in sorted(rows)) + "</table>"
    found = table(page)
    assert [(cell.row, cell.column, cell.height, cell.width) for cell in found.cells] == cells
    assert [text for row in texts_of(found) for text in row] == [f"{row}.{column}" for row, column, _, _ in cells]


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    for page in (content, b"<p>" + content, b"<table><tr><td>" + content):
        with suppress(Unreadable):
            read_web(page)


CELLS = ["<td>", "</td>", "<th colspan=3>", "<td rowspan=4>", "<td colspan=1000>", "<td hidden>", "<td rowspan=0>"]
TABLES = ["<table>", "</table>", "<tr>", "</tr>", "<tbody>", "<thead>", "<caption>", "<form>"]
TAGS = st.sampled_from(
    [*CELLS, *TABLES, "<p>", "</p>", "<br>", "<div>", "</div>", "<h2>", "<nav>", "<pre>", "文字", "1"]
)


@settings(deadline=None)
@given(st.lists(TAGS, max_size=120))
def test_any_nesting_gives_full_tables(tags: list[str]) -> None:
    try:
        prose = read_web("".join(tags).encode())
    except Unreadable:
        return
    for block in prose.blocks:
        if isinstance(block, TableBlock):
            assert_full(block)
    if not any(tag in ("<nav>", "<td hidden>") for tag in tags):
        assert str(shown(prose.blocks)).count("文字") == tags.count("文字")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "不是网页文件"),
        ("只有文字".encode(), "不是网页文件"),
        (b"PK\x03\x04\0\0<p>", "不是网页文件"),
        (b"<html><body><img src=a></body></html>", "网页里没有文字"),
        (b"<div id=app></div><script>load()</script>", "网页里没有文字"),
        (b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n\r\n<p>=E4", "单个文件的网页"),
        (b"<div>" * 300 + b"a", "嵌套太深"),
        (b"<!-- only", "网页里没有文字"),
    ],
)
def test_what_cannot_be_read_is_said(content: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message) as problem:
        read_web(content)
    assert "请" in problem.value.message


def test_a_table_beyond_all_measure_becomes_text() -> None:
    page = "<table>" + "<tr><td>甲<td>1<td rowspan=65000 colspan=9>" * 900 + "</table>"
    prose = read_web(page.encode())
    assert prose.remarks == ("网页里有 1 个表格过大，只带过来其中的文字，没有分行列。",)
    assert shown(prose.blocks)[:2] == ["甲", "1"]
