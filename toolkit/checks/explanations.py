"""Explanations (说明) are what an agency wrote to reminders (提醒). One that gives a reason settles its reminder; an
error cannot be explained away."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from toolkit.checks.arithmetic import relation_rules
from toolkit.checks.findings import Finding, Rule, finding, fingerprint_of
from toolkit.checks.last_year import carry_over_rules
from toolkit.forms.model import Form
from toolkit.submission.model import Explanation, Submission

NO_REASON = Rule(
    "explanation-without-reason",
    "说明没有写出原因",
    "warning",
    "对提醒所作的说明写明了原因。",
    "“无”“见附件”“情况属实”之类的话，或者几条不同的提醒写同一句话，看不出原因，审核时还要再问。",
    "说明写的是“{written}”，{why}。请在这一条的“说明”一栏写明具体原因，或改正数字。",
    {"written": "情况属实", "why": "没有写出原因"},
    "reminders",
)
RULES = (NO_REASON,)
SHORTEST = 4
"""Fewer characters than this give no reason."""
SAME_FOR = 3
"""One text for this many reminders of several rules explains none of them."""
QUOTED = 40
_AFFIRMED = r"(?:情况|实情|数据|数字|填报|填写)?(?:确?[属系]实(?:情)?|真实|准确|正确|无误|没有?错误?|没有?问题)"
_EMPTY = re.compile(
    rf"(?:(?:本|我)?(?:单位|局|机关))?(?:已|经|均|都|再次)*(?:核实|核对|核查|检查|确认)?(?:后|过|了)?(?:{_AFFIRMED})*"
    r"|无?(?:需|须)?(?:另行)?说明|无|没有|不适用|[详请]*见(?:附件|说明|正文|报告|上|前|下)|附件|同[上前]|如[上前]"
    r"|[以按].{0,4}实际.{0,6}(?:为准|填写|填报)|实际情况(?:如此)?|是的?|对|好的?|收到|已(?:改|修改|更正|改正)"
)
"""Texts that give no reason, without punctuation."""
_PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class RefusedExplanation:
    """An explanation that the office did not accept: its text, and why."""

    text: str
    why: str


@cache
def _fingerprints_of_cases(form: Form) -> Mapping[str, str]:
    """Return the fingerprint of the finding on each case of a relation or carry-over, by the id of the case."""
    rules = {rule.id: rule for rule in (*relation_rules(form), *carry_over_rules(form))}
    relations = {case.id: fingerprint_of(rules[case.relation.id], set(case.cells), {}) for case in form.cases}
    carried = {
        case.id: fingerprint_of(rules[case.carry_over.id], (case.this, *(term.cell for term in case.changes)), {})
        for case in form.carry_overs
    }
    return relations | carried


def explanations_by_fingerprint(submission: Submission) -> dict[str, Explanation]:
    """Return what the agency wrote, by the fingerprint of the finding that it is about. What stands in two places is
    taken from the last one: 审核意见 is written after 自查."""
    cases = _fingerprints_of_cases(submission.form) if submission.explanations else {}
    written = sorted(submission.explanations, key=lambda one: one.about not in cases)
    return {cases.get(one.about, one.about): one for one in written if one.text.strip()}


def explained(
    findings: Iterable[Finding], written: Mapping[str, str], refused: Mapping[str, RefusedExplanation] | None = None
) -> Iterator[Finding]:
    """Yield the findings with what the agency wrote to them. A reminder is explained if the text gives a reason and the
    office has not refused this text. `written` and `refused` are by fingerprint."""
    refused = refused or {}
    kept = list(findings)
    answered = {found.fingerprint: found for found in kept if found.fingerprint in written}
    repeated = _repeated(written, answered)
    for found in kept:
        text = written.get(found.fingerprint, "")
        if not text:
            yield found
            continue
        refusal = refused.get(found.fingerprint)
        is_refused = refusal is not None and refusal.text == text
        settles = not is_refused and found.severity == "warning" and not _why_empty(text, repeated)
        why = refusal.why if is_refused and refusal else ""
        yield replace(found, explanation=text, is_explained=settles, refusal=why)


def _repeated(written: Mapping[str, str], answered: Mapping[str, Finding]) -> frozenset[str]:
    """Return the texts that stand at several reminders of different rules."""
    rules: dict[str, set[str]] = {}
    counts = Counter[str]()
    for fingerprint, found in answered.items():
        core = _core(written[fingerprint])
        rules.setdefault(core, set()).add(found.rule)
        counts[core] += 1
    return frozenset(core for core, count in counts.items() if count >= SAME_FOR and len(rules[core]) > 1)


def _core(text: str) -> str:
    return _PUNCTUATION.sub("", text)


def _why_empty(text: str, repeated: frozenset[str] = frozenset()) -> str:
    """Return why a text does not explain anything; empty if it may."""
    core = _core(text)
    if core in repeated:
        return "几条不同的提醒写的是同一句话"
    return "没有写出原因" if len(core) < SHORTEST or _EMPTY.fullmatch(core) or core.isdecimal() else ""


def no_reason_findings(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield one finding for each explanation that gives no reason. It follows from the reminder that it is about."""
    answered = {found.fingerprint: found for found in findings if found.explanation}
    repeated = _repeated({key: found.explanation for key, found in answered.items()}, answered)
    for found in answered.values():
        why = _why_empty(found.explanation, repeated)
        if why and found.severity == "warning":
            short = found.explanation if len(found.explanation) <= QUOTED else f"{found.explanation[:QUOTED]}……"
            told = finding(NO_REASON, None, (), "写明原因", why, at=found.at[:1], written=short, why=why)
            yield replace(
                told, fingerprint=f"{found.fingerprint}-{NO_REASON.id}", because=found.because or found.fingerprint
            )


def with_explanations(submission: Submission, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings on a submission with the explanations that it brings. An explanation that gives no reason is
    told after them."""
    if not submission.explanations:
        return list(findings)
    written = {key: one.text for key, one in explanations_by_fingerprint(submission).items()}
    answered = list(explained(findings, written))
    return [*answered, *no_reason_findings(answered)]
