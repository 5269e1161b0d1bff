"""Published reports are read as what they say, cell by cell, in every layout that is met; what is not found or not
understood is told, and nothing is guessed in silence."""

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import REPORT_DATA, random_submission, report
from places import REAL_REPORTS
from published_layouts import (
    KINDS,
    LAYOUTS,
    Block,
    Cell,
    Row,
    document_of,
    official,
    page_of,
    plain_text,
    read,
    right,
    sections,
)

from toolkit.batch.received.files import Item
from toolkit.batch.sources import read_item
from toolkit.checks.review import check
from toolkit.forms.loader import form_for_year
from toolkit.problems import Unreadable
from toolkit.reports.content import cell_text, report_of
from toolkit.reports.web_page import report_page
from toolkit.reports.word_report import build_report
from toolkit.submission.model import Submission

APPLICANTS = ("natural", "enterprise", "research", "charity", "legal", "other")
WORDS = st.text("甲乙丙，。0123456789 AB<&“”（）𬀩", min_size=1, max_size=30).map(str.strip).filter(bool)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", REPORT_DATA)
def test_every_cell_of_every_real_report_in_six_layouts(name: str, layout: str, kind: str) -> None:
    submission = report(name)
    good, whole, found = right(submission, layout, kind)
    print(f"{name} {layout} {kind}: {good / whole:.0%} of {whole} cells")
    if layout == "loose lines" and None in submission.values.values():
        told = {met.kind for met in found.irregularities}
        assert "row-unknown" in told, "where blanks have left no line, nobody knows whose the figures are"
        wrong = {cell for cell, value in found.values.items() if value not in (None, submission.values[cell])}
        assert wrong == set()
        return
    assert good == whole
    assert {met.kind for met in found.irregularities} <= {"report-remark"} | (
        {"text-unknown"} if layout == "loose lines" else set()
    )
    assert found.year == submission.year
    assert {key: len(texts) for key, texts in found.texts.items()} == {
        section.id: len(submission.texts.get(section.id, ("无",))) for section in submission.form.text_sections
    }


def submissions(seed: int, texts: list[str]) -> Submission:
    rng = random.Random(seed)
    year = rng.choice((2019, 2020, 2021, 2024))
    made = random_submission(form_for_year(year), rng, year)
    return replace(made, shown={}, texts={section: tuple(texts) for section in "一五六" if rng.random() < 0.7})


@pytest.mark.slow
@given(st.integers(), st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(["word", "web"]))
def test_our_own_reports_import_back(seed: int, texts: list[str], kind: str) -> None:
    submission = submissions(seed, texts)
    made = build_report(submission) if kind == "word" else report_page(report_of(submission)).encode()
    found = read(made)
    assert (found.form, found.year, found.agency) == (submission.form, submission.year, submission.agency)
    assert found.all_values == submission.all_values
    assert found.shown == {}
    kept = {section.id: submission.texts.get(section.id) or ("无",) for section in submission.form.text_sections}
    assert found.texts == kept
    assert found.irregularities == ()


RAW = sorted(path for path in REAL_REPORTS.iterdir() if path.suffix in (".html", ".pdf", ".txt"))


@pytest.mark.parametrize("path", RAW, ids=[path.name for path in RAW])
def test_published_files_give_the_values_of_their_data(path: Path) -> None:
    """As they were published: pages, the text of one, a PDF, and text that a program tore apart."""
    submission = report(path.stem)
    (source,) = read_item(Item(str(path)))
    found = source.submission
    assert found is not None, source.problem
    assert (found.form, found.year) == (submission.form, submission.year)
    assert found.values == submission.values
    assert found.shown == submission.shown
    told = {met.kind for met in found.irregularities}
    assert told <= {"report-remark", "row-by-order", "text-unknown"}
    assert ("row-by-order" in told) == (path.name == "shanghai-kewei-2024.txt"), "rows without labels are told"


FRAGMENTS = json.loads((Path(__file__).parent / "fragments.json").read_text(encoding="utf-8"))


