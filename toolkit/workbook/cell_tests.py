"""Formulas that test each cell of an area: is it blank, or does it hold no proper number (不是合格的数).

The same text serves a rule for colours, which looks at one cell, and an array formula, which counts over an area. It
uses only what Excel, WPS, LibreOffice, Gnumeric and HyperFormula evaluate alike: 1 and 0, as HyperFormula has no word
TRUE, and nothing that depends on the language of the program (a decimal point, the code page behind ``CHAR(160)``).
"""

from collections.abc import Iterable

from toolkit.forms.model import Kind

_LITERAL_SPACES = "\u3000\u00a0"
"""Full-width and non-breaking space, which TRIM leaves."""
_CONTROL_SPACES = (9, 10, 13)
"""Tab and line breaks. CLEAN is not used for them: Gnumeric's CLEAN removes more than that of other programs."""


def blank_test(area: str) -> str:
    """Return the formula that is 1 for each cell of an area that is empty or holds only spaces, 0 for the others."""
    return f"IF(ISERROR({area}),0,IF(LEN({_without_spaces(area)})=0,1,0))"


def unfit_test(area: str, kind: Kind) -> str:
    """Return the formula that is 1 for each cell of an area that holds something other than a proper number: an error
    value, TRUE or FALSE, a text, a number that cells of this kind may not hold. It is 0 for the others. (LibreOffice
    cannot distinguish TRUE from 1 in a cell that has a number format.)"""
    number = f"IF({area}<>INT({area}),1,0)" if kind.is_whole else "0"
    number = number if kind.is_signed else f"IF({area}<0,1,{number})"
    text = f"IF(LEN({_without_spaces(area)})>0,1,0)"
    return f"IF(ISERROR({area}),1,IF(ISNUMBER({area}),{number},{text}))"


def yes_test(cell: str) -> str:
    """Return the formula that is true for a cell in which 是 was chosen."""
    return f'{_without_spaces(cell)}="是"'


def count_formula(tests: Iterable[str]) -> str:
    """Return the sum of such tests over areas, without its equals sign. It must stand in an array formula: otherwise
    some programs look at only one cell of each area."""
    return "+".join(f"SUM({test})" for test in tests) or "0"


def _without_spaces(area: str) -> str:
    text = area
    for space in (*(f'"{space}"' for space in _LITERAL_SPACES), *(f"CHAR({code})" for code in _CONTROL_SPACES)):
        text = f'SUBSTITUTE({text},{space}," ")'
    return f"TRIM({text})"
