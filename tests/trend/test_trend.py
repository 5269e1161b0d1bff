"""The years of one agency side by side: what means the same stands in one row, nothing of any year is lost, and the
workbook counts as Python does."""

import random
import zipfile
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from kit import random_submission, write
from lxml import etree
from office import recalculate
from openpyxl import load_workbook
from site_form import SITE_FORM, good
from trend_sheets import (
    AGENCY,
    FIRST_ROW,
    LAST_YEAR,
    NOW,
    OLD,
    THEN,
    assert_nothing_lost,
    exact,
    rows_of,
    sheets_of,
)
from validator import assert_valid

from toolkit.forms.loader import form_for_year, parse_form
from toolkit.submission.carry_overs import own_numbers
from toolkit.submission.model import Submission
from toolkit.trend.model import NamedReport, Trend, choose, trend_of
from toolkit.trend.texts import pieces
from toolkit.trend.workbook import trend_workbook


def trend(*submissions: Submission) -> Trend:
    return trend_of(choose([NamedReport(f"{one.year}.json", one) for one in submissions]))


def assert_changes_right(path: Path) -> None:
    for row in rows_of(path):
        for ((_, last), (_, this)), (amount, percent) in zip(pairwise(row.values.items()), row.changes, strict=True):
            if isinstance(last, str) or isinstance(this, str) or last is None or this is None:
                assert (amount, percent) == (None, None)
                continue
            difference = exact(this) - exact(last)
            assert abs(exact(amount) - difference) <= abs(difference) / 10**14
            if last > 0:
                share = difference / exact(last)
                assert abs(exact(percent) - share) <= Fraction(1, 2000) + abs(share) / 10**12
            else:
                assert percent is None


