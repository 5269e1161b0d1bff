"""Sums: exact whatever is added up, known again as sums, of any form."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import LOOKUP, random_submission, read, write
from office import recalculate
from openpyxl import load_workbook
from rollups import YEAR, Say, completed, figures, put, recount, refused, sound, table_rows, three
from site_form import SITE_FORM

from toolkit.forms.loader import bundled_form, form_lookup, parse_form
from toolkit.problems import Problem
from toolkit.rollup.draft import numeral
from toolkit.rollup.refusals import counted_twice
from toolkit.rollup.sums import roll_up, share_of
from toolkit.submission.json_csv import read_data_bytes, to_data
from toolkit.submission.model import Submission
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

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


@pytest.mark.slow
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
