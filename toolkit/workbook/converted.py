"""A filled workbook that another program saved in its own format (.xls, .et, .ods). Its values can be read. Its
formulas, formats and locks are no longer as they were issued, and are not checked."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.excel.addresses import Position
from toolkit.files.admit import Admitted
from toolkit.files.compound import streams_of
from toolkit.files.kinds import DAMAGED
from toolkit.files.xml import parse_xml
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.item import irregularities_of
from toolkit.workbook.active_content.old_workbook import items_in_old_workbook
from toolkit.workbook.active_content.open_document import open_document_irregularities
from toolkit.workbook.displayed_values import OpenDisplay
from toolkit.workbook.hidden_lines import Hidden
from toolkit.workbook.ods_display import TABLE_NAMESPACE, OpenTable, open_tables, repeat_count
from toolkit.workbook.package import AREA_LIMIT, StoredCell, too_far

if TYPE_CHECKING:
    from lxml.etree import _Element

OLD, OPEN = "旧格式（.xls、.et）", " OpenDocument 表格（.ods）"
NOT_SEEN = ("隐藏的行列", "数字格式")
"""What is not looked at in a file of the old formats, although it is looked at in an .ods file."""


class Converted:
    """A converted file with the same methods as `Package`. Methods for which the file has no information return
    nothing."""

    def __init__(self, file: Admitted) -> None:
        self._file = file

    @property
    def clean(self) -> bytes:
        """The file for other parsers. Raise Unreadable when a cell is so far from the beginning of its sheet that no
        reader could hold the sheet."""
        if self._file.parts is None:
            return self._file.content
        _require_no_far_cells(self._open_content)
        return self._file.parts.repacked()

    @cached_property
    def _open_content(self) -> "_Element":
        parts = self._file.parts
        return parse_xml(b"" if parts is None else parts.get("content.xml", b""), DAMAGED)

    def file_irregularities(self) -> Iterator[Irregularity]:
        """Yield that the file was converted, and its active content (夹带)."""
        parts = self._file.parts
        if parts is None:
            yield Irregularity("file-converted", found=OLD, names=NOT_SEEN)
            yield from irregularities_of(items_in_old_workbook(self._file.content, streams_of(self._file.content)))
        else:
            yield Irregularity("file-converted", found=OPEN)
            yield from open_document_irregularities(parts, self._open_content)

    def require_no_far_cells(self, sheet: str) -> None:
        """Do nothing: `clean` checks the whole file."""

    def require_order(self, _sheet: str) -> None:
        """Do nothing: the cells of an .ods file have no addresses that could be out of order, those of an .xls file are
        not checked."""

    def hidden(self, sheet: str) -> Hidden | None:
        """Return the hidden rows and columns of a sheet of an .ods file; None for an .xls file, where they are not
        known."""
        found = self._tables.get(sheet)
        return found.hidden if found else None

    def display(self, sheet: str) -> OpenDisplay:
        """Return what the cells of a sheet of an .ods file show; nothing for an .xls file, where it is not known."""
        found = self._tables.get(sheet)
        return found.display if found else OpenDisplay({})

    @cached_property
    def _tables(self) -> Mapping[str, OpenTable]:
        return {} if self._file.parts is None else open_tables(self._open_content)

    def stored_number(self, _sheet: str, _place: str) -> str:
        """Return an empty text: the numbers behind dates and times are not known."""
        return ""

    def stored_cells(self, _sheet: str) -> dict[str, StoredCell]:
        """Return nothing: formulas and error values are not known."""
        return {}

    def same_format(self, _sheet: str, _one: Position, _other: Position) -> bool:
        """Return False: formats are not known."""
        return False


def _require_no_far_cells(content: "_Element") -> None:
    """Raise Unreadable when a table (.ods) has a cell far away: one element may stand for a million cells."""
    for table in content.iter(f"{TABLE_NAMESPACE}table"):
        rows = columns = height = 0
        for row in table.iter(f"{TABLE_NAMESPACE}table-row"):
            height += repeat_count(row.get(f"{TABLE_NAMESPACE}number-rows-repeated"))
            width = column = 0
            for cell in row.iterchildren(f"{TABLE_NAMESPACE}table-cell", f"{TABLE_NAMESPACE}covered-table-cell"):
                column += repeat_count(cell.get(f"{TABLE_NAMESPACE}number-columns-repeated"))
                width = column if len(cell) or any("value" in str(key) for key in cell.attrib) else width
            if width:
                rows, columns = height, max(columns, width)
        if rows * columns > AREA_LIMIT:
            name = table.get(f"{TABLE_NAMESPACE}name") or ""
            raise too_far(name, f"第 {rows} 行第 {columns} 列")
