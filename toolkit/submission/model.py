"""A submission (报送数据): what one agency returned for one year, from any kind of source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from toolkit.forms.model import Cell, Form, Number
from toolkit.forms.relations import computed_totals, standing_numbers
from toolkit.submission.spelling import number_of

IrregularityKind = Literal[
    "label-changed",
    "table-moved",
    "line-missing",
    "guide-overwritten",
    "outside-form",
    "sheet-renamed",
    "sheet-added",
    "sheet-missing",
    "formula-overwritten",
    "lock-removed",
    "other-agency",
    "agency-name-short",
    "agency-missing",
    "other-year",
    "old-layout",
    "table-missing",
    "rows-missing",
    "row-twice",
    "row-by-order",
    "row-unknown",
    "text-unknown",
    "report-remark",
    "text-file-unread",
    "macro-carried",
    "link-carried",
    "dde-carried",
    "object-carried",
    "query-carried",
    "name-outside",
    "sheet-hidden",
    "file-converted",
    "file-locked",
    "line-hidden",
    "shown-differs",
]


@dataclass(frozen=True, slots=True)
class Irregularity:
    """Something about the returned file itself that is not as issued.

    `place` says where: a cell (``三!J9``) or a sheet. `found` is what stood there, `wanted` what should stand there.
    `also` has further places of the same kind. `names` has what several things are called: sheets without protection,
    rows that are missing, both places of a row that was found twice, what was not looked at. `cells` are the ids of the
    filled cells of rows that a published report does not have.
    """

    kind: IrregularityKind
    place: str = ""
    found: str = ""
    wanted: str = ""
    cell: str = ""
    also: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Return every place that is a cell."""
        return tuple(place for place in (self.place, *self.also) if "!" in place)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an agency wrote to a reminder (提醒). `about` is the fingerprint of a finding, or the id of a case of a
    relation (勾稽关系) or carry-over (结转), whichever stands beside the text on its sheet. `place` is its cell."""

    about: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the hidden sheet of a template says about its issue. `serial` is the id by which the template is
    recognized."""

    form: str
    year: int
    agency: str
    serial: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows of a published report, so that the report need not state it."""

    agency: str = ""
    year: int | None = None


NOTHING_KNOWN = Known()

BEFORE, OUTSIDE, UNDERNEATH = "preface", "outside", "signature"
OUTSIDE_SECTIONS: Mapping[str, str] = {BEFORE: "引言", OUTSIDE: "各部分以外", UNDERNEATH: "落款"}
"""The places of texts that stand in no section of a report: before the first one, under a heading that is none of the
form, and at the end."""

NO_NAME = "（未填机关全称）"
"""The name of an agency that did not give its name."""

Value = Number | str | None
"""The value of a cell: a number, None for a blank, or the text that stood there if it is not a plain number (or if the
cell is a text cell)."""


@dataclass(frozen=True)
class Submission:
    """What an agency returned.

    `values` holds every filled cell of the form. Totals are never taken from the source. `shown` holds those totals of
    the source that differ from what their formula gives, for the checks. `unstated` names the totals for which the
    source has nothing, or has a number although all parts of the total are blank. If `prints_totals` is True, the
    source states all other totals, as a published report does; otherwise a formula gives them, or they are not known.
    `as_text` names cells whose number was stored as text.

    `other_texts` are texts for which the form has no place, by the id of the table section that they stand under, or by
    a key of `OUTSIDE_SECTIONS`. They are checked like other texts, and are no part of the report that is made.

    `places` says where each cell came from, `text_places` where each paragraph came from (``三!J9``); both are empty
    for a source without addresses. `irregularities` are the irregularities found while reading the file. `issued` is
    the id that the template was issued with, if it was distributed to the agencies of a roster (名册). `parts` are the
    names of all agencies whose figures are already in a sum (汇总), at any depth; an agency's own return (报送) has
    none.

    `identity` and `signature` are what the hidden sheet of a workbook says, whatever was filled in elsewhere; other
    sources have none. `signature_gone` is True if that sheet has a place for a signature but no signature in it.
    `explanations` are what the agency wrote to reminders (提醒).
    """

    form: Form
    agency: str
    year: int
    values: Mapping[str, Value]
    texts: Mapping[str, tuple[str, ...]]
    info: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Value] = field(default_factory=dict)
    unstated: frozenset[str] = frozenset()
    prints_totals: bool = False
    as_text: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)
    text_places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    irregularities: tuple[Irregularity, ...] = ()
    issued: str = ""
    parts: tuple[str, ...] = ()
    identity: Identity | None = None
    signature: str = ""
    signature_gone: bool = False
    explanations: tuple[Explanation, ...] = ()
    other_texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> Mapping[str, Number]:
        """The number of every filled cell that has one. Odd spellings are included as they were understood."""
        cells = self.form.cells
        found: dict[str, Number] = {}
        for cell_id, value in self.values.items():
            if value is None:
                continue
            kind = cells[cell_id].kind
            number = number_of(value, kind) if kind.is_number else None
            if number is not None:
                found[cell_id] = number
        return found

    @cached_property
    def not_found(self) -> frozenset[str]:
        """The filled cells of tables and rows that were not found in a published report. They are no blanks: nobody
        knows what stands there."""
        return frozenset(cell for met in self.irregularities for cell in met.cells)

    @cached_property
    def misread(self) -> Mapping[str, str]:
        """The texts in filled cells that should hold a number but hold a text that is not one."""
        values, numbers = self.values, self.numbers
        return {
            cell.id: str(values[cell.id])
            for cell in self.form.filled
            if cell.kind.is_number and values.get(cell.id) is not None and cell.id not in numbers
        }

    @cached_property
    def totals(self) -> Mapping[str, Number]:
        """The value of every computed cell."""
        return computed_totals(self.form, self.numbers)

    @cached_property
    def shown_numbers(self) -> Mapping[str, Number]:
        """The totals in `shown` that are numbers."""
        cells = self.form.cells
        found = ((cell_id, number_of(value, cells[cell_id].kind)) for cell_id, value in self.shown.items())
        return {cell_id: number for cell_id, number in found if number is not None}

    @cached_property
    def unwritten(self) -> frozenset[str]:
        """The totals for which nobody wrote a number: the place holds nothing, a formula, or a text that is not a
        number."""
        there = self.unstated | self.shown.keys() if self.prints_totals else self.totals.keys()
        return frozenset(there - self.shown_numbers.keys())

    @cached_property
    def standing(self) -> Mapping[str, Number]:
        """The number that stands in each cell, totals as the source shows them; see `standing_numbers`."""
        return standing_numbers(self.form, self.numbers, self.shown_numbers, self.unwritten)

    @cached_property
    def all_values(self) -> Mapping[str, Value]:
        """The value of every cell, in the form's order, totals as computed. A total is None if its parts are blank and
        the source gives no total either: the report does not have that row."""
        values: dict[str, Value] = {}
        for cell_id, cell in self.form.cells.items():
            if not cell.computed:
                values[cell_id] = self.values.get(cell_id)
            else:
                is_blank = cell_id in self.unstated and not self.adds_up(cell)
                values[cell_id] = None if is_blank else self.totals[cell_id]
        return values

    def all_texts(self) -> Iterator[str]:
        """Yield every paragraph, also those for which the form has no place."""
        for texts in (*self.texts.values(), *self.other_texts.values()):
            yield from texts

    def adds_up(self, cell: Cell) -> bool:
        """Return True if at least one part of a total has a number."""
        return any(part.cell in self.numbers for part in cell.parts)

    @property
    def title(self) -> str:
        """The title of the report."""
        return self.form.report_title(self.agency, self.year)

    def rows(self) -> Iterator[dict[str, Value]]:
        """Yield one flat row for each cell, as a table (such as a pandas DataFrame) takes them: `agency`, `year`,
        `form`, `cell` (its id), `place` (its labels in words), `value` (None for a blank) and `at` (its address)."""
        for cell_id, value in self.all_values.items():
            yield {
                "agency": self.agency,
                "year": self.year,
                "form": self.form.id,
                "cell": cell_id,
                "place": self.form.cells[cell_id].place,
                "value": value,
                "at": self.at(cell_id),
            }

    def at(self, cell_id: str) -> str:
        """Return where a cell came from, empty if the source has no addresses."""
        return self.places.get(cell_id, "")


def with_stated(submission: Submission, stated: Mapping[str, Value]) -> Submission:
    """Return the submission with the totals that its source stated, by cell. Totals that differ from the computed ones
    become `shown`, totals that are missing or whose parts are blank become `unstated`."""
    shown, unstated = dict[str, Value](), set[str]()
    for cell in submission.form.computed:
        value = stated.get(cell.id)
        if value is not None and value != submission.totals[cell.id]:
            shown[cell.id] = value
        if value is None or (cell.id in shown and not submission.adds_up(cell)):
            unstated.add(cell.id)
    return replace(submission, shown=shown, unstated=frozenset(unstated)) if shown or unstated else submission
