"""Judges what reaches outside a workbook: a formula that fetches, calls or opens something elsewhere, a link that is
dangerous to click.

A formula is judged by a list of allowed functions, not of forbidden ones: a function that is not listed may do
anything.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

_SAFE_FUNCTIONS = frozenset(
    re.findall(
        r"\S+",
        """
        ABS ACOS AND ARABIC ASC AVEDEV AVERAGE AVERAGEA AVERAGEIF AVERAGEIFS BASE BIN2DEC BITAND BITOR CEILING
        CHAR CHOOSE CLEAN CODE COLUMN COLUMNS CONCAT CONCATENATE COS COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS
        DATE DATEDIF DATEVALUE DAY DAYS DEC2BIN DECIMAL DOLLAR EDATE EOMONTH EVEN EXACT EXP FALSE FIND FINDB
        FIXED FLOOR FREQUENCY HLOOKUP HOUR IF IFERROR IFNA IFS INDEX INT ISBLANK ISERR ISERROR ISEVEN
        ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISTEXT LARGE LEFT LEFTB LEN LENB LN LOG LOG10 LOOKUP LOWER
        MATCH MAX MAXA MAXIFS MEDIAN MID MIDB MIN MINA MINIFS MINUTE MOD MODE MONTH MROUND N NA NETWORKDAYS
        NOT NOW NUMBERVALUE ODD OFFSET OR PERCENTILE PI POWER PRODUCT PROPER QUOTIENT RANK REPLACE REPLACEB
        REPT RIGHT RIGHTB ROMAN ROUND ROUNDDOWN ROUNDUP ROW ROWS SEARCH SEARCHB SECOND SIGN SIN SMALL SQRT
        STDEV SUBSTITUTE SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SUMSQ SWITCH T TEXT TEXTJOIN TIME TIMEVALUE
        TODAY TRANSPOSE TRIM TRUE TRUNC TYPE UNICHAR UNICODE UPPER VALUE VAR VLOOKUP WEEKDAY WEEKNUM WIDECHAR
        WORKDAY XLOOKUP XMATCH XOR YEAR YEARFRAC
        """,
    )
)
_QUOTED = re.compile("\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
"""A text, or the name of a sheet. Only reading from the left shows which of them a quotation mark begins."""
_CALL = re.compile(r"([^\s+\-*/^&=<>(),;:!'{}%]+)\s*\(")
_OUTSIDE_MARKS, _OUTSIDE_MARKS_QUOTED = re.compile(r"[\[\]|\\\"'#]"), re.compile(r"[\[\]|\\/:?*#]")
"""Brackets enclose other workbooks, bars stand before the query of DDE. The other marks are of paths; no sheet name has
them."""


_SCHEME = re.compile(r"([a-z][a-z0-9+-]+):", re.I)
_ORDINARY = ("http", "https", "mailto", "ftp", "tel")
_PROGRAM = re.compile(
    r"(?:^(?:[a-z]:)?/.*\.com|\.(?:exe|bat|cmd|scr|pif|cpl|msc|ms[ip]|reg|jar|lnk|url|scf|hta|wsf|wsh|js|jse|vbs|vbe"
    r"|ps1|psm1|dll|application|settingcontent-ms|library-ms|search-ms|chm|sh|desktop))[\s.\"']*$",
    re.I,
)
"""Files that do something when they are opened. A name that ends in .com may be a site without its scheme."""


def reaches_outside(formula: str, lost_names: Iterable[str] = ()) -> bool:
    """Return True if a formula (without its equals sign) may reach anything but the cells of its workbook. `lost_names`
    are defined names that were removed."""
    sheets = [quoted for quoted in _QUOTED.findall(formula) if quoted.startswith("'")]
    unquoted = _QUOTED.sub(lambda quoted: "0" if quoted[0].startswith('"') else "S", formula)
    if _OUTSIDE_MARKS.search(unquoted) or any(map(_OUTSIDE_MARKS_QUOTED.search, sheets)):
        return True
    called = (name.upper().removeprefix("_XLFN.").removeprefix("_XLWS.") for name in _CALL.findall(unquoted))
    if any(name.removeprefix("@") not in _SAFE_FUNCTIONS for name in called):
        return True
    words = {word.casefold() for word in re.findall(r"[^\s+\-*/^&=<>(),;:!{}%$]+", unquoted)}
    return any(name.casefold() in words for name in lost_names)


def is_dangerous_link(target: str) -> bool:
    """Return True if a click on the link opens more than a page, a letter or a file: a program, or another computer,
    which learns who asks."""
    target = unquote(target).strip().replace("\\", "/")
    scheme = _SCHEME.match(target)
    if scheme and scheme[1].lower() != "file":
        return scheme[1].lower() not in _ORDINARY
    path = target[scheme.end() :] if scheme else target
    slashes = len(path) - len(path.lstrip("/"))
    local = re.match(r"//(?:localhost/|[a-z]:|/[^/]|$)", path, re.I) if scheme else None
    return (slashes >= 2 and not local) or bool(_PROGRAM.search(path.partition("#")[0]))
