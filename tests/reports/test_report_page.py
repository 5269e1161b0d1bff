"""The report as HTML: every word and every figure comes back from it, and each figure has its labels as headers.

A browser shows it without a complaint and without cutting anything off, wide or narrow.
"""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from html_headers import column_groups, headers_of, spots
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import REPORT_DATA, report, submission_of, write
from lxml import html
from published import printed_values
from selenium import webdriver
from selenium.webdriver.common.by import By
from site_form import good

from toolkit.characters import without_forbidden
from toolkit.documents.blocks import Block, Paragraph, Picture, Run, TableBlock, TableCell, all_paragraphs, paragraph
from toolkit.forms.loader import form_for_year
from toolkit.forms.model import Section
from toolkit.reports.content import Report, cell_text, report_of
from toolkit.reports.web_page import report_fragment, report_page
from toolkit.reports.web_text import block_markup
from toolkit.submission.model import Submission

QUICK = settings(max_examples=30, deadline=None)
HOSTILE = "<script>alert(1)</script>]]>&lt;\"'__BODY__<img src=x onerror=alert(1)>局"
ODD_SPACES = (
    " 前",
    "后 ",
    "两  格",
    "制表\t符",
    "　　全角",
    "　",
    " ",
    "行\n尾",
    "回\r车",
    "&nbsp;",
    "\u00a0不断",
    "\u200b零宽",
)
MARKS = {"h1", "h2", "h3", "h4", "h5", "p", "strong", "sup", "sub", "br", "span", "img"} | {
    *("table", "colgroup", "col", "thead", "tbody", "tr", "th", "td"),
}
MARKED = {"style", "scope", "colspan", "rowspan", "border", "src", "alt", "width", "height"}


def main_of(page: str) -> html.HtmlElement:
    """What stands under the title of a page, with the frames around its tables taken away."""
    (main,) = html.document_fromstring(page).xpath("//main")
    for frame in main.xpath("div"):
        frame.drop_tag()
    (title,) = main.xpath("h1")
    main.remove(title)
    return main


def fragment_of(text: str) -> html.HtmlElement:
    return html.document_fromstring(f"<html><body>{text}</body></html>").find("body")


def both(made: Report) -> list[html.HtmlElement]:
    return [fragment_of(report_fragment(made)), main_of(report_page(made))]


def outline(body: html.HtmlElement) -> list[str]:
    """Headings, paragraphs and tables in order: texts as they are, tables by name."""
    assert not (body.text or "").strip()
    assert not any((element.tail or "").strip() for element in body)
    return ["(table)" if element.tag == "table" else element.text_content() for element in body]


def expected_outline(made: Report) -> list[str]:
    out = [block.text for block in made.preface if isinstance(block, Paragraph)]
    for section in made.submission.form.sections:
        out.append(section.title)
        blocks = made.text(section.id)
        out += [one.text for one in all_paragraphs(blocks)] if section.text else ["(table)"]
    return [*out, *made.signature]


Figures = dict[tuple[str, ...], str]


def figures(table: html.HtmlElement) -> Figures:
    """The text of each cell by the headers it has, in alphabetical order.

    Several official tables that stand under each other in one are read one by one: the standard has no way to say
    that the headers of one end where the next begins.
    """
    parts = [part for part in table if part.tag in ("thead", "tbody")]
    stacked = table.find("thead") is None
    out: Figures = {}
    for group in [[part] for part in parts] if stacked else [parts]:
        places = spots(group)
        rows, columns = (max(place[axis] for place in places) + 1 for axis in (0, 1))
        assert len(places) == rows * columns
        assert columns == len(table.findall("colgroup/col"))
        for spot in dict.fromkeys(places.values()):
            if spot.is_header or (spot.element.tag == "td" and not spot.text and (spot.row, spot.column) == (0, 0)):
                continue
            headers = headers_of(spot, places, column_groups(table))
            key = tuple(sorted(header.text for header in headers))
            assert key not in out
            out[key] = spot.text
    return out