def fragment_page(fragment: dict) -> bytes:
    """The tables of a fragment as a page: captions, column names, rows, each as it was printed."""
    blocks = [Block(f"{fragment['agency']}{fragment['year']}年政府信息公开工作年度报告")]
    for number, tables in fragment["tables"].items():
        rows: list[Row] = []
        for caption, table in tables.items() if number == "2" else [("", tables)]:
            width = max(len(table["columns"]), *map(len, table["rows"].values())) + 1
            rows += [(Cell(caption, width),)] if caption else []
            rows.append((Cell("信息内容" if caption else ""), *map(Cell, table["columns"])))
            texts = {
                label: ["" if value is None else str(value) for value in row] for label, row in table["rows"].items()
            }
            rows += [(Cell(label), *map(Cell, row)) for label, row in texts.items()]
        blocks.append(Block(rows=tuple(rows)))
    return page_of(blocks)


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=[fragment["slug"] for fragment in FRAGMENTS])
def test_fragments_of_published_pages(fragment: dict) -> None:
    """Every figure that was printed is in a cell, in the order in which it was printed, or its row is told."""
    found = read(fragment_page(fragment))
    assert (found.form.id, found.year) == (fragment["edition"], fragment["year"])
    printed = [
        str(value)
        for number, tables in fragment["tables"].items()
        for table in (tables.values() if number == "2" else [tables])
        for label, row in table["rows"].items()
        if label != "其他主动公开文件" and len(row) == len(table["columns"])
        for value in row
        if value is not None
    ]
    there = {cell: found.shown.get(cell, value) for cell, value in found.all_values.items() if cell in found.places}
    assert [cell_text(value) for value in there.values() if value is not None] == printed
    told = {met.kind for met in found.irregularities}
    assert told <= {"table-missing", "rows-missing", "row-unknown", "report-remark"}
    odd = "其他主动公开文件" in json.dumps(fragment, ensure_ascii=False) or fragment["slug"] == "qianjin-jyj-2020"
    assert ("row-unknown" in told) == odd, "a row of another form, and one with a cell too few"


PAGES = {
    "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>": "不是年度报告",
    "<html><body><div id=app></div><script>var a=1</script></body></html>": "网页里没有文字",
    "<html><p>附件：某局2024年政府信息公开工作年度报告.pdf</p></html>": "不是年度报告",
}


@pytest.mark.parametrize("page", PAGES)
def test_pages_without_a_report_are_refused_in_a_line(page: str) -> None:
    with pytest.raises(Unreadable, match=PAGES[page]) as problem:
        read(page.encode())
    assert "\n" not in problem.value.message


def kinds(blocks: list[Block]) -> tuple[Submission, dict[str, str]]:
    found = read(document_of(blocks))
    return found, {met.kind: met.place for met in found.irregularities}


Where = tuple[str, int]
Change = Callable[[Row, Where], list[Row]]


def changed(name: str, change: Change) -> list[Block]:
    """A report whose rows of tables were changed: section, row number, row → rows."""
    submission = report(name)
    rows = official(submission, plain_text(submission))
    return list(
        sections(
            submission,
            lambda section: [
                Block(
                    rows=tuple(
                        new for number, row in enumerate(rows[section]) for new in change(row, (section, number))
                    )
                )
            ],
        )
    )


def test_a_row_with_blanks_is_not_lost_and_blanks_stay_blank() -> None:
    def change(row: Row, where: Where) -> list[Row]:
        keep = {("三", 5): 2, ("三", 8): 1}.get(where, len(row))
        return [tuple(cell if at < keep else replace(cell, text="") for at, cell in enumerate(row))]

    found, met = kinds(changed("suqian-2024", change))
    assert met == {}
    blank = {cell for cell, value in found.values.items() if value is None}
    emptied = ("requests.granted.", "requests.forbidden_by_law.")
    assert blank == {cell for cell in found.values if cell.startswith(emptied)}


