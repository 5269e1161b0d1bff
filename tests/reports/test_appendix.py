"""The data page at the end of the Word report: its numbers are those of the two reports, its charts are Word's own."""

import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.text.paragraph import Paragraph
from kit import docx_grids, random_submission, report, write
from lxml import etree
from office import convert
from openpyxl import load_workbook
from site_form import FORM as SITE
from site_form import SITE_FORM, good
from validator import assert_valid

from toolkit.forms.loader import form_for_year, parse_form
from toolkit.reports.appendix import APPENDIX_TITLE, NOT_PUBLIC
from toolkit.reports.charts import chart_part
from toolkit.reports.comparison import (
    ComparedCell,
    Series,
    chart_series,
    comparison,
)
from toolkit.reports.content import report_of
from toolkit.reports.word_report import DataPage, word_report
from toolkit.submission.carry_overs import own_numbers
from toolkit.submission.changes import change_text, percent_text
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

THEN, NOW = report("suqian-2023"), report("suqian-2024")
C = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}


def with_appendix(submission: Submission, prior: Submission | None) -> bytes:
    """The report with the data page behind it."""
    return word_report(report_of(submission), data_page=DataPage(prior))


def lines_of(submission: Submission, prior: Submission | None) -> dict[str, ComparedCell]:
    return {line.cell: line for section in comparison(submission, prior) for line in section.lines}


def shown(line: ComparedCell) -> tuple[str, ...]:
    return line.name, str(line.last), str(line.this), change_text(line.change), percent_text(line.percent)


