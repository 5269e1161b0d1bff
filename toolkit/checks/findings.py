"""A rule (规则), and a finding (发现的问题): one place where a rule does not hold."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from toolkit.forms.fields import Severity
from toolkit.problems import Cause
from toolkit.submission.model import Submission

SEVERITY_WORDS: dict[Severity, str] = {"error": "错误", "warning": "提醒", "info": "提示"}

Scope = Literal["file", "submission", "years", "priors", "signature", "roster", "batch"]
"""What a rule needs in order to judge.

- file: a file that gave no submission.
- submission: one submission.
- years: a submission and last year's report (上年报告).
- priors: a submission and all of last year's reports that were given.
- signature: a submission and the key of the office.
- roster: a return (报送) and what the office asked for: the roster (名册) of agencies, the year.
- batch: several returns.
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

    `sentence` says what must hold, and `basis` says why. `message` is the template of what is said when the rule does
    not hold; its fields are named facts. `variants` are templates for cases that need other words. `sample` has one set
    of facts, for the catalogue; for a rule that a form declares, the form gives them. `other_template`: the agency
    may have to fill in another template. `refuses`: if this rule is an error, the sender is in doubt and the return
    does not count.
    """

    id: str
    severity: Severity
    sentence: str
    basis: str
    message: str
    sample: Mapping[str, str] = field(hash=False)
    scope: Scope = "submission"
    variants: Mapping[str, str] = field(default_factory=dict, hash=False)
    threshold: Threshold | None = None
    other_template: bool = False
    refuses: bool = False

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


ThresholdOf = Callable[[Rule], Decimal]
"""Gives the threshold of a rule."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule does not hold. The message names the place, the fault, both numbers and what to do.
    `cells` are the ids of the cells, `at` where they stand in the file. `cause` says why a file gave no submission."""

    rule: str
    severity: Severity
    message: str
    cells: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    expected: str = ""
    actual: str = ""
    cause: Cause | None = None

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
    message = rule.say(variant, **facts)
    return Finding(rule.id, rule.severity, message, tuple(cells), tuple(filter(None, places)), expected, actual)


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
