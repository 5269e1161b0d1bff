"""Rules on amounts that are far beyond what agencies of one kind report: 元 was probably taken for 万元.

A form declares the ceilings (上限) by the names of agencies. No report of last year is needed.
"""

from collections.abc import Iterator

from toolkit.characters import plain
from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.checks.samples import Samples
from toolkit.forms.model import Ceiling, Form, Number
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text, of_smaller_unit

BEYOND = Rule(
    "amount-beyond-its-kind",
    "金额大得不像这类机关",
    "warning",
    "金额与这类机关的情况相称。",
    "大出许多的金额，往往是把元当成万元填了。情况属实的，说明原因即可。",
    "{place}：填报 {written} {unit}，这类机关一般不到 {most} {unit}。是不是把元当成{unit}填了？"
    "如果是 {written} 元，应填 {meant}。请核对；情况属实的，请说明原因。",
    {"place": "某格（甲!C5）", "written": "35000", "unit": "万元", "most": "10000", "meant": "3.5"},
)

RULES = (BEYOND,)


def ceiling_findings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each amount beyond the ceiling of its kind of agency."""
    agency = plain(submission.agency)
    for ceiling in submission.form.ceilings:
        number = submission.numbers.get(ceiling.cell)
        kind = next((kind for kind in ceiling.kinds if kind.agency.search(agency)), None)
        if number is None or kind is None or number <= kind.most:
            continue
        if kind.whole and number != number // 1:
            continue
        facts = _facts(submission.form, ceiling, number) | {"place": place_of(submission, ceiling.cell)}
        most = number_text(kind.most)
        yield finding(BEYOND, submission, [ceiling.cell], f"不到 {most}", number_text(number), most=most, **facts)


def _facts(form: Form, ceiling: Ceiling, number: Number) -> dict[str, str]:
    """Return the facts on an amount, with what should stand there if it is meant in 元."""
    unit = form.cells[ceiling.cell].kind.unit
    return {"written": number_text(number), "unit": unit, "meant": number_text(of_smaller_unit(number, unit))}


def ceiling_samples(form: Form) -> Samples:
    """Return the facts of the example on a form."""
    if not form.ceilings:
        return {}
    first = form.ceilings[0]
    return {BEYOND.id: {"place": form.cells[first.cell].place, **_facts(form, first, 35000)}}
