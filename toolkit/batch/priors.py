"""Last year's reports (上年报告) of a batch, found by agency."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toolkit.batch.sources import Source
from toolkit.submission import Submission


@dataclass(frozen=True, slots=True)
class Priors:
    """Reports by agency and year; `ambiguous` are those of which several differ: none of them is believed."""

    reports: Mapping[tuple[str, int], Submission]
    ambiguous: frozenset[tuple[str, int]]

    def of(self, submission: Submission) -> Submission | None:
        """The agency's report of the year before, None when there is none or when several differ."""
        key = agency_key(submission.agency), submission.year - 1
        return None if key in self.ambiguous else self.reports.get(key)

    def why_none(self, submission: Submission) -> str:
        """Why there is none, in words."""
        wanted = f"{submission.agency or '（未填机关全称）'} {submission.year - 1} 年的报告"
        if (agency_key(submission.agency), submission.year - 1) in self.ambiguous:
            return f"给出的上年报告中，{wanted}有几份而且内容不同"
        years = sorted(year for agency, year in self.reports if agency == agency_key(submission.agency))
        have = f"，只有 {'、'.join(map(str, years))} 年的" if years else ""
        return f"给出的上年报告中没有 {wanted}{have}"


def agency_key(agency: str) -> str:
    """An agency's name as names are compared: without white space, brackets of one width."""
    return "".join(unicodedata.normalize("NFKC", agency).split())


def priors_of(sources: Iterable[Source]) -> Priors:
    """The reports among the sources; what could not be read is left out, the caller says so."""
    reports: dict[tuple[str, int], Submission] = {}
    ambiguous = set()
    for source in sources:
        if source.submission is None:
            continue
        key = agency_key(source.submission.agency), source.submission.year
        if key in reports and reports[key].all_values != source.submission.all_values:
            ambiguous.add(key)
        reports.setdefault(key, source.submission)
    return Priors(reports, frozenset(ambiguous))