def test_the_same_rows_stand_beside_each_other_across_editions(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", trend_workbook(trend(NOW, OLD, THEN)))
    rows = rows_of(path)
    (granted,) = [row for row in rows if row.row.endswith("（一）予以公开") and row.column == "自然人"]
    cell = "requests.granted.natural"
    assert granted.values == {one.year: one.values[cell] for one in (OLD, THEN, NOW)}
    assert granted.edition == ""
    other = [row for row in rows if "（六）其他处理" in row.row and row.column == "自然人"]
    old_only = [row for row in other if row.edition]
    assert len(old_only) == 1
    assert old_only[0].edition == f"以下各项只在「{OLD.form.name}」（2019 年）中有"
    assert {row.values[2019] for row in other if not row.edition} == {None}
    assert old_only[0].values[2023] is old_only[0].values[2024] is None
    labels = [(row.edition != "", row.row, row.column) for row in rows if "其他处理" in row.row]
    assert labels == [*dict.fromkeys(labels)]
    assert_nothing_lost(path, (OLD, THEN, NOW))
    assert_changes_right(path)
    assert [edition.years for edition in trend(NOW, OLD, THEN).editions] == [(2019,), (2023, 2024)]


def test_changes_are_formulas_and_totals_count_on(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", trend_workbook(trend(THEN, NOW)))
    sheet = load_workbook(path)["三"]
    last = {(r[0].value, r[1].value): r for r in sheet.iter_rows(min_row=FIRST_ROW)}
    cells = last["一、本年新收", "总计"]
    at = cells[0].row
    assert cells[2].value == f"=SUM(C{at - 6}:C{at - 1})"
    assert cells[4].value == f'=IF(COUNT(C{at},D{at})=2,D{at}-C{at},"")'
    assert cells[5].value == f'=IF(COUNT(C{at},D{at})=2,IF(C{at}>0,ROUND((D{at}-C{at})/C{at},3),""),"")'
    money = next(r for r in load_workbook(path)["二"].iter_rows(min_row=FIRST_ROW) if "金额" in str(r[1].value))
    assert money[4].value.startswith("=IF(COUNT(")
    assert "ROUND(D" in money[4].value
    assert money[2].number_format == "0.0000"
    assert sheet.freeze_panes == "C5"
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$3:$4", "landscape")


def test_the_changes_are_those_of_the_data_page() -> None:
    lines = {line.cells[2024]: line for line in trend(THEN, NOW).lines}
    fees = lines["fees.fees.amount"].change(2023, 2024)
    assert fees is not None
    assert (fees.amount, fees.percent) == (Decimal("13464.0129"), Decimal("22.7"))
    repealed = lines["documents.regulations.repealed"].change(2023, 2024)
    assert repealed is not None
    assert (repealed.amount, repealed.percent) == (1, None)


def test_charts_are_the_forms_own(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", trend_workbook(trend(OLD, THEN, NOW)))
    with zipfile.ZipFile(path) as package:
        charts = [etree.fromstring(package.read(name)) for name in sorted(package.namelist()) if "charts/chart" in name]
    assert len(charts) == 2 * len(NOW.form.charts)
    names = [[tx.text for tx in chart.iterfind(".//{*}ser/{*}tx//{*}v")] for chart in charts]
    assert names == [[point.name for point in chart.points] for chart in NOW.form.charts for _ in range(2)]
    overview = load_workbook(path, data_only=True)["总览"]
    table = {row[0]: row[1:4] for row in overview.iter_rows(values_only=True) if row[0]}
    assert table["予以公开"] == (OLD.totals["requests.granted.total"], 1191, 1431)
    others = OLD.totals["requests.other.total"] if "requests.other.total" in own_numbers(OLD) else None
    assert table["其他处理"] == (others, 341, 469), "a row there and three here"
    cached = [
        Decimal(v.text)
        for v in charts[0].iterfind(".//{*}ser/{*}val//{*}v")  # the numbers that a reader sees before any recount
    ]
    assert cached[:3] == [OLD.totals["requests.granted.total"], 1191, 1431]
    formula = load_workbook(path)["总览"]
    assert any(str(c.value).startswith("=SUM('三'!") for row in formula.iter_rows() for c in row)


def six_years(rng: random.Random) -> tuple[Submission, ...]:
    years = sorted(rng.sample(range(2019, 2031), 6))
    made = []
    for year in years:
        form = form_for_year(year)
        one = random_submission(form, rng, year)
        texts = {
            section.id: tuple("段落。" * rng.randrange(1, 900) for _ in range(rng.randrange(4)))
            for section in form.text_sections
        }
        values = dict(one.values)
        for cell in rng.sample(sorted(values), 3):
            values[cell] = rng.choice(("12件", "不详", "=1+1", "1,234", None))
        made.append(Submission(form, AGENCY, year, values, texts))
    return tuple(made)


@pytest.mark.slow
def test_any_six_years_lose_nothing(tmp_path: Path) -> None:
    rng = random.Random(7)
    for number in range(8):
        submissions = six_years(rng)
        shuffled = rng.sample(submissions, len(submissions))
        made = trend(*shuffled)
        assert made.years == tuple(one.year for one in submissions)
        assert not any(isinstance(value, float) for line in made.lines for value in line.values.values())
        path = write(tmp_path / f"{number}.xlsx", trend_workbook(made))
        assert_nothing_lost(path, submissions)
        assert_changes_right(path)


@pytest.mark.libreoffice
def test_another_program_counts_the_same(tmp_path: Path) -> None:
    rng = random.Random(11)
    made = [trend(OLD, THEN, NOW), *(trend(*six_years(rng)) for _ in range(4))]
    files = [write(tmp_path / f"{number}.xlsx", trend_workbook(one)) for number, one in enumerate(made)]
    for ours, theirs in zip(files, recalculate(files, tmp_path / "recounted"), strict=True):
        mine, other = (load_workbook(path, data_only=True) for path in (ours, theirs))
        formulas = load_workbook(ours)
        counted = 0
        for sheet in formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    if not str(cell.value).startswith("=") or cell.data_type != "f":
                        continue
                    counted += 1
                    a, b = mine[sheet.title][cell.coordinate].value, other[sheet.title][cell.coordinate].value
                    if a in (None, "") or b in (None, ""):
                        assert (a or None) == (b or None), (sheet.title, cell.coordinate, cell.value)
                    else:
                        assert abs(a - b) <= 1e-9 * max(1, abs(a)), (sheet.title, cell.coordinate, cell.value)
        assert counted > 400


@pytest.mark.libreoffice
def test_a_corrected_number_goes_on_into_totals_changes_and_charts(tmp_path: Path) -> None:
    book = load_workbook(write(tmp_path / "t.xlsx", trend_workbook(trend(THEN, NOW))))
    (granted,) = [
        r
        for r in book["三"].iter_rows(min_row=FIRST_ROW)
        if "（一）予以公开" in str(r[0].value) and r[1].value == "自然人"
    ]
    granted[LAST_YEAR].value += 100
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "t.xlsx")
    (path,) = recalculate([tmp_path / "foreign" / "t.xlsx"], tmp_path / "foreign" / "recounted")
    changed = {(row.row, row.column): row for row in rows_of(path)}
    for name in ("（一）予以公开", "（七）总计"):
        row = changed[f"三、本年度办理结果 › {name}", "总计"]
        cell = "requests.granted.total" if "公开" in name else "requests.handled.total"
        assert row.values == {2023: THEN.totals[cell], 2024: NOW.totals[cell] + 100}
        assert row.changes[0][0] == NOW.totals[cell] + 100 - THEN.totals[cell]
    overview = {row[0]: row[1:3] for row in load_workbook(path, data_only=True)["总览"].iter_rows(values_only=True)}
    assert overview["予以公开"] == (1191, 1531)


HOSTILE = ("=1+1", "<b>&", "@SUM(A1)", "http://a.b/c", "_x0041_", "+1", "控\x01制", "'", "{=1}")


@pytest.mark.validator
def test_excel_opens_it_without_repair(tmp_path: Path) -> None:
    assert_valid(write(tmp_path / "t.xlsx", trend_workbook(trend(OLD, THEN, NOW))))
    agency = "=甲<b>&“乙”𬀩🏫" + "长" * 300
    hostile = [
        replace(
            one,
            agency=agency,
            values={**one.values, "requests.granted.natural": "=1+1", "fees.fees.amount": Decimal(10**27 + 1) / 10},
            texts={"一": HOSTILE, "五": ("x" * 30_000,)},
        )
        for one in (THEN, NOW)
    ]
    assert_valid(write(tmp_path / "h.xlsx", trend_workbook(trend(*hostile))))
    assert_valid(write(tmp_path / "empty.xlsx", trend_workbook(trend(blank(2019), blank(2024)))))


def blank(year: int) -> Submission:
    return Submission(form_for_year(year), "", year, {}, {})


def test_texts_never_become_formulas(tmp_path: Path) -> None:
    hostile = [replace(one, agency="=1+1", texts={"一": HOSTILE, "六": ("无",)}) for one in (THEN, NOW)]
    hostile[1] = replace(
        hostile[1], values={**NOW.values, "requests.granted.natural": "=2+2", "fees.fees.amount": "@x"}
    )
    chosen = choose([NamedReport("=cmd.xlsx", one) for one in hostile])
    book = load_workbook(write(tmp_path / "t.xlsx", trend_workbook(trend_of(chosen))))
    strings = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "s"}
    formulas = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"}
    assert {"=2+2", "@x", "=cmd.xlsx", "=1+1", "<b>&", "@SUM(A1)", "{=1}", "控制"} <= strings
    assert all(formula.startswith(("=IF(COUNT(", "=SUM(")) for formula in formulas)
    assert not any(c.hyperlink for sheet in book for row in sheet.iter_rows() for c in row)


def test_numbers_beyond_a_spreadsheet_stay_whole(tmp_path: Path) -> None:
    long = Decimal("12345678901234567.89")
    huge = replace(NOW, values={**NOW.values, "fees.fees.amount": long, "requests.granted.natural": 10**24 + 1})
    path = write(tmp_path / "t.xlsx", trend_workbook(trend(THEN, huge)))
    values = [row.values[2024] for row in rows_of(path)]
    assert {str(long), str(10**24 + 1), str(huge.totals["requests.granted.total"])} <= {
        v for v in values if isinstance(v, str)
    }
    (fees,) = [row for row in rows_of(path) if "金额" in row.column]
    assert fees.changes == [(None, None)]


def test_odd_spellings_count_as_understood_and_are_named(tmp_path: Path) -> None:
    odd = replace(NOW, values={**NOW.values, "requests.granted.natural": "１２件", "requests.granted.legal": "不详"})
    made = trend(THEN, odd)
    spoken = [remark for remark in made.remarks if "填的是" in remark]
    assert len(spoken) == 2
    assert "“１２件”，按 12 计" in spoken[0]
    assert "“不详”，认不出是什么数" in spoken[1]
    lines = {line.cells[2024]: line for line in made.lines}
    assert lines["requests.granted.natural"].values[2024] == 12
    assert lines["requests.granted.legal"].values[2024] == "不详"
    assert lines["requests.granted.legal"].number(2024) is None
    path = write(tmp_path / "t.xlsx", trend_workbook(made))
    assert any("１２件" in str(c.value) for row in load_workbook(path)["总览"].iter_rows() for c in row)
    assert_nothing_lost(path, (THEN, odd))


def test_a_missing_year_is_named_and_the_next_is_compared_to_the_last_there_is() -> None:
    made = trend(OLD, NOW)
    assert made.pairs == ((2019, 2024),)
    assert made.remarks[0] == "缺 2020、2021、2022、2023 年的报告，其后一年与最近的一年比较。"


def test_a_long_paragraph_goes_on_in_the_next_row() -> None:
    for text in ("甲乙丙丁。" * 900, "字" * 5000, "a" * 3000, "", "短。"):
        parts = list(pieces(text, 48))
        assert "".join(parts) == text
        assert all(len(part) <= 24 * 46 for part in parts)
    assert all(part.endswith("。") for part in pieces("甲乙丙丁。" * 900, 48))


@pytest.mark.slow
def test_many_years_go_over_pages_and_no_change_is_torn_apart(tmp_path: Path) -> None:
    few = load_workbook(write(tmp_path / "few.xlsx", trend_workbook(trend(OLD, THEN, NOW))))["三"]
    assert few.sheet_properties.pageSetUpPr.fitToPage
    many = trend(*(replace(NOW, year=year) for year in range(2021, 2037)))
    sheet = load_workbook(write(tmp_path / "many.xlsx", trend_workbook(many)))["三"]
    starts = {cell.column for cell in sheet[3] if str(cell.value).endswith(" 年")}
    breaks = [item.id + 1 for item in sheet.col_breaks.brk]
    assert breaks
    assert set(breaks) <= starts
    assert sheet.print_title_cols == "$A:$B"


def test_any_form_has_a_trend(tmp_path: Path) -> None:
    """A form of one's own: other sections, money, choices, a chart of differences; and a second edition that
    names a section and a column otherwise."""
    chart = """
[[charts]]
id = "money"
title = "=经费"
points = [
  { name = "预算", reading = "money.budget.amount" },
  { name = "超支", reading = "money.spent.amount - money.budget.amount" },
]
"""
    first = parse_form(SITE_FORM, "site.toml")
    renamed = ('id = "site"', 'id = "site2"'), ("一、基本情况", "一、网站情况"), ('"动态"', '"新闻"')
    text = SITE_FORM
    for old, new in renamed:
        text = text.replace(old, new)
    second = parse_form(text + chart, "site2.toml")
    then = replace(good(), form=first, year=2023)
    now = replace(good(), form=second, year=2024)
    path = write(tmp_path / "t.xlsx", trend_workbook(trend(then, now)))
    assert [sheet.title for sheet in sheets_of(path)] == ["情况", "经费", "情况（2）"]
    assert_nothing_lost(path, (then, now))
    with zipfile.ZipFile(path) as package:
        drawn = etree.fromstring(package.read("xl/charts/chart1.xml"))
    assert drawn.find(".//{*}grouping").get("val") == "clustered", "what is below nothing does not add up"
