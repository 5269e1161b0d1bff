"""The words that a form prints in its tables (表头、行名、列名). A reader may leave some of them beside the tables."""

import re
from functools import lru_cache

from toolkit.characters import plain
from toolkit.forms.model import Form

SHORTEST_PIECE = 2
LONGEST = 60
"""Characters. A longer text is not put together of pieces."""
MOST_SINGLES = 2
"""Single characters that a heading may have between pieces of labels: 业构益组织 of 企业, 机构, 公益组织."""
_NOT_WORDS = re.compile(r"[\W\d_]+")
_SENTENCE = re.compile(r"。|\d\s*[件条]|^\s*无\s*$")
"""What no label has, and a whole answer: 无."""
_NUMBERING = re.compile(r"\d{1,2}[.．、]")


def is_table_print(text: str, form: Form) -> bool:
    """Return True if a text has nothing but labels and figures of the form's tables, or pieces of them: labels that
    were cut over several cells or lines (商业科研社会 法律 of four columns)."""
    if _SENTENCE.search(text):
        return False
    whole = _key(text)
    if len(whole) < SHORTEST_PIECE:
        return whole in _labels(form)
    if whole in _titles(form):
        return True
    tokens = [one for token in text.split() if (one := _key(token))]
    if all(token in _labels(form) for token in tokens) or whole in _labels(form):
        return True
    return (
        len(whole) <= LONGEST
        and not re.search(r"\d", _NUMBERING.sub("", text))
        and all(_is_pieces(token, form) for token in tokens)
    )


def _key(text: str) -> str:
    """Return the words of a text: no white space, marks or digits."""
    return _NOT_WORDS.sub("", plain(text))


@lru_cache(16)
def _titles(form: Form) -> frozenset[str]:
    """Return the titles of a form's table sections, and what stands before them above the tables (表二：……)."""
    found = set[str]()
    for section in form.table_sections:
        bare = section.title.partition("、")[2]
        found |= {section.name, section.title, section.name + section.title, section.name + bare}
    return frozenset(map(_key, found))


@lru_cache(16)
def _labels(form: Form) -> str:
    """Return all labels of a form's tables, one a line."""
    found: dict[str, None] = {}
    for section in form.table_sections:
        for table in section.tables:
            lines = (*table.rows, *table.columns)
            names = (name for line in lines for name in (*line.label, "".join(line.label), line.short, *line.also))
            units = (f"{name}单位{table.unit}" for line in table.columns for name in line.label)
            for name in (table.caption, table.corner, *names, *units):
                found[_key(name)] = None
    return "\n".join(found)


@lru_cache(1024)
def _is_pieces(word: str, form: Form) -> bool:
    """Return True if a word can be cut into pieces of labels. A few single characters may stand between them."""
    labels = _labels(form)
    fewest: list[int | None] = [0, *[None] * len(word)]
    for end in range(1, len(word) + 1):
        costs = []
        for start in range(end):
            before, piece = fewest[start], word[start:end]
            if before is not None and piece in labels:
                costs.append(before + (len(piece) < SHORTEST_PIECE))
        fewest[end] = min(costs, default=None)
    cost = fewest[-1]
    return cost is not None and cost <= min(MOST_SINGLES, len(word) // 4)
