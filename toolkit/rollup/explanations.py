"""What agencies wrote to reminders (说明), in words that an editor of the sum understands."""

from collections.abc import Iterable, Iterator, Mapping

from toolkit.characters import one_line
from toolkit.forms.model import Form
from toolkit.submission.model import Explanation

ABOUT_LIMIT, TEXT_LIMIT = 60, 300
"""Characters of what an explanation is about, and of the explanation itself, that are shown."""


def explanations_in_words(explanations: Iterable[Explanation], form: Form, asked: Mapping[str, str]) -> Iterator[str]:
    """Yield each explanation with what it is about: the place of a case of the form, or the beginning of the message of
    the finding with this fingerprint (`asked`). If nobody knows, yield the text alone."""
    for explanation in explanations:
        text = _shortened(one_line(explanation.text), TEXT_LIMIT)
        if text:
            about = _about(explanation.about, form, asked)
            yield f"{about}——{text}" if about else text


def _about(about: str, form: Form, asked: Mapping[str, str]) -> str:
    """Return in words what an explanation is about, empty if it is not known."""
    case = next((case for case in form.cases if case.id == about), None)
    if case:
        return f"{form.section(case.section).name}{case.place}：{case.relation.sentence}"
    carried = next((case for case in form.carry_overs if case.id == about), None)
    if carried:
        return f"{carried.place}：{carried.carry_over.sentence}"
    message = one_line(asked.get(about, ""))
    return _shortened(message.partition("。请")[0], ABOUT_LIMIT)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}……"
