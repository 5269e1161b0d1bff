"""What a sentence stands under (标题之下): the headings above it, and how its own part of the text begins.

A number may speak without saying of what: ``共收到申请4件`` under the heading ``（二）依申请公开``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.checks.text_sentences import TextSentence, sentences
from toolkit.submission.model import Submission

_STOP = re.compile(r"[，。：；]")
_HEADING = 30
"""A paragraph of one sentence that is no longer is a heading, if it has no full stop."""
_BEGINNING = 24
"""So much of what begins a part tells what the part is about."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a sentence stands under. `heads` are the title of the section, the headings above, and the beginning of its
    own part; `opening` is the first sentence of that part."""

    heads: str
    opening: str

    def fits(self, pattern: re.Pattern[str]) -> bool:
        """Return True if a pattern fits the headings or the first sentence."""
        return bool(pattern.search(self.heads) or pattern.search(self.opening))


def sentences_with_topics(submission: Submission) -> Iterator[tuple[TextSentence, Topic]]:
    """Yield every sentence of the texts with its topic."""
    words = submission.form.texts.language.counts
    section, paragraph, headings, part, opening = "", 0, dict[str, str](), "", ""
    for sentence in sentences(submission):
        if sentence.section.id != section:
            section, headings = sentence.section.id, {}
            paragraph = 0
        is_first = sentence.paragraph != paragraph
        if is_first:
            paragraph, part, opening = sentence.paragraph, "", ""
        style, text = "", sentence.plain
        mark = words.heading.match(text) if not sentence.begun else None
        if mark:
            style = next((name for name, written in mark.groupdict().items() if written), "")
            part = opening = ""
            text = text[mark.end() :]
        if (mark and style != "item") or (is_first and _is_heading(sentence)):
            headings = {**_above(headings, style), style: _beginning(text)}
        elif not opening:
            part = _beginning(text)
        opening = opening or text
        yield sentence, Topic("。".join((sentence.section.title, *headings.values(), part)), opening)


def _above(headings: dict[str, str], style: str) -> dict[str, str]:
    """Return the headings that stand above a new one: all before the last one of the same style."""
    styles = list(headings)
    return {name: headings[name] for name in (styles[: styles.index(style)] if style in styles else styles)}


def _is_heading(sentence: TextSentence) -> bool:
    """Return True if a sentence is a paragraph of its own, and short."""
    alone = not sentence.last and not sentence.next and sentence.whole == sentence.plain
    return alone and len(sentence.plain) <= _HEADING and not sentence.plain.endswith(("。", "；"))


def _beginning(text: str) -> str:
    """Return the beginning of a text, up to the first stop."""
    stop = _STOP.search(text)
    return text[: min(stop.start() if stop else len(text), _BEGINNING)]