def test_a_row_that_comes_twice_is_told_and_the_first_counts() -> None:
    def change(row: Row, where: Where) -> list[Row]:
        if where != ("三", 4):
            return [row]
        return [row, tuple(replace(cell, text="77") if cell.text.isdigit() else cell for cell in row)]

    found, met = kinds(changed("suqian-2024", change))
    assert met == {"row-twice": "第2个表第 5 行"}
    assert found.values["requests.carried_in.natural"] == report("suqian-2024").values["requests.carried_in.natural"]


def test_a_row_without_a_label_is_known_by_its_neighbours_and_told() -> None:
    def change(row: Row, _where: Where) -> list[Row]:
        return [tuple(replace(c, text="") if "国家秘密" in c.text else c for c in row)]

    found, met = kinds(changed("suqian-2024", change))
    assert met == {"row-by-order": "第2个表第 8 行"}
    assert found.all_values == report("suqian-2024").all_values


def test_rows_without_labels_that_could_be_others_are_not_guessed() -> None:
    """Of three rows between two known ones only two came: nobody knows which."""

    def change(row: Row, _where: Where) -> list[Row]:
        if any("重复申请" in cell.text for cell in row):
            return [tuple(replace(cell, text="") for cell in row)]
        torn = ("信访举报投诉", "公开出版物")
        return [tuple(replace(c, text="") if any(word in c.text for word in torn) else c for c in row)]

    found, met = kinds(changed("suqian-2024", change))
    assert set(met) == {"row-unknown", "rows-missing"}
    assert {found.values[f"requests.{row}.natural"] for row in ("petition", "repeated", "publication")} == {None}


def test_an_unknown_row_and_a_note_are_told() -> None:
    def change(row: Row, where: Where) -> list[Row]:
        if where == ("二", 3):
            other = tuple(replace(cell, text="其他主动公开文件" if at == 0 else "3") for at, cell in enumerate(row))
            return [row, other]
        if where == ("二", 4):
            note = (replace(row[0], text="注：含乙局", width=4, height=1),)
            return [row, note]
        return [row]

    found, met = kinds(changed("suqian-2024", change))
    assert met == {"row-unknown": "第1个表第 5 行", "text-unknown": "第1个表!7行1列"}
    assert found.all_values == report("suqian-2024").all_values


def test_a_table_that_is_not_there_is_told() -> None:
    found, met = kinds(changed("suqian-2024", lambda row, where: [] if where[0] == "四" else [row]))
    assert met == {"table-missing": "表四"}
    assert found.values["disputes.review.upheld"] is None


def test_what_is_not_there_is_told_once_and_not_judged() -> None:
    """Neither blanks nor sums are told of rows that the page does not have; a blank on a page asks for the original."""

    def change(row: Row, where: Where) -> list[Row]:
        if where[0] == "四" or any("予以公开" in cell.text for cell in row):
            return []
        blank = [replace(cell, text="") if cell.text == "1573179" else cell for cell in row]
        return [tuple(blank)]

    found, _ = kinds(changed("suqian-2024", change))
    told = [each for each in check(found) if each.severity == "error" or each.rule.endswith("missing")]
    assert [each.rule for each in told] == ["rows-missing", "table-missing", "blank"]
    assert told[0].cells == tuple(f"requests.granted.{column}" for column in APPLICANTS)
    assert told[2].cells == ("services.licensing.decisions",)
    assert "请对照原文" in told[2].message
    assert "空白单元格均为 0" not in told[2].message


def test_columns_in_another_order_are_read_by_their_names() -> None:
    def change(row: Row, where: Where) -> list[Row]:
        return [(row[0], *reversed(row[1:])) if where[0] == "二" and len(row) == 4 else row]

    found, met = kinds(changed("suqian-2024", change))
    assert met == {}
    assert found.all_values == report("suqian-2024").all_values


