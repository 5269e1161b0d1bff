"""A rule (规则) and what it finds (finding, 发现的问题)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.forms.fields import Severity
from toolkit.problems import Cause
from toolkit.submission.model import Submission

SEVERITY_WORDS: dict[Severity, str] = {"error": "错误", "warning": "提醒", "info": "提示"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is checked. The id never changes its meaning; `sentence` says what must hold, `basis` why, `example` shows a
    finding."""

    id: str
    severity: Severity
    sentence: str
    basis: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the message names the place, the fault, both numbers and what to do; `cause` is why a
    file gave nothing at all."""

    rule: str
    severity: Severity
    message: str
    cells: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    expected: str = ""
    actual: str = ""
    cause: Cause | None = None

    def data(self) -> dict[str, Any]:
        """As `check --json` prints it."""
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
    rule: Rule, message: str, submission: Submission, cells: Sequence[str] = (), expected: str = "", actual: str = ""
) -> Finding:
    """A finding of a rule on cells of a submission."""
    at = tuple(place for cell in cells if (place := submission.at(cell)))
    return Finding(rule.id, rule.severity, message, tuple(cells), at, expected, actual)


def place_of(submission: Submission, cell_id: str) -> str:
    """A cell in words, with its address when it has one."""
    place = submission.form.cells[cell_id].place
    at = submission.at(cell_id)
    return f"{place}（{at}）" if at else place


def addresses(submission: Submission, cells: Iterable[str]) -> str:
    """``（三!D7、D8）`` of cells on one sheet, empty without addresses."""
    places = [place for cell in cells if (place := submission.at(cell))]
    if not places:
        return ""
    sheet = places[0].partition("!")[0]
    return "（" + "、".join([places[0], *(place.removeprefix(f"{sheet}!") for place in places[1:])]) + "）"
