"""Rules on a return (报送) beside what the office asked for: the roster (名册) of the agencies, and the year."""

from collections.abc import Iterator

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.forms.model import Form, Power
from toolkit.forms.powers import shared_powers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

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


def power_rule_id(power_id: str) -> str:
    """Return the id of the rule on a power (权力)."""
    return f"without-{power_id}-power"


def power_rule(power: Power) -> Rule:
    """Return the rule on a power: an agency that lacks it reports nothing where it is needed."""
    return Rule(
        power_rule_id(power.id),
        f"没有{power.label}而填了数",
        "warning",
        f"没有{power.label}的机关，须有这一权力才填的格为 0。",
        f"名册上写明没有{power.label}的才提；多半是填错了行。",
        "{filled}，而名册上本机关没有{power}。请核对是否填错了行；名册有误的，请告知审核机关。",
        {"filled": "某表「某行」某列填报 3", "power": power.label},
        "roster",
    )


def power_rules() -> tuple[Rule, ...]:
    """Return the rules on the powers that come with the toolkit."""
    return tuple(map(power_rule, shared_powers()))


def own_power_rules(form: Form) -> tuple[Rule, ...]:
    """Return the rules on the powers that a form declares beside those that come with the toolkit."""
    general = {power.id for power in shared_powers()}
    return tuple(power_rule(power) for power in form.powers if power.id not in general)


def known_by_finding(how: str, agency: str) -> Finding:
    """Return the finding on a return whose agency was not known by its name. `how` says by what it was known."""
    return finding(KNOWN_BY, how=how, agency=agency)


def not_on_roster_finding(agency: str) -> Finding:
    """Return the finding on a return of an agency that is not on the roster."""
    return finding(NOT_ON_ROSTER, agency=agency)


def other_year_finding(year: int, wanted: int) -> Finding:
    """Return the finding on a return of another year than the office asked for."""
    return finding(OTHER_YEAR, year=str(year), wanted=str(wanted))


def without_power_findings(submission: Submission) -> tuple[Finding, ...]:
    """Return what is to be said of a submission if its agency lacks a power: one finding for each power at most."""
    return tuple(found for power in submission.form.powers for found in _without_power(submission, power))


def _without_power(submission: Submission, power: Power) -> Iterator[Finding]:
    cells = [
        cell.id
        for cell in submission.form.filled
        if power.id in (cell.row.needs, cell.column.needs) and submission.numbers.get(cell.id)
    ]
    if not cells:
        return
    filled = "、".join(f"{place_of(submission, cell)}填报 {number_text(submission.numbers[cell])}" for cell in cells)
    first = number_text(submission.numbers[cells[0]])
    yield finding(power_rule(power), submission, cells, "0", first, filled=filled, power=power.label)
