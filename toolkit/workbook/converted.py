"""A filled workbook that a program saved in its own way (.xls, .et, .ods): its values can be read; its formulas, looks
and locks are no longer as they were issued, and are not looked at."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.files.admit import Admitted
from toolkit.files.compound import streams_of
from toolkit.files.kinds import DAMAGED
from toolkit.files.xml import parse_xml
from toolkit.submission.model import Irregularity
from toolkit.workbook.active_content.item import told
from toolkit.workbook.active_content.old_workbook import old_riders
from toolkit.workbook.active_content.open_document import open_irregularities
from toolkit.workbook.displayed_values import OpenLooks
from toolkit.workbook.hidden_lines import Hidden
from toolkit.workbook.layout import Position
from toolkit.workbook.open_tables import SPACE, OpenTable, open_tables, times
from toolkit.workbook.package import AREA_LIMIT, Stored, too_far

if TYPE_CHECKING:
    from lxml.etree import _Element

OLD, OPEN = "旧格式（.xls、.et）", " OpenDocument 表格（.ods）"
NOT_SEEN = ("隐藏的行列", "数字格式")
"""What is not looked at in a file of the old formats, although it is looked at in an .ods file."""


class Converted:
    """Answers as `Package` does, of what it does not know with nothing."""

    def __init__(self, file: Admitted) -> None:
        self._file = file

    @property
    def clean(self) -> bytes:
        """The file for other parsers.

        Raises Unreadable when a sheet of it has something so far from its beginning that no reader could hold it.
        """
        if self._file.parts is None:
            return self._file.content
        _require_near(self._open_content)
        return self._file.parts.repacked()

    @cached_property
    def _open_content(self) -> "_Element":
        parts = self._file.parts
        return parse_xml(b"" if parts is None else parts.get("content.xml", b""), DAMAGED)

    def carried(self) -> Iterator[Irregularity]:
        """That it was converted, and what rides along in it."""
        parts = self._file.parts
        if parts is None:
            yield Irregularity("file-converted", found=OLD, names=NOT_SEEN)
            yield from told(old_riders(self._file.content, streams_of(self._file.content)))
        else:
            yield Irregularity("file-converted", found=OPEN)
            yield from open_irregularities(parts, self._open_content)

    def require_near(self, sheet: str) -> None:
        """Nothing: the file was looked over as a whole."""

    def require_order(self, _sheet: str) -> None:
        """Nothing: the cells of an .ods file follow one another, those of an .xls file are not looked at."""

    def hidden(self, sheet: str) -> Hidden | None:
        """Which rows and columns of a sheet of an .ods file are hidden. Of an .xls file that is not known."""
        found = self._tables.get(sheet)
        return found.hidden if found else None

    def looks(self, sheet: str) -> OpenLooks:
        """What the cells of a sheet of an .ods file show. Of an .xls file that is not known."""
        found = self._tables.get(sheet)
        return found.looks if found else OpenLooks({})

    @cached_property
    def _tables(self) -> Mapping[str, OpenTable]:
        return {} if self._file.parts is None else open_tables(self._open_content)

    def stored_number(self, _sheet: str, _place: str) -> str:
        """Nothing is known of days and times."""
        return ""

    def stored_cells(self, _sheet: str) -> dict[str, Stored]:
        """Nothing is known of formulas and error values."""
        return {}

    def look_alike(self, _sheet: str, _one: Position, _other: Position) -> bool:
        """Nothing is known of formats."""
        return False


def _require_near(content: "_Element") -> None:
    """Raises Unreadable when a table (.ods) has something far away: there, one cell may stand for a million."""
    for table in content.iter(f"{SPACE}table"):
        rows = columns = height = 0
        for row in table.iter(f"{SPACE}table-row"):
            height += times(row.get(f"{SPACE}number-rows-repeated"))
            width = column = 0
            for cell in row.iterchildren(f"{SPACE}table-cell", f"{SPACE}covered-table-cell"):
                column += times(cell.get(f"{SPACE}number-columns-repeated"))
                width = column if len(cell) or any("value" in str(key) for key in cell.attrib) else width
            if width:
                rows, columns = height, max(columns, width)
        if rows * columns > AREA_LIMIT:
            name = table.get(f"{SPACE}name") or ""
            raise too_far(name, f"第 {rows} 行第 {columns} 列")
