"""Rules on powers (权力, such as 规章制定权): an agency that lacks one reports nothing where it is needed.

The roster (名册) may say who has a power. Where it does not, the name of an agency may rule the power out: a town (镇)
makes no 规章. The kinds of names are declared with the powers, in `templates/shared/powers.toml`.
"""

from collections.abc import Iterable, Iterator

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.checks.text_sentences import plain
from toolkit.forms.model import Form, Power
from toolkit.forms.powers import shared_powers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text


def power_rule_id(power_id: str) -> str:
    """Return the id of the rule on a power (权力) that the roster denies."""
    return f"without-{power_id}-power"


def power_rule(power: Power) -> Rule:
    """Return the rule on a power that the roster denies."""
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


def name_rule_id(power_id: str) -> str:
    """Return the id of the rule on a power (权力) that the name of an agency rules out."""
    return f"name-without-{power_id}-power"


def name_rule(power: Power) -> Rule:
    """Return the rule on a power that the name of an agency rules out."""
    return Rule(
        name_rule_id(power.id),
        f"这类机关没有{power.label}",
        "warning",
        f"看名称就知道没有{power.label}的机关，须有这一权力才填的格为 0。",
        f"{power.lacking_basis}。名册上写明有没有的，以名册为准。",
        "{filled}，{agency}这类机关没有{power}。请核对是否填错了行；确有的，请说明。",
        {"filled": "某表「某行」某列填报 3", "agency": "某镇人民政府", "power": power.label},
    )


def power_rules() -> tuple[Rule, ...]:
    """Return the rules on the powers that come with the toolkit."""
    return tuple(map(power_rule, shared_powers()))


def own_power_rules(form: Form) -> tuple[Rule, ...]:
    """Return the rules on the powers that a form declares beside those that come with the toolkit."""
    return tuple(map(power_rule, _own_powers(form)))


def name_rules() -> tuple[Rule, ...]:
    """Return the rules on the powers that come with the toolkit and say which names rule them out."""
    return tuple(map(name_rule, _ruled_out(shared_powers())))


def own_name_rules(form: Form) -> tuple[Rule, ...]:
    """Return the same rules on the powers that a form declares beside those that come with the toolkit."""
    return tuple(map(name_rule, _ruled_out(_own_powers(form))))


def _own_powers(form: Form) -> Iterator[Power]:
    general = {power.id for power in shared_powers()}
    return (power for power in form.powers if power.id not in general)


def _ruled_out(powers: Iterable[Power]) -> Iterator[Power]:
    return (power for power in powers if power.lacking)


def without_power_findings(submission: Submission) -> tuple[Finding, ...]:
    """Return what is to be said of a submission if its agency lacks a power: one finding for each power at most."""
    return tuple(
        found for power in submission.form.powers for found in _filled_without(power_rule(power), submission, power)
    )


def name_findings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each power that the name of the agency rules out, though it reports something there."""
    agency = plain(submission.agency)
    for power in submission.form.powers:
        if power.is_lacking(agency):
            yield from _filled_without(name_rule(power), submission, power, agency=submission.agency)


def _filled_without(rule: Rule, submission: Submission, power: Power, **facts: str) -> Iterator[Finding]:
    """Yield a finding if anything but 0 was filled in where a power is needed."""
    filled = {
        cell.id: number_text(number)
        for cell in submission.form.filled
        if power.id in (cell.row.needs, cell.column.needs) and (number := submission.numbers.get(cell.id))
    }
    if filled:
        facts["filled"] = "、".join(f"{place_of(submission, cell)}填报 {number}" for cell, number in filled.items())
        yield finding(rule, submission, list(filled), "0", next(iter(filled.values())), power=power.label, **facts)
