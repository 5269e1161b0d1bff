"""The position of each cell of a form in its workbook, as data for other programs."""

from typing import Any

from toolkit.excel.addresses import address
from toolkit.forms.model import Form
from toolkit.workbook.layout import layout_of

CELL_MAP_FIELDS = ("id", "sheet", "address", "labels", "kind", "unit", "entry")


def cell_map(form: Form) -> list[dict[str, Any]]:
    """Return one entry for each cell, in the form's order. `entry` is ``filled`` or ``computed``."""
    positions = layout_of(form).positions
    result = []
    for cell in form.cells.values():
        sheet, row, column = positions[cell.id]
        result.append(
            {
                "id": cell.id,
                "sheet": sheet,
                "address": address(row, column),
                "labels": list(cell.labels),
                "kind": cell.kind.name,
                "unit": cell.kind.unit,
                "entry": "computed" if cell.computed else "filled",
            }
        )
    return result
