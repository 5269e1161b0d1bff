"""The sentences of a sum (汇总的句子), such as 全县共收到……件，其中……: what the form declares, with the figures of the
total. They say what the tables say, and nothing where the tables say nothing."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from toolkit.characters import plain
from toolkit.forms.model import Form, Number, Reading
from toolkit.forms.relations import total as sum_of_terms
from toolkit.forms.summaries import SummaryFigure, SummarySentence
from toolkit.submission.carry_overs import own_numbers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

EVERYONE = "各单位"
"""Whom a sum is of, if the name of the authority does not surely say which area it governs."""
TOO_MUCH = 10**20
_AREA = re.compile(r"(?:(?P<governed>[省市州县区旗盟镇乡])人民政府|(?P<named>[省市县旗]|(?<=自治)[区州]))\Z")


def scope_of(form: Form, agency: str) -> str:
    """Return in a word whose figures an authority adds up: 全县 for 青河县人民政府, 各单位 for 青河县教育局."""
    name = plain(agency)
    found = _AREA.search(name)
    if found is None or form.texts.governments is None or not form.texts.governments.search(name):
        return EVERYONE
    return f"全{found['governed'] or found['named']}"


def summary_paragraphs(total: Submission, returns: int) -> dict[str, list[str]]:
    """Return the paragraphs for each text section that has some. `returns` is the number of returns in the total."""
    words = {
        "year": str(total.year),
        "agency": total.agency,
        "scope": scope_of(total.form, total.agency),
        "returns": str(returns),
    }
    figures = _Figures(total)
    found: dict[str, list[str]] = {}
    for summary in total.form.texts.summaries:
        sentences = [text for sentence in summary.sentences if (text := _sentence(sentence, words, figures))]
        if sentences:
            found.setdefault(summary.section, []).append("".join(f"{text}。" for text in sentences))
    return found


class _Figures:
    """The figures of a total that a sentence can state."""

    def __init__(self, total: Submission) -> None:
        self._total, self._numbers = total, own_numbers(total)

    def of(self, written: str) -> Number | None:
        """Return the figure of a reading; None if the tables do not state it, or state what no sentence can say: less
        than nothing, a part of a thing that is counted, or more than anything amounts to."""
        reading: Reading = self._total.form.texts.summary_readings[written]
        if not any(term.cell in self._numbers for term in reading.terms):
            return None
        figure = sum_of_terms(reading.terms, self._numbers)
        is_whole = all(self._total.form.cells[term.cell].kind.is_whole for term in reading.terms)
        return None if not 0 <= figure < TOO_MUCH or (is_whole and figure != int(figure)) else figure


def _sentence(sentence: SummarySentence, words: Mapping[str, str], figures: _Figures) -> str:
    """Return a sentence without its full stop, empty if it falls away."""
    figure = figures.of(sentence.reading) if sentence.reading else None
    if sentence.reading and not figure:
        return "" if figure is None else _filled(sentence.none, words)
    items = [text for item in sentence.items if (text := _item(item, figures))]
    if sentence.items and not items and not sentence.reading:
        return ""
    said = _filled(sentence.text, words if figure is None else {**words, "n": number_text(figure)})
    join, start = _filled(sentence.join, words), _filled(sentence.start, words)
    return said + (start + join.join(items) if items else "")


def _item(item: SummaryFigure, figures: _Figures) -> str:
    figure = figures.of(item.reading)
    if not figure:
        return ""
    said = _filled(item.text, {"n": number_text(figure)})
    share = share_text(figure, figures.of(item.of), item.decimals) if item.of else ""
    return said + (_filled(item.share, {"share": share}) if share else "")


def share_text(part: Number, whole: Number | None, decimals: int) -> str:
    """Return a share in percent, rounded half up to so many decimals, without zeros at its end. Return nothing if it
    would mislead: the part is no part, or the share would look like nothing or like all of it."""
    if not whole or part > whole:
        return ""
    share = Decimal(part) * 100 / Decimal(whole)
    rounded = share.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if rounded == 0 or (rounded == 100 and part != whole):
        return ""
    text = format(rounded, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Return a text with what stands for its ``{name}``. Braces in what is put in have no meaning."""
    return re.sub(r"\{(\w+)\}", lambda found: words[found[1]], text)
