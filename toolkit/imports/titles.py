"""Whose report it is and of which year, by its title."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz import fuzz

from toolkit.characters import one_line, plain
from toolkit.documents.blocks import Block, Paragraph, Prose
from toolkit.forms.model import Form

ALIKE = 80
"""How alike the end of a text must be to that of a title, of 100."""
LOOKED_AT = 25
"""Paragraphs at the beginning among which the title is looked for."""
LONGEST = 80
_YEAR = re.compile(r"(?=((?:19|20)\d\d))")
_PERIOD = re.compile(r"((?:19|20)\d\d)年1月1日")
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


def agency_and_year(prose: Prose, forms: Sequence[Form], stem: str, is_page: bool) -> tuple[str, int | None]:
    """The agency and the report year; empty and None where the report does not say. `stem` is the file's name. A web
    page's own title goes before its lines, among which are links to other reports; that of a document may be one that
    it was copied from."""
    years: list[int] = []
    for text in (*(_parts(prose.title) if is_page else ()), *_candidates(prose, stem)):
        for form in forms:
            found = _split(plain(text), form)
            if found and found[0]:
                return found
            years += [found[1]] if found else []
    whole = "".join(plain(block.text) for block in prose.blocks if isinstance(block, Paragraph))
    period = _PERIOD.search(whole)
    return "", years[0] if years else int(period[1]) if period else None


def year_in(stem: str) -> int | None:
    """The one year that a file's name holds."""
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", stem))
    return int(years.pop()) if len(years) == 1 else None


def _candidates(prose: Prose, stem: str) -> Iterator[str]:
    """Texts that may be the title; it may stand on two lines."""
    lines = [block.text for block in _first(prose.blocks) if block.text.strip()][:LOOKED_AT]
    yield from (one_line(line) for line in lines)
    yield from _parts(prose.title)
    for first, second in pairwise(lines):
        yield one_line(first + second)
    yield stem


def _parts(title: str) -> list[str]:
    """A page's title: sites put their own name and that of a column before it or behind it."""
    return [*re.split(r"[_|｜—–\-]+|\s{2,}", title), title]


def _first(blocks: Sequence[Block]) -> Iterator[Paragraph]:
    return (block for block in blocks if isinstance(block, Paragraph))


def _split(text: str, form: Form) -> tuple[str, int] | None:
    """Agency and year of a title; None for what is no title of the form's reports."""
    ending = plain(form.report_title("", 0)).removeprefix("0年")
    for year in reversed(list(_YEAR.finditer(text))) if len(text) <= LONGEST else ():
        before, after = text[: year.start()], text[year.end(1) :].removeprefix("年").removeprefix("度")
        end = fuzz.partial_ratio_alignment(ending, after)
        if end is not None and end.score >= ALIKE and len(after) >= len(ending) - 4:
            agency = before if before and not _AROUND.fullmatch(before) else after[: end.dest_start]
            return _AROUND.sub("", agency).removeprefix("关于"), int(year[1])
        behind = fuzz.partial_ratio_alignment(ending, before)
        if behind is not None and behind.score >= ALIKE and len(before) >= len(ending) - 4:
            return _AROUND.sub("", before[: behind.dest_start]).removeprefix("关于"), int(year[1])
    return None
