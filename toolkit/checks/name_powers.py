"""Rules on powers (权力, such as 规章制定权) that the name of an agency rules out: a town (镇) makes no 规章.

The kinds of names are declared with the powers, in `templates/shared/powers.toml`.
"""

from collections.abc import Iterator

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.checks.text_sentences import plain
from toolkit.forms.model import Form, Power
from toolkit.forms.powers import shared_powers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text


def name_rule_id(power_id: str) -> str:
    """Return the id of the rule on a power (权力) that the name of an agency rules out."""
    return f"name-without-{power_id}-power"


def name_rule(power: Power) -> Rule:
    """Return the rule on a power: an agency that by its name cannot have it reports nothing where it is needed."""
    return Rule(
        name_rule_id(power.id),
        f"这类机关没有{power.label}",
        "warning",
        f"看名称就知道没有{power.label}的机关，须有这一权力才填的格为 0。",
        f"{power.lacking_basis}。名册上写明有没有的，以名册为准。",
        "{filled}，{agency}这类机关没有{power}。请核对是否填错了行；确有的，请说明。",
        {"filled": "某表「某行」某列填报 3", "agency": "某镇人民政府", "power": power.label},
    )


def name_rules() -> tuple[Rule, ...]:
    """Return the rules on the powers that come with the toolkit and say which names rule them out."""
    return tuple(name_rule(power) for power in shared_powers() if power.lacking)


def own_name_rules(form: Form) -> tuple[Rule, ...]:
    """Return the same rules on the powers that a form declares beside those that come with the toolkit."""
    general = {power.id for power in shared_powers()}
    return tuple(name_rule(power) for power in form.powers if power.lacking and power.id not in general)


def name_findings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each power that the agency lacks by its name, though it reports something there."""
    agency = plain(submission.agency)
    for power in submission.form.powers:
        if not power.is_lacking(agency):
            continue
        cells = [
            cell.id
            for cell in submission.form.filled
            if power.id in (cell.row.needs, cell.column.needs) and submission.numbers.get(cell.id)
        ]
        if cells:
            numbers = [number_text(submission.numbers[cell]) for cell in cells]
            filled = "、".join(
                f"{place_of(submission, cell)}填报 {number}" for cell, number in zip(cells, numbers, strict=True)
            )
            facts = {"filled": filled, "agency": submission.agency, "power": power.label}
            yield finding(name_rule(power), submission, cells, "0", numbers[0], **facts)
