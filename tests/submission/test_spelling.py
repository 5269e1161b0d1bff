"""Real-world spellings of numbers are read for what they are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.forms.model import Kind
from toolkit.submission.spelling import number_text, plain_number, understand

COUNT, CHANGE, MONEY, YUAN = Kind("count"), Kind("change"), Kind("money", "万元", 6), Kind("money", "元", 2)

UNDERSTOOD = [
    ("１２", COUNT, 12),
    ("1,234", COUNT, 1234),
    ("１，２３４", COUNT, 1234),
    ("12 345", COUNT, 12345),
    ("12\xa0件", COUNT, 12),
    ("12件", COUNT, 12),
    ("22（其中修订 16 件）", COUNT, 22),
    ("55(含自然失效 29 件)", COUNT, 55),
    ("3.5万件", COUNT, 35000),
    ("—", COUNT, 0),
    ("/", COUNT, 0),
    ("-", COUNT, 0),
    ("_", COUNT, 0),
    ("无", COUNT, 0),
    ("-76宗", CHANGE, -76),
    ("+19", CHANGE, 19),
    ("减4", CHANGE, -4),
    ("增加5", CHANGE, 5),
    ("251000元", MONEY, Decimal("25.1")),
    ("115663490元", MONEY, Decimal("11566.349")),
    ("43.788万元", MONEY, Decimal("43.788")),
    ("1.2亿元", MONEY, Decimal("12000")),
    ("100元", YUAN, Decimal("100")),
    ("1.5万元", YUAN, Decimal("15000")),
    ("3万", MONEY, Decimal("3")),
    ("12亿", MONEY, Decimal("120000")),
    ("5千元", MONEY, Decimal("0.5")),
    ("￥300", YUAN, Decimal("300")),
    ("人民币2510元", MONEY, Decimal("0.251")),
    ("3千", COUNT, 3000),
    ("2百万件", COUNT, 2000000),
    ("12 345 678", COUNT, 12345678),
    (" 12 件", COUNT, 12),
    ("300.", COUNT, 300),
    ("3人次", COUNT, 3),
    ("零", COUNT, 0),
    ("不适用", COUNT, 0),
]


@pytest.mark.parametrize(("text", "kind", "number"), UNDERSTOOD)
def test_understood(text: str, kind: Kind, number: int | Decimal) -> None:
    assert plain_number(text) is None
    understood = understand(text, kind)
    assert understood is not None
    assert understood.number == number


LOOSE = [
    "10余件",
    "约10件",
    "2024年",
    "12月",
    "1 2",
    "12 34",
    "3￥",
    "￥3",
    "5美元",
    "12元",
    "2+3",
    "百",
    "1.2.3件",
    "一百",
]
"""What a machine is not sure of is left to people."""


@pytest.mark.parametrize("text", ["5美元", "12件", "10余万元", "2024年", "3.5万人"])
def test_not_understood_as_money(text: str) -> None:
    assert understand(text, MONEY) is None


@pytest.mark.parametrize("text", ["? 0", "十二", "1,23", "12-13", "见附件", "1.2.3", "件", "12/13", "1e5", *LOOSE])
def test_not_understood(text: str) -> None:
    assert plain_number(text) is None
    assert understand(text, COUNT) is None


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_plain_numbers_keep_their_value(digits: int, places: int) -> None:
    number = Decimal(digits).scaleb(-places)
    assert plain_number(number_text(number)) == number


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    for kind in (COUNT, CHANGE, MONEY):
        understood = understand(text, kind)
        assert understood is None or Decimal(understood.number).is_finite()
