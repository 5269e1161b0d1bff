"""校验结果.html: the results of a batch as one page that needs no other file and no network."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from toolkit.batch.filing_status import STATES, Standing
from toolkit.batch.results import Batch, Totals
from toolkit.batch.results_workbook import COLOURS, WORKBOOK_NAME, relative_path
from toolkit.checks.findings import SEVERITY_WORDS, Rule
from toolkit.resources import resource

PAGE_NAME = "校验结果.html"
TEMPLATE = "templates/results.html"
FINDINGS_LIMIT = 60_000
"""Number of findings that a browser still shows without delay."""


def results_page(batch: Batch, totals: Totals, rules: dict[str, Rule], folder: Path) -> Iterator[str]:
    """Yield the page, piece by piece. `rules` is the catalogue of rules; links to the returns start from `folder`."""
    before, _, after = resource(TEMPLATE).read_text(encoding="utf-8").partition("__DATA__")
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
        "note": batch.in_words(),
        "said": sentences,
        "states": [(state, COLOURS[state]) for state in STATES],
        "severities": SEVERITY_WORDS,
        "rules": {rule: (rules[rule].severity, rules[rule].sentence.rstrip("。")) for rule in counts},
        "counts": counts,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "lines": ['
    left = FINDINGS_LIMIT
    for number, line in enumerate(batch.lines()):
        shown = _line(batch, line, folder, left)
        left -= len(shown[-2])
        yield (",\n" if number else "\n") + json.dumps(shown, ensure_ascii=False)
    yield '], "leftOut": ['
    for number, out in enumerate(batch.ledger.left_out()):
        yield (",\n" if number else "\n") + json.dumps([out.path, out.reason], ensure_ascii=False)
    yield "]}"


def _line(batch: Batch, line: Standing, folder: Path, room: int) -> list[Any]:
    result = line.result
    if result is None:
        return [line.state, line.name, line.group, "", "", line.note, [], [0, 0, 0]]
    target = relative_path(batch.ledger.item(result.item), folder)
    findings = [[found.severity, found.rule, found.message] for found in result.findings[:room]]
    counts = [result.count(severity) for severity in SEVERITY_WORDS]
    return [line.state, line.name, line.group, result.path, _href(target), line.note, findings, counts]


def _href(target: str) -> str:
    """Return a link that can only be a path."""
    return f"./{quote(os.fsencode(target), safe='/.-_~')}" if target else ""