def charts_of(path: Path) -> Iterator[tuple[dict[str, list[tuple[str, str | None]]], dict[str, list[object]]]]:
    """Of every chart the cache and the embedded sheet: numbers with their categories by series."""
    document = Document(str(path))
    for relation in document.part.rels.values():
        if relation.reltype != RELATIONSHIP_TYPE.CHART:
            continue
        part = relation.target_part
        chart = etree.fromstring(part.blob)
        cache = {}
        for series in chart.iterfind(".//c:ser", C):
            names = [point.text for point in series.iterfind("c:cat//c:v", C)]
            numbers = {int(point.get("idx")): point[0].text for point in series.iterfind("c:val//c:pt", C)}
            cache[series.findtext("c:tx//c:v", namespaces=C)] = [
                (name, numbers.get(index)) for index, name in enumerate(names)
            ]
        (external,) = chart.iterfind("c:externalData", C)
        behind = part.rels[external.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id")]
        rows = list(load_workbook(BytesIO(behind.target_part.blob)).active.iter_rows(values_only=True))
        sheet = {
            name: [(row[0], row[column]) for row in rows[1:]] for column, name in enumerate(rows[0]) if name is not None
        }
        yield cache, sheet


def test_numbers_of_two_real_years() -> None:
    lines = lines_of(NOW, THEN)
    assert [section.title for section in comparison(NOW, THEN)] == [s.title for s in NOW.form.table_sections]
    assert shown(lines["requests.received.total"]) == ("一、本年新收", "3511", "3525", "+14", "+0.4%")
    assert shown(lines["documents.regulations.issued"]) == ("规章：本年制发件数", "2", "2", "0", "0.0%")
    assert shown(lines["documents.regulations.repealed"]) == ("规章：本年废止件数", "0", "1", "+1", "")
    assert shown(lines["requests.security.total"]) == ("（三）不予公开：3.危及“三安全一稳定”", "6", "4", "-2", "-33.3%")
    assert shown(lines["requests.reissue.total"])[1:] == ("4", "0", "-4", "-100.0%")
    assert shown(lines["fees.fees.amount"]) == (
        "行政事业性收费：本年收费金额（单位：万元）",
        "59237.2449",
        "72701.2578",
        "+13464.0129",
        "+22.7%",
    )
    assert shown(lines["disputes.suit_after_review.total"])[0] == "行政诉讼：复议后起诉"
    results, applicants = NOW.form.charts
    assert chart_series(results, NOW, THEN) == (
        Series("2023 年", (1191, 328, 142, 1078, 406, 341)),
        Series("2024 年", (1431, 471, 92, 941, 117, 469)),
    )
    assert chart_series(applicants, NOW, THEN)[1].numbers == (3440, 75, 0, 1, 6, 3)


def test_tables_whose_rows_have_totals_give_only_these() -> None:
    cells = lines_of(NOW, None)
    assert {cell for cell in cells if cell.startswith(("requests.", "disputes."))} == {
        cell.id for cell in NOW.form.cells.values() if cell.column.id == "total"
    }
    assert {cell for cell in cells if cell.startswith("documents.")} == {
        cell.id for cell in NOW.form.cells.values() if cell.table == "documents"
    }


def test_names_tell_the_lines_apart() -> None:
    for form in (form_for_year(2020), form_for_year(2024), SITE):
        submission = Submission(form, "某局", form.first_year, {}, {})
        for section in comparison(submission, None):
            names = [line.name for line in section.lines]
            assert len(set(names)) == len(names)
            assert max(map(len, names)) < 40


def test_across_the_editions_what_both_have_is_compared() -> None:
    old, new = report("shanghai-office-2019"), report("shanghai-kewei-2024")
    lines = lines_of(new, old)
    both = lines["requests.received.total"]
    assert (both.last, both.this) == (
        own_numbers(old)["requests.received.total"],
        new.totals["requests.received.total"],
    )
    assert {line.last for cell, line in lines.items() if cell.startswith("documents.")} == {None}
    other = lines["requests.other.total"]
    assert (other.last, other.change, other.percent) == (None, None, None)
    # The chart of each year is made of its own form's cells: 其他处理 is one row there and three here.
    results = new.form.charts[0]
    then, now = chart_series(results, new, replace(old, values={**old.values, "requests.other.natural": 7}))
    assert (then.name, now.name) == ("2019 年", "2024 年")
    assert then.numbers[-1] == 7
    assert now.numbers[-1] == sum(
        new.totals[f"requests.{row}.total"] for row in ("not_corrected", "fee_unpaid", "other")
    )


def test_no_prior_no_change() -> None:
    wenxian = report("wenxian-jyj-2020")
    lines = lines_of(wenxian, None)
    assert {(line.last, line.change, line.percent) for line in lines.values()} == {(None, None, None)}
    assert shown(lines["procurement.central.amount"])[::2] == ("政府集中采购：采购总金额（万元）", "2873.495", "")
    assert [len(chart_series(chart, wenxian, None)) for chart in wenxian.form.charts] == [1, 1]


@pytest.mark.parametrize(
    ("last", "this", "change", "percent"),
    [
        (8, 9, "+1", "+12.5%"),
        (100, 97, "-3", "-3.0%"),
        (5, 5, "0", "0.0%"),
        (0, 5, "+5", ""),
        (-3, 5, "+8", ""),
        (None, 5, "", ""),
        (5, None, "", ""),
        (Decimal("0.30"), Decimal("0.3"), "0", "0.0%"),
        (Decimal("0.1"), Decimal("0.3"), "+0.2", "+200.0%"),
        (Decimal(200), Decimal("189.50"), "-10.5", "-5.3%"),
        (1, 10**27, f"+{10**27 - 1}", f"+{10**29 - 100}.0%"),
        (100_000, 99_999, "-1", "0.0%"),
    ],
)
def test_changes_in_words(last: object, this: object, change: str, percent: str) -> None:
    line = ComparedCell("x", "x", last, this)  # type: ignore[arg-type]
    assert (change_text(line.change), percent_text(line.percent)) == (change, percent)


def test_random_reports_add_up(tmp_path: Path) -> None:
    rng = random.Random(20)
    for number in range(60):
        years = rng.choice(((2019, 2020), (2020, 2021), (2023, 2024)))
        prior, now = (random_submission(form_for_year(year), rng, year) for year in years)
        for line in lines_of(now, prior).values():
            cell = now.form.cells[line.cell]
            filled = [part.cell for part in cell.parts] or [cell.id]
            assert (line.this is None) == all(now.values[key] is None for key in filled)
            if line.this is not None:
                assert line.this == now.all_values[cell.id]
            assert not any(isinstance(value, float) for value in (line.last, line.this, line.change, line.percent))
            if line.change is not None:
                assert line.last == prior.all_values[cell.id]
                assert line.change == Fraction(line.this) - Fraction(line.last)
            if line.percent is not None:
                assert abs(Fraction(line.percent) - 100 * Fraction(line.change) / Fraction(line.last)) <= Fraction(
                    1, 20
                )
        for submission in (prior, now):
            sums = [sum(n or 0 for n in chart_series(c, submission, None)[0].numbers) for c in submission.form.charts]
            assert sums == [submission.totals[f"requests.{row}.total"] for row in ("handled", "received")]
        if number % 10 == 0:
            path = write(tmp_path / f"{number}.docx", with_appendix(now, prior))
            assert_caches_agree(path)


def assert_caches_agree(path: Path) -> None:
    for cache, sheet in charts_of(path):
        assert list(cache) == list(sheet)
        for name, points in cache.items():
            assert [(key, None if text is None else Decimal(text)) for key, text in points] == [
                (key, None if value is None else Decimal(str(value))) for key, value in sheet[name]
            ]


def test_the_page_says_what_it_is_and_shows_the_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "r.docx", with_appendix(NOW, THEN))
    document = Document(str(path))
    texts = [paragraph.text for paragraph in document.paragraphs]
    heading = document.paragraphs[texts.index(APPENDIX_TITLE)]
    assert heading.paragraph_format.page_break_before
    assert "内部使用" in heading.text
    assert texts[texts.index(APPENDIX_TITLE) + 1] == NOT_PUBLIC
    assert all(
        text or paragraph._p.xpath(".//w:drawing") for text, paragraph in zip(texts, document.paragraphs, strict=True)
    )
    table = document.tables[-1]
    assert [len(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows][:2] == [1, 0]
    assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)
    rows = docx_grids(path)[-1]
    assert rows[0] == ["项目", "2023 年", "2024 年", "增减", "增减幅度"]
    assert rows[1] == ["二、主动公开政府信息情况"]
    expected = [
        [
            line.name,
            number_text(line.last),
            number_text(line.this),
            change_text(line.change),
            percent_text(line.percent),
        ]
        for line in lines_of(NOW, THEN).values()
    ]
    assert [row for row in rows[1:] if len(row) > 1] == expected


