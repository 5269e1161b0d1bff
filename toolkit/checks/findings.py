"""A rule (规则), and a finding (发现的问题): one place where a rule does not hold."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal, Protocol

from toolkit.forms.fields import Severity
from toolkit.problems import Cause
from toolkit.submission.model import Submission

SEVERITY_WORDS: dict[Severity, str] = {"error": "错误", "warning": "提醒", "info": "提示"}

Scope = Literal["file", "submission", "years", "priors", "signature", "roster", "batch", "reminders"]
"""What a rule needs in order to judge.

- file: a file that gave no submission.
- submission: one submission.
- years: a submission and last year's report (上年报告).
- priors: a submission and all of last year's reports that were given.
- signature: a submission and the key of the office.
- roster: a return (报送) and what the office asked for: the roster (名册) of agencies, the year.
- batch: several returns.
- reminders: the findings themselves, and what the agency wrote to them.
"""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit (界限) that a rule judges by. `low` and `high` are the least and the greatest that an office may set."""

    default: Decimal
    low: Decimal
    high: Decimal
    meaning: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What is checked. The id never changes its meaning.

    `title` is its short name in lists. `sentence` says what must hold, and `basis` says why. `message` is the template
    of what is said when the rule does not hold; its fields are named facts. `variants` are templates for cases that
    need other words. `sample` has one set of facts, for the catalogue; for a rule that a form declares, the form gives
    them. `floor` is a limit for the figures themselves: smaller ones are not judged. `other_template`: the agency
    may have to fill in another template. `refuses`: if this rule is an error, the sender is in doubt and the return
    does not count. A fault is known again (see `Finding.fingerprint`) by its cells and by the facts in `identified_by`;
    with `only_by_facts` not by the cells, because they may change while the fault stays.
    """

    id: str
    title: str
    severity: Severity
    sentence: str
    basis: str
    message: str
    sample: Mapping[str, str] = field(hash=False)
    scope: Scope = "submission"
    variants: Mapping[str, str] = field(default_factory=dict, hash=False)
    threshold: Threshold | None = None
    floor: Threshold | None = None
    other_template: bool = False
    refuses: bool = False
    identified_by: tuple[str, ...] = ()
    only_by_facts: bool = False

    @property
    def floor_id(self) -> str:
        """The key by which an office sets the floor."""
        return f"{self.id}-floor"

    def with_facts(self, facts: Mapping[str, str]) -> "Rule":
        """Return the rule with these facts in its sample."""
        return replace(self, sample={**self.sample, **facts})

    @property
    def example(self) -> str:
        """The message with the facts of the sample."""
        return self.say(**self.sample)

    def say(self, variant: str = "", /, **facts: str) -> str:
        """Return the message with these facts. A fact is inserted as it is: braces in it have no meaning."""
        template = self.variants[variant] if variant else self.message
        return template.format_map(facts)


def title_of(sentence: str) -> str:
    """Return the title of a rule that a form declares: its sentence as far as the first semicolon."""
    return sentence.partition("；")[0]


class ThresholdOf(Protocol):
    """Gives the threshold of a rule. With the floor that a form declares, it gives the floor: the office's, if it set
    one."""

    def __call__(self, rule: Rule, declared_floor: float | None = None, /) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule does not hold. The message names the place, the fault, both numbers and what to do.

    `cells` are the ids of the cells, `at` where they stand in the file. `cause` says why a file gave no submission.
    `fingerprint` (指纹) is the same for the same fault in every return of an agency. `because` is the fingerprint of
    the finding that this one follows from. `explanation` (说明) is what the agency wrote to it; `is_explained` is True
    if that settles it, `refusal` says why the office did not accept it.
    """

    rule: str
    severity: Severity
    message: str
    cells: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    expected: str = ""
    actual: str = ""
    cause: Cause | None = None
    fingerprint: str = ""
    because: str | None = None
    explanation: str = ""
    is_explained: bool = False
    refusal: str = ""

    @property
    def is_open(self) -> bool:
        """Return True if the agency has to do something: mend an error, or verify a reminder that it has not
        explained. What follows from another finding is not counted again."""
        return self.because is None and (
            self.severity == "error" or (self.severity == "warning" and not self.is_explained)
        )

    def data(self) -> dict[str, Any]:
        """Return the finding as `check --json` prints it."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "cells": list(self.cells),
            "at": list(self.at),
            "expected": self.expected,
            "actual": self.actual,
            "fingerprint": self.fingerprint,
            "because": self.because,
            "explanation": self.explanation,
            **({"explained": True} if self.is_explained else {}),
            **({"refusal": self.refusal} if self.refusal else {}),
        }


def finding(
    rule: Rule,
    submission: Submission | None = None,
    cells: Sequence[str] = (),
    expected: str = "",
    actual: str = "",
    /,
    *,
    at: Sequence[str] = (),
    variant: str = "",
    **facts: str,
) -> Finding:
    """Return a finding of a rule, with the message made of these facts.

    It stands at the places in `at`, and where the cells stand in the submission. Without a submission, only at the
    places in `at`.
    """
    places = [*at, *(submission.at(cell) for cell in cells)] if submission else at
    return Finding(
        rule.id,
        rule.severity,
        rule.say(variant, **facts),
        tuple(cells),
        tuple(filter(None, places)),
        expected,
        actual,
        fingerprint=fingerprint_of(rule, cells, facts),
    )


FINGERPRINT_LENGTH = 12
_UNSTEADY = re.compile(r"[\W\d_]+")


def fingerprint_of(rule: Rule, cells: Iterable[str], facts: Mapping[str, str]) -> str:
    """Return the fingerprint (指纹) of a fault: it depends on the rule, the cells and the facts that identify it. It
    does not depend on addresses, figures, punctuation and space, which change while a fault stays."""
    known_by = [rule.id, *(() if rule.only_by_facts else sorted(cells))]
    known_by += [_UNSTEADY.sub("", facts.get(name, "")) for name in rule.identified_by]
    return sha256("\n".join(known_by).encode(errors="surrogatepass")).hexdigest()[:FINGERPRINT_LENGTH]


def distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings. Where several have one fingerprint, it gets a number in the further ones."""
    seen = Counter[str]()
    for found in findings:
        seen[found.fingerprint] += 1
        number = seen[found.fingerprint]
        yield found if number == 1 else replace(found, fingerprint=f"{found.fingerprint}-{number}")


def place_of(submission: Submission, cell_id: str) -> str:
    """Return a cell in words, with its address if it has one."""
    place = submission.form.cells[cell_id].place
    at = submission.at(cell_id)
    return f"{place}（{at}）" if at else place


def addresses(submission: Submission, cells: Iterable[str]) -> str:
    """Return ``（三!D7、D8）`` for cells on one sheet. Return an empty string for cells without addresses."""
    places = [place for cell in cells if (place := submission.at(cell))]
    if not places:
        return ""
    sheet = places[0].partition("!")[0]
    return "（" + "、".join([places[0], *(place.removeprefix(f"{sheet}!") for place in places[1:])]) + "）"
