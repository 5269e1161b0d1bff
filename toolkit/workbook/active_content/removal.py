"""Removes what reaches outside a workbook: formulas that fetch, call or open something elsewhere, links, names,
connections. None of it goes into a copy that we write of an agency's return (报送)."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from toolkit.workbook.active_content.judging import reaches_outside

if TYPE_CHECKING:
    from openpyxl import Workbook

_REFERENCE = re.compile(r"(?:'[^\[\]|:\\/]+'!|[^\s\[\]|:\\/'!]+!)?\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?")


def remove_outside_content(book: "Workbook") -> set[str]:
    """Remove everything that reaches outside from an openpyxl workbook, apart from the formulas of its cells. Return
    the names that are no longer defined. Charts and tables are removed too: they have their own sources and
    formulas."""
    lost = _drop_names(book.defined_names)
    for chart_sheet in book.chartsheets:
        book.remove(chart_sheet)
    sheets: list[Any] = list(book.worksheets)
    for sheet in sheets:
        lost |= _drop_names(sheet.defined_names)
    for sheet in sheets:
        _drop_links(sheet)
        sheet._charts, sheet._pivots = [], []
        lost |= set(sheet.tables)
        sheet.tables.clear()
        sheet.data_validations.dataValidation = [
            rule
            for rule in sheet.data_validations.dataValidation
            if not _any_reaches_outside((rule.formula1, rule.formula2), lost)
        ]
        _drop_rules(sheet, lost)
    return lost


def _drop_names(names: Any) -> set[str]:
    """Remove all defined names that are not names of cells. Return the removed names."""
    lost = {
        name
        for name, defined in names.items()
        if defined.xlm or defined.function or defined.vbProcedure or not _REFERENCE.fullmatch(defined.attr_text or "")
    }
    for name in lost:
        del names[name]
    return lost


def _drop_links(sheet: Any) -> None:
    """Remove all links of a sheet except those within the workbook."""
    for cell in sheet._cells.values():
        link = getattr(cell, "hyperlink", None)
        if link is not None and (link.target or link.id or not _REFERENCE.fullmatch(link.location or "")):
            cell._hyperlink = None
    sheet._hyperlinks = [cell.hyperlink for cell in sheet._cells.values() if getattr(cell, "hyperlink", None)]


def _drop_rules(sheet: Any, lost: set[str]) -> None:
    """Remove the conditional formats of a sheet whose formulas reach outside."""
    from openpyxl.formatting.formatting import ConditionalFormattingList

    kept = ConditionalFormattingList()
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            if not _any_reaches_outside(rule.formula, lost):
                kept.add(str(area.sqref), rule)
    sheet.conditional_formatting = kept


def _any_reaches_outside(formulas: Iterable[str | None], lost: set[str]) -> bool:
    return any(reaches_outside(formula, lost) for formula in formulas if formula)
