"""The roll-up: sums are right to the last decimal, nobody counts twice, and what does not count is said."""

import json
import os
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from batches import make_batch, names, workbook, write_roster
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import LOOKUP, docx_grids, random_submission, read, report, write
from office import recalculate
from openpyxl import load_workbook
from site_form import SITE_FORM
from validator import assert_valid

from toolkit.cli.main import run
from toolkit.forms.loader import bundled_form, form_for_year, form_lookup, parse_form
from toolkit.problems import Problem
from toolkit.rollup.draft import numeral
from toolkit.rollup.refusals import counted_twice
from toolkit.rollup.sum_table import FIRST_ROW, FIRST_SUM, HEAD, STATED, TOTAL
from toolkit.rollup.sums import roll_up, share_of
from toolkit.submission.json_csv import read_data_bytes, to_data
from toolkit.submission.model import Submission
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import blank_submission, build_workbook

FORM = form_for_year(2024)
YEAR = 2024
COUNTY = "青河县人民政府"
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def gknb_here(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command in this process, from the test's folder: its exit status, and what it said."""
    monkeypatch.chdir(tmp_path)

    def said(*arguments: object) -> tuple[int, str]:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return status, captured.out + captured.err

    return said


def sound(agency: str, rng: random.Random, year: int = YEAR) -> Submission:
    """A return without faults, its figures of any size."""
    form = form_for_year(year)
    values: dict[str, Any] = {}
    for cell in form.filled:
        top = rng.choice((1, 9, 5000))
        money = Decimal(rng.randrange(10**10)).scaleb(-6)
        values[cell.id] = money if cell.kind.name == "money" else rng.randrange(top)
    for column in ("natural", "enterprise", "research", "charity", "legal", "other"):
        values[f"requests.carried_out.{column}"] = 0
        handled = Submission(form, agency, year, values, {}).totals[f"requests.handled.{column}"]
        values[f"requests.carried_in.{column}"] = 0
        values[f"requests.received.{column}"] = handled
    texts = {
        "一": (f"{agency}主动公开方面开展了工作。",),
        "五": ("问题：不够主动。改进措施：加强培训。",),
        "六": ("无",),
    }
    return Submission(form, agency, year, values, texts)


def put(path: Path, *submissions: Submission) -> Path:
    data = [to_data(submission) for submission in submissions]
    return write(path, json.dumps(data, ensure_ascii=False).encode())


def recount(data: Sequence[Mapping[str, Any]]) -> dict[str, Fraction]:
    """The sums of JSON data in another arithmetic."""
    totals: dict[str, Fraction] = {}
    for one in data:
        for cell, value in one["values"].items():
            if value is not None:
                totals[cell] = totals.get(cell, Fraction(0)) + Fraction(value)
    return totals


def figures(submission: Submission) -> dict[str, Fraction]:
    values = to_data(submission)["values"]
    return {cell: Fraction(value) for cell, value in values.items() if value is not None}


def completed(folder: Path) -> Path:
    (path,) = folder.glob("*年度报告.xlsx")
    return path


def table_rows(path: Path, section: str) -> list[list[Any]]:
    """The rows of a sheet of 汇总表.xlsx with figures, as they were saved."""
    sheet = load_workbook(path, data_only=True)[section]
    return [
        [None if cell.value == "" else cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW + 1)
    ]


def linked(target: str) -> str:
    """The path that a link leads to, which Excel writes with the strokes of Windows."""
    return unquote(target).replace("\\", "/")


def cells_of(section: str) -> list[str]:
    return [cell.id for cell in FORM.cells.values() if cell.section == section]


def assert_table_is(path: Path, expected: Mapping[str, Fraction]) -> None:
    """The totals of 汇总表.xlsx are the sums, and it says itself that they are the completed workbook's."""
    for section in FORM.table_sections:
        rows = table_rows(path, section.id)
        assert len(rows) == len(cells_of(section.id))
        for cell, row in zip(cells_of(section.id), rows, strict=True):
            assert row[TOTAL] == row[STATED] == float(expected[cell]), cell
        assert load_workbook(path, data_only=True)[section.id]["A2"].value == "√ 合计与填报表相符"


# ------------------------------------------------------------ a county


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of sixty agencies with its roster and the outputs of its roll-up in 汇总."""
    folder = tmp_path_factory.mktemp("county")
    sown = make_batch(folder / "foreign" / "收回的表", 60, sound=True)
    roster = write_roster(folder / "名册.csv", sown.agencies)
    call = ["rollup", folder / "foreign", "--roster", roster, "--agency", COUNTY, "-o", folder / "汇总"]
    assert run(list(map(str, call))) == 0
    return folder


def extracted(gknb_here: Say, path: Path, target: Path) -> list[dict[str, Any]]:
    assert gknb_here("extract", path, "-o", target)[0] == 0
    data = json.loads(target.read_text(encoding="utf-8"))
    return data if isinstance(data, list) else [data]


def test_the_sums_of_a_county_are_right_to_the_last_decimal(county: Path, gknb_here: Say, tmp_path: Path) -> None:
    parts = extracted(gknb_here, county / "foreign", tmp_path / "各机关.json")
    (total,) = extracted(gknb_here, completed(county / "汇总"), tmp_path / "县.json")
    expected = recount(parts)
    assert len(parts) == 60
    assert {cell: Fraction(value) for cell, value in total["values"].items()} == expected
    assert sorted(total["parts"]) == sorted(part["agency"] for part in parts)
    assert (total["agency"], total["year"]) == (COUNTY, YEAR)
    assert_table_is(county / "汇总" / "汇总表.xlsx", expected)


def test_the_completed_workbook_passes_the_check_as_its_parts_do(county: Path, gknb_here: Say) -> None:
    status, said = gknb_here("check", completed(county / "汇总"))
    assert status == 0, said
    assert "通过 1" in said


def test_every_agency_has_its_column_under_its_group(county: Path) -> None:
    book = load_workbook(county / "汇总" / "汇总表.xlsx", data_only=True)
    sheet = book["三"]
    head = [cell.value for cell in sheet[HEAD + 1]]
    groups = [str(name).removesuffix("\n小计") for name in head if str(name).endswith("\n小计")]
    first = FIRST_SUM + len(groups)
    assert len(groups) > 1
    assert len(head[first:]) == 60
    for row in sheet.iter_rows(min_row=FIRST_ROW + 1, values_only=True):
        assert row[TOTAL] == sum(row[FIRST_SUM:first]) == sum(row[first:])
    over = [cell.value for cell in sheet[HEAD]][first:]
    assert [str(name).partition("（")[0] for name in over if name] == groups
    assert sheet.freeze_panes == "E6"


def test_each_column_leads_to_the_file_that_its_figures_came_from(county: Path) -> None:
    sheet = load_workbook(county / "汇总" / "汇总表.xlsx")["二"]
    links = {cell.value: cell.hyperlink.target for cell in sheet[HEAD + 1] if cell.hyperlink}
    assert len(links) == 60
    for agency, target in links.items():
        path = county / "汇总" / linked(target)
        assert path.exists(), target
        assert path.stem == agency


@pytest.mark.libreoffice
def test_libreoffice_computes_the_same_table(county: Path, tmp_path: Path) -> None:
    source = county / "汇总" / "汇总表.xlsx"
    (again,) = recalculate([source], tmp_path / "foreign")
    formulas = load_workbook(source)
    for section in FORM.table_sections:
        assert table_rows(again, section.id) == table_rows(source, section.id)
        rows = formulas[section.id].iter_rows(min_row=FIRST_ROW + 1)
        for cell, row in zip(cells_of(section.id), rows, strict=True):
            sums = (row[TOTAL], *row[STATED + 1 :]) if FORM.cells[cell].computed else (row[TOTAL], row[FIRST_SUM])
            assert all(each.data_type == "f" for each in sums), cell
        assert load_workbook(again, data_only=True)[section.id]["A2"].value == "√ 合计与填报表相符"


@pytest.mark.validator
def test_what_is_written_is_valid(county: Path) -> None:
    for path in (county / "汇总").iterdir():
        assert_valid(path)


def test_the_draft_has_the_sums_and_every_text_under_its_agencys_name(county: Path) -> None:
    (path,) = (county / "汇总").glob("*（草稿）.docx")
    document = Document(str(path))
    headings = [line.text for line in document.paragraphs if line.style and line.style.name == "Heading 2"]
    total = read(completed(county / "汇总"))
    grids = docx_grids(path)
    assert str(total.totals["requests.received.total"]) in grids[1][3]
    assert document.paragraphs[1].text.startswith("〔草稿")
    texts = {path.stem: read(path) for path in (county / "foreign").rglob("*.xlsx")}
    said = [line.text for line in document.paragraphs]
    for number, agency in enumerate(texts, 1):
        assert any(agency in heading for heading in headings), number
        for paragraph in texts[agency].texts["一"]:
            assert said.count(paragraph) == 1
    assert [heading for heading in headings if "等 60 个机关（文字相同）" in heading], "the same sentence on fees"
    assert said.count(texts[min(texts)].texts["六"][0]) == 1


# ------------------------------------------------------------ a city of ten counties


def test_a_city_is_the_same_in_one_step_and_in_two(gknb_here: Say, tmp_path: Path) -> None:
    rng = random.Random(7)
    everyone = [sound(name, rng) for name, _ in zip(names(), range(300), strict=False)]
    for number in range(10):
        source = put(tmp_path / f"县{number}.json", *everyone[number * 30 : number * 30 + 30])
        target = tmp_path / "各县" / str(number)
        assert gknb_here("rollup", source, "--agency", f"第{number}县人民政府", "-o", target, "--workers", 1)[0] == 0
    lines = "\n".join(["机关全称,分组", *(f"第{number}县人民政府,{'东西'[number % 2]}片" for number in range(10))])
    roster = write(tmp_path / "各县.csv", lines.encode())
    counties = tmp_path / "送市"
    for number in range(10):
        source = completed(tmp_path / "各县" / str(number))
        write(counties / source.name, source.read_bytes())
    call = ("rollup", counties, "--agency", "某市人民政府", "--roster", roster, "-o", tmp_path / "市")
    status, said = gknb_here(*call)
    assert status == 0, said
    city = read(completed(tmp_path / "市"))
    direct = roll_up(everyone, "某市人民政府")
    expected = recount([to_data(one) for one in everyone])
    assert figures(city) == figures(direct) == expected
    assert len(city.parts) == 310
    assert_table_is(tmp_path / "市" / "汇总表.xlsx", expected)
    put(counties / "补报.json", everyone[31])
    status, said = gknb_here(*call[:2], "--agency", "某市人民政府", "-o", tmp_path / "再")
    assert status == 1
    assert everyone[31].agency in said
    assert "第1县人民政府" in said
    assert not (tmp_path / "再").exists()


# ------------------------------------------------------------ what is refused


def refused(gknb_here: Say, *arguments: object, words: Sequence[str]) -> None:
    """Status 1, every word said, nothing written."""
    status, said = gknb_here("rollup", *arguments, "-o", "汇总")
    assert status == 1, said
    for word in words:
        assert word in said, said
    assert "什么都没有写" in said
    assert not Path("汇总").exists()


def three(rng: random.Random | None = None) -> list[Submission]:
    rng = rng or random.Random(3)
    return [sound(name, rng) for name in ("甲县教育局", "甲县民政局", "甲县财政局")]


def failing(submission: Submission) -> Submission:
    return replace(submission, values={**submission.values, "requests.received.natural": 999_999})


def test_a_failed_return_is_refused_and_counted_only_when_it_is_allowed(gknb_here: Say, tmp_path: Path) -> None:
    one, two, other = three()
    source = put(tmp_path / "表.json", one, failing(two), other)
    refused(gknb_here, source, "--agency", "甲县", words=["甲县民政局", "表三自然人列", "--allow-failed"])
    status, said = gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总", "--allow-failed")
    assert status == 0, said
    assert "甲县民政局" in said
    expected = recount([to_data(each) for each in (one, failing(two), other)])
    assert figures(read(completed(tmp_path / "汇总"))) == expected
    book = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")
    assert "甲县民政局\n（有误）" in [cell.value for cell in book["三"][HEAD + 1]]
    states = {row[0]: (row[2], row[3]) for row in book["来源"].iter_rows(min_row=4, values_only=True)}
    assert states == {"甲县教育局": ("通过", "是"), "甲县民政局": ("有误", "是"), "甲县财政局": ("通过", "是")}


def test_a_file_that_cannot_be_read_is_refused_or_left_out(gknb_here: Say, tmp_path: Path) -> None:
    put(tmp_path / "收" / "表.json", *three())
    write(tmp_path / "收" / "坏.xlsx", b"PK\x03\x04 broken")
    refused(gknb_here, "收", "--agency", "甲县", words=["坏.xlsx", "--allow-failed"])
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "-o", "汇总", "--allow-failed")
    assert status == 0
    assert "坏.xlsx" in said
    assert "汇总了 3 份" in said
    sources = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")["来源"]
    assert ["无法读取", "否"] in [[row[2], row[3]] for row in sources.iter_rows(values_only=True)]


def roster_of(path: Path, *agencies: str) -> Path:
    return write(path, "\n".join(["机关全称,曾用名,分组", *agencies]).encode())


def test_a_stranger_never_counts_and_who_is_missing_is_said(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "表.json", *three())
    roster = roster_of(tmp_path / "名册.csv", "甲县教育局", "甲县民政局", "甲县水利局")
    call = (source, "--agency", "甲县人民政府", "--roster", roster)
    refused(gknb_here, *call, words=["不在名册", "甲县财政局", "未报", "甲县水利局"])
    status, said = gknb_here("rollup", *call, "-o", "汇总", "--allow-failed")
    assert status == 0
    assert "甲县财政局" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in three()[:2]])
    missing = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")["未报"]
    assert [row[0] for row in missing.iter_rows(min_row=4, values_only=True)] == ["甲县水利局"]
    (draft,) = (tmp_path / "汇总").glob("*.docx")
    assert "甲县水利局" in "".join(line.text for line in Document(str(draft)).paragraphs[:4])


def test_two_returns_of_an_agency_are_refused_unless_the_roster_takes_the_newest(
    gknb_here: Say, tmp_path: Path
) -> None:
    one, two, other = three()
    newer = sound("甲县老名局", random.Random(8))
    old, new = (
        put(tmp_path / "收" / "旧.json", two),
        put(tmp_path / "收" / "新.json", replace(newer, agency=two.agency)),
    )
    rest = put(tmp_path / "收" / "其他.json", one, other)
    for path, changed in ((old, 1_000_000), (new, 2_000_000), (rest, 2_000_000)):
        os.utime(path, (changed, changed))
    refused(gknb_here, "收", "--agency", "甲县", words=["甲县民政局", "旧.json", "新.json"])
    roster = roster_of(tmp_path / "名册.csv", "甲县教育局", "甲县民政局,甲县老名局", "甲县财政局")
    call = ("rollup", "收", "--agency", "甲县", "--roster", roster, "-o")
    expected = recount([to_data(each) for each in (one, newer, other)])
    assert gknb_here(*call, "甲")[0] == 0
    assert figures(read(completed(tmp_path / "甲"))) == expected
    put(new, newer)  # the same agency under its former name
    os.utime(new, (2_000_000, 2_000_000))
    status, said = gknb_here(*call, "乙")
    assert status == 0, said
    total = read(completed(tmp_path / "乙"))
    assert figures(total) == expected
    assert {"甲县民政局", "甲县老名局"} <= set(total.parts)
    os.utime(new, (1_000_000, 1_000_000))
    status, said = gknb_here(*call, "丙")
    assert (status, "分不出先后" in said) == (1, True)


def test_an_empty_template_is_no_return_beside_a_filled_one_and_is_missing_alone(
    gknb_here: Say, tmp_path: Path
) -> None:
    one, two, other = three()
    filled = put(tmp_path / "收" / "表.json", one, two)
    blanks = put(tmp_path / "收" / "空.json", *(blank_submission(FORM, YEAR, each.agency) for each in (two, other)))
    for path in (filled, blanks):
        os.utime(path, (1_000_000, 1_000_000))
    roster = roster_of(tmp_path / "名册.csv", *(each.agency for each in (one, two, other)))
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "--roster", roster, "-o", "汇总")
    assert status == 0, said
    assert "1 个机关未报，没有计入：甲县财政局" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in (one, two)])


def test_a_sum_and_a_return_of_its_own_under_one_name_are_not_chosen_between(gknb_here: Say, tmp_path: Path) -> None:
    one, two, _ = three()
    for name, submission, changed in (
        ("汇总", roll_up([one, two], "甲县"), 1),
        ("本级", replace(one, agency="甲县"), 2),
    ):
        path = put(tmp_path / "收" / f"{name}.json", submission)
        os.utime(path, (changed * 1_000_000, changed * 1_000_000))
    roster = roster_of(tmp_path / "名册.csv", "甲县")
    refused(gknb_here, "收", "--agency", "某市", "--roster", roster, words=["甲县", "汇总.json", "本级.json"])


def test_a_copy_of_the_same_file_counts_once(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "收" / "表.json", *three())
    with zipfile.ZipFile(tmp_path / "收" / "又.zip", "w") as archive:
        archive.write(source, "表.json")
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "-o", "汇总")
    assert status == 0, said
    assert "重复的 3 份" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in three()])


def test_a_sum_beside_its_parts_is_refused_with_both_names(gknb_here: Say, tmp_path: Path) -> None:
    parts = three()
    county_ = roll_up(parts, "甲县人民政府")
    write(tmp_path / "收" / "县.xlsx", build_workbook(county_))
    part = put(tmp_path / "收" / "局.json", parts[1])
    both = ["会重复计算", "甲县人民政府", "甲县民政局"]
    refused(gknb_here, "收", "--agency", "某市人民政府", "--allow-failed", words=both)
    city = roll_up([county_, sound("乙县人民政府", random.Random(1))], "某市人民政府")
    put(part, city)
    refused(gknb_here, "收", "--agency", "某省人民政府", words=["某市人民政府", "甲县人民政府"])
    other = roll_up(parts[:1], "丙县人民政府")
    put(part, other)
    refused(gknb_here, "收", "--agency", "某市人民政府", words=["甲县教育局", "甲县人民政府", "丙县人民政府"])
    put(part, roll_up([sound("某市人民政府", random.Random(1))], "丁县人民政府"))
    refused(gknb_here, "收", "--agency", "某市人民政府", words=["已有某市人民政府", "丁县人民政府"])


def test_an_earlier_result_is_refused_and_the_offices_own_return_is_not(gknb_here: Say, tmp_path: Path) -> None:
    parts = [*three(), sound("甲县人民政府", random.Random(5))]
    put(tmp_path / "收" / "表.json", *parts)
    status, said = gknb_here("rollup", "收", "--agency", "甲县人民政府", "-o", "汇总")
    assert status == 0, said
    assert "按本级的数计入" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in parts])
    completed(tmp_path / "汇总").rename(tmp_path / "收" / "上次的.xlsx")
    (tmp_path / "汇总").rename(tmp_path / "不用")
    refused(gknb_here, "收", "--agency", "甲县人民政府", words=["以前的汇总结果", "上次的.xlsx", "请移走"])
    roster = roster_of(tmp_path / "名册.csv", *(part.agency for part in parts))
    refused(gknb_here, "收", "--agency", "甲县人民政府", "--roster", roster, words=["甲县人民政府", "上次的.xlsx"])
    odd = build_workbook(roll_up(parts, "{甲}县"))
    write(tmp_path / "收" / "上次的.xlsx", odd)
    refused(gknb_here, "收", "--agency", "{甲}县", words=["{甲}县以前的汇总结果"])


def test_years_and_editions_do_not_mix(gknb_here: Say, tmp_path: Path) -> None:
    one, two, other = three()
    put(tmp_path / "收" / "表.json", one, two)
    late = put(tmp_path / "收" / "旧.json", sound(other.agency, random.Random(1), 2023))
    refused(gknb_here, "收", "--agency", "甲县", words=["年度不同", "甲县财政局", "2023", "--year"])
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "-o", "汇总", "--year", 2024)
    assert status == 0
    assert "旧.json" in said
    assert "汇总了 2 份" in said
    data = to_data(replace(report("wenxian-jyj-2020"), agency=other.agency)) | {"year": YEAR}
    late.write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "汇总").rename(tmp_path / "不用")
    refused(gknb_here, "收", "--agency", "甲县", "--allow-failed", words=["格式不同", "甲县财政局", "2019"])


def test_nothing_to_add_up_and_nobodys_figures_are_refused(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "表.json", blank_submission(FORM, YEAR, "甲县教育局"))
    refused(gknb_here, source, "--agency", "甲县", words=["空白模板", "甲县教育局"])
    refused(gknb_here, source, "--agency", "甲县", "--allow-failed", words=["没有可以汇总的"])
    put(source, replace(three()[0], agency=""), three()[1])
    refused(gknb_here, source, "--agency", "甲县", "--allow-failed", words=["没有填机关全称", "表.json#1"])


def test_wrong_calls_and_outputs_that_exist_end_with_2(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "表.json", *three())
    assert gknb_here("rollup", source, "--agency", " ", "-o", "汇总")[0] == 2
    assert gknb_here("rollup", source, "--agency", "长" * 101, "-o", "汇总")[0] == 2
    assert gknb_here("rollup", "没有", "--agency", "甲县", "-o", "汇总")[0] == 2
    assert gknb_here("rollup", source, "--agency", "甲县", "-o", "表.json")[0] == 2
    assert gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总")[0] == 0
    before = {path: path.read_bytes() for path in Path("汇总").iterdir()}
    assert len(before) == 3
    status, said = gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总")
    assert (status, "已经存在" in said) == (2, True)
    assert gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总", "--force")[0] == 0
    assert {path: path.read_bytes() for path in Path("汇总").iterdir()}.keys() == before.keys()


def test_a_zip_is_taken_and_linked_to(gknb_here: Say, tmp_path: Path) -> None:
    rng = random.Random(2)
    agencies = [name for name, _ in zip(names(), range(3), strict=False)]
    (tmp_path / "收").mkdir()
    with zipfile.ZipFile(tmp_path / "收" / "全部.zip", "w") as archive:
        for agency in agencies:
            archive.writestr(f"{agency}.xlsx", workbook(agency, rng, level=1)[0])
    assert gknb_here("rollup", "收", "--agency", COUNTY, "-o", "汇总")[0] == 0
    sheet = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")["三"]
    targets = [linked(cell.hyperlink.target) for cell in sheet[HEAD + 1] if cell.hyperlink]
    assert targets == ["../收/全部.zip"] * 3
    assert len(read(completed(tmp_path / "汇总")).parts) == 3


def test_a_file_that_changes_meanwhile_is_not_believed(gknb_here: Say, tmp_path: Path, monkeypatch: Any) -> None:
    from toolkit.rollup import gathering

    source = put(tmp_path / "表.json", *three())

    def checked(*arguments: Any) -> Any:
        batch = gathering_check(*arguments)
        put(source, *three(random.Random(99)))
        return batch

    gathering_check = gathering.check_batch
    monkeypatch.setattr(gathering, "check_batch", checked)
    refused(gknb_here, source, "--agency", "甲县", words=["文件变了"])


# ------------------------------------------------------------ sums


def with_money(*amounts: str | None) -> list[Submission]:
    base = sound("局", random.Random(4))
    return [
        replace(base, agency=f"{number}局", values={**base.values, "fees.fees.amount": amount and Decimal(amount)})
        for number, amount in enumerate(amounts)
    ]


def test_money_is_exact_and_odd_spellings_count_as_understood(gknb_here: Say, tmp_path: Path) -> None:
    def total(parts: list[Submission]) -> Any:
        return roll_up(parts, "县").values["fees.fees.amount"]

    assert total(with_money("0.1", "0.2")) == Decimal("0.3")
    assert total(with_money("0.000001", "123456789.123456", "0.000003")) == Decimal("123456789.123460")
    assert total(with_money("9999999999999999999.999999", "0.000001")) == Decimal("10000000000000000000")
    odd = with_money("1", "1")
    odd[1] = replace(
        odd[1], values={**odd[1].values, "fees.fees.amount": "251000元", "services.licensing.decisions": "无"}
    )
    assert total(odd) == Decimal("26.1")
    source = put(tmp_path / "表.json", *with_money(*["0.1", "0.2", "0.000001"] * 20))
    assert gknb_here("rollup", source, "--agency", "县", "-o", "汇总")[0] == 0
    back = read(completed(tmp_path / "汇总"))
    assert back.values["fees.fees.amount"] == Decimal("6.00002")


def test_a_cell_blank_everywhere_stays_blank_and_else_blanks_are_nothing() -> None:
    blank = with_money(None, None)
    assert roll_up(blank, "县").values["fees.fees.amount"] is None
    assert roll_up(with_money(None, "0.5"), "县").values["fees.fees.amount"] == Decimal("0.5")
    assert read_workbook_bytes(build_workbook(roll_up(blank, "县")), LOOKUP).values["fees.fees.amount"] is None


def test_what_is_no_number_is_named_and_adds_nothing(gknb_here: Say, tmp_path: Path) -> None:
    one, two, other = three()
    wrong = replace(two, values={**two.values, "fees.fees.amount": "见附件"})
    assert share_of(wrong).misread == {"fees.fees.amount": "见附件"}
    source = put(tmp_path / "表.json", one, wrong, other)
    write(tmp_path / "gknb.toml", b'[rules]\nnot-a-number = "warning"\n')
    refused(gknb_here, source, "--agency", "甲县", words=["读不出数", "甲县民政局", "见附件"])
    assert gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总", "--allow-failed")[0] == 0
    total = read(completed(tmp_path / "汇总"))
    assert figures(total) == recount(
        [
            to_data(replace(each, values={**each.values, "fees.fees.amount": amount}))
            for each, amount in (
                (one, one.values["fees.fees.amount"]),
                (wrong, None),
                (other, other.values["fees.fees.amount"]),
            )
        ]
    )
    assert "见附件" in [row[-2] for row in table_rows(tmp_path / "汇总" / "汇总表.xlsx", "二")]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), edition=st.sampled_from(["2019", "2021"]), count=st.integers(1, 12))
def test_any_returns_add_up_in_any_order_and_in_any_steps(seed: int, edition: str, count: int) -> None:
    rng = random.Random(seed)
    form = bundled_form(edition)
    assert form
    year = form.first_year
    parts = [replace(random_submission(form, rng, year), agency=f"机关{number}", shown={}) for number in range(count)]
    direct = roll_up(parts, "县")
    assert figures(direct) == recount([to_data(part) for part in parts])
    shuffled = rng.sample(parts, count)
    cut = rng.randint(0, count)
    steps = [roll_up(some, f"{number}乡") for number, some in enumerate((shuffled[:cut], shuffled[cut:])) if some]
    stacked = roll_up(steps, "县")
    assert stacked.values == direct.values
    assert set(direct.parts) <= set(stacked.parts)
    blank_everywhere = {cell for cell in direct.values if all(part.values[cell] is None for part in parts)}
    assert {cell for cell, value in direct.values.items() if value is None} == blank_everywhere
    assert counted_twice([share_of(part) for part in parts]) == []


def test_nothing_and_unlike_things_cannot_be_added() -> None:
    with pytest.raises(Problem, match="没有可以汇总"):
        roll_up([], "县")
    with pytest.raises(Problem, match="不同格式"):
        roll_up([sound("甲", random.Random(1)), sound("乙", random.Random(1), 2023)], "县")


# ------------------------------------------------------------ the mark of a sum


def test_a_sum_is_known_again_as_workbook_and_as_data() -> None:
    total = roll_up(three(), "甲县人民政府")
    assert total.parts == ("甲县教育局", "甲县民政局", "甲县财政局")
    assert read_workbook_bytes(build_workbook(total), LOOKUP).parts == total.parts
    (back,) = read_data_bytes(json.dumps(to_data(total)).encode(), LOOKUP)
    assert back.parts == total.parts
    assert read_workbook_bytes(build_workbook(three()[0]), LOOKUP).parts == ()
    assert "parts" not in to_data(three()[0])
    for wrong in ("甲", [1], [["甲"]], ["长" * 2000]):
        with pytest.raises(Problem, match="parts"):
            read_data_bytes(json.dumps(to_data(total) | {"parts": wrong}).encode(), LOOKUP)


@pytest.mark.libreoffice
def test_the_mark_survives_another_program(tmp_path: Path) -> None:
    source = write(tmp_path / "县.xlsx", build_workbook(roll_up(three(), "甲县人民政府")))
    (again,) = recalculate([source], tmp_path / "foreign")
    book = load_workbook(source)
    book.save(tmp_path / "foreign" / "再.xlsx")
    for path in (again, tmp_path / "foreign" / "再.xlsx"):
        assert read(path).parts == ("甲县教育局", "甲县民政局", "甲县财政局")


# ------------------------------------------------------------ a form of one's own


def test_a_form_of_ones_own_and_cells_that_cannot_be_added(gknb_here: Say, tmp_path: Path) -> None:
    form_file = write(tmp_path / "站.toml", SITE_FORM.encode())
    form = parse_form(SITE_FORM, form_file.name)
    rng = random.Random(6)
    parts = [replace(random_submission(form, rng, YEAR), agency=f"{number}局", shown={}) for number in range(4)]
    source = put(tmp_path / "表.json", *parts)
    call = ("rollup", source, "--agency", "县", "--form", form_file, "-o", "汇总", "--allow-failed")
    status, said = gknb_here(*call)
    assert status == 0, said
    (path,) = (path for path in (tmp_path / "汇总").glob("*.xlsx") if path.name != "汇总表.xlsx")
    total = read_workbook_bytes(path.read_bytes(), form_lookup(form))
    for cell in form.filled:
        values = [part.values[cell.id] for part in parts if part.values[cell.id] is not None]
        if cell.kind.is_number:
            assert total.values[cell.id] == (sum(values) if values else None)
        else:
            assert total.values[cell.id] is None
            assert cell.place in said
    assert set(load_workbook(tmp_path / "汇总" / "汇总表.xlsx").sheetnames) == {"情况", "经费", "来源"}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (60, "六十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1000, "一千"),
    ],
)
def test_numerals(number: int, text: str) -> None:
    assert numeral(number) == text
