"""The roll-up of a county and of a city: sums are right to the last decimal, and each leads to where it came from."""

import json
import random
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from batches import make_batch, names, write_roster
from docx import Document
from kit import docx_grids, read, write
from office import recalculate
from openpyxl import load_workbook
from rollups import COUNTY, FORM, YEAR, Say, completed, figures, linked, put, recount, sound, table_rows
from validator import assert_valid

from toolkit.cli.main import run
from toolkit.rollup.sum_table import FIRST_ROW, FIRST_SUM, HEAD, STATED, TOTAL
from toolkit.rollup.sums import roll_up
from toolkit.submission.json_csv import to_data


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


@pytest.mark.slow
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