def test_every_chart_stands_under_its_caption_and_is_read_out(tmp_path: Path) -> None:
    path = write(tmp_path / "r.docx", with_appendix(NOW, THEN))
    document = Document(str(path))
    drawings = document.element.body.xpath(".//w:drawing")
    assert len(drawings) == 2
    captions = [Paragraph(drawing.getparent().getparent().getprevious(), document) for drawing in drawings]
    assert [caption.text for caption in captions] == ["图 1　2023 年与 2024 年对比", "图 2　2023 年与 2024 年对比"]
    assert all(caption.paragraph_format.keep_with_next for caption in captions)
    properties = [drawing.xpath(".//wp:docPr")[0] for drawing in drawings]
    assert len({item.get("id") for item in properties}) == 2
    assert properties[0].get("descr") == (
        "申请办理结果（单位：件）。2023 年：予以公开 1191，部分公开 328，不予公开 142，无法提供 1078，不予处理 406，"
        "其他处理 341；2024 年：予以公开 1431，部分公开 471，不予公开 92，无法提供 941，不予处理 117，其他处理 469。"
    )
    assert [list(cache) for cache, _ in charts_of(path)] == [["2023 年", "2024 年"]] * 2
    first, _ = charts_of(path)
    assert first[0]["2024 年"][0] == ("予以公开", "1431")
    assert first[1]["2024 年"][0] == ("予以公开", 1431)
    assert_caches_agree(path)


def test_without_a_prior_the_page_says_so_and_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "r.docx", with_appendix(report("wenxian-jyj-2020"), None))
    texts = [paragraph.text for paragraph in Document(str(path)).paragraphs]
    assert "注：没有上年的报告可供对比，只列本年数。" in texts
    assert texts[-2:] == [
        "申请办理结果：各项都是 0 或没有填，不作图。",
        "新收申请的申请人情况：各项都是 0 或没有填，不作图。",
    ]
    assert docx_grids(path)[-1][0] == ["项目", "2020 年"]
    assert list(charts_of(path)) == []


