"""Numbers of real texts made greater by 113 (planted.toml): each is found, and none is raised before."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit import report

from toolkit.checks.quantities import NUMBER, quantity_findings
from toolkit.forms.loader import form_for_year
from toolkit.submission.model import Submission

PLANTED: dict[str, Any] = tomllib.loads((Path(__file__).parent / "planted.toml").read_text(encoding="utf-8"))
MORE = 113


def submission_of(source: dict[str, Any]) -> Submission:
    """A whole report, or a passage beside the cells of its tables that are not 0."""
    if "texts" not in source:
        return report(source["name"])
    form = form_for_year(source["year"])
    values = dict.fromkeys((cell.id for cell in form.filled), 0) | source["values"]
    return Submission(form, source["agency"], source["year"], values, {"一": tuple(source["texts"])})


def planted(submission: Submission, spot: str) -> tuple[Submission, str]:
    """The report with the number in 【】 made greater, and that number."""
    before, number, after = re.split("[【】]", spot)
    more = str(int(number) + MORE)
    texts = {key: list(lines) for key, lines in submission.texts.items()}
    key, place = next((key, n) for key, n, line in lines_of(submission) if before + number + after in line)
    texts[key][place] = texts[key][place].replace(before + number + after, before + more + after, 1)
    return replace(submission, texts={key: tuple(lines) for key, lines in texts.items()}), more


def lines_of(submission: Submission) -> Iterator[tuple[str, int, str]]:
    for key, lines in submission.texts.items():
        for place, line in enumerate(lines):
            yield key, place, line


SOURCES = [*PLANTED["reports"], *PLANTED["passages"]]
SPOTS = [(source, spot) for source in SOURCES for spot in source["found"]]


@pytest.mark.parametrize(("source", "spot"), SPOTS, ids=[f"{source['name']}-{spot}" for source, spot in SPOTS])
def test_a_number_that_was_made_greater_is_found(source: dict[str, Any], spot: str) -> None:
    changed, number = planted(submission_of(source), spot)
    assert number in [found.actual for found in quantity_findings(changed) if found.rule == NUMBER.id]


@pytest.mark.parametrize("source", PLANTED["passages"], ids=[source["name"] for source in PLANTED["passages"]])
def test_the_real_passage_raises_nothing(source: dict[str, Any]) -> None:
    assert [found.message for found in quantity_findings(submission_of(source))] == []
