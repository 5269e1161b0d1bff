"""Rules on a return (报送) beside what the office asked for: the roster (名册) of the agencies, and the year."""

from toolkit.checks.findings import Finding, Rule, finding

KNOWN_BY = Rule(
    "known-by-other-name",
    "按其他线索认出的机关",
    "info",
    "报送材料里的机关全称与名册相符。",
    "按模板编号、曾用名或文件名认出的，请核对是不是这个机关。",
    "{how}认作名册上的{agency}。请核对；名称有误的请更正。",
    {"how": "按曾用名", "agency": "甲市某局"},
    "roster",
)
NOT_ON_ROSTER = Rule(
    "not-on-roster",
    "不在名册上",
    "warning",
    "报送的机关都在名册上。",
    "不在名册上的，可能名称写错，也可能名册漏了。",
    "“{agency}”不在名册上。请核对机关名称，或补进名册。",
    {"agency": "甲市某科"},
    "roster",
)
OTHER_YEAR = Rule(
    "return-of-other-year",
    "不是本次的年度",
    "warning",
    "报送的是本次要求的年度。",
    "别的年度的表不算本次报送。",
    "是 {year} 年的填报表，本次报送的是 {wanted} 年，不算已报。请改报 {wanted} 年的。",
    {"year": "2023", "wanted": "2024"},
    "roster",
    other_template=True,
)


def known_by_finding(how: str, agency: str) -> Finding:
    """Return the finding on a return whose agency was not known by its name. `how` says by what it was known."""
    return finding(KNOWN_BY, how=how, agency=agency)


def not_on_roster_finding(agency: str) -> Finding:
    """Return the finding on a return of an agency that is not on the roster."""
    return finding(NOT_ON_ROSTER, agency=agency)


def other_year_finding(year: int, wanted: int) -> Finding:
    """Return the finding on a return of another year than the office asked for."""
    return finding(OTHER_YEAR, year=str(year), wanted=str(wanted))
