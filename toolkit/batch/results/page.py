"""校验结果.html: the results of a batch as one page that needs no other file and no network."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from toolkit.batch.checked_batch import Batch, Totals
from toolkit.batch.filing_status import Standing
from toolkit.batch.results.standing_words import (
    change_counts,
    changed_cells,
    counts_of,
    explanation_words,
    is_replaced,
    marks_of,
    received_words,
    round_words,
)
from toolkit.batch.results.workbook import WORKBOOK_NAME, relative_path
from toolkit.batch.states import COLOURS, DESK_ORDER
from toolkit.checks.causes import under_causes
from toolkit.checks.findings import SEVERITY_WORDS, Finding, Rule
from toolkit.resources import resource

PAGE_NAME = "校验结果.html"
TEMPLATE, STYLE = "templates/results.html", "templates/page.css"
FINDINGS_LIMIT = 60_000
"""Number of findings that a browser still shows without delay."""


def results_page(batch: Batch, totals: Totals, rules: dict[str, Rule], folder: Path) -> Iterator[str]:
    """Yield the page, piece by piece. `rules` is the catalogue of rules; links to the returns start from `folder`."""
    style = resource(STYLE).read_text(encoding="utf-8")
    page = resource(TEMPLATE).read_text(encoding="utf-8").replace("__STYLE__", style, 1)
    before, _, after = page.partition("__DATA__")
    yield before
    yield from map(_script_safe, _data(batch, totals, rules, folder))
    yield after


def _script_safe(text: str) -> str:
    """Return JSON that cannot end an element of the page, whatever text it has."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _data(batch: Batch, totals: Totals, rules: dict[str, Rule], folder: Path) -> Iterator[str]:
    counts = dict(totals.by_rule())
    sentences = list(batch.sentences())
    if (total := sum(counts.values())) > FINDINGS_LIMIT:
        sentences.append(
            f"问题有 {total} 处，这一页只列出前 {FINDINGS_LIMIT} 处，其余见“{WORKBOOK_NAME}”和 findings.json。"
        )
    head = {
        "title": batch.title,
        "head": batch.head,
        "note": totals.in_words(),
        "allPassed": totals.all_passed,
        "total": totals.states.total() if totals.agencies is None else totals.agencies,
        "unit": "份" if totals.agencies is None else "个机关",
        "said": sentences,
        "states": [(state, COLOURS[state]) for state in DESK_ORDER],
        "severities": SEVERITY_WORDS,
        "rules": {rule: (rules[rule].severity, rules[rule].title) for _, rule in totals.rules},
        "counts": counts,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "lines": ['
    lines = _PageLines(batch, folder)
    for number, line in enumerate(batch.lines()):
        yield (",\n" if number else "\n") + json.dumps(lines.data(line), ensure_ascii=False)
    yield '], "leftOut": ['
    for number, out in enumerate(batch.ledger.left_out()):
        yield (",\n" if number else "\n") + json.dumps([out.path, out.reason], ensure_ascii=False)
    yield "]}"


class _PageLines:
    """Makes the lines of the page, as long as there is room for their findings."""

    def __init__(self, batch: Batch, folder: Path) -> None:
        self._ledger, self._folder, self._room = batch.ledger, folder, FINDINGS_LIMIT
        self._undecided = batch.undecided()

    def data(self, line: Standing) -> dict[str, Any]:
        """Return a line without what is empty. `apart` is a return that another one replaces."""
        result, entry = line.result, line.entry
        data = {
            "state": line.state,
            "agency": line.name,
            "group": line.group,
            "contact": entry.contact if entry else "",
            "phone": entry.phone if entry else "",
            "path": line.path,
            "href": _href(relative_path(self._ledger.item(result.item), self._folder)) if result else "",
            "note": line.note,
            "received": received_words(line),
            "by": line.received_by,
            "late": line.is_late,
            "round": round_words(line.comparison),
            "against": change_counts(line.comparison),
            "apart": is_replaced(line, self._undecided),
            "counts": counts_of(line),
            "findings": self._findings(line),
            "fixed": [found.message for found in line.comparison.fixed],
            "changes": [[change.place, change.before, change.after, change.is_asked] for change in changed_cells(line)],
        }
        return {key: value for key, value in data.items() if value}

    def _findings(self, line: Standing) -> list[list[Any]]:
        marks = marks_of(line)
        shown = list[list[Any]]()
        for cause, consequences in under_causes(line.result.findings if line.result else ()):
            if self._room <= 0:
                break
            self._room -= 1 + len(consequences)
            shown.append([*_finding(cause, marks), [_finding(found, marks) for found in consequences]])
        return shown


def _finding(found: Finding, marks: Mapping[str, str]) -> list[Any]:
    where = "、".join(found.at)
    mark = marks.get(found.fingerprint, "")
    return [found.severity, found.rule, found.message, found.fingerprint, where, mark, explanation_words(found)]


def _href(target: str) -> str:
    """Return a link that can only be a path."""
    return f"./{quote(os.fsencode(target), safe='/.-_~')}" if target else ""
