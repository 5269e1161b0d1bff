"""One finding of every rule, for the catalogue: made by breaking, one by one, a submission in which all is well."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from toolkit.checks.review import check
from toolkit.forms.model import Cell, Form
from toolkit.submission.model import Submission, Value

AGENCY = "某机关"


def examples(form: Form) -> dict[str, str]:
    """A message of each rule that a submission on this form can break, by rule id."""
    found: dict[str, str] = {}
    for broken, prior in _broken(form):
        for finding in check(broken, prior):
            found.setdefault(finding.rule, finding.message)
    return found


def _broken(form: Form) -> Iterator[tuple[Submission, Submission | None]]:
    """Submissions with one thing wrong each, and the report of last year beside which it is wrong."""
    whole = Submission(
        form=form,
        agency=AGENCY,
        year=form.first_year + 1,
        values={cell.id: _nothing(cell) for cell in form.filled},
        texts={section.id: ("无",) for section in form.text_sections},
    )
    yield replace(whole, agency=""), None
    yield replace(whole, year=form.first_year - 1), None
    for section in form.text_sections[:1]:
        yield replace(whole, texts={**whole.texts, section.id: ()}), None
        yield replace(whole, texts={**whole.texts, section.id: ("一\x01二",)}), None
    for cell in form.filled:
        for value in _wrong_values(cell):
            yield replace(whole, values={**whole.values, cell.id: value}), None
        if cell.kind.is_number:
            yield replace(whole, as_text=frozenset([cell.id])), None
    for case in form.cases:
        if case.relation.defines:
            yield replace(whole, shown={case.total: 1}), None
        else:
            yield replace(whole, values={**whole.values, case.left.inputs[0].cell: 1}), None
    last = replace(whole, year=whole.year - 1)
    for carried in form.carry_overs:
        if carried.last in last.values:
            yield whole, replace(last, values={**last.values, carried.last: 10})


def _nothing(cell: Cell) -> Value:
    if cell.kind.is_number:
        return 0
    return cell.kind.options[0] if cell.kind.options else "无"


def _wrong_values(cell: Cell) -> tuple[Value, ...]:
    if cell.kind.is_number:
        return None, "12件", "见附件", Decimal("1.5"), -1, Decimal("1.23456789")
    return (None, "其他写法") if cell.kind.options else (None,)