def test_columns_of_the_other_edition_are_not_taken_for_this_ones() -> None:
    """Figures under 本年新制作数量 are not those of 本年制发件数, though there are three columns in both."""
    names = {"本年制发件数": "本年新制作数量", "本年废止件数": "本年新公开数量", "现行有效件数": "对外公开总数量"}

    def change(row: Row, _where: Where) -> list[Row]:
        return [tuple(replace(cell, text=names.get(cell.text, cell.text)) for cell in row)]

    found, met = kinds(changed("suqian-2024", change))
    assert found.form.id == "2021"
    assert set(met) == {"row-unknown", "table-missing"}
    assert found.values["documents.normative.issued"] is None


WRONG_HEADS = {
    "本年制发件数|现行有效件数": "现行有效|本年制发",
    "商业企业|科研机构": "科研单位|企业",
}


@pytest.mark.parametrize("names", WRONG_HEADS)
def test_headers_in_another_order_than_the_forms_are_never_passed_over(names: str) -> None:
    """Either the figures go where their header says, or they are not taken; not where the form has them."""
    changes = dict(zip(names.split("|"), WRONG_HEADS[names].split("|"), strict=True))

    def change(row: Row, _where: Where) -> list[Row]:
        return [tuple(replace(cell, text=changes.get(cell.text, cell.text)) for cell in row)]

    submission = report("suqian-2024")
    found, met = kinds(changed("suqian-2024", change))
    assert "row-unknown" in met
    assert not any(found.values[cell] not in (None, value) for cell, value in submission.values.items())


def test_columns_side_by_side_are_read_by_their_header() -> None:
    names = {"其他结果": "结果纠正", "结果纠正": "其他结果"}

    def change(row: Row, _where: Where) -> list[Row]:
        return [tuple(replace(cell, text=names.get(cell.text, cell.text)) for cell in row)]

    found, met = kinds(changed("suqian-2024", change))
    submission = report("suqian-2024")
    assert met == {}
    for row in ("review", "direct_suit", "suit_after_review"):
        assert found.values[f"disputes.{row}.other"] == submission.values[f"disputes.{row}.corrected"]
        assert found.values[f"disputes.{row}.corrected"] == submission.values[f"disputes.{row}.other"]


def test_units_in_a_header_stay_with_the_figure() -> None:
    def change(row: Row, _where: Where) -> list[Row]:
        return [tuple(replace(cell, text=cell.text.replace("单位：万元", "单位：元")) for cell in row)]

    found, _ = kinds(changed("suqian-2024", change))
    assert found.values["fees.fees.amount"] == f"{cell_text(report('suqian-2024').values['fees.fees.amount'])}元"


def test_a_blank_row_is_not_filled_from_another_table() -> None:
    def change(row: Row, where: Where) -> list[Row]:
        if where != ("二", 2):
            return [row]
        blank = tuple(cell if at == 0 else replace(cell, text="") for at, cell in enumerate(row))
        return [blank, row]

    found, met = kinds(changed("suqian-2024", change))
    assert found.values["documents.regulations.issued"] is None
    assert "row-twice" in met


def test_two_figures_in_a_cell_and_a_row_with_a_cell_too_few_are_told() -> None:
    page = report_page(report_of(report("suqian-2024")))
    start = page.index(">规章<")
    two = page[:start] + page[start:].replace(">2</td>", ">2<br>7</td>", 1)
    assert read(two.encode()).values["documents.regulations.issued"] == "2 7"
    end = page.index("</tr>", start)
    last = page.rindex("<td", start, end)
    short = read((page[:last] + page[end:]).encode())
    assert {met.kind for met in short.irregularities} == {"row-unknown", "rows-missing"}


def test_a_late_report_on_the_old_form_is_read_as_what_it_is() -> None:
    submission = replace(report("wenxian-jyj-2020"), year=2022)
    found = read(build_report(submission))
    assert (found.form.id, found.year) == ("2019", 2022)
    assert found.all_values == submission.all_values