def expected_figures(section: Section, values: dict[str, str], submission: Submission) -> Figures:
    cells = submission.form.cells.values()
    captions = {table.id: [table.caption] if table.caption else [] for table in section.tables}
    return {
        tuple(sorted([*captions[cell.table], *cell.labels])): values[cell.id]
        for cell in cells
        if cell.section == section.id
    }


def assert_figures(made: Report, values: dict[str, str]) -> None:
    for body in both(made):
        tables = body.findall("table")
        sections = made.submission.form.table_sections
        assert len(tables) == len(sections)
        for section, table in zip(sections, tables, strict=True):
            assert figures(table) == expected_figures(section, values, made.submission)


def test_every_word_and_figure_comes_back(report_path: Path) -> None:
    submission = submission_of(report_path)
    made = report_of(submission)
    for body in both(made):
        assert outline(body) == expected_outline(made)
    document = html.document_fromstring(report_page(made))
    assert document.findtext("head/title") == submission.title
    assert document.xpath("//h1")[0].text_content() == submission.title
    assert document.get("lang") == "zh-CN"
    values = printed_values(report_path)
    assert_figures(made, {cell: "" if value is None else str(value) for cell, value in values.items()})


def test_a_form_that_is_none_of_the_official_ones() -> None:
    submission = good()
    made = report_of(submission)
    for body in both(made):
        assert outline(body) == expected_outline(made)
    assert_figures(made, {cell: cell_text(value) for cell, value in submission.all_values.items()})


def test_a_fragment_holds_nothing_that_an_editor_takes_out(report_path: Path) -> None:
    text = report_fragment(report_of(submission_of(report_path)))
    elements = list(fragment_of(text).iterdescendants())
    assert {element.tag for element in elements} <= MARKS - {"h1"}
    assert {name for element in elements for name in element.attrib} <= MARKED
    frames = [element.get("style") for element in elements if element.tag in ("th", "td")]
    assert all("border:1px solid" in (style or "") for style in frames)


TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(without_forbidden)
RUNS = st.lists(st.builds(Run, TEXT, st.booleans(), st.sampled_from(["", "superscript", "subscript"])), max_size=4)
PARAGRAPHS = st.builds(Paragraph, RUNS.map(tuple), st.integers(0, 4), st.integers(0, 12))


@st.composite
def tables(draw: st.DrawFn, inner: st.SearchStrategy[Block]) -> TableBlock:
    height, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    cells = tuple(
        TableCell(row, column, 1, 1, tuple(draw(st.lists(inner, min_size=1, max_size=2))))
        for row in range(height)
        for column in range(width)
    )
    return TableBlock(height, width, cells, (1.0,) * width, draw(st.integers(0, height)))


BLOCKS = st.lists(PARAGRAPHS | tables(PARAGRAPHS), max_size=4).map(tuple)


@QUICK
@given(st.data())
def test_any_text_survives_in_any_section(data: st.DataObject) -> None:
    form = form_for_year(data.draw(st.sampled_from([2020, 2024])))
    agency = data.draw(TEXT)
    submission = Submission(form, agency, form.first_year, {}, {})
    texts = {section.id: data.draw(st.lists(PARAGRAPHS, max_size=3).map(tuple)) for section in form.text_sections}
    preface = data.draw(st.lists(PARAGRAPHS, max_size=2).map(tuple))
    made = Report(submission, texts, preface, tuple(data.draw(st.lists(TEXT, max_size=2))))
    for body in both(made):
        assert outline(body) == expected_outline(made)
    title = html.document_fromstring(report_page(made)).xpath("//h1")[0]
    assert title.text_content() == submission.title


