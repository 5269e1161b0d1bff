"""The change from one number to the next: amount and percent, and how both are written.

Numbers are `int` or `Decimal` throughout. If one of the two is missing, there is no change.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

from toolkit.forms.model import Number
from toolkit.submission.spelling import number_text

_TENTH = Decimal("0.1")
_EXACT = Context(prec=400)
"""Precise enough for every number that a cell may hold."""


def change_of(last: Number | None, this: Number | None) -> Number | None:
    """Return this number minus the last one, exactly; None if one is missing."""
    if last is None or this is None:
        return None
    if isinstance(last, int) and isinstance(this, int):
        return this - last
    return _EXACT.subtract(Decimal(this), Decimal(last))


def percent_of(last: Number | None, this: Number | None) -> Decimal | None:
    """Return the change in percent of the last number, to one decimal. Return None if the last number is missing, zero
    or negative: a percent of it has no meaning."""
    change = change_of(last, this)
    if change is None or last is None or last <= 0:
        return None
    share = _EXACT.divide(_EXACT.multiply(Decimal(change), Decimal(100)), Decimal(last))
    return share.quantize(_TENTH, ROUND_HALF_UP, _EXACT)


def change_text(change: Number | None) -> str:
    """Return a change as text: ``+5``, ``-3``, ``0``; empty for None."""
    if change is None:
        return ""
    text = number_text(change)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"+{text}" if change > 0 else text if change < 0 else "0"


def percent_text(percent: Decimal | None) -> str:
    """Return a percent as text: ``+12.5%``, ``-3.0%``, ``0.0%``; empty for None."""
    if percent is None:
        return ""
    return f"{percent:+.1f}%" if percent else "0.0%"
