"""What is needed to write the sheets of one workbook: layout, styles and figures."""

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
    """Layout, styles and figures of one workbook. `totals` and `outcomes` are what the formulas give: the sums of a
    spreadsheet ignore texts, so do these."""

    layout: Layout
    styles: WorkbookStyles
    filled: Submission
    totals: Mapping[str, Number]
    outcomes: Mapping[str, Outcome]
    last_year: Mapping[str, Number]

    @property
    def check_last_row(self) -> int:
        """The last row of 自查, with the heading and the lines about last year's figures."""
        return self.layout.check_last_row + (1 + len(self.last_year) if self.last_year else 0)


def render_context_of(
    filled: Submission, book: Workbook, last_year: Mapping[str, Number] | None = None
) -> RenderContext:
    """Return the context of a workbook that holds a submission. `last_year` are figures by carry-over case (结转)."""
    numbers = _numbers_in(filled.values)
    totals, shown = computed_totals(filled.form, numbers), _numbers_in(filled.shown)
    outcomes = evaluate(filled.form, numbers, shown, totals.keys() - shown.keys())
    return RenderContext(
        layout=layout_of(filled.form),
        styles=WorkbookStyles(book),
        filled=filled,
        totals=totals,
        outcomes={outcome.case.id: outcome for outcome in outcomes},
        last_year=last_year or {},
    )


def _numbers_in(values: Mapping[str, Value]) -> dict[str, Number]:
    return {key: value for key, value in values.items() if value is not None and not isinstance(value, str)}
