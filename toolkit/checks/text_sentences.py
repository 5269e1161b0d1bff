"""The sentences of the text sections (文字部分): where each stands, and which body it is about."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from toolkit import characters
from toolkit.forms.model import Section
from toolkit.submission.model import BEFORE, OUTSIDE, OUTSIDE_SECTIONS, UNDERNEATH, Submission

QUOTE_LIMIT = 60
_PUNCTUATION = tuple(zip(",;:()!?", "，；：（）！？", strict=True))
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_GROUPED_WIDE = re.compile(r"\d，\d{3}")
_USUAL = re.compile(r"[一-鿿〇0-9A-Za-z，；：（）！？、。“”‘’《》〈〉〔〕【】\[\]—·.%/+-]*")
"""A text with these characters alone is in plain spelling already, but for brackets and years; most texts are."""
_BRACKETED = re.compile(r"[\[（【](\d{4})[\]）】]")
_CHINESE_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
_NO_STOP = r"(?![，。；：、,;！!？?])"
"""Several stops in a row are one slip: no sentence ends between them."""
_AFTER_SENTENCE = re.compile(rf"(?<=[。！!？?]){_NO_STOP}")
_AFTER_SEMICOLON = re.compile(rf"(?<=[；;]){_NO_STOP}")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_AREAS = "省市州县区旗盟"
_OFFICE = re.compile(r"(?:党政|综合|行政|法制|政务公开|信息公开|政府信息公开)*(?:办公室|办公厅|办)\Z")

PLACES = {key: Section(id=key, title=title, tables=()) for key, title in OUTSIDE_SECTIONS.items()}
"""The places of texts outside all sections, as if they were sections."""


class TextSentence(NamedTuple):
    """A sentence, or a part of one up to a semicolon, as written and in plain spelling. `whole` is the whole sentence,
    `begun` the part of it before this one, `last` and `next` are the sentences around it."""

    section: Section
    paragraph: int
    at: str
    text: str
    plain: str
    begun: str
    whole: str
    last: str
    next: str

    @property
    def before(self) -> str:
        """The sentence before it, and the part of its own sentence before it."""
        return self.last + self.begun

    @property
    def place(self) -> str:
        """Where it stands: ``「一、总体情况」第 2 段（文字!C5）``."""
        return place_in(self.section.title, self.paragraph, self.at)


def place_in(title: str, number: int, at: str = "") -> str:
    """Return a place in words: the part of the report, the paragraph, and the cell if there is one."""
    return f"「{title}」第 {number} 段" + (f"（{at}）" if at else "")


@lru_cache(4096)
def plain(text: str) -> str:
    """Return a text in plain spelling: no white space, half-width digits, Chinese punctuation, simplified characters,
    years like 二〇二四年 in digits."""
    text = "".join(text.split())
    if not _USUAL.fullmatch(text) or _GROUPED_WIDE.search(text):
        text = _half_width(text)
    text = characters.simplified(text)
    text = _BRACKETED.sub(r"〔\1〕", text)
    return _CHINESE_YEAR.sub(lambda found: found[0].translate(_DIGITS), text)


def _half_width(text: str) -> str:
    """Return a text with half-width digits and letters, Chinese punctuation, and without characters of no width."""
    text = characters.plain(text)
    if "," in text:
        text = _GROUPED.sub("", text)
    for half, full in _PUNCTUATION:
        text = text.replace(half, full)
    return text


def paragraphs(submission: Submission) -> Iterator[tuple[Section, int, str, str]]:
    """Yield each paragraph of the report in order: its section, number, place and text. Also those for which the form
    has no place: the preface (引言), what stands beside tables, the signature (落款)."""
    others = submission.other_texts
    for section in _parts_of(submission) if others else submission.form.text_sections:
        texts = submission.texts.get(section.id, ()) if section.text else others.get(section.id, ())
        places = submission.text_places.get(section.id, ("",) * len(texts))
        for number, (text, at) in enumerate(zip(texts, places, strict=True), 1):
            yield section, number, at, text


def _parts_of(submission: Submission) -> tuple[Section, ...]:
    """Return all places of texts in their order."""
    return (PLACES[BEFORE], *submission.form.sections, PLACES[OUTSIDE], PLACES[UNDERNEATH])


def whole_text(submission: Submission) -> str:
    """Return all paragraphs in plain spelling, one a line. What is not in it need not be looked for in the
    sentences."""
    return "\n".join(plain(text) for _, _, _, text in paragraphs(submission))


def sentences(submission: Submission) -> Iterator[TextSentence]:
    """Yield every sentence of a report in order, see `paragraphs`."""
    for section, number, at, text in paragraphs(submission):
        for parts in _cut(text):
            yield TextSentence(section, number, at, *parts)


@lru_cache(256)
def _cut(text: str) -> tuple[tuple[str, str, str, str, str, str], ...]:
    """Return the sentences of a paragraph, each as the last six fields of `TextSentence`. Several families of rules ask
    for the same paragraph."""
    found = []
    written = [whole for whole in _AFTER_SENTENCE.split(text) if whole.strip()]
    wholes = ["", *map(plain, written), ""]
    for index, whole in enumerate(written, 1):
        begun = ""
        for part in _AFTER_SEMICOLON.split(whole):
            if part.strip():
                spoken = plain(part)
                found.append((part.strip(), spoken, begun, wholes[index], wholes[index - 1], wholes[index + 1]))
                begun += spoken
    return tuple(found)


_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


def quoted(text: str, spot: str = "") -> str:
    """Return a sentence in quotation marks. If it is long, cut it around the spot. Hide most of what looks like the
    number of a person, because messages are passed on."""
    text = _PERSONAL.sub(lambda found: found[0][:3] + "*" * (len(found[0]) - 7) + found[0][-4:], text)
    if len(text) <= QUOTE_LIMIT:
        return f"“{text}”"
    found = max(text.find(spot), 0)
    start = max(min(found - QUOTE_LIMIT // 3, len(text) - QUOTE_LIMIT), 0)
    end = max(start + QUOTE_LIMIT, min(found + len(spot), start + 2 * QUOTE_LIMIT))
    return "“" + ("……" if start else "") + text[start:end] + ("……" if end < len(text) else "") + "”"


def same_body(name: str, agency: str) -> bool:
    """Return True if a name in a text can be the agency: its full or short name, or an office of its own."""
    name, agency = (re.sub(r"（.*?）", "", plain(text)) for text in (name, agency))
    if not agency or re.match(r"[本我全该各局委办厅]", name) or agency in name:
        return True
    return is_name_of(name, agency)


def is_name_of(name: str, agency: str) -> bool:
    """Return True if a name is the agency's full or short name, or that of its own office. A body that belongs to the
    agency is another one. A short name may begin with the kind of the area: 区公安分局 for 甲市公安局乙区分局."""
    name, agency = (re.sub(r"（.*?）", "", plain(text)) for text in (name, agency))
    inner = name[1:] if name[:1] in _AREAS and name[:1] in agency else name
    return not agency or any(_shortens(short, agency) for short in (name, inner, _OFFICE.sub("", name)))


def is_for_others(submission: Submission) -> bool:
    """Return True if the agency reports for others too: the figures of a government are of its whole area, and one of
    its departments often draws up its report."""
    governments = submission.form.texts.governments
    return bool(governments and governments.search(plain(submission.agency)))


def level_of(agency: str) -> str:
    """Return the level of a government, which is the kind of its area: 县 for 甲县人民政府, 镇 for 甲县丙镇人民政府."""
    return next(reversed(re.findall("[省市州县区旗盟镇乡]", plain(agency))), "")


def _shortens(short: str, whole: str) -> bool:
    """Return True if all characters of a short name stand in the whole name, in order (市科委 in
    某市科学技术委员会)."""
    rest = iter(whole)
    return all(char in rest for char in short)