@QUICK
@given(BLOCKS)
def test_any_text_survives_in_a_table_of_a_text(blocks: tuple[Block, ...]) -> None:
    for block in blocks:
        body = fragment_of(block_markup(block))
        if isinstance(block, Paragraph):
            assert outline(body) == [block.text]
            continue
        cells = body.xpath("table/*/tr/*")
        assert len(cells) == len(block.cells)
        for cell, element in zip(block.cells, cells, strict=True):
            found = [one.text_content() for one in element.findall("p")] or [element.text_content()]
            assert found == [one.text for one in cell.blocks if isinstance(one, Paragraph)]
            assert element.tag == ("th" if cell.row < block.head else "td")


@QUICK
@given(st.text())
def test_what_xml_forbids_is_left_out(text: str) -> None:
    body = fragment_of(block_markup(paragraph(text)))
    assert outline(body) == [without_forbidden(text)]


@QUICK
@given(st.lists(TEXT, min_size=1, max_size=5))
def test_any_figure_survives(values: list[str]) -> None:
    form = form_for_year(2024)
    cells = [cell.id for cell in form.filled[:: len(form.filled) // 5]]
    submission = Submission(form, "某局", 2024, dict(zip(cells, values, strict=False)), {})
    assert_figures(report_of(submission), {key: cell_text(value) for key, value in submission.all_values.items()})


def hostile() -> Report:
    submission = report("suqian-2024")
    texts = {section.id: (HOSTILE, *ODD_SPACES) for section in submission.form.text_sections}
    values = {cell.id: HOSTILE for cell in submission.form.filled[:20]}
    return report_of(replace(submission, agency=HOSTILE, texts=texts, values={**submission.values, **values}))


def test_hostile_text_is_text() -> None:
    made = hostile()
    for body in both(made):
        assert outline(body) == expected_outline(made)
        assert not body.xpath(".//script | .//img")
    document = html.document_fromstring(report_page(made))
    assert document.findtext("head/title") == made.submission.title
    assert not document.xpath("//script | //link | //@onerror")
    assert_figures(made, {cell: cell_text(value) for cell, value in made.submission.all_values.items()})


def test_looks_of_text() -> None:
    assert block_markup(Paragraph((Run("（一）做法。一是"), Run("快", bold=True)), 2, 6)) == (
        '<p style="text-indent:2em"><strong>（一）做法。</strong>一是<strong>快</strong></p>'
    )
    assert block_markup(paragraph("（一）做法", 2)) == "<h3>（一）做法</h3>"
    assert block_markup(
        Paragraph((Run("10"), Run("3", raised="superscript"), Run("m"), Run("2", raised="subscript")))
    ) == ('<p style="text-indent:2em">10<sup>3</sup>m<sub>2</sub></p>')
    assert block_markup(paragraph("　　已经空了两格")) == "<p>　　已经空了两格</p>"
    assert block_markup(paragraph("a  b")) == '<p style="text-indent:2em;white-space:pre-wrap">a  b</p>'
    assert block_markup(paragraph("")) == "<p><br></p>"


def test_pictures() -> None:
    shown = Picture(b"\x89PNG", "image/png", 914400, 457200, '一"图<')
    assert block_markup(Paragraph((shown,))) == (
        '<p style="text-align:center"><img src="data:image/png;base64,iVBORw==" alt="一&quot;图&lt;"'
        ' width="96" height="48" style="max-width:100%;height:auto"></p>'
    )
    assert 'alt="图片" style' in block_markup(Paragraph((Picture(b"", "image/jpeg"),)))
    for description, said in (("", "此图格式网页不能显示，请见 Word 版"), ("流程图", "流程图")):
        (body,) = fragment_of(block_markup(Paragraph((Picture(b"", "image/x-emf", 1, 1, description),))))
        assert body.text_content() == f"［图片：{said}］"
    inside = Paragraph((Run("（一）图："), shown, Run("如上")), 2, 5)
    assert "<strong>（一）图：</strong><img" in block_markup(inside)


def test_tables_of_a_text_span_and_have_heads() -> None:
    def cell(row: int, column: int, height: int, width: int, text: str) -> TableCell:
        return TableCell(row, column, height, width, (paragraph(text),))

    cells = (cell(0, 0, 1, 2, "头"), cell(1, 0, 2, 1, "甲"), cell(1, 1, 1, 1, "1"), cell(2, 1, 1, 1, "2"))
    table = fragment_of(block_markup(TableBlock(3, 2, cells, (1, 3), 1))).find("table")
    places = spots([part for part in table if part.tag in ("thead", "tbody")])
    assert {place: spot.text for place, spot in places.items()} == {
        (0, 0): "头",
        (0, 1): "头",
        **{(1, 0): "甲", (2, 0): "甲", (1, 1): "1", (2, 1): "2"},
    }
    assert [column.get("style") for column in table.iter("col")] == ["width:25%", "width:75%"]
    assert [(head.text, head.get("scope")) for head in table.iter("th")] == [("头", "col")]
    # A cell that reaches out of the head keeps its length, and its row is still one of headers.
    reaching = fragment_of(block_markup(TableBlock(3, 2, (*cells[:1], cell(1, 0, 2, 2, "乙")), (1, 1), 2))).find(
        "table"
    )
    assert [(head.text, head.get("rowspan")) for head in reaching.iter("th")] == [("头", None), ("乙", "2")]
    assert reaching.find("thead") is None


CUT_OFF = """
// A row of a cell that spans more rows is smaller than what stands in it; its cells say whether anything is cut off.
const all = [...document.querySelectorAll("body, main, main *:not(.wide, tr, thead, tbody, col, colgroup)")];
const cut = all.filter(one => getComputedStyle(one).display !== "inline" && one.clientWidth
  && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1));
const out = all.filter(one => !one.closest(".wide") && one.getBoundingClientRect().right > innerWidth + 1);
const broken = [...document.querySelectorAll("td")].filter(cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return /^[\\d.]+$/.test(cell.textContent) && range.getClientRects().length > 1;
});
const page = document.documentElement.scrollWidth > innerWidth ? [document.body] : [];
return [...cut, ...out, ...broken, ...page].map(one => one.tagName + " " + one.textContent.slice(0, 40));
"""


def open_at(browser: webdriver.Chrome, page: Path, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())


@pytest.mark.parametrize("name", [*REPORT_DATA, "hostile"])
def test_a_browser_shows_all_of_it(browser: webdriver.Chrome, tmp_path: Path, name: str) -> None:
    made = hostile() if name == "hostile" else report_of(report(name))
    page = write(tmp_path / "报告.html", report_page(made).encode())
    for width in (1200, 800, 390):
        open_at(browser, page, width)
        assert browser.execute_script(CUT_OFF) == []
    texts = browser.execute_script(
        "return [...document.querySelectorAll('main > :is(h2, h3, h4, h5, p, div)')]"
        ".map(one => one.tagName === 'DIV' ? '(table)' : one.textContent)"
    )
    assert texts == expected_outline(made)
    assert browser.find_element(By.TAG_NAME, "h1").get_property("textContent") == made.submission.title
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert browser.get_log("browser") == []
    paper = base64.b64decode(browser.print_page())
    assert paper.startswith(b"%PDF")


def test_spaces_are_seen(browser: webdriver.Chrome, tmp_path: Path) -> None:
    """What a browser would swallow takes up room."""
    submission = report("suqian-2024")
    section = submission.form.text_sections[0].id

    def width_of(text: str) -> float:
        made = report_of(replace(submission, texts={section: (f"甲{text}乙",)}))
        open_at(browser, write(tmp_path / "报告.html", report_page(made).encode()), 1200)
        return browser.execute_script(
            "const range = document.createRange(); range.selectNodeContents(document.querySelector('p'));"
            "return range.getBoundingClientRect().width"
        )

    assert width_of("") < width_of(" ") < width_of("  ") < width_of("     ") < width_of("\t\t\t\t")