TITLES = {
    "温县教育局2024年政府信息公开工作年度报告": ("温县教育局", 2024),
    "2024 年上海市科委政府信息公开工作年度报告": ("上海市科委", 2024),
    "温县教育局2024年度政府信息公开年度报告": ("温县教育局", 2024),
    "温县教育局|2024年政府信息公开工作年度报告": ("温县教育局", 2024),
    "关于温县教育局2024年政府信息公开工作年度报告": ("温县教育局", 2024),
    "温县教育局政府信息公开工作年度报告（2024年度）": ("温县教育局", 2024),
    "2024年政府信息公开工作年度报告": ("", 2024),
    "乌鲁木齐高新区（新市区）2024年政府信息公开工作年度报告": ("乌鲁木齐高新区(新市区)", 2024),
    "2024年高新区（新市区）政府信息公开工作年度报告": ("高新区(新市区)", 2024),
    "高新区(新市区)管委会2024年政府信息公开工作年度报告": ("高新区(新市区)管委会", 2024),
    "（温县教育局）2024年政府信息公开工作年度报告": ("温县教育局", 2024),
    "《温县教育局2024年政府信息公开工作年度报告》": ("温县教育局", 2024),
}


@pytest.mark.parametrize("title", TITLES)
def test_title_gives_agency_and_year(title: str) -> None:
    blocks = list(LAYOUTS["blanks"](report("suqian-2024")))
    lines = [Block(line) for line in title.split("|")]
    found = read(document_of([*lines, *blocks[1:]]))
    assert (found.agency, found.year) == TITLES[title]


def test_links_to_other_reports_are_not_the_title_of_a_page() -> None:
    link = "<p>某局2019年政府信息公开工作年度报告</p>"
    page = report_page(report_of(report("suqian-2024"))).replace("<main", f"{link}<main", 1)
    found = read(page.encode())
    assert (found.agency, found.year) == (report("suqian-2024").agency, 2024)


@pytest.mark.parametrize("blocks", [[Block("这是一封信")], [Block("404 页面不存在")], []])
def test_what_is_no_report_is_refused_in_a_line(blocks: list[Block]) -> None:
    with pytest.raises(Unreadable, match="不是年度报告") as problem:
        read(document_of(blocks))
    assert "\n" not in problem.value.message


def test_a_report_of_no_year_is_refused() -> None:
    blocks = list(LAYOUTS["blanks"](report("suqian-2024")))
    with pytest.raises(Unreadable, match="--year"):
        read(document_of([Block("某局年报"), *blocks[1:2], *blocks[8:]]))


def test_what_stands_beside_the_sections_is_kept_with_its_place() -> None:
    """The preface, prose and notes beside tables, and the signature. The site's own words and the heads of tables are
    no texts."""
    made = report("suqian-2024")
    preface = "根据《中华人民共和国政府信息公开条例》要求，现将宿迁市人民政府2024年政府信息公开工作年度报告公布如下："
    page = report_page(report_of(made))
    edits = [
        ("<h2", f"<p>首页</p><p>{'政务公开 政务公开 ' * 9}</p><p>来源：宿迁市 浏览次数：1</p><p>{preface}</p><h2"),
        ("(三、收到和处理政府信息公开申请情况</h2>)", r"\1<p>全年收到申请3件，见下表。</p><p>申请人情况</p>"),
        ("(<tr>(?:(?!</tr>).)*>规章<.*?</tr>)", r'\1<tr><td colspan="4">注：含乙局</td></tr>'),
        ("</main>|</body>", r"<p>宿迁市人民政府</p><p>2025年1月20日</p>\g<0>"),
    ]
    for pattern, replacement in edits:
        page, count = re.subn(pattern, replacement, page, count=1, flags=re.S)
        assert count == 1, pattern
    found = read(page.encode())
    assert found.other_texts == {
        "preface": (preface,),
        "三": ("全年收到申请3件，见下表。",),
        "signature": ("宿迁市人民政府", "2025年1月20日"),
        "二": ("注：含乙局",),
    }
    assert found.text_places["二"] == ("第1个表!4行1列",)
    assert found.texts == made.texts
    assert "第1个表!4行1列" in {place for one in check(found) for place in one.at}
