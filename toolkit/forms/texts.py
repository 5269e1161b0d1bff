"""Resolves what a form declares of its texts (文字部分): patterns compiled, what they speak of found in the tables."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.forms import declaration as declared
from toolkit.forms.model import Citation, Content, Part, Quantity, Section, TextRules
from toolkit.forms.readings import Fail, Readings

ID = re.compile(r"[a-z][a-z0-9-]*\Z")
DIGITS = r"\d+(?:\.\d+)?[万亿]?|[零〇一二两三四五六七八九十百千]+[万亿]?"
"""A number as texts write it, in plain spelling."""
WORDS = {
    "n": rf"(?P<number>{DIGITS})(?:件|宗|起|条|份|个|例|项|部)(?!次)",
    "yuan": rf"(?P<number>{DIGITS})(?P<unit>元)",
    "start": r"(?:^|(?<=[，；：、。（中]))(?:依法|决定|已|均|作出|作)?",
}
"""What every form may write in its patterns besides its own words: a count, an amount, the beginning of an item."""


def resolve_texts(
    source: declared.DeclaredTexts, sections: Sequence[Section], readings: Readings, fail: Fail
) -> TextRules:
    """The text rules of a form; `fail` is called with the key and the fault of what is wrong."""
    return _TextsResolver(source, sections, readings, fail).rules()


class _TextsResolver:
    """Holds what every part needs: the form's words and readings, and how to fail."""

    def __init__(
        self, source: declared.DeclaredTexts, sections: Sequence[Section], readings: Readings, fail: Fail
    ) -> None:
        self.source, self.readings, self.fail = source, readings, fail
        self.text_sections = {section.id for section in sections if section.text}
        self.words = dict(WORDS)
        for name, pattern in source.words.items():
            self.words[name] = self.filled("texts.words", pattern)

    def rules(self) -> TextRules:
        source = self.source
        for key in ("contents", "sums", "quantities"):
            for name, count in Counter(item.id for item in getattr(source, key)).items():
                if count > 1 or not ID.match(name):
                    self.fail(f"texts.{key}", f"id「{name}」应各不相同，只用小写英文字母、数字和短横，以字母开头")
        return TextRules(
            governments=self.optional("texts.governments", source.governments),
            year_slots=tuple(self.slot("year", pattern) for pattern in source.year_slots),
            agency_slots=tuple(self.slot("agency", pattern) for pattern in source.agency_slots),
            contents=tuple(map(self.content, source.contents)),
            citations=tuple(map(self.citation, source.citations)),
            adjustments=self.numbered("texts.adjustments", source.adjustments),
            quantities=tuple(map(self.quantity, source.quantities)),
        )

    def filled(self, key: str, pattern: str) -> str:
        """A pattern with the words that stand for its ``{name}``."""
        for name in re.findall(r"\{([a-z_]\w*)\}", pattern):
            if name not in self.words:
                self.fail(key, f"「{pattern}」里的 {{{name}}} 没有在 texts.words 里写明")
            pattern = pattern.replace(f"{{{name}}}", f"(?:{self.words[name]})")
        return pattern

    def compiled(self, key: str, pattern: str) -> re.Pattern[str]:
        try:
            return re.compile(self.filled(key, pattern))
        except re.error:
            self.fail(key, f"「{pattern}」不是合格的正则表达式")

    def optional(self, key: str, pattern: str) -> re.Pattern[str] | None:
        return self.compiled(key, pattern) if pattern else None

    def any_of(self, key: str, patterns: Iterable[str]) -> re.Pattern[str]:
        parts = [self.compiled(key, pattern).pattern for pattern in patterns]
        if not parts:
            self.fail(key, "至少要有一项")
        return self.compiled(key, "|".join(f"(?:{part})" for part in parts))

    def slot(self, group: str, pattern: str) -> re.Pattern[str]:
        slot = self.compiled(f"texts.{group}_slots", pattern)
        if group not in slot.groupindex:
            self.fail(f"texts.{group}_slots", f"「{pattern}」里没有 (?P<{group}>…)")
        return slot

    def content(self, item: declared.DeclaredContent) -> Content:
        key = f"texts.contents[{item.id}]"
        if item.section not in self.text_sections:
            self.fail(f"{key}.section", f"没有 id 为「{item.section}」的文字部分")
        if not item.parts:
            self.fail(f"{key}.parts", "至少要有一项")
        parts = [
            Part(part.name, self.any_of(f"{key}.words", part.words), self.optional(f"{key}.agency", part.agency))
            for part in item.parts
        ]
        ignore = self.any_of(f"{key}.ignore", item.ignore) if item.ignore else None
        head = (item.id, item.section, item.severity, item.sentence, item.basis, item.advice)
        return Content(*head, tuple(parts), ignore)

    def citation(self, item: declared.DeclaredCitation) -> Citation:
        patterns = tuple(self.compiled("texts.citations", pattern) for pattern in item.patterns)
        for pattern in patterns:
            if pattern.groups != 1:
                self.fail("texts.citations", f"「{pattern.pattern}」应正好有一对括号括住文号")
        return Citation(item.name, item.right, patterns)

    def quantity(self, item: declared.DeclaredQuantity) -> Quantity:
        key = f"texts.quantities[{item.id}]"
        phrases = self.numbered(f"{key}.phrases", item.phrases)
        if not item.readings:
            self.fail(f"{key}.readings", "至少要有一项")
        return Quantity(
            id=item.id,
            name=item.name,
            phrases=phrases,
            none=tuple(self.compiled(f"{key}.none", pattern) for pattern in item.none),
            readings=tuple(self.readings.reading(f"{key}.readings", text) for text in item.readings),
            wholes=tuple(self.readings.reading(f"{key}.wholes", text) for text in item.wholes),
            within=self.optional(f"{key}.within", item.within),
            unless=self.optional(f"{key}.unless", item.unless),
            listed=item.listed,
        )

    def numbered(self, key: str, patterns: Sequence[str]) -> tuple[re.Pattern[str], ...]:
        """Patterns that each have a number."""
        compiled = tuple(self.compiled(key, pattern) for pattern in patterns)
        for pattern, written in zip(compiled, patterns, strict=True):
            if "number" not in pattern.groupindex:
                self.fail(key, f"「{written}」里没有 {{n}} 或 {{yuan}}")
        return compiled
