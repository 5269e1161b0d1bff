"""The sentences of a sum (汇总的句子) as a form declares them: what a roll-up writes of its totals at the head of a
text section.

In a text, ``{n}`` stands for the figure, ``{share}`` for its share (占比). `SENTENCE_WORDS` says what else may stand
there.
"""

import re
from typing import Annotated

from msgspec import Meta

from toolkit.forms.fields import LABEL_LIMIT, Declared, NonEmpty, RuleId, ShortText

SENTENCE_WORDS = {
    "year": "报告年度",
    "agency": "汇总机关的全称",
    "scope": "全县、全市……，看不出的写“各单位”",
    "returns": "计入的机关数",
}
"""What may stand in braces in a sentence besides its figure, and what it means."""

SummaryText = Annotated[str, Meta(min_length=1, max_length=LABEL_LIMIT)]


def placeholders(text: str) -> list[str]:
    """Return what stands in braces in a text; a single brace counts as one, too."""
    return [found.strip("{}") or found for found in re.findall(r"\{[^{}]*\}|[{}]", text)]


class SummaryFigure(Declared, frozen=True, kw_only=True):
    """A figure in a list. It falls away if it is 0 or the tables do not state it. `reading` is ``a + b - c`` of cells
    and of `sums`. `share` are the words for its share in the reading `of`, rounded to `decimals`."""

    text: SummaryText
    reading: NonEmpty
    share: ShortText = ""
    of: str = ""
    decimals: int = 1


class SummarySentence(Declared, frozen=True, kw_only=True):
    """A sentence without its full stop: `text`, then the `items` that stand, with `start` before the first and `join`
    between them. If `text` has a figure (`reading`), the sentence falls away where the tables do not state it; if the
    figure is 0, `none` is the whole sentence. A `text` without a figure falls away with the last of its items."""

    text: SummaryText
    reading: str = ""
    none: ShortText = ""
    start: ShortText = ""
    join: ShortText = "，"
    items: tuple[SummaryFigure, ...] = ()


class Summary(Declared, frozen=True, kw_only=True):
    """A paragraph at the head of a text section."""

    id: RuleId
    section: str
    sentences: Annotated[tuple[SummarySentence, ...], Meta(min_length=1)]
