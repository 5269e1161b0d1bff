"""Causes and consequences (由此引起): one fault may break several rules. The finding on the fault itself is the cause;
the others follow from it, and are not counted again."""

from collections.abc import Collection, Iterable, Mapping

from toolkit.checks.findings import SEVERITY_WORDS, Finding
from toolkit.forms.fields import Severity

_ORDER = list(SEVERITY_WORDS)


def under_causes(findings: Collection[Finding]) -> list[tuple[Finding, tuple[Finding, ...]]]:
    """Return each cause with what follows from it, the most severe causes first. A consequence whose cause is not among
    the findings stands by itself, like a cause."""
    known: dict[str, Finding] = {}
    for found in findings:
        known.setdefault(found.fingerprint, found)
    groups: dict[int, list[Finding]] = {}
    for found in findings:
        groups.setdefault(id(_cause_of(found, known)), []).append(found)
    causes = [found for found in findings if id(found) in groups]
    causes.sort(key=lambda found: _ORDER.index(found.severity))
    return [(cause, tuple(found for found in groups[id(cause)] if found is not cause)) for cause in causes]


def _cause_of(found: Finding, known: Mapping[str, Finding]) -> Finding:
    """Return the finding from which this one follows in the end; the finding itself if that is nowhere or in a ring."""
    seen, first = {found.fingerprint}, found
    while first.because is not None and first.because in known:
        if first.because in seen:
            return found
        seen.add(first.because)
        first = known[first.because]
    return first


def count_causes(findings: Iterable[Finding], severity: Severity) -> int:
    """Return how many findings of a severity there are, without consequences."""
    return sum(found.severity == severity and found.because is None for found in findings)
