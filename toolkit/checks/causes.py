"""Tells causes (原因) from consequences (由此引起的问题): one wrong cell breaks several rules, and is one fault.

What belongs together is found by the declared relations (勾稽关系) and carry-overs (结转), see `toolkit.checks.slips`.
A finding never follows from a milder one: what must be corrected stays an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from toolkit.checks import cells
from toolkit.checks.findings import Finding
from toolkit.checks.integrity import FORMULA_OVERWRITTEN
from toolkit.checks.slips import Slip, find_slips
from toolkit.forms.equations import Equation, system_of
from toolkit.forms.fields import Severity
from toolkit.submission.model import Submission

FOLLOWS = "由此引起"
"""What a consequence is called where it stands under its cause."""
_WEIGHT: Mapping[Severity, int] = {"error": 2, "warning": 1, "info": 0}
_ON_CELLS = frozenset(rule.id for rule in cells.RULES)


@dataclass(frozen=True, slots=True)
class _CauseLinks:
    """Findings, and by their numbers in the list: of which other finding each is a consequence."""

    findings: Sequence[Finding]
    causes: dict[int, int] = field(default_factory=dict)

    def root(self, number: int) -> int:
        while number in self.causes:
            number = self.causes[number]
        return number

    def add(self, number: int, cause: int) -> None:
        """Make a finding the consequence of another one, unless it is graver, or has a cause already."""
        cause = self.root(cause)
        graver = _WEIGHT[self.findings[number].severity] > _WEIGHT[self.findings[cause].severity]
        if number != cause and number not in self.causes and not graver:
            self.causes[number] = cause

    def told(self) -> tuple[Finding, ...]:
        """Return the findings with `because`."""
        fingerprints = {number: self.findings[self.root(number)].fingerprint for number in self.causes}
        return tuple(
            replace(found, because=fingerprints[number]) if number in fingerprints else found
            for number, found in enumerate(self.findings)
        )


def with_causes(
    submission: Submission, findings: Iterable[Finding], prior: Submission | None = None
) -> tuple[Finding, ...]:
    """Return the findings on a submission. Those that follow from another one have its fingerprint in `because`; that
    one follows from nothing.

    `prior` is last year's report, if the findings come from a check beside it.
    """
    form, findings = submission.form, tuple(findings)
    related = {relation.id for relation in form.relations} | {case.carry_over.id for case in form.carry_overs}
    met = {found.rule for found in findings}
    if not met & related and not met & _ON_CELLS:
        return findings
    links = _CauseLinks(findings)
    equations = system_of(form, submission.unwritten).equations if met & related else ()
    by_place = {(found.rule, found.cells): number for number, found in reversed(list(enumerate(findings)))}
    numbers = [by_place.get((equation.rule, equation.cells)) for equation in equations]
    _link_on_one_cell(links, equations, numbers)
    if equations:
        in_doubt = _in_doubt(links)
        for slip in find_slips(submission, prior, tuple(in_doubt)):
            _link_slip(links, slip, equations, numbers, in_doubt)
    return links.told()


def _link_on_one_cell(links: _CauseLinks, equations: Sequence[Equation], numbers: Sequence[int | None]) -> None:
    """Take what is wrong with one cell as one fault. The cause is the relation that says what a total should be, else
    the first error on the cell itself. Without either, reminders stay apart."""
    causes: dict[str, list[int]] = {}
    for equation, number in zip(equations, numbers, strict=True):
        if equation.defines and number is not None:
            causes.setdefault(equation.defines, []).append(number)
    about_cell = [
        (found.cells[0], number)
        for number, found in enumerate(links.findings)
        if len(found.cells) == 1 and (found.rule in _ON_CELLS or found.rule == FORMULA_OVERWRITTEN.id)
    ]
    for cell, number in about_cell:
        if links.findings[number].severity == "error":
            causes.setdefault(cell, []).append(number)
    for number, found in enumerate(links.findings):
        if found.rule == cells.ODD_SPELLING.id and len(found.cells) > 1 and found.severity == "error":
            for cell in found.cells:
                if cell not in causes or causes[cell][0] > number:
                    causes.setdefault(cell, []).insert(0, number)
    for cell, (first, *others) in causes.items():
        for number in others:
            links.add(number, first)
        for number in (number for there, number in about_cell if there == cell and number != first):
            links.add(number, first)


def _in_doubt(links: _CauseLinks) -> dict[str, int]:
    """Return the cells with an error of their own, or a blank, and the number of its finding."""
    found: dict[str, int] = {}
    for number, each in enumerate(links.findings):
        if each.rule in _ON_CELLS and each.severity == "error":
            for cell in each.cells:
                found.setdefault(cell, number)
    return found


def _link_slip(
    links: _CauseLinks,
    slip: Slip,
    equations: Sequence[Equation],
    numbers: Sequence[int | None],
    in_doubt: Mapping[str, int],
) -> None:
    """Link the findings that one wrong cell explains to the one that says most about it."""
    members = {number: equations[place] for place in slip.equations if (number := numbers[place]) is not None}

    def rank(number: int) -> tuple[int, bool, bool, int]:
        found = links.findings[number]
        is_total = members[number].defines == slip.cell
        return -_WEIGHT[found.severity], not is_total, found.cells != (slip.cell,), number

    cause = in_doubt.get(slip.cell) if slip.leading is None else numbers[slip.leading]
    if cause is None and slip.leading is None and members:
        cause = min(members, key=rank)
    if cause is not None:
        for number in members:
            links.add(number, cause)


def grouped(findings: Iterable[Finding]) -> list[tuple[Finding, tuple[Finding, ...]]]:
    """Return the causes in their order, each with the findings that follow from it. A finding whose cause is not among
    them stands for itself."""
    findings = tuple(findings)
    fingerprints = {found.fingerprint for found in findings if found.because is None}
    followers: dict[str, list[Finding]] = {}
    for found in findings:
        if found.because in fingerprints:
            followers.setdefault(found.because or "", []).append(found)
    groups = []
    for found in findings:
        if found.because not in fingerprints:
            groups.append((found, tuple(followers.pop(found.fingerprint, ()))))
    return groups


def under_causes(findings: Iterable[Finding]) -> list[tuple[Finding, tuple[Finding, ...]]]:
    """Return the same groups, the most severe causes first."""
    return sorted(grouped(findings), key=lambda group: -_WEIGHT[group[0].severity])
