"""Resolves the sentences of a sum (汇总的句子): checks what stands in them, and finds their readings in the tables."""

from collections.abc import Collection, Sequence

from toolkit.forms.faults import Fail, require_unique
from toolkit.forms.model import Reading, Section
from toolkit.forms.readings import Readings
from toolkit.forms.relations import PRECISION
from toolkit.forms.summaries import SENTENCE_WORDS, Summary, SummaryFigure, SummarySentence, placeholders


def resolve_summaries(
    summaries: Sequence[Summary], sections: Sequence[Section], readings: Readings, fail: Fail
) -> dict[str, Reading]:
    """Return the readings of all sentences, by what is written there; `fail` is called with the key and the fault of
    what is wrong."""
    require_unique(fail, "texts.summaries", [summary.id for summary in summaries])
    text_sections = [section.id for section in sections if section.text]
    found: dict[str, Reading] = {}
    for summary in summaries:
        key = f"texts.summaries[{summary.id}]"
        if summary.section not in text_sections:
            fail(f"{key}.section", f"没有 id 为「{summary.section}」的文字部分，可以是 {'、'.join(text_sections)}")
        for number, sentence in enumerate(summary.sentences, 1):
            place = f"{key}.sentences[{number}]"
            _check_sentence(place, sentence, fail)
            if sentence.reading:
                found[sentence.reading] = readings.reading(f"{place}.reading", sentence.reading)
            for position, item in enumerate(sentence.items, 1):
                _check_item(f"{place}.items[{position}]", item, fail)
                for name, text in (("reading", item.reading), ("of", item.of)):
                    if text:
                        found[text] = readings.reading(f"{place}.items[{position}].{name}", text)
    return found


def _check_sentence(key: str, sentence: SummarySentence, fail: Fail) -> None:
    figure = ("n",) if sentence.reading else ()
    _check_words(f"{key}.text", sentence.text, (*figure, *SENTENCE_WORDS), fail)
    for name, text in (("none", sentence.none), ("start", sentence.start), ("join", sentence.join)):
        _check_words(f"{key}.{name}", text, SENTENCE_WORDS, fail)
    if sentence.reading and "n" not in placeholders(sentence.text):
        fail(f"{key}.text", "写了 reading，里面就要有 {n}")
    if sentence.none and not sentence.reading:
        fail(f"{key}.none", "没有写 reading，就没有为 0 的时候")
    if not sentence.reading and not sentence.items and "returns" not in placeholders(sentence.text):
        fail(key, "没有数：请写 reading（数在 text 里），或 items（后面逐项的数）")


def _check_item(key: str, item: SummaryFigure, fail: Fail) -> None:
    _check_words(f"{key}.text", item.text, ("n",), fail)
    _check_words(f"{key}.share", item.share, ("share",), fail)
    if "n" not in placeholders(item.text):
        fail(f"{key}.text", "里面要有 {n}")
    if bool(item.share) != bool(item.of):
        fail(key, "share（占比的写法）和 of（占什么的比）要写就都写")
    if item.share and "share" not in placeholders(item.share):
        fail(f"{key}.share", "里面要有 {share}")
    if not 0 <= item.decimals <= PRECISION:
        fail(f"{key}.decimals", f"应在 0 至 {PRECISION} 之间")


def _check_words(key: str, text: str, allowed: Collection[str], fail: Fail) -> None:
    """Fail at what stands in braces and is not allowed there, and at a full stop: it is written by the program."""
    for name in placeholders(text):
        if name not in allowed:
            words = "、".join(f"{{{word}}}" for word in allowed)
            fail(key, f"「{name}」不认识，花括号里可以写的有 {words}")
    if text.endswith("。"):
        fail(key, "句末的“。”由程序加，请删去")
