"""Resolves what a form declares of its texts (文字部分): what they speak of is found in the tables."""

import re
from collections.abc import Sequence

from toolkit.forms.declaration import DeclaredQuantity, DeclaredTexts
from toolkit.forms.faults import Fail, require_unique
from toolkit.forms.language import Language
from toolkit.forms.law_words import LawWords
from toolkit.forms.model import Citation, Content, Quantity, QuantityPhrases, Section, TextRules
from toolkit.forms.own_words import OwnWords
from toolkit.forms.readings import Readings
from toolkit.forms.resolve_summaries import resolve_summaries
from toolkit.forms.wrong_words import LONGEST, SHORTEST, wrong_words


def resolve_texts(source: DeclaredTexts, sections: Sequence[Section], readings: Readings, fail: Fail) -> TextRules:
    """Return the text rules of a form; `fail` is called with the key and the fault of what is wrong."""
    require_unique(fail, "texts.contents", [item.id for item in source.contents])
    require_unique(fail, "texts.sums", [item.id for item in source.sums])
    require_unique(fail, "texts.quantities", [item.id for item in source.quantities])
    slots = (
        ("year_slots", "year", source.year_slots),
        ("agency_slots", "agency", source.agency_slots),
        ("preface_slots", "agency", source.preface_slots),
    )
    for key, group, patterns in slots:
        _require_group(patterns, group, f"(?P<{group}>…)", f"texts.{key}", fail)
    _require_group(source.adjustments, "number", "{n} 或 {yuan}", "texts.adjustments", fail)
    _check_contents(source.contents, sections, fail)
    _check_citations(source.citations, fail)
    _check_language(source, fail)
    _check_own(source, fail)
    _check_wrong_words(source, fail)
    _check_law(source, readings, fail)
    return TextRules(
        language=Language(source.counts, source.years, source.written),
        governments=source.governments,
        year_slots=source.year_slots,
        agency_slots=source.agency_slots,
        preface_slots=source.preface_slots,
        contents=source.contents,
        citations=source.citations,
        adjustments=source.adjustments,
        quantities=tuple(_quantity(item, readings, fail) for item in source.quantities),
        openings=tuple(phrase for item in source.quantities if item.opens for phrase in item.phrases),
        summaries=source.summaries,
        own=OwnWords(source.own_numbers, source.own_parts, source.ordinals),
        wrong=wrong_words(source.confusions, source.doubled),
        law=_law(source),
        summary_readings=resolve_summaries(source.summaries, sections, readings, fail),
    )


def _require_group(patterns: Sequence[re.Pattern[str]], group: str, written: str, key: str, fail: Fail) -> None:
    """Fail at a pattern without a group; `written` is how people write the group."""
    for number, pattern in enumerate(patterns, 1):
        if group not in pattern.groupindex:
            fail(f"{key}[{number}]", f"里面没有 {written}")


def _check_contents(contents: Sequence[Content], sections: Sequence[Section], fail: Fail) -> None:
    text_sections = {section.id for section in sections if section.text}
    for item in contents:
        if item.section not in text_sections:
            fail(f"texts.contents[{item.id}].section", f"没有 id 为「{item.section}」的文字部分")


def _check_citations(citations: Sequence[Citation], fail: Fail) -> None:
    for item in citations:
        for number, pattern in enumerate(item.patterns, 1):
            if pattern.groups != 1:
                fail(f"texts.citations[{item.name}].patterns[{number}]", "应正好有一对括号括住文号")


def _check_language(source: DeclaredTexts, fail: Fail) -> None:
    """Fail at words of the rules that lack a group."""
    needed = {"count": ("number",), "share": ("share",), "growth": ("year", "way", "rate", "change")}
    needed["growth_again"] = needed["growth"][1:]
    patterns = [(f"counts.{key}", getattr(source.counts, key), groups) for key, groups in needed.items()]
    patterns += [("years.opening", source.years.opening, ("year", "body"))]
    patterns += [(f"written.slips[{item.name}].pattern", item.pattern, ("slip",)) for item in source.written.slips]
    for key, pattern, groups in patterns:
        for group in groups:
            if group not in pattern.groupindex:
                fail(f"texts.{key}", f"里面没有 (?P<{group}>…)")


def _check_own(source: DeclaredTexts, fail: Fail) -> None:
    """Fail at words for texts against themselves that lack a group."""
    numbers, parts = source.own_numbers, source.own_parts
    patterns: list[tuple[str, re.Pattern[str], tuple[str, ...]]] = [
        (f"texts.ordinals[{item.name}].pattern", item.pattern, ("number",)) for item in source.ordinals
    ]
    if numbers:
        patterns += [
            ("texts.own_numbers.count", numbers.count, ("number", "about", "unit", "too")),
            ("texts.own_numbers.bare", numbers.bare, ("label", "number")),
            ("texts.own_numbers.share", numbers.share, ("label", "share")),
            ("texts.own_numbers.column", numbers.column, ("label",)),
        ]
    if parts:
        patterns += [
            ("texts.own_parts.claims", parts.claims, ("number",)),
            ("texts.own_parts.lists", parts.lists, ("list", "open")),
        ]
    for key, pattern, groups in patterns:
        for group in groups:
            if group not in pattern.groupindex:
                fail(key, f"里面没有 (?P<{group}>…)")


def _check_wrong_words(source: DeclaredTexts, fail: Fail) -> None:
    for word in source.doubled.words if source.doubled else ():
        if not LONGEST >= len(word) >= SHORTEST:
            fail("texts.doubled.words", f"「{word}」应为 {SHORTEST} 至 {LONGEST} 个字")
    for word, one in source.confusions.items():
        if len(word) < SHORTEST:
            fail(f"texts.confusions[{word}]", "至少要两个字")
        if word == (one if isinstance(one, str) else one.right):
            fail(f"texts.confusions[{word}]", "写错的和应当写的相同")


def _law(source: DeclaredTexts) -> LawWords:
    """Return the words for texts against the law and the calendar."""
    return LawWords(**{name: getattr(source, name) for name in LawWords.__struct_fields__})


def _check_law(source: DeclaredTexts, readings: Readings, fail: Fail) -> None:
    """Fail at words for texts against the law that lack a group or name a cell that does not exist."""
    period, dates, fees = source.period, source.dates, source.fees
    if period:
        for group in ("from_year", "from_month", "from_day", "to_year", "to_month", "to_day"):
            _require_group((period.states,), group, f"(?P<{group}>…)", "texts.period.states", fail)
    for name, pattern in (("signed", dates.signed), ("published", dates.published)) if dates else ():
        for group in ("year", "month", "day"):
            _require_group((pattern,), group, f"(?P<{group}>…)", f"texts.dates.{name}", fail)
    if source.done:
        readings.number_cell("texts.done.left", source.done.left)
    if fees:
        for group in ("yuan", "sum"):
            _require_group((fees.charged,), group, f"(?P<{group}>…)", "texts.fees.charged", fail)
        if fees.unpaid:
            readings.number_cell("texts.fees.unpaid", fees.unpaid)


def _quantity(item: DeclaredQuantity, readings: Readings, fail: Fail) -> Quantity:
    key = f"texts.quantities[{item.id}]"
    _require_group(item.phrases, "number", "{n} 或 {yuan}", f"{key}.phrases", fail)
    return Quantity(
        **{name: getattr(item, name) for name in QuantityPhrases.__struct_fields__},
        patterns=(*item.phrases, *item.none),
        readings=tuple(readings.reading(f"{key}.readings", text) for text in item.readings),
        wholes=tuple(readings.reading(f"{key}.wholes", text) for text in item.wholes),
    )
