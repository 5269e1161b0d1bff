"""What the sheets of one workbook are drawn from: where things stand, how they look, and the figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from xlsxwriter import Workbook

from toolkit.excel.styles import WorkbookStyles
from toolkit.forms.model import Number
from toolkit.forms.relations import Outcome, computed_totals, evaluate
from toolkit.submission.model import Submission, Value
from toolkit.workbook.layout import Layout, layout_of


@dataclass(frozen=True, slots=True)
class RenderContext:
    """`totals` and `outcomes` are what the formulas come to: a spreadsheet's sums pass over text, so do these."""

    layout: Layout
    styles: WorkbookStyles
    filled: Submission
    totals: Mapping[str, Number]
    outcomes: Mapping[str, Outcome]
    last_year: Mapping[str, Number]

    @property
    def check_last_row(self) -> int:
        """The last line of 自查, with those on last year's figures that were filled in beforehand."""
        return self.layout.check_last_row + len(self.last_year)


def drawing_of(filled: Submission, book: Workbook, last_year: Mapping[str, Number] | None = None) -> RenderContext:
    """The drawing of a workbook completed with a submission; `last_year` are figures by carry-over case."""
    numbers = _true_numbers(filled.values)
    totals, shown = computed_totals(filled.form, numbers), _true_numbers(filled.shown)
    outcomes = evaluate(filled.form, numbers, shown, totals.keys() - shown.keys())
    return RenderContext(
        layout=layout_of(filled.form),
        styles=WorkbookStyles(book),
        filled=filled,
        totals=totals,
        outcomes={outcome.case.id: outcome for outcome in outcomes},
        last_year=last_year or {},
    )


def _true_numbers(values: Mapping[str, Value]) -> dict[str, Number]:
    return {key: value for key, value in values.items() if value is not None and not isinstance(value, str)}
