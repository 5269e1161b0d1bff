"""An amount that no agency of this kind reports is asked about, without a report of last year."""

from dataclasses import replace
from decimal import Decimal

import pytest
from kit import report

from toolkit.checks.findings import Finding
from toolkit.checks.review import check
from toolkit.forms.loader import parse_form
from toolkit.problems import FormProblem
from toolkit.resources import resource
from toolkit.submission.model import Value

FEES = "fees.fees.amount"
CASES: list[tuple[str, Value, bool]] = [
    ("甲县民政局", 35000, True),
    ("甲县民政局", Decimal("35000.5"), True),
    ("甲县民政局", Decimal("43.788"), False),
    ("甲县民政局", "43.788万元", False),
    ("甲县民政局", "35000元", False),  # 3.5 万元
    ("甲县民政局", 10000, False),
    ("甲县自然资源局", 35000, True),
    ("甲县自然资源局", Decimal("24252.311082"), False),  # such bureaus may collect so much
    ("平潭综合实验区财政金融局", Decimal("5949.09"), False),  # as published
    ("甲县乙镇人民政府", 8000, True),
    ("甲县丙街道办事处", 500, False),
    ("宿迁市人民政府", Decimal("72701.2578"), False),  # as published
    ("平潭综合实验区", Decimal("24252.311082"), False),  # as published
    ("甲县人民政府", 35000, False),
    ("新疆生产建设兵团", 35000, False),
    ("甲省民政厅", 35000, False),
    ("甲省公安厅交通管理局", 35000, False),
    ("", 35000, False),
]


def beyond(agency: str, value: Value) -> list[Finding]:
    base = report("suqian-2024")
    changed = replace(base, agency=agency, values={**base.values, FEES: value})
    return [found for found in check(changed) if found.rule == "amount-beyond-its-kind"]


@pytest.mark.parametrize(("agency", "value", "asked"), CASES)
def test_amounts_beyond_their_kind(agency: str, value: Value, asked: bool) -> None:
    found = beyond(agency, value)
    assert [each.cells for each in found] == [(FEES,)] * asked


def test_what_is_asked() -> None:
    (found,) = beyond("甲县民政局", 35000)
    assert found.severity == "warning"
    assert (
        "填报 35000 万元，这类机关一般不到 10000 万元。是不是把元当成万元填了？如果是 35000 元，应填 3.5"
        in found.message
    )


def test_a_ceiling_is_on_an_amount_of_the_form() -> None:
    text = (resource("templates") / "2021.toml").read_text(encoding="utf-8")
    wrong = text.replace(f'cell = "{FEES}"', 'cell = "requests.received.natural"')
    with pytest.raises(FormProblem, match=r"ceilings\.cell"):
        parse_form(wrong, "错.toml")
    wrong = text.replace('beside = "requests.received.total"', 'beside = "requests.total"')
    with pytest.raises(FormProblem, match=r"jump\.beside"):
        parse_form(wrong, "错.toml")
