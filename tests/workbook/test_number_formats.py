"""What a number format shows of a number, and whether that is the number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.forms.model import Kind
from toolkit.workbook.number_formats import hides_text, misleads

COUNT, CHANGE, MONEY = Kind("count"), Kind("change"), Kind("money", "万元", 6)
ACCOUNTING = '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ '
CURRENCY = '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ '

SHOWN: list[tuple[str, object, Kind, str]] = [
    (";;;", 5, COUNT, ""),
    ('"5"', 3, COUNT, "5"),
    ("0,", 5000, COUNT, "5"),
    ("#,##0,", 1234567, COUNT, "1235"),
    ('0!.0,"万"', 12345, COUNT, "1.2万"),
    ("0%", 5, COUNT, "500%"),
    ("0.00%", "0.5", MONEY, "50.00%"),
    ("0", "2.6", COUNT, "3"),
    ("0", "0.4", COUNT, "0"),
    ("#,##0.00", "72701.2578", MONEY, "72701.26"),
    ("0.00", "2873.495", MONEY, "2873.50"),
    ('0"0"', 5, COUNT, "50"),
    ('"1"0', 5, COUNT, "15"),
    ('0"万"', 5, COUNT, "5万"),
    ("0;0", -5, CHANGE, "5"),
    ('"-"0', 5, COUNT, "-5"),
    ('[=5]"6";0', 5, COUNT, "6"),
    ('"无"', 5, COUNT, "无"),
    ("0.00E+00", 12345, COUNT, "1.23E+4"),
    ("# ?/?", "2.3333", MONEY, "2 1/3"),
    ("yyyy-mm-dd", 5, COUNT, "日期或时间"),
    ("[h]:mm:ss", 5, COUNT, "日期或时间"),
]


@pytest.mark.parametrize(("code", "number", "kind", "shown"), SHOWN)
def test_a_format_that_shows_another_number(code: str, number: object, kind: Kind, shown: str) -> None:
    assert misleads(code, Decimal(str(number)), kind) == shown


ORDINARY: list[tuple[str, Kind, list[object]]] = [
    ("General", MONEY, [0, 5, "2.6", "72701.25784"]),
    ("G/通用格式", COUNT, [0, 5]),
    ("@", MONEY, [5, "2.6"]),
    ("0", COUNT, [0, 5, 123456789, 10**14]),
    ("0_ ", COUNT, [0, 5]),
    ("00000", COUNT, [0, 5, 1234567]),
    ("0;-0;;@", CHANGE, [0, 5, -5]),
    ("#", COUNT, [0, 5, 1234]),
    ("#,###", COUNT, [0, 5, 1234]),
    ("#,##0", COUNT, [0, 5, 1234567]),
    ("# ##0", COUNT, [0, 5, 1234567]),
    ("#,##0.00", MONEY, [0, 5, "1234.5"]),
    ("0.######", MONEY, ["2.6", 5]),
    ("0_);(0)", CHANGE, [5, -5]),
    ("0_);[Red](0)", CHANGE, [5, -5]),
    ("0;[Red]0", CHANGE, [5, -5]),
    ("#,##0_ ;[Red]-#,##0 ", CHANGE, [0, 5, -1234]),
    (ACCOUNTING, CHANGE, [0, 5, 1234567, -1234]),
    (CURRENCY, MONEY, [0, 5, "1234.56", -5]),
    ("[$¥-804]#,##0.00", MONEY, [5, "1234.56"]),
    ('0"件"', COUNT, [0, 5]),
    ('"约"0', COUNT, [5]),
    ('0"万元"', MONEY, [5]),
    ("0.00E+00", COUNT, [500]),
    ("# ?/?", MONEY, [5, "2.5"]),
    ("[DBNum1]General", COUNT, [5]),
    ("[>=100]0;0", COUNT, [5, 500]),
    ("[Blue]0", COUNT, [7]),
]


@pytest.mark.parametrize(
    ("code", "kind", "number"), [(code, kind, number) for code, kind, numbers in ORDINARY for number in numbers]
)
def test_an_ordinary_format_is_not_told(code: str, kind: Kind, number: object) -> None:
    assert misleads(code, Decimal(str(number)), kind) is None


def test_texts_are_hidden_by_formats_with_a_part_for_them() -> None:
    assert [hides_text(code) for code in (";;;", '0;0;0;"无"', "0;0;0;@", "0", "@")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@given(st.text('0#?.,%;E+-/"\\_*[]<>=:@ ymdhs一万红Red$¥General', max_size=30), st.decimals(-(10**9), 10**9, places=3))
def test_no_format_breaks_it(code: str, number: Decimal) -> None:
    misleads(code, number, COUNT)
    misleads(code, number, MONEY)
    hides_text(code)