def test_a_form_without_charts_ends_in_a_paragraph(tmp_path: Path) -> None:
    document = Document(str(write(tmp_path / "r.docx", with_appendix(good(), replace(good(), year=2023)))))
    assert document.paragraphs[-1].text.startswith("注：增减为")
    assert document.element.body[-2].tag.endswith("}p")
    assert not document.element.body.xpath(".//w:drawing")


def test_any_form_may_have_charts(tmp_path: Path) -> None:
    """Charts are declared in TOML alone: of amounts, of differences, without a unit."""
    declared = """
[[charts]]
id = "money"
title = "经费"
shape = "columns"
points = [
  { name = "预算", reading = "money.budget.amount" },
  { name = "超支", reading = "money.spent.amount - money.budget.amount" },
]
"""
    form = parse_form(SITE_FORM + declared, "site.toml")
    then, now = (replace(good(), form=form, year=year) for year in (2023, 2024))
    path = write(tmp_path / "r.docx", with_appendix(now, then))
    ((cache, _),) = charts_of(path)
    assert cache == {f"{year} 年": [("预算", "100.10"), ("超支", "-99.80")] for year in (2023, 2024)}
    assert_caches_agree(path)


def test_numbers_beyond_all_measure_do_not_stop_the_page(tmp_path: Path) -> None:
    huge = replace(
        NOW, values={**NOW.values, "fees.fees.amount": Decimal("1E+300"), "requests.granted.natural": 10**28}
    )
    rows = {row[0]: row for row in docx_grids(write(tmp_path / "r.docx", with_appendix(huge, THEN)))[-1]}
    fees = rows["行政事业性收费：本年收费金额（单位：万元）"]
    assert fees[2] == "1" + "0" * 300
    assert fees[3].startswith("+99999")
    assert fees[4].endswith("%")


def test_one_chart_is_one_file() -> None:
    series = [Series("2024 年", (1, None, Decimal("2.50")))]
    assert chart_part("题", "甲乙丙", series) == chart_part("题", "甲乙丙", series)


def test_odd_names_and_negative_numbers_are_drawn() -> None:
    files = chart_part("a<b>&\x01“甲”", ["=1+1", "<c>", "&"], [Series("2024 年", (-1, None, 3))], "columns")
    chart = etree.fromstring(files.xml)
    assert chart.findtext(".//{*}title//{*}t") == "a<b>&“甲”"
    assert chart.find(".//c:valAx//c:min", C) is None
    sheet = load_workbook(BytesIO(files.workbook)).active
    assert list(sheet.iter_rows(values_only=True)) == [
        (None, "2024 年"),
        ("=1+1", -1),
        ("<c>", None),
        ("&", 3),
    ]
    assert sheet["A2"].data_type == "s"


@pytest.mark.validator
def test_the_validator_finds_nothing(tmp_path: Path) -> None:
    pairs = [
        (NOW, THEN),
        (report("shanghai-kewei-2024"), report("shanghai-office-2019")),
        (report("wenxian-jyj-2020"), None),
        (report("shanghai-office-2019"), None),
        (good(), good()),
    ]
    for number, (submission, prior) in enumerate(pairs):
        assert_valid(write(tmp_path / f"{number}.docx", with_appendix(submission, prior)))
    for chart in NOW.form.charts:
        names = [point.name for point in chart.points]
        files = chart_part(chart.title, names, chart_series(chart, NOW, THEN), chart.shape)
        assert_valid(write(tmp_path / f"{chart.id}.xlsx", files.workbook))


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_libreoffice_draws_it(tmp_path: Path) -> None:
    """The table on one page, both charts on the next, with names and numbers in full."""
    path = write(tmp_path / "r.docx", with_appendix(NOW, THEN))
    convert([path], tmp_path / "foreign", "pdf")
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "foreign" / "r.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    table, charts = text.rstrip("\f").split("\f")[-2:]
    assert "数据对比" in table
    assert "注：" in table
    for chart in NOW.form.charts:
        assert chart.title in charts
        for point in chart.points:
            assert point.name in charts
        for series in chart_series(chart, NOW, THEN):
            for number in series.numbers:
                assert str(number) in charts
