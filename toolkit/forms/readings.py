"""Readings (口径): signed sums of cells that a form declares in words, for its texts and for its charts."""

from collections.abc import Mapping, Sequence

from toolkit.forms.declaration import Sum
from toolkit.forms.faults import Fail
from toolkit.forms.model import Cell, Reading, Term


class Readings:
    """Resolves readings: holds the cells and sums that they may name, and how to fail."""

    def __init__(self, sums: Sequence[Sum], cells: Mapping[str, Cell], fail: Fail) -> None:
        self.cells, self.fail = cells, fail
        self.sums = {item.id: self.sum(item) for item in sums}

    def sum(self, item: Sum) -> Reading:
        key = f"texts.sums[{item.id}]"
        return Reading(item.name, tuple(Term(1, self.number_cell(key, cell)) for cell in item.cells))

    def number_cell(self, key: str, name: str) -> str:
        if name not in self.cells or not self.cells[name].kind.is_number:
            self.fail(key, f"没有 {name} 这一数字格，也没有这样一个 texts.sums")
        return name

    def reading(self, key: str, text: str) -> Reading:
        """``a + b - c`` of cells and sums, as cells."""
        words = text.split()
        if len(words) % 2 == 0 or any(sign not in ("+", "-") for sign in words[1::2]):
            self.fail(key, f"「{text}」应写成 甲 + 乙 - 丙")
        terms: list[Term] = []
        name = ""
        for sign, word in zip(["+", *words[1::2]], words[::2], strict=True):
            part = self.sums.get(word) or Reading("", (Term(1, self.number_cell(key, word)),))
            name += {"+": "＋", "-": "－"}[sign] + (part.name or self.cells[word].place)
            terms += [Term(term.sign if sign == "+" else -term.sign, term.cell) for term in part.terms]
        return Reading(name[1:], tuple(terms))
