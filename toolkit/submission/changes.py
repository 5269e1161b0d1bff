"""What changed from one number to the next: the amount, the percent, and how both are written.

Numbers are `int` or `Decimal` throughout; where one of the two is missing there is no change.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

from toolkit.forms.model import Number
from toolkit.submission.spelling import number_text

_TENTH = Decimal("0.1")
_WIDE = Context(prec=400)
"""Exact for whatever a cell may hold."""


def change_of(last: Number | None, this: Number | None) -> Number | None:
    """This number less the last one, exactly."""
    if last is None or this is None:
        return None
    if isinstance(last, int) and isinstance(this, int):
        return this - last
    return _WIDE.subtract(Decimal(this), Decimal(last))


def percent_of(last: Number | None, this: Number | None) -> Decimal | None:
    """The change in percent of the last number, to one decimal. Nothing has a share of nothing, and a share of less
    than nothing says nothing."""
    change = change_of(last, this)
    if change is None or last is None or last <= 0:
        return None
    share = _WIDE.divide(_WIDE.multiply(Decimal(change), Decimal(100)), Decimal(last))
    return share.quantize(_TENTH, ROUND_HALF_UP, _WIDE)


def change_text(change: Number | None) -> str:
    """``+5``, ``-3``, ``0``; empty where there is none."""
    if change is None:
        return ""
    text = number_text(change)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"+{text}" if change > 0 else text if change < 0 else "0"


def percent_text(percent: Decimal | None) -> str:
    """``+12.5%``, ``-3.0%``, ``0.0%``; empty where there is none."""
    if percent is None:
        return ""
    return f"{percent:+.1f}%" if percent else "0.0%"
