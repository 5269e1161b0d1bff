"""The result (校验结果) of one submission: whether it passed, and every finding."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from toolkit.checks.findings import Finding
from toolkit.problems import Cause
from toolkit.submission.model import NO_NAME

Status = Literal["passed", "failed", "unreadable"]
STATUS_WORDS: dict[Status, Literal["通过", "有误", "无法读取"]] = {
    "passed": "通过",
    "failed": "有误",
    "unreadable": "无法读取",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a check says of one submission, or of a file that could not be read.

    `path` is the file, empty when there was none. `status` is ``passed``, ``failed`` (a finding of severity ``error``)
    or ``unreadable``. `findings` are in the order in which a reviewer reads them. `agency`, `year` and `form` (a form
    id) are those of the submission. `standing` is the state of the return on a roster (通过, 有误 …), empty without
    one.
    """

    path: str
    status: Status
    findings: tuple[Finding, ...]
    agency: str = ""
    year: int | None = None
    form: str = ""
    standing: str = ""

    @property
    def name(self) -> str:
        """Return what it is called in lists: the agency, or the file when it could not be read."""
        return self.agency or (PurePath(self.path).name if self.status == "unreadable" else NO_NAME)

    @property
    def cause(self) -> Cause | None:
        """Return why the file could not be read, None where it could."""
        return next((found.cause for found in self.findings if found.cause), None)

    def count(self, severity: str) -> int:
        """Return how many findings have this severity (``error``, ``warning`` or ``info``). What follows from another
        finding is not counted."""
        return sum(found.severity == severity and found.because is None for found in self.findings)

    def data(self) -> dict[str, Any]:
        """Return the result as plain data, as in the `files` of findings.json."""
        return {
            "path": self.path,
            "agency": self.agency,
            "year": self.year,
            "form": self.form,
            "status": self.status,
            **({"standing": self.standing} if self.standing else {}),
            **({"cause": self.cause} if self.cause else {}),
            "findings": [found.data() for found in self.findings],
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one flat row for each finding, as a table (such as a pandas DataFrame) takes them."""
        for found in self.findings:
            yield {
                "path": self.path,
                "agency": self.agency,
                "year": self.year,
                "form": self.form,
                "status": self.status,
                **found.data(),
                "cells": "、".join(found.cells),
                "at": "、".join(found.at),
            }


def status_of(findings: Iterable[Finding]) -> Literal["passed", "failed"]:
    """Return ``failed`` when one of the findings is an error, else ``passed``."""
    return "failed" if any(found.severity == "error" for found in findings) else "passed"
